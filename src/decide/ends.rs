//! When a retention rule's day comes for one record: the language of `policy::until`, evaluated.

use chrono::{Datelike, NaiveDate};

use super::consents;
use crate::{
    domain::{Moment, Record, SubjectFacts},
    policy::until::{Elapsed, Event, Until},
};

/// The answer of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// On this day, past or future.
    On(NaiveDate),
    /// The event it waits for has not happened.
    NotYet,
    /// A date that it counts from is missing: what, in words.
    Missing(&'static str),
}

/// The record, its person and the day on which it is asked.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub record: &'a Record,
    pub facts: &'a SubjectFacts,
    pub today: NaiveDate,
}

impl Seen<'_> {
    /// The day of a rule.
    pub fn ends(self, until: &Until) -> Ends {
        match until {
            Until::EarliestOf(parts) => earliest(parts.iter().map(|part| self.ends(part)), self.today),
            Until::LatestOf(parts) => latest(parts.iter().map(|part| self.ends(part))),
            Until::ConsentWithdrawn(scope) => {
                let at = consents::withdrawn(self.record, self.facts, *scope);
                at.map_or(Ends::NotYet, |at| Ends::On(at.day()))
            }
            Until::Elapsed(elapsed) => self.elapsed(elapsed),
            Until::PurposeReached => self.event(Event::PurposeReached),
            Until::TaxYears(tax) => on(self.event(tax.after), |day| last_of_year(day, tax.count)),
            Until::ConsentElapsed(life) => {
                let day = consents::elapsed(self.record, self.facts, life.scope, life.length);
                day.map_or(Ends::Missing("the consent it rests on"), Ends::On)
            }
        }
    }

    /// The latest known of the events; where none is known, the one that stands in for them.
    fn elapsed(self, elapsed: &Elapsed) -> Ends {
        let events = || elapsed.after.iter().map(|event| self.event(*event));
        let known = events().filter_map(Ends::day).max();
        let start = match (known, elapsed.or_after) {
            (Some(day), _) => Ends::On(day),
            (None, Some(event)) => self.event(event),
            (None, None) => latest(events()),
        };
        on(start, |day| elapsed.length.after(day))
    }

    fn event(self, event: Event) -> Ends {
        let record = self.record;
        let or = |moment: Option<Moment>, or: Ends| moment.map_or(or, |at| Ends::On(at.day()));
        match event {
            Event::Collected => or(self.collected_at(), Ends::Missing("the date of collection")),
            Event::Document => {
                or(record.document_at.or(self.collected_at()), Ends::Missing("the date of the document"))
            }
            Event::PurposeReached => or(record.purpose_reached_at, Ends::NotYet),
            Event::LastContactBySubject => {
                or(self.last_contact(), Ends::Missing("the date of the last contact"))
            }
            Event::ConsentGiven => {
                let linked = consents::linked(record, self.facts).map(|consent| consent.given_at);
                or(linked, Ends::Missing("the consent it rests on"))
            }
            Event::ObligationClosed => self.obligation_closed(),
        }
    }

    /// A form the person filled in is a contact too: it counts where the source system names none for
    /// this record, so that fresh data is never judged by an old contact alone. Another system may not know who
    /// gave it.
    fn last_contact(self) -> Option<Moment> {
        let record = self.record;
        let form = record.last_contact_at.is_none() && matches!(record.given_by.as_str(), "self" | "");
        let known = self.facts.last_contact()?;
        Some(self.collected_at().filter(|_| form).map_or(known, |at| known.max(at)))
    }

    /// Another system may not know it.
    fn collected_at(self) -> Option<Moment> {
        (!self.record.caveats.undated).then_some(self.record.collected_at)
    }

    fn obligation_closed(self) -> Ends {
        let reference = self.record.obligation.as_deref();
        let found = self.facts.obligations.iter().find(|o| Some(o.reference.as_str()) == reference);
        match found.map(|obligation| obligation.closed_at) {
            Some(Some(at)) => Ends::On(at.day()),
            Some(None) => Ends::NotYet,
            None => Ends::Missing("the obligation it serves"),
        }
    }
}

impl Ends {
    /// The day, where one is known.
    pub fn day(self) -> Option<NaiveDate> {
        if let Self::On(day) = self { Some(day) } else { None }
    }
}

/// The earliest of several. A day that has come decides whatever else is missing; before it, a
/// missing date leaves the question open.
pub(super) fn earliest(parts: impl Iterator<Item = Ends>, today: NaiveDate) -> Ends {
    let mut day: Option<NaiveDate> = None;
    let mut missing = None;
    for part in parts {
        match part {
            Ends::On(end) => day = Some(day.map_or(end, |day| day.min(end))),
            Ends::Missing(what) => missing = missing.or(Some(what)),
            Ends::NotYet => {}
        }
    }
    match (day, missing) {
        (Some(day), _) if day <= today => Ends::On(day),
        (_, Some(what)) => Ends::Missing(what),
        (Some(day), None) => Ends::On(day),
        (None, None) => Ends::NotYet,
    }
}

/// The latest of several: open while any of them is.
fn latest(parts: impl Iterator<Item = Ends>) -> Ends {
    let mut answer = Ends::NotYet;
    let mut missing = None;
    for part in parts {
        match (part, answer) {
            (Ends::NotYet, _) => return Ends::NotYet,
            (Ends::Missing(what), _) => missing = missing.or(Some(what)),
            (Ends::On(end), Ends::On(day)) => answer = Ends::On(day.max(end)),
            (Ends::On(end), _) => answer = Ends::On(end),
        }
    }
    missing.map_or(answer, Ends::Missing)
}

fn on(start: Ends, day: impl FnOnce(NaiveDate) -> NaiveDate) -> Ends {
    if let Ends::On(start) = start { Ends::On(day(start)) } else { start }
}

/// 31 December of the n-th year after a day's calendar year, which is its tax period.
fn last_of_year(day: NaiveDate, years: u32) -> NaiveDate {
    let year = day.year().saturating_add(i32::try_from(years).unwrap_or(i32::MAX));
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX)
}
