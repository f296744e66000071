//! What was decided of a request, before anything is done.

use std::collections::BTreeSet;

use super::order::Order;
use crate::{
    decide::identity::Refusal,
    domain::{
        CaseNumber, CaseState, Deadline, Decision, Obligation, Outcome, Plan, Right, SubjectFacts, Waiting,
        facts::CaseSummary,
    },
};

/// What was decided, to be shown before anything happens.
pub struct Decided {
    /// The facts it was decided from; `None`: nothing is held about such a person.
    pub facts: Option<SubjectFacts>,
    /// What will happen.
    pub plan: Plan,
    /// What will not, because it is not known who asks.
    pub refusal: Option<Refusal>,
    /// Why what was confirmed is too little for this data, where it is.
    pub too_little: Option<&'static str>,
    /// What waits until a second person agrees.
    pub second: Option<Second>,
    /// When it is due.
    pub deadline: Deadline,
    /// The plan's number.
    pub digest: [u8; 32],
    /// By which kind of name the person was looked up.
    pub searched: &'static str,
}

/// A plan that a second person has to agree to, as it would be carried out then.
pub struct Second {
    /// The number of the records that it would destroy.
    pub number: [u8; 32],
    /// The plan.
    pub plan: Plan,
}

impl Decided {
    /// Whether nothing is left to do: carried out before, or nothing held. What waits is done only where the
    /// same was asked before.
    pub fn is_done_already(&self, right: Right) -> bool {
        let idle = self.plan.steps.is_empty() && self.refusal.is_none();
        let asked = |facts: &SubjectFacts| {
            facts.cases.iter().any(|case| case.right == right && was_done(&case.state))
        };
        idle && match self.plan.decision {
            Decision::Grant => true,
            Decision::Partial => self.facts.as_ref().is_some_and(asked),
            Decision::Refuse => false,
        }
    }

    /// Whether only that is done which needs no identity, and the rest waits for who asks.
    pub fn is_before_identity(&self) -> bool {
        self.refusal.is_some() && !self.plan.steps.is_empty()
    }

    /// What the case and its letters say of it, with the act that it led to.
    pub fn outcome(&self, act: Option<&str>, searched: &str) -> Outcome {
        let outcome = Outcome::of(&self.plan, act.map(str::to_owned), Some(searched));
        Outcome { unconfirmed: self.is_before_identity(), ..outcome }
    }

    /// The other systems in which a deal is that something waits for: its end opens no case, since it is not seen here.
    pub fn waits_in(&self) -> Option<String> {
        let deals = self.facts.iter().flat_map(|facts| &facts.obligations).filter(|deal| deal.id < 0);
        let is_awaited = |deal: &&Obligation| {
            let on = Waiting::Obligation(deal.reference.clone());
            self.plan.waits.iter().any(|wait| wait.on == on)
        };
        // The rest of a reference may be a key of the person.
        let systems = deals.filter(is_awaited).filter_map(|deal| deal.reference.split(' ').next());
        let systems: Vec<&str> = systems.collect::<BTreeSet<_>>().into_iter().collect();
        (!systems.is_empty()).then(|| systems.join(", "))
    }

    /// Whether the end of a check is asked for where none is under way, and none ended by a request still open that
    /// was carried out, which the same command would finish.
    pub fn lifts_nothing(&self, order: &Order) -> bool {
        let Order::Lift { case, .. } = order else { return false };
        self.facts.as_ref().is_some_and(|facts| {
            let named = |number: &CaseNumber| case.as_ref().is_none_or(|case| *case == number.to_string());
            let blocked = facts.blocks.iter().any(|block| named(&block.case));
            let ends =
                |case: &CaseSummary| case.right == Right::Unblock && case.open && was_done(&case.state);
            !blocked && !facts.cases.iter().any(ends)
        })
    }
}

/// Whether a case in this state was carried out.
pub(super) fn was_done(state: &str) -> bool {
    [CaseState::Waiting, CaseState::Executed, CaseState::Answered].iter().any(|done| done.as_str() == state)
}
