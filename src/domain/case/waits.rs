//! Steps by hand that something came to keep: what is free of them is done, the rest stays open, and the person is told
//! on time that it waits.
//!
//! What keeps a step stands in no case: whoever writes the event has looked, and the event says what they found.

use super::{Bar, Case, CaseEvent, CaseState, Duty, NewDuty, Part};
use crate::domain::{Moment, Right};

impl Case {
    /// What of the steps by hand keeps an event from happening: an answer passes those that wait, where it says so.
    pub(super) fn barred_by_steps(&self, event: &CaseEvent) -> Option<Bar> {
        let waits = event.waits();
        let unknown = waits.iter().find(|step| !self.barring().any(|duty| duty.step == **step));
        let open = || self.barring().find(|duty| !waits.contains(&duty.step)).filter(|_| event.ends());
        unknown.map(|step| Bar::NoStep(*step)).or_else(|| open().map(|duty| Bar::OpenStep(duty.step)))
    }

    /// A step of which a part is done now becomes that part; the rest is a step of its own, due on the same day.
    pub(super) fn split(&mut self, step: u32, part: &Part) {
        let next = u32::try_from(self.duties.len() + 1).unwrap_or(u32::MAX);
        let Some(duty) = self.duties.iter_mut().find(|duty| duty.step == step) else { return };
        duty.what.task.clone_from(&part.done);
        let left = NewDuty { task: part.left.clone(), ..duty.what.clone() };
        self.duties.push(Duty::new(next, left));
    }

    /// With the last of the steps that waited the case goes on where it stood: its answer is due again.
    pub(super) fn go_on(&mut self, before: CaseState, event: &CaseEvent) {
        match event {
            // Carried out again with the same steps waiting: nothing new is to be told before they are done.
            CaseEvent::Executed { waiting: false, .. } if self.put_off && self.barring().next().is_some() => {
                self.state = before;
            }
            CaseEvent::Executed { .. } | CaseEvent::Reopened { .. } => {
                self.put_off = false;
                // What the answer told as waiting is done: that is told too.
                if (before, self.state) == (CaseState::Waiting, CaseState::Executed) {
                    self.answered = None;
                }
            }
            CaseEvent::Answered { waits, .. } if !waits.is_empty() => {
                self.put_off |= before != CaseState::Waiting;
            }
            CaseEvent::Done { .. } | CaseEvent::Recalled { .. }
                if self.put_off && self.barring().next().is_none() =>
            {
                (self.state, self.answered, self.put_off) = (CaseState::Executed, None, false);
            }
            _ => {}
        }
    }
}

/// Whether a case waits for steps by hand alone, by its events.
pub fn is_put_off<'e>(
    (right, received): (Right, Moment),
    events: impl IntoIterator<Item = (Moment, &'e CaseEvent)>,
) -> bool {
    Case::replay(right, received, events).is_ok_and(|case| case.put_off)
}
