//! Requests of people whom the store does not know, and of people whose identity nobody checked: nothing is destroyed by
//! hand for them, what is done all the same is told, and a step that nobody needs any more stands in nobody's way.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, line::flat};
use serde_json::Value;

const OFFICE: &str = include_str!("letters/dsr.yaml");

const PLACES: &str = "    systems:
      archive: {kind: manual, owner: \"Archive, room 12\", categories: [contract, identity_document]}
      calls: {kind: manual, owner: Call centre, categories: [correspondence]}
";

/// Somebody of whom nobody here has heard.
const NOBODY: &str = "iin:000229599999";
const FIRST: &str = "2026-000001";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", format!("{OFFICE}{PLACES}"));
    world
}

fn orders(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| format!("{}: {}", step["system"].as_str().unwrap(), step["about"][0].as_str().unwrap()))
        .collect()
}

fn letter(world: &World, line: &str) -> String {
    let letter = world.types(line).ok().stdout;
    assert!(!letter.contains("letter-"), "a key without its word in\n{letter}");
    flat(&letter)
}

/// What a letter says between its title and who may be complained to, without numbers and days.
fn said(letter: &str, from: &str) -> String {
    let body = letter.split_once(from).map(|(_, body)| format!("{from}{body}")).unwrap_or_default();
    let body = body.split("____").next().unwrap_or_default().to_owned();
    assert!(!body.is_empty(), "{from:?} is not in\n{letter}");
    body
}

#[test]
fn nobody_destroys_by_hand_for_somebody_who_is_not_recognised() {
    let world = office();
    let stops = |what: &str| {
        [("archive", "Archive, room 12"), ("calls", "Call centre")]
            .map(|(place, owner)| {
                format!("{place}: look the person up and stop the purposes: {what} ({owner})")
            })
            .to_vec()
    };
    let all = || {
        vec![
            "archive: look the person up and destroy what no law keeps (Archive, room 12)".to_owned(),
            "calls: look the person up and destroy what no law keeps (Call centre)".to_owned(),
        ]
    };
    let some = || {
        vec![
            "archive: look the person up and destroy what no law keeps: contract (Archive, room 12)"
                .to_owned(),
        ]
    };
    let both = || [stops("promotion"), stops("analytics, fraud")].concat();
    for (line, exit, decision, expected) in [
        ("erase", 4, "refuse", vec![]),
        ("erase --category contract", 4, "refuse", vec![]),
        ("erase --identity known_contact", 4, "refuse", vec![]),
        ("erase --representative Агент --authority 7 --identity document", 4, "refuse", vec![]),
        ("erase --identity document", 0, "grant", all()),
        ("erase --category contract --identity document", 0, "grant", some()),
        ("revoke", 4, "partial", stops("promotion")),
        ("revoke --purpose analytics", 4, "refuse", vec![]),
        ("revoke --identity document", 0, "grant", all()),
        ("revoke --purpose analytics --identity document", 0, "grant", stops("analytics")),
        ("object", 4, "partial", stops("promotion")),
        ("object --identity document", 0, "grant", both()),
        ("object --purpose promotion", 0, "grant", stops("analytics.surveys, promotion")),
        ("object --lift --identity document", 0, "grant", vec![]),
    ] {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let shown = world.types(&format!("{command} --subject {NOBODY} {rest} --dry-run --format json"));
        let plan = shown.exits(exit).json();
        assert_eq!((plan["decision"].as_str(), orders(&plan)), (Some(decision), expected), "{line}");
        assert_eq!(plan["refusal"]["ground"].as_str(), (exit == 4).then_some("RF-ID"), "{line}");
    }
    let _ = world
        .types(&format!("erase --subject {NOBODY} --category contrct --dry-run"))
        .exits(2)
        .says("contract");
}

#[test]
fn somebody_known_of_whom_nothing_is_left_to_stop_has_nothing_destroyed_by_hand_either() {
    let world = office();
    world.write(
        "dsr.yaml",
        "controllers:\n  automaster:\n    systems:\n      boxes: {kind: manual, owner: Archive, categories: [contact]}\n",
    );
    let line =
        r#"{"kind":"subject","ref":"X-1","identifiers":[{"type":"phone","value":"8 (701) 000-99-01"}]}"#;
    world.write("x.ndjson", line);
    let of = |line: &str| world.types(&format!("{line} --controller automaster"));
    let _ = of("import x.ndjson").ok();
    let _ = of("object --subject ref:X-1 --identity document --yes").ok();
    let plan = of("revoke --subject ref:X-1 --dry-run --format json").exits(4).json();
    assert_eq!((orders(&plan), &plan["refusal"]["ground"]), (vec![], &Value::from("RF-ID")), "{plan:#}");
    let plan = of("revoke --subject ref:X-1 --identity document --dry-run --format json").ok().json();
    assert!(orders(&plan).contains(&"boxes: destroy contact (Archive)".to_owned()), "{plan:#}");
}

#[test]
fn once_it_is_known_who_asks_the_rest_is_ordered_and_its_act_says_what_was_found() {
    let world = office();
    let _ = world.types(&format!("revoke --subject {NOBODY} --yes")).exits(4);
    let _ = world.types(&format!("request done {FIRST} --step 1 --nothing --evidence 'folder 7'")).ok();
    let _ = world
        .types(&format!("request done {FIRST} --step 2 --found --evidence 'call 12' --actor 'B. Clerk'"))
        .ok();
    let _ = world
        .types(&format!("request resume {FIRST} --yes"))
        .exits(3)
        .says("again: dsr revoke --subject SEL --request");
    let verified =
        world.types(&format!("request verify {FIRST} --identity document --format json")).ok().json();
    assert_eq!(verified["next"], format!("dsr revoke --subject SEL --request {FIRST}"));
    let plan =
        world.types(&format!("revoke --subject {NOBODY} --request {FIRST} --yes --format json")).ok().json();
    assert_eq!(orders(&plan).len(), 2, "{plan:#}");
    let _ = world
        .types(&format!(
            "request done {FIRST} --step 3 --found --evidence 'contract 12, shredded' --actor 'B. Clerk'"
        ))
        .ok();
    let _ = world.types(&format!("request done {FIRST} --step 4 --nothing --evidence 'list of 2026'")).ok();
    let act = world.types("report destruction --act A-2026-000001 --format json").ok().json();
    let told = |name: &str| {
        act["duties"].as_array().unwrap().iter().map(|duty| duty[name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("found"), [true, false], "{act:#}");
    assert_eq!(
        (told("evidence")[0].as_str(), told("by")[0].as_str()),
        (Some("contract 12, shredded"), Some("B. Clerk"))
    );
    for (format, parts) in [
        ("table", ["found, contract 12, shredded", "B. Clerk", "nothing found, list of 2026"]),
        (
            "csv",
            [
                "\"evidence\",\"archive\",\"contract 12, shredded\"",
                "\"by\",\"archive\",\"B. Clerk\"",
                "\"found\",\"calls\",\"nothing\"",
            ],
        ),
        ("html", ["found, contract 12, shredded", "B. Clerk", "nothing found, list of 2026"]),
    ] {
        let page = world
            .types(&format!("report destruction --act A-2026-000001 --lang en --format {format}"))
            .ok()
            .stdout;
        let page = flat(&page);
        parts.into_iter().for_each(|part| assert!(page.contains(part), "{part} is not in {page}"));
    }
    let letter = letter(&world, &format!("request letter {FIRST} --lang en"));
    assert!(letter.contains("A-2026-000001") && letter.contains("contract 12, shredded"), "{letter}");
}

#[test]
fn a_refusal_tells_what_was_done_all_the_same_and_not_whether_anybody_is_known() {
    for (lang, title, parts) in [
        (
            "ru",
            "МОТИВИРОВАННЫЙ ОТКАЗ В ЧАСТИ",
            [
                "Часть его исполнена",
                "- реклама",
                "ПРОВЕРЕНО И СДЕЛАНО ВРУЧНУЮ - archive: 22.11.2026 - calls: 22.11.2026",
                "всё остальное, о чём просит",
            ],
        ),
        (
            "kk",
            "ӨТІНІШТІҢ БІР БӨЛІГІНЕН",
            [
                "бір бөлігі орындалды",
                "- жарнама",
                "archive: 22.11.2026 - calls: 22.11.2026",
                "қалғанының бәрі",
            ],
        ),
        (
            "en",
            "REASONED REFUSAL OF PART",
            [
                "Part of it has been carried out",
                "- promotion",
                "CHECKED AND DONE BY HAND - archive: ",
                "all else that the request",
            ],
        ),
    ] {
        let world = office();
        let refused = |number: &str, who: &str, came: &str| {
            let _ = world.types(&format!("revoke --subject {who} --yes --lang {lang}")).exits(4);
            let shown = world.types(&format!("request show {number} --format json")).ok().json();
            for duty in shown["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "manual") {
                let step = &duty["step"];
                let _ = world
                    .types(&format!("request done {number} --step {step} {came} --evidence 'card 12'"))
                    .ok();
            }
            let refuse = format!(
                "request refuse {number} --ground RF-ID --facts 'no answer' --signed-by 'A. Officer'"
            );
            let _ = world.types(&refuse).ok();
            letter(&world, &format!("request letter {number} --lang {lang}"))
        };
        let stranger = refused(FIRST, NOBODY, "--found");
        parts.iter().for_each(|part| assert!(stranger.contains(part), "{part:?} is not in\n{stranger}"));
        assert!(!stranger.contains("card 12"), "what was found is nothing for a stranger\n{stranger}");
        let known = refused("2026-000002", "ref:C-1", "");
        assert_eq!(said(&stranger, title), said(&known, title), "{lang}");
        let _ = world.types(&format!("request answer {FIRST} --channel email")).ok();
    }
}

#[test]
fn what_people_destroyed_is_told_also_where_the_identity_fell_afterwards() {
    let world = office();
    let _ = world.types(&format!("erase --subject {NOBODY} --identity document --yes --lang en")).ok();
    let _ = world.types(&format!("request done {FIRST} --step 1 --found --evidence 'contract 12'")).ok();
    let _ = world.types(&format!("request done {FIRST} --step 2 --nothing --evidence 'calls'")).ok();
    let _ =
        world.types(&format!("request verify {FIRST} --identity document --failed 'of somebody else'")).ok();
    let _ = world
        .types(&format!("request refuse {FIRST} --ground RF-ID --facts 'no answer' --signed-by 'A. Officer'"))
        .ok();
    let letter = letter(&world, &format!("request letter {FIRST} --lang en"));
    for part in ["Part of it has been carried out", "A-2026-000001", "archive: ", "all else that the request"]
    {
        assert!(letter.contains(part), "{part:?} is not in\n{letter}");
    }
    assert!(!letter.contains("contract 12"), "{letter}");
}

#[test]
fn whoever_wants_no_more_messages_gets_the_same_letter_known_or_not() {
    let world = office();
    let told = |number: &str, who: &str, came: &str| {
        let _ = world
            .types(&format!("request open --right opt_out --subject {who} --channel email --lang ru"))
            .ok();
        let _ = world.types(&format!("object --subject {who} --request {number} --yes")).ok();
        let shown = world.types(&format!("request show {number} --format json")).ok().json();
        for duty in shown["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "manual") {
            let step = &duty["step"];
            let _ =
                world.types(&format!("request done {number} --step {step} {came} --evidence 'card 12'")).ok();
        }
        let letter = letter(&world, &format!("request letter {number}"));
        let _ = world.types(&format!("request answer {number} --channel email")).ok();
        said(&letter, "ВАШЕ ВОЗРАЖЕНИЕ ИСПОЛНЕНО").replace(number, "NO")
    };
    let nothing = told(FIRST, NOBODY, "--nothing");
    assert!(nothing.contains("- реклама - опросы"), "{nothing}");
    for (number, who, came) in
        [("2026-000002", "iin:991230599981", "--found"), ("2026-000003", "ref:C-26", "")]
    {
        assert_eq!(told(number, who, came), nothing, "{who}");
    }
}

/// Also where the messages were named: what stopped is told, and nobody learns whether there was anything to stop.
#[test]
fn whoever_names_messages_gets_the_same_letter_known_or_not() {
    for (purpose, stopped) in [("promotion", "поэтому прекращено и то"), ("promotion.sms", "касается только")]
    {
        let world = World::with_fixtures();
        world.write("dsr.yaml", OFFICE);
        let told = |number: &str, who: &str, more: &str| {
            let object = format!("object --subject {who} --purpose {purpose} --channel email --lang ru");
            let _ = world.types(&format!("{object} {more} --yes")).ok();
            let letter = letter(&world, &format!("request letter {number}"));
            let _ = world.types(&format!("request answer {number} --channel email")).ok();
            said(&letter, "ВАШЕ ВОЗРАЖЕНИЕ ИСПОЛНЕНО").replace(number, "NO")
        };
        let nothing = told(FIRST, NOBODY, "");
        assert!(nothing.contains(stopped), "{nothing}");
        assert_eq!(nothing.contains("опросы"), purpose == "promotion", "{nothing}");
        assert_eq!(told("2026-000002", "ref:C-26", ""), nothing, "a client");
        assert_eq!(told("2026-000003", "ref:C-26", ""), nothing, "one of whom all was stopped before");
        assert_eq!(told("2026-000004", NOBODY, "--identity document"), nothing, "a stranger with a document");
    }
}

/// A withdrawal that nobody is confirmed for stops messages for anybody: its refusal says the same to a stranger and a
/// client, with places and without; what was taken back did not happen there, and what stopped here did.
#[test]
fn whoever_is_not_confirmed_reads_one_refusal_known_or_not() {
    for (places, recalled) in [(false, false), (true, false), (true, true)] {
        let world = if places { office() } else { World::with_fixtures() };
        let told = |number: &str, who: &str| {
            let _ = world.types(&format!("revoke --subject {who} --yes"));
            let shown = world.types(&format!("request show {number} --format json")).ok().json();
            for duty in shown["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "manual") {
                let how = match recalled {
                    true => "--recall 'nobody went there' --signed-by 'A. Officer'".to_owned(),
                    false if duty["task"].as_str().unwrap().contains("look") => {
                        "--nothing --evidence 'card 12'".into()
                    }
                    false => "--evidence 'card 12'".into(),
                };
                let _ = world.types(&format!("request done {number} --step {} {how}", duty["step"])).ok();
            }
            let signed = "--ground RF-ID --facts 'no answer' --signed-by 'A. Officer'";
            let _ = world.types(&format!("request refuse {number} {signed}")).ok();
            let letter = letter(&world, &format!("request letter {number} --lang ru"));
            said(&letter, "МОТИВИРОВАННЫЙ ОТКАЗ").replace(number, "NO")
        };
        let stranger = told(FIRST, NOBODY);
        assert_eq!(told("2026-000002", "ref:C-26"), stranger, "{places} {recalled}");
        assert!(stranger.contains("- реклама"), "{places} {recalled}: {stranger}");
        assert_eq!(stranger.contains("там вашу просьбу никто не выполнил"), recalled, "{stranger}");
    }
}

#[test]
fn a_step_that_nobody_did_is_taken_back_with_a_reason_and_a_signature() {
    let world = office();
    let _ = world.types(&format!("access --subject {NOBODY}")).ok();
    let refuse =
        format!("request refuse {FIRST} --ground RF-ID --facts 'no answer' --signed-by 'A. Officer'");
    let recall = |step: u32, rest: &str| {
        world.types(&format!("request done {FIRST} --step {step} --recall 'never confirmed' {rest}"))
    };
    // One meaning, one code, and what to type.
    for line in [&refuse, &format!("request cancel {FIRST}")] {
        let barred = world.types(line).exits(4);
        let _ = barred.says("while step 1 by hand is open").says("--recall WHY --signed-by NAME");
    }
    let _ = world.types(&format!("request letter {FIRST}")).exits(4).says("step 1 of case");
    let _ = recall(1, "").exits(2).says("--signed-by");
    let _ = recall(1, "--signed-by cron").exits(2).says("no person");
    let _ = recall(1, "--signed-by 'A. Officer' --evidence 'act 12'").exits(2);
    let _ = recall(9, "--signed-by 'A. Officer'").exits(2).says("no open step 9");
    let case = recall(1, "--signed-by 'A. Officer' --format json").ok().json();
    let duty = &case["duties"][0];
    assert_eq!(
        (&duty["recalled"], &duty["by"], &duty["evidence"]),
        (&Value::Bool(true), &"A. Officer".into(), &"never confirmed".into())
    );
    let _ = recall(1, "--signed-by 'A. Officer'").exits(2).says("no open step 1");
    let _ = recall(2, "--signed-by 'A. Officer'").ok();
    // Nobody looked: nothing says that anybody did.
    let answer =
        world.types(&format!("access --subject {NOBODY} --request {FIRST} --format json")).ok().json();
    assert_eq!(answer["searched"]["by_hand"], serde_json::json!(["archive", "calls"]), "{answer:#}");
    let case = world.types(&format!("request show {FIRST} --format json")).ok().json();
    let open = |duty: &&Value| duty["done"].is_null();
    assert_eq!(
        case["duties"].as_array().unwrap().iter().filter(open).count(),
        2,
        "asked again, they are ordered anew"
    );
    for step in [3, 4] {
        let _ = recall(step, "--signed-by 'A. Officer'").ok();
    }
    let _ = world
        .types(&format!("request answer {FIRST} --channel email --number 7"))
        .exits(4)
        .says("was taken back");
    let _ = world.types(&refuse).ok();
    let told = letter(&world, &format!("request letter {FIRST} --lang en"));
    assert!(told.contains("cannot carry it out") && !told.contains("archive: "), "{told}");
    let _ = world.types(&format!("request answer {FIRST} --channel email")).ok();
}

#[test]
fn what_was_taken_back_is_not_told_as_done() {
    let world = office();
    let _ = world.types("erase --subject ref:C-1 --identity document --yes").ok();
    let show = || world.types(&format!("request show {FIRST} --format json")).ok().json();
    let open = || {
        let case = show();
        let open = case["duties"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|duty| duty["kind"] == "manual" && duty["done"].is_null());
        open.map(|duty| duty["step"].to_string()).collect::<Vec<_>>()
    };
    for step in open() {
        let _ = world
            .types(&format!(
                "request done {FIRST} --step {step} --recall 'hers is another box' --signed-by 'A. Officer'"
            ))
            .ok();
    }
    for line in
        ["letter", "answer --channel email --number 7", "letter --kind erasure", "letter --kind partial"]
    {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let refused = world.types(&format!("request {command} {FIRST} {rest}"));
        assert!(refused.code == 4 || refused.code == 2, "{line}: {}", refused.stderr);
    }
    let next = show()["next"].as_str().unwrap().to_owned();
    assert_eq!(next, format!("dsr request resume {FIRST}"));
    let _ = world
        .types(&format!(
            "request refuse {FIRST} --ground RF-SCOPE --facts 'another box' --signed-by 'A. Officer'"
        ))
        .ok();
    let told = letter(&world, &format!("request letter {FIRST} --lang en"));
    assert!(told.contains("Part of it has been carried out") && told.contains("A-2026-000001"), "{told}");
}

/// A correction or a check of somebody whom only people know is no dead end: each command that is named leads on.
#[test]
fn whom_only_people_know_is_entered_before_anything_is_corrected_or_blocked() {
    for (right, command) in [
        ("rectify", "rectify --subject NOBODY --set contact.phone=87019998877 --document 'card 7' --yes"),
        ("restrict", "restrict --subject NOBODY --reason disputed --yes"),
    ] {
        let world = office();
        let command = command.replace("NOBODY", NOBODY);
        let open = format!("dsr request open --right {right} --channel CHANNEL");
        let _ = world.types(&command).exits(3).says(&open).says("dsr import FILE");
        let _ = world.types(&command).exits(3).says("--request NO");
        let _ = world.types(&format!("request open --right {right} --channel email")).ok();
        let _ = world.types(&format!("request verify {FIRST} --identity document")).ok();
        let again = format!("{command} --request {FIRST}");
        let _ = world.types(&again).exits(3).says("type the command again");
        let number = NOBODY.strip_prefix("iin:").unwrap();
        let found = format!(
            r#"{{"kind":"subject","ref":"P-1","born":null,"identifiers":[{{"type":"iin","value":"{number}"}}]}}
{{"kind":"record","ref":"R-1","subject":"P-1","category":"contact","collected_at":"2025-05-01T10:00+05:00","source":"paper","given_by":"self","purposes":["service"],"data":{{"phone":"87010000001"}}}}
"#
        );
        world.write("found.ndjson", found);
        let _ = world.types("import found.ndjson").ok();
        let _ = world.types(&again).ok();
        let shown = || world.types(&format!("request show {FIRST} --format json")).ok().json();
        for _ in 0..8 {
            let next = shown()["next"].as_str().unwrap_or_default().to_owned();
            let next =
                next.replace("--output FILE", "").replace("TEXT", "'card 7'").replace("CHANNEL", "email");
            if next.is_empty() {
                break;
            }
            let _ = world.types(next.strip_prefix("dsr ").unwrap()).ok();
        }
        assert_eq!(shown()["state"], "answered", "{right}");
    }
    // Where no system is kept by people there is nobody to enter.
    let world = World::with_fixtures();
    let hint = world.types(&format!("restrict --subject {NOBODY} --reason disputed --yes")).exits(3);
    assert!(!hint.stderr.contains("dsr import"), "{}", hint.stderr);
}
