//! What is held, in the order of art. 24(1)(1): purposes, sources, ways, list, terms; then who received it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Brief, ground, item};
use crate::{
    decide::access::{Dossier, Held},
    domain::{HeldBy, Obligation, Right, Verdict, letter::Item, outcome::Line, plan::Action, secret},
    policy::vocabulary::Sensitivity,
    render::{
        Words,
        answer::holdings::terms::{self, DASH},
        guard,
    },
};

/// The words of an access answer.
#[derive(Serialize)]
pub(super) struct HeldWords {
    purposes: String,
    sources: String,
    ways: String,
    /// Category, fields, records, storage term, ground.
    rows: Vec<[String; 5]>,
    /// Category, field, value: only where a copy was asked.
    content: Vec<[String; 3]>,
    outside: Option<String>,
    /// Recipient, country, what, purpose, date.
    recipients: Vec<[String; 5]>,
    free: String,
}

/// Makes them in one language.
pub(super) fn held(brief: &Brief<'_>, dossier: &Dossier, words: &Words) -> HeldWords {
    let outside = dossier.outside.iter().map(|one| words.term("category", one.category.as_str()));
    let outside = outside.collect::<Vec<_>>().join(", ");
    let copy = brief.case.is_some_and(|case| case.right == Right::Export);
    HeldWords {
        purposes: or_dash(terms::purposes(dossier, words)),
        sources: or_dash(terms::sources(dossier, words)),
        ways: words.say("letter-ways-both"),
        rows: dossier
            .held
            .chunk_by(|one, next| one.record.category == next.record.category)
            .map(|group| row(brief, group, words))
            .collect(),
        content: if copy {
            dossier.held.iter().flat_map(|one| content(brief, one, words)).collect()
        } else {
            Vec::new()
        },
        outside: Some(outside).filter(|text| !text.is_empty()),
        recipients: recipients(dossier, words),
        free: words.say("letter-free"),
    }
}

fn or_dash(parts: Vec<String>) -> String {
    if parts.is_empty() { DASH.into() } else { parts.join(", ") }
}

/// One category: every field that any record has, every term and every ground once.
fn row(brief: &Brief<'_>, group: &[Held], words: &Words) -> [String; 5] {
    let category = group.first().map(|one| words.term("category", one.record.category.as_str()));
    let fields = group.iter().flat_map(|one| terms::field_names(&one.record));
    let fields = each_once(fields.map(|field| words.term("field", &field)));
    let storage = each_once(group.iter().map(|one| terms::storage(one, words)));
    let deals = brief.dossier.map(|dossier| dossier.facts.obligations.as_slice()).unwrap_or_default();
    let grounds = group.iter().filter_map(|one| line(&one.verdict, deals));
    let grounds = each_once(grounds.map(|line| ground::of(&line, brief, words)));
    let ground = if grounds.is_empty() { DASH.to_owned() } else { grounds.join("; ") };
    [category.unwrap_or_default(), fields.join(", "), group.len().to_string(), storage.join("; "), ground]
}

/// Why it is held. What keeps a withdrawal waiting is told as what it is, an open deal: nobody withdrew anything.
fn line(verdict: &Verdict, deals: &[Obligation]) -> Option<Line> {
    let line = Line::new(Action::Disclose, verdict.reason()?);
    let Verdict::Hold { by: HeldBy::Obligation(name), .. } = verdict else { return Some(line) };
    let deal = deals.iter().find(|deal| deal.reference == *name);
    let says = deal.map(|deal| format!("obligation {} ({}) is open", deal.reference, deal.kind));
    Some(Line { says: says.or(line.says), ..line })
}

fn each_once(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    items.for_each(|item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
    });
    seen
}

/// Where a number has no arithmetic by which it would be known: the category and its field.
const DOCUMENT: &str = "identity_document";
const NUMBER: &str = "number";

/// The values of one record; numbers in part, biometric data not at all.
fn content(brief: &Brief<'_>, held: &Held, words: &Words) -> Vec<[String; 3]> {
    let record = &held.record;
    let category = brief.rulebook.category(&record.category);
    let is_biometric = category.is_some_and(|one| one.sensitivity == Sensitivity::Biometric);
    let fields: BTreeMap<String, Value> = serde_json::from_str(&record.data).unwrap_or_default();
    let is_document = record.category.as_str() == DOCUMENT;
    let value = |field: &str, value: &Value| match (is_biometric, is_document && field == NUMBER) {
        (true, _) => "•".to_owned(),
        (_, true) => secret::partly(&plain(value)),
        _ => words.value(&guard::terminal(&secret::mask(&plain(value)))),
    };
    let name = words.term("category", record.category.as_str());
    fields.iter().map(|(field, one)| [name.clone(), words.term("field", field), value(field, one)]).collect()
}

/// A value as a person reads it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Null => DASH.into(),
        other => other.to_string(),
    }
}

fn recipients(dossier: &Dossier, words: &Words) -> Vec<[String; 5]> {
    let row = |one: &crate::domain::Disclosure| {
        let categories = one.categories.iter().map(|category| words.term("category", category.as_str()));
        [
            guard::terminal(&words.recipient(&one.recipient)),
            one.country.clone(),
            categories.collect::<Vec<_>>().join(", "),
            words.term("purpose", one.purpose.as_str()),
            words.day(one.at.day()),
        ]
    };
    dossier.facts.disclosures.iter().map(row).collect()
}

impl HeldWords {
    /// The six things of art. 24(1)(1), recipients, and that it is free.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut items = vec![
            item("purposes", &self.purposes),
            item("sources", &self.sources),
            item("ways", &self.ways),
            item("free", &self.free),
        ];
        items.extend(
            self.rows
                .iter()
                .flat_map(|[category, _, _, term, _]| [item("list", category), item("terms", term)]),
        );
        items.extend(self.recipients.iter().map(|[name, ..]| item("recipients", name)));
        items
    }
}
