//! A case that waits and is asked to go on while nothing of it changed: nothing is done, so nothing is written down.

use super::{act::Done, decided::Decided, halts, order::Order, record};
use crate::{
    domain::{Action, CaseEvent, CaseNumber, CaseState, Duty, Outcome, Result, Step, Waiting, outcome::Line},
    store::{CaseEntry, CaseFile, View, destroy::Needles},
};

/// The case and what it waits for, where the decision says what was written down last, and does nothing that was not
/// done or told then.
///
/// # Errors
/// Not found (exit 3) for the case; as any read.
pub fn of(
    view: &View<'_>,
    number: &CaseNumber,
    decided: &Decided,
    order: &Order,
) -> Result<Option<(CaseFile, Vec<String>)>> {
    let case = view.case(number)?;
    let begins = decided.refusal.is_some() || decided.second.is_some();
    if case.state != CaseState::Waiting || begins || view.is_in_part(number)? {
        return Ok(None);
    }
    let (history, duties) = (view.case_history(number)?, halts::of_case(view, &case)?);
    let ask = order.kept_of(decided.facts.as_ref());
    if !is_told(&history, decided, ask.as_deref()) || !is_idle(&case, &history, &duties, decided) {
        return Ok(None);
    }
    let mut waits: Vec<String> = decided.plan.waits.iter().map(|wait| named(&wait.on, decided)).collect();
    waits.extend(duties.iter().filter_map(|duty| duty.waits.as_ref()).map(|halt| halt.awaited()));
    let mut seen = Vec::new();
    waits.retain(|wait| {
        !seen.contains(wait) && {
            seen.push(wait.clone());
            true
        }
    });
    Ok((!waits.is_empty()).then_some((case, waits)))
}

/// What is waited for, to be said beside the answer; of a deal of another system that alone, since the rest of its name
/// may be a key of the person.
fn named(on: &Waiting, decided: &Decided) -> String {
    let elsewhere = |reference: &String| {
        let mut deals = decided.facts.iter().flat_map(|facts| &facts.obligations);
        deals.any(|deal| deal.id < 0 && deal.reference == *reference)
    };
    match on {
        Waiting::Obligation(reference) if elsewhere(reference) => {
            let system = reference.split(' ').next().unwrap_or_default();
            Waiting::Obligation(system.to_owned()).awaited()
        }
        on => on.awaited(),
    }
}

/// What is answered then: the decision again, and nothing done.
pub fn done(decided: Decided, case: CaseFile) -> Done {
    let (act, needles, reopened) = (None, Needles::new(), Vec::new());
    Done { decided, case, act, needles, reopened, elsewhere: false }
}

/// Whether the same was asked last, and all that stays and waits did so then.
fn is_told(history: &[CaseEntry], decided: &Decided, ask: Option<&str>) -> bool {
    let last = history.iter().rev().find_map(|entry| match &entry.event {
        CaseEvent::Executed { ask, outcome, .. } => Some((ask, outcome)),
        _ => None,
    });
    let Some((asked, Some(outcome))) = last else { return false };
    let now = decided.outcome(None, "");
    // What is kept no more would go now; what people keep is decided with what they have to destroy.
    let stays = now.kept.iter().all(|line| outcome.kept.contains(line));
    Order::is_same(asked.as_deref(), ask) && outcome.waits == now.waits && stays
}

/// Whether every step was told to people before, or met nothing then and meets nothing now.
fn is_idle(case: &CaseFile, history: &[CaseEntry], duties: &[Duty], decided: &Decided) -> bool {
    let now = Outcome::of(&decided.plan, None, None);
    let told = |step: &Step| {
        record::duty(step, case).is_some_and(|new| {
            let alike = |duty: &&Duty| (&duty.what.place, &duty.what.task) == (&new.place, &new.task);
            duties.iter().any(|duty| alike(&duty))
        })
    };
    let met = |line: &Line| lines(history).any(|known| alike(known, line));
    decided.plan.steps.iter().zip(&now.steps).all(|(step, line)| match step.action {
        Action::Manual | Action::Notify => told(step),
        _ => step.is_own() && step.keys.is_empty() && met(line),
    })
}

fn lines(history: &[CaseEntry]) -> impl Iterator<Item = &Line> {
    let outcomes = history.iter().filter_map(|entry| match &entry.event {
        CaseEvent::Executed { outcome, .. } => outcome.as_ref(),
        _ => None,
    });
    outcomes.flat_map(|outcome| &outcome.steps)
}

fn alike(one: &Line, other: &Line) -> bool {
    let of = |line: &Line| (line.action, line.effect, line.category.clone(), line.about.clone());
    of(one) == of(other)
}
