//! What an auditor takes away: the journal line by line, an act to be signed, the compliance report to be printed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;
use serde_json::Value;

/// Two requests that end, one that is late, an erasure and a withdrawal.
fn world() -> World {
    let mut world = World::with_fixtures();
    let day = |world: &mut World, day: &str| {
        let _ = world.at(&format!("{day}T10:00"));
    };
    let run = |world: &World, args: &str| drop(world.dsr(args.split(' ')).ok());
    day(&mut world, "2026-11-23");
    run(
        &world,
        "request open --right access --subject ref:C-1 --received 2026-11-20 --channel registered_letter --tracking RR-1",
    );
    run(&world, "access --subject ref:C-1 --request 2026-000001 --identity document");
    run(&world, "request open --right erase --subject ref:C-2");
    run(&world, "erase --subject ref:C-7 --identity document --yes --category contact");
    day(&mut world, "2026-11-27");
    run(&world, "request answer 2026-000001 --channel email --number 01-17");
    run(&world, "request refuse 2026-000002 --ground RF-ID --facts asked --signed-by Officer");
    run(&world, "request answer 2026-000002 --channel email --number 01-18");
    run(&world, "restrict --subject ref:C-16 --reason disputed --yes");
    run(&world, "revoke --subject ref:C-5 --identity document --yes");
    world
}

fn list(world: &World, args: &str, list: &str) -> Vec<Value> {
    let json = world.dsr(args.split(' ').chain(["--format", "json"])).ok().json();
    json[list].as_array().cloned().unwrap_or_default()
}

fn cells(row: &Value, columns: &[&str]) -> String {
    let cell = |column: &&str| match &row[*column] {
        Value::String(text) => text.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"),
        other => other.to_string(),
    };
    columns.iter().map(cell).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_journal_tells_what_was_decided_and_why_it_is_late() {
    let world = world();
    let rows = list(&world, "report register", "cases");
    let told = |columns: &[&str]| rows.iter().map(|row| cells(row, columns)).collect::<Vec<_>>();
    assert_eq!(
        told(&[
            "number",
            "right",
            "state",
            "decision",
            "refusal",
            "overdue_reason",
            "actions",
            "answer_number"
        ]),
        [
            "2026-000001 access answered grant null answered_late access 01-17",
            "2026-000002 erase refused refuse RF-ID null  01-18",
            "2026-000003 erase executed grant null null erase null",
            "2026-000004 restrict executed grant null null restrict null",
            "2026-000005 revoke executed partial null null revoke null",
        ]
    );
    assert_eq!(told(&["scope", "start_event", "executor"])[2], "contact receipt unnamed");
    assert_eq!(told(&["executor", "answered"])[1], "Officer 2026-11-27T10:00:00+05:00");
    assert_eq!(told(&["blocked_from", "blocked_to"])[3], "2026-11-27T10:00:00+05:00 null");
    assert!(rows[0]["rules"].as_array().is_some_and(|rules| rules.len() == 2), "law and policy: {}", rows[0]);
}

#[test]
fn an_act_is_printed_in_three_languages_without_a_value() {
    let world = world();
    let act =
        |args: &str| world.dsr(format!("report destruction --act A-2026-000002 {args}").split(' ')).ok();
    let json = act("--format json").json();
    assert_eq!((&json["case"], &json["right"]), (&"2026-000005".into(), &"revoke".into()));
    assert!(json["biometric"].is_u64() && json["scan"]["clean"] == true, "{json}");
    assert!(json["basis"][0]["clause"].is_string(), "{json}");
    for (lang, title, chair) in [
        ("en", "Act of destruction", "Chair"),
        ("ru", "Акт об уничтожении", "Председатель"),
        ("kk", "жою туралы акт", "Төраға"),
    ] {
        let page = act(&format!("--format html --lang {lang}")).stdout;
        assert!(page.contains(title) && page.contains(chair), "{lang}");
        assert!(page.contains("default-src 'none'") && !page.contains("<script"), "{lang}");
        assert_eq!(page.matches("class=\"line\"").count(), 1 + 3 * 3, "a place and three who sign: {lang}");
    }
    let csv = act("--format csv").stdout;
    let parts: Vec<&str> = csv.lines().filter_map(|line| line.split('"').nth(1)).collect();
    assert!(
        ["part", "act", "basis", "category", "not_reached"].iter().all(|part| parts.contains(part)),
        "{csv}"
    );
    let _ = world
        .dsr(["report", "destruction", "--act", "A-2026-000099"])
        .exits(3)
        .says("dsr report destruction");
    let strange = ["report", "destruction", "--act", "A-2026-000001", "--controller", "automaster"];
    let _ = world.dsr(strange).exits(2).says("--controller mycar");
}

/// Whatever opened it: while it is pending an act claims nothing, finished it names the level and what that does not
/// reach, to a machine and on paper in three languages.
#[test]
fn every_act_names_its_level_and_what_that_does_not_reach() {
    let world = World::with_fixtures();
    let run = |args: &str| drop(world.dsr(args.split(' ')).ok());
    let acts = || world.dsr(["report", "destruction", "--format", "json"]).ok().json()["acts"].clone();
    run("backup b.sqlite");
    run("erase --subject ref:C-7 --identity document --yes --defer-destruction");
    assert_eq!((&acts()[0]["state"], &acts()[0]["level"]), (&"pending".into(), &Value::Null));
    run("sanitize");
    run("erase --subject ref:C-8 --identity document --plan-out plan.json");
    run("apply plan.json --yes");
    run("revoke --subject ref:C-5 --identity document --yes");
    run(
        "rectify --subject ref:C-2 --set contact.phone=87019998877 --document letter --identity document --yes",
    );
    run("purge-expired --enable --max-share 100");
    run("restore b.sqlite --yes");
    let all = acts();
    let all = all.as_array().unwrap();
    let of = |which: &dyn Fn(&Value) -> bool| all.iter().filter(|act| which(act)).count();
    assert!(of(&|act| !act["case"].is_null()) >= 4 && of(&|act| !act["run"].is_null()) >= 1, "{all:#?}");
    assert!(of(&|act| act["case"].is_null() && act["run"].is_null()) >= 1, "of the restore: {all:#?}");
    for act in all {
        let number = act["number"].as_str().unwrap();
        let shown = |args: &str| {
            world.dsr(format!("report destruction --act {number} {args}").split(' ')).ok().stdout
        };
        let one: Value = serde_json::from_str(&shown("--format json")).unwrap();
        for act in [act, &one] {
            assert_eq!((&act["state"], &act["level"]), (&"destroyed".into(), &LEVEL.into()), "{number}");
            let beyond = act["not_reached"].to_string();
            assert!(NOT_REACHED[0].iter().all(|place| beyond.contains(place)), "{number}: {beyond}");
        }
        let csv = shown("--format csv");
        assert!(csv.contains(LEVEL) && csv.matches("not_reached").count() >= 5, "{number}: {csv}");
        for (lang, places) in ["en", "ru", "kk"].into_iter().zip(NOT_REACHED) {
            for format in ["table", "html"] {
                let page = shown(&format!("--format {format} --lang {lang}"));
                let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
                let lost: Vec<_> = places.iter().filter(|place| !page.contains(**place)).collect();
                assert!(page.contains(LEVEL) && lost.is_empty(), "{number} {lang} {format}: {lost:?} {page}");
            }
        }
    }
}

const LEVEL: &str = "NIST SP 800-88 Clear";

/// In three languages.
const NOT_REACHED: [[&str; 4]; 3] = [
    ["backups", "file-system snapshots", "spare blocks of an SSD", "copies handed out"],
    ["резервные копии", "снимки файловой системы", "резервные блоки SSD", "выданные копии"],
    ["сақтық көшірмелер", "файлдық жүйенің суреттері", "SSD қосалқы блоктары", "берілген көшірмелер"],
];

#[test]
fn no_report_shows_a_value_or_writes_to_the_store() {
    let world = world();
    let before = world.bytes();
    let names = [
        "register",
        "deadlines",
        "destruction",
        "disclosures",
        "consents",
        "inventory",
        "retention",
        "suppression",
        "compliance",
    ];
    for name in names {
        for format in ["table", "json", "csv", "ndjson"] {
            let said = world.dsr(["report", name, "--format", format]).ok().stdout;
            for value in ["900101", "+7 701", "87010", "Асель", "Омаров", "@"] {
                assert!(!said.contains(value), "{name} {format} shows `{value}`");
            }
        }
    }
    assert!(world.bytes() == before, "a report only reads");
}

#[test]
fn the_compliance_report_is_drawn() {
    let world = world();
    let _ = world
        .dsr(["report", "compliance", "--from", "2026-11-01", "--lang", "ru", "--output", "c.html"])
        .ok();
    let page = std::fs::read_to_string(world.path().join("c.html")).unwrap_or_default();
    assert!(page.contains("<svg") && page.contains("default-src 'none'"), "{page}");
    assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("http://"), "{page}");
    let bars = page.matches("<rect ").count();
    assert_eq!(bars, page.matches("</title></rect>").count(), "every bar says its number");
    assert!(bars >= 4, "in time, late, open and destroyed: {bars}");
    let row = &list(&world, "report compliance --from 2026-11-01 --controller mycar", "months")[0];
    assert_eq!(
        cells(row, &["received", "in_time", "late", "open", "median_days", "worst_days"]),
        "5 1 1 3 4 5"
    );
    let _ = world.dsr(["report", "compliance", "--output", "c.html"]).exits(2).says("c.html");
    let _ = world.dsr(["report", "register", "--format", "html"]).exits(2).says("html");
}

#[test]
fn the_inventory_names_what_is_not_held_too() {
    let world = world();
    let rows = list(&world, "report inventory --controller mycar", "categories");
    let of =
        |category: &str| rows.iter().find(|row| row["category"] == category).cloned().unwrap_or_default();
    assert_eq!(cells(&of("biometric"), &["sensitivity", "personal", "excess"]), "biometric true false");
    assert_eq!(of("unlisted")["excess"], true);
    let none = list(&world, "report inventory --controller mycar --from 2026-11-22", "categories");
    assert!(
        none.len() == rows.len() && none.iter().all(|row| row["records"] == 0 && row["oldest"].is_null())
    );
    assert!(rows.iter().all(|row| row["people"].as_u64() <= row["records"].as_u64()));
    let documents = |row: &Value| row["rules"].to_string().contains("TAX");
    assert!(documents(&of("contract")) && !documents(&of("cookie")), "a tax term needs a document");
    // What a policy and a law demand alike is said once.
    for row in &list(&world, "report inventory --controller automaster", "categories") {
        let terms: Vec<&str> = row["storage"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let once: std::collections::BTreeSet<&&str> = terms.iter().collect();
        assert_eq!(once.len(), terms.len(), "{row:#}");
    }
}

#[test]
fn transfers_and_consents() {
    let world = world();
    let transfers = list(&world, "report disclosures --from 2026-06-13 --to 2026-06-13", "transfers");
    let columns = ["at", "country", "cross_border", "categories", "basis", "notice_due"];
    let told: Vec<String> = transfers.iter().map(|row| cells(row, &columns)).collect();
    assert_eq!(told, ["2026-06-13T12:00:00+05:00 KZ false contact|identity contract 2026-06-26"]);
    let abroad = list(&world, "report disclosures", "transfers");
    assert!(abroad.iter().all(|row| (row["country"] == "KZ") != (row["cross_border"] == true)));
    let consents = list(&world, "report consents --controller mycar", "consents");
    assert!(consents.iter().all(|row| row["bin"] == "191140031171" && row["evidence"].is_boolean()));
    assert!(consents.iter().any(|row| row["withdrawn_at"].is_string() && row["in_force"] == false));
    // Clause 8.5 ends a cookie consent after 13 months, on the day on which what rests on it is due.
    let cookies: Vec<String> = consents
        .iter()
        .filter(|row| row["scope"] == "cookie")
        .map(|row| cells(row, &["given_at", "in_force"]))
        .collect();
    let in_force = [
        "2025-01-31T21:00:00+05:00 false",
        "2025-10-22T08:00:00+05:00 false",
        "2025-10-23T08:00:00+05:00 false",
        "2025-02-28T10:00:00+05:00 false",
        "2026-05-01T09:00:00+05:00 true",
    ];
    assert_eq!(cookies, in_force);
}
