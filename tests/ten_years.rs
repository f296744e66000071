//! Ten years of a dealership, night by night, against a model that knows a few rules and none of the code.
//!
//! Every night what should have gone is gone, what should stay is there, and the numbers of the run say so; a night
//! that cron slept through, that was killed, or whose clock was wrong is made good by the next. At the end the log
//! verifies and the acts add up to what is missing. `DSR_TEST_SEED`, `DSR_TEST_YEARS`, `DSR_TEST_PEOPLE` change it:
//! 400 people by default; `.ci/run` and a release take 2,000, some minutes of one core.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "the seed is worth knowing where it fails")]

#[path = "ten_years/life.rs"]
mod life;
#[path = "ten_years/model.rs"]
mod model;
#[path = "ten_years/sim.rs"]
mod sim;
#[path = "ten_years/world.rs"]
mod world;

use chrono::{Days, NaiveDate};

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_dealership_lives_ten_years() {
    let seed = setting("DSR_TEST_SEED", 2026);
    let (years, people) = (setting("DSR_TEST_YEARS", 10), setting("DSR_TEST_PEOPLE", 400));
    eprintln!("DSR_TEST_SEED={seed} DSR_TEST_YEARS={years} DSR_TEST_PEOPLE={people}");
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let mut sim = sim::Sim::new(first, years * 365, people, seed);
    for day in (0..years * 365).map(|n| first + Days::new(n)) {
        sim.night(day);
        sim.day(day);
    }
    sim.ends(first + Days::new(years * 365));
}
