//! Working days, terms and due dates, counted by the Civil Code (arts. 172–176).
//!
//! The days off are data (`policies/kz.calendar.yaml`) with the span in which they are known. Nothing
//! here guesses past that span: it answers [`PastEnd`], and the caller says whether to stop or to mark
//! a date as provisional. Absent on purpose: which term a right has (`decide::deadline`), and the clock.

mod between;
mod check;
mod days;
mod due;
mod raw;
mod stands;

pub use check::Calendar;
pub use days::{DayKind, PastEnd};
pub use due::{Due, expire};
pub use raw::{RawCalendar, RawDate, RawDayOff, RawWeek, RawWorkingWeekend};
pub use stands::Standstill;

#[cfg(test)]
pub(crate) mod sample {
    //! The shipped calendar, for tests here and in `decide`.

    use super::*;

    /// The text that the binary embeds.
    pub const TEXT: &str = include_str!("../../policies/kz.calendar.yaml");

    /// As the shipped file says.
    pub fn raw() -> RawCalendar {
        serde_yaml::from_str(TEXT).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Checked.
    pub fn calendar() -> Calendar {
        Calendar::from_raw(raw(), "00".repeat(32)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A date of a test table.
    pub fn date(text: &str) -> chrono::NaiveDate {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }
}
