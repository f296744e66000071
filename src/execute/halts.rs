//! Steps by hand that an order or a check has come to keep since they were set.
//!
//! INVARIANT: nobody is told to destroy, in a place that people keep, what is blocked or held by now, nor may write down
//! that they did: the decision is as old as the step.

use crate::{
    decide::by_hand,
    domain::{CaseNumber, Duty, Error, Halt, Kind, Result, SubjectId},
    store::{CaseFile, View},
};

/// Duties of a case, each with what keeps it from being done now.
///
/// # Errors
/// As any read.
pub fn shown(view: &View<'_>, case: &CaseFile, mut duties: Vec<Duty>) -> Result<Vec<Duty>> {
    let orders = |duty: &Duty| duty.bars() && by_hand::destroys(&duty.what.task);
    let Some(subject) = case.subject.filter(|_| duties.iter().any(orders)) else { return Ok(duties) };
    let facts = match view.facts(&case.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(duties),
        facts => facts?,
    };
    for duty in duties.iter_mut().filter(|duty| orders(duty)) {
        duty.waits = by_hand::halted(&duty.what.task, &facts);
    }
    Ok(duties)
}

/// Refuses to close a step that waits.
///
/// # Errors
/// Refused (exit 4), with what it waits for; as any read.
pub fn refuse(view: &View<'_>, case: &CaseFile, step: u32) -> Result<()> {
    let duties = shown(view, case, view.duties(&case.number)?)?;
    let waits = duties.into_iter().find(|duty| duty.step == step).and_then(|duty| duty.waits);
    let Some(halt) = waits else { return Ok(()) };
    let says = match &halt {
        Halt::Hold(number) => format!("step {step} waits: hold {number} keeps what it would destroy"),
        Halt::Block(case) => {
            format!("step {step} waits: the check of case {case} blocks what it would destroy")
        }
    };
    Err(Error::new(Kind::Refused, says)
        .hint(format!("nothing is destroyed before that is over; see it: {}", halt.seen_by())))
}

/// The steps of a person that wait, in all their cases.
///
/// # Errors
/// As any read.
pub fn of_person(view: &View<'_>, controller: &str, subject: SubjectId) -> Result<Vec<(CaseNumber, Duty)>> {
    let facts = view.facts(controller, subject)?;
    let mut all = Vec::new();
    for number in facts.cases.iter().map(|case| &case.number) {
        let duties = shown(view, &view.case(number)?, view.duties(number)?)?;
        all.extend(duties.into_iter().filter(|duty| duty.waits.is_some()).map(|duty| (number.clone(), duty)));
    }
    Ok(all)
}
