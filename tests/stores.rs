//! Stores that are missing, empty, foreign, damaged, busy, newer or real: the exit code, and the file untouched.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::os::unix::fs::PermissionsExt;

use common::World;
use rusqlite::Connection;

#[test]
fn a_store_that_cannot_be_used_is_named_and_left_alone() {
    type Spoil = fn(&World);
    let cases: [(&str, i32, &str, Spoil); 7] = [
        ("gone", 9, "dsr restore BACKUP", |world| std::fs::remove_file(world.store()).unwrap()),
        ("empty", 9, "store", |world| std::fs::write(world.store(), b"").unwrap()),
        ("text", 9, "store", |world| std::fs::write(world.store(), vec![b'x'; 5000]).unwrap()),
        ("another program's", 9, "store", |world| sql(world, "PRAGMA application_id = 7")),
        ("newer", 6, "99", |world| sql(world, "PRAGMA user_version = 99")),
        ("hostile", 9, "store", |world| {
            sql(world, "CREATE TRIGGER t AFTER DELETE ON record BEGIN SELECT 1; END");
        }),
        ("real, under an invented time", 2, "DSR_NOW", |world| {
            sql(world, "DELETE FROM meta WHERE key = 'drill_since'");
        }),
    ];
    for (about, code, fragment, spoil) in cases {
        let world = World::with_store("mycar");
        spoil(&world);
        let before = std::fs::read(world.store()).ok();
        for command in [&["status"][..], &["access", "--subject", "ref:C-1"], &["audit", "verify"]] {
            let run = world.dsr(command).exits(code).says(fragment);
            assert!(run.stdout.is_empty(), "{about}");
            assert_eq!(std::fs::read(world.store()).ok(), before, "{about}: the file is untouched");
        }
    }
}

fn sql(world: &World, sql: &str) {
    Connection::open(world.store()).unwrap().execute_batch(sql).unwrap();
}

/// A store of the first version that is real, as such a program left it.
fn of_version_1() -> World {
    let world = World::empty();
    sql(&world, "PRAGMA journal_mode = TRUNCATE");
    sql(&world, &std::fs::read_to_string(common::fixture("old/v1.sql")).unwrap());
    // The entries of the dump are no real ones.
    sql(&world, "DELETE FROM audit_entry; DELETE FROM audit_head; DELETE FROM audit_frontier");
    std::fs::set_permissions(world.store(), std::fs::Permissions::from_mode(0o600)).unwrap();
    world
}

/// Whoever is refused has not brought the store to another version before.
#[test]
fn a_refused_command_upgrades_nothing() {
    type Spoil = fn(&World);
    const HEAD: &str =
        "dsr/log/07070707070707070707070707070707\n9\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    const DRILL: &str = "INSERT INTO meta SELECT 'drill_since', value FROM meta WHERE key = 'created_at'";
    let cases: [(i32, &str, Spoil); 3] = [
        (2, "DSR_NOW", |_| {}),
        (9, "older than its known head", |world| {
            sql(world, DRILL);
            let head = world.write("store.sqlite.head", HEAD);
            std::fs::set_permissions(head, std::fs::Permissions::from_mode(0o600)).unwrap();
        }),
        (6, "chmod 600", |world| {
            sql(world, DRILL);
            let ledger = world.write("store.sqlite.ledger", "");
            std::fs::set_permissions(ledger, std::fs::Permissions::from_mode(0o644)).unwrap();
        }),
    ];
    for (code, says, spoil) in cases {
        let world = of_version_1();
        spoil(&world);
        let before = (world.bytes(), world.files().len());
        for command in [&["find", "ref:C-1"][..], &["sanitize"], &["backup", "b.sqlite"]] {
            let _ = world.dsr(command).exits(code).says(says);
            assert!((world.bytes(), world.files().len()) == before, "{says}: {:?}", world.files());
        }
    }
    let world = of_version_1();
    sql(&world, DRILL);
    let _ = world.dsr(["find", "ref:C-1"]).exits(0).says("brought to the version");
    let real =
        "DELETE FROM meta WHERE key = 'drill_since'; INSERT INTO category (word) VALUES ('x'); ANALYZE";
    sql(&world, real);
    let before = world.bytes();
    let _ = world.dsr(["sanitize"]).exits(2).says("DSR_NOW");
    assert!(world.bytes() == before, "statistics stay as well");
}

#[test]
fn a_busy_store_is_exit_75() {
    let world = World::with_store("mycar");
    let other = Connection::open(world.store()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let _ = world.dsr(["find", "ref:C-1", "--lock-wait", "0"]).exits(75).says("busy");
}

#[test]
fn files_are_private_whatever_the_umask() {
    let world = World::empty();
    let binary = env!("CARGO_BIN_EXE_dsr");
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &format!("umask 000; exec {binary} init --controller mycar")])
        .current_dir(world.path());
    shell.env_clear().env("DSR_STORE", world.path().join("new/store.sqlite")).env("DSR_NOW", common::NOW);
    let _ = common::Run::of(&shell.output().unwrap()).ok();
    let mode = |name: &str| std::fs::metadata(world.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("new"), mode("new/store.sqlite"), mode("new/dsr.yaml")), (0o700, 0o600, 0o600));

    let mut strict = std::process::Command::new("sh");
    let export = format!("umask 777; exec {binary} export --subject ref:C-1 --output copy.json");
    strict.args(["-c", &export]).current_dir(world.path());
    strict.env_clear().env("DSR_STORE", world.path().join("new/store.sqlite")).env("DSR_NOW", common::NOW);
    let _ = common::Run::of(&strict.output().unwrap()).ok();
    assert_eq!(mode("copy.json"), 0o600);
}

#[test]
fn init_twice_changes_nothing() {
    let world = World::with_store("mycar");
    let before = world.bytes();
    let _ = world.dsr(["init", "--controller", "mycar"]).ok().says("nothing was changed");
    let _ = world.dsr(["init", "--controller", "automaster"]).exits(2).says("mycar");
    assert!(world.bytes() == before);
}

#[test]
fn a_drill_says_so_in_every_answer() {
    let world = World::with_fixtures();
    for command in ["status", "audit head", "report inventory", "access --subject ref:C-1", "find ref:C-1"] {
        let table = world.dsr(command.split(' ')).ok();
        assert!(table.stderr.contains("drill"), "{command}");
        let json = world.dsr(command.split(' ').chain(["--format", "json"])).ok().json();
        assert_eq!(json["drill"], true, "{command}");
    }
}

#[test]
fn nothing_is_needed_from_the_environment() {
    let world = World::with_fixtures();
    let plain = world.dsr(["access", "--subject", "ref:C-1", "--format", "json"]).ok().json();
    for (name, value) in
        [("TZ", "America/New_York"), ("LC_ALL", "ru_RU.UTF-8"), ("COLUMNS", "50"), ("DSR_LANG", "kk")]
    {
        let mut command = world.command(["access", "--subject", "ref:C-1", "--format", "json"]);
        let other = common::Run::of(&command.env(name, value).output().unwrap()).ok().json();
        assert_eq!((&plain["records"], &plain["request"]), (&other["records"], &other["request"]), "{name}");
    }
}
