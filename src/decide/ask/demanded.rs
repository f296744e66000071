//! Answers out of what the rules demand of the company: articles, duties, bans, conditions, the register.

use super::Reply;
use crate::decide::layer::{by_law, by_policy};
use crate::policy::{
    Rulebook,
    ask::{AskArticle, AskInForce, Need},
    body::{Body, Condition},
    model::Rule,
    vocabulary::{Ban, Basis, Duty},
};

/// The edition of an article on a day: its limit for the right, else that it grants it.
pub(super) fn article(rulebook: &Rulebook, ask: &AskArticle) -> Reply {
    let cited = |rule: &&Rule| rule.article.as_deref() == Some(ask.article.as_str());
    let Some(rule) = by_law(rulebook, |rule| cited(rule) && rule.in_force(ask.on.0)) else {
        return Reply::none("not in force");
    };
    let (law, _) = rulebook.terms(ask.right, ask.on.0);
    let term = law.into_iter().find(|term| term.why.rule == rule.id).and_then(|term| term.limit);
    match (&rule.body, term) {
        (_, Some(limit)) => Reply::of(limit.to_string(), Some(rule)),
        (Body::Right(right), None) if right.grants.contains(&ask.right) => Reply::of("granted", Some(rule)),
        _ => Reply::none("nothing"),
    }
}

/// Whether a rule of the law speaks on a day.
pub(super) fn in_force(rulebook: &Rulebook, ask: &AskInForce) -> Reply {
    match by_law(rulebook, |rule| rule.id == ask.law && rule.in_force(ask.on.0)) {
        Some(rule) => Reply::of("in force", Some(rule)),
        None => Reply::none("not in force"),
    }
}

/// The limit of a duty that is no right of a person.
pub(super) fn within(rulebook: &Rulebook, duty: Duty) -> Reply {
    let sets = |rule: &&Rule| match &rule.body {
        Body::Deadline(items) => items.iter().any(|item| item.duty == Some(duty)),
        _ => false,
    };
    let found = by_policy(rulebook, sets).or_else(|| by_law(rulebook, sets));
    let limit = found.and_then(|rule| match &rule.body {
        Body::Deadline(items) => items.iter().find(|item| item.duty == Some(duty))?.terms.limit,
        _ => None,
    });
    limit.map_or_else(|| Reply::none("nothing"), |limit| Reply::of(limit.to_string(), found))
}

pub(super) fn task(rulebook: &Rulebook, word: &str) -> Reply {
    let demands = |rule: &&Rule| matches!(&rule.body, Body::Duty(duty) if duty.task.contains(word));
    let found = by_law(rulebook, demands).or_else(|| by_policy(rulebook, demands));
    Reply::of(if found.is_some() { "demanded" } else { "not demanded" }, found)
}

pub(super) fn forbidden(rulebook: &Rulebook, what: Ban) -> Reply {
    let bans = |rule: &&Rule| matches!(&rule.body, Body::Ban(ban) if ban.what == what);
    let found = by_policy(rulebook, bans).or_else(|| by_law(rulebook, bans));
    Reply::of(if found.is_some() { "forbidden" } else { "free" }, found)
}

pub(super) fn needs(rulebook: &Rulebook, need: Need) -> Reply {
    let condition = match need {
        Need::UnfulfilledObligation => Condition::UnfulfilledObligation,
        Need::Documents => Condition::Documents,
        Need::Violation => Condition::Violation,
        Need::MandatoryStorage => Condition::MandatoryStorage,
    };
    let asks = |rule: &&Rule| rule.body == Body::Condition(condition.clone());
    let found = by_policy(rulebook, asks).or_else(|| by_law(rulebook, asks));
    Reply::of(if found.is_some() { "asked for" } else { "not asked for" }, found)
}

/// A consent that names no end lasts as long as what it was given for.
pub(super) fn lasts(rulebook: &Rulebook, basis: Basis) -> Reply {
    let open = |rule: &&Rule| match &rule.body {
        Body::Basis(body) => {
            body.on == basis && body.scopes.is_empty() && body.events.is_empty() && !body.weak
        }
        _ => false,
    };
    let found = by_law(rulebook, open);
    Reply::of(if found.is_some() { "as long as its purposes" } else { "unknown" }, found)
}

pub(super) fn register(rulebook: &Rulebook, kind: &str) -> Reply {
    let found = rulebook.register_terms(chrono::NaiveDate::MAX);
    let length = found.and_then(|(_, terms)| terms.named().into_iter().find(|(word, _)| *word == kind));
    match (found, length) {
        (Some((rule, _)), Some((_, length))) => Reply::of(length.to_string(), Some(rule)),
        _ => Reply::none("nothing"),
    }
}
