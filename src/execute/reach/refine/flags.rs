//! Columns that say that a row is out of use.

use std::collections::BTreeSet;

use super::{Exact, is_shared};
use crate::{
    decide::reasons,
    domain::{Action, Category, Reason, RecordKey, Right, Step},
    execute::reach::target,
};

impl Exact<'_> {
    /// Columns that say that a row is out of use: set for a block, cleared when nothing holds the row any more.
    pub(super) fn flags(&mut self) {
        let (set, clear) = (self.newly_blocked(), self.newly_free());
        for (keys, action, blocked) in [(set, Action::Block, true), (clear, Action::Unblock, false)] {
            let why = self.why_of(action);
            for key in keys {
                let Some((_, row, _)) = self.lens.row(key) else { continue };
                let row = row.clone();
                if is_shared(&row) || self.lens.node(&row).is_keyless() {
                    continue;
                }
                let Some(column) = target::flag(self.lens.node(&row), &row, blocked) else { continue };
                let template = Step::new(action, "", why.clone());
                let step = self.at(&template, &row, key, vec![column]);
                self.push(step);
            }
        }
    }

    /// That of the step here; where what it meant here stands already, the rule that blocks.
    fn why_of(&self, action: Action) -> Reason {
        let own = self.steps.iter().find(|step| step.action == action && step.is_own());
        own.map_or_else(|| reasons::block(self.lens.rulebook), |step| step.why.clone())
    }

    /// One key a row is enough: the flag is the row's. Who asks for a block that stands here gets the flags that it lacks.
    fn newly_blocked(&self) -> Vec<RecordKey> {
        let blocks = self.steps.iter().filter(|step| step.action == Action::Block && step.is_own());
        let keys = blocks.flat_map(|step| &step.keys).copied();
        let facts = self.lens.facts;
        let records = facts.records.iter().filter(|_| self.lens.right == Right::Restrict);
        let standing = records.filter(|record| record.key.id < 0 && facts.block(&record.category).is_some());
        self.one_a_row(keys.chain(standing.map(|record| record.key)))
    }

    fn newly_free(&self) -> Vec<RecordKey> {
        let lifts = self
            .steps
            .iter()
            .filter(|step| step.action == Action::Unblock && step.is_own() && step.collection == "block");
        let lifted: BTreeSet<i64> = lifts.flat_map(|step| &step.keys).map(|key| key.id).collect();
        // What an end of a block left marked is cleared when that end is asked for again.
        let anew = |nth: &usize| self.lens.right == Right::Unblock && self.lens.unfinished.contains(nth);
        if lifted.is_empty() && !self.lens.unfinished.iter().any(anew) {
            return Vec::new();
        }
        let left = |category: &Category| {
            let stands = self.lens.facts.blocks.iter().filter(|block| !lifted.contains(&block.id));
            stands.into_iter().any(|block| block.category.as_ref().is_none_or(|of| of == category))
        };
        let records = self.lens.facts.records.iter().filter(|record| record.key.id < 0);
        let bound: BTreeSet<usize> = records
            .clone()
            .filter(|record| record.archived_until.is_some() || left(&record.category))
            .filter_map(|record| Some(self.lens.row(record.key)?.0))
            .collect();
        let goes = |nth: usize| !bound.contains(&nth) && (!lifted.is_empty() || anew(&nth));
        let free = records.filter(|r| self.lens.row(r.key).is_some_and(|(nth, ..)| goes(nth)));
        self.one_a_row(free.map(|record| record.key))
    }

    fn one_a_row(&self, keys: impl Iterator<Item = RecordKey>) -> Vec<RecordKey> {
        let mut seen = BTreeSet::new();
        keys.filter(|key| self.lens.row(*key).is_some_and(|(nth, ..)| seen.insert(nth))).collect()
    }
}
