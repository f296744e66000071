//! A night over people who are met by several numbers, and over rows that a table which holds nothing else ties to them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    Run, World,
    site::{SYSTEMS, rows},
};
use rusqlite::Connection;
use serde_json::Value;

/// Whoever is known here by both numbers.
const HERE: &str = r#"{"kind":"subject","ref":"P-1","identifiers":[{"type":"iin","value":"900101399998"},{"type":"account","value":"Z-1"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"contact","collected_at":"2026-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"given_name":"P1"}}
"#;

fn office(map: &str, tables: &str) -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", map), world.write("dsr.yaml", SYSTEMS));
    Connection::open(world.path().join("site.db")).unwrap().execute_batch(tables).unwrap();
    let file = world.write("here.ndjson", HERE);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn night(world: &World, more: &[&str]) -> Run {
    let args = ["purge-expired", "--max-share", "100", "--format", "json"];
    world.dsr(args.into_iter().chain(more.iter().copied()))
}

/// The same person stands in each table by another number.
const TWICE: &str = "
dataset:
  - fides_key: site
    collections:
      - name: client
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: usage } }
          - { name: at, data_categories: [system.operations] }
      - name: member
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: usage } }
          - { name: at, data_categories: [system.operations] }
";

#[test]
fn a_person_is_counted_once_in_a_night() {
    let world = office(
        TWICE,
        "CREATE TABLE client (id INTEGER PRIMARY KEY, iin TEXT, at TEXT);
         CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT, at TEXT);
         INSERT INTO client VALUES (1, '900101399998', '2019-01-01'), (2, '900101399998', '2019-01-02');
         INSERT INTO member VALUES (1, 'Z-1', '2019-01-01'), (2, 'Z-1', '2019-01-02');",
    );
    let _ = world.does("restrict --subject iin:900101399998 --reason check").ok();
    let held = |more: &[&str]| -> Value { night(&world, more).ok().json()["held"].clone() };
    let once = held(&["--dry-run"]);
    assert_eq!(once["usage"], 4, "{once:#}");
    assert_eq!(held(&["--dry-run", "--batch", "1"]), once);
    assert_eq!(held(&["--enable", "--batch", "1"]), once);
}

/// A flat is reached over a table that says who lives where, and nothing else.
const LINKED: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        dsr_meta: { collected_at: at, last_contact_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: living
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: customer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
          - name: flat
            fides_meta: { references: [{ dataset: site, field: flat.id, direction: to }] }
      - name: flat
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: street, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

#[test]
fn a_table_that_only_links_leads_to_what_stays() {
    for (about, flat) in [("younger", "2026-05-01"), ("as old", "2019-01-01")] {
        for known in ["900101399998", "900202499993"] {
            for erase in ["", "fides_meta: { masking_strategy_override: { strategy: delete } }\n        "] {
                linked(about, flat, known, erase);
            }
        }
    }
}

fn linked(about: &str, flat: &str, iin: &str, erase: &str) {
    let map = LINKED.replace(
        "dsr_meta: { collected_at: at, last",
        &format!("{erase}dsr_meta: {{ collected_at: at, last"),
    );
    let mut world = office(
        &map,
        &format!(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, at TEXT);
             CREATE TABLE living (id INTEGER PRIMARY KEY, customer INTEGER, flat INTEGER);
             CREATE TABLE flat (id INTEGER PRIMARY KEY, street TEXT, at TEXT);
             INSERT INTO customer VALUES (1, '{iin}', '2019-01-01');
             INSERT INTO living VALUES (1, 1, 7); INSERT INTO flat VALUES (7, 'Invented street, 1', '{flat}');"
        ),
    );
    let _ = night(&world, &["--enable"]).ok();
    if about == "younger" {
        assert_eq!(rows(&world, "SELECT ifnull(iin, '-') FROM customer"), [iin], "{about} {iin} {erase}");
        assert_eq!(rows(&world, "SELECT street FROM flat WHERE street IS NOT NULL").len(), 1);
    }
    for year in 2028..=2037 {
        let day = format!("{year}-02-01");
        let _ = world.at(&format!("{day}T10:00:00+05:00"));
        let _ = night(&world, &["--enable", "--accept-clock", &day]).ok();
    }
    assert_eq!(
        rows(&world, "SELECT street FROM flat WHERE street IS NOT NULL"),
        [""; 0],
        "{about} {iin} {erase}"
    );
    assert_eq!(
        rows(&world, "SELECT iin FROM customer WHERE iin IS NOT NULL"),
        [""; 0],
        "{about} {iin} {erase}"
    );
}
