//! What an officer is told to type next, and in which language a case is told that nobody wrote.

mod common;

use common::{World, plan::text};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    legal_name: MyCar
    bin: \"191140031171\"
    address: Almaty
    responsible: {name: A. Officer, email: dpo@mycar.example}
    letters_reviewed: [ru, kk]
    systems:
      paper-archive: {kind: manual, owner: Archive, categories: [contact, vehicle]}
";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

fn shown(world: &World, nth: u32) -> Value {
    world.types(&format!("request show 2026-{nth:06} --format json")).ok().json()
}

fn ways(world: &World, nth: u32) -> Vec<String> {
    let ways = shown(world, nth)["ways"].as_array().cloned().unwrap_or_default();
    ways.iter().map(|way| text(way).to_owned()).collect()
}

/// Types what the case says comes next, with what the officer has to fill in.
fn follows(world: &World, nth: u32) -> String {
    let next = text(&shown(world, nth)["next"]).to_owned();
    let line = next.replace("CHANNEL", "email").replace("NO", "7-1").replace(" --output FILE", "");
    let yes = if line.contains("resume") { " --yes" } else { "" };
    let _ = world.types(&format!("{}{yes}", line.trim_start_matches("dsr "))).ok();
    next
}

/// Two commands of one day are like one letter: what access tells stays until its letter is drawn, and the address until
/// that is sent.
#[test]
fn what_is_asked_on_the_day_of_a_destruction_is_answered_first() {
    for (who, goes) in [("C-3", "contact"), ("C-1", "account")] {
        let world = office();
        let erase =
            format!("erase --subject ref:{who} --category {goes} --identity document --yes --format json");
        let _ = world.types(&format!("access --subject ref:{who} --identity document --channel email")).ok();
        let plan = world.types(&erase).ok().json();
        assert_eq!(plan["waits"][0]["on"], "answer of case 2026-000001", "{plan:#}");
        let duties = shown(&world, 1)["duties"].as_array().cloned().unwrap_or_default();
        for duty in duties.iter().filter(|duty| duty["done"].is_null()) {
            let look = format!("request done 2026-000001 --step {} --nothing --evidence f-3", duty["step"]);
            let _ = world.types(&look).ok();
        }
        assert_eq!(follows(&world, 1), "dsr request letter 2026-000001 --output FILE");
        assert_eq!(follows(&world, 1), "dsr request answer 2026-000001 --channel CHANNEL");
        assert_eq!(follows(&world, 2), "dsr request resume 2026-000002");
        let copy = world.types(&format!("export --subject ref:{who} --format json")).ok().stdout;
        assert!(!copy.contains(&format!("\"category\": \"{goes}\"")), "{who}: {copy}");
    }
}

/// A letter that cannot be sent is made again, of what is held then: it opens nothing. Once something went, no letter of access
/// says "in full" of the rest.
#[test]
fn a_letter_that_cannot_be_sent_lets_nothing_go_and_none_is_drawn_of_the_rest() {
    let held = |world: &World| {
        world
            .types("export --subject ref:C-1 --format json")
            .ok()
            .stdout
            .contains("\"category\": \"account\"")
    };
    for ready in [false, true] {
        let world = if ready { office() } else { World::with_fixtures() };
        let _ = world.types("access --subject ref:C-1 --identity document --channel email").ok();
        for duty in shown(&world, 1)["duties"].as_array().cloned().unwrap_or_default() {
            let look = format!("request done 2026-000001 --step {} --nothing --evidence f-3", duty["step"]);
            let _ = world.types(&look).ok();
        }
        let _ = world.types("erase --subject ref:C-1 --identity document --yes").ok();
        let _ = world.types("request letter 2026-000001 --output first.html").ok();
        let _ = world.types("request resume 2026-000002 --yes").ok();
        assert_eq!(held(&world), !ready, "a letter with faults: {}", !ready);
        if ready {
            let _ = world.types("request letter 2026-000001").exits(4).says("was destroyed since");
            let _ = world.types("request answer 2026-000001 --channel email").ok();
        }
    }
}

/// Messages stop for anybody, so both objections begin with the same command; what needs a name is then confirmed or
/// refused.
#[test]
fn an_objection_of_somebody_unconfirmed_leads_on() {
    let world = World::with_fixtures();
    for (nth, right) in [(1, "opt_out"), (2, "object")] {
        let _ = world.types(&format!("request open --right {right} --subject ref:C-1 --channel email")).ok();
        let case = shown(&world, nth);
        let command = format!("dsr object --subject id:{} --request 2026-{nth:06}", text(&case["subject"]));
        assert_eq!(case["next"], command, "{right}");
    }
    let verify = "dsr request verify 2026-000002 --identity METHOD";
    let refuse = "dsr request refuse 2026-000002 --ground RF-ID --facts TEXT --signed-by NAME";
    assert_eq!(ways(&world, 2)[1..], [verify, refuse]);
    let _ = world.types("object --subject ref:C-1 --request 2026-000002 --yes").exits(4);
    assert_eq!(ways(&world, 2), [verify, refuse]);
    let signed = ["--facts", "nobody answered", "--signed-by", "A. Officer"];
    let words = refuse.split_whitespace().skip(1).take(5).chain(signed);
    let _ = world.dsr(words).ok();
    assert_eq!(shown(&world, 2)["state"], "refused");
    // Whoever wants no more messages proves nothing, and is refused by no such ground.
    assert_eq!(ways(&world, 1).len(), 1);
}

/// Whoever asks for a minor and is confirmed by nothing is refused by the ground that the refusal of the command names.
#[test]
fn who_asks_for_a_minor_is_confirmed_or_refused() {
    let world = World::with_fixtures();
    let _ = world.types("request open --right minor --subject ref:C-11 --channel phone").ok();
    let _ = world.types("erase --subject ref:C-11 --request 2026-000001 --yes").exits(4);
    let refuse = "dsr request refuse 2026-000001 --ground RF-ID --facts TEXT --signed-by NAME";
    assert_eq!(ways(&world, 1).last().map(String::as_str), Some(refuse));
    let signed = ["--facts", "nobody answered", "--signed-by", "A. Officer"];
    let _ = world.dsr(refuse.split_whitespace().skip(1).take(5).chain(signed)).ok();
}

#[test]
fn the_end_of_a_check_is_told_in_the_language_of_the_request() {
    for (language, says) in [("kk", "бұғат"), ("ru", "блокиров")] {
        let world = office();
        let restrict =
            "restrict --subject ref:C-1 --category account --reason disputed --channel email --yes";
        let _ = world.types(&format!("{restrict} --language {language}")).ok();
        let _ = world.types("restrict --subject ref:C-1 --lift --finding accurate --yes").ok();
        let duties = shown(&world, 2)["duties"].as_array().cloned().unwrap_or_default();
        for duty in &duties {
            let _ = world
                .types(&format!("request done 2026-000002 --step {} --evidence seen", duty["step"]))
                .ok();
        }
        let letter = world.types("request letter 2026-000002 --format json").ok().json();
        assert_eq!(letter["languages"], serde_json::json!([language]), "{letter:#}");
        assert!(letter.to_string().to_lowercase().contains(says), "{language}");
    }
}

/// A deal that came after the order asks whoever closes the step what they found: each place that names the command
/// names it whole.
#[test]
fn the_doctor_names_the_command_that_the_case_names() {
    let world = office();
    let _ = world
        .types("erase --subject ref:C-1 --category contact --identity document --channel email --yes")
        .ok();
    let deal = r#"{"kind":"obligation","ref":"O-900","subject":"C-1","type":"purchase","opened_at":"2026-11-20T10:00+05:00","closed_at":null}"#;
    world.write("deal.ndjson", format!("{deal}\n"));
    let _ = world.types("import deal.ndjson --controller mycar").ok();
    let _ = world.types("sanitize").ok();
    let next = shown(&world, 1)["next"].clone();
    assert!(text(&next).contains("--found|--nothing"), "{next}");
    let findings = world.types("doctor --format json").json();
    let says = findings["findings"].as_array().cloned().unwrap_or_default();
    let says =
        says.iter().find(|finding| finding["what"] == "destruction").map(|one| text(&one["says"]).to_owned());
    assert!(says.as_ref().is_some_and(|says| says.contains(text(&next))), "{says:?}");
}

/// Values of a correction are kept nowhere, so a second one is another one, in the same case and in the next: people are
/// told of it too.
#[test]
fn a_second_correction_of_what_lies_elsewhere_alone_is_ordered() {
    let mut world = office();
    let rectify = "rectify --subject ref:C-28 --identity document --set vehicle.vin=JTDBT923771234567 --yes";
    let _ = world.types(rectify).exits(4);
    for (nth, day, document) in [(1, "2026-11-22", "p-1"), (1, "2026-11-22", "p-2"), (2, "2026-12-22", "p-3")]
    {
        world.at(&format!("{day}T10:00:00+05:00"));
        let _ = world.types(&format!("{rectify} --document {document}")).ok();
        let duties = shown(&world, nth)["duties"].as_array().cloned().unwrap_or_default();
        let open = duties.iter().find(|duty| duty["done"].is_null());
        let open = open.unwrap_or_else(|| panic!("{document}: {duties:#?}"));
        assert_eq!(open["task"], "correct vehicle.vin (Archive)");
        let done = format!("request done 2026-{nth:06} --step {} --evidence folder-3", open["step"]);
        let _ = world.types(&done).ok();
    }
    let told = world.types("request letter 2026-000002 --lang en --format text").ok().stdout;
    assert!(told.contains("Vehicle (paper-archive); Field: VIN"), "{told}");
}

/// A case that waited for the end of an order is gone on with by the command that the release names, whoever asked for it.
#[test]
fn what_an_order_kept_goes_on_by_one_command() {
    for (block, ask, nth) in [
        (true, "restrict --subject ref:C-1 --lift --finding unlawful --yes", 2),
        (false, "erase --subject ref:C-1 --category account --identity document --yes", 1),
    ] {
        let mut world = office();
        if block {
            let _ = world.types("restrict --subject ref:C-1 --category account --reason disputed --yes").ok();
        }
        let _ = world.types("hold add --subject ref:C-1 --basis order-7 --category account").ok();
        let _ = world.types(ask);
        world.at("2026-12-22T10:00:00+05:00");
        let resume = format!("dsr request resume 2026-{nth:06}");
        let _ = world.types("hold release H-1").ok().says(&resume);
        assert_eq!(shown(&world, nth)["next"], resume, "{ask}");
        assert!(world.types("status --format json").ok().stdout.contains(&resume), "{ask}");
        let _ = world.types(&format!("request resume 2026-{nth:06} --yes")).ok();
    }
}

fn carry_out(world: &World, act: &str) {
    let _ = world.types(act).ok();
    let _ = world.types("sanitize").ok();
    let duties = shown(world, 1)["duties"].as_array().cloned().unwrap_or_default();
    for duty in duties.iter().filter(|duty| duty["done"].is_null()) {
        let found = if text(&duty["task"]).starts_with("look") { "--nothing" } else { "" };
        let done = format!("request done 2026-000001 --step {} {found} --evidence folder-3", duty["step"]);
        let _ = world.types(&done).ok();
    }
}

/// From the day after its last day an authority is missing, in whatever state the case is: a new one goes on with it, or
/// the person alone, whom the letter is addressed to then.
#[test]
fn an_authority_that_ended_on_the_way_is_named() {
    let command = "dsr request verify 2026-000001 --acting-as KIND --expires DAY";
    let person = "dsr request verify 2026-000001 --identity METHOD --acting-as self";
    for (right, done, new) in [
        ("erase", false, false),
        ("erase", true, true),
        ("erase", true, false),
        ("access", false, true),
        ("access", true, false),
        ("revoke", true, false),
    ] {
        let about = format!("{right} {done} {new}");
        let mut world = office();
        let open = ["request", "open", "--right", right, "--subject", "ref:C-5", "--channel", "email"];
        let _ = world.dsr(open.iter().chain(&["--representative", "Рахимов Р.", "--authority", "p. 5"])).ok();
        let verify = "request verify 2026-000001 --identity document --acting-as power_of_attorney";
        let _ = world.types(&format!("{verify} --expires 2026-11-23")).ok();
        let act = format!("{right} --subject ref:C-5 --request 2026-000001");
        let act = if right == "access" { act } else { format!("{act} --yes") };
        if done {
            carry_out(&world, &act);
            let _ = world.types("request letter 2026-000001 --lang ru").ok();
        }
        assert!(!shown(&world, 1)["next"].as_str().unwrap_or_default().contains("verify"), "{about}");

        world.at("2026-11-24T10:00:00+05:00");
        let case = shown(&world, 1);
        assert_eq!(
            (&case["next"], &case["authority_ended"]),
            (&command.into(), &"2026-11-23".into()),
            "{about}"
        );
        // What was done is told to the person alone where nobody comes; what was not, and what tells data, is refused.
        let nobody_came = match (right, done) {
            ("erase" | "revoke", true) => "dsr request verify 2026-000001 --acting-as KIND --failed TEXT",
            _ => "dsr request refuse 2026-000001 --ground RF-ID --facts TEXT --signed-by NAME",
        };
        assert_eq!(ways(&world, 1), [command, person, nobody_came], "{about}");
        assert!(world.types("status --format json").ok().stdout.contains(command), "{about}");
        assert!(
            world.types("request show 2026-000001").ok().stdout.contains("ended on 2026-11-23"),
            "{about}"
        );
        let answer = "request answer 2026-000001 --channel email";
        if done {
            let _ = world.types(answer).exits(4).says(person);
        }
        let self_ = "request verify 2026-000001 --identity known_contact --acting-as self";
        let _ = match new {
            true => world.types(&format!("{verify} --expires 2027-01-01")).ok(),
            false => world.types(self_).ok(),
        };
        assert_eq!(shown(&world, 1)["authority_ended"], Value::Null, "{about}");
        if !done || right == "access" {
            carry_out(&world, &act);
        }
        let letter = world.types("request letter 2026-000001 --lang ru --format text").ok().stdout;
        assert_eq!(letter.contains("Рахимов"), new, "{about}: {letter}");
        let late = if right == "revoke" { "--despite late --reason 'no power came'" } else { "" };
        let _ = world.types(&format!("{answer} {late}")).ok();
    }
    let world = World::with_fixtures();
    let _ = world.types("request open --right erase --subject ref:C-5").ok();
    let verify = "request verify 2026-000001 --acting-as self";
    let _ = world.types(verify).exits(2).says("--identity");
    let _ =
        world.types(&format!("{verify} --identity document --expires 2027-01-01")).exits(2).says("--expires");
}
