//! Which steps of a case an act of destruction waits for: those of the decision that it draws up.

use std::collections::BTreeSet;

use super::{Case, CaseEvent};
use crate::domain::{Moment, NewDuty, Right};

/// The steps of the decision behind an act, begun at `started`: of the one whose outcome names it; while that is not told
/// yet, of the last one of that moment. `None`: an older version wrote the case, and whose steps are whose is not known.
pub fn steps_of_act<'e>(
    (right, received): (Right, Moment),
    events: impl IntoIterator<Item = (Moment, &'e CaseEvent)>,
    (act, started): (&str, Moment),
) -> Option<BTreeSet<u32>> {
    let mut case = Case::received(right, received);
    let (mut last, mut begun, mut told_in) = (None::<BTreeSet<u32>>, None, None);
    for (at, event) in events {
        case = case.apply(at, event).ok()?;
        match event {
            CaseEvent::Decided { duties, .. } => {
                let set: BTreeSet<u32> = duties.iter().filter_map(|duty| case.step_of(duty)).collect();
                begun = if at == started { Some(set.clone()) } else { begun };
                last = Some(set);
            }
            CaseEvent::Executed { outcome: Some(told), .. } if told.act.as_deref() == Some(act) => {
                told_in = told_in.or_else(|| last.clone());
            }
            // What is left of a step belongs to the act of the whole.
            CaseEvent::Done { step, part: Some(_), .. } => {
                let left = case.duties.last().map(|duty| duty.step);
                let sets = [&mut last, &mut begun, &mut told_in];
                for set in sets.into_iter().flatten().filter(|set| set.contains(step)) {
                    set.extend(left);
                }
            }
            _ => {}
        }
    }
    told_in.or(begun)
}

impl Case {
    /// The step that a duty became, or was already.
    fn step_of(&self, duty: &NewDuty) -> Option<u32> {
        self.duties.iter().rev().find(|known| known.what.is_same(duty)).map(|known| known.step)
    }
}
