//! What people have to do about a case, as its answers show it.

use serde::Serialize;

pub use crate::decide::by_hand::closing;
use crate::{
    decide::by_hand::{self, halted},
    domain::{Duty, DutyKind, Halt, Remark},
    render::{Sheet, Words},
};

/// One duty in JSON.
#[derive(Serialize)]
pub(super) struct DutyBody<'a> {
    step: u32,
    kind: &'a str,
    place: &'a str,
    task: &'a str,
    due: Option<String>,
    done: Option<String>,
    evidence: Option<&'a str>,
    by: Option<&'a str>,
    recalled: bool,
    found: Option<bool>,
    waits: Option<String>,
    free: Vec<&'a str>,
    held: Vec<HeldBody<'a>>,
}

/// A category of a step that something keeps.
#[derive(Serialize)]
struct HeldBody<'a> {
    category: &'a str,
    waits: String,
}

impl<'a> DutyBody<'a> {
    pub(super) fn of(duty: &'a Duty) -> Self {
        Self {
            step: duty.step,
            kind: duty.what.kind.as_str(),
            place: &duty.what.place,
            task: &duty.what.task,
            due: duty.what.due.map(|day| day.to_string()),
            done: duty.done.map(|at| at.rfc3339()),
            evidence: duty.evidence.as_ref().map(Remark::as_str),
            by: duty.by.as_deref(),
            recalled: duty.recalled,
            found: duty.found,
            waits: duty.waits.as_ref().map(ToString::to_string),
            free: if duty.is_open() { free(duty) } else { Vec::new() },
            held: duty
                .held
                .iter()
                .map(|held| HeldBody { category: &held.category, waits: held.by.to_string() })
                .collect(),
        }
    }
}

/// What of a step may be done, where something keeps the rest.
fn free(duty: &Duty) -> Vec<&str> {
    if duty.held.is_empty() { Vec::new() } else { halted::free(&duty.what.task, &duty.held) }
}

/// What a duty waits for, in words; of one of which a part is free, what of it may be done as well. Empty: nothing.
pub fn awaited(duty: &Duty, words: &Words) -> String {
    let named = |word: &str| words.term("category", word);
    let said = |halt: &Halt| words.phrase(&halt.awaited());
    let alike = |halt: &&Halt| duty.held.iter().all(|held| held.by == **halt);
    if let Some(halt) = duty.waits.as_ref().filter(alike) {
        return said(halt);
    }
    let free = free(duty).into_iter().map(named).collect::<Vec<_>>().join(", ");
    let free =
        (!free.is_empty() && duty.is_open()).then(|| words.say_with("duty-free", &[("what", free.into())]));
    let held = duty.held.iter().map(|held| format!("{}: {}", named(&held.category), said(&held.by)));
    free.into_iter().chain(held).collect::<Vec<_>>().join("; ")
}

/// The duties as rows for a person.
pub(super) fn sheet(duties: &[Duty], words: &Words) -> Sheet {
    let titles = ["step", "kind", "where", "what", "due", "done"];
    let mut sheet = Sheet::new(titles.map(|key| words.say(&format!("duty-{key}"))));
    for duty in duties {
        let done = ended(duty, words).unwrap_or_else(|| awaited(duty, words));
        sheet.push([
            duty.step.to_string(),
            words.code("duty", duty.what.kind.as_str()),
            duty.what.place.clone(),
            words.phrase(&duty.what.task),
            duty.what.due.map(|day| words.day(day)).unwrap_or_default(),
            done,
        ]);
    }
    sheet
}

/// When it ended, and what came of it.
fn ended(duty: &Duty, words: &Words) -> Option<String> {
    let (day, came) = (words.day(duty.done?.day()), came_of_it(duty, words));
    Some(if came.is_empty() { day } else { format!("{day}: {came}") })
}

/// What came of it: found or not, the proof; or why it was taken back.
pub(super) fn came_of_it(duty: &Duty, words: &Words) -> String {
    let recalled = duty.recalled.then(|| words.say("duty-recalled"));
    let came = |found: bool| words.term("look-up", by_hand::came(Some(&duty.what.task), found));
    let found = duty.found.map(came);
    let evidence = duty.evidence.as_ref().map(|proof| words.phrase(proof.as_str()));
    [recalled, found, evidence].into_iter().flatten().collect::<Vec<String>>().join(", ")
}

/// The command that closes the first open duty of each kind.
pub(super) fn next(case: &str, duties: &[Duty]) -> Vec<String> {
    let open = |kind: DutyKind| duties.iter().filter(move |duty| duty.is_open() && duty.what.kind == kind);
    let first = |kind| open(kind).min_by_key(|duty| duty.is_halted());
    let kinds = [DutyKind::Manual, DutyKind::Tell];
    kinds.into_iter().filter_map(first).map(|duty| closing(case, duty)).collect()
}
