//! What a case ordered once outside the places people keep: a task is not set twice, and a recipient is told twice of
//! nothing but what is new to it.
//!
//! A case that goes on because what it waited for is over asks the same thing; one that somebody re-opened begins anew.

use std::collections::BTreeSet;

use crate::domain::{Action, CaseEvent, Category, Duty, DutyKind, Plan, Step, SubjectFacts, case};

/// The tasks that are done and the recipients that are told, and count still.
pub(super) fn stands<'e>(duties: &[Duty], events: impl Iterator<Item = &'e CaseEvent>) -> Vec<Duty> {
    let mut waits = false;
    let settled = case::settled(events.filter(|event| {
        if let CaseEvent::Executed { waiting, .. } = event {
            waits = *waiting;
        }
        !(waits && matches!(event, CaseEvent::Reopened { .. }))
    }));
    let is_done = |duty: &&Duty| duty.is_done() && !settled.contains(&duty.step);
    duties.iter().filter(is_done).filter(|duty| duty.what.kind != DutyKind::Manual).cloned().collect()
}

/// Takes out of a plan what stands. What is open stays in it: it is still to be done.
pub(super) fn cut(plan: &mut Plan, stands: &[Duty], facts: &SubjectFacts) {
    let news = News::of(plan);
    plan.steps.retain(|step| {
        let about = step.about.first().map(String::as_str).unwrap_or_default();
        let done = |kind: DutyKind, is: fn(&Duty) -> &str| {
            stands.iter().any(|duty| duty.what.kind == kind && is(duty) == about)
        };
        match step.action {
            Action::Manual if step.is_own() => !done(DutyKind::Task, |duty| &duty.what.task),
            Action::Notify => !done(DutyKind::Tell, |duty| &duty.what.place) || news.concern(step, facts),
            _ => true,
        }
    });
}

/// What a plan does that nobody could be told of before.
struct News {
    gone: BTreeSet<Category>,
    /// A consent ends or a purpose stops, which is about everything handed over for it.
    ends: bool,
}

impl News {
    fn of(plan: &Plan) -> Self {
        let acts = |step: &&Step| !step.keys.is_empty() || !step.is_own();
        let ends = |step: &Step| match step.action {
            Action::Withdraw => !step.keys.is_empty(),
            action => action == Action::Suppress,
        };
        let gone = plan.steps.iter().filter(|step| step.action == Action::Destroy).filter(acts);
        Self {
            gone: gone.filter_map(|step| step.category.clone()).collect(),
            ends: plan.steps.iter().any(ends),
        }
    }

    /// Whether a recipient had something of it: the step names its disclosures.
    fn concern(&self, step: &Step, facts: &SubjectFacts) -> bool {
        let had = facts.disclosures.iter().filter(|one| step.keys.iter().any(|key| key.id == one.id));
        self.ends || had.flat_map(|one| &one.categories).any(|category| self.gone.contains(category))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::{by_hand, cast, reasons},
        domain::{Decision, Disclosure, Moment, NewDuty, Purpose, RecordKey},
    };

    const AT: Moment = Moment::from_unix(1_700_000_000);

    fn duty(step: u32, kind: DutyKind, word: &str, done: bool) -> Duty {
        let (place, task) = if kind == DutyKind::Tell { (word, "told") } else { ("", word) };
        let what = NewDuty { kind, place: place.into(), task: task.into(), due: None };
        Duty { done: done.then_some(AT), ..Duty::new(step, what) }
    }

    /// The bank had contact data, the garage had a car.
    fn facts() -> SubjectFacts {
        let had = |id: i64, recipient: &str, category: &str| Disclosure {
            id,
            reference: format!("D-{id}"),
            recipient: recipient.into(),
            country: "KZ".into(),
            categories: vec![Category::new(category)],
            purpose: Purpose::new("service"),
            basis: "consent".into(),
            document: None,
            at: AT,
        };
        SubjectFacts {
            disclosures: vec![had(1, "Bank", "contact"), had(2, "Garage", "vehicle")],
            ..cast::nobody("mycar")
        }
    }

    /// Collection is stopped, both are told, and what is named is destroyed.
    fn plan(gone: &[&str], withdraws: &[i64]) -> Plan {
        let why = || reasons::block(cast::mycar());
        let keys = |ids: &[i64]| ids.iter().map(|id| RecordKey { id: *id, version: 0 }).collect();
        let tell = |id: i64, name: &str| Step {
            about: vec![name.into(), "KZ".into()],
            keys: keys(&[id]),
            ..Step::new(Action::Notify, "disclosure", why())
        };
        let destroy = |word: &&str| Step {
            category: Some(Category::new(word)),
            keys: keys(&[7]),
            ..Step::new(Action::Destroy, "record", why())
        };
        let withdraw = Step { keys: keys(withdraws), ..Step::new(Action::Withdraw, "consent", why()) };
        let mut steps = vec![
            withdraw,
            by_hand::manual(by_hand::STOP_COLLECTION, why()),
            tell(1, "Bank"),
            tell(2, "Garage"),
        ];
        steps.extend(gone.iter().map(destroy));
        Plan { decision: Decision::Grant, steps, kept: Vec::new(), gaps: Vec::new(), waits: Vec::new() }
    }

    #[test]
    fn nothing_is_set_or_told_twice_but_what_is_new() {
        let done = |count: u32| {
            let all = [
                duty(1, DutyKind::Task, by_hand::STOP_COLLECTION, count > 0),
                duty(2, DutyKind::Tell, "Bank", count > 1),
                duty(3, DutyKind::Tell, "Garage", count > 2),
            ];
            let events: Vec<CaseEvent> = (2..=count).map(|step| CaseEvent::Told { step, at: AT }).collect();
            (all, events)
        };
        let reopened = |waiting: bool| {
            let (command, ask, outcome) = ("revoke".to_owned(), None, None);
            let executed = CaseEvent::Executed { command, waiting, ask, outcome };
            [executed, CaseEvent::Reopened { since: Some(AT), why: None }]
        };
        for (about, count, then, gone, withdraws, left) in [
            ("nothing was done", 0, None, vec!["contact"], vec![], "stop Bank Garage"),
            ("the task was", 1, None, vec!["contact"], vec![], "Bank Garage"),
            ("what is gone is new to one", 3, None, vec!["contact"], vec![], "Bank"),
            ("nothing is gone", 3, None, vec![], vec![], ""),
            ("a consent ends", 3, None, vec![], vec![9], "Bank Garage"),
            ("what it waited for is over", 3, Some(true), vec!["vehicle"], vec![], "Garage"),
            ("somebody began anew", 3, Some(false), vec![], vec![], "stop Bank Garage"),
        ] {
            let (duties, mut events) = done(count);
            let evidence = crate::domain::Remark::kept("seen");
            events.insert(0, CaseEvent::Done { step: 1, evidence, found: None, part: None });
            events.extend(then.into_iter().flat_map(reopened));
            let mut plan = plan(&gone, &withdraws);
            cut(&mut plan, &stands(&duties, events.iter()), &facts());
            let words =
                plan.steps.iter().filter(|step| matches!(step.action, Action::Manual | Action::Notify));
            let words: Vec<&str> = words.map(|step| step.about[0].split(' ').next().unwrap()).collect();
            assert_eq!(words.join(" "), left, "{about}");
        }
    }
}
