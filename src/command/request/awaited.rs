//! What a case waits for: which deal, order, check or system, until when where that is known, and how it goes on.

use chrono::NaiveDate;

use super::show::{carrying_out, going_on};
use crate::{
    decide::by_hand::closing,
    domain::{CaseEvent, CaseNumber, CaseState, Duty, Halt, Kind, Plan, Result, Waiting, outcome::Pending},
    execute::{halts::Elsewhere, order::Order},
    render::answer::awaited::Awaited,
    store::{CaseEntry, CaseFile, View, effect::Wait},
};

/// Everything that a case waits for; of one that waits for nothing, nothing.
///
/// # Errors
/// As any read.
pub(super) fn of(
    view: &View<'_>,
    case: &CaseFile,
    (history, duties, elsewhere): (&[CaseEntry], &[Duty], &Elsewhere),
    today: NaiveDate,
) -> Result<Vec<Awaited>> {
    let mut all = match case.state {
        CaseState::Waiting => pending(view, case, history, today)?,
        CaseState::Refused => refused(view, case, history)?,
        _ => Vec::new(),
    };
    if *elsewhere != Elsewhere::Done {
        all.extend(systems(view, case)?);
    }
    for duty in duties {
        if let Some(halt) = &duty.waits {
            all.push(halted(view, case, duty, halt)?);
        }
    }
    let mut seen = Vec::new();
    all.retain(|one| {
        let name = (one.on.clone(), one.name.clone());
        !seen.contains(&name) && {
            seen.push(name);
            true
        }
    });
    Ok(all)
}

/// The command that goes on with the answer that a part of a plan waits for, where it waits for one.
///
/// # Errors
/// As any read.
pub fn first(view: &View<'_>, plan: &Plan, today: NaiveDate) -> Result<Option<String>> {
    let answer = plan.waits.iter().find_map(|wait| match &wait.on {
        Waiting::Answer(case) => Some(case),
        _ => None,
    });
    answer.map_or(Ok(None), |case| answering(view, case, today))
}

/// The command that goes on with a case which owes an answer; `None`: it has ended.
fn answering(view: &View<'_>, number: &CaseNumber, today: NaiveDate) -> Result<Option<String>> {
    match view.case(number) {
        // The register keeps no case for ever.
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        case => match case?.ended {
            Some(_) => Ok(None),
            None => going_on(view, number, today).map(Some),
        },
    }
}

/// The command that goes on with the check that a case waits for: one that was asked for is begun, one that is under way
/// ends with a finding; `None`: it is over.
fn ending(view: &View<'_>, case: &CaseFile, block: &CaseNumber, today: NaiveDate) -> Result<Option<String>> {
    let Some(subject) = case.subject else { return Ok(None) };
    let facts = match view.facts(&case.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        facts => facts?,
    };
    if facts.blocks.iter().any(|one| one.case == *block) {
        return Ok(Some(format!(
            "dsr restrict --subject id:{subject} --lift --finding accurate|inaccurate|unlawful"
        )));
    }
    let asked = facts.asked_blocks.iter().any(|one| one.case == *block);
    asked.then(|| going_on(view, block, today)).transpose()
}

/// What was put off when the case was carried out last.
fn pending(
    view: &View<'_>,
    case: &CaseFile,
    history: &[CaseEntry],
    today: NaiveDate,
) -> Result<Vec<Awaited>> {
    let last = history.iter().rev().find_map(|entry| match &entry.event {
        CaseEvent::Executed { outcome, .. } => Some(outcome),
        _ => None,
    });
    let waits = last.and_then(Option::as_ref).map(|outcome| outcome.waits.as_slice()).unwrap_or_default();
    waits.iter().map(|wait| put_off(view, case, wait, today)).collect()
}

fn put_off(view: &View<'_>, case: &CaseFile, wait: &Pending, today: NaiveDate) -> Result<Awaited> {
    let until = match (wait.on.as_str(), &wait.name) {
        ("block" | "correction" | "answer", Some(number)) => owed(view, number)?,
        _ => None,
    };
    // A document is brought with a command of its own; an answer is the office's to give, and a check the office's to end;
    // what else ends, ends by itself.
    let next = match (wait.on.as_str(), wait.name.as_ref().and_then(|name| name.parse().ok())) {
        ("document", _) => Some(carrying_out(case)),
        ("answer", Some(number)) => answering(view, &number, today)?,
        ("block", Some(number)) => ending(view, case, &number, today)?,
        _ => None,
    };
    let next = next.unwrap_or_else(|| resuming(case));
    let statutory = wait.statutory.clone();
    Ok(Awaited { on: wait.on.clone(), name: wait.name.clone(), until, statutory, next })
}

/// What was refused for an open obligation is considered again when that ends: the case opens by itself then.
fn refused(view: &View<'_>, case: &CaseFile, history: &[CaseEntry]) -> Result<Vec<Awaited>> {
    let rows = view.waits(&case.number)?;
    let Some(subject) = case.subject.filter(|_| !rows.is_empty()) else { return Ok(Vec::new()) };
    let facts = match view.facts(&case.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
        facts => facts?,
    };
    let deals = facts.obligations.iter().filter(|deal| rows.contains(&Wait::Obligation(deal.id)));
    let one = |reference: &String| Awaited {
        on: "obligation".to_owned(),
        name: Some(reference.clone()),
        until: None,
        statutory: None,
        next: if Order::last(history).is_some() { resuming(case) } else { carrying_out(case) },
    };
    Ok(deals.map(|deal| one(&deal.reference)).collect())
}

/// Systems in which a step is open.
fn systems(view: &View<'_>, case: &CaseFile) -> Result<Vec<Awaited>> {
    let steps = view.remote_steps(&case.number)?.into_iter().filter(|step| !step.is_done());
    let one = |system: String| Awaited {
        on: "system".to_owned(),
        name: Some(system),
        until: None,
        statutory: None,
        next: resuming(case),
    };
    Ok(steps.map(|step| one(step.system)).collect())
}

/// What keeps a step by hand that was told to people.
fn halted(view: &View<'_>, case: &CaseFile, duty: &Duty, halt: &Halt) -> Result<Awaited> {
    let (on, name, until) = match halt {
        Halt::Hold(number) => ("hold", number.clone(), None),
        Halt::Block(number) => ("block", number.to_string(), owed(view, number.as_str())?),
    };
    let next = closing(case.number.as_str(), duty);
    Ok(Awaited { on: on.to_owned(), name: Some(name), until, statutory: None, next })
}

/// The day that another case is due on: its check or its answer ends by then.
fn owed(view: &View<'_>, number: &str) -> Result<Option<String>> {
    let Ok(number) = number.parse() else { return Ok(None) };
    match view.case(&number) {
        // The register keeps no case for ever.
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        case => Ok(case?.due.map(|day| day.to_string())),
    }
}

fn resuming(case: &CaseFile) -> String {
    format!("dsr request resume {}", case.number)
}
