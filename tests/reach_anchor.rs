//! What stays in other systems is found as its owner's for as long as it stays: also where the way to it goes over
//! rows of which everything else is past its term.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    World,
    plan::{list, text},
};
use rusqlite::Connection;

const CRM: &str = "
dataset:
  - fides_key: crm
    collections:
      - name: customer
        fides_meta: { masking_strategy_override: { strategy: delete } }
        dsr_meta: { category: contact, purposes: [service], collected_at: at }
        fields:
          - { name: id, fides_meta: { primary_key: true } }
          - { name: iin, dsr_meta: { identity: iin, category: contact } }
          - { name: phone, fides_meta: { identity: phone_number }, dsr_meta: { category: contact } }
          - { name: at, data_categories: [system.operations] }
";

const SYSTEMS: &str = "
controllers:
  automaster:
    systems:
      crm: { kind: sqlite, owner: Sales, file: crm.db, map: crm.yaml }
      station: { kind: sqlite, owner: Workshop, file: station.db, map: station.yaml }
";

/// Known here by her IIN and her car.
const OWNER: &str = r#"{"kind":"subject","ref":"A-1","identifiers":[{"type":"iin","value":"850322499994"},{"type":"vin","value":"XW8ZZZ5NZBG099001"}]}
{"kind":"obligation","ref":"O-1","subject":"A-1","type":"work_order","opened_at":"2025-01-11T09:00+05:00","closed_at":"2025-01-12T18:00+05:00"}
{"kind":"record","ref":"R-1","subject":"A-1","category":"vehicle","collected_at":"2025-01-11T10:00+05:00","source":"workshop","given_by":"self","purposes":["service"],"document_at":"2025-01-11","obligation":"O-1","data":{"vin":"XW8ZZZ5NZBG099001","make":"Aurora"}}
"#;

/// IIN in the CRM, its number at the workshop's client, the client's at the car, the car's at the order.
fn office() -> World {
    let world = World::with_store("automaster");
    let _ = (world.write("crm.yaml", CRM), world.write("dsr.yaml", SYSTEMS));
    let map = std::fs::read_to_string(common::fixture("dealership").join("station.yaml")).unwrap();
    let _ = world.write("station.yaml", map);
    let script = std::fs::read_to_string(common::fixture("dealership").join("station.sql")).unwrap();
    sql(&world, "station", &script);
    sql(
        &world,
        "station",
        "DELETE FROM work_order; DELETE FROM vehicle; DELETE FROM client;
        INSERT INTO client VALUES (91, 601, '+77010000091', 0, '2022-01-11');
        INSERT INTO vehicle VALUES ('XW8ZZZ5NZBG099001', 91, 'Aurora', 'A', 2011, NULL, '2025-01-11');
        INSERT INTO work_order VALUES ('S-2025-900', 'XW8ZZZ5NZBG099001', '2025-01-11', '2025-01-12', 'oil', 1000.0);",
    );
    sql(
        &world,
        "crm",
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, phone TEXT, at TEXT);
        INSERT INTO customer VALUES (601, '850322499994', '+77010000091', '2022-01-11');",
    );
    let file = world.write("owner.ndjson", OWNER);
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    let _ = world.dsr(["map", "check"]).ok();
    world
}

fn sql(world: &World, system: &str, sql: &str) {
    Connection::open(world.path().join(format!("{system}.db"))).unwrap().execute_batch(sql).unwrap();
}

/// What a query finds, one text a row.
fn rows(world: &World, system: &str, query: &str) -> Vec<String> {
    let conn = Connection::open(world.path().join(format!("{system}.db"))).unwrap();
    let mut query = conn.prepare(query).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn night(world: &World, day: &str) {
    let args = ["purge-expired", "--enable", "--max-share", "100", "--accept-clock", day];
    let _ = world.dsr(args).ok();
}

/// Collections in which something of hers is found. It opens no case.
fn found(world: &World) -> Vec<String> {
    let plan = world.does("erase --subject iin:850322499994 --dry-run").ok().json();
    let all = list(&plan["steps"]).iter().chain(list(&plan["kept"]));
    all.map(|step| format!("{} {}", text(&step["system"]), text(&step["category"]))).collect()
}

#[test]
fn what_a_row_belongs_to_stays_found_with_it() {
    let mut world = office();
    let _ = world.at("2028-02-01T10:00:00+05:00");
    night(&world, "2028-02-01");
    let customer = "SELECT ifnull(iin, '-') || ' ' || ifnull(phone, '-') FROM customer";
    assert_eq!(rows(&world, "crm", customer), ["850322499994 -"], "the car alone leads to no order");
    let found = found(&world);
    assert!(found.contains(&"station service".to_owned()), "{found:?}");
    for year in 2029..=2037 {
        let day = format!("{year}-02-01");
        let _ = world.at(&format!("{day}T10:00:00+05:00"));
        night(&world, &day);
    }
    assert_eq!(rows(&world, "station", "SELECT number FROM work_order"), [""; 0], "in its turn it goes");
    assert_eq!(rows(&world, "station", "SELECT vin FROM vehicle"), [""; 0]);
    assert_eq!(rows(&world, "crm", customer), ["- -"], "and what led there");
}

#[test]
fn who_asks_is_told_what_is_nobodys_alone_any_more() {
    let world = office();
    let plan = world.does("erase --subject iin:850322499994 --category contact").ok().json();
    let gaps: Vec<&str> = list(&plan["gaps"]).iter().map(|gap| text(&gap["missing"])).collect();
    let sight = "station: no identifier leads to what stays in work_order any more: note where it is";
    let hand = "station: nothing says any more whose alone vehicle is: note whose it is";
    assert!(gaps.contains(&sight) && gaps.contains(&hand), "{plan:#}");
}
