//! What would be destroyed and stays: what people have to do first, and what a row that stays refers to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Lens, anchors::Destroyed, fills_its_column};
use crate::{
    decide::grounds,
    domain::{Action, Category, Plan, Reason},
    execute::reach::{order, target},
    system::{map::Strategy, project::columns_of},
};

/// By which rule something stays, and until when.
pub(super) type Bound = (Reason, Option<NaiveDate>);

/// Rows of which something that would be destroyed stays.
#[derive(Default)]
pub(super) struct Stuck {
    /// People have to do it.
    pub by_hand: BTreeSet<usize>,
    /// They could not either: a row refers to it that a rule keeps, with which it goes.
    pub bound: BTreeMap<usize, Bound>,
    /// It goes once what the case waits for has come.
    pub waiting: BTreeSet<usize>,
}

impl Stuck {
    /// Of rows that do not go as a whole.
    pub fn of(lens: &Lens<'_>, plan: &Plan, (going, destroyed): (&BTreeSet<usize>, &Destroyed)) -> Self {
        let (mut kept, mut stuck) =
            (lens.kept(plan), Self { waiting: lens.waiting(plan), ..Self::default() });
        let left = |nth: &usize| {
            let row = &lens.remote.facts.rows.rows[*nth];
            destroyed[nth].iter().any(|category| lens.is_left_to_people(row, category))
        };
        stuck.by_hand = destroyed.keys().filter(|nth| !going.contains(nth)).copied().filter(left).collect();
        loop {
            let bound = |nth: &usize| Some((*nth, lens.bound(*nth, &kept)?));
            let in_key = stuck.by_hand.iter().filter(|nth| lens.is_in_key(**nth, &destroyed[*nth]));
            let more: BTreeMap<usize, Bound> = in_key.filter_map(bound).collect();
            if more.is_empty() {
                return stuck;
            }
            stuck.by_hand.retain(|nth| !more.contains_key(nth));
            kept.extend(more.clone());
            stuck.bound.extend(more);
        }
    }

    /// Whether something of a row stays that would be destroyed.
    pub fn has(&self, nth: usize) -> bool {
        self.by_hand.contains(&nth) || self.bound.contains_key(&nth)
    }
}

/// What has no day ends last.
fn is_longer(one: Option<NaiveDate>, other: Option<NaiveDate>) -> bool {
    other.is_some_and(|other| one.is_none_or(|one| one > other))
}

impl Lens<'_> {
    /// Rows of which something waits in the case.
    fn waiting(&self, plan: &Plan) -> BTreeSet<usize> {
        let keys = plan.waits.iter().flat_map(|wait| &wait.keys);
        keys.filter_map(|key| self.row(*key)).map(|(nth, ..)| nth).collect()
    }

    /// Rows of which a rule keeps something until a day.
    fn kept(&self, plan: &Plan) -> BTreeMap<usize, Bound> {
        let archived = plan.steps.iter().filter(|step| step.action == Action::Archive);
        let archived = archived.map(|step| (&step.keys, (&step.why, step.until)));
        let kept = plan.kept.iter().map(|kept| (&kept.keys, (&kept.why, kept.until)));
        let mut all = BTreeMap::<usize, Bound>::new();
        for (keys, (why, until)) in archived.chain(kept) {
            for (nth, ..) in keys.iter().filter_map(|key| self.row(*key)) {
                if all.get(&nth).is_none_or(|known| is_longer(until, known.1)) {
                    all.insert(nth, (why.clone(), until));
                }
            }
        }
        all
    }

    /// Whether all that no masking touches is the key of its row: people could not change it either.
    fn is_in_key(&self, nth: usize, categories: &BTreeSet<Category>) -> bool {
        let (graph, row) = (&self.remote.graph, &self.remote.facts.rows.rows[nth]);
        let node = self.node(row);
        let mut columns = categories.iter().flat_map(|category| columns_of(node, category));
        columns.all(|(place, field)| {
            let stuck = target::is_stuck(graph, row, &[place]);
            fills_its_column(node, field) && (!stuck || node.key.contains(&place))
        })
    }

    /// The rule of the row that refers longest to one that would be deleted.
    fn bound(&self, nth: usize, kept: &BTreeMap<usize, Bound>) -> Option<Bound> {
        let (graph, rows) = (&self.remote.graph, &self.remote.facts.rows.rows);
        let node = self.node(&rows[nth]);
        if node.is_keyless() || node.collection.erase != Some(Strategy::Delete) {
            return None;
        }
        let of = order::referring(graph, rows, nth).filter_map(|one| kept.get(&one));
        let (why, until) = of.reduce(|known, one| if is_longer(one.1, known.1) { one } else { known })?;
        Some((grounds::of_what_refers(why), *until))
    }
}
