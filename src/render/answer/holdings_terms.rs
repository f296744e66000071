//! The wording that the terminal, the rows and the HTML page share.

use serde::Serialize;
use serde_json::Value;

use super::holdings::Form;
use crate::{
    decide::access::Held,
    domain::{Moment, Reason, Record, Verdict},
    render::Words,
};

/// The record's name: its reference in the source system, else its key.
pub fn reference(record: &Record) -> String {
    if record.reference.is_empty() { record.key.id.to_string() } else { record.reference.clone() }
}

/// `AM-8-contact (§ 8; 94-V art. 12(2))`
pub fn citation(why: &Reason, words: &Words) -> String {
    let places = [
        why.clause.as_ref().map(|clause| format!("§ {clause}")),
        why.law.as_deref().map(|law| words.law(law)),
    ];
    let places: Vec<String> = places.into_iter().flatten().collect();
    if places.is_empty() { why.rule.clone() } else { format!("{} ({})", why.rule, places.join("; ")) }
}

/// The storage term of one record in words.
pub fn term(held: &Held, words: &Words) -> String {
    let base = match &held.verdict {
        Verdict::Keep { until: Some(until), .. } => words.day(*until),
        Verdict::Keep { until: None, .. } => words.say("until-purpose"),
        Verdict::Destroy { since, .. } => words.say_with("due-since", &[("day", words.day(*since).into())]),
        Verdict::Archive { until, .. } => {
            words.say_with("archived-until", &[("day", words.day(*until).into())])
        }
        Verdict::Block { case, .. } => words.say_with("blocked-by", &[("case", case.to_string().into())]),
        Verdict::Hold { by, .. } => held_by(by, words),
        Verdict::Gap { .. } => words.say("no-rule"),
    };
    if held.excess { format!("{base}; {}", words.say("excess")) } else { base }
}

/// `obligation O-1`, `hold H-2`, or a sentence.
fn held_by(by: &str, words: &Words) -> String {
    let (key, name) = match by.split_once(' ') {
        Some(("obligation", name)) => ("hold-obligation", name),
        Some(("hold", name)) => ("hold-hold", name),
        _ => ("hold-other", by),
    };
    words.say_with("held-by", &[("by", words.say_with(key, &[("name", name.to_owned().into())]).into())])
}

/// What the person says is wrong in a document that is not overwritten.
#[derive(Serialize)]
pub struct Annotation<'a> {
    field: &'a str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Value>,
}

/// An annotation is told in every answer; its value, like the payload, only in a copy.
pub fn annotation((field, note, at): &(String, String, Moment), form: Form) -> Annotation<'_> {
    let says = (form == Form::Export).then(|| said(note));
    Annotation { field, at: at.rfc3339(), says }
}

/// The value a note gives; a note of another form is shown whole.
pub fn said(note: &str) -> Value {
    let note = serde_json::from_str(note).unwrap_or_else(|_| Value::from(note));
    note.get("says").cloned().unwrap_or(note)
}

/// The notes beside a record in words: `amount: 5 (2026-11-22)`; without values in an access answer.
pub fn notes(record: &Record, form: Form, words: &Words) -> Vec<String> {
    let one = |(field, note, at): &(String, String, Moment)| {
        let says = said(note);
        let says = says.as_str().map_or_else(|| says.to_string(), str::to_owned);
        let value = if form == Form::Export { format!(": {says}") } else { String::new() };
        format!("{field}{value} ({})", words.day(at.day()))
    };
    record.annotations.iter().map(one).collect()
}
