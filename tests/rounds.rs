//! A case that goes on after it seemed done: what is owed again, what is due from when, and who may still act.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    systems:
      paper: {kind: manual, owner: Archive, categories: [contact, contract]}
";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

fn open(world: &World, case: &str) -> Vec<Value> {
    let case = world.asks_for(&format!("request show {case}"));
    case["duties"].as_array().unwrap().iter().filter(|duty| duty["done"].is_null()).cloned().collect()
}

/// Every open duty of a case done or told.
fn settle(world: &World, case: &str) -> usize {
    let open = open(world, case);
    for duty in &open {
        let line = match duty["kind"].as_str() {
            Some("tell") => format!("request told {case} --recipient '{}'", duty["place"].as_str().unwrap()),
            _ => format!("request done {case} --step {} --evidence 'act 12'", duty["step"]),
        };
        let _ = world.types(&line).ok();
    }
    open.len()
}

const FIRST: &str = "2026-000001";

#[test]
fn a_second_correction_is_told_and_done_like_the_first() {
    let world = office();
    let correct = |phone: &str, more: &str| {
        let line = format!(
            "rectify --subject ref:C-26 --set contact.phone={phone} --document 'passport 7' --yes {more}"
        );
        world.types(&line).ok()
    };
    let _ = correct("+77010000071", "--identity document");
    assert_eq!(settle(&world, FIRST), 4, "the archive and three recipients");
    // The same case, before and after its answer.
    let again = format!("--request {FIRST}");
    let _ = correct("+77010000072", &again);
    assert_eq!(settle(&world, FIRST), 4, "the bank has the first number still");
    let _ = world.types(&format!("request answer {FIRST} --channel email")).ok();
    let _ = world.types(&format!("request reopen {FIRST}")).ok();
    let _ = correct("+77010000073", &again);
    let _ = world.types(&format!("request answer {FIRST} --channel email")).exits(4).says("by hand is open");
    assert_eq!(open(&world, FIRST).len(), 4);
}

#[test]
fn a_second_block_is_owed_like_the_first() {
    let world = office();
    let restrict = "restrict --subject ref:C-26 --reason 'says it is wrong'";
    let _ = world.types(&format!("{restrict} --yes")).ok();
    let first = settle(&world, FIRST);
    let _ =
        world.types("restrict --subject ref:C-26 --lift --finding accurate --identity document --yes").ok();
    let _ = world.types(&format!("{restrict} --request {FIRST} --yes")).ok();
    assert_eq!((open(&world, FIRST).len(), first > 0), (first, true));
    let lifted = "restrict --subject ref:C-26 --lift --finding unlawful --dry-run --identity document";
    let plan = world.asks_for(lifted);
    let steps = plan["steps"].as_array().unwrap();
    let rules = |action: &str| {
        let of = steps.iter().filter(|step| step["action"] == action && step["category"] != "identity");
        of.map(|step| step["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rules("manual"), ["KZ-25.8c"], "{plan}");
    let plan = world.asks_for("restrict --subject ref:C-1 --reason 'says so' --dry-run");
    let paper = plan["steps"].as_array().unwrap().iter().find(|step| step["system"] == "paper").cloned();
    assert_eq!(paper.unwrap()["rule"], "MC-4.2-block");
}

#[test]
fn a_refusal_for_an_open_deal_is_considered_again_when_it_ends() {
    let mut world = World::with_fixtures();
    let _ = world.types("revoke --subject ref:C-2 --identity document --yes").ok();
    let refuse = |case: &str, ground: &str| {
        world.types(&format!("request refuse {case} --ground {ground} --facts 'O-201' --signed-by A"))
    };
    let _ = refuse(FIRST, "RF-ID").exits(4).says("who asks is confirmed");
    let _ = refuse(FIRST, "RF-OBLIG").ok();
    let _ = world.types(&format!("request answer {FIRST} --channel email --number 7")).ok();
    let _ = world.types("request open --right erase --subject ref:C-3").ok();
    let _ = refuse("2026-000002", "RF-OBLIG").exits(4).says("no obligation of the person is open");
    let deal = r#"{"kind":"obligation","ref":"O-201","subject":"C-2","type":"purchase","opened_at":"2026-10-05T12:00+05:00","closed_at":"2026-12-01"}"#;
    let end = world.write("end.ndjson", format!("{deal}\n"));
    world.at("2026-12-02T10:00");
    let ran = world.dsr(["import", end.to_str().unwrap(), "--controller", "mycar"]).ok();
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains(FIRST), "{}{}", ran.stdout, ran.stderr);
    let case = world.asks_for(&format!("request show {FIRST}"));
    assert_eq!((&case["state"], &case["answered"]), (&"verified".into(), &Value::Null));
    let status = world.types("status").ok().stdout;
    assert!(status.contains(&format!("dsr request resume {FIRST}")), "{status}");
}

#[test]
fn a_parent_acts_until_the_child_is_of_age() {
    let mut world = World::with_fixtures();
    world.at("2026-11-22T10:00");
    let line = "request open --right export --subject ref:C-11 --representative 'A. Parent' --authority 'birth record'";
    let _ = world.types(line).ok();
    let _ = world.types(&format!("request verify {FIRST} --acting-as parent --identity document")).ok();
    let copy = format!("export --subject ref:C-11 --request {FIRST} --format json");
    assert_eq!(world.types(&copy).ok().json()["draft"], false);
    world.at("2026-11-23T10:00");
    let _ = world.types(&copy).exits(4).says("ended on 2026-11-22");
    let _ = world.types(&format!("request verify {FIRST} --acting-as parent")).exits(4).says("of age");
}

#[test]
fn nothing_is_answered_or_told_before_it_was_done() {
    let mut world = World::with_fixtures();
    world.at("2026-11-20T10:00");
    let _ = world.types("request open --right access --subject ref:C-1 --identity document").ok();
    world.at("2026-12-20T10:00");
    let _ = world.types(&format!("access --subject ref:C-1 --request {FIRST}")).ok();
    let answer = |at: &str| world.types(&format!("request answer {FIRST} --channel email --at {at}"));
    let _ = answer("2026-11-24").exits(2).says("before what it tells of, which was done on 2026-12-20");
    let _ = answer("2026-12-20T09:59").exits(2).says("which was done on 2026-12-20T10:00");
    let _ = answer("2026-12-20T10:00").ok();
    let rows = world.asks_for("report register")["cases"].clone();
    assert_eq!(rows[0]["overdue"], true, "{rows}");
    let _ = world.types("erase --subject ref:C-26 --identity document --received 2026-12-18 --yes").ok();
    let told =
        |at: &str| world.types(&format!("request told 2026-000002 --recipient 'Банк «Пример»' --at {at}"));
    let _ = told("2026-12-19").exits(2).says("which was done on 2026-12-20");
    let _ = told("2026-12-20T09:00").exits(2).says("which was done on 2026-12-20T10:00");
    let _ = told("2026-12-20").ok();
}

#[test]
fn a_mistake_makes_no_late_case_timely() {
    let mut world = World::with_fixtures();
    world.at("2026-11-10T10:00");
    let _ = world.types("request open --right access --subject ref:C-1").ok();
    world.at("2026-11-22T10:00");
    let due = |world: &World| world.asks_for(&format!("request show {FIRST}"))["due"].clone();
    let before = due(&world);
    let _ = world.types(&format!("request cancel {FIRST} --reason mistake")).ok();
    let _ = world.types(&format!("request reopen {FIRST} --reason none")).ok();
    assert_eq!((due(&world), before), ("2026-11-13".into(), "2026-11-13".into()));
}

#[test]
fn while_the_clock_stands_every_list_says_the_same_day() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-laws");
    let mut world = World::empty();
    let line = |words: &str| format!("--policies {policies} --controller shop {words}");
    world.at("2026-01-31T10:00");
    let _ = world.types(&format!("--policies {policies} init --controller shop")).ok();
    let _ = world.types(&line("request open --right access")).ok();
    world.at("2026-02-02T10:00");
    let _ = world.types(&line(&format!("request note {FIRST} --ask identity"))).ok();
    world.at("2026-03-20T10:00");
    let of = |words: &str| world.types(&line(&format!("{words} --format json"))).ok().json();
    let due = of(&format!("request show {FIRST}"))["due"].clone();
    assert!(due.as_str().unwrap() > "2026-04", "{due}");
    for (words, list) in
        [("request list", "cases"), ("report deadlines --check", "cases"), ("report register", "cases")]
    {
        assert_eq!(of(words)[list][0]["due"], due, "{words}");
    }
    let status = of("status --check");
    assert_eq!(status["overdue"], 0, "{status}");
    // What was asked for never came: with the answer the clock runs on, and the day stands.
    let _ = world.types(&line(&format!("access --subject ref:nobody --request {FIRST}")));
    let _ = world.types(&line(&format!("request cancel {FIRST}"))).ok();
    assert_eq!(of(&format!("request show {FIRST}"))["due"], due);
}

/// What answers, plans, duties and letters say of a last day is not what was written down when the clock stopped.
#[test]
fn while_the_clock_stands_answers_and_plans_say_the_same_day() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-laws");
    let mut world = World::empty();
    let line = |words: &str| format!("--policies {policies} --controller shop {words}");
    let of = |world: &World, words: &str| world.types(&line(&format!("{words} --format json"))).ok().json();
    world.at("2026-01-31T10:00");
    let _ = world.types(&line("init")).ok();
    world.write("dsr.yaml", OFFICE.replace("mycar:", "shop:").replace("[contact, contract]", "[contact]"));
    let person = r#"{"kind":"subject","ref":"S-1","born":null,"identifiers":[{"type":"email","value":"s1@people.example"}]}
{"kind":"record","ref":"R-1","subject":"S-1","category":"contact","collected_at":"2025-05-01T10:00+05:00","source":"web_form","given_by":"self","purposes":["service"],"data":{"email":"s1@people.example"}}
"#;
    world.write("people.ndjson", person);
    let _ = world.types(&line("import people.ndjson")).ok();
    std::fs::create_dir(world.path().join("own")).unwrap();
    world.write("own/access.jinja", "{% import \"blocks\" as b %}{{ b.p(\"due on \" ~ due) }}");
    let cases = [FIRST, "2026-000002"];
    for (right, case) in ["access", "erase"].iter().zip(cases) {
        let _ = world.types(&line(&format!("request open --right {right} --subject ref:S-1"))).ok();
        let _ = world.types(&line(&format!("request note {case} --ask clarification"))).ok();
    }
    world.at("2026-03-20T10:00");
    let due = of(&world, &format!("request show {FIRST}"))["due"].clone();
    assert!(due.as_str().unwrap() > "2026-04", "{due}");
    let given = of(&world, &format!("access --subject ref:S-1 --request {FIRST} --identity document"));
    let listed: Vec<&Value> = given["cases"].as_array().unwrap().iter().map(|case| &case["due"]).collect();
    assert_eq!((&given["request"]["due"], listed), (&due, vec![&due, &due]), "{given:#}");
    let duty = |case: &str| of(&world, &format!("request show {case}"))["duties"][0]["due"].clone();
    assert_eq!(duty(FIRST), due, "the step by hand is due with its answer");
    let _ = world.types(&line(&format!("request done {FIRST} --step 1 --nothing --evidence none"))).ok();
    let letter =
        world.types(&line(&format!("request letter {FIRST} --templates own --lang en --format text")));
    assert!(letter.ok().stdout.contains(&format!("due on {}", due.as_str().unwrap())));
    let _ = world.types(&line(&format!("request cancel {FIRST} --reason 'told by phone'"))).ok();
    let plan = of(&world, "erase --subject ref:S-1 --request 2026-000002 --identity document --dry-run");
    assert_eq!(plan["due"], due, "{plan:#}");
    let _ =
        world.types(&line("erase --subject ref:S-1 --request 2026-000002 --identity document --yes")).ok();
    assert_eq!(duty("2026-000002"), due);
    // Carried out, and its clock still stands: nothing of it is late, whoever says so.
    world.at("2026-06-20T10:00");
    let shown = of(&world, "request show 2026-000002");
    assert!(shown["late"] == false && shown["due"].as_str().unwrap() > "2026-07", "{shown:#}");
    assert_eq!(shown["duties"][0]["due"], shown["due"], "{shown:#}");
    let status = of(&world, "status --check");
    assert_eq!(status["overdue"], 0, "{status:#}");
    let listed = of(&world, "report deadlines --check");
    for row in listed["cases"].as_array().unwrap().iter().filter(|row| row["number"] == "2026-000002") {
        assert_eq!(row["due"], shown["due"], "{row}");
    }
}

/// A correction that waited for a document is due anew when it comes, also where the person was told of it.
#[test]
fn a_document_that_comes_starts_what_waited_for_it() {
    let mut world = World::with_fixtures();
    let set = "rectify --subject ref:C-1 --set contact.phone=87019998877 --identity document --yes";
    let _ = world.types(set).exits(4);
    let _ = world.types(&format!("request answer {FIRST} --channel in_person --number 7")).ok();
    let overdue = |world: &World| world.asks_for("status")["overdue"].clone();
    world.at("2026-11-27T10:00");
    assert_eq!(overdue(&world), 0, "the person was told");
    let came = world.asks_for(&format!("request note {FIRST} --document 'ID card 12'"));
    assert_eq!((&came["state"], &came["due"]), (&"verified".into(), &"2026-11-30".into()), "{came:#}");
    assert!(came["next"].as_str().unwrap().starts_with("dsr rectify"), "{came:#}");
    world.at("2026-12-01T10:00");
    assert_eq!(overdue(&world), 1);
    let _ = world.types("report deadlines --check").exits(10);
    let _ = world.types(&format!("request answer {FIRST} --channel in_person --number 8")).exits(4);
    let set = format!("{set} --request {FIRST} --document 'ID card 12'");
    assert_eq!(world.asks_for(&set)["decision"], "grant");
    let _ = world.types(&format!("request answer {FIRST} --channel in_person --number 8")).ok();
}

/// Whoever was told and waits is owed nothing now, also where they were told late.
#[test]
fn what_was_told_and_waits_is_late_in_no_list() {
    let mut world = World::with_fixtures();
    let _ = world.types("revoke --subject ref:C-2 --identity document --yes").ok();
    world.at("2026-12-20T10:00");
    let _ = world.types("report deadlines --check").exits(10);
    let case = world.asks_for(&format!("request show {FIRST}"));
    for duty in case["duties"].as_array().unwrap() {
        let step = duty["step"].as_u64().unwrap();
        let _ = match duty["kind"].as_str() {
            Some("tell") => {
                let name = duty["place"].as_str().unwrap();
                world.types(&format!("request told {FIRST} --recipient '{name}'")).ok()
            }
            _ => world.types(&format!("request done {FIRST} --step {step} --evidence done")).ok(),
        };
    }
    let _ = world.types(&format!("request answer {FIRST} --channel email --number 7")).ok();
    world.at("2026-12-25T10:00");
    let case = world.asks_for(&format!("request show {FIRST}"));
    assert_eq!((&case["state"], &case["late"]), (&"waiting".into(), &true.into()), "{case:#}");
    assert_eq!(world.asks_for("status --check")["overdue"], 0);
    let listed = world.asks_for("report deadlines --check");
    assert_eq!(listed["cases"][0]["days_left"], Value::Null, "{listed:#}");
    assert!(!world.types(&format!("request show {FIRST} --lang en")).ok().stdout.contains("late"));
}

#[test]
fn what_is_promised_and_not_held_asks_for_no_more_identity() {
    let world = World::with_fixtures();
    let mut later = world;
    later.at("2026-12-30T10:00");
    let plan = later.asks_for("revoke --subject ref:C-8 --identity known_contact --dry-run");
    assert_ne!(plan["decision"], "refuse", "{plan}");
    // A letter that came before an article is decided without it.
    for (line, rule) in [
        ("revoke --subject ref:C-8 --identity document", "MC-8.10-revoke-effects"),
        ("revoke --controller automaster --subject ref:A-2 --identity document", "AM-9-withdraw"),
    ] {
        let laws = |received: &str| {
            let more = format!("--received {received} --late-reason 'lay at reception' --dry-run");
            let plan = later.asks_for(&format!("{line} {more}"));
            let steps = plan["steps"].as_array().unwrap().iter();
            steps.filter(|step| step["rule"] == rule).map(|step| step["law"].clone()).collect::<Vec<_>>()
        };
        let (before, after) = (laws("2026-01-17"), laws("2026-11-20"));
        assert!(!before.is_empty() && before.iter().all(Value::is_null), "{line} {before:?}");
        assert!(after.iter().all(Value::is_string), "{line} {after:?}");
    }
}

#[test]
fn a_second_letter_says_its_language_and_its_channel() {
    let world = World::with_fixtures();
    let open = "request open --right erase --subject ref:C-1";
    let _ = world.types(&format!("{open} --language ru --channel email")).ok();
    let case = world.asks_for(&format!("{open} --language kk --channel registered_letter"));
    assert_eq!((&case["number"], &case["language"]), (&FIRST.into(), &"kk".into()));
    let events = case["events"].as_array().unwrap();
    let of = |kind: &str| {
        let of = events.iter().filter(|event| event["event"] == kind);
        of.map(|event| event["detail"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((of("received").len(), of("language")), (2, vec!["kk".to_owned()]), "{events:?}");
    assert!(of("received")[1].contains("registered_letter"), "{events:?}");
    // A guess at it corrects nothing.
    let guessed = world.asks_for(&format!("{open} --lang ru"));
    assert_eq!(guessed["language"], "kk");
}

#[test]
fn status_names_what_is_to_be_done_and_who_is_gone() {
    let mut world = World::with_fixtures();
    let _ = world.types("request open --right complaint --subject ref:C-1").ok();
    let line = |world: &World, kind: &str| {
        let status = world.asks_for("status");
        let lines = status["lines"].as_array().unwrap().clone();
        lines.into_iter().find(|line| line["kind"] == kind).unwrap_or_default()
    };
    let next = line(&world, "task")["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("dsr restrict --subject id:"), "{next}");
    let hand = format!("request note {FIRST} --hand-to 'B. Deputy' --until 2026-11-23");
    let _ = world.types(&hand).ok();
    assert_eq!(line(&world, "deputy"), Value::Null);
    world.at("2026-11-24T10:00");
    let gone = line(&world, "deputy");
    assert!(gone["about"].as_str().unwrap().contains("B. Deputy"), "{gone}");
    let shown = world.types(&format!("request show {FIRST}")).ok().stdout;
    assert!(shown.contains("B. Deputy: the deputy's last day was 2026-11-23"), "{shown}");
    let _ = world.types("request note 1 text").exits(2).says("a case number looks like 2026-000017");
    let wrong = world.types(&format!("request reopen {FIRST} --lang ru")).exits(2);
    assert!(
        wrong.stderr.contains("«получено»") && wrong.stderr.contains("«открыто снова»"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_night_leaves_to_people_what_people_keep() {
    let mut world = office();
    world.at("2026-12-30T10:00");
    let _ = world.types("purge-expired --enable --max-share 100 --accept-clock 2026-12-30").ok();
    let acts = world.asks_for("report destruction")["acts"].as_array().unwrap().clone();
    let act = acts.iter().find(|act| act["controller"] == "mycar").unwrap();
    let beyond = act["not_reached"].to_string();
    assert!(beyond.contains("paper (Archive): "), "{beyond}");
    let whole =
        world.types(&format!("report destruction --act {} --lang ru", act["number"].as_str().unwrap()));
    assert!(whole.ok().stdout.contains("paper (Archive): Контактные"));
    // What the night archived stays on paper too, whoever asks then.
    let plan = world.asks_for("erase --subject ref:C-16 --identity document --dry-run");
    let by_hand = plan["steps"].as_array().unwrap().iter().filter(|step| step["system"] == "paper");
    let tasks: Vec<String> = by_hand.map(|step| step["about"].to_string()).collect();
    assert!(tasks.iter().any(|task| task.contains("keep for the law alone")), "{plan}");
}
