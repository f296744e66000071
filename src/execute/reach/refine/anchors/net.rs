//! The walk over one person's rows as it would come out where some values are gone. What the real one takes for
//! somebody else's as well, because a row it belongs to is not found, is not followed here either.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::Lens;
use crate::{
    domain::{Identifier, IdentifierType},
    system::{
        engine::folded,
        map::Ownership,
        project::RowOf,
        traverse::graph::{Edge, Graph},
    },
};

/// A value: row and column.
pub(super) type Value = (usize, usize);

/// Rows by collection, column and value, as a database may hold it for equal.
type Ends = HashMap<(usize, usize, String), Vec<usize>>;

/// What is done to the rows.
pub(super) struct After<'a> {
    /// Rows that are deleted.
    pub going: &'a BTreeSet<usize>,
    /// Values that are masked.
    pub masked: &'a BTreeSet<Value>,
    /// Those of which nothing is left.
    pub emptied: &'a BTreeSet<Value>,
}

impl After<'_> {
    fn stands(&self, value: Value) -> bool {
        !self.going.contains(&value.0) && !self.masked.contains(&value)
    }
}

/// How a row is reached.
#[derive(Clone, Copy)]
pub(super) struct Hop {
    /// The value in another row of theirs that led there; `None`: a name they are known by.
    from: Option<Value>,
    /// The value in it.
    into: Value,
    /// Several people may have the value: it is followed where every row that has it is theirs.
    pub searching: bool,
}

/// The last hop to each row.
pub(super) type Hops = BTreeMap<usize, Hop>;

/// Which rows are found.
#[derive(Default)]
pub(super) struct Seen {
    /// Those that are the person's.
    pub owned: BTreeSet<usize>,
    /// Those that are nobody else's as well: what hangs on them is found.
    pub tied: BTreeSet<usize>,
}

/// The rows of one person, and by which values one leads to another.
pub(super) struct Net<'a> {
    rows: &'a [RowOf],
    graph: &'a Graph,
    /// Names by which the person is sought whatever their rows say; those that name come first.
    known: Vec<&'a Identifier>,
    named: HashMap<Identifier, Vec<Value>>,
    /// Rows by the far end of a reference, and by the near one.
    into: Ends,
    out: Ends,
}

impl<'a> Net<'a> {
    /// Of everything that was found, but for names that die.
    pub fn of(lens: &'a Lens<'a>, dying: &[IdentifierType]) -> Self {
        let (rows, graph) = (lens.remote.facts.rows.rows.as_slice(), &*lens.remote.graph);
        // Nobody here knows them: whatever names them in a row of theirs is where they are found.
        let is_known = |name: &&Identifier| match lens.remote.person {
            Some(_) => lens.facts.identifiers.contains(name) && !dying.contains(&name.kind()),
            None => name.kind().names_a_person(),
        };
        let mut known: Vec<&Identifier> = lens.remote.facts.names.iter().filter(is_known).collect();
        known.sort_by_key(|name| !name.kind().names_a_person());
        let into = ends(rows, graph.edges.iter().map(|edge| (edge.to, edge.into)));
        let out = ends(rows, graph.edges.iter().map(|edge| (edge.from, edge.out)));
        let mut net = Self { rows, graph, known, named: HashMap::new(), into, out };
        for nth in 0..rows.len() {
            for (place, name) in net.names(nth).collect::<Vec<_>>() {
                net.named.entry(name).or_default().push((nth, place));
            }
        }
        net
    }

    /// The identifiers that stand in a row, with their columns.
    fn names(&self, nth: usize) -> impl Iterator<Item = (usize, Identifier)> + use<'a> {
        let found = &self.rows[nth].found;
        let names = self.graph.nodes[found.node].names.iter();
        names.filter_map(|(place, kind)| {
            let text = found.cells[*place].0.as_deref()?;
            Some((*place, Identifier::parse(*kind, text).ok()?))
        })
    }

    /// The hops by the person's own names; and to what hangs on a row of several that stays, and is over for all of them.
    fn first(&self) -> impl Iterator<Item = Hop> {
        let hung = self.rows.iter().enumerate().filter(|(_, row)| row.found.hung && !row.found.joint);
        let hung = hung.filter_map(|(nth, row)| {
            let edge = &self.graph.edges[*row.found.via.first()?];
            Some(Hop { from: None, into: (nth, edge.into), searching: false })
        });
        let places = |name: &Identifier| {
            let searching = !name.kind().names_a_person();
            let values = self.named.get(name).into_iter().flatten();
            values.map(move |into| Hop { from: None, into: *into, searching })
        };
        self.known.iter().flat_map(move |name| places(name)).chain(hung)
    }

    /// Where a row leads: along references, and by the numbers in it that name the person.
    fn next(&self, nth: usize) -> Vec<Hop> {
        let found = &self.rows[nth].found;
        if found.ownership != Ownership::Owner || found.joint {
            return Vec::new();
        }
        let theirs = found.of_others(self.graph);
        let owning = |edge: &Edge| !theirs.contains(&edge.out);
        let is_theirs =
            |edge: &Edge, other: usize| edge.ownership == Ownership::Owner || self.rows[other].found.orphan;
        let along = self.graph.out_of(found.node).filter(|(_, edge)| owning(edge)).flat_map(|(at, edge)| {
            let rows = self.reached(edge, (nth, edge.out)).iter();
            let theirs = move |other: &usize| is_theirs(edge, *other);
            let reached =
                rows.filter(move |other| theirs(other) && self.rows[**other].found.via.contains(&at));
            let (from, searching) = (Some((nth, edge.out)), edge.searching);
            reached.map(move |other| Hop { from, into: (*other, edge.into), searching })
        });
        let named = self.names(nth).filter(|(_, name)| name.kind().names_a_person());
        let by_name = named.flat_map(|(place, name)| {
            let values = self.named.get(&name).into_iter().flatten();
            values.map(move |into| Hop { from: Some((nth, place)), into: *into, searching: false })
        });
        along.chain(by_name).collect()
    }

    /// The rows at the far end of a reference from a value.
    fn reached(&self, edge: &Edge, from: Value) -> &[usize] {
        self.having(&self.into, (edge.to, edge.into), from)
    }

    /// The rows at the near end of a reference to a value.
    fn holders(&self, edge: &Edge, into: Value) -> &[usize] {
        self.having(&self.out, (edge.from, edge.out), into)
    }

    fn having<'e>(&self, ends: &'e Ends, (node, column): (usize, usize), (nth, place): Value) -> &'e [usize] {
        let text = self.rows[nth].found.cells[place].0.as_deref();
        let rows = text.and_then(|text| ends.get(&(node, column, folded(text))));
        rows.map_or(&[], Vec::as_slice)
    }

    /// What is found afterwards: round by round, since a row is followed once all that it belongs to is found.
    pub fn seen(&self, after: &After<'_>) -> Seen {
        let mut seen = Seen::default();
        let first = self.first().filter(|hop| self.leads(hop, after)).map(|hop| hop.into.0);
        seen.owned.extend(first);
        let mut doubtful: Vec<Hop> = Vec::new();
        loop {
            let before = seen.owned.len();
            let tied = |nth: &usize| self.is_whole(*nth, (&seen.owned, true), after);
            let fresh: Vec<usize> = seen.owned.difference(&seen.tied).copied().filter(tied).collect();
            for hop in fresh.iter().flat_map(|nth| self.next(*nth)) {
                if hop.searching {
                    doubtful.push(hop);
                } else if self.leads(&hop, after) {
                    seen.owned.insert(hop.into.0);
                }
            }
            seen.tied.extend(&fresh);
            let sure = |hop: &&Hop| {
                let mut held = self.through(hop).into_iter().filter(|value| after.stands(*value));
                held.all(|(nth, _)| seen.owned.contains(&nth)) && self.leads(hop, after)
            };
            let reached: Vec<usize> = doubtful.iter().filter(sure).map(|hop| hop.into.0).collect();
            seen.owned.extend(reached);
            if fresh.is_empty() && seen.owned.len() == before {
                return seen;
            }
        }
    }

    /// Whether a row is the person's and, of all that are found, nobody else's: to be shown and destroyed as theirs.
    pub fn is_alone(&self, nth: usize, owned: &BTreeSet<usize>, after: &After<'_>) -> bool {
        owned.contains(&nth) && self.is_whole(nth, (owned, false), after)
    }

    /// Whether a row of theirs by which they only appear in another is found.
    pub fn appears(&self, nth: usize, owned: &BTreeSet<usize>) -> bool {
        let found = &self.rows[nth].found;
        found.via.iter().any(|at| {
            let edge = &self.graph.edges[*at];
            self.holders(edge, (nth, edge.into)).iter().any(|near| owned.contains(near))
        })
    }

    /// Whether all that a row belongs to is found; of what owns it, or of everything that refers to it.
    fn is_whole(&self, nth: usize, (owned, owners): (&BTreeSet<usize>, bool), after: &After<'_>) -> bool {
        let found = &self.rows[nth].found;
        let asked = |edge: &Edge| found.counts(edge) && (!owners || edge.ownership == Ownership::Owner);
        let is_whole = |(at, edge): (usize, &Edge)| {
            let into = (nth, edge.into);
            if !after.stands(into) {
                // What is drawn in its place is nobody's key.
                return !edge.unique || after.emptied.contains(&into);
            }
            let mut held = self.holders(edge, into).iter().filter(|one| after.stands((**one, edge.out)));
            let none = found.cells[edge.into].0.is_none();
            none || if found.void.contains(&at) {
                true
            } else if edge.unique {
                held.any(|one| owned.contains(one))
            } else {
                held.all(|one| owned.contains(one))
            }
        };
        let edges = self.graph.into(found.node).filter(|(_, edge)| asked(edge));
        found.ownership == Ownership::Owner && !found.joint && edges.into_iter().all(is_whole)
    }

    /// Whether a hop leads to its row: both values stand, and the row is not taken for somebody else's by the
    /// numbers in it.
    fn leads(&self, hop: &Hop, after: &After<'_>) -> bool {
        let (nth, _) = hop.into;
        let numbers = self.numbers(nth);
        let stands = numbers.iter().any(|value| after.stands(*value));
        let drawn = |value: &Value| !after.stands(*value) && !after.emptied.contains(value);
        let named = stands || !numbers.iter().any(drawn);
        let could = self.graph.nodes[self.rows[nth].found.node].names.iter();
        let unnamed = hop.searching && !stands && could.clone().any(|(_, kind)| kind.names_a_person());
        hop.from.is_none_or(|from| after.stands(from)) && after.stands(hop.into) && named && !unnamed
    }

    /// The numbers in a row that name a person.
    fn numbers(&self, nth: usize) -> Vec<Value> {
        let found = &self.rows[nth].found;
        let names = self.graph.nodes[found.node].names.iter().filter(|(_, kind)| kind.names_a_person());
        let held =
            |place: &usize| found.cells[*place].0.as_deref().is_some_and(|text| !text.trim().is_empty());
        names.map(|(place, _)| *place).filter(held).map(|place| (nth, place)).collect()
    }

    /// The shortest way to every other row while all values stand, from those that are found anyhow.
    pub fn hops(&self, tied: &BTreeSet<usize>) -> Hops {
        let (mut hops, mut open) = (Hops::new(), VecDeque::from_iter(tied.iter().copied()));
        let mut reach = |hop: Hop, open: &mut VecDeque<usize>| {
            let (nth, _) = hop.into;
            if !tied.contains(&nth) && !hops.contains_key(&nth) {
                hops.insert(nth, hop);
                open.push_back(nth);
            }
        };
        self.first().for_each(|hop| reach(hop, &mut open));
        while let Some(nth) = open.pop_front() {
            self.next(nth).into_iter().for_each(|hop| reach(hop, &mut open));
        }
        hops
    }

    /// Every value that a hop goes through: where several people may have it, all that have it.
    pub fn through(&self, hop: &Hop) -> Vec<Value> {
        let Some(from) = hop.from else { return vec![hop.into] };
        let out = self.graph.out_of(self.rows[from.0].found.node).filter(|(_, edge)| edge.out == from.1);
        let others = out
            .filter(|_| hop.searching)
            .flat_map(|(_, edge)| self.holders(edge, from).iter().map(move |nth| (*nth, edge.out)));
        others.chain([from, hop.into]).collect()
    }

    /// The values by which a row belongs to others, at both ends.
    pub fn ties(&self, nth: usize) -> impl Iterator<Item = Value> {
        let found = &self.rows[nth].found;
        let edges = self.graph.into(found.node).filter(|(_, edge)| found.counts(edge));
        edges.flat_map(move |(_, edge)| {
            let into = (nth, edge.into);
            let held = self.holders(edge, into);
            let own = (!held.is_empty()).then_some(into);
            held.iter().map(move |one| (*one, edge.out)).chain(own)
        })
    }

    /// The numbers without which a row is taken for somebody else's: all where it is reached by a value that
    /// several people may have, else those that would become other numbers.
    pub fn naming(&self, nth: usize, searching: bool, after: &After<'_>) -> Vec<Value> {
        let mut numbers = self.numbers(nth);
        numbers.retain(|value| searching || !after.emptied.contains(value));
        numbers
    }
}

/// Rows by the values of some columns.
fn ends(rows: &[RowOf], columns: impl Iterator<Item = (usize, usize)>) -> Ends {
    let columns: BTreeSet<(usize, usize)> = columns.collect();
    let mut ends = Ends::new();
    for (nth, row) in rows.iter().enumerate() {
        for (node, place) in columns.iter().filter(|(node, _)| *node == row.found.node) {
            if let Some(value) = &row.found.cells[*place].0 {
                ends.entry((*node, *place, folded(value))).or_default().push(nth);
            }
        }
    }
    ends
}
