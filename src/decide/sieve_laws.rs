//! The sieve holds back nothing that the nightly run would touch, whatever the person, the rules and the day.

use chrono::{Datelike, Days, Months, NaiveDate};
use proptest::prelude::*;

pub(crate) use super::cast::rules;
use super::{
    cast,
    invariants::facts,
    nightly::{Fate, fate},
    sieve::{Sieve, Sieves, sieves},
};
use crate::domain::{
    Contact, Identifier, IdentifierType, Moment, Record, Right, SubjectFacts, facts::CaseSummary,
};

/// What the questions of `store::expire` ask of a record and its person, in the words of Rust.
fn passes(sieves: &Sieves, record: &Record, facts: &SubjectFacts) -> bool {
    if let Some(until) = record.archived_until {
        return until < sieves.today;
    }
    let of_category =
        sieves.of.get(&record.category).is_some_and(|sieve| picks(sieve, sieves, record, facts));
    of_category || sieves.under.is_some_and(|under| gave_young(facts, under))
}

fn picks(sieve: &Sieve, sieves: &Sieves, record: &Record, facts: &SubjectFacts) -> bool {
    let tomorrow = Moment::start_of(sieves.today + Days::new(1));
    let by_others = record.given_by != "self" && record.last_contact_at.is_none();
    sieve.everything
        || sieve.before.is_some_and(|before| start(record) < before)
        || sieve.reached && record.purpose_reached_at.is_some()
        || sieve.given_by_others && by_others
        || sieve.unconsented.iter().any(|scope| facts.consents.iter().all(|c| c.scope != *scope))
        || facts.consents.iter().any(|consent| {
            let old = |before: &Moment| {
                consent.given_at < *before || consent.expires_at.is_some_and(|end| end < tomorrow)
            };
            consent.withdrawn_at.is_some() && sieve.withdrawn.contains(&consent.scope)
                || sieve.consents.get(&consent.scope).is_some_and(old)
        })
}

/// `record.start_at`.
fn start(record: &Record) -> Moment {
    let others = [record.last_contact_at, record.document_at, record.purpose_reached_at, record.activity_at];
    others.into_iter().flatten().fold(record.collected_at, Moment::min)
}

/// A month is left to the judge: who turned of age in it is looked at too.
fn gave_young(facts: &SubjectFacts, under: u32) -> bool {
    let first = facts.records.iter().map(|record| record.collected_at.day()).min();
    let adult = facts.birth_date().and_then(|born| born.checked_add_months(Months::new(under * 12 + 1)));
    first.zip(adult).is_some_and(|(first, adult)| first <= adult)
}

fn moment() -> impl Strategy<Value = Moment> {
    (1_262_304_000_i64..1_950_000_000).prop_map(Moment::from_unix)
}

fn maybe() -> impl Strategy<Value = Option<Moment>> {
    prop::option::of(moment())
}

type Dates = (Moment, Option<Moment>, Option<Moment>, Option<Moment>, Option<Moment>, usize);

fn dates() -> impl Strategy<Value = Dates> {
    (moment(), maybe(), maybe(), maybe(), maybe(), 0..3_usize)
}

fn spread(record: &mut Record, dates: Dates) {
    let (collected, contact, document, reached, activity, given_by) = dates;
    record.collected_at = collected;
    record.last_contact_at = contact;
    record.document_at = document;
    record.purpose_reached_at = reached;
    record.activity_at = activity;
    record.given_by = ["self", "parent", "partner"][given_by].into();
}

prop_compose! {
    /// The people of the invariants, with every date that a rule may count from.
    pub(crate) fn person()(
        mut facts in facts(),
        of_records in prop::collection::vec(dates(), 12),
        of_consents in prop::collection::vec((moment(), maybe(), maybe(), 0..2_usize), 4),
        contacts in prop::collection::vec((moment(), any::<bool>()), 0..3),
        born in prop::option::of(moment()), by_number in any::<bool>(), asked in prop::option::of(moment()),
    ) -> SubjectFacts {
        facts.records.iter_mut().zip(of_records).for_each(|(record, dates)| spread(record, dates));
        for (consent, (given, withdrawn, expires, by)) in facts.consents.iter_mut().zip(of_consents) {
            consent.given_at = given;
            consent.withdrawn_at = consent.withdrawn_at.and(withdrawn);
            consent.expires_at = expires;
            consent.given_by = ["self", "parent"][by].into();
        }
        facts.contacts = contacts.into_iter().map(|(at, inbound)| Contact { at, inbound }).collect();
        facts.born = born.map(Moment::day).filter(|_| !by_number);
        facts.identifiers.extend(born.filter(|_| by_number).and_then(|born| iin(born.day())));
        if let Some(received) = asked {
            cast::case(&mut facts, Right::Access, "received");
            facts.cases.iter_mut().for_each(|case: &mut CaseSummary| case.received = received);
        }
        facts
    }
}

/// A number of somebody born on a day; a few days have none with this serial.
fn iin(born: NaiveDate) -> Option<Identifier> {
    let century = if born.year() < 2000 { 3 } else { 5 };
    (0..10).find_map(|check| {
        let digits = format!("{}{century}9900{check}", born.format("%y%m%d"));
        Identifier::parse(IdentifierType::Iin, &digits).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn what_the_night_would_touch_passes_the_sieve(facts in person(), today in moment()) {
        let (rulebook, today) = (cast::rules(&facts), today.day());
        let sieves = sieves(rulebook, today);
        for record in &facts.records {
            let touched = match fate(record, &facts, rulebook, today) {
                Fate::Destroy(_) | Fate::Archive(..) | Fate::Held(..) => true,
                // A category of which no rule speaks is counted whole, without a look.
                Fate::Gap(_) => sieves.of.get(&record.category).is_some_and(|sieve| !sieve.gap),
                Fate::Stays => false,
            };
            let fate = fate(record, &facts, rulebook, today);
            prop_assert!(!touched || passes(&sieves, record, &facts), "{today} {record:?} {fate:?}");
        }
    }
}
