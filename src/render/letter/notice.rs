//! A notice to whoever received the data: who it is about, what they have, what they are asked to do.

use super::{Brief, asked, head};
use crate::{
    decide::{hand_over, letters::Scope},
    domain::{Category, Right},
    render::{Words, guard},
};

/// By name; for whoever has an address of a device alone by the references of what they received, since the link of
/// the two is what the ban keeps from them.
pub(super) fn person(brief: &Brief<'_>, words: &Words) -> String {
    let by_number = || brief.case.map(|case| case.number.to_string());
    let nameless = hand_over::has_address_alone(brief.handed_over(), brief.rulebook);
    let references = brief.handed_over().map(|one| one.reference.trim());
    let references: Vec<&str> = references.filter(|text| nameless && !text.is_empty()).collect();
    if !references.is_empty() {
        let names = guard::terminal(&references.join(", "));
        return words.say_with("letter-person-transfer", &[("names", names.into())]);
    }
    let name = brief.dossier.filter(|_| !nameless).and_then(head::full_name).or_else(by_number);
    name.unwrap_or_else(|| words.say("letter-to-person"))
}

/// Category, purpose, day of each transfer to them; where the request is about some categories, of these alone.
pub(super) fn handed_over(brief: &Brief<'_>, words: &Words) -> Vec<[String; 3]> {
    let asked = |category: &&Category| asked::covers(brief, category);
    let row = |one: &crate::domain::Disclosure| {
        let categories = one.categories.iter().filter(asked);
        let categories = categories.map(|category| words.term("category", category.as_str()));
        let what = categories.collect::<Vec<_>>().join(", ");
        [what, words.term("purpose", one.purpose.as_str()), words.day(one.at.day())]
    };
    let concerned = |one: &&crate::domain::Disclosure| {
        one.categories.is_empty() || one.categories.iter().any(|category| asked(&category))
    };
    brief.handed_over().filter(concerned).map(row).collect()
}

/// What they are asked to do, as a word of the sentences about it.
pub(super) fn please(right: Option<Right>, scope: Option<&Scope>) -> &'static str {
    match right {
        Some(Right::Revoke) if scope.is_some_and(|scope| !scope.purposes.is_empty()) => "stop",
        Some(Right::Rectify) => "rectify",
        Some(Right::Object | Right::OptOut) => "stop",
        Some(Right::Restrict) => "block",
        Some(Right::Unblock) => "unblock",
        _ => "destroy",
    }
}

/// Whether a category is of what its reader has: a recipient learns of no other data.
pub(super) fn concerns(brief: &Brief<'_>, category: &str) -> bool {
    let has = |known: &Category| known.as_str() == category;
    brief.handed_over().next().is_none() || brief.handed_over().any(|one| one.categories.iter().any(has))
}
