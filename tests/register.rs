//! Requests from the first letter to the end, and what is late.

mod common;

use common::World;
use serde_json::Value;

fn open(world: &World, more: &str) -> Value {
    let args = ["request", "open", "--format", "json"].into_iter().chain(more.split(' '));
    world.dsr(args).ok().json()
}

#[test]
fn a_request_from_letter_to_answer() {
    let mut world = World::with_fixtures();
    world.at("2026-11-23T09:00:00+05:00");
    let case = open(
        &world,
        "--right access --subject ref:C-1 --received 2026-11-20 --channel registered_letter --tracking RR-17",
    );
    assert_eq!((&case["number"], &case["state"]), (&"2026-000001".into(), &"received".into()));
    assert_eq!(case["due"], "2026-11-25");
    let show = |who: &str| world.dsr(["request", "show", who, "--format", "json"]).ok().json();
    assert_eq!(show("RR-17")["number"], "2026-000001");

    let _ = world.dsr(["request", "verify", "2026-000001", "--identity", "document"]).ok();
    let answer = world
        .dsr(["access", "--subject", "ref:C-1", "--request", "2026-000001", "--format", "json"])
        .ok()
        .json();
    assert_eq!((&answer["draft"], &answer["request"]["number"]), (&false.into(), &"2026-000001".into()));
    assert_eq!(show("2026-000001")["state"], "executed");
    let _ = world
        .dsr(["request", "answer", "2026-000001", "--channel", "registered_letter", "--number", "01-17"])
        .ok();
    let ended = show("2026-000001");
    assert_eq!(
        (&ended["state"], &ended["open"], &ended["late"]),
        (&"answered".into(), &false.into(), &false.into())
    );
    let events: Vec<&str> =
        ended["events"].as_array().into_iter().flatten().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!(events, ["received", "verified", "executed", "answered"]);
    let _ = world.dsr(["request", "answer", "2026-000001"]).exits(2).says("answered");
}

#[test]
fn what_is_late_is_said_with_exit_10() {
    let mut world = World::with_fixtures();
    let _ = open(&world, "--right access --subject ref:C-1 --received 2026-11-20");
    for (now, code, urgency) in [
        ("2026-11-24T10:00:00+05:00", 0, "this_week"),
        ("2026-11-25T10:00:00+05:00", 0, "today"),
        ("2026-11-26T10:00:00+05:00", 10, "overdue"),
    ] {
        world.at(now);
        let status = world.dsr(["status", "--check", "--format", "json"]).exits(code).json();
        assert_eq!(status["cases"][0]["urgency"], urgency, "{now}");
        let report = world.dsr(["report", "deadlines", "--check", "--quiet", "--format", "json"]).exits(code);
        assert_eq!(report.stdout.is_empty(), code == 0, "quiet on success");
    }
}

#[test]
fn a_refusal_needs_a_ground_of_the_law_and_a_signature() {
    let world = World::with_fixtures();
    let _ = open(&world, "--right access --channel email");
    let refuse =
        |args: &str| world.dsr(["request", "refuse", "2026-000001"].into_iter().chain(args.split(' ')));
    let _ = refuse("--ground RF-COST --facts asked --signed-by Officer").exits(2).says("RF-");
    let _ = refuse("--ground RF-ID").exits(2).says("--signed-by");
    let _ = refuse("--ground RF-ID --facts asked --signed-by Officer").ok();
}

#[test]
fn intake_never_stops_past_the_calendar() {
    let mut world = World::with_fixtures();
    world.at("2029-03-01T10:00:00+05:00");
    let case = open(&world, "--right access --subject ref:C-1");
    assert_eq!(case["provisional"], true);
    assert!(case["due"].is_string());
}

#[test]
fn mistakes_change_nothing() {
    let world = World::with_fixtures();
    let before = world.bytes();
    for (args, code, fragment) in [
        ("request open --right access --received 2027-01-01", 2, "future"),
        ("request open --right acces", 2, "access"),
        ("request open --right access --subject ref:NOBODY-1", 3, "no such person"),
        ("request open --right access --subject phone:87010000005", 5, "id:"),
        ("request show 2026-000099", 3, "2026-000099"),
        ("request verify 2026-000099 --identity document", 3, "2026-000099"),
        ("request verify 2026-000099 --identity passport", 2, "document"),
        ("access --subject iin:900101399990", 2, "check digit"),
        ("access --subject 90010139999", 2, "leading zero"),
        ("access --subject passport:1", 2, "iin:"),
        ("access --subject ref:C-1 --controller nobody", 2, "nobody"),
    ] {
        let run = world.dsr(args.split(' ')).exits(code).says(fragment);
        assert!(!run.stderr.contains("900101399990") && run.stdout.is_empty(), "{args}: {}", run.stderr);
        assert!(world.bytes() == before, "{args}");
    }
}

#[test]
fn reports_agree_with_each_other() {
    let world = World::with_fixtures();
    for right in ["access", "erase", "revoke"] {
        let _ = open(&world, &format!("--right {right} --subject ref:C-1"));
    }
    let rows = |args: &str, list: &str| {
        let run = world.dsr(args.split(' ').chain(["--format", "json"])).ok();
        run.json()[list].as_array().cloned().unwrap_or_default()
    };
    let due = |rows: &[Value]| {
        let mut due: Vec<_> =
            rows.iter().map(|row| (row["number"].to_string(), row["due"].to_string())).collect();
        due.sort();
        due
    };
    let (register, deadlines) = (rows("report register", "cases"), rows("report deadlines", "cases"));
    assert_eq!(due(&register), due(&deadlines));
    assert_eq!(due(&register), due(&rows("status", "cases")));
    let sum = |rows: &[Value]| rows.iter().filter_map(|row| row["records"].as_u64()).sum::<u64>();
    let (inventory, retention) = (rows("report inventory", "categories"), rows("report retention", "lines"));
    assert!(sum(&inventory) > 100);
    assert_eq!(sum(&inventory), sum(&retention));
    let csv = world.dsr(["report", "register", "--format", "csv"]).ok().stdout;
    assert_eq!(csv.lines().count(), register.len() + 1);
    let excel = world.dsr(["report", "register", "--format", "csv", "--lang", "ru"]).ok().stdout;
    assert!(excel.starts_with('\u{feff}') && excel.contains("\";\""));
}
