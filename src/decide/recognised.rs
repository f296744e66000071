//! How surely a person has to be recognised, by the data they ask for (Digital Code art. 37(5)).
//!
//! A reply to a contact that was on file before the request is enough for ordinary data: whoever reads
//! that mailbox has the data's own key. It is not enough for restricted or biometric data, nor where the
//! contact itself is so new that the one who asks may have put it there. Deliberately absent: more
//! papers than that. Asking for too much is a complaint of its own.

use std::fmt;

use crate::{
    domain::{Category, IdentifierType, IdentityMethod, Moment, Record, SubjectFacts},
    policy::{
        Rulebook,
        body::{Body, Condition},
        model::Rule,
        vocabulary::Sensitivity,
    },
};

/// Days in which a contact put on file is too new to prove anything. A judgement: a month is longer than
/// any term of the law, so that no request can be prepared and answered within it.
pub const COOLING_DAYS: i64 = 30;

/// How surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A reply to a known contact is enough.
    Contact,
    /// A document that was shown, a signature, a court act, or the person himself.
    Document,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contact => "known contact",
            Self::Document => "document",
        })
    }
}

/// The level a request needs, and why it is not the lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// The level.
    pub level: Level,
    /// What raised it, in words.
    pub because: Option<&'static str>,
}

/// What a request of this moment for these categories needs.
pub fn needed(facts: &SubjectFacts, rulebook: &Rulebook, asked: &[Category], received: Moment) -> Needed {
    let sensitive = |category: &Category| {
        rulebook
            .category(category)
            .is_some_and(|def| def.personal && def.sensitivity != Sensitivity::Ordinary)
    };
    if asked.iter().any(sensitive) {
        return Needed { level: Level::Document, because: Some("restricted or biometric data is among it") };
    }
    match contact_age(facts, rulebook, received) {
        None => Needed { level: Level::Document, because: Some("no contact was on file before the request") },
        Some(days) if days < COOLING_DAYS => {
            Needed { level: Level::Document, because: Some("the contact on file is too new") }
        }
        Some(_) => Needed { level: Level::Contact, because: None },
    }
}

/// Whether who asks is known well enough for the data that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was confirmed.
    Unknown,
    /// Less was confirmed than this data needs, and why it needs more.
    TooLittle(&'static str),
    /// Enough.
    Enough,
}

impl Standing {
    /// Whether the data may be told, changed or destroyed.
    pub fn is_enough(self) -> bool {
        self == Self::Enough
    }
}

/// How the confirmation of a case stands to the data that an answer or a plan is about.
pub fn standing(
    confirmed: Option<IdentityMethod>,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    asked: &[Category],
    received: Moment,
) -> Standing {
    let Some(method) = confirmed else { return Standing::Unknown };
    if asked.is_empty() {
        return Standing::Enough;
    }
    match needed(facts, rulebook, asked, received) {
        Needed { level, because: Some(why) } if !reaches(method, level) => Standing::TooLittle(why),
        _ => Standing::Enough,
    }
}

/// Days between the newest contact on file and the request; `None` = none was on file before it. A contact
/// counts from the day on which it was given or changed last.
fn contact_age(facts: &SubjectFacts, rulebook: &Rulebook, received: Moment) -> Option<i64> {
    let kinds = [IdentifierType::Phone, IdentifierType::Email];
    let holds = |category: &Category| {
        kinds.into_iter().any(|kind| rulebook.identifier_category(kind) == Some(category))
    };
    let contacts = facts.records.iter().filter(|record| holds(&record.category));
    let before: Vec<&Record> = contacts.filter(|record| record.collected_at < received).collect();
    // What was changed after the request came is as new as can be.
    let newest = before.iter().map(|record| record.contact_since.unwrap_or(record.collected_at)).max()?;
    Some((received.day() - newest.day()).num_days())
}

/// Whether a method reaches a level.
pub fn reaches(method: IdentityMethod, level: Level) -> bool {
    level == Level::Contact || method != IdentityMethod::KnownContact
}

/// The rule behind it.
pub fn rule(rulebook: &Rulebook) -> Option<&Rule> {
    let asks = |rule: &&Rule| rule.body == Body::Condition(Condition::Identity);
    rulebook.policy.rules.iter().chain(&rulebook.statute.rules).find(asks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cast::{at, person, rules};

    #[test]
    fn the_data_and_the_age_of_the_contact_decide() {
        let mut facts = person("A-15");
        let book = rules(&facts);
        let contact = [Category::new("contact")];
        let level = |facts: &SubjectFacts, day| needed(facts, book, &contact, at(day)).level;
        facts.records.retain(|record| record.category.as_str() == "contact");
        for record in &mut facts.records {
            record.collected_at = at("2026-10-23T12:00");
        }
        for (about, day, expected) in [
            ("the day before the contact was given", "2026-10-22", Level::Document),
            ("a day after", "2026-10-24", Level::Document),
            ("29 days after", "2026-11-21", Level::Document),
            ("30 days after", "2026-11-22", Level::Contact),
        ] {
            assert_eq!(level(&facts, day), expected, "{about}");
        }
        let mycar = person("C-1");
        let categories = |word| [Category::new(word)];
        let of = |word| needed(&mycar, rules(&mycar), &categories(word), at("2026-11-22")).level;
        assert_eq!(
            (of("contact"), of("identity"), of("organisation")),
            (Level::Contact, Level::Document, Level::Contact)
        );
    }

    #[test]
    fn a_contact_counts_from_its_last_change() {
        let mut facts = person("A-15");
        let book = rules(&facts);
        facts.records.retain(|record| record.category.as_str() == "contact");
        for record in &mut facts.records {
            record.collected_at = at("2020-01-01");
        }
        let contact = [Category::new("contact")];
        for (changed, confirmed, expected) in [
            (None, Some(IdentityMethod::KnownContact), Standing::Enough),
            (Some("2026-10-23T12:00"), Some(IdentityMethod::KnownContact), Standing::Enough),
            (
                Some("2026-10-24T12:00"),
                Some(IdentityMethod::KnownContact),
                Standing::TooLittle("the contact on file is too new"),
            ),
            (
                Some("2026-11-23"),
                Some(IdentityMethod::KnownContact),
                Standing::TooLittle("the contact on file is too new"),
            ),
            (Some("2026-11-21"), Some(IdentityMethod::ESignature), Standing::Enough),
            (None, None, Standing::Unknown),
        ] {
            facts.records.iter_mut().for_each(|record| record.contact_since = changed.map(at));
            let found = standing(confirmed, &facts, book, &contact, at("2026-11-22"));
            assert_eq!(found, expected, "{changed:?} {confirmed:?}");
        }
        let none = standing(Some(IdentityMethod::KnownContact), &facts, book, &[], at("2026-11-22"));
        assert!(none.is_enough(), "nothing personal is touched");
    }

    #[test]
    fn which_methods_reach() {
        for method in IdentityMethod::ALL {
            assert!(reaches(*method, Level::Contact));
            assert_eq!(
                reaches(*method, Level::Document),
                *method != IdentityMethod::KnownContact,
                "{method}"
            );
        }
    }
}
