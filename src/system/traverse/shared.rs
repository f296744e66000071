//! Which rows are somebody else's as well: asked of the near end of every reference that leads to them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Ask, Found, Whose, Why,
    ask::Question,
    behind::Behind,
    graph::Edge,
    holders::Sought,
    walk::{Place, Walk},
};
use crate::{
    domain::{Identifier, Result},
    system::{
        engine::{Row, folded},
        map::Ownership,
    },
};

/// Who has a part in a row beside the person.
#[derive(Default)]
struct Parts {
    others: Vec<Place>,
    /// Those of them who own it.
    owning: Vec<Place>,
    /// One of them is found by a number.
    in_sight: bool,
    /// An owner has left.
    left: bool,
    void: Vec<usize>,
}

impl Walk<'_> {
    /// Values by which somebody else may have a row of theirs too, and of which nobody was asked yet.
    pub fn unshared(&self) -> Sought {
        let mut sought = Sought::new();
        let writings = self.writings();
        for found in self.rows.values() {
            for (nth, edge) in self.graph.into(found.node).filter(|(_, edge)| found.counts(edge)) {
                let value = found.cells[edge.into].0.clone();
                let asked = |value: &String| !edge.unique || self.is_like(edge, value, &writings);
                let value = value.filter(asked);
                let fresh = value.filter(|value| !self.holders.contains_key(&(nth, value.clone())));
                sought.entry(nth).or_default().extend(fresh);
            }
        }
        sought
    }

    /// Judges anew, since what was somebody else's a round ago may have turned out to be the person's.
    pub fn share(&mut self) {
        let parts: BTreeMap<Place, Parts> =
            self.rows.iter().map(|(place, found)| (place.clone(), self.parts(found))).collect();
        // What hangs on a row of several and is somebody else's by itself is theirs, and nobody's here.
        self.rows.retain(|place, found| {
            !found.hung || parts.get(place).is_none_or(|parts| parts.owning.is_empty())
        });
        let owning = parts.iter().filter(|(_, parts)| !parts.owning.is_empty());
        let owning = owning.map(|(place, parts)| (place.clone(), parts.owning.iter().cloned().collect()));
        let left: BTreeSet<Place> =
            parts.iter().filter(|(_, parts)| parts.left).map(|(place, _)| place.clone()).collect();
        // A row of theirs that links may lead on from both ends: then the other's is met as hanging on what both had.
        let linked = self.led_to_by(&left);
        let several = parts.iter().filter(|(_, parts)| !parts.owning.is_empty());
        let several = several.map(|(place, _)| place.clone());
        let below = self.below(several.chain(left).chain(linked).collect());
        // What hangs on a row of several is theirs together.
        let joint = self.together(owning.collect());
        for (place, parts) in parts {
            let Some(found) = self.rows.get_mut(&place) else { continue };
            found.joint = joint.contains_key(&place);
            found.of_several = below.contains(&place);
            found.shared = found.joint || !parts.others.is_empty();
            found.orphan = found.ownership == Ownership::Accessor && parts.left && !found.shared;
            // On what they share everything hangs: whoever finds that finds this.
            found.in_sight = parts.in_sight || found.joint && parts.owning.is_empty();
            (found.others, found.void) = (parts.others, parts.void);
            if parts.owning.is_empty() {
                found.others.extend(joint.get(&place).into_iter().flatten().cloned());
            }
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

    /// They go on where every row that has them is the person's, and the own store knows nobody else by them: a family
    /// has one phone, and the other's row may carry nothing. Gives what does not go on: it is read only to be counted,
    /// since an officer has to know how many there are.
    pub fn settle(&mut self, whose: &mut Ask<'_>) -> Result<Question> {
        let doubtful = self.doubtful.clone();
        let mut refused = Question::default();
        for (nth, value) in doubtful.into_iter().flat_map(|(nth, all)| all.into_iter().map(move |v| (nth, v)))
        {
            let from = self.graph.edges[nth].from;
            let holders = self.holders.get(&(nth, value.clone())).map_or(&[][..], |all| all.as_slice());
            let theirs = holders.iter().all(|key| self.owns(&(from, key.clone())));
            if theirs && !self.is_known_of_others(nth, &value, whose)? {
                self.doubtful.entry(nth).or_default().remove(&value);
                self.follow(nth, value);
            } else {
                let edge = &self.graph.edges[nth];
                refused.values.entry(edge.to).or_default().entry(edge.into).or_default().insert(value);
            }
        }
        Ok(refused)
    }

    /// Counts rows that are reached by a value of several people.
    pub fn refuse(&mut self, rows: Vec<(usize, Row)>) {
        for (node, row) in rows {
            match self.graph.nodes[node].key_of(&row) {
                Some(key) => self.leave_out(node, Why::Ambiguous, key),
                None => self.leave_keyless(node, row),
            }
        }
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

    /// Who has a part in a row beside the person. Whoever has left has none.
    fn parts(&self, found: &Found) -> Parts {
        let (mut parts, own) = (Parts::default(), (found.node, found.key.clone()));
        for (nth, edge) in self.graph.into(found.node).filter(|(_, edge)| found.counts(edge)) {
            let Some(value) = &found.cells[edge.into].0 else { continue };
            let strangers = self.strangers((nth, edge), value);
            let owner = edge.ownership == Ownership::Owner;
            let (some, mut others) = (!strangers.is_empty(), Vec::new());
            for place in strangers {
                let is_over = self.sight.over.contains(&(own.clone(), place.clone()));
                let behind = if is_over { Behind::Nobody } else { self.behind(edge, value, &place) };
                parts.in_sight |= behind == Behind::Somebody;
                others.extend((behind != Behind::Nobody).then_some(place));
            }
            if some && others.is_empty() {
                parts.void.push(nth);
                parts.left |= owner;
            }
            parts.owning.extend(others.iter().filter(|_| owner).cloned());
            parts.others.append(&mut others);
        }
        parts
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
}
