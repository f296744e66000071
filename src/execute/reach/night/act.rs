//! One page carried out: meant, tried, told.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{Elsewhere, Planned, Terms};
use crate::{
    audit::State,
    domain::{Action, Error, RecordKey, Result, RunId, Step},
    execute::{
        context::Said,
        purge::Company,
        reach::{
            Reach,
            elsewhere::is_checked,
            intent::{Intent, Line},
            merge::enrol,
            order, run,
        },
    },
    store::{KeyFile, Store, Tx, remote::archive_mark},
    system::{
        engine::{Engine, Scan},
        project::RowOf,
    },
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
        let said = said(&planned, terms.run, "meant", |_, step| step.keys.len() as u64);
        context.log(tx, "purge-expired", State::InPart, said).map(drop)
    })?;
    let standing = tried(reach, terms, &merged(reach, &planned)?, told);
    for one in &planned {
        one.plan.steps.iter().for_each(|step| told.line(step, one.done(step, &standing)));
    }
    store.transact(|tx| {
        let mut said = said(&planned, terms.run, "done", |one, step| one.done(step, &standing));
        said.counts.insert("failed".into(), standing.len() as u64);
        let state = if standing.is_empty() { State::Elsewhere } else { State::InPart };
        context.log(tx, "purge-expired", state, said).map(drop)
    })
}

/// One collection's part of a page.
type Part = (String, String, Intent);

/// Rows that stand as before: system, collection and key of each. Personal data.
type Standing = BTreeSet<(String, String, Vec<String>)>;

/// Tries them one after another. Gives the rows that stand as before.
fn tried(reach: &mut Reach, terms: &Terms<'_>, parts: &[Part], told: &mut Elsewhere) -> Standing {
    let (mut standing, mut down) = (Standing::new(), BTreeSet::new());
    for (system, collection, intent) in parts {
        // What refers to a row goes before it: where it stays, the rest of the system waits for another night.
        let (left, trouble) = if down.contains(system) {
            (intent.rows.clone(), None)
        } else {
            attempt(reach, system, collection, intent)
        };
        if !left.is_empty() {
            down.insert(system);
        }
        standing.extend(left.into_iter().map(|line| (system.clone(), collection.clone(), line.key)));
        told.trouble(trouble.map(|why| format!("{system} {collection}: {why}")));
        if let Some(rate) = terms.max_rate {
            (terms.pause)(intent.rows.len() as u64 * 1000 / u64::from(rate.max(1)));
        }
    }
    standing
}

/// The rows that are left, and why.
fn attempt(
    reach: &mut Reach,
    system: &str,
    collection: &str,
    intent: &Intent,
) -> (Vec<Line>, Option<String>) {
    let Some(one) = reach.systems.iter_mut().find(|one| one.name == system) else {
        return (intent.rows.clone(), Some("the system is not connected".to_owned()));
    };
    let tried = run::run(one.engine.as_mut(), collection, intent);
    let tried = tried
        .and_then(|left| Ok((left.changed, hidden(one.engine.as_mut(), collection, intent, left.absent)?)));
    let says = |n: usize, what: &str| (n > 0).then(|| format!("{n} rows {what}"));
    match tried {
        // Judged anew the next night.
        Ok((changed, hidden)) => {
            let why = says(changed.len(), "were changed by others in this night")
                .or_else(|| says(hidden.len(), "are there and not found under their keys"));
            (changed.into_iter().chain(hidden).collect(), why)
        }
        Err(error) => (intent.rows.clone(), Some(error.to_string())),
    }
}

/// Of rows that were absent, those whose keys a reading of all keys still meets: not gone, whatever hid them. It was
/// found a moment ago, so that this is seldom asked.
fn hidden(engine: &mut dyn Engine, table: &str, intent: &Intent, mut absent: Vec<Line>) -> Result<Vec<Line>> {
    if absent.is_empty() {
        return Ok(absent);
    }
    let key: Vec<&str> = intent.key.iter().map(String::as_str).collect();
    let wanted: BTreeSet<&Vec<String>> = absent.iter().map(|line| &line.key).collect();
    let mut met = BTreeSet::new();
    let scan = Scan { table, columns: &key, ages: &[], key: &key, after: None, limit: u32::MAX };
    engine.scan(&scan, &mut |row| {
        let read: Option<Vec<String>> = row.into_iter().map(|cell| cell.0).collect();
        met.extend(read.filter(|key| wanted.contains(key)));
        Ok(())
    })?;
    absent.retain(|line| met.contains(&line.key));
    Ok(absent)
}

impl Planned {
    /// How many records of a step are done: those whose rows do not stand as before.
    fn done(&self, step: &Step, standing: &Standing) -> u64 {
        // An archive that only the own register keeps was kept with the intent.
        if step.action == Action::Archive && step.fields.is_empty() {
            return step.keys.len() as u64;
        }
        let rows = &self.remote.facts.rows;
        let stands = |key: &&RecordKey| {
            let row = rows.of_record(**key).and_then(|(nth, _)| rows.rows.get(nth));
            let place = |row: &RowOf| (step.system.clone(), step.collection.clone(), row.found.key.clone());
            row.is_some_and(|row| standing.contains(&place(row)))
        };
        step.keys.iter().filter(|key| !stands(key)).count() as u64
    }
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
fn merged(reach: &Reach, planned: &[Planned]) -> Result<Vec<Part>> {
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

fn said(planned: &[Planned], run: Option<RunId>, word: &str, count: impl Fn(&Planned, &Step) -> u64) -> Said {
    let mut counts = BTreeMap::<String, u64>::new();
    let mut rules = Vec::new();
    for (one, step) in planned.iter().flat_map(|one| one.plan.steps.iter().map(move |step| (one, step))) {
        let category = step.category.as_ref().map(ToString::to_string).unwrap_or_default();
        let count = count(one, step);
        if count > 0 {
            *counts.entry(format!("{word}.{}.{}.{category}", step.system, step.action)).or_default() += count;
            rules.push(step.why.rule.clone());
        }
    }
    Said { run, counts, rules, ..Said::default() }
}
