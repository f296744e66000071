//! The error galleries: every broken input is refused with its exit code, its sentence, and without
//! its value. `gallery.tsv` beside the files says what is expected of each.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;

const DRILL: &str = "2026-11-22T10:00:00+05:00";

fn gallery(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The lines of a `gallery.tsv`, split at tabs; comments left out.
fn rows(gallery: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(gallery.join("gallery.tsv")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn dsr(store: &Path) -> Command {
    let mut dsr = Command::cargo_bin("dsr").unwrap();
    dsr.env("DSR_NOW", DRILL).env("NO_COLOR", "1").arg("--store").arg(store);
    dsr
}

/// All that must be said is said, at the right exit code; a panic is never an answer.
fn check(about: &str, output: &std::process::Output, exit: i32, parts: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{about}: {said}");
    for part in parts.split(" | ") {
        assert!(said.contains(part), "{about}: `{part}` is missing in:\n{said}");
    }
    assert!(!said.contains("panicked"), "{about}: {said}");
}

#[test]
fn every_file_of_a_gallery_is_listed_and_there() {
    for name in ["bad-imports", "broken-policies"] {
        let dir = gallery(name);
        let listed: BTreeSet<String> = rows(&dir).into_iter().map(|row| row[0].clone()).collect();
        let there = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name());
        let there: BTreeSet<String> = there.map(|file| file.into_string().unwrap()).collect();
        let missing: Vec<_> =
            listed.symmetric_difference(&there).filter(|file| *file != "gallery.tsv").collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
        assert!(listed.len() >= 14, "{name} lost its cases");
    }
}

#[test]
fn every_value_that_must_stay_hidden_is_in_its_file() {
    for row in rows(&gallery("bad-imports")) {
        let [file, arguments, _, _, hidden] = row.as_slice() else { panic!("{row:?} has not five columns") };
        let bytes = std::fs::read(gallery("bad-imports").join(file)).unwrap();
        let cyrillic_elsewhere = file.contains("utf-16") || arguments.contains("windows");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(hidden.as_str()) || cyrillic_elsewhere, "{file} has no {hidden}");
    }
}

#[test]
fn bad_imports_are_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store.db");
    dsr(&store).args(["init", "--controller", "mycar"]).assert().success();
    for row in rows(&gallery("bad-imports")) {
        let [file, arguments, exit, parts, hidden] = row.as_slice() else { panic!("{row:?}") };
        let before = std::fs::read(&store).unwrap();
        let mut import = dsr(&store);
        import.arg("import").arg(gallery("bad-imports").join(file)).args(arguments.split(' '));
        let output = import.output().unwrap();
        check(file, &output, exit.parse().unwrap(), parts);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(hidden.is_empty() || !said.contains(hidden.as_str()), "{file} repeats its value:\n{said}");
        assert!(std::fs::read(&store).unwrap() == before, "{file} changed the store");
    }
}

#[test]
fn broken_policies_are_refused_and_named() {
    for row in rows(&gallery("broken-policies")) {
        let [case, parts] = row.as_slice() else { panic!("{row:?}") };
        check(case, &policy_check(&gallery("broken-policies").join(case)), 6, parts);
    }
}

/// Too large to lie in the tree, so it is made here.
#[test]
fn a_huge_scalar_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("policy: mycar\ntitle: \"{}\"\n", "a".repeat(64 << 20));
    std::fs::write(dir.path().join("mycar.yaml"), text).unwrap();
    check("huge scalar", &policy_check(dir.path()), 6, "mycar.yaml");
}

/// A bomb that is opened before it is refused never ends: then the test is killed, not the machine.
fn policy_check(policies: &Path) -> std::process::Output {
    let nowhere = Path::new("no-store-is-needed.db");

    let mut check = dsr(nowhere);
    check.arg("--policies").arg(policies).args(["policy", "check", "--controller", "mycar"]);
    check.timeout(Duration::from_secs(30)).output().unwrap()
}
