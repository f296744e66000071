//! Who stands behind a row of somebody else: up from it to a number by which somebody is found, or to nobody. A row of
//! several is theirs together for as long as they are there: whoever has left it is nobody.
//!
//! INVARIANT: where it is not sure that nobody stands there, somebody does.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    ask::Question,
    graph::Edge,
    walk::{Place, Walk},
};
use crate::system::engine::{Row, folded};

/// References walked upwards; a map is never so deep.
pub(super) const DEEPEST: usize = 12;

/// What is left of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Nothing: it is empty, or masked.
    Gone,
    /// What no erasure touches.
    Fixed,
    /// The value.
    Stands,
}

/// By what it is known that somebody has left.
pub struct Sight<'a> {
    /// What is left in a column of a row of a collection.
    pub trace: &'a dyn Fn(usize, &Row, usize) -> Trace,
    /// Rows of several, each with a row of somebody whose part in it is over: as if nobody stood there, for that row.
    pub over: &'a HashSet<(Place, Place)>,
    /// What hangs on a row of several is looked at too, as a night does.
    pub hanging: bool,
}

/// Who is behind a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Behind {
    Nobody,
    /// Something personal, and no number by which anybody is found.
    Nameless,
    Somebody,
}

/// Rows of others, and what they belong to. Personal data: no `Debug`.
#[derive(Default)]
pub(super) struct Met {
    rows: HashMap<Place, Row>,
    /// Rows by collection, column and value, as a database may hold it for equal.
    having: HashMap<(usize, usize, String), BTreeSet<Place>>,
    asked: HashSet<(usize, usize, String)>,
    like: HashSet<(usize, usize, String)>,
    /// Collections that gave a row which none of the values explains, or one without a key.
    unlike: HashSet<usize>,
    /// What the rows of the last answers belong to.
    open: Vec<(usize, usize, String)>,
}

impl Met {
    /// The rows that have a value; `None`: it was not asked, or not all that came is understood.
    pub fn having(&self, node: usize, column: usize, value: &str) -> Option<Vec<&Place>> {
        let known = self.asked.contains(&(node, column, value.to_owned())) && !self.unlike.contains(&node);
        let rows = || self.having.get(&(node, column, folded(value)));
        known.then(|| rows().into_iter().flatten().collect())
    }
}

impl Walk<'_> {
    /// What is to be asked next of the rows by which somebody else may have a row of theirs; once the first is answered,
    /// of what they belong to.
    pub fn ask_behind(&mut self, first: bool) -> Question {
        let mut wanted = std::mem::take(&mut self.met.open);
        for found in self.rows.values().filter(|_| first) {
            for (nth, edge) in self.graph.into(found.node).filter(|(_, edge)| found.counts(edge)) {
                let Some(value) = &found.cells[edge.into].0 else { continue };
                if !self.strangers((nth, edge), value).is_empty() {
                    wanted.push((edge.from, edge.out, value.clone()));
                }
            }
        }
        let mut question = Question::default();
        for (node, column, value) in wanted {
            if self.met.asked.insert((node, column, value.clone())) {
                self.met.like.insert((node, column, folded(&value)));
                question.values.entry(node).or_default().entry(column).or_default().insert(value);
            }
        }
        question
    }

    /// Rows that came back.
    pub fn meet_behind(&mut self, rows: Vec<(usize, Row)>) {
        for (node, cells) in rows {
            let key: Option<Vec<String>> =
                self.graph.nodes[node].key.iter().map(|place| cells[*place].0.clone()).collect();
            let columns = self.graph.out_of(node).map(|(_, edge)| edge.out).collect::<BTreeSet<_>>();
            let value = |column: usize| Some((node, column, folded(cells[column].0.as_deref()?)));
            let found: Vec<_> =
                columns.into_iter().filter_map(value).filter(|value| self.met.like.contains(value)).collect();
            let (Some(key), false) = (key, found.is_empty()) else {
                self.met.unlike.insert(node);
                continue;
            };
            let place = (node, key);
            for value in found {
                self.met.having.entry(value).or_default().insert(place.clone());
            }
            if !self.met.rows.contains_key(&place) {
                let above = self.above(node, &cells);
                let above: Vec<_> =
                    above.map(|(edge, value)| (edge.from, edge.out, value.to_owned())).collect();
                self.met.open.extend(above);
                self.met.rows.insert(place, cells);
            }
        }
    }

    /// The rows at the near end of a reference that are not the person's.
    pub fn strangers(&self, (nth, edge): (usize, &Edge), value: &str) -> Vec<Place> {
        let held = self.holders.get(&(nth, value.to_owned())).filter(|all| !edge.unique || !all.is_empty());
        let places = match held {
            Some(all) => all.iter().map(|key| (edge.from, key.clone())).collect(),
            None if edge.unique => vec![(edge.from, vec![value.to_owned()])],
            None => Vec::new(),
        };
        places.into_iter().filter(|place| !self.owns(place)).collect()
    }

    /// Who is behind a row at the near end of a reference.
    pub fn behind(&self, edge: &Edge, value: &str, place: &Place) -> Behind {
        let Some(having) = self.met.having(edge.from, edge.out, value) else { return Behind::Somebody };
        if having.contains(&place) {
            return self.above_all(vec![place]);
        }
        // Told by its value alone: whatever row the database holds for it; where there is none, nobody is there.
        if edge.unique { self.above_all(having) } else { Behind::Somebody }
    }

    /// The most that is told by rows and all that they belong to.
    fn above_all<'w>(&'w self, mut open: Vec<&'w Place>) -> Behind {
        let (mut most, mut met) = (Behind::Nobody, HashSet::new());
        while let Some(place) = open.pop() {
            if !met.insert(place) {
                continue;
            }
            let Some(cells) = self.met.rows.get(place) else { return Behind::Somebody };
            most = most.max(self.in_row(place.0, cells));
            if most == Behind::Somebody {
                return most;
            }
            for (edge, value) in self.above(place.0, cells) {
                match self.met.having(edge.from, edge.out, value) {
                    Some(above) => open.extend(above),
                    None => return Behind::Somebody,
                }
            }
        }
        most
    }

    /// The references by which a row belongs to others; none where a number in it says who is found.
    fn above<'r>(&self, node: usize, cells: &'r Row) -> impl Iterator<Item = (&Edge, &'r str)> {
        let ends = self.in_row(node, cells) == Behind::Somebody;
        let edges = self.graph.into(node).map(|(_, edge)| edge);
        edges
            .filter(move |edge| !ends && !edge.thing && !edge.hangs)
            .filter_map(|edge| Some((edge, cells[edge.into].0.as_deref()?)))
    }

    fn in_row(&self, node: usize, cells: &Row) -> Behind {
        let (known, trace) = (&self.graph.nodes[node], |place| (self.sight.trace)(node, cells, place));
        if known.names.iter().any(|(place, _)| trace(*place) != Trace::Gone) {
            return Behind::Somebody;
        }
        let stands = known.personal().any(|place| trace(place) == Trace::Stands);
        if stands { Behind::Nameless } else { Behind::Nobody }
    }
}
