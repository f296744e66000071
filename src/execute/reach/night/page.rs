//! One page of a night as the own store keeps it from before it is tried until it is known what came of it: the
//! steps of all its people, and which records they mean.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map::Entry};

use serde::{Deserialize, Serialize};

use super::Planned;
use crate::{
    domain::{Action, Category, Error, Kind, Result, Step},
    execute::reach::{
        Reach,
        intent::{Intent, Line},
        order,
    },
    store::remote::NightDone,
};

/// A page. Personal data: no `Debug`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// What is tried, in this order.
    pub parts: Vec<Part>,
    /// What it means.
    records: Vec<Records>,
}

/// Steps of one collection and kind of change.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub system: String,
    pub collection: String,
    pub intent: Intent,
}

/// Records that share collection, category, fate and rule.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Records {
    system: String,
    collection: String,
    category: String,
    /// Otherwise a law keeps them.
    destroys: bool,
    rule: String,
    /// The keys of their rows; none where the own register alone keeps them, which was done with the intent.
    keys: Option<Vec<Vec<String>>>,
    count: u64,
}

/// System, action and category.
pub(super) type What = (String, Action, String);

/// Rows that stand as before: system, collection and key of each. Personal data.
pub(super) type Standing = BTreeSet<(String, String, Vec<String>)>;

impl Page {
    /// The steps of all people of a page, one a collection and kind of change, in the order of the collections; and
    /// for all records that share a fate and its reason, one of the steps that say it.
    pub fn of<'p>(reach: &Reach, planned: &'p [Planned]) -> (Self, Vec<&'p Step>) {
        let (mut kinds, mut records) = (Vec::<&Step>::new(), Vec::<Records>::new());
        for (one, step) in planned.iter().flat_map(|one| one.plan.steps.iter().map(move |step| (one, step))) {
            match kinds.iter().zip(&mut records).find(|(kind, _)| is_alike(kind, step)) {
                Some((_, known)) => known.join(one, step),
                None => {
                    kinds.push(step);
                    records.push(Records::of(one, step));
                }
            }
        }
        (Self { parts: parts(reach, planned), records }, kinds)
    }

    /// As the own store keeps it.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::new(Kind::Failed, "a step cannot be written down").because(error))
    }

    /// Reads it back; the cause of a fault is not said, since it could quote a key.
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|_| Error::new(Kind::Integrity, "a step of another system cannot be read back"))
    }

    /// What is not of these systems, and what is.
    pub fn split(self, systems: &BTreeSet<String>) -> (Self, Self) {
        let (other_parts, parts) = self.parts.into_iter().partition(|part| !systems.contains(&part.system));
        let (other_records, records) =
            self.records.into_iter().partition(|records| !systems.contains(&records.system));
        (Self { parts: other_parts, records: other_records }, Self { parts, records })
    }

    /// Records by system.
    pub fn systems(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for records in &self.records {
            *all.entry(records.system.clone()).or_default() += records.count;
        }
        all
    }

    /// System, collection and key of every row.
    pub fn rows_of(&self) -> impl Iterator<Item = (String, String, Vec<String>)> + '_ {
        let of = |part: &Part, line: &Line| (part.system.clone(), part.collection.clone(), line.key.clone());
        self.parts.iter().flat_map(move |part| part.intent.rows.iter().map(move |line| of(part, line)))
    }

    /// Records of which nobody can say what became of them, by system, action and category, and the rules behind them.
    /// What the own register alone keeps was done with the intent.
    pub fn unconfirmed(&self) -> (BTreeMap<What, u64>, Vec<String>) {
        let (mut counts, mut rules) = (BTreeMap::new(), Vec::new());
        for records in self.records.iter().filter(|records| records.keys.is_some()) {
            let key = (records.system.clone(), records.action(), records.category.clone());
            *counts.entry(key).or_default() += records.count;
            rules.push(records.rule.clone());
        }
        (counts, rules)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.records.is_empty()
    }

    /// Of each kind of step, in their order, how many records are done.
    pub fn done<'p>(&'p self, standing: &'p Standing) -> impl Iterator<Item = u64> + 'p {
        self.records.iter().map(|records| records.done(standing))
    }

    /// Counts for the log, `done.crm.destroy.contact`, and the rules behind them.
    pub fn counts(&self, word: &str, standing: &Standing) -> (BTreeMap<String, u64>, Vec<String>) {
        let (mut counts, mut rules) = (BTreeMap::<String, u64>::new(), Vec::new());
        for (records, n) in self.records.iter().zip(self.done(standing)).filter(|(_, n)| *n > 0) {
            let key = format!("{word}.{}.{}.{}", records.system, records.action(), records.category);
            *counts.entry(key).or_default() += n;
            rules.push(records.rule.clone());
        }
        (counts, rules)
    }

    /// Records that are destroyed, by category, and the rules that ended them: for the act.
    pub fn destroyed(&self, standing: &Standing) -> (BTreeMap<Category, u64>, BTreeSet<String>) {
        let (mut counts, mut rules) = (BTreeMap::new(), BTreeSet::new());
        let done = self.records.iter().zip(self.done(standing));
        for (records, n) in done.filter(|(records, n)| records.destroys && *n > 0) {
            *counts.entry(Category::new(&records.category)).or_default() += n;
            rules.insert(records.rule.clone());
        }
        (counts, rules)
    }

    /// Rows of which something is destroyed, by collection: for the act.
    pub fn rows(&self, standing: &Standing) -> Vec<NightDone> {
        let mut rows = BTreeMap::<(&str, &str, bool), u64>::new();
        for part in &self.parts {
            let here = |records: &&Records| {
                records.destroys && (&records.system, &records.collection) == (&part.system, &part.collection)
            };
            let meant: BTreeSet<&Vec<String>> =
                self.records.iter().filter(here).flat_map(|records| records.keys.iter().flatten()).collect();
            let is_gone = |line: &&Line| {
                if standing.is_empty() {
                    return meant.contains(&line.key);
                }
                let place = (part.system.clone(), part.collection.clone(), line.key.clone());
                meant.contains(&line.key) && !standing.contains(&place)
            };
            let n = part.intent.rows.iter().filter(is_gone).count() as u64;
            *rows.entry((&part.system, &part.collection, part.intent.columns.is_empty())).or_default() += n;
        }
        let line = |((system, collection, deletes), rows): ((&str, &str, bool), u64)| NightDone {
            system: system.to_owned(),
            collection: collection.to_owned(),
            deletes,
            rows,
            reclaimed: false,
        };
        rows.into_iter().filter(|(_, rows)| *rows > 0).map(line).collect()
    }
}

impl Records {
    fn of(one: &Planned, step: &Step) -> Self {
        let here = step.action == Action::Archive && step.fields.is_empty();
        Self {
            system: step.system.clone(),
            collection: step.collection.clone(),
            category: step.category.as_ref().map(ToString::to_string).unwrap_or_default(),
            destroys: step.action == Action::Destroy,
            rule: step.why.rule.clone(),
            keys: (!here).then(|| keys(one, step).collect()),
            count: step.keys.len() as u64,
        }
    }

    fn action(&self) -> Action {
        if self.destroys { Action::Destroy } else { Action::Archive }
    }

    /// More of the same.
    fn join(&mut self, one: &Planned, step: &Step) {
        self.count += step.keys.len() as u64;
        if let Some(known) = &mut self.keys {
            known.extend(keys(one, step));
        }
    }

    /// How many are done: those whose rows do not stand as before.
    fn done(&self, standing: &Standing) -> u64 {
        let Some(keys) = &self.keys else { return self.count };
        if standing.is_empty() {
            return self.count;
        }
        let stands = |key: &&Vec<String>| {
            standing.contains(&(self.system.clone(), self.collection.clone(), (*key).clone()))
        };
        self.count - keys.iter().filter(stands).count() as u64
    }
}

/// Whether two steps say the same of different records.
fn is_alike(one: &Step, other: &Step) -> bool {
    let place = |step: &Step| (step.action, step.until, step.fields.is_empty());
    place(one) == place(other)
        && (&one.system, &one.collection, &one.category)
            == (&other.system, &other.collection, &other.category)
        && one.why == other.why
}

/// The keys of the rows of a step.
fn keys<'p>(one: &'p Planned, step: &'p Step) -> impl Iterator<Item = Vec<String>> + 'p {
    let rows = &one.remote.facts.rows;
    step.keys.iter().filter_map(|key| {
        let row = rows.of_record(*key).and_then(|(nth, _)| rows.rows.get(nth));
        row.map(|row| row.found.key.clone())
    })
}

fn parts(reach: &Reach, planned: &[Planned]) -> Vec<Part> {
    let ranks = order::ranks(&reach.graph);
    let mut all = BTreeMap::<(usize, String, String, Vec<String>), Intent>::new();
    for step in planned.iter().flat_map(|one| one.steps.iter()) {
        let intent = &step.intent;
        let place = (
            reach.rank(&ranks, &step.system, &step.collection),
            step.system.clone(),
            step.collection.clone(),
        );
        match all.entry((place.0, place.1, place.2, intent.columns.clone())) {
            Entry::Occupied(mut known) => known.get_mut().rows.extend(intent.rows.iter().cloned()),
            Entry::Vacant(place) => drop(place.insert(intent.clone())),
        }
    }
    let part = |((_, system, collection, _), intent)| Part { system, collection, intent };
    let place = |part: &Part| Some((part.system.clone(), part.collection.clone(), part.intent.clone()));
    reach.ways_last(all.into_iter().map(part).collect(), place)
}

/// Whose each row of a page is: one may be several people's.
pub(super) struct Owners<'p>(HashMap<(&'p str, &'p str, &'p [String]), Vec<usize>>);

impl<'p> Owners<'p> {
    /// Of the people of a page.
    pub fn of(planned: &'p [Planned]) -> Self {
        let mut all = HashMap::<_, Vec<usize>>::new();
        for (nth, step) in
            planned.iter().enumerate().flat_map(|(nth, one)| one.steps.iter().map(move |s| (nth, s)))
        {
            for line in &step.intent.rows {
                let place = (step.system.as_str(), step.collection.as_str(), line.key.as_slice());
                all.entry(place).or_default().push(nth);
            }
        }
        Self(all)
    }

    /// Of one row.
    pub fn whose(&self, part: &Part, line: &Line) -> Vec<usize> {
        let place = (part.system.as_str(), part.collection.as_str(), line.key.as_slice());
        self.0.get(&place).cloned().unwrap_or_default()
    }
}
