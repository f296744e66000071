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
