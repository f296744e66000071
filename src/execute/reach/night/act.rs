//! One page carried out: meant, tried, told.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{Elsewhere, Planned, Terms};
use crate::{
    audit::State,
    domain::{Action, Error, Kind, Result, RunId, Step},
    execute::{
        context::Said,
        purge::Company,
        reach::{Reach, elsewhere::is_checked, intent::Intent, merge::enrol, order, run},
    },
    store::{KeyFile, Store, Tx, remote::archive_mark},
};

/// Nobody looks at what a night does before it does it: it goes only where somebody looked before.
fn checked(tx: &Tx<'_>, one: &Planned) -> Result<()> {
    let systems: BTreeSet<&str> = one.steps.iter().map(|step| step.system.as_str()).collect();
    for system in systems {
        let found = one.remote.identities.get(system).map(String::as_str).unwrap_or_default();
        if !is_checked(tx, system, found)? {
            return Err(Error::config(format!("system `{system}` was never checked"))
                .hint("run `dsr map check` once: a night destroys only in a database that was looked at"));
        }
    }
    Ok(())
}

/// One page done: written in the log and, for archives, in the own register; then tried, then told.
pub(super) fn act(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    terms: &Terms<'_>,
    planned: Vec<Planned>,
    told: &mut Elsewhere,
) -> Result<()> {
    let planned: Vec<Planned> = planned.into_iter().filter(|one| !one.plan.steps.is_empty()).collect();
    if planned.is_empty() {
        return Ok(());
    }
    let context = &company.context;
    store.transact(|tx| {
        for one in &planned {
            checked(tx, one)?;
            archive(tx, company, terms.key, one)?;
        }
        let said = said(&planned, terms.run, "meant");
        context.log(tx, "purge-expired", State::InPart, said).map(drop)
    })?;
    let (mut failed, mut down) = (0, BTreeSet::new());
    let intents = merged(reach, &planned)?;
    for (system, collection, intent) in &intents {
        let rows = intent.rows.len() as u64;
        // What refers to a row goes before it: where it stays, the rest of the system waits for another night.
        if down.contains(system) {
            failed += rows;
            continue;
        }
        let tried = match reach.systems.iter_mut().find(|one| one.name == *system) {
            Some(one) => run::run(one.engine.as_mut(), collection, intent),
            None => Err(Error::new(Kind::Failed, "the system is not connected")),
        };
        match tried {
            Ok(left) if left.changed.is_empty() => {}
            // Changed since: judged anew the next night.
            Ok(left) => {
                down.insert(system);
                failed += left.changed.len() as u64;
            }
            Err(error) => {
                down.insert(system);
                failed += rows;
                let trouble = format!("{system} {collection}: {error}");
                if !told.troubles.contains(&trouble) {
                    told.troubles.push(trouble);
                }
            }
        }
        if let Some(rate) = terms.max_rate {
            (terms.pause)(rows * 1000 / u64::from(rate.max(1)));
        }
    }
    store.transact(|tx| {
        let mut said = said(&planned, terms.run, "done");
        said.counts.insert("failed".into(), failed);
        let state = if failed == 0 { State::Elsewhere } else { State::InPart };
        context.log(tx, "purge-expired", state, said).map(drop)
    })
}

fn archive(tx: &Tx<'_>, company: &Company<'_>, key: &KeyFile, one: &Planned) -> Result<()> {
    let archived: Vec<&Step> = one.plan.steps.iter().filter(|step| step.action == Action::Archive).collect();
    if archived.is_empty() {
        return Ok(());
    }
    let controller = company.controller.as_str();
    if !one.known {
        enrol(tx, controller, &one.remote, company.context.now)?;
    }
    let person = tx.person(controller, one.facts.subject)?;
    tx.bind_key(key)?;
    for step in archived {
        let Some(until) = step.until else { continue };
        for record in one.facts.records.iter().filter(|record| step.keys.contains(&record.key)) {
            let mark = archive_mark(key, controller, &[&record.reference, record.category.as_str()]);
            tx.archive_elsewhere(&person, mark, until, &step.why.rule)?;
        }
    }
    Ok(())
}

/// The steps of all people of a page, one a collection and kind of change, in the order of the collections.
fn merged(reach: &Reach, planned: &[Planned]) -> Result<Vec<(String, String, Intent)>> {
    let ranks = order::ranks(&reach.graph);
    let rank = |system: &str, collection: &str| {
        let at = reach.graph.nodes.iter().position(|node| {
            reach.systems.get(node.system).is_some_and(|one| one.name == system)
                && node.collection.name == collection
        });
        at.map_or(usize::MAX, |at| ranks[at])
    };
    let mut all = BTreeMap::<(usize, String, String, Vec<String>), Intent>::new();
    for step in planned.iter().flat_map(|one| &one.steps) {
        let intent = Intent::read(&step.payload)?;
        let place = (rank(&step.system, &step.collection), step.system.clone(), step.collection.clone());
        match all.entry((place.0, place.1, place.2, intent.columns.clone())) {
            Entry::Occupied(mut known) => known.get_mut().rows.extend(intent.rows),
            Entry::Vacant(place) => drop(place.insert(intent)),
        }
    }
    let line = |((_, system, collection, _), intent)| (system, collection, intent);
    Ok(all.into_iter().map(line).collect())
}

fn said(planned: &[Planned], run: Option<RunId>, word: &str) -> Said {
    let mut counts = BTreeMap::<String, u64>::new();
    let mut rules = Vec::new();
    for step in planned.iter().flat_map(|one| &one.plan.steps) {
        let category = step.category.as_ref().map(ToString::to_string).unwrap_or_default();
        *counts.entry(format!("{word}.{}.{}.{category}", step.system, step.action)).or_default() +=
            step.keys.len() as u64;
        rules.push(step.why.rule.clone());
    }
    Said { run, counts, rules, ..Said::default() }
}
