//! Steps in systems that no program reaches: what the plan does here has to be done there by hand.
//!
//! Each plan of a right gets a step for every such system that holds the categories it is about. What
//! something keeps here is kept there; what is not held here may lie there all the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::reasons;
use crate::{
    domain::{Action, Category, Decision, Plan, Reason, Right, Step},
    policy::{
        Rulebook,
        places::{Place, Places},
    },
};

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

/// Adds the steps by hand to a plan. Nothing is added to a refusal, and nothing to what was done before.
pub fn add(
    plan: &mut Plan,
    sweep: &Sweep,
    right: Right,
    places: &Places,
    rulebook: &Rulebook,
    today: NaiveDate,
) {
    if plan.decision == Decision::Refuse {
        return;
    }
    let why = reasons::granted(rulebook, right, today);
    let why = reasons::meaning(&why, "the same is done in systems that people keep");
    for (name, place) in places {
        for (task, until) in tasks(plan, sweep, place, rulebook) {
            plan.steps.push(step(name, format!("{task} ({})", place.owner), until, why.clone()));
        }
    }
}

/// What has to be looked for where nobody of that name is held here.
pub fn look_up(right: Right, places: &Places, rulebook: &Rulebook, today: NaiveDate) -> Vec<Step> {
    let why = reasons::granted(rulebook, right, today);
    let why = reasons::meaning(&why, "nothing is held here; it may lie in systems that people keep");
    let task = match right {
        Right::Access | Right::Export => "look the person up and add what is found to the answer",
        Right::Object => "look the person up and stop the purposes",
        _ => "look the person up and destroy what no law keeps",
    };
    let each = places.iter();
    each.map(|(name, place)| step(name, format!("{task} ({})", place.owner), None, why.clone())).collect()
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

fn step(place: &str, task: String, until: Option<NaiveDate>, why: Reason) -> Step {
    Step { system: place.into(), about: vec![task], until, ..Step::new(Action::Manual, "", why) }
}

fn tasks(plan: &Plan, sweep: &Sweep, place: &Place, rulebook: &Rulebook) -> Vec<(String, Option<NaiveDate>)> {
    let mut tasks = Vec::new();
    let mut task = |verb: &str, words: BTreeSet<String>, until: Option<NaiveDate>| {
        if !words.is_empty() {
            let words = words.into_iter().collect::<Vec<_>>().join(", ");
            tasks.push((format!("{verb} {words}"), until));
        }
    };
    let held = |asked: &[Category]| {
        let names = rulebook.categories().iter().filter(|def| def.personal && place.holds(&def.id));
        let asked = |id: &Category| asked.is_empty() || asked.iter().any(|word| id.is_under(word));
        names.filter(move |def| asked(&def.id)).map(|def| def.id.to_string()).collect::<BTreeSet<_>>()
    };
    match sweep {
        Sweep::Block(asked) => task("stop the use of", held(asked), None),
        Sweep::Unblock if plan.steps.iter().any(|step| step.action == Action::Unblock) => {
            task("the check is over, use again:", held(&[]), None);
        }
        Sweep::Unblock => {}
        Sweep::Correct(fields) => {
            let here = fields.iter().filter(|(category, _)| place.holds(category));
            task("correct", here.map(|(category, field)| format!("{category}.{field}")).collect(), None);
        }
        Sweep::Destroy(_) | Sweep::AsPlanned => {
            let planned = touched(plan, Action::Destroy, place);
            let absent = match sweep {
                Sweep::Destroy(asked) => &held(asked) - &known(plan),
                _ => BTreeSet::new(),
            };
            // What is not held here was judged by no rule: a paper of account may have to stay.
            let (papers, rest): (BTreeSet<_>, BTreeSet<_>) =
                absent.into_iter().partition(|word| is_document(rulebook, word));
            task("destroy", &planned | &rest, None);
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
    use crate::decide::{
        cast::{now, person, rules},
        erase::{Erasure, erase},
        restrict::{Restriction, restrict},
        revoke::{Withdrawal, revoke},
    };

    fn places(categories: &[&str]) -> Places {
        let categories = categories.iter().map(|&word| word.to_owned()).collect();
        let place = Place::manual("Archive", categories);
        [("paper".to_owned(), place)].into()
    }

    fn by_hand(reference: &str, right: Right, sweep: &Sweep, categories: &[&str]) -> Vec<String> {
        let facts = person(reference);
        let book = rules(&facts);
        let mut plan = match right {
            Right::Erase => erase(&facts, book, &Erasure::default(), now()),
            Right::Restrict => restrict(&facts, book, &Restriction::default(), now(), now()),
            _ => revoke(&facts, book, &Withdrawal::default(), now()),
        };
        let before = plan.steps.len();
        add(&mut plan, sweep, right, &places(categories), book, now().day());
        plan.steps.drain(before..).map(|step| format!("{}: {}", step.system, step.about.join(" "))).collect()
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
        add(&mut plan, &Sweep::Destroy(Vec::new()), Right::Erase, &places(&[]), rules(&facts), now().day());
        assert_eq!(plan, before);
    }
}
