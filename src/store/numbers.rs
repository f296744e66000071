//! Numbers that stand on papers, of cases, acts, holds and letters, and the leap they take over a gap.
//!
//! Where only a backup is left, the register knows nothing of the numbers that were given out after it. Given
//! out again, one of them would lead whoever types it from an old letter to somebody else's case. So a restore
//! passes over all numbers that may have been given, and `meta` keeps up to which.

use chrono::{Datelike, Timelike};
use rusqlite::OptionalExtension;

use super::{Tx, View};
use crate::domain::{CaseNumber, Moment, Result};

/// The row of `meta` with the last number that is passed over, written as a case would bear it.
const PASSED: &str = "numbers_passed";

/// Numbers a year that are left out where nobody knows how many entries were lost.
const ROOM: u32 = 1_000;

/// No head speaks of so many entries in earnest.
const MOST: u64 = 10_000_000;

/// The last number to pass over: every case, act and hold has an entry of its own, so no more of them than entries
/// were lost. The minute of the year lies above them too, where fewer than one a minute came in; it keeps apart the
/// numbers given after two restores of one backup, of which the second knows nothing of the first.
fn leap(last: u32, lost: Option<u64>, now: Moment) -> u32 {
    let lost = u32::try_from(lost.unwrap_or(0).min(MOST)).unwrap_or(0);
    let minute = now.day().ordinal0() * 24 * 60 + now.time().hour() * 60 + now.time().minute();
    (last.saturating_add(lost).saturating_add(ROOM)).next_multiple_of(ROOM).max(minute)
}

impl View<'_> {
    fn numbers_passed(&self) -> Result<Option<(i32, u32)>> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let kept: Option<String> = query.query_row([PASSED], |row| row.get(0)).optional()?;
        Ok(kept.and_then(|text| text.parse::<CaseNumber>().ok()).map(|number| number.parts()))
    }

    /// The last number of a year that is passed over, 0 where none is.
    pub(super) fn passed(&self, year: i32) -> Result<u32> {
        Ok(self.numbers_passed()?.filter(|(until, _)| year <= *until).map_or(0, |(_, nth)| nth))
    }

    /// The last number of a hold that is passed over: they do not run by year.
    pub(super) fn passed_holds(&self) -> Result<u32> {
        Ok(self.numbers_passed()?.map_or(0, |(_, nth)| nth))
    }

    /// How many letters of a case to pass over in counting: more of them than the register knows may have gone out
    /// where the case is older than a gap.
    ///
    /// # Errors
    /// As any read.
    pub fn letters_passed(&self, case: &CaseNumber) -> Result<u32> {
        let (year, nth) = case.parts();
        Ok(Some(self.passed(year)?).filter(|passed| nth <= *passed).unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Passes over the numbers that may have been given by `lost` entries of which nothing is known, or by nobody
    /// knows how many; gives the last of them.
    ///
    /// # Errors
    /// As any write.
    pub fn pass_numbers(&self, lost: Option<u64>, now: Moment) -> Result<CaseNumber> {
        let year = now.day().year();
        let sql = "SELECT max(ifnull((SELECT max(nth) FROM case_file WHERE year = ?1), 0),
                              ifnull((SELECT max(nth) FROM destruction WHERE year = ?1), 0),
                              ifnull((SELECT max(id) FROM hold), 0))";
        let given: u32 = self.prepare(sql)?.query_row([year], |row| row.get(0))?;
        let number = CaseNumber::new(year, leap(given.max(self.passed_holds()?), lost, now));
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((PASSED, number.as_str()))?;
        Ok(number)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::cast::{self, new_case};

    #[test]
    fn a_leap_passes_over_all_that_may_have_been_given() {
        for (last, lost, now, expected) in [
            (0, Some(1), "2026-01-01T00:05", 2_000),
            (5, None, "2026-01-01T00:05", 2_000),
            (1_700, Some(2_400), "2026-01-01T00:05", 6_000),
            (5, Some(40), "2026-01-02T10:30", 2_070),
            (5, Some(40), "2026-11-22T10:00", 468_600),
            (5, Some(u64::MAX), "2026-11-22T10:00", 10_002_000),
        ] {
            let found = leap(last, lost, Moment::parse(now).unwrap());
            assert_eq!(found, expected, "{last} {lost:?} {now}");
            assert!(u64::from(found) > u64::from(last) + lost.unwrap_or(0).min(MOST));
        }
    }

    #[test]
    fn numbers_go_on_after_the_leap_until_the_year_is_over() {
        let mut store = cast::dealership();
        let now = Moment::parse("2026-03-20T15:00").unwrap();
        store
            .transact(|tx| {
                let before = tx.open_case(&new_case("2026-03-20T15:00"))?;
                let passed = tx.pass_numbers(Some(3), now)?;
                let next = |recorded: &'static str| tx.open_case(&new_case(recorded));
                let first = next("2026-03-20T15:01")?;
                assert_eq!(first.parts(), (2026, passed.parts().1 + 1));
                assert_eq!(next("2026-12-31T15:01")?.parts().1, first.parts().1 + 1);
                assert_eq!(next("2025-12-31T15:01")?.parts().1, first.parts().1, "a clock that went back");
                assert_eq!(next("2027-01-01T15:01")?.as_str(), "2027-000001");
                assert_eq!(tx.letters_passed(&before)?, passed.parts().1);
                assert_eq!(tx.letters_passed(&first)?, 0);
                let again = tx.pass_numbers(Some(3), now)?;
                assert!(again.parts().1 > first.parts().1 + 1, "never below what was passed before");
                Ok(())
            })
            .unwrap();
    }
}
