//! The act of destruction that a decision opens, or what people found.

use std::collections::{BTreeMap, BTreeSet};

use super::{act::Decided, apply::gone, context::Context, record};
use crate::{
    decide::by_hand,
    domain::{Action, CaseEvent, Category, Result, Step},
    store::{
        CaseFile, Tx,
        destroy::{Needles, NewDestruction},
    },
};

/// An act is opened where bytes have to go: records destroyed, or values replaced. A record whose values are too
/// short to be looked for is destroyed like any other. What only people destroy has an act too: it is finished when
/// they have done it.
///
/// # Errors
/// As any write.
pub fn open_act(
    tx: &Tx<'_>,
    context: &Context,
    decided: &Decided,
    case: &CaseFile,
    needles: &Needles,
) -> Result<Option<String>> {
    let plan = &decided.plan;
    let by_people = |step: &&Step| {
        let orders = |task: &String| by_hand::destroys(task) && !by_hand::seeks_somebody(task);
        step.action == Action::Manual && step.about.iter().any(orders)
    };
    if needles.is_empty() && gone(plan).is_empty() && !plan.steps.iter().any(|step| by_people(&step)) {
        return Ok(None);
    }
    let own = |step: &&Step| step.is_own() && matches!(step.action, Action::Destroy | Action::Rectify);
    let ended = plan.steps.iter().filter(|step| own(step) || by_people(step));
    let mut counts = BTreeMap::<Category, u64>::new();
    let mut rules = BTreeSet::new();
    for step in ended {
        rules.insert(step.why.rule.clone());
        // An effect that a policy promises is a step even where nothing is held for it.
        if let Some(category) = step.category.as_ref().filter(|_| !step.keys.is_empty()) {
            *counts.entry(category.clone()).or_default() += step.keys.len() as u64;
        }
    }
    let new = NewDestruction {
        controller: &case.controller,
        case: Some(&case.number),
        run: None,
        counts,
        rules: rules.into_iter().collect(),
        kept: record::kept(plan),
        at: context.now,
        seq: Some(tx.audit_head()?.size + 1),
    };
    tx.open_destruction(&new).map(Some)
}

/// Opens the act of what people found and destroyed of somebody whom nobody here knew: before they looked there was
/// nothing to draw up. It waits for the other steps of the case.
///
/// # Errors
/// As any write.
pub fn of_found(tx: &Tx<'_>, context: &Context, case: &CaseFile, step: u32) -> Result<()> {
    let duties = tx.duties(&case.number)?;
    let seeks = duties.iter().find(|duty| duty.step == step && by_hand::seeks_somebody(&duty.what.task));
    let mut pending = tx.pending_destructions()?.into_iter();
    let Some(sought) = seeks.filter(|_| !pending.any(|act| act.case.as_ref() == Some(&case.number))) else {
        return Ok(());
    };
    let history = tx.case_history(&case.number)?;
    let outcomes = history.iter().filter_map(|entry| match &entry.event {
        CaseEvent::Executed { outcome, .. } => outcome.as_ref(),
        _ => None,
    });
    let lines = outcomes.flat_map(|outcome| outcome.of_action(Action::Manual));
    let rules: BTreeSet<String> =
        lines.filter(|line| line.about.contains(&sought.what.task)).map(|line| line.rule.clone()).collect();
    let new = NewDestruction {
        controller: &case.controller,
        case: Some(&case.number),
        run: None,
        counts: BTreeMap::new(),
        rules: rules.into_iter().collect(),
        kept: Vec::new(),
        at: context.now,
        seq: Some(tx.audit_head()?.size + 1),
    };
    tx.open_destruction(&new).map(drop)
}
