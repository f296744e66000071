//! Answers out of what a policy says of its own data: fields, sources, footings, ways, words.

use super::{Reply, carries, category};
use crate::decide::{
    fee,
    layer::{by_law, by_policy},
};
use crate::policy::{
    Rulebook,
    ask::AskChannel,
    body::{Body, Condition},
    model::Rule,
    vocabulary::Basis,
};

/// `category.field`, or a whole `category`: the clause that names it most narrowly.
pub(super) fn field(rulebook: &Rulebook, name: &str) -> Reply {
    let (of, field) = name.split_once('.').map_or((name, None), |(of, field)| (of, Some(field)));
    let Some(def) = rulebook.category(&category(of)).filter(|def| !def.excess) else {
        let rule = rulebook.statute.rules.iter().find(|rule| is_excess(rule));
        return Reply::of("unlisted", rule);
    };
    let found = rulebook.collected(&def.id, field);
    let word = match (def.personal, found) {
        (false, _) => "outside",
        (true, Some((_, collects))) => collects.on_withdrawal.unwrap_or(def.on_withdrawal).as_str(),
        (true, None) => "unlisted",
    };
    Reply::of(word, found.map(|(rule, _)| rule))
}

fn is_excess(rule: &Rule) -> bool {
    matches!(&rule.body, Body::Ban(ban) if ban.what == crate::policy::vocabulary::Ban::Excess)
}

pub(super) fn source(rulebook: &Rulebook, word: &str) -> Reply {
    let names = |rule: &&Rule| matches!(&rule.body, Body::Source(words) if words.iter().any(|w| w == word));
    let found = by_policy(rulebook, names);
    Reply::of(if found.is_some() { "named" } else { "unnamed" }, found)
}

pub(super) fn event(rulebook: &Rulebook, event: &str) -> Reply {
    match rulebook.consent_by(event) {
        Some((rule, basis)) => Reply::of(if basis.weak { "weak" } else { "consent" }, Some(rule)),
        None => Reply::none("none"),
    }
}

pub(super) fn basis(rulebook: &Rulebook, basis: Basis) -> Reply {
    let rests = |rule: &&Rule| match &rule.body {
        Body::Basis(body) => body.on == basis && !body.weak && body.events.is_empty(),
        Body::Condition(Condition::OpenObligation(_)) => basis == Basis::Contract,
        _ => false,
    };
    Reply::of(carries(basis), by_policy(rulebook, rests).or_else(|| by_law(rulebook, rests)))
}

/// The clause that names the way; else the one that names others for the right: never a refusal.
pub(super) fn channel(rulebook: &Rulebook, ask: &AskChannel) -> Reply {
    let about = |rule: &&Rule| match &rule.body {
        Body::Channel(channel) => channel.rights.is_empty() || channel.rights.contains(&ask.right),
        _ => false,
    };
    let names = |rule: &&Rule| matches!(&rule.body, Body::Channel(channel) if channel.by.contains(&ask.by));
    // A policy that names ways is asked alone; the law stands where it names none.
    let of = |rules: &[Rule]| (rules.iter().any(|rule| about(&rule))).then_some(());
    let rules = of(&rulebook.policy.rules).map_or(&rulebook.statute.rules, |()| &rulebook.policy.rules);
    match rules.iter().find(|rule| about(rule) && names(rule)) {
        Some(rule) => Reply::of("named", Some(rule)),
        None => Reply::of("accepted", rules.iter().rfind(about)),
    }
}

/// Nothing, whatever the policy says: the law makes it free.
pub(super) fn fee(rulebook: &Rulebook) -> Reply {
    let (rule, conflict) = fee::rule(rulebook);
    Reply::of(if conflict { "0, conflict" } else { "0" }, rule)
}

pub(super) fn age(rulebook: &Rulebook, age: u32) -> Reply {
    let sets = |rule: &&Rule| matches!(rule.body, Body::Condition(Condition::Age(_)));
    let rule = by_policy(rulebook, sets);
    let of_age = match (rule.map(|rule| &rule.body), rulebook.minors()) {
        (Some(Body::Condition(Condition::Age(years))), _) => *years,
        (_, Some((_, minors))) => minors.under,
        _ => 18,
    };
    Reply::of(if age >= of_age { "adult" } else { "minor" }, rule.or(rulebook.minors().map(|(rule, _)| rule)))
}

pub(super) fn term(rulebook: &Rulebook, word: &str) -> Reply {
    let defines =
        |rule: &&Rule| matches!(&rule.body, Body::Definition(definition) if definition.word == word);
    match by_policy(rulebook, defines).or_else(|| by_law(rulebook, defines)).map(|rule| (rule, &rule.body)) {
        Some((rule, Body::Definition(definition))) if definition.asks_for.is_empty() => {
            Reply::of("defined", Some(rule))
        }
        Some((rule, Body::Definition(definition))) => {
            let fields: Vec<&str> = definition.asks_for.iter().map(|field| field.as_str()).collect();
            Reply::of(fields.join(", "), Some(rule))
        }
        _ => Reply::none("undefined"),
    }
}

/// The rule of cookies and, in words, the one whose term their data has.
pub(super) fn cookie(rulebook: &Rulebook) -> Reply {
    let rests = |rule: &&Rule| matches!(&rule.body, Body::Cookie(_));
    match by_policy(rulebook, rests).map(|rule| (rule, &rule.body)) {
        Some((rule, Body::Cookie(cookie))) => {
            let term = cookie.falls_back_to.clone().unwrap_or_else(|| format!("consent to {}", cookie.scope));
            Reply::of(term, Some(rule))
        }
        _ => Reply::none("none"),
    }
}
