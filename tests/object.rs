//! Objection and suppression from outside: what stops, what goes on, and that it stays stopped.

mod common;

use common::{
    World, fixture,
    plan::{kept, list, steps, text},
};

#[test]
fn without_a_purpose_everything_stops_that_nothing_demands() {
    let world = World::with_fixtures();
    let plan = world.does("object --subject ref:C-1").ok().json();
    let stopped = world.stopped("mycar");
    assert!(
        stopped.contains(&"promotion".to_owned()) && stopped.contains(&"analytics".to_owned()),
        "{stopped:?}"
    );
    assert!(
        !stopped.iter().any(|word| word.starts_with("service") || word.starts_with("legal")),
        "{stopped:?}"
    );
    let left = world.holds("ref:C-1", "mycar");
    for needed in ["contract", "identity", "payment", "vehicle", "contact"] {
        assert!(left.iter().any(|record| record.starts_with(needed)), "{needed}: {left:?}");
    }
    assert!(list(&plan["steps"]).iter().all(|step| step["rule"].is_string()));
    let again = world.does("object --subject ref:C-1").ok().json();
    assert_eq!(again["already_done"], true);
}

#[test]
fn advertising_stops_for_partners_too_and_service_messages_are_named() {
    let world = World::with_fixtures();
    let plan = world.does("object --subject ref:C-26 --purpose promotion").ok().json();
    let told = |step: &&String| step.starts_with("notify") && step.contains("Пример Медиа");
    assert_eq!(steps(&plan).iter().filter(told).count(), 1, "{plan:#}");
    let plan = world.does("object --subject ref:C-2 --purpose promotion").ok().json();
    assert!(steps(&plan).iter().any(|step| step.starts_with("suppress (analytics.surveys)")), "{plan:#}");
    let named = "service messages continue: obligation O-201 (purchase) is open";
    assert!(list(&plan["kept"]).iter().any(|line| line["reason"] == named), "{:?}", kept(&plan));
}

#[test]
fn analytics_at_automaster_takes_the_technical_data() {
    let world = World::with_fixtures();
    let before = world.holds("ref:A-15", "automaster");
    let plan =
        world.does("object --subject ref:A-15 --controller automaster --purpose analytics").ok().json();
    let all = steps(&plan);
    for category in ["technical", "usage"] {
        assert!(all.iter().any(|s| s.starts_with(&format!("destroy {category} "))), "{all:#?}");
    }
    let after = world.holds("ref:A-15", "automaster");
    let order =
        |all: &[String]| all.iter().filter(|r| r.starts_with("service") || r.starts_with("contact")).count();
    assert_eq!(order(&before), order(&after), "order data is untouched");
    assert!(after.iter().all(|record| !record.starts_with("technical") && !record.starts_with("usage")));
}

#[test]
fn a_suppression_outlives_the_person_and_meets_them_again() {
    let mut world = World::with_fixtures();
    let _ = world.does("object --subject ref:C-23 --purpose promotion").ok();
    let _ = world.does("erase --subject ref:C-23").ok();
    let gone = world.copy("ref:C-23", "mycar");
    assert!(list(&gone["records"]).is_empty());
    assert!(world.stopped("mycar").contains(&"promotion".to_owned()), "the mark outlives the data");
    world.at("2026-12-15T10:00:00+05:00");
    let later = fixture("mycar-later.ndjson");
    let import = world.dsr(["import", later.to_str().unwrap_or_default(), "--format", "json"]).ok().json();
    assert_eq!(import["left_out"]["count"], 3, "what was collected before the destruction");
    let said = |part: &serde_json::Value| {
        list(part).iter().map(|l| text(&l["message"]).to_owned()).collect::<Vec<_>>()
    };
    let altered = said(&import["altered"]["shown"]);
    assert!(altered.iter().any(|line| line.contains("`promotion`")), "{altered:?}");
    let back = world.copy("iin:930830499110", "mycar");
    assert_eq!(list(&back["records"]).len(), 1);
    assert_eq!(back["records"][0]["purposes"], serde_json::json!(["service"]), "{back:#}");
}

#[test]
fn a_living_suppression_meets_the_next_import() {
    let mut world = World::with_fixtures();
    let _ = world.does("object --subject ref:C-21 --purpose promotion").ok();
    world.at("2026-12-15T10:00:00+05:00");
    let later = fixture("mycar-later.ndjson");
    let _ = world.dsr(["import", later.to_str().unwrap_or_default()]).ok();
    let copy = world.copy("ref:C-21", "mycar");
    let purposes = list(&copy["records"]).iter().flat_map(|r| list(&r["purposes"])).map(text);
    assert!(
        purposes.clone().all(|purpose| !purpose.starts_with("promotion")),
        "{:?}",
        purposes.collect::<Vec<_>>()
    );
    assert!(list(&copy["records"]).iter().any(|r| r["id"] == "R-2103"), "the line itself came");
}

#[test]
fn an_objection_is_taken_back() {
    let world = World::with_fixtures();
    let _ = world.does("object --subject ref:C-26 --purpose promotion").ok();
    let plan = world.does("object --subject ref:C-26 --purpose promotion --lift").ok().json();
    assert!(steps(&plan).iter().any(|step| step.starts_with("unblock x1 (promotion)")), "{plan:#}");
    assert!(!world.stopped("mycar").contains(&"promotion".to_owned()));
}

#[test]
fn before_identity_only_messages_stop() {
    let world = World::with_fixtures();
    let before = world.holds("ref:C-1", "mycar");
    let plan = world.asks("object --subject ref:C-1").exits(4).json();
    assert_eq!(world.stopped("mycar"), ["analytics.surveys", "promotion"]);
    assert_eq!(world.holds("ref:C-1", "mycar"), before);
    let refusal = &plan["refusal"];
    assert_eq!((&refusal["ground"], &refusal["by"]), (&"RF-ID".into(), &"2026-11-25".into()));
    assert!(text(&refusal["todo"]).contains("dsr request verify"));
    let number = text(&plan["outcome"]["case"]);
    let _ = world.dsr(["request", "verify", number, "--identity", "document"]).ok();
    let words = format!("object --subject ref:C-1 --request {number} --yes --format json");
    let rest = world.dsr(words.split(' ')).ok().json();
    assert!(
        rest["refusal"].is_null() && world.stopped("mycar").contains(&"analytics".to_owned()),
        "{rest:#}"
    );
}

/// A list for calls loses whoever has stopped it, also people who were destroyed; the rest comes back as it was.
#[test]
fn a_call_list_is_scrubbed() {
    let world = World::with_fixtures();
    let run = |line: &str| world.dsr(line.split(' '));
    let _ = run("object --subject ref:C-26 --purpose promotion --identity document --yes").ok();
    let _ = run("revoke --subject ref:C-7 --identity document --yes").ok();
    let _ = run("restrict --subject ref:C-12 --reason disputed --yes").ok();
    let _ = run("request open --right restrict --subject ref:C-11 --channel email").ok();
    let list = "name;Phone;note\r\nA;PHONE26;\"a;b\"\r\nB;+7 (701) 999-99-99;x\r\nC;PHONE7;\r\nD;PHONE12;\r\nE;none;\r\nF;PHONE11;\r\n";
    let phones = [
        ("PHONE26", phone("C-26")),
        ("PHONE7", phone("C-7")),
        ("PHONE12", phone("C-12")),
        ("PHONE11", phone("C-11")),
    ];
    let list = phones.iter().fold(list.to_owned(), |list, (word, phone)| list.replace(word, phone));
    world.write("calls.csv", &list);
    let scrubbed = run("suppress scrub calls.csv --column phone --lang en").ok();
    assert_eq!(scrubbed.stdout, "name;Phone;note\r\nB;+7 (701) 999-99-99;x\r\n", "{}", scrubbed.stderr);
    assert!(scrubbed.stderr.contains("(6)"), "the line that cannot be read: {}", scrubbed.stderr);
    let answer = run("suppress scrub calls.csv --column phone --output clean.csv --format json").ok().json();
    assert_eq!(
        (&answer["kept"], &answer["stopped"], &answer["blocked"], &answer["unreadable"]),
        (&1.into(), &2.into(), &2.into(), &serde_json::json!([6]))
    );
    assert_eq!(std::fs::read_to_string(world.path().join("clean.csv")).unwrap_or_default(), scrubbed.stdout);
    world.write("others.csv", format!("name,phone\nA,{}\nB,+7 701 999 99 99\n", phone("C-22")));
    let others = run("suppress scrub others.csv --column phone --lang en").ok().stdout;
    assert_eq!(others, "name,phone\nB,+7 701 999 99 99\n", "consent withdrawn elsewhere counts too");
    world.write("empty.csv", "");
    let _ = run("suppress scrub empty.csv --column phone").exits(2).says("nothing to read in it");
    let _ = run("suppress scrub calls.csv --column phne").exits(2).says("did you mean `phone`?");
    let _ = run("suppress scrub calls.csv --column phone --purpose promotoin").exits(2).says("promotion");
    let log = run("audit list --format json").ok().json();
    let last = log["entries"].as_array().and_then(|all| all.last().cloned()).unwrap_or_default();
    assert_eq!((&last["command"], &last["state"]), (&"suppress.scrub".into(), &"scrubbed".into()));
    std::fs::remove_file(world.path().join("store.sqlite.key")).unwrap_or_default();
    let _ = run("suppress scrub calls.csv --column phone").exits(6).says("key file");
}

/// The phone of a person of the fixtures, as the file writes it.
fn phone(reference: &str) -> String {
    let text = include_str!("../fixtures/mycar.ndjson");
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let of = |line: &serde_json::Value| line["kind"] == "subject" && line["ref"] == reference;
    let person = lines.into_iter().find(of).unwrap_or_default();
    let names = person["identifiers"].as_array().cloned().unwrap_or_default();
    let phone = names.iter().find(|name| name["type"] == "phone");
    phone.and_then(|phone| phone["value"].as_str()).unwrap_or_default().to_owned()
}
