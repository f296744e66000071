//! The clause table: every numbered row is carried by a rule that decides something, or says why not.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;
use serde_json::Value;

/// Rows by policy, as the clause table of the two published texts numbers them.
const ROWS: &[(&str, usize)] = &[("mycar", 108), ("automaster", 52)];

fn rows(controller: &str, statute: bool) -> Vec<Value> {
    let mut args = vec!["policy", "coverage", "--controller", controller, "--format", "json"];
    args.extend(statute.then_some("--statute"));
    World::empty().dsr(args).ok().json()["rows"].as_array().unwrap().clone()
}

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row[key].as_str().unwrap_or_default()
}

#[test]
fn every_row_is_a_rule_that_takes_effect_or_says_why_not() {
    for (controller, count) in ROWS {
        let rows = rows(controller, false);
        assert_eq!(rows.len(), *count, "{controller}");
        for row in &rows {
            let id = text(row, "id");
            assert!(row["row"].is_u64() && !text(row, "rule").is_empty(), "{id} has no rule");
            assert!(!text(row, "clause").is_empty(), "{id} has no clause");
            let reason = text(row, "not_operational");
            assert_eq!(reason.is_empty(), text(row, "kind") != "not_operational", "{id}");
            assert_eq!(text(row, "effect").is_empty(), !reason.is_empty(), "{id} takes effect nowhere");
        }
    }
}

#[test]
fn every_operational_row_is_decided_in_a_case_that_comes_out() {
    let unproved: Vec<String> = ROWS
        .iter()
        .flat_map(|(controller, _)| rows(controller, false))
        .filter(|row| row["not_operational"].is_null() && row["proof"].as_array().unwrap().is_empty())
        .map(|row| text(&row, "id").to_owned())
        .collect();
    assert!(unproved.is_empty(), "no case proves {}", unproved.join(", "));
}

#[test]
fn every_operational_rule_of_the_law_is_decided_in_a_case() {
    let proved = |controller: &str| {
        let rows = rows(controller, true).into_iter();
        let proved = rows.filter(|row| !row["proof"].as_array().unwrap().is_empty());
        proved.map(|row| text(&row, "id").to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    // A rule that one policy overrides stands under another that is silent.
    let proved: std::collections::BTreeSet<_> =
        ROWS.iter().flat_map(|(controller, _)| proved(controller)).collect();
    let rows = rows("mycar", true);
    let unproved: Vec<&str> = rows
        .iter()
        .filter(|row| row["not_operational"].is_null())
        .map(|row| text(row, "id"))
        .filter(|id| !proved.contains(*id))
        .collect();
    assert!(unproved.is_empty(), "no case proves {}", unproved.join(", "));
}

#[test]
fn every_rule_of_the_law_has_an_article_and_is_used() {
    for row in rows("mycar", true) {
        let id = text(&row, "id");
        assert!(!text(&row, "clause").is_empty(), "{id} has no article");
        assert_eq!(text(&row, "effect").is_empty(), !row["not_operational"].is_null(), "{id}");
    }
}
