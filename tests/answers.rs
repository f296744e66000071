//! Access and export from outside: what a person is told, and what is written down about telling them.

mod common;

use common::World;
use serde_json::Value;

const ASKED: [&str; 4] = ["--channel", "email", "--identity", "document"];

fn export(world: &World, subject: &str, controller: &str) -> Value {
    let args = ["export", "--subject", subject, "--controller", controller, "--format", "json"];
    world.dsr(args.into_iter().chain(ASKED)).ok().json()
}

fn texts<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    list.as_array().into_iter().flatten().filter_map(|item| item[key].as_str()).collect()
}

#[test]
fn an_export_names_the_rule_of_every_record() {
    let world = World::with_fixtures();
    let copy = export(&world, "iin:900101499994", "mycar");
    assert_eq!(copy["schema"], "dsr/export/v1");
    assert_eq!(copy["controller"], "mycar");
    assert_eq!(copy["identity"], "document");
    assert_eq!(copy["draft"], false);
    assert_eq!(copy["policy"]["sha256"].as_str().map(str::len), Some(64));
    let records = copy["records"].as_array().cloned().unwrap_or_default();
    assert!(!records.is_empty());
    for record in &records {
        assert!(record["rule"].is_string() || record["excess"] == true, "{record:#}");
        assert!(record["data"].is_object(), "{record:#}");
        assert!(record["keep_until"].is_string() || record["keep_until"].is_null());
    }
    assert_eq!(texts(&copy["cases"], "right"), ["export"]);
    assert!(copy["audit"]["head"]["size"].as_u64().is_some_and(|size| size > 0));
}

#[test]
fn without_identity_an_answer_is_a_draft() {
    let world = World::with_fixtures();
    let args = ["access", "--subject", "iin:900101499994", "--format", "json"];
    let answer = world.dsr(args).ok().json();
    assert_eq!((&answer["draft"], &answer["identity"]), (&Value::Bool(true), &Value::Null));
}

/// What a company is called is no data of the person who works there.
#[test]
fn an_organisation_is_counted_and_not_shown() {
    let world = World::with_fixtures();
    let copy = export(&world, "ref:C-15", "mycar");
    assert!(!texts(&copy["records"], "category").contains(&"organisation"), "{copy:#}");
    assert_eq!(
        (&copy["outside"][0]["category"], &copy["outside"][0]["count"]),
        (&"organisation".into(), &1.into())
    );
}

#[test]
fn nothing_held_is_an_answer() {
    let world = World::with_fixtures();
    let answer = export(&world, "iin:991231199991", "automaster");
    assert_eq!(answer["records"].as_array().map(Vec::len), Some(0));
    assert_eq!(answer["subject"]["id"], Value::Null);
    assert_eq!(texts(&answer["cases"], "right"), ["export"]);
}

#[test]
fn two_controllers_never_see_each_others_people() {
    let world = World::with_fixtures();
    let everyone = |controller: &str, subject: &str| export(&world, subject, controller);
    let (mycar, automaster) =
        (everyone("mycar", "iin:850322499994"), everyone("automaster", "iin:850322499994"));
    let ids = |copy: &Value| {
        copy["records"].as_array().into_iter().flatten().map(|r| r["id"].to_string()).collect::<Vec<_>>()
    };
    assert!(ids(&mycar).iter().all(|id| !ids(&automaster).contains(id)));
    assert_ne!(mycar["subject"]["id"], automaster["subject"]["id"]);
}

#[test]
fn a_shared_phone_is_a_question_not_a_guess() {
    let world = World::with_fixtures();
    let before = world.bytes();
    let run = world.dsr(["export", "--subject", "phone:8 (701) 000-00-05"]).exits(5);
    assert!(run.stdout.is_empty() && run.stderr.contains("id:"), "{}", run.stderr);
    assert!(!run.stderr.contains("7010000005"), "candidates are masked: {}", run.stderr);
    assert!(world.bytes() == before, "nothing was written");
}

#[test]
fn what_is_shown_is_in_the_log_before() {
    let world = World::with_fixtures();
    let size = |world: &World| world.dsr(["audit", "head", "--format", "json"]).ok().json()["size"].as_u64();
    let before = size(&world);
    let copy = export(&world, "iin:900101499994", "mycar");
    assert_eq!(copy["audit"]["head"]["size"].as_u64(), before);
    assert_eq!(size(&world), before.map(|size| size + 1));
    let log = world.dsr(["audit", "list", "--format", "ndjson"]).ok().stdout;
    assert!(log.contains("\"disclosed\"") && !log.contains("900101499994"), "{log}");
}

#[test]
fn the_page_is_one_file_without_scripts_or_fetches() {
    let world = World::with_fixtures();
    for (lang, word) in [("ru", "Копия ваших персональных данных"), ("kk", "Дербес"), ("en", "Copy")]
    {
        let name = format!("{lang}.html");
        let args = [
            "export",
            "--subject",
            "iin:900101499994",
            "--format",
            "html",
            "--lang",
            lang,
            "--output",
            &name,
        ];
        let _ = world.dsr(args.into_iter().chain(ASKED)).ok();
        let page = std::fs::read_to_string(world.path().join(&name)).unwrap_or_default();
        assert!(page.contains(word) && page.contains("<meta charset=\"utf-8\">"), "{lang}");
        // No lawyer has confirmed the statute: none of its articles stands on what a person reads.
        let body: String = page.split("</style>").skip(1).collect();
        for article in ["94-V", "KZ-", "DC-", "art.", "ст. ", "-бап"] {
            assert!(!body.contains(article), "{lang}: {article}");
        }
        for forbidden in ["<script", "http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(forbidden), "{lang}: {forbidden}");
        }
    }
}

#[cfg(unix)]
#[test]
fn an_output_file_is_private_and_never_replaces_another() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::with_fixtures();
    let args = ["export", "--subject", "iin:900101499994", "--format", "json", "--output", "copy.json"];
    let _ = world.dsr(args.into_iter().chain(ASKED)).ok();
    let mode =
        std::fs::metadata(world.path().join("copy.json")).map(|meta| meta.permissions().mode() & 0o777);
    assert_eq!(mode.ok(), Some(0o600));
    let before = world.bytes();
    let _ = world.dsr(args.into_iter().chain(ASKED)).exits(2).says("copy.json");
    assert!(world.bytes() == before, "a copy that cannot be delivered is not recorded as given");
}

#[test]
fn two_commands_of_one_day_are_one_case() {
    let world = World::with_fixtures();
    let (first, second) =
        (export(&world, "iin:900101499994", "mycar"), export(&world, "iin:900101499994", "mycar"));
    assert_eq!(first["request"]["number"], second["request"]["number"]);
}

#[test]
fn a_subject_can_come_by_standard_input() {
    use std::{io::Write, process::Stdio};
    let world = World::with_fixtures();
    let mut command = world.command(["access", "--subject", "-", "--format", "json"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(b"iin:900101499994\n")?;
        }
        child.wait_with_output()
    });
    let run = child.map(|output| common::Run::of(&output));
    assert_eq!(run.map(|run| run.code).ok(), Some(0));
}
