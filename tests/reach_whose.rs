//! Whose a row of another system is: whoever is known here is never taken for a stranger.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    World,
    site::{SYSTEMS, sql},
};
use rusqlite::Connection;

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
      - name: client
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: joined_at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: account, dsr_meta: { identity: account, category: contact } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: contact } }
          - { name: joined_at, data_categories: [system.operations] }
";

const MEMBERS: &str = "
    CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT, joined_at TEXT, seen_at TEXT);
    CREATE TABLE client (id INTEGER PRIMARY KEY, iin TEXT, account TEXT, phone TEXT, joined_at TEXT);
    INSERT INTO member VALUES (1, 'Z-1', '2019-01-01', '2020-01-01'), (2, 'Z-2', '2019-01-01', '2020-01-01'),
      (3, 'Z-3', '2019-01-01', '2020-01-01');
    INSERT INTO client VALUES (1, '900101399998', 'Z-1', NULL, '2019-01-01'),
      (2, '900101499994', 'Z-2', NULL, '2019-01-01');";

/// P-1 and P-2 are known here by their numbers alone, each with one fresh record.
fn office() -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(&world, MEMBERS);
    let _ = world.dsr(["map", "check"]).ok();
    let person = |nth: u8, names: &str| {
        format!(
            r#"{{"kind":"subject","ref":"P-{nth}","born":null,"identifiers":[{names}]}}
{{"kind":"record","ref":"R-{nth}","subject":"P-{nth}","category":"contact","collected_at":"2019-05-01T10:00+05:00","last_contact_at":"2019-05-03","document_at":null,"purpose_reached_at":null,"obligation":null,"consent":null,"source":"web_form","given_by":"self","purposes":["service"],"data":{{"given_name":"P{nth}"}}}}
"#
        )
    };
    let people =
        person(1, r#"{"type":"iin","value":"900101399998"},{"type":"phone","value":"+77010000001"}"#)
            + &person(2, r#"{"type":"iin","value":"900101499994"}"#);
    let file = world.write("people.ndjson", people);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    world
}

fn members(world: &World) -> Vec<i64> {
    let conn = Connection::open(world.path().join("site.db")).unwrap();
    let mut query = conn.prepare("SELECT id FROM member ORDER BY id").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn hold(world: &World, who: &str) -> common::Run {
    world.dsr(["hold", "add", "--subject", who, "--basis", "court order 2-1234 of 2026-11-02"])
}

#[test]
fn a_night_heeds_who_is_protected_here_by_every_number_there() {
    let world = office();
    let _ = hold(&world, "ref:P-1").ok();
    let _ = world.does("restrict --subject ref:P-2 --reason check").ok();
    let _ = world.dsr(["purge-expired", "--enable", "--max-share", "100"]).ok();
    assert_eq!(members(&world), [1, 2], "held and blocked stay, nobody's third goes");
}

#[test]
fn a_command_by_a_number_unknown_here_means_the_person_who_is_known() {
    let world = office();
    let _ = hold(&world, "ref:P-1").ok();
    let _ = world.does("erase --subject account:Z-1").exits(4);
    assert_eq!(members(&world), [1, 2, 3]);
    // Two numbers of two people: nothing is guessed.
    sql(&world, "INSERT INTO client VALUES (3, '900101499994', 'Z-1', NULL, '2026-01-01')");
    let _ = world.does("erase --subject account:Z-1").exits(5).says("known here");
    assert_eq!(members(&world), [1, 2, 3]);
    let _ = world.dsr(["purge-expired", "--enable", "--max-share", "100"]).ok();
    assert!(members(&world).contains(&1), "nor at night");
}

#[test]
fn whom_only_other_systems_know_can_be_held() {
    let world = office();
    let _ = hold(&world, "account:Z-3").ok();
    let _ = hold(&world, "account:Z-9").exits(3);
    let _ = world.dsr(["purge-expired", "--enable", "--max-share", "100"]).ok();
    assert_eq!(members(&world), [3]);
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn a_night_needs_nobody_here() {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(&world, MEMBERS);
    let _ = world.dsr(["map", "check"]).ok();
    let _ = world.dsr(["purge-expired", "--enable", "--max-share", "100"]).ok();
    assert_eq!(members(&world), Vec::<i64>::new());
}

#[test]
fn a_family_has_one_phone() {
    let world = office();
    sql(&world, "INSERT INTO client VALUES (7, NULL, NULL, '8 701 000 00 01', '2026-01-01')");
    let run = world.dsr(["export", "--subject", "ref:P-1", "--format", "json"]).ok();
    let copy = run.json()["records"].to_string();
    assert!(copy.contains("site client 1") && !copy.contains("site client 7"), "{copy}");
    let _ = run.says("name nobody: assign by hand");
    let _ = world.does("erase --subject ref:P-1").ok();
    let conn = Connection::open(world.path().join("site.db")).unwrap();
    let left: String = conn.query_row("SELECT phone FROM client WHERE id = 7", [], |row| row.get(0)).unwrap();
    assert_eq!(left, "8 701 000 00 01");
}

/// Two strangers who mean one known person, one of whom nobody can say who is meant, one known, one nobody at all, and
/// one who only has a phone: in one page each is judged as in a page of their own.
#[test]
fn a_page_of_all_kinds_judges_each_as_alone() {
    let night = |batch: &str| {
        let world = office();
        sql(
            &world,
            "INSERT INTO member VALUES (4, 'Z-4', '2019-01-01', '2020-01-01'), (5, 'Z-5', '2019-01-01', '2020-01-01');
             INSERT INTO client VALUES (3, '900101399998', 'Z-4', NULL, '2019-01-01'), (4, '900101399998', 'Z-5', NULL, '2019-01-01'),
               (5, '900101499994', 'Z-5', NULL, '2019-01-01'), (6, NULL, NULL, '8 701 000 00 99', '2019-01-01');",
        );
        let _ = hold(&world, "ref:P-1").ok();
        let args = ["purge-expired", "--enable", "--max-share", "100", "--format", "json", "--batch", batch];
        let said = world.dsr(args).ok().json();
        // Records that stay are told once a page, so that only people are compared.
        let gaps = ["account", "phone"].map(|kind| said["gaps"][kind].clone());
        (members(&world), said["systems"].clone(), gaps)
    };
    let page = night("500");
    assert_eq!(page, night("1"));
    assert_eq!(
        page.0,
        [1, 2, 4, 5],
        "held by two numbers, and two of whom it is not sure who they are; nobody's third goes"
    );
}
