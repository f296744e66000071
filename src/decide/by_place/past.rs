//! What a case ordered before it is decided again, and which of that counts still.
//!
//! That an order to keep has ended is no new beginning: what it kept is owed, and nothing of what was done beside it.

use std::collections::BTreeSet;

use super::again::beside;
use crate::{
    decide::by_hand,
    domain::{Action, CaseEvent, Disclosure, Duty, DutyKind, Moment, Step, SubjectFacts, case},
};

/// What a case waits for by the word of [`crate::domain::Waiting::Hold`].
const HOLD: &str = "hold";

/// What people were told in a case before, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Steps in places that were done or are open.
    pub(super) stands: Vec<Duty>,
    /// Those that nobody did, and that are asked for still.
    pub(super) taken_back: Vec<Duty>,
    /// Tasks of no place and notices to recipients, where the end of an order to keep opened the case again.
    beside: Vec<Duty>,
}

impl Past {
    /// By the steps of a case and its events, oldest first. `anew`: another thing is asked than before, so what was done
    /// counts no more, and what was taken back is not asked for. `released`: when orders to keep ended.
    pub fn of<'e>(
        duties: Vec<Duty>,
        events: impl Iterator<Item = &'e CaseEvent> + Clone,
        anew: bool,
        released: &BTreeSet<Moment>,
    ) -> Self {
        let rounds = Rounds::of(events.clone(), released);
        let taken_back = if anew { BTreeSet::new() } else { taken_back(events) };
        let (by_hand, rest): (Vec<Duty>, Vec<Duty>) =
            duties.into_iter().partition(|duty| duty.what.kind == DutyKind::Manual);
        let (back, done): (Vec<Duty>, Vec<Duty>) = by_hand.into_iter().partition(|duty| duty.recalled);
        let counts = |duty: &Duty| duty.is_open() || !anew && !rounds.settled.contains(&duty.step);
        let stands: Vec<Duty> = done.into_iter().filter(counts).collect();
        let back = back.into_iter().filter(|duty| taken_back.contains(&duty.step));
        let owed = back.filter(|duty| beside(&duty.what.place, &duty.what.task, &stands).is_some());
        let stood = |duty: &Duty| rounds.held && !anew && !duty.recalled && counts(duty);
        Self { taken_back: owed.collect(), stands, beside: rest.into_iter().filter(stood).collect() }
    }

    /// Whether something is owed still that was taken back.
    pub fn is_owed(&self) -> bool {
        !self.taken_back.is_empty()
    }

    /// Whether people were sent for somebody who was known then: who is gone here by now is not looked up again.
    pub fn knew(&self) -> bool {
        let all = || self.stands.iter().chain(&self.taken_back);
        all().next().is_some() && !all().any(|duty| by_hand::is_look_up(&duty.what.task))
    }

    /// Whether a task of no place, or a notice, is new after what stands. A recipient is told again of what they received
    /// since: their notice lists all that was handed over, and would be the same letter otherwise.
    pub(super) fn leaves(&self, step: &Step, facts: &SubjectFacts) -> bool {
        let first = step.about.first().map(String::as_str);
        let named = |kind: DutyKind| self.beside.iter().filter(move |duty| duty.what.kind == kind);
        match step.action {
            Action::Manual => !named(DutyKind::Task).any(|duty| Some(duty.what.task.as_str()) == first),
            Action::Notify => {
                let told =
                    |duty: &&Duty| Some(duty.what.place.as_str()) == first && duty.what.task == step.why.says;
                let covers = |duty: &Duty, one: &Disclosure| duty.done.is_none_or(|at| one.at <= at);
                let about = |one: &&Disclosure| step.keys.iter().any(|key| key.id == one.id);
                let mut received = facts.disclosures.iter().filter(about);
                let known: Vec<&Duty> = named(DutyKind::Tell).filter(told).collect();
                known.is_empty() || received.any(|one| !known.iter().any(|duty| covers(duty, one)))
            }
            _ => true,
        }
    }
}

/// How a case came to be decided again.
struct Rounds {
    /// The steps that were done before it began anew.
    settled: BTreeSet<u32>,
    /// Whether what opened it last was the end of an order to keep.
    held: bool,
}

impl Rounds {
    /// Where a case waited for a deal as well, the moment says which of them ended.
    fn of<'e>(events: impl Iterator<Item = &'e CaseEvent>, released: &BTreeSet<Moment>) -> Self {
        let (mut waits, mut held) = (false, false);
        let settled = case::settled(events.filter(|event| {
            if let CaseEvent::Executed { outcome: Some(outcome), .. } = event {
                waits = !outcome.waits.is_empty() && outcome.waits.iter().all(|wait| wait.on == HOLD);
            }
            let ends = |since: &Moment| waits || released.contains(since);
            let is_end = matches!(event, CaseEvent::Reopened { since: Some(since), .. } if ends(since));
            held = is_end || held && !event.begins_anew();
            !is_end
        }));
        Self { settled, held }
    }
}

/// The steps taken back since the case asks what it asks.
fn taken_back<'e>(events: impl Iterator<Item = &'e CaseEvent>) -> BTreeSet<u32> {
    events.fold(BTreeSet::new(), |mut steps, event| {
        match event {
            CaseEvent::Recalled { step, .. } => drop(steps.insert(*step)),
            CaseEvent::Decided { anew: true, .. } | CaseEvent::Unblocked { .. } => steps.clear(),
            _ => {}
        }
        steps
    })
}
