//! Rows that a foreign key of their database holds: what refers to them is somebody else's and stays, so that their columns
//! are masked and their keys kept. The plan says so, and the case and the night end.

mod common;

use common::{
    Run, World,
    plan::{list, text},
    site::{SYSTEMS, rows, sql},
};
use serde_json::Value;

/// A car is reached over a table that says who has it since when; a fine names a car, and nobody by it.
const MAP: &str = "
dataset:
  - fides_key: site
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at, last_contact_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: login, dsr_meta: { identity: account, category: contact } }
          - { name: at, data_categories: [system.operations] }
      - name: car_owner
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: customer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
          - name: car
            fides_meta: { references: [{ dataset: site, field: car.id, direction: to }] }
          - { name: since, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
      - name: car
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: plate, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
      - name: fine
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - name: customer
            fides_meta: { references: [{ dataset: site, field: customer.id, direction: from }] }
          - { name: car, dsr_meta: { not_personal: true } }
          - { name: said, dsr_meta: { category: usage } }
          - { name: at, data_categories: [system.operations] }
";

/// `Z-1` has car 7.
fn tables(on_delete: &str, day: &str) -> String {
    format!(
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, login TEXT, at TEXT);
         CREATE TABLE car (id INTEGER PRIMARY KEY, plate TEXT, at TEXT);
         CREATE TABLE car_owner (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer (id),
           car INTEGER REFERENCES car (id) {on_delete}, since TEXT, at TEXT);
         CREATE TABLE fine (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer (id),
           car INTEGER REFERENCES car (id) {on_delete}, said TEXT, at TEXT);
         INSERT INTO customer VALUES (1, 'Z-1', '{day}'); INSERT INTO car VALUES (7, 'PL-7', '{day}');
         INSERT INTO car_owner VALUES (1, 1, 7, '2019', '{day}');"
    )
}

/// Whoever had it before and has left: nothing but keys.
const DEPARTED: &str =
    "INSERT INTO customer VALUES (2, NULL, NULL); INSERT INTO car_owner VALUES (2, 2, 7, NULL, NULL);";

/// The fine of somebody else for it.
fn fined(day: &str) -> String {
    format!(
        "INSERT INTO customer VALUES (3, 'Z-3', '{day}'); INSERT INTO fine VALUES (3, 3, 7, 'Too fast', '{day}');"
    )
}

fn office(tables: &str) -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("site.yaml", MAP), world.write("dsr.yaml", SYSTEMS));
    sql(&world, tables);
    let _ = world.dsr(["map", "check"]);
    world
}

fn night(world: &World, more: &str) -> Run {
    let args = ["purge-expired", "--max-share", "100", "--format", "json"];
    world.dsr(args.into_iter().chain(more.split_whitespace()))
}

/// What is done elsewhere, as a plan or an answer tells it.
fn steps(answer: &Value) -> Vec<String> {
    let steps = list(&answer["steps"]).iter().filter(|step| step["system"].is_string());
    let said = |step: &Value| {
        format!(
            "{} {} {} {}",
            step["action"],
            step["collection"],
            step["fields"],
            step["keys"].as_array().map_or(0, Vec::len)
        )
    };
    steps.map(said).collect()
}

fn cars(world: &World) -> Vec<String> {
    rows(world, "SELECT id || ' ' || ifnull(plate, '-') FROM car ORDER BY id")
}

fn others(world: &World) -> Vec<String> {
    let owners = "SELECT 'owner ' || id || ' ' || ifnull(car, '-') FROM car_owner";
    rows(
        world,
        &format!("{owners} UNION ALL SELECT 'fine ' || id || ' ' || ifnull(car, '-') FROM fine ORDER BY 1"),
    )
}

#[test]
fn a_row_that_somebody_elses_refers_to_is_masked_by_a_request() {
    for on_delete in ["", "ON DELETE CASCADE", "ON DELETE SET NULL"] {
        for (beside, stays) in [(DEPARTED.to_owned(), "owner 2 7"), (fined("2026-10-01"), "fine 3 7")] {
            let world = office(&(tables(on_delete, "2026-05-01") + &beside));
            let erase = "erase --subject account:Z-1";
            let planned = world.does(&format!("{erase} --dry-run")).ok().json();
            let done = world.does(erase).ok().json();
            assert_eq!(steps(&planned), steps(&done), "{on_delete} {stays}");
            assert_eq!(cars(&world), ["7 -"], "{on_delete} {stays}: {done:#}");
            assert_eq!(others(&world), [stays], "{on_delete}");
            assert_eq!(rows(&world, "SELECT login FROM customer WHERE login = 'Z-1'"), [""; 0]);
        }
    }
}

#[test]
fn a_row_that_nobody_elses_refers_to_goes() {
    let world = office(&tables("", "2026-05-01"));
    let _ = world.does("erase --subject account:Z-1").ok();
    assert_eq!((cars(&world), others(&world)), (vec![], vec![]));
}

/// `usage destroy 2`
fn lines(answer: &Value) -> Vec<String> {
    let line =
        |one: &Value| format!("{} {} {}", text(&one["collection"]), text(&one["action"]), one["count"]);
    let mut all: Vec<String> = list(&answer["systems"]).iter().map(line).collect();
    all.sort();
    all
}

#[test]
fn a_row_that_somebody_elses_refers_to_is_masked_by_a_night() {
    for on_delete in ["", "ON DELETE CASCADE"] {
        for (beside, stays) in [(DEPARTED.to_owned(), "owner 2 7"), (fined("2026-10-01"), "fine 3 7")] {
            let world = office(&(tables(on_delete, "2019-01-01") + &beside));
            let _ = night(&world, "--enable --max-count 0");
            let planned = lines(&night(&world, "--dry-run").ok().json());
            let done = lines(&night(&world, "--enable").ok().json());
            assert_eq!(planned, done, "{on_delete} {stays}");
            assert_eq!(
                (cars(&world), others(&world)),
                (vec!["7 -".to_owned()], vec![stays.to_owned()]),
                "{on_delete}"
            );
            assert_eq!(lines(&night(&world, "--enable").ok().json()), [""; 0], "{on_delete} {stays}");
        }
    }
}

/// Both are past their term: on one page the fine goes before the car, on an earlier one the car is masked; no night stands
/// still.
#[test]
fn what_goes_in_the_same_night_holds_nothing() {
    for batch in ["--batch 100", "--batch 1"] {
        let beside = "INSERT INTO car VALUES (8, 'PL-8', '2019-01-01');
                      INSERT INTO car_owner VALUES (3, 3, 8, '2018', '2019-01-01');";
        let world = office(&(tables("", "2019-01-01") + &fined("2019-01-01") + beside));
        let planned = lines(&night(&world, &format!("--dry-run {batch}")).ok().json());
        let done = lines(&night(&world, &format!("--enable {batch}")).ok().json());
        assert_eq!(planned, done, "{batch}");
        let plates = rows(&world, "SELECT plate FROM car WHERE plate IS NOT NULL");
        assert_eq!((plates, others(&world)), (vec![], vec![]), "{batch}");
        assert!(batch == "--batch 1" || cars(&world).is_empty(), "{:?}", cars(&world));
    }
}
