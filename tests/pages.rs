//! What a person reads, whole: few pages, looked at line by line when they change.

mod common;

use common::World;

/// Ids are drawn at random, and the log's root follows from them.
fn settled(text: &str) -> String {
    let is_id = |word: &str| word.len() >= 32 && word.chars().all(|c| c.is_ascii_hexdigit());
    let word = |word: &str| match word.strip_prefix("id:").unwrap_or(word) {
        bare if is_id(bare) => word.replace(bare, &"0".repeat(bare.len())),
        _ => word.to_owned(),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ").trim_end().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_access_answer() {
    let world = World::with_fixtures();
    let run = world.dsr(["access", "--subject", "ref:C-1", "--identity", "document"]).ok();
    insta::assert_snapshot!(settled(&run.stdout));
}

#[test]
fn a_due_date() {
    let args = ["deadline", "--right", "revoke", "--received", "2026-03-20T15:00", "--controller", "mycar"];
    insta::assert_snapshot!(World::empty().dsr(args).ok().stdout);
}

#[test]
fn an_error_in_a_policy() {
    let world = World::empty();
    let _ = std::fs::create_dir(world.path().join("mine"));
    let _ =
        world.write("mine/mycar.yaml", include_str!("../fixtures/broken-policies/unknown-field/mycar.yaml"));
    let run = world.dsr(["policy", "show", "--policies", "mine", "--controller", "mycar"]).exits(6);
    insta::assert_snapshot!(run.stderr);
}

/// The letters that people wait for, in the languages they ask in.
#[test]
fn letters() {
    let world = World::with_fixtures();
    let _ = world.write("dsr.yaml", include_str!("letters/dsr.yaml"));
    let letter = |number: &str, lang: &str| {
        let run = world.dsr(["request", "letter", number, "--lang", lang, "--number", "01-17"]).ok();
        settled(&run.stdout)
    };
    for (who, right) in [("ref:C-1", "revoke"), ("ref:C-2", "revoke"), ("ref:C-26", "access")] {
        let identity = ["--subject", who, "--identity", "document"];
        let yes: &[&str] = if right == "access" { &[] } else { &["--yes"] };
        let _ = world.dsr([right].iter().chain(&identity).chain(yes)).ok();
    }
    for number in ["2026-000001", "2026-000002"] {
        let shown = world.dsr(["request", "show", number, "--format", "json"]).ok().json();
        let tasks = shown["duties"].as_array().into_iter().flatten().filter(|duty| duty["kind"] == "task");
        for step in tasks.map(|duty| duty["step"].to_string()) {
            let _ = world.dsr(["request", "done", number, "--step", &step, "--evidence", "done by IT"]).ok();
        }
    }
    insta::assert_snapshot!("a_withdrawal_in_russian", letter("2026-000001", "ru"));
    insta::assert_snapshot!("a_part_that_waits_in_kazakh", letter("2026-000002", "kk"));
    insta::assert_snapshot!("an_access_answer_in_english", letter("2026-000003", "en"));
}
