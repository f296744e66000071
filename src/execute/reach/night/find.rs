//! Rows that may be due, streamed by age and key; and whose they are.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::Elsewhere;
use crate::{
    decide::sieve::{Sieve, Sieves},
    domain::{Identifier, Moment, Result},
    execute::reach::Reach,
    system::{
        engine::{Row, Scan},
        traverse::owners::owners,
    },
};

/// The columns by which rows of a collection may be due, with the instant before which they are: a necessary
/// condition; the verdict is by the rules.
pub(super) fn ranges(
    reach: &Reach,
    node: usize,
    sieves: &Sieves,
    today: NaiveDate,
) -> Vec<(String, Option<String>)> {
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
        let any = |test: fn(&Sieve) -> bool| sieves.of.values().any(test);
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

pub(super) fn page(
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
    let scan = Scan { table, columns: &columns, before, key: &key, after, limit };
    let mut rows = Vec::new();
    reach.systems[known.system].engine.scan(&scan, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// The people of a page who were not met before.
pub(super) fn people(
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

impl Reach {
    /// The key of a row that was read in a node's columns; `None` where part of it is NULL.
    pub(super) fn key_of(&self, node: usize, row: &Row) -> Option<Vec<String>> {
        self.graph.nodes[node].key.iter().map(|place| row[*place].0.clone()).collect()
    }

    /// Rows of a collection: read by key, only where a share has to be judged.
    pub(super) fn count(&mut self, system: &str, collection: &str) -> Result<u64> {
        let graph = self.graph.clone();
        let node = graph.nodes.iter().find(|node| {
            self.systems.get(node.system).is_some_and(|one| one.name == system)
                && node.collection.name == collection
        });
        let Some(node) = node else { return Ok(0) };
        let key = node.key_columns();
        let mut all = 0;
        let table = collection;
        let scan = Scan { table, columns: &key, before: None, key: &key, after: None, limit: u32::MAX };
        self.systems[node.system].engine.scan(&scan, &mut |_| {
            all += 1;
            Ok(())
        })?;
        Ok(all)
    }
}
