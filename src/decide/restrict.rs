//! A block for a check (art. 24(1)(3), 25(2)(8); MyCar clause 4.2): stop use until the finding.
//!
//! No identity is asked for: a block harms nobody. It stops use, mailing, disclosure to others, purge
//! and destruction, and never the person's own access. Its end is a decision of its own: see `lift`.

use super::{
    by_hand::manual,
    draft::{Draft, Request},
    erase::asked,
    reasons,
};
use crate::{
    domain::{Action, Category, Moment, Plan, Record, RecordKey, Right, Step, SubjectFacts, Term},
    policy::Rulebook,
};

/// What a block stops.
pub const STOPS: &str = "stops use, mailing, disclosure to others, purge and destruction";
/// What a block never stops.
pub const NEVER_STOPS: &str = "never stops the person's own access and copy";

/// What is to be blocked. The reason given is kept in the case, not in the plan.
#[derive(Clone, Debug, Default)]
pub struct Restriction {
    /// The categories; none = all.
    pub categories: Vec<Category>,
}

/// Decides a block. Where the rule in force says "at once", it holds since the receipt, to the second.
pub fn restrict(
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    ask: &Restriction,
    received: Moment,
    now: Moment,
) -> Plan {
    let mut draft = Draft::new(rulebook, Request::Withdrawal, None);
    let since = at_once(rulebook, received).then_some(received.min(now));
    for category in wanted(facts, ask) {
        let step = Step::new(Action::Block, "block", reasons::block(rulebook));
        let about = vec![STOPS.to_owned(), NEVER_STOPS.to_owned()];
        let keys = keys(facts, rulebook, category.as_ref());
        draft.step(Step { category, keys, about, since, ..step });
    }
    if !draft.is_idle() {
        let task = "stop use, mailing and disclosure where no data map reaches";
        draft.step(manual(task, reasons::block(rulebook)));
    }
    draft.finish(false)
}

/// One block for everything, or one a category; what is blocked already needs none.
fn wanted(facts: &SubjectFacts, ask: &Restriction) -> Vec<Option<Category>> {
    let all = |category: Option<&Category>| {
        facts.blocks.iter().any(|block| block.category.is_none() || block.category.as_ref() == category)
    };
    if ask.categories.is_empty() {
        return if all(None) { Vec::new() } else { vec![None] };
    }
    let mut named = ask.categories.clone();
    named.sort();
    named.dedup();
    named.into_iter().filter(|category| !all(Some(category))).map(Some).collect()
}

fn keys(facts: &SubjectFacts, rulebook: &Rulebook, category: Option<&Category>) -> Vec<RecordKey> {
    let personal =
        |record: &&Record| rulebook.category(&record.category).is_none_or(|category| category.personal);
    asked(facts, category.map_or(&[], std::slice::from_ref))
        .filter(personal)
        .map(|record| record.key)
        .collect()
}

fn at_once(rulebook: &Rulebook, received: Moment) -> bool {
    let (law, policy) = rulebook.terms(Right::Restrict, received.day());
    law.iter().chain(&policy).any(|rule| rule.limit == Some(Term::AtOnce))
}
