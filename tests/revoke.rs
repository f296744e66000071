//! Withdrawal of consent from outside: MyCar's four effects, an open deal and its end, AutoMaster at any time.

mod common;

use common::{
    World, fixture,
    plan::{kept, list, steps, text},
};

const LATER: &str = "2026-12-15T10:00:00+05:00";

#[test]
fn mycar_with_nothing_open_ends_in_four_effects() {
    let world = World::with_fixtures();
    let _ =
        world.dsr(["import", world.write("deal.ndjson", END_OF_WARRANTY).to_str().unwrap_or_default()]).ok();
    let plan = world.does("revoke --subject ref:C-27").ok().json();
    let steps = steps(&plan);
    for step in [
        "1 withdraw x7 by MC-8.10-revoke-effects",
        "2 destroy account x1 by MC-8.10-revoke-effects",
        "3 destroy contact x1 by MC-8.10-revoke-effects",
        "3 destroy shopping x1 by MC-8.10-revoke-effects",
        "4 destroy biometric x1 by MC-8.10-revoke-effects",
        "archive contract x1 by KZ-TAX-206.3 until 2030-12-31",
        "archive payment x1 by KZ-TAX-206.3 until 2030-12-31",
        "archive service x1 by KZ-TAX-206.3 until 2031-12-31",
        "manual (stop collection: forms, trackers and feeds of partners) by MC-8.10-revoke-effects",
    ] {
        assert!(steps.iter().any(|s| s == step), "{step} is not in {steps:#?}");
    }
    let order: Vec<u64> = list(&plan["steps"]).iter().filter_map(|step| step["effect"].as_u64()).collect();
    assert!(order.is_sorted(), "effects stand in their order: {order:?}");
    assert_eq!((&plan["due"], &plan["outcome"]["destruction"]), (&"2026-11-23".into(), &"destroyed".into()));
    let cited = list(&plan["steps"]).iter().all(|s| s["clause"].is_string() || s["law"].is_string());
    assert!(cited, "{plan:#}");
    assert_eq!(world.stopped("mycar"), ["analytics", "promotion"]);
    let left = world.holds("ref:C-27", "mycar");
    assert!(left.iter().all(|r| !r.starts_with("contact") && !r.starts_with("biometric")), "{left:?}");
    let copy = world.copy("iin:860606399140", "mycar");
    assert!(
        list(&copy["records"]).iter().any(|r| r["restricted_until"] == "2030-12-31"),
        "found by IIN still"
    );
}

/// The one deal that C-27 has open, closed.
const END_OF_WARRANTY: &str = r#"{"kind":"subject","ref":"C-27","born":null,"identifiers":[{"type":"iin","value":"860606399140"},{"type":"phone","value":"+7 701 000 00 27"},{"type":"phone","value":"+7 727 000 00 27"},{"type":"email","value":"everything@alimzhan.example"},{"type":"account","value":"MC-0027"},{"type":"vin","value":"LGWEF4A52NB990027"},{"type":"plate","value":"927 ZZA 02"}]}
{"kind":"obligation","ref":"O-2702","subject":"C-27","type":"warranty","opened_at":"2025-07-15","closed_at":"2026-11-01"}
"#;

#[test]
fn an_open_purchase_keeps_its_records_until_it_is_closed() {
    let mut world = World::with_fixtures();
    let plan = world.does("revoke --subject ref:C-2").ok().json();
    assert_eq!(plan["decision"], "partial");
    let gone = ["3 destroy shopping x1", "4 destroy biometric x1"];
    let all = steps(&plan);
    assert!(gone.iter().all(|step| all.iter().any(|s| s.starts_with(step))), "{all:#?}");
    assert_eq!(all.iter().filter(|step| step.contains("destroy")).count(), 2);
    assert_eq!(kept(&plan).len(), 4);
    for line in list(&plan["kept"]) {
        assert_eq!((&line["clause"], &line["law"]), (&"8.10".into(), &"94-V art. 8(2)".into()));
        assert!(text(&line["reason"]).contains("obligation O-201 (purchase) is open"), "{line}");
    }
    let wait = &plan["waits"][0];
    assert_eq!((&wait["on"], &wait["statutory"]), (&"obligation O-201".into(), &"2026-12-11".into()));
    assert_eq!(plan["outcome"]["state"], "waiting");
    let again = world.does("revoke --subject ref:C-2").ok().json();
    assert_eq!(again["already_done"], true, "waiting is no reason to do it twice");

    let number = text(&plan["outcome"]["case"]).to_owned();
    world.at(LATER);
    let later = fixture("mycar-later.ndjson");
    let import = world.dsr(["import", later.to_str().unwrap_or_default(), "--format", "json"]).ok().json();
    assert_eq!(list(&import["reopened"]), [number.as_str()]);
    let status = world.dsr(["status", "--format", "json"]).ok().json();
    let case = list(&status["cases"]).iter().find(|case| case["number"] == number.as_str());
    let case = case.unwrap_or_else(|| panic!("{status:#}"));
    assert_eq!(case["due"], "2026-12-11", "one working day from the closing on 10.12.2026");
    assert_eq!(case["next"], format!("dsr request resume {number}"));
    let before = world.bytes();
    let _ = world.dsr(["request", "resume", &number]).exits(2).says("--yes");
    assert!(world.bytes() == before, "without a terminal nothing is done unasked");
    let done = world.dsr(["request", "resume", &number, "--yes", "--format", "json"]).ok().json();
    assert_eq!(done["outcome"]["state"], "executed");
    assert!(list(&done["kept"]).is_empty() && list(&done["waits"]).is_empty(), "{done:#}");
    let archived = steps(&done);
    let archived: Vec<&String> = archived.iter().filter(|step| step.starts_with("archive")).collect();
    assert!(
        archived.len() == 4 && archived.iter().all(|step| step.ends_with("until 2031-12-31")),
        "{archived:?}"
    );
}

#[test]
fn automaster_at_any_time() {
    let world = World::with_fixtures();
    let plan = world.does("revoke --subject ref:A-1 --controller automaster").ok().json();
    let expected = [
        "destroy contact x1 by AM-8-contact",
        "archive service x1 by AM-8-service until 2030-12-31",
        "suppress (promotion) by AM-9-withdraw",
    ];
    let all = steps(&plan);
    assert!(expected.iter().all(|step| all.iter().any(|s| s == step)), "{all:#?}");
    assert_eq!((&plan["due"], &plan["target"]), (&"2026-12-11".into(), &"2026-11-23".into()));
    let copy = world.copy("ref:A-1", "automaster");
    assert!(list(&copy["records"]).iter().all(|record| record["category"] != "contact"));
    let proof = list(&copy["consents"]).iter().all(|c| c["withdrawn_at"].is_string());
    assert!(proof && !list(&copy["consents"]).is_empty(), "the proof of consent stays");
}

#[test]
fn automaster_with_an_open_order_keeps_what_it_needs() {
    let world = World::with_fixtures();
    let plan = world.does("revoke --subject ref:A-2 --controller automaster").ok().json();
    assert_eq!(kept(&plan).len(), 3);
    let named =
        |line: &serde_json::Value| text(&line["reason"]).contains("obligation O-201 (work_order) is open");
    assert!(list(&plan["kept"]).iter().all(named), "{plan:#}");
    assert_eq!((&plan["due"], &plan["target"]), (&"2026-12-11".into(), &"2026-11-23".into()));
}

#[test]
fn unsubscribing_destroys_nothing_of_an_order() {
    let world = World::with_fixtures();
    for (who, records) in [("A-2", 3), ("A-15", 0)] {
        let before = world.holds(&format!("ref:{who}"), "automaster");
        let words = format!("revoke --subject ref:{who} --controller automaster --scope promotion");
        let plan = world.does(&words).ok().json();
        assert!(steps(&plan).iter().all(|step| !step.contains("destroy")), "{plan:#}");
        assert_eq!(world.holds(&format!("ref:{who}"), "automaster"), before);
        assert!(before.len() >= records);
    }
    assert!(world.stopped("automaster").contains(&"promotion".to_owned()));
}

#[test]
fn a_withdrawal_during_a_check_waits_and_says_until_when() {
    let world = World::with_fixtures();
    let block = world.asks("restrict --subject ref:C-1 --reason disputed").ok().json();
    let plan = world.does("revoke --subject ref:C-1").ok().json();
    assert_eq!(plan["outcome"]["state"], "waiting");
    assert!(steps(&plan).iter().all(|step| !step.contains("destroy")), "{plan:#}");
    assert_eq!(plan["waits"][0]["on"], format!("block of case {}", text(&block["outcome"]["case"])));
    assert_eq!(plan["waits"][0]["statutory"], "2026-12-11");
    assert!(list(&plan["kept"]).iter().all(|line| line["until"] == "2026-12-11" && line["clause"] == "4.2"));
    let words = "restrict --subject ref:C-1 --lift --finding accurate";
    let lifted = world.does(words).ok().json();
    let number = text(&plan["outcome"]["case"]);
    assert_eq!(list(&lifted["outcome"]["reopened"]), [number]);
    let done = world.dsr(["request", "resume", number, "--yes", "--format", "json"]).ok().json();
    assert_eq!(done["outcome"]["destruction"], "destroyed");
}

/// A consent for two purposes, one of which was withdrawn: the journal and the answer say so, and do not call it whole.
#[test]
fn a_part_that_was_withdrawn_shows_in_the_journal_and_in_the_answer() {
    let mut world = World::with_fixtures();
    let run = |world: &World, line: &str| world.dsr(line.split(' ')).ok();
    let journal = |world: &World| {
        let all = run(world, "report consents --controller mycar --format json").json();
        let of_two = |one: &&serde_json::Value| list(&one["purposes"]).len() == 2;
        list(&all["consents"]).iter().find(of_two).cloned().unwrap_or_default()
    };
    assert_eq!(
        (&journal(&world)["stopped"], &journal(&world)["in_force"]),
        (&serde_json::json!([]), &true.into())
    );
    let _ = world.does("revoke --subject ref:C-26 --purpose promotion").ok();
    assert_eq!(
        (&journal(&world)["stopped"], &journal(&world)["in_force"]),
        (&serde_json::json!(["promotion"]), &true.into())
    );
    let copy = world.copy("ref:C-26", "mycar");
    let stopped: Vec<_> = list(&copy["consents"]).iter().flat_map(|one| list(&one["stopped"])).collect();
    let part = serde_json::json!({"purpose": "promotion", "since": "2026-11-22T10:00:00+05:00"});
    assert_eq!(stopped, [&part], "{copy:#}");
    let shown = run(&world, "export --subject ref:C-26 --identity document --lang en --format html").stdout;
    assert!(shown.contains("promotion: 2026-11-22"), "{shown}");
    // Given again, it stands: what was stopped before it does not touch it.
    let _ = world.at("2026-11-22T11:00:00+05:00");
    let _ = run(
        &world,
        "consent add --subject ref:C-26 --scope third_party --purpose service --purpose promotion --method paper",
    );
    let all = run(&world, "report consents --controller mycar --format json").json();
    let last = list(&all["consents"]).last().cloned().unwrap_or_default();
    assert_eq!((&last["stopped"], &last["in_force"]), (&serde_json::json!([]), &true.into()), "{last:#}");
    let _ = world.does("revoke --subject ref:C-26 --purpose service").ok();
    let _ = world.does("object --subject ref:C-26 --purpose promotion").ok();
    assert_eq!(journal(&world)["in_force"], false);
}
