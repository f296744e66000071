//! What a rule answers by itself: the questions of a case file, put to the functions that decide.
//!
//! The rule is found as a decision finds it, by what it says; that a case names it proves that it is in
//! use. Deliberately absent: the dates of records (`retention`) and of answers (`deadline`).

mod demanded;
mod given;
mod sample;

use std::borrow::Cow;

use super::{
    ground,
    layer::{by_law, by_policy},
    reasons,
};
use crate::{
    domain::{Category, Purpose, Right},
    policy::{
        Rulebook,
        ask::{Ask, AskGives, AskStops},
        body::{Body, Condition, Effective},
        model::Rule,
        vocabulary::Basis,
    },
};

/// One answer: its word, and the rule that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The word of the answer; see [`Ask`].
    pub word: Cow<'static, str>,
    /// The rule; `None` = none speaks.
    pub rule: Option<String>,
}

impl Reply {
    fn of(word: impl Into<Cow<'static, str>>, rule: Option<&Rule>) -> Self {
        Self { word: word.into(), rule: rule.map(|rule| rule.id.clone()) }
    }

    fn none(word: &'static str) -> Self {
        Self::of(word, None)
    }
}

/// Answers a question by one controller's rules.
pub fn answer(ask: &Ask, rulebook: &Rulebook) -> Reply {
    match ask {
        Ask::Purpose(word) => purpose(rulebook, word),
        Ask::Field(name) => given::field(rulebook, name),
        Ask::Source(word) => given::source(rulebook, word),
        Ask::Event(event) => given::event(rulebook, event),
        Ask::Scope(scope) => {
            let asks =
                |rule: &&Rule| matches!(&rule.body, Body::Basis(basis) if basis.scopes.contains(scope));
            let found = by_policy(rulebook, asks).or_else(|| by_law(rulebook, asks));
            Reply::of(if found.is_some() { "consent" } else { "none" }, found)
        }
        Ask::Basis(basis) => given::basis(rulebook, *basis),
        Ask::Channel(ask) => given::channel(rulebook, ask),
        Ask::Fee(_) => given::fee(rulebook),
        Ask::HandOver(ask) => sample::hand_over(rulebook, ask),
        Ask::Right(right) => right_of(rulebook, *right, chrono::NaiveDate::MAX),
        Ask::Stops(ask) => stops(rulebook, ask),
        Ask::Gives(ask) => gives(rulebook, ask),
        Ask::Change(_) => match rulebook.change() {
            Some((rule, change)) => Reply::of(if change.told { "told" } else { "untold" }, Some(rule)),
            None => notice(rulebook, |_| true),
        },
        Ask::Effective(day) => effective(rulebook, day.0),
        Ask::Notice(to) => match notice(rulebook, |place| *place == *to) {
            Reply { rule: None, .. } => Reply::none("not_promised"),
            reply => Reply { word: "due".into(), ..reply },
        },
        Ask::Effects(right) => effects(rulebook, *right),
        Ask::Duty(occasion) => duty(rulebook, occasion.0),
        Ask::Ground(code) => match rulebook.rule(code).map(|rule| (rule, &rule.body)) {
            Some((rule, Body::Refusal(ground))) => Reply::of(ground.effect.as_str(), Some(rule)),
            _ => Reply::none("no_ground"),
        },
        Ask::Age(age) => given::age(rulebook, *age),
        Ask::Contacts(_) => {
            let warrants = |rule: &&Rule| rule.body == Body::Condition(Condition::OwnContacts);
            let found = by_policy(rulebook, warrants);
            Reply::of(if found.is_some() { "block, then destroy" } else { "block" }, found)
        }
        Ask::Term(word) => given::term(rulebook, word),
        Ask::Silent(silence) => {
            let silent = |rule: &&Rule| matches!(&rule.body, Body::Silent(on) if on == silence);
            match by_policy(rulebook, silent) {
                Some(rule) => Reply::of(rule.law.join(", "), Some(rule)),
                None => Reply::none("not silent"),
            }
        }
        Ask::Cookie(_) => given::cookie(rulebook),
        Ask::Identity(ask) => sample::identity(rulebook, ask),
        Ask::Silently(ask) => answer(ask, &rulebook.silent()),
        Ask::Article(ask) => demanded::article(rulebook, ask),
        Ask::Granted(ask) => right_of(rulebook, ask.right, ask.on.0),
        Ask::InForce(ask) => demanded::in_force(rulebook, ask),
        Ask::Within(duty) => demanded::within(rulebook, *duty),
        Ask::Task(word) => demanded::task(rulebook, word),
        Ask::Forbidden(what) => demanded::forbidden(rulebook, *what),
        Ask::Needs(need) => demanded::needs(rulebook, *need),
        Ask::Lasts(basis) => demanded::lasts(rulebook, *basis),
        Ask::Register(kind) => demanded::register(rulebook, kind),
    }
}

fn purpose(rulebook: &Rulebook, word: &str) -> Reply {
    match rulebook.purpose(&Purpose::new(word)) {
        Some(def) => Reply { word: def.class.as_str().into(), rule: def.rule.clone() },
        None => Reply { word: "unknown".into(), rule: Some(ground::beyond_purpose(rulebook).rule) },
    }
}

/// Who grants a right on a day: the clause of the policy, else the newest of the law.
fn right_of(rulebook: &Rulebook, right: Right, day: chrono::NaiveDate) -> Reply {
    let why = reasons::granted(rulebook, right, day);
    match rulebook.rule(&why.rule) {
        Some(rule) => Reply::of(if rulebook.is_law(rule) { "law" } else { "policy" }, Some(rule)),
        None => Reply::none("nobody"),
    }
}

fn stops(rulebook: &Rulebook, ask: &AskStops) -> Reply {
    let purpose = Purpose::new(&ask.purpose);
    let grants = |rule: &&Rule| match &rule.body {
        Body::Right(body) => body.grants.contains(&ask.right) && !body.stops.is_empty(),
        _ => false,
    };
    let Some((rule, Body::Right(right))) = by_policy(rulebook, grants).map(|rule| (rule, &rule.body)) else {
        return Reply::none("goes_on");
    };
    let stopped = super::purposes::covered(&purpose, &right.stops);
    Reply::of(if stopped { "stops" } else { "goes_on" }, Some(rule))
}

fn gives(rulebook: &Rulebook, ask: &AskGives) -> Reply {
    let grants = |rule: &&Rule| matches!(&rule.body, Body::Right(body) if body.grants.contains(&ask.right));
    let holds = |rule: &&Rule| match &rule.body {
        Body::Right(body) => body.gives.contains(&ask.what),
        _ => false,
    };
    let given = by_policy(rulebook, |rule| grants(rule) && holds(rule));
    let given = given.or_else(|| by_law(rulebook, |rule| grants(rule) && holds(rule)));
    match given {
        Some(rule) => Reply::of("given", Some(rule)),
        None => Reply::of("not_owed", by_policy(rulebook, grants)),
    }
}

fn effective(rulebook: &Rulebook, published: chrono::NaiveDate) -> Reply {
    match rulebook.effective() {
        Some((rule, Effective::Publication)) => Reply::of(published.to_string(), Some(rule)),
        Some((rule, Effective::On(day))) => Reply::of(day.to_string(), Some(rule)),
        None => Reply::none("not stated"),
    }
}

fn notice(rulebook: &Rulebook, at: impl Fn(&crate::policy::vocabulary::NoticeTo) -> bool) -> Reply {
    let tells = |rule: &&Rule| matches!(&rule.body, Body::Notice(notice) if notice.to.iter().any(&at));
    Reply::of("told", by_policy(rulebook, tells).or_else(|| by_law(rulebook, tells)))
}

fn effects(rulebook: &Rulebook, right: Right) -> Reply {
    let has = |rule: &&Rule| matches!(&rule.body, Body::Duty(duty) if duty.right == Some(right) && !duty.effects.is_empty());
    let Some((rule, Body::Duty(duty))) = by_policy(rulebook, has).map(|rule| (rule, &rule.body)) else {
        return Reply::none("none");
    };
    let words: Vec<&str> = duty.effects.iter().map(|effect| effect.as_str()).collect();
    Reply::of(words.join(", "), Some(rule))
}

fn duty(rulebook: &Rulebook, on: Option<Right>) -> Reply {
    let due =
        |rule: &&Rule| matches!(&rule.body, Body::Duty(duty) if duty.right == on && duty.effects.is_empty());
    match by_policy(rulebook, due).or_else(|| by_law(rulebook, due)).map(|rule| (rule, &rule.body)) {
        Some((rule, Body::Duty(duty))) => Reply::of(duty.task.clone(), Some(rule)),
        _ => Reply::none("nothing"),
    }
}

/// Whether a basis can be withdrawn from under the data that rests on it.
fn carries(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "withdrawable",
        Basis::Contract | Basis::Law => "keeps",
        Basis::LegitimateInterest => "supports_nothing",
    }
}

fn category(word: &str) -> Category {
    Category::new(word)
}
