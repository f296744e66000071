//! The walk itself: ask, judge, go on, until nothing new is reached.
//!
//! INVARIANT: a value is followed only out of a row that is the person's and nobody else's too, and never out of
//! a column that tells of somebody else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    Ask, Connected, Found, LeftOut, Other, Reached, Referred, Sight, Whose, Why,
    ask::{MOST, Question, too_many},
    behind::Met,
    graph::{Edge, Graph, Node},
    hanging::Hanging,
    holders::{Holders, Sought},
};
use crate::{
    domain::{Identifier, IdentifierType, Result},
    system::{
        engine::{Row, folded},
        map::Ownership,
    },
};

/// Where a row lies.
pub type Place = (usize, Vec<String>);

/// Values as they are, and folded: an engine may hold two writings for equal.
#[derive(Default)]
pub(super) struct Values {
    exact: HashSet<String>,
    folded: HashSet<String>,
}

impl Values {
    /// One more; `false`: it was known.
    pub fn insert(&mut self, value: String) -> bool {
        let folded = folded(&value);
        self.folded.insert(folded);
        self.exact.insert(value)
    }
}

/// How far the walk is.
pub(super) struct Walk<'a> {
    pub graph: &'a Graph,
    pub rows: BTreeMap<Place, Found>,
    pub names: Vec<Identifier>,
    /// Values that were followed along a reference.
    followed: HashMap<usize, Values>,
    pub hanging: Hanging,
    /// Values that wait for the proof that nobody else has them, by reference.
    pub doubtful: Sought,
    asked: HashSet<(usize, usize, String)>,
    question: Question,
    left_out: BTreeMap<(usize, Why), BTreeSet<Vec<String>>>,
    others: Vec<Other>,
    passed_on: HashSet<Place>,
    /// Those who were asked for; each is asked once.
    pub holders: Holders,
    /// Rows of others, and what they belong to.
    pub met: Met,
    pub sight: &'a Sight<'a>,
}

impl<'a> Walk<'a> {
    /// One that is about to look for these names.
    pub fn of(graph: &'a Graph, names: &[Identifier], sight: &'a Sight<'a>) -> Self {
        let mut walk = Self {
            graph,
            rows: BTreeMap::new(),
            names: Vec::new(),
            followed: HashMap::new(),
            hanging: Hanging::default(),
            doubtful: BTreeMap::new(),
            asked: HashSet::new(),
            question: Question::default(),
            left_out: BTreeMap::new(),
            others: Vec::new(),
            passed_on: HashSet::new(),
            holders: HashMap::new(),
            met: Met::default(),
            sight,
        };
        names.iter().for_each(|name| walk.seek(name));
        walk
    }

    /// Whether there is something to ask.
    pub fn has_question(&self) -> bool {
        !self.question.is_empty()
    }

    /// What is to be asked next.
    pub fn take_question(&mut self) -> Question {
        std::mem::take(&mut self.question)
    }

    /// A name of the person is looked for wherever such names stand.
    fn seek(&mut self, name: &Identifier) {
        if self.names.contains(name) {
            return;
        }
        self.names.push(name.clone());
        for (at, node) in self.graph.nodes.iter().enumerate() {
            for (column, _) in node.names.iter().filter(|(_, kind)| *kind == name.kind()) {
                self.question.names.entry((at, *column)).or_default().push(name.clone());
            }
        }
    }

    pub fn look_for(&mut self, node: usize, column: usize, value: String) {
        self.question.values.entry(node).or_default().entry(column).or_default().insert(value);
    }

    /// A row that came back: taken, left out, or known already and now reached another way.
    pub fn meet(&mut self, node: usize, cells: Row, whose: &mut Ask<'_>) -> Result<()> {
        let known = &self.graph.nodes[node];
        let Some(key) = known.key_of(&cells) else {
            self.leave_keyless(node, cells);
            return Ok(());
        };
        let named = self.is_named(known, &cells);
        let place = (node, key);
        // Whoever has a part in a row has met their own end of it before the row.
        let is_over = |(row, part): &(Place, Place)| *part == place && self.rows.contains_key(row);
        if self.sight.over.iter().any(is_over) {
            return Ok(());
        }
        let is_new = !self.rows.contains_key(&place);
        if is_new && !named && self.is_beyond(node, &cells) {
            return Ok(());
        }
        if is_new && self.is_anothers(node, &cells, named, whose)? {
            self.leave_out(node, Why::Another, place.1);
            return Ok(());
        }
        if is_new && self.is_unnamed(node, &cells) {
            self.leave_out(node, Why::Unnamed, place.1);
            return Ok(());
        }
        if self.rows.len() >= MOST {
            return Err(too_many());
        }
        let found = Found {
            node,
            key: place.1.clone(),
            cells,
            ownership: Ownership::Accessor,
            via: Vec::new(),
            named,
            shared: false,
            joint: false,
            others: Vec::new(),
            in_sight: false,
            void: Vec::new(),
            orphan: false,
            hung: false,
            of_several: false,
            referred: Referred::default(),
        };
        self.rows.entry(place.clone()).or_insert(found);
        self.judge(&place);
        Ok(())
    }

    /// By which ways a row is reached, and what the person is to it. A row that the engine gave and that no
    /// value asked for explains is nobody's.
    fn judge(&mut self, place: &Place) {
        let Some(found) = self.rows.get(place) else { return };
        let (mut via, mut hung) = (self.ways_of(found, &self.followed), false);
        if via.is_empty() && !found.named {
            via = self.ways_of(found, &self.hanging.followed);
            hung = !via.is_empty();
        }
        let owns = |nth: &usize| self.graph.edges[*nth].ownership == Ownership::Owner;
        let owner = found.named || via.iter().any(owns);
        if via.is_empty() && !found.named {
            self.rows.remove(place);
            self.leave_out(place.0, Why::Unlike, place.1.clone());
        } else if let Some(found) = self.rows.get_mut(place) {
            found.ownership = if owner { Ownership::Owner } else { Ownership::Accessor };
            (found.via, found.hung) = (via, hung);
        }
    }

    /// The references by which followed values lead to a row.
    fn ways_of(&self, found: &Found, followed: &HashMap<usize, Values>) -> Vec<usize> {
        let ways = |has: fn(&Values, &str) -> bool| -> Vec<usize> {
            let ways = self.graph.into(found.node).filter(|(nth, edge)| {
                let value = found.cells[edge.into].0.as_deref();
                value.is_some_and(|value| followed.get(nth).is_some_and(|all| has(all, value)))
            });
            ways.map(|(nth, _)| nth).collect()
        };
        let via = ways(|all, value| all.exact.contains(value));
        if !via.is_empty() || found.named {
            return via;
        }
        ways(|all, value| all.folded.contains(&folded(value)))
    }

    /// Rows known already may meanwhile have been reached another way too.
    pub fn judge_all(&mut self) {
        let places: Vec<Place> = self.rows.keys().cloned().collect();
        places.iter().for_each(|place| self.judge(place));
    }

    /// Whether a row is the person's: reached, and not only as somebody who appears in it.
    pub fn owns(&self, place: &Place) -> bool {
        self.rows.get(place).is_some_and(|found| found.ownership == Ownership::Owner)
    }

    /// Whether a name of the person stands in the row.
    fn is_named(&self, node: &Node, cells: &Row) -> bool {
        self.carries(node, cells, |_| true)
    }

    /// Whether a number that names the person stands in the row.
    fn is_sure(&self, node: &Node, cells: &Row) -> bool {
        self.carries(node, cells, IdentifierType::names_a_person)
    }

    fn carries(&self, node: &Node, cells: &Row, which: fn(IdentifierType) -> bool) -> bool {
        node.names.iter().filter(|(_, kind)| which(*kind)).any(|(place, kind)| {
            let read = cells[*place].0.as_deref().and_then(|text| Identifier::parse(*kind, text).ok());
            read.is_some_and(|name| self.names.contains(&name))
        })
    }

    /// Whether a number that names a person stands in the row and is not theirs. A second account of the
    /// same person is believed only where the row is tied to them by more than a number that searches.
    fn is_anothers(&mut self, at: usize, cells: &Row, named: bool, whose: &mut Ask<'_>) -> Result<bool> {
        let graph = self.graph;
        let node = &graph.nodes[at];
        for (place, kind) in node.names.iter().filter(|(_, kind)| kind.names_a_person()) {
            let Some(text) = cells[*place].0.as_deref().filter(|text| !text.trim().is_empty()) else {
                continue;
            };
            let Ok(name) = Identifier::parse(*kind, text) else { return Ok(!self.is_sure(node, cells)) };
            if self.names.contains(&name) {
                continue;
            }
            let has_one = self.names.iter().any(|known| known.kind() == *kind);
            let one_only = *kind == IdentifierType::Iin;
            let weak = named && !self.is_sure(node, cells);
            if has_one && (one_only || weak) || whose(&name)? == Whose::Another {
                self.tell_of(at, cells, name);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether only a number that searches ties the row to the person, and the row could name somebody and does
    /// not: a family has one phone.
    fn is_unnamed(&self, at: usize, cells: &Row) -> bool {
        let node = &self.graph.nodes[at];
        let mut naming = node.names.iter().filter(|(_, kind)| kind.names_a_person()).peekable();
        let sure = |edge: &Edge| !edge.searching && edge.from != edge.to;
        naming.peek().is_some()
            && !naming
                .any(|(place, _)| cells[*place].0.as_deref().is_some_and(|text| !text.trim().is_empty()))
            && !self.is_followed(at, cells, &sure)
    }

    /// A number of somebody else in a row that is tied to the person by more than a number that searches: whoever
    /// knows the number may know that these two are one.
    fn tell_of(&mut self, at: usize, cells: &Row, name: Identifier) {
        let sure = self.is_sure(&self.graph.nodes[at], cells);
        // A row may come by several questions.
        let is_told = self.others.iter().any(|other| other.sure == sure && other.name == name);
        if !is_told && (sure || self.is_owned(at, cells)) {
            self.others.push(Other { name, sure });
        }
    }

    /// Whether a reference that makes a row the person's own, and no number that only searches, leads to it.
    fn is_owned(&self, at: usize, cells: &Row) -> bool {
        let owning = |edge: &Edge| edge.ownership == Ownership::Owner && !edge.thing && !edge.searching;
        self.is_followed(at, cells, &owning)
    }

    /// Whether one of these references leads to a row.
    pub fn is_followed(&self, at: usize, cells: &Row, which: &dyn Fn(&Edge) -> bool) -> bool {
        self.graph.into(at).filter(|(_, edge)| which(edge)).any(|(nth, edge)| {
            let value = cells[edge.into].0.as_deref();
            value.is_some_and(|value| self.followed.get(&nth).is_some_and(|all| all.exact.contains(value)))
        })
    }

    /// From every row that is theirs alone: its numbers, and the values of its references.
    pub fn pass_on(&mut self, whose: &mut Ask<'_>) -> Result<()> {
        let own = |found: &Found| found.ownership == Ownership::Owner && !found.joint;
        let is_fresh = |(place, found): &(&Place, &Found)| own(found) && !self.passed_on.contains(*place);
        let fresh: Vec<Found> = self.rows.iter().filter(is_fresh).map(|(_, found)| found.clone()).collect();
        for found in fresh {
            self.passed_on.insert((found.node, found.key.clone()));
            self.learn(&found, whose)?;
            let theirs = found.of_others(self.graph);
            let graph = self.graph;
            for (nth, edge) in graph.out_of(found.node).filter(|(_, edge)| !theirs.contains(&edge.out)) {
                let Some(value) = found.cells[edge.out].0.clone() else { continue };
                if edge.searching {
                    self.doubtful.entry(nth).or_default().insert(value);
                } else {
                    self.follow(nth, value);
                }
            }
        }
        self.pass_on_together();
        Ok(())
    }

    /// A reference is walked with one more value.
    pub fn follow(&mut self, nth: usize, value: String) {
        let edge = &self.graph.edges[nth];
        let (node, column) = (edge.to, edge.into);
        let fresh = self.followed.entry(nth).or_default().insert(value.clone());
        if fresh && self.asked.insert((node, column, value.clone())) {
            self.look_for(node, column, value);
        }
    }

    /// Numbers that name the person and stand in a row of theirs: other systems may know them by these.
    fn learn(&mut self, found: &Found, whose: &mut Ask<'_>) -> Result<()> {
        let graph = self.graph;
        for (place, kind) in graph.nodes[found.node].names.iter().filter(|(_, kind)| kind.names_a_person()) {
            let read = found.cells[*place].0.as_deref().and_then(|text| Identifier::parse(*kind, text).ok());
            let Some(name) = read.filter(|name| !self.names.contains(name)) else { continue };
            if whose(&name)? != Whose::Another {
                self.seek(&name);
            }
        }
        Ok(())
    }

    /// A row that cannot be named is told by all that stands in it, so that it is counted once.
    pub fn leave_keyless(&mut self, node: usize, cells: Row) {
        let told = cells.into_iter().map(|cell| cell.0.unwrap_or_default()).collect();
        self.leave_out(node, Why::Keyless, told);
    }

    pub fn leave_out(&mut self, node: usize, why: Why, key: Vec<String>) {
        self.left_out.entry((node, why)).or_default().insert(key);
    }

    /// A row left out as doubtful and reached for sure later is not left out.
    pub fn end(self, systems: &[Connected]) -> Reached {
        let Self { graph, rows, names, left_out, others, .. } = self;
        let line = |((node, why), keys): ((usize, Why), BTreeSet<Vec<String>>)| {
            let count = keys.into_iter().filter(|key| !rows.contains_key(&(node, key.clone()))).count();
            let node = &graph.nodes[node];
            let system = systems.get(node.system).map(|system| system.name.clone()).unwrap_or_default();
            (count > 0).then(|| LeftOut { system, collection: node.collection.name.clone(), why, count })
        };
        Reached {
            left_out: left_out.into_iter().filter_map(line).collect(),
            rows: rows.into_values().collect(),
            names,
            others,
        }
    }
}

impl Found {
    /// Where it lies.
    pub fn place(&self) -> Place {
        (self.node, self.key.clone())
    }

    /// Whether whoever is at the near end of a reference has a part in the row.
    pub fn counts(&self, edge: &Edge) -> bool {
        !(edge.thing || edge.hangs && self.named)
    }

    /// The columns that tell of somebody at the other end of a reference by which the person did not come.
    pub fn of_others(&self, graph: &Graph) -> BTreeSet<usize> {
        let theirs: BTreeSet<usize> = graph
            .into(self.node)
            .filter(|(nth, edge)| self.counts(edge) && !self.via.contains(nth))
            .flat_map(|(_, edge)| edge.theirs.iter().copied())
            .collect();
        // A column by which they did come too is theirs.
        let own = self.via.iter().flat_map(|nth| graph.edges[*nth].theirs.iter());
        let own: BTreeSet<usize> = own.copied().collect();
        theirs.difference(&own).copied().collect()
    }
}
