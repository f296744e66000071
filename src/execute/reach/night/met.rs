//! Who was met in a page: one person may be found by several of their numbers.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{Identifier, SubjectId},
    execute::reach::Remote,
};

/// The people of a page.
#[derive(Default)]
pub(super) struct Met {
    known: HashSet<SubjectId>,
    /// Their numbers, and whether somebody has each whom the own store does not know.
    names: HashMap<Identifier, bool>,
}

impl Met {
    /// Whether this is somebody who was met. Two people may share every row but the one that names each: only a
    /// person or a number of theirs says who it is.
    pub fn has(&self, one: &Remote) -> bool {
        let same = |name: &Identifier| {
            self.names.get(name).is_some_and(|by_strangers| *by_strangers || one.person.is_none())
        };
        one.person.is_some_and(|person| self.known.contains(&person)) || one.naming().iter().any(same)
    }

    /// Remembers somebody.
    pub fn meet(&mut self, one: &Remote) {
        self.known.extend(one.person);
        for name in one.naming() {
            *self.names.entry(name).or_default() |= one.person.is_none();
        }
    }
}
