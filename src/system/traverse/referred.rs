//! Which rows refer to those that were found, by foreign keys that their database enforces: it lets none of them go before
//! these, whoever they are about, and where it would take them along or empty them, something of others would change.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Connected, Found,
    ask::unreachable_system,
    graph::{Graph, Node},
    walk::Place,
};
use crate::{
    domain::Result,
    system::{
        check::table_of,
        engine::{Fetch, Row, Table, folded},
        map::Strategy,
    },
};

/// So many of one row are remembered; of more it is known that they are there.
const MOST: usize = 1_000;

/// A foreign key that leads to a collection.
#[derive(Clone, Debug)]
pub struct Tie {
    /// The collection whose rows refer, by its place in the graph.
    from: usize,
    /// Its columns, in the order of those that they refer to.
    own: Vec<String>,
    /// The columns that they refer to, by place.
    ends: Vec<usize>,
    /// The map reads its columns anyway; else the role may have no right to them.
    is_read: bool,
}

/// The rows that refer to one. Personal data.
#[derive(Clone, Default)]
pub struct Referred {
    rows: BTreeSet<Place>,
    more: bool,
}

impl Referred {
    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.more
    }

    /// Whether one does that stays.
    pub fn stays(&self, goes: impl Fn(&Place) -> bool) -> bool {
        self.more || self.rows.iter().any(|place| !goes(place))
    }

    /// Forgets those that go in any case; whether one of them was known.
    pub fn without(&mut self, goes: impl Fn(&Place) -> bool) -> bool {
        let before = self.rows.len();
        self.rows.retain(|place| !goes(place));
        self.rows.len() < before
    }

    fn add(&mut self, place: Place) {
        self.more |= self.rows.len() >= MOST;
        if !self.more {
            self.rows.insert(place);
        }
    }
}

impl Tie {
    /// The collection whose rows refer, by its place in the graph.
    pub fn from(&self) -> usize {
        self.from
    }
}

/// The foreign keys of mapped tables that lead to a collection whose rows are deleted.
pub(super) fn ties(graph: &Graph, live: &[Table], to: &Node) -> Vec<Tie> {
    let target = table_of(live, &to.collection.name).filter(|_| is_deleted(to));
    let Some(target) = target else { return Vec::new() };
    let beside = graph.nodes.iter().enumerate().filter(|(_, node)| node.system == to.system);
    let tables = beside.filter_map(|(at, node)| Some((at, node, table_of(live, &node.collection.name)?)));
    let of_table = |(from, node, table): (usize, &Node, &Table)| {
        let leads = table.foreign.iter().filter(|(_, other, _)| table_of(live, other) == Some(target));
        let tie = |(own, _, ends): &(Vec<String>, String, Vec<String>)| {
            let ends: Option<Vec<usize>> = ends.iter().map(|column| to.place(column)).collect();
            let ends = ends.filter(|ends| ends.len() == own.len() && !ends.is_empty())?;
            let is_read = own.iter().all(|column| node.columns.contains(column));
            Some(Tie { from, own: own.clone(), ends, is_read })
        };
        leads.filter_map(tie).collect::<Vec<_>>()
    };
    tables.flat_map(of_table).collect()
}

fn is_deleted(node: &Node) -> bool {
    !node.is_keyless() && node.collection.erase == Some(Strategy::Delete)
}

/// Asks each referring table once for all rows. `ties`: of each collection.
///
/// # Errors
/// Failed (exit 1), naming the system.
pub fn refer(
    systems: &mut [Connected],
    graph: &Graph,
    ties: &[Vec<Tie>],
    rows: &mut [&mut Found],
) -> Result<()> {
    for (node, ties) in ties.iter().enumerate() {
        for tie in ties {
            let mut ends = BTreeMap::<Vec<String>, Vec<usize>>::new();
            for (nth, found) in rows.iter().enumerate().filter(|(_, found)| found.node == node) {
                let values = tie.ends.iter().map(|place| found.cells[*place].0.as_deref().map(folded));
                let end = values.collect::<Option<Vec<String>>>();
                end.into_iter().for_each(|end| ends.entry(end).or_default().push(nth));
            }
            if !ends.is_empty() {
                ask(systems, graph, tie, &ends, rows)?;
            }
        }
    }
    Ok(())
}

fn ask(
    systems: &mut [Connected],
    graph: &Graph,
    tie: &Tie,
    ends: &BTreeMap<Vec<String>, Vec<usize>>,
    rows: &mut [&mut Found],
) -> Result<()> {
    let node = &graph.nodes[tie.from];
    let first = ends.values().flatten().filter_map(|nth| rows[*nth].cells[tie.ends[0]].0.clone());
    let values: Vec<String> = first.collect::<BTreeSet<_>>().into_iter().collect();
    let (table, order) = (node.collection.name.as_str(), node.key_columns());
    let own = tie.own.iter().map(String::as_str);
    let columns: Vec<&str> = node.telling().into_iter().chain(own).collect();
    let any = [(tie.own[0].as_str(), values.as_slice())];
    let fetch = Fetch { table, columns: &columns, any: &any, order: &order };
    let system = &mut systems[node.system];
    let asked = system.engine.fetch(&fetch, &mut |mut row: Row| {
        let refers = row.split_off(row.len() - tie.own.len());
        let values: Option<Vec<String>> = refers.iter().map(|cell| cell.0.as_deref().map(folded)).collect();
        let key = match node.is_keyless() {
            true => node.key_of(&row),
            false => row.into_iter().map(|cell| cell.0).collect(),
        };
        let place = (tie.from, key.unwrap_or_default());
        for nth in values.iter().filter_map(|values| ends.get(values)).flatten() {
            let found = &mut rows[*nth];
            if (found.node, &found.key) != (place.0, &place.1) {
                found.referred.add(place.clone());
            }
        }
        Ok(())
    });
    match asked {
        // What refers is then said by the database when it refuses the step.
        Err(_) if !tie.is_read => Ok(()),
        asked => asked.map_err(|error| unreachable_system(&system.name, error)),
    }
}
