//! The nightly run over other systems: rows that may be due are streamed by age, their people sought whole, every
//! record judged by the same rules as here, and what is due done by row and version.
//!
//! Nothing is remembered between nights: what was not reached is found again. The log says what is meant before it
//! is tried, and what was done after it.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::{
    Means, Reach, Remote, gather,
    intent::{Intent, steps},
    merge::{enrol, merge, only_elsewhere},
    order,
    refine::{Lens, refine},
    run,
};
use crate::{
    audit::State,
    decide::{
        nightly::{Fate, fate},
        sieve::{Sieves, sieves},
    },
    domain::{
        Action, Category, Decision, Error, Identifier, Kind, Moment, Plan, Reason, Result, Right, RunId,
        Selector, Step, SubjectFacts, SubjectId,
    },
    execute::{
        context::Said,
        purge::Company,
        resolve::{self, Found},
    },
    store::{
        KeyFile, Store,
        remote::{NewRemoteStep, archive_mark},
    },
    system::{
        engine::{Row, Scan},
        traverse::{Met, owners::owners},
    },
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
    /// No rule says, or nobody is known whose it is.
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
        for (column, before) in ranges(reach, node, &sieves, today) {
            let mut last: Option<Vec<String>> = None;
            loop {
                let rows = page(reach, node, (&column, before.as_deref()), last.as_deref(), terms.batch)?;
                let Some(end) = rows.last() else { break };
                last = reach.key_of(node, end);
                let full = rows.len() >= terms.batch as usize;
                let people = people(reach, node, &rows, &mut met, &mut told)?;
                let planned = judge(store, reach, company, terms, people, &mut told)?;
                if !rehearsed {
                    act(store, reach, company, terms, planned, &mut told)?;
                }
                if !full || last.is_none() {
                    break;
                }
            }
        }
    }
    Ok(told)
}

/// The columns by which rows of a collection may be due, with the instant before which they are: a necessary
/// condition; the verdict is by the rules.
fn ranges(reach: &Reach, node: usize, sieves: &Sieves, today: NaiveDate) -> Vec<(String, Option<String>)> {
    let node = &reach.graph.nodes[node];
    let meaning = &node.collection.meaning;
    let held = node.collection.fields.iter().filter(|field| !field.not_personal);
    let of: Vec<_> = held.filter_map(|field| sieves.of.get(field.category.as_ref()?)).collect();
    let text = |at: Moment| {
        at.rfc3339().chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect::<String>()
    };
    // A day more, since a column may tell the time of another zone.
    let later = |day: NaiveDate, days: u64| day.checked_add_days(chrono::Days::new(days)).unwrap_or(day);
    let tomorrow = || Some(text(Moment::start_of(later(today, 2))));
    let mut ranges = Vec::new();
    if of.iter().any(|sieve| sieve.everything) {
        return vec![(String::new(), None)];
    }
    let start = [&meaning.collected_at, &meaning.activity_at, &meaning.document_at, &meaning.last_contact_at];
    let before = of.iter().filter_map(|sieve| sieve.before).max();
    if let (Some(column), Some(before)) = (start.into_iter().flatten().next(), before) {
        ranges.push((column.clone(), Some(text(Moment::start_of(later(before.day(), 2))))));
    }
    let reached = of.iter().any(|sieve| sieve.reached);
    ranges.extend(
        meaning.purpose_reached_at.iter().filter(|_| reached).map(|column| (column.clone(), tomorrow())),
    );
    if let Some(consent) = &meaning.consent {
        let any = |test: fn(&crate::decide::sieve::Sieve) -> bool| sieves.of.values().any(test);
        if any(|sieve| !sieve.withdrawn.is_empty()) {
            ranges.extend(consent.withdrawn_at.iter().map(|column| (column.clone(), tomorrow())));
        }
        let given = sieves.of.values().flat_map(|sieve| sieve.consents.values()).max();
        ranges.extend(
            given.map(|at| (consent.given_at.clone(), Some(text(Moment::start_of(later(at.day(), 2)))))),
        );
    }
    ranges
}

fn page(
    reach: &mut Reach,
    node: usize,
    (column, before): (&str, Option<&str>),
    after: Option<&[String]>,
    limit: u32,
) -> Result<Vec<Row>> {
    let graph = reach.graph.clone();
    let known = &graph.nodes[node];
    let (columns, key) = (known.columns(), known.key_columns());
    let before = before.map(|before| (column, before));
    let table = known.collection.name.as_str();
    let scan = Scan { table, columns: &columns, before, except: &[], key: &key, after, limit };
    let mut rows = Vec::new();
    reach.systems[known.system].engine.scan(&scan, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// The people of a page who were not met before.
fn people(
    reach: &mut Reach,
    node: usize,
    rows: &[Row],
    met: &mut HashSet<Identifier>,
    told: &mut Elsewhere,
) -> Result<Vec<Identifier>> {
    let graph = reach.graph.clone();
    let mut fresh = Vec::new();
    for names in owners(&mut reach.systems, &graph, node, rows)? {
        if names.is_empty() {
            *told.gaps.entry(unowned(reach, node)).or_default() += 1;
        }
        fresh.extend(names.into_iter().filter(|name| met.insert(name.clone())));
    }
    Ok(fresh)
}

fn unowned(reach: &Reach, node: usize) -> String {
    let node = &reach.graph.nodes[node];
    let category = node.collection.fields.iter().find_map(|field| field.category.as_ref());
    category.map_or_else(|| node.collection.name.clone(), ToString::to_string)
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
    let mut all: Vec<Planned> = Vec::new();
    let names = gather::names(store, controller, &people)?;
    let met = Met::of(&mut reach.systems, &reach.graph, &names)?;
    for name in people {
        let who = Selector::Identifier(name);
        let new = SubjectId::from_bytes((terms.random)());
        let Some(remote) = reach.gather_met(store, controller, &who, (now, new), &met)? else { continue };
        let own = store.read(|view| match resolve::for_answer(view, controller, &who) {
            Ok(Found::One(id)) => view.facts(controller, id).map(Some),
            _ => Ok(None),
        })?;
        let known = own.is_some();
        let facts = match own {
            Some(mut facts) => {
                merge(&mut facts, &remote);
                facts
            }
            None => only_elsewhere(controller, &remote),
        };
        // The same person by another of their numbers.
        if remote.is_empty() || all.iter().any(|other| is_same(&other.remote, &remote)) {
            continue;
        }
        let plan = planned(company, &remote, &facts, told);
        let means = Means {
            remote: &remote,
            order: None,
            rulebook: company.rulebook,
            key: Some(terms.key),
            controller,
            now,
        };
        let steps = steps(&plan, &means)?;
        all.push(Planned { remote, facts, known, plan, steps });
    }
    Ok(all)
}

fn is_same(one: &Remote, other: &Remote) -> bool {
    let place =
        |remote: &Remote| remote.facts.rows.rows.first().map(|row| (row.found.node, row.found.key.clone()));
    place(one) == place(other)
}

/// The same verdict as in the own store, and the same care for rows that others share.
fn planned(company: &Company<'_>, remote: &Remote, facts: &SubjectFacts, told: &mut Elsewhere) -> Plan {
    let (rulebook, today) = (company.rulebook, company.context.now.day());
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
                *told.gaps.entry(record.category.to_string()).or_default() += 1;
                continue;
            }
            Fate::Stays => continue,
        };
        let (system, category) = (record.system.clone(), Some(record.category.clone()));
        let step = Step { system, category, until, ..Step::new(action, "record", why) };
        plan.steps.push(Step { keys: vec![record.key], ..step });
    }
    refine(&mut plan, &Lens { remote, facts, rulebook, right: Right::Erase, today });
    plan.kept
        .iter()
        .for_each(|kept| *told.held.entry(kept.category.clone()).or_default() += kept.keys.len() as u64);
    plan.steps.retain(|step| step.action != Action::Manual);
    for step in &plan.steps {
        told.line(step);
    }
    plan
}

impl Elsewhere {
    fn line(&mut self, step: &Step) {
        let Some(category) = step.category.clone() else { return };
        let count = step.keys.len() as u64;
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

/// One page done: written in the log and, for archives, in the own register; then tried, then told.
fn act(
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
            archive(tx, company, terms.key, one)?;
        }
        let said = said(&planned, terms.run, "meant");
        context.log(tx, "purge-expired", State::InPart, said).map(drop)
    })?;
    let mut failed = 0;
    let intents = merged(reach, &planned)?;
    for (system, collection, intent) in &intents {
        let rows = intent.rows.len() as u64;
        let tried = match reach.systems.iter_mut().find(|one| one.name == *system) {
            Some(one) => run::run(one.engine.as_mut(), collection, intent),
            None => Err(Error::new(Kind::Failed, "the system is not connected")),
        };
        match tried {
            // Changed since: judged anew the next night.
            Ok(changed) => failed += changed.len() as u64,
            Err(error) => {
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

fn archive(tx: &crate::store::Tx<'_>, company: &Company<'_>, key: &KeyFile, one: &Planned) -> Result<()> {
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
            std::collections::btree_map::Entry::Occupied(mut known) => {
                known.get_mut().rows.extend(intent.rows)
            }
            std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(intent)),
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

impl Reach {
    /// The key of a row that was read in a node's columns; `None` where part of it is NULL.
    fn key_of(&self, node: usize, row: &Row) -> Option<Vec<String>> {
        self.graph.nodes[node].key.iter().map(|place| row[*place].0.clone()).collect()
    }

    /// Rows of a collection: read by key, only where a share has to be judged.
    fn count(&mut self, system: &str, collection: &str) -> Result<u64> {
        let graph = self.graph.clone();
        let node = graph.nodes.iter().find(|node| {
            self.systems.get(node.system).is_some_and(|one| one.name == system)
                && node.collection.name == collection
        });
        let Some(node) = node else { return Ok(0) };
        let key = node.key_columns();
        let mut all = 0;
        let table = collection;
        let scan =
            Scan { table, columns: &key, before: None, except: &[], key: &key, after: None, limit: u32::MAX };
        self.systems[node.system].engine.scan(&scan, &mut |_| {
            all += 1;
            Ok(())
        })?;
        Ok(all)
    }
}
