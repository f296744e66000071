//! From a file to a calendar that can be trusted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::days::is_weekend;
use super::raw::{RawCalendar, RawDayOff, RawWorkingWeekend};
use crate::domain::{Error, Result};

/// Checked days off of one country, known from one day until another.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub(super) known_from: NaiveDate,
    pub(super) known_until: NaiveDate,
    pub(super) off: BTreeMap<NaiveDate, String>,
    pub(super) working_weekends: BTreeSet<NaiveDate>,
    id: String,
    version: String,
    sha256: String,
    estimated: Vec<NaiveDate>,
}

impl Calendar {
    /// Checks a file that was read; `sha256` is the digest of its text, in hex.
    ///
    /// # Errors
    /// Kind `Config` (exit 6) with the first date that cannot be right: listed twice, outside the known
    /// span, a worked weekend day that is no weekend, a substitute for nothing, a year without a holiday.
    pub fn from_raw(raw: RawCalendar, sha256: String) -> Result<Self> {
        let calendar = Self {
            known_from: raw.known_from.0,
            known_until: raw.known_until.0,
            off: days_off(&raw.days_off)?,
            working_weekends: raw.working_weekends.iter().map(|day| day.date.0).collect(),
            estimated: raw.days_off.iter().filter(|day| day.estimated).map(|day| day.date.0).collect(),
            id: raw.id,
            version: raw.version,
            sha256,
        };
        calendar.check_span()?;
        raw.working_weekends.iter().try_for_each(|day| calendar.check_working_weekend(day))?;
        raw.days_off.iter().try_for_each(|day| calendar.check_day_off(day))?;
        Ok(calendar)
    }

    /// Name of the calendar, e.g. `kz-calendar`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Version of the file, recorded with every due date.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Digest of the file's text, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The first day known.
    pub fn known_from(&self) -> NaiveDate {
        self.known_from
    }

    /// The last day known.
    pub fn known_until(&self) -> NaiveDate {
        self.known_until
    }

    /// Days off that are computed and not announced yet, in order.
    pub fn estimated(&self) -> &[NaiveDate] {
        &self.estimated
    }

    /// A year with no holiday at all is a file cut short, and would count every weekday as working.
    fn check_span(&self) -> Result<()> {
        let (from, until) = (self.known_from, self.known_until);
        if from > until {
            return Err(wrong(format!("`known_from` {from} is after `known_until` {until}")));
        }
        let holidays: BTreeSet<i32> = self.off.keys().map(Datelike::year).collect();
        match (from.year()..=until.year()).find(|year| !holidays.contains(year)) {
            Some(year) => {
                Err(wrong(format!("no day off is listed for {year}, which the file says it knows")))
            }
            None => self.check_inside(),
        }
    }

    fn check_inside(&self) -> Result<()> {
        let known = self.known_from..=self.known_until;
        let mut listed = self.off.keys().chain(&self.working_weekends);
        match listed.find(|day| !known.contains(day)) {
            Some(day) => Err(wrong(format!("{day} lies outside the known span"))),
            None => Ok(()),
        }
    }

    fn check_day_off(&self, day: &RawDayOff) -> Result<()> {
        let date = day.date;
        if day.name.trim().is_empty() || day.source.trim().is_empty() {
            return Err(wrong(format!("{date} needs a `name` and a `source`")));
        }
        let Some(instead_of) = day.instead_of else { return Ok(()) };
        let moved = self.off.contains_key(&instead_of.0) || self.working_weekends.contains(&instead_of.0);
        if !is_weekend(instead_of.0) || !moved {
            let message =
                format!("{date} stands for {instead_of}, which is neither a holiday on a weekend nor worked");
            return Err(wrong(message));
        }
        Ok(())
    }

    fn check_working_weekend(&self, day: &RawWorkingWeekend) -> Result<()> {
        let (date, instead_of) = (day.date, day.instead_of);
        if !is_weekend(date.0) || self.off.contains_key(&date.0) {
            return Err(wrong(format!(
                "{date} cannot be a worked weekend day: it is a weekday or a day off"
            )));
        }
        if !self.off.contains_key(&instead_of.0) {
            return Err(wrong(format!(
                "{date} is worked instead of {instead_of}, which is not listed as a day off"
            )));
        }
        Ok(())
    }
}

/// Each day with the reason that a reader sees.
fn days_off(listed: &[RawDayOff]) -> Result<BTreeMap<NaiveDate, String>> {
    let mut off = BTreeMap::new();
    for day in listed {
        let instead_of = day.instead_of.map(|date| format!(" (instead of {date})")).unwrap_or_default();
        let estimated = if day.estimated { " (estimated)" } else { "" };
        if off.insert(day.date.0, format!("{}{instead_of}{estimated}", day.name)).is_some() {
            return Err(wrong(format!("{} is listed twice", day.date)));
        }
    }
    Ok(off)
}

fn wrong(message: String) -> Error {
    Error::config(format!("the calendar is not usable: {message}"))
        .hint("correct `kz.calendar.yaml`, or leave `--policies` out to use the one that came with `dsr`")
}

#[cfg(test)]
mod tests {
    use super::super::{RawDate, sample};
    use super::*;
    use crate::domain::Kind;

    #[test]
    fn the_shipped_calendar_is_sound() {
        let calendar = sample::calendar();
        assert_eq!((calendar.id(), calendar.off.len()), ("kz-calendar", 97));
        assert_eq!(calendar.estimated(), [sample::date("2027-05-16"), sample::date("2028-05-05")]);
    }

    #[test]
    fn mistakes_in_the_file_are_named() {
        type Spoil = fn(&mut RawCalendar);
        let cases: [(&str, Spoil); 9] = [
            ("2024-01-01 is listed twice", |raw| raw.days_off.push(raw.days_off[0].clone())),
            ("2023-01-01 lies outside", |raw| raw.days_off[0].date = RawDate(sample::date("2023-01-01"))),
            ("is after `known_until`", |raw| raw.known_until = RawDate(sample::date("2020-01-01"))),
            ("listed for 2029", |raw| raw.known_until = RawDate(sample::date("2029-12-31"))),
            ("listed for 2024", |raw| raw.days_off.clear()),
            ("2024-01-01 needs a `name`", |raw| raw.days_off[0].name = " ".into()),
            ("stands for 2024-01-03", |raw| {
                raw.days_off[0].instead_of = Some(RawDate(sample::date("2024-01-03")));
            }),
            ("2024-05-03 cannot be", |raw| {
                raw.working_weekends[0].date = RawDate(sample::date("2024-05-03"))
            }),
            ("instead of 2024-05-10", |raw| {
                raw.working_weekends[0].instead_of = RawDate(sample::date("2024-05-10"));
            }),
        ];
        for (says, spoil) in cases {
            let mut raw = sample::raw();
            spoil(&mut raw);
            let error =
                Calendar::from_raw(raw, String::new()).map(|_| ()).map_err(|e| (e.kind(), e.to_string()));
            assert!(matches!(&error, Err((Kind::Config, text)) if text.contains(says)), "{says}: {error:?}");
        }
    }

    #[test]
    fn unknown_words_are_refused() {
        for (word, other) in
            [("known_until", "known_untill"), ("five_day", "six_day"), ("2024-05-08", "08.05.2024")]
        {
            let text = sample::TEXT.replace(word, other);
            assert!(serde_yaml::from_str::<RawCalendar>(&text).is_err(), "{other}");
        }
    }
}
