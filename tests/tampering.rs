//! The audit log against a hand with a database tool: every change is found and named, exit 9.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::World;
use rusqlite::Connection;

/// A store with a dozen entries.
fn logged() -> World {
    let world = World::with_fixtures();
    for _ in 0..9 {
        let _ = world.dsr(["find", "ref:C-1"]).ok();
    }
    world
}

fn tampered(sql: &str) -> common::Run {
    let world = logged();
    Connection::open(world.store()).unwrap().execute_batch(sql).unwrap();
    world.dsr(["audit", "verify", "--format", "json"])
}

#[test]
fn an_untouched_log_verifies() {
    let run = logged().dsr(["audit", "verify", "--format", "json"]).ok();
    assert_eq!((&run.json()["intact"], &run.json()["entries"]), (&true.into(), &12.into()));
}

#[test]
fn every_change_by_hand_is_found_and_named() {
    for (sql, seq) in [
        (
            "UPDATE audit_entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'find', 'fond') AS BLOB) WHERE seq = 5",
            5,
        ),
        ("UPDATE audit_entry SET bytes = x'00' WHERE seq = 12", 12),
        ("DELETE FROM audit_entry WHERE seq = 4", 4),
        ("DELETE FROM audit_entry WHERE seq = 12", 12),
        ("DELETE FROM audit_head WHERE size = 7", 7),
        ("UPDATE audit_head SET root = zeroblob(32) WHERE size = 6", 6),
        (
            "UPDATE audit_entry SET seq = 99 WHERE seq = 6; UPDATE audit_entry SET seq = 6 WHERE seq = 7; UPDATE audit_entry SET seq = 7 WHERE seq = 99",
            6,
        ),
        ("INSERT INTO audit_entry SELECT 13, bytes FROM audit_entry WHERE seq = 12", 13),
        ("DELETE FROM audit_entry", 1),
    ] {
        let run = tampered(sql).exits(9);
        assert_eq!(run.json()["first_bad"], seq, "{sql}\n{}", run.stdout);
        assert!(run.stderr.contains(&seq.to_string()), "{sql}\n{}", run.stderr);
    }
}

#[test]
fn nothing_is_added_to_a_broken_log() {
    let world = logged();
    let sql = "UPDATE audit_head SET root = zeroblob(32) WHERE size = 12";
    Connection::open(world.store()).unwrap().execute_batch(sql).unwrap();
    let before = world.bytes();
    let run = world.dsr(["export", "--subject", "ref:C-1", "--format", "json"]).exits(9);
    assert!(run.stdout.is_empty(), "no entry, no answer");
    assert!(world.bytes() == before);
}
