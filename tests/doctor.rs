//! What the doctor finds ill, it says how to mend.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use common::World;

fn beside(world: &World, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", world.store().display()))
}

/// What stands in the file of another store, which nobody can tell by its look.
fn foreign(ending: &str) -> Vec<u8> {
    let other = World::with_store("automaster");
    let _ = other.dsr(["find", "ref:C-1"]);
    fs::read(beside(&other, ending)).unwrap()
}

/// The findings that are not well, each with what it says.
fn ill(world: &World, lang: &str) -> Vec<(String, String)> {
    let run = world.dsr(["doctor", "--format", if lang == "en" { "json" } else { "table" }, "--lang", lang]);
    if lang != "en" {
        return vec![(lang.to_owned(), run.stdout)];
    }
    let json = run.json();
    let rows = json["findings"].as_array().unwrap().iter().filter(|row| row["well"] == false);
    rows.map(|row| (row["what"].as_str().unwrap().to_owned(), row["says"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn whatever_is_ill_says_how_to_mend_it() {
    type Harm = fn(&World);
    let harms: [(&str, &str, Harm, &str); 26] = [
        (
            "rubbish as public keys",
            "audit log",
            |world| fs::write(beside(world, "vkeys"), "rubbish\n").unwrap(),
            "bring the file back",
        ),
        (
            "public keys that are no text",
            "audit log",
            |world| fs::write(beside(world, "vkeys"), b"\xff\xfe\n\n").unwrap(),
            "is no text",
        ),
        (
            "a ledger that is no text",
            "ledger",
            |world| fs::write(beside(world, "ledger"), b"\xff\xfe\n\n").unwrap(),
            "is no text",
        ),
        (
            "a directory as ledger",
            "ledger",
            |world| instead(&beside(world, "ledger")),
            "is no file: see who put it there and move it away",
        ),
        (
            "a directory as heads",
            "file",
            |world| instead(&beside(world, "heads")),
            "is no file: see who put it there and move it away",
        ),
        (
            "a directory as public keys",
            "file",
            |world| instead(&beside(world, "vkeys")),
            "is no file: see who put it there and move it away",
        ),
        (
            "a directory as the last head",
            "known head",
            |world| instead(&beside(world, "head")),
            "is no file: see who put it there and move it away; then compare",
        ),
        (
            "a pipe as the last head",
            "known head",
            |world| pipe(&beside(world, "head")),
            "is no file: see who put it there and move it away; then compare",
        ),
        (
            "a directory as dsr.yaml",
            "dsr.yaml",
            |world| instead(&world.store().with_file_name("dsr.yaml")),
            "move it away",
        ),
        (
            "a responsible person whose name shows nothing",
            "dsr.yaml",
            |world| {
                drop(world.write("dsr.yaml", "controllers: {mycar: {responsible: {name: \"\\u200B\"}}}\n"))
            },
            "the name shows nothing",
        ),
        (
            "a foreign ledger",
            "ledger",
            |world| fs::write(beside(world, "ledger"), foreign("ledger")).unwrap(),
            "put each store",
        ),
        ("a damaged ledger", "ledger", |world| fs::write(beside(world, "ledger"), "x").unwrap(), "bring"),
        (
            "a foreign signing key",
            "signing key",
            |world| fs::write(beside(world, "signing"), foreign("signing")).unwrap(),
            "dsr audit key rotate --lost",
        ),
        (
            "a damaged signing key",
            "signing key",
            |world| fs::write(beside(world, "signing"), "x").unwrap(),
            "bring",
        ),
        (
            "no public keys in the file",
            "file",
            |world| fs::write(beside(world, "vkeys"), "").unwrap(),
            "bring it back",
        ),
        (
            "foreign public keys",
            "audit log",
            |world| fs::write(beside(world, "vkeys"), foreign("vkeys")).unwrap(),
            "comes back",
        ),
        (
            "a foreign head",
            "audit log",
            |world| fs::write(beside(world, "head"), foreign("head")).unwrap(),
            "comes back",
        ),
        (
            "a broken dsr.yaml",
            "dsr.yaml",
            |world| drop(world.write("dsr.yaml", "controllers: [")),
            "dsr.yaml",
        ),
        (
            "a dsr.yaml that others may write",
            "dsr.yaml",
            |world| wide(&world.write("dsr.yaml", "controllers: {}\n"), 0o664),
            "chmod go-w",
        ),
        (
            "a pipe as dsr.yaml",
            "dsr.yaml",
            |world| pipe(&world.store().with_file_name("dsr.yaml")),
            "move it away",
        ),
        (
            "a head behind that its owner may not write",
            "known head",
            |world| {
                head_left_behind(world);
                wide(&beside(world, "head"), 0o400);
            },
            "check who owns the .head file",
        ),
        ("no key file", "key file", |world| fs::remove_file(beside(world, "key")).unwrap(), "restore it"),
        (
            "a damaged key file",
            "key file",
            |world| fs::write(beside(world, "key"), "x").unwrap(),
            "bring it back",
        ),
        ("a wide mode", "file", |world| wide(&beside(world, "head"), 0o644), "chmod 600"),
        (
            "a wide directory",
            "directory",
            |world| wide(world.store().parent().unwrap(), 0o777),
            "write into it",
        ),
        (
            "no signing key",
            "file",
            |world| fs::remove_file(beside(world, "signing")).unwrap(),
            "dsr audit key",
        ),
    ];
    for (about, what, harm, way) in harms {
        let world = World::with_store("mycar");
        let _ = world.dsr(["find", "ref:C-1"]);
        assert!(ill(&world, "en").iter().all(|(what, _)| what == "directory"), "{about}: well before");
        harm(&world);
        let found = ill(&world, "en");
        let said = found.iter().find(|(named, says)| named == what && says.contains(way));
        assert!(said.is_some(), "{about}: {found:#?}");
        for (named, says) in &found {
            let ways = [
                "dsr ",
                "chmod ",
                "rm ",
                "bring",
                "restore",
                "free some",
                "put ",
                "correct",
                "mend the field",
                "set it right",
                "check ",
                "move it away",
            ];
            assert!(ways.iter().any(|way| says.contains(way)), "{about}: {named} leaves one alone: {says}");
        }
    }
}

/// The head as a kill between the commit and it leaves it.
fn head_left_behind(world: &World) {
    let head = fs::read(beside(world, "head")).unwrap();
    let _ = world.dsr(["find", "ref:C-1"]);
    fs::write(beside(world, "head"), head).unwrap();
}

/// Nothing is lost by it, and whoever writes next makes it good: nobody is sent to look for a culprit.
#[test]
fn a_head_that_a_kill_left_behind_needs_nobody() {
    let world = World::with_store("mycar");
    let _ = world.dsr(["find", "ref:C-1"]);
    head_left_behind(&world);
    let run = world.dsr(["doctor", "--format", "json"]).ok();
    let rows = run.json()["findings"].as_array().unwrap().clone();
    let said = rows.iter().find(|row| row["what"] == "known head").unwrap();
    assert_eq!(
        (said["well"].as_bool(), said["says"].as_str()),
        (
            Some(true),
            Some(
                "behind by entries that are in the log: 1; a kill leaves that, and the next command that writes mends it"
            )
        )
    );
    let _ = world.dsr(["find", "ref:C-1"]);
    assert!(world.dsr(["doctor"]).ok().stdout.contains("that of the last entry"));
}

/// A pipe, which would be waited for.
fn pipe(path: &std::path::Path) {
    let _ = fs::remove_file(path);
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
}

/// A directory of the same name.
fn instead(path: &std::path::Path) {
    let _ = fs::remove_file(path);
    fs::create_dir(path).unwrap();
}

fn wide(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_calendar_that_ends_names_what_carries_it_on() {
    let mut world = World::with_store("mycar");
    world.at("2029-12-01T10:00:00+05:00");
    let found = ill(&world, "en");
    let says = &found.iter().find(|(what, _)| what == "calendar").unwrap().1;
    assert!(says.contains("kz.calendar.yaml") && says.contains("--policies"), "{says}");
    let russian = &ill(&world, "ru")[0].1;
    assert!(russian.contains("--policies") && !russian.contains("put a"), "{russian}");
}

#[test]
fn a_time_is_told_as_people_tell_it() {
    let mut world = World::with_store("mycar");
    let clock = |world: &World, lang: &str| {
        let table = world.dsr(["doctor", "--lang", lang]).stdout;
        let json = world.dsr(["doctor", "--format", "json"]).json();
        let rows = json["findings"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["what"] == "clock").unwrap();
        (table, row["says"].as_str().unwrap().to_owned())
    };
    let _ = world.dsr(["find", "ref:C-1"]);
    for (now, behind) in [("2026-11-22T10:00:00+05:00", false), ("2026-11-20T09:30:00+05:00", true)] {
        world.at(now);
        for (lang, day) in [("en", "2026-11-"), ("ru", ".11.2026"), ("kk", ".11.2026")] {
            let (table, says) = clock(&world, lang);
            assert!(says.contains("+05:00"), "a machine reads it: {says}");
            assert!(!table.contains("+05:00") && table.contains(day), "{behind} {lang}: {table}");
        }
    }
}

#[test]
fn a_lost_key_is_no_dead_end() {
    let world = World::with_fixtures();
    let erase = |who: &str| world.dsr(["erase", "--subject", who, "--identity", "document", "--yes"]);
    let _ = erase("ref:C-28").ok();
    let _ = world.dsr(["init", "--new-key", "--yes"]).exits(2).says("the key file is there");
    fs::remove_file(beside(&world, "key")).unwrap();
    let _ = erase("ref:C-7").exits(6);
    assert!(ill(&world, "en").iter().any(|(_, says)| says.contains("dsr init --new-key")));
    let _ = world.dsr(["init", "--new-key"]).exits(2).says("--yes");
    let said = world.dsr(["init", "--new-key", "--yes"]).ok();
    assert!(said.stderr.contains("of people"), "{}", said.stderr);
    let _ = erase("ref:C-7").ok();
    let _ = world.dsr(["audit", "verify"]).ok();
    assert_eq!(ill(&world, "en"), []);
    let lost = || {
        fs::remove_file(beside(&world, "key")).unwrap();
        let said = world.dsr(["init", "--new-key", "--yes"]).ok().stderr;
        let told = said.lines().find(|line| line.contains("of people")).unwrap();
        told.split_once(": ").unwrap().1.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert!(lost() > 0, "those of the second key");
    assert_eq!(lost(), 0, "none was made since");
}

/// A new one begun in its place would pass for whole.
#[test]
fn a_ledger_that_is_gone_stops_what_would_need_it() {
    let world = World::with_fixtures();
    let erase = |who: &str| world.dsr(["erase", "--subject", who, "--identity", "document", "--yes"]);
    let _ = erase("ref:C-28").ok();
    let away = world.path().join("away");
    fs::rename(beside(&world, "ledger"), &away).unwrap();
    let before = world.bytes();
    let _ = erase("ref:C-7").exits(9).says("dsr backup");
    // A report that says to enable the night would lead to the same refusal.
    for more in [None, Some("--dry-run")] {
        let night = world.dsr(["purge-expired"].into_iter().chain(more)).exits(9).says("dsr backup");
        assert!(!night.stderr.contains("--enable"), "{}", night.stderr);
    }
    let found = ill(&world, "en");
    let told: Vec<_> = found.iter().filter(|(_, says)| says.contains("dsr backup")).collect();
    assert_eq!(told.len(), 1, "once: {found:#?}");
    assert!(
        told[0].1.starts_with("none: bring it back") && told[0].1.contains("--without-ledger"),
        "{told:?}"
    );
    assert_eq!(world.bytes(), before, "nothing was done");
    fs::rename(&away, beside(&world, "ledger")).unwrap();
    let _ = erase("ref:C-7").ok();
    fs::remove_file(beside(&world, "ledger")).unwrap();
    let _ = world.dsr(["backup", "new.bak"]).ok();
    let _ = erase("ref:C-1").ok();
    fs::write(beside(&world, "ledger"), "x").unwrap();
    let _ = erase("ref:C-2").exits(9).says("move it away");
    fs::remove_file(beside(&world, "ledger")).unwrap();
    let _ = world.dsr(["backup", "newer.bak"]).ok();
    let _ = erase("ref:C-2").ok();
}

#[test]
fn a_restore_over_statistics_loses_nothing() {
    let world = World::with_fixtures();
    let _ = world.dsr(["backup", "b.bak"]).ok();
    let _ = world.dsr(["hold", "add", "--subject", "ref:C-17", "--basis", "court order"]).ok();
    rusqlite::Connection::open(world.store()).unwrap().execute_batch("ANALYZE").unwrap();
    let _ = world.dsr(["restore", "b.bak", "--yes"]).exits(9).says("dsr sanitize");
    let _ = world.dsr(["sanitize"]).ok();
    let _ = world.dsr(["restore", "b.bak", "--yes"]).ok();
    assert!(world.dsr(["hold", "list"]).ok().stdout.contains("H-1"));
}

#[test]
fn a_damaged_signing_key_is_replaced_by_what_is_said() {
    let world = World::with_fixtures();
    fs::write(beside(&world, "signing"), "x").unwrap();
    assert!(ill(&world, "en").iter().any(|(_, says)| says.contains("dsr audit key rotate --lost")));
    let _ = world.dsr(["audit", "key", "rotate", "--lost"]).ok();
    assert!(ill(&world, "en").iter().all(|(what, _)| what != "signing key"));
}

/// Of a store that was put back the ledger is the only witness: nobody is told to move it away.
#[test]
fn a_store_that_was_put_back_keeps_its_ledger() {
    let world = World::with_fixtures();
    let older = fs::read(world.store()).unwrap();
    let _ = world.dsr(["erase", "--subject", "ref:C-28", "--identity", "document", "--yes"]).ok();
    let _ = world.dsr(["erase", "--subject", "ref:C-7", "--identity", "document", "--yes"]).ok();
    fs::write(world.store(), older).unwrap();
    for (head, than) in [("there", "older than its known head"), ("gone", "older than the ledger")] {
        let found = ill(&world, "en");
        for row in ["known head", "ledger"].iter().filter(|row| head == "there" || **row == "ledger") {
            let says = &found.iter().find(|(what, _)| what == row).unwrap().1;
            assert!(says.contains(than) && says.contains("dsr restore"), "{head}: {found:#?}");
        }
        assert!(found.iter().all(|(_, says)| !says.contains("move it away")), "{head}: {found:#?}");
        let _ = fs::remove_file(beside(&world, "head"));
    }
}
