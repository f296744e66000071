//! Steps in other systems that are not to be done any more, because what they were for is over.
//!
//! A flag that a block could not set there would otherwise be set after the check has ended, and one that a lift
//! could not clear would be cleared under a later block.

use super::{
    super::{
        act::Decided,
        context::{Context, Said},
        order::Order,
    },
    Remote, Told,
    finish::{AFTER_ANOTHER, AFTER_FOUND, asks_anew, is_other_database, is_stuck},
    intent::{Intent, Line},
    unfinished,
};
use crate::{
    audit::State,
    decide::lift::Finding,
    domain::{Action, CaseEvent, CaseNumber, CaseState, Error, Kind, Result, Right},
    store::{
        CaseEntry, CaseFile, Tx, View,
        remote::{NewRemoteStep, RemoteStep},
    },
};

/// Takes away what a case left open elsewhere, and tells it as it was done here.
///
/// # Errors
/// As any write.
pub fn case(tx: &Tx<'_>, context: &Context, number: &CaseNumber) -> Result<()> {
    if !tx.is_in_part(number)? {
        return Ok(());
    }
    let counts = tx.remote_void(number)?.into_iter().map(|(system, rows)| (format!("void.{system}"), rows));
    let counts = counts.collect();
    let mut file = tx.case(number)?;
    if let Some(kept) = tx.remote_case(number)? {
        let (told, _) = Told::read(&kept)?;
        if file.is_open() {
            file = tx.move_case(number, &told.event(), context.now, context.actor.name())?;
        }
        tx.remote_told(number)?;
    }
    let said = Said { case: Some(number.clone()), subject: file.subject, counts, ..Said::default() };
    context.log(tx, "elsewhere", State::Elsewhere, said).map(drop)
}

/// What is asked once more in a case goes on with the steps that it left open, and is not decided anew: on what the
/// first try left behind it would come out otherwise, and be called done.
///
/// # Errors
/// Refused (exit 4), with the command that goes on. Steps in systems that are left out this time, in other databases
/// by now, or of rows that others changed hinder nothing, nor does what
/// a database refuses where another map draws something else.
pub fn goes_on_first(
    view: &View<'_>,
    case: &CaseFile,
    remote: Option<&Remote>,
    (decided, drawn): (&Decided, &[NewRemoteStep]),
) -> Result<()> {
    let searched = remote.map(|remote| remote.searched.as_slice()).unwrap_or_default();
    let idle = decided.plan.steps.is_empty();
    let mut steps = view.remote_steps(&case.number)?;
    steps.retain(|step| !step.is_done());
    let mut anew = Vec::new();
    for step in &steps {
        let gets_over = step.trouble.as_deref().is_some_and(asks_anew);
        anew.push(gets_over && !(is_stuck(step) && is_drawn(step, drawn)?));
    }
    let refused = anew.clone();
    while behind(&steps, &mut anew) {}
    let all = || steps.iter().zip(&anew);
    if let Some(remote) = remote {
        let refused = steps.iter().zip(&refused);
        for (step, _) in refused.filter(|(step, anew)| **anew && searched.contains(&step.system)) {
            if unfinished::found(step, remote)?.contains(&None) {
                return Err(lost_sight(&case.number));
            }
        }
    }
    let is_open = |(step, anew): (&RemoteStep, &bool)| !anew && (idle || searched.contains(&step.system));
    if !all().any(is_open) || is_other_database(view, case)? {
        return Ok(());
    }
    let number = &case.number;
    Err(Error::new(Kind::Refused, format!("case {number} has steps in other systems that are not done"))
        .hint(format!("nothing was done; go on with them: dsr request resume {number} --yes")))
}

/// What only waited for one that is drawn anew is drawn anew with it. Whether there was one more.
fn behind(steps: &[RemoteStep], anew: &mut [bool]) -> bool {
    let waits = |step: &RemoteStep, anew: &[bool]| match step.trouble.as_deref() {
        Some(AFTER_FOUND) => anew.contains(&true),
        Some(AFTER_ANOTHER) => {
            steps.iter().zip(anew).any(|(other, anew)| *anew && other.system == step.system)
        }
        _ => false,
    };
    let more = steps.iter().enumerate().find(|(nth, step)| !anew[*nth] && waits(step, anew));
    more.map(|(nth, _)| anew[nth] = true).is_some()
}

/// What nobody finds any more cannot be drawn anew, and is not called done.
fn lost_sight(number: &CaseNumber) -> Error {
    let what = format!("case {number} has steps of rows that no search finds any more");
    Error::new(Kind::Refused, what).hint(format!(
        "nothing was done; try them by their keys: dsr request resume {number} --yes; where their system goes on refusing them, \
         people do it there: type the same with --request {number} --without SYSTEM"
    ))
}

/// Whether a step is drawn (`drawn`: by the map of today) as it was: it would be refused again.
fn is_drawn(step: &RemoteStep, drawn: &[NewRemoteStep]) -> Result<bool> {
    let Some(payload) = step.payload.as_deref() else { return Ok(false) };
    let before = Intent::read(payload)?;
    let here = |new: &&NewRemoteStep| (&new.system, &new.collection) == (&step.system, &step.collection);
    for new in drawn.iter().filter(here) {
        let now = Intent::read(&new.payload)?;
        let same = |line: &Line| now.rows.iter().any(|one| (&one.key, &one.set) == (&line.key, &line.set));
        if now.columns == before.columns && before.rows.iter().any(same) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A new block takes back the ends of older checks that wait elsewhere: what they would clear stands for it now.
/// Where the check found the data unlawful they destroy too, and go on.
///
/// # Errors
/// As any write.
pub fn lifts(tx: &Tx<'_>, context: &Context, decided: &Decided) -> Result<()> {
    if !decided.plan.steps.iter().any(|step| step.action == Action::Block) {
        return Ok(());
    }
    let cases = decided.facts.iter().flat_map(|facts| &facts.cases);
    for one in cases.filter(|one| one.open && one.right == Right::Unblock) {
        let found = Order::last(&tx.case_history(&one.number)?);
        let destroys =
            matches!(&found, Some(Order::Lift { finding, .. }) if finding == Finding::Unlawful.as_str());
        if !destroys {
            case(tx, context, &one.number)?;
        }
    }
    Ok(())
}

/// Whether a case is a block whose check has ended, or the end of one that is carried out, and was not opened again
/// since: it blocks and frees nothing more.
///
/// # Errors
/// As any read.
pub fn is_over(view: &View<'_>, case: &CaseFile, history: &[CaseEntry]) -> Result<bool> {
    if case.right == Right::Unblock {
        return Ok(case.state == CaseState::Executed && !view.is_in_part(&case.number)?);
    }
    let last = history.iter().rev().find_map(|entry| match &entry.event {
        CaseEvent::Unblocked { .. } => Some(true),
        CaseEvent::Blocked { .. } | CaseEvent::Reopened { .. } => Some(false),
        _ => None,
    });
    let Some(subject) = case.subject.filter(|_| last == Some(true) && case.right == Right::Restrict) else {
        return Ok(false);
    };
    match view.facts(&case.controller, subject) {
        Ok(facts) => Ok(!facts.blocks.iter().any(|block| block.case == case.number)),
        Err(error) if error.kind() == Kind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
