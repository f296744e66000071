//! Rows that may be due, streamed by age and key; and whose they are.

mod ages;
mod readings;

pub(super) use readings::readings;

use std::collections::HashSet;

use super::Elsewhere;
use crate::{
    decide::sieve::Sieves,
    domain::{Identifier, Result},
    execute::reach::{
        Reach,
        target::{Under, trace},
    },
    system::{
        engine::{Age, Row, Scan},
        traverse::{Trace, graph::Node, owners::owners},
    },
};

/// The rows of a collection that may be due, as one question; none where none can be.
pub(super) fn ages(reach: &Reach, node: usize, sieves: &Sieves) -> Option<Vec<Age>> {
    ages::ages(&reach.graph.nodes[node].collection, sieves)
}

pub(super) fn page(
    reach: &mut Reach,
    node: usize,
    ages: &[Age],
    after: Option<&[String]>,
    limit: u32,
) -> Result<Vec<Row>> {
    let graph = reach.graph.clone();
    let known = &graph.nodes[node];
    let (columns, key) = (known.columns(), known.key_columns());
    let table = known.collection.name.as_str();
    // Without a key nothing says where a page ends.
    let limit = if known.is_keyless() { u32::MAX } else { limit };
    let scan = Scan { table, columns: &columns, ages, key: &key, after, limit };
    let mut rows = Vec::new();
    reach.systems[known.system].engine.scan(&scan, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// The people of a page who were not met before. Rows in which nothing of anybody stands any more are nobody's, and well.
pub(super) fn people(
    reach: &mut Reach,
    node: usize,
    rows: &[Row],
    (met, under): (&mut HashSet<Identifier>, Under<'_>),
    told: &mut Elsewhere,
) -> Result<Vec<Identifier>> {
    let graph = reach.graph.clone();
    let mut fresh = Vec::new();
    let known = &graph.nodes[node];
    let stands = |row: &Row| known.personal().any(|at| trace(&graph, node, row, at, under) == Trace::Stands);
    let system = reach.systems.get(known.system).map(|system| system.name.clone()).unwrap_or_default();
    for (row, names) in rows.iter().zip(owners(&mut reach.systems, &graph, node, rows)?) {
        if names.is_empty() && stands(row) {
            told.gap(&word_of(known), 1);
            *told.unowned.entry((system.clone(), known.collection.name.clone())).or_default() += 1;
        }
        fresh.extend(names.into_iter().filter(|name| met.insert(name.clone())));
    }
    Ok(fresh)
}

/// What rows of a collection are counted by where no record is made of them.
pub(super) fn word_of(node: &Node) -> String {
    let category = node.collection.fields.iter().find_map(|field| field.category.as_ref());
    category.map_or_else(|| node.collection.name.clone(), ToString::to_string)
}

impl Reach {
    /// Where the next page goes on: the key of a row; `None` where part of it is NULL, or where there is none.
    pub(super) fn key_of(&self, node: usize, row: &Row) -> Option<Vec<String>> {
        let known = &self.graph.nodes[node];
        known.key_of(row).filter(|_| !known.is_keyless())
    }

    /// Rows of a collection, only where a share has to be judged.
    pub(super) fn count(&mut self, system: &str, collection: &str) -> Result<u64> {
        self.node_of(system, collection).map_or(Ok(0), |node| self.count_of(node, &[]))
    }

    /// Rows of some ages; of none: all.
    pub(super) fn count_of(&mut self, node: usize, ages: &[Age]) -> Result<u64> {
        let graph = self.graph.clone();
        let known = &graph.nodes[node];
        // Without a key the columns that tell rows apart.
        let by = if known.is_keyless() { known.telling() } else { known.key_columns() };
        self.systems[known.system].engine.count(&known.collection.name, ages, &by)
    }
}
