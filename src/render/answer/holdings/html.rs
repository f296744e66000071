//! The page that the person reads: one file to open, print and keep.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    Form, Holdings, tables,
    terms::{self, DASH},
};
use crate::{
    decide::access::{Dossier, Held},
    domain::Result,
    render::{Sheet, Words, guard, html},
};

/// The values of `page.html`, by name.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    say: BTreeMap<String, String>,
    title: String,
    drill: bool,
    draft: Option<String>,
    day: String,
    controller: &'a str,
    bin: Option<&'a str>,
    contacts: &'a [String],
    responsible: Option<&'a str>,
    policy: String,
    number: String,
    received: String,
    due: String,
    person: Option<Person>,
    nothing: String,
    searched: String,
    found: Option<String>,
    cases: Sheet,
    log_size: u64,
    log_root: String,
}

/// What is held; absent where nothing is.
#[derive(Serialize)]
struct Person {
    id: String,
    purposes: String,
    sources: String,
    groups: Vec<Group>,
    outside: Vec<OutsideLine>,
    consents: Sheet,
    disclosures: Sheet,
}

/// The records of one category.
#[derive(Serialize)]
struct Group {
    name: String,
    records: Vec<Card>,
}

#[derive(Serialize)]
struct Card {
    source: String,
    collected: String,
    term: String,
    rule: String,
    /// Name and, in a copy, value.
    fields: Vec<(String, Option<String>)>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct OutsideLine {
    category: String,
    count: usize,
    rule: String,
}

/// Makes the page.
pub(super) fn page(answer: &Holdings, words: &Words) -> Result<String> {
    let (policy, case) = (&answer.policy, &answer.case);
    let page = Page {
        lang: words.lang().tag(),
        say: words.all(),
        title: answer.title(words),
        drill: answer.drill,
        draft: answer.is_draft().then(|| answer.draft(words)),
        day: words.day(answer.day),
        controller: &policy.name,
        bin: policy.bin.as_deref(),
        contacts: &policy.contacts,
        responsible: policy.responsible.as_deref(),
        policy: answer.policy_name(),
        number: case.number.to_string(),
        received: words.moment(case.received),
        due: terms::due(case, words),
        person: answer.dossier.as_ref().map(|dossier| person(dossier, answer, words)),
        nothing: answer.nothing(words),
        searched: answer.searched.say(answer.day, words),
        found: answer.searched.found(words),
        cases: guarded(tables::cases(answer, words)),
        log_size: answer.head.size,
        log_root: answer.head.root.to_string(),
    };
    html::page(include_str!("page.html"), page)
}

fn person(dossier: &Dossier, answer: &Holdings, words: &Words) -> Person {
    let outside = dossier.outside.iter().map(|outside| OutsideLine {
        category: words.term("category", outside.category.as_str()),
        count: outside.count,
        rule: terms::told(&outside.why, &answer.citations, words),
    });
    Person {
        id: dossier.facts.subject.to_string(),
        purposes: or_dash(terms::purposes(dossier, words).join(", ")),
        sources: or_dash(terms::sources(dossier, words).join(", ")),
        groups: groups(&dossier.held, answer, words),
        outside: outside.collect(),
        consents: guarded(tables::consents(dossier, words)),
        disclosures: guarded(tables::disclosures(dossier, words)),
    }
}

/// Records lie in order of category: each run of one is a group.
fn groups(held: &[Held], answer: &Holdings, words: &Words) -> Vec<Group> {
    let runs = held.chunk_by(|one, next| one.record.category == next.record.category);
    let group = |run: &[Held]| Group {
        name: run.first().map(|one| words.term("category", one.record.category.as_str())).unwrap_or_default(),
        records: run.iter().map(|one| card(one, answer, words)).collect(),
    };
    runs.map(group).collect()
}

fn card(held: &Held, answer: &Holdings, words: &Words) -> Card {
    let form = answer.form;
    let why = held.verdict.reason();
    Card {
        source: or_dash(words.term("source", &held.record.source)),
        collected: terms::collected(&held.record)
            .map_or_else(|| terms::DASH.into(), |at| words.day(at.day())),
        term: terms::storage(held, words),
        rule: why.map_or_else(|| DASH.into(), |why| terms::told(why, &answer.citations, words)),
        fields: fields(&held.record.data, form, words),
        notes: terms::notes(&held.record, form, words).iter().map(|note| guard::terminal(note)).collect(),
    }
}

fn fields(data: &str, form: Form, words: &Words) -> Vec<(String, Option<String>)> {
    let Ok(Value::Object(fields)) = serde_json::from_str(data) else { return Vec::new() };
    let value = |value: Value| (form == Form::Export).then(|| words.value(&plain(&value)));
    fields.into_iter().map(|(name, content)| (words.term("field", &name), value(content))).collect()
}

/// A value as a person reads it; hidden characters are made visible, lines stay lines.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.lines().map(guard::terminal).collect::<Vec<_>>().join("\n"),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Null => DASH.into(),
        other => other.to_string(),
    }
}

/// The cells with hidden characters made visible, as a terminal's table has them.
fn guarded(mut sheet: Sheet) -> Sheet {
    for cell in sheet.rows.iter_mut().flatten() {
        *cell = guard::terminal(cell);
    }
    sheet
}

fn or_dash(text: String) -> String {
    if text.is_empty() { DASH.into() } else { text }
}
