//! Which rows go first: what refers goes before what it refers to.

use std::collections::{BTreeSet, HashMap};

use super::{Reach, Remote};
use crate::{
    domain::Result,
    system::{
        engine::{Cell, folded},
        project::RowOf,
        traverse::{
            Found, Place,
            graph::{End, Graph, Node},
            refer,
        },
    },
};

/// Of rows that would go, those on which nothing hangs that stays: a key that somebody else's row still names
/// cannot go, so its row is masked instead.
pub fn without_parents_of_what_stays(
    graph: &Graph,
    rows: &[RowOf],
    mut going: BTreeSet<usize>,
) -> BTreeSet<usize> {
    let places: HashMap<Place, usize> = match rows.iter().any(|row| !row.found.referred.is_empty()) {
        true => rows.iter().enumerate().map(|(nth, row)| (row.found.place(), nth)).collect(),
        false => HashMap::new(),
    };
    loop {
        let goes = |place: &Place| places.get(place).is_some_and(|nth| going.contains(nth));
        let holds = |nth: &usize| {
            referring(graph, rows, *nth).any(|other| other != *nth && !going.contains(&other))
                || rows[*nth].found.referred.stays(goes)
        };
        let stay: Vec<usize> = going.iter().copied().filter(holds).collect();
        if stay.is_empty() {
            return going;
        }
        stay.iter().for_each(|nth| {
            going.remove(nth);
        });
    }
}

/// The rows of theirs that refer to one.
pub fn referring<'a>(graph: &'a Graph, rows: &'a [RowOf], nth: usize) -> impl Iterator<Item = usize> + 'a {
    let row = &rows[nth].found;
    let out = graph.out_of(row.node).filter(|(_, edge)| edge.parent == Some(End::From));
    let into = graph.into(row.node).filter(|(_, edge)| edge.parent == Some(End::To));
    let ends = out.map(|(_, edge)| (edge.to, edge.out, edge.into));
    let ends = ends.chain(into.map(|(_, edge)| (edge.from, edge.into, edge.out)));
    ends.flat_map(move |(node, own, theirs)| {
        let of_node = rows.iter().enumerate().filter(move |(_, child)| child.found.node == node);
        let names = of_node.filter(move |(_, child)| is_one(&child.found.cells[theirs], &row.cells[own]));
        names.map(|(other, _)| other)
    })
}

/// Whether a database may hold two values for equal: then it may refuse that one of them goes.
fn is_one(one: &Cell, other: &Cell) -> bool {
    one == other || one.0.as_deref().map(folded) == other.0.as_deref().map(folded)
}

/// The rank of each collection: a lower one is done first. A circle of references is cut where it is met again;
/// one of `erase_after` was refused with the map.
pub fn ranks(graph: &Graph) -> Vec<usize> {
    let mut ranks: Vec<Option<usize>> = vec![None; graph.nodes.len()];
    for node in 0..graph.nodes.len() {
        rank(graph, node, &mut ranks, &mut BTreeSet::new());
    }
    ranks.into_iter().map(Option::unwrap_or_default).collect()
}

impl Reach {
    /// A collection's place in the graph; `None`: its system is not connected, or the map does not know it any more.
    pub(super) fn node_of(&self, system: &str, collection: &str) -> Option<usize> {
        let is_it = |node: &Node| {
            node.collection.name == collection
                && self.systems.get(node.system).is_some_and(|one| one.name == system)
        };
        self.graph.nodes.iter().position(is_it)
    }

    /// Asks what refers to the rows of people, so that no plan means to delete what its database does not let go.
    ///
    /// # Errors
    /// Failed (exit 1), naming the system.
    pub fn refer<'r>(&mut self, remotes: impl Iterator<Item = &'r mut Remote>) -> Result<()> {
        let rows = remotes.flat_map(|one| &mut one.facts.rows.rows);
        let mut rows: Vec<&mut Found> = rows.map(|row| &mut row.found).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let (graph, ties) = (self.graph.clone(), self.stands()?.ties.clone());
        refer(&mut self.systems, &graph, &ties, &mut rows)?;
        if !self.departing.is_empty() {
            rows.iter_mut()
                .for_each(|found| _ = found.referred.without(|place| self.departing.contains(place)));
        }
        Ok(())
    }

    /// The rank of one collection; what is not connected comes last.
    pub(super) fn rank(&self, ranks: &[usize], system: &str, collection: &str) -> usize {
        let at = self.node_of(system, collection);
        at.and_then(|at| ranks.get(at).copied()).unwrap_or(usize::MAX)
    }
}

fn rank(graph: &Graph, node: usize, ranks: &mut Vec<Option<usize>>, open: &mut BTreeSet<usize>) -> usize {
    if let Some(known) = ranks[node] {
        return known;
    }
    if !open.insert(node) {
        return 0;
    }
    let named = graph.out_of(node).filter(|(_, edge)| edge.parent == Some(End::From) && edge.to != node);
    let naming = graph.into(node).filter(|(_, edge)| edge.parent == Some(End::To) && edge.from != node);
    let ties = named.map(|(_, edge)| edge.to).chain(naming.map(|(_, edge)| edge.from));
    let first = graph.nodes[node].after.iter().copied();
    let before: Vec<usize> = ties.chain(first).collect();
    let highest = before.into_iter().map(|other| rank(graph, other, ranks, open) + 1).max();
    open.remove(&node);
    ranks[node] = Some(highest.unwrap_or_default());
    highest.unwrap_or_default()
}
