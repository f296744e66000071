//! Heads, keys, proofs and the exported log, from outside: what was cut off, put back or rewritten is found,
//! and somebody else's verifier agrees.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{Run, World};
use rusqlite::Connection;

/// A store with a dozen entries and a head that was given out at the sixth.
fn logged() -> (World, PathBuf) {
    let world = World::with_fixtures();
    search(&world, 3);
    let head = world.path().join("six.note");
    let _ = world.dsr(["audit", "head", "--out", "six.note"]).ok();
    search(&world, 6);
    (world, head)
}

fn search(world: &World, times: usize) {
    for _ in 0..times {
        let _ = world.dsr(["find", "ref:C-1"]).ok();
    }
}

fn verify(world: &World, more: &[&str]) -> Run {
    world.dsr([["audit", "verify", "--format", "json"].as_slice(), more].concat())
}

fn beside(world: &World, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", world.store().display()))
}

fn sql(world: &World, sql: &str) {
    Connection::open(world.store()).unwrap().execute_batch(sql).unwrap();
}

/// Makes the log of the store anew from these entries, as somebody who knows the format would, with all heads.
fn forge(world: &World, edit: impl Fn(u64, String) -> Option<String>) {
    use dsr::audit::{Frontier, Hash};
    let conn = Connection::open(world.store()).unwrap();
    let mut query = conn.prepare("SELECT seq, CAST(bytes AS TEXT) FROM audit_entry ORDER BY seq").unwrap();
    let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).unwrap();
    let entries: Vec<(i64, String)> = rows.map(|row| row.unwrap()).collect();
    conn.execute_batch("DELETE FROM audit_entry; DELETE FROM audit_head; DELETE FROM audit_frontier")
        .unwrap();
    let mut tree = Frontier::new();
    for (seq, text) in entries {
        let Some(text) = edit(seq as u64, text) else { continue };
        let at = text.find("\"prev\":\"").unwrap() + 8;
        let text = format!("{}{}{}", &text[..at], tree.root(), &text[at + 64..]);
        let seq = tree.size() as i64 + 1;
        tree.append(Hash::leaf(text.as_bytes()));
        conn.execute("INSERT INTO audit_entry VALUES (?1, ?2)", (seq, text.as_bytes())).unwrap();
        conn.execute("INSERT INTO audit_head VALUES (?1, ?2)", (seq, tree.root().as_bytes())).unwrap();
    }
    for (level, hash) in tree.pairs() {
        conn.execute("INSERT INTO audit_frontier VALUES (?1, ?2)", (level, hash.as_bytes())).unwrap();
    }
}

#[test]
fn a_store_put_back_is_refused_by_every_command_until_it_is_restored() {
    let (world, _) = logged();
    let old = world.bytes();
    search(&world, 2);
    fs::write(world.store(), &old).unwrap();
    for command in
        ["status", "find ref:C-1", "export --subject ref:C-1", "report register", "audit head", "sanitize"]
    {
        let run =
            world.dsr(command.split(' ')).exits(9).says("the log has 12 entries, the head speaks of 14");
        assert!(run.stdout.is_empty(), "{command}");
    }
    assert!(world.bytes() == old, "it stays as it was");
    assert_eq!(verify(&world, &[]).exits(9).json()["first_bad"], 13);
    let _ = world.dsr(["doctor"]).exits(9);
}

#[test]
fn a_log_cut_off_with_all_its_heads_is_found_out() {
    for left in [3, 6, 11] {
        let (world, _) = logged();
        forge(&world, |seq, text| (seq <= left).then_some(text));
        let run = verify(&world, &[]).exits(9);
        assert_eq!(run.json()["first_bad"], left + 1, "{}", run.stdout);
    }
}

/// Without anything beside the store only a head from elsewhere tells; the log by itself is sound.
#[test]
fn against_a_thorough_forger_a_head_from_elsewhere_helps() {
    let edited = |seq: u64, text: String| Some(if seq == 4 { text.replace("find", "fond") } else { text });
    let cut = |seq: u64, text: String| (seq <= 5).then_some(text);
    type Edit = fn(u64, String) -> Option<String>;
    for (about, edit, first, says) in [
        ("rewritten", edited as Edit, 1, "one of the entries 1 to 6 was rewritten"),
        ("cut", cut, 6, "entries 6 to 6 are missing"),
        ("one taken out", |seq, text| (seq != 9).then_some(text), 0, ""),
    ] {
        let (world, head) = logged();
        forge(&world, edit);
        for ending in ["head", "heads"] {
            fs::remove_file(beside(&world, ending)).unwrap();
        }
        if about != "one taken out" {
            let run = verify(&world, &["--head", head.to_str().unwrap()]).exits(9).says(says);
            assert_eq!(run.json()["first_bad"], first, "{about}");
        }
        let alone = verify(&world, &[]);
        let expected = if about == "one taken out" { 9 } else { 0 };
        assert_eq!(alone.code, expected, "{about}: {}", alone.stdout);
    }
}

#[test]
fn what_is_no_head_or_no_proof_is_wrong_usage() {
    let (world, head) = logged();
    let note = fs::read_to_string(&head).unwrap();
    for (about, text, code) in [
        ("empty", String::new(), 2),
        ("prose", "hello\n".into(), 2),
        ("cut", note[..note.len() - 9].into(), 2),
        ("another size, the old signature", note.replacen("\n6\n", "\n5\n", 1), 9),
        ("unsigned, but right", note.split("\n\n").next().unwrap().to_owned() + "\n", 0),
    ] {
        let file = world.write("given.note", text);
        let run = verify(&world, &["--head", file.to_str().unwrap()]);
        assert_eq!(run.code, code, "{about}: {}{}", run.stdout, run.stderr);
    }
    let _ = world.dsr(["audit", "verify", "--head", "missing.note"]).exits(2);
    let _ = world.dsr(["audit", "verify", "--proof", "six.note"]).exits(2);
    let _ = world.dsr(["audit", "prove", "99"]).exits(3);
    let _ = world.dsr(["audit", "prove"]).exits(2);
}

#[test]
fn a_receipt_is_checked_without_the_store() {
    let (world, _) = logged();
    let _ = world.dsr(["audit", "prove", "5", "--out", "r.tlog-proof"]).ok();
    let keys = world.dsr(["audit", "key", "show"]).ok().stdout;
    let elsewhere = World::empty();
    let receipt = fs::read_to_string(world.path().join("r.tlog-proof")).unwrap();
    elsewhere.write("r", &receipt);
    elsewhere.write("key", &keys);
    let check = |args: &[&str]| elsewhere.dsr([["audit", "verify", "--proof"].as_slice(), args].concat());
    let run = check(&["r", "--key", "key", "--format", "json"]).ok().json();
    assert_eq!(
        (&run["kind"], &run["size"], &run["entries"][0]["seq"]),
        (&"inclusion".into(), &12.into(), &5.into())
    );
    let _ = check(&["r", "--key", keys.trim()]).ok();
    let _ = check(&["r"]).exits(2).says("--key");
    elsewhere.write("r", receipt.replacen("index 4", "index 3", 1));
    let _ = check(&["r", "--key", "key"]).exits(9).says("another number than its place");
    let other = World::with_store("mycar").dsr(["audit", "key", "show"]).ok().stdout;
    elsewhere.write("r", &receipt);
    let _ = check(&["r", "--key", other.trim()]).exits(9).says("not signed by this key");
}

#[test]
fn one_head_goes_on_from_another() {
    let (world, _) = logged();
    let _ = world.dsr(["audit", "prove", "--since", "six.note", "--out", "p"]).ok();
    let run =
        world.dsr(["audit", "verify", "--proof", "p", "--head", "six.note", "--format", "json"]).ok().json();
    assert_eq!((&run["old_size"], &run["size"]), (&6.into(), &12.into()));
    let _ = world.dsr(["audit", "head", "--out", "twelve.note"]).ok();
    let _ = world.dsr(["audit", "verify", "--proof", "p", "--head", "twelve.note"]).exits(9);
    let _ = world.dsr(["audit", "verify", "--proof", "p"]).exits(2).says("older head");
    let foreign = World::with_store("mycar");
    fs::copy(world.path().join("six.note"), foreign.path().join("six.note")).unwrap();
    let _ = foreign.dsr(["audit", "prove", "--since", "six.note"]).exits(2).says("another log");
}

#[test]
fn keys_are_spoken_of_in_the_log_and_handed_on_by_the_old_one() {
    let (world, _) = logged();
    let before = world.dsr(["audit", "key", "show"]).ok().stdout;
    let _ = world.dsr(["audit", "key", "new"]).exits(2).says("rotate");
    let after = world.dsr(["audit", "key", "rotate"]).ok().stdout;
    assert!(after.starts_with(&before) && after.lines().count() == 2);
    assert_eq!(verify(&world, &["--head", "six.note"]).ok().json()["heads"], 4, "old heads still count");
    let change = fs::read_to_string(beside(&world, "heads")).unwrap();
    let change = change.split("\n\n").nth(3).unwrap();
    assert_eq!(change.lines().count(), 2, "the head of the change is signed by both");
    let mut keys = fs::read_to_string(beside(&world, "vkeys")).unwrap();
    keys.push_str(&World::with_store("mycar").dsr(["audit", "key", "show"]).ok().stdout);
    fs::write(beside(&world, "vkeys"), keys).unwrap();
    let _ = verify(&world, &[]).exits(9).says("not spoken of in the log");
}

#[test]
fn a_lost_key_is_replaced_and_the_log_says_so() {
    let (world, _) = logged();
    fs::remove_file(beside(&world, "signing")).unwrap();
    let _ = world.dsr(["audit", "head", "--out", "h"]).exits(6).says("--lost");
    assert_eq!(world.dsr(["audit", "head", "--format", "json"]).ok().json()["signed"], false);
    let _ = world.dsr(["audit", "key", "rotate"]).exits(6);
    let _ = world.dsr(["audit", "key", "rotate", "--lost"]).ok();
    let list = world.dsr(["audit", "list", "--after", "12", "--format", "json"]).ok().json();
    assert_eq!(list["entries"][0]["command"], "audit.key.lost");
    let _ = world.dsr(["audit", "head", "--out", "h"]).ok();
    let _ = verify(&world, &["--head", "h"]).ok();
}

#[test]
fn a_new_key_after_a_lost_one_is_no_first_key() {
    let (world, _) = logged();
    fs::remove_file(beside(&world, "signing")).unwrap();
    let _ = world.dsr(["audit", "key", "new"]).ok();
    let list = world.dsr(["audit", "list", "--after", "11", "--format", "json"]).ok().stdout;
    assert!(list.contains("audit.key.lost") && !list.contains("audit.key.new"), "{list}");
    assert_eq!(fs::read_to_string(beside(&world, "vkeys")).unwrap().lines().count(), 2);
}

#[test]
fn a_file_that_others_may_open_stops_every_command_but_the_doctor() {
    use std::os::unix::fs::PermissionsExt;
    let (world, _) = logged();
    let _ = world.dsr(["backup", "b.sqlite"]).ok();
    for ending in ["key", "signing", "vkeys", "head", "heads", "ledger"] {
        let mode = |mode| fs::set_permissions(beside(&world, ending), fs::Permissions::from_mode(mode));
        mode(0o640).unwrap();
        for line in [&["erase", "--subject", "ref:C-1", "--dry-run"][..], &["access", "--subject", "ref:C-1"]]
        {
            let _ = world.dsr(line).exits(6).says("chmod 600").says(ending);
        }
        let found = world.dsr(["doctor", "--format", "json"]).exits(6).stdout;
        assert!(found.contains("mode 0640") && found.contains(&format!(".{ending}")), "{ending}: {found}");
        mode(0o600).unwrap();
    }
    let _ = world.dsr(["find", "ref:C-1"]).ok();
}

#[test]
fn a_manifest_without_its_backup_is_in_nobodys_way() {
    let (world, _) = logged();
    let _ = world.dsr(["backup", "b.sqlite"]).ok();
    fs::rename(world.path().join("b.sqlite"), world.path().join("renamed")).unwrap();
    let _ = world.dsr(["backup", "b.sqlite"]).exits(2).says("is not replaced");
    // On a stick for a while: two more of that name, and back under another.
    let stick = tempfile::tempdir().unwrap();
    for name in ["renamed", "b.sqlite"] {
        fs::copy(world.path().join(name), stick.path().join(name)).unwrap();
        fs::remove_file(world.path().join(name)).unwrap();
        let _ = world.dsr(["backup", "b.sqlite"]).ok();
    }
    for name in ["renamed", "b.sqlite"] {
        fs::copy(stick.path().join(name), world.path().join("back")).unwrap();
        let _ = world.dsr(["restore", "back", "--dry-run"]).ok();
    }
    let _ = world.dsr(["restore", "b.sqlite", "--dry-run"]).ok();
}

#[test]
fn a_store_that_is_gone_is_not_begun_anew() {
    let (world, _) = logged();
    fs::remove_file(world.store()).unwrap();
    let _ =
        world.dsr(["init", "--controller", "mycar"]).exits(9).says("a store with 12 audit entries was here");
    assert!(!world.store().exists());
    for command in [&["status"][..], &["doctor"], &["audit", "verify"], &["purge-expired"], &["sanitize"]] {
        let run = world.dsr(command).exits(9).says("is gone").says("dsr restore BACKUP");
        assert!(!run.stderr.contains("dsr init"), "{command:?}: nobody is sent to begin a new one");
    }
    fs::write(world.store(), "no database at all").unwrap();
    let run = world.dsr(["status"]).exits(9).says("not a store").says("dsr restore BACKUP");
    assert!(!run.stderr.contains("dsr init"));
}

/// The verifier in another language, on the exported log: good, and with every kind of fault.
/// A kill while the head is made anew leaves its draft as a second name of it.
#[test]
fn a_second_name_of_the_head_is_taken_away_and_the_head_goes_on() {
    let (world, _) = logged();
    let head = beside(&world, "head");
    let name = head.file_name().unwrap().to_string_lossy().into_owned();
    let draft = head.with_file_name(format!(".dsr-{name}-1.part"));
    fs::hard_link(&head, &draft).unwrap();
    let before = fs::read(&head).unwrap();
    let _ = world.dsr(["sanitize"]).ok();
    assert!(!draft.exists());
    assert_ne!(fs::read(&head).unwrap(), before, "it speaks of the entry of `sanitize`");
    let _ = verify(&world, &[]).ok();
}

#[test]
fn an_independent_verifier_agrees() {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("DSR_TEST_REQUIRE").is_none_or(|what| what != "all"), "python3 is missing");
        return common::tell("skipped: no python3");
    }
    let (world, _) = logged();
    let _ = world.dsr(["audit", "key", "rotate"]).ok();
    let _ = world.dsr(["audit", "export", "--output", "b"]).ok();
    let bundle = world.path().join("b");
    let root = verify(&world, &[]).ok().json()["root"].as_str().unwrap().to_owned();
    assert_eq!(python(&bundle), (true, format!("ok 13 {root}\n")));
    let good = fs::read_to_string(bundle.join("entries.ndjson")).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let pristine = world.bytes();

    for (about, seq, entries, ours) in [
        (
            "edited",
            5,
            swap_text(&lines, 5, "find", "fond"),
            "UPDATE audit_entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'find', 'fond') AS BLOB) WHERE seq = 5",
        ),
        (
            "not canonical",
            6,
            swap_text(&lines, 6, "\"v\":1", "\"v\": 1"),
            "UPDATE audit_entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"v\":1', '\"v\": 1') AS BLOB) WHERE seq = 6",
        ),
        (
            "no entry",
            7,
            swap_text(&lines, 7, lines[6], "{"),
            "UPDATE audit_entry SET bytes = x'7b' WHERE seq = 7",
        ),
        (
            "swapped",
            6,
            [&lines[..5], &[lines[6], lines[5]], &lines[7..]].concat().join("\n"),
            "UPDATE audit_entry SET seq = 99 WHERE seq = 6; UPDATE audit_entry SET seq = 6 WHERE seq = 7; UPDATE audit_entry SET seq = 7 WHERE seq = 99",
        ),
        ("cut off", 11, lines[..10].join("\n"), "DELETE FROM audit_entry WHERE seq > 10"),
        (
            "one taken out",
            4,
            [&lines[..3], &lines[4..]].concat().join("\n"),
            "DELETE FROM audit_entry WHERE seq = 4",
        ),
    ] {
        fs::write(bundle.join("entries.ndjson"), entries + "\n").unwrap();
        let (sound, said) = python(&bundle);
        assert!(!sound && said.starts_with(&format!("bad {seq} ")), "{about}: {said}");
        sql(&world, ours);
        assert_eq!(verify(&world, &[]).exits(9).json()["first_bad"], seq, "{about}");
        fs::write(world.store(), &pristine).unwrap();
    }
    fs::write(bundle.join("entries.ndjson"), &good).unwrap();
    let note = fs::read_to_string(bundle.join("head.note")).unwrap();
    fs::write(bundle.join("head.note"), note.split("\n\n").next().unwrap().to_owned() + "\n\n").unwrap();
    assert!(python(&bundle).1.contains("signed the head"));
}

fn swap_text(lines: &[&str], seq: usize, from: &str, to: &str) -> String {
    let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    lines[seq - 1] = lines[seq - 1].replacen(from, to, 1);
    lines.join("\n")
}

fn python(bundle: &Path) -> (bool, String) {
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_log.py");
    let output = Command::new("python3").arg(verifier).arg(bundle).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

#[test]
fn an_exported_log_is_private_whole_and_holds_no_person() {
    use std::os::unix::fs::PermissionsExt;
    let (world, _) = logged();
    let _ = world.dsr(["audit", "export", "--output", "b"]).ok();
    let files: Vec<_> =
        fs::read_dir(world.path().join("b")).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() > 8);
    for file in &files {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(file).unwrap();
        for canary in ["900101399998", "example", "+7701"] {
            let allowed = file.ends_with("README.txt") || file.ends_with("verify_log.py");
            assert!(allowed || !text.contains(canary), "{canary} in {}", file.display());
        }
    }
    let _ = world.dsr(["audit", "export", "--output", "b"]).exits(2);
    sql(&world, "DELETE FROM audit_entry WHERE seq = 4");
    let _ = world.dsr(["audit", "export", "--output", "c"]).exits(9);
    assert!(!world.path().join("c").exists());
    assert_eq!(
        fs::read_dir(world.path())
            .unwrap()
            .filter(|file| { file.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part") })
            .count(),
        0
    );
}

#[test]
fn a_clock_that_went_back_is_marked_and_the_numbers_go_on() {
    let (mut world, _) = logged();
    let clocks = |world: &World| -> Vec<String> {
        let conn = Connection::open(world.store()).unwrap();
        let sql = "SELECT CAST(bytes AS TEXT) ->> 'clock' FROM audit_entry ORDER BY seq";
        let mut query = conn.prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    };
    world.at("2026-11-20T10:00:00+05:00");
    let behind =
        |code: i32| world.dsr(["doctor", "--format", "csv"]).exits(code).stdout.contains("behind entry ");
    assert!(behind(6));
    search(&world, 2);
    assert!(behind(6), "what was written meanwhile does not hide it");
    world.at("2026-11-22T10:00:00+05:00");
    search(&world, 1);
    let seen = clocks(&world);
    assert_eq!(seen.len(), 15, "a number each");
    assert_eq!(
        seen[12..],
        ["regressed", "drill", "drill"],
        "the jump is marked, and what follows stands by it"
    );
    assert!(!seen[..12].contains(&"regressed".to_owned()));
    let list = |form: &[&str]| world.dsr([&["audit", "list", "--after", "12"][..], form].concat()).ok();
    let shown = list(&["--format", "json"]).json();
    assert_eq!(
        (&shown["entries"][0]["clock"], &shown["entries"][1]["clock"]),
        (&"regressed".into(), &"drill".into())
    );
    let csv = list(&["--format", "csv"]).stdout;
    assert!(csv.lines().next().unwrap().ends_with(",\"clock\"") && csv.contains(",\"regressed\""), "{csv}");
    for (lang, word) in [("en", "regressed"), ("ru", "назад"), ("kk", "шегінген")] {
        let shown = list(&["--lang", lang]).stdout;
        assert!(shown.contains(word), "{shown}");
    }
    let _ = verify(&world, &[]).ok();
    assert!(!world.dsr(["doctor", "--format", "csv"]).stdout.contains("behind"));
}

/// A command that says two things says both at the same time.
#[test]
fn every_entry_of_a_command_behind_the_last_is_marked() {
    let (mut world, _) = logged();
    let before =
        world.dsr(["audit", "list", "--format", "json"]).ok().json()["entries"].as_array().unwrap().len();
    world.at("2026-11-20T10:00:00+05:00");
    let _ = world.dsr(["erase", "--subject", "ref:C-7", "--identity", "document", "--yes"]).ok();
    let listed = world.dsr(["audit", "list", "--after", &before.to_string(), "--format", "json"]).ok().json();
    let entries = listed["entries"].as_array().unwrap();
    assert!(entries.len() > 1 && entries.iter().all(|entry| entry["clock"] == "regressed"), "{entries:#?}");
    search(&world, 1);
    let listed = world.dsr(["audit", "list", "--format", "json"]).ok().json();
    assert_eq!(listed["entries"].as_array().unwrap().last().unwrap()["clock"], "drill", "another command");
}

/// What was given out is known: one of two that is gone is missed, also where no key was ever replaced.
#[test]
fn kept_heads_are_all_missed_and_nothing_else_is_taken_for_one() {
    let (world, _) = logged();
    let _ = world.dsr(["audit", "head", "--out", "late.note"]).ok();
    let path = beside(&world, "heads");
    let whole = fs::read_to_string(&path).unwrap();
    let first = whole.match_indices("\n\n").nth(1).unwrap().0 + 2;
    assert!(!verify(&world, &[]).ok().stderr.contains("given out"));
    for cut in ["", &whole[..first]] {
        fs::write(&path, cut).unwrap();
        let _ = verify(&world, &[]).ok().says("heads that were given out");
        assert!(
            world.dsr(["doctor", "--format", "csv"]).exits(6).stdout.contains("bring the .heads file back")
        );
    }
    fs::write(&path, format!("{whole}rubbish")).unwrap();
    let _ = verify(&world, &[]).exits(9).says("behind the last head").says("bring the file back");
    let said = world.dsr(["doctor", "--format", "csv"]).exits(9).stdout;
    assert!(said.contains("behind the last head") && said.contains("settings"), "the whole table: {said}");
    fs::write(&path, &whole).unwrap();
    let _ = verify(&world, &[]).ok();
    fs::write(&path, &whole[..first]).unwrap();
    let _ = world.dsr(["audit", "head", "--out", "anew.note"]).ok();
    assert!(!verify(&world, &[]).ok().stderr.contains("given out"), "the same head is given out again");
    search(&world, 1);
    fs::write(&path, &whole[..first]).unwrap();
    for name in ["later.note", "last.note"] {
        let _ = world.dsr(["audit", "head", "--out", name]).ok().says("heads that were given out");
        let _ = verify(&world, &[]).ok().says("heads that were given out");
    }
    fs::remove_file(&path).unwrap();
    let _ = world.dsr(["audit", "head", "--out", "begun.note"]).ok().says("heads that were given out");
    assert!(!verify(&world, &[]).ok().stderr.contains("given out"), "begun anew, as the hint says");
}

#[test]
fn every_report_and_act_bears_a_head_that_can_be_held_against_the_log() {
    let (world, _) = logged();
    let _ = world.does("erase --subject ref:C-23").ok();
    let key = fs::read_to_string(beside(&world, "vkeys")).unwrap();
    for report in [
        "register",
        "deadlines",
        "destruction",
        "destruction --act A-2026-000001",
        "disclosures",
        "consents",
        "inventory",
        "retention",
        "suppression",
        "compliance",
    ] {
        let words = || ["report"].into_iter().chain(report.split(' '));
        let json = world.dsr(words().chain(["--format", "json"])).ok().json();
        let (note, said) = match json["audit"].as_object() {
            Some(audit) => (audit["head"].clone(), audit["key"].clone()),
            None => (json["audit_head"].clone(), json["public_key"].clone()),
        };
        assert_eq!(said, key.trim(), "{report}");
        fs::write(world.path().join("kept.note"), note.as_str().unwrap()).unwrap();
        let _ = verify(&world, &["--head", "kept.note"]).ok();
        let root = note.as_str().unwrap().lines().nth(2).unwrap().to_owned();
        let shown = world.dsr(words()).ok().stdout;
        assert!(shown.contains(&root) && shown.contains(key.trim()), "{report}: {shown}");
        let csv = world.dsr(words().chain(["--format", "csv"])).ok();
        assert!(csv.stderr.contains(&root) || csv.stdout.contains(&root), "{report}");
        if report.contains("--act") || report == "compliance" {
            let page = world.dsr(words().chain(["--format", "html"])).ok().stdout;
            // A page writes a slash as `&#x2f;`.
            assert!(page.contains(&root.replace('/', "&#x2f;")) || page.contains(&root), "{report}");
            assert!(page.contains(key.trim().split('+').nth(1).unwrap()), "{report}");
        }
    }
    fs::remove_file(beside(&world, "signing")).unwrap();
    let unsigned = world.dsr(["report", "register", "--format", "json"]).ok().json();
    assert!(!unsigned["audit_head"].as_str().unwrap().contains('—'), "no key, no signature");
}
