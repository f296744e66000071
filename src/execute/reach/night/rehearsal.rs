//! A night that changes nothing, and meets what it would leave behind: rows that would go are gone for whoever is judged
//! after them.

use std::{
    collections::{BTreeMap, HashSet},
    mem,
};

use super::{Elsewhere, Planned};
use crate::{
    domain::{Action, RecordKey, Step},
    execute::reach::Reach,
    system::{
        engine::{
            Cell,
            rehearsed::{Intended, Rehearsed},
        },
        traverse::{Connected, Place},
    },
};

/// What is rehearsed so far. Personal data: no `Debug`.
pub(super) struct Rehearsal {
    systems: BTreeMap<String, Intended>,
    /// Records that would be archived: the register would say so.
    archived: HashSet<(Place, String)>,
}

impl Rehearsal {
    /// From here on what is meant shows in every system.
    pub fn begin(reach: &mut Reach) -> Self {
        let mut systems = BTreeMap::new();
        let over = |one: Connected| {
            let intended = Intended::default();
            let engine = Rehearsed::over(one.engine, &intended);
            let _ = systems.insert(one.name.clone(), intended);
            Connected { engine, ..one }
        };
        reach.systems = mem::take(&mut reach.systems).into_iter().map(over).collect();
        Self { systems, archived: HashSet::new() }
    }

    /// The systems show again what stands there.
    pub fn end(self) {
        self.systems.values().for_each(Intended::clear);
    }

    /// What a page would do.
    pub fn act(&mut self, planned: &[Planned], told: &mut Elsewhere) {
        for one in planned {
            for step in &one.plan.steps {
                let count = step.keys.iter().filter(|key| self.is_new(one, step, **key)).count();
                told.line(step, count as u64);
            }
            one.steps.iter().for_each(|step| self.mean(one, step));
        }
    }

    /// What is archived once is not archived again.
    fn is_new(&mut self, one: &Planned, step: &Step, key: RecordKey) -> bool {
        let rows = &one.remote.facts.rows;
        let Some((nth, category)) = rows.of_record(key).filter(|_| step.action == Action::Archive) else {
            return true;
        };
        let found = &rows.rows[nth].found;
        self.archived.insert(((found.node, found.key.clone()), category.to_string()))
    }

    /// But for the mark of an archive: only the register, which nothing is written to, says what it means.
    fn mean(&self, one: &Planned, step: &crate::execute::reach::intent::Meant) {
        let Some(intended) = self.systems.get(&step.system) else { return };
        let is_here = |node: &&crate::system::traverse::graph::Node| {
            one.remote.searched.get(node.system) == Some(&step.system)
                && node.collection.name == step.collection
        };
        let node = one.remote.graph.nodes.iter().find(is_here);
        let mark =
            node.and_then(|node| node.collection.meaning.restriction.as_ref()).map(|flag| &flag.column);
        let intent = &step.intent;
        for line in &intent.rows {
            let set = intent.columns.iter().zip(&line.set).filter(|(column, _)| Some(*column) != mark);
            let set = set.map(|(column, new)| (column.clone(), Cell(new.clone()))).collect();
            let set = (!intent.columns.is_empty()).then_some(set);
            intended.mean(&step.collection, &intent.key, &line.key, set);
        }
    }
}
