//! How many working days lie between two days: the measure of an answer that was given, not of one that is due.

use chrono::NaiveDate;

use super::{Calendar, DayKind, days::is_weekend};

impl Calendar {
    /// Working days after `start` up to and with `end`: the day of the event is not counted (Civil Code
    /// art. 173), so an answer on the same day took 0. Outside the known span every weekday counts as worked.
    pub fn working_days(&self, start: NaiveDate, end: NaiveDate) -> u32 {
        let days = start.iter_days().skip(1).take_while(|day| *day <= end);
        let worked = days.filter(|day| match self.day(*day) {
            Ok(kind) => kind == DayKind::Working,
            Err(_) => !is_weekend(*day),
        });
        u32::try_from(worked.count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{calendar, date};

    #[test]
    fn days_that_an_answer_took() {
        for (start, end, expected) in [
            ("2026-03-20", "2026-03-20", 0),
            ("2026-03-20", "2026-03-25", 0), // Nauryz and a weekend
            ("2026-03-20", "2026-03-26", 1),
            ("2026-03-20", "2026-03-30", 3),
            ("2026-03-19", "2026-04-14", 15),
            ("2024-05-03", "2024-05-04", 1), // a Saturday that is worked
            ("2026-03-26", "2026-03-20", 0), // the clock went back
            ("2028-12-29", "2029-01-02", 2), // past the end: weekdays
        ] {
            assert_eq!(calendar().working_days(date(start), date(end)), expected, "{start} {end}");
        }
    }

    #[test]
    fn it_is_the_inverse_of_the_due_date() {
        let calendar = calendar();
        for n in 0..400_u64 {
            let start = date("2025-01-01") + chrono::Days::new(n);
            for term in [1, 3, 15] {
                let due = calendar.add_working_days(start, term);
                assert_eq!(due.map(|due| calendar.working_days(start, due)), Ok(term), "{start} {term}");
            }
        }
    }
}
