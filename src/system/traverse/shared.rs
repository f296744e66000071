//! Which rows are somebody else's as well: asked of the near end of every reference that leads to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Ask, Connected, Whose, Why,
    ask::{Question, ask, unreachable_system},
    graph::Edge,
    walk::{Place, Walk},
};
use crate::{
    domain::{Identifier, Result},
    system::{
        engine::{Fetch, folded},
        map::Ownership,
    },
};

impl Walk<'_> {
    /// Judges anew, since what was somebody else's a round ago may have turned out to be the person's.
    pub fn share(&mut self, systems: &mut [Connected]) -> Result<()> {
        let mut sought = BTreeMap::<usize, BTreeSet<String>>::new();
        let writings = self.writings();
        for found in self.rows.values().filter(|found| found.ownership == Ownership::Owner) {
            for (nth, edge) in self.graph.into(found.node) {
                let value = found.cells[edge.into].0.clone();
                let asked = |value: &String| !edge.unique || self.is_like(edge, value, &writings);
                let value = value.filter(asked);
                let fresh = value.filter(|value| !self.holders.contains_key(&(nth, value.clone())));
                sought.entry(nth).or_default().extend(fresh);
            }
        }
        self.ask_holders(systems, sought)?;
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
        Ok(())
    }

    /// Values that several people may have go on where every row that has them is the person's, and the own store
    /// knows nobody else by them: a family has one phone, and the other's row may carry nothing.
    pub fn settle(&mut self, systems: &mut [Connected], whose: &mut Ask<'_>) -> Result<()> {
        let doubtful = self.doubtful.clone();
        let fresh = doubtful.iter().map(|(nth, values)| {
            let values = values.iter().filter(|value| !self.holders.contains_key(&(*nth, (*value).clone())));
            (*nth, values.cloned().collect())
        });
        let fresh: BTreeMap<usize, BTreeSet<String>> = fresh.collect();
        self.ask_holders(systems, fresh)?;
        let mut refused = Question::default();
        for (nth, value) in doubtful.into_iter().flat_map(|(nth, all)| all.into_iter().map(move |v| (nth, v)))
        {
            let from = self.graph.edges[nth].from;
            let holders = self.holders.get(&(nth, value.clone())).map_or(&[][..], Vec::as_slice);
            let theirs = holders.iter().all(|key| self.owns(&(from, key.clone())));
            if theirs && !self.is_known_of_others(nth, &value, whose)? {
                self.doubtful.entry(nth).or_default().remove(&value);
                self.follow(nth, value);
            } else {
                let edge = &self.graph.edges[nth];
                refused.values.entry(edge.to).or_default().entry(edge.into).or_default().insert(value);
            }
        }
        // Read only to be counted: an officer has to know how many there are.
        for (node, row) in ask(systems, self.graph, &refused)? {
            let places = &self.graph.nodes[node].key;
            let key: Option<Vec<String>> = places.iter().map(|place| row[*place].0.clone()).collect();
            match key {
                Some(key) => self.leave_out(node, Why::Ambiguous, key),
                None => self.leave_keyless(node, row),
            }
        }
        Ok(())
    }

    /// Whether the own store knows somebody else by a value of a reference that holds phones, e-mails or the like.
    fn is_known_of_others(&self, nth: usize, value: &str, whose: &mut Ask<'_>) -> Result<bool> {
        let edge = &self.graph.edges[nth];
        for (node, column) in [(edge.from, edge.out), (edge.to, edge.into)] {
            let kinds = self.graph.nodes[node].names.iter().filter(|(place, _)| *place == column);
            for name in kinds.filter_map(|(_, kind)| Identifier::parse(*kind, value).ok()) {
                if whose(&name)? == Whose::Another {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether a row at the near end of a reference is not the person's; of those that own, or of any.
    fn has_others(&self, place: &Place, owners: bool) -> bool {
        let Some(found) = self.rows.get(place) else { return false };
        let asked = |edge: &Edge| !edge.thing && (!owners || edge.ownership == Ownership::Owner);
        self.graph.into(place.0).filter(|(_, edge)| asked(edge)).any(|(nth, edge)| {
            let Some(value) = &found.cells[edge.into].0 else { return false };
            let holders = self.holders.get(&(nth, value.clone()));
            if edge.unique && holders.is_none_or(Vec::is_empty) {
                return !self.owns(&(edge.from, vec![value.clone()]));
            }
            holders.is_some_and(|all| all.iter().any(|key| !self.owns(&(edge.from, key.clone()))))
        })
    }

    /// The keys of the person's rows, folded: what may be one of them written otherwise is asked of its database.
    fn writings(&self) -> BTreeSet<(usize, String)> {
        let owned = self.rows.values().filter(|found| found.ownership == Ownership::Owner);
        owned.filter_map(|found| Some((found.node, folded(found.key.first()?)))).collect()
    }

    fn is_like(&self, edge: &Edge, value: &str, writings: &BTreeSet<(usize, String)>) -> bool {
        let own = || self.owns(&(edge.from, vec![value.to_owned()]));
        writings.contains(&(edge.from, folded(value))) && !own()
    }

    fn hangs_on(&self, (node, key): &Place, shared: &BTreeSet<Place>) -> bool {
        let Some(found) = self.rows.get(&(*node, key.clone())) else { return false };
        found.via.iter().any(|nth| {
            let edge = &self.graph.edges[*nth];
            let value = found.cells[edge.into].0.as_deref().map(folded);
            edge.ownership == Ownership::Owner
                && shared.iter().any(|(from, key)| {
                    let source = self.rows.get(&(*from, key.clone()));
                    *from == edge.from
                        && source
                            .is_some_and(|source| source.cells[edge.out].0.as_deref().map(folded) == value)
                })
        })
    }

    /// The keys of the rows that have these values at the near end of a reference.
    fn ask_holders(
        &mut self,
        systems: &mut [Connected],
        sought: BTreeMap<usize, BTreeSet<String>>,
    ) -> Result<()> {
        for (nth, values) in sought.into_iter().filter(|(_, values)| !values.is_empty()) {
            let edge = &self.graph.edges[nth];
            let node = &self.graph.nodes[edge.from];
            let column = node.columns[edge.out].as_str();
            let columns: Vec<&str> = node.key_columns().into_iter().chain([column]).collect();
            let values: Vec<String> = values.into_iter().collect();
            let (mut like, all) = (HashMap::<String, Vec<&String>>::new(), values.iter().collect::<Vec<_>>());
            for value in &values {
                self.holders.insert((nth, value.clone()), Vec::new());
                like.entry(folded(value)).or_default().push(value);
            }
            let system = &mut systems[node.system];
            let order = node.key_columns();
            let fetch = Fetch {
                table: &node.collection.name,
                columns: &columns,
                any: &[(column, &values)],
                order: &order,
            };
            let holders = &mut self.holders;
            let asked = system.engine.fetch(&fetch, &mut |mut row| {
                let value = row.pop().and_then(|cell| cell.0).unwrap_or_default();
                let key: Option<Vec<String>> = row.into_iter().map(|cell| cell.0).collect();
                // An equality of the engine's own: the row has every value that could be meant by it; where none
                // could, it may have any.
                for known in like.get(&folded(&value)).unwrap_or(&all) {
                    // A row without a key is nobody's that is known, so it could be another person's.
                    let key = key.clone().unwrap_or_default();
                    holders.entry((nth, (*known).clone())).or_default().push(key);
                }
                Ok(())
            });
            asked.map_err(|error| unreachable_system(&system.name, error))?;
        }
        Ok(())
    }
}
