//! Whether the keys of rows that were found lead to them alone: a step by a key of two rows would change another
//! person's, and what refers to it could be either's.

use std::collections::{BTreeMap, BTreeSet};

use super::{Connected, Found, Tie, ask::unreachable_system, graph::Graph, referred::ties};
use crate::{
    domain::{Error, Result},
    system::{
        check::{is_declared, table_of, tied, unclassified, unmapped},
        engine::{Fetch, Table},
    },
};

/// The collections as their databases have them at this moment, in the order of the graph.
#[derive(Default)]
pub struct Stands {
    /// Whether the database declares the key, so that nobody has to look.
    pub vouched: Vec<bool>,
    /// Columns that are in no map: nobody said what they are, and they are not read.
    pub unmapped: Vec<Vec<String>>,
    /// Columns of which the map does not say what they are: they are not read either.
    pub unclassified: Vec<Vec<String>>,
    /// A table that is not read, whose rows the database ties to those of the collection, which are to be deleted.
    pub tied: Vec<Option<String>>,
    /// Foreign keys of tables that are read, by which their rows refer to those of the collection, which are to be deleted.
    pub ties: Vec<Vec<Tie>>,
}

/// Looks at the catalogue of every system.
///
/// # Errors
/// Failed (exit 1), naming the system.
pub fn stands(systems: &mut [Connected], graph: &Graph) -> Result<Stands> {
    let mut live = Vec::new();
    for system in systems.iter_mut() {
        live.push(system.engine.tables().map_err(|error| unreachable_system(&system.name, error))?);
    }
    Ok(Stands::of(systems, &live, graph))
}

impl Stands {
    /// From the catalogues of the systems, in their order.
    pub fn of(systems: &[Connected], live: &[Vec<Table>], graph: &Graph) -> Self {
        let mut stands = Self::default();
        for node in &graph.nodes {
            let tables = live.get(node.system).map(Vec::as_slice).unwrap_or_default();
            let table = table_of(tables, &node.collection.name);
            let tied = systems.get(node.system).and_then(|one| tied(&one.map, tables, &node.collection));
            stands.tied.push(tied.map(str::to_owned));
            stands.ties.push(ties(graph, tables, node));
            let unsaid = table.map(|table| unclassified(&node.collection, table));
            stands.unclassified.push(unsaid.unwrap_or_default());
            stands.vouched.push(table.is_some_and(|table| is_declared(&node.collection, table)));
            stands.unmapped.push(table.map(|table| unmapped(&node.collection, table)).unwrap_or_default());
        }
        stands
    }
}

/// Reads the keys of rows again, of every collection that nobody vouches for.
///
/// # Errors
/// Configuration (exit 6): several rows have one of the keys; failed (exit 1), naming the system.
pub fn single<'r>(
    systems: &mut [Connected],
    graph: &Graph,
    rows: impl Iterator<Item = &'r Found>,
    vouched: &[bool],
) -> Result<()> {
    let mut keys = BTreeMap::<usize, BTreeSet<&[String]>>::new();
    for found in rows.filter(|found| !vouched.get(found.node).copied().unwrap_or_default()) {
        keys.entry(found.node).or_default().insert(&found.key);
    }
    for (node, keys) in keys {
        if !is_single(systems, graph, node, &keys)? {
            let node = &graph.nodes[node];
            let (system, collection) = (&systems[node.system].name, &node.collection.name);
            return Err(Error::config(format!(
                "system `{system}`: the key of `{collection}` is not unique: several rows have one"
            ))
            .hint("nothing was done; `dsr map check` shows where: add the columns that make a row single to the key"));
        }
    }
    Ok(())
}

/// Asked by the column of the key that tells most rows apart.
fn is_single(
    systems: &mut [Connected],
    graph: &Graph,
    node: usize,
    keys: &BTreeSet<&[String]>,
) -> Result<bool> {
    let node = &graph.nodes[node];
    let columns = node.key_columns();
    let values_of =
        |place: usize| -> BTreeSet<&String> { keys.iter().filter_map(|key| key.get(place)).collect() };
    let Some(place) = (0..columns.len()).max_by_key(|place| values_of(*place).len()) else { return Ok(true) };
    let values: Vec<String> = values_of(place).into_iter().cloned().collect();
    let (table, any) = (node.collection.name.as_str(), [(columns[place], values.as_slice())]);
    let (mut met, mut twice) = (BTreeSet::new(), false);
    // No order: an engine that asks in parts may leave out a row that looks like one of an earlier part.
    let fetch = Fetch { table, columns: &columns, any: &any, order: &[] };
    let system = &mut systems[node.system];
    let asked = system.engine.fetch(&fetch, &mut |row| {
        let key: Option<Vec<String>> = row.into_iter().map(|cell| cell.0).collect();
        if let Some(key) = key.filter(|key| keys.contains(key.as_slice())) {
            twice |= !met.insert(key);
        }
        Ok(())
    });
    asked.map_err(|error| unreachable_system(&system.name, error))?;
    Ok(!twice)
}
