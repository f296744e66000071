//! What a person asks to be told is answered before what they ask for on another day destroys it, and no end of the one
//! case leaves the other without a way on.

mod common;

use common::{World, plan::text};
use serde_json::{Value, json};

const OFFICE: &str = "\
controllers:
  mycar:
    legal_name: MyCar
    bin: \"191140031171\"
    address: Almaty
    responsible: {name: A. Officer, email: dpo@mycar.example}
    letters_reviewed: [ru, kk]
";
const ACCESS: &str = "2026-000001";
const ERASE: &str = "2026-000002";
const ASKED: &str = "request open --right access --subject ref:C-19 --identity document --channel email";
const ERASED: &str = "erase --subject ref:C-19 --identity document --channel email --yes";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

fn shown(world: &World, case: &str) -> Value {
    world.asks_for(&format!("request show {case}"))
}

fn person(world: &World) -> String {
    text(&shown(world, ACCESS)["subject"]).to_owned()
}

fn carrying_out(world: &World) -> String {
    format!("dsr access --subject id:{} --request {ACCESS}", person(world))
}

/// The categories of the person of which something is held.
fn held(world: &World) -> Vec<String> {
    let told = world.asks_for("export --subject ref:C-19");
    let records = told["records"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<String> = records.iter().map(|record| text(&record["category"]).to_owned()).collect();
    all.dedup();
    all
}

/// What an erasure waits for, and the command that it names.
fn waits(plan: &Value) -> Vec<(String, Value)> {
    let waits = plan["waits"].as_array().cloned().unwrap_or_default();
    waits.iter().map(|wait| (text(&wait["on"]).to_owned(), wait["next"].clone())).collect()
}

/// Types what a case says comes next until it has ended, with what the officer has to fill in.
fn follow(world: &World, case: &str) {
    for _ in 0..6 {
        let next = text(&shown(world, case)["next"]).to_owned();
        if next.is_empty() || shown(world, case)["state"] == "answered" {
            return;
        }
        let line = next.replace("CHANNEL", "email").replace("NO", "7-1").replace(" --output FILE", "");
        let yes = if line.contains("resume") || line.contains("erase") { " --yes" } else { "" };
        let line = format!("{}{yes}", line.trim_start_matches("dsr "));
        let run = world.types(&line);
        // A letter that is late goes with its reason.
        let late = run.code == 4 && run.stderr.contains("--despite late");
        let _ =
            if late { world.types(&format!("{line} --despite late --reason fire")).ok() } else { run.ok() };
    }
    panic!("{case} goes on for ever: {:#}", shown(world, case));
}

fn on(world: &mut World, day: &str) {
    world.at(&format!("{day}T10:00:00+05:00"));
}

/// An access case is open, and on a later day the person has everything erased.
fn asked_then_erased(day: &str) -> (World, Value) {
    let mut world = office();
    let _ = world.types(ASKED).ok();
    on(&mut world, day);
    let plan = world.types(&format!("{ERASED} --late-reason 'seen late' --format json")).ok().json();
    (world, plan)
}

fn is_gone(world: &World) {
    assert_eq!(held(world), Vec::<String>::new());
}

#[test]
fn what_was_asked_on_an_earlier_day_is_told_before_it_goes() {
    let (world, plan) = asked_then_erased("2026-11-24");
    let first = carrying_out(&world);
    assert_eq!(waits(&plan), [(format!("answer of case {ACCESS}"), first.clone().into())], "{plan:#}");
    assert_eq!(
        plan["kept"][0]["reason"],
        format!("the answer of case {ACCESS} has to tell it, and is made first")
    );
    let page = world.types(&format!("erase --subject ref:C-19 --request {ERASE} --dry-run")).ok().stdout;
    assert!(page.contains(&first), "{page}");
    let awaits = &shown(&world, ERASE)["waits"][0];
    assert_eq!(
        (&awaits["on"], &awaits["name"], &awaits["next"]),
        (&json!("answer"), &json!(ACCESS), &json!(first))
    );
    follow(&world, ACCESS);
    assert_eq!(shown(&world, ERASE)["next"], format!("dsr request resume {ERASE}"));
    follow(&world, ERASE);
    is_gone(&world);
}

/// The erasure lay there before the person asked what is held; it is told all the same, since it is held when they ask.
#[test]
fn what_was_asked_before_an_erasure_was_carried_out_is_told_before_it_goes() {
    let mut world = office();
    let _ =
        world.types("request open --right erase --subject ref:C-19 --identity document --channel email").ok();
    on(&mut world, "2026-11-24");
    let _ = world.types(ASKED).ok();
    on(&mut world, "2026-11-25");
    let plan = world.asks_for(&format!("erase --subject ref:C-19 --request {ACCESS} --yes"));
    let first = format!("dsr access --subject id:{} --request {ERASE}", person(&world));
    assert_eq!(waits(&plan), [(format!("answer of case {ERASE}"), first.into())], "{plan:#}");
    follow(&world, ERASE);
    follow(&world, ACCESS);
    is_gone(&world);
}

fn night(world: &mut World, day: &str) {
    on(world, day);
    let _ = world.types(&format!("purge-expired --enable --accept-clock {day}")).ok();
}

/// However an access case ends, and whatever time it took, the erasure goes on; the nights leave alone what is to be told.
#[test]
fn an_erasure_goes_on_however_the_other_case_ends() {
    let mut other = office();
    night(&mut other, "2031-02-10");
    assert_eq!(held(&other), ["contact"], "nobody asks, and the night takes the rest");

    let cancel = format!("request cancel {ACCESS} --reason 'takes it back'");
    let refuse =
        format!("request refuse {ACCESS} --ground RF-SCOPE --facts archive --signed-by 'A. Officer'");
    for (about, ends, day) in [
        ("cancelled", Some(cancel), "2026-11-24"),
        ("refused", Some(refuse), "2026-11-24"),
        ("overdue", None, "2026-12-30"),
    ] {
        let (mut world, plan) = asked_then_erased(day);
        assert_eq!(waits(&plan).len(), 1, "{about}: {plan:#}");
        let before = held(&world);
        night(&mut world, "2031-02-10");
        assert_eq!(held(&world), before, "{about}");
        if let Some(end) = ends {
            let _ = world.types(&end).ok();
        }
        follow(&world, ACCESS);
        follow(&world, ERASE);
        assert_eq!(shown(&world, ERASE)["state"], "answered", "{about}");
        is_gone(&world);
    }
}

/// Nobody is confirmed to have asked, and may be a stranger: that keeps nothing which the person wants gone, and neither case
/// is left without a way on.
#[test]
fn what_nobody_is_confirmed_to_have_asked_keeps_nothing() {
    let mut world = office();
    let _ = world.types(&ASKED.replace("--identity document ", "")).ok();
    on(&mut world, "2026-11-24");
    let plan = world.types(&format!("{ERASED} --format json")).ok().json();
    assert_eq!(waits(&plan), [], "{plan:#}");
    is_gone(&world);
    let refuse =
        format!("request refuse {ACCESS} --ground RF-ID --facts 'nobody came' --signed-by 'A. Officer'");
    let _ = world.types(&refuse).ok();
    follow(&world, ACCESS);
    follow(&world, ERASE);
    assert_eq!(shown(&world, ERASE)["state"], "answered");
}

/// What somebody asks in the person's name keeps nothing that the person wants gone; what the person asks keeps it from
/// whoever acts for them.
#[test]
fn the_own_question_comes_before_what_a_representative_asks() {
    let named = "--representative 'A. Advocate' --authority 'p. 5'";
    for (asks, erases, waiting) in [(named, "", 0), ("", named, 1), (named, named, 1)] {
        let mut world = office();
        let _ = world.types(&format!("{ASKED} {asks}")).ok();
        on(&mut world, "2026-11-24");
        let plan = world.types(&format!("{ERASED} {erases} --format json")).json();
        assert_eq!(waits(&plan).len(), waiting, "{asks}; {erases}: {plan:#}");
    }
}

/// A refusal lists nothing: all goes but where it is sent to, and that once it was sent.
#[test]
fn a_refusal_that_lies_signed_keeps_only_the_address() {
    let (world, _) = asked_then_erased("2026-11-24");
    let refuse =
        format!("request refuse {ACCESS} --ground RF-SCOPE --facts archive --signed-by 'A. Officer'");
    let _ = world.types(&refuse).ok();
    let plan = world.asks_for(&format!("request resume {ERASE} --yes"));
    assert_eq!(waits(&plan).len(), 1, "{plan:#}");
    assert_eq!(held(&world), ["contact"]);
    follow(&world, ACCESS);
    follow(&world, ERASE);
    is_gone(&world);
}
