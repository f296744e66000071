//! A case that is decided again: what people did of it stays done, and what was taken back is ordered again.
//!
//! INVARIANT: in one place no category is ordered to be destroyed while a step stands that is about it, done or open.

use super::{STOP_FOR, Scene, past::Past, stays, step};
use crate::{
    decide::{
        by_hand::halted,
        by_place::deeds::{self, Fate},
        reasons,
    },
    domain::{Action, Decision, Duty, Plan, Purpose, Step},
    policy::places::Places,
};

/// What of a task is owed in a place beside the steps that stand.
pub(super) fn beside(place: &str, task: &str, stands: &[Duty]) -> Option<String> {
    let there = || stands.iter().filter(|duty| duty.what.place == place);
    let tasks: Vec<&str> = there().map(|duty| duty.what.task.as_str()).collect();
    let done = there().filter(|duty| duty.is_done()).flat_map(deeds::of);
    let gone: Vec<&str> =
        done.filter(|deed| deed.fate == Fate::Destroyed).map(|deed| deed.category).collect();
    halted::beside(task, &tasks, &gone)
}

/// The task of a step as a case keeps it.
fn kept(step: &Step) -> String {
    let until = step.until.map(|day| format!(" until {day}")).unwrap_or_default();
    format!("{}{until}", step.about.first().map(String::as_str).unwrap_or_default())
}

/// Takes out of a plan what stands, and adds what was taken back and the plan neither orders nor keeps. `cut`: only what
/// needs no identity. Where all that is held here stays, the case is refused but for what is owed of it elsewhere.
pub fn again(plan: &mut Plan, past: &Past, places: &Places, scene: Scene<'_>, cut: bool) {
    if plan.decision == Decision::Refuse && cut {
        return;
    }
    plan.steps.retain_mut(|step| match is_by_hand(step, places) {
        true => is_left(step, past),
        false => past.leaves(step, scene.facts),
    });
    for duty in &past.taken_back {
        let place = &duty.what.place;
        if !places.contains_key(place) || cut && !duty.what.task.starts_with(STOP_FOR) {
            continue;
        }
        let Some(task) = owed(duty, past, plan, scene) else { continue };
        let (_, held) = halted::halts(&task, scene.facts);
        let held: Vec<&str> = held.iter().map(|held| held.category.as_str()).collect();
        match halted::beside(&task, &[], &held) {
            Some(free) => {
                plan.steps.push(again_step(place, free, scene));
                if plan.decision == Decision::Refuse {
                    plan.decision = Decision::Partial;
                }
            }
            // All of it is kept: it stays refused, or is told as staying.
            None if plan.decision == Decision::Refuse => continue,
            None => {}
        }
        held.iter().for_each(|word| stays(plan, place, word, scene));
    }
}

fn is_by_hand(step: &Step, places: &Places) -> bool {
    step.action == Action::Manual && places.contains_key(&step.system)
}

/// Cuts what stands out of a step; whether anything is left of it.
fn is_left(step: &mut Step, past: &Past) -> bool {
    let whole = kept(step);
    let left = beside(&step.system, &whole, &past.stands);
    if let Some(part) = left.as_ref().filter(|part| **part != whole) {
        step.about = vec![part.clone()];
    }
    left.is_some()
}

/// What of a step taken back the plan neither orders nor keeps in its place.
fn owed(duty: &Duty, past: &Past, plan: &Plan, scene: Scene<'_>) -> Option<String> {
    let (place, task) = (duty.what.place.as_str(), duty.what.task.as_str());
    let ordered = plan.steps.iter().filter(|step| step.action == Action::Manual && step.system == place);
    let ordered: Vec<String> = ordered.map(kept).collect();
    let ordered: Vec<&str> = ordered.iter().map(String::as_str).collect();
    let stays = plan.kept.iter().filter(|kept| kept.system == place);
    let stays: Vec<&str> = stays.map(|kept| kept.category.as_str()).collect();
    let left = beside(place, task, &past.stands).filter(|task| still_stops(task, scene))?;
    halted::beside(&left, &ordered, &stays)
}

/// The steps taken back of somebody of whom nothing is held any more: first those that need no identity.
pub fn of_the_gone(past: &Past, places: &Places, scene: Scene<'_>) -> (Vec<Step>, Vec<Step>) {
    let back = past.taken_back.iter().filter(|duty| places.contains_key(&duty.what.place));
    let (later, now): (Vec<&Duty>, Vec<&Duty>) = back.partition(|duty| !duty.what.task.starts_with(STOP_FOR));
    let steps = |all: Vec<&Duty>| {
        let owed = |duty: &&Duty| {
            Some((duty.what.place.clone(), beside(&duty.what.place, &duty.what.task, &past.stands)?))
        };
        all.iter().filter_map(owed).map(|(place, task)| again_step(&place, task, scene)).collect()
    };
    (steps(now), steps(later))
}

fn again_step(place: &str, task: String, scene: Scene<'_>) -> Step {
    let granted = reasons::granted(scene.rulebook, scene.right, scene.received);
    step(place, task, None, reasons::meaning(&granted, "it was taken back before, and is ordered again"))
}

/// What was stopped may have been let go on since by another request.
fn still_stops(task: &str, scene: Scene<'_>) -> bool {
    let Some(list) = task.strip_prefix(STOP_FOR) else { return true };
    let stopped =
        |word: &str| scene.facts.suppressions.iter().any(|known| Purpose::new(word).is_under(&known.purpose));
    list.split(" (").next().unwrap_or_default().split(", ").all(|word| stopped(word.trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        decide::cast::{hold as hold_of, mycar, nobody},
        domain::{CaseEvent, DutyKind, Moment, NewDuty, Right, SubjectFacts},
        policy::places::Place,
    };

    fn places() -> Places {
        [("paper".to_owned(), Place::manual("A", Vec::new()))].into()
    }

    fn duty(step: u32, task: &str, done: bool, recalled: bool) -> Duty {
        let what =
            NewDuty { kind: DutyKind::Manual, place: "paper".into(), task: task.to_owned(), due: None };
        Duty { done: (done || recalled).then(|| Moment::from_unix(1)), recalled, ..Duty::new(step, what) }
    }

    fn recalled(step: u32) -> CaseEvent {
        CaseEvent::Recalled { step, why: crate::domain::Remark::kept("no key") }
    }

    /// What is ordered where the decision would order these tasks.
    fn ordered(past: &Past, tasks: &[&str]) -> Vec<String> {
        let plan = decided(past, tasks, Decision::Grant, &nobody("mycar"));
        plan.steps.iter().map(kept).collect()
    }

    fn decided(past: &Past, tasks: &[&str], decision: Decision, facts: &SubjectFacts) -> Plan {
        let received = "2026-11-22".parse().unwrap_or_default();
        let scene = Scene { facts, rulebook: mycar(), right: Right::Erase, received, statutory: None };
        let steps = tasks.iter().map(|task| again_step("paper", (*task).to_owned(), scene)).collect();
        let mut plan = Plan { decision, steps, kept: Vec::new(), gaps: Vec::new(), waits: Vec::new() };
        again(&mut plan, past, &places(), scene, false);
        plan
    }

    /// Whatever is kept here, what nobody did in a place of people is owed there, but for what is kept by now.
    #[test]
    fn a_refusal_of_the_rest_forgets_nothing_that_was_taken_back() {
        let back = || vec![duty(1, "destroy contact, correspondence (A)", false, true)];
        for (about, hold, decision, ordered, stays) in [
            (
                "another category is held",
                Some("account"),
                Decision::Partial,
                "destroy contact, correspondence (A)",
                "",
            ),
            ("a part of it is", Some("contact"), Decision::Partial, "destroy correspondence (A)", "contact"),
            ("all of it is", None, Decision::Refuse, "", ""),
        ] {
            let mut facts = nobody("mycar");
            hold_of(&mut facts, hold, "an order");
            let past = Past::of(back(), [recalled(1)].iter(), false, &BTreeSet::new());
            let plan = decided(&past, &[], Decision::Refuse, &facts);
            let tasks: Vec<String> = plan.steps.iter().map(kept).collect();
            let kept: Vec<&str> = plan.kept.iter().map(|kept| kept.category.as_str()).collect();
            assert_eq!(
                (plan.decision, tasks.join("; ").as_str(), kept.join(" ").as_str()),
                (decision, ordered, stays),
                "{about}"
            );
        }
    }

    #[test]
    fn what_was_done_stays_done_and_what_was_taken_back_is_owed() {
        const WHOLE: &str = "destroy account, contact, identity (A)";
        let split = || {
            vec![
                duty(1, "destroy account, contact (A)", true, false),
                duty(2, "destroy identity (A)", false, true),
            ]
        };
        let papers = "look for papers that a law keeps and destroy the others: contact, contract (A)";
        for (about, duties, events, anew, tasks, expected) in [
            ("nothing was ordered before", vec![], vec![], false, vec![WHOLE], vec![WHOLE]),
            (
                "a part was taken back",
                split(),
                vec![recalled(2)],
                false,
                vec![WHOLE],
                vec!["destroy identity (A)"],
            ),
            (
                "and is ordered by nothing else",
                split(),
                vec![recalled(2)],
                false,
                vec![],
                vec!["destroy identity (A)"],
            ),
            (
                "another thing is asked",
                split(),
                vec![recalled(2)],
                true,
                vec!["destroy contact (A)"],
                vec!["destroy contact (A)"],
            ),
            (
                "another was asked since",
                split(),
                vec![
                    recalled(2),
                    CaseEvent::Decided { decision: Decision::Grant, duties: vec![], anew: true },
                ],
                false,
                vec![],
                vec![],
            ),
            (
                "the rest waits",
                vec![
                    duty(1, "destroy account, contact (A)", true, false),
                    duty(2, "destroy identity (A)", false, false),
                ],
                vec![],
                false,
                vec![WHOLE],
                vec![],
            ),
            (
                "gone by another order",
                vec![duty(1, "destroy contact (A)", true, false)],
                vec![],
                false,
                vec![papers],
                vec!["look for papers that a law keeps and destroy the others: contract (A)"],
            ),
            (
                "kept for the law",
                vec![duty(
                    1,
                    "keep for the law alone, out of use: contract (A) until 2029-12-31",
                    true,
                    false,
                )],
                vec![],
                false,
                vec!["keep for the law alone, out of use: contract (A) until 2029-12-31"],
                vec![],
            ),
            (
                "taken back, and done since",
                vec![
                    duty(1, "destroy contact (A)", false, true),
                    duty(2, "destroy contact (A)", true, false),
                ],
                vec![recalled(1)],
                false,
                vec![],
                vec![],
            ),
            (
                "what nobody wants stopped any more",
                vec![duty(1, "stop for this person: promotion (A)", false, true)],
                vec![recalled(1)],
                false,
                vec![],
                vec![],
            ),
        ] {
            let past = Past::of(duties, events.iter(), anew, &BTreeSet::new());
            assert_eq!(ordered(&past, &tasks), expected, "{about}");
        }
    }

    proptest! {
        /// Parts are done and taken back in any order: what is ordered next is exactly what nobody did and nothing asks for.
        #[test]
        fn every_category_is_owed_once(fates in prop::collection::vec(0..3_usize, 4)) {
            const WORDS: [&str; 4] = ["account", "contact", "contract", "identity"];
            let whole = format!("destroy {} (A)", WORDS.join(", "));
            let of = |fate: usize| {
                let named: Vec<&str> = WORDS.iter().zip(&fates).filter(|(_, one)| **one == fate).map(|(word, _)| *word).collect();
                (!named.is_empty()).then(|| format!("destroy {} (A)", named.join(", ")))
            };
            let (done, open, back) = (of(0), of(1), of(2));
            let mut duties = Vec::new();
            duties.extend(done.map(|task| duty(1, &task, true, false)));
            duties.extend(open.map(|task| duty(2, &task, false, false)));
            duties.extend(back.clone().map(|task| duty(3, &task, false, true)));
            let events = [recalled(3)];
            let past = Past::of(duties, events.iter(), false, &BTreeSet::new());
            for tasks in [vec![whole.as_str()], vec![]] {
                prop_assert_eq!(ordered(&past, &tasks), back.clone().into_iter().collect::<Vec<_>>());
            }
        }
    }
}
