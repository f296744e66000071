//! The wording that the terminal, the rows and the HTML page share.

use crate::{
    decide::access::Held,
    domain::{Reason, Record, Verdict},
    render::Words,
};

/// The record's name: its reference in the source system, else its key.
pub fn reference(record: &Record) -> String {
    if record.reference.is_empty() { record.key.id.to_string() } else { record.reference.clone() }
}

/// `AM-8-contact (§ 8; 94-V art. 12(2))`
pub fn citation(why: &Reason) -> String {
    let places = [why.clause.as_ref().map(|clause| format!("§ {clause}")), why.law.clone()];
    let places: Vec<String> = places.into_iter().flatten().collect();
    if places.is_empty() { why.rule.clone() } else { format!("{} ({})", why.rule, places.join("; ")) }
}

/// The storage term of one record in words.
pub fn term(held: &Held, words: &Words) -> String {
    let base = match &held.verdict {
        Verdict::Keep { until: Some(until), .. } => until.to_string(),
        Verdict::Keep { until: None, .. } => words.say("until-purpose"),
        Verdict::Destroy { since, .. } => words.say_with("due-since", &[("day", since.to_string().into())]),
        Verdict::Archive { until, .. } => {
            words.say_with("archived-until", &[("day", until.to_string().into())])
        }
        Verdict::Block { case, .. } => words.say_with("blocked-by", &[("case", case.to_string().into())]),
        Verdict::Hold { by, .. } => words.say_with("held-by", &[("by", by.clone().into())]),
        Verdict::Gap { .. } => words.say("no-rule"),
    };
    if held.excess { format!("{base}; {}", words.say("excess")) } else { base }
}
