//! An open case protects its person's rows in other systems in the night, also when nothing else of theirs is left here.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World,
    plan::{list, text},
};
use serde_json::Value;

const WHO: &str = "iin:900101499994";

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at, purpose_reached_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: name, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: paper
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contract, collected_at: at, document_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: number, dsr_meta: { category: contract } }
          - { name: at, data_categories: [system.operations] }
";

const OFFICE: &str = "
controllers:
  mycar:
    systems:
      site: { kind: sqlite, owner: Web team, file: site.db, map: site.yaml }
";

const HERE: &str = r#"{"kind":"subject","ref":"P-1","identifiers":[{"type":"iin","value":"900101499994"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"usage","collected_at":"2026-04-02T10:00+05:00","source":"web_form","given_by":"self","purposes":["analytics"],"data":{"page":"/red"}}
"#;

fn deal(closed: &str) -> String {
    format!(
        r#"{{"kind":"obligation","ref":"O-1","subject":"P-1","type":"purchase","opened_at":"2026-05-01","closed_at":{closed}}}"#
    )
}

fn office(rows: &str, here: &str) -> World {
    let world = World::with_store("mycar");
    let _ = (world.write("dsr.yaml", OFFICE), world.write("site.yaml", MAP));
    common::site::sql(
        &world,
        &format!(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, name TEXT, at TEXT);
             CREATE TABLE paper (id INTEGER PRIMARY KEY, iin TEXT, number TEXT, at TEXT); {rows}"
        ),
    );
    let _ = world.dsr(["map", "check"]).ok();
    import(&world, here);
    world
}

fn import(world: &World, lines: &str) {
    let file = world.write("lines.ndjson", lines);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
}

fn does(world: &World, command: &str) -> Run {
    world.dsr(command.split(' ').chain(["--identity", "document", "--yes", "--format", "json"]))
}

fn night(world: &World) -> Value {
    world.dsr(["purge-expired", "--enable", "--max-share", "100", "--format", "json"]).ok().json()
}

fn names(world: &World) -> i64 {
    let conn = rusqlite::Connection::open(world.store()).unwrap();
    conn.query_row("SELECT count(*) FROM identifier", [], |row| row.get(0)).unwrap()
}

fn left(world: &World) -> Vec<String> {
    common::site::rows(world, "SELECT name FROM customer")
}

const ASSEL: &str = "INSERT INTO customer VALUES (1, '900101499994', 'Assel', '2019-04-01');";

/// A withdrawal of which a part waits for the deal that is open here; what was held here is gone.
fn waiting() -> (World, String) {
    let world = office(ASSEL, &format!("{HERE}{}\n", deal("null")));
    let done = does(&world, &format!("revoke --subject {WHO}")).ok().json();
    assert_eq!(done["outcome"]["state"], "waiting");
    assert_eq!(left(&world), ["Assel"], "kept for the deal");
    let case = text(&done["outcome"]["case"]).to_owned();
    (world, case)
}

/// The deal has ended, and nobody has gone on with the case yet.
fn reopened() -> (World, String) {
    let (mut world, case) = waiting();
    world.at("2026-11-23T01:30:00+05:00");
    import(&world, &deal("\"2026-11-23T01:00:00+05:00\""));
    (world, case)
}

fn goes_on(world: &World, case: &str) {
    let _ = world.dsr(["request", "resume", case, "--yes"]).ok();
    assert_eq!((left(world), names(world)), (vec![], 0), "what the person asked for is done, here and there");
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn a_withdrawal_that_waited_finds_its_person_after_the_night() {
    let (mut world, case) = reopened();
    for day in ["2026-11-24T02:00:00+05:00", "2026-11-25T02:00:00+05:00"] {
        world.at(day);
        let _ = night(&world);
        assert_eq!((left(&world), names(&world)), (vec!["Assel".to_owned()], 1), "{day}");
    }
    goes_on(&world, &case);
}

/// Another right is exercised in between, and takes the last that was held here.
#[test]
fn a_withdrawal_that_waited_finds_its_person_after_another_right() {
    let (world, case) = reopened();
    import(
        &world,
        &HERE
            .lines()
            .last()
            .unwrap()
            .replace("R-1", "R-2")
            .replace("2026-04-02", "2026-11-23")
            .replace("T10:00", "T01:10"),
    );
    let gone = does(&world, &format!("erase --subject {WHO} --category usage")).ok().json();
    assert_eq!(list(&gone["steps"])[0]["category"], "usage", "{gone:#}");
    assert_eq!((left(&world), names(&world)), (vec!["Assel".to_owned()], 1));
    goes_on(&world, &case);
}

/// The night took the last record while a deal was open; then they asked, and the deal ended.
#[test]
fn who_waits_for_an_answer_is_found_as_they_were() {
    let old = HERE.replace("\"source\"", "\"purpose_reached_at\":\"2019-04-02\",\"source\"");
    let mut world = office(ASSEL, &format!("{old}{}\n", deal("null")));
    let first = night(&world);
    assert_eq!(first["destroyed"]["usage"], 1, "{first:#}");
    assert_eq!((left(&world), names(&world)), (vec!["Assel".to_owned()], 1));
    world.at("2026-11-23T02:00:00+05:00");
    let opened = world.dsr(["request", "open", "--right", "access", "--subject", WHO, "--format", "json"]);
    let case = text(&opened.ok().json()["number"]).to_owned();
    import(&world, &deal("\"2026-11-22T11:00:00+05:00\""));
    let second = night(&world);
    assert!(second["held_by"]["open_case"].as_u64() > Some(0), "{second:#}");
    assert_eq!((left(&world), names(&world)), (vec!["Assel".to_owned()], 1));
    let _ = world.dsr(["request", "cancel", &case, "--reason", "withdrawn by the person"]).ok();
    world.at("2026-11-24T02:00:00+05:00");
    let last = night(&world);
    assert_eq!((left(&world), names(&world)), (vec![], 0), "{last:#}");
}

const DEALS: &str = "      - name: deal
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta:
          category: shopping
          collected_at: opened
          obligation: { kind: { word: purchase }, opened_at: opened, closed_at: closed }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: identity } }
          - { name: wish, dsr_meta: { category: shopping } }
          - { name: opened, data_categories: [system.operations] }
          - { name: closed, data_categories: [system.operations] }
";

/// The deal is one that only the other system knows, so nothing but the case itself keeps the number here.
#[test]
fn a_withdrawal_that_waits_for_a_deal_of_another_system_keeps_its_person() {
    let mut world = office(ASSEL, HERE);
    common::site::sql(
        &world,
        "CREATE TABLE deal (id INTEGER PRIMARY KEY, iin TEXT, wish TEXT, opened TEXT, closed TEXT);
         INSERT INTO deal VALUES (10, '900101499994', 'a red one', '2026-05-01', NULL);",
    );
    let _ = world.write("site.yaml", format!("{MAP}{DEALS}"));
    let _ = world.dsr(["map", "check", "--accept"]).ok();
    let done = does(&world, &format!("revoke --subject {WHO}")).ok().json();
    assert_eq!(done["outcome"]["state"], "waiting", "{done:#}");
    assert_eq!((left(&world), names(&world)), (vec!["Assel".to_owned()], 1));
    common::site::sql(&world, "UPDATE deal SET closed = '2026-11-22'");
    world.at("2026-11-23T02:00:00+05:00");
    let held = night(&world);
    assert_eq!(held["held_by"]["open_case"], 2, "{held:#}");
    let case = text(&done["outcome"]["case"]).to_owned();
    let _ = world.dsr(["request", "resume", &case, "--yes"]).ok();
    assert_eq!(left(&world), [""; 0]);
    assert_eq!(
        common::site::rows(&world, "SELECT coalesce(wish, '-') FROM deal"),
        ["-"],
        "the rest a law keeps"
    );
}

/// What waits in a row is found again by the number beside it: that stays as long, and both go with the rest of the case.
/// Until then a mark of the block is found too, and lifted.
#[test]
fn a_number_stays_with_what_waits_in_its_row() {
    const FLAG: &str = "restriction: { column: blocked, blocked: '1', free: '0' }";
    type Steps = &'static [&'static str];
    const CAUSES: [(&str, Steps, Steps); 3] = [
        (
            "the answer",
            &[
                "request open --right export --right erase --subject {} --received 2026-11-22",
                "request verify 2026-000001",
                "request verify 2026-000002",
                "export --subject {} --request 2026-000001",
            ],
            &["request cancel 2026-000001 --reason mistake"],
        ),
        (
            "a block",
            &["restrict --subject {} --category contact --reason disputed"],
            &["restrict --subject {} --lift --finding accurate"],
        ),
        ("an order", &["hold add --subject {} --category contact --basis court"], &["hold release H-1"]),
    ];
    for (cause, before, after) in CAUSES {
        let row = "INSERT INTO customer VALUES (1, '900101499994', 'Assel', '2026-04-01');
            ALTER TABLE customer ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;";
        let world = office("", HERE);
        common::site::sql(&world, row);
        let map = MAP
            .replace("collected_at: at, purpose_reached_at: at", &format!("collected_at: at, {FLAG}"))
            .replacen(
                "category: contact } }\n",
                "category: contact } }\n          - { name: blocked, dsr_meta: { not_personal: true } }\n",
                1,
            );
        let _ = world.write("site.yaml", &map);
        let _ = world.dsr(["map", "check"]).ok();
        let typed = |lines: Steps| {
            for line in lines {
                let line = line.replace("{}", WHO);
                let run = match line.split(' ').next() {
                    Some("request") if line.contains("verify") => {
                        world.dsr(line.split(' ').chain(["--identity", "document"]))
                    }
                    Some("request" | "hold") => world.dsr(line.split(' ')),
                    Some("export") => {
                        world.dsr(line.split(' ').chain(["--identity", "document", "--format", "json"]))
                    }
                    _ => does(&world, &line),
                };
                assert_eq!(run.code, 0, "{cause}: {line}: {}{}", run.stdout, run.stderr);
            }
        };
        typed(before);
        let erase = match cause {
            "the answer" => format!("erase --subject {WHO} --request 2026-000002"),
            _ => format!("erase --subject {WHO}"),
        };
        let done = does(&world, &erase).ok().json();
        assert_eq!(done["outcome"]["state"], "waiting", "{cause}: {done:#}");
        let stands = || {
            common::site::rows(&world, "SELECT ifnull(iin, '-') || ' ' || ifnull(name, '-') FROM customer")
        };
        assert_eq!(
            stands(),
            ["900101499994 Assel"],
            "{cause}: nobody would find the name without the number"
        );
        typed(after);
        let case = text(&done["outcome"]["case"]);
        let _ = world.dsr(["request", "resume", case, "--yes"]).ok();
        assert_eq!(stands(), [""; 0], "{cause}");
        assert_eq!(common::site::rows(&world, "SELECT blocked FROM customer"), [""; 0], "{cause}");
        assert_eq!(names(&world), 0, "{cause}: nothing is left that they name");
    }
}
