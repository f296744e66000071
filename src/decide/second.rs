//! The second person: what of a plan somebody else has to agree to, and whether they did.
//!
//! Agreed is to exactly these records: where one was added or changed since, it has to be agreed again.

use super::digest::digest;
use crate::domain::{Action, CaseEvent, Category, Decision, Plan, Step};

/// What somebody agreed to, or has to: the number of the records that would go, be it for good or out of use.
/// `None` = nothing of these categories goes.
pub fn number(plan: &Plan, second: &[Category]) -> Option<[u8; 32]> {
    let touched = |step: &&Step| {
        let goes = matches!(step.action, Action::Destroy | Action::Archive) && !step.keys.is_empty();
        let category = step.category.as_ref().filter(|_| goes);
        category.is_some_and(|category| second.iter().any(|word| category.is_under(word)))
    };
    let steps: Vec<Step> = plan.steps.iter().filter(touched).cloned().collect();
    let part =
        Plan { decision: Decision::Grant, steps, kept: Vec::new(), gaps: Vec::new(), waits: Vec::new() };
    (!part.steps.is_empty()).then(|| digest(&part))
}

/// Whether another user than this one agreed to these records in the case.
pub fn is_agreed<'e>(events: impl IntoIterator<Item = &'e CaseEvent>, number: &str, user: u32) -> bool {
    events
        .into_iter()
        .any(|event| matches!(event, CaseEvent::Approved { user: by, plan } if *by != user && plan == number))
}

/// What was proposed last and is neither agreed to nor carried out.
pub fn proposed<'e>(events: impl IntoIterator<Item = &'e CaseEvent>) -> Option<(u32, &'e str, &'e str)> {
    events.into_iter().fold(None, |open, event| match event {
        CaseEvent::Proposed { user, plan, ask } => Some((*user, plan.as_str(), ask.as_str())),
        CaseEvent::Approved { .. } | CaseEvent::Executed { .. } | CaseEvent::Cancelled { .. } => None,
        _ => open,
    })
}

/// Whether something was agreed to and is not carried out yet.
pub fn is_ready<'e>(events: impl IntoIterator<Item = &'e CaseEvent>) -> bool {
    events.into_iter().fold(false, |ready, event| match event {
        CaseEvent::Approved { .. } => true,
        CaseEvent::Proposed { .. } | CaseEvent::Executed { .. } => false,
        _ => ready,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{
        cast::{now, person, rules},
        erase::{Erasure, erase},
    };

    fn second() -> Vec<Category> {
        ["contract", "payment"].map(Category::new).to_vec()
    }

    #[test]
    fn only_what_goes_of_these_categories_counts() {
        let facts = person("C-1");
        let plan = erase(&facts, rules(&facts), &Erasure::default(), now());
        let all = number(&plan, &second());
        let mut less = plan.clone();
        less.steps.retain(|step| step.category.as_ref().is_none_or(|word| word.as_str() != "contact"));
        assert_eq!(number(&less, &second()), all, "other data goes or stays: the same is agreed to");
        assert_eq!(number(&plan, &[]), None);
        let mut changed = plan;
        let versions = changed.steps.iter_mut().flat_map(|step| &mut step.keys);
        versions.for_each(|key| key.version += 1);
        assert!(all.is_some() && number(&changed, &second()) != all, "a changed record is agreed to anew");
    }

    #[test]
    fn nobody_agrees_with_themselves() {
        let proposed_by = |user| CaseEvent::Proposed { user, plan: "aa".into(), ask: "{}".into() };
        let approved = |user| CaseEvent::Approved { user, plan: "aa".into() };
        let events = [proposed_by(1), approved(2)];
        for (number, user, expected) in [("aa", 1, true), ("aa", 3, true), ("aa", 2, false), ("bb", 1, false)]
        {
            assert_eq!(is_agreed(&events, number, user), expected, "{number} {user}");
        }
        assert_eq!(proposed(&events[..1]), Some((1, "aa", "{}")));
        assert_eq!((proposed(&events), is_ready(&events), is_ready(&events[..1])), (None, true, false));
    }
}
