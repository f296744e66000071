//! Other laws' forms on the same engine: months, an extension with notice, a clock that stands, calendar days.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-laws");

#[test]
fn policies_of_other_laws_are_valid_and_their_cases_come_out() {
    for (controller, cases) in [("shop", 12), ("garage", 4)] {
        let with = |words: &[&str]| {
            let args = ["--policies", POLICIES, "--controller", controller, "--format", "json"];
            World::empty().dsr(args.iter().chain(words).copied()).ok().json()
        };
        assert_eq!(with(&["policy", "check"])["valid"], true, "{controller}");
        let ran = with(&["policy", "test"]);
        assert_eq!((ran["failed"].as_array().unwrap().len(), &ran["passed"]), (0, &cases.into()), "{ran}");
    }
}

#[test]
fn the_same_command_counts_by_another_law() {
    let args = ["--policies", POLICIES, "deadline", "--controller", "shop", "--right", "access"];
    let due = World::empty()
        .dsr(args.iter().copied().chain(["--received", "2026-01-31", "--format", "json"]))
        .ok()
        .json();
    assert_eq!((due["due"].as_str(), due["law"]["term"].as_str()), (Some("2026-03-02"), Some("1 month")));
}

#[test]
fn who_begins_a_policy_has_its_schema_before_there_is_one() {
    let world = World::empty();
    std::fs::create_dir(world.path().join("begun")).unwrap();
    for (words, title) in [
        (&["policy", "schema"][..], "Policy of dsr"),
        (&["policy", "schema", "statute"], "Statute of dsr"),
        (&["policy", "schema", "officer"], "dsr.yaml, the officer's file"),
        (&["policy", "schema", "cases"], "Cases of a policy or a statute of dsr"),
        (&["policy", "schema", "calendar"], "Calendar of dsr"),
    ] {
        let schema = world.dsr(["--policies", "begun"].iter().chain(words)).ok().json();
        assert_eq!(schema["title"], title);
        let root = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        assert_eq!(schema["$defs"][root]["type"], "object", "{root}");
    }
    let wrong = world.dsr(["policy", "schema", "polcy"]).exits(2);
    assert!(wrong.stderr.contains("did you mean `policy`?"), "{}", wrong.stderr);
}
