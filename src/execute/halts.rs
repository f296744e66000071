//! Steps by hand that an order or a check has come to keep since they were set, the whole of them or some categories.
//!
//! INVARIANT: nobody is told to destroy, in a place that people keep, what is blocked or held by now, nor may write down
//! that they did: the decision is as old as the step.

use chrono::NaiveDate;

use crate::{
    decide::{
        by_hand::{self, halted},
        by_place::put_off::{self, PutOff},
    },
    domain::{
        CaseEvent, CaseNumber, Duty, Error, Halt, Kind, Part, Result, SubjectFacts, SubjectId,
        case::{Bar, IllegalMove},
    },
    execute::reach,
    policy::Rulebook,
    store::{CaseFile, View, remote::RemoteStep},
};

/// Duties of a case, each with what keeps it, or a part of it, from being done now.
///
/// # Errors
/// As any read.
pub fn shown(view: &View<'_>, case: &CaseFile, mut duties: Vec<Duty>) -> Result<Vec<Duty>> {
    let orders = |duty: &Duty| duty.bars() && by_hand::destroys(&duty.what.task);
    if !duties.iter().any(orders) {
        return Ok(duties);
    }
    let Some(facts) = facts(view, case)? else { return Ok(duties) };
    for duty in duties.iter_mut().filter(|duty| orders(duty)) {
        (duty.waits, duty.held) = halted::halts(&duty.what.task, &facts);
    }
    Ok(duties)
}

/// The same, and whose end has to say by now whether anything had to stay: a deal needs some of it that came after the
/// step was set.
///
/// # Errors
/// As any read.
pub fn shown_by(
    view: &View<'_>,
    case: &CaseFile,
    rulebook: Option<&Rulebook>,
    duties: Vec<Duty>,
) -> Result<Vec<Duty>> {
    let mut duties = shown(view, case, duties)?;
    let destroys = |duty: &Duty| duty.bars() && by_hand::destroys(&duty.what.task);
    let Some(rulebook) = rulebook.filter(|_| duties.iter().any(destroys)) else { return Ok(duties) };
    let Some(facts) = facts(view, case)? else { return Ok(duties) };
    for duty in duties.iter_mut().filter(|duty| destroys(duty)) {
        let needed = by_hand::deal_since(&duty.what.task, &facts, rulebook);
        duty.sorts = needed.is_some_and(|(_, needed)| halted::sorts(&duty.what.task, &duty.held, &needed));
    }
    Ok(duties)
}

pub(super) fn facts(view: &View<'_>, case: &CaseFile) -> Result<Option<SubjectFacts>> {
    let Some(subject) = case.subject else { return Ok(None) };
    match view.facts(&case.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        facts => facts.map(Some),
    }
}

/// How far a case is in other systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// Nothing is open there, and all is told.
    Done,
    /// A step is open, or done and not told.
    Open,
    /// All that is open there is kept by an order or a check, as the last try found it and as it stands: an answer may
    /// go out that says so.
    Kept(Halt),
}

/// How far a case is in other systems, without asking these.
///
/// # Errors
/// As any read.
pub fn elsewhere(view: &View<'_>, case: &CaseFile) -> Result<Elsewhere> {
    if !view.is_in_part(&case.number)? {
        return Ok(Elsewhere::Done);
    }
    let Some(facts) = facts(view, case)? else { return Ok(Elsewhere::Open) };
    let mut steps = view.remote_steps(&case.number)?;
    steps.retain(|step| !step.is_done());
    let keeper = |step: &RemoteStep| reach::keeper(step.trouble.as_deref()?, &facts);
    let follows = |step: &RemoteStep| {
        step.trouble.as_deref().is_some_and(|why| [reach::AFTER_ANOTHER, reach::AFTER_FOUND].contains(&why))
    };
    let all = steps.iter().all(|step| follows(step) || keeper(step).is_some());
    Ok(steps.iter().find_map(keeper).filter(|_| all).map_or(Elsewhere::Open, Elsewhere::Kept))
}

/// The duties of a case as [`shown`] has them.
///
/// # Errors
/// Not found (exit 3) for the case; as any read.
pub fn of_case(view: &View<'_>, case: &CaseFile) -> Result<Vec<Duty>> {
    shown(view, case, view.duties(&case.number)?)
}

/// What of a step may be done now, and what of it is left then; `None`: all of it may.
///
/// # Errors
/// Refused (exit 4) where the whole of it waits, with what for; as any read.
pub fn part(view: &View<'_>, case: &CaseFile, step: u32, needed: &[String]) -> Result<Option<Part>> {
    let Some(duty) = of_case(view, case)?.into_iter().find(|duty| duty.step == step) else {
        return Ok(None);
    };
    let Some(halt) = &duty.waits else { return Ok(halted::split(&duty.what.task, &duty.held, needed)) };
    Err(Error::new(Kind::Refused, says(step, halt)).hint(seen(halt)))
}

fn says(step: u32, halt: &Halt) -> String {
    match halt {
        Halt::Hold(number) => format!("step {step} waits: hold {number} keeps what it would destroy"),
        Halt::Block(case) => {
            format!("step {step} waits: the check of case {case} blocks what it would destroy")
        }
    }
}

fn seen(halt: &Halt) -> String {
    format!("nothing is destroyed before that is over; see it: {}", halt.seen_by())
}

/// The steps of a case that wait whole: an answer says so, and goes out in time.
///
/// # Errors
/// As any read.
pub fn waiting(view: &View<'_>, case: &CaseFile) -> Result<Vec<u32>> {
    let duties = of_case(view, case)?;
    Ok(duties.iter().filter(|duty| duty.is_halted()).map(|duty| duty.step).collect())
}

/// Refuses what would end a case while a step is open, and says how that is closed, or what it waits for where all that
/// are open wait.
///
/// # Errors
/// Refused (exit 4); as any read.
pub fn refuse_end(view: &View<'_>, case: &CaseFile, event: &CaseEvent, rulebook: &Rulebook) -> Result<()> {
    if !event.ends() || !event.waits().is_empty() {
        return Ok(());
    }
    let duties = shown_by(view, case, Some(rulebook), view.duties(&case.number)?)?;
    let open = duties.iter().filter(|duty| duty.bars());
    let Some(duty) = open.min_by_key(|duty| duty.is_halted()) else { return Ok(()) };
    let illegal = IllegalMove { state: case.state, event: event.as_str(), bar: Bar::OpenStep(duty.step) };
    let back = by_hand::recalling(case.number.as_str(), duty.step);
    let hint = match (&duty.waits, event) {
        (None, _) => by_hand::ended_by(case.number.as_str(), duty, event),
        (Some(halt), CaseEvent::Answered { .. }) => seen(halt),
        (Some(halt), _) => format!(
            "nothing is destroyed before that is over; see it: {}; or take it back where nobody did it: {back}",
            halt.seen_by()
        ),
    };
    Err(Error::new(Kind::Refused, format!("case {}: {illegal}", case.number)).hint(hint))
}

/// What steps that wait leave undone, and why, as a letter tells it.
///
/// # Errors
/// As any read.
pub fn put_off(
    view: &View<'_>,
    case: &CaseFile,
    duties: &[Duty],
    rulebook: &Rulebook,
) -> Result<Vec<PutOff>> {
    if !duties.iter().any(Duty::is_halted) {
        return Ok(Vec::new());
    }
    let Some(facts) = facts(view, case)? else { return Ok(Vec::new()) };
    let mut ends: Vec<(CaseNumber, NaiveDate)> = Vec::new();
    for block in facts.blocks.iter().chain(&facts.asked_blocks) {
        ends.extend(view.case(&block.case)?.due.map(|due| (block.case.clone(), due)));
    }
    Ok(put_off::of(duties, &facts, rulebook, case.right, &ends))
}

/// The steps of a person that wait, or of which a part does, in all their cases.
///
/// # Errors
/// As any read.
pub fn of_person(view: &View<'_>, controller: &str, subject: SubjectId) -> Result<Vec<(CaseNumber, Duty)>> {
    let facts = view.facts(controller, subject)?;
    let mut all = Vec::new();
    for number in facts.cases.iter().map(|case| &case.number) {
        let duties = of_case(view, &view.case(number)?)?;
        let waits = duties.into_iter().filter(|duty| duty.is_halted() || !duty.held.is_empty());
        all.extend(waits.map(|duty| (number.clone(), duty)));
    }
    Ok(all)
}
