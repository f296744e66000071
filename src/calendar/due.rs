//! When something is due (an action, so the last day rolls) and when something expires (it does not).

use chrono::{Days, Months, NaiveDate};

use super::{Calendar, PastEnd};
use crate::domain::{Moment, Skipped, Term};

/// When a term ends. Terms in days end at 24:00 of the day (Civil Code art. 176).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub date: NaiveDate,
    /// The instant, for terms in hours and for duties that start at once.
    pub at: Option<Moment>,
    /// Days that did not count: every day off on the way for working days, the days rolled over for the
    /// other terms (whose days off do count).
    pub skipped: Vec<Skipped>,
    /// Found without knowing every holiday on the way: a careful date, which a new calendar may move.
    pub provisional: bool,
}

impl Calendar {
    /// The last day of a term for an action. The day of the event is not counted (Civil Code art. 173).
    ///
    /// # Errors
    /// [`PastEnd`] when a day that the answer needs is not known.
    pub fn due(&self, term: Term, start: Moment) -> Result<Due, PastEnd> {
        let mut skipped = Vec::new();
        let day = start.day();
        let date = match term {
            Term::AtOnce => return Ok(Due::at(start)),
            Term::Hours(n) => {
                return Ok(Due::at(Moment::from_unix(start.unix().saturating_add(i64::from(n) * 3600))));
            }
            Term::WorkingDays(n) => self.count(day, n, &mut skipped)?,
            Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) | Term::Years(_) => {
                let last = expire(day, term).ok_or_else(|| self.past_end(false))?;
                self.roll(last, &mut skipped)?
            }
        };
        Ok(Due { date, at: None, skipped, provisional: false })
    }

    /// [`Self::due`], counting only weekends where the calendar ends: for the intake of a request, which
    /// may not stop. The date is marked.
    ///
    /// # Errors
    /// [`PastEnd`] when the term leads out of the four-digit years.
    pub fn due_or_provisional(&self, term: Term, start: Moment) -> Result<Due, PastEnd> {
        self.due(term, start).or_else(|_| {
            let due = self.without_end().due(term, start)?;
            Ok(Due { provisional: true, ..due })
        })
    }
}

impl Due {
    fn at(moment: Moment) -> Self {
        Self { date: moment.day(), at: Some(moment), skipped: Vec::new(), provisional: false }
    }
}

/// The day on which something expires: the same number of the last month, or its last day where it has
/// no such number (Civil Code art. 174). Expiry is no action, so it is never rolled. `None` for terms
/// that are not counted in calendar days, months or years, and beyond all dates.
pub fn expire(start: NaiveDate, term: Term) -> Option<NaiveDate> {
    match term {
        Term::CalendarDays(n) => start.checked_add_days(Days::new(n.into())),
        Term::Weeks(n) => start.checked_add_days(Days::new(u64::from(n) * 7)),
        Term::Months(n) => start.checked_add_months(Months::new(n)),
        Term::Years(n) => start.checked_add_months(Months::new(n.checked_mul(12)?)),
        Term::AtOnce | Term::Hours(_) | Term::WorkingDays(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{calendar, date};
    use super::super::{DayKind, PastEnd};
    use super::*;
    use Term::{AtOnce, CalendarDays, Hours, Months, WorkingDays, Years};

    fn due(start: &str, term: Term) -> Result<Due, PastEnd> {
        calendar().due(term, Moment::parse(start).unwrap_or_else(|error| panic!("{start}: {error}")))
    }

    #[test]
    fn worked_examples() {
        for (start, term, last) in [
            ("2026-01-01", WorkingDays(1), "2026-01-05"),
            ("2026-01-06", WorkingDays(1), "2026-01-08"), // Christmas
            ("2026-03-06", WorkingDays(1), "2026-03-10"),
            ("2026-03-20", WorkingDays(1), "2026-03-26"), // two days off for Nauryz
            ("2026-03-20", WorkingDays(3), "2026-03-30"),
            ("2026-03-19", WorkingDays(15), "2026-04-14"),
            ("2026-05-26", WorkingDays(1), "2026-05-28"), // Kurban Ait
            ("2026-08-28", WorkingDays(1), "2026-08-31"), // 30 August is no holiday any more
            ("2026-10-23", WorkingDays(1), "2026-10-27"),
            ("2026-12-31", WorkingDays(1), "2027-01-05"),
            ("2024-05-03", WorkingDays(1), "2024-05-04"), // a Saturday that is worked
            ("2025-01-03", WorkingDays(1), "2025-01-05"), // a Sunday that is worked
            ("2027-03-12", WorkingDays(1), "2027-03-16"), // the new Constitution Day
            ("2027-03-19", WorkingDays(1), "2027-03-25"),
            ("2026-11-22", WorkingDays(3), "2026-11-25"),
            ("2026-11-23", WorkingDays(15), "2026-12-14"),
            ("2026-01-31", Months(1), "2026-03-02"), // 28 February is a Saturday
            ("2027-11-30", Months(3), "2028-02-29"), // clamped
            ("2026-12-06", CalendarDays(10), "2026-12-17"),
            ("2024-02-29", Years(1), "2025-02-28"),
            ("2026-03-21", WorkingDays(0), "2026-03-26"),
            ("2026-03-20T23:59", WorkingDays(1), "2026-03-26"),
            ("2026-03-20T20:00Z", WorkingDays(1), "2026-03-26"), // already the 21st in Almaty
            ("2023-12-31", WorkingDays(1), "2024-01-03"), // the day of receipt itself need not be known
        ] {
            assert_eq!(
                due(start, term).map(|due| (due.date, due.at)),
                Ok((date(last), None)),
                "{start} {term}"
            );
        }
    }

    #[test]
    fn instants() {
        for (start, term, at) in [
            ("2026-03-21T15:00", AtOnce, "2026-03-21T15:00:00+05:00"),
            ("2026-03-21T15:00", Hours(72), "2026-03-24T15:00:00+05:00"),
            ("2035-01-01T00:00", Hours(24), "2035-01-02T00:00:00+05:00"),
            ("2024-02-29T22:00", Hours(4), "2024-03-01T01:00:00+05:00"), // one hour happened twice
        ] {
            let due = due(start, term).map(|due| (due.date.to_string(), due.at.map(Moment::rfc3339)));
            assert_eq!(due, Ok((at[..10].into(), Some(at.into()))), "{start} {term}");
        }
    }

    #[test]
    fn every_day_that_did_not_count_is_named() {
        let nauryz = "day off for Nauryz (instead of 2026-03-";
        for (start, term, expected) in [
            (
                "2026-03-20",
                WorkingDays(1),
                vec![
                    ("2026-03-21", "Nauryz".into()),
                    ("2026-03-22", "Nauryz".into()),
                    ("2026-03-23", "Nauryz".into()),
                    ("2026-03-24", format!("{nauryz}21)")),
                    ("2026-03-25", format!("{nauryz}22)")),
                ],
            ),
            (
                "2026-11-20",
                WorkingDays(1),
                vec![("2026-11-21", "Saturday".into()), ("2026-11-22", "Sunday".into())],
            ),
            ("2024-05-03", WorkingDays(2), vec![("2024-05-05", "Sunday".into())]),
            ("2026-12-06", CalendarDays(10), vec![("2026-12-16", "Independence Day".into())]),
        ] {
            let skipped = due(start, term).map(|due| due.skipped).unwrap_or_default();
            let named: Vec<_> = skipped.into_iter().map(|day| (day.date.to_string(), day.reason)).collect();
            let expected: Vec<(String, String)> =
                expected.into_iter().map(|(day, why)| (day.into(), why)).collect();
            assert_eq!(named, expected, "{start} {term}");
        }
    }

    #[test]
    fn past_the_end_a_date_is_provisional_or_refused() {
        let calendar = calendar();
        let start = Moment::start_of(date("2028-12-27"));
        assert!(calendar.due(WorkingDays(5), start).is_err());
        for (term, last, provisional) in [
            (WorkingDays(1), Some("2028-12-28"), false),
            (WorkingDays(5), Some("2029-01-03"), true),
            (Months(1), Some("2029-01-29"), true), // 27 January is a Saturday
            (Years(u32::MAX), None, false),
            (CalendarDays(u32::MAX), None, false),
        ] {
            let due = calendar.due_or_provisional(term, start).ok();
            let expected = last.map(|last| (date(last), provisional));
            assert_eq!(due.map(|due| (due.date, due.provisional)), expected, "{term}");
        }
        let early = calendar.due_or_provisional(WorkingDays(1), Moment::start_of(date("2023-05-31")));
        assert_eq!(early.map(|due| (due.date, due.provisional)), Ok((date("2023-06-01"), true)));
    }

    #[test]
    fn expiry_is_clamped_and_never_rolled() {
        for (start, term, last) in [
            ("2025-01-31", Months(13), Some("2026-02-28")), // a Saturday
            ("2027-01-29", Months(13), Some("2028-02-29")),
            ("2024-02-29", Years(3), Some("2027-02-28")),
            ("2026-12-06", CalendarDays(10), Some("2026-12-16")),
            ("2026-12-06", WorkingDays(10), None),
        ] {
            assert_eq!(expire(date(start), term), last.map(date), "{start} {term}");
        }
    }

    /// 2024 to 2027, in seconds.
    const SPAN: std::ops::Range<i64> = 1_704_100_000..1_830_000_000;

    fn day_terms() -> impl Strategy<Value = fn(u32) -> Term> {
        prop_oneof![
            Just(WorkingDays as fn(u32) -> Term),
            Just(CalendarDays as fn(u32) -> Term),
            Just(Months as fn(u32) -> Term),
            Just(Years as fn(u32) -> Term),
        ]
    }

    proptest! {
        #[test]
        fn due_dates_are_worked_later_and_in_order(seconds in SPAN, n in 0u32..30, term in day_terms()) {
            let (calendar, start) = (calendar(), Moment::from_unix(seconds));
            let due = |n| calendar.due_or_provisional(term(n), start).map_err(|e| TestCaseError::fail(e.to_string()));
            let (this, next) = (due(n)?, due(n + 1)?);
            prop_assert!(this.date >= start.day() && this.date <= next.date);
            prop_assert!(this.provisional || calendar.day(this.date) == Ok(DayKind::Working));
            prop_assert!(this.skipped.iter().all(|day| day.date >= start.day() && day.date < this.date));
        }

        #[test]
        fn working_days_and_skipped_days_fill_the_span(seconds in SPAN, n in 1u32..60) {
            let (calendar, start) = (calendar(), Moment::from_unix(seconds));
            if let Ok(due) = calendar.due(WorkingDays(n), start) {
                let span = (due.date - start.day()).num_days();
                prop_assert_eq!(span, i64::from(n) + due.skipped.len() as i64);
                prop_assert!(due.skipped.iter().all(|day| calendar.day(day.date) != Ok(DayKind::Working)));
            }
        }
    }
}
