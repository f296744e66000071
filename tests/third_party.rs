//! What a third party gets: an insurer, a court, a partner; and what the register and the log keep of it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;
use serde_json::Value;

fn export(world: &World, words: &str) -> (i32, Value) {
    let line = format!("export --for third-party --format json {words}");
    let ran = world.dsr(line.split(' '));
    (ran.code, ran.json())
}

fn ip(answer: &Value) -> bool {
    answer["records"].to_string().contains("192.0.2.")
}

#[test]
fn an_address_goes_to_the_person_and_to_a_court_and_to_nobody_else() {
    let world = World::with_fixtures();
    let subject = world.dsr(["export", "--subject", "ref:C-1", "--format", "json"]).ok().stdout;
    assert!(subject.contains("192.0.2."), "the person is no third party");
    for (words, code, decision, rule, shown) in [
        ("--recipient Insurer --purpose analytics", 0, "partial", "MC-6.1-third", false),
        (
            "--recipient Insurer --purpose analytics --category technical.ip",
            4,
            "refuse",
            "MC-3.3-iplink",
            false,
        ),
        ("--recipient Court --demand 7/26-114", 0, "grant", "MC-6.2-state", true),
        ("--recipient Court --demand 7/26-114 --category technical.ip", 0, "grant", "MC-6.2-state", true),
        ("--recipient Maker --purpose service --country CN", 4, "refuse", "KZ-16", false),
        ("--recipient Friend --ground consent", 4, "refuse", "MC-6.2-consent", false),
        ("--recipient Police --demand none", 4, "refuse", "MC-6.2-state", false),
    ] {
        let (exit, answer) = export(&world, &format!("--subject ref:C-1 {words}"));
        let found = (exit, answer["decision"].as_str(), answer["rule"].as_str(), ip(&answer));
        assert_eq!(found, (code, Some(decision), Some(rule), shown), "{words}");
    }
}

#[test]
fn each_is_logged_and_only_what_went_is_registered() {
    let world = World::with_fixtures();
    let (refused, _) =
        export(&world, "--subject ref:C-1 --recipient Insurer --purpose service --category technical.ip");
    let (given, _) = export(&world, "--subject ref:C-1 --recipient Court --demand 7/26-114");
    assert_eq!((refused, given), (4, 0));
    let log = world.dsr(["audit", "list", "--format", "json"]).ok().json();
    let entries = log["entries"].as_array().unwrap();
    let of = |entry: &&Value| entry["command"] == "export.third-party";
    let states: Vec<&str> = entries.iter().filter(of).filter_map(|entry| entry["state"].as_str()).collect();
    assert_eq!(states, ["refused", "disclosed"]);
    assert!(!log.to_string().contains("7/26-114"), "an entry holds no argument");
    let access = world.dsr(["access", "--subject", "ref:C-1", "--format", "json"]).ok().json();
    let register = access["disclosures"].as_array().unwrap();
    let last = register.iter().map(|row| (row["recipient"].as_str(), row["basis"].as_str()));
    assert_eq!(last.collect::<Vec<_>>(), [(Some("Court"), Some("state_demand"))]);
    let report = world.dsr(["report", "disclosures", "--format", "json"]).ok().json();
    let rows = report["transfers"].as_array().unwrap();
    let due = |court: bool| {
        let of = rows.iter().filter(|row| (row["basis"] == "state_demand") == court);
        of.map(|row| row["notice_due"].is_string()).collect::<Vec<_>>()
    };
    assert!(due(true) == [false] && due(false).contains(&true), "{rows:?}");
}

#[test]
fn a_ban_of_transfers_leaves_four_codes() {
    let world = World::with_fixtures();
    let recipients = "{name: Host, country: KZ, role: processor}, {name: Bank, country: KZ, role: bank}";
    let office = format!("controllers:\n  automaster:\n    recipients: [{recipients}]\n");
    world.write("dsr.yaml", office);
    let consented =
        "consent add --subject ref:A-1 --controller automaster --scope third_party --method paper";
    let _ = world.dsr(consented.split(' ')).ok();
    for (words, code, rule) in [
        ("", 4, "AM-6-ban"),
        ("--ground contract", 4, "AM-6-ban"),
        ("--ground provider", 4, "AM-6-providers"),
        ("--ground defence", 4, "AM-6-defence"),
        ("--ground defence --approved-by Lawyer", 0, "AM-6-defence"),
        ("--demand 3-88", 0, "AM-6-state"),
        ("--ground consent", 4, "AM-6-consent"),
        ("--ground consent --subject ref:A-1", 0, "AM-6-consent"),
        ("--ground consent --subject ref:A-1 --country CN", 4, "KZ-16"),
        ("--ground provider --recipient Bank", 4, "AM-6-providers"),
        ("--ground provider --recipient Host", 0, "AM-6-providers"),
    ] {
        let who = if words.contains("--subject") { "" } else { "--subject ref:A-15 " };
        let whom = if words.contains("--recipient") { "" } else { "--recipient Somebody " };
        let words = format!("--controller automaster {who}{whom}{words}");
        let (exit, answer) = export(&world, words.trim());
        let reason = answer["reason"].as_str().unwrap_or_default();
        assert_eq!(
            rule == "AM-6-providers" && code == 4,
            reason.contains("`processor`"),
            "{words}: {answer}"
        );
        assert_eq!((exit, answer["rule"].as_str()), (code, Some(rule)), "{words}");
    }
    let fixture = include_str!("../fixtures/automaster.ndjson");
    let without = fixture.replace(r#""basis":"provider""#, r#""basis":"contract""#);
    assert_ne!(fixture, without);
    let path = world.write("without-code.ndjson", without);
    let ran = world.dsr(["import", "--controller", "automaster", "--dry-run", path.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("consent, provider, state_demand, defence"), "{}", ran.stderr);
}

/// A consent goes as far as its purposes, and a defence is registered as what it is, not as what the data was collected for.
#[test]
fn a_transfer_is_for_what_was_agreed_and_registered_as_what_it_is() {
    let world = World::with_fixtures();
    let at = "--controller automaster --subject ref:A-15";
    for (scope, flag) in [("third_party", "--third-party"), ("cross_border", "--cross-border")] {
        let given = "--purpose promotion --method paper --evidence f7";
        let _ = world.types(&format!("consent add {at} --scope {scope} {flag} {given}")).ok();
    }
    for (words, code) in [
        ("--recipient Some --ground consent --purpose promotion", 0),
        ("--recipient Some --ground consent --purpose analytics", 4),
        ("--recipient Some --ground consent --purpose service", 4),
        ("--recipient Some --ground consent", 4),
        ("--recipient GmbH --country DE --ground consent --purpose promotion", 0),
        ("--recipient GmbH --country DE --ground consent --purpose service", 4),
    ] {
        let (exit, answer) = export(&world, &format!("{at} {words}"));
        assert_eq!(exit, code, "{words}: {answer:#}");
    }
    let _ = world.types(&format!("object {at} --purpose promotion --yes")).ok();
    let advocate = ["--recipient", "Advocate", "--ground", "defence", "--approved-by", "B. Lawyer"];
    let words = format!("export --for third-party {at}");
    let _ = world.dsr(words.split(' ').chain(advocate)).ok();
    let register = world.types("report disclosures --controller automaster --format json").ok().json();
    let rows = register["transfers"].as_array().unwrap();
    let of = rows.iter().filter(|row| row["recipient"] == "Advocate");
    let purposes: Vec<&str> = of.filter_map(|row| row["purpose"].as_str()).collect();
    assert_eq!(purposes, ["legal"], "{register:#}");
}

/// A consent to any transfer is none to one abroad for something else; a purpose that was stopped stands in no register; a
/// right is defended with data of every purpose.
#[test]
fn each_consent_and_each_purpose_counts_for_itself() {
    let world = World::with_fixtures();
    let at = "--controller automaster --subject ref:A-15";
    for what in ["third_party --third-party", "cross_border --cross-border --purpose promotion"] {
        let _ = world.types(&format!("consent add {at} --method paper --evidence f7 --scope {what}")).ok();
    }
    let consent = "--recipient GmbH --ground consent";
    for (words, code) in [
        (format!("{consent} --purpose service"), 0),
        (format!("{consent} --country DE --purpose promotion"), 0),
        (format!("{consent} --country DE --purpose service"), 4),
        (format!("{consent} --country DE"), 4),
    ] {
        let (exit, answer) = export(&world, &format!("{at} {words}"));
        assert_eq!(exit, code, "{words}: {answer:#}");
    }
    let _ = world.types(&format!("object {at} --purpose promotion --yes")).ok();
    let (exit, answer) = export(&world, &format!("{at} --recipient Partner --ground consent"));
    assert_eq!(exit, 0, "{answer:#}");
    let words = format!("{at} --recipient Advocate --ground defence --approved-by Lawyer --purpose legal");
    let (_, defended) = export(&world, &words);
    assert!(defended["records"].to_string().contains("\"usage\""), "{defended:#}");
    let register = world.types("report disclosures --controller automaster --format json").ok().json();
    let rows = register["transfers"].as_array().unwrap();
    let of = |who: &str| {
        let of = rows.iter().filter(|row| row["recipient"] == who);
        of.filter_map(|row| row["purpose"].as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        (of("Partner"), of("Advocate")),
        (vec!["analytics".into(), "service".into()], vec!["legal".into()])
    );
}

/// A flag on a consent to something else, and a consent that a child gave alone, hand nothing over; a defence and a demand are for
/// what they are for.
#[test]
fn no_consent_stretches_and_no_demand_is_for_advertising() {
    let world = World::with_fixtures();
    for given in ["C-5 --scope cookie", "C-8 --scope promotion", "C-11 --scope third_party"] {
        let _ = world.types(&format!("consent add --subject ref:{given} --third-party --method paper")).ok();
    }
    let consent = "--recipient X --ground consent";
    let defence = "--recipient Advocate --ground defence --approved-by Lawyer";
    for (words, code) in [
        (format!("ref:C-5 {consent} --purpose service"), 4),
        (format!("ref:C-8 {consent} --purpose service"), 4),
        (format!("ref:C-8 {consent}"), 4),
        (format!("ref:C-11 {consent} --purpose service"), 4),
        (format!("ref:C-3 {defence} --purpose analytics"), 4),
        ("ref:C-3 --recipient Court --demand 7-2 --purpose promotion".to_owned(), 4),
        (format!("ref:C-3 {defence} --purpose legal"), 0),
        ("ref:C-3 --recipient Court --demand 7-2".to_owned(), 0),
    ] {
        let (exit, answer) = export(&world, &format!("--subject {words}"));
        assert_eq!(exit, code, "{words}: {answer:#}");
    }
}

#[test]
fn options_of_a_third_party_mean_nothing_for_the_person() {
    let world = World::with_fixtures();
    let ran = world.dsr(["export", "--subject", "ref:C-1", "--demand", "7/26-114"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("add --for third-party"), "{}", ran.stderr);
}

#[test]
fn nothing_goes_to_nobody_for_nothing_or_against_a_withdrawal() {
    let world = World::with_fixtures();
    let _ = world.dsr(["request", "open", "--right", "erase", "--subject", "ref:C-1"]).ok();
    for (words, code) in [
        ("--subject ref:C-1", 2),
        ("--subject ref:C-1 --recipient Insurer", 2),
        ("--subject ref:C-1 --purpose service", 2),
        ("--subject ref:C-1 --recipient Insurer --ground purpose", 2),
        ("--subject ref:C-1 --recipient Insurer --purpose service --request 2026-000001", 2),
        ("--subject ref:C-1 --recipient Insurer --purpose service --country XX", 2),
        ("--subject ref:C-1 --recipient Sister --ground affiliate", 4),
        ("--subject ref:C-22 --recipient Insurer --purpose service", 4),
        ("--subject ref:C-22 --recipient Insurer --ground staff", 4),
        ("--subject ref:C-1 --recipient Clerk --ground staff", 4),
        ("--subject ref:C-1 --recipient Clerk --ground staff --document order-12", 0),
        ("--subject ref:C-22 --recipient Court --demand 7/26-114", 0),
        ("--subject ref:C-21 --recipient Partner --purpose promotion", 4),
    ] {
        let line = format!("export --for third-party --format json {words}");
        let ran = world.dsr(line.split(' '));
        assert_eq!(ran.code, code, "{words}: {}", ran.stderr);
    }
    let blank = ["export", "--for", "third-party", "--subject", "ref:C-1", "--recipient", "Court"];
    for demand in ["", "  "] {
        assert_eq!(world.dsr(blank.into_iter().chain(["--demand", demand])).code, 2);
    }
}

#[test]
fn of_a_card_only_the_last_digits_go() {
    let world = World::with_fixtures();
    let (_, answer) = export(&world, "--subject ref:C-2 --recipient Court --demand 7/26-114");
    let records = answer["records"].as_array().unwrap();
    let payment = records.iter().find(|record| record["category"] == "payment").unwrap();
    let card = payment["data"]["card"].as_str().unwrap();
    assert!(card.starts_with("•••• ") && card.chars().count() == 9, "{card}");
    assert!(answer.to_string().contains("\"iin\":\"900101399998\""), "whom it is about stays known");
}

#[test]
fn a_demand_stands_in_a_case_and_in_the_register() {
    let world = World::with_fixtures();
    let court = "export --for third-party --subject ref:C-1 --recipient Court --demand 7-12/34";
    let ran = world.dsr(court.split(' ')).ok();
    assert!(ran.stderr.contains("the demand stands in case 2026-000001"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--basis"), "{}", ran.stderr);
    // Found again by its number, also without it; its law is filled in.
    let ran = world.dsr(court.split(' ').chain(["--basis", "art. 9"])).ok();
    assert!(ran.stderr.contains("in case 2026-000001") && !ran.stderr.contains("--basis"), "{}", ran.stderr);
    let other = "export --for third-party --subject ref:C-1 --demand 9-99/1 --request 2026-000001";
    let ran = world.dsr(other.split(' '));
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("is about no such demand"), "{}", ran.stderr);
    let case = world.dsr(["request", "show", "2026-000001", "--format", "json"]).ok().json();
    assert_eq!(
        (&case["right"], &case["demand"]["number"], &case["demand"]["basis"], &case["state"]),
        (&"authority".into(), &"7-12/34".into(), &"art. 9".into(), &"executed".into())
    );
    let events = case["events"].to_string();
    assert!(events.contains("Court") && events.contains("export.third-party"), "{events}");
    // What another ground rests on is kept with the disclosure, and in the case of the copy.
    let _ = world.dsr(["request", "open", "--right", "export", "--subject", "ref:C-1"]).ok();
    let clerk =
        "export --for third-party --subject ref:C-1 --recipient Clerk --ground staff --document order-12";
    let _ = world.dsr(clerk.split(' ').chain(["--request", "2026-000002"])).ok();
    let case = world.dsr(["request", "show", "2026-000002", "--format", "json"]).ok().json();
    assert_eq!(case["state"], "received", "the person's own copy is still owed");
    assert!(case["events"].to_string().contains("Clerk (staff): "), "{case}");
    let report = world.dsr(["report", "disclosures", "--format", "json"]).ok().json();
    let of = |who: &str| {
        let mut rows = report["transfers"].as_array().unwrap().iter();
        let row = rows.rfind(|row| row["recipient"] == who).unwrap();
        (row["basis"].clone(), row["document"].clone())
    };
    assert_eq!(of("Court"), ("state_demand".into(), "7-12/34".into()));
    assert_eq!(of("Clerk"), ("staff".into(), "order-12".into()));
}
