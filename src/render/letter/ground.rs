//! Why something was done or not, for the person to read.
//!
//! A clause of the published policy is always named. An article of the law is printed only where a lawyer has
//! confirmed the rule, and never from memory.

use super::Brief;
use crate::{
    domain::{Action, outcome::Line},
    policy::Rulebook,
    render::{Lang, Words},
};

/// What a rule means here, else its gist; its clause, and its article where that may be printed.
pub(super) fn of(line: &Line, brief: &Brief<'_>, words: &Words) -> String {
    let rulebook = brief.rulebook;
    let gist = meaning(line, rulebook, words).or_else(|| gist(&line.rule, rulebook, words));
    let gist = gist.unwrap_or_else(|| general(line.action, words));
    let clause = line.clause.as_deref().filter(|clause| is_number(clause));
    let clause =
        clause.map(|clause| words.say_with("letter-clause", &[("clause", clause.to_owned().into())]));
    let law = citation(&line.rule, brief, words);
    [Some(gist), clause, law].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What the plan said beyond the rule's own words; another rule that it names is told by its gist, never by its id.
fn meaning(line: &Line, rulebook: &Rulebook, words: &Words) -> Option<String> {
    let says = line.says.as_deref()?;
    if rulebook.rule(&line.rule).is_some_and(|rule| rule.says == says) {
        return None;
    }
    let split = says.split_once(": ").map(|(head, here)| (head, by_another(here, rulebook, words)));
    if words.lang() == Lang::En {
        return match split {
            Some((head, Some(other))) => Some(format!("{head}: {other}")),
            _ => Some(says.to_owned()),
        };
    }
    let whole = words.phrase(says);
    if whole != says {
        return Some(whole);
    }
    let (_, here) = says.split_once(": ")?;
    let here = by_another(here, rulebook, words).unwrap_or_else(|| words.phrase(here));
    // What has no words in the language is left out.
    let known = says.split_once(": ").is_some_and(|(_, english)| english != here);
    known.then(|| Some(format!("{}: {here}", gist(&line.rule, rulebook, words)?))).flatten()
}

/// `KZ-7.8, documents of account …`: the gist of that rule.
fn by_another(here: &str, rulebook: &Rulebook, words: &Words) -> Option<String> {
    let (id, _) = here.split_once(", ")?;
    rulebook.rule(id)?;
    gist(id, rulebook, words)
}

/// A ground named by its code alone.
pub(super) fn named(code: &str, brief: &Brief<'_>, words: &Words) -> String {
    let gist = gist(code, brief.rulebook, words).unwrap_or_else(|| code.to_owned());
    [Some(gist), citation(code, brief, words)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What the rule says: its own words in English, translated elsewhere.
fn gist(id: &str, rulebook: &Rulebook, words: &Words) -> Option<String> {
    let own = || rulebook.rule(id).filter(|_| words.lang() == Lang::En).map(|rule| rule.says.clone());
    words.rule(id).or_else(own)
}

fn general(action: Action, words: &Words) -> String {
    words.say(if action == Action::Archive { "letter-ground-archive" } else { "letter-ground-keep" })
}

/// The articles behind a rule, or nothing: an unconfirmed citation in a letter is worse than none.
pub(super) fn citation(id: &str, brief: &Brief<'_>, words: &Words) -> Option<String> {
    let day = brief.case.map_or(brief.today, |case| case.received.day());
    brief.rulebook.citation(id, day).map(|articles| words.law(&articles))
}

/// `8.10`, not `silent`: where a policy is silent there is no clause to name.
fn is_number(clause: &str) -> bool {
    clause.starts_with(|c: char| c.is_ascii_digit())
}
