//! What a case may not say or order: destruction of what is protected, a refusal of what was done, a law that was
//! not in force, a command that does not go on.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Run, World};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    systems:
      paper-archive: {kind: manual, owner: Archive, categories: [contract, identity_document]}
      call-recordings: {kind: manual, owner: Call centre, categories: [correspondence]}
";

/// A command line, where `'…'` is one word.
fn run(world: &World, line: &str) -> Run {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(nth, part)| match nth % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    world.dsr(words)
}

fn json(world: &World, line: &str) -> Value {
    run(world, &format!("{line} --format json")).ok().json()
}

/// The steps by hand of a plan, and the categories that stay in places of people.
fn by_hand(plan: &Value) -> (Vec<String>, Vec<String>) {
    let list = |name: &str| plan[name].as_array().cloned().unwrap_or_default();
    let elsewhere = |line: &Value| line["system"] != "own";
    let steps = list("steps").into_iter().filter(|step| step["action"] == "manual" && elsewhere(step));
    let steps = steps.map(|step| step["about"][0].as_str().unwrap().to_owned()).collect();
    let kept = list("kept").into_iter().filter(elsewhere);
    (steps, kept.map(|kept| kept["category"].as_str().unwrap().to_owned()).collect())
}

fn duties(case: &Value) -> Vec<String> {
    let open = case["duties"].as_array().cloned().unwrap_or_default();
    let open = open.into_iter().filter(|duty| duty["done"].is_null());
    open.map(|duty| duty["task"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nobody_destroys_by_hand_what_is_protected() {
    for (before, who, stays) in [
        ("restrict --subject ref:C-1 --reason disputed --yes", "C-1", "correspondence"),
        ("version", "C-2", "identity_document"),
        ("hold add --subject ref:C-17 --basis order-7", "C-17", "identity_document"),
    ] {
        let world = World::with_fixtures();
        world.write("dsr.yaml", OFFICE);
        let _ = run(&world, before).ok();
        let plan =
            run(&world, &format!("revoke --subject ref:{who} --identity document --yes --format json"))
                .json();
        let (steps, kept) = by_hand(&plan);
        assert!(kept.iter().any(|category| category == stays), "{before}: {plan:#}");
        assert!(!steps.iter().any(|step| step.contains(stays)), "{before}: {steps:?}");
    }
}

#[test]
fn what_waited_elsewhere_is_ordered_once_the_check_is_over() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let _ = run(&world, "restrict --subject ref:C-1 --reason disputed --yes").ok();
    let waits = json(&world, "revoke --subject ref:C-1 --identity document --yes");
    assert!(!by_hand(&waits).0.iter().any(|step| step.contains("correspondence")), "{waits:#}");
    let _ = run(&world, "restrict --subject ref:C-1 --lift --finding accurate --yes").ok();
    let plan = json(&world, "request resume 2026-000002 --yes");
    let (steps, kept) = by_hand(&plan);
    assert!(steps.contains(&"destroy correspondence (Call centre)".to_owned()), "{steps:?}");
    assert_eq!(kept, [""; 0]);
}

#[test]
fn a_block_that_ended_asks_nobody_to_stop_use() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let blocked = json(&world, "restrict --subject ref:C-1 --reason disputed --yes");
    assert!(blocked["outcome"]["duties"].to_string().contains("stop the use of"), "{blocked:#}");
    let _ = run(&world, "restrict --subject ref:C-1 --lift --finding accurate --yes").ok();
    let open = duties(&json(&world, "request show 2026-000001"));
    assert!(!open.iter().any(|task| task.starts_with("stop")), "{open:?}");
    let _ = run(&world, "request answer 2026-000001 --channel email").ok();
    let over = duties(&json(&world, "request show 2026-000002"));
    assert!(over.iter().any(|task| task.starts_with("the check is over")), "{over:?}");
}

#[test]
fn no_request_is_opened_to_lift_nothing() {
    let world = World::with_fixtures();
    let before = world.bytes();
    let lift = "restrict --subject ref:C-1 --lift --finding accurate --yes";
    let _ = run(&world, lift).ok().says("nothing of this person is blocked");
    assert_eq!(world.bytes(), before);
}

#[test]
fn what_was_done_as_asked_is_not_refused() {
    let world = World::with_fixtures();
    let done = json(&world, "erase --subject ref:C-28 --identity document --yes");
    assert_eq!(done["decision"], "grant", "{done:#}");
    let refuse = "request refuse 2026-000001 --ground RF-SCOPE --signed-by A";
    let _ = run(&world, refuse).exits(2).says("--facts");
    let before = world.bytes();
    let _ =
        run(&world, &format!("{refuse} --facts 'a private matter'")).exits(4).says("done as it was asked");
    assert_eq!(world.bytes(), before);
}

#[test]
fn a_case_opened_again_is_not_shown_as_refused() {
    let world = World::with_fixtures();
    let _ = run(&world, "request open --right erase --subject ref:C-1").ok();
    let refused = json(&world, "request refuse 2026-000001 --ground RF-ID --facts asked --signed-by A");
    assert_eq!(refused["refusal"]["ground"], "RF-ID");
    let again = json(&world, "request reopen 2026-000001 --reason 'they wrote again'");
    assert_eq!(again["refusal"], Value::Null);
}

#[test]
fn a_right_is_granted_by_the_law_of_its_day() {
    let world = World::with_fixtures();
    let rules = |line: &str| {
        let late = "--late-reason 'lay in a drawer' --identity document --dry-run";
        let plan = json(&world, &format!("{line} {late}"));
        plan["steps"].to_string()
    };
    for (command, day, law, cited) in [
        ("erase --subject ref:C-4", "2026-07-11", "Digital Code", false),
        ("erase --subject ref:C-4", "2026-07-12", "Digital Code", true),
        ("object --subject ref:C-3", "2026-01-17", "KZ-19-1.3", false),
        ("object --subject ref:C-3", "2026-01-18", "KZ-19-1.3", true),
    ] {
        let steps = rules(&format!("{command} --received {day}"));
        assert_eq!(steps.contains(law), cited, "{command} {day}: {steps}");
    }
}

#[test]
fn no_ground_refuses_what_came_before_it() {
    let world = World::with_fixtures();
    let open = "request open --right erase --subject ref:C-4 --late-reason 'lay in a drawer'";
    let _ = run(&world, &format!("{open} --received 2026-05-10")).ok();
    let refuse = "request refuse 2026-000001 --ground RF-DC41.4-2 --facts 'a case is open' --signed-by A";
    let _ = run(&world, refuse).exits(2).says("was not in force on 2026-05-10");
}

#[test]
fn what_only_told_is_not_resumed() {
    let world = World::with_fixtures();
    let access = "access --subject ref:C-1 --identity document";
    let _ = run(&world, access).ok();
    let _ = run(&world, "request cancel 2026-000001 --reason mistake").ok();
    let _ = run(&world, "request reopen 2026-000001 --reason 'no mistake'").ok();
    let _ = run(&world, "request verify 2026-000001 --identity document").ok();
    let next = json(&world, "request show 2026-000001")["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("dsr access --subject"), "{next}");
    assert_eq!(json(&world, "status")["cases"][0]["next"], next.as_str());
    let night = run(&world, "purge-expired --dry-run --format table").ok().stdout;
    assert!(night.contains("dsr access") && !night.contains("request resume"), "{night}");
    let _ = run(&world, &next["dsr ".len()..]).ok();
}

#[test]
fn a_complaint_asks_for_its_block_at_once() {
    let world = World::with_fixtures();
    let opened = json(&world, "request open --right complaint --subject ref:C-5");
    let duty = &opened["duties"][0];
    assert_eq!((&duty["due"], &duty["kind"]), (&"2026-11-22".into(), &"task".into()), "{opened:#}");
    let next = opened["next"].as_str().unwrap();
    assert!(next.starts_with("dsr restrict --subject id:"), "{next}");
    let _ = run(&world, "restrict --subject ref:C-5 --reason disputed --yes").ok();
    let shown = json(&world, "request show 2026-000001");
    assert_eq!(duties(&shown), [""; 0]);
    assert!(shown["next"].as_str().unwrap().starts_with("dsr request answer"), "{shown:#}");
    // Nobody is named: there is nothing to block.
    let stranger = json(&world, "request open --right complaint --channel phone");
    assert_eq!(stranger["duties"].as_array().map(Vec::len), Some(0));
}
