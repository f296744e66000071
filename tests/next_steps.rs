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

/// Past its last day an authority is none, from that day on and not only once somebody tries: the next command asks for
/// another, and without one the request is refused.
#[test]
fn an_authority_that_ended_is_asked_for_from_that_day() {
    let mut world = World::with_fixtures();
    let open = "request open --right erase --subject ref:C-8 --channel email";
    let represented = ["--representative", "A. Lawyer", "--authority", "POA 7"];
    let _ = world.dsr(open.split(' ').chain(represented)).ok();
    let verify = "request verify 2026-000001 --identity document";
    let _ = world.types(&format!("{verify} --acting-as power_of_attorney --expires 2026-11-24")).ok();
    assert!(text(&shown(&world, 1)["next"]).starts_with("dsr erase "));

    world.at("2026-11-25T10:00:00+05:00");
    let another = "dsr request verify 2026-000001 --identity METHOD --acting-as KIND";
    let refuse = "dsr request refuse 2026-000001 --ground RF-ID --facts TEXT --signed-by NAME";
    assert_eq!(ways(&world, 1), [another, refuse]);
    let todo = world.types("status").stdout;
    assert!(todo.contains("request verify 2026-000001"), "{todo}");
    let _ = world.types("erase --subject ref:C-8 --request 2026-000001 --yes").exits(4);

    let _ = world.types(&format!("{verify} --acting-as power_of_attorney --expires 2026-12-24")).ok();
    assert!(text(&shown(&world, 1)["next"]).starts_with("dsr erase "));
    world.at("2026-12-25T10:00:00+05:00");
    let signed = ["--facts", "nobody answered", "--signed-by", "A. Officer"];
    let _ = world.dsr(refuse.split_whitespace().skip(1).take(5).chain(signed)).ok();
    assert_eq!(shown(&world, 1)["state"], "refused");
}

/// The end of a check needs nobody's identity: once the order has ended that kept it back, the case goes on.
#[test]
fn what_needs_no_identity_goes_on_when_an_order_has_ended() {
    let mut world = World::with_fixtures();
    let _ = world.types("restrict --subject ref:C-1 --identity document --reason accuracy --yes").ok();
    let _ = world.types("hold add --subject ref:C-1 --basis order-7").ok();
    let _ = world.types("restrict --subject ref:C-1 --lift --finding unlawful --yes");
    world.at("2026-11-25T10:00:00+05:00");
    let resume = "dsr request resume 2026-000002";
    let _ = world.types("hold release H-1").ok().says(resume);
    assert_eq!(ways(&world, 2), [resume]);
    let _ = world.types("request resume 2026-000002 --yes").ok();
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

/// What only a place of people may hold is not said to be held nowhere: without a proof it waits for a document, with one it
/// is ordered there.
#[test]
fn a_correction_of_what_may_lie_with_people_waits_for_a_document() {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE.replace("[contact, vehicle]", "[portrait]"));
    let rectify =
        "rectify --subject ref:C-1 --identity document --set portrait.file=new.jpg --yes --format json";
    let plan = world.types(rectify).exits(4).json();
    let kept = &plan["kept"][0];
    let said = [&plan["decision"], &kept["system"], &kept["category"], &plan["waits"][0]["on"]].map(text);
    assert_eq!(said, ["refuse", "paper-archive", "portrait", "document"], "{plan:#}");
    assert_eq!(plan["gaps"], Value::Array(Vec::new()));
    assert_eq!(shown(&world, 1)["state"], "waiting");
    let letter = world.types("request letter 2026-000001 --lang en --format text").ok().stdout;
    assert!(letter.contains("Photo and video (paper-archive)"), "{letter}");

    let proved = format!("{rectify} --request 2026-000001 --document passport");
    let plan = world.types(&proved).ok().json();
    assert_eq!((&plan["decision"], &plan["gaps"]), (&"grant".into(), &Value::Array(Vec::new())), "{plan:#}");
    assert_eq!(shown(&world, 1)["duties"][0]["task"], "correct portrait.file (Archive)");
}
