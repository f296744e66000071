//! How long data may or must stay: the small language of retention.
//!
//! Deliberately absent: working days. Expiry is a date of the data itself and never rolls; only an
//! act that a person has to do rolls to a working day.

use std::{fmt, str::FromStr};

use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;

use super::word;
use crate::domain::{Scope, channel::words};

/// A length of storage: `3y`, `13mo`, `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Years, clamped to the last day of a shorter February.
    Years(u32),
    /// Months, clamped to the last day of a shorter month.
    Months(u32),
    /// Days.
    Days(u32),
}

impl Length {
    /// The day on which the length is over.
    pub fn after(self, start: NaiveDate) -> NaiveDate {
        let end = match self {
            Self::Years(n) => start.checked_add_months(Months::new(n.saturating_mul(12))),
            Self::Months(n) => start.checked_add_months(Months::new(n)),
            Self::Days(n) => start.checked_add_days(Days::new(u64::from(n))),
        };
        end.unwrap_or(NaiveDate::MAX)
    }

    /// About how many days, to compare two lengths.
    pub fn rough_days(self) -> u64 {
        match self {
            Self::Years(n) => u64::from(n) * 365,
            Self::Months(n) => u64::from(n) * 30,
            Self::Days(n) => u64::from(n),
        }
    }
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(split);
        let n = digits.parse().ok().filter(|n| (1..=1200).contains(n));
        match (n, unit) {
            (Some(n), "y") => Ok(Self::Years(n)),
            (Some(n), "mo") => Ok(Self::Months(n)),
            (Some(n), "d") => Ok(Self::Days(n)),
            _ => Err("a length is written 3y, 13mo or 30d".into()),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Self::Years(n) => (n, "year"),
            Self::Months(n) => (n, "month"),
            Self::Days(n) => (n, "day"),
        };
        write!(f, "{n} {unit}{}", if *n == 1 { "" } else { "s" })
    }
}

words! {
    /// An event that storage counts from.
    Event, "event" {
        /// The last contact by the person; the company's own mailing is none.
        LastContactBySubject = "last_contact_by_subject",
        /// The collection of the record.
        Collected = "collected",
        /// The date of the document.
        Document = "document",
        /// The purpose was reached.
        PurposeReached = "purpose_reached",
        /// The consent it rests on was given.
        ConsentGiven = "consent_given",
        /// The obligation it serves was fulfilled.
        ObligationClosed = "obligation_closed",
    }
}

/// The day a retention rule turns on.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The earliest of several.
    EarliestOf(Vec<Until>),
    /// The latest of several.
    LatestOf(Vec<Until>),
    /// A withdrawal that leaves no consent of this scope standing.
    ConsentWithdrawn(#[serde(deserialize_with = "word::one")] Scope),
    /// A length after an event.
    Elapsed(Elapsed),
    /// The purpose was reached.
    PurposeReached,
    /// 31 December of the n-th year after the calendar year of an event.
    TaxYears(TaxYears),
    /// A length after a consent was given or renewed.
    ConsentElapsed(ConsentElapsed),
}

/// A length after the latest known of some events.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Elapsed {
    /// How long.
    #[serde(rename = "for", deserialize_with = "word::one")]
    pub length: Length,
    /// After which event; of several the latest known.
    #[serde(deserialize_with = "word::list")]
    pub after: Vec<Event>,
    /// After this one, where none of them is known.
    #[serde(default, deserialize_with = "word::some")]
    pub or_after: Option<Event>,
}

/// Whole tax periods after the one of the document.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TaxYears {
    /// How many calendar years.
    pub count: u32,
    /// After which event.
    #[serde(deserialize_with = "word::one")]
    pub after: Event,
}

/// The life of a consent; each renewal within it starts a new one.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ConsentElapsed {
    /// Which consent.
    #[serde(deserialize_with = "word::one")]
    pub scope: Scope,
    /// How long it lasts at most.
    #[serde(rename = "for", deserialize_with = "word::one")]
    pub length: Length,
}

/// A condition on one record.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// It serves a deal.
    LinkedToObligation,
    /// It serves no deal.
    NotLinkedToObligation,
    /// It stands on a primary document, as the category says.
    InDocument,
    /// It does not.
    NotInDocument,
    /// It rests on a consent of this scope.
    LinkedToConsent(#[serde(deserialize_with = "word::one")] Scope),
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::policy::yaml;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_clamp_and_never_roll() {
        for (start, length, end) in [
            ("2024-02-29", "3y", "2027-02-28"),
            ("2025-01-31", "13mo", "2026-02-28"),
            ("2027-01-29", "13mo", "2028-02-29"),
            ("2024-02-29", "4y", "2028-02-29"),
            ("2025-12-31", "30d", "2026-01-30"),
        ] {
            assert_eq!(length.parse::<Length>().unwrap().after(day(start)), day(end), "{start} + {length}");
        }
        for wrong in ["3", "y", "0d", "3 years", "-1y", "9999999999y", ""] {
            assert!(wrong.parse::<Length>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_example_of_the_design_reads() {
        let text = "earliest_of: [ { consent_withdrawn: processing }, \
                    { elapsed: { for: 3y, after: last_contact_by_subject } } ]";
        let Until::EarliestOf(parts) = yaml::read("p", text).unwrap() else { panic!("not an earliest_of") };
        assert_eq!(parts[0], Until::ConsentWithdrawn(Scope::Processing));
        let error = yaml::read::<Until>("p", "elapsed: {for: 3y, after: last_contcat}").unwrap_err();
        assert!(error.message().contains("did you mean `last_contact_by_subject`?"), "{error}");
        let error = yaml::read::<Until>("p", "tax_year: {count: 5, after: document}").unwrap_err();
        assert_eq!(error.hint_text(), Some("did you mean `tax_years`?"));
        assert_eq!(yaml::read::<Until>("p", "purpose_reached").unwrap(), Until::PurposeReached);
    }
}
