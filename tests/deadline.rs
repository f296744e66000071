//! `dsr deadline` from outside: the contract's own examples, and what an officer types by mistake.

mod common;

use common::World;
use serde_json::Value;

fn deadline(right: &str, received: &str, controller: &str) -> Value {
    let world = World::empty();
    let args = [
        "deadline",
        "--right",
        right,
        "--received",
        received,
        "--controller",
        controller,
        "--format",
        "json",
    ];
    world.dsr(args).ok().json()
}

#[test]
fn due_dates_by_law_and_by_policy() {
    for (right, received, controller, due, target, binding) in [
        ("revoke", "2026-03-20T15:00", "mycar", "2026-03-26", "", "policy"),
        ("revoke", "2026-03-20T15:00", "automaster", "2026-04-14", "2026-03-26", "law"),
        ("access", "2026-03-20", "mycar", "2026-03-30", "", "law"),
        ("access", "2026-11-22", "automaster", "2026-11-25", "", "law"),
        ("export", "2026-11-22", "automaster", "2026-11-25", "", "law"),
        ("rectify", "2026-11-20", "mycar", "2026-11-23", "", "law"),
        ("restrict", "2026-11-20", "automaster", "2026-11-23", "", "law"),
        ("unblock", "2026-11-20", "mycar", "2026-11-23", "", "law"),
        ("minor", "2026-11-20", "mycar", "2026-11-23", "", "policy"),
        ("minor", "2026-11-20", "automaster", "2026-11-23", "", "law"),
        ("breach", "2026-11-20", "mycar", "2026-11-23", "", "law"),
        ("opt_out", "2026-11-23", "mycar", "2026-12-14", "2026-11-24", "law"),
        ("object", "2026-11-23", "automaster", "2026-11-26", "2026-11-24", "law"),
        ("erase", "2026-11-23", "automaster", "2026-12-14", "2026-11-24", "law"),
        ("complaint", "2026-11-23", "mycar", "2026-11-26", "", "law"),
    ] {
        let found = deadline(right, received, controller);
        let about = format!("{right} at {controller}, {received}: {found:#}");
        assert_eq!(found["due"], due, "{about}");
        assert_eq!(found["target"].as_str().unwrap_or_default(), target, "{about}");
        assert_eq!(found["binding"], binding, "{about}");
        assert_eq!(found["provisional"], false, "{about}");
    }
}

#[test]
fn every_skipped_day_is_named() {
    let found = deadline("revoke", "2026-03-20T15:00", "mycar");
    let days: Vec<&str> =
        found["skipped"].as_array().into_iter().flatten().filter_map(|s| s["date"].as_str()).collect();
    assert_eq!(days, ["2026-03-21", "2026-03-22", "2026-03-23", "2026-03-24", "2026-03-25"]);
    assert!(
        found["skipped"]
            .as_array()
            .into_iter()
            .flatten()
            .all(|s| s["reason"].as_str().is_some_and(|r| !r.is_empty()))
    );
}

#[test]
fn mycar_blocks_from_the_moment_of_receipt() {
    let found = deadline("restrict", "2026-11-22T14:35", "mycar");
    assert_eq!(found["due_at"], "2026-11-22T14:35:00+05:00");
    assert_eq!(found["binding"], "policy");
}

#[test]
fn before_the_edition_of_january_2026_automaster_had_no_term_for_a_withdrawal() {
    for (received, due) in [("2026-01-17", Value::Null), ("2026-01-18", "2026-02-06".into())] {
        let found = deadline("revoke", received, "automaster");
        assert_eq!(found["due"], due, "{received}: {found:#}");
        assert!(found["target"].is_string(), "{received}");
        assert_eq!(found["gap"].is_string(), due.is_null(), "{received}");
    }
}

#[test]
fn mistakes_are_answered_with_what_to_do() {
    let world = World::empty();
    for (args, code, fragment) in [
        ("--right revoke --received 2029-03-20 --controller mycar", 6, "2028-12-31"),
        ("--right revok --received 2026-03-20 --controller mycar", 2, "revoke"),
        ("--right revoke --received yesterday --controller mycar", 2, "--received"),
        ("--right revoke --received 2026-03-20 --controller mycars", 2, "mycar"),
        ("--right revoke --received 2026-03-20", 2, "--controller"),
    ] {
        let _ = world.dsr(["deadline"].into_iter().chain(args.split(' '))).exits(code).says(fragment);
    }
}
