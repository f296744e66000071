//! What hangs on a row of several people, and on nobody else: no request follows it, since it may be another's of them. Its
//! term ends all the same, so a night looks at it as at something that is theirs together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    Found,
    ask::MOST,
    graph::{Edge, Graph},
    walk::{Place, Values, Walk},
};
use crate::{
    domain::Identifier,
    system::{
        engine::{Row, folded},
        map::Ownership,
    },
};

/// Values that were followed out of rows of several, by reference.
#[derive(Default)]
pub(super) struct Hanging {
    pub followed: HashMap<usize, Values>,
    asked: HashSet<(usize, usize, String)>,
}

/// Whose else each row is that is theirs together: rows of the others who own it, or own what it hangs on.
pub(super) type Together = BTreeMap<Place, BTreeSet<Place>>;

/// By reference, the values at its near end.
type Ends = HashMap<usize, HashMap<String, bool>>;

impl Walk<'_> {
    /// From every row that is theirs and others': only to what hangs on it, and no number in it is learnt.
    pub fn pass_on_together(&mut self) {
        if !self.sight.hanging {
            return;
        }
        let joint = |found: &&Found| found.ownership == Ownership::Owner && found.joint;
        let values: Vec<(usize, String)> =
            self.rows.values().filter(joint).flat_map(|found| below(self.graph, found)).collect();
        for (nth, value) in values {
            let edge = &self.graph.edges[nth];
            if self.hanging.asked.insert((edge.to, edge.into, value.clone())) {
                self.look_for(edge.to, edge.into, value.clone());
            }
            self.hanging.followed.entry(nth).or_default().insert(value);
        }
    }

    /// Whether a row to which nothing leads but a row of several is not looked at: it says itself whose it is, and that
    /// person finds it by name; or there are too many.
    pub fn is_beyond(&self, node: usize, cells: &Row) -> bool {
        if !self.sight.hanging || self.is_followed(node, cells, &|_| true) {
            return false;
        }
        let mut names = self.graph.nodes[node].names.iter().filter(|(_, kind)| kind.names_a_person());
        let named = names.any(|(place, kind)| {
            cells[*place].0.as_deref().is_some_and(|text| Identifier::parse(*kind, text).is_ok())
        });
        named || self.rows.len() >= MOST
    }

    /// Whose else each row is. `owning`: those of others who own a row beside the person.
    pub fn together(&self, owning: Together) -> Together {
        let mut all = owning.clone();
        loop {
            let of = |place: &Place| Some((place.clone(), self.whose_above(place, &all)?));
            let hang = self.rows.keys().filter(|place| !all.is_empty() && !owning.contains_key(*place));
            let more: Together =
                hang.filter_map(of).filter(|(place, of)| all.get(place) != Some(of)).collect();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }

    /// Those whose are the rows of several that a row hangs on; none where it hangs on none, or where it is over for all of
    /// them.
    fn whose_above(&self, place: &Place, joint: &Together) -> Option<BTreeSet<Place>> {
        let on: Vec<&Place> = self.hangs_on(place, joint);
        let stays = |other: &&Place| !self.sight.over.contains(&(place.clone(), (*other).clone()));
        let others = on.into_iter().filter_map(|above| joint.get(above)).flatten();
        let others: BTreeSet<Place> = others.filter(stays).cloned().collect();
        (!others.is_empty()).then_some(others)
    }

    /// Rows to which nothing leads but these.
    pub fn below(&self, mut above: BTreeSet<Place>) -> BTreeSet<Place> {
        let mut all = BTreeSet::new();
        while !above.is_empty() {
            let (nodes, mut ends) = (above.iter().map(|(node, _)| *node).collect(), Ends::new());
            let fresh = self.rows.iter().filter(|(place, found)| !above.contains(*place) && !found.named);
            let hang = fresh.filter(|(_, found)| self.hangs_only_on(found, (&above, &nodes), &mut ends));
            let more: Vec<Place> = hang.map(|(place, _)| place.clone()).collect();
            if more.is_empty() {
                break;
            }
            above.extend(more.iter().cloned());
            all.extend(more);
        }
        all
    }

    /// Rows of theirs to which some of these lead.
    pub fn led_to_by(&self, some: &BTreeSet<Place>) -> Vec<Place> {
        let cells = some.iter().filter_map(|place| Some((place.0, &self.rows.get(place)?.cells)));
        let values: HashSet<(usize, String)> = cells
            .flat_map(|(node, cells)| {
                let edges = self.graph.out_of(node);
                edges.filter_map(|(nth, edge)| Some((nth, folded(cells[edge.out].0.as_deref()?))))
            })
            .collect();
        let is_led_to = |found: &Found| {
            let mut edges =
                self.graph.into(found.node).filter(|(_, edge)| edge.ownership == Ownership::Owner);
            edges.any(|(nth, edge)| {
                let value = found.cells[edge.into].0.as_deref().map(folded);
                value.is_some_and(|value| values.contains(&(nth, value)))
            })
        };
        let rows = self.rows.iter().filter(|(_, found)| !values.is_empty() && is_led_to(found));
        rows.map(|(place, _)| place.clone()).collect()
    }

    fn hangs_only_on(
        &self,
        found: &Found,
        (above, nodes): (&BTreeSet<Place>, &BTreeSet<usize>),
        ends: &mut Ends,
    ) -> bool {
        let mut via = found.via.iter().map(|nth| (*nth, &self.graph.edges[*nth]));
        !found.via.is_empty()
            && found.via.iter().all(|nth| nodes.contains(&self.graph.edges[*nth].from))
            && via.all(|(nth, edge)| {
                let known = ends.entry(nth).or_insert_with(|| self.ends(edge, above));
                let value = found.cells[edge.into].0.as_deref().map(folded);
                value.and_then(|value| known.get(&value).copied()).unwrap_or(false)
            })
    }

    /// The values at the near end of a reference, and whether all who have each are among these.
    fn ends(&self, edge: &Edge, above: &BTreeSet<Place>) -> HashMap<String, bool> {
        let mut ends = HashMap::new();
        for (place, one) in self.rows.iter().filter(|((node, _), _)| *node == edge.from) {
            if let Some(value) = one.cells[edge.out].0.as_deref() {
                *ends.entry(folded(value)).or_insert(true) &= above.contains(place);
            }
        }
        ends
    }

    fn hangs_on<'j>(&self, place: &Place, joint: &'j Together) -> Vec<&'j Place> {
        let Some(found) = self.rows.get(place) else { return Vec::new() };
        let ends = found.via.iter().map(|nth| &self.graph.edges[*nth]);
        let ends = ends.filter(|edge| edge.ownership == Ownership::Owner);
        let ends: Vec<_> = ends.map(|edge| (edge, found.cells[edge.into].0.as_deref().map(folded))).collect();
        let is_end = |(from, key): &&Place| {
            let source = self.rows.get(&(*from, key.clone()));
            ends.iter().any(|(edge, value)| {
                *from == edge.from
                    && source.is_some_and(|one| one.cells[edge.out].0.as_deref().map(folded) == *value)
            })
        };
        joint.keys().filter(is_end).collect()
    }
}

/// The values by which something hangs on a row.
fn below(graph: &Graph, found: &Found) -> Vec<(usize, String)> {
    let theirs = found.of_others(graph);
    let leads = |edge: &Edge| {
        let owns = edge.ownership == Ownership::Owner && !theirs.contains(&edge.out);
        owns && !edge.thing && !edge.hangs && !edge.searching
    };
    let edges = graph.out_of(found.node).filter(|(_, edge)| leads(edge));
    edges.filter_map(|(nth, edge)| Some((nth, found.cells[edge.out].0.clone()?))).collect()
}
