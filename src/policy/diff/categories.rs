//! Categories that stand in both texts, and which of them an identifier dies with.

use super::{
    Change, Class,
    bodies::held,
    retention,
    way::{self, BAN, BASIS, DATA, Pair, RIGHT, STAY, Way},
};
use crate::{
    domain::{Category, Scope},
    policy::{
        explain::Tongue,
        model::{CategoryDef, Document, FieldDef, Policy},
    },
};

/// Every category that reads otherwise, with the worst class of what does.
pub(super) fn changed(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    for new in &after.categories {
        let Some(old) = before.categories.iter().find(|old| old.id == new.id) else { continue };
        let (was, now): (Vec<_>, Vec<_>) =
            said(old, new, t).into_iter().zip(said(new, old, t)).filter(|(was, now)| was != now).unzip();
        if was.is_empty() {
            continue;
        }
        let found = ways(old, new).map(|(way, pair)| way.class(pair));
        let class = found.into_iter().min().unwrap_or(Class::Other);
        changes.push(of_category(class, new, was.join("; "), now.join("; ")));
    }
}

fn of_category(class: Class, def: &CategoryDef, was: String, now: String) -> Change {
    let one = super::change(class, def.id.as_str(), "", Some(was), Some(now));
    Change { group: "category", ..one }
}

fn ways(old: &CategoryDef, new: &CategoryDef) -> [(Way, Pair); 7] {
    [
        (way::rising(old.sensitivity, new.sensitivity), BAN),
        (way::rising(old.personal, new.personal), RIGHT),
        (way::falling(old.open, new.open), DATA),
        (way::rising(old.excess, new.excess), DATA),
        (documents(&old.document, &new.document), STAY),
        (consent(old.consent, new.consent), BASIS),
        (way::falling(held(old.on_withdrawal), held(new.on_withdrawal)), STAY),
    ]
}

/// What stands on a document is annotated and stays with it.
fn documents(was: &Document, now: &Document) -> Way {
    match (was, now) {
        (Document::Of(was), Document::Of(now)) => way::narrower(was, now),
        (was, now) => {
            let rank = |one: &Document| match one {
                Document::Never => 0,
                Document::Of(_) => 1,
                Document::Always => 2,
            };
            way::falling(rank(was), rank(now))
        }
    }
}

fn consent(was: Option<Scope>, now: Option<Scope>) -> Way {
    match (was, now) {
        (Some(was), now) => way::rising(true, now == Some(was)),
        (None, now) => way::rising(false, now.is_some()),
    }
}

/// What a category says of its data, one sentence for each member that may change; of its fields those that the other
/// version has too.
fn said(def: &CategoryDef, other: &CategoryDef, t: &dyn Tongue) -> Vec<String> {
    let outcome = t.word("vocabulary", def.on_withdrawal.as_str());
    let consent = def.consent.map(|scope| t.word("scope", scope.as_str()));
    let document = match &def.document {
        Document::Never => t.say("never on a document"),
        Document::Always => t.say("a document of its own"),
        Document::Of(kinds) => {
            let kinds = kinds.iter().map(|kind| t.word("vocabulary", kind.as_str())).collect::<Vec<_>>();
            t.say(&format!("on documents of: {}", kinds.join(", ")))
        }
    };
    let consent = consent.map(|scope| t.say(&format!("Rests on consent of scope {scope}.")));
    let fields = def.fields.iter().filter(|field| other.field(&field.name).is_some());
    vec![
        def.title.clone(),
        t.word("vocabulary", def.sensitivity.as_str()),
        t.say(if def.personal { "personal data" } else { "no personal data" }),
        t.say(if def.open { "any fields" } else { "named fields alone" }),
        t.say(if def.excess { "held without a clause" } else { "held by a clause" }),
        document,
        consent.unwrap_or_else(|| t.say("rests on no consent of its own")),
        t.say(&format!("On withdrawal: {outcome}.")),
        fields.map(|field| field_words(field, t)).collect::<Vec<_>>().join(", "),
    ]
}

fn field_words(field: &FieldDef, t: &dyn Tongue) -> String {
    let named = field.identifier.map(|kind| format!(", {}", t.word("field", kind.as_str())));
    let kind = t.word("vocabulary", field.kind.as_str());
    format!("{} ({}, {kind}{})", t.word("field", &field.name), field.key, named.unwrap_or_default())
}

/// An identifier goes with the last record of its category: one that stays longer keeps it longer.
pub(super) fn identifiers(before: &Policy, after: &Policy, t: &dyn Tongue, changes: &mut Vec<Change>) {
    let of = |policy: &Policy, kind| policy.identifiers.iter().find(|(known, _)| *known == kind).cloned();
    let all = before.identifiers.iter().chain(&after.identifiers).map(|(kind, _)| *kind);
    let mut seen = Vec::new();
    for kind in all {
        let (was, now) = (of(before, kind), of(after, kind));
        if was == now || seen.contains(&kind) {
            continue;
        }
        seen.push(kind);
        let class = match (&was, &now) {
            (Some((_, was)), Some((_, now))) => retention::stays((was, before), (now, after)).class(STAY),
            (None, Some(_)) => Class::NewData,
            _ => Class::Other,
        };
        let word =
            |one: Option<(_, Category)>| one.map(|(_, category)| t.word("category", category.as_str()));
        let one = super::change(class, kind.as_str(), "", word(was), word(now));
        changes.push(Change { group: "field", ..one });
    }
}
