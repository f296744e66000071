//! Steps that take away by what rows are found: an identifier, or a value by which rows belong to each other. They come
//! last, in whatever system, and not before everything else is done: a row that is refused after they went would be
//! nobody's, and the right exercised again would not find it.

use std::collections::BTreeSet;

use super::{Reach, intent::Intent};

impl Reach {
    /// Whether other rows are found by what a step takes away: by the names in it, or by a reference that leads on.
    pub(super) fn takes_way(&self, system: &str, collection: &str, intent: &Intent) -> bool {
        let Some(at) = self.node_of(system, collection) else { return false };
        let node = &self.graph.nodes[at];
        let touched =
            |place: usize| intent.columns.is_empty() || intent.columns.contains(&node.columns[place]);
        let mut names = node.names.iter().map(|(place, _)| *place);
        let mut ways = self.graph.out_of(at).map(|(_, edge)| edge.out);
        names.any(touched) || ways.any(touched)
    }

    /// In the order in which they are tried, from the order of their ranks. What takes a way comes after what does not; a
    /// deletion stays behind what was before it in its system, since that may refer to it.
    pub(super) fn ways_last<T>(
        &self,
        all: Vec<T>,
        of: impl Fn(&T) -> Option<(String, String, Intent)>,
    ) -> Vec<T> {
        let (mut first, mut last, mut deferred) = (Vec::new(), Vec::new(), BTreeSet::new());
        for one in all {
            let Some((system, collection, intent)) = of(&one) else {
                first.push(one);
                continue;
            };
            let deletes = intent.columns.is_empty();
            if self.takes_way(&system, &collection, &intent) || deletes && deferred.contains(&system) {
                deferred.insert(system);
                last.push(one);
            } else {
                first.push(one);
            }
        }
        first.into_iter().chain(last).collect()
    }
}
