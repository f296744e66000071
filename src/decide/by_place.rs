//! Steps in systems that no program reaches: what the plan does here has to be done there by hand.
//!
//! Each plan of a right gets a step for every such system that holds the categories it is about. What
//! something keeps here is kept there; what is not held here may lie there all the same.

pub mod again;
pub mod corrects;
pub mod deeds;
pub mod past;
pub mod put_off;
pub mod seek;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    by_hand::{CORRECT, DESTROY, KEEP_FOR_LAW, NOTE, SORT_FOR_DEAL, SORT_FOR_LAW, STOP_USE},
    draft::Request,
    guard::{self, Guard},
    reasons, retention,
    stay::Stay,
};
use crate::{
    domain::{Action, Category, Decision, Kept, Plan, Reason, RecordKey, Right, Step, SubjectFacts, Wait},
    policy::{
        Rulebook,
        places::{Place, Places},
    },
};

/// How the task of an objection begins.
const STOP_FOR: &str = "stop for this person:";
/// How the task of a block begins.
const STOP_USE_OF: &str = "stop the use of";

/// Whether a task of people is over when the block ends that set it.
pub fn ends_with_block(task: &str) -> bool {
    task == STOP_USE || task.starts_with(STOP_USE_OF)
}

/// What a right does to data that lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Destroy these categories (none = all) where nothing keeps them, held here or not.
    Destroy(Vec<Category>),
    /// Destroy and stop only what the plan destroys and stops.
    AsPlanned,
    /// Stop what the plan stops; all else waits until it is known who asks.
    Stop,
    /// Out of use: these categories (none = all).
    Block(Vec<Category>),
    /// In use again.
    Unblock,
    /// Correct these fields.
    Correct(Vec<(Category, String)>),
}

/// Whose request it is, and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The person.
    pub facts: &'a SubjectFacts,
    /// The rules.
    pub rulebook: &'a Rulebook,
    /// The right.
    pub right: Right,
    /// The day of receipt: its editions of the law grant the right.
    pub received: NaiveDate,
    /// The last day the law leaves for the answer, shown beside what waits.
    pub statutory: Option<NaiveDate>,
}

/// Adds the steps by hand to a plan. Nothing is added to a refusal, and nothing to what was done before. What
/// something protects is ordered to be destroyed nowhere: it is named as staying, and waits.
pub fn add(plan: &mut Plan, sweep: &Sweep, places: &Places, scene: Scene<'_>) {
    if plan.decision == Decision::Refuse {
        return;
    }
    let granted = reasons::granted(scene.rulebook, scene.right, scene.received);
    let judged = plan.clone();
    for (name, place) in places {
        let spared = spared(&judged, sweep, place, scene);
        for task in tasks(&judged, sweep, place, scene, &spared) {
            let why = task.followed(&judged).unwrap_or(&granted);
            let why = reasons::meaning(why, "the same is done in systems that people keep");
            plan.steps.push(step(name, format!("{} ({})", task.says, place.owner), task.until, why));
        }
        spared.iter().for_each(|word| stays(plan, name, word, scene));
    }
}

/// The categories that would be destroyed in a place if nothing protected them there.
fn spared(plan: &Plan, sweep: &Sweep, place: &Place, scene: Scene<'_>) -> BTreeSet<String> {
    if matches!(sweep, Sweep::AsPlanned | Sweep::Stop) {
        return BTreeSet::new(); // what only follows the plan was judged with it
    }
    let (planned, absent) = to_destroy(plan, sweep, place, scene.rulebook);
    let guard = |word: &String| guard::of_category(&Category::new(word), scene.facts, scene.rulebook);
    (&planned | &absent).into_iter().filter(|word| !matches!(guard(word), Guard::Free)).collect()
}

/// Names a category of a place as staying, and what it waits for.
fn stays(plan: &mut Plan, name: &str, word: &str, scene: Scene<'_>) {
    let category = Category::new(word);
    let guard = guard::of_category(&category, scene.facts, scene.rulebook);
    let erases = matches!(scene.right, Right::Erase | Right::Minor);
    let request = if erases { Request::Erasure } else { Request::Withdrawal };
    let Some(stay) = Stay::of(guard, request, scene.rulebook, scene.statutory) else { return };
    let (action, system) = (Action::Destroy, name.to_owned());
    plan.kept.push(Kept { action, category, system, keys: Vec::new(), until: stay.until, why: stay.why });
    if let Some((on, reopens)) = stay.on.filter(|(on, _)| plan.waits.iter().all(|wait| wait.on != *on)) {
        let (keys, consents) = (Vec::new(), Vec::new());
        plan.waits.push(Wait { on, keys, consents, reopens, statutory: scene.statutory });
        plan.waits.sort_by(|a, b| a.on.cmp(&b.on));
    }
    if plan.decision == Decision::Grant {
        plan.decision = Decision::Partial;
    }
}

/// What an answer of access or a copy lacks until people have looked.
pub fn to_answer(right: Right, places: &Places, rulebook: &Rulebook, today: NaiveDate) -> Vec<Step> {
    let why = reasons::granted(rulebook, right, today);
    let task = |place: &Place| match place.categories.as_slice() {
        [] => "look the person up and add what is found to the answer".to_owned(),
        all => format!("look up {} and add it to the answer", all.join(", ")),
    };
    let each = places.iter();
    each.map(|(name, place)| step(name, format!("{} ({})", task(place), place.owner), None, why.clone()))
        .collect()
}

/// Rows elsewhere that could be another person's: somebody has to say whose they are.
pub fn to_assign(right: Right, rows: &[String], rulebook: &Rulebook, today: NaiveDate) -> Vec<Step> {
    let why = reasons::granted(rulebook, right, today);
    rows.iter().map(|task| super::by_hand::manual(task, why.clone())).collect()
}

/// Where people have to look before it is said that nothing is held, each with what was left open there.
pub fn to_look(right: Right, open: &[(String, String)], rulebook: &Rulebook, today: NaiveDate) -> Vec<Step> {
    let why = reasons::granted(rulebook, right, today);
    let why = reasons::meaning(&why, "nothing is held here; it may lie in systems that people keep");
    open.iter().map(|(place, task)| step(place, task.clone(), None, why.clone())).collect()
}

fn step(place: &str, task: String, until: Option<NaiveDate>, why: Reason) -> Step {
    Step { system: place.into(), about: vec![task], until, ..Step::new(Action::Manual, "", why) }
}

/// The categories that the sweep destroys in a place: those of which records are destroyed here, and those of
/// which nothing is held here.
fn to_destroy(
    plan: &Plan,
    sweep: &Sweep,
    place: &Place,
    rulebook: &Rulebook,
) -> (BTreeSet<String>, BTreeSet<String>) {
    match sweep {
        Sweep::Destroy(asked) => {
            (touched(plan, Action::Destroy, place), &listed(place, rulebook, asked) - &known(plan))
        }
        Sweep::AsPlanned => (touched(plan, Action::Destroy, place), BTreeSet::new()),
        Sweep::Stop | Sweep::Block(_) | Sweep::Unblock | Sweep::Correct(_) => {
            (BTreeSet::new(), BTreeSet::new())
        }
    }
}

/// What may lie in a place, of the categories asked for (none = all).
fn listed(place: &Place, rulebook: &Rulebook, asked: &[Category]) -> BTreeSet<String> {
    let asked = |id: &Category| asked.is_empty() || asked.iter().any(|word| id.is_under(word));
    let held = rulebook.categories().iter().filter(|def| def.personal && place.holds(&def.id));
    held.filter(|def| asked(&def.id)).map(|def| def.id.to_string()).collect()
}

/// What people do in a place as the plan does it here.
struct Task {
    /// In words.
    says: String,
    until: Option<NaiveDate>,
    /// The steps of the plan that it follows.
    follows: &'static [Action],
    /// Their categories, or what else they are about.
    about: BTreeSet<String>,
}

impl Task {
    /// The reason of the step that it follows: one of the same data, else one of its kind; or of what stays for the
    /// same law. `None` where it follows none: nothing of the kind is held here.
    fn followed<'p>(&self, plan: &'p Plan) -> Option<&'p Reason> {
        let steps = || plan.steps.iter().filter(|step| self.follows.contains(&step.action));
        let named = |category: &Category| self.about.contains(category.as_str());
        let same = steps().find(|step| step.category.as_ref().is_some_and(named));
        let archives = self.follows.contains(&Action::Archive);
        let stays =
            plan.kept.iter().find(|kept| archives && named(&kept.category) && kept.until == self.until);
        let alike = || steps().next().filter(|_| self.follows != [Action::Destroy]);
        same.map(|step| &step.why).or(stays.map(|kept| &kept.why)).or_else(|| Some(&alike()?.why))
    }
}

fn tasks(
    plan: &Plan,
    sweep: &Sweep,
    place: &Place,
    scene: Scene<'_>,
    spared: &BTreeSet<String>,
) -> Vec<Task> {
    use Action as A;
    let rulebook = scene.rulebook;
    let mut tasks = Vec::new();
    let mut add = |verb: &str, about: BTreeSet<String>, until, follows| {
        if !about.is_empty() {
            let words = about.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            tasks.push(Task { says: format!("{verb} {words}"), until, follows, about });
        }
    };
    let mut task = |verb: &str, about, follows| add(verb, about, None, follows);
    match sweep {
        Sweep::Block(asked) => task(STOP_USE_OF, listed(place, rulebook, asked), &[A::Block][..]),
        Sweep::Unblock if plan.steps.iter().any(|step| step.action == Action::Unblock) => {
            task("the check is over, use again:", listed(place, rulebook, &[]), &[A::Unblock]);
        }
        Sweep::Unblock => {}
        Sweep::Correct(fields) => {
            let here = fields.iter().filter(|(category, _)| place.holds(category));
            let (noted, corrected): (Vec<_>, Vec<_>) =
                here.partition(|named| is_evidence(plan, rulebook, named));
            let words = |fields: Vec<&(Category, String)>| {
                fields.into_iter().map(|(category, field)| format!("{category}.{field}")).collect()
            };
            task(CORRECT, words(corrected), &[A::Rectify, A::Annotate]);
            task(NOTE, words(noted), &[A::Annotate, A::Rectify]);
        }
        Sweep::Stop => task(STOP_FOR, stopped(plan), &[A::Suppress]),
        Sweep::Destroy(_) | Sweep::AsPlanned => {
            let (planned, absent) = to_destroy(plan, sweep, place, rulebook);
            // What is not held here was judged by no rule: a paper of account may have to stay.
            let (papers, rest): (BTreeSet<_>, BTreeSet<_>) =
                (&absent - spared).into_iter().partition(|word| is_document(rulebook, word));
            // Records were judged one by one; on paper an open deal may need what stands beside them.
            let needed = |word: &String| {
                retention::listed_obligation(&Category::new(word), scene.facts, rulebook).is_some()
            };
            let (mixed, planned): (BTreeSet<_>, BTreeSet<_>) =
                (&planned - spared).into_iter().partition(needed);
            task(DESTROY, &planned | &rest, &[A::Destroy]);
            task(SORT_FOR_DEAL, mixed, &[A::Destroy]);
            task(SORT_FOR_LAW, papers, &[A::Destroy]);
            task(STOP_FOR, stopped(plan), &[A::Suppress]);
            for (until, categories) in archived(plan, place, scene.facts) {
                add(KEEP_FOR_LAW, categories, until, &[A::Archive]);
            }
        }
    }
    tasks
}

/// The purposes that the plan stops.
fn stopped(plan: &Plan) -> BTreeSet<String> {
    let steps = plan.steps.iter().filter(|step| step.action == Action::Suppress);
    steps.flat_map(|step| step.about.clone()).collect()
}

/// Whether a field is annotated as it is here: a primary document is not rewritten on paper either.
fn is_evidence(plan: &Plan, rulebook: &Rulebook, (category, field): &(Category, String)) -> bool {
    let does = |action: Action| {
        let mut steps = plan.steps.iter().filter(|step| step.action == action && step.is_on_records());
        steps.any(|step| step.category.as_ref() == Some(category) && step.fields.contains(field))
    };
    !does(Action::Rectify) && (does(Action::Annotate) || is_document(rulebook, category.as_str()))
}

fn is_document(rulebook: &Rulebook, word: &str) -> bool {
    rulebook.category(&Category::new(word)).is_some_and(|def| def.is_document())
}

fn touched(plan: &Plan, action: Action, place: &Place) -> BTreeSet<String> {
    let steps = plan.steps.iter().filter(|step| step.action == action && step.is_on_records());
    let categories = steps.filter_map(|step| step.category.as_ref());
    categories.filter(|category| place.holds(category)).map(ToString::to_string).collect()
}

fn archived(
    plan: &Plan,
    place: &Place,
    facts: &SubjectFacts,
) -> BTreeMap<Option<NaiveDate>, BTreeSet<String>> {
    let mut by_day = BTreeMap::<_, BTreeSet<String>>::new();
    let steps = plan.steps.iter().filter(|step| step.action == Action::Archive);
    let steps = steps.filter_map(|step| Some((step.category.as_ref()?, step.until)));
    // What a night archived stays in every place, and no plan archives it again.
    let until = |key: &RecordKey| facts.records.iter().find(|record| record.key == *key)?.archived_until;
    let by_law = |kept: &&Kept| kept.keys.iter().filter_map(until).any(|day| kept.until >= Some(day));
    let stays = plan.kept.iter().filter(by_law);
    let stays = stays.map(|kept| (&kept.category, kept.until));
    for (category, until) in steps.chain(stays).filter(|(category, _)| place.holds(category)) {
        by_day.entry(until).or_default().insert(category.to_string());
    }
    by_day
}

/// Every category about which the plan says something.
fn known(plan: &Plan) -> BTreeSet<String> {
    let steps = plan.steps.iter().filter_map(|step| step.category.as_ref());
    let kept = plan.kept.iter().map(|kept| &kept.category);
    let gaps = plan.gaps.iter().filter_map(|gap| gap.category.as_ref());
    steps.chain(kept).chain(gaps).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
