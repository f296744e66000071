//! What would make a date or the verdict of a case another.

use std::collections::BTreeSet;

use super::{Said, todo};
use crate::{
    decide::{letters::Story, why::other_editions},
    domain::{
        CaseEvent, Deadline, Outcome,
        outcome::{Line, Pending},
    },
    store::{CaseEntry, CaseFile},
};

impl Said<'_> {
    /// What would have made the date another, and what would yet make the verdict another.
    pub(super) fn change(&self, case: &CaseFile, term: &Deadline, history: &[CaseEntry]) -> Vec<String> {
        let mut lines: Vec<String> = self.other_term(term).into_iter().collect();
        let editions = other_editions(self.rulebook, term, term.received.day());
        if !editions.is_empty() {
            let words = editions.join(", ");
            let says = format!("A receipt on the other side of {words} is judged by another edition.");
            lines.push(self.t.say(&says));
        }
        lines.extend(self.other_verdict(case, history));
        lines
    }

    fn other_term(&self, term: &Deadline) -> Option<String> {
        let (policy, law) = (term.policy.as_ref()?.due?, term.law.as_ref()?.due?);
        (policy != law).then(|| {
            let (earlier, later) = (policy.min(law), policy.max(law));
            self.t.say(&format!("without the stricter term of {earlier} it would be due on {later}"))
        })
    }

    fn other_verdict(&self, case: &CaseFile, history: &[CaseEntry]) -> Vec<String> {
        let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
        if let Some(refused) = &story.refused {
            let todo = self.t.say(todo(&refused.ground));
            return vec![self.t.say(&format!("another verdict needs this of the person: {todo}"))];
        }
        let last = history.iter().rev().find_map(|entry| match &entry.event {
            CaseEvent::Executed { outcome: Some(outcome), .. } => Some(outcome),
            _ => None,
        });
        last.map_or_else(Vec::new, |outcome| self.conditions(case, outcome))
    }

    /// What the last verdict hangs on: who asks, what waits, and the days of the rules that keep something.
    fn conditions(&self, case: &CaseFile, outcome: &Outcome) -> Vec<String> {
        let draft = case.identity.is_none() && case.right.tells_data();
        let confirmed = (outcome.unconfirmed || draft).then(|| "a confirmation of who asks".to_owned());
        let events = confirmed.into_iter().chain(outcome.waits.iter().filter_map(awaited));
        let again = |event: String| self.t.say(&format!("it is decided again with {}", self.t.say(&event)));
        let again: BTreeSet<String> = events.map(again).collect();
        let terms: BTreeSet<(&str, &str)> =
            outcome.steps.iter().chain(&outcome.kept).filter_map(|line| self.term(line)).collect();
        let ends =
            terms.iter().map(|(day, rule)| self.t.say(&format!("after {day} {rule} keeps nothing of it")));
        again.into_iter().chain(ends).collect()
    }

    /// The last day of what a rule of storage keeps. A block and the like end otherwise.
    fn term<'l>(&self, line: &'l Line) -> Option<(&'l str, &'l str)> {
        let keeps = self.rulebook.rule(&line.rule)?.keep().is_some();
        Some((line.until.as_deref().filter(|_| keeps)?, &line.rule))
    }
}

/// What a part of the verdict waits for, as it is called when it comes.
fn awaited(wait: &Pending) -> Option<String> {
    let name = wait.name.as_deref().unwrap_or_default();
    Some(match wait.on.as_str() {
        "obligation" => format!("the end of obligation {name}"),
        "block" | "correction" => format!("the end of the check in case {name}"),
        "hold" => format!("the end of hold {name}"),
        "answer" => format!("the answer of case {name}"),
        "document" => "a document that confirms the change".to_owned(),
        _ => return None,
    })
}
