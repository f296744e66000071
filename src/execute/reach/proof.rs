//! What the act of a case says of other systems: records that went there count in it as they count in the act of a
//! night.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Intent, Told, intent::Line};
use crate::{
    decide::letters,
    domain::{Action, CaseNumber, Category, Outcome, Plan, Result, outcome},
    execute::{context::Context, record},
    store::{
        CaseFile, Tx,
        destroy::{KeptLine, NewDestruction},
        remote::RemoteStep,
    },
};

/// What a plan ends elsewhere, and what stays: told when all of it is done.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// Records by category.
    counts: BTreeMap<String, u64>,
    /// The rules that end them.
    rules: BTreeSet<String>,
    /// What stays, here and there.
    kept: Vec<KeptLine>,
}

impl Gone {
    /// Records of which a plan destroys or replaces something in other systems.
    pub fn of(plan: &Plan) -> Self {
        let mut gone = Self { kept: record::kept(plan), ..Self::default() };
        let ends = [Action::Destroy, Action::Rectify];
        for step in plan.steps.iter().filter(|step| !step.is_own() && ends.contains(&step.action)) {
            let Some(category) = step.category.as_ref().filter(|_| !step.keys.is_empty()) else { continue };
            *gone.counts.entry(category.to_string()).or_default() += step.keys.len() as u64;
            gone.rules.insert(step.why.rule.clone());
        }
        gone
    }

    /// Adds it to the act that the own store opened for the same plan. `false`: there is none that is open.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn join(&self, tx: &Tx<'_>, act: Option<&str>) -> Result<bool> {
        let Some(act) = act else { return Ok(false) };
        if tx.destruction(act)?.finished.is_some() {
            return Ok(false);
        }
        tx.add_to_destruction(act, &self.counts(), &self.rules()).map(|()| true)
    }

    /// Opens an act of its own: the own store had nothing to destroy.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn open(self, tx: &Tx<'_>, context: &Context, case: &CaseFile) -> Result<String> {
        tx.open_destruction(&NewDestruction {
            controller: &case.controller,
            case: Some(&case.number),
            run: None,
            counts: self.counts(),
            rules: self.rules(),
            kept: self.kept,
            at: context.now,
            seq: Some(tx.audit_head()?.size + 1),
        })
    }

    /// Adds what another plan of the same case did.
    fn add(&mut self, other: &Self) {
        for (category, n) in &other.counts {
            *self.counts.entry(category.clone()).or_default() += n;
        }
        self.rules.extend(other.rules.iter().cloned());
    }

    /// One record of a category less: people do it.
    pub(super) fn take(&mut self, category: &str) {
        if let Some(n) = self.counts.get_mut(category) {
            *n = n.saturating_sub(1);
        }
        self.counts.retain(|_, n| *n > 0);
    }

    fn counts(&self) -> BTreeMap<Category, u64> {
        self.counts.iter().map(|(word, n)| (Category::new(word), *n)).collect()
    }

    fn rules(&self) -> Vec<String> {
        self.rules.iter().cloned().collect()
    }
}

/// What the steps of an earlier plan of a case did, and the act that was to tell it.
#[derive(Default)]
pub struct Before {
    gone: Gone,
    /// What it did, here and there; `None`: nothing waits to be told.
    done: Option<Outcome>,
    act: Option<String>,
    destroys: bool,
}

impl Before {
    /// All that the plan meant but for what stands open; nothing where an older version wrote the steps, since these do not
    /// say which records they mean.
    pub(super) fn of(tx: &Tx<'_>, case: &CaseNumber) -> Result<Self> {
        let Some(kept) = tx.remote_case(case)? else { return Ok(Self::default()) };
        let (Told { mut gone, outcome, destroys, .. }, _) = Told::read(&kept)?;
        gone.kept.clear();
        let act = outcome.act.clone();
        let mut done = outcome.steps.iter().any(|line| line.system.is_some()).then_some(outcome);
        for step in tx.remote_steps(case)? {
            let Some(payload) = &step.payload else { continue };
            let rows = Intent::read(payload)?.rows;
            done.iter_mut().for_each(|done| undone(done, &step, &rows));
            for line in rows {
                let Some(ends) = line.ends else { return Ok(Self::default()) };
                for category in ends {
                    gone.counts.entry(category).and_modify(|n| *n = n.saturating_sub(1));
                }
            }
        }
        gone.counts.retain(|_, n| *n > 0);
        Ok(Self { gone, done, act, destroys })
    }

    /// What a later plan did, with what this did before it: a letter tells both.
    pub fn and(&self, last: Outcome) -> Outcome {
        match &self.done {
            Some(done) => letters::further(Some(done.clone()), &last),
            None => last,
        }
    }

    /// Where nothing is to be done elsewhere any more: told at once, in the act of the plan, the earlier one, or one of
    /// its own. Gives the act of the plan.
    ///
    /// # Errors
    /// As any write.
    pub fn tell(
        &self,
        tx: &Tx<'_>,
        context: &Context,
        case: &CaseFile,
        act: Option<String>,
    ) -> Result<Option<String>> {
        if self.gone.counts.is_empty() {
            return Ok(act);
        }
        for known in [&act, &self.act].into_iter().flatten() {
            if self.gone.join(tx, Some(known))? {
                return Ok(Some(known.clone()));
            }
        }
        let mut gone = Gone::default();
        gone.add(&self.gone);
        gone.open(tx, context, case).map(Some)
    }

    /// Where something is: told with it, in the same act.
    pub fn with(&self, mut told: Told) -> Told {
        told.outcome = self.and(told.outcome);
        if !self.gone.counts.is_empty() {
            told.gone.add(&self.gone);
            told.outcome.act = told.outcome.act.or_else(|| self.act.clone());
            told.destroys |= self.destroys;
        }
        told
    }
}

/// Takes out of what is told as done what a step leaves open.
fn undone(outcome: &mut Outcome, step: &RemoteStep, rows: &[Line]) {
    let is_there = |line: &outcome::Line| {
        (line.system.as_deref(), line.table.as_deref()) == (Some(&step.system), Some(&step.collection))
    };
    for line in outcome.steps.iter_mut().filter(|line| is_there(line)) {
        let is_of = |row: &&Line| row.ends.iter().flatten().any(|one| Some(one) == line.category.as_ref());
        line.count = match line.action {
            Action::Destroy | Action::Rectify => {
                line.count.saturating_sub(rows.iter().filter(is_of).count() as u64)
            }
            // Of a flag nothing says whose it was to be.
            _ => 0,
        };
    }
    outcome.steps.retain(|line| line.count > 0 || !is_there(line));
}
