//! Objection: purposes stop, and stay stopped after the data is gone or comes again.
//!
//! No ground is asked for. Whoever stops advertising stops all messages; those about an open deal go
//! on and are named. Consents are not withdrawn by it, so that taking it back needs no new one.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    by_hand::{manual, suppress},
    draft::{Draft, Request},
    guard::{Guard, guard},
    purposes::{self, Stop},
    reasons,
    recipients::{self, News},
    retention,
};
use crate::{
    domain::{
        Action, Gap, IdentifierType, Moment, Plan, Purpose, Reason, RecordKey, Right, Step, SubjectFacts,
        Suppression, Waiting,
    },
    policy::{Rulebook, vocabulary::Class},
};

/// What is objected to.
#[derive(Clone, Debug, Default)]
pub struct Objection {
    /// The purposes; none = every one that no contract and no law needs.
    pub purposes: Vec<Purpose>,
    /// The objection is taken back.
    pub lift: bool,
    /// The last day the law leaves for the answer, shown beside what waits.
    pub statutory: Option<NaiveDate>,
    /// The day of receipt: its edition of the law grants it; `None` = today.
    pub received: Option<NaiveDate>,
}

/// Decides an objection, or its end.
pub fn object(facts: &SubjectFacts, rulebook: &Rulebook, ask: &Objection, now: Moment) -> Plan {
    let draft = Draft::new(rulebook, Request::Withdrawal, ask.statutory);
    if ask.lift { lift(draft, facts, rulebook, ask, now) } else { stop(draft, facts, rulebook, ask, now) }
}

fn stop(
    mut draft: Draft<'_>,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    ask: &Objection,
    now: Moment,
) -> Plan {
    let stops = stops(facts, rulebook, ask);
    let fresh = purposes::fresh(facts, &stops);
    let ends = Stop { facts, rulebook, now, purposes: stops, consents: BTreeSet::new() };
    let why = right(rulebook, &ends.purposes, ask.received.unwrap_or(now.day()));
    needed(&mut draft, facts, rulebook, ask, now);
    for record in facts.records.iter().filter(|record| ends.leaves_nothing(record)) {
        let ground = reasons::ground_gone(rulebook, now.day()).unwrap_or_else(|| why.clone());
        let lost = || reasons::meaning(&ground, "the last purpose that this data served was objected to");
        draft.end(record, guard(record, facts, rulebook, now.day()), None, lost);
    }
    suppress(&mut draft, &fresh, &why);
    if !draft.is_idle() {
        tell(&mut draft, facts, &fresh, &why);
        name_the_deals(&mut draft, facts, rulebook, &fresh, &why);
    }
    draft.finish(fresh.is_empty() && !ends.purposes.is_empty())
}

/// What stops: as in a withdrawal, what a contract carries only where none is open.
fn stops(facts: &SubjectFacts, rulebook: &Rulebook, ask: &Objection) -> Vec<Purpose> {
    if ask.purposes.is_empty() {
        return purposes::of_classes(rulebook, &[Class::Consent, Class::Fraud]);
    }
    let open = facts.open_obligations().next().is_some();
    let mut asked = purposes::with_messages(rulebook, &ask.purposes);
    asked.retain(|word| match purposes::class(rulebook, word) {
        Class::Consent | Class::Fraud => true,
        Class::Contract => !open,
        Class::Legal => false,
    });
    asked
}

/// Advertising is stopped by the clause on messages, the rest by that on objection.
fn right(rulebook: &Rulebook, stops: &[Purpose], received: NaiveDate) -> Reason {
    let messages = purposes::messages(rulebook);
    let only_messages = !stops.is_empty() && stops.iter().all(|word| purposes::covered(word, messages));
    let right = if only_messages { Right::OptOut } else { Right::Object };
    reasons::granted(rulebook, right, received)
}

/// Records whose asked purposes a law or an open deal needs.
fn needed(draft: &mut Draft<'_>, facts: &SubjectFacts, rulebook: &Rulebook, ask: &Objection, now: Moment) {
    for record in &facts.records {
        let asked = || record.purposes.iter().filter(|word| purposes::covered(word, &ask.purposes));
        if asked().any(|word| purposes::class(rulebook, word) == Class::Legal) {
            let why = reasons::refusal(rulebook, "RF-LAW", "a law demands it");
            draft.keep(Action::Suppress, record, None, why);
        } else if asked().any(|word| purposes::class(rulebook, word) == Class::Contract)
            && let Guard::Obligation(deal) = guard(record, facts, rulebook, now.day())
        {
            draft.keep(Action::Suppress, record, None, reasons::open_deal(rulebook, deal));
            let (on, reopens) = (Waiting::Obligation(deal.reference.clone()), reasons::end_of(deal));
            draft.wait(on, reopens, &[record.key], &[]);
        }
    }
}

fn tell(draft: &mut Draft<'_>, facts: &SubjectFacts, fresh: &[Purpose], why: &Reason) {
    let news = News { categories: draft.destroyed(), purposes: fresh, ..News::default() };
    let why = reasons::meaning(why, "those who received the data are told that the purpose stopped");
    recipients::told(facts, &news, &why).into_iter().for_each(|step| draft.step(step));
}

/// Messages about an open deal are no advertising: they continue, and the answer says so.
fn name_the_deals(
    draft: &mut Draft<'_>,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    fresh: &[Purpose],
    why: &Reason,
) {
    let messages = purposes::messages(rulebook);
    let Some(contact) = rulebook.identifier_category(IdentifierType::Phone) else { return };
    if !fresh.iter().any(|word| purposes::covered(word, messages)) {
        return;
    }
    for deal in facts.open_obligations() {
        let needs = |of: &&crate::domain::Record| {
            let obligation = retention::open_obligation(of, facts, rulebook).map(|(needs, _)| needs.id);
            of.category == *contact && obligation == Some(deal.id)
        };
        let says = format!("service messages continue: {}", reasons::deal(deal));
        let why = reasons::meaning(why, &says);
        for record in facts.records.iter().filter(needs) {
            if !draft.plan.kept.iter().any(|kept| kept.keys.contains(&record.key)) {
                draft.keep(Action::Suppress, record, None, why.clone());
            }
        }
    }
}

/// Suppressions end; what they stopped may go on where something else still carries it.
fn lift(
    mut draft: Draft<'_>,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    ask: &Objection,
    now: Moment,
) -> Plan {
    let asked = purposes::with_messages(rulebook, &ask.purposes);
    let ends = |one: &&Suppression| ask.purposes.is_empty() || purposes::covered(&one.purpose, &asked);
    let why = reasons::meaning(
        &right(rulebook, &asked, ask.received.unwrap_or(now.day())),
        "the person takes the objection back",
    );
    for one in facts.suppressions.iter().filter(ends) {
        let step = Step::new(Action::Unblock, "suppression", why.clone());
        let keys = vec![RecordKey { id: one.id, version: 0 }];
        draft.step(Step { keys, about: vec![one.purpose.to_string()], ..step });
        if purposes::class(rulebook, &one.purpose) == Class::Consent && !consented(facts, &one.purpose, now) {
            let task = format!("{} needs a new consent before it begins again", one.purpose);
            draft.step(manual(&task, why.clone()));
        }
    }
    for word in &ask.purposes {
        let wider = facts.suppressions.iter().find(|one| word != &one.purpose && word.is_under(&one.purpose));
        if let Some(wider) = wider {
            let missing = format!("{word} is stopped as part of {0}: only {0} can be lifted", wider.purpose);
            draft.plan.gaps.push(Gap { category: None, keys: Vec::new(), missing });
        }
    }
    draft.finish(false)
}

fn consented(facts: &SubjectFacts, purpose: &Purpose, now: Moment) -> bool {
    let standing = facts.consents.iter().filter(|consent| purposes::in_force(consent, now));
    standing.into_iter().any(|consent| purposes::covered(purpose, &consent.purposes))
}
