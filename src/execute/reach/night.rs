//! The nightly run over other systems: rows that may be due are streamed by age, their people sought whole, every
//! record judged by the same rules as here, and what is due done by row and version.
//!
//! Nothing is remembered between nights: what was not reached is found again. The log says what is meant before it
//! is tried, and what was done after it.

mod act;
mod find;
mod met;
mod passed;

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use met::Met;

use super::{
    Means, Reach, Remote,
    intent::steps,
    merge::{merge, only_elsewhere},
    order,
    refine::{Lens, refine},
};
use crate::{
    decide::{
        nightly::{Fate, fate},
        sieve::sieves,
    },
    domain::{
        Action, Category, Decision, Identifier, Kind, Plan, Reason, Result, Right, RunId, Selector, Step,
        SubjectFacts, SubjectId,
    },
    execute::purge::Company,
    store::{KeyFile, Store, remote::NewRemoteStep},
};

/// From so many rows on a collection's share is judged.
const JUDGED_FROM: u64 = 1_000;

/// How a night elsewhere is meant.
pub struct Terms<'a> {
    /// The key file.
    pub key: &'a KeyFile,
    /// Report and do nothing.
    pub dry_run: bool,
    /// Rows in one page.
    pub batch: u32,
    /// Rows a second at most; `None`: as fast as the systems take them.
    pub max_rate: Option<u32>,
    /// At most so many rows.
    pub max_count: Option<u64>,
    /// At most this share of a collection, in percent.
    pub max_share: f64,
    /// The run that the log knows.
    pub run: Option<RunId>,
    /// 16 random bytes.
    pub random: &'a mut dyn FnMut() -> [u8; 16],
    /// Waits so many milliseconds.
    pub pause: &'a dyn Fn(u64),
}

/// Records of one system that share a fate and a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightLine {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// The category.
    pub category: Category,
    /// Destroyed or archived.
    pub action: Action,
    /// Why.
    pub why: Reason,
    /// The last day of an archive.
    pub until: Option<NaiveDate>,
    /// Records.
    pub count: u64,
}

/// What a night elsewhere found and did.
#[derive(Default)]
pub struct Elsewhere {
    /// What is done (or due).
    pub lines: Vec<NightLine>,
    /// Due and protected, or shared.
    pub held: BTreeMap<Category, u64>,
    /// No rule says, nobody is known whose it is, or people have to do it.
    pub gaps: BTreeMap<String, u64>,
    /// What could not be done.
    pub troubles: Vec<String>,
    /// Why nothing was begun.
    pub stop: Option<String>,
}

/// Judges, holds the guards against the whole, and then does it.
///
/// # Errors
/// Failed (exit 1), naming the system that cannot be read; the kinds of the own store.
pub fn night(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    terms: &mut Terms<'_>,
) -> Result<Elsewhere> {
    reach.refuse_unmapped()?;
    let judged = pass(store, reach, company, terms, true)?;
    let due = judged.lines.iter().map(|line| line.count).sum::<u64>();
    if terms.dry_run || due == 0 {
        return Ok(judged);
    }
    if let Some(stop) = stopped(reach, &judged, terms, due)? {
        return Ok(Elsewhere { stop: Some(stop), ..judged });
    }
    pass(store, reach, company, terms, false)
}

fn stopped(reach: &mut Reach, judged: &Elsewhere, terms: &Terms<'_>, due: u64) -> Result<Option<String>> {
    if let Some(most) = terms.max_count.filter(|most| due > *most) {
        return Ok(Some(format!(
            "{due} records of other systems are due, more than the {most} of --max-count"
        )));
    }
    let mut by_place = BTreeMap::<(&str, &str), u64>::new();
    for line in &judged.lines {
        *by_place.entry((&line.system, &line.collection)).or_default() += line.count;
    }
    for ((system, collection), due) in by_place.into_iter().filter(|(_, due)| *due >= JUDGED_FROM) {
        let all = reach.count(system, collection)?;
        // A row may be several records: then the share is overstated, and a person looks.
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = due as f64 * 100.0 / (all.max(1) as f64);
        if share > terms.max_share {
            let most = terms.max_share;
            return Ok(Some(format!(
                "{due} records of {system} {collection} are due, more than {most} % of its rows"
            )));
        }
    }
    Ok(None)
}

/// One walk over everything that may be due.
fn pass(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    terms: &mut Terms<'_>,
    rehearsed: bool,
) -> Result<Elsewhere> {
    let today = company.context.now.day();
    let sieves = sieves(company.rulebook, today);
    let mut told = Elsewhere::default();
    let mut met = HashSet::new();
    let ranks = order::ranks(&reach.graph);
    let mut nodes: Vec<usize> = (0..reach.graph.nodes.len()).collect();
    nodes.sort_by_key(|node| ranks[*node]);
    for node in nodes {
        for ages in find::ages(reach, node, &sieves) {
            let mut last: Option<Vec<String>> = None;
            loop {
                let rows = find::page(reach, node, &ages, last.as_deref(), terms.batch)?;
                let Some(end) = rows.last() else { break };
                last = reach.key_of(node, end);
                let full = rows.len() >= terms.batch as usize;
                let people = find::people(reach, node, &rows, &mut met, &mut told)?;
                let planned = judge(store, reach, company, terms, people, &mut told)?;
                if rehearsed {
                    told.planned(&planned);
                } else {
                    act::act(store, reach, company, terms, planned, &mut told)?;
                }
                if !full || last.is_none() {
                    break;
                }
            }
        }
    }
    Ok(told)
}

/// What one person's part of a page comes to.
struct Planned {
    remote: Remote,
    facts: SubjectFacts,
    known: bool,
    plan: Plan,
    steps: Vec<NewRemoteStep>,
}

fn judge(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    terms: &mut Terms<'_>,
    people: Vec<Identifier>,
    told: &mut Elsewhere,
) -> Result<Vec<Planned>> {
    let (now, controller) = (company.context.now, company.controller.as_str());
    let (mut all, mut met) = (Vec::new(), Met::default());
    let people: Vec<(Selector, SubjectId)> = people
        .into_iter()
        .map(|name| (Selector::Identifier(name), SubjectId::from_bytes((terms.random)())))
        .collect();
    let found = reach.gather_all(store, controller, &people, now)?;
    for ((who, _), found) in people.iter().zip(found) {
        let remote = match found {
            Ok(Some(remote)) => remote,
            // Whose it is has to be seen by people: nothing of it is judged.
            Ok(None) => {
                told.gap(who.kind(), 1);
                continue;
            }
            Err(error) if error.kind() == Kind::Ambiguous => {
                told.gap(who.kind(), 1);
                continue;
            }
            Err(error) => return Err(error),
        };
        let own = remote.person.map(|id| store.read(|view| view.facts(controller, id))).transpose()?;
        let known = own.is_some();
        let facts = match own {
            Some(mut facts) => {
                merge(&mut facts, &remote);
                facts
            }
            None => only_elsewhere(controller, &remote),
        };
        // The same person by another of their numbers.
        if remote.is_empty() || met.has(&remote) {
            continue;
        }
        met.meet(&remote);
        let plan = planned(company, terms.key, &remote, &facts, told);
        let means = Means { remote: &remote, order: None, key: Some(terms.key), controller, now };
        let steps = steps(&plan, &means)?;
        all.push(Planned { remote, facts, known, plan, steps });
    }
    Ok(all)
}

/// The same verdict as in the own store, and the same care for rows that others share.
fn planned(
    company: &Company<'_>,
    key: &KeyFile,
    remote: &Remote,
    facts: &SubjectFacts,
    told: &mut Elsewhere,
) -> Plan {
    let (rulebook, today) = (company.rulebook, company.context.now.day());
    let mut due = Vec::new();
    let mut plan = Plan {
        decision: Decision::Grant,
        steps: Vec::new(),
        kept: Vec::new(),
        gaps: Vec::new(),
        waits: Vec::new(),
    };
    for record in facts.records.iter().filter(|record| record.key.id < 0) {
        let (action, why, until) = match fate(record, facts, rulebook, today) {
            Fate::Destroy(why) => (Action::Destroy, why, None),
            Fate::Archive(until, why) => (Action::Archive, why, Some(until)),
            Fate::Held(..) => {
                *told.held.entry(record.category.clone()).or_default() += 1;
                continue;
            }
            Fate::Gap(_) => {
                told.gap(record.category.as_str(), 1);
                continue;
            }
            Fate::Stays => continue,
        };
        due.push((action, record));
        let (system, category) = (record.system.clone(), Some(record.category.clone()));
        let step = Step { system, category, until, ..Step::new(action, "record", why) };
        plan.steps.push(Step { keys: vec![record.key], ..step });
    }
    refine(
        &mut plan,
        &Lens { remote, facts, rulebook, key: Some(key), right: Right::Erase, today, at_night: true },
    );
    plan.kept
        .iter()
        .for_each(|kept| *told.held.entry(kept.category.clone()).or_default() += kept.keys.len() as u64);
    passed::over(&plan, &due, remote, told);
    plan.steps.retain(|step| step.action != Action::Manual);
    plan
}

impl Elsewhere {
    fn planned(&mut self, planned: &[Planned]) {
        let steps = planned.iter().flat_map(|one| &one.plan.steps);
        steps.for_each(|step| self.line(step, step.keys.len() as u64));
    }

    fn gap(&mut self, word: &str, count: u64) {
        *self.gaps.entry(word.to_owned()).or_default() += count;
    }

    fn trouble(&mut self, trouble: Option<String>) {
        self.troubles.extend(trouble.filter(|one| !self.troubles.contains(one)));
    }

    fn line(&mut self, step: &Step, count: u64) {
        let Some(category) = step.category.clone().filter(|_| count > 0) else { return };
        let same = |line: &&mut NightLine| {
            let place = line.system == step.system && line.collection == step.collection;
            place
                && line.category == category
                && line.action == step.action
                && line.why == step.why
                && line.until == step.until
        };
        if let Some(known) = self.lines.iter_mut().find(same) {
            known.count += count;
            return;
        }
        let (system, collection) = (step.system.clone(), step.collection.clone());
        let (action, why, until) = (step.action, step.why.clone(), step.until);
        self.lines.push(NightLine { system, collection, category, action, why, until, count });
    }
}
