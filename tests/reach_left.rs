//! What a night leaves behind in other systems: a system that is gone, one that could not be looked at, one that a
//! report or a plan leaves out; and the contact that rows told of.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use common::{
    World,
    plan::{list, text},
};
use rusqlite::Connection;
use serde_json::{Value, json};

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
        dsr_meta: { collected_at: at, activity_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: member
            fides_meta: { references: [{ dataset: site, field: member.id, direction: from }] }
          - { name: page, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

const SYSTEMS: &str = "
controllers:
  automaster:
    systems:
      site: { kind: sqlite, owner: Web team, file: site.db, map: site.yaml }
";

/// What is left of it where the site was given up.
const PAPER: &str = "
controllers:
  automaster:
    systems:
      paper: { kind: manual, owner: Archive, categories: [contact] }
";

const TABLES: &str = "
    CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT, joined_at TEXT, seen_at TEXT);
    CREATE TABLE visit (id INTEGER PRIMARY KEY, member INTEGER, page TEXT, at TEXT);";

/// One person of the site with four old visits, and nobody known here.
fn office() -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(
        &world,
        &format!(
            "{TABLES} INSERT INTO member VALUES (1, 'Z-1', '2019-01-01', '2020-01-01');
             INSERT INTO visit VALUES (1, 1, '/a', '2019-05-01'), (2, 1, '/b', '2019-05-02'),
               (3, 1, '/c', '2019-05-03'), (4, 1, '/d', '2019-05-04');"
        ),
    );
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn sql(world: &World, sql: &str) {
    Connection::open(world.path().join("site.db")).unwrap().execute_batch(sql).unwrap();
}

fn count(path: std::path::PathBuf, query: &str) -> u64 {
    let conn = Connection::open(path).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    u64::try_from(conn.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap()
}

fn site(world: &World, query: &str) -> u64 {
    count(world.path().join("site.db"), query)
}

/// Pages of which it is not known what came of them.
fn open_pages(world: &World) -> u64 {
    count(world.store(), "SELECT count(*) FROM night_page")
}

const NIGHT: [&str; 6] = ["purge-expired", "--enable", "--max-share", "100", "--format", "json"];

fn night(world: &World, more: &[&str]) -> common::Run {
    world.dsr(NIGHT.iter().chain(more))
}

/// A night that was killed after it took its first row, with the others of its page to go.
fn cut_off() -> World {
    cut_off_in(office())
}

fn cut_off_in(world: World) -> World {
    let mut command = world.command(NIGHT.iter().chain(&["--max-rate", "1"]));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while site(&world, "SELECT count(*) FROM visit") == 4 {
        assert!(Instant::now() < end, "no row ever went");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    let _ = child.wait();
    assert_eq!(open_pages(&world), 1);
    world
}

fn report(world: &World, what: &str) -> Value {
    world.dsr(what.split(' ').chain(["--format", "json"])).ok().json()
}

/// The acts of nights, each whole.
fn acts(world: &World) -> Vec<Value> {
    let all = report(world, "report destruction");
    let whole = |act: &Value| report(world, &format!("report destruction --act {}", text(&act["number"])));
    list(&all["acts"]).iter().map(whole).collect()
}

/// Rows that the acts tell.
fn told(world: &World) -> u64 {
    acts(world)
        .iter()
        .flat_map(|act| list(&act["elsewhere"]).to_vec())
        .filter_map(|part| part["rows"].as_u64())
        .sum()
}

/// Every count of the log that begins so.
fn logged(world: &World, start: &str) -> Vec<String> {
    let entries = report(world, "audit list");
    let counts = list(&entries["entries"]).iter().flat_map(|entry| list(&entry["counts"]).to_vec());
    counts.map(|one| text(&one).to_owned()).filter(|one| one.starts_with(start)).collect()
}

#[test]
fn a_system_that_is_gone_for_good_is_ended_by_name() {
    let world = cut_off();
    let _ = world.write("dsr.yaml", PAPER);
    let waits = night(&world, &[]).exits(8).says("`site`, which dsr.yaml does not name any more");
    assert!(waits.stderr.contains("dsr purge-expired --without site"), "{}", waits.stderr);
    let russian = world.dsr(["purge-expired", "--max-share", "100", "--lang", "ru"]);
    let _ = russian.exits(8).says("dsr.yaml больше не называет").says("скажите, что её больше нет");
    let _ = night(&world, &["--without", "sight"]).exits(2).says("no system is called `sight`");
    let _ = night(&world, &["--dry-run", "--without", "site"]).ok();
    assert_eq!(open_pages(&world), 1, "nobody has said that it is gone");
    assert_eq!(logged(&world, "unconfirmed."), [""; 0]);
    let _ = night(&world, &["--without", "site"]).ok().says("not confirmed");
    assert_eq!(open_pages(&world), 0);
    assert_eq!(
        logged(&world, "unconfirmed."),
        ["unconfirmed.site.destroy.contact 1", "unconfirmed.site.destroy.usage 4"]
    );
    let not_reached =
        |act: &Value| list(&act["not_reached"]).iter().map(|one| text(one).to_owned()).collect::<Vec<_>>();
    let said =
        acts(&world).iter().flat_map(not_reached).filter(|one| one.starts_with("site")).collect::<Vec<_>>();
    assert_eq!(said, ["site: not confirmed (contact 1, usage 4)"]);
    assert_eq!(told(&world), 0, "neither told as gone nor as standing");
    let number = text(&acts(&world)[0]["number"]).to_owned();
    let russian = world.dsr(["report", "destruction", "--act", &number, "--lang", "ru"]).ok();
    assert!(russian.stdout.contains("site: не подтверждено (Контактные данные 1"), "{}", russian.stdout);
    let russian = world.dsr(["report", "destruction", "--lang", "ru"]).ok();
    assert!(russian.stdout.contains("site: не подтверждено (Контактные данные 1"), "{}", russian.stdout);
    let _ = night(&world, &[]).ok();
    let status = report(&world, "status");
    assert!(
        !list(&status["lines"]).iter().any(|line| text(&line["about"]).contains("other systems")),
        "{status:#}"
    );
    let _ = world.dsr(["audit", "verify"]).ok();
}

/// Named in dsr.yaml and left out tonight is not gone.
#[test]
fn a_system_that_is_left_out_tonight_keeps_what_it_began() {
    let world = cut_off();
    let left = night(&world, &["--without", "site"]).exits(8).says("site");
    assert_eq!(left.json()["left_out"], json!(["automaster/site"]));
    assert_eq!(open_pages(&world), 1);
    let _ = night(&world, &[]).ok();
    assert_eq!((open_pages(&world), told(&world)), (0, 5));
}

#[test]
fn before_it_is_enabled_other_systems_are_in_the_report() {
    let world = office();
    let plain = ["purge-expired", "--format", "json"];
    let lines = |run: &common::Run| {
        let line =
            |one: &Value| format!("{} {} {}", text(&one["collection"]), text(&one["category"]), one["count"]);
        let mut all: Vec<String> = list(&run.json()["systems"]).iter().map(line).collect();
        all.sort();
        all
    };
    let first = world.dsr(plain).exits(7).says("only reports until it is enabled");
    assert_eq!(lines(&first), ["member contact 1", "visit usage 4"]);
    assert_eq!(first.json()["destroyed"]["usage"], 4);
    assert_eq!(site(&world, "SELECT count(*) FROM visit"), 4, "a report does nothing");
    std::fs::remove_file(world.path().join("site.db")).unwrap();
    let _ = world.dsr(plain).exits(7).says("system `site`");
    let _ = world.dsr(plain.iter().chain(&["--dry-run"])).exits(8).says("system `site`");
}

#[test]
fn a_night_on_paper_says_what_is_not_in_it() {
    let world = office();
    let _ = night(&world, &["--max-count", "0"]);
    let planned = world.dsr(["purge-expired", "--plan-out", "night.json", "--format", "json"]).ok();
    assert_eq!(planned.json()["left_out"], json!(["automaster/site"]));
    let plan = std::fs::read_to_string(world.path().join("night.json")).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["left_out"], json!({ "systems": ["automaster/site"], "command": "dsr purge-expired" }));
    let shown = world.dsr(["apply", "night.json", "--dry-run"]).ok().stdout;
    assert!(shown.contains("automaster/site") && shown.contains("dsr purge-expired --dry-run"), "{shown}");
    let done = world.dsr(["apply", "night.json", "--yes", "--format", "json"]).ok();
    assert_eq!(done.json()["left_out"], json!(["automaster/site"]));
    assert_eq!(site(&world, "SELECT count(*) FROM visit"), 4);
    let edited = plan.to_string().replace("automaster/site", "automaster/none");
    let _ = world.write("edited.json", edited);
    let _ = world.dsr(["apply", "edited.json", "--yes"]).exits(5);
}

/// The key has another name when the night looks, and its own again later: rows that nobody could look at are no
/// work of that night.
#[test]
fn what_could_not_be_looked_at_is_told_once() {
    let world = cut_off();
    sql(&world, "ALTER TABLE visit RENAME COLUMN id TO nr");
    let (head, visit) = MAP.split_once("- name: visit").unwrap();
    let _ = world
        .write("site.yaml", format!("{head}- name: visit{}", visit.replacen("name: id,", "name: nr,", 1)));
    let _ = world.dsr(["map", "check"]).ok();
    let left = site(&world, "SELECT count(*) FROM visit");
    let _ = night(&world, &[]).exits(8).says("site");
    assert_eq!(site(&world, "SELECT count(*) FROM visit"), left, "they wait for the look");
    sql(&world, "ALTER TABLE visit RENAME COLUMN nr TO id");
    let _ = world.write("site.yaml", MAP);
    let _ = night(&world, &[]).ok();
    assert_eq!((open_pages(&world), told(&world)), (0, 5), "four visits and the member, each once");
    assert_eq!(site(&world, "SELECT count(*) FROM visit"), 0);
}

/// What stands under a key is looked at by the key alone: a column that a release took away hinders nothing.
#[test]
fn a_look_needs_no_more_than_the_key() {
    let world = cut_off();
    sql(&world, "ALTER TABLE visit RENAME COLUMN page TO url");
    let _ = world.write("site.yaml", MAP.replace("name: page,", "name: url,"));
    let _ = world.dsr(["map", "check"]).ok();
    let _ = night(&world, &[]).ok();
    assert_eq!((open_pages(&world), told(&world)), (0, 5));
}

/// What stands in the database that was put back is judged anew; whether a row went from the other is no matter any more.
#[test]
fn a_night_looks_into_the_database_that_was_taken_for_the_system_since() {
    let world = office();
    let (file, old) = (world.path().join("site.db"), world.path().join("old.db"));
    std::fs::copy(&file, &old).unwrap();
    sql(&world, "UPDATE visit SET page = '/e' WHERE id = 4");
    let _ = world.dsr(["map", "check"]).ok();
    let world = cut_off_in(world);
    std::fs::copy(&old, &file).unwrap();
    let _ = night(&world, &[]).exits(6).says("another database");
    let _ = world.dsr(["map", "check", "--accept"]).ok();
    let _ = night(&world, &[]).ok();
    assert_eq!((open_pages(&world), site(&world, "SELECT count(*) FROM visit")), (0, 0));
    assert_eq!(told(&world), 5, "those of the database that counts");
}

/// A visit in one system keeps the contact in the other, whichever of the two is read first.
#[test]
fn a_contact_in_any_system_counts() {
    for (visited, other) in [("aaa", "zzz"), ("zzz", "aaa")] {
        let world = World::with_store("automaster");
        let mut systems = String::from("\ncontrollers:\n  automaster:\n    systems:\n");
        for (name, seen) in [(visited, "2026-10-01"), (other, "2020-01-01")] {
            let _ = world.write(&format!("{name}.yaml"), MAP.replace("site", name));
            let line =
                format!("      {name}: {{ kind: sqlite, owner: Web, file: {name}.db, map: {name}.yaml }}\n");
            systems.push_str(&line);
            let rows = format!(
                "{TABLES} INSERT INTO member VALUES (1, 'Z-1', '2019-01-01', '{seen}');
                 INSERT INTO visit VALUES (1, 1, '/a', '2019-05-01');"
            );
            Connection::open(world.path().join(format!("{name}.db"))).unwrap().execute_batch(&rows).unwrap();
        }
        let _ = world.write("dsr.yaml", systems);
        let _ = world.dsr(["map", "check"]).ok();
        let _ = night(&world, &["--batch", "1"]).ok();
        for name in [visited, other] {
            let left = |table: &str| {
                count(world.path().join(format!("{name}.db")), &format!("SELECT count(*) FROM {table}"))
            };
            assert_eq!((left("member"), left("visit")), (1, 0), "{name}: seen in {visited}");
        }
    }
}

/// A visit goes after two years and tells of a contact, from which three are counted.
#[test]
fn a_contact_outlives_the_row_that_told_of_it() {
    let mut world = office();
    let known = [
        json!({"kind": "subject", "ref": "S-9", "born": null, "identifiers": [{"type": "account", "value": "Z-9"}]}),
        json!({"kind": "record", "ref": "R-9", "subject": "S-9", "category": "contact", "source": "web_form", "given_by": "self",
            "collected_at": "2024-01-01T10:00+05:00", "last_contact_at": "2024-01-01T10:00+05:00", "purposes": ["service"],
            "data": {"given_name": "P9"}}),
    ];
    let known = world.write("known.ndjson", known.map(|one| one.to_string()).join("\n"));
    let _ = world.dsr(["import", known.to_str().unwrap()]).ok();
    sql(
        &world,
        "INSERT INTO member VALUES (9, 'Z-9', '2020-01-01', '2024-01-01'); INSERT INTO visit VALUES (9, 9, '/z', '2024-10-01')",
    );
    let _ = night(&world, &[]).ok();
    assert_eq!(site(&world, "SELECT count(*) FROM visit"), 0);
    let left = |world: &World| {
        let own = count(world.store(), "SELECT count(*) FROM record");
        (own, site(world, "SELECT count(*) FROM member"))
    };
    for (day, expected) in [("2027-03-01", (1, 1)), ("2027-10-02", (0, 0))] {
        let _ = world.at(&format!("{day}T10:00:00+05:00"));
        let _ = night(&world, &["--accept-clock", day]).ok();
        assert_eq!(left(&world), expected, "{day}");
    }
}
