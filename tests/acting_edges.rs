//! Edges of acting on data: two asks in one day, plans edited by hand, numbers that are another person's.

mod common;

use common::{World, fixture};

const SURE: &[&str] = &["--identity", "document", "--yes"];

fn act<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().chain(SURE).copied().collect()
}

/// What waits for a deal is not forgotten because something smaller was asked on the same day.
#[test]
fn a_second_ask_of_a_day_leaves_what_waits() {
    let mut world = World::with_fixtures();
    let _ = world.dsr(act(&["revoke", "--subject", "ref:C-2"])).ok();
    let narrow = ["revoke", "--subject", "ref:C-2", "--scope", "promotion"];
    let _ = world.dsr(act(&[&narrow[..], &["--request", "2026-000001"]].concat())).exits(2);
    let _ = world.dsr(act(&narrow)).ok();
    let state = |world: &World, number| world.dsr(["request", "show", number, "--format", "json"]).json();
    assert_eq!(state(&world, "2026-000001")["state"], "waiting");
    world.at("2026-12-10T17:00:00+05:00");
    let later = fixture("mycar-later.ndjson");
    let _ = world.dsr(["import", &later.to_string_lossy()]).ok();
    let case = state(&world, "2026-000001");
    assert_eq!((&case["state"], &case["due"]), (&"verified".into(), &"2026-12-11".into()), "{case}");
}
