//! Letters about a part of what could be asked, and of what people did in places of their own: no title says more than
//! was done, and nothing that was done or stayed is left out.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;

const OFFICE: &str = include_str!("letters/dsr.yaml");

const PLACES: &str = "    systems:
      archive: {kind: manual, owner: \"Archive, room 12\", categories: [contract, identity_document]}
      calls: {kind: manual, owner: Call centre, categories: [correspondence]}
";

const FIRST: &str = "2026-000001";

fn office(places: &str) -> World {
    let world = World::with_fixtures();
    world.write("dsr.yaml", format!("{OFFICE}{places}"));
    world
}

fn run(world: &World, line: &str) -> common::Run {
    world.dsr(line.split(' '))
}

/// Closes the open steps of a case but recipients; what looks for something ends so.
fn done(world: &World, number: &str, came_of_it: &str) {
    let shown = run(world, &format!("request show {number} --format json")).ok().json();
    let open = |duty: &&serde_json::Value| duty["done"].is_null() && duty["kind"] != "tell";
    for duty in shown["duties"].as_array().unwrap().iter().filter(open) {
        let (step, task) = (duty["step"].to_string(), duty["task"].as_str().unwrap());
        let mut line =
            vec!["request", "done", number, "--step", &step, "--evidence", "contract 12 until 31.12.2029"];
        line.extend((task.starts_with("look") || task.starts_with("keep what")).then_some(came_of_it));
        let _ = world.dsr(line).ok();
    }
}

fn text(world: &World, line: &str) -> String {
    let letter = run(world, line).ok().stdout;
    assert!(!letter.contains("letter-"), "a key without its word in\n{letter}");
    letter.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn holds(letter: &str, parts: &[&str]) {
    for part in parts {
        assert!(letter.contains(part), "{part:?} is not in\n{letter}");
    }
}

#[track_caller]
fn lacks(letter: &str, parts: &[&str]) {
    for part in parts {
        assert!(!letter.contains(part), "{part:?} is in\n{letter}");
    }
}

#[test]
fn a_letter_about_a_part_names_it_and_says_that_the_rest_is_untouched() {
    for (lang, line, says, not) in [
        (
            "en",
            "erase --subject ref:C-1 --category shopping",
            &[
                "PART OF YOUR PERSONAL DATA HAS BEEN DESTROYED",
                "to destroy part of your personal data",
                "only this data: Shopping activity. It does not touch your other data.",
            ][..],
            "Маратовна YOUR PERSONAL",
        ),
        (
            "ru",
            "erase --subject ref:C-1 --category shopping",
            &["УНИЧТОЖЕНА ЧАСТЬ", "Остальные ваши данные оно не затрагивает."],
            "ВАШИ ПЕРСОНАЛЬНЫЕ ДАННЫЕ УНИЧТОЖЕНЫ",
        ),
        (
            "kk",
            "erase --subject ref:C-1 --category shopping",
            &["БІР БӨЛІГІ ЖОЙЫЛДЫ", "Басқа деректеріңізді ол қозғамайды."],
            "ДЕРБЕС ДЕРЕКТЕРІҢІЗ ЖОЙЫЛДЫ",
        ),
        (
            "en",
            "revoke --subject ref:C-2 --purpose promotion",
            &[
                "YOUR CONSENT HAS BEEN WITHDRAWN IN PART",
                "only the use for: promotion. It does not touch any other use",
            ],
            "consent to the collection, storage",
        ),
        (
            "ru",
            "revoke --subject ref:C-2 --scope promotion",
            &["СОГЛАСИЕ ОТОЗВАНО В ЧАСТИ", "Другие ваши согласия оно не затрагивает."],
            "отзыв согласия на сбор",
        ),
        (
            "en",
            "object --subject ref:C-1 --purpose promotion",
            &["YOUR OBJECTION HAS BEEN CARRIED OUT", "only the use for: promotion."],
            "only this data",
        ),
        ("en", "erase --subject ref:C-28", &["YOUR PERSONAL DATA HAS BEEN DESTROYED"], "concerns only"),
        ("en", "revoke --subject ref:C-1", &["YOUR CONSENT HAS BEEN WITHDRAWN"], "concerns only"),
    ] {
        let world = office("");
        let _ = run(&world, &format!("{line} --identity document --language {lang} --yes")).ok();
        done(&world, FIRST, "--nothing");
        let letter = text(&world, &format!("request letter {FIRST}"));
        holds(&letter, says);
        lacks(&letter, &[not]);
        let _ = run(&world, &format!("request answer {FIRST}")).ok();
    }
}

#[test]
fn a_part_of_which_nothing_is_held_is_no_word_that_nobody_is_known() {
    let world = office("");
    let _ =
        run(&world, "erase --subject ref:C-1 --category biometric --identity document --language en --yes")
            .ok();
    let letter = text(&world, &format!("request letter {FIRST}"));
    holds(&letter, &["NOTHING WAS LEFT TO DO", "only this data: Biometric data."]);
    lacks(&letter, &["NO PERSONAL DATA IS HELD", "found no personal data"]);
}

#[test]
fn a_recipient_is_asked_for_the_part_alone() {
    for (line, says, not) in [
        (
            "erase --subject ref:C-26 --category technical",
            &["Technical data", "destroy it"][..],
            "Contact data",
        ),
        (
            "revoke --subject ref:C-26 --purpose promotion",
            &["Stop using this data for the purposes named"],
            "destroy it",
        ),
    ] {
        let world = office("");
        let _ = run(&world, &format!("{line} --identity document --yes")).ok();
        let shown = run(&world, &format!("request show {FIRST} --format json")).ok().json();
        let told = |duty: &&serde_json::Value| duty["kind"] == "tell";
        let name = shown["duties"].as_array().unwrap().iter().find(told).unwrap()["place"]
            .as_str()
            .unwrap()
            .to_owned();
        let notice =
            ["request", "letter", FIRST, "--kind", "recipient", "--lang", "en", "--recipient", &name];
        let letter = world.dsr(notice).ok().stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        holds(&letter, says);
        lacks(&letter, &[not]);
    }
}

#[test]
fn what_people_destroyed_or_found_on_paper_is_told() {
    let erase = "erase --subject ref:C-28 --identity document --language en --yes";
    let destroyed = &["Correspondence and calls (calls)", "Identity document (archive)"];
    let world = office(PLACES);
    let _ = run(&world, erase).ok();
    let sorts = ["request", "done", FIRST, "--step", "2", "--evidence", "x"];
    let _ = world.dsr(sorts).exits(2).says("looks for papers that stay").says("--found");
    done(&world, FIRST, "--found");
    let letter = text(&world, &format!("request letter {FIRST}"));
    holds(&letter, destroyed);
    holds(
        &letter,
        &[
            "CARRIED OUT IN PART",
            "Contract (archive); Ground: storage is demanded by law",
            "archive: contract 12 until 31.12.2029",
        ],
    );
    let _ = run(&world, &format!("request answer {FIRST}")).ok();

    let world = office(PLACES);
    let _ = run(&world, erase).ok();
    done(&world, FIRST, "--nothing");
    let letter = text(&world, &format!("request letter {FIRST}"));
    holds(&letter, destroyed);
    holds(&letter, &["YOUR PERSONAL DATA HAS BEEN DESTROYED", "Contract (archive);"]);
    lacks(&letter, &["DEMANDED", "demanded by law"]);
}

#[test]
fn where_only_people_hold_anything_the_letter_says_what_they_destroyed() {
    let world = office(PLACES);
    let line = "erase --subject ref:C-1 --category correspondence --identity document --language ru --yes";
    let _ = run(&world, line).ok();
    done(&world, FIRST, "--nothing");
    let letter = text(&world, &format!("request letter {FIRST}"));
    holds(&letter, &["УНИЧТОЖЕНА ЧАСТЬ", "(calls);", "только этих данных: Переписка"]);
}

#[test]
fn what_waited_on_paper_is_told_once_it_is_gone() {
    let mut world = office(PLACES);
    let _ = run(&world, "revoke --subject ref:C-2 --identity document --language en --yes").ok();
    done(&world, FIRST, "--nothing");
    let first = text(&world, &format!("request letter {FIRST}"));
    let waits = "Ground: withdrawal waits while an obligation";
    holds(
        &first,
        &[
            &format!("Correspondence and calls (calls); {waits}"),
            &format!("Identity document (archive); {waits}"),
        ],
    );
    let later = format!("{}/fixtures/mycar-later.ndjson", env!("CARGO_MANIFEST_DIR"));
    world.at("2026-12-15T10:00");
    let _ = world.dsr(["import", "--controller", "mycar", "--keep-going", &later]);
    let _ = run(&world, &format!("request resume {FIRST} --yes")).ok();
    done(&world, FIRST, "--nothing");
    let second = text(&world, &format!("request letter {FIRST}"));
    holds(&second, &["Correspondence and calls (calls);", "Identity document (archive);"]);
    lacks(&second, &["Correspondence and calls;", "WHAT WE WAIT FOR"]);
}

#[test]
fn who_was_sought_on_paper_and_not_found_is_not_told_of_a_destruction() {
    for (came, says, not) in [
        ("--nothing", "NO PERSONAL DATA IS HELD ABOUT YOU", "DESTROYED"),
        ("--found", "WHAT BECAME OF YOUR REQUEST", "NO PERSONAL DATA"),
    ] {
        let world = office(PLACES);
        let _ = run(&world, "erase --subject ref:C-999 --identity document --language en --yes").ok();
        done(&world, FIRST, came);
        let letter = text(&world, &format!("request letter {FIRST}"));
        holds(&letter, &[says]);
        lacks(&letter, &[not]);
    }
}

#[test]
fn nobody_unknown_learns_who_is_a_client() {
    for line in ["access --subject ref:C-999", "access --subject ref:C-1", "erase --subject ref:C-999 --yes"]
    {
        let world = office("");
        let _ = run(&world, &format!("{line} --language ru --channel email")).ok();
        let answer = format!("request answer {FIRST} --channel email");
        let _ = run(&world, &answer).exits(4).says("unverified");
        holds(&text(&world, &format!("request letter {FIRST}")), &["Черновик: личность не подтверждена"]);
        let _ = run(&world, &answer).exits(4).says("unverified");
        let _ = run(&world, &format!("request verify {FIRST} --identity document")).ok();
        let mut draft = "unverified";
        if line.starts_with("access") {
            let _ = run(&world, &format!("{line} --request {FIRST}")).ok();
            draft = "was made before what the case recorded last";
        }
        let _ = run(&world, &answer).exits(4).says(draft);
        lacks(&text(&world, &format!("request letter {FIRST}")), &["Черновик"]);
        let _ = run(&world, &answer).ok();
    }
    let world = office("");
    let _ = run(&world, "request open --right opt_out --subject iin:991231499990 --channel email").ok();
    let _ = run(&world, &format!("object --subject iin:991231499990 --request {FIRST} --yes")).ok();
    let _ = run(&world, &format!("request letter {FIRST}")).ok();
    let _ = run(&world, &format!("request answer {FIRST} --channel email")).ok();
}

#[test]
fn what_a_law_keeps_is_told_once_after_a_second_go() {
    let world = office("");
    let open =
        "request open --right export --right erase --subject ref:C-1 --identity document --language en";
    let _ = run(&world, open).ok();
    let _ = run(&world, "export --subject ref:C-1 --request 2026-000001").ok();
    let _ = run(&world, "erase --subject ref:C-1 --request 2026-000002 --yes").ok();
    let _ = run(&world, "request letter 2026-000001").ok();
    let _ = run(&world, "request answer 2026-000001").ok();
    let _ = run(&world, "request resume 2026-000002 --yes").ok();
    done(&world, "2026-000002", "--nothing");
    let letter = text(&world, "request letter 2026-000002");
    assert_eq!(letter.matches("Contract; Records: 1;").count(), 1, "{letter}");
    lacks(&letter, &["NOT CARRIED OUT"]);
}
