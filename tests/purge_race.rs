//! Between two batches of a night: a contact that is committed wins, and a run cut short is gone on with.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use common::World;
use dsr::{
    audit::{Actor, Clock, Files, Hash},
    calendar::Calendar,
    domain::{Kind, Moment, Result},
    execute::{
        context::Context,
        purge::{self, Company, Hands, Night, Settings, Tonight},
    },
    policy::{self, Library},
    store::{KeyFile, Mode, Store},
};
use serde_json::json;

/// Random enough: no number is drawn twice.
static DRAWN: AtomicU8 = AtomicU8::new(1);

const NIGHT: &str = "2026-11-23T02:00:00+05:00";

/// Twenty people whose contact data is past its term.
fn world() -> World {
    let mut world = World::with_store("automaster");
    let line = |n: usize| {
        let subject = json!({"kind": "subject", "ref": format!("A-{n}"), "born": null, "identifiers": []});
        let record = json!({"kind": "record", "ref": format!("R-{n}"), "subject": format!("A-{n}"), "category": "contact",
            "collected_at": "2020-01-01", "source": "web_form", "given_by": "self", "purposes": ["service"],
            "data": {"given_name": "Aidana", "email": format!("a{n}@race.example")}});
        format!("{subject}\n{record}\n")
    };
    let file = world.write("data.ndjson", (0..20).map(line).collect::<String>());
    let _ = world.dsr(["import", file.to_str().unwrap()]).ok();
    world.at(NIGHT);
    world
}

fn context(controller: Option<&str>) -> Context {
    Context {
        now: Moment::parse(NIGHT).unwrap(),
        clock: Clock::Drill,
        actor: Actor::new("cron", 0).unwrap(),
        controller: controller.map(str::to_owned),
        files: Files::default(),
    }
}

/// A night in batches of five, with something happening after each.
fn night(world: &World, after: &mut dyn FnMut(u64)) -> Result<Tonight> {
    night_as(world, (false, None), &mut || (), after)
}

/// The same as a rehearsal, or as it was planned; with something happening between the verdict and the run.
fn night_as(
    world: &World,
    (dry_run, expected): (bool, Option<Hash>),
    before: &mut dyn FnMut(),
    after: &mut dyn FnMut(u64),
) -> Result<Tonight> {
    let library = Library::embedded();
    let rulebook = library.rulebook("automaster").unwrap();
    let (shown, text) = library.calendar_file().unwrap();
    let calendar = Calendar::from_raw(policy::yaml::read(shown, text).unwrap(), String::new()).unwrap();
    let key = KeyFile::load(&KeyFile::default_path(&world.store())).unwrap();
    let companies = [Company {
        controller: "automaster".into(),
        rulebook: &rulebook,
        context: context(Some("automaster")),
    }];
    let settings = Settings {
        enable: true,
        dry_run,
        max_share: 100.0,
        max_count: None,
        batch: 5,
        accept_clock: None,
        defer_destruction: false,
    };
    let plain = context(None);
    let holder = "a test".to_owned();
    let night = Night {
        companies: &companies,
        calendar: &calendar,
        key: &key,
        settings,
        plain: &plain,
        expected,
        holder,
    };
    let mut store = Store::open(&world.store(), Mode::ReadWrite, Duration::from_secs(10)).unwrap();
    let mut random = || {
        before();
        [DRAWN.fetch_add(1, Ordering::Relaxed); 16]
    };
    purge::run(&mut store, &night, &mut Hands { random: &mut random, progress: &mut |done, _| after(done) })
}

/// The cascades are ours during a batch: nothing may hang on a row that is gone.
fn nothing_dangles(world: &World) {
    let store = rusqlite::Connection::open(world.store()).unwrap();
    let dangling: Vec<String> = store
        .prepare("SELECT \"table\" FROM pragma_foreign_key_check")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(dangling, Vec::<String>::new());
}

/// Two of the twenty call.
fn call(store: &std::path::Path, [one, other]: [&str; 2]) {
    let who = format!("('{one}', '{other}')");
    let store = rusqlite::Connection::open(store).unwrap();
    let sql = format!(
        "INSERT INTO contact (subject, controller, ref, at, inbound)
        SELECT id, controller, 'T-' || id, unixepoch('2026-11-22'), 1 FROM subject WHERE ref IN {who}"
    );
    assert_eq!(store.execute(&sql, []).unwrap(), 2);
}

#[test]
fn a_contact_committed_in_between_wins() {
    let world = world();
    let store = world.store();
    let mut after = |done: u64| {
        if done == 5 {
            call(&store, ["A-17", "A-18"]);
        }
    };
    let tonight = night(&world, &mut after).unwrap();
    let destroyed = tonight.sum(|tally| &tally.destroyed);
    assert_eq!(destroyed.get("contact"), Some(&18), "the two who have just called stay");
    nothing_dangles(&world);
    let left = world.dsr(["report", "inventory", "--format", "json"]).ok().json();
    let of_contact = |row: &&serde_json::Value| row["category"] == "contact" && row["records"] != 0;
    let left = left["categories"].as_array().unwrap().iter().find(of_contact).unwrap();
    assert_eq!(left["records"], 2);
    let _ = world.dsr(["audit", "verify"]).ok();
}

#[test]
fn a_run_cut_short_is_gone_on_with_under_its_own_act() {
    let world = world();
    let cut = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut after = |done: u64| assert!(done < 10, "the machine stops here");
        night(&world, &mut after).map(drop)
    }));
    assert!(cut.is_err());
    let rest = night(&world, &mut |_| ()).unwrap();
    assert_eq!(rest.batches, 2, "ten were gone already");
    assert_eq!(rest.sum(|tally| &tally.destroyed).get("contact"), Some(&20), "the act covers both");
    let acts = world.dsr(["report", "destruction", "--format", "json"]).ok().json();
    assert_eq!(acts["acts"].as_array().map(Vec::len), Some(1), "{acts:#}");
    assert_eq!(acts["acts"][0]["state"], "destroyed");
    let _ = world.dsr(["audit", "verify"]).ok();
    nothing_dangles(&world);
    let again = night(&world, &mut |_| ()).unwrap();
    assert_eq!((again.batches, again.sum(|tally| &tally.destroyed).len()), (0, 0));
    assert_ne!(again.run, rest.run, "a finished run is not begun again");
}

/// A night that was planned: what changed before it began leaves everything as it was, and what changes later is
/// never told as if nothing had been done.
#[test]
fn a_planned_night_says_what_it_has_done() {
    for (about, nth, who, kind, says, left) in [
        ("before it began", 1, ["A-17", "A-18"], Kind::Ambiguous, "since it was shown", 20),
        ("in the first batch", 2, ["A-1", "A-2"], Kind::Ambiguous, "when the run had begun", 20),
        ("in the last", 2, ["A-17", "A-18"], Kind::Partial, "after 3 batches", 5),
    ] {
        let world = world();
        let digest = night_as(&world, (true, None), &mut || (), &mut |_| ()).unwrap().digest;
        let one = |sql| {
            let store = rusqlite::Connection::open(world.store()).unwrap();
            store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        let entries = one("SELECT count(*) FROM audit_entry");
        // The number of the run is drawn first, then those of the batches.
        let mut drawn = 0;
        let mut before = || {
            drawn += 1;
            if drawn == nth {
                call(&world.store(), who);
            }
        };
        let error = night_as(&world, (false, Some(digest)), &mut before, &mut |_| ()).unwrap_err();
        assert!(error.kind() == kind && error.message().contains(says), "{about}: {error}");
        assert_eq!(one("SELECT count(*) FROM record"), left, "{about}");
        // An entry for what the run switches on, and one for each batch.
        let begun = i64::from(nth > 1);
        let written = begun + (20 - left) / 5;
        assert_eq!(one("SELECT count(*) FROM audit_entry"), entries + written, "{about}");
        assert_eq!(one("SELECT count(*) FROM run"), begun, "{about}");
        nothing_dangles(&world);
    }
}
