//! An older store in the place of the newest one, with its head or without: what lies beside it knows better, and nobody who
//! was destroyed is there again unsaid.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{fs, path::PathBuf};

use common::{
    World,
    kept::{act, back_up, backed_up, beside, restore},
};

const OLDER: &str = "older than the ledger beside it";

/// The store and its head as they are now, to be put back.
struct Copy([(PathBuf, Vec<u8>); 2]);

impl Copy {
    fn of(world: &World) -> Self {
        Self([world.store(), beside(world, "head")].map(|path| (path.clone(), fs::read(path).unwrap())))
    }

    fn put_back(&self) {
        for (path, bytes) in &self.0 {
            fs::write(path, bytes).unwrap();
        }
    }
}

fn are_gone(world: &World, people: &[&str]) {
    for who in people {
        let _ = world.dsr(["subject", "show", who]).exits(3);
    }
}

/// Nothing is read from it or written to it: it would grow past what the ledger knows, and nobody could tell any more.
#[test]
fn with_its_head_it_is_refused_until_it_is_restored() {
    let world = backed_up();
    let older = Copy::of(&world);
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    older.put_back();
    let before = world.bytes();
    let more = common::fixture("mycar.ndjson").display().to_string();
    for command in [
        "erase --subject ref:C-10 --identity document --yes",
        "backup bk/b",
        "find ref:C-8",
        "purge-expired --enable",
        &format!("import {more}"),
    ] {
        let _ = world.dsr(command.split(' ')).exits(9).says(OLDER).says("--dry-run");
        assert!(world.bytes() == before, "{command}");
    }
    assert!(world.dsr(["doctor", "--format", "csv"]).exits(9).stdout.contains(OLDER));
    let _ = world.dsr(["audit", "verify"]).exits(9);
    let _ = restore(&world, "a").ok().says("destroyed");
    are_gone(&world, &["ref:C-8", "ref:C-7"]);
    let _ = world.dsr(["audit", "verify"]).ok().says("nobody knows where");
}

/// Nothing was destroyed since, so no ledger tells; a backup whose log goes on from the store's does.
#[test]
fn a_later_backup_knows_an_older_store() {
    let world = backed_up();
    let older = Copy::of(&world);
    let _ = world.dsr(["export", "--subject", "ref:C-1", "--identity", "document"]).ok();
    back_up(&world, "b");
    older.put_back();
    let _ = restore(&world, "b").ok();
    let log = world.dsr(["audit", "list", "--format", "csv"]).ok().stdout;
    assert!(log.contains("disclosed") && log.contains("lost_from"), "{log}");
}

/// An older store that was put back with its head, and read since, goes its own way: the refusal says what it is, and the way
/// out brings the later backup back.
#[test]
fn an_older_store_that_was_used_since_is_moved_away() {
    let world = backed_up();
    let older = Copy::of(&world);
    let export = |who: &str| world.dsr(["export", "--subject", who, "--identity", "document"]).ok();
    let _ = (export("ref:C-1"), export("ref:C-1"));
    back_up(&world, "b");
    older.put_back();
    let _ = export("ref:C-2");
    let _ = restore(&world, "b").exits(9).says("was an older store put back here").says("move it away");
    fs::rename(world.store(), world.path().join("aside")).unwrap();
    let _ = restore(&world, "b").ok();
    let _ = world.dsr(["audit", "verify"]).ok();
}

/// One destruction is enough where anything was written before it; and where the log grew while the ledger was away, the groups
/// still name one that the store never knew.
#[test]
fn a_single_group_or_a_log_that_grew_hides_nothing() {
    let world = backed_up();
    let older = Copy::of(&world);
    let export = |who: &str| world.dsr(["export", "--subject", who, "--identity", "document"]).ok();
    let _ = export("ref:C-1");
    act(&world, "erase --subject ref:C-8");
    older.put_back();
    let _ = world.dsr(["find", "ref:C-8"]).exits(9).says(OLDER);
    let _ = restore(&world, "a").ok();

    let older = Copy::of(&world);
    act(&world, "erase --subject ref:C-7");
    act(&world, "erase --subject ref:C-10");
    older.put_back();
    let (ledger, away) = (beside(&world, "ledger"), world.path().join("away"));
    fs::rename(&ledger, &away).unwrap();
    for _ in 0..5 {
        let _ = export("ref:C-1");
    }
    fs::rename(&away, &ledger).unwrap();
    let _ = world.dsr(["find", "ref:C-7"]).exits(9).says(OLDER);
}

/// The last head is gone, and an older store stands there: the ledger knows more than its log.
#[test]
fn without_the_head_the_ledger_tells_that_a_store_is_older() {
    for many in [1, 2] {
        let world = backed_up();
        let old = world.bytes();
        act(&world, "erase --subject ref:C-7");
        if many == 2 {
            act(&world, "erase --subject ref:C-8");
        }
        fs::write(world.store(), &old).unwrap();
        fs::remove_file(beside(&world, "head")).unwrap();
        if many == 1 {
            // It may also be of a commit that was cut off: nobody knows.
            let _ = restore(&world, "a").exits(9).says("an older store was put back");
            let _ = world.dsr(["doctor"]).exits(6);
            continue;
        }
        let _ = world.dsr(["status"]).exits(9).says("older than the ledger");
        let _ = world.dsr(["doctor"]).exits(9);
        let _ = restore(&world, "a").ok().says("2 people destroyed");
        are_gone(&world, &["ref:C-7"]);
        let _ = world.dsr(["audit", "verify"]).ok().says("nobody knows where");
    }
}

/// A lift opens a waiting erasure again in the transaction that destroys: cut off before its commit, it leaves a group and a
/// store to which nothing happened. That one goes on.
#[test]
fn a_commit_of_several_entries_that_was_cut_off_is_none_that_was_put_back() {
    let world = backed_up();
    let _ = world.dsr(["restrict", "--subject", "ref:C-8", "--reason", "disputed", "--yes"]).ok();
    let _ = world.dsr(["erase", "--subject", "ref:C-8", "--identity", "document", "--yes"]);
    let before = Copy::of(&world);
    let ledger = fs::metadata(beside(&world, "ledger")).unwrap().len();
    let lift = "restrict --subject ref:C-8 --lift --finding unlawful";
    act(&world, lift);
    assert!(fs::metadata(beside(&world, "ledger")).unwrap().len() > ledger);
    before.put_back();
    for command in ["find ref:C-8", "backup bk/b", "doctor"] {
        let _ = world.dsr(command.split(' ')).ok();
    }
    act(&world, lift);
    act(&world, "erase --subject ref:C-7");
    let _ = restore(&world, "b").ok();
    are_gone(&world, &["ref:C-8", "ref:C-7"]);
}

/// The store of before a restore lies in its place again, as it was: the same restore ends the same.
#[test]
fn a_restore_that_was_undone_is_typed_again() {
    let world = backed_up();
    let older = Copy::of(&world);
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    older.put_back();
    let _ = restore(&world, "a").ok();
    older.put_back();
    let _ = world.dsr(["find", "ref:C-8"]).exits(9).says("left behind by a restore");
    let _ = restore(&world, "a").ok().says("2 people destroyed");
    are_gone(&world, &["ref:C-8", "ref:C-7"]);
}

/// Killed between the name of the restored store and its head: that is told, and what ends it, by whatever looks. A copy of
/// the restored store that is put back over later work is older all the same, though the head lies in the gap by its number.
#[test]
fn a_restore_that_was_cut_off_before_its_head_says_so() {
    const CUT_OFF: &str = "a restore was cut off";
    let world = backed_up();
    for _ in 0..8 {
        let _ = world.dsr(["export", "--subject", "ref:C-1", "--identity", "document"]).ok();
    }
    act(&world, "erase --subject ref:C-8");
    let head = beside(&world, "head");
    let last = fs::read_to_string(&head).unwrap();
    fs::write(world.store(), "damaged").unwrap();
    let _ = restore(&world, "a").ok();
    let restored = fs::read_to_string(&head).unwrap();
    let of: Vec<&str> = restored.lines().collect();
    let finished = Copy::of(&world);
    fs::write(&head, format!("{last}restored {} {}\n", of[1], of[2])).unwrap();
    let _ = world.dsr(["find", "ref:C-8"]).exits(9).says(CUT_OFF).says("dsr restore BACKUP --yes");
    let _ = world.dsr(["audit", "verify"]).exits(9).says(CUT_OFF).says("dsr restore BACKUP --yes");
    let doctor = world.dsr(["doctor", "--format", "csv"]).exits(9);
    assert!(doctor.stdout.contains(CUT_OFF), "{}", doctor.stdout);
    // Announced by another restore, or by none.
    for more in [format!("restored {} {}\n", of[1], last.lines().nth(2).unwrap()), String::new()] {
        fs::write(&head, last.clone() + &more).unwrap();
        let _ = world.dsr(["find", "ref:C-8"]).exits(9).says("older than its known head");
        let _ = world.dsr(["audit", "verify"]).exits(9).says("an older store was put back");
    }
    let _ = restore(&world, "a").ok();
    let _ = world.dsr(["audit", "verify"]).ok();

    finished.put_back();
    let _ = world.dsr(["find", "ref:C-8"]).ok();
    let _ = world.dsr(["export", "--subject", "ref:C-1", "--identity", "document"]).ok();
    let later = fs::read(&head).unwrap();
    finished.put_back();
    fs::write(&head, later).unwrap();
    let _ = world.dsr(["find", "ref:C-8"]).exits(9).says("older than its known head");
    let _ = world.dsr(["audit", "verify"]).exits(9).says("an older store was put back");
}

/// A later backup shortened the ledger, so that it is no longer the one the older store knew: it begins behind its log.
#[test]
fn a_ledger_that_was_shortened_since_tells_of_it_too() {
    let mut world = World::with_fixtures();
    fs::create_dir(world.path().join("bk")).unwrap();
    let _ = world.dsr(["backup", "bk/a", "--keep", "1"]).ok();
    let older = Copy::of(&world);
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    world.at("2026-11-25T10:00");
    back_up(&world, "b");
    act(&world, "erase --subject ref:C-12");
    older.put_back();
    for command in [["find", "ref:C-8"], ["backup", "bk/c"]] {
        let _ = world.dsr(command).exits(9).says(OLDER);
    }
    let doctor = world.dsr(["doctor", "--format", "csv"]).exits(9);
    assert!(!doctor.stdout.contains("move it away"), "{}", doctor.stdout);
    let _ = world.dsr(["audit", "verify"]).exits(9).says(OLDER);
    let _ = restore(&world, "b").ok();
    are_gone(&world, &["ref:C-8", "ref:C-7", "ref:C-12"]);
}

/// Also where both shortened ledgers have one length, and where the later one does not begin behind the log of the older store.
#[test]
fn a_shortened_ledger_of_one_length_or_that_begins_earlier_tells_of_it() {
    let mut world = World::with_fixtures();
    fs::create_dir(world.path().join("bk")).unwrap();
    let _ = world.dsr(["backup", "bk/a", "--keep", "1"]).ok();
    let older = Copy::of(&world);
    let length = fs::metadata(beside(&world, "ledger")).unwrap().len();
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    world.at("2026-11-25T10:00");
    back_up(&world, "b");
    assert_eq!(fs::metadata(beside(&world, "ledger")).unwrap().len(), length);
    older.put_back();
    let _ = world.dsr(["find", "ref:C-8"]).exits(9).says(OLDER);

    let mut world = World::with_fixtures();
    fs::create_dir(world.path().join("bk")).unwrap();
    let _ = world.dsr(["backup", "bk/a", "--keep", "1"]).ok();
    act(&world, "erase --subject ref:C-10");
    let _ = world.dsr(["backup", "bk/b", "--keep", "30"]).ok();
    let _ = world.dsr(["export", "--subject", "ref:C-1", "--identity", "document"]).ok();
    let older = Copy::of(&world);
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    world.at("2026-11-25T10:00");
    back_up(&world, "c");
    older.put_back();
    let _ = world.dsr(["find", "ref:C-8"]).exits(9).says(OLDER);
}

/// Heads that were given out speak of entries that a restore lost: the gap reaches as far, and the log is whole again.
#[test]
fn a_gap_reaches_as_far_as_any_head_that_was_given_out() {
    for lost in [false, true] {
        let world = backed_up();
        let older = Copy::of(&world);
        act(&world, "erase --subject ref:C-8");
        act(&world, "erase --subject ref:C-7");
        let _ = world.dsr(["export", "--subject", "ref:C-1", "--identity", "document"]).ok();
        let _ = world.dsr(["audit", "head", "--out", "today.note"]).ok();
        older.put_back();
        if lost {
            fs::remove_file(world.store()).unwrap();
        }
        let _ = restore(&world, "a").ok();
        are_gone(&world, &["ref:C-8", "ref:C-7"]);
        let _ = world.dsr(["audit", "verify"]).ok();
        let _ = world.dsr(["audit", "export", "--output", "bundle"]).ok();
    }
}

/// A backup that was brought back alone is kept for its term, though the entry that said so went with the log.
#[test]
fn the_ledger_goes_on_remembering_for_a_backup_that_was_brought_back() {
    let world = backed_up();
    act(&world, "erase --subject ref:C-8");
    fs::remove_file(world.store()).unwrap();
    let _ = restore(&world, "a").ok();
    act(&world, "erase --subject ref:C-7");
    back_up(&world, "b");
    let _ = restore(&world, "a").ok();
    are_gone(&world, &["ref:C-8", "ref:C-7"]);
}

/// After a restore of the backup alone the ledger speaks of entries that are lost: without a head it does not mislead.
#[test]
fn a_store_brought_back_alone_may_lose_its_head() {
    let world = backed_up();
    act(&world, "erase --subject ref:C-8");
    act(&world, "erase --subject ref:C-7");
    fs::remove_file(world.store()).unwrap();
    let _ = restore(&world, "a").ok();
    fs::remove_file(beside(&world, "head")).unwrap();
    let _ = world.dsr(["find", "ref:C-1"]).ok();
    act(&world, "erase --subject ref:C-10");
}

/// The last group was cut in the middle: that is a ledger that is not whole, and may be given up.
#[test]
fn a_ledger_cut_within_its_last_group_can_be_given_up() {
    let world = backed_up();
    act(&world, "erase --subject ref:C-8");
    let ledger = beside(&world, "ledger");
    let text = fs::read_to_string(&ledger).unwrap();
    let end = text.rfind("\n. ").unwrap();
    fs::write(&ledger, &text[..end]).unwrap();
    let _ = restore(&world, "a").exits(9);
    let _ = world.dsr(["restore", "bk/a", "--yes", "--without-ledger"]).ok();
    let _ = world.dsr(["audit", "verify"]).ok().says("without the ledger");
}

/// A restore left this log behind and went on from the backup with another: however the numbers lie to each other, the ledger
/// tells what this log never had. One of no length more is told by the root before it.
#[test]
fn a_log_that_a_restore_left_behind_is_told_by_what_it_never_had() {
    for (holds, destroyed) in [(0, false), (1, false), (2, false), (3, false), (5, false), (3, true)] {
        let about = format!("{holds} holds, destroyed there: {destroyed}");
        let world = backed_up();
        for _ in 0..holds {
            let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "court"]).ok();
        }
        if destroyed {
            act(&world, "erase --subject ref:C-8");
        }
        let left = Copy::of(&world);
        fs::write(world.store(), "damaged").unwrap();
        let _ = restore(&world, "a").ok();
        act(&world, "erase --subject ref:C-10");
        left.put_back();
        let _ = fs::remove_file(beside(&world, "heads"));
        let before = world.bytes();
        for command in
            ["status", "find ref:C-10", "erase --subject ref:C-3 --identity document --yes", "doctor"]
        {
            let _ = world.dsr(command.split(' ')).exits(9);
            assert!(world.bytes() == before, "{about}: {command}");
        }
        let _ = world.dsr(["audit", "verify"]).exits(9);
        let _ = restore(&world, "a").ok();
        are_gone(&world, &["ref:C-10"]);
        let _ = world.dsr(["audit", "verify"]).ok();
        let _ = world.dsr(["status"]).ok();
    }
}

/// The same once the ledger was shortened for later backups and names no group of that time any more.
#[test]
fn a_log_that_was_left_behind_is_told_by_a_shortened_ledger_too() {
    let mut world = backed_up();
    for who in ["C-17", "C-16", "C-15", "C-1", "C-3", "C-4", "C-5", "C-6", "C-9"] {
        let _ = world.dsr(["hold", "add", "--subject", &format!("ref:{who}"), "--basis", "court"]).ok();
    }
    let left = Copy::of(&world);
    fs::write(world.store(), "damaged").unwrap();
    let _ = restore(&world, "a").ok();
    act(&world, "erase --subject ref:C-10");
    for day in ["2027-01-05", "2027-01-08"] {
        let _ = world.at(&format!("{day}T10:00:00+05:00"));
        let _ = world.dsr(["backup", &format!("bk/{day}"), "--keep", "1"]).ok();
    }
    let ledger = fs::read_to_string(beside(&world, "ledger")).unwrap();
    assert!(!ledger.contains("\n@ "), "{ledger}");
    left.put_back();
    let _ = fs::remove_file(beside(&world, "heads"));
    for command in
        ["status", "subject show ref:C-10", "hold add --subject ref:C-9 --basis court", "audit verify"]
    {
        let _ = world.dsr(command.split(' ')).exits(9);
    }
    let _ = restore(&world, "2027-01-08").ok();
    are_gone(&world, &["ref:C-10"]);
}

/// An older copy of the ledger, of before a restore, lies beside a store that nobody touched: it is the copy that is wrong, and
/// nothing is brought back by it.
#[test]
fn a_copy_of_the_ledger_convicts_no_store() {
    let world = backed_up();
    for who in ["C-17", "C-16", "C-15", "C-1", "C-3", "C-4", "C-5", "C-6", "C-9"] {
        let _ = world.dsr(["hold", "add", "--subject", &format!("ref:{who}"), "--basis", "court"]).ok();
    }
    act(&world, "erase --subject ref:C-8");
    let before = fs::read(beside(&world, "ledger")).unwrap();
    fs::write(world.store(), "damaged").unwrap();
    let _ = restore(&world, "a").ok();
    let _ = world.dsr(["backup", "bk/b"]).ok();
    let after = fs::read(beside(&world, "ledger")).unwrap();
    act(&world, "erase --subject ref:C-10");
    let whole = fs::read(beside(&world, "ledger")).unwrap();
    for older in [before, after] {
        fs::write(beside(&world, "ledger"), older).unwrap();
        let _ = world.dsr(["status"]).ok();
        let _ = restore(&world, "b").exits(9).says("the ledger lacks what entry");
        let _ = world.dsr("erase --subject ref:C-3 --identity document --yes".split(' ')).exits(9);
        are_gone(&world, &["ref:C-10"]);
    }
    fs::write(beside(&world, "ledger"), whole).unwrap();
    let _ = restore(&world, "b").ok();
    are_gone(&world, &["ref:C-10"]);
}

/// What a commit that was cut off left in the ledger is nobody's word any more once the log went on with something else.
#[test]
fn a_commit_that_was_cut_off_says_nothing_of_what_comes_instead() {
    for head in ["there", "gone"] {
        let world = backed_up();
        let before = Copy::of(&world);
        act(&world, "erase --subject ref:C-8");
        before.put_back();
        if head == "gone" {
            fs::remove_file(beside(&world, "head")).unwrap();
        }
        for _ in 0..3 {
            let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "court"]).ok();
            let _ = world.dsr(["status"]).ok();
        }
        act(&world, "erase --subject ref:C-8");
        let _ = world.dsr(["audit", "verify"]).ok();
        let _ = restore(&world, "a").ok();
        are_gone(&world, &["ref:C-8"]);
    }
}
