//! What convicts the log and what does not: keys, heads, subtrees and files beside the store that somebody changed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{Run, World};
use rusqlite::Connection;

fn beside(world: &World, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", world.store().display()))
}

fn verify(world: &World, more: &[&str]) -> Run {
    world.dsr([["audit", "verify", "--format", "json"].as_slice(), more].concat())
}

/// A head that was given out, and entries after it.
fn logged() -> World {
    let world = World::with_fixtures();
    let _ = world.dsr(["audit", "head", "--out", "given.note"]).ok();
    let _ = world.dsr(["find", "ref:C-1"]).ok();
    world
}

#[test]
fn the_key_of_another_store_signs_nothing_and_is_left_alone() {
    let (world, stranger) = (logged(), World::with_store("mycar"));
    let key = fs::read(beside(&stranger, "signing")).unwrap();
    fs::write(beside(&world, "signing"), &key).unwrap();
    for line in [&["audit", "key", "rotate"][..], &["audit", "key", "rotate", "--lost"]] {
        let _ = world.dsr(line).exits(6).says("of another log");
        assert!(fs::read(beside(&world, "signing")).unwrap() == key);
    }
    let said = world.dsr(["doctor"]).exits(6).stdout;
    assert!(said.contains("of another log"), "{said}");
    fs::remove_file(beside(&world, "signing")).unwrap();
    let _ = world.dsr(["audit", "key", "rotate", "--lost"]).ok();
    let _ = verify(&world, &[]).ok();
}

#[test]
fn a_head_with_a_wrong_signature_convicts_itself_and_no_entry() {
    let world = logged();
    let path = beside(&world, "heads");
    let text = fs::read_to_string(&path).unwrap();
    let root = text.lines().nth(2).unwrap().to_owned();
    let forged = if root.starts_with('A') { root.replacen('A', "B", 1) } else { format!("A{}", &root[1..]) };
    fs::write(&path, text.replacen(&root, &forged, 1)).unwrap();
    let found = verify(&world, &[]).exits(9).says("signature is wrong");
    assert!(found.json()["first_bad"].is_null(), "{}", found.stdout);
    assert!(!found.stdout.contains("rewritten"), "{}", found.stdout);
}

/// Whoever may change the file may put any name under a head: it speaks against the file, not against the log.
#[test]
fn a_kept_head_that_no_key_of_the_log_signed_convicts_no_entry() {
    let world = logged();
    let path = beside(&world, "heads");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let root = if lines[2].starts_with('A') { "B" } else { "A" }.to_owned() + &lines[2][1..];
    for (line, forged) in [(lines[2], root.as_str()), (lines[1], "999")] {
        let forged = text.replacen(&format!("\n{line}\n"), &format!("\n{forged}\n"), 1);
        fs::write(&path, forged.replacen("— dsr/log/", "— dsr/lag/", 1)).unwrap();
        let found = verify(&world, &[]).exits(9).says("beside the store was changed");
        assert!(found.json()["first_bad"].is_null(), "{}", found.stdout);
        assert!(!found.stdout.contains("rewritten") && !found.stdout.contains("missing"), "{}", found.stdout);
        for lang in ["ru", "kk"] {
            let said = world.dsr(["audit", "verify", "--lang", lang]).exits(9).stderr;
            assert!(!said.contains("signed"), "{said}");
        }
    }
    fs::write(&path, text).unwrap();
    let _ = verify(&world, &[]).ok();
}

/// The head of a change of keys is always kept: where no head is, a file was taken away.
#[test]
fn kept_heads_that_are_gone_are_missed() {
    let world = logged();
    let _ = world.dsr(["audit", "key", "rotate"]).ok();
    let before = verify(&world, &[]).ok().stderr;
    assert!(!before.contains("given out"), "{before}");
    let _ = world.dsr(["doctor"]).ok();
    fs::remove_file(beside(&world, "heads")).unwrap();
    let _ = verify(&world, &[]).ok().says("heads that were given out");
    let said = world.dsr(["doctor", "--format", "csv"]).exits(6).stdout;
    assert!(said.contains("dsr audit head --out"), "{said}");
    for lang in ["ru", "kk"] {
        let said = world.dsr(["doctor", "--lang", lang]).exits(6).stdout;
        assert!(!said.contains("given out"), "{said}");
    }
    let _ = world.dsr(["audit", "head", "--out", "anew.note"]).ok();
    let _ = world.dsr(["doctor"]).ok();
    fs::remove_file(beside(&world, "heads")).unwrap();
    let _ = world.dsr(["audit", "key", "rotate"]).ok().says("heads that were given out");
}

/// ANALYZE copies values into tables of its own, which no destruction reaches.
#[test]
fn statistics_that_an_administrator_left_are_taken_away() {
    let world = logged();
    let analysed = |more: &str| {
        let conn = Connection::open(world.store()).unwrap();
        conn.execute_batch(&format!("{more}; ANALYZE")).unwrap();
    };
    analysed("");
    for line in [&["find", "ref:C-1"][..], &["doctor"], &["audit", "verify"]] {
        let _ = world.dsr(line).exits(9).says("statistics").says("dsr sanitize");
    }
    for lang in ["ru", "kk"] {
        let said = world.dsr(["find", "ref:C-1", "--lang", lang]).exits(9).stderr;
        assert!(!said.contains("statistics"), "{said}");
    }
    let _ = world.dsr(["sanitize"]).ok().says("statistics");
    assert!(!String::from_utf8_lossy(&world.bytes()).contains("sqlite_stat"));
    let _ = world.dsr(["find", "ref:C-1"]).ok();
    let _ = verify(&world, &[]).ok();
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("statistics 1"), "{log}");
    // Whatever else dsr did not make is no matter of statistics.
    analysed("CREATE TABLE copy (x)");
    let before = world.bytes();
    let _ = world.dsr(["sanitize"]).exits(9);
    assert!(world.bytes() == before, "something was changed");
}

#[test]
fn without_a_signing_key_a_restore_says_how_to_make_one() {
    let world = logged();
    let _ = world.dsr(["backup", "b"]).ok();
    fs::remove_file(world.store()).unwrap();
    let signed = world.dsr(["restore", "b", "--yes"]).ok().stderr;
    assert!(!signed.contains("audit key new"), "{signed}");
    fs::remove_file(world.store()).unwrap();
    fs::remove_file(beside(&world, "signing")).unwrap();
    let _ = world.dsr(["restore", "b", "--yes"]).ok().says("dsr audit key new");
}

/// The verifier of the bundle and ours say the same of a key that never signed a head.
#[test]
fn an_old_key_that_was_altered_is_found_by_either_verifier() {
    let world = logged();
    let _ = world.dsr(["audit", "key", "rotate"]).ok();
    let _ = world.dsr(["audit", "export", "--output", "x"]).ok();
    let other = World::with_store("mycar").dsr(["audit", "key", "show"]).ok().stdout;
    let altered = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let old = text.lines().next().unwrap();
        fs::write(path, text.replacen(old, other.trim(), 1)).unwrap();
    };
    let bundle = world.path().join("x");
    let python = || Command::new("python3").arg(bundle.join("verify_log.py")).arg(&bundle).output();
    altered(&beside(&world, "vkeys"));
    let _ = verify(&world, &[]).exits(9).says("not spoken of in the log");
    let Ok(sound) = python() else { return };
    assert!(sound.status.success());
    altered(&bundle.join("keys.txt"));
    let said = String::from_utf8_lossy(&python().unwrap().stdout).into_owned();
    assert!(said.starts_with("bad ") && said.contains("not spoken of in the log"), "{said}");
}

/// The open subtrees are made from the entries: damaged, they convict nobody, and they can be made anew.
#[test]
fn subtrees_that_were_edited_are_named_and_made_anew() {
    let world = logged();
    let _ = world.dsr(["backup", "b"]).ok();
    Connection::open(world.store())
        .unwrap()
        .execute_batch("UPDATE audit_frontier SET hash = zeroblob(32)")
        .unwrap();
    let _ = world.dsr(["find", "ref:C-1"]).exits(9);
    let found = verify(&world, &[]).exits(9).says("dsr sanitize");
    assert!(found.json()["first_bad"].is_null());
    let _ = world.dsr(["doctor"]).exits(9);
    let _ = world.dsr(["restore", "b", "--yes"]).exits(9).says("dsr sanitize");
    let _ = world.dsr(["sanitize"]).ok().says("made anew");
    let _ = verify(&world, &[]).ok();
    let _ = world.dsr(["find", "ref:C-1"]).ok();
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("subtrees 1"), "{log}");
    // Over a log that was edited nothing is made anew.
    let conn = Connection::open(world.store()).unwrap();
    conn.execute_batch(
        "UPDATE audit_frontier SET hash = zeroblob(32); DELETE FROM audit_entry WHERE seq = 2",
    )
    .unwrap();
    let _ = world.dsr(["sanitize"]).exits(9);
}

/// A file in the place of the head that is none hides nothing else.
#[test]
fn a_head_that_is_none_is_a_fault_among_others() {
    let world = logged();
    fs::write(beside(&world, "head"), "junk\n").unwrap();
    let found = verify(&world, &["--head", "given.note"]).exits(9).says("is no head of an audit log");
    assert_eq!(found.json()["heads"], 2, "{}", found.stdout);
    let said = world.dsr(["doctor"]).exits(9).stdout;
    assert!(said.contains("is no head") && said.contains("quick check"), "{said}");
}

#[test]
fn who_was_told_a_key_before_it_was_replaced_is_told_so() {
    let world = logged();
    let key = world.dsr(["audit", "key", "show"]).ok().stdout.trim().to_owned();
    let _ = world.dsr(["audit", "key", "rotate"]).ok();
    let _ = world.dsr(["audit", "export", "--output", "x"]).ok();
    let bundle = world.path().join("x");
    let said = fs::read_to_string(bundle.join("README.txt")).unwrap();
    assert!(said.contains("replaced") && !said.contains("checks all of this"), "{said}");
    let Ok(output) =
        Command::new("python3").arg(bundle.join("verify_log.py")).arg(&bundle).arg(&key).output()
    else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("replaced"), "{said}");
}

/// A gap of the log is not a gap of the policy, and people read it in their language.
#[test]
fn a_lost_span_is_said_in_three_languages() {
    let world = World::with_fixtures();
    let _ = world.dsr(["backup", "b"]).ok();
    let _ = world.dsr(["find", "ref:C-1"]).ok();
    fs::remove_file(world.store()).unwrap();
    for (lang, english) in [("ru", "данные"), ("kk", "")] {
        let plan = world.dsr(["restore", "b", "--dry-run", "--lang", lang]).ok().stdout;
        assert!(!plan.contains("alone") && (english.is_empty() || !plan.contains(english)), "{plan}");
    }
    let _ = world.dsr(["restore", "b", "--yes"]).ok();
    for (lang, wrong) in [("ru", "без правила"), ("kk", "ережесіз"), ("en", "nothing")] {
        let run = world.dsr(["audit", "verify", "--lang", lang]).ok();
        assert!(!run.stdout.contains(wrong) && !run.stdout.contains('{'), "{}", run.stdout);
        if lang != "en" {
            assert!(
                !run.stdout.contains("heads") && !run.stderr.contains(" to "),
                "{}{}",
                run.stdout,
                run.stderr
            );
            let head = world.dsr(["audit", "head", "--lang", lang]).ok().stdout;
            assert!(!head.contains("origin") && !head.contains("signed"), "{head}");
        }
    }
}

/// A command that is printed can be typed as it stands, whatever the directory is called.
#[test]
fn commands_with_paths_are_quoted() {
    use std::os::unix::fs::PermissionsExt;
    for name in ["my store", "o'k dir"] {
        let world = World::empty();
        let directory = world.path().join(name);
        let store = directory.join("s.db");
        let run = |line: &[&str]| Run::of(&world.command(line).env("DSR_STORE", &store).output().unwrap());
        let _ = run(&["init", "--controller", "mycar"]).ok();
        let left = directory.join("s.db.replaced-1");
        fs::write(&left, "x").unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o600)).unwrap();
        let said = run(&["doctor", "--format", "json"]).exits(6).json();
        let findings = said["findings"].as_array().unwrap();
        let copies = findings.iter().find(|one| one["what"] == "copies").unwrap()["says"].as_str().unwrap();
        shell(&copies[copies.find("rm ").unwrap()..]);
        assert!(!left.exists(), "{copies}");
        fs::set_permissions(directory.join("s.db"), fs::Permissions::from_mode(0o640)).unwrap();
        let said = run(&["status"]).exits(6).stderr;
        let from = said.find("chmod").unwrap();
        shell(said[from..].split(';').next().unwrap());
        let _ = run(&["status"]).ok();
    }
}

fn shell(line: &str) {
    assert!(Command::new("sh").args(["-c", line]).status().unwrap().success(), "{line}");
}

#[test]
fn the_demo_is_private_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::empty();
    let binary = env!("CARGO_BIN_EXE_dsr");
    let mut line = Command::new("sh");
    line.args(["-c", &format!("umask 000; exec {binary} demo -q")]).current_dir(world.path()).env_clear();
    let _ = Run::of(&line.output().unwrap()).ok();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let directory = world.path().join("dsr-demo");
    assert_eq!(mode(&directory), 0o700);
    for file in fs::read_dir(&directory).unwrap() {
        assert_eq!(mode(&file.unwrap().path()) & 0o077, 0);
    }
}
