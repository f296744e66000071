//! What letters and next commands tell of a case: what happened in it, as it stands now.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;
use serde_json::Value;

const OFFICE: &str = include_str!("letters/dsr.yaml");
const ADVERTISER: &str = r#"{"kind":"disclosure","ref":"D-9901","subject":"C-4","recipient":"Example Media","country":"KZ","categories":["technical"],"purpose":"promotion.targeted","basis":"purpose","at":"2026-09-11T10:00+05:00"}"#;

fn office(more: &str) -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", format!("{OFFICE}{more}"));
    world
}

/// Runs a command line; `~` stands for a blank.
fn run(world: &World, line: &str) -> common::Run {
    world.dsr(line.split(' ').map(|word| word.replace('~', " ")))
}

fn text(world: &World, line: &str) -> String {
    let letter = run(world, line).ok().stdout;
    letter.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(world: &World, number: &str) -> Value {
    run(world, &format!("request show {number} --format json")).ok().json()
}

/// Does every open task and step by hand.
fn all_done(world: &World, number: &str) {
    let case = shown(world, number);
    let open = case["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] != "tell");
    for duty in open.filter(|duty| duty["done"].is_null()) {
        let _ = run(world, &format!("request done {number} --step {} --evidence done", duty["step"])).ok();
    }
}

#[test]
fn what_people_found_is_told() {
    let paper = "    systems:\n      paper: {kind: manual, owner: Archive, categories: [contract]}\n";
    let world = office(paper);
    let _ = run(&world, "access --subject iin:000229599999 --identity document --lang ru").ok();
    let done = "request done 2026-000001 --step 1 --evidence договор~12";
    assert!(shown(&world, "2026-000001")["next"].as_str().unwrap().contains("--found|--nothing"));
    let _ = run(&world, done).exits(2).says("say what came of it");
    let _ = run(&world, &format!("{done} --found")).ok();
    assert_eq!(shown(&world, "2026-000001")["duties"][0]["found"], true);
    let again = "access --subject iin:000229599999 --request 2026-000001";
    for (form, nothing, found) in [
        ("--lang ru", "не хранятся", "Найдено вручную: paper: договор 12."),
        ("--lang kk --format html", "сақталмайды", "Қолмен табылды: paper: договор 12."),
    ] {
        let answer = text(&world, &format!("{again} {form}"));
        assert!(answer.contains(found) && !answer.contains(nothing), "{answer}");
    }
    let answer = run(&world, &format!("{again} --format json")).ok().json();
    let found = serde_json::json!([{"system": "paper", "says": "договор 12"}]);
    assert_eq!(answer["searched"]["found"], found, "{answer}");
    let letter = text(&world, "request letter 2026-000001");
    assert!(letter.contains("paper: договор 12") && !letter.contains("не нашли"), "{letter}");
    let _ = run(&world, "request answer 2026-000001 --channel in_person").exits(4).says("placeholder");
    let _ = run(&world, "request letter 2026-000001 --note Цель:~продажа;~источник:~вы;~срок:~5~лет").ok();
    let _ = run(&world, "request answer 2026-000001 --channel in_person").ok();
    // A person who is held is told of it too, and of what was not found nothing is said.
    for (subject, number, found) in [("ref:C-1", "2026-000002", true), ("ref:C-3", "2026-000003", false)] {
        let _ = run(&world, &format!("access --subject {subject} --identity document --lang ru")).ok();
        let came = if found { "--found" } else { "--nothing" };
        let _ = run(&world, &format!("request done {number} --step 1 {came} --evidence договор~12")).ok();
        let letter = text(&world, &format!("request letter {number}"));
        assert_eq!(letter.contains("paper: договор 12"), found, "{letter}");
        let again = text(&world, &format!("access --subject {subject} --request {number} --lang ru"));
        assert!(!again.contains("Вручную ещё"), "nobody has to look any more: {again}");
        assert_eq!(again.contains("Найдено вручную: paper: договор 12."), found, "{again}");
    }
}

#[test]
fn what_was_refused_for_want_of_identity_goes_on_once_it_is_confirmed() {
    let world = office("");
    let _ = run(&world, "revoke --subject ref:C-2 --yes").exits(4);
    let _ = run(&world, "request verify 2026-000001 --identity document").ok();
    let _ = run(&world, "revoke --subject ref:C-2 --request 2026-000001 --yes").ok();
    assert_eq!(shown(&world, "2026-000001")["state"], "waiting");
}

#[test]
fn a_block_that_ended_is_told_as_ended() {
    let world = office("");
    let _ = run(&world, "restrict --subject ref:C-3 --reason mileage --lang ru --yes").ok();
    let _ = run(&world, "request verify 2026-000001 --identity document").ok();
    assert_eq!(shown(&world, "2026-000001")["state"], "executed", "it blocks as it did");
    all_done(&world, "2026-000001");
    let blocked = text(&world, "request letter 2026-000001");
    assert!(blocked.contains("ДАННЫЕ БЛОКИРОВАНЫ"), "{blocked}");
    let _ = run(&world, "restrict --lift --finding unlawful --subject ref:C-3 --yes").ok();
    let _ = run(&world, "request answer 2026-000001 --channel email").exits(4).says("was made before");
    let _ = run(&world, "request letter 2026-000001 --kind block").exits(2).says("unblock");
    let ended = text(&world, "request letter 2026-000001");
    assert!(ended.contains("обработка была незаконной") && ended.contains("СНЯТО"), "{ended}");
    let _ = run(&world, "request answer 2026-000001 --channel in_person").ok();
}

#[test]
fn a_recipient_of_addresses_learns_no_name() {
    let world = office("");
    world.write("d.ndjson", ADVERTISER);
    let _ = run(&world, "import d.ndjson").ok();
    let plan = run(&world, "erase --subject ref:C-4 --identity document --dry-run --format json").ok().json();
    let told = |step: &Value| step["action"] == "notify" && step["about"][0] == "Example Media";
    assert!(plan["steps"].as_array().unwrap().iter().any(told), "she is not held there any more: {plan}");
    let _ = run(&world, "restrict --subject ref:C-4 --reason mileage --yes").ok();
    let notice =
        text(&world, "request letter 2026-000001 --kind recipient --recipient Example~Media --lang ru");
    assert!(notice.contains("D-9901") && !notice.contains("На вх."), "{notice}");
    let facts = run(&world, "export --subject ref:C-4 --identity document --format json").ok().stdout;
    let facts: Value = serde_json::from_str(&facts).unwrap();
    let names: Vec<&str> = strings(&facts, "family_name");
    assert!(names.iter().all(|name| !notice.contains(name)), "{notice}");
    let _ = run(&world, "object --subject ref:C-26 --identity document --yes").ok();
    let bank = run(&world, "request letter 2026-000003 --kind recipient --recipient Банк~«Пример» --lang ru");
    assert!(!bank.stdout.contains("ВАШИ ДАННЫЕ"), "{}", bank.stdout);
}

/// Every text under a name, wherever it stands.
fn strings<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get(name).and_then(Value::as_str).into_iter();
            own.chain(fields.values().flat_map(|one| strings(one, name))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|one| strings(one, name)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_refusal_bears_the_name_of_who_signed() {
    let world = office("");
    let _ = run(&world, "erase --subject ref:C-26 --lang ru --yes").exits(4);
    let draft = text(&world, "request letter 2026-000001 --ground RF-LAW");
    assert!(draft.contains("отказ никем не подписан") && !draft.contains("отзыв противоречит"), "{draft}");
    let _ =
        run(&world, "request refuse 2026-000001 --ground RF-LAW --facts дело~12 --signed-by К.~Другой").ok();
    let _ = run(&world, "request answer 2026-000001 --channel email").exits(4).says("was made before");
    let signed = text(&world, "request letter 2026-000001");
    assert!(signed.contains("____ К. Другой") && !signed.contains("Черновик"), "{signed}");
    let _ = run(&world, "request answer 2026-000001 --channel email").ok();
}

#[test]
fn a_letter_gives_the_reason_of_the_plan() {
    let world = office("");
    let _ = run(&world, "revoke --subject ref:C-2 --identity document --lang ru --yes").ok();
    all_done(&world, "2026-000001");
    let letter = text(&world, "request letter 2026-000001");
    assert!(letter.contains("O-201 (покупка) между вами"), "{letter}");
    assert_eq!(letter.matches("Последний день, который закон отводит").count(), 1, "{letter}");
    // A copy names an open deal as what it is; nobody withdrew anything.
    let _ = run(&world, "export --subject ref:C-2 --identity document --lang ru").ok();
    let copy = text(&world, "request letter 2026-000002");
    assert!(!copy.contains("отзыв ждёт") && copy.contains("обязательство O-201"), "{copy}");
    let open = "request open --right export --right erase --subject ref:C-5 --identity document --lang ru";
    let _ = run(&world, open).ok();
    let _ = run(&world, "erase --subject ref:C-5 --request 2026-000004 --yes").ok();
    all_done(&world, "2026-000004");
    let letter = text(&world, "request letter 2026-000004");
    assert!(letter.contains("ОТЛОЖЕНО") && !letter.contains("сделали всё"), "{letter}");
    assert!(!letter.contains("можно узнать, что хранится"), "{letter}");
}

#[test]
fn the_next_command_is_the_one_that_goes() {
    let world = office("");
    let _ = run(&world, "revoke --subject ref:C-1 --identity document --lang ru --channel email --yes").ok();
    let next = || shown(&world, "2026-000001")["next"].as_str().unwrap_or_default().to_owned();
    assert!(next().starts_with("dsr request done 2026-000001 --step 1"), "the task bars it: {}", next());
    all_done(&world, "2026-000001");
    assert_eq!(next(), "dsr request letter 2026-000001 --output FILE");
    let _ = run(&world, "request letter 2026-000001").ok();
    assert_eq!(next(), "dsr request answer 2026-000001 --channel CHANNEL");
    let _ = run(&world, "request answer 2026-000001 --channel email").ok();
}

#[test]
fn nobody_is_asked_who_they_are_for_what_anybody_may_have() {
    let world = office("");
    let _ = run(&world, "request open --right opt_out --subject ref:C-5 --channel email").ok();
    let _ = run(&world, "request note 2026-000001 --ask identity").ok();
    let _ = run(&world, "object --subject ref:C-5 --request 2026-000001 --yes").ok();
    let answer = "request answer 2026-000001 --channel email";
    let _ = run(&world, answer).exits(4).says("too_much_identity (asked)");
    let _ = run(&world, "request letter 2026-000001").ok();
    let _ = run(&world, answer).exits(4).says("too_much_identity (asked)");
    let _ = run(&world, &format!("{answer} --despite too_much_identity --reason told~so")).ok();
}

#[test]
fn a_stray_quote_lets_nobody_through() {
    let world = office("");
    world.write("list.csv", "phone,name\n87015554433,\"unclosed\n87010000001,2\n");
    let _ = run(&world, "suppress scrub list.csv --column phone").exits(2).says("quote");
    world.write("list.csv", "phone,name\n87015554433,\"x\n87010000001,y\"\n+77010000001.0,z\n");
    let scrubbed = run(&world, "suppress scrub list.csv --column phone").stdout;
    assert!(!scrubbed.contains("0000001") && !scrubbed.contains("5554433"), "{scrubbed}");
}

#[test]
fn a_text_published_for_another_day_is_named() {
    let world = office("");
    let publish = "policy publish --controller automaster --effective";
    let first = run(&world, &format!("{publish} 2026-12-01")).ok();
    assert!(!first.stderr.contains("published before"), "{}", first.stderr);
    let _ = run(&world, &format!("{publish} 2026-12-05")).ok().says("published before");
}

const PLACES: &str = "    systems:
      paper: {kind: manual, owner: Archive, categories: [contract, identity_document]}
      calls: {kind: manual, owner: Call centre, categories: [correspondence]}
";

/// Tasks of a case: those done too.
fn tasks(case: &Value, kind: &str) -> Vec<String> {
    let all = case["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == kind);
    all.map(|duty| format!("{}: {}", duty["place"].as_str().unwrap(), duty["task"].as_str().unwrap()))
        .collect()
}

#[test]
fn what_stops_before_identity_is_recorded_owed_and_told() {
    let world = office(PLACES);
    let object = "object --subject ref:C-26 --yes --format json";
    let done = run(&world, object).exits(4).json();
    assert_eq!(done["outcome"]["state"], "received", "its term runs on: {done:#}");
    let case = shown(&world, "2026-000001");
    let said = |case: &Value| {
        let events = case["events"].as_array().unwrap().iter();
        events.map(|event| event["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said(&case), ["received", "decided", "executed"]);
    let owed = tasks(&case, "manual");
    assert!(
        owed.contains(&"calls: stop for this person: analytics.surveys, promotion (Call centre)".to_owned()),
        "{owed:?}"
    );
    assert!(tasks(&case, "tell")[0].starts_with("Рекламная сеть «Пример Медиа»"), "{case:#}");
    let due = run(&world, "report deadlines --format csv").ok().stdout;
    assert!(due.contains("Пример Медиа") && due.contains("stop for this person"), "{due}");
    let _ = run(&world, "request answer 2026-000001 --channel email").exits(4);
    // Refused for want of identity: the letter tells what stopped, refuses the rest, and says of nothing that it is held.
    all_done(&world, "2026-000001");
    let refuse = "request refuse 2026-000001 --ground RF-ID --facts nobody~answered --signed-by A";
    let _ = run(&world, refuse).ok();
    let letter = text(&world, "request letter 2026-000001 --lang en");
    assert!(
        letter.contains("all else that the request asks for") && !letter.contains("as a whole"),
        "{letter}"
    );
    assert!(letter.to_lowercase().contains("promotion"), "{letter}");
    for held in ["Пример Медиа", "vehicle", "identity document data"] {
        assert!(!letter.contains(held), "{held}: {letter}");
    }
    let _ = run(&world, "request answer 2026-000001 --channel email").ok();
    assert_eq!(shown(&world, "2026-000001")["state"], "refused");
}

#[test]
fn what_stopped_before_identity_goes_on_where_it_began() {
    let world = office(PLACES);
    let _ = run(&world, "object --subject ref:C-26 --yes").exits(4);
    let _ = run(&world, "request verify 2026-000001 --identity document").ok();
    all_done(&world, "2026-000001");
    assert_eq!(shown(&world, "2026-000001")["next"], "dsr request resume 2026-000001");
    let _ = run(&world, "request resume 2026-000001 --yes").ok();
    let case = shown(&world, "2026-000001");
    assert_eq!(case["state"], "executed");
    let owed = tasks(&case, "manual").join("; ");
    for purpose in ["promotion", "analytics"] {
        assert!(owed.contains(purpose), "{purpose}: {owed}");
    }
    all_done(&world, "2026-000001");
    let letter = text(&world, "request letter 2026-000001 --lang en").to_lowercase();
    assert!(letter.contains("promotion") && letter.contains("analytics"), "{letter}");
    // A known contact that is too little is the same.
    let _ = run(&world, "revoke --subject ref:C-1 --identity known_contact --yes").exits(4);
    let case = shown(&world, "2026-000002");
    assert_eq!((&case["state"], &case["identity"]), (&"received".into(), &Value::Null), "{case:#}");
    assert!(
        tasks(&case, "manual").join("; ").contains("stop for this person: analytics.surveys, promotion"),
        "{case:#}"
    );
}

#[test]
fn a_minors_data_goes_by_one_rule_everywhere() {
    let world = office("");
    let _ = run(&world, "request open --right minor --subject ref:C-12 --identity document").ok();
    let plan = run(&world, "erase --subject ref:C-12 --request 2026-000001 --yes --format json").ok().json();
    let rules: Vec<&str> = strings(&plan["steps"], "rule");
    assert!(!rules.is_empty() && rules.iter().all(|rule| *rule == "MC-8.7-minor"), "{rules:?}");
    let why = run(&world, "request show 2026-000001 --why").ok().stdout;
    assert!(why.contains("MC-8.7") && !why.contains("DC-41.1"), "{why}");
    let act = run(&world, "report destruction --act A-2026-000001 --format json").ok().json();
    assert_eq!(strings(&act["basis"], "rule"), ["MC-8.7-minor"], "{act:#}");
    let letter = text(&world, "request letter 2026-000001 --lang en");
    assert!(letter.contains("8.7") && !letter.contains("41"), "{letter}");
}

#[test]
fn what_keeps_a_case_from_its_end_is_closed_by_the_command_that_is_named() {
    let world = office("    systems:\n      paper: {kind: manual, owner: Archive, categories: [contract]}\n");
    let _ = run(&world, "access --subject iin:000229599999 --identity document --lang ru").ok();
    let hint = "dsr request done 2026-000001 --step 1 --found|--nothing --evidence TEXT";
    let _ = run(&world, "request cancel 2026-000001").exits(4).says(hint);
}
