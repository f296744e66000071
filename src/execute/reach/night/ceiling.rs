//! How much can be due at most, counted by the systems before anybody is read.
//!
//! Where a guard would let all of it go, there is nothing for it to stop, and the night needs no rehearsal: every person
//! is judged once, when it is their turn.

use std::collections::BTreeSet;

use super::{JUDGED_FROM, Terms, find};
use crate::{
    decide::sieve::{Sieves, sieves},
    domain::{Category, Result},
    execute::{purge::Company, reach::Reach},
    store::{Store, View},
    system::{
        engine::Age,
        traverse::{graph::Graph, reading::Readings},
    },
};

/// What may be due, by collection.
pub(super) struct Candidates {
    sieves: Sieves,
    /// The rows to look at; none where no row is.
    ages: Vec<Option<Vec<Age>>>,
    /// One a collection.
    pub counts: Vec<Count>,
}

pub(super) struct Count {
    /// Records that can be due.
    pub most: u64,
    /// Rows in all; only of large numbers a share is judged.
    rows: u64,
}

impl Candidates {
    /// Counts them.
    ///
    /// # Errors
    /// As any read.
    pub fn count(store: &mut Store, reach: &mut Reach, company: &Company<'_>) -> Result<Self> {
        let sieves = sieves(company.rulebook, company.context.now.day());
        let graph = reach.graph.clone();
        let here =
            |view: &View<'_>| Ok((view.has_consents(&company.controller)?, view.archives_elsewhere()?));
        let (here, archives) = store.read(here)?;
        let consents = here || graph.nodes.iter().any(|node| node.collection.meaning.consent.is_some());
        let (mut all, mut counts) = (Vec::new(), Vec::new());
        for node in 0..graph.nodes.len() {
            let ages = find::ages(reach, node, &sieves);
            let rows = ages.as_ref().map_or(Ok(0), |ages| reach.count_of(node, ages))?;
            let categories = categories(&graph, node);
            let by_consent = consents && categories.iter().any(|of| ends_by_consent(&sieves, of));
            let all_rows = if by_consent || rows >= JUDGED_FROM { reach.count_of(node, &[])? } else { rows };
            let most = if by_consent { all_rows } else { rows };
            // The end of an archive has its own day.
            counts.push(Count { most: most * categories.len() as u64 + archives, rows: all_rows });
            all.push(ages.filter(|_| rows > 0));
        }
        Ok(Self { sieves, ages: all, counts })
    }

    /// The rows of a collection to look at.
    pub fn ages(&self, node: usize) -> Option<&[Age]> {
        self.ages.get(node).and_then(|ages| ages.as_deref())
    }

    /// How much is read of the people who are met.
    pub fn readings(&self, graph: &Graph) -> Readings {
        find::readings(graph, &self.sieves, &self.ages)
    }

    /// Whether a guard would stop the night were all of it due.
    pub fn may_be_stopped(&self, terms: &Terms<'_>) -> bool {
        could_stop(&self.counts, terms.max_count, terms.max_share)
    }
}

/// By the same share as is judged of what is due.
fn could_stop(counts: &[Count], max_count: Option<u64>, max_share: f64) -> bool {
    let all: u64 = counts.iter().map(|count| count.most).sum();
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let share = |count: &Count| count.most as f64 * 100.0 / (count.rows.max(1) as f64);
    let too_much = |count: &Count| count.most >= JUDGED_FROM && share(count) > max_share;
    max_count.is_some_and(|most| all > most) || counts.iter().any(too_much)
}

/// A row may be a record of each.
fn categories(graph: &Graph, node: usize) -> BTreeSet<&Category> {
    let held = graph.nodes[node].collection.fields.iter().filter(|field| !field.not_personal);
    held.filter_map(|field| field.category.as_ref()).collect()
}

/// Whether a consent can end a record whatever its own dates say.
fn ends_by_consent(sieves: &Sieves, category: &Category) -> bool {
    sieves.of.get(category).is_some_and(|sieve| !sieve.withdrawn.is_empty() || !sieve.consents.is_empty())
}

#[test]
fn a_night_is_rehearsed_where_a_guard_could_stop_it() {
    for (counts, max_count, max_share, rehearsed) in [
        (&[(0, 0)][..], None, 5.0, false),
        (&[(999, 999)], None, 5.0, false),
        (&[(1_000, 20_000)], None, 5.0, false),
        (&[(1_001, 20_000)], None, 5.0, true),
        (&[(1_000, 20_000), (2_000, 20_000)], None, 5.0, true),
        (&[(2_000, 2_000)], None, 100.0, false),
        (&[(4_000, 2_000)], None, 100.0, true),
        (&[(10, 100), (10, 100)], Some(20), 5.0, false),
        (&[(10, 100), (11, 100)], Some(20), 5.0, true),
    ] {
        let counts: Vec<Count> =
            counts.iter().map(|(most, rows)| Count { most: *most, rows: *rows }).collect();
        let all: Vec<u64> = counts.iter().map(|count| count.most).collect();
        assert_eq!(could_stop(&counts, max_count, max_share), rehearsed, "{all:?} {max_count:?} {max_share}");
    }
}
