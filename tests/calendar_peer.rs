//! The calendar against an independent one: Python's `holidays`, day by day, 2024 to 2028.
//!
//! Skipped with its reason where Python or the package is missing, unless DSR_TEST_REQUIRE=all.
#![expect(clippy::panic, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use chrono::{Days, NaiveDate};
use dsr::{calendar::DayKind, command::world, policy::Library};

/// Version of the package that the table of differences was written for.
const PEER: &str = "0.109";

/// Every day of the span, one a line: what the package says of it as a working day, and what its list of
/// holidays and the weekends alone would say.
const SCRIPT: &str = "
import datetime, holidays
print(holidays.__version__)
kz = holidays.KZ(years=range(2024, 2029))
day = datetime.date(2024, 1, 1)
while day.year < 2029:
    alone = day.weekday() < 5 and day not in kz
    print(day, *['working' if it else 'off' for it in (kz.is_working_day(day), alone)])
    day += datetime.timedelta(days=1)
";

/// Days on which somebody disagrees: the day, our word for it, what disagrees, and who is right.
const DIFFERENCES: &[(&str, &str, &str, &str)] = &[
    (
        "2024-05-04",
        "working",
        "the list alone",
        "we: a Saturday worked for Wednesday 8 May, by order G24G0000109",
    ),
    (
        "2025-01-05",
        "working",
        "the list alone",
        "we: a Sunday worked for Friday 3 January, by order G24G0000436",
    ),
];

/// What the package prints, or why it cannot.
fn peer() -> Result<String, String> {
    let python = Command::new("python3").args(["-c", SCRIPT]).stdin(Stdio::null()).output();
    let output = python.map_err(|error| format!("python3 does not run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        return Err(format!("`pip install holidays=={PEER}` was not run here: {last}"));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

fn ours() -> BTreeMap<String, &'static str> {
    let calendar = world::calendar(&Library::embedded()).unwrap_or_else(|error| panic!("{error}"));
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    let days = (0..).map_while(|n| first.checked_add_days(Days::new(n)));
    days.take_while(|day| *day <= calendar.known_until())
        .map(|day| match calendar.day(day) {
            Ok(DayKind::Working) => (day.to_string(), "working"),
            Ok(DayKind::Off { .. }) => (day.to_string(), "off"),
            Err(end) => panic!("{end}"),
        })
        .collect()
}

#[test]
fn every_day_of_five_years_agrees_or_is_explained() {
    let said = match peer() {
        Ok(said) => said,
        Err(why) => {
            assert!(std::env::var("DSR_TEST_REQUIRE").as_deref() != Ok("all"), "{why}");
            common::tell(&format!("skipped: {why}"));
            return;
        }
    };
    let (version, days) = said.split_once('\n').unwrap_or_default();
    let ours = ours();
    let mut found = Vec::new();
    for line in days.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [day, package, list] = words[..] else { panic!("the script wrote `{line}`") };
        let own = ours.get(day).copied().unwrap_or("not known");
        let peers = [("the package", package), ("the list alone", list)];
        let other = peers.into_iter().filter(|(_, kind)| *kind != own);
        found.extend(other.map(|(who, _)| (day.to_owned(), own.to_owned(), who.to_owned())));
    }
    assert_eq!(days.lines().count(), ours.len(), "days compared with holidays {version}");
    let text = |(day, own, who, _): &(&str, &str, &str, &str)| {
        ((*day).to_owned(), (*own).to_owned(), (*who).to_owned())
    };
    let expected: Vec<_> = DIFFERENCES.iter().map(text).collect();
    assert_eq!(found, expected, "day, our word, what disagrees in holidays {version}");
}

#[test]
fn working_days_of_each_year() {
    let ours = ours();
    for (year, count) in [("2024", 249), ("2025", 246), ("2026", 247), ("2027", 247), ("2028", 245)] {
        let working = ours.iter().filter(|(day, kind)| day.starts_with(year) && **kind == "working");
        assert_eq!(working.count(), count, "{year}");
    }
}
