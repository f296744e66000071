//! A plan in the making: steps of one kind are gathered, then everything is put in one order.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{guard::Guard, stay::Stay};
use crate::{
    domain::{
        Action, Category, Decision, Gap, Kept, Plan, Reason, Record, RecordKey, Step, SubjectFacts, Wait,
        Waiting,
    },
    policy::Rulebook,
};

/// For which request something stays: the same fact has another ground in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Withdrawal and objection: the conditions of the policy.
    Withdrawal,
    /// Erasure: the grounds of refusal of the law.
    Erasure,
}

/// Steps and reasons gathered so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    rulebook: &'a Rulebook,
    request: Request,
    statutory: Option<NaiveDate>,
    archived_only: bool,
    pub plan: Plan,
}

impl<'a> Draft<'a> {
    /// Nothing yet. `statutory` is the last day the law leaves for the answer.
    pub fn new(rulebook: &'a Rulebook, request: Request, statutory: Option<NaiveDate>) -> Self {
        let plan = Plan {
            decision: Decision::Grant,
            steps: Vec::new(),
            kept: Vec::new(),
            gaps: Vec::new(),
            waits: Vec::new(),
        };
        Self { rulebook, request, statutory, archived_only: true, plan }
    }

    /// Whether anything is done so far.
    pub fn is_idle(&self) -> bool {
        self.plan.steps.is_empty()
    }

    /// The categories of which records are destroyed.
    pub fn destroyed(&self) -> BTreeSet<Category> {
        let destroys = self.plan.steps.iter().filter(|step| step.action == Action::Destroy);
        destroys.filter(|step| !step.keys.is_empty()).filter_map(|step| step.category.clone()).collect()
    }

    /// The categories of which something stays.
    pub fn staying(&self) -> BTreeSet<Category> {
        self.plan.kept.iter().map(|kept| kept.category.clone()).collect()
    }

    /// A record goes, unless something protects it.
    pub fn end(
        &mut self,
        record: &Record,
        guard: Guard<'_>,
        effect: Option<u8>,
        why: impl FnOnce() -> Reason,
    ) {
        match guard {
            Guard::Outside => {}
            Guard::Free => self.act(Action::Destroy, record, effect, None, why()),
            Guard::Law(until, why) => self.act(Action::Archive, record, None, Some(until), why),
            Guard::Unknown(missing) => self.gap(record, missing),
            protected => self.protect(record, protected),
        }
    }

    /// What was archived before is no part that stays: nothing of it was asked for in vain.
    fn protect(&mut self, record: &Record, guard: Guard<'_>) {
        let still = self.archived_only && matches!(guard, Guard::Archived(..));
        let Some(stay) = Stay::of(guard, self.request, self.rulebook, self.statutory) else { return };
        self.keep(Action::Destroy, record, stay.until, stay.why);
        if let Some((on, reopens)) = stay.on {
            self.wait(on, reopens, &[record.key], &[]);
        }
        self.archived_only = still;
    }

    /// One record more in a step of its kind.
    pub fn act(
        &mut self,
        action: Action,
        record: &Record,
        effect: Option<u8>,
        until: Option<NaiveDate>,
        why: Reason,
    ) {
        let (system, category) = (record.system.clone(), Some(record.category.clone()));
        let step = Step { effect, system, category, until, ..Step::new(action, "record", why) };
        self.step(Step { keys: vec![record.key], ..step });
    }

    /// A step; its keys and fields join a step that is otherwise the same.
    pub fn step(&mut self, step: Step) {
        match self.plan.steps.iter_mut().find(|known| alike(known, &step)) {
            Some(known) => known.keys.extend(step.keys),
            None => self.plan.steps.push(step),
        }
    }

    /// A record stays.
    pub fn keep(&mut self, action: Action, record: &Record, until: Option<NaiveDate>, why: Reason) {
        self.archived_only = false;
        let same = |known: &&mut Kept| {
            let place = known.category == record.category && known.system == record.system;
            place && known.action == action && known.until == until && known.why == why
        };
        if let Some(known) = self.plan.kept.iter_mut().find(same) {
            return known.keys.push(record.key);
        }
        let (category, system) = (record.category.clone(), record.system.clone());
        self.plan.kept.push(Kept { action, category, system, keys: vec![record.key], until, why });
    }

    /// No rule answers for a record.
    pub fn gap(&mut self, record: &Record, missing: String) {
        let category = Some(record.category.clone());
        let same = |gap: &&mut Gap| gap.category == category && gap.missing == missing;
        match self.plan.gaps.iter_mut().find(same) {
            Some(gap) => gap.keys.push(record.key),
            None => self.plan.gaps.push(Gap { category, keys: vec![record.key], missing }),
        }
    }

    /// Something waits: records, and consents that stay in force meanwhile.
    pub fn wait(&mut self, on: Waiting, reopens: String, keys: &[RecordKey], consents: &[i64]) {
        let known = self.plan.waits.iter_mut().find(|wait| wait.on == on);
        if let Some(known) = known {
            known.keys.extend(keys);
            known.consents.extend(consents);
            return;
        }
        let (keys, consents, statutory) = (keys.to_vec(), consents.to_vec(), self.statutory);
        self.plan.waits.push(Wait { on, keys, consents, reopens, statutory });
    }

    /// The plan in its one order. `before`: the person asked the same before and part of it was done,
    /// so that an idle plan is no refusal.
    pub fn finish(mut self, before: bool) -> Plan {
        self.plan.decision = self.decide(before);
        let plan = &mut self.plan;
        plan.steps.iter_mut().for_each(|step| tidy(&mut step.keys));
        plan.kept.iter_mut().for_each(|kept| tidy(&mut kept.keys));
        plan.gaps.iter_mut().for_each(|gap| tidy(&mut gap.keys));
        for wait in &mut plan.waits {
            tidy(&mut wait.keys);
            wait.consents.sort_unstable();
        }
        plan.steps.sort_by_cached_key(order);
        plan.kept.sort_by_cached_key(|kept| {
            (kept.category.clone(), kept.system.clone(), kept.action, kept.until, kept.why.clone())
        });
        plan.gaps.sort_by(|a, b| (&a.category, &a.missing).cmp(&(&b.category, &b.missing)));
        plan.waits.sort_by(|a, b| a.on.cmp(&b.on));
        self.plan
    }

    fn decide(&self, before: bool) -> Decision {
        let plan = &self.plan;
        let archives = plan.steps.iter().any(|step| step.action == Action::Archive);
        let whole = plan.kept.is_empty() && plan.waits.is_empty() && plan.gaps.is_empty();
        match plan.steps.is_empty() {
            false if whole && !archives => Decision::Grant,
            false => Decision::Partial,
            true if self.archived_only && plan.waits.is_empty() && plan.gaps.is_empty() => Decision::Grant,
            true if before || plan.kept.is_empty() || self.is_postponed() => Decision::Partial,
            true => Decision::Refuse,
        }
    }

    /// What waits for the end of a check is put off, not refused: the check may end any day. Where an order keeps all of
    /// it, as where an open obligation does, that is refused, and the case waits for the end all the same.
    fn is_postponed(&self) -> bool {
        use Waiting as W;
        let puts_off = |on: &W| matches!(on, W::Block(_) | W::Correction(_) | W::Answer(_));
        self.plan.waits.iter().any(|wait| puts_off(&wait.on))
    }
}

/// Whether two steps differ in nothing but their keys.
fn alike(one: &Step, other: &Step) -> bool {
    let what = |step: &Step| (step.action, step.effect, step.since, step.until);
    let place = one.system == other.system && one.collection == other.collection;
    let about = one.category == other.category && one.fields == other.fields && one.about == other.about;
    what(one) == what(other) && place && about && one.why == other.why
}

fn tidy(keys: &mut Vec<RecordKey>) {
    keys.sort_unstable();
    keys.dedup();
}

/// The four effects in the order of the clause, then the rest by what it does.
fn order(step: &Step) -> impl Ord + use<> {
    let about = (step.category.clone(), step.system.clone(), step.about.clone());
    (step.effect.unwrap_or(u8::MAX), rank(step.action), about, step.until, step.why.clone())
}

/// What a person has to do comes last; what touches nothing but a ledger comes first.
fn rank(action: Action) -> u8 {
    match action {
        Action::Block | Action::Unblock => 0,
        Action::Suppress => 1,
        Action::Withdraw => 2,
        Action::Disclose | Action::Mask | Action::Rectify | Action::Annotate => 3,
        Action::Destroy => 4,
        Action::Archive => 5,
        Action::Notify => 6,
        Action::Manual => 7,
    }
}

/// Whether the same right was carried out for this person before, in whole or in part.
pub(super) fn done_before(facts: &SubjectFacts, right: crate::domain::Right) -> bool {
    let done = ["executed", "waiting", "answered"];
    facts.cases.iter().any(|case| case.right == right && done.contains(&case.state.as_str()))
}
