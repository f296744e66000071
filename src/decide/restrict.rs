//! A block for a check (art. 24(1)(3), 25(2)(8); MyCar clause 4.2): stop use until the finding.
//!
//! No identity is asked for: a block harms nobody. It stops use, mailing, disclosure to others, purge
//! and destruction, and never the person's own access. Its end is a decision of its own: see `lift`.

use std::collections::BTreeSet;

use super::{
    by_hand::{STOP_USE, manual},
    draft::{Draft, Request},
    erase::asked,
    reasons,
    recipients::{self, News},
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
        let blocked = asked(facts, &ask.categories).map(|record| record.category.clone()).collect();
        let all_but = ask.categories.is_empty().then(BTreeSet::new);
        let news = News { categories: blocked, all_but, ..News::default() };
        let why =
            reasons::meaning(&reasons::block(rulebook), "those who received the data are told of the block");
        recipients::told(facts, &news, &why).into_iter().for_each(|step| draft.step(step));
        draft.step(manual(STOP_USE, reasons::block(rulebook)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::cast::{assert_story, at, block, carried_out, now, person, rules},
        domain::Moment,
    };

    fn restricted(facts: &SubjectFacts, categories: &[&str]) -> Plan {
        let categories = categories.iter().map(|word| Category::new(word)).collect();
        restrict(facts, rules(facts), &Restriction { categories }, received(), now())
    }

    fn received() -> Moment {
        at("2026-11-20T15:04:05")
    }

    #[test]
    fn a_block_of_everything_and_of_a_part() {
        let everything = [
            "block block [R-1501 R-1502 R-1503 R-1504 R-1505 R-1506] (stops use, mailing, disclosure to others, purge and destruction) by AM-9-restrict",
            "notify disclosure [#] (ТОО «Пример Аналитика») by AM-9-restrict",
            "manual  [] (stop use, mailing and disclosure where no data map reaches) by AM-9-restrict",
        ];
        let facts = person("A-15");
        let by_rule = |line: &str| {
            line.replace(
                "AM-9-restrict",
                &rules(&facts).block().map_or_else(String::new, |rule| rule.id.clone()),
            )
        };
        let everything: Vec<String> = everything.iter().map(|line| by_rule(line)).collect();
        let lines: Vec<&str> = everything.iter().map(String::as_str).collect();
        let plan = restricted(&facts, &[]);
        assert_story("everything", &facts, &plan, "grant", &lines);
        assert!(plan.steps[0].about.contains(&NEVER_STOPS.to_owned()));
        let plan = restricted(&facts, &["usage", "contact", "contact"]);
        let blocked: Vec<_> = plan.steps.iter().filter_map(|step| step.category.as_ref()).collect();
        assert_eq!(blocked, [&Category::from("contact"), &Category::from("usage")]);
    }

    #[test]
    fn at_mycar_since_the_receipt_to_the_second() {
        let since = |reference| restricted(&person(reference), &[]).steps[0].since;
        assert_eq!((since("C-1"), since("A-1")), (Some(received()), None));
    }

    #[test]
    fn what_is_blocked_needs_no_block() {
        let facts = person("C-1");
        let facts = carried_out(&facts, &restricted(&facts, &[]));
        assert!(
            restricted(&facts, &[]).steps.is_empty() && restricted(&facts, &["contact"]).steps.is_empty()
        );
        let mut part = person("C-1");
        block(&mut part, Some("contact"), 7);
        assert!(restricted(&part, &["contact"]).steps.is_empty());
        assert!(!restricted(&part, &[]).steps.is_empty(), "the rest is not blocked yet");
    }

    #[test]
    fn an_organisation_is_not_blocked() {
        let facts = person("C-27");
        let organisation = facts.records.iter().find(|record| record.category.as_str() == "organisation");
        let key = organisation.map(|record| record.key);
        assert!(key.is_some_and(|key| !restricted(&facts, &[]).steps[0].keys.contains(&key)));
    }
}
