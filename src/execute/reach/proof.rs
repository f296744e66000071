//! What the act of a case says of other systems: records that went there count in it as they count in the act of a
//! night.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    domain::{Action, Category, Plan, Result},
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

    fn counts(&self) -> BTreeMap<Category, u64> {
        self.counts.iter().map(|(word, n)| (Category::new(word), *n)).collect()
    }

    fn rules(&self) -> Vec<String> {
        self.rules.iter().cloned().collect()
    }
}
