//! What stops the nightly run: each guard has its exit code, deletes nothing, and says what to do.

mod common;

use common::World;
use serde_json::json;

const NIGHT: &str = "2026-11-23T02:00:00+05:00";

/// People with one record past its term each, and as many that are fresh.
fn world(due: usize, fresh: usize) -> World {
    let mut world = World::with_store("automaster");
    let line = |n: usize, day: &str| {
        let person = format!("A-{n}");
        let subject = json!({"kind": "subject", "ref": person, "born": null, "identifiers": []});
        let record = json!({"kind": "record", "ref": format!("R-{n}"), "subject": person, "category": "technical",
            "collected_at": day, "source": "site", "given_by": "self", "purposes": ["analytics"], "data": {"ip": "203.0.113.7"}});
        format!("{subject}\n{record}\n")
    };
    let text: String = (0..due)
        .map(|n| line(n, "2020-01-01"))
        .chain((due..due + fresh).map(|n| line(n, "2026-01-01")))
        .collect();
    let file = world.write("data.ndjson", text);
    let _ = world.dsr(["--quiet", "import", file.to_str().unwrap_or_default()]).ok();
    world.at(NIGHT);
    world
}

/// The run ends with this code and these words, and nothing is deleted.
#[track_caller]
fn stops(world: &World, args: &[&str], code: i32, words: &str) {
    let before = world.dsr(["report", "inventory", "--format", "csv"]).ok().stdout;
    let run = world.dsr([&["purge-expired"], args].concat()).exits(code);
    assert!(run.stderr.contains(words), "{words:?} is not in\n{}", run.stderr);
    assert!(run.stderr.contains("hint: "), "{}", run.stderr);
    let now = world.dsr(["report", "inventory", "--format", "csv"]).ok().stdout;
    assert_eq!(now, before, "{args:?}");
}

#[test]
fn the_first_runs_only_report() {
    let world = world(3, 3);
    stops(&world, &[], 7, "only reports until it is enabled");
    let report = world.dsr(["purge-expired", "--format", "json"]).exits(7).json();
    assert_eq!((&report["status"], &report["destroyed"]["technical"]), (&json!("planned"), &json!(3)));
    assert!(report["stopped"].as_str().is_some_and(|why| why.contains("nothing was deleted")));
    assert_eq!(
        world.dsr(["purge-expired", "--dry-run", "--format", "json"]).ok().json()["destroyed"]["technical"],
        3
    );
    let _ = world.dsr(["purge-expired", "--enable"]).ok();
    assert_eq!(
        world.dsr(["purge-expired", "--format", "json"]).ok().json()["destroyed"],
        json!({}),
        "once is enough"
    );
}

#[test]
fn a_share_is_judged_from_a_thousand_up() {
    let few = world(999, 0);
    let _ = few.dsr(["purge-expired", "--enable"]).ok();
    let many = world(1000, 18_000);
    stops(&many, &["--enable"], 7, "1000 records of `automaster` are due, more than 5 % of all");
    stops(&many, &[], 7, "only reports");
    let _ = many.dsr(["purge-expired", "--enable", "--max-share", "6"]).ok();
}

#[test]
fn a_count_is_a_ceiling_of_its_own() {
    let world = world(12, 5);
    stops(&world, &["--enable", "--max-count", "11"], 7, "12 records are due, more than the 11");
    let _ = world.dsr(["purge-expired", "--enable", "--max-count", "12"]).ok();
}

#[test]
fn a_clock_that_jumped_is_asked_about() {
    let mut world = world(3, 3);
    let _ = world.dsr(["purge-expired", "--enable"]).ok();
    world.at("2026-12-28T02:00:00+05:00");
    let _ = world.dsr(["purge-expired"]).ok();
    world.at("2027-02-02T02:00:00+05:00");
    stops(&world, &[], 7, "the last entry of the log is of 2026-12-28");
    stops(&world, &["--accept-clock", "2027-02-03"], 2, "is not the day of the clock");
    let _ = world.dsr(["purge-expired", "--accept-clock", "2027-02-02"]).ok();
    world.at("2027-02-03T02:00:00+05:00");
    let _ = world.dsr(["purge-expired"]).ok();
}

/// Whatever else writes while the clock is wrong makes it no truer.
#[test]
fn a_clock_that_jumped_is_asked_about_whoever_wrote_in_between() {
    let mut world = world(3, 3);
    let _ = world.dsr(["purge-expired", "--enable"]).ok();
    world.at("2034-01-10T02:00:00+05:00");
    (0..3).for_each(|_| drop(world.dsr(["find", "ref:P-1", "--controller", "automaster"])));
    let _ = world.dsr(["backup", "b.sqlite"]).ok();
    stops(&world, &[], 7, "the last entry of the log is of 2026-11-23");
    // Set right again, nothing has jumped.
    world.at("2026-11-24T02:00:00+05:00");
    let _ = world.dsr(["purge-expired"]).ok();
    // The next night looks no further back than this one.
    world.at("2026-11-25T02:00:00+05:00");
    let _ = world.dsr(["purge-expired"]).ok();
}

#[test]
fn an_empty_or_broken_policy_stops_everything() {
    let world = world(3, 3);
    let _ = world.dsr(["purge-expired", "--dry-run"]).ok();
    std::fs::create_dir(world.path().join("empty")).unwrap_or_default();
    stops(&world, &["--enable", "--policies", "empty"], 6, "no policy");
    std::fs::create_dir(world.path().join("broken")).unwrap_or_default();
    world.write("broken/automaster.yaml", "");
    stops(&world, &["--enable", "--policies", "broken"], 6, "is empty");
    world.write("broken/automaster.yaml", "policy: automaster\nrules: [{id: X, keep: {}}]\n");
    let run = world.dsr(["purge-expired", "--enable", "--policies", "broken"]).exits(6);
    assert!(run.stderr.contains("automaster.yaml"), "{}", run.stderr);
    std::fs::remove_file(world.path().join("store.sqlite.key")).unwrap_or_default();
    stops(&world, &["--enable"], 6, "key file");
}

#[test]
fn the_turn_is_taken_and_its_holder_named() {
    let world = world(3, 3);
    let lock = std::fs::File::create(world.path().join("store.sqlite.purge-lock"));
    let Ok(mut lock) = lock else { panic!("no lock file") };
    lock.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap_or_default();
    std::io::Write::write_all(&mut lock, b"process 4711, since 2026-11-23T01:00:00+05:00, cron")
        .unwrap_or_default();
    lock.lock().unwrap_or_default();
    stops(&world, &["--enable"], 75, "process 4711, since 2026-11-23T01:00:00+05:00, cron");
    let _ = world.dsr(["purge-expired", "--dry-run"]).ok();
    drop(lock);
    let _ = world.dsr(["purge-expired", "--enable"]).ok();
}

#[test]
fn wrong_options_are_refused() {
    let world = world(1, 1);
    for args in [
        ["--max-share", "0"],
        ["--max-share", "101"],
        ["--batch", "0"],
        ["--max-count", "-1"],
        ["--accept-clock", "soon"],
    ] {
        let run = world.dsr([&["purge-expired"], &args[..]].concat()).exits(2);
        assert!(run.stderr.starts_with("error: ") || run.stderr.contains("error: "), "{}", run.stderr);
    }
}

#[test]
fn a_plan_is_carried_out_exactly_or_not_at_all() {
    let world = world(3, 3);
    let _ = world.dsr(["purge-expired", "--plan-out", "night.json"]).ok();
    let _ = world.dsr(["purge-expired", "--enable", "--max-count", "0"]).exits(7);
    let stale = world.dsr(["hold", "add", "--subject", "ref:A-1", "--basis", "court order"]).ok();
    assert_eq!(stale.code, 0);
    let _ = world.dsr(["purge-expired", "--enable", "--dry-run"]).ok();
    let _ = world.dsr(["apply", "night.json"]).exits(2).says("--yes");
    let run = world.dsr(["apply", "night.json", "--yes"]).exits(5);
    assert!(run.stderr.contains("stale"), "{}", run.stderr);
    let _ = world.dsr(["hold", "release", "H-1"]).ok();
    let first = world.dsr(["apply", "night.json", "--yes"]).exits(7);
    assert!(first.stderr.contains("only reports"), "a plan does not enable: {}", first.stderr);
}
