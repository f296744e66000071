//! Due dates where a clock may stand: the days on which it stood do not count.
//!
//! As everywhere, the day of an event is not counted (Civil Code art. 173): a pause begins with the day
//! after it was ordered, and the clock runs again with the day after it ended. So a pause of one day's
//! length changes nothing, and a pause from the start on is the same as a later start.

use chrono::NaiveDate;

use super::{Calendar, DayKind, Due, PastEnd, expire};
use crate::domain::{Moment, Roll, Skipped, Term};

/// A span in which a clock stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// When it stopped: the last day that counted, unless the clock began later.
    pub from: Moment,
    /// When it ran again: the last day that did not count.
    pub to: Moment,
    /// Why, for the list of days that did not count.
    pub reason: String,
}

impl Standstill {
    fn covers(&self, day: NaiveDate) -> bool {
        self.from.day() < day && day <= self.to.day()
    }
}

impl Calendar {
    /// [`Self::due`] for a clock that stood at times, and a last day that may stay where it is.
    ///
    /// # Errors
    /// [`PastEnd`] when a day that the answer needs is not known.
    pub fn due_standing(
        &self,
        term: Term,
        start: Moment,
        roll: Roll,
        stood: &[Standstill],
    ) -> Result<Due, PastEnd> {
        let walk = Walk { calendar: self, roll, stood };
        match term {
            Term::AtOnce => self.due(term, start),
            Term::Hours(n) => Ok(walk.hours(start, n)),
            Term::WorkingDays(n) => walk.working(start.day(), n),
            Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) | Term::Years(_) => {
                let last = expire(start.day(), term).ok_or_else(|| self.past_end(false))?;
                walk.calendar_days(start.day(), last)
            }
        }
    }

    /// [`Self::due_standing`], counting only weekends where the calendar ends; such a date is marked.
    ///
    /// # Errors
    /// [`PastEnd`] when the term leads out of the four-digit years.
    pub fn due_standing_or_provisional(
        &self,
        term: Term,
        start: Moment,
        roll: Roll,
        stood: &[Standstill],
    ) -> Result<Due, PastEnd> {
        self.due_standing(term, start, roll, stood).or_else(|_| {
            let due = self.without_end().due_standing(term, start, roll, stood)?;
            Ok(Due { provisional: true, ..due })
        })
    }
}

struct Walk<'a> {
    calendar: &'a Calendar,
    roll: Roll,
    stood: &'a [Standstill],
}

impl Walk<'_> {
    /// Why a day does not count: the clock stood, or it is no working day (where that matters).
    fn passed_over(&self, day: NaiveDate, only_worked: bool) -> Result<Option<Skipped>, PastEnd> {
        let skipped = |reason: &str| Some(Skipped { date: day, reason: reason.to_owned() });
        if let Some(stood) = self.stood.iter().find(|stood| stood.covers(day)) {
            return Ok(skipped(&stood.reason));
        }
        match self.calendar.day(day) {
            Ok(DayKind::Off { reason }) if only_worked => Ok(skipped(reason)),
            Err(end) if only_worked => Err(end),
            _ => Ok(None),
        }
    }

    /// The first day from `day` on that counts.
    fn next(&self, day: NaiveDate, worked: bool, skipped: &mut Vec<Skipped>) -> Result<NaiveDate, PastEnd> {
        let mut day = day;
        while let Some(passed) = self.passed_over(day, worked)? {
            skipped.push(passed);
            day = self.after(day)?;
        }
        Ok(day)
    }

    fn after(&self, day: NaiveDate) -> Result<NaiveDate, PastEnd> {
        day.succ_opt().ok_or_else(|| self.calendar.past_end(false))
    }

    fn working(&self, start: NaiveDate, n: u32) -> Result<Due, PastEnd> {
        let mut skipped = Vec::new();
        let first = if n == 0 { self.next(start, true, &mut skipped)? } else { start };
        let step = |day, _| self.next(self.after(day)?, true, &mut skipped);
        let date = (0..n).try_fold(first, step)?;
        Ok(Due { date, at: None, skipped, provisional: false })
    }

    fn calendar_days(&self, start: NaiveDate, last: NaiveDate) -> Result<Due, PastEnd> {
        let mut skipped = Vec::new();
        let mut date = last;
        if !self.stood.is_empty() {
            let days = (last - start).num_days();
            date = (0..days).try_fold(start, |day, _| self.next(self.after(day)?, false, &mut skipped))?;
        }
        if self.roll == Roll::NextWorkingDay {
            date = self.next(date, true, &mut skipped)?;
        }
        Ok(Due { date, at: None, skipped, provisional: false })
    }

    /// Hours run through days off; only the seconds in which the clock stood are added.
    fn hours(&self, start: Moment, n: u32) -> Due {
        let mut spans: Vec<(i64, i64)> = self.stood.iter().map(|s| (s.from.unix(), s.to.unix())).collect();
        spans.sort_unstable();
        let mut end = start.unix().saturating_add(i64::from(n) * 3600);
        let mut seen = start.unix();
        for (from, to) in spans.into_iter().filter(|(from, to)| from < to) {
            let from = from.max(seen);
            if from < end && to > from {
                end = end.saturating_add(to - from);
                seen = to;
            }
        }
        let at = Moment::from_unix(end);
        Due { date: at.day(), at: Some(at), skipped: Vec::new(), provisional: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{calendar, date};
    use super::*;
    use Term::{CalendarDays, Hours, Months, Weeks, WorkingDays, Years};

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn stood(from: &str, to: &str) -> Standstill {
        Standstill { from: at(from), to: at(to), reason: "the clock stood".into() }
    }

    #[test]
    fn days_on_which_the_clock_stood_do_not_count() {
        for (about, term, spans, last) in [
            ("no pause", WorkingDays(3), vec![], "2026-11-26"),
            ("of no length", WorkingDays(3), vec![("2026-11-24T10:00", "2026-11-24T10:00")], "2026-11-26"),
            ("within a day", WorkingDays(3), vec![("2026-11-24T10:00", "2026-11-24T18:00")], "2026-11-26"),
            ("over a night", WorkingDays(3), vec![("2026-11-24T18:00", "2026-11-25T09:00")], "2026-11-27"),
            ("from the start", WorkingDays(3), vec![("2026-11-23", "2026-11-27")], "2026-12-02"),
            ("over a weekend", WorkingDays(3), vec![("2026-11-25", "2026-11-29")], "2026-11-30"),
            ("after the end", WorkingDays(3), vec![("2026-11-26", "2026-12-09")], "2026-11-26"),
            (
                "two that overlap",
                WorkingDays(3),
                vec![("2026-11-23", "2026-11-25"), ("2026-11-24", "2026-11-26")],
                "2026-12-01",
            ),
            ("a month and six days", Months(1), vec![("2026-11-24", "2026-11-30")], "2026-12-29"),
            ("forty-five days and ten", CalendarDays(45), vec![("2026-12-01", "2026-12-11")], "2027-01-18"),
            ("two weeks and one day", Weeks(2), vec![("2026-11-24", "2026-11-25")], "2026-12-08"),
        ] {
            let spans: Vec<Standstill> = spans.into_iter().map(|(from, to)| stood(from, to)).collect();
            let due = calendar().due_standing(term, at("2026-11-23T09:00"), Roll::NextWorkingDay, &spans);
            assert_eq!(due.map(|due| due.date), Ok(date(last)), "{about}");
        }
    }

    #[test]
    fn hours_are_added_once() {
        for (spans, end) in [
            (vec![], "2026-11-26T09:00:00+05:00"),
            (vec![("2026-11-24T10:00", "2026-11-24T13:00")], "2026-11-26T12:00:00+05:00"),
            (
                vec![("2026-11-24T10:00", "2026-11-24T13:00"), ("2026-11-24T11:00", "2026-11-24T14:00")],
                "2026-11-26T13:00:00+05:00",
            ),
            (vec![("2026-11-26T10:00", "2026-11-26T13:00")], "2026-11-26T09:00:00+05:00"),
        ] {
            let spans: Vec<Standstill> = spans.into_iter().map(|(from, to)| stood(from, to)).collect();
            let due =
                calendar().due_standing(Hours(72), at("2026-11-23T09:00"), Roll::NextWorkingDay, &spans);
            assert_eq!(due.map(|due| due.at.map(Moment::rfc3339)), Ok(Some(end.to_owned())));
        }
    }

    #[test]
    fn a_last_day_off_may_stay() {
        let due =
            |roll| calendar().due_standing(CalendarDays(5), at("2026-11-23"), roll, &[]).map(|due| due.date);
        assert_eq!(due(Roll::None), Ok(date("2026-11-28")), "a Saturday");
        assert_eq!(due(Roll::NextWorkingDay), Ok(date("2026-11-30")));
    }

    const SPAN: std::ops::Range<i64> = 1_704_100_000..1_800_000_000;

    fn terms() -> impl Strategy<Value = Term> {
        let n = 0u32..40;
        prop_oneof![
            n.clone().prop_map(WorkingDays),
            n.clone().prop_map(CalendarDays),
            n.clone().prop_map(Hours),
            (0u32..8).prop_map(Weeks),
            (0u32..6).prop_map(Months),
            (0u32..2).prop_map(Years),
        ]
    }

    proptest! {
        #[test]
        fn without_a_pause_nothing_changes(seconds in SPAN, term in terms(), offset in 0i64..5_000_000) {
            let (calendar, start) = (calendar(), Moment::from_unix(seconds));
            let plain = calendar.due(term, start);
            let pause = Moment::from_unix(seconds + offset);
            let none = [Standstill { from: pause, to: pause, reason: String::new() }];
            prop_assert_eq!(&calendar.due_standing(term, start, Roll::NextWorkingDay, &[]), &plain);
            prop_assert_eq!(&calendar.due_standing(term, start, Roll::NextWorkingDay, &none), &plain);
        }

        #[test]
        fn a_pause_never_makes_a_date_earlier(seconds in SPAN, term in terms(), from in -500_000i64..5_000_000, long in 0i64..2_000_000) {
            let (calendar, start) = (calendar(), Moment::from_unix(seconds));
            let (from, to) = (Moment::from_unix(seconds + from), Moment::from_unix(seconds + from + long));
            let spans = [Standstill { from, to, reason: String::new() }];
            let plain = calendar.due(term, start);
            let paused = calendar.due_standing(term, start, Roll::NextWorkingDay, &spans);
            if let (Ok(plain), Ok(paused)) = (plain, paused) {
                prop_assert!(paused.date >= plain.date);
                let within = (to.day() - from.day()).num_days() + 20;
                prop_assert!((paused.date - plain.date).num_days() <= 2 * within + 14, "{plain:?} {paused:?}");
            }
        }

        #[test]
        fn a_pause_from_the_start_is_a_later_start(seconds in SPAN, n in 1u32..40, long in 0i64..2_000_000) {
            let calendar = calendar();
            let (start, later) = (Moment::from_unix(seconds), Moment::from_unix(seconds + long));
            let spans = [Standstill { from: start, to: later, reason: String::new() }];
            let paused = calendar.due_standing(WorkingDays(n), start, Roll::NextWorkingDay, &spans).map(|due| due.date);
            prop_assert_eq!(paused, calendar.due(WorkingDays(n), later).map(|due| due.date));
        }
    }
}
