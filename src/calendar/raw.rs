//! The calendar file as it is written; [`super::Calendar::from_raw`] makes it trustworthy.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCalendar {
    /// Name of the calendar.
    pub id: String,
    /// Version, recorded with every due date.
    pub version: String,
    /// ISO 3166 code of the country.
    pub country: String,
    /// The working week.
    pub week: RawWeek,
    /// The first day that the file knows.
    pub known_from: RawDate,
    /// The last day that the file knows.
    pub known_until: RawDate,
    /// Remarks for the reader of the file.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Weekend days worked by order.
    #[serde(default)]
    pub working_weekends: Vec<RawWorkingWeekend>,
    /// Holidays and the days off in their place.
    pub days_off: Vec<RawDayOff>,
}

/// Which days of the week are off. The moved holidays of one week are wrong for another, so a file is
/// for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawWeek {
    /// Saturday and Sunday off.
    FiveDay,
}

/// One day off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDayOff {
    /// The day.
    pub date: RawDate,
    /// The holiday, in words that a reader of a deadline sees.
    pub name: String,
    /// The law, order or announcement that says so.
    pub source: String,
    /// Computed and not yet announced.
    #[serde(default)]
    pub estimated: bool,
    /// The holiday or the worked weekend day that this day stands for.
    #[serde(default)]
    pub instead_of: Option<RawDate>,
}

/// One weekend day that is worked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWorkingWeekend {
    /// The Saturday or Sunday.
    pub date: RawDate,
    /// The weekday that is off in its place.
    pub instead_of: RawDate,
    /// The order.
    pub source: String,
}

/// A date written as `2026-03-20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawDate(pub NaiveDate);

impl<'de> Deserialize<'de> for RawDate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        read.map(Self).ok_or_else(|| de::Error::custom(format!("`{text}` is not a date like 2026-03-20")))
    }
}

impl fmt::Display for RawDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
