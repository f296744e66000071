//! Lengths of time as laws and policies write them.

use std::fmt;

use super::{ClockRule, Reason};

/// A length of time with the unit that decides how it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// From the very moment, such as MyCar's block "from the moment of the request" (clause 4.2).
    AtOnce,
    /// Hours from the instant.
    Hours(u32),
    /// Working days; the day of the event is not counted (Civil Code art. 173).
    WorkingDays(u32),
    /// Calendar days; a last day that is no working day rolls forward (art. 175).
    CalendarDays(u32),
    /// Weeks; as seven calendar days each.
    Weeks(u32),
    /// Months; clamped to the last day of a shorter month (art. 174); rolls forward.
    Months(u32),
    /// Years; as months.
    Years(u32),
}

impl Term {
    /// Two terms of one unit together; `None` for different units, which cannot be added as numbers.
    pub fn and(self, more: Self) -> Option<Self> {
        Some(match (self, more) {
            (Self::Hours(a), Self::Hours(b)) => Self::Hours(a.saturating_add(b)),
            (Self::WorkingDays(a), Self::WorkingDays(b)) => Self::WorkingDays(a.saturating_add(b)),
            (Self::CalendarDays(a), Self::CalendarDays(b)) => Self::CalendarDays(a.saturating_add(b)),
            (Self::Weeks(a), Self::Weeks(b)) => Self::Weeks(a.saturating_add(b)),
            (Self::Months(a), Self::Months(b)) => Self::Months(a.saturating_add(b)),
            (Self::Years(a), Self::Years(b)) => Self::Years(a.saturating_add(b)),
            _ => return None,
        })
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Self::AtOnce => return f.write_str("at once"),
            Self::Hours(n) => (n, "hour"),
            Self::WorkingDays(n) => (n, "working day"),
            Self::CalendarDays(n) => (n, "calendar day"),
            Self::Weeks(n) => (n, "week"),
            Self::Months(n) => (n, "month"),
            Self::Years(n) => (n, "year"),
        };
        write!(f, "{n} {unit}{}", if *n == 1 { "" } else { "s" })
    }
}

/// One rule that sets a term for a right, already chosen by edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermRule {
    /// The rule.
    pub why: Reason,
    /// The binding limit; `None`: the right is granted without a term.
    pub limit: Option<Term>,
    /// The careful target, where one is named.
    pub target: Option<Term>,
    /// From which event it counts, what stops it and what lengthens it.
    pub clock: ClockRule,
    /// Whether a lawyer has read the rule against the live text (statute only).
    pub confirmed: Option<bool>,
}
