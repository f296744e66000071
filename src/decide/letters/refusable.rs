//! Which refusal would be true of what a case recorded.

use super::Story;
use crate::domain::{Decision, LetterKind, Outcome, Right};

impl Story {
    /// Whether a refusal would not be untrue: nothing was carried out whole; or nobody is recognised, and what is owed is
    /// to tell what is held, or was done for nobody in particular.
    pub fn may_be_refused(&self, right: Right, recognised: bool) -> bool {
        let Some(outcome) = &self.outcome else { return true };
        let whole = outcome.decision == Decision::Grant && self.recalled.is_empty();
        !whole || !recognised && (outcome.unconfirmed || self.is_owed_to_known(right))
    }

    /// Whether what is left to do is to tell what only somebody recognised may hear.
    pub fn is_owed_to_known(&self, right: Right) -> bool {
        self.calls_for(right).is_some_and(|kind| self.lets_know(kind, right))
    }

    /// Whether all that can be done was done for somebody who was recognised then: what stays of it stays for a reason of
    /// its own, and not because nobody knows any more who asked.
    pub fn is_done_for_known(&self, right: Right) -> bool {
        let done = |outcome: &Outcome| {
            let refused = outcome.decision == Decision::Refuse || outcome.unconfirmed;
            !refused && outcome.waits.is_empty() && self.recalled.is_empty() && !self.halted
        };
        self.outcome.as_ref().is_some_and(done) && !self.is_owed_to_known(right)
    }

    /// Whether what came out, or this letter, is a refusal that nobody has signed.
    pub fn is_unsigned(&self, letter: Option<&str>) -> bool {
        let refuses = |outcome: &Outcome| outcome.decision == Decision::Refuse && outcome.waits.is_empty();
        let says_so = letter == Some(LetterKind::Refusal.as_str());
        self.refused.is_none() && (says_so || self.outcome.as_ref().is_some_and(refuses))
    }
}
