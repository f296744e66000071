//! Whom a name of nobody known here means in the other systems: a phone, an e-mail, a VIN, a plate.
//!
//! INVARIANT: a number that only searches is walked by where every row that has it and names somebody is one
//! person's alone. Where it names nobody, or several, nothing is guessed, and nothing is said not to be held. A row
//! with a number of a person's that names nobody is put to people, by whatever number the person was sought.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Reach, Remote,
    seeds::{Seeds, of_person, whose},
};
use crate::{
    domain::{Error, Identifier, IdentifierType, Kind, Result, Selector},
    execute::resolve,
    store::{Store, View},
    system::{
        engine::Row,
        map::Ownership,
        traverse::{Found, LeftOut, Reached, Whose, Why, named::named, owners::owners},
    },
};

/// Somebody whose rows a name stands in, as far as their numbers tell.
#[derive(Default)]
pub struct Holder {
    /// The numbers that name them; none: nothing there says who it is. Personal data.
    pub names: Vec<Identifier>,
    /// How many rows, by system.
    pub rows: BTreeMap<String, usize>,
}

/// A row with the name in it.
struct Met {
    node: usize,
    row: Row,
    /// The numbers of whoever it is about.
    names: Vec<Identifier>,
}

/// What a name of nobody known here means elsewhere.
pub(super) enum Meant {
    /// Nothing that has to be settled first.
    AsTyped,
    /// One person, and what is reached by their numbers.
    One(Seeds, Reached),
    /// Rows that name nobody.
    Nameless(Reached),
    /// No name that other systems could have.
    Unsearchable,
}

impl Reach {
    /// In whose rows a name stands, in the order of their numbers; those who are not named come last.
    ///
    /// # Errors
    /// As [`named`].
    pub fn holders(&mut self, name: &Identifier) -> Result<Vec<Holder>> {
        let met = self.met(name)?;
        let mut holders: Vec<Holder> = Vec::new();
        for Met { node, names, .. } in met {
            let system = self.systems[self.graph.nodes[node].system].name.clone();
            let shares = |one: &Holder| {
                let nameless = one.names.is_empty() && names.is_empty();
                nameless || one.names.iter().any(|name| names.contains(name))
            };
            let (same, rest): (Vec<Holder>, Vec<Holder>) = holders.into_iter().partition(shares);
            let mut whole = Holder { names, rows: [(system, 1)].into() };
            for one in same {
                whole.names.extend(one.names);
                one.rows
                    .into_iter()
                    .for_each(|(system, rows)| *whole.rows.entry(system).or_default() += rows);
            }
            whole.names = each(whole.names);
            holders = rest;
            holders.push(whole);
        }
        holders.sort_by_key(|one| (one.names.is_empty(), one.masked()));
        Ok(holders)
    }

    /// Whom a selector means whom the own store does not know.
    ///
    /// # Errors
    /// Ambiguous (exit 5), with the masked candidates; as [`named`].
    pub(super) fn meant(&mut self, store: &mut Store, controller: &str, who: &Selector) -> Result<Meant> {
        if !store.read(|view| is_nobody(view, controller, who))? {
            return Ok(Meant::AsTyped);
        }
        let Selector::Identifier(name) = who else { return Ok(Meant::Unsearchable) };
        if name.kind().names_a_person() {
            return Ok(Meant::AsTyped);
        }
        let met = self.met(name)?;
        let Some(seeds) = self.seeds_of(store, controller, name, &met)? else {
            let (left_out, names) = (self.nameless(&met), vec![name.clone()]);
            return Ok(Meant::Nameless(Reached { left_out, names, ..Reached::default() }));
        };
        let (seeds, reached) = self.reached(store, controller, seeds)?;
        if !self.is_whole(&met, &reached) {
            return Err(self.several(name));
        }
        Ok(Meant::One(seeds, reached))
    }

    /// Leaves to people what has a phone or the like that stands in rows of theirs alone, names nobody, and is tied
    /// to them by nothing else. A number that the own store knows as theirs was walked by.
    ///
    /// # Errors
    /// As [`named`]; a number that nearly everybody has is told as not sought by.
    pub(super) fn beside(&mut self, store: &mut Store, controller: &str, remote: &mut Remote) -> Result<()> {
        let mut rows = Vec::new();
        for name in remote.searching().iter().filter(|name| !remote.facts.names.contains(name)) {
            if store.read(|view| whose(view, controller, remote.person, name))? == Whose::Another {
                continue;
            }
            match self.met(name) {
                Ok(met) => rows.extend(met),
                Err(nobodys) if nobodys.kind() == Kind::Ambiguous => {
                    remote.unsought.push(name.kind().as_str());
                }
                Err(error) => return Err(error),
            }
        }
        let mut once = BTreeSet::new();
        rows.retain(|one| {
            let told: Vec<Option<String>> = one.row.iter().map(|cell| cell.0.clone()).collect();
            let found = remote.facts.rows.rows.iter().any(|known| self.is_row(one, &known.found));
            !found && !self.is_named(one) && once.insert((one.node, told))
        });
        remote.facts.left_out.extend(self.nameless(&rows));
        Ok(())
    }

    fn met(&mut self, name: &Identifier) -> Result<Vec<Met>> {
        let graph = self.graph.clone();
        let mut by_node = BTreeMap::<usize, Vec<Row>>::new();
        for (node, row) in named(&mut self.systems, &graph, name)? {
            by_node.entry(node).or_default().push(row);
        }
        let mut met = Vec::new();
        for (node, rows) in by_node {
            let names = owners(&mut self.systems, &graph, node, &rows)?;
            for (row, mut names) in rows.into_iter().zip(names) {
                names.retain(|name| name.kind().names_a_person());
                met.push(Met { node, row, names });
            }
        }
        Ok(met)
    }

    /// From where to walk: the person known here whose number stands in the rows, else the first of the numbers.
    fn seeds_of(
        &mut self,
        store: &mut Store,
        controller: &str,
        name: &Identifier,
        met: &[Met],
    ) -> Result<Option<Seeds>> {
        let names = each(met.iter().flat_map(|one| &one.names).cloned().collect());
        let known = store.read(|view| resolve::holders(view, controller, &names))?;
        match (known.iter().collect::<Vec<_>>().as_slice(), names.first()) {
            (_, None) => Ok(None),
            ([], Some(first)) => Ok(Some(Seeds::of_stranger(first.clone()))),
            ([one], _) => store.read(|view| of_person(view, controller, **one)).map(Some),
            _ => Err(self.several(name)),
        }
    }

    /// Whether every row that names somebody is the person's, and nobody else's as well.
    fn is_whole(&self, met: &[Met], reached: &Reached) -> bool {
        met.iter().filter(|one| self.is_named(one)).all(|one| {
            let found = reached.rows.iter().find(|found| self.is_row(one, found));
            found.is_some_and(|found| found.ownership == Ownership::Owner && !found.joint)
        })
    }

    /// Whether it is the very row that was found.
    fn is_row(&self, one: &Met, found: &Found) -> bool {
        found.node == one.node && Some(&found.key) == self.graph.nodes[one.node].key_of(&one.row).as_ref()
    }

    /// Whether a row is about somebody who has a number, be it one that cannot be read.
    fn is_named(&self, Met { node, row, names }: &Met) -> bool {
        let numbers = self.graph.nodes[*node].names.iter().filter(|(_, kind)| kind.names_a_person());
        let held = |place: &usize| row[*place].0.as_deref().is_some_and(|text| !text.trim().is_empty());
        !names.is_empty() || numbers.map(|(place, _)| place).any(held)
    }

    fn nameless(&self, met: &[Met]) -> Vec<LeftOut> {
        let mut counts = BTreeMap::<usize, usize>::new();
        met.iter().for_each(|one| *counts.entry(one.node).or_default() += 1);
        let line = |(node, count): (usize, usize)| {
            let node = &self.graph.nodes[node];
            let (system, collection) = (self.systems[node.system].name.clone(), node.collection.name.clone());
            LeftOut { system, collection, why: Why::Unnamed, count }
        };
        counts.into_iter().map(line).collect()
    }

    /// The candidates are shown masked; what leads on is a number that names.
    fn several(&mut self, name: &Identifier) -> Error {
        let kind = name.kind().as_str();
        let holders = self.holders(name).unwrap_or_default();
        let lines: Vec<String> = holders.iter().take(20).map(Holder::line).collect();
        Error::new(Kind::Ambiguous, format!("several people of other systems have the {kind}"))
            .picture(lines.join("\n"))
            .hint("nothing was done; name the person by iin: or account:")
    }
}

impl Holder {
    /// The numbers, masked, each with its kind.
    pub fn masked(&self) -> Vec<String> {
        self.names.iter().map(|name| format!("{} {}", name.kind(), name.masked())).collect()
    }

    fn line(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(|(system, rows)| format!("{system} {rows}")).collect();
        format!("  {}  {}", self.masked().join(", "), rows.join(", "))
    }
}

/// Whether a selector means nobody here. What it means wrongly is said where it is used.
fn is_nobody(view: &View<'_>, controller: &str, who: &Selector) -> Result<bool> {
    match resolve::for_answer(view, controller, who) {
        Ok(found) => Ok(matches!(found, resolve::Found::Nobody)),
        Err(error) if super::seeds::is_of_selector(error.kind()) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Each once, an IIN first: a person has one.
fn each(names: Vec<Identifier>) -> Vec<Identifier> {
    let mut once: Vec<Identifier> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once.sort_by_key(|name| (name.kind() != IdentifierType::Iin, name.masked()));
    once
}
