//! Which values of what is destroyed are the only way to what stays: an identifier in a row from which younger rows
//! hang, or a value by which they are found. Without it nobody could show, correct or destroy those rows any more.
//!
//! INVARIANT: what is reachable by name before a night as theirs alone, and stays after it, is so after it.

mod net;

use std::collections::{BTreeMap, BTreeSet};

use net::{After, Hops, Net, Seen, Value};

use super::{Lens, fills_its_column, is_shared, stuck::Stuck};
use crate::{
    domain::{Category, IdentifierType},
    execute::reach::{order, target},
    system::{
        map::Ownership,
        project::{RowOf, columns_of},
    },
};

/// Categories that are destroyed in each row.
pub(super) type Destroyed = BTreeMap<usize, BTreeSet<Category>>;

/// What has to stay for the sake of other rows.
#[derive(Default)]
pub(super) struct Anchors {
    /// Rows that go as a whole all the same.
    pub going: BTreeSet<usize>,
    /// Values that are not masked: row and column.
    pub held: BTreeSet<Value>,
    /// Of values that are not masked, those that lead to an open deal: the row of the deal.
    pub to_deals: BTreeMap<Value, usize>,
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
    (destroyed, stuck): (&Destroyed, &Stuck),
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
    let mut away = lens.away((&going, destroyed, stuck), &net, &seen, &after);
    // Who asks for it has a right to it: they are told what is lost sight of, and nothing is kept for that but the way
    // to an open deal, which keeps more than itself, to what people have yet to do, and to what goes once the wait is over.
    let lost = away.clone();
    away.retain(|nth| lens.at_night || lens.is_awaited(*nth, stuck));
    if away.is_empty() {
        let (loose, lost) = lost.into_iter().partition(|nth| seen.owned.contains(nth));
        let left = lens.left_to_others(&net, &seen);
        return Anchors { going, lost, loose, left, ..Anchors::default() };
    }
    let way = way_to(&away, &net, (&seen, &hops), &after);
    let to_deals = lens.to_deals(&away, |deal| way_to(&deal, &net, (&seen, &hops), &after));
    going.retain(|nth| !way.iter().any(|(row, _)| row == nth));
    let going = order::without_parents_of_what_stays(graph, rows, going);
    let (held, masked): (BTreeSet<Value>, BTreeSet<Value>) =
        lens.masked(&going, destroyed).into_iter().partition(|value| way.contains(value));
    let after = After { going: &going, masked: &masked, emptied: &lens.emptied(&masked) };
    let seen = net.seen(&after);
    let lost = if lens.at_night {
        BTreeSet::new()
    } else {
        lens.away((&going, destroyed, stuck), &net, &seen, &after)
    };
    let (loose, lost) = lost.into_iter().partition(|nth| seen.owned.contains(nth));
    let left = lens.left_to_others(&net, &seen);
    Anchors { going, held, to_deals, lost, loose, left }
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

    /// Rows that stay and were found, and that are not found as they were any more.
    fn away(
        &self,
        all: (&BTreeSet<usize>, &Destroyed, &Stuck),
        net: &Net<'_>,
        seen: &Seen,
        after: &After<'_>,
    ) -> BTreeSet<usize> {
        let rows = &self.remote.facts.rows.rows;
        let hops = net.hops(&seen.tied);
        let mut away = self.staying(all);
        away.retain(|nth| match is_shared(&rows[*nth]) {
            true => !seen.owned.contains(nth),
            false => !net.is_alone(*nth, &seen.owned, after),
        });
        away.retain(|nth| hops.contains_key(nth) || seen.tied.contains(nth));
        away
    }

    /// Rows of which something is not destroyed, or that people have yet to destroy; and open deals, whatever is in
    /// them. What somebody else owns too is found by them, if anybody finds them.
    fn staying(&self, (going, destroyed, stuck): (&BTreeSet<usize>, &Destroyed, &Stuck)) -> BTreeSet<usize> {
        let records = self.facts.records.iter().filter_map(|record| self.row(record.key));
        let stays = records.filter(|(nth, row, category)| {
            let by_others = is_shared(row) && !row.found.orphan || stuck.has(*nth);
            by_others || !destroyed.get(nth).is_some_and(|all| all.contains(*category))
        });
        let rows = &self.remote.facts.rows;
        let all = stays.map(|(nth, ..)| nth).chain(rows.open_deals.keys().copied());
        all.filter(|nth| !going.contains(nth) && is_theirs_to_find(&rows.rows[*nth])).collect()
    }

    /// Whether a row that stays is a deal that is open, is to be destroyed by people who have to find it first, or goes with
    /// the rest of this case.
    fn is_awaited(&self, nth: usize, stuck: &Stuck) -> bool {
        let deals = &self.remote.facts.rows.open_deals;
        stuck.by_hand.contains(&nth) || stuck.waiting.contains(&nth) || deals.contains_key(&nth)
    }

    /// The values on the way to open deals, each with the first deal that it leads to.
    fn to_deals(
        &self,
        away: &BTreeSet<usize>,
        way: impl Fn(BTreeSet<usize>) -> BTreeSet<Value>,
    ) -> BTreeMap<Value, usize> {
        let mut all = BTreeMap::new();
        for deal in self.remote.facts.rows.open_deals.keys().filter(|nth| away.contains(nth)) {
            for value in way(BTreeSet::from([*deal])) {
                let _ = all.entry(value).or_insert(*deal);
            }
        }
        all
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
        let ways = whole.filter(|place| graph.is_way(row.found.node, *place));
        let changes = |place: &usize| !target::changing(graph, row, &[*place], self.under()).is_empty();
        ways.filter(changes).collect()
    }
}

/// Whether nobody else finds a row of theirs.
fn is_theirs_to_find(row: &RowOf) -> bool {
    row.found.orphan || row.found.ownership == Ownership::Owner && !row.found.in_sight
}
