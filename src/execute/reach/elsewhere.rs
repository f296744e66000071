//! What the own store commits of a plan that reaches other systems, in the transaction of its own effects.

use std::collections::BTreeSet;

use super::{
    Means, Reach, Remote, Told, merge,
    proof::{Before, Gone},
    refine, steps as means_steps,
};
use crate::{
    domain::{
        Action, CaseNumber, Category, Error, Kind, Plan, RecordKey, Result, Selector, Step, SubjectFacts,
        SubjectId,
    },
    execute::{
        act::{Decided, Request, Rules},
        apply::gone,
        context::Context,
        resolve,
    },
    store::{
        KeyFile, Store, Tx, View,
        effect::Person,
        remote::{NewRemoteStep, archive_mark},
    },
    system::engine::is_same_database,
};

/// The steps in other systems that a decision means.
///
/// # Errors
/// As [`means_steps`].
pub fn steps(
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    remote: Option<&Remote>,
    decided: &Decided,
) -> Result<Vec<NewRemoteStep>> {
    let Some(remote) = remote else { return Ok(Vec::new()) };
    let controller = context.controller.as_deref().unwrap_or_default();
    let (order, now) = (Some(request.order), context.now);
    let means = Means { remote, order, key: rules.key, controller, now };
    means_steps(&decided.plan, &means)
}

/// Somebody whom only other systems know gets a row here, so that the case can be about them.
///
/// # Errors
/// As any write.
pub fn enrol_new(tx: &Tx<'_>, context: &Context, remote: Option<&Remote>, decided: &Decided) -> Result<()> {
    match (remote, &decided.facts) {
        (Some(remote), Some(facts)) if facts.subject == remote.new => {
            merge::enrol(tx, &facts.controller, remote, context.now)
        }
        _ => Ok(()),
    }
}

/// Whom a change is about: known here, or written down now as only other systems know them.
///
/// # Errors
/// Ambiguous (exit 5); not found (exit 3): nobody knows them.
pub fn for_change(
    tx: &Tx<'_>,
    context: &Context,
    who: &Selector,
    remote: Option<&Remote>,
) -> Result<SubjectId> {
    let controller = context.controller.as_deref().unwrap_or_default();
    match (resolve::for_change(tx, controller, who), remote.filter(|remote| !remote.is_empty())) {
        (Err(error), Some(remote)) if error.kind() == Kind::NotFound => match remote.person {
            Some(id) => Ok(id),
            None => merge::enrol(tx, controller, remote, context.now).map(|()| remote.new),
        },
        (known, _) => known,
    }
}

/// What will be told of the case once every step is done.
pub fn told(request: &Request<'_>, decided: &Decided, act: Option<&str>) -> Told {
    let plan = &decided.plan;
    Told {
        command: request.order.command().to_owned(),
        waiting: !plan.waits.is_empty(),
        ask: request.order.kept_of(decided.facts.as_ref()),
        outcome: decided.outcome(act, request.who.kind()),
        destroys: destroys(plan),
        names: !gone(plan).is_empty(),
        gone: Gone::of(plan),
        deals: Some(open_deals(decided)),
    }
}

fn open_deals(decided: &Decided) -> Vec<String> {
    let open = decided.facts.iter().flat_map(SubjectFacts::open_obligations);
    open.map(|deal| deal.reference.clone()).collect()
}

/// What the steps of an earlier plan of the case did, which this one replaces; with `idle` there are none in its place,
/// and what was left undone and untold goes.
///
/// # Errors
/// As any write; integrity (exit 9): a step cannot be read back.
pub fn replaced(tx: &Tx<'_>, case: &CaseNumber, idle: bool) -> Result<Before> {
    let before = Before::of(tx, case)?;
    if idle {
        tx.remote_void(case)?;
        tx.remote_told(case)?;
    }
    Ok(before)
}

/// Whether rows or values are destroyed elsewhere.
pub fn destroys(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| !step.is_own() && step.action == Action::Destroy)
}

/// Writes the steps down, each for the database that the system was when it was checked.
///
/// # Errors
/// Configuration (exit 6): it is another one now.
pub fn intend(
    tx: &Tx<'_>,
    context: &Context,
    remote: Option<&Remote>,
    decided: &Decided,
    (case, steps, told): (&CaseNumber, &[NewRemoteStep], &Told),
) -> Result<()> {
    let Some(remote) = remote else { return Ok(()) };
    let systems: BTreeSet<&str> = steps.iter().map(|step| step.system.as_str()).collect();
    for system in systems {
        let found = remote.identities.get(system).map(String::as_str).unwrap_or_default();
        if !is_checked(tx, system, found)? {
            tx.know_identity(system, found, context.now)?;
        }
    }
    tx.intend(case, steps, &told.kept(&stays(decided, remote))?, context.now)
}

/// Whether every system that was searched is the database that was checked.
///
/// # Errors
/// Configuration (exit 6): one is another by now.
pub fn all_checked(view: &View<'_>, remote: &Remote) -> Result<()> {
    remote.identities.iter().try_for_each(|(system, found)| is_checked(view, system, found).map(drop))
}

/// Whether a system is the database that was checked; `false`: none was yet.
///
/// # Errors
/// Configuration (exit 6): it is another one now.
pub fn is_checked(view: &View<'_>, system: &str, found: &str) -> Result<bool> {
    match view.remote_identity(system)? {
        Some(known) if !is_same_database(&known, found) => Err(another(system)),
        known => Ok(known.is_some()),
    }
}

/// What a system says of itself after a step of ours: a copy from before the step, put back in its place, was written less
/// often. Only a file says so; where it cannot be asked now, what it said before stands.
///
/// # Errors
/// As any write.
pub fn relearn(store: &mut Store, reach: &mut Reach, system: &str) -> Result<()> {
    let Some(known) = store.read(|view| view.remote_identity(system))? else { return Ok(()) };
    let connected = reach.systems.iter_mut().find(|one| one.name == system);
    let Some(now) = connected.and_then(|one| one.engine.identity().ok()) else { return Ok(()) };
    match known != now && is_same_database(&known, &now) {
        true => store.transact(|tx| tx.identity_moved(system, &now)),
        false => Ok(()),
    }
}

fn another(system: &str) -> Error {
    Error::config(format!("system `{system}` is another database than the one that was checked"))
        .hint("see where dsr.yaml leads; if it is meant, `dsr map check` learns it anew; nothing was done")
}

/// Categories of which records stay elsewhere.
fn stays(decided: &Decided, remote: &Remote) -> BTreeSet<Category> {
    let steps = decided.plan.steps.iter().filter(|step| step.action == Action::Destroy && !step.is_own());
    let gone: BTreeSet<i64> = steps
        .flat_map(|step| step.keys.iter().filter(|key| step.fields.is_empty() || !is_stuck(remote, **key)))
        .map(|key| key.id)
        .collect();
    let kept: BTreeSet<i64> =
        decided.plan.kept.iter().flat_map(|kept| &kept.keys).map(|key| key.id).collect();
    let stays = |id: &i64| !gone.contains(id) || kept.contains(id);
    let records = remote.facts.records.iter().filter(|record| stays(&record.key.id));
    records.map(|record| record.category.clone()).collect()
}

/// Whether a part of a record outlives its masking.
fn is_stuck(remote: &Remote, key: RecordKey) -> bool {
    let rows = &remote.facts.rows;
    let found = rows.of_record(key).and_then(|(nth, category)| Some((rows.rows.get(nth)?, category)));
    found.is_some_and(|(row, category)| refine::is_stuck(&remote.graph, row, category))
}

/// What the own register keeps of a step elsewhere: that a law alone keeps the row.
///
/// # Errors
/// As any write; configuration (exit 6): the key file is missing.
pub fn own_part<'k>(
    tx: &Tx<'_>,
    person: &Person,
    facts: &SubjectFacts,
    step: &Step,
    key: impl FnOnce() -> Result<&'k KeyFile>,
) -> Result<()> {
    let Some(until) = step.until.filter(|_| step.action == Action::Archive) else { return Ok(()) };
    let key = key()?;
    let wanted: BTreeSet<i64> = step.keys.iter().map(|key| key.id).collect();
    for record in facts.records.iter().filter(|record| wanted.contains(&record.key.id)) {
        let mark = archive_mark(key, &facts.controller, &[&record.reference, record.category.as_str()]);
        tx.archive_elsewhere(person, mark, until, &step.why.rule)?;
    }
    Ok(())
}
