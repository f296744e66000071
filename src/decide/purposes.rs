//! Which purposes stop, and which records have nothing left to stand on.

use std::collections::BTreeSet;

use crate::{
    domain::{Consent, Error, Moment, Purpose, Record, Result, Right, Scope, SubjectFacts, suggest},
    policy::{Rulebook, body::Body, vocabulary::Class},
};

/// Checks purposes that somebody typed.
///
/// # Errors
/// Exit 2 for a word that the policy does not know, with the nearest.
pub fn check(rulebook: &Rulebook, purposes: &[Purpose]) -> Result<()> {
    let Some(unknown) = purposes.iter().find(|purpose| rulebook.purpose(purpose).is_none()) else {
        return Ok(());
    };
    let error = Error::usage(format!("the policy knows no purpose `{unknown}`"));
    let known = || rulebook.policy.purposes.iter().map(|def| def.word.as_str());
    Err(match suggest::nearest(unknown.as_str(), known()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it knows {}", known().collect::<Vec<_>>().join(", "))),
    })
}

/// The class of a purpose. An unknown word counts as a contract's: nothing stops by a slip.
pub(super) fn class(rulebook: &Rulebook, purpose: &Purpose) -> Class {
    rulebook.purpose(purpose).map_or(Class::Contract, |def| def.class)
}

/// Every purpose of some classes, each by its widest word.
pub(super) fn of_classes(rulebook: &Rulebook, classes: &[Class]) -> Vec<Purpose> {
    let all = rulebook.policy.purposes.iter().filter(|def| classes.contains(&def.class));
    widest(all.map(|def| def.word.clone()))
}

/// The purposes that a person stops who wants no more messages: advertising, surveys, partners'.
pub(super) fn messages(rulebook: &Rulebook) -> &[Purpose] {
    let stops = rulebook.policy.rules.iter().find_map(|rule| match &rule.body {
        Body::Right(right) if right.grants.contains(&Right::OptOut) => Some(&*right.stops),
        _ => None,
    });
    stops.unwrap_or_default()
}

/// The same for a list that is mailed or called by; all that rests on consent where the policy names none.
pub fn of_messages(rulebook: &Rulebook) -> Vec<Purpose> {
    match messages(rulebook) {
        [] => of_classes(rulebook, &[Class::Consent]),
        named => named.to_vec(),
    }
}

/// What is asked, with all messages where advertising as a whole is among it.
pub fn with_messages(rulebook: &Rulebook, asked: &[Purpose]) -> Vec<Purpose> {
    let stops = messages(rulebook);
    let as_a_whole = |word: &Purpose| !word.as_str().contains('.') && asked.contains(word);
    let more = if stops.iter().any(as_a_whole) { stops } else { &[] };
    widest(asked.iter().chain(more).cloned())
}

/// Sorted, without those that lie under another.
pub(super) fn widest(words: impl Iterator<Item = Purpose>) -> Vec<Purpose> {
    let all: BTreeSet<Purpose> = words.collect();
    let under = |word: &Purpose| all.iter().any(|other| other != word && word.is_under(other));
    all.iter().filter(|word| !under(word)).cloned().collect()
}

/// Whether a purpose lies under one of a list.
pub fn covered(purpose: &Purpose, list: &[Purpose]) -> bool {
    list.iter().any(|word| purpose.is_under(word))
}

/// Those that no suppression in force stops yet.
pub(super) fn fresh(facts: &SubjectFacts, stops: &[Purpose]) -> Vec<Purpose> {
    let stopped: Vec<Purpose> = facts.suppressions.iter().map(|s| s.purpose.clone()).collect();
    stops.iter().filter(|purpose| !covered(purpose, &stopped)).cloned().collect()
}

/// Whether a consent stands at a moment.
pub(super) fn in_force(consent: &Consent, now: Moment) -> bool {
    consent.withdrawn_at.is_none() && consent.expires_at.is_none_or(|end| now < end)
}

/// Whether a consent reaches a purpose; one that names none reaches all of its scope.
pub(super) fn reaches(consent: &Consent, purpose: &Purpose) -> bool {
    if consent.purposes.is_empty() {
        return consent.scope == Scope::Processing || purpose.is_under(&Purpose::new(consent.scope.as_str()));
    }
    covered(purpose, &consent.purposes)
}

/// What stops, for judging records.
pub(super) struct Stop<'a> {
    pub facts: &'a SubjectFacts,
    pub rulebook: &'a Rulebook,
    pub now: Moment,
    /// Purposes that stop now.
    pub purposes: Vec<Purpose>,
    /// Consents that are withdrawn now, by row.
    pub consents: BTreeSet<i64>,
}

impl Stop<'_> {
    /// Whether nothing is left that a record could stand on.
    pub fn leaves_nothing(&self, record: &Record) -> bool {
        if self.ends_its_nature(record) {
            return true;
        }
        let lost = self.loses_its_consent(record);
        if record.purposes.is_empty() {
            return lost;
        }
        let mut left = record.purposes.iter().filter(|purpose| !self.stopped(purpose)).peekable();
        left.peek().is_none() || lost && left.all(|purpose| self.needs_another_consent(purpose))
    }

    fn stopped(&self, purpose: &Purpose) -> bool {
        let before = self.facts.suppressions.iter().any(|known| purpose.is_under(&known.purpose));
        before || covered(purpose, &self.purposes)
    }

    /// Data of a category that rests on one consent by its nature, as biometric data does.
    fn ends_its_nature(&self, record: &Record) -> bool {
        let scope = self.rulebook.category(&record.category).and_then(|def| def.consent);
        scope.is_some_and(|scope| {
            let of_scope = || self.facts.consents.iter().filter(|consent| consent.scope == scope);
            let ends = of_scope().any(|consent| self.consents.contains(&consent.id));
            ends && !of_scope().any(|consent| self.stands(consent))
        })
    }

    fn loses_its_consent(&self, record: &Record) -> bool {
        let named = |consent: &&Consent| Some(consent.reference.as_str()) == record.consent.as_deref();
        let consent = self.facts.consents.iter().find(named);
        consent.is_some_and(|consent| self.consents.contains(&consent.id))
    }

    fn needs_another_consent(&self, purpose: &Purpose) -> bool {
        let by_consent = class(self.rulebook, purpose) == Class::Consent;
        let mut others = self.facts.consents.iter().filter(|consent| self.stands(consent));
        by_consent && !others.any(|consent| reaches(consent, purpose))
    }

    fn stands(&self, consent: &Consent) -> bool {
        in_force(consent, self.now) && !self.consents.contains(&consent.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cast::{automaster, mycar};

    fn words(words: &[&str]) -> Vec<Purpose> {
        words.iter().map(|word| Purpose::new(word)).collect()
    }

    #[test]
    fn unknown_purposes_are_named_with_the_nearest() {
        assert!(check(mycar(), &words(&["promotion", "service.anything"])).is_ok());
        let hint =
            check(mycar(), &words(&["promotoin"])).map_err(|error| error.hint_text().map(str::to_owned));
        assert_eq!(hint, Err(Some("did you mean `promotion`?".into())));
    }

    #[test]
    fn purposes_by_their_widest_words() {
        assert_eq!(of_classes(mycar(), &[Class::Consent]), words(&["analytics", "promotion"]));
        let asked = words(&["promotion.sms", "promotion", "legal"]);
        assert_eq!(widest(asked.into_iter()), words(&["legal", "promotion"]));
    }

    #[test]
    fn whoever_stops_advertising_stops_all_messages() {
        for (book, asked, stops) in [
            (mycar(), &["promotion"][..], &["analytics.surveys", "promotion"][..]),
            (automaster(), &["promotion"], &["analytics.quality", "promotion"]),
            (mycar(), &["promotion.sms"], &["promotion.sms"]),
            (automaster(), &["analytics"], &["analytics"]),
        ] {
            assert_eq!(with_messages(book, &words(asked)), words(stops), "{asked:?}");
        }
    }
}
