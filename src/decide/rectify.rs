//! Rectification (art. 24(1)(2), 25(2)(8)): change what documents confirm, and tell who received it.
//!
//! A primary document, archived data and data under a hold are evidence: a note is added to them, and
//! the old value stays. The new values are compared here and stand nowhere in the plan.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;

use super::{
    draft::{Draft, Request},
    erase, reasons,
    recipients::{self, News},
};
use crate::{
    domain::{
        Action, Category, Error, Identifier, IdentifierType, Moment, Plan, Reason, Record, Result, Right,
        Step, SubjectFacts, Waiting, suggest,
    },
    policy::{
        Rulebook,
        model::{CategoryDef, FieldDef},
    },
};

/// One field and what it shall be. The value is personal data: `Debug` does not show it.
#[derive(Clone)]
pub struct Change {
    /// The category.
    pub category: Category,
    /// The field's name in the import.
    pub field: String,
    /// The new value, as typed.
    pub value: String,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({}.{}, …)", self.category, self.field)
    }
}

/// What is to be changed, and on which proof.
#[derive(Clone, Debug, Default)]
pub struct Rectification {
    /// The changes.
    pub changes: Vec<Change>,
    /// A document confirms them.
    pub document: bool,
    /// The person answered from a contact on file: proof enough for a phone or an e-mail.
    pub known_contact: bool,
    /// The day of receipt: its edition of the law grants it; `None` = today.
    pub received: Option<NaiveDate>,
}

/// Decides a rectification.
///
/// # Errors
/// Exit 2 for a category or field that the policy does not know, with the nearest.
pub fn rectify(facts: &SubjectFacts, rulebook: &Rulebook, ask: &Rectification, now: Moment) -> Result<Plan> {
    let mut draft = Draft::new(rulebook, Request::Withdrawal, None);
    let why = reasons::granted(rulebook, Right::Rectify, ask.received.unwrap_or(now.day()));
    let mut changed = BTreeSet::new();
    for change in &ask.changes {
        let (category, field) = field(rulebook, change)?;
        let proved = ask.document || ask.known_contact && field.is_some_and(is_contact);
        let mut about = holding(facts, category, change).peekable();
        if about.peek().is_none() {
            missing(&mut draft, change);
        }
        let stands =
            |record: &&Record| is_so_already(record, change, field) || is_noted(record, change, field);
        for record in about.filter(|record| !stands(record)) {
            if proved {
                draft.step(step(record, category, facts, rulebook, change, &why));
                changed.insert(record.category.clone());
            } else {
                draft.keep(Action::Rectify, record, None, reasons::documents(rulebook));
                let reopens = "a document that confirms the change".to_owned();
                draft.wait(Waiting::Document, reopens, &[record.key], &[]);
            }
        }
    }
    let news = News { categories: changed, ..News::default() };
    let told = reasons::meaning(&why, "those who received the data are told of the correction");
    recipients::told(facts, &news, &told).into_iter().for_each(|step| draft.step(step));
    Ok(draft.finish(false))
}

/// The records to change: those that hold the field; where none does, all of the category are supplemented. Another
/// system may hold it in parts or by a word of its own: then it is for people to say.
fn holding<'a>(
    facts: &'a SubjectFacts,
    category: &'a CategoryDef,
    change: &'a Change,
) -> impl Iterator<Item = &'a Record> {
    let of_category = || facts.records.iter().filter(|record| record.category == change.category);
    let none = !of_category().any(|record| holds(record, &change.field));
    of_category().filter(move |record| none || holds(record, &change.field) || is_unclear(record, category))
}

/// Whether a record of another system has a field that the policy does not know.
fn is_unclear(record: &Record, category: &CategoryDef) -> bool {
    let data = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&record.data);
    let unknown = |name: &String| category.field(name).is_none() && !record.caveats.masked.contains(name);
    record.key.id < 0 && data.is_ok_and(|data| data.keys().any(unknown))
}

/// Whether something stands in a field of a record.
pub fn holds(record: &Record, field: &str) -> bool {
    value(record, field).is_some()
}

fn missing(draft: &mut Draft<'_>, change: &Change) {
    let missing = format!("nothing is held in category {}", change.category);
    let gap = crate::domain::Gap { category: Some(change.category.clone()), keys: Vec::new(), missing };
    if !draft.plan.gaps.contains(&gap) {
        draft.plan.gaps.push(gap);
    }
}

fn step(
    record: &Record,
    category: &CategoryDef,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    change: &Change,
    why: &Reason,
) -> Step {
    let (action, why) = match evidence(record, category, facts, rulebook) {
        Some(why) => (Action::Annotate, why),
        None => (Action::Rectify, why.clone()),
    };
    Step {
        system: record.system.clone(),
        category: Some(record.category.clone()),
        keys: vec![record.key],
        fields: vec![change.field.clone()],
        until: record.archived_until,
        ..Step::new(action, "record", why)
    }
}

/// Why a record is evidence that is annotated and not overwritten, if it is.
fn evidence(
    record: &Record,
    category: &CategoryDef,
    facts: &SubjectFacts,
    rulebook: &Rulebook,
) -> Option<Reason> {
    let retained =
        |says| reasons::meaning(&reasons::refusal(rulebook, "RF-RETAIN", "a law demands storage"), says);
    if let Some(hold) = facts.hold(&record.category) {
        return Some(reasons::hold(rulebook, hold));
    }
    if category.is_document() {
        return Some(retained("a primary document is annotated, not overwritten"));
    }
    record.archived_until.map(|_| retained("archived data is annotated, not overwritten"))
}

/// The category and, where the policy lists it, the field.
fn field<'a>(rulebook: &'a Rulebook, change: &Change) -> Result<(&'a CategoryDef, Option<&'a FieldDef>)> {
    erase::check(rulebook, std::slice::from_ref(&change.category))?;
    let unknown = || Error::usage(format!("`{}` has no field `{}`", change.category, change.field));
    let category = rulebook.category(&change.category).ok_or_else(unknown)?;
    let field = category.field(&change.field);
    if field.is_some() || category.open {
        return Ok((category, field));
    }
    let known = || category.fields.iter().map(|field| field.name.as_str());
    Err(match suggest::nearest(&change.field, known()) {
        Some(near) => unknown().hint(format!("did you mean `{}.{near}`?", change.category)),
        None => unknown().hint(format!("it has {}", known().collect::<Vec<_>>().join(", "))),
    })
}

/// Whether a field is a contact, which whoever answers from it proves.
pub(super) fn is_contact(field: &FieldDef) -> bool {
    matches!(field.identifier, Some(IdentifierType::Phone | IdentifierType::Email))
}

/// Whether a record holds the new value: two writings of one number are the same.
fn is_so_already(record: &Record, change: &Change, field: Option<&FieldDef>) -> bool {
    value(record, &change.field).is_some_and(|held| is_same(&held, change, field))
}

fn is_same(held: &str, change: &Change, field: Option<&FieldDef>) -> bool {
    let canonical = |text: &str| field.and_then(|f| Identifier::parse(f.identifier?, text).ok());
    held == change.value || canonical(held).is_some_and(|held| canonical(&change.value) == Some(held))
}

/// Whether the last note beside the field says so: evidence is not annotated twice with the same.
fn is_noted(record: &Record, change: &Change, field: Option<&FieldDef>) -> bool {
    let last = record.annotations.iter().rev().find(|(name, ..)| *name == change.field);
    let says = |note: &str| Some(as_text(serde_json::from_str::<serde_json::Value>(note).ok()?.get("says")?));
    last.and_then(|(_, note, _)| says(note)).is_some_and(|noted| is_same(&noted, change, field))
}

/// A field of a record as text; `None` where it is not there.
fn value(record: &Record, field: &str) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(&record.data).ok()?;
    data.get(field).filter(|value| !value.is_null()).map(as_text)
}

fn as_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        decide::{
            cast::{assert_story, hold, now, person, rules},
            digest::digest,
        },
        domain::Kind,
    };

    fn change(field: &str, value: &str) -> Change {
        let (category, field) = field.split_once('.').unwrap();
        Change { category: category.into(), field: field.into(), value: value.into() }
    }

    fn ask(field: &str, value: &str) -> Rectification {
        Rectification { changes: vec![change(field, value)], document: true, ..Rectification::default() }
    }

    fn decided(facts: &SubjectFacts, ask: &Rectification) -> Plan {
        rectify(facts, rules(facts), ask, now()).unwrap()
    }

    #[test]
    fn recipients_of_what_changes_are_told() {
        let facts = person("C-26");
        let expected = [
            "rectify contact [R-2601] by MC-8.10-rectify",
            "notify disclosure [#] (Example Motor Works Co.) by MC-8.10-rectify",
            "notify disclosure [#] (Банк «Пример») by MC-8.10-rectify",
            "notify disclosure [#] (Рекламная сеть «Пример Медиа») by MC-8.10-rectify",
        ];
        let plan = decided(&facts, &ask("contact.family_name", "Новая"));
        assert_story("a new surname", &facts, &plan, "grant", &expected);
        assert_eq!(plan.steps[0].fields, ["family_name"]);
    }

    #[test]
    fn without_a_document_only_a_confirmed_contact_changes() {
        let facts = person("C-1");
        for (field, value, document, known_contact, decision) in [
            ("contact.phone", "+7 701 000 00 99", false, true, "grant"),
            ("contact.email", "new@omarova.example", false, true, "grant"),
            ("contact.phone", "+7 701 000 00 99", false, false, "refuse"),
            ("contact.family_name", "Новая", false, true, "refuse"),
            ("contact.family_name", "Новая", true, false, "grant"),
        ] {
            let changes = vec![change(field, value)];
            let plan = decided(&facts, &Rectification { changes, document, known_contact, received: None });
            assert_eq!(plan.decision.as_str(), decision, "{field} {document} {known_contact}");
            let refused = plan.kept.iter().all(|kept| kept.why.rule == "RF-NODOC");
            assert!(refused && plan.kept.len() == plan.waits.len(), "{field}");
        }
    }

    #[test]
    fn evidence_is_annotated() {
        let mut facts = person("C-1");
        let by = |facts: &SubjectFacts, field: &str| {
            let step = decided(facts, &ask(field, "1")).steps.swap_remove(0);
            (step.action, step.why.rule)
        };
        assert_eq!(by(&facts, "contract.amount"), (Action::Annotate, "RF-RETAIN".into()));
        assert_eq!(by(&facts, "contact.address"), (Action::Rectify, "MC-8.10-rectify".into()));
        facts.records[0].archived_until = "2029-12-31".parse().ok();
        let archived = facts.records[0].category.clone();
        assert_eq!(by(&facts, &format!("{archived}.login")).0, Action::Annotate, "archived");
        hold(&mut facts, Some("contact"), "an order");
        assert_eq!(by(&facts, "contact.address"), (Action::Annotate, "DC-41.4".into()));
    }

    #[test]
    fn evidence_is_not_annotated_twice_with_the_same() {
        let mut facts = person("C-1");
        let contract =
            facts.records.iter_mut().find(|record| record.category.as_str() == "contract").unwrap();
        for (notes, steps) in [(&["1", "5"][..], 0), (&["5", "1"], 1), (&[], 1)] {
            let note = |value: &&str| ("amount".to_owned(), format!(r#"{{"says":{value}}}"#), now());
            contract.annotations = notes.iter().map(note).collect();
            let facts = facts_with(&person("C-1"), contract);
            assert_eq!(decided(&facts, &ask("contract.amount", "5")).steps.len(), steps, "{notes:?}");
        }
    }

    fn facts_with(facts: &SubjectFacts, record: &Record) -> SubjectFacts {
        let mut facts = facts.clone();
        facts.records.iter_mut().filter(|r| r.key == record.key).for_each(|r| *r = record.clone());
        facts
    }

    #[test]
    fn what_is_so_already_is_done() {
        let facts = person("C-1");
        for (field, value, steps) in [
            ("contact.phone", "+77010000001", 0),
            ("contact.email", "assel@OMAROVA.example", 0),
            ("contact.address", "г. Алматы, ул. Вымышленная, 1, кв. 11", 0),
            ("contact.address", "г. Алматы, ул. Вымышленная, 2", 1),
            ("vehicle.year", "2024", 0),
            ("vehicle.year", "2023", 1),
        ] {
            let plan = decided(&facts, &ask(field, value));
            assert_eq!((plan.steps.len(), plan.kept.len()), (steps, 0), "{field} = {value}");
        }
    }

    #[test]
    fn a_field_not_held_is_supplemented_and_no_record_is_a_gap() {
        let facts = person("C-22");
        let plan = decided(&facts, &ask("contact.patronymic", "Ринатович"));
        assert_eq!(plan.steps[0].action, Action::Rectify);
        let plan = decided(&facts, &ask("vehicle.plate", "901 ZZA 02"));
        assert_eq!((plan.steps.len(), plan.gaps.len()), (0, 1));
    }

    #[test]
    fn words_the_policy_does_not_know() {
        let facts = person("C-1");
        for (field, hint) in [
            ("contact.phon", "did you mean `contact.phone`?"),
            ("contcat.phone", "did you mean `contact`?"),
            ("contact.zzz", "it has given_name, family_name, patronymic, phone, email, address"),
        ] {
            let error = rectify(&facts, rules(&facts), &ask(field, "secret"), now()).unwrap_err();
            assert_eq!((error.kind(), error.hint_text()), (Kind::Usage, Some(hint)), "{field}");
            assert!(!error.message().contains("secret"));
        }
    }

    #[test]
    fn the_value_stands_nowhere() {
        let facts = person("C-1");
        let ask = ask("contact.family_name", "Тайна");
        let plan = decided(&facts, &ask);
        assert!(!format!("{plan:?} {ask:?}").contains("Тайна"));
        let other = decided(&facts, &super::tests::ask("contact.family_name", "Другая"));
        assert_eq!(digest(&plan), digest(&other));
    }
}
