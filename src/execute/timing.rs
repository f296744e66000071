//! When a case is due, by its events and the rules of the day it runs from.

use super::{cases::Receipt, freed};
use crate::{
    calendar::Calendar,
    decide::{
        answering,
        deadline::{PastEndPolicy, Timed, over_events},
        since,
        story::Story,
        timeline,
    },
    domain::{Duty, Error, Kind, Moment, Result, SubjectFacts},
    policy::Rulebook,
    store::{CaseEntry, CaseFile, Tx, View},
};

/// The dates of a case, from its events and the rules of the day it runs from.
///
/// # Errors
/// Only where the calendar cannot even be guessed, or the register is damaged.
pub fn timed(
    file: &CaseFile,
    history: &[CaseEntry],
    rules: (&Rulebook, &Calendar),
    now: Moment,
) -> Result<Timed> {
    let carried_out = answering::is_carried_out(history.iter().map(|entry| &entry.event));
    timed_as(file, history, rules, now, carried_out)
}

fn timed_as(
    file: &CaseFile,
    history: &[CaseEntry],
    (rulebook, calendar): (&Rulebook, &Calendar),
    now: Moment,
    carried_out: bool,
) -> Result<Timed> {
    let events = history.iter().map(|entry| (entry.at, &entry.event));
    let ticks = timeline::ticks(file.right, file.received, events);
    let last = ticks.iter().map(|tick| tick.at).max().unwrap_or(now);
    let story = Story::of(&ticks, now.max(last))
        .map_err(|illegal| Error::new(Kind::Integrity, format!("case {}: {illegal}", file.number)))?;
    let (law, policy) = answering::terms(rulebook, file.right, story.received().day(), carried_out);
    over_events(file.right, &story, &law, &policy, calendar, PastEndPolicy::Provisional)
}

/// A case with its last day as it is now: while its clock stands for what the person was asked for, that day moves on
/// with every day, and the one that was written down is of the day it was asked.
///
/// # Errors
/// As [`timed`], and as any read.
pub fn present(
    view: &View<'_>,
    file: CaseFile,
    rules: (&Rulebook, &Calendar),
    now: Moment,
) -> Result<CaseFile> {
    if !file.is_open() || !view.was_asked(&file.number)? {
        return Ok(file);
    }
    let history = view.case_history(&file.number)?;
    if timeline::waits_for(history.iter().map(|entry| &entry.event)).is_empty() {
        return Ok(file);
    }
    let term = timed(&file, &history, rules, now)?.deadline;
    Ok(CaseFile {
        due: term.due,
        due_at: term.due_at,
        target: term.target,
        provisional: term.provisional,
        ..file
    })
}

/// Duties of a case, which [`present`] gave, with their last days as they are now: they are due when the answer is, so
/// a clock that stands or was given more time in their round moves them with it. What an answer told as waiting has a
/// term of its own, from when nothing kept it any more; without `rules` it has no day.
///
/// # Errors
/// As [`timed`], and as any read.
pub fn duties(
    view: &View<'_>,
    case: &CaseFile,
    rules: Option<(&Rulebook, &Calendar)>,
    mut duties: Vec<Duty>,
) -> Result<Vec<Duty>> {
    // The day of the first term is over for it, as it is for its case.
    if case.is_told() {
        for duty in duties.iter_mut().filter(|duty| duty.bars()) {
            duty.what.due = rules.map_or(Ok(None), |rules| freed::due(view, case, duty, rules))?;
        }
        return Ok(duties);
    }
    let sooner = |duty: &Duty| duty.is_open() && duty.what.due.is_some_and(|due| Some(due) < case.due);
    if !duties.iter().any(sooner) {
        return Ok(duties);
    }
    let history = view.case_history(&case.number)?;
    let events = || history.iter().map(|entry| (entry.at, &entry.event));
    for duty in duties.iter_mut().filter(|duty| sooner(duty)) {
        if since::moves_with_answer(&duty.what, events()) {
            duty.what.due = case.due;
        }
    }
    Ok(duties)
}

/// The case that a receipt names, where it names one, as [`present`] has it.
///
/// # Errors
/// Not found (exit 3); as [`present`].
pub fn named(
    view: &View<'_>,
    receipt: &Receipt,
    rules: (&Rulebook, &Calendar),
    now: Moment,
) -> Result<Option<CaseFile>> {
    receipt.case.as_ref().map(|number| present(view, view.case(number)?, rules, now)).transpose()
}

/// The person's open cases as [`present`] has them: an answer lists them beside its own.
///
/// # Errors
/// As [`present`].
pub fn of_person(
    view: &View<'_>,
    facts: &mut SubjectFacts,
    rules: (&Rulebook, &Calendar),
    now: Moment,
) -> Result<()> {
    for case in facts.cases.iter_mut().filter(|case| case.open) {
        case.due = present(view, view.case(&case.number)?, rules, now)?.due;
    }
    Ok(())
}

/// A case that is being carried out, due when its answer is: so are the duties that it gives people.
///
/// # Errors
/// As [`timed`], and as any write.
pub fn due_of_answer(
    tx: &Tx<'_>,
    rules: (&Rulebook, &Calendar),
    file: CaseFile,
    now: Moment,
) -> Result<CaseFile> {
    if !answering::is_instant(&rules.0.terms(file.right, file.received.day())) {
        return present(tx, file, rules, now);
    }
    let timed = timed_as(&file, &tx.case_history(&file.number)?, rules, now, true)?;
    tx.retime_case(&file.number, &timed.deadline)?;
    tx.case(&file.number)
}
