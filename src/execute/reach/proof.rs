//! What the act of a case says of other systems: records that went there count in it as they count in the act of a
//! night.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Intent, Told};
use crate::{
    domain::{Action, CaseNumber, Category, Plan, Result},
    execute::{context::Context, record},
    store::{
        CaseFile, Tx,
        destroy::{KeptLine, NewDestruction},
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
        for payload in tx.remote_steps(case)?.into_iter().filter_map(|step| step.payload) {
            for line in Intent::read(&payload)?.rows {
                let Some(ends) = line.ends else { return Ok(Self::default()) };
                for category in ends {
                    gone.counts.entry(category).and_modify(|n| *n = n.saturating_sub(1));
                }
            }
        }
        gone.counts.retain(|_, n| *n > 0);
        Ok(Self { gone, act: outcome.act, destroys })
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
        if !self.gone.counts.is_empty() {
            told.gone.add(&self.gone);
            told.outcome.act = told.outcome.act.or_else(|| self.act.clone());
            told.destroys |= self.destroys;
        }
        told
    }
}
