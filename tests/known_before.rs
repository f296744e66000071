//! Who asked was known, or might act, when a case was carried out, and is not any more: what was done is told as done,
//! what tells data goes to nobody but the person, and every command that is named works.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Run, World, line::flat};
use serde_json::Value;

const OFFICE: &str = "\
controllers:
  mycar:
    legal_name: MyCar
    bin: \"191140031171\"
    address: Almaty
    responsible: {name: A. Officer, email: dpo@mycar.example}
    letters_reviewed: [ru, kk]
";
const PAPER: &str = "    systems: {paper-archive: {kind: manual, owner: Archive, categories: [vehicle]}}\n";
const CASE: &str = "2026-000001";
const ANEW: &str = "dsr request verify 2026-000001 --acting-as KIND --expires DAY";
const ALONE: &str = "dsr request verify 2026-000001 --identity METHOD --acting-as self";
const LOST: &str = "dsr request verify 2026-000001 --acting-as KIND --failed TEXT";
const REFUSE: &str = "dsr request refuse 2026-000001 --ground RF-ID --facts TEXT --signed-by NAME";
const VERIFY: &str = "dsr request verify 2026-000001 --identity METHOD";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

fn shown(world: &World) -> Value {
    world.asks_for(&format!("request show {CASE}"))
}

fn ways(world: &World) -> Vec<String> {
    let ways = shown(world)["ways"].as_array().unwrap().clone();
    ways.iter().map(|way| way.as_str().unwrap().to_owned()).collect()
}

/// Types a command as it was printed, with what an officer fills in.
fn typed(world: &World, command: &str) -> Run {
    let filled = [
        ("dsr ", ""),
        ("METHOD", "known_contact"),
        ("KIND", "power_of_attorney"),
        ("DAY", "2027-01-01"),
        ("TEXT", "'none in force came'"),
        ("WHY", "'none in force came'"),
        ("NAME", "'A. Officer'"),
        ("CHANNEL", "email"),
        ("--output FILE", "--lang en --format text"),
    ];
    let line = filled.iter().fold(command.to_owned(), |line, (word, with)| line.replace(word, with));
    world.types(&if line.contains("resume") { format!("{line} --yes") } else { line })
}

/// Follows what is named next to the end of the case, and gives the letter that was sent.
fn to_the_end(world: &World) -> String {
    let mut letter = String::new();
    for _ in 0..4 {
        let Some(next) = shown(world)["next"].as_str().map(str::to_owned) else { break };
        let run = typed(world, &next).ok();
        if next.contains("letter") {
            letter = flat(&run.stdout);
        }
    }
    assert!(shown(world)["answered"].is_string(), "{:#}", shown(world));
    let _ = world.dsr(["audit", "verify"]).ok();
    letter
}

/// Carried out while the authority was in force, which ends before anything is answered.
fn ended(right: &str, whom: &str, made: bool) -> World {
    let mut world = office();
    let open = ["request", "open", "--right", right, "--subject", whom, "--channel", "email"];
    let _ = world.dsr(open.iter().chain(&["--representative", "R. Rakhimov", "--authority", "p. 5"])).ok();
    let verify = "verify 2026-000001 --identity document --acting-as power_of_attorney --expires 2026-11-23";
    let _ = world.types(&format!("request {verify}")).ok();
    let yes = if right == "access" { "" } else { "--yes" };
    let _ = world.types(&format!("{right} --subject {whom} --request {CASE} {yes}")).ok();
    if made {
        let _ = world.types(&format!("request letter {CASE} --lang en")).ok();
    }
    world.at("2026-11-24T10:00:00+05:00");
    world
}

#[test]
fn data_goes_to_nobody_whose_authority_has_ended_and_the_case_is_answered() {
    for made in [false, true] {
        for (way, title, to) in [
            (ANEW, "ANSWER TO YOUR REQUEST FOR ACCESS", "R. Rakhimov"),
            (ALONE, "ANSWER TO YOUR REQUEST FOR ACCESS", ""),
            (REFUSE, "REASONED REFUSAL", "R. Rakhimov"),
        ] {
            let world = ended("access", "ref:C-5", made);
            assert_eq!(ways(&world), [ANEW, ALONE, REFUSE], "{made}");
            let _ = world.types(&format!("request answer {CASE} --channel email")).exits(4).says(ALONE);
            let _ = typed(&world, way).ok();
            if way == ALONE {
                let _ = world.types(&format!("request verify {CASE} --identity document")).ok();
            }
            let letter = to_the_end(&world);
            assert!(letter.contains(title), "{way}: {letter}");
            assert_eq!(letter.contains("R. Rakhimov"), !to.is_empty(), "{way}: {letter}");
            let refused = way == REFUSE;
            assert_eq!(letter.contains("new power of attorney"), refused, "{way}: {letter}");
            assert_eq!(letter.contains("LIST OF YOUR DATA"), !refused, "{way}: {letter}");
        }
    }
}

#[test]
fn the_refusal_of_who_may_act_no_more_names_a_new_power_in_every_language() {
    for (lang, says) in
        [("en", "a new power of attorney"), ("ru", "новой доверенностью"), ("kk", "жаңа сенімхатпен")]
    {
        let world = ended("access", "ref:C-5", false);
        let _ = typed(&world, REFUSE).ok();
        let letter = world.types(&format!("request letter {CASE} --lang {lang} --format text")).ok().stdout;
        assert!(flat(&letter).contains(says), "{lang}: {letter}");
    }
}

/// Whole, or but for what a law archives: nobody is refused what was done, and where nobody comes the person is told.
#[test]
fn what_was_done_in_the_name_of_somebody_is_told_and_never_refused() {
    for (whom, title) in
        [("ref:C-3", "YOUR PERSONAL DATA HAS BEEN DESTROYED"), ("ref:C-5", "HAS BEEN CARRIED OUT IN PART")]
    {
        for way in [ANEW, ALONE, LOST] {
            let about = format!("{whom} {way}");
            let world = ended("erase", whom, true);
            assert_eq!(ways(&world), [ANEW, ALONE, LOST], "{about}");
            let done = if whom == "ref:C-3" { "done as it was asked" } else { "somebody who was confirmed" };
            let _ = typed(&world, REFUSE).exits(4).says(done).says(ANEW);
            let _ = typed(&world, way).ok();
            let _ = typed(&world, REFUSE).exits(4);
            if way != ANEW {
                // The letter that was made names somebody who may act no more.
                let old = world.types(&format!("request answer {CASE} --channel email"));
                let _ = old.exits(4).says("make it again");
                let letter = to_the_end(&world);
                assert!(letter.contains(title) && letter.contains("A-2026-000001"), "{about}: {letter}");
                assert!(!letter.contains("Rakhimov") && !letter.contains("You act for"), "{about}: {letter}");
            } else {
                let _ = to_the_end(&world);
            }
            assert_eq!(shown(&world)["state"], "answered", "{about}");
        }
    }
}

/// What was destroyed stays destroyed, whoever asked: that is told, and nobody writes that it cannot be done.
#[test]
fn a_confirmation_taken_back_before_the_answer_unsays_nothing_that_was_done() {
    for made in [false, true] {
        let world = office();
        let _ = world.types("erase --subject ref:C-3 --identity document --channel email --yes").ok();
        if made {
            let _ = world.types(&format!("request letter {CASE} --lang en")).ok();
        }
        let _ = world.types(&format!("request verify {CASE} --identity document --failed 'of another'")).ok();
        let _ = typed(&world, REFUSE).exits(4).says("done as it was asked");
        let kind = world.types(&format!("request letter {CASE} --kind refusal --ground RF-ID"));
        assert!(kind.code == 2 || kind.code == 4, "{}", kind.stderr);
        let next = shown(&world)["next"].as_str().unwrap().to_owned();
        assert_eq!(next.contains("answer"), made, "{next}");
        let letter = to_the_end(&world);
        assert!(made || letter.contains("YOUR PERSONAL DATA HAS BEEN DESTROYED"), "{letter}");
        assert_eq!(shown(&world)["state"], "answered");
    }
}

/// Of what is not done yet nobody hears who is not recognised, and nobody destroys it for them.
#[test]
fn a_confirmation_taken_back_stops_what_is_left() {
    let fails = format!("request verify {CASE} --identity document --failed 'of another'");
    // What waits for a check: the letter would tell that the data is there.
    let world = office();
    let _ = world.types("request open --right erase --subject ref:C-26 --identity document").ok();
    let _ = world.types("restrict --subject ref:C-26 --reason disputed --yes").ok();
    let _ = world.types(&format!("erase --subject ref:C-26 --request {CASE} --yes"));
    let _ = world.types(&format!("request letter {CASE} --lang en")).ok();
    let _ = world.types(&fails).ok();
    assert_eq!(ways(&world), [VERIFY, REFUSE]);
    let _ = world.types(&format!("request answer {CASE} --channel email")).exits(4).says("unverified");
    let _ = typed(&world, REFUSE).ok();
    let letter = to_the_end(&world);
    assert!(letter.contains("REASONED REFUSAL") && !letter.contains("Contact data"), "{letter}");

    // What people were told to destroy: it is taken back, or who asks is confirmed first.
    for confirmed in [false, true] {
        let world = office();
        world.write("dsr.yaml", format!("{OFFICE}{PAPER}"));
        let _ = world.types("erase --subject ref:C-3 --identity document --channel email --yes").ok();
        let _ = world.types(&fails).ok();
        let back = format!("dsr request done {CASE} --step 1 --recall WHY --signed-by NAME");
        assert_eq!(ways(&world), [VERIFY.to_owned(), back.clone()]);
        if confirmed {
            let _ = world.types(&format!("request verify {CASE} --identity in_person")).ok();
            assert_eq!(ways(&world), [format!("dsr request done {CASE} --step 1 --evidence TEXT")]);
            let _ = to_the_end(&world);
            continue;
        }
        let _ = typed(&world, &back).ok();
        assert_eq!(ways(&world), [VERIFY, REFUSE]);
        let _ = typed(&world, REFUSE).ok();
        let letter = to_the_end(&world);
        assert!(letter.contains("REFUSAL OF PART") && letter.contains("A-2026-000001"), "{letter}");
    }
}

/// Under a statute that knows no such ground none is offered, and those it knows are named.
#[test]
fn no_ground_is_offered_that_the_statute_does_not_know() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-laws");
    let world = World::empty();
    let run = |line: &str| world.types(&format!("--policies {policies} {line}"));
    let _ = run("init --controller shop").ok();
    let _ = run("request open --right erase --channel email --quiet").ok();
    let shown = run(&format!("request show {CASE} --format json")).ok().json();
    let ways: Vec<&str> = shown["ways"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(ways.contains(&VERIFY) && ways.iter().all(|way| !way.contains("RF-")), "{ways:?}");
    for ground in ["RF-ID", "RF-IDD"] {
        let refuse = format!("request refuse {CASE} --ground {ground} --facts x --signed-by 'A. Officer'");
        let refused = run(&refuse).exits(2);
        let hint = refused.stderr.split("hint:").nth(1).unwrap_or_default();
        assert!(!hint.contains("RF-"), "{}", refused.stderr);
    }
}
