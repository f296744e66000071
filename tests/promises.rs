//! What a case may not say or order: destruction of what is protected, a refusal of what was done, a law that was
//! not in force, a command that does not go on.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{World, line::flat};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    systems:
      paper-archive: {kind: manual, owner: Archive, categories: [contract, identity_document]}
      call-recordings: {kind: manual, owner: Call centre, categories: [correspondence]}
";

/// The steps by hand of a plan, and the categories that stay in places of people.
fn by_hand(plan: &Value) -> (Vec<String>, Vec<String>) {
    let list = |name: &str| plan[name].as_array().cloned().unwrap_or_default();
    let elsewhere = |line: &Value| line["system"] != "own";
    let steps = list("steps").into_iter().filter(|step| step["action"] == "manual" && elsewhere(step));
    let steps = steps.map(|step| step["about"][0].as_str().unwrap().to_owned()).collect();
    let kept = list("kept").into_iter().filter(elsewhere);
    (steps, kept.map(|kept| kept["category"].as_str().unwrap().to_owned()).collect())
}

fn duties(case: &Value) -> Vec<String> {
    let open = case["duties"].as_array().cloned().unwrap_or_default();
    let open = open.into_iter().filter(|duty| duty["done"].is_null());
    open.map(|duty| duty["task"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nobody_destroys_by_hand_what_is_protected() {
    for (before, who, stays) in [
        ("restrict --subject ref:C-1 --reason disputed --yes", "C-1", "correspondence"),
        ("version", "C-2", "identity_document"),
        ("hold add --subject ref:C-17 --basis order-7", "C-17", "identity_document"),
    ] {
        let world = World::with_fixtures();
        world.write("dsr.yaml", OFFICE);
        let _ = world.types(before).ok();
        let plan = world
            .types(&format!("revoke --subject ref:{who} --identity document --yes --format json"))
            .json();
        let (steps, kept) = by_hand(&plan);
        assert!(kept.iter().any(|category| category == stays), "{before}: {plan:#}");
        assert!(!steps.iter().any(|step| step.contains(stays)), "{before}: {steps:?}");
    }
}

#[test]
fn what_waited_elsewhere_is_ordered_once_the_check_is_over() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let _ = world.types("restrict --subject ref:C-1 --reason disputed --yes").ok();
    let waits = world.asks_for("revoke --subject ref:C-1 --identity document --yes");
    assert!(!by_hand(&waits).0.iter().any(|step| step.contains("correspondence")), "{waits:#}");
    let _ = world.types("restrict --subject ref:C-1 --lift --finding accurate --yes").ok();
    let plan = world.asks_for("request resume 2026-000002 --yes");
    let (steps, kept) = by_hand(&plan);
    assert!(steps.contains(&"destroy correspondence (Call centre)".to_owned()), "{steps:?}");
    assert_eq!(kept, [""; 0]);
}

#[test]
fn a_block_that_ended_asks_nobody_to_stop_use() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let blocked = world.asks_for("restrict --subject ref:C-1 --reason disputed --yes");
    assert!(blocked["outcome"]["duties"].to_string().contains("stop the use of"), "{blocked:#}");
    let _ = world.types("restrict --subject ref:C-1 --lift --finding accurate --yes").ok();
    let open = duties(&world.asks_for("request show 2026-000001"));
    assert!(!open.iter().any(|task| task.starts_with("stop")), "{open:?}");
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    let over = duties(&world.asks_for("request show 2026-000002"));
    assert!(over.iter().any(|task| task.starts_with("the check is over")), "{over:?}");
}

#[test]
fn no_request_is_opened_to_lift_nothing() {
    let world = World::with_fixtures();
    let before = world.bytes();
    let lift = "restrict --subject ref:C-1 --lift --finding accurate --yes";
    let _ = world.types(lift).ok().says("nothing of this person is blocked");
    assert_eq!(world.bytes(), before);
}

/// Who asks for the end of a check that never was is answered: no violation was confirmed, and nobody has to prove who
/// they are to hear that.
#[test]
fn a_request_to_lift_nothing_is_refused_and_answered() {
    let world = World::with_fixtures();
    let responsible = "    responsible: {name: A. Officer, email: dpo@mycar.example}\n";
    world.write("dsr.yaml", OFFICE.replace("    systems:\n", &format!("{responsible}    systems:\n")));
    let refuse = "dsr request refuse 2026-000001 --ground RF-NOVIOL --facts TEXT --signed-by NAME";
    let opened =
        world.asks_for("request open --right unblock --subject ref:C-1 --channel email --language ru");
    assert_eq!(opened["next"], refuse, "{opened:#}");
    let _ = world.types("request verify 2026-000001 --identity document").ok();
    assert_eq!(world.asks_for("request show 2026-000001")["next"], refuse);
    assert!(world.types("status --format json").ok().stdout.contains(refuse));
    for line in [
        "restrict --subject ref:C-1 --lift --finding accurate --request 2026-000001 --yes",
        "request answer 2026-000001 --channel email --number 7",
    ] {
        let _ = world.types(line).exits(4).says(refuse);
    }
    let _ = world.types("request letter 2026-000001").exits(2);
    let signed = "--facts 'Ничего не заблокировано' --signed-by 'А. Нурланова'";
    let _ = world.types(&format!("request refuse 2026-000001 --ground RF-NOVIOL {signed}")).ok();
    let letter = world.types("request letter 2026-000001 --format text").ok().stdout;
    let told = flat(&letter);
    assert!(
        told.contains("нарушение не подтвердилось") && told.contains("Ничего не заблокировано"),
        "{letter}"
    );
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    assert!(world.asks_for("request show 2026-000001")["next"].is_null());
    // Where a check is under way, it is ended by its finding.
    let _ = world.types("restrict --subject ref:C-1 --reason disputed --yes").ok();
    let other = world.asks_for("request open --right unblock --subject ref:C-1 --channel email");
    assert!(!other["next"].to_string().contains("RF-NOVIOL"), "{other:#}");
}

/// What was found unlawful and is kept by an order stays blocked, and the letter says no more than that.
#[test]
fn no_letter_ends_a_block_that_stands() {
    let world = World::with_fixtures();
    let _ = world.types("hold add --subject ref:C-1 --basis order-7").ok();
    let _ = world.types("restrict --subject ref:C-1 --reason x --identity document --yes").ok();
    let lift = "restrict --subject ref:C-1 --lift --finding unlawful --yes";
    assert_eq!(world.types(lift).code, 4);
    let letter = world.types("request letter 2026-000002 --lang en --format text").ok().stdout;
    let told = flat(&letter);
    assert!(told.contains("YOUR REQUEST WAITS") && told.contains("H-1"), "{letter}");
    assert!(!told.contains("UNBLOCKED") && !told.contains("is destroyed"), "{letter}");
}

#[test]
fn what_was_done_as_asked_is_not_refused() {
    let world = World::with_fixtures();
    let done = world.asks_for("erase --subject ref:C-28 --identity document --yes");
    assert_eq!(done["decision"], "grant", "{done:#}");
    let refuse = "request refuse 2026-000001 --ground RF-SCOPE --signed-by A";
    let _ = world.types(refuse).exits(2).says("--facts");
    let before = world.bytes();
    let _ =
        world.types(&format!("{refuse} --facts 'a private matter'")).exits(4).says("done as it was asked");
    assert_eq!(world.bytes(), before);
}

#[test]
fn a_case_opened_again_is_not_shown_as_refused() {
    let world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-1").ok();
    let refused = world.asks_for("request refuse 2026-000001 --ground RF-ID --facts asked --signed-by A");
    assert_eq!(refused["refusal"]["ground"], "RF-ID");
    let again = world.asks_for("request reopen 2026-000001 --reason 'they wrote again'");
    assert_eq!(again["refusal"], Value::Null);
}

#[test]
fn a_right_is_granted_by_the_law_of_its_day() {
    let world = World::with_fixtures();
    let rules = |line: &str| {
        let late = "--late-reason 'lay in a drawer' --identity document --dry-run";
        let plan = world.asks_for(&format!("{line} {late}"));
        plan["steps"].to_string()
    };
    for (command, day, law, cited) in [
        ("erase --subject ref:C-4", "2026-07-11", "Digital Code", false),
        ("erase --subject ref:C-4", "2026-07-12", "Digital Code", true),
        ("object --subject ref:C-3", "2026-01-17", "KZ-19-1.3", false),
        ("object --subject ref:C-3", "2026-01-18", "KZ-19-1.3", true),
    ] {
        let steps = rules(&format!("{command} --received {day}"));
        assert_eq!(steps.contains(law), cited, "{command} {day}: {steps}");
    }
}

#[test]
fn no_ground_refuses_what_came_before_it() {
    let world = World::with_fixtures();
    let open = "request open --right erase --subject ref:C-4 --late-reason 'lay in a drawer'";
    let _ = world.types(&format!("{open} --received 2026-05-10")).ok();
    let refuse = "request refuse 2026-000001 --ground RF-DC41.4-2 --facts 'a case is open' --signed-by A";
    let _ = world.types(refuse).exits(2).says("was not in force on 2026-05-10");
}

#[test]
fn what_only_told_is_not_resumed() {
    let world = World::with_fixtures();
    let access = "access --subject ref:C-1 --identity document";
    let _ = world.types(access).ok();
    let _ = world.types("request cancel 2026-000001 --reason mistake").ok();
    let _ = world.types("request reopen 2026-000001 --reason 'no mistake'").ok();
    let _ = world.types("request verify 2026-000001 --identity document").ok();
    let next = world.asks_for("request show 2026-000001")["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("dsr access --subject"), "{next}");
    assert_eq!(world.asks_for("status")["cases"][0]["next"], next.as_str());
    let night = world.types("purge-expired --dry-run --format table").ok().stdout;
    assert!(night.contains("dsr access") && !night.contains("request resume"), "{night}");
    let _ = world.types(&next["dsr ".len()..]).ok();
}

#[test]
fn a_complaint_asks_for_its_block_at_once() {
    let world = World::with_fixtures();
    let opened = world.asks_for("request open --right complaint --subject ref:C-5");
    let duty = &opened["duties"][0];
    assert_eq!((&duty["due"], &duty["kind"]), (&"2026-11-22".into(), &"task".into()), "{opened:#}");
    let next = opened["next"].as_str().unwrap();
    assert!(next.starts_with("dsr restrict --subject id:"), "{next}");
    // What protects the person until then does not end with the answer.
    for end in [
        "answer 2026-000001 --channel email --number 5",
        "refuse 2026-000001 --ground RF-ID --facts x --signed-by A",
    ] {
        let _ = world
            .types(&format!("request {end}"))
            .exits(4)
            .says("the block that case 2026-000001 asks for is owed");
    }
    let _ = world.types("restrict --subject ref:C-5 --reason disputed --yes").ok();
    let shown = world.asks_for("request show 2026-000001");
    assert_eq!(duties(&shown), [""; 0]);
    assert!(shown["next"].as_str().unwrap().starts_with("dsr request answer"), "{shown:#}");
    let _ = world.types("request answer 2026-000001 --channel email --number 5").ok();
    // Where there is nothing to block an officer says why.
    let _ = world.types("request open --right complaint --subject ref:C-3").ok();
    let _ = world.types("request answer 2026-000003 --channel email --number 6").exits(4);
    let _ = world.types("request done 2026-000003 --step 1 --evidence 'about a price'").ok();
    let _ = world.types("request answer 2026-000003 --channel email --number 6").ok();
    // Nobody is named: there is nothing to block.
    let stranger = world.asks_for("request open --right complaint --channel phone");
    assert_eq!(stranger["duties"].as_array().map(Vec::len), Some(0));
}

/// The act, its state, and the tasks that it lists.
fn act(world: &World, number: &str) -> (String, Vec<String>) {
    let act = world.asks_for(&format!("report destruction --act {number}"));
    let tasks = act["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "manual");
    let tasks = tasks.map(|duty| duty["task"].as_str().unwrap().to_owned()).collect();
    (act["state"].as_str().unwrap().to_owned(), tasks)
}

/// Does the open steps by hand of a case that begin so.
fn do_all(world: &World, number: &str, start: &str) {
    let case = world.asks_for(&format!("request show {number}"));
    for duty in case["duties"].as_array().unwrap() {
        let fits = duty["kind"] == "manual" && duty["task"].as_str().unwrap().starts_with(start);
        if fits && duty["done"].is_null() {
            let done = format!("request done {number} --step {} --evidence done", duty["step"]);
            let _ = world.types(&done).ok();
        }
    }
}

#[test]
fn what_only_people_destroy_has_an_act_that_waits_for_them() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let done = world.asks_for("erase --subject ref:C-1 --category correspondence --identity document --yes");
    assert_eq!(
        (&done["outcome"]["act"], &done["outcome"]["destruction"]),
        (&"A-2026-000001".into(), &"pending".into())
    );
    let ordered = vec!["destroy correspondence (Call centre)".to_owned()];
    assert_eq!(act(&world, "A-2026-000001"), ("pending".to_owned(), ordered.clone()));
    do_all(&world, "2026-000001", "destroy");
    assert_eq!(act(&world, "A-2026-000001"), ("destroyed".to_owned(), ordered));
    claims_nothing(&world, "A-2026-000001");
    // Where nothing is destroyed there is none.
    let _ = world.types("object --subject ref:C-3 --purpose promotion --identity document --yes").ok();
    assert_eq!(world.asks_for("report destruction")["acts"].as_array().unwrap().len(), 1);
}

/// A step that was set before a deal is no verdict about what the deal needs: whoever did it says what was kept for it.
#[test]
fn a_deal_that_came_after_a_step_is_asked_for() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE.replace("[correspondence]", "[contact]"));
    let _ = world.types("erase --subject ref:C-1 --category contact --identity document --yes").ok();
    let deal = r#"{"kind":"obligation","ref":"O-901","subject":"C-1","type":"purchase","opened_at":"2026-11-22T09:00"}"#;
    world.write("deal.ndjson", deal);
    let _ = world.types("import deal.ndjson").ok();
    let case = world.asks_for("request show 2026-000001");
    let step = case["duties"].as_array().unwrap().iter().find(|duty| duty["place"] == "call-recordings");
    let step = step.unwrap();
    assert_eq!(step["task"], "destroy contact (Call centre)");
    let done = format!("request done 2026-000001 --step {} --evidence 'two folders'", step["step"]);
    let refused = world.types(&done).exits(4);
    assert!(refused.stderr.contains("O-901") && refused.stderr.contains("--found"), "{}", refused.stderr);
    let _ = world.types(&format!("{done} --lang kk")).exits(4).says("O-901 міндеттемесі");
    // Whatever names the command that closes it says so before.
    let closing =
        format!("dsr request done 2026-000001 --step {} --found|--nothing --evidence TEXT", step["step"]);
    assert_eq!(case["next"], closing);
    let lines = world.asks_for("status")["lines"].as_array().unwrap().clone();
    let next = |kind: &str| lines.iter().find(|line| line["kind"] == kind).unwrap()["next"].clone();
    assert_eq!((next("answer"), next("manual")), (closing.clone().into(), closing.clone().into()));
    for end in ["cancel 2026-000001", "answer 2026-000001 --channel email --number 7", "letter 2026-000001"] {
        let _ = world.types(&format!("request {end}")).exits(4).says(&closing);
    }
    let _ = world.types(&format!("{done} --found")).ok();
    assert_eq!(world.asks_for("request show 2026-000001")["duties"][0]["found"], true);
    let letter = world.types("request letter 2026-000001 --lang en --format text").ok().stdout;
    assert!(letter.contains("PART") && letter.contains("an open obligation needs it"), "{letter}");
}

/// Where nothing had to stay everything is gone: no page says of an order that nothing was found.
#[test]
fn what_had_not_to_stay_is_told_as_destroyed() {
    for (lang, stays, gone, found) in [
        ("en", "part of it had to stay", "nothing had to stay: all of it was destroyed", "nothing found"),
        ("ru", "часть пришлось оставить", "оставлять было нечего: уничтожено всё", "ничего не найдено"),
        (
            "kk",
            "бір бөлігін қалдыруға тура келді",
            "қалдыратын ештеңе болмады: бәрі жойылды",
            "ештеңе табылмады",
        ),
    ] {
        for (came, says) in [("--found", stays), ("--nothing", gone)] {
            let world = World::with_fixtures();
            world.write("dsr.yaml", OFFICE.replace("[correspondence]", "[contact]"));
            let _ = world.types("erase --subject ref:C-1 --category contact --identity document --yes").ok();
            let deal = r#"{"kind":"obligation","ref":"O-901","subject":"C-1","type":"purchase","opened_at":"2026-11-22T09:00"}"#;
            world.write("deal.ndjson", deal);
            let _ = world.types("import deal.ndjson").ok();
            let duties = world.asks_for("request show 2026-000001")["duties"].as_array().unwrap().clone();
            for step in duties.iter().filter(|duty| duty["kind"] == "manual").map(|duty| &duty["step"]) {
                let done = format!("request done 2026-000001 --step {step} {came} --evidence 'folder 7'");
                let _ = world.types(&done).ok();
            }
            let page = |line: &str, form: &str| {
                let page = world.types(&format!("{line} --lang {lang} --format {form}")).ok().stdout;
                flat(&page)
            };
            let act = page("report destruction --act A-2026-000001", "html");
            let told = |words: &str| act.contains(&format!("{words}, folder 7"));
            assert!(told(says) && !told(found), "{lang} {came}: {act}");
            // A column is narrow, and its words stand one below the other.
            let case = page("request show 2026-000001", "table");
            assert!(
                case.contains(says.split(' ').next().unwrap()) && !case.contains(found),
                "{lang} {came}: {case}"
            );
        }
    }
}

/// An act of what people did tells that, and claims nothing that this program did not reach.
fn claims_nothing(world: &World, number: &str) {
    let one = world.asks_for(&format!("report destruction --act {number}"));
    let done = &one["duties"][0];
    assert_eq!((&one["by_hand"], &done["evidence"]), (&true.into(), &"done".into()), "{one:#}");
    assert!(done["by"].is_string() && one["systems"][0] == "call-recordings", "{one:#}");
    let listed = world.asks_for("report destruction")["acts"][0].clone();
    for (what, claim) in [
        ("method", &one["method"]),
        ("level", &one["level"]),
        ("scan", &one["scan"]),
        ("listed method", &listed["method"]),
        ("listed level", &listed["level"]),
        ("listed files", &listed["scanned_files"]),
    ] {
        assert_eq!(claim, &Value::Null, "{what}");
    }
    for (lang, says, never) in [
        ("en", "What came of it, proof", ["NIST", "overwriting", "Total", "none among"]),
        ("ru", "Что выяснилось, подтверждение", ["NIST", "перезаписью", "Всего", "среди уничтоженного"]),
        ("kk", "Не анықталды, растау", ["NIST", "қайта жазып", "Барлығы", "ішінде жоқ"]),
    ] {
        for format in ["table", "html"] {
            let page =
                world.types(&format!("report destruction --act {number} --lang {lang} --format {format}"));
            let page = page.ok().stdout;
            let claimed: Vec<_> = never.iter().filter(|word| page.contains(**word)).collect();
            assert!(
                page.contains(says) && page.contains("call-recordings") && claimed.is_empty(),
                "{claimed:?} {page}"
            );
        }
    }
    let csv = world.types(&format!("report destruction --act {number} --format csv")).ok().stdout;
    assert!(csv.contains(r#""evidence","call-recordings","done""#) && !csv.contains("NIST"), "{csv}");
}

#[test]
fn what_people_found_and_destroyed_has_an_act() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let none = world.asks_for("erase --subject iin:000229599999 --identity document --yes");
    assert_eq!(none["outcome"]["act"], Value::Null, "nobody knows yet whether anything is there: {none:#}");
    let done = |step: u32, came: &str| {
        let _ =
            world.types(&format!("request done 2026-000001 --step {step} {came} --evidence 'folder 7'")).ok();
    };
    done(1, "--found");
    assert_eq!(act(&world, "A-2026-000001").0, "pending", "the other place was not looked at");
    done(2, "--nothing");
    let (state, listed) = act(&world, "A-2026-000001");
    assert_eq!((state.as_str(), listed.len()), ("destroyed", 2), "{listed:?}");
    assert_eq!(world.asks_for("report destruction")["acts"].as_array().unwrap().len(), 1);
}

#[test]
fn an_act_is_of_its_own_decision() {
    let mut world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    let _ = world.types("revoke --subject ref:C-2 --identity document --yes").ok();
    do_all(&world, "2026-000001", "");
    let (state, before) = act(&world, "A-2026-000001");
    assert_eq!(state, "destroyed");
    let _ = world.types("request answer 2026-000001 --channel email").ok();
    world.at("2026-12-15T10:00:00+05:00");
    let later = common::fixture("mycar-later.ndjson");
    let _ = world.dsr(["import", later.to_str().unwrap()]).ok();
    let gone = world.asks_for("request resume 2026-000001 --yes");
    assert_eq!(gone["outcome"]["destruction"], "pending", "{gone:#}");
    let second = gone["outcome"]["act"].as_str().unwrap().to_owned();
    assert_eq!(act(&world, "A-2026-000001"), ("destroyed".to_owned(), before));
    let (state, ordered) = act(&world, &second);
    assert!(state == "pending" && ordered.iter().any(|task| task.starts_with("destroy")), "{ordered:?}");
    do_all(&world, "2026-000001", "");
    assert_eq!(act(&world, &second).0, "destroyed");
}

#[test]
fn an_order_that_comes_later_keeps_what_people_were_told_to_destroy() {
    for (order, waits, ends) in [
        ("hold add --subject ref:C-1 --basis 'court order 2-1234'", "hold H-1", "hold release H-1"),
        (
            "restrict --subject ref:C-1 --reason disputed --yes",
            "block 2026-000002",
            "restrict --subject ref:C-1 --lift --finding accurate --yes",
        ),
    ] {
        let world = World::with_fixtures();
        world.write("dsr.yaml", OFFICE);
        let _ = world.types("erase --subject ref:C-1 --identity document --yes").ok();
        let step = |world: &World| {
            let case = world.asks_for("request show 2026-000001");
            let all = case["duties"].as_array().unwrap().clone();
            all.into_iter().find(|duty| duty["task"] == "destroy correspondence (Call centre)").unwrap()
        };
        let number = step(&world)["step"].clone();
        let done = format!("request done 2026-000001 --step {number} --evidence done");
        assert_eq!(step(&world)["waits"], Value::Null);
        let named = format!("step {number} of case 2026-000001 (call-recordings) waits from now on");
        let _ = world.types(order).ok().says(&named);
        assert_eq!(step(&world)["waits"], waits, "{order}");
        let before = world.bytes();
        let word = waits.split_whitespace().last().unwrap();
        let _ = world.types(&done).exits(4).says(word);
        assert_eq!(world.bytes(), before, "{order}");
        let due = world.types("report deadlines --format csv").ok().stdout;
        assert!(due.contains(&format!("waits for {waits}")), "{due}");
        let day = world.asks_for("status");
        let line = day["lines"].as_array().unwrap().iter().find(|line| {
            line["number"] == "2026-000001" && line["about"].as_str().unwrap().contains("correspondence")
        });
        assert_eq!(line.unwrap()["urgency"], "waiting", "{day:#}");
        assert!(line.unwrap()["about"].as_str().unwrap().contains(&format!("waits for {waits}")), "{day:#}");
        let _ = world.types(ends).ok();
        assert_eq!(step(&world)["waits"], Value::Null, "{order}");
        let _ = world.types(&done).ok();
    }
}
