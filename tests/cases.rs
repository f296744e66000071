//! A case from letter to answer, with what people have to do where no program reaches.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, line::flat};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    systems:
      paper-archive: {kind: manual, owner: Archive, categories: [contact, contract]}
";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

fn duties(case: &Value, kind: &str) -> Vec<Value> {
    let all = case["duties"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|duty| duty["kind"] == kind).collect()
}

#[test]
fn no_end_and_no_act_while_a_step_by_hand_is_open() {
    let mut world = office();
    let plan = world.asks_for("erase --subject ref:C-26 --identity document --yes");
    let outcome = &plan["outcome"];
    assert_eq!((&outcome["destruction"], &outcome["state"]), (&"pending".into(), &"executed".into()));
    let case = world.asks_for("request show 2026-000001");
    let steps = duties(&case, "manual");
    assert_eq!(steps[0]["place"], "paper-archive");
    assert!(steps[0]["task"].as_str().unwrap().starts_with("destroy contact"), "{steps:?}");
    for ending in [
        "answer 2026-000001",
        "cancel 2026-000001",
        "refuse 2026-000001 --ground RF-DC41.4-3 --facts asked --signed-by A",
    ] {
        let _ = world.types(&format!("request {ending}")).exits(4).says("by hand is open");
    }
    let open = format!("step {} of case 2026-000001 is open", steps[0]["step"]);
    let swept = world.types("sanitize --format json").ok().says(&open);
    assert_eq!(swept.json()["acts"][0]["state"], "pending");
    let pending = world.asks_for("report destruction")["acts"][0].clone();
    assert_eq!((&pending["level"], &pending["residue"]), (&Value::Null, &0.into()), "no level is claimed");
    for (lang, says) in [
        ("ru", "уничтожить: Контактные данные"),
        ("ru", "байты уничтожены"),
        ("kk", "жою: Байланыс"),
        ("en", "destroy contact"),
    ] {
        let shown = world.types(&format!("report destruction --act A-2026-000001 --lang {lang}")).ok();
        assert!(shown.stdout.contains(says), "{}", shown.stdout);
    }
    let act = |world: &World| world.asks_for("report destruction")["acts"][0]["state"].clone();
    assert_eq!(act(&world), "pending", "the same data lies on paper");

    for step in &steps {
        let sorts = step["task"].as_str().unwrap().starts_with("look for papers");
        let came = if sorts { "--nothing " } else { "" };
        let done = format!("request done 2026-000001 --step {} {came}--evidence", step["step"]);
        let _ = world.types(&format!("{done} 'call 8 (701) 000-00-01'")).exits(2).says("leave out");
        let _ = world.types(&format!("{done} 'act 12 of 2026-11-22'")).ok();
        let _ = world.types(&format!("{done} again")).exits(2).says("no open step");
    }
    assert_eq!(act(&world), "destroyed");
    let _ = world.types("request answer 2026-000001 --at 2026-11-21").exits(2).says("before the request");
    let ended = world.asks_for("request answer 2026-000001 --channel email --number 7");
    assert_eq!((&ended["state"], &ended["open"]), (&"answered".into(), &false.into()));

    // Recipients may be told after the answer, and are asked for until then.
    let tell = duties(&ended, "tell");
    assert_eq!(tell.len(), 3, "{tell:?}");
    let open = |world: &World| world.asks_for("status")["recipients_not_told"].clone();
    assert_eq!(open(&world), 3);
    world.at("2026-12-20T10:00");
    let report = world.types("report deadlines --check --format json").exits(10).json();
    assert_eq!(report["cases"][0]["duty"], "tell");
    let _ = world.types("request told 2026-000001 --recipient 'Банк Пример'").exits(2).says("did you mean");
    for duty in &tell {
        let name = duty["place"].as_str().unwrap();
        let _ = world.types(&format!("request told 2026-000001 --recipient '{name}' --at 2026-11-23")).ok();
        let _ =
            world.types(&format!("request told 2026-000001 --recipient '{name}'")).exits(2).says("already");
    }
    assert_eq!(open(&world), 0);
    let _ = world.types("report deadlines --check").ok();
    replays(&world);
}

/// However short the term is: nobody enters a request that is late already without a word.
#[test]
fn a_term_that_has_passed_needs_its_reason() {
    let world = office();
    let open = "request open --right revoke --subject ref:C-1 --received 2026-11-19";
    let _ = world.types(open).exits(2).says("--late-reason");
    let _ = world.types(&format!("{open} --late-reason 'lay at reception'")).ok();
    let _ = world.types("request open --right restrict --subject ref:C-2 --received 2026-11-20").ok();
}

#[test]
fn an_answer_of_access_waits_for_the_archive() {
    let world = office();
    let _ = world.types("access --subject ref:C-1 --identity document").ok();
    let _ = world.types("request answer 2026-000001 --channel email").exits(4).says("step 1 by hand");
    let _ = world.types("request done 2026-000001 --step 1 --found --evidence 'two folders copied'").ok();
    let _ = world.types("request answer 2026-000001").exits(2).says("how the answer was sent");
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    // Whoever is not held here may be held there.
    let plan = world.asks_for("erase --subject iin:000229599999 --identity document --yes");
    assert_eq!((&plan["decision"], &plan["steps"][0]["action"]), (&"grant".into(), &"manual".into()));
    let _ = world.types("request answer 2026-000002 --channel email").exits(4).says("by hand");
}

#[test]
fn a_broken_system_stops_before_anything_is_forgotten() {
    let world = office();
    for (from, to, said) in [
        ("contact, contract", "contcat", "did you mean `contact`?"),
        ("owner: Archive", "owner: ' '", "has no owner"),
        ("paper-archive", "own", "is no name"),
        ("kind: manual", "kind: carbon", "carbon"),
    ] {
        world.write("dsr.yaml", OFFICE.replace(from, to));
        let _ = world.types("erase --subject ref:C-1 --identity document --dry-run").exits(6).says(said);
    }
}

#[test]
fn one_letter_asks_two_things() {
    let world = World::with_fixtures();
    let line = "request open --right erase --right export --subject ref:C-1 --tracking RR-5";
    let first = world.asks_for(line);
    assert_eq!((&first["right"], &first["together"][0]), (&"export".into(), &"2026-000002".into()));
    let _ = world.types("request show RR-5").exits(5).says("2026-000001, 2026-000002");
    assert_eq!(world.asks_for("request show 2026-000002")["right"], "erase");
}

#[test]
fn found_by_any_letter_and_by_day_when_nothing_links_to_the_person() {
    let world = World::with_fixtures();
    let open = "request open --right erase --subject ref:C-7 --received";
    let _ = world.types(&format!("{open} 2026-11-20T15:00 --channel email")).ok();
    let _ = world.types(&format!("{open} 2026-11-20T09:00 --channel courier --tracking KZ-77")).ok();
    let _ = world.types("erase --subject ref:C-7 --identity document --request 2026-000001 --yes");
    for name in ["KZ-77", "2026-11-20", "2026-000001"] {
        assert_eq!(world.asks_for(&format!("request show {name}"))["number"], "2026-000001", "{name}");
    }
    let listed = world.asks_for("request list --received 2026-11-20");
    assert_eq!(listed["cases"].as_array().map(Vec::len), Some(1));
    let _ = world.types("request show 2026-11-19").exits(3);
    replays(&world);
}

#[test]
fn questions_demands_and_breaches_are_cases() {
    let mut world = World::with_fixtures();
    world.at("2026-11-20T10:00");
    let question = world.asks_for("request open --right question --channel phone");
    assert_eq!((&question["due"], &question["state"]), (&Value::Null, &"received".into()));
    let _ = world.types("request answer 2026-000001 --channel phone").ok();
    let _ = world.types("request open --right authority").exits(2).says("--demand");
    let _ = world.types("request open --right access --demand 7 --basis x").exits(2).says("authority");
    let demand = world.asks_for("request open --right authority --demand 7-12/34 --basis 'art. 9'");
    assert_eq!(demand["demand"]["number"], "7-12/34");
    let breach = world.asks_for("request open --right breach");
    assert_eq!(breach["due"], "2026-11-23", "one working day from the detection");
    assert_eq!(world.asks_for("request list --right breach")["cases"].as_array().map(Vec::len), Some(1));
    let _ = world.types("request answer 2026-000003 --number 1").ok();
}

#[test]
fn every_check_document_and_hand_over_is_kept() {
    let mut world = World::with_fixtures();
    let _ = world.types("request open --right rectify --subject ref:C-1 --received 2026-11-20").ok();
    let request = |line: &str| world.asks_for(&format!("request {line}"));
    let failed = request("verify 2026-000001 --identity document --failed 'the document expired'");
    assert_eq!((&failed["identity"], &failed["state"]), (&Value::Null, &"received".into()));
    let _ =
        world.types("request verify 2026-000001 --acting-as power_of_attorney").exits(2).says("--expires");
    let late = "request verify 2026-000001 --acting-as power_of_attorney --expires 2026-11-01";
    let _ = world.types(late).exits(4).says("ended");
    let _ = request("verify 2026-000001 --identity document --acting-as representative");
    let parent = "request verify 2026-000001 --acting-as parent";
    let _ = world.types(parent).exits(4).says("of age");
    let asked = request("note 2026-000001 --ask documents");
    assert_eq!(asked["asked_for"], serde_json::json!(["documents"]));
    assert_eq!(asked["due"], "2026-11-23", "no law of Kazakhstan stops the clock");
    let came = request("note 2026-000001 --document 'birth record 12' --at 2026-11-21");
    assert_eq!((&came["due"], &came["asked_for"]), (&"2026-11-23".into(), &serde_json::json!([])));
    let handed = request("note 2026-000001 --hand-to 'B. Deputy' --until 2026-11-25");
    assert_eq!(handed["officer"], "B. Deputy");
    world.at("2026-11-26T09:00");
    assert_eq!(
        world.asks_for("request show 2026-000001")["officer"],
        Value::Null,
        "the deputy's days are over"
    );
    let _ =
        world.types("request extend 2026-000001 --told --reason many").exits(4).says("cannot be lengthened");
    let late = world.asks_for("request note 2026-000001 --document 'passport 1' --at 2026-11-26");
    assert_eq!(late["due"], "2026-11-27", "a correction runs from the documents");
    replays(&world);
}

#[test]
fn what_is_carried_out_is_answered_and_what_waits_is_told() {
    let world = World::with_fixtures();
    let _ = world.types("request open --right revoke --subject ref:C-2 --identity document").ok();
    let _ = world.types("request answer 2026-000001 --channel email").exits(4).says("not carried out");
    let _ = world.types("revoke --subject ref:C-2 --request 2026-000001 --yes").ok();
    let told = world.asks_for("request answer 2026-000001 --channel email");
    assert_eq!((&told["state"], &told["open"]), (&"waiting".into(), &true.into()));
    assert!(told["answered"].is_string());
    let line = world.asks_for("status")["cases"][0].clone();
    assert_eq!((&line["urgency"], &line["next"]), (&"waiting".into(), &Value::Null));
    replays(&world);
}

#[test]
fn a_refusal_says_what_the_person_can_do() {
    let world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-1").ok();
    let line = "request refuse 2026-000001 --ground RF-ID --facts 'nobody answered' --signed-by 'A. Officer'";
    let refusal = world.asks_for(line)["refusal"].clone();
    assert_eq!((&refusal["ground"], &refusal["signed_by"]), (&"RF-ID".into(), &"A. Officer".into()));
    assert!(refusal["law"].as_str().unwrap().contains("37"), "{refusal}");
    assert_eq!(refusal["appeal"].as_array().map(Vec::len), Some(4), "{refusal}");
    assert!(refusal["todo"].as_str().unwrap().contains("ask again"));
}

#[test]
fn a_ground_fits_the_right_and_a_refusal_is_sent_once() {
    let mut world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-1").ok();
    let _ = world.types("request open --right breach").ok();
    let refuse = |world: &World, words: &str| world.types(&format!("request refuse {words}"));
    let _ =
        refuse(&world, "2026-000001 --ground RF-NODOC --facts asked --signed-by A").exits(2).says("RF-OBLIG");
    let _ =
        refuse(&world, "2026-000001 --ground RF-ID --facts asked --signed-by dsr").exits(2).says("no person");
    let _ = refuse(&world, "2026-000002 --ground RF-ID --facts asked --signed-by A")
        .exits(2)
        .says("request answer");
    let _ = refuse(&world, "2026-000001 --ground RF-ID --facts asked --signed-by A").ok();
    world.at("2026-11-23T10:00");
    let sent = world.asks_for("request answer 2026-000001 --channel email --number 7");
    assert_eq!((&sent["state"], &sent["open"]), (&"refused".into(), &false.into()));
    assert!(sent["answered"].as_str().unwrap().starts_with("2026-11-23"), "{sent}");
    let _ = world.types("request answer 2026-000001 --channel email --number 8").exits(2);
    replays(&world);
    let again = world.asks_for("request reopen 2026-000001 --reason 'they wrote again'");
    assert_eq!(again["state"], "received", "nobody checked who asks");
    replays(&world);
}

#[test]
fn a_refusal_counts_from_the_day_it_was_sent() {
    let mut world = World::with_fixtures();
    let _ = world.types("request open --right access --subject ref:C-1").ok();
    let refused = world.asks_for("request refuse 2026-000001 --ground RF-ID --facts asked --signed-by A");
    assert_eq!((&refused["answered"], &refused["ended"]), (&Value::Null, &Value::Null), "{refused}");
    assert!(refused["next"].as_str().unwrap().starts_with("dsr request letter"), "{refused}");
    let day = world.types("status").ok().stdout;
    assert!(day.contains("signed and not sent"), "{day}");
    let due = refused["due"].as_str().unwrap().to_owned();
    world.at("2026-12-07T10:00");
    assert!(*due < *"2026-12-07");
    let _ = world.types("status --check --quiet").exits(10);
    let _ = world.types("report deadlines --check --quiet").exits(10);
    let month = |world: &World| {
        let months =
            world.asks_for("report compliance --controller mycar")["months"].as_array().cloned().unwrap();
        months.into_iter().find(|month| month["month"] == "2026-11").unwrap()
    };
    assert_eq!((&month(&world)["open"], &month(&world)["overdue"]), (&1.into(), &1.into()));
    let sent = "request answer 2026-000001 --channel email --despite late --reason 'lay on a desk'";
    let sent = world.asks_for(sent);
    assert!(sent["ended"].as_str().unwrap().starts_with("2026-12-07"), "{sent}");
    assert_eq!((&month(&world)["late"], &month(&world)["open"]), (&1.into(), &0.into()));
    let _ = world.types("status --check --quiet").ok();
    replays(&world);
}

#[test]
fn nobody_acts_past_the_last_day_of_an_authority() {
    let mut world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-1").ok();
    let verify = "request verify 2026-000001 --identity document --acting-as power_of_attorney";
    let _ = world.types(&format!("{verify} --expires 2026-11-23")).ok();
    let erase = "erase --subject ref:C-1 --request 2026-000001 --dry-run";
    let _ = world.types(erase).ok();
    world.at("2026-11-24T10:00");
    let _ = world.types(erase).exits(4).says("ended on 2026-11-23");
    let _ = world.types(&format!("{verify} --expires 2026-12-23")).ok();
    let _ = world.types(erase).ok();
}

#[test]
fn why_says_every_step_of_a_date_and_a_verdict() {
    let world = World::with_fixtures();
    let _ = world.types("erase --subject ref:C-1 --received 2026-11-20 --identity document --yes").ok();
    let why = world.asks_for("request show 2026-000001 --why")["why"].clone();
    let lines: Vec<&str> = why.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for part in [
        "KZ-8.7",
        "art. 8(7)",
        "2026-11-21 does not count",
        "calendar",
        "erase decided: partial",
        "until 2029-12-31",
        "judged by the law as it stood on 2026-11-20, in its edition since 2026-08-25",
        "(in force since 2026-01-18; not confirmed by a lawyer)",
        "A receipt on the other side of 2013-11-25, 2026-01-18, 2026-07-12 is judged by another edition.",
        "after 2029-12-31 KZ-TAX-206.3 keeps nothing of it",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
    assert_eq!(world.asks_for("request show 2026-000001")["why"], Value::Null);
}

/// A verdict says what it hangs on: whom it is confirmed of, what it waits for, what the person has to do.
#[test]
fn why_says_what_would_change_a_verdict() {
    let yes = "--identity document --yes";
    for (before, asks, case, change, in_russian) in [
        (
            "",
            "access --subject ref:C-1",
            1,
            "a confirmation of who asks",
            "подтверждение личности обратившегося",
        ),
        (
            "",
            &format!("erase --subject ref:C-2 {yes}"),
            1,
            "the end of obligation O-201",
            "исполнение обязательства O-201",
        ),
        (
            "hold add --subject ref:C-26 --basis order-7",
            &format!("erase --subject ref:C-26 {yes}"),
            1,
            "the end of hold H-1",
            "снятие распоряжения H-1",
        ),
        (
            "restrict --subject ref:C-1 --category account --reason disputed --yes",
            &format!("erase --subject ref:C-1 {yes}"),
            2,
            "the end of the check in case 2026-000001",
            "окончание проверки по обращению 2026-000001",
        ),
        (
            "access --subject ref:C-1 --identity document",
            &format!("erase --subject ref:C-1 {yes}"),
            2,
            "the answer of case 2026-000001",
            "ответ по обращению 2026-000001",
        ),
    ] {
        let world = World::with_fixtures();
        for line in [before, asks].iter().filter(|line| !line.is_empty()) {
            let _ = world.types(line);
        }
        let why = |lang: &str| {
            flat(&world.types(&format!("request show 2026-{case:06} --why --lang {lang}")).ok().stdout)
        };
        assert!(why("en").contains(&format!("it is decided again with {change}")), "{}", why("en"));
        assert!(
            why("ru").contains(&format!("решается заново, когда наступит: {in_russian}")),
            "{}",
            why("ru")
        );
    }
    let world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-1").ok();
    let refuse = "request refuse 2026-000001 --ground RF-ID --facts 'no document' --signed-by A";
    let why = |world: &World| world.asks_for("request show 2026-000001 --why")["why"].to_string();
    assert!(!why(&world).contains("another verdict"), "nothing was decided yet");
    let _ = world.types(refuse).ok();
    assert!(why(&world).contains("another verdict needs this of the person: confirm who they are"));
}

/// What is told of a verdict names what it is about, and a layer without a term is not called the earlier one.
#[test]
fn why_says_no_more_than_there_is() {
    let world = World::with_fixtures();
    let _ = world.types("restrict --subject ref:C-5 --reason disputed --yes").ok();
    let _ = world.types("revoke --subject ref:C-1 --identity document --yes").ok();
    for (lang, alone, block, consents) in [
        (
            "en",
            "the law binds, since the policy gives no term",
            "block all the data",
            "withdraw consents × 2",
        ),
        ("ru", "обязывает закон, политика срока не даёт", "блокировать все данные", "отзыв согласий × 2"),
        ("kk", "заң міндеттейді, саясат мерзім бермейді", "бұғаттау барлық деректер", "келісімдер × 2"),
    ] {
        let why = |case: &str| world.types(&format!("request show {case} --why --lang {lang}")).ok().stdout;
        let first = why("2026-000001");
        assert!(first.contains(alone) && first.contains(block), "{first}");
        assert!(why("2026-000002").contains(consents), "{}", why("2026-000002"));
    }
    let clause = world.types("policy explain MC-8.1 --lang ru").exits(2);
    assert!(clause.stderr.contains("MC-8.1-retention"), "{}", clause.stderr);
}

/// A line that has no term of its own shows none.
#[test]
fn what_has_no_term_shows_no_day() {
    let mut world = World::with_fixtures();
    let _ = world.types("request open --right access --subject ref:C-1").ok();
    let _ = world.types("request note 2026-000001 --hand-to 'B. Deputy' --until 2026-11-23").ok();
    world.at("2026-11-25T10:00");
    let status = world.asks_for("status");
    let lines = status["lines"].as_array().unwrap();
    let without: Vec<&Value> = lines.iter().filter(|line| line["urgency"] == "no_term").collect();
    assert!(!without.is_empty() && without.iter().all(|line| line["due"].is_null()), "{status:#}");
}

#[test]
fn a_late_registration_says_why() {
    let mut world = World::with_fixtures();
    let open = "request open --right access --subject ref:C-1 --received";
    for (came, code) in [("2026-11-22", 0), ("2026-11-19", 0), ("2026-11-18", 2), ("2026-11-02", 2)] {
        let _ = world.types(&format!("{open} {came}")).exits(code);
    }
    let _ =
        world.types("erase --subject ref:C-1 --received 2026-11-02 --dry-run").exits(2).says("--late-reason");
    let because = world.asks_for(&format!("{open} 2026-11-02 --late-reason 'lay at reception'"));
    assert_eq!(because["late_reason"], "lay at reception");
    // A plan that is carried out later says so too.
    let plan = "erase --subject ref:C-26 --received 2026-11-02 --late-reason 'lay at reception'";
    let _ = world.types(&format!("{plan} --identity document --plan-out plan.json")).ok();
    world.at("2026-11-23T10:00");
    let _ = world.types("apply plan.json --yes").ok();
    let number =
        world.asks_for("request list --all")["cases"].as_array().unwrap().last().unwrap()["number"].clone();
    let applied = world.asks_for(&format!("request show {}", number.as_str().unwrap()));
    assert_eq!(applied["late_reason"], "lay at reception", "{applied}");
}

/// What a letter has to name.
const COMPANY: &str = "controllers:
  mycar:
    legal_name: MyCar
    bin: \"191140031171\"
    address: Almaty
    letters_reviewed: [ru, kk]
    responsible: {name: A. Officer, email: dpo@mycar.example}
";

/// Two letters of one day are one case: it came when the earlier came, by its way and under its number, and is answered by
/// either way.
#[test]
fn the_letter_that_counts_says_how_it_came() {
    let world = World::with_fixtures();
    let _ = world.write("dsr.yaml", COMPANY);
    let open = "request open --right access --subject ref:C-1 --received 2026-11-20T";
    let _ = world.types(&format!("{open}09:00 --channel email")).ok();
    let _ = world.types(&format!("{open}08:00 --channel registered_letter --tracking RR9")).ok();
    let _ = world.types(&format!("{open}10:00 --channel courier --tracking RR10")).ok();
    let case = world.asks_for("request show 2026-000001");
    let came = [&case["received"], &case["channel"], &case["tracking"]];
    assert_eq!(came, ["2026-11-20T08:00:00+05:00", "registered_letter", "RR9"], "{case:#}");
    for number in ["RR9", "RR10"] {
        assert_eq!(world.asks_for(&format!("request show {number}"))["number"], "2026-000001");
    }
    let _ = world.types("access --subject ref:C-1 --request 2026-000001 --identity document").ok();
    let _ = world.types("request letter 2026-000001 --lang en --format text").ok();
    let said = |way: &str| world.types(&format!("request answer 2026-000001 --channel {way}")).stderr;
    assert!(said("phone").contains("wrong_medium"));
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    replays(&world);
}

#[test]
fn the_reply_address_stays_until_the_answer_is_sent() {
    let world = World::with_fixtures();
    let _ = world.write("dsr.yaml", COMPANY);
    let open = "request open --right erase --right access --subject ref:C-26 --identity document";
    let _ = world.types(open).ok();
    for (one, other) in [(1, 2), (2, 1)] {
        let case = world.asks_for(&format!("request show 2026-{one:06}"));
        assert_eq!(case["together"], serde_json::json!([format!("2026-{other:06}")]));
    }
    // Until the answer is made all that it has to tell stays, whether the case is named or joined.
    for by in ["--request 2026-000002", "--channel other"] {
        let plan = world.asks_for(&format!("erase --subject ref:C-26 {by} --identity document --yes"));
        assert_eq!(plan["waits"][0]["on"], "answer of case 2026-000001");
        assert_eq!((&plan["steps"], &plan["outcome"]["state"]), (&serde_json::json!([]), &"waiting".into()));
        assert_eq!(plan["outcome"]["case"], "2026-000002", "{plan:#}");
    }
    let held = world.asks_for("access --subject ref:C-26 --request 2026-000001");
    assert!(held.to_string().contains("technical"), "{held:#}");
    // A letter of access is drawn from what is held: before there is one nothing goes either.
    let plan = world.asks_for("erase --subject ref:C-26 --request 2026-000002 --yes");
    assert_eq!((&plan["steps"], &plan["outcome"]["state"]), (&serde_json::json!([]), &"waiting".into()));
    let letter = world.types("request letter 2026-000001 --lang en --format text").ok().stdout;
    assert!(letter.contains("Technical data"), "{letter}");
    // Once it is made only the address stays.
    let plan = world.asks_for("erase --subject ref:C-26 --request 2026-000002 --yes");
    assert_eq!(plan["waits"][0]["on"], "answer of case 2026-000001");
    assert!(plan["kept"].as_array().unwrap().iter().any(|kept| kept["category"] == "contact"), "{plan:#}");
    assert!(plan["steps"].as_array().unwrap().iter().any(|step| step["category"] == "technical"));
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    let again = world.asks_for("request show 2026-000002");
    assert_eq!(
        (&again["state"], &again["next"]),
        (&"verified".into(), &"dsr request resume 2026-000002".into())
    );
    let done = world.asks_for("request resume 2026-000002 --yes");
    assert!(done["steps"].as_array().unwrap().iter().any(|step| step["category"] == "contact"), "{done:#}");
    replays(&world);
}

#[test]
fn a_withdrawal_stops_at_once_and_destroys_after_the_copy() {
    let world = World::with_fixtures();
    let open = "request open --right export --right revoke --subject ref:C-27 --identity document";
    let _ = world.types(open).ok();
    let plan = world.asks_for("revoke --subject ref:C-27 --request 2026-000002 --yes");
    let does = |action: &str| plan["steps"].as_array().unwrap().iter().any(|step| step["action"] == action);
    assert!(does("suppress") && does("withdraw"), "{plan:#}");
    let goes =
        |step: &Value| step["count"] != 0 && (step["action"] == "destroy" || step["action"] == "archive");
    assert!(!plan["steps"].as_array().unwrap().iter().any(goes), "{plan:#}");
    assert_eq!(world.asks_for("request show 2026-000002")["state"], "waiting");
}

#[test]
fn an_end_of_messages_and_data_of_a_minor_are_carried_out() {
    let world = World::with_fixtures();
    let open = |line: &str| world.asks_for(&format!("request open --right {line}"));
    let next = |case: &Value| case["next"].as_str().unwrap().to_owned();
    let opened = open("opt_out --subject ref:C-2");
    assert!(next(&opened).starts_with("dsr object --subject id:"), "{opened}");
    let _ =
        world.types("request answer 2026-000001 --channel email").exits(4).says("dsr object --subject id:");
    let plan = world.asks_for("object --subject ref:C-2 --request 2026-000001 --yes");
    let stops = |word: &str| plan["steps"].to_string().contains(word);
    assert!(stops("suppress") && stops("promotion") && !stops("analytics\""), "{plan:#}");
    assert_eq!(plan["outcome"]["case"], "2026-000001");
    assert!(world.asks_for("suppress list").to_string().contains("promotion"));
    let minor = open("minor --subject ref:C-28");
    assert!(next(&minor).starts_with("dsr request verify 2026-000002"), "{minor}");
    let _ = world.types("erase --subject ref:C-28 --request 2026-000002 --yes").exits(4);
    let minor = world.asks_for("request verify 2026-000002 --identity document");
    assert!(next(&minor).starts_with("dsr erase --subject id:"), "{minor}");
    let _ = world.types("request answer 2026-000002 --channel email").exits(4).says("dsr erase");
    let _ = world.types("object --subject ref:C-28 --request 2026-000002 --yes").exits(2).says("is about");
    let _ = world.types("erase --subject ref:C-28 --request 2026-000002 --yes").ok();
    assert_ne!(world.asks_for("request show 2026-000002")["state"], "verified");
    replays(&world);
}

#[test]
fn an_answer_says_how_it_was_sent_and_counts_the_letter_that_is_understood() {
    let world = World::with_fixtures();
    let _ = world.types("access --subject ref:C-1 --identity document --lang ru").ok();
    let _ = world.types("request answer 2026-000001").exits(2).says("--channel");
    let _ = world.types("request letter 2026-000001 --lang ru --number 5 --output a.html").ok();
    let _ = world.types("request letter 2026-000001 --lang en --number 6 --output b.html").ok();
    // No responsible person is named here: the letter that is held to it says which one was taken.
    let _ = world.types("request answer 2026-000001").exits(4).says("the letter 5 cannot be sent");
    let _ = world.types("request open --right question").ok();
    let _ = world.types("request answer 2026-000002").ok();
}

/// What the register says of every case is what a replay of its events gives: state, dates, duties.
fn replays(world: &World) {
    use dsr::{
        domain::{Case, Moment},
        policy::Library,
        store::{Mode, Period, Store},
    };
    let library = Library::embedded();
    let calendar = dsr::command::world::calendar(&library).unwrap();
    let mut store = Store::open(&world.store(), Mode::ReadOnly, std::time::Duration::from_secs(5)).unwrap();
    let mut seen = 0;
    store
        .read(|view| {
            view.for_each_case(&Period::default(), |file| {
                let history = view.case_history(&file.number)?;
                let events = history.iter().map(|entry| (entry.at, &entry.event));
                let first = history[0].at.max(file.received);
                let case = Case::replay(file.right, first, events).unwrap();
                assert_eq!(
                    (case.state, case.received, case.identity),
                    (file.state, file.received, file.identity)
                );
                assert_eq!((case.answered, case.ended), (file.answered, file.ended), "{}", file.number);
                // Who wrote a duty down stands beside its event.
                let mut duties = view.duties(&file.number)?;
                duties.iter_mut().for_each(|duty| duty.by = None);
                assert_eq!(case.duties, duties, "{}", file.number);
                let rulebook = library.rulebook(&file.controller)?;
                let now = Moment::parse("2027-06-01").unwrap();
                let timed = dsr::execute::timing::timed(&file, &history, (&rulebook, &calendar), now)?;
                let term = timed.deadline;
                assert_eq!((term.due, term.due_at, term.target), (file.due, file.due_at, file.target));
                seen += 1;
                Ok(())
            })
        })
        .unwrap();
    assert!(seen > 0);
}

/// What may happen to a case, drawn whole: a kind of event that moves dates and is not drawn is proved of nothing.
fn any_event() -> impl proptest::prelude::Strategy<Value = (i64, dsr::domain::CaseEvent)> {
    use dsr::domain::{
        CaseEvent as E, Channel, Decision, DutyKind, IdentityMethod, Moment, NewDuty, Outcome, Part, Pause,
        Remark,
    };
    use proptest::prelude::*;
    let (why, method) = (|| Remark::kept("why"), IdentityMethod::Document);
    let at = || (0..200_i64).prop_map(|day| Moment::from_unix(1_768_500_000 + day * 86_400));
    let letter = |at| E::Received {
        channel: Channel::Email,
        tracking: None,
        at: Some(at),
        late: None,
        demand: None,
        letter: None,
    };
    let executed = |(waiting, unconfirmed)| {
        let outcome = Some(Box::new(Outcome { unconfirmed, ..Outcome::nothing("iin") }));
        E::Executed { command: "any".into(), waiting, ask: None, outcome }
    };
    let answered = |(at, waits): (_, bool)| E::Answered {
        channel: Some(Channel::Email),
        number: None,
        at,
        although: None,
        waits: if waits { vec![1] } else { Vec::new() },
    };
    let duty = |places: usize| {
        let task = || "destroy contact, contract (A)".to_owned();
        let duty = |place: &&str| NewDuty {
            kind: DutyKind::Manual,
            place: (*place).to_owned(),
            task: task(),
            due: None,
        };
        E::Decided {
            decision: Decision::Grant,
            duties: ["paper"][..places].iter().map(duty).collect(),
            anew: false,
        }
    };
    let by_hand = |(step, split)| {
        let part = Part { done: "destroy contact (A)".into(), left: "destroy contract (A)".into() };
        E::Done { step, evidence: Remark::kept("why"), found: None, part: Some(part).filter(|_| split) }
    };
    let pauses = || prop::sample::select(Pause::ALL).prop_map(|what| E::Asked { what });
    let came = prop_oneof![
        at().prop_map(letter),
        Just(E::Verified { method }),
        Just(E::Unverified { method, why: why() }),
        at().prop_map(move |at| E::Documented { what: Remark::kept("a paper"), at }),
        pauses(),
        pauses(),
        Just(E::Clarified),
        any::<bool>().prop_map(move |told| E::Extended { told, why: Remark::kept("why") }),
    ];
    let done = prop_oneof![
        (0..2_usize).prop_map(duty),
        (1..3_u32, any::<bool>()).prop_map(by_hand),
        any::<(bool, bool)>().prop_map(executed),
        (prop::option::of(at()), any::<bool>()).prop_map(answered),
        Just(E::Refused { ground: "RF-ID".into(), facts: None }),
        Just(E::Cancelled { why: None }),
        prop::option::of(at()).prop_map(|since| E::Reopened { since, why: None }),
        Just(E::HandedOver { to: "B".into(), until: None }),
        Just(E::Noted { text: None }),
    ];
    (0..12_i64, prop_oneof![4 => came, 1 => done])
}

/// Whatever happens to a case in whatever order, by a law that lets its clock stand and lengthens it too: what the
/// register holds is what a replay of the events gives, state and every date.
#[test]
fn a_replay_of_any_events_gives_every_date() {
    use dsr::{
        domain::{Case, Channel, Moment, Right},
        execute::{cases, timing},
        policy::Library,
        store::{CreateOptions, NewCase, Store},
    };
    use proptest::{collection::vec, prelude::*, sample, test_runner::TestRunner};
    let home = World::empty_in_memory();
    let (mut library, calendar) = (Library::embedded(), Library::embedded());
    let calendar = dsr::command::world::calendar(&calendar).unwrap();
    for name in ["gdpr.yaml", "shop.yaml", "california.yaml", "garage.yaml"] {
        let text = std::fs::read_to_string(common::fixture("other-laws").join(name)).unwrap();
        library.replace(name, name, text);
    }
    let rulebooks = ["mycar", "shop", "garage", "shop"].map(|id| library.rulebook(id).unwrap());
    let start = Moment::from_unix(1_768_500_000);
    let options = CreateOptions { controller: None, drill_since: Some(start), store_id: [1; 16], now: start };
    let store = std::cell::RefCell::new(Store::create(&home.store(), &options).unwrap());
    let rights =
        sample::select(vec![Right::Access, Right::Export, Right::Rectify, Right::Erase, Right::Revoke]);
    let drawn = (0..4_usize, rights, vec(any_event(), 1..14));
    let mut runner = TestRunner::new(ProptestConfig { cases: 512, ..ProptestConfig::default() });
    let moved = std::cell::Cell::new(0_usize);
    let outcome = runner.run(&drawn, |(law, right, tried)| {
        let (rules, mut store) = ((&rulebooks[law], &calendar), store.borrow_mut());
        let first = cases::due(right, start, rules.0, rules.1).unwrap();
        let new = NewCase {
            controller: rules.0.policy.id.clone(),
            subject: None,
            right,
            received: start,
            recorded: start,
            channel: Channel::Email,
            tracking: None,
            language: None,
            representative: None,
            authority: None,
            due: first.due,
            due_at: first.due_at,
            target: first.target,
            provisional: first.provisional,
            actor: "officer".into(),
            late: None,
            demand: None,
            letter: None,
        };
        let number = store.transact(|tx| tx.open_case(&new)).unwrap();
        let mut now = start;
        for (days, event) in &tried {
            now = Moment::from_unix(now.unix() + days * 86_400 + 1);
            let taken = store.transact(|tx| cases::advance(tx, (now, "officer"), rules, &number, event));
            moved.set(moved.get() + usize::from(taken.is_ok()));
            let (file, history) =
                store.read(|view| Ok((view.case(&number)?, view.case_history(&number)?))).unwrap();
            let events = history.iter().map(|entry| (entry.at, &entry.event));
            let case = Case::replay(right, start, events).unwrap();
            prop_assert_eq!(
                (case.state, case.received, case.identity),
                (file.state, file.received, file.identity)
            );
            prop_assert_eq!((case.answered, case.ended), (file.answered, file.ended));
            // Read on the day and long after it: a clock that stands moves on with the day, all else stays.
            for seen in [now, Moment::from_unix(now.unix() + 90 * 86_400)] {
                let shown = store.read(|view| timing::present(view, file.clone(), rules, seen)).unwrap();
                let term = timing::timed(&file, &history, rules, seen).unwrap().deadline;
                prop_assert_eq!(
                    (term.due, term.due_at, term.target, term.provisional),
                    (shown.due, shown.due_at, shown.target, shown.provisional),
                    "{:?} {}",
                    history,
                    seen.rfc3339()
                );
            }
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(moved.get() > 2000, "{} events were taken", moved.get());
}

#[test]
fn a_task_to_answer_first_is_done_once_it_is_answered() {
    let world = World::with_fixtures();
    let open = "request open --right access --subject ref:C-26 --lang kk";
    assert_eq!(world.asks_for(open)["language"], "kk");
    assert!(world.types("request show 2026-000001 --lang ru").ok().stdout.contains("казахский"));
    let _ = world.types("erase --subject ref:C-26 --category technical --identity document --yes").ok();
    let tasks = |world: &World| {
        let case = world.asks_for("request show 2026-000002");
        let all = duties(&case, "task").into_iter();
        all.filter(|duty| duty["task"].as_str().unwrap().starts_with("answer case")).collect::<Vec<_>>()
    };
    assert_eq!(tasks(&world)[0]["done"], Value::Null, "{:?}", tasks(&world));
    let _ = world.types("access --subject ref:C-26 --request 2026-000001 --identity document").ok();
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    assert_ne!(tasks(&world)[0]["done"], Value::Null, "{:?}", tasks(&world));
    replays(&world);
}

#[test]
fn status_says_what_the_night_would_destroy() {
    let world = World::with_fixtures();
    let day = world.asks_for("status");
    let night = world.asks_for("purge-expired --dry-run --controller mycar");
    let of_mycar = day["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["kind"] == "purge_due" && line["controller"] == "mycar");
    let due: u64 = ["destroyed", "archived"]
        .iter()
        .flat_map(|what| night[what].as_object().unwrap().values().filter_map(Value::as_u64))
        .sum();
    assert!(due > 0 && of_mycar.unwrap()["about"].as_str().unwrap().ends_with(&format!(": {due}")), "{day}");
}

/// The policy allows a fee, the law forbids it: nothing is charged, and the case says so.
#[test]
fn a_fee_against_the_law_is_recorded() {
    let world = World::with_fixtures();
    for (right, number) in [("access", "2026-000001"), ("export", "2026-000002")] {
        let _ = world.types(&format!("{right} --subject ref:C-1 --identity document")).ok();
        let case = world.asks_for(&format!("request show {number}"));
        let said = case["events"].as_array().unwrap().iter().filter_map(|event| event["detail"].as_str());
        let fee = "charged 0, although MC-8.10-fee allows a fee: KZ-25.9 forbids it";
        assert!(said.clone().any(|said| said.contains(fee)), "{right}: {case}");
    }
    let shown = world.types("request show 2026-000001 --lang ru").ok().stdout;
    let words = flat(&shown);
    assert!(words.contains("плата 0, хотя") && words.contains("запрещает"), "{words}");
    let _ = world.types("--controller automaster access --subject ref:A-1 --identity document").ok();
    let shown = world.types("--controller automaster request show 2026-000003").ok();
    assert!(!shown.stdout.contains("allows a fee"));
}

/// Whoever acts for the person has a case of their own: their document never stands for the person's.
#[test]
fn a_representative_joins_no_case_of_the_person() {
    let by = "--representative 'Иванов И.' --authority 'дов. 12' --identity document";
    for right in ["erase", "access"] {
        let world = World::with_fixtures();
        let own = world.asks_for(&format!("request open --right {right} --subject ref:C-5"));
        let command = format!("{right} --subject ref:C-5");
        let named = format!("{command} --request 2026-000001 {by}");
        for how in if right == "erase" { &["--dry-run", "--yes"][..] } else { &[""] } {
            let said = "case 2026-000001 was not opened for this representative";
            let _ = world.types(&format!("{named} {how}")).exits(2).says(said);
        }
        let opened = world.asks_for(&format!("request open --right {right} --subject ref:C-5 {by}"));
        assert_eq!((&own["number"], &opened["number"]), (&"2026-000001".into(), &"2026-000002".into()));
        assert_eq!(world.asks_for("request show 2026-000001")["identity"], Value::Null, "{right}");
        // Another of their letters is of the same case, somebody else's is not.
        let again =
            world.asks_for(&format!("request open --right {right} --subject ref:C-5 {by} --tracking T1"));
        assert_eq!(again["number"], "2026-000002");
        let other = by.replace("Иванов", "Петров");
        let other = world.asks_for(&format!("request open --right {right} --subject ref:C-5 {other}"));
        assert_eq!(other["number"], "2026-000003");
    }
    let world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-5").ok();
    let _ = world.types(&format!("erase --subject ref:C-5 {by} --yes")).exits(4);
    let _ = world.types("erase --subject ref:C-5 --request 2026-000001 --yes").exits(4);
}

/// A plan keeps the day of its request; the reason why it is carried out after the term comes with `apply`.
#[test]
fn a_plan_is_carried_out_past_its_term_with_a_reason() {
    let mut world = World::with_fixtures();
    let _ = world.types("erase --subject ref:C-26 --identity document --plan-out plan.json").ok();
    world.at("2026-12-24T10:00");
    let _ = world.types("apply plan.json --yes").exits(2).says("--late-reason");
    let _ = world.types("apply plan.json --yes --late-reason 'lay in a drawer'").ok();
    assert_eq!(world.asks_for("request show 2026-000001")["late_reason"], "lay in a drawer");
    let _ = world.types("purge-expired --enable --plan-out night.json");
    let _ = world.types("apply night.json --late-reason x").exits(2).says("the plan of a request");
}

#[test]
fn quiet_moves_say_nothing() {
    let world = office();
    for line in [
        "request open --right erase --subject ref:C-26",
        "request verify 2026-000001 --identity document",
        "request note 2026-000001 'asked for the order number'",
        "request cancel 2026-000001",
    ] {
        let ran = world.types(&format!("{line} --quiet")).ok();
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{line}");
    }
    assert!(!world.types("request show 2026-000001 --quiet").ok().stdout.is_empty(), "that was asked for");
}

#[test]
fn a_drill_is_said_once() {
    let world = World::with_fixtures();
    let _ = world.types("access --subject ref:C-1 --identity document --channel email").ok();
    let said = world.types("request answer 2026-000001 --channel email --number 7").ok().stderr;
    assert_eq!(said.matches("drill store").count(), 1, "{said}");
}
