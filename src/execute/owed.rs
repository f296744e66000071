//! Answers that the person asked for, by the same letter or by another, beside what destroys: they are made before
//! anything goes.

use super::cases::{self, Receipt};
use crate::{
    domain::{
        CaseEvent, CaseNumber, CaseState, Letter, LetterKind, Moment, OwedAnswer, Result, Right,
        SubjectFacts, facts::CaseSummary,
    },
    store::{CaseFile, View},
};

/// What the same letter, or the same person by another one, asked to be told and was not told yet; of several, one that is
/// not made yet.
///
/// # Errors
/// As any read.
pub fn reply(view: &View<'_>, case: &CaseFile, facts: &SubjectFacts) -> Result<Option<OwedAnswer>> {
    let mut owed = of_person(view, facts, case.representative.as_deref())?;
    if let Some(first) = letter(view, &case.number)? {
        let first = view.case(&first)?;
        for other in view.cases_of_day(&first.controller, first.received.day())? {
            if other.number == first.number || letter(view, &other.number)?.as_ref() == Some(&first.number) {
                owed.extend(owes(view, other)?);
            }
        }
    }
    Ok(untold(owed))
}

/// What other letters asked, whatever day they came: the person's own stop whoever acts for them, and what somebody asks for
/// the person stops what they ask in that name. What nobody is confirmed for may be a stranger's, and stops nothing.
fn of_person(view: &View<'_>, facts: &SubjectFacts, representative: Option<&str>) -> Result<Vec<OwedAnswer>> {
    let mut owed = Vec::new();
    for case in facts.cases.iter().filter(|case| may_owe(case)) {
        let other = view.case(&case.number)?;
        let asker = other.representative.as_deref();
        if other.identity.is_some() && (asker.is_none() || asker == representative) {
            owed.extend(owes(view, other)?);
        }
    }
    Ok(owed)
}

/// Whether a case asks to be told what is held and may not have been answered: a refusal is signed before it is sent.
fn may_owe(case: &CaseSummary) -> bool {
    let asks = matches!(case.right, Right::Access | Right::Export);
    asks && (case.open || case.state == CaseState::Refused.as_str())
}

/// The answer that a case owes, if it tells what is held.
fn owes(view: &View<'_>, case: CaseFile) -> Result<Option<OwedAnswer>> {
    let asks = matches!(case.right, Right::Access | Right::Export);
    if !asks || case.ended.is_some() || case.answered.is_some() {
        return Ok(None);
    }
    // A refusal lists nothing of what is held: only where it goes to has to stay.
    if case.state == CaseState::Refused {
        return Ok(Some(OwedAnswer { made: true, case: case.number }));
    }
    // What was made for nobody in particular is a draft, and is made again.
    let undone = matches!(case.state, CaseState::Received | CaseState::Verified);
    let made = !undone && case.identity.is_some() && is_drawn(view, &case)?;
    Ok(Some(OwedAnswer { made, case: case.number }))
}

fn untold(owed: Vec<OwedAnswer>) -> Option<OwedAnswer> {
    owed.into_iter().min_by_key(|answer| answer.made)
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
    Ok(since.any(|entry| match &entry.event {
        CaseEvent::Lettered { letter } => letter.faults.is_empty() && tells_held(letter),
        _ => false,
    }))
}

/// Whether a letter tells what is held. One that cannot be sent is made again, of what is held then.
fn tells_held(letter: &Letter) -> bool {
    letter.kind.parse().is_ok_and(LetterKind::tells_what_is_held)
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

/// The same for a command that names no case: of the case that it will join or open.
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
    if let Some(number) = cases::same_day(view, facts, right, receipt, now, ask)? {
        return reply(view, &view.case(&number)?, facts);
    }
    Ok(untold(of_person(view, facts, receipt.representative.as_deref())?))
}
