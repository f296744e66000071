//! Which values of what is destroyed are the only way to what stays: an identifier in a row from which younger rows
//! hang, or a value by which they are found. Without it nobody could show, correct or destroy those rows any more.
//!
//! INVARIANT: what is reachable by name before a night, and stays after it, is reachable after it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::{Lens, fills_its_column, is_shared};
use crate::{
    domain::{Category, Identifier},
    execute::reach::{order, target},
    system::{
        engine::folded,
        map::Ownership,
        project::{RowOf, columns_of},
        traverse::graph::{Edge, Graph},
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
    pub held: BTreeSet<(usize, usize)>,
    /// Rows that stay and that nobody finds by name any more.
    pub lost: BTreeSet<usize>,
}

/// Takes from rows that would go, and from columns that would be masked, those that lead to what stays.
pub(super) fn anchors(lens: &Lens<'_>, mut going: BTreeSet<usize>, destroyed: &Destroyed) -> Anchors {
    let (graph, rows) = (&lens.remote.graph, lens.remote.facts.rows.rows.as_slice());
    let leads = |nth: &usize| graph.out_of(rows[*nth].found.node).next().is_some();
    let masked = lens.masked(&going, destroyed);
    if masked.is_empty() && !going.iter().any(leads) {
        return Anchors { going, ..Anchors::default() };
    }
    let net = Net::of(lens);
    let found = net.found(&|nth, place| !going.contains(&nth) && !masked.contains(&(nth, place)));
    let (hops, mut lost) = (net.hops(&found), lens.staying(&going, destroyed));
    lost.retain(|nth| hops.contains_key(nth));
    // Who asks for it has a right to it: they are told what is lost sight of, and nothing is kept for that.
    if lost.is_empty() || !lens.at_night {
        return Anchors { going, lost, ..Anchors::default() };
    }
    let way = way_to(&lost, &hops);
    going.retain(|nth| !way.iter().any(|(row, _)| row == nth));
    let going = order::without_parents_of_what_stays(graph, rows, going);
    let held = lens.masked(&going, destroyed).intersection(&way).copied().collect();
    Anchors { going, held, lost: BTreeSet::new() }
}

/// The values on the way to rows, from where they were still found.
fn way_to(lost: &BTreeSet<usize>, hops: &Hops) -> BTreeSet<Value> {
    let (mut way, mut met) = (BTreeSet::new(), BTreeSet::new());
    for nth in lost {
        let mut at = Some(*nth);
        while let Some(hop) = at.filter(|nth| met.insert(*nth)).and_then(|nth| hops.get(&nth)) {
            way.extend([Some(hop.into), hop.from].into_iter().flatten());
            at = hop.from.map(|(nth, _)| nth);
        }
    }
    way
}

impl Lens<'_> {
    /// Rows of which something is not destroyed. What somebody else owns too is found by them.
    fn staying(&self, going: &BTreeSet<usize>, destroyed: &Destroyed) -> BTreeSet<usize> {
        let records = self.facts.records.iter().filter_map(|record| self.row(record.key));
        let stays = records.filter(|(nth, row, category)| {
            let goes = destroyed.get(nth).is_some_and(|all| all.contains(*category));
            !goes && !going.contains(nth) && !is_shared(row)
        });
        stays.map(|(nth, ..)| nth).collect()
    }

    /// The values that would be masked by which rows are found.
    fn masked(&self, going: &BTreeSet<usize>, destroyed: &Destroyed) -> BTreeSet<(usize, usize)> {
        let rows = destroyed.iter().filter(|(nth, _)| !going.contains(nth));
        let places = rows.flat_map(|(nth, categories)| {
            let row = &self.remote.facts.rows.rows[*nth];
            self.ways(row, categories).into_iter().map(move |place| (*nth, place))
        });
        places.collect()
    }

    fn ways(&self, row: &RowOf, categories: &BTreeSet<Category>) -> Vec<usize> {
        if is_shared(row) {
            return Vec::new();
        }
        let (graph, node) = (&self.remote.graph, self.node(row));
        let columns = categories.iter().flat_map(|category| columns_of(node, category));
        let whole = columns.filter(|(_, field)| fills_its_column(node, field)).map(|(place, _)| place);
        let ways = whole.filter(|place| is_way(graph, row.found.node, *place));
        let changes = |place: &usize| !target::changing(graph, row, &[*place], self.under()).is_empty();
        ways.filter(changes).collect()
    }
}

/// Whether people or rows are found by a column.
fn is_way(graph: &Graph, node: usize, place: usize) -> bool {
    let ends = |edge: &Edge| (edge.from, edge.out) == (node, place) || (edge.to, edge.into) == (node, place);
    graph.nodes[node].names.iter().any(|(name, _)| *name == place) || graph.edges.iter().any(ends)
}

/// A value: row and column.
type Value = (usize, usize);

/// Rows by collection, column and value, as a database may hold it for equal.
type Ends = HashMap<(usize, usize, String), Vec<usize>>;

/// How a row is reached: the value in it, and the one in another row of theirs that led there; `None`: by a name.
struct Hop {
    from: Option<Value>,
    into: Value,
}

/// The last hop to each row.
type Hops = BTreeMap<usize, Hop>;

/// The rows of one person, and by which values one leads to another.
struct Net<'a> {
    rows: &'a [RowOf],
    graph: &'a Graph,
    /// Names by which the person is sought whatever their rows say; those that name come first.
    known: Vec<&'a Identifier>,
    named: HashMap<Identifier, Vec<Value>>,
    ends: Ends,
}

impl<'a> Net<'a> {
    fn of(lens: &'a Lens<'a>) -> Self {
        let (rows, graph) = (lens.remote.facts.rows.rows.as_slice(), &*lens.remote.graph);
        // Nobody here knows them: whatever names them in a row of theirs is where they are found.
        let is_known = |name: &&Identifier| match lens.remote.person {
            Some(_) => lens.facts.identifiers.contains(name),
            None => name.kind().names_a_person(),
        };
        let mut known: Vec<&Identifier> = lens.remote.facts.names.iter().filter(is_known).collect();
        known.sort_by_key(|name| !name.kind().names_a_person());
        let mut net = Self { rows, graph, known, named: HashMap::new(), ends: HashMap::new() };
        let into: BTreeSet<(usize, usize)> = graph.edges.iter().map(|edge| (edge.to, edge.into)).collect();
        for (nth, row) in rows.iter().enumerate() {
            for (place, name) in net.names(nth).collect::<Vec<_>>() {
                net.named.entry(name).or_default().push((nth, place));
            }
            for (node, place) in into.iter().filter(|(node, _)| *node == row.found.node) {
                if let Some(value) = &row.found.cells[*place].0 {
                    net.ends.entry((*node, *place, folded(value))).or_default().push(nth);
                }
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

    /// The values that the person's own names lead to.
    fn first(&self) -> impl Iterator<Item = Value> {
        self.known.iter().filter_map(|name| self.named.get(*name)).flatten().copied()
    }

    /// Where a row leads: along references, and by the numbers in it that name the person.
    fn next(&self, nth: usize) -> Vec<(Value, Value)> {
        let found = &self.rows[nth].found;
        if found.ownership != Ownership::Owner || found.joint {
            return Vec::new();
        }
        let along = self.graph.out_of(found.node).filter_map(|(_, edge)| {
            let value = found.cells[edge.out].0.as_deref()?;
            let rows = self.ends.get(&(edge.to, edge.into, folded(value)))?;
            Some(rows.iter().map(|other| ((nth, edge.out), (*other, edge.into))))
        });
        let named = self.names(nth).filter(|(_, name)| name.kind().names_a_person());
        let by_name = named.filter_map(|(place, name)| {
            Some(self.named.get(&name)?.iter().map(move |into| ((nth, place), *into)))
        });
        along.flatten().chain(by_name.flatten()).collect()
    }

    /// The rows that are found where only some values stand.
    fn found(&self, stands: &dyn Fn(usize, usize) -> bool) -> BTreeSet<usize> {
        let whole = |(nth, place): &Value| stands(*nth, *place);
        let mut open: Vec<usize> = self.first().filter(whole).map(|(nth, _)| nth).collect();
        let mut found = BTreeSet::new();
        while let Some(nth) = open.pop() {
            if found.insert(nth) {
                let next = self.next(nth).into_iter().filter(|(from, into)| whole(from) && whole(into));
                open.extend(next.map(|(_, (other, _))| other));
            }
        }
        found
    }

    /// The shortest way to every other row while all values stand, from those that are found anyhow.
    fn hops(&self, found: &BTreeSet<usize>) -> Hops {
        let (mut hops, mut open) = (Hops::new(), VecDeque::from_iter(found.iter().copied()));
        let mut reach = |from: Option<Value>, into: Value, open: &mut VecDeque<usize>| {
            if !found.contains(&into.0) && !hops.contains_key(&into.0) {
                hops.insert(into.0, Hop { from, into });
                open.push_back(into.0);
            }
        };
        self.first().for_each(|into| reach(None, into, &mut open));
        while let Some(nth) = open.pop_front() {
            self.next(nth).into_iter().for_each(|(from, into)| reach(Some(from), into, &mut open));
        }
        hops
    }
}
