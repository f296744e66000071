//! Which rows are somebody else's as well: asked of the near end of every reference that leads to them.

use std::collections::BTreeSet;

use super::{
    Why,
    ask::Question,
    graph::Edge,
    together::Sought,
    walk::{Place, Walk},
};
use crate::system::{engine::Row, map::Ownership};

impl Walk<'_> {
    /// Values by which somebody else may have a row of theirs too, and of which nobody was asked yet.
    pub fn unshared(&self) -> Sought {
        let mut sought = Sought::new();
        for found in self.rows.values().filter(|found| found.ownership == Ownership::Owner) {
            for (nth, edge) in self.graph.into(found.node).filter(|(_, edge)| !edge.unique) {
                let value = found.cells[edge.into].0.clone();
                let fresh = value.filter(|value| !self.holders.contains_key(&(nth, value.clone())));
                sought.entry(nth).or_default().extend(fresh);
            }
        }
        sought
    }

    /// Judges anew, since what was somebody else's a round ago may have turned out to be the person's.
    pub fn share(&mut self) {
        let mut joint: BTreeSet<Place> =
            self.rows.keys().filter(|place| self.has_others(place, true)).cloned().collect();
        // What hangs on a row of several is theirs together.
        loop {
            let hangs = |place: &&Place| !joint.contains(*place) && self.hangs_on(place, &joint);
            let more: Vec<Place> = self.rows.keys().filter(hangs).cloned().collect();
            if more.is_empty() {
                break;
            }
            joint.extend(more);
        }
        let shared: BTreeSet<Place> =
            self.rows.keys().filter(|place| self.has_others(place, false)).cloned().collect();
        for (place, found) in &mut self.rows {
            found.joint = joint.contains(place);
            found.shared = found.joint || shared.contains(place);
        }
    }

    /// Values that several people may have, and of which nobody was asked yet.
    pub fn doubts(&self) -> Sought {
        let fresh = |(nth, values): (&usize, &BTreeSet<String>)| {
            let values = values.iter().filter(|value| !self.holders.contains_key(&(*nth, (*value).clone())));
            (*nth, values.cloned().collect())
        };
        self.doubtful.iter().map(fresh).collect()
    }

    /// They go on where every row that has them is the person's. Gives what does not: it is read only to be counted,
    /// since an officer has to know how many there are.
    pub fn settle(&mut self) -> Question {
        let doubtful = self.doubtful.clone();
        let mut refused = Question::default();
        for (nth, value) in doubtful.into_iter().flat_map(|(nth, all)| all.into_iter().map(move |v| (nth, v)))
        {
            let from = self.graph.edges[nth].from;
            let holders = self.holders.get(&(nth, value.clone())).map_or(&[][..], Vec::as_slice);
            if holders.iter().all(|key| self.owns(&(from, key.clone()))) {
                self.doubtful.entry(nth).or_default().remove(&value);
                self.follow(nth, value);
            } else {
                let edge = &self.graph.edges[nth];
                refused.values.entry(edge.to).or_default().entry(edge.into).or_default().insert(value);
            }
        }
        refused
    }

    /// Counts rows that are reached by a value of several people.
    pub fn refuse(&mut self, rows: Vec<(usize, Row)>) {
        for (node, row) in rows {
            let places = &self.graph.nodes[node].key;
            let key: Option<Vec<String>> = places.iter().map(|place| row[*place].0.clone()).collect();
            match key {
                Some(key) => self.leave_out(node, Why::Ambiguous, key),
                None => self.leave_keyless(node, row),
            }
        }
    }

    /// Whether a row at the near end of a reference is not the person's; of those that own, or of any.
    fn has_others(&self, place: &Place, owners: bool) -> bool {
        let Some(found) = self.rows.get(place) else { return false };
        let asked = |edge: &Edge| !edge.thing && (!owners || edge.ownership == Ownership::Owner);
        self.graph.into(place.0).filter(|(_, edge)| asked(edge)).any(|(nth, edge)| {
            let Some(value) = &found.cells[edge.into].0 else { return false };
            if edge.unique {
                return !self.owns(&(edge.from, vec![value.clone()]));
            }
            let holders = self.holders.get(&(nth, value.clone()));
            holders.is_some_and(|all| all.iter().any(|key| !self.owns(&(edge.from, key.clone()))))
        })
    }

    fn hangs_on(&self, (node, key): &Place, shared: &BTreeSet<Place>) -> bool {
        let Some(found) = self.rows.get(&(*node, key.clone())) else { return false };
        found.via.iter().any(|nth| {
            let edge = &self.graph.edges[*nth];
            let value = &found.cells[edge.into];
            edge.ownership == Ownership::Owner
                && shared.iter().any(|(from, key)| {
                    let source = self.rows.get(&(*from, key.clone()));
                    *from == edge.from && source.is_some_and(|source| source.cells[edge.out] == *value)
                })
        })
    }
}
