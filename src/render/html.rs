//! HTML: one self-contained page, UTF-8, no scripts, nothing fetched, prints on A4.
//!
//! The template engine escapes every value; a strict policy in the page's head forbids whatever an
//! escape might ever miss.

use minijinja::{
    Environment, context,
    value::{Serde, Value as Item},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    Words,
    answer::{
        holdings::{CaseLine, Form, Holdings},
        holdings_terms,
    },
    guard,
};
use crate::{
    decide::access::Held,
    domain::{Error, Kind, Result},
};

const PAGE: &str = include_str!("html/holdings.html");

/// The answer about one person as a page they can read and print.
///
/// # Errors
/// Only a defect of the template.
pub fn holdings(answer: &Holdings, words: &Words) -> Result<String> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let page = engine.template_from_str(PAGE).map_err(broken)?;
    page.render(context! {
        lang => words.lang().tag(),
        say => labels(words),
        title => words.say(if answer.form == Form::Access { "access-title" } else { "export-title" }),
        draft => answer.is_draft(),
        day => words.day(answer.day),
        controller => &answer.policy.name,
        bin => &answer.policy.bin,
        contacts => &answer.policy.contacts,
        responsible => &answer.policy.responsible,
        policy => format!("{} {}", answer.policy.id, answer.policy.version),
        case => context! { number => &answer.case.number, received => answer.case.received(words), due => answer.case.due(words) },
        subject => answer.dossier.as_ref().map(|dossier| dossier.facts.subject.to_string()),
        purposes => answer.dossier.iter().flat_map(|d| d.purposes()).map(|p| words.term("purpose", p.as_str())).collect::<Vec<_>>(),
        sources => answer.dossier.iter().flat_map(|d| d.sources()).map(|s| words.term("source", s)).collect::<Vec<_>>(),
        groups => Item::from(Serde(groups(answer, words))),
        outside => answer.dossier.iter().flat_map(|d| &d.outside).map(|(c, n, why)| context! { category => words.term("category", c.as_str()), count => n, rule => why.rule.clone() }).collect::<Vec<_>>(),
        disclosures => disclosures(answer, words),
        consents => consents(answer, words),
        cases => cases(&answer.cases(), words),
        head => context! { size => answer.audit_head.0, root => answer.audit_head.1.clone() },
    })
    .map_err(broken)
}

fn broken(error: minijinja::Error) -> Error {
    // The error may quote values of the person: only its kind is said.
    Error::new(Kind::Failed, format!("the page could not be made: {:?}", error.kind()))
}

const LABELS: &[&str] = &[
    "draft",
    "nothing-held",
    "controller",
    "bin",
    "policy",
    "case",
    "received",
    "due",
    "subject",
    "purposes",
    "sources",
    "ways",
    "ways-both",
    "records",
    "stored-until",
    "collected",
    "source",
    "rule",
    "recipients",
    "recipient",
    "country",
    "data",
    "purpose",
    "basis",
    "date",
    "cases",
    "number",
    "right",
    "state",
    "consents",
    "scope",
    "given",
    "withdrawn",
    "not-personal",
    "free-of-charge",
    "appeal",
    "appeal-text",
    "responsible",
    "prepared",
    "audit-head",
    "field",
    "value",
    "empty",
    "noted",
];

fn labels(words: &Words) -> std::collections::BTreeMap<String, String> {
    LABELS.iter().map(|key| (key.replace('-', "_"), words.say(key))).collect()
}

#[derive(Serialize)]
struct Group {
    name: String,
    records: Vec<Card>,
}

#[derive(Serialize)]
struct Card {
    id: String,
    source: String,
    collected: String,
    term: String,
    rule: String,
    fields: Vec<(String, Option<String>)>,
    notes: Vec<String>,
}

fn groups(answer: &Holdings, words: &Words) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for held in answer.dossier.iter().flat_map(|dossier| &dossier.held) {
        let name = words.term("category", held.record.category.as_str());
        if groups.last().is_none_or(|group| group.name != name) {
            groups.push(Group { name, records: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.records.push(card(held, answer.form, words));
        }
    }
    groups
}

fn card(held: &Held, form: Form, words: &Words) -> Card {
    let why = held.verdict.reason();
    Card {
        id: holdings_terms::reference(&held.record),
        source: words.term("source", &held.record.source),
        collected: words.day(held.record.collected_at.day()),
        term: holdings_terms::term(held, words),
        rule: why.map(|why| holdings_terms::citation(why, words)).unwrap_or_default(),
        fields: fields(&held.record.data, form, words),
        notes: holdings_terms::notes(&held.record, form, words).iter().map(|note| guard::terminal(note)).collect(),
    }
}

fn fields(data: &str, form: Form, words: &Words) -> Vec<(String, Option<String>)> {
    let Ok(Value::Object(fields)) = serde_json::from_str(data) else { return Vec::new() };
    let value = |value: Value| (form == Form::Export).then(|| plain(&value));
    fields.into_iter().map(|(name, v)| (words.term("field", &name), value(v))).collect()
}

/// A value as a person reads it; hidden characters are made visible.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => guard::terminal(text),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Null => "–".into(),
        other => other.to_string(),
    }
}

fn disclosures(answer: &Holdings, words: &Words) -> Vec<[String; 6]> {
    let all = answer.dossier.iter().flat_map(|dossier| &dossier.facts.disclosures);
    all.map(|one| {
        let categories = one.categories.iter().map(|category| words.term("category", category.as_str()));
        [
            one.recipient.clone(),
            one.country.clone(),
            categories.collect::<Vec<_>>().join(", "),
            words.term("purpose", one.purpose.as_str()),
            one.basis.clone(),
            words.day(one.at.day()),
        ]
    })
    .collect()
}

fn consents(answer: &Holdings, words: &Words) -> Vec<[String; 4]> {
    let all = answer.dossier.iter().flat_map(|dossier| &dossier.facts.consents);
    all.map(|one| {
        [
            words.term("scope", one.scope.as_str()),
            words.day(one.given_at.day()),
            one.withdrawn_at.map_or_else(|| "–".into(), |at| words.day(at.day())),
            if one.evidence.is_empty() { "–".into() } else { one.evidence.clone() },
        ]
    })
    .collect()
}

fn cases(cases: &[CaseLine], words: &Words) -> Vec<[String; 5]> {
    let row = |case: &CaseLine| {
        [
            case.number.clone(),
            words.term("right", &case.right),
            case.received(words),
            case.due(words),
            words.term("state", &case.state),
        ]
    };
    cases.iter().map(row).collect()
}
