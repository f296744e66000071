//! What the coming nights will destroy, if nothing happens: night by night, by what the nightly run decides.
//!
//! What goes one night is no fact of the next, but for the date of a contact that it told of.

use chrono::{Days, NaiveDate};

use super::{
    nightly::{Fate, fate},
    sieve::counts_contacts,
};
use crate::{
    domain::{Category, Reason, Record, SubjectFacts},
    policy::Rulebook,
};

/// One record that will go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The night.
    pub night: NaiveDate,
    /// Its category.
    pub category: Category,
    /// The rule that ends it.
    pub why: Reason,
}

/// What `nights` nights from `first` on destroy of one person, in order.
pub fn forecast(facts: &SubjectFacts, rulebook: &Rulebook, first: NaiveDate, nights: u16) -> Vec<Expiry> {
    let last = first.checked_add_days(Days::new(u64::from(nights.saturating_sub(1)))).unwrap_or(first);
    // What is due stays due: where the last night finds nothing, none before it does.
    if !facts.records.iter().any(|record| is_due(record, facts, rulebook, last)) {
        return Vec::new();
    }
    let mut facts = facts.clone();
    let nights = first.iter_days().take(usize::from(nights));
    nights.flat_map(|night| one_night(&mut facts, rulebook, night)).collect()
}

fn one_night(facts: &mut SubjectFacts, rulebook: &Rulebook, night: NaiveDate) -> Vec<Expiry> {
    let fates: Vec<Fate> = facts.records.iter().map(|record| fate(record, facts, rulebook, night)).collect();
    let mut gone = Vec::new();
    let mut left = Vec::new();
    let lasts = counts_contacts(rulebook, night);
    for (mut record, fate) in std::mem::take(&mut facts.records).into_iter().zip(fates) {
        match fate {
            Fate::Destroy(why) => {
                // As in the nightly run: the date of a contact outlives the record that told of it.
                let contact = record.last_contact_at.max(record.activity_at).filter(|_| lasts);
                facts.seen_elsewhere = facts.seen_elsewhere.max(contact);
                gone.push(Expiry { night, category: record.category, why });
            }
            Fate::Archive(until, _) => {
                record.archived_until = Some(until);
                left.push(record);
            }
            Fate::Held(..) | Fate::Gap(_) | Fate::Stays => left.push(record),
        }
    }
    facts.records = left;
    gone
}

fn is_due(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook, night: NaiveDate) -> bool {
    matches!(fate(record, facts, rulebook, night), Fate::Destroy(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::{
            cast::{self, everybody, hold, now, rules},
            retention,
        },
        domain::Verdict,
    };

    const NIGHTS: u16 = 40;

    /// Every night of its own, on what the nights before it left.
    fn one_by_one(facts: &SubjectFacts, first: NaiveDate) -> Vec<(NaiveDate, Vec<i64>)> {
        let mut left = facts.clone();
        let mut all = Vec::new();
        for night in first.iter_days().take(usize::from(NIGHTS)) {
            let due = |record: &&Record| is_due(record, &left, rules(facts), night);
            let gone: Vec<i64> = left.records.iter().filter(due).map(|r| r.key.id).collect();
            if counts_contacts(rules(facts), night) {
                let told = left.records.iter().filter(|record| gone.contains(&record.key.id));
                let last = told.flat_map(|r| [r.last_contact_at, r.activity_at]).flatten().max();
                left.seen_elsewhere = left.seen_elsewhere.max(last);
            }
            left.records.retain(|record| !gone.contains(&record.key.id));
            all.push((night, gone));
        }
        all
    }

    #[test]
    fn a_run_on_each_night_destroys_exactly_what_was_forecast() {
        let (mut some, mut later) = (0, 0);
        for facts in everybody() {
            for back in [0, 100, 400, 1_000] {
                let first = now().day() - Days::new(back);
                let expected = forecast(&facts, rules(&facts), first, NIGHTS);
                for (night, gone) in one_by_one(&facts, first) {
                    let said = expected.iter().filter(|expiry| expiry.night == night).count();
                    assert_eq!(said, gone.len(), "{night} {}", facts.subject);
                    some += gone.len();
                    later += if night == first { 0 } else { gone.len() };
                }
            }
        }
        assert!(some > 10 && later > 0, "the cast has nothing that expires: {some}, {later}");
    }

    #[test]
    fn a_run_on_any_night_alone_destroys_what_was_forecast_up_to_it() {
        for facts in everybody() {
            let first = now().day();
            let expected = forecast(&facts, rules(&facts), first, NIGHTS);
            for night in first.iter_days().take(usize::from(NIGHTS)) {
                let due = facts.records.iter().filter(|r| is_due(r, &facts, rules(&facts), night));
                let said = expected.iter().filter(|expiry| expiry.night <= night).count();
                assert!(due.count() <= said, "{night}: what is due without any run is due with runs too");
            }
        }
    }

    #[test]
    fn the_forecast_is_the_verdict_of_the_day() {
        for facts in everybody() {
            let first = now().day();
            let due = |record: &Record| {
                matches!(retention::verdict(record, &facts, rules(&facts), first), Verdict::Destroy { .. })
            };
            let asked = facts.cases.iter().any(|case| case.open);
            let expected = facts.records.iter().filter(|record| due(record) && !asked).count();
            assert_eq!(forecast(&facts, rules(&facts), first, 1).len(), expected, "{}", facts.subject);
        }
    }

    #[test]
    fn what_is_held_is_not_forecast() {
        for mut facts in everybody() {
            hold(&mut facts, None, "court");
            assert_eq!(forecast(&facts, cast::rules(&facts), now().day(), NIGHTS), []);
        }
    }
}
