//! Is this day worked? And the steps from one working day to the next.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};

use super::Calendar;
use crate::domain::{Error, Skipped};

/// A day as the calendar sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind<'a> {
    /// Worked, be it a weekend day worked by order.
    Working,
    /// Not worked.
    Off {
        /// `Saturday`, `Sunday` or the name of the holiday.
        reason: &'a str,
    },
}

/// A day that the calendar does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastEnd {
    /// The first day known.
    pub known_from: NaiveDate,
    /// The last day known.
    pub known_until: NaiveDate,
    /// Whether the day lies before the known span, and not after it.
    pub before: bool,
}

impl Calendar {
    /// Whether a day is worked.
    ///
    /// # Errors
    /// [`PastEnd`] outside the known span.
    pub fn day(&self, date: NaiveDate) -> Result<DayKind<'_>, PastEnd> {
        if !(self.known_from..=self.known_until).contains(&date) {
            return Err(self.past_end(date < self.known_from));
        }
        if self.working_weekends.contains(&date) {
            return Ok(DayKind::Working);
        }
        let holiday = self.off.get(&date).map(String::as_str);
        Ok(holiday.or_else(|| weekend(date)).map_or(DayKind::Working, |reason| DayKind::Off { reason }))
    }

    /// The `n`-th working day after a day that is not itself counted (Civil Code art. 173); for 0 the
    /// day itself, rolled forward.
    ///
    /// # Errors
    /// [`PastEnd`] when a day on the way is not known.
    pub fn add_working_days(&self, date: NaiveDate, n: u32) -> Result<NaiveDate, PastEnd> {
        self.count(date, n, &mut Vec::new())
    }

    /// The day itself if it is worked, else the next one that is (Civil Code art. 175).
    ///
    /// # Errors
    /// [`PastEnd`] when a day on the way is not known.
    pub fn roll_forward(&self, date: NaiveDate) -> Result<NaiveDate, PastEnd> {
        self.roll(date, &mut Vec::new())
    }

    /// [`Self::add_working_days`], writing down what did not count.
    pub(super) fn count(
        &self,
        date: NaiveDate,
        n: u32,
        skipped: &mut Vec<Skipped>,
    ) -> Result<NaiveDate, PastEnd> {
        if n == 0 {
            return self.roll(date, skipped);
        }
        (0..n).try_fold(date, |day, _| self.roll(self.next(day)?, skipped))
    }

    /// [`Self::roll_forward`], writing down what did not count.
    pub(super) fn roll(&self, date: NaiveDate, skipped: &mut Vec<Skipped>) -> Result<NaiveDate, PastEnd> {
        let mut day = date;
        while let DayKind::Off { reason } = self.day(day)? {
            skipped.push(Skipped { date: day, reason: reason.to_owned() });
            day = self.next(day)?;
        }
        Ok(day)
    }

    /// The same days off with no end: outside the listed span only weekends are off. Holidays not known
    /// yet can only make a due date found so later; a weekend worked by order, which is rare, earlier.
    pub(super) fn without_end(&self) -> Self {
        let mut open = self.clone();
        open.known_from = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(self.known_from);
        open.known_until = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(self.known_until);
        open
    }

    pub(super) fn past_end(&self, before: bool) -> PastEnd {
        PastEnd { known_from: self.known_from, known_until: self.known_until, before }
    }

    fn next(&self, day: NaiveDate) -> Result<NaiveDate, PastEnd> {
        day.succ_opt().ok_or_else(|| self.past_end(false))
    }
}

impl fmt::Display for PastEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.before {
            true => write!(f, "the calendar begins on {}, after a day that this term needs", self.known_from),
            false => {
                write!(f, "the calendar ends on {}, before a day that this term needs", self.known_until)
            }
        }
    }
}

impl std::error::Error for PastEnd {}

impl From<PastEnd> for Error {
    fn from(end: PastEnd) -> Self {
        Self::config(end.to_string()).hint(
            "put a `kz.calendar.yaml` that knows it into a directory and name that with `--policies DIR`",
        )
    }
}

/// The name of a weekend day.
fn weekend(date: NaiveDate) -> Option<&'static str> {
    match date.weekday() {
        Weekday::Sat => Some("Saturday"),
        Weekday::Sun => Some("Sunday"),
        _ => None,
    }
}

/// Whether the five-day week has the day off.
pub(super) fn is_weekend(date: NaiveDate) -> bool {
    weekend(date).is_some()
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::super::sample::{calendar, date};
    use super::*;

    fn year(n: &str) -> impl Iterator<Item = NaiveDate> {
        let prefix = format!("{n}-");
        let first = date(&format!("{n}-01-01"));
        iter::successors(Some(first), NaiveDate::succ_opt)
            .take_while(move |day| day.to_string().starts_with(&prefix))
    }

    #[test]
    fn working_days_of_each_year() {
        let calendar = calendar();
        for (n, expected) in [("2024", 249), ("2025", 246), ("2026", 247), ("2027", 247), ("2028", 245)] {
            let working = year(n).filter(|day| calendar.day(*day) == Ok(DayKind::Working)).count();
            assert_eq!(working, expected, "{n}");
        }
    }

    #[test]
    fn kinds_of_days() {
        let calendar = calendar();
        for (day, reason) in [
            ("2026-03-20", None),
            ("2026-03-21", Some("Nauryz")),
            ("2026-03-25", Some("day off for Nauryz (instead of 2026-03-22)")),
            ("2026-03-28", Some("Saturday")),
            ("2026-03-29", Some("Sunday")),
            ("2026-08-31", None),
            ("2024-05-04", None),
            ("2025-01-05", None),
            ("2025-01-03", Some("moved day off (instead of 2025-01-05)")),
            ("2028-05-05", Some("Kurban Ait, first day (estimated)")),
        ] {
            let expected = reason.map_or(DayKind::Working, |reason| DayKind::Off { reason });
            assert_eq!(calendar.day(date(day)), Ok(expected), "{day}");
        }
    }

    #[test]
    fn unknown_days_are_an_answer_of_their_own() {
        let calendar = calendar();
        for (day, before) in [("2023-12-31", true), ("2029-01-01", false)] {
            assert_eq!(calendar.day(date(day)).map_err(|end| end.before), Err(before), "{day}");
        }
        assert!(calendar.roll_forward(date("2028-12-30")).is_err(), "a Saturday with no known Monday");
        let error = Error::from(calendar.past_end(false));
        assert_eq!(error.to_string(), "the calendar ends on 2028-12-31, before a day that this term needs");
        assert_eq!(error.kind().code(), 6);
    }
}
