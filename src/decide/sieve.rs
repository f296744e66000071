//! What the nightly run has to look at: a necessary condition for each category, computed from the rules.
//!
//! SQL narrows by this, Rust decides. Whatever [`super::nightly::fate`] would touch passes the sieve (a
//! property test holds the two together); what passes need not be due. A rule of a form that cannot be
//! narrowed lets its whole category through, so a new word of the language costs time, never a record.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::{
    domain::{Category, Moment, Scope},
    policy::{
        Rulebook,
        body::Keep,
        model::{CategoryDef, Document},
        until::{Elapsed, Event, Length, Until, When},
    },
};

/// What to look at in one category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sieve {
    /// Records with a date to count from before this instant.
    pub before: Option<Moment>,
    /// Records whose purpose was reached.
    pub reached: bool,
    /// Records given by others than the person: an old contact judges them however fresh they are.
    pub given_by_others: bool,
    /// Records of people who withdrew a consent of these scopes.
    pub withdrawn: BTreeSet<Scope>,
    /// Records of people with a consent of this scope given before the instant, or past its own end.
    pub consents: BTreeMap<Scope, Moment>,
    /// Records of people without any consent of these scopes: what a rule counts from is missing.
    pub unconsented: BTreeSet<Scope>,
    /// Every record: a rule that nothing narrows.
    pub everything: bool,
    /// No rule can ever match: all of it is a gap, and a count says so.
    pub gap: bool,
}

/// The sieve of a controller on one day.
#[derive(Clone, Debug)]
pub struct Sieves {
    /// By category, for those that are personal data and known to the policy.
    pub of: BTreeMap<Category, Sieve>,
    /// Categories that are no personal data, so nothing to look at.
    pub outside: BTreeSet<Category>,
    /// People who gave data under this age need a look.
    pub under: Option<u32>,
    /// The day.
    pub today: NaiveDate,
}

/// Makes the sieve of a controller for one day.
pub fn sieves(rulebook: &Rulebook, today: NaiveDate) -> Sieves {
    let personal = rulebook.categories().iter().filter(|def| def.personal);
    let outside = rulebook.categories().iter().filter(|def| !def.personal);
    Sieves {
        of: personal.map(|def| (def.id.clone(), sieve(def, rulebook, today))).collect(),
        outside: outside.map(|def| def.id.clone()).collect(),
        under: rulebook.minors().map(|(_, minors)| minors.under),
        today,
    }
}

/// Whether some rule counts from the last contact: then its date must outlive the record that told it.
pub fn counts_contacts(rulebook: &Rulebook, today: NaiveDate) -> bool {
    sieves(rulebook, today).of.values().any(|sieve| sieve.given_by_others)
}

fn sieve(def: &CategoryDef, rulebook: &Rulebook, today: NaiveDate) -> Sieve {
    let about = |keep: &&Keep| keep.categories.is_empty() || keep.categories.contains(&def.id);
    let possible = |keep: &&Keep| keep.when.iter().all(|when| may_hold(when, def));
    let keeps: Vec<&Keep> =
        rulebook.keeps(today).map(|(_, keep)| keep).filter(about).filter(possible).collect();
    let always_ends = keeps.iter().any(|keep| keep.when.is_empty() && keep.at_most.is_some());
    let mut sieve = Sieve { gap: keeps.is_empty(), ..Sieve::default() };
    for keep in keeps {
        keep.at_most.iter().for_each(|until| sieve.add(until, today));
        // Where something else always ends it, the end of a law's term alone ends nothing.
        keep.at_least.iter().filter(|_| !always_ends).for_each(|until| sieve.add(until, today));
        keep.at_most.iter().chain(&keep.at_least).for_each(|until| sieve.missing(until, keep, def));
    }
    sieve
}

/// Whether a condition can hold for some record of the category.
fn may_hold(when: &When, def: &CategoryDef) -> bool {
    match when {
        When::InDocument => def.document != Document::Never,
        When::NotInDocument => def.document != Document::Always,
        When::LinkedToObligation | When::NotLinkedToObligation | When::LinkedToConsent(_) => true,
    }
}

impl Sieve {
    fn add(&mut self, until: &Until, today: NaiveDate) {
        match until {
            Until::EarliestOf(parts) | Until::LatestOf(parts) => {
                parts.iter().for_each(|part| self.add(part, today));
            }
            Until::ConsentWithdrawn(scope) => drop(self.withdrawn.insert(*scope)),
            Until::Elapsed(elapsed) => self.elapsed(elapsed, today),
            Until::PurposeReached => self.reached = true,
            Until::TaxYears(tax) => {
                let years = i32::try_from(tax.count).unwrap_or(i32::MAX);
                let year = today.year().saturating_sub(years).saturating_add(1);
                self.until(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(today));
                self.event(tax.after);
            }
            Until::ConsentElapsed(life) => {
                let day = latest_start(life.length, today);
                let before = Moment::start_of(day);
                let known = self.consents.entry(life.scope).or_insert(before);
                *known = before.max(*known);
                self.until(day);
            }
        }
    }

    /// What a rule counts from may be missing however fresh the record is, and that has to be told.
    fn missing(&mut self, until: &Until, keep: &Keep, def: &CategoryDef) {
        match until {
            Until::EarliestOf(parts) | Until::LatestOf(parts) => {
                parts.iter().for_each(|part| self.missing(part, keep, def));
            }
            Until::ConsentElapsed(life) => {
                let linked = keep.when.contains(&When::LinkedToConsent(life.scope));
                if !linked || def.consent == Some(life.scope) {
                    self.unconsented.insert(life.scope);
                }
            }
            Until::Elapsed(elapsed) => {
                self.everything |= elapsed.after.iter().chain(&elapsed.or_after).all(may_be_missing);
            }
            Until::TaxYears(tax) => self.everything |= may_be_missing(&tax.after),
            Until::ConsentWithdrawn(_) | Until::PurposeReached => {}
        }
    }

    fn elapsed(&mut self, elapsed: &Elapsed, today: NaiveDate) {
        self.until(latest_start(elapsed.length, today));
        elapsed.after.iter().chain(&elapsed.or_after).for_each(|event| self.event(*event));
    }

    /// The record's own dates are in its earliest start; the others need a look of their own.
    fn event(&mut self, event: Event) {
        match event {
            Event::Collected | Event::Document | Event::PurposeReached => {}
            Event::LastContactBySubject => self.given_by_others = true,
            Event::ConsentGiven | Event::ObligationClosed => self.everything = true,
        }
    }

    fn until(&mut self, day: NaiveDate) {
        let before = Moment::start_of(day);
        self.before = Some(self.before.map_or(before, |known| known.max(before)));
    }
}

/// Whether an event can be unknown, where others have happened or not.
fn may_be_missing(event: &Event) -> bool {
    match event {
        Event::LastContactBySubject | Event::ConsentGiven | Event::ObligationClosed => true,
        Event::Collected | Event::Document | Event::PurposeReached => false,
    }
}

/// A day after the last one from which the length is over by today. Three days cover every clamping.
fn latest_start(length: Length, today: NaiveDate) -> NaiveDate {
    let back = match length {
        Length::Years(n) => today.checked_sub_months(Months::new(n.saturating_mul(12))),
        Length::Months(n) => today.checked_sub_months(Months::new(n)),
        Length::Days(n) => today.checked_sub_days(Days::new(u64::from(n))),
    };
    back.unwrap_or(NaiveDate::MIN).checked_add_days(Days::new(4)).unwrap_or(today)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::policy::Library;

    fn of(controller: &str, category: &str) -> Sieve {
        let rulebook = Library::embedded().rulebook(controller).unwrap();
        sieves(&rulebook, "2026-11-22".parse().unwrap()).of[&Category::from(category)].clone()
    }

    #[test]
    fn each_category_is_narrowed_by_its_rules() {
        let before = |day: &str| Some(Moment::start_of(day.parse().unwrap()));
        let technical = of("automaster", "technical");
        assert_eq!(technical, Sieve { before: before("2024-11-26"), ..Sieve::default() });
        let contact = of("automaster", "contact");
        assert_eq!((contact.before, contact.given_by_others), (before("2023-11-26"), true));
        assert_eq!(contact.withdrawn, [Scope::Processing].into());
        assert_eq!(of("automaster", "service").before, before("2022-01-01"));
        assert!(of("automaster", "account").reached && of("automaster", "account").before.is_none());
        let cookie = of("mycar", "cookie");
        assert!(cookie.reached && cookie.withdrawn == [Scope::Cookie].into());
        assert_eq!(cookie.consents.get(&Scope::Cookie).copied(), before("2025-10-26"));
        assert!(of("mycar", "contract").reached && of("mycar", "contract").before.is_none());
        for controller in ["mycar", "automaster"] {
            assert!(of(controller, "unlisted").gap, "{controller}");
        }
    }

    #[test]
    fn no_shipped_rule_lets_a_whole_category_through() {
        for controller in ["mycar", "automaster"] {
            let rulebook = Library::embedded().rulebook(controller).unwrap();
            let all = sieves(&rulebook, "2026-11-22".parse().unwrap());
            assert!(all.of.values().all(|sieve| !sieve.everything), "{controller}");
        }
    }

    #[test]
    fn the_latest_start_is_never_too_early() {
        let start = |n: u64| NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + Days::new(n);
        for length in [Length::Years(2), Length::Years(3), Length::Months(13), Length::Days(30)] {
            for n in 0..1500 {
                let end = length.after(start(n));
                assert!(start(n) < latest_start(length, end), "{length} after {}", start(n));
            }
        }
    }
}
