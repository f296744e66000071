//! Correction from outside: by a document only, evidence annotated, the old value gone, recipients told.

mod common;

use common::{
    World, fixture,
    plan::{list, steps, text},
};

use serde_json::Value;

fn rectify(world: &World, who: &str, set: &str, document: &[&str]) -> common::Run {
    let args =
        ["rectify", "--subject", who, "--set", set, "--identity", "document", "--yes", "--format", "json"];
    world.dsr(args.iter().chain(document))
}

const BY: [&str; 2] = ["--document", "ID card 99-1 of 2026-11-20"];

#[test]
fn without_a_document_nothing_changes() {
    let world = World::with_fixtures();
    let before = world.copy("ref:C-26", "mycar")["records"].clone();
    let plan = rectify(&world, "ref:C-26", "contact.family_name=Новая", &[]).exits(4).json();
    assert_eq!((&plan["decision"], &plan["kept"][0]["rule"]), (&"refuse".into(), &"RF-NODOC".into()));
    assert_eq!((&plan["outcome"]["state"], &plan["already_done"]), (&"waiting".into(), &false.into()));
    assert_eq!(world.copy("ref:C-26", "mycar")["records"], before);
}

#[test]
fn recipients_become_steps_and_the_old_value_is_gone() {
    let world = World::with_fixtures();
    let both = [BY[0], BY[1], "--set", "identity.family_name=Жаңабекова"];
    let run = rectify(&world, "ref:C-26", "contact.family_name=Жаңабекова", &both).ok();
    assert!(!run.stdout.contains("Жаңабекова"), "a plan never shows a value");
    let plan = run.json();
    assert_eq!(steps(&plan)[0], "rectify contact family_name x1 by MC-8.10-rectify");
    assert_eq!(steps(&plan).iter().filter(|step| step.starts_with("notify")).count(), 3);
    assert_eq!(plan["outcome"]["destruction"], "destroyed");
    for file in world.files() {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let old = bytes.windows("Юсупова".len()).any(|window| window == "Юсупова".as_bytes());
        assert!(!old, "the old value is in {}", file.display());
    }
    let copy = world.copy("ref:C-26", "mycar");
    let names = list(&copy["records"]).iter().filter_map(|record| record["data"]["family_name"].as_str());
    assert!(names.clone().any(|name| name == "Жаңабекова"), "{:?}", names.collect::<Vec<_>>());
    let shown = world.dsr(["request", "show", text(&plan["outcome"]["case"])]).ok().stdout;
    assert!(shown.contains("ID card 99-1 of 2026-11-20") && !shown.contains("Жаңабекова"), "{shown}");
    let again = rectify(&world, "ref:C-26", "contact.family_name=Жаңабекова", &BY).ok().json();
    assert_eq!(again["already_done"], true);
}

#[test]
fn a_primary_document_is_annotated_and_the_note_is_told() {
    let world = World::with_fixtures();
    let plan = rectify(&world, "ref:C-1", "contract.amount=12345678", &BY).ok().json();
    assert_eq!(steps(&plan), ["annotate contract amount x1 by RF-RETAIN"]);
    let copy = world.copy("ref:C-1", "mycar");
    let contract = list(&copy["records"]).iter().find(|record| record["category"] == "contract");
    let contract = contract.unwrap_or_else(|| panic!("{copy:#}"));
    assert_ne!(contract["data"]["amount"], 12_345_678, "not overwritten");
    let note = &contract["annotations"][0];
    assert_eq!((&note["field"], &note["says"]), (&"amount".into(), &12_345_678.into()));
    let access = world.dsr(["access", "--subject", "ref:C-1", "--format", "json"]).ok();
    assert!(!access.stdout.contains("12345678"), "an access answer names fields");
    let noted =
        list(&access.json()["records"]).iter().filter(|r| r["annotations"][0]["field"] == "amount").count();
    assert_eq!(noted, 1);
    for format in ["html", "csv"] {
        let copy = world.dsr(["export", "--subject", "ref:C-1", "--format", format]).ok().stdout;
        assert!(copy.contains("12345678"), "{format}");
    }
    let again = rectify(&world, "ref:C-1", "contract.amount=12345678", &BY).ok().json();
    assert_eq!(again["already_done"], true, "{again:#}");
}

#[test]
fn a_correction_survives_the_next_import_and_is_reported() {
    let mut world = World::with_fixtures();
    let _ = rectify(&world, "ref:C-3", "contact.family_name=Семёнова-Лес", &BY).ok();
    world.at("2026-12-15T10:00:00+05:00");
    let later = fixture("mycar-later.ndjson");
    let import = world.dsr(["import", later.to_str().unwrap_or_default(), "--format", "json"]).ok().json();
    let altered = list(&import["altered"]["shown"]).iter().map(|line| text(&line["message"]));
    assert!(altered.clone().any(|line| line.contains("rectified")), "{:?}", altered.collect::<Vec<_>>());
    let copy = world.copy("ref:C-3", "mycar");
    let names = list(&copy["records"]).iter().filter_map(|record| record["data"]["family_name"].as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["Семёнова-Лес"]);
}

#[test]
fn values_come_from_a_file_and_bad_ones_are_not_echoed() {
    let world = World::with_fixtures();
    let _ = world.write("set.json", r#"{"contact.phone": "+7 701 000 00 77"}"#);
    let words = "rectify --subject ref:C-26 --set-file set.json --document D-1";
    let plan = world.does(words).ok().json();
    assert!(steps(&plan)[0].starts_with("rectify contact phone x1"), "{plan:#}");
    assert_eq!(world.id("mycar", "+77010000077"), world.id("mycar", "ref:C-26"), "found by the new number");
    let run = rectify(&world, "ref:C-26", "contact.phone=not-a-phone-9", &BY).exits(2);
    assert!(run.stderr.contains("contact.phone") && !run.stderr.contains("not-a-phone-9"), "{}", run.stderr);
}

/// What a place of people may hold is not said to be held nowhere: it is corrected there, or waits for the document.
#[test]
fn what_a_place_alone_may_hold_is_corrected_there_or_asks_for_the_document() {
    const PLACES: &str = "controllers:\n  mycar:\n    systems:\n      archive: {kind: manual, owner: Room 1, categories: \
                          [contact, vehicle, contract]}\n      calls: {kind: manual, owner: Calls, categories: [vehicle]}\n";
    let subject = r#"{"kind":"subject","ref":"P-1","born":null,"identifiers":[{"type":"phone","value":"+7 701 000 77 01"}]}
{"kind":"record","ref":"R-1","subject":"P-1","category":"account","collected_at":"2026-03-08T10:00+05:00","last_contact_at":null,"document_at":null,"purpose_reached_at":null,"obligation":null,"consent":null,"source":"web_form","given_by":"self","purposes":["service"],"data":{"login":"p1"}}
"#;
    for (asked, decision, steps, kept, gaps) in [
        ("--set vehicle.vin=JTDBT923771234567", "refuse", "", "vehicle archive; vehicle calls", ""),
        (
            "--set vehicle.vin=JTDBT923771234567 --document d-1",
            "grant",
            "correct vehicle.vin (Room 1); correct vehicle.vin (Calls)",
            "",
            "",
        ),
        ("--set contract.number=5", "refuse", "", "contract archive", ""),
        ("--set contract.number=5 --document d-1", "grant", "add a note on contract.number (Room 1)", "", ""),
        ("--set contact.phone=+77010007702", "refuse", "", "contact archive", ""),
        ("--set contact.phone=+77010007702 known", "grant", "correct contact.phone (Room 1)", "", ""),
        ("--set contact.given_name=Anna known", "refuse", "", "contact archive", ""),
        (
            "--set contact.phone=+77010007702 --set vehicle.vin=JTDBT923771234567 known",
            "partial",
            "correct contact.phone (Room 1)",
            "vehicle archive; vehicle calls",
            "",
        ),
        ("--set payment.card=1", "partial", "", "", "payment"),
        (
            "--set payment.card=1 --set vehicle.vin=JTDBT923771234567 --document d-1",
            "partial",
            "correct vehicle.vin (Room 1); correct vehicle.vin (Calls)",
            "",
            "payment",
        ),
        ("--set account.login=p2", "refuse", "", "account own", ""),
        (
            "--set account.login=p2 --set contact.phone=+77010007702 known",
            "partial",
            "correct contact.phone (Room 1)",
            "account own",
            "",
        ),
    ] {
        let world = World::with_store("mycar");
        world.write("dsr.yaml", PLACES);
        world.write("one.ndjson", subject);
        let _ = world.types("import one.ndjson").ok();
        let method = if asked.ends_with("known") { "known_contact" } else { "document" };
        let asked = asked.trim_end_matches(" known");
        let line = format!("rectify --subject ref:P-1 --identity {method} {asked} --yes --format json");
        let run = world.types(&line).exits(if decision == "refuse" { 4 } else { 0 });
        let plan = run.json();
        let told = |key: &str, one: &dyn Fn(&Value) -> String| {
            let all = plan[key].as_array().cloned().unwrap_or_default();
            all.iter().map(one).collect::<Vec<_>>().join("; ")
        };
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert_eq!(
            (
                word(&plan["decision"]).as_str(),
                told("steps", &|step| word(&step["about"][0])).as_str(),
                told("kept", &|kept| format!("{} {}", word(&kept["category"]), word(&kept["system"])))
                    .as_str(),
                told("gaps", &|gap| word(&gap["category"])).as_str(),
            ),
            (decision, steps, kept, gaps),
            "{asked}: {plan:#}"
        );
        let waits = plan["waits"].as_array().map_or(0, Vec::len);
        assert_eq!(waits, usize::from(!kept.is_empty()), "{asked}");
        if decision == "refuse" {
            let letter = world.types("request letter 2026-000001 --lang en").ok().stdout;
            assert!(letter.contains("document that confirms"), "{asked}: {letter}");
            assert!(!letter.contains("nothing of this category"), "{asked}: {letter}");
            let more =
                format!("rectify --subject ref:P-1 --request 2026-000001 {asked} --document d-2 --yes");
            let _ = world.types(&more).ok();
        }
    }
}
