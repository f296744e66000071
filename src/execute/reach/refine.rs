//! A decided plan made exact for other systems: by collection, with the columns that change; and what stays,
//! because others share it or the map knows no way.
//!
//! A step of another system without fields deletes rows; one with fields changes those columns. What is done
//! follows from the step alone, so that the digest of the plan covers it.

mod anchors;
mod change;
mod fit;
mod flags;
mod sight;
mod stuck;

use std::collections::BTreeSet;

use anchors::{Anchors, Destroyed};
use stuck::Stuck;

use super::{Remote, order, target};
use crate::{
    decide::{by_place, grounds, names},
    domain::{
        Action, Category, Decision, Gap, IdentifierType, Kept, Obligation, Plan, Reason, RecordKey, Right,
        Step, SubjectFacts, Wait,
    },
    execute::order::NewValue,
    policy::Rulebook,
    store::KeyFile,
    system::{
        map::{Field, Ownership, Strategy},
        project::{RowOf, columns_of},
        traverse::graph::{Graph, Node},
    },
};

/// What a plan is refined by.
pub struct Lens<'a> {
    /// What was found elsewhere.
    pub remote: &'a Remote,
    /// The person's facts, merged.
    pub facts: &'a SubjectFacts,
    /// The rules.
    pub rulebook: &'a Rulebook,
    /// The key file, by which masks are known again.
    pub key: Option<&'a KeyFile>,
    /// What is exercised.
    pub right: Right,
    /// New values, where something is corrected.
    pub changes: &'a [NewValue],
    /// The day.
    pub today: chrono::NaiveDate,
    /// Nobody has asked for it: what leads to rows that stay goes with them.
    pub at_night: bool,
    /// Rows that an open step of the same right means.
    pub unfinished: &'a BTreeSet<usize>,
}

/// Makes a plan exact. Gives the rows of several people that this one does not find any more once it is done.
pub fn refine(plan: &mut Plan, lens: &Lens<'_>) -> BTreeSet<usize> {
    let destroyed = lens.destroyed(&plan.steps);
    let going = lens.going(&destroyed);
    let stuck = Stuck::of(lens, plan, (&going, &destroyed));
    let steps = std::mem::take(&mut plan.steps);
    let anchors = anchors::anchors(lens, going, (&destroyed, &stuck), &lens.dying(&steps));
    let mut exact = Exact {
        lens,
        anchors,
        stuck,
        steps: Vec::new(),
        kept: Vec::new(),
        manual: Vec::new(),
        waits: std::mem::take(&mut plan.waits),
    };
    for step in steps {
        exact.step(step);
    }
    exact.flags();
    let Exact { mut steps, kept, manual, waits, anchors: Anchors { lost, loose, left, .. }, .. } = exact;
    let stays = !kept.is_empty();
    steps.extend(manual);
    (plan.steps, plan.waits) = (steps, waits);
    plan.kept.extend(kept);
    let unseen = lens.out_of_sight(&lost).into_iter().chain(lens.out_of_hand(&loose));
    for missing in lens.remote.left_out().into_iter().chain(unseen) {
        plan.gaps.push(Gap { category: None, keys: Vec::new(), missing });
    }
    if plan.decision == Decision::Grant && (stays || !plan.gaps.is_empty()) {
        plan.decision = Decision::Partial;
    }
    left
}

impl Lens<'_> {
    fn under(&self) -> target::Under<'_> {
        target::Under { key: self.key, controller: &self.facts.controller }
    }

    fn row(&self, key: RecordKey) -> Option<(usize, &RowOf, &Category)> {
        let (nth, category) = self.remote.facts.rows.of_record(key)?;
        Some((nth, &self.remote.facts.rows.rows[nth], category))
    }

    /// The open deal that a row is.
    fn deal(&self, nth: usize) -> Option<&Obligation> {
        let reference = self.remote.facts.rows.open_deals.get(&nth)?;
        self.facts.open_obligations().find(|deal| deal.reference == *reference)
    }

    fn node(&self, row: &RowOf) -> &Node {
        &self.remote.graph.nodes[row.found.node]
    }

    /// The kinds of names that the own store forgets with the records that it destroys.
    fn dying(&self, steps: &[Step]) -> Vec<IdentifierType> {
        let destroyed = steps.iter().filter(|step| step.action == Action::Destroy && step.is_on_records());
        let gone: BTreeSet<i64> =
            destroyed.flat_map(|step| &step.keys).map(|key| key.id).filter(|id| *id >= 0).collect();
        if gone.is_empty() {
            return Vec::new();
        }
        let left = self.facts.records.iter().filter(|record| !gone.contains(&record.key.id));
        let here = self.facts.open_obligations().any(|deal| deal.id >= 0);
        let protected = here || !self.facts.holds.is_empty() || self.facts.any_stop().is_some();
        names::dying(self.rulebook, &left.map(|record| record.category.clone()).collect(), protected)
    }

    /// What of each row is destroyed.
    fn destroyed(&self, steps: &[Step]) -> Destroyed {
        let mut destroyed = Destroyed::new();
        for key in steps.iter().filter(|step| step.action == Action::Destroy).flat_map(|step| &step.keys) {
            if let Some((nth, _, category)) = self.row(*key) {
                destroyed.entry(nth).or_default().insert(category.clone());
            }
        }
        destroyed
    }

    /// Whether people have to destroy what a row that is theirs alone says of a category: it has no key, or the map knows
    /// no way.
    fn is_left_to_people(&self, row: &RowOf, category: &Category) -> bool {
        let (graph, node) = (&self.remote.graph, self.node(row));
        let alone = !is_shared(row) || row.found.orphan;
        let whole = || columns_of(node, category).into_iter().any(|(_, field)| fills_its_column(node, field));
        alone && (node.is_keyless() || is_stuck(graph, row, category) || !whole())
    }

    /// Rows that go as a whole: theirs alone, everything in them destroyed, meant to go by the map, and no row of
    /// theirs that stays hangs on them.
    fn going(&self, destroyed: &Destroyed) -> BTreeSet<usize> {
        let held = |row: usize| {
            self.facts.records.iter().filter(|r| self.row(r.key).is_some_and(|(n, ..)| n == row)).count()
        };
        let whole = |(nth, gone): (&usize, &BTreeSet<Category>)| {
            let row = &self.remote.facts.rows.rows[*nth];
            let own = row.found.ownership == Ownership::Owner && !row.found.shared || row.found.orphan;
            let node = self.node(row);
            let meant = !node.is_keyless() && node.collection.erase == Some(Strategy::Delete);
            (own && meant && held(*nth) == gone.len()).then_some(*nth)
        };
        let going = destroyed.iter().filter_map(whole).collect();
        order::without_parents_of_what_stays(&self.remote.graph, &self.remote.facts.rows.rows, going)
    }
}

struct Exact<'a> {
    lens: &'a Lens<'a>,
    anchors: Anchors,
    stuck: Stuck,
    steps: Vec<Step>,
    kept: Vec<Kept>,
    manual: Vec<Step>,
    waits: Vec<Wait>,
}

impl Exact<'_> {
    fn step(&mut self, mut step: Step) {
        let elsewhere: Vec<RecordKey> = match step.action {
            Action::Destroy | Action::Archive | Action::Rectify | Action::Annotate
                if step.is_on_records() =>
            {
                step.keys.iter().copied().filter(|key| key.id < 0).collect()
            }
            Action::Withdraw => step.keys.iter().copied().filter(|key| key.id < 0).collect(),
            _ => Vec::new(),
        };
        if elsewhere.is_empty() {
            self.steps.push(step);
            return;
        }
        step.keys.retain(|key| key.id >= 0);
        let template = Step { keys: Vec::new(), ..step.clone() };
        if !step.keys.is_empty() {
            step.system = crate::store::facts::OWN.into();
            self.steps.push(step);
        }
        for key in elsewhere {
            match template.action {
                Action::Destroy => self.destroy(&template, key),
                Action::Archive => self.archive(&template, key),
                Action::Rectify => self.rectify(&template, key),
                Action::Annotate => self.annotate(&template, key),
                _ => self.withdraw(&template, key),
            }
        }
    }

    /// Joins a step that is otherwise the same.
    fn push(&mut self, step: Step) {
        let same = |known: &&mut Step| {
            let place = (&known.system, &known.collection) == (&step.system, &step.collection);
            place
                && (known.action, known.effect, known.until) == (step.action, step.effect, step.until)
                && (&known.category, &known.fields, &known.why) == (&step.category, &step.fields, &step.why)
        };
        match self.steps.iter_mut().find(same) {
            Some(known) => known.keys.extend(step.keys),
            None => self.steps.push(step),
        }
    }

    fn at(&self, template: &Step, row: &RowOf, key: RecordKey, fields: Vec<String>) -> Step {
        let node = self.lens.node(row);
        let system = self.lens.remote.searched.get(node.system).cloned().unwrap_or_default();
        let (collection, meant) = (node.collection.name.clone(), meant(template));
        Step { system, collection, keys: vec![key], fields, meant, ..template.clone() }
    }

    /// Somebody else's copy would change.
    fn keep_shared(&mut self, action: Action, row: &RowOf, category: &Category, key: RecordKey) {
        let why = grounds::of_others(self.lens.rulebook, "others share it: their copy must not change");
        self.keep(action, row, category, key, why);
    }

    fn keep(&mut self, action: Action, row: &RowOf, category: &Category, key: RecordKey, why: Reason) {
        self.keep_until(action, (row, category, key), why, None);
    }

    fn keep_until(
        &mut self,
        action: Action,
        (row, category, key): (&RowOf, &Category, RecordKey),
        why: Reason,
        until: Option<chrono::NaiveDate>,
    ) {
        let node = self.lens.node(row);
        let system = self.lens.remote.searched.get(node.system).cloned().unwrap_or_default();
        let same = |known: &&mut Kept| {
            known.system == system
                && known.action == action
                && known.category == *category
                && (&known.why, known.until) == (&why, until)
        };
        match self.kept.iter_mut().find(same) {
            Some(known) => known.keys.push(key),
            None => {
                let category = category.clone();
                self.kept.push(Kept { action, category, system, keys: vec![key], until, why });
            }
        }
    }

    fn destroy(&mut self, template: &Step, key: RecordKey) {
        let Some((nth, row, category)) = self.lens.row(key) else { return };
        let (row, category) = (row.clone(), category.clone());
        if self.anchors.going.contains(&nth) {
            let step = self.at(template, &row, key, Vec::new());
            return self.push(step);
        }
        let graph = &self.lens.remote.graph;
        let shared = is_shared(&row) && !row.found.orphan;
        let node = self.lens.node(&row);
        let places: Vec<usize> = if shared {
            row.found.via.iter().flat_map(|nth| graph.edges[*nth].blank.iter().copied()).collect()
        } else {
            let columns = columns_of(node, &category).into_iter();
            columns.filter(|(_, field)| fills_its_column(node, field)).map(|(place, _)| place).collect()
        };
        let (held, places): (Vec<usize>, Vec<usize>) =
            places.into_iter().partition(|place| self.anchors.held.contains(&(nth, *place)));
        let fields = target::changing(graph, &row, &places, self.lens.under());
        let keyless = node.is_keyless();
        if !fields.is_empty() && !keyless {
            let step = self.at(template, &row, key, fields.clone());
            self.push(step);
        }
        if shared && row.found.ownership == Ownership::Owner {
            self.keep_shared(template.action, &row, &category, key);
        } else if keyless && (!shared || !fields.is_empty()) {
            self.without_key(template, &row, &category);
        } else if let Some((why, until)) = self.bound(nth, &row, &category) {
            self.keep_until(template.action, (&row, &category, key), why, until);
        } else if self.lens.is_left_to_people(&row, &category) || places.len() + held.len() == 0 {
            let (place, by) = (&node.collection.name, self.lens.found_by(&row, &fields));
            let task = format!(
                "destroy: {category} in {place}: the map knows no way to destroy it: have people find it by {by} and do it"
            );
            self.by_hand(template, &row, task);
        }
        if !held.is_empty() {
            let deal =
                held.iter().find_map(|place| self.lens.deal(*self.anchors.to_deals.get(&(nth, *place))?));
            let why = match deal {
                Some(deal) => self.until_closed(deal, key),
                None => grounds::of_what_stays(&template.why),
            };
            self.keep(template.action, &row, &category, key, why);
        }
    }

    /// By which rule something stays that nobody could destroy before a row that refers to it.
    fn bound(&self, nth: usize, row: &RowOf, category: &Category) -> Option<stuck::Bound> {
        let bound = self.stuck.bound.get(&nth)?;
        self.lens.is_left_to_people(row, category).then(|| bound.clone())
    }

    /// Why something stays by which an open deal is found; it waits for the end of the deal.
    fn until_closed(&mut self, deal: &Obligation, key: RecordKey) -> Reason {
        let (why, on, reopens) = grounds::of_open_deal(self.lens.rulebook, self.lens.right, deal);
        match self.waits.iter_mut().find(|wait| wait.on == on) {
            Some(known) => known.keys.push(key),
            None => {
                let (keys, consents, statutory) = (vec![key], Vec::new(), None);
                self.waits.push(Wait { on, keys, consents, reopens, statutory });
                self.waits.sort_by(|a, b| a.on.cmp(&b.on));
            }
        }
        why
    }

    /// Kept for the law alone: the own register says so, and a flag there, where the map has one.
    fn archive(&mut self, template: &Step, key: RecordKey) {
        let Some((_, row, _)) = self.lens.row(key) else { return };
        let row = row.clone();
        let flags = !is_shared(&row) && !self.lens.node(&row).is_keyless();
        let flag = if flags { target::flag(self.lens.node(&row), &row, true) } else { None };
        let step = self.at(template, &row, key, flag.into_iter().collect());
        self.push(step);
    }
}

/// What a correction corrects, with its category.
fn meant(template: &Step) -> Vec<String> {
    let category = template.category.iter().filter(|_| template.action == Action::Rectify);
    category
        .flat_map(|category| template.fields.iter().map(move |field| format!("{category}.{field}")))
        .collect()
}

/// Whether somebody else owns the row, or the person only appears in it.
pub(super) fn is_shared(row: &RowOf) -> bool {
    row.found.shared || row.found.ownership == Ownership::Accessor
}

/// Whether something of a category stays in its row however it is masked: in a column that is not to be changed, or
/// inside a document of several categories, where it has no column of its own.
pub fn is_stuck(graph: &Graph, row: &RowOf, category: &Category) -> bool {
    let node = &graph.nodes[row.found.node];
    let (whole, nested): (Vec<_>, Vec<_>) =
        columns_of(node, category).into_iter().partition(|(_, field)| fills_its_column(node, field));
    let places: Vec<usize> = whole.into_iter().map(|(place, _)| place).collect();
    !nested.is_empty() || target::is_stuck(graph, row, &places)
}

/// What people have to do about rows that could be another person's.
pub fn to_assign(lens: &Lens<'_>) -> Vec<Step> {
    by_place::to_assign(lens.right, &lens.remote.left_out(), lens.rulebook, lens.today)
}

/// Everything that the map knows in the field's column is of its category: the column can go as a whole.
fn fills_its_column(node: &Node, field: &Field) -> bool {
    let beside = node.collection.fields.iter().filter(|other| other.column == field.column);
    beside.clone().all(|other| other.category == field.category)
}
