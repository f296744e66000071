//! The nightly run over another system: what is past its term there goes, and what anything protects stays.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    World, fixture,
    plan::{list, text},
    site::{SYSTEMS, numbers as rows, sql},
};
use rusqlite::Connection;
use serde_json::Value;

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: member
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: joined_at, last_contact_at: seen_at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: joined_at, data_categories: [system.operations] }
          - { name: seen_at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - { name: page, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

fn office() -> World {
    let world = unchecked();
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn unchecked() -> World {
    let world = World::with_store("automaster");
    let _ = world.dsr(["import", fixture("automaster.ndjson").to_str().unwrap()]).ok();
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(&world, "CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT, joined_at TEXT, seen_at TEXT);
        CREATE TABLE visit (id INTEGER PRIMARY KEY, member INTEGER REFERENCES member (id), page TEXT, at TEXT);
        INSERT INTO member VALUES (1, 'Z-1', '2020-01-01', '2026-11-01'), (2, 'Z-2', '2020-01-01', '2026-11-01'), (3, 'Z-3', '2019-01-01', '2020-01-01');
        INSERT INTO visit VALUES (1, 1, '/old', '2021-05-01 10:00:00'), (2, 1, '/new', '2026-05-01 10:00:00'),
          (3, 2, '/old', '2021-05-01 10:00:00'), (4, NULL, '/nobody', '2021-05-01 10:00:00'), (5, 3, '/old', '2019-12-01 10:00:00');");
    world
}

/// `visit usage destroy 2`
fn lines(answer: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let word = |key: &str| text(&one[key]).to_owned();
        format!("{} {} {} {}", word("collection"), word("category"), word("action"), one["count"])
    };
    let mut all: Vec<String> = list(&answer["systems"]).iter().map(line).collect();
    all.sort();
    all
}

fn night(world: &World, more: &[&str]) -> common::Run {
    let args = ["purge-expired", "--max-share", "100", "--format", "json"];
    world.dsr(args.into_iter().chain(more.iter().copied()))
}

#[test]
fn what_is_past_its_term_goes_and_what_is_protected_stays() {
    let world = office();
    let _ = world.does("restrict --subject account:Z-2 --reason check").ok();
    let planned = night(&world, &["--dry-run"]).ok().json();
    assert_eq!(lines(&planned), ["member contact destroy 1", "visit usage destroy 2"]);
    assert_eq!(rows(&world, "SELECT id FROM visit ORDER BY id"), [1, 2, 3, 4, 5], "a rehearsal does nothing");
    let _ = night(&world, &[]).exits(7);
    assert_eq!(rows(&world, "SELECT id FROM visit ORDER BY id").len(), 5, "not before it was let");
    let done = night(&world, &["--enable"]).ok().json();
    assert_eq!(lines(&done), lines(&planned));
    assert_eq!(
        rows(&world, "SELECT id FROM visit ORDER BY id"),
        [2, 3, 4],
        "the new, the blocked, and nobody's"
    );
    assert_eq!(rows(&world, "SELECT id FROM member ORDER BY id"), [1, 2], "gone after what hung on it");
    assert_eq!(lines(&night(&world, &[]).ok().json()), Vec::<String>::new(), "safe to run twice");
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn guards_stop_it_and_pages_end() {
    let world = office();
    sql(
        &world,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        INSERT INTO visit (member, page, at) SELECT 1, '/p' || i, '2021-01-01 00:00:00' FROM n",
    );
    let _ = night(&world, &["--enable", "--max-count", "100"]).exits(7);
    let share = ["purge-expired", "--format", "json"];
    let _ = world.dsr(share).exits(7).says("of its rows");
    assert_eq!(rows(&world, "SELECT count(*) FROM visit"), [1505]);
    let done = night(&world, &["--batch", "100", "--max-rate", "100000"]).ok().json();
    assert_eq!(lines(&done), ["member contact destroy 1", "visit usage destroy 1503"]);
    assert_eq!(rows(&world, "SELECT id FROM visit ORDER BY id"), [2, 4]);
}

#[test]
fn a_system_that_is_down_is_told_and_keeps_nothing_else() {
    let world = office();
    std::fs::remove_file(world.path().join("site.db")).unwrap();
    let run = night(&world, &["--enable"]).exits(8).says("system `site`");
    assert_eq!(run.json()["status"], "destroyed", "the own store was done");
}

#[test]
fn a_case_that_reached_elsewhere_leaves_the_register_whole() {
    let mut world = office();
    let _ = world.does("erase --subject account:Z-3").ok();
    let case = world.dsr(["request", "list", "--format", "json"]).ok().json()["cases"][0]["number"].clone();
    let _ = world.dsr(["request", "answer", text(&case), "--channel", "email"]).ok();
    let _ = world.at("2040-01-01T10:00:00+05:00");
    let gone = night(&world, &["--enable", "--accept-clock", "2040-01-01"]).ok().json();
    assert_eq!(gone["destroyed"]["register.cases"], 1, "{:#}", gone["destroyed"]);
    let conn = Connection::open(world.store()).unwrap();
    let left: i64 = conn.query_row("SELECT count(*) FROM remote_step", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

/// Visits that no key of the database ties to their member, and what becomes of them in the night.
fn untied(world: &World, trigger: &str) {
    sql(
        world,
        &format!(
            "CREATE TABLE loose (id INTEGER PRIMARY KEY, member INTEGER, page TEXT, at TEXT);
             INSERT INTO loose SELECT * FROM visit; DROP TABLE visit; ALTER TABLE loose RENAME TO visit;
             CREATE TRIGGER meanwhile {trigger} END"
        ),
    );
}

/// What the log says was done elsewhere: the counts of the last entry of a page.
fn done(world: &World) -> Vec<String> {
    let log = world.dsr(["audit", "list", "--format", "json"]).ok().json();
    let counts = |entry: &Value| list(&entry["counts"]).iter().map(|one| text(one).to_owned()).collect();
    let mut pages = list(&log["entries"]).iter().map(counts);
    let of_page = |counts: &Vec<String>| counts.iter().any(|count| count.starts_with("failed "));
    pages.rfind(of_page).unwrap_or_default()
}

#[test]
fn what_a_row_belongs_to_stays_where_the_row_did() {
    let world = office();
    untied(&world, "BEFORE DELETE ON visit WHEN OLD.id = 5 BEGIN SELECT RAISE(ABORT, 'locked');");
    let run = night(&world, &["--enable"]).exits(8).says("site visit");
    assert_eq!(rows(&world, "SELECT id FROM visit ORDER BY id"), [1, 2, 3, 4, 5]);
    assert_eq!(rows(&world, "SELECT id FROM member ORDER BY id"), [1, 2, 3]);
    assert_eq!(lines(&run.json()), [""; 0], "what stands is not told as gone");
    assert_eq!(done(&world), ["failed 4"]);
    sql(&world, "DROP TRIGGER meanwhile");
    assert_eq!(lines(&night(&world, &[]).ok().json()), ["member contact destroy 1", "visit usage destroy 3"]);
}

#[test]
fn a_row_that_changed_meanwhile_is_not_told_as_gone() {
    let world = office();
    untied(
        &world,
        "AFTER DELETE ON visit WHEN OLD.id = 5 BEGIN UPDATE member SET seen_at = '2020-01-02' WHERE id = 3;",
    );
    let run = night(&world, &["--enable"]).exits(8).says("site member").says("changed by others");
    assert_eq!(lines(&run.json()), ["visit usage destroy 3"]);
    assert_eq!(rows(&world, "SELECT id FROM member ORDER BY id"), [1, 2, 3]);
    assert_eq!(done(&world), ["done.site.destroy.usage 3", "failed 1"]);
}

#[test]
fn a_night_destroys_only_in_the_database_that_was_checked() {
    let world = unchecked();
    let _ = night(&world, &["--enable"]).exits(6).says("`site` was never checked").says("dsr map check");
    let _ = world.dsr(["map", "check"]).ok();
    std::fs::copy(world.path().join("site.db"), world.path().join("copy.db")).unwrap();
    let _ = world.write("dsr.yaml", SYSTEMS.replace("site.db", "copy.db"));
    let _ = night(&world, &[]).exits(6).says("another database");
    let all = "SELECT id FROM visit ORDER BY id";
    let copy = Connection::open(world.path().join("copy.db")).unwrap();
    let left: i64 = copy.query_row("SELECT count(*) FROM visit", [], |row| row.get(0)).unwrap();
    assert_eq!((left, rows(&world, all)), (5, vec![1, 2, 3, 4, 5]));
    let _ = world.dsr(["map", "check", "--accept"]).ok();
    assert_eq!(lines(&night(&world, &[]).ok().json()), ["member contact destroy 1", "visit usage destroy 3"]);
}

/// Collections beside those of the site.
const MORE: &str = "
      - name: flat
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: street, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: living
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - name: flat
            fides_meta: { references: [{ dataset: site, field: flat.id, direction: to }] }
          - { name: at, data_categories: [system.operations] }
";

/// Put before everything else: so the flat that two people share is the first row of each.
fn shared_flat() -> World {
    let world = office();
    sql(
        &world,
        "CREATE TABLE flat (id INTEGER PRIMARY KEY, street TEXT, at TEXT);
         CREATE TABLE living (id INTEGER PRIMARY KEY, member INTEGER, flat INTEGER, at TEXT);
         INSERT INTO member VALUES (4, 'Z-4', '2019-01-01', '2020-01-01');
         INSERT INTO flat VALUES (1, 'Invented street, 1', '2019-01-01');
         INSERT INTO living VALUES (1, 3, 1, '2019-01-01'), (2, 4, 1, '2019-01-01');
         INSERT INTO visit VALUES (6, 4, '/old', '2019-12-01 10:00:00');",
    );
    let (head, collections) = MAP.split_once("collections:\n").unwrap();
    let _ =
        world.write("site.yaml", format!("{head}collections:{MORE}{}", collections.trim_start_matches('\n')));
    world
}

#[test]
fn two_people_who_share_a_row_are_two() {
    let done = night(&shared_flat(), &["--enable"]).ok().json();
    assert!(lines(&done).contains(&"member contact destroy 2".to_owned()), "{:?}", lines(&done));
}

#[test]
fn what_a_night_passes_over_is_told() {
    let more = "
      - name: lead
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: log
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - name: doc
            fields:
              - { name: page, dsr_meta: { category: usage } }
              - { name: street, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: note
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: code, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - { name: remark, dsr_meta: { category: technical } }
          - { name: at, data_categories: [system.operations] }
";
    let before = night(&office(), &["--dry-run"]).ok().json()["gaps"].clone();
    let gaps = |rows: &str, category: &str| {
        let world = office();
        sql(
            &world,
            &format!(
                "CREATE TABLE lead (id INTEGER PRIMARY KEY, phone TEXT, at TEXT);
                 CREATE TABLE log (id INTEGER PRIMARY KEY, member INTEGER, doc TEXT, at TEXT);
                 CREATE TABLE note (code TEXT PRIMARY KEY, member INTEGER, remark TEXT, at TEXT); {rows}"
            ),
        );
        let _ = world.write("site.yaml", format!("{}{}", MAP.trim_end(), more));
        let answer = night(&world, &["--dry-run"]).ok().json();
        answer["gaps"][category].as_u64().unwrap_or(0) - before[category].as_u64().unwrap_or(0)
    };
    let untold = [
        ("a phone of nobody", "INSERT INTO lead VALUES (1, '+77019990009', '2019-01-01')", "phone"),
        (
            "left to people's hands",
            "INSERT INTO log VALUES (1, 2, '{\"page\":\"/\",\"street\":\"s\"}', '2019-01-01')",
            "usage",
        ),
        ("no key to go by", "INSERT INTO note VALUES (NULL, 3, 'x', '2019-01-01')", "technical"),
    ]
    .into_iter()
    .filter(|(_, rows, category)| gaps(rows, category) != 1);
    assert_eq!(untold.map(|(about, ..)| about).collect::<Vec<_>>(), [""; 0]);
}

/// SQLite keeps bytes in a column of text as they are, and no text equals them.
#[test]
fn a_row_that_is_not_met_under_its_key_is_not_told_as_gone() {
    let note = "
      - name: note
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: code, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - { name: remark, dsr_meta: { category: technical } }
          - { name: at, data_categories: [system.operations] }
";
    let world = office();
    sql(
        &world,
        "CREATE TABLE note (code TEXT PRIMARY KEY, member INTEGER, remark TEXT, at TEXT);
         INSERT INTO note VALUES (x'00ff', 3, 'x', '2019-01-01')",
    );
    let _ = world.write("site.yaml", format!("{}{note}", MAP.trim_end()));
    let run = night(&world, &["--enable"]).exits(8).says("site note").says("under their keys");
    assert_eq!(rows(&world, "SELECT count(*) FROM note"), [1]);
    assert_eq!(rows(&world, "SELECT id FROM member ORDER BY id"), [1, 2, 3], "what it belongs to stays");
    assert!(!lines(&run.json()).iter().any(|line| line.starts_with("note")), "{:?}", lines(&run.json()));
}

/// Any date may be the one that a rule counts from, and a row without the first is a gap, not young for ever.
#[test]
fn an_older_date_counts_and_a_missing_one_is_told() {
    let world = office();
    sql(
        &world,
        "DELETE FROM visit; DELETE FROM member; INSERT INTO member VALUES (7, 'Z-7', '2026-05-01', '2020-01-01');
        INSERT INTO member VALUES (8, 'Z-8', '2026-05-01', '2026-05-01');
        INSERT INTO visit VALUES (6, 8, '/undated', NULL), (7, 8, '/unread', 'in spring')",
    );
    let planned = night(&world, &["--dry-run"]).json();
    assert_eq!(lines(&planned), ["member contact destroy 1"]);
    assert_eq!(planned["gaps"]["usage"], 2, "{:#}", planned["gaps"]);
}

/// What was masked is known again: a second night changes nothing of it, whatever it is masked with.
#[test]
fn a_masked_row_is_masked_once() {
    for strategy in ["hmac", "random_string_rewrite"] {
        let world = office();
        let masked = format!(
            "{{ name: page, fides_meta: {{ masking_strategy_override: {{ strategy: {strategy} }} }}, dsr_meta: {{ category: usage }} }}"
        );
        let whole =
            "      - name: visit\n        fides_meta: { masking_strategy_override: { strategy: delete } }\n";
        let map = MAP
            .replace(whole, "      - name: visit\n")
            .replace("{ name: page, dsr_meta: { category: usage } }", &masked);
        let _ = world.write("site.yaml", map);
        sql(
            &world,
            "UPDATE visit SET page = '/price/' || id || 'abc' WHERE member IS NOT NULL; DELETE FROM visit WHERE id = 5; DELETE FROM member WHERE id = 3",
        );
        let _ = night(&world, &["--enable"]).ok();
        let pages = "SELECT page FROM visit WHERE member IS NOT NULL ORDER BY id";
        let once = texts(&world, pages);
        assert_ne!(once[0], "/price/1abc", "{strategy}");
        assert_eq!((once[0].len(), once[1].as_str()), (11, "/price/2abc"), "{strategy}");
        assert_eq!(lines(&night(&world, &["--dry-run"]).json()), Vec::<String>::new(), "{strategy}");
        assert_eq!(lines(&night(&world, &[]).json()), Vec::<String>::new(), "{strategy}");
        assert_eq!(texts(&world, pages), once, "{strategy}: nothing twice");
    }
}

fn texts(world: &World, query: &str) -> Vec<String> {
    let conn = Connection::open(world.path().join("site.db")).unwrap();
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}
