//! What waits in another system and what becomes of it meanwhile: its check ends, it is cancelled, the store cannot be
//! written, the database is another one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use common::{
    Run, World,
    plan::{list, text},
    site::{SYSTEMS, rows, sql},
};
use rusqlite::Connection;
use serde_json::Value;

const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta:
          category: contact
          collected_at: at
          restriction: { column: blocked, blocked: '1', free: '0' }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: phone, dsr_meta: { category: contact } }
          - { name: blocked, dsr_meta: { not_personal: true } }
          - { name: at, data_categories: [system.operations] }
      - name: visit
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: usage, collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: page }
          - { name: at, data_categories: [system.operations] }
";

const TABLES: &str = "
    CREATE TABLE customer (id TEXT PRIMARY KEY, iin TEXT, phone TEXT, blocked INTEGER NOT NULL DEFAULT 0, at TEXT);
    CREATE TABLE visit (id INTEGER PRIMARY KEY, customer TEXT, page TEXT, at TEXT);
    INSERT INTO customer VALUES ('c1', '900101399998', '+77010000001', 0, '2026-01-01');
    INSERT INTO visit VALUES (1, 'c1', '/', '2026-05-01'), (2, 'c1', '/a', '2026-05-02');";

const STOP: &str = "CREATE TRIGGER stop BEFORE UPDATE ON customer BEGIN SELECT RAISE(ABORT, 'locked'); END";
const KEEP: &str = "CREATE TRIGGER stop BEFORE DELETE ON customer BEGIN SELECT RAISE(ABORT, 'locked'); END";
const GO: &str = "DROP TRIGGER stop";

const WHO: &str = "iin:900101399998";
const CASE: &str = "2026-000001";

/// The same person is known here by a record of usage.
const HERE: &str = r#"{"kind":"subject","ref":"P-1","born":null,"identifiers":[{"type":"iin","value":"900101399998"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P1"}}
"#;

fn office() -> World {
    let world = stranger();
    let file = world.write("here.ndjson", HERE);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    world
}

fn flag(world: &World) -> Vec<String> {
    rows(world, "SELECT blocked || '' FROM customer")
}

fn resume(world: &World) -> Run {
    world.dsr(["request", "resume", CASE, "--yes", "--format", "json"])
}

fn shown(world: &World) -> Value {
    world.dsr(["request", "show", CASE, "--format", "json"]).ok().json()
}

/// `customer set 1 open`
fn parts(answer: &Value) -> Vec<String> {
    let line = |part: &Value| {
        format!(
            "{} {} {} {}",
            text(&part["collection"]),
            text(&part["action"]),
            part["rows"],
            text(&part["state"])
        )
    };
    list(&answer["systems"]).iter().map(line).collect()
}

fn blocks(world: &World) -> i64 {
    let store = Connection::open(world.store()).unwrap();
    store.query_row("SELECT count(*) FROM block WHERE lifted_at IS NULL", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_block_whose_check_has_ended_is_not_set_any_more() {
    let world = office();
    sql(&world, STOP);
    let _ = world.does(&format!("restrict --subject {WHO} --reason check")).exits(8);
    let case = shown(&world);
    assert_eq!(parts(&case), ["customer set 1 open"], "{case:#}");
    assert!(text(&case["systems"][0]["trouble"]).contains("site"), "{case:#}");
    sql(&world, GO);
    let lifted = world.does(&format!("restrict --subject {WHO} --lift --finding accurate")).ok().json();
    assert_eq!(list(&lifted["outcome"]["duties"]), &[] as &[Value], "nothing waits with it: {lifted:#}");
    let case = shown(&world);
    assert_eq!((parts(&case), text(&case["state"])), (Vec::new(), "executed"), "{case:#}");
    for _ in 0..2 {
        let _ = resume(&world).ok().says("case 2026-000001 is done: its check has ended");
    }
    assert_eq!((flag(&world), blocks(&world)), (vec!["0".to_owned()], 0));
    let _ = world.does(&format!("erase --subject {WHO}")).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0]);
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn nor_in_the_own_store_unless_it_is_opened_again() {
    let world = office();
    let _ = world.does(&format!("restrict --subject {WHO} --reason check")).ok();
    let _ = world.does(&format!("restrict --subject {WHO} --lift --finding accurate")).ok();
    let _ = resume(&world).ok().says("has ended");
    assert_eq!((flag(&world), blocks(&world)), (vec!["0".to_owned()], 0));
    let _ = world.dsr(["request", "answer", CASE, "--channel", "email", "--number", "1"]).ok();
    let _ = world.dsr(["request", "reopen", CASE, "--reason", "another letter"]).ok();
    let _ = resume(&world).ok();
    assert_eq!((flag(&world), blocks(&world)), (vec!["1".to_owned()], 1));
}

#[test]
fn an_end_that_waits_does_not_free_what_is_blocked_anew() {
    let world = office();
    let _ = world.does(&format!("restrict --subject {WHO} --reason check")).ok();
    sql(&world, STOP);
    let lift = format!("restrict --subject {WHO} --lift --finding accurate");
    let lifted = world.does(&lift).exits(8).json();
    let _ = world.does(&format!("restrict --subject {WHO} --reason again")).ok();
    sql(&world, GO);
    let number = text(&lifted["outcome"]["case"]);
    let _ = world.dsr(["request", "resume", number, "--yes"]);
    assert_eq!((flag(&world), blocks(&world)), (vec!["1".to_owned()], 1));
    let _ = world.does(&lift).ok();
    assert_eq!((flag(&world), blocks(&world)), (vec!["0".to_owned()], 0), "and it ends with its own check");
}

#[test]
fn what_waits_goes_past_no_block_and_no_hold_that_came_since() {
    let all = "SELECT id FROM customer UNION ALL SELECT id || '' FROM visit ORDER BY 1";
    let lift = format!("restrict --subject {WHO} --lift --finding accurate --yes");
    for (comes, ends, says) in [
        (
            format!("restrict --subject {WHO} --reason again --yes"),
            &*lift,
            "restrict --lift --case 2026-000002",
        ),
        (format!("hold add --subject {WHO} --basis order"), "hold release H-1", "hold release H-1"),
        (
            format!("hold add --subject {WHO} --category usage --basis order"),
            "hold release H-1",
            "hold release H-1",
        ),
    ] {
        let world = office();
        sql(&world, &KEEP.replace("customer", "visit"));
        let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
        sql(&world, GO);
        let _ = world.dsr(comes.split(' ')).ok();
        let left = resume(&world).exits(8).json();
        assert_eq!(rows(&world, all), ["1", "2", "c1"], "{comes}");
        assert!(text(&left["systems"][0]["trouble"]).contains(says), "{left:#}");
        let _ = world.dsr(ends.split(' ')).ok();
        let _ = resume(&world).ok();
        assert_eq!(rows(&world, all), [""; 0], "{comes}");
    }
}

#[test]
fn a_block_of_other_data_hinders_nothing() {
    let world = office();
    sql(&world, &KEEP.replace("customer", "visit"));
    let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
    sql(&world, GO);
    let _ = world.dsr(["hold", "add", "--subject", WHO, "--category", "vehicle", "--basis", "order"]).ok();
    let _ = resume(&world).ok();
}

#[test]
fn what_is_open_elsewhere_keeps_its_case_from_ending() {
    let world = office();
    sql(&world, KEEP);
    let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
    let ends = [
        "request cancel 2026-000001 --reason twice",
        "request refuse 2026-000001 --ground RF-SCOPE --facts none --signed-by A.Officer",
        "request answer 2026-000001 --channel email --number 1",
    ];
    for line in ends {
        let _ = world.dsr(line.split(' ')).exits(4).says("dsr request resume 2026-000001");
    }
    assert_eq!(text(&shown(&world)["state"]), "waiting");
    sql(&world, GO);
    // Older stores may hold a case that was cancelled so: nothing is done that could not be written down.
    let store = Connection::open(world.store()).unwrap();
    let cancelled = "UPDATE case_file SET state = 'cancelled', ended_at = received_at";
    assert_eq!(store.execute(cancelled, []).unwrap(), 1);
    let _ = resume(&world).exits(2).says("request reopen 2026-000001");
    assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"]);
    let _ = world.dsr(["request", "reopen", CASE]).ok();
    let _ = resume(&world).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0]);
}

#[test]
fn what_cannot_be_written_down_afterwards_is_in_part() {
    let world = office();
    let held = Connection::open(world.path().join("site.db")).unwrap();
    held.execute_batch("BEGIN EXCLUSIVE").unwrap();
    held.execute_batch("ROLLBACK; BEGIN IMMEDIATE").unwrap();
    let args = [
        "erase",
        "--subject",
        WHO,
        "--identity",
        "document",
        "--yes",
        "--lock-wait",
        "0",
        "--format",
        "json",
    ];
    let mut command = world.command(args);
    let erase = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let store = Connection::open(world.store()).unwrap();
    let begun = Instant::now();
    let open = "SELECT count(*) FROM remote_step";
    while store.query_row(open, [], |row| row.get::<_, i64>(0)).unwrap_or(0) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the steps are never written down");
        std::thread::sleep(Duration::from_millis(2));
    }
    store.execute_batch("BEGIN IMMEDIATE").unwrap();
    held.execute_batch("ROLLBACK").unwrap();
    let run = Run::of(&erase.wait_with_output().unwrap()).exits(8).says("request resume 2026-000001 --yes");
    let run = run.says("could not be written down");
    assert_eq!(text(&run.json()["outcome"]["case"]), CASE, "{}", run.stdout);
    store.execute_batch("ROLLBACK").unwrap();
    let _ = resume(&world).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0]);
}

/// An index that hides a record would let the names die too early, and the rows elsewhere with them.
#[test]
fn nothing_goes_on_from_a_damaged_store() {
    let world = office();
    sql(&world, KEEP);
    let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
    sql(&world, GO);
    let other = r#"{"kind":"subject","ref":"P-2","born":null,"identifiers":[{"type":"phone","value":"+77010000002"}]}
{"kind":"record","ref":"R-2","subject":"P-2","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P2"}}
"#;
    let other = world.write("other.ndjson", other);
    let _ = world.dsr(["import", other.to_str().unwrap()]).ok();
    let sound = world.bytes();
    for damage in [
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'activity_at)', 'activity_at) WHERE 0')
          WHERE name = 'record_subject'",
        "UPDATE record SET subject = (SELECT id FROM subject WHERE ref = 'P-1')",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE 0', '') WHERE name = 'record_subject'",
    ] {
        Connection::open(world.store()).unwrap().execute_batch(damage).unwrap();
    }
    let damaged = world.bytes();
    assert!(damaged != sound);
    let _ = resume(&world).exits(9).says("the store is corrupt");
    assert!(world.bytes() == damaged, "the store was changed");
    assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"]);
    std::fs::write(world.store(), &sound).unwrap();
    // What waits for this step is read once it is done: nobody can read it, and nothing is begun.
    Connection::open(world.store()).unwrap().execute("UPDATE destruction SET counts = '{'", []).unwrap();
    let damaged = world.bytes();
    let _ = resume(&world).exits(9).says("cannot be read");
    let _ = world.dsr(["purge-expired", "--enable"]).exits(9).says("cannot be read");
    assert!(world.bytes() == damaged, "the store was changed");
    assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"]);
    std::fs::write(world.store(), &sound).unwrap();
    let _ = resume(&world).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0]);
}

#[test]
fn what_is_asked_again_goes_on_and_is_not_decided_anew() {
    for (what, stop) in [("erase", KEEP), ("revoke", KEEP), ("restrict --reason check", STOP)] {
        let world = office();
        sql(&world, stop);
        let line = what.replacen(' ', &format!(" --subject {WHO} "), 1);
        let line = if line == what { format!("{what} --subject {WHO}") } else { line };
        let _ = world.does(&line).exits(8);
        let before = (rows(&world, "SELECT id || blocked FROM customer"), shown(&world)["systems"].clone());
        let again = world.does(&line).exits(4).says("steps in other systems that are not done");
        assert!(again.says("dsr request resume 2026-000001 --yes").stdout.is_empty(), "{what}");
        assert_eq!(
            (rows(&world, "SELECT id || blocked FROM customer"), shown(&world)["systems"].clone()),
            before
        );
        sql(&world, GO);
        let _ = resume(&world).ok();
        assert_ne!(rows(&world, "SELECT id || blocked FROM customer"), before.0, "{what}");
        assert_eq!(text(&shown(&world)["state"]), "executed", "{what}");
    }
}

/// A backup of the file is put back in its place while an erasure waits.
fn put_back() -> World {
    let world = office();
    let (file, old) = (world.path().join("site.db"), world.path().join("old.db"));
    std::fs::copy(&file, &old).unwrap();
    sql(&world, "UPDATE visit SET page = '/b' WHERE id = 1");
    let _ = world.dsr(["map", "check"]).ok();
    sql(&world, KEEP);
    let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
    assert_eq!(parts(&shown(&world)), ["visit delete 2 done", "customer delete 1 open"]);
    std::fs::copy(&old, &file).unwrap();
    let again = resume(&world).exits(8).json();
    assert!(text(&again["systems"][1]["trouble"]).contains("another database"), "{again:#}");
    let _ = world.dsr(["map", "check", "--accept"]).ok();
    world
}

#[test]
fn in_a_database_that_was_put_back_it_is_decided_anew() {
    let world = put_back();
    let _ = resume(&world).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer UNION ALL SELECT id || '' FROM visit"), [""; 0]);
    assert_eq!(text(&shown(&world)["state"]), "executed");
}

#[test]
fn what_a_later_case_did_is_done() {
    let mut world = put_back();
    let _ = world.at("2026-11-23T10:00:00+05:00");
    let later = world.does(&format!("erase --subject {WHO}")).ok().json();
    assert_eq!(text(&later["outcome"]["case"]), "2026-000002");
    let _ = resume(&world).ok();
    assert_eq!(text(&shown(&world)["state"]), "executed");
    let act = world.dsr(["report", "destruction", "--format", "json"]).ok().json();
    assert!(list(&act["acts"]).iter().all(|act| act["state"] == "destroyed"), "{act:#}");
}

#[test]
fn a_block_waits_for_no_database_that_was_put_back() {
    let world = office();
    let (file, old) = (world.path().join("site.db"), world.path().join("old.db"));
    std::fs::copy(&file, &old).unwrap();
    sql(&world, "UPDATE visit SET page = '/b'");
    let _ = world.dsr(["map", "check"]).ok();
    std::fs::copy(&old, &file).unwrap();
    let _ = world.does(&format!("erase --subject {WHO}")).exits(6).says("another database");
    let blocked = world.does(&format!("restrict --subject {WHO} --reason check")).ok();
    let blocked = blocked.says("left to people").json();
    let by_hand = |duty: &Value| duty["kind"] == "manual" && duty["place"] == "site";
    assert!(list(&blocked["outcome"]["duties"]).iter().any(by_hand), "{blocked:#}");
    assert_eq!((flag(&world), blocks(&world)), (vec!["0".to_owned()], 1));
}

#[test]
fn a_night_on_paper_says_that_systems_are_not_in_it() {
    let world = office();
    sql(&world, "UPDATE visit SET at = '2015-01-01'");
    let night = ["purge-expired", "--plan-out", "night.json", "--format", "json"];
    let planned = world.dsr(night).ok().says("other systems are not in the plan").json();
    assert_eq!(list(&planned["systems"]), &[] as &[Value]);
    let _ = world.dsr(["purge-expired", "--enable"]).ok();
    sql(&world, "INSERT INTO visit VALUES (3, 'c1', '/', '2015-01-01')");
    let _ = std::fs::remove_file(world.path().join("night.json"));
    let _ = world.dsr(["purge-expired", "--plan-out", "night.json"]).ok();
    let _ = world.dsr(["apply", "night.json", "--yes"]).ok().says("other systems are not in the plan");
    assert_eq!(rows(&world, "SELECT id || '' FROM visit WHERE id = 3"), ["3"]);
}

#[test]
fn what_systems_keep_is_said_in_the_language_of_the_reader() {
    let world = office();
    let erased =
        world.dsr(["erase", "--subject", WHO, "--identity", "document", "--yes", "--lang", "ru"]).ok();
    assert!(erased.stdout.contains("свободные страницы перезаписаны"), "{}", erased.stdout);
}

#[test]
fn a_table_is_reclaimed_also_after_its_case_is_done() {
    let Some(server) = common::servers::postgres() else { return };
    let site = server.database();
    let _ = server.sql(&site, &TABLES.replace("'2026", "timestamp '2026").replace("at TEXT", "at timestamp"));
    let world = World::with_store("automaster");
    let systems = SYSTEMS.replace("sqlite,", "postgres,").replace("file: site.db", "env: SITE");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", systems));
    let dsr = |user: Option<&str>, line: &str| {
        let mut command = world.command(line.split(' '));
        Run::of(&command.env("SITE", server.url(&site, user)).output().unwrap())
    };
    let _ = dsr(None, "map check").ok();
    let erased = dsr(None, &format!("erase --subject {WHO} --identity document --yes")).ok();
    assert!(erased.stdout.contains("→ dsr request resume 2026-000001 --reclaim"), "{}", erased.stdout);
    let grant = "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader";
    let _ = server.sql(&site, grant);
    let line = "request resume 2026-000001 --reclaim --format json";
    let _ =
        dsr(Some("reader"), line).ok().says("site customer: not reclaimed: the role or the engine may not");
    let pages = || server.sql(&site, "SELECT pg_relation_size('customer')");
    assert_ne!(pages(), "0");
    let told = dsr(None, line).ok().json();
    assert!(list(&told["systems"]).iter().all(|part| part["reclaimed"] == true), "{told:#}");
    assert_eq!(pages(), "0", "an empty table is cut off");
    let act = dsr(None, "report destruction --act A-2026-000001 --format json").ok().json();
    assert!(list(&act["elsewhere"]).iter().all(|part| part["reclaimed"] == true), "{act:#}");
    let _ = dsr(None, "request resume 2026-000001").exits(0);
}

/// Records that went here and there, by the act, by the log and by the report.
#[test]
fn one_act_counts_what_went_here_and_there() {
    for known in [true, false] {
        let world = if known { office() } else { stranger() };
        sql(&world, KEEP);
        let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
        let doctor = world.dsr(["doctor"]).ok().stdout;
        assert_eq!(doctor.contains("dsr request resume 2026-000001 --yes"), known, "{doctor}");
        sql(&world, GO);
        let _ = resume(&world).ok();
        let report = |what: &str| world.dsr(what.split(' ').chain(["--format", "json"])).ok().json();
        let acts = report("report destruction");
        let [act] = list(&acts["acts"]) else { panic!("one act: {acts:#}") };
        let whole = report(&format!("report destruction --act {}", text(&act["number"])));
        let counts: Vec<String> = list(&whole["categories"])
            .iter()
            .map(|line| format!("{} {}", text(&line["category"]), line["records"]))
            .collect();
        let contact = if known { "contact 2" } else { "contact 1" };
        assert_eq!(counts, [contact, "usage 2"], "{whole:#}");
        assert_eq!(text(&act["state"]), "destroyed");
        assert!(!list(&act["rules"]).is_empty() && whole["records"] == act["records"], "{act:#}");
        let log = report("audit list");
        let logged: u64 = list(&log["entries"])
            .iter()
            .flat_map(|entry| list(&entry["counts"]))
            .filter_map(|count| text(count).strip_prefix("destroy.")?.split_once(' ')?.1.parse::<u64>().ok())
            .sum();
        assert_eq!(Some(logged), act["records"].as_u64());
        assert_eq!(list(&report("report register")["cases"])[0]["acts"][0], act["number"]);
        let months = report("report compliance");
        let sum: u64 = list(&months["months"]).iter().filter_map(|month| month["destroyed"].as_u64()).sum();
        assert_eq!(sum, logged);
    }
}

/// An office that knows nobody: the site alone does.
fn stranger() -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(&world, TABLES);
    let _ = world.dsr(["map", "check"]).ok();
    world
}

/// A deal as the own store learns of it.
fn deal(closed: &str) -> String {
    format!(
        r#"{{"kind":"obligation","ref":"O-7","subject":"P-1","type":"purchase","opened_at":"2026-11-20T10:00+05:00","closed_at":{closed}}}"#
    )
}

/// A collection of deals beside those of the site.
const DEALS: &str = "      - name: deal
        dsr_meta:
          category: usage
          collected_at: opened
          obligation: { kind: { word: purchase }, opened_at: opened, closed_at: closed }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: customer, fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] } }
          - { name: opened, data_categories: [system.operations] }
          - { name: closed, data_categories: [system.operations] }
";

/// A deal comes, or is told of as closed.
type Comes = fn(&World, &str);

fn deal_here(world: &World, closed: &str) {
    let file = world.write("deal.ndjson", deal(closed));
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
}

fn deal_there(world: &World, closed: &str) {
    sql(world, &format!("INSERT OR REPLACE INTO deal VALUES (1, 'c1', '2026-11-20', {closed})"));
}

#[test]
fn what_waits_goes_past_no_deal_that_came_since() {
    let cases: [(&str, Comes, &str); 2] =
        [("here", deal_here, "\"2026-11-21T10:00+05:00\""), ("there", deal_there, "'2026-11-21'")];
    for (place, comes, closed) in cases {
        let world = office();
        sql(&world, "CREATE TABLE deal (id INTEGER PRIMARY KEY, customer TEXT, opened TEXT, closed TEXT)");
        let _ = world.write("site.yaml", format!("{}\n{DEALS}", MAP.trim_end()));
        let _ = world.dsr(["map", "check"]).ok();
        sql(&world, KEEP);
        let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
        sql(&world, GO);
        comes(&world, "null");
        let left = resume(&world).exits(8).json();
        assert_eq!(rows(&world, "SELECT id FROM customer"), ["c1"], "{place}: {left:#}");
        let trouble = list(&left["systems"]).iter().map(|part| text(&part["trouble"])).collect::<String>();
        assert!(trouble.contains("an obligation (purchase) that came since needs it"), "{place}: {trouble}");
        comes(&world, closed);
        let _ = resume(&world).ok();
        assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0], "{place}");
    }
}

/// A deal that was open when it was decided, and does not need rows for advertising, is no news.
#[test]
fn a_deal_that_was_known_hinders_nothing() {
    let world = office();
    let advertised =
        MAP.replacen("category: contact", "category: contact\n          purposes: [promotion.news]", 1);
    let _ = world.write("site.yaml", advertised);
    deal_here(&world, "null");
    sql(&world, KEEP);
    let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
    sql(&world, GO);
    let _ = resume(&world).ok();
    assert_eq!(rows(&world, "SELECT id FROM customer"), [""; 0]);
}

/// What an earlier plan of the case did elsewhere counts in the act, whatever became of the rest.
#[test]
fn what_a_plan_did_that_was_replaced_counts_in_the_act() {
    for left_out in [false, true] {
        for known in [true, false] {
            let world = if known { office() } else { stranger() };
            sql(&world, KEEP);
            let _ = world.does(&format!("erase --subject {WHO}")).exits(8);
            sql(&world, GO);
            sql(&world, "UPDATE customer SET phone = '+77010000002'");
            let _ = resume(&world).exits(8);
            let more = if left_out { " --without site" } else { "" };
            let _ = world.does(&format!("erase --subject {WHO} --request {CASE}{more}"));
            let acts = world.dsr(["report", "destruction", "--format", "json"]).ok().json();
            let counts = list(&acts["acts"]).iter().flat_map(|act| list(&act["categories"]).to_vec());
            let mut counts: Vec<String> = counts.map(|one| text(&one).to_owned()).collect();
            counts.sort();
            let contact = match (known, left_out) {
                (true, true) => vec!["contact 1"],
                (true, false) => vec!["contact 2"],
                (false, true) => vec![],
                (false, false) => vec!["contact 1"],
            };
            let expected: Vec<&str> = contact.into_iter().chain(["usage 2"]).collect();
            assert_eq!(counts, expected, "known {known}, left out {left_out}: {acts:#}");
        }
    }
}

/// One case may be carried out twice: the second act says nothing of the first one's steps, nor the first of the second's.
#[test]
fn an_act_lists_the_steps_of_its_own_decision() {
    let mut world = office();
    let erase = |world: &World, of: &str| world.does(&format!("erase --subject {WHO} --category {of}"));
    let _ = erase(&world, "usage").ok();
    let _ = world.at("2026-11-22T11:00:00+05:00");
    sql(&world, "INSERT INTO visit VALUES (3, 'c1', '/b', '2026-05-03')");
    let _ = erase(&world, "usage").ok();
    let _ = world.at("2026-11-22T12:00:00+05:00");
    sql(&world, KEEP);
    let _ = erase(&world, "contact").exits(8);
    let acts = world.dsr(["report", "destruction", "--format", "json"]).ok().json();
    let lines = |act: &Value| {
        let number = text(&act["number"]);
        let act = world.dsr(["report", "destruction", "--act", number, "--format", "json"]).ok().json();
        let part =
            |part: &Value| format!("{} {} {}", text(&part["collection"]), text(&part["state"]), part["rows"]);
        list(&act["elsewhere"]).iter().map(part).collect::<Vec<_>>().join(", ")
    };
    let each: Vec<String> = list(&acts["acts"]).iter().map(lines).collect();
    assert_eq!(each, ["visit done 2", "visit done 1", "customer open 1"], "{acts:#}");
}
