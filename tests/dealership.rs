//! The tour of the README: one person over four databases, and everybody else as before.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{
    World,
    dealership::{Dealership, dealership},
};
use serde_json::Value;

const ASSEL: &str = "iin:900101499994";
/// In no import: only the other systems know her.
const ELENA: &str = "iin:010203699211";

fn exported(all: &Dealership, world: &World, who: &str) -> Value {
    all.dsr(world, &["export", "--subject", who, "--format", "json"]).ok().json()
}

/// What lies in other systems, by system and category; sorted.
fn elsewhere(answer: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for record in answer["records"].as_array().unwrap() {
        let text = |key: &str| record[key].as_str().unwrap().to_owned();
        if text("system") != "own" {
            found.entry(text("system")).or_default().insert(text("category"));
        }
    }
    found
}

/// The records that others have there, without what an answer says of itself.
fn records(answer: &Value) -> String {
    let all = answer["records"].as_array().unwrap().iter();
    all.map(|record| format!("{} {} {}\n", record["system"], record["id"], record["data"])).collect()
}

#[test]
fn one_export_finds_everything_and_one_withdrawal_plans_over_all() {
    let world = World::with_fixtures();
    let Some(all) = dealership(&world) else { return };
    let found = elsewhere(&exported(&all, &world, ASSEL));
    let lies = |system: &str| {
        found.get(system).map(|set| set.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    };
    for (system, categories) in [
        ("analytics", "account shopping usage"),
        ("crm", "contact contract correspondence identity"),
        ("site", "account contact shopping technical usage"),
        ("station", "contact service vehicle"),
    ] {
        assert_eq!(lies(system).as_deref(), Some(categories), "{system}");
    }
    let plan = all.dsr(
        &world,
        &["revoke", "--subject", ASSEL, "--identity", "document", "--dry-run", "--format", "json"],
    );
    let plan = plan.ok().json();
    let systems: BTreeSet<&str> =
        plan["steps"].as_array().unwrap().iter().filter_map(|step| step["system"].as_str()).collect();
    for system in ["own", "analytics", "crm", "site", "station", "archive"] {
        assert!(systems.contains(system), "{system}: {systems:?}");
    }
    assert_eq!(plan["decision"], "partial", "the contract and the work orders stay for the law");
}

#[test]
fn what_is_destroyed_is_gone_and_nobody_else_changed() {
    let world = World::with_fixtures();
    let Some(all) = dealership(&world) else { return };
    let _ = all.dsr(&world, &["map", "check"]).ok();
    let others = ["iin:900101399998", "iin:800509399033", "iin:831130499048", "iin:690228399080", ELENA];
    let before: Vec<String> = others.iter().map(|who| records(&exported(&all, &world, who))).collect();
    let revoked = ["revoke", "--subject", ASSEL, "--identity", "document", "--yes", "--format", "json"];
    let revoked = all.dsr(&world, &revoked).ok().json();
    let of_cars = |list: &str, key: &str, is: &str| {
        let all = revoked[list].as_array().unwrap().iter();
        all.filter(|one| one["system"] == "station" && one[key] == is).cloned().collect::<Vec<_>>()
    };
    let kept = of_cars("kept", "category", "vehicle");
    assert!(kept.len() == 1 && kept[0]["until"].is_string(), "a VIN stays with the work orders: {kept:?}");
    assert_eq!(of_cars("steps", "action", "manual").len(), 0, "nobody could do it before: {revoked:#}");
    let left = elsewhere(&exported(&all, &world, ASSEL));
    assert!(!left.contains_key("site") && !left.contains_key("analytics"), "{left:?}");
    let row =
        all.postgres.sql(&all.crm, "SELECT family_name, iin, phone, address FROM customer WHERE id = 501");
    assert_eq!(row, "—|||", "what the deal hangs on stays, empty");
    assert_eq!(all.postgres.sql(&all.crm, "SELECT count(*) FROM deal WHERE customer_id = 501"), "1");
    assert_eq!(all.maria.sql(&all.site, "SELECT count(*) FROM visit WHERE account_id = 11"), "0");
    let segments = std::fs::read_to_string(world.path().join("analytics/segment.csv")).unwrap();
    assert!(!segments.contains("501"), "a segment is one to one with its customer, who stays: {segments}");
    let after: Vec<String> = others.iter().map(|who| records(&exported(&all, &world, who))).collect();
    assert_eq!(before, after);
}

#[test]
fn a_person_of_no_import_is_found_where_they_are() {
    let world = World::with_fixtures();
    let Some(all) = dealership(&world) else { return };
    let found = elsewhere(&exported(&all, &world, ELENA));
    let systems: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        systems,
        ["analytics", "crm"],
        "her account on the site is tied to her by no number that names her"
    );
}
