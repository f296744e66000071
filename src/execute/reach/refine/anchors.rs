//! Which values of what is destroyed are the only way to what stays: an identifier in a row from which younger rows
//! hang, or a value by which they are found. Without it nobody could show, correct or destroy those rows any more.
//!
//! INVARIANT: what is reachable by name before a night as theirs alone, and stays after it, is so after it.

mod net;

use std::collections::BTreeSet;

use net::{After, Hops, Net, Seen, Value};

use super::{Lens, fills_its_column, is_shared};
use crate::{
    domain::{Category, IdentifierType},
    execute::reach::{order, target},
    system::{
        map::Ownership,
        project::{RowOf, columns_of},
        traverse::graph::{Edge, Graph},
    },
};

/// Categories that are destroyed in each row.
pub(super) type Destroyed = std::collections::BTreeMap<usize, BTreeSet<Category>>;

/// What has to stay for the sake of other rows.
#[derive(Default)]
pub(super) struct Anchors {
    /// Rows that go as a whole all the same.
    pub going: BTreeSet<usize>,
    /// Values that are not masked: row and column.
    pub held: BTreeSet<Value>,
    /// Rows that stay and that nobody finds by name any more.
    pub lost: BTreeSet<usize>,
    /// Rows that stay and are found, and that nothing says are theirs alone any more.
    pub loose: BTreeSet<usize>,
    /// Rows of several that they do not find any more, and others do.
    pub left: BTreeSet<usize>,
}

/// Takes from rows that would go, and from columns that would be masked, those that lead to what stays. `dying`:
/// names that the own store forgets with the same plan.
pub(super) fn anchors(
    lens: &Lens<'_>,
    mut going: BTreeSet<usize>,
    destroyed: &Destroyed,
    dying: &[IdentifierType],
) -> Anchors {
    let (graph, rows) = (&lens.remote.graph, lens.remote.facts.rows.rows.as_slice());
    let leads = |nth: &usize| graph.out_of(rows[*nth].found.node).next().is_some();
    let masked = lens.masked(&going, destroyed);
    if masked.is_empty() && dying.is_empty() && !going.iter().any(leads) {
        return Anchors { going, ..Anchors::default() };
    }
    let net = Net::of(lens, dying);
    let after = After { going: &going, masked: &masked, emptied: &lens.emptied(&masked) };
    let seen = net.seen(&after);
    let hops = net.hops(&seen.tied);
    let mut away = lens.staying(&going, destroyed);
    away.retain(|nth| match is_shared(&rows[*nth]) {
        true => !seen.owned.contains(nth),
        false => !net.is_alone(*nth, &seen.owned, &after),
    });
    away.retain(|nth| hops.contains_key(nth) || seen.tied.contains(nth));
    // Who asks for it has a right to it: they are told what is lost sight of, and nothing is kept for that.
    if away.is_empty() || !lens.at_night {
        let (loose, lost) = away.into_iter().partition(|nth| seen.owned.contains(nth));
        let left = lens.left_to_others(&net, &seen);
        return Anchors { going, lost, loose, left, ..Anchors::default() };
    }
    let way = way_to(&away, &net, (&seen, &hops), &after);
    going.retain(|nth| !way.iter().any(|(row, _)| row == nth));
    let going = order::without_parents_of_what_stays(graph, rows, going);
    let (held, masked): (BTreeSet<Value>, BTreeSet<Value>) =
        lens.masked(&going, destroyed).into_iter().partition(|value| way.contains(value));
    let after = After { going: &going, masked: &masked, emptied: &lens.emptied(&masked) };
    let left = lens.left_to_others(&net, &net.seen(&after));
    Anchors { going, held, left, ..Anchors::default() }
}

/// The values on the way to rows, from where they were still found: and to the rows they belong to, without which
/// they would be somebody else's as well.
fn way_to(
    away: &BTreeSet<usize>,
    net: &Net<'_>,
    (seen, hops): (&Seen, &Hops),
    after: &After<'_>,
) -> BTreeSet<Value> {
    let (mut way, mut met) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<usize> = away.iter().copied().collect();
    while let Some(nth) = open.pop() {
        if seen.tied.contains(&nth) && !away.contains(&nth) || !met.insert(nth) {
            continue;
        }
        let hop = hops.get(&nth);
        let through = hop.into_iter().flat_map(|hop| net.through(hop));
        let ties: Vec<Value> = net.ties(nth).chain(through).collect();
        open.extend(ties.iter().map(|(row, _)| *row));
        way.extend(ties);
        way.extend(net.naming(nth, hop.is_some_and(|hop| hop.searching), after));
    }
    way
}

impl Lens<'_> {
    /// Rows of several that are not found any more by the person, and are by others.
    fn left_to_others(&self, net: &Net<'_>, seen: &Seen) -> BTreeSet<usize> {
        let rows = self.remote.facts.rows.rows.iter().enumerate();
        let is_left = |(nth, row): &(usize, &RowOf)| match row.found.ownership {
            Ownership::Owner => !seen.owned.contains(nth),
            Ownership::Accessor => !net.appears(*nth, &seen.owned),
        };
        rows.filter(|(_, row)| row.found.in_sight).filter(is_left).map(|(nth, _)| nth).collect()
    }

    /// Rows of which something is not destroyed. What somebody else owns too is found by them, if anybody finds them.
    fn staying(&self, going: &BTreeSet<usize>, destroyed: &Destroyed) -> BTreeSet<usize> {
        let records = self.facts.records.iter().filter_map(|record| self.row(record.key));
        let stays = records.filter(|(nth, row, category)| {
            let for_others = is_shared(row) && !row.found.orphan;
            let goes = !for_others && destroyed.get(nth).is_some_and(|all| all.contains(*category));
            !goes && !going.contains(nth) && is_theirs_to_find(row)
        });
        stays.map(|(nth, ..)| nth).collect()
    }

    /// Those of masked values of which nothing is left.
    fn emptied(&self, masked: &BTreeSet<Value>) -> BTreeSet<Value> {
        let (graph, rows) = (&self.remote.graph, &self.remote.facts.rows.rows);
        masked.iter().filter(|(nth, place)| target::empties(graph, &rows[*nth], *place)).copied().collect()
    }

    /// The values that would be masked by which rows are found.
    fn masked(&self, going: &BTreeSet<usize>, destroyed: &Destroyed) -> BTreeSet<Value> {
        let rows = destroyed.iter().filter(|(nth, _)| !going.contains(nth));
        let places = rows.flat_map(|(nth, categories)| {
            let row = &self.remote.facts.rows.rows[*nth];
            self.ways(row, categories).into_iter().map(move |place| (*nth, place))
        });
        places.collect()
    }

    fn ways(&self, row: &RowOf, categories: &BTreeSet<Category>) -> Vec<usize> {
        let (graph, node) = (&self.remote.graph, self.node(row));
        if is_shared(row) && !row.found.orphan || node.is_keyless() {
            return Vec::new();
        }
        let columns = categories.iter().flat_map(|category| columns_of(node, category));
        let whole = columns.filter(|(_, field)| fills_its_column(node, field)).map(|(place, _)| place);
        let ways = whole.filter(|place| is_way(graph, row.found.node, *place));
        let changes = |place: &usize| !target::changing(graph, row, &[*place], self.under()).is_empty();
        ways.filter(changes).collect()
    }
}

/// Whether nobody else finds a row of theirs.
fn is_theirs_to_find(row: &RowOf) -> bool {
    row.found.orphan || row.found.ownership == Ownership::Owner && !row.found.in_sight
}

/// Whether people or rows are found by a column.
fn is_way(graph: &Graph, node: usize, place: usize) -> bool {
    let ends = |edge: &Edge| (edge.from, edge.out) == (node, place) || (edge.to, edge.into) == (node, place);
    graph.nodes[node].names.iter().any(|(name, _)| *name == place) || graph.edges.iter().any(ends)
}
