//! Answers that a letter asked for beside what destroys: they are made before anything goes.

use super::cases::{self, Receipt};
use crate::{
    domain::{CaseEvent, CaseNumber, CaseState, Moment, OwedAnswer, Result, Right, SubjectFacts},
    store::{CaseFile, View},
};

/// What the same letter asked to be told and was not told yet; of several, one that is not made yet.
///
/// # Errors
/// As any read.
pub fn reply(view: &View<'_>, case: &CaseFile) -> Result<Option<OwedAnswer>> {
    let Some(first) = letter(view, &case.number)? else { return Ok(None) };
    let first = view.case(&first)?;
    let mut owed = Vec::new();
    for other in view.cases_of_day(&first.controller, first.received.day())? {
        let asks = matches!(other.right, Right::Access | Right::Export);
        if !asks || !other.is_open() || other.answered.is_some() {
            continue;
        }
        if other.number == first.number || letter(view, &other.number)?.as_ref() == Some(&first.number) {
            // What was made for nobody in particular is a draft, and is made again.
            let undone = matches!(other.state, CaseState::Received | CaseState::Verified);
            let made = !undone && other.identity.is_some() && is_drawn(view, &other)?;
            owed.push(OwedAnswer { made, case: other.number });
        }
    }
    Ok(owed.into_iter().min_by_key(|answer| answer.made))
}

/// Whether what a case asked to be told is on paper: a copy is, once it is made; a letter of access is drawn from what is
/// held on the day it is made, so nothing of that may go before.
fn is_drawn(view: &View<'_>, case: &CaseFile) -> Result<bool> {
    if case.right == Right::Export {
        return Ok(true);
    }
    let history = view.case_history(&case.number)?;
    let mut since =
        history.iter().rev().take_while(|entry| !matches!(entry.event, CaseEvent::Executed { .. }));
    Ok(since.any(|entry| matches!(entry.event, CaseEvent::Lettered { .. })))
}

/// The first case of the letter that a case came with, where that asked several things.
///
/// # Errors
/// As any read.
pub fn letter(view: &View<'_>, number: &CaseNumber) -> Result<Option<CaseNumber>> {
    let history = view.case_history(number)?;
    Ok(history.into_iter().rev().find_map(|entry| match entry.event {
        CaseEvent::Received { letter, .. } => letter,
        _ => None,
    }))
}

/// The same for a command that names no case: of the case that it will join.
///
/// # Errors
/// As any read.
pub fn reply_of_joined(
    view: &View<'_>,
    facts: &SubjectFacts,
    right: Right,
    receipt: &Receipt,
    now: Moment,
    ask: Option<&str>,
) -> Result<Option<OwedAnswer>> {
    match cases::same_day(view, facts, right, receipt, now, ask)? {
        Some(number) => reply(view, &view.case(&number)?),
        None => Ok(None),
    }
}
