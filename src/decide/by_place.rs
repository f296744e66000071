//! Steps in systems that no program reaches: what the plan does here has to be done there by hand.
//!
//! Each plan of a right gets a step for every such system that holds the categories it is about. What
//! something keeps here is kept there; what is not held here may lie there all the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    by_hand::STOP_USE,
    draft::Request,
    guard::{self, Guard},
    reasons, retention,
    stay::Stay,
};
use crate::{
    domain::{Action, Category, Decision, Kept, Plan, Reason, Right, Step, SubjectFacts, Wait},
    policy::{
        Rulebook,
        places::{Place, Places},
    },
};

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
    let why = reasons::granted(scene.rulebook, scene.right, scene.received);
    let why = reasons::meaning(&why, "the same is done in systems that people keep");
    let judged = plan.clone();
    for (name, place) in places {
        let spared = spared(&judged, sweep, place, scene);
        for (task, until) in tasks(&judged, sweep, place, scene, &spared) {
            plan.steps.push(step(name, format!("{task} ({})", place.owner), until, why.clone()));
        }
        spared.iter().for_each(|word| stays(plan, name, word, scene));
    }
}

/// The categories that would be destroyed in a place if nothing protected them there.
fn spared(plan: &Plan, sweep: &Sweep, place: &Place, scene: Scene<'_>) -> BTreeSet<String> {
    if *sweep == Sweep::AsPlanned {
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
    let request = if scene.right == Right::Erase { Request::Erasure } else { Request::Withdrawal };
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

/// What has to be looked for where nobody of that name is held here.
pub fn look_up(right: Right, places: &Places, rulebook: &Rulebook, today: NaiveDate) -> Vec<Step> {
    let task = match right {
        Right::Access | Right::Export => "look the person up and add what is found to the answer",
        Right::Object => "look the person up and stop the purposes",
        _ => "look the person up and destroy what no law keeps",
    };
    let open = places.iter().map(|(name, place)| (name.clone(), format!("{task} ({})", place.owner)));
    to_look(right, &open.collect::<Vec<_>>(), rulebook, today)
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
        Sweep::Block(_) | Sweep::Unblock | Sweep::Correct(_) => (BTreeSet::new(), BTreeSet::new()),
    }
}

/// What may lie in a place, of the categories asked for (none = all).
fn listed(place: &Place, rulebook: &Rulebook, asked: &[Category]) -> BTreeSet<String> {
    let asked = |id: &Category| asked.is_empty() || asked.iter().any(|word| id.is_under(word));
    let held = rulebook.categories().iter().filter(|def| def.personal && place.holds(&def.id));
    held.filter(|def| asked(&def.id)).map(|def| def.id.to_string()).collect()
}

fn tasks(
    plan: &Plan,
    sweep: &Sweep,
    place: &Place,
    scene: Scene<'_>,
    spared: &BTreeSet<String>,
) -> Vec<(String, Option<NaiveDate>)> {
    let rulebook = scene.rulebook;
    let mut tasks = Vec::new();
    let mut task = |verb: &str, words: BTreeSet<String>, until: Option<NaiveDate>| {
        if !words.is_empty() {
            let words = words.into_iter().collect::<Vec<_>>().join(", ");
            tasks.push((format!("{verb} {words}"), until));
        }
    };
    match sweep {
        Sweep::Block(asked) => task(STOP_USE_OF, listed(place, rulebook, asked), None),
        Sweep::Unblock if plan.steps.iter().any(|step| step.action == Action::Unblock) => {
            task("the check is over, use again:", listed(place, rulebook, &[]), None);
        }
        Sweep::Unblock => {}
        Sweep::Correct(fields) => {
            let here = fields.iter().filter(|(category, _)| place.holds(category));
            task("correct", here.map(|(category, field)| format!("{category}.{field}")).collect(), None);
        }
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
            task("destroy", &planned | &rest, None);
            task("keep what an open deal needs and destroy the others:", mixed, None);
            task("look for papers that a law keeps and destroy the others:", papers, None);
            for (until, categories) in archived(plan, place) {
                task("keep for the law alone, out of use:", categories, until);
            }
            let stopped = plan.steps.iter().filter(|step| step.action == Action::Suppress);
            let stopped = stopped.flat_map(|step| step.about.clone()).collect();
            task("stop for this person:", stopped, None);
        }
    }
    tasks
}

fn is_document(rulebook: &Rulebook, word: &str) -> bool {
    rulebook.category(&Category::new(word)).is_some_and(|def| def.is_document())
}

fn touched(plan: &Plan, action: Action, place: &Place) -> BTreeSet<String> {
    let steps = plan.steps.iter().filter(|step| step.action == action && step.is_on_records());
    let categories = steps.filter_map(|step| step.category.as_ref());
    categories.filter(|category| place.holds(category)).map(ToString::to_string).collect()
}

fn archived(plan: &Plan, place: &Place) -> BTreeMap<Option<NaiveDate>, BTreeSet<String>> {
    let mut by_day = BTreeMap::<_, BTreeSet<String>>::new();
    for step in plan.steps.iter().filter(|step| step.action == Action::Archive) {
        if let Some(category) = step.category.as_ref().filter(|category| place.holds(category)) {
            by_day.entry(step.until).or_default().insert(category.to_string());
        }
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
mod tests {
    use super::*;
    use crate::{
        decide::{
            cast::{block, hold, now, person, rules},
            erase::{Erasure, erase},
            restrict::{Restriction, restrict},
            revoke::{Withdrawal, revoke},
        },
        domain::{CaseNumber, OwedAnswer},
    };

    fn places(categories: &[&str]) -> Places {
        let categories = categories.iter().map(|&word| word.to_owned()).collect();
        let place = Place::manual("Archive", categories);
        [("paper".to_owned(), place)].into()
    }

    fn scene(facts: &SubjectFacts, right: Right) -> Scene<'_> {
        Scene { facts, rulebook: rules(facts), right, received: now().day(), statutory: None }
    }

    fn by_hand(reference: &str, right: Right, sweep: &Sweep, categories: &[&str]) -> Vec<String> {
        orders(&person(reference), right, sweep, categories).0
    }

    /// The steps by hand, and what of these places stays.
    fn orders(
        facts: &SubjectFacts,
        right: Right,
        sweep: &Sweep,
        categories: &[&str],
    ) -> (Vec<String>, Vec<String>) {
        let book = rules(facts);
        let mut plan = match right {
            Right::Erase => erase(facts, book, &Erasure::default(), now()),
            Right::Restrict => restrict(facts, book, &Restriction::default(), now(), now()),
            _ => revoke(facts, book, &Withdrawal::default(), now()),
        };
        let before = plan.steps.len();
        add(&mut plan, sweep, &places(categories), scene(facts, right));
        let ordered = plan.steps.drain(before..);
        let ordered = ordered.map(|step| format!("{}: {}", step.system, step.about.join(" "))).collect();
        let stays = plan.kept.iter().filter(|kept| kept.system == "paper");
        (ordered, stays.map(|kept| format!("{} by {}", kept.category, kept.why.rule)).collect())
    }

    #[test]
    fn what_is_protected_is_destroyed_nowhere() {
        let all = Sweep::Destroy(Vec::new());
        let mut blocked = person("C-1");
        block(&mut blocked, None, 5);
        let mut held = person("C-1");
        hold(&mut held, Some("identity_document"), "an order");
        let mut untold = person("C-1");
        untold.reply = Some(OwedAnswer { case: CaseNumber::new(2026, 7), made: false });
        for (about, facts, category, ordered, stays) in [
            ("a block", &blocked, "correspondence", "", "correspondence by MC-4.2-block"),
            (
                "a deal needs it",
                &person("C-2"),
                "identity_document",
                "",
                "identity_document by MC-8.10-revoke-cond",
            ),
            ("an order to keep it", &held, "identity_document", "", "identity_document by DC-41.4"),
            ("an answer has to tell it", &untold, "biometric", "", "biometric by MC-8.10-access"),
            ("nothing", &person("C-1"), "biometric", "paper: destroy biometric (Archive)", ""),
        ] {
            let (steps, kept) = orders(facts, Right::Revoke, &all, &[category]);
            let steps: Vec<_> = steps.into_iter().filter(|step| step.contains("destroy")).collect();
            assert_eq!((steps.join("; ").as_str(), kept.join("; ").as_str()), (ordered, stays), "{about}");
        }
    }

    #[test]
    fn what_is_done_here_is_done_there() {
        let all = || Sweep::Destroy(Vec::new());
        for (about, reference, right, sweep, categories, expected) in [
            (
                "held here and there",
                "C-1",
                Right::Erase,
                all(),
                &["contact"][..],
                &["paper: destroy contact (Archive)"][..],
            ),
            (
                "a paper held there alone",
                "C-26",
                Right::Erase,
                all(),
                &["contract"],
                &["paper: look for papers that a law keeps and destroy the others: contract (Archive)"],
            ),
            (
                "held there alone",
                "C-1",
                Right::Erase,
                all(),
                &["biometric"],
                &["paper: destroy biometric (Archive)"],
            ),
            (
                "what a law keeps here is kept there",
                "C-1",
                Right::Erase,
                all(),
                &["contract"],
                &["paper: keep for the law alone, out of use: contract (Archive)"],
            ),
            ("what an open deal needs stays there", "C-2", Right::Erase, all(), &["contract"], &[]),
            (
                "a block",
                "C-1",
                Right::Restrict,
                Sweep::Block(Vec::new()),
                &["contact", "portrait"],
                &["paper: stop the use of contact, portrait (Archive)"],
            ),
            (
                "a correction",
                "C-1",
                Right::Rectify,
                Sweep::Correct(vec![("contact".into(), "phone".into()), ("vehicle".into(), "vin".into())]),
                &["contact"],
                &["paper: correct contact.phone (Archive)"],
            ),
        ] {
            assert_eq!(by_hand(reference, right, &sweep, categories), expected, "{about}");
        }
    }

    #[test]
    fn a_system_without_a_list_holds_anything() {
        let found = by_hand("C-1", Right::Restrict, &Sweep::Block(vec!["contact".into()]), &[]);
        assert_eq!(found, ["paper: stop the use of contact (Archive)"]);
    }

    #[test]
    fn a_refusal_has_no_step() {
        let facts = person("C-1");
        let mut plan = erase(&facts, rules(&facts), &Erasure::default(), now());
        plan.decision = Decision::Refuse;
        let before = plan.clone();
        add(&mut plan, &Sweep::Destroy(Vec::new()), &places(&[]), scene(&facts, Right::Erase));
        assert_eq!(plan, before);
    }
}
