//! Words in the wrong place, moves in the wrong order: refused, without repeating what was typed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;

/// An IIN where something else is expected never comes back out.
#[test]
fn the_parser_does_not_repeat_what_was_typed() {
    let world = World::with_store("mycar");
    for args in [
        &["access", "iin:900101499994"][..],
        &["iin:900101499994"],
        &["access", "--subjct", "iin:900101499994"],
        &["access", "--iin=900101499994"],
        &["access", "--subject", "ref:C-1", "--identity", "900101499994"],
        &["access", "--subject", "ref:C-1", "--channel", "900101499994"],
        &["access", "--subject", "ref:C-1", "--format", "900101499994"],
        &["access", "--subject", "ref:C-1", "--request", "900101499994"],
        &["request", "open", "--right", "iin:900101499994"],
        &["request", "verify", "900101499994", "--identity", "document"],
        &["request", "900101499994"],
        &["find", "900101499994", "900101499994"],
        &["import", "x.csv", "--encoding", "900101499994"],
        &["status", "--lock-wait", "900101499994x"],
        &["access", "--subject", "900101499994:"],
    ] {
        for format in [&[][..], &["--format", "json"]] {
            let run = world.dsr(format.iter().chain(args)).exits(2);
            let said = run.stdout + &run.stderr;
            assert!(!said.contains("9001014"), "{args:?}: {said}");
            assert!(!said.contains("hint: \n") && !said.contains("``"), "{args:?}: {said}");
            if !format.is_empty() {
                assert!(said.starts_with('{') && said.contains("\"exit\":2"), "{args:?}: {said}");
            }
        }
    }
}

#[test]
fn the_parser_says_what_to_type() {
    let world = World::with_store("mycar");
    for (args, said) in [
        (&["acces"][..], "did you mean `access`?"),
        (&["access", "--subjct", "x"], "did you mean `--subject`?"),
        (&["access"], "missing: --subject <SEL>"),
        (&["request", "open", "--right", "acess"], "did you mean `access`?"),
        (&["status", "--format", "jsn"], "did you mean `json`?"),
        (&["access", "--subject"], "`--subject <SEL>` needs a value"),
        (&["status", "--lock-wait", "soon"], "`--lock-wait <SECONDS>`: invalid digit"),
        (&["status", "--quiet", "--quiet"], "`--quiet` is given twice"),
    ] {
        let _ = world.dsr(args).exits(2).says(said);
    }
}

/// A draft was made first, then the identity was confirmed: the answer is made again, no draft.
#[test]
fn identity_is_confirmed_after_a_draft() {
    let world = World::with_fixtures();
    let access = |more: &[&str]| {
        let args = ["access", "--subject", "ref:C-1", "--format", "json"];
        world.dsr(args.iter().chain(more)).ok().json()
    };
    assert_eq!(access(&[])["draft"], true);
    let case = world.dsr(["request", "show", "2026-000001", "--format", "json"]).json();
    assert_eq!(case["next"], "dsr request verify 2026-000001 --identity METHOD");
    let _ = world.dsr(["request", "verify", "2026-000001", "--identity", "document"]).ok();
    assert_eq!(access(&[])["draft"], false);
    assert_eq!(access(&["--identity", "court"])["identity"], "court");
}

#[test]
fn a_number_past_the_end_of_the_log_is_an_empty_list() {
    let world = World::with_store("mycar");
    let after = u64::MAX.to_string();
    let run = world.dsr(["audit", "list", "--after", &after, "--format", "json"]).ok();
    assert_eq!(run.json()["entries"], serde_json::json!([]));
}

#[test]
fn a_garbled_time_is_not_the_same_as_none() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::with_store("mycar");
    let mut command = world.command(["status"]);
    command.env("DSR_NOW", std::ffi::OsStr::from_bytes(b"2026-11-22\xff"));
    let _ = common::Run::of(&command.output().unwrap()).exits(2).says("DSR_NOW");
}
