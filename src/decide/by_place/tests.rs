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
        (
            "evidence is annotated on paper as it is here",
            "C-1",
            Right::Rectify,
            Sweep::Correct(vec![("contact".into(), "phone".into()), ("contract".into(), "amount".into())]),
            &["contact", "contract"],
            &["paper: correct contact.phone (Archive)", "paper: add a note on contract.amount (Archive)"],
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
