//! What the ledger of consents says about one record.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::purposes::{covered, reaches};
use crate::{
    domain::{Consent, Moment, Purpose, Record, Scope, SubjectFacts, Suppression},
    policy::{
        Rulebook,
        until::{Length, Until},
    },
};

/// The consent a record names as its footing.
pub(super) fn linked<'a>(record: &Record, facts: &'a SubjectFacts) -> Option<&'a Consent> {
    let reference = record.consent.as_deref()?;
    facts.consents.iter().find(|consent| consent.reference == reference)
}

/// When consent of a scope ended for a record.
///
/// A record that names its consent follows it. Any other ends with the first withdrawal after its
/// collection that left no consent of the scope standing: what a person gives after a withdrawal is
/// not touched by it.
pub(super) fn withdrawn(record: &Record, facts: &SubjectFacts, scope: Scope) -> Option<Moment> {
    if let Some(consent) = linked(record, facts).filter(|consent| consent.scope == scope) {
        return consent.withdrawn_at;
    }
    let of_scope = || facts.consents.iter().filter(|consent| consent.scope == scope);
    let withdrawals = of_scope().filter_map(|consent| consent.withdrawn_at);
    withdrawals.filter(|at| *at >= record.collected_at && !of_scope().any(|c| stands(c, *at))).min()
}

/// Whether consent of a scope stands at a moment, by the scope itself or by the flag of another consent.
pub(super) fn given(facts: &SubjectFacts, scope: Scope, flag: fn(&Consent) -> bool, at: Moment) -> bool {
    facts.consents.iter().any(|consent| stands(consent, at) && (consent.scope == scope || flag(consent)))
}

/// The same for a purpose: a consent that names some covers what lies under these, one that names none covers all, if it is
/// of the scope itself or to processing; a flag on one to something else (cookies, biometric data) covers nothing beside that. Where no
/// purpose is named only one that covers all will do.
pub(super) fn given_for(
    facts: &SubjectFacts,
    (scope, flag): (Scope, fn(&Consent) -> bool),
    purpose: Option<&Purpose>,
    at: Moment,
) -> bool {
    let covers = |consent: &Consent| {
        let named = |word: &Purpose| consent.purposes.iter().any(|given| word.is_under(given));
        let is_wide = consent.scope == scope || consent.scope == Scope::Processing;
        consent.purposes.is_empty() && is_wide || purpose.is_some_and(named)
    };
    let of_scope = |consent: &&Consent| consent.scope == scope || flag(consent);
    facts.consents.iter().filter(of_scope).any(|consent| stands(consent, at) && covers(consent))
}

/// Whether consent to processing was withdrawn and none was given since.
pub fn processing_ended(consents: &[Consent], at: Moment) -> bool {
    let of_scope = || consents.iter().filter(|consent| consent.scope == Scope::Processing);
    of_scope().any(|consent| is_withdrawn(consent, at)) && !of_scope().any(|consent| stands(consent, at))
}

/// The purposes a person has stopped: by a suppression, or by a withdrawal that left no consent to them.
pub(super) fn stopped(facts: &SubjectFacts, at: Moment) -> Vec<Purpose> {
    let suppressed = facts.suppressions.iter().map(|stop| stop.purpose.clone());
    suppressed.chain(withdrawn_purposes(&facts.consents, at)).collect()
}

/// Purposes of consents that were withdrawn, as far as no other consent stands for them.
pub fn withdrawn_purposes(consents: &[Consent], at: Moment) -> Vec<Purpose> {
    let scopes = [Scope::Processing, Scope::Promotion, Scope::ThirdParty];
    let withdrawn = consents.iter().filter(|c| scopes.contains(&c.scope) && is_withdrawn(c, at));
    let standing: Vec<Purpose> =
        consents.iter().filter(|c| stands(c, at)).flat_map(|c| c.purposes.clone()).collect();
    withdrawn
        .flat_map(|consent| &consent.purposes)
        .filter(|word| !covered(word, &standing))
        .cloned()
        .collect()
}

fn is_withdrawn(consent: &Consent, at: Moment) -> bool {
    consent.withdrawn_at.is_some_and(|end| end <= at)
}

fn stands(consent: &Consent, at: Moment) -> bool {
    let ended = |end: Option<Moment>| end.is_some_and(|end| end <= at);
    consent.given_at <= at && !ended(consent.withdrawn_at) && !ended(consent.expires_at)
}

/// What of a consent the person has stopped since they gave it, while the rest of it stands: a part that was withdrawn, or
/// objected to. Its own purposes, or what lies under them, each with the first moment.
pub fn stopped_parts(consent: &Consent, suppressions: &[Suppression]) -> Vec<(Purpose, Moment)> {
    let mut parts = BTreeMap::new();
    if consent.withdrawn_at.is_some() {
        return Vec::new();
    }
    for stop in suppressions.iter().filter(|stop| stop.since >= consent.given_at) {
        let named = consent.purposes.iter().filter(|purpose| purpose.is_under(&stop.purpose)).cloned();
        let finer = reaches(consent, &stop.purpose).then(|| stop.purpose.clone());
        for part in named.chain(finer) {
            let since = parts.entry(part).or_insert(stop.since);
            *since = stop.since.min(*since);
        }
    }
    parts.into_iter().collect()
}

/// Whether every purpose that a consent names is stopped.
pub fn is_stopped(consent: &Consent, parts: &[(Purpose, Moment)]) -> bool {
    let stopped = |purpose: &Purpose| parts.iter().any(|(part, _)| purpose.is_under(part));
    !consent.purposes.is_empty() && consent.purposes.iter().all(stopped)
}

/// Whether a consent is in force: neither withdrawn nor expired, and not over by a rule that ends every consent of its
/// scope after a length. `rulebook`: none where the policy is not here any more.
pub fn in_force(consent: &Consent, rulebook: Option<&Rulebook>, now: Moment) -> bool {
    let today = now.day();
    let mut keeps = rulebook.into_iter().flat_map(|rulebook| rulebook.keeps(today));
    let over = keeps.any(|(_, keep)| {
        keep.at_most.as_ref().and_then(|until| longest(until, consent)).is_some_and(|day| day <= today)
    });
    stands(consent, now) && !over
}

/// The day on which a rule ends a consent by its age alone.
fn longest(until: &Until, consent: &Consent) -> Option<NaiveDate> {
    match until {
        Until::ConsentElapsed(age) if age.scope == consent.scope => Some(life(consent, age.length)),
        Until::EarliestOf(parts) => parts.iter().filter_map(|part| longest(part, consent)).min(),
        Until::LatestOf(parts) => {
            let all: Option<Vec<NaiveDate>> = parts.iter().map(|part| longest(part, consent)).collect();
            all?.into_iter().max()
        }
        _ => None,
    }
}

/// When consent of a scope has lasted its length for a record: from the consent it names, else the
/// last one given before it was collected. A renewal in time starts anew; `None` = there is no consent.
pub(super) fn elapsed(
    record: &Record,
    facts: &SubjectFacts,
    scope: Scope,
    length: Length,
) -> Option<NaiveDate> {
    let mut of_scope: Vec<&Consent> = facts.consents.iter().filter(|c| c.scope == scope).collect();
    of_scope.sort_by_key(|consent| consent.given_at);
    let own = linked(record, facts).filter(|consent| consent.scope == scope);
    let before = of_scope.iter().rfind(|consent| consent.given_at <= record.collected_at).copied();
    let first = own.or(before).or_else(|| of_scope.first().copied())?;
    let mut end = life(first, length);
    for renewal in of_scope.iter().filter(|consent| consent.given_at >= first.given_at) {
        if renewal.given_at.day() <= end {
            end = end.max(life(renewal, length));
        }
    }
    Some(end)
}

/// The end a consent names itself, if it is earlier.
fn life(consent: &Consent, length: Length) -> NaiveDate {
    let longest = length.after(consent.given_at.day());
    consent.expires_at.map_or(longest, |at| at.day().min(longest))
}
