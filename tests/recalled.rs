//! A step that was taken back: what was done stays done, what nobody did is ordered again, and every command that is
//! named then works.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Run, World};
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
      paper-archive: {kind: manual, owner: Archive, categories: [contract, identity_document, contact, correspondence]}
      call-recordings: {kind: manual, owner: Call centre, categories: [correspondence]}
";
const CASE: &str = "2026-000001";

fn office() -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", OFFICE);
    world
}

fn shown(world: &World) -> Value {
    world.types(&format!("request show {CASE} --format json")).ok().json()
}

fn next(world: &World) -> String {
    shown(world)["next"].as_str().unwrap_or_default().to_owned()
}

fn ways(world: &World) -> Vec<String> {
    let ways = shown(world)["ways"].as_array().unwrap().clone();
    ways.iter().map(|way| way.as_str().unwrap().to_owned()).collect()
}

/// The open steps by hand, by their words alone.
fn tasks(world: &World) -> Vec<String> {
    let mut tasks: Vec<String> = open(world).into_iter().map(|(_, task)| task).collect();
    tasks.sort();
    tasks
}

/// The open steps by hand: number, place and task.
fn open(world: &World) -> Vec<(u64, String)> {
    let duties = shown(world)["duties"].as_array().unwrap().clone();
    let open = duties.into_iter().filter(|duty| duty["kind"] == "manual" && duty["done"].is_null());
    open.map(|duty| {
        let word = |name: &str| duty[name].as_str().unwrap().to_owned();
        (duty["step"].as_u64().unwrap(), format!("{}: {}", word("place"), word("task")))
    })
    .collect()
}

fn done(world: &World, step: u64) -> Run {
    world.types(&format!("request done {CASE} --step {step} --evidence 'act 12'"))
}

fn recall(world: &World, step: u64) {
    let _ = world
        .types(&format!("request done {CASE} --step {step} --recall 'no key' --signed-by 'A. Officer'"))
        .ok();
}

/// Types a command as it was printed, with what an officer fills in.
fn typed(world: &World, command: &str) -> Run {
    let filled = [
        ("dsr ", ""),
        ("CODE", "RF-SCOPE"),
        ("TEXT", "'no key'"),
        ("WHY", "'no key'"),
        ("NAME", "'A. Officer'"),
        ("CHANNEL", "email"),
        ("--output FILE", "--format text"),
        ("--found|--nothing", "--nothing"),
        ("SEL", "iin:991230599981"),
    ];
    let line = filled.iter().fold(command.to_owned(), |line, (word, with)| line.replace(word, with));
    let asks = ["resume", "erase", "revoke", "object"].iter().any(|word| line.contains(word));
    world.types(&if asks { format!("{line} --yes") } else { line })
}

#[test]
fn a_part_that_was_done_is_not_ordered_again() {
    let world = office();
    let _ = world.types("erase --subject ref:C-1 --identity document --channel email --yes").ok();
    let _ = world.types("hold add --subject ref:C-1 --category correspondence --basis 'order 7'").ok();
    let _ = done(&world, 2).ok();
    let _ = done(&world, 3).ok();
    // A step that waits can be taken back too, and the other one that waits bars any end but an order.
    recall(&world, 4);
    let again = format!("dsr request resume {CASE}");
    let back = format!("dsr request done {CASE} --step 1 --recall WHY --signed-by NAME");
    assert_eq!(ways(&world), [again.clone(), back.clone()]);
    for line in ["cancel", "refuse --ground RF-SCOPE --facts x --signed-by 'A. Officer'"] {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let barred = world.types(&format!("request {command} {CASE} {rest}")).exits(4);
        let _ = barred.says("dsr hold list").says(&back);
    }
    // While the hold stands it is kept, and the person is told so; nothing of what was done is asked for again.
    let _ = typed(&world, &again).ok();
    let waits = (1, "call-recordings: destroy correspondence (Call centre)".to_owned());
    assert_eq!(open(&world), std::slice::from_ref(&waits));
    let told = world.types(&format!("request letter {CASE} --lang en --format text")).ok().stdout;
    assert!(told.contains("paper-archive") && told.contains("H-1"), "{told}");
    // Once it ends, what nobody did is ordered, and that alone.
    let _ = world.types("hold release H-1").ok();
    let _ = typed(&world, &again).ok();
    assert_eq!(open(&world), [waits, (5, "paper-archive: destroy correspondence (Archive)".into())]);
    let _ = typed(&world, &again).ok();
    assert_eq!(open(&world).len(), 2, "and once");
    for (step, _) in open(&world) {
        let _ = done(&world, step).ok();
    }
    let _ = typed(&world, &next(&world)).ok();
    let _ = typed(&world, &next(&world)).ok();
    assert_eq!(shown(&world)["state"], "answered");
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn whatever_was_taken_back_is_ordered_again_by_the_command_that_is_named() {
    for (about, opens, ordered) in [
        (
            "messages",
            &[
                "request open --right opt_out --subject ref:C-2 --channel email",
                "object --subject ref:C-2 --request 2026-000001 --yes",
            ][..],
            "dsr object --subject id:",
        ),
        (
            "an erasure",
            &["erase --subject ref:C-1 --identity document --yes"],
            "dsr request resume 2026-000001",
        ),
        (
            "somebody erased whole",
            &["erase --subject ref:C-8 --identity document --yes"],
            "dsr request resume 2026-000001",
        ),
        (
            "a withdrawal",
            &["revoke --subject ref:C-1 --identity document --yes"],
            "dsr request resume 2026-000001",
        ),
        ("an answer", &["access --subject ref:C-3 --identity document"], "dsr access --subject id:"),
        (
            "nobody known",
            &["erase --subject iin:991230599981 --identity document --yes"],
            "dsr erase --subject SEL",
        ),
    ] {
        let before = tasks(&ordered_in(opens));
        let world = taken_back(opens);
        let ways = ways(&world);
        assert!(ways[0].starts_with(ordered) && ways.len() == 3, "{about}: {ways:?}");
        let resumed = world.types(&format!("request resume {CASE} --yes"));
        if resumed.code != 0 {
            assert!(resumed.stderr.contains(&ways[0]), "{about}: {}", resumed.stderr);
            let _ = typed(&world, &ways[0]).ok();
        }
        assert_eq!(tasks(&world), before, "{about}");
        for (way, state) in ways[1..].iter().zip(["refused", "cancelled"]) {
            let world = taken_back(opens);
            let _ = typed(&world, way).ok();
            assert_eq!(shown(&world)["state"], state, "{about}: {way}");
        }
    }
}

fn ordered_in(lines: &[&str]) -> World {
    let world = office();
    for line in lines {
        let _ = world.types(line).ok();
    }
    world
}

/// The same with every step taken back.
fn taken_back(lines: &[&str]) -> World {
    let world = ordered_in(lines);
    for (step, _) in open(&world) {
        recall(&world, step);
    }
    world
}

/// What was opened again is told when it is carried out again, and not by the letter of the round before.
#[test]
fn a_case_opened_again_hands_out_no_earlier_letter() {
    let world = office();
    let _ = world.types("erase --subject ref:C-8 --identity document --channel email --yes").ok();
    while let Some((step, task)) = open(&world).first() {
        let nothing = if task.contains("look for") { "--nothing" } else { "" };
        let _ = world.types(&format!("request done {CASE} --step {step} {nothing} --evidence x")).ok();
    }
    let _ = typed(&world, &next(&world)).ok();
    let _ = typed(&world, &next(&world)).ok();
    let _ = world.types(&format!("request reopen {CASE} --reason 'a second box'")).ok();
    let says = |run: Run| {
        run.exits(4).stderr.lines().filter(|line| !line.starts_with("drill")).collect::<Vec<_>>().join("\n")
    };
    let answer = says(world.types(&format!("request answer {CASE} --channel email --number 9")));
    for line in ["", "--kind erasure"] {
        let letter = says(world.types(&format!("request letter {CASE} {line}")));
        assert_eq!(letter, answer, "{line}");
    }
    assert!(answer.contains("go on with: dsr request resume"), "{answer}");
    for _ in 0..12 {
        if shown(&world)["state"] == "answered" {
            return;
        }
        let _ = typed(&world, &next(&world)).ok();
    }
    panic!("{:#}", shown(&world));
}

/// Two officers work on one case: what one of them was shown is not carried out once the other has done it.
#[test]
fn of_two_officers_the_second_is_told_to_look_again() {
    let world = taken_back(&["erase --subject ref:C-1 --identity document --yes"]);
    for officer in ["a", "b"] {
        let _ = world.types(&format!("request resume {CASE} --plan-out {officer}.json")).ok();
    }
    let _ = world.types("apply b.json --yes --actor B").ok();
    let stale = world.types("apply a.json --yes --actor A").exits(5);
    let _ = stale.says("went stale").says("look at the plan again with --dry-run");
    let ordered = open(&world);
    assert_eq!(ordered.len(), 3, "it was ordered once: {ordered:?}");
    // Whoever closes a step that is closed in that very moment records nothing either.
    let (step, events) = (ordered[0].0, shown(&world)["events"].as_array().unwrap().len());
    let line = format!("request done {CASE} --step {step} --evidence x --lock-wait 60");
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| world.types(&line))).collect();
        let said = |run: Run| {
            let says = match run.code {
                0 => "",
                2 => "no open step",
                _ => "by somebody else meanwhile",
            };
            run.says(says).code
        };
        all.into_iter().map(|one| said(one.join().unwrap())).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| [0, 2, 5].contains(code)), "{codes:?}");
    assert_eq!(shown(&world)["events"].as_array().unwrap().len(), events + 1);
}

/// Whatever happens to a case, whoever types what is named as next comes to its end, in any language.
#[test]
fn the_command_that_is_named_next_leads_to_the_end() {
    let nobody = "iin:991230599981";
    let hold = "hold add --subject ref:C-1 --basis 'order 7'";
    let recall =
        |step: u32| format!("request done {CASE} --step {step} --recall 'no key' --signed-by 'A. Officer'");
    let done = |step: u32| format!("request done {CASE} --step {step} --evidence 'act 12'");
    let erase = |who: &str| format!("erase --subject {who} --identity document --channel email --yes");
    for (about, lang, events) in [
        (
            "people found something of a stranger",
            "ru",
            vec![
                format!("access --subject {nobody} --identity document"),
                format!("request done {CASE} --step 1 --found --evidence 'card 7'"),
            ],
        ),
        (
            "all of it is held from the first, and told, and the order ends",
            "kk",
            vec![
                hold.to_owned(),
                erase("ref:C-1"),
                format!("request answer {CASE} --channel email --number 7"),
                "hold release H-1".into(),
            ],
        ),
        (
            "a hold comes after, and ends",
            "ru",
            vec![
                erase("ref:C-1"),
                format!("{hold} --category correspondence"),
                done(2),
                "hold release H-1".into(),
            ],
        ),
        (
            "a part is taken back, the rest is held",
            "kk",
            vec![
                erase("ref:C-1"),
                format!("{hold} --category correspondence"),
                done(2),
                recall(4),
                format!("request resume {CASE} --yes"),
                "hold release H-1".into(),
                format!("request resume {CASE} --yes"),
            ],
        ),
        (
            "what is left here stays, and a step was taken back",
            "ru",
            vec![
                "hold add --subject ref:C-8 --category contact --basis 'order 7'".into(),
                erase("ref:C-8"),
                recall(1),
                format!("request resume {CASE} --yes"),
                "hold release H-1".into(),
            ],
        ),
        (
            "taken back and refused",
            "kk",
            vec![
                erase("ref:C-1"),
                recall(1),
                recall(2),
                recall(3),
                format!("request refuse {CASE} --ground RF-SCOPE --facts x --signed-by 'A. Officer'"),
            ],
        ),
        (
            "cancelled, opened again and resumed",
            "ru",
            vec![
                erase("ref:C-1"),
                recall(1),
                recall(2),
                recall(3),
                format!("request cancel {CASE}"),
                format!("request reopen {CASE}"),
                format!("request resume {CASE} --yes"),
            ],
        ),
        ("taken back from a stranger", "kk", vec![erase(nobody), recall(1), recall(2)]),
    ] {
        let world = office();
        for event in &events {
            let ran = world.types(event);
            assert!([0, 4].contains(&ran.code), "{about}: {event}: {}", ran.stderr);
        }
        let mut typed_so_far = Vec::new();
        while !["answered", "refused"].contains(&shown(&world)["state"].as_str().unwrap())
            || !next(&world).is_empty()
        {
            let next = next(&world);
            let ran = typed(&world, &format!("{next} --lang {lang}"));
            assert_eq!(ran.code, 0, "{about}: {next}: {}{}", ran.stdout, ran.stderr);
            typed_so_far.push(next);
            assert!(typed_so_far.len() < 12, "{about}: {typed_so_far:#?}");
        }
        assert!(!shown(&world)["ended"].is_null(), "{about}");
        let _ = world.dsr(["audit", "verify"]).ok();
    }
}
