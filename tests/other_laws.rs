//! Other laws' forms on the same engine: months, an extension with notice, a clock that stands, calendar days.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, line::flat};
use serde_json::Value;

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

/// What people read of a term says its length in their language, and its hour where it is counted in hours; machines
/// read the day, as of any term.
#[test]
fn a_term_in_hours_ends_at_its_hour_for_whoever_reads_it() {
    let mut world = World::empty();
    let run = |world: &World, line: &str| world.types(&format!("--policies {POLICIES} {line}")).ok().stdout;
    world.at("2026-11-22T09:30:00+05:00");
    let _ = run(&world, "init --controller shop");
    let _ = run(&world, "request open --right breach --channel other --quiet");
    for (lang, hour, limit, month) in [
        ("en", "2026-11-25 09:30", "72 hours", "1 month,"),
        ("ru", "25.11.2026 09:30", "72 часа", "1 месяц,"),
        ("kk", "25.11.2026 09:30", "72 сағат", "1 ай,"),
    ] {
        for (list, came) in [("request list", 1), ("request show 2026-000001", 2), ("report deadlines", 1)] {
            let said = run(&world, &format!("{list} --lang {lang}"));
            // A table breaks a moment: it came at that hour, and is due at it.
            let (day, clock) = hour.split_once(' ').unwrap();
            assert!(said.contains(day), "{lang} {list}: {said}");
            assert!(said.matches(clock).count() > came, "{lang} {list}: {said}");
        }
        let due = |right: &str| {
            flat(&run(&world, &format!("deadline --right {right} --received 2026-11-22T09:30 --lang {lang}")))
        };
        let breach = due("breach");
        let law = breach.split_once(limit).map(|(_, rest)| rest.split(" (").next().unwrap_or_default());
        assert!(law.is_some_and(|by| by.contains(hour)), "{lang}: {breach}");
        assert!(due("access").contains(month), "{lang}");
    }
    let listed = run(&world, "request list --format csv");
    assert!(listed.contains("\"2026-11-25\""), "{listed}");
    for (now, urgency, late) in [("09:30", "today", 0), ("09:31", "overdue", 1)] {
        world.at(&format!("2026-11-25T{now}:00+05:00"));
        let status: Value = serde_json::from_str(&run(&world, "status --format json")).unwrap();
        let of_case = |line: &&Value| line["number"] == "2026-000001" && line["kind"] == "answer";
        let line = status["lines"].as_array().unwrap().iter().find(of_case);
        assert_eq!(line.map(|line| &line["urgency"]), Some(&urgency.into()), "{status:#}");
        let line = format!("--policies {POLICIES} report deadlines --check");
        let _ = world.types(&line).exits(10 * late);
        let shown = run(&world, "request show 2026-000001 --format json");
        assert!(shown.contains(&format!("\"late\": {}", late == 1)), "{now}: {shown}");
        let shown = run(&world, "request show 2026-000001");
        assert_eq!(shown.lines().any(|line| line.ends_with("late")), late == 1, "{now}: {shown}");
        let register = run(&world, "report register --format json");
        assert!(register.contains(&format!("\"overdue\":{}", late == 1)), "{now}: {register}");
    }
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
