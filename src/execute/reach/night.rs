//! The nightly run over other systems: rows that may be due are streamed by age, their people sought whole, every
//! record judged by the same rules as here, and what is due done by row and version.
//!
//! Only a page under way is remembered between nights: what was not reached is found again. Log and store say what is
//! meant before it is tried, and what was done after it.

mod act;
mod ceiling;
mod find;
mod gone;
mod joint;
mod judge;
mod leave;
mod line;
mod met;
#[cfg(test)]
mod narrow_laws;
mod page;
mod passed;

use std::collections::{BTreeMap, HashSet};

use ceiling::Candidates;
pub use gone::begun;
use joint::PutOff;
use judge::{Planned, judge};
pub use line::NightLine;
use met::Met;

use super::{Reach, order, target::Under};
use crate::{
    decide::nightly::Protector,
    domain::{Category, Error, Identifier, Result, RunId, Step},
    execute::purge::Company,
    store::{KeyFile, Store},
    system::traverse::reading::Readings,
};

/// From so many rows on a collection's share is judged.
const JUDGED_FROM: u64 = 1_000;

/// How a night elsewhere is meant.
pub struct Terms<'a> {
    /// The key file.
    pub key: &'a KeyFile,
    /// Report and do nothing.
    pub dry_run: bool,
    /// Rows in one page of what may be due.
    pub page: u32,
    /// Rows in one transaction.
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

impl Terms<'_> {
    /// Rows in one transaction: no more than a second may take.
    fn at_once(&self) -> usize {
        self.batch.min(self.max_rate.unwrap_or(u32::MAX)).max(1) as usize
    }
}

/// What a night elsewhere found and did.
#[derive(Default)]
pub struct Elsewhere {
    /// What is done (or due).
    pub lines: Vec<NightLine>,
    /// Due and protected, or shared.
    pub held: BTreeMap<Category, u64>,
    /// Those that are protected, by what protects them.
    pub held_by: BTreeMap<Protector, u64>,
    /// The same as `held`, by category and rule, for the act.
    pub kept: BTreeMap<(Category, String), u64>,
    /// No rule says, nobody is known whose it is, or people have to do it.
    pub gaps: BTreeMap<String, u64>,
    /// Rows past their term that nobody is found by any more, by system and collection.
    pub unowned: BTreeMap<(String, String), u64>,
    /// What could not be done.
    pub troubles: Vec<String>,
    /// Records that an earlier night began in systems that `dsr.yaml` names no more, by system: they wait.
    pub missing: BTreeMap<String, u64>,
    /// The same of systems that are gone for good: told as not confirmed.
    pub unconfirmed: BTreeMap<String, u64>,
    /// Why nothing was begun.
    pub stop: Option<String>,
    /// Why it ended before all was done.
    pub broke: Option<Error>,
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
    let (mut told, mut judged) = (Elsewhere::default(), Elsewhere::default());
    if !terms.dry_run {
        act::settle(store, reach, company, terms, &mut told)?;
    }
    let candidates = Candidates::count(store, reach, company)?;
    if terms.dry_run || candidates.may_be_stopped(terms) {
        let rehearsed = pass(store, reach, (company, &candidates), terms, true, &mut judged);
        reach.leaving.clear();
        reach.departing.clear();
        rehearsed?;
        let due = judged.lines.iter().map(|line| line.count).sum::<u64>();
        let stop = if terms.dry_run || due == 0 { None } else { stopped(reach, &judged, terms, due)? };
        if terms.dry_run || due == 0 || stop.is_some() {
            told.absorb(judged);
            return Ok(Elsewhere { stop, ..told });
        }
    }
    // What was done before it broke is told all the same.
    let broke = pass(store, reach, (company, &candidates), terms, false, &mut told).err();
    Ok(Elsewhere { broke, ..told })
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
    (company, candidates): (&Company<'_>, &Candidates),
    terms: &mut Terms<'_>,
    rehearsed: bool,
    told: &mut Elsewhere,
) -> Result<()> {
    let readings = candidates.readings(&reach.graph);
    let (mut names, mut met, mut put_off) = (HashSet::new(), Met::default(), PutOff::default());
    let ranks = order::ranks(&reach.graph);
    let mut nodes: Vec<usize> = (0..reach.graph.nodes.len()).collect();
    nodes.sort_by_key(|node| ranks[*node]);
    for node in nodes {
        if let Some(ages) = candidates.ages(node) {
            let mut last: Option<Vec<String>> = None;
            loop {
                let rows = find::page(reach, node, ages, last.as_deref(), terms.page)?;
                let Some(end) = rows.last() else { break };
                last = reach.key_of(node, end);
                let full = rows.len() >= terms.page as usize;
                let under = Under { key: Some(terms.key), controller: &company.controller };
                let people = find::people(reach, node, &rows, (&mut names, under), told)?;
                let by = (company, &readings);
                turn(store, reach, by, terms, (people, &mut met), (told, Some(&mut put_off)), rehearsed)?;
                if !full || last.is_none() {
                    break;
                }
            }
        }
    }
    let by = (company, &Readings::default());
    for people in put_off.pages(terms.page as usize) {
        turn(store, reach, by, terms, (people, &mut met), (told, None), rehearsed)?;
    }
    Ok(())
}

/// Some people judged, and what is due of them done; then those who are to be judged after them.
fn turn(
    store: &mut Store,
    reach: &mut Reach,
    by: (&Company<'_>, &Readings),
    terms: &mut Terms<'_>,
    (mut people, met): (Vec<Identifier>, &mut Met),
    (told, mut put_off): (&mut Elsewhere, Option<&mut PutOff>),
    rehearsed: bool,
) -> Result<()> {
    while !people.is_empty() {
        let off = put_off.as_deref_mut();
        people = if rehearsed {
            let (planned, later) = judge(store, reach, by, terms, (&people, met), (told, off))?;
            met.meet_all(&planned);
            told.planned(&planned);
            let going = leave::departing(reach, planned.iter())?;
            reach.departing.extend(going);
            reach.leaving.extend(planned.into_iter().flat_map(|one| one.leaves));
            later
        } else {
            acted(store, reach, by, terms, (&people, met), (told, off))?
        };
    }
    Ok(())
}

/// Judged and done; judged anew as long as another command writes in between, so that what it says counts. Gives those
/// who are to be judged after the others have left.
fn acted(
    store: &mut Store,
    reach: &mut Reach,
    by: (&Company<'_>, &Readings),
    terms: &mut Terms<'_>,
    (people, met): (&[Identifier], &mut Met),
    (told, mut put_off): (&mut Elsewhere, Option<&mut PutOff>),
) -> Result<Vec<Identifier>> {
    loop {
        let (mut page, mut fresh) = (Elsewhere::default(), PutOff::default());
        let version = store.read(|view| view.data_version())?;
        let off = put_off.is_some().then_some(&mut fresh);
        let (planned, later) = judge(store, reach, by, terms, (people, met), (&mut page, off))?;
        let mut here = Met::default();
        here.meet_all(&planned);
        if act::act(store, reach, by.0, terms, (planned, version), &mut page)? {
            met.join(here);
            told.absorb(page);
            put_off.iter_mut().for_each(|all| all.join(std::mem::take(&mut fresh)));
            return Ok(later);
        }
    }
}

impl Elsewhere {
    fn planned(&mut self, planned: &[Planned]) {
        let steps = planned.iter().flat_map(|one| &one.plan.steps);
        steps.for_each(|step| self.line(step, step.keys.len() as u64));
    }

    fn hold(&mut self, category: &Category, rule: String, count: u64) {
        *self.held.entry(category.clone()).or_default() += count;
        *self.kept.entry((category.clone(), rule)).or_default() += count;
    }

    /// So many are kept no more.
    fn unhold(&mut self, category: &Category, rule: &str, count: u64) {
        let kept = (category.clone(), rule.to_owned());
        self.held.entry(category.clone()).and_modify(|n| *n = n.saturating_sub(count));
        self.kept.entry(kept).and_modify(|n| *n = n.saturating_sub(count));
        self.held.retain(|_, n| *n > 0);
        self.kept.retain(|_, n| *n > 0);
    }

    fn gap(&mut self, word: &str, count: u64) {
        *self.gaps.entry(word.to_owned()).or_default() += count;
    }

    fn trouble(&mut self, trouble: Option<String>) {
        self.troubles.extend(trouble.filter(|one| !self.troubles.contains(one)));
    }

    fn line(&mut self, step: &Step, count: u64) {
        let Some(category) = step.category.clone().filter(|_| count > 0) else { return };
        let (system, collection) = (step.system.clone(), step.collection.clone());
        let (action, why, until) = (step.action, step.why.clone(), step.until);
        self.add(NightLine { system, collection, category, action, why, until, count });
    }

    fn add(&mut self, line: NightLine) {
        let same = |known: &&mut NightLine| {
            (&known.system, &known.collection, &known.category)
                == (&line.system, &line.collection, &line.category)
                && (known.action, &known.why, known.until) == (line.action, &line.why, line.until)
        };
        match self.lines.iter_mut().find(same) {
            Some(known) => known.count += line.count,
            None => self.lines.push(line),
        }
    }

    fn absorb(&mut self, page: Self) {
        page.lines.into_iter().for_each(|line| self.add(line));
        add_all(&mut self.held, page.held);
        add_all(&mut self.held_by, page.held_by);
        add_all(&mut self.kept, page.kept);
        add_all(&mut self.gaps, page.gaps);
        add_all(&mut self.unowned, page.unowned);
        page.troubles.into_iter().for_each(|trouble| self.trouble(Some(trouble)));
    }
}

fn add_all<K: Ord>(all: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    more.into_iter().for_each(|(key, n)| *all.entry(key).or_default() += n);
}
