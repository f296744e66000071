//! What is lost sight of by a plan, as whoever decides is told.

use std::collections::BTreeSet;

use super::Lens;

impl Lens<'_> {
    /// Collections with rows that stay and that no identifier leads to any more.
    pub(super) fn out_of_sight(&self, lost: &BTreeSet<usize>) -> BTreeSet<String> {
        let line = |(system, collection)| {
            format!("{system}: no identifier leads to what stays in {collection} any more: note where it is")
        };
        self.places(lost).map(line).collect()
    }

    /// Collections with rows that stay and are found, and that could be anybody's from then on.
    pub(super) fn out_of_hand(&self, loose: &BTreeSet<usize>) -> BTreeSet<String> {
        let line = |(system, collection)| {
            format!("{system}: nothing says any more whose alone {collection} is: note whose it is")
        };
        self.places(loose).map(line).collect()
    }

    fn places(&self, rows: &BTreeSet<usize>) -> impl Iterator<Item = (&str, &str)> {
        rows.iter().map(|nth| {
            let node = self.node(&self.remote.facts.rows.rows[*nth]);
            let system = self.remote.searched.get(node.system).map(String::as_str).unwrap_or_default();
            (system, node.collection.name.as_str())
        })
    }
}
