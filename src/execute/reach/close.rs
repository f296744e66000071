//! The end of a case whose steps were in other systems: told in the log and in the act, and names die with the last record.

use std::collections::{BTreeMap, BTreeSet};

use super::{finish::Told, intent::without_key};
use crate::{
    audit::State,
    calendar::Calendar,
    domain::{CaseNumber, Category, Result, SubjectId},
    execute::{
        cases,
        context::{Context, Said},
    },
    policy::Rulebook,
    store::{CaseFile, KeyFile, Store, Tx, destroy::Needles, effect::Leave, remote::RemoteStep},
};

/// Reads the store before anything is destroyed that was decided earlier: of somebody whose records a damaged index hides the
/// names would die too early.
///
/// # Errors
/// Integrity (exit 9): it is damaged, and nothing was done.
pub(super) fn sound(store: &mut Store, number: &CaseNumber) -> Result<()> {
    store.transact(|tx| {
        let (case, kept) = (tx.case(number)?, tx.remote_case(number)?);
        let destroys = kept.map(|kept| Told::read(&kept)).transpose()?.is_some_and(|(told, _)| told.destroys);
        case.subject.filter(|_| destroys).map_or(Ok(()), |subject| tx.sound_for(subject))
    })
}

/// The log learns how far it is; the case ends where nothing is left.
pub(super) fn close(
    tx: &Tx<'_>,
    context: &Context,
    ((rulebook, calendar), key): ((&Rulebook, &Calendar), Option<&KeyFile>),
    number: &CaseNumber,
    needles: &mut Needles,
) -> Result<(CaseFile, Option<String>)> {
    let mut act = None;
    let steps = tx.remote_steps(number)?;
    let whole = steps.iter().all(RemoteStep::is_done);
    let mut case = tx.case(number)?;
    let told = tx.remote_case(number)?;
    if let Some(kept) = told.filter(|_| whole) {
        let (mut told, stays) = Told::read(&kept)?;
        tx.remote_told(number)?;
        if let Some(subject) = case.subject.filter(|_| told.destroys) {
            let whose = (case.controller.as_str(), subject, (number, told.waiting));
            die(tx, context, (rulebook, key), whose, (stays, told.names), needles)?;
        }
        // One act for the whole plan: names that died just now are proved under it too.
        let gone = std::mem::take(&mut told.gone);
        let joined = gone.join(tx, told.outcome.act.as_deref())?;
        if !joined && (told.destroys || !needles.is_empty()) {
            act = Some(gone.open(tx, context, &case)?);
            told.outcome.act = told.outcome.act.or(act.clone());
        }
        let by = (context.now, context.actor.name());
        case = cases::advance(tx, by, (rulebook, calendar), number, &told.event())?;
    }
    let state = if whole { State::Elsewhere } else { State::InPart };
    context.log(tx, "elsewhere", state, said(&steps, &case))?;
    Ok((case, act))
}

fn said(steps: &[RemoteStep], case: &CaseFile) -> Said {
    let mut counts = BTreeMap::<String, u64>::new();
    for step in steps {
        let word = match (step.is_done(), step.deletes) {
            (true, true) => "deleted",
            (true, false) => "set",
            (false, _) => "open",
        };
        *counts.entry(format!("{word}.{}", step.system)).or_default() += step.rows;
    }
    Said { case: Some(case.number.clone()), subject: case.subject, counts, ..Said::default() }
}

/// Names die with the last record of their category, wherever it lay.
fn die(
    tx: &Tx<'_>,
    context: &Context,
    (rulebook, key): (&Rulebook, Option<&KeyFile>),
    (controller, subject, (case, waits)): (&str, SubjectId, (&CaseNumber, bool)),
    (mut stays, went): (BTreeSet<Category>, bool),
    needles: &mut Needles,
) -> Result<()> {
    let key = key.ok_or_else(without_key)?;
    // A large one was read when this was ordered or resumed, and destroying its bytes reads it again.
    tx.sound_if_small()?;
    let facts = tx.facts(controller, subject)?;
    stays.extend(facts.records.iter().map(|record| record.category.clone()));
    let person = tx.person(controller, subject)?;
    tx.bind_key(key)?;
    // Another case of theirs may still seek them.
    if tx.waits_elsewhere(&person)? {
        return Ok(());
    }
    let leaves = (&person, Leave::Right { case, waits, stays: !stays.is_empty() });
    tx.let_names_die(leaves, rulebook, &stays, needles)?;
    if stays.is_empty() || went {
        let seq = tx.audit_head()?.size + 1;
        tx.empty_subject(leaves, key, context.now, Some(seq), needles)?;
    }
    Ok(())
}
