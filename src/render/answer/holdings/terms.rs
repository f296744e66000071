//! The wording that terminal, rows and HTML page share.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Form;
use crate::{
    decide::access::{Dossier, Held},
    domain::{HeldBy, Moment, Reason, Record, Verdict, facts::CaseSummary},
    render::Words,
};

/// Where there is nothing to say.
pub(in crate::render) const DASH: &str = "–";

/// The record's name: its reference in the source system, else its key.
pub(super) fn reference(record: &Record) -> String {
    if record.reference.is_empty() { record.key.id.to_string() } else { record.reference.clone() }
}

/// When it was collected; `None`: the system it lies in does not know.
pub(super) fn collected(record: &Record) -> Option<Moment> {
    (!record.caveats.undated).then_some(record.collected_at)
}

/// The names of the fields of a record, without its values.
pub(in crate::render) fn field_names(record: &Record) -> Vec<String> {
    match serde_json::from_str(&record.data) {
        Ok(Value::Object(fields)) => fields.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// The value a note gives; a note of another form is shown whole.
pub(super) fn said(note: &str) -> Value {
    let note = serde_json::from_str(note).unwrap_or_else(|_| Value::from(note));
    note.get("says").cloned().unwrap_or(note)
}

/// The notes beside a record in words: `amount: 5 (2026-11-22)`; without values in an access answer.
pub(super) fn notes(record: &Record, form: Form, words: &Words) -> Vec<String> {
    let one = |(field, note, at): &(String, String, Moment)| {
        let says = said(note);
        let says = says.as_str().map_or_else(|| says.to_string(), str::to_owned);
        let value = if form == Form::Export { format!(": {says}") } else { String::new() };
        format!("{field}{value} ({})", words.day(at.day()))
    };
    record.annotations.iter().map(one).collect()
}

/// What the data is used for, each purpose once.
pub(in crate::render) fn purposes(dossier: &Dossier, words: &Words) -> Vec<String> {
    dossier.purposes().into_iter().map(|purpose| words.term("purpose", purpose.as_str())).collect()
}

/// Where the data came from, each source once.
pub(in crate::render) fn sources(dossier: &Dossier, words: &Words) -> Vec<String> {
    dossier.sources().into_iter().map(|source| words.term("source", source)).collect()
}

/// The due date as people write it.
pub(super) fn due(case: &CaseSummary, words: &Words) -> String {
    case.due.map_or_else(|| DASH.into(), |day| words.day(day))
}

/// The rule behind a record, as [`citation`] writes it.
pub(super) fn cited(held: &Held, words: &Words) -> String {
    held.verdict.reason().map_or_else(|| DASH.into(), |why| citation(why, words))
}

/// Why, as the person reads it: the gist, the clause of the published policy, and an article only where a lawyer
/// has confirmed it.
pub(super) fn told(why: &Reason, citations: &BTreeMap<String, String>, words: &Words) -> String {
    let gist = words.reason(&why.rule, &why.says);
    let clause = why.clause.as_ref().map(|clause| format!("§ {clause}"));
    let law = citations.get(&why.rule).map(|article| words.law(article));
    let places: Vec<String> = clause.into_iter().chain(law).collect();
    if places.is_empty() { gist } else { format!("{gist} ({})", places.join("; ")) }
}

/// `AM-8-contact (§ 8; 94-V art. 12(2))`
fn citation(why: &Reason, words: &Words) -> String {
    let clause = why.clause.as_ref().map(|clause| format!("§ {clause}"));
    let law = why.law.as_deref().map(|law| words.law(law));
    let places: Vec<String> = clause.into_iter().chain(law).collect();
    if places.is_empty() { why.rule.clone() } else { format!("{} ({})", why.rule, places.join("; ")) }
}

/// The storage term of one record in words.
pub(in crate::render) fn storage(held: &Held, words: &Words) -> String {
    let on = |key: &str, day| words.say_with(key, &[("day", words.day(day).into())]);
    let base = match &held.verdict {
        Verdict::Keep { until: Some(until), .. } => words.day(*until),
        Verdict::Keep { until: None, .. } => words.say("until-purpose"),
        Verdict::Destroy { since, .. } => on("due-since", *since),
        Verdict::Archive { until, .. } => on("archived-until", *until),
        Verdict::Block { case, .. } => words.say_with("blocked-by", &[("case", case.to_string().into())]),
        Verdict::Hold { by, .. } => held_by(by, words),
        Verdict::Gap { .. } => words.say("no-rule"),
    };
    if held.excess { format!("{base}; {}", words.say("excess")) } else { base }
}

/// What keeps it: an obligation or an order by name, else what it waits for.
fn held_by(by: &HeldBy, words: &Words) -> String {
    let named = |key: &str, name: &String| words.say_with(key, &[("name", name.clone().into())]);
    let by = match by {
        HeldBy::Obligation(name) => named("hold-obligation", name),
        HeldBy::Hold(name) => named("hold-hold", name),
        HeldBy::Child => words.say("hold-child"),
        HeldBy::Mark => words.say("hold-mark"),
    };
    words.say_with("held-by", &[("by", by.into())])
}
