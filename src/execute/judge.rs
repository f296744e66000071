//! One request decided: whom it is about, what is held of them, what the rules say, and who has to agree. Nothing is
//! written.

use super::{
    act::{Request, Rules},
    authority,
    cases::{self, Receipt},
    context::Context,
    decided::{Decided, Second, was_done},
    order::{Circumstances, Order},
    owed,
    reach::{
        Remote,
        merge::{merge, only_elsewhere},
        refine::{Lens, refine},
        unread,
    },
    resolve::{self, Found},
    timing, values,
};
use crate::{
    audit::Hash,
    decide::{
        by_place::{self, Scene},
        digest::digest,
        identity::{Refusal, unagreed, unverified},
        letters::Story,
        recognised::{Standing, standing},
        second,
    },
    domain::{
        Action, CaseState, Category, Deadline, Decision, IdentityMethod, Kind, Moment, Plan, Result, Right,
        Step, SubjectFacts,
    },
    policy::Rulebook,
    store::{CaseEntry, CaseFile, View},
};

/// Decides a request, without a trace.
///
/// # Errors
/// Ambiguous (exit 5); not found (exit 3) where a person is needed; usage (exit 2).
pub fn decide(
    view: &View<'_>,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
) -> Result<Decided> {
    decide_everywhere(view, context, rules, request, None)
}

/// The same with what other systems were found to hold.
///
/// # Errors
/// As [`decide`].
pub fn decide_everywhere(
    view: &View<'_>,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    remote: Option<&Remote>,
) -> Result<Decided> {
    rules.key.map_or(Ok(()), |key| view.check_key(key))?;
    let asked = Asked::read(view, context, rules, request)?;
    let (right, received) = (request.order.right(), asked.received);
    let Some(mut facts) = asked.facts(view, context, request, remote)? else {
        let open = remote.map(Remote::to_look).unwrap_or_default();
        return Ok(nothing_held(asked.deadline, request, rules, (received, &open)));
    };
    asked.complete(&mut facts, view, context, rules, request)?;
    let identity = authority::identity(view, request.receipt, asked.case.as_ref(), context.now)?;
    let history =
        asked.case.as_ref().map(|case| view.case_history(&case.number)).transpose()?.unwrap_or_default();
    let ruled = asked.ruled(request);
    let (mut plan, mut refusal, too_little) = planned(
        &facts,
        rules.rulebook,
        request.order,
        ruled,
        (received, identity),
        &asked.deadline,
        context.now,
    )?;
    if let Some(remote) = remote {
        let (rulebook, today) = (rules.rulebook, context.now.day());
        let (facts, changes) = (&facts, request.order.changes());
        let lens = Lens { remote, facts, rulebook, key: rules.key, right, changes, today, at_night: false };
        refine(&mut plan, &lens);
        unread::refuse(&plan, remote)?;
    }
    if !is_repeated(&plan, &facts, right) {
        asked.by_hand((&mut plan, refusal.is_some()), &facts, rules, request);
    }
    let waits = if refusal.is_none() { not_agreed(&plan, &history, rules, context) } else { None };
    let second = waits.map(|number| {
        let cut = unagreed(plan.clone(), &facts, asked.deadline.due);
        refusal = cut.refusal;
        Second { number, plan: std::mem::replace(&mut plan, cut.plan) }
    });
    let (searched, digest) = (request.who.kind(), digest(&plan));
    Ok(Decided {
        digest,
        facts: Some(facts),
        plan,
        refusal,
        too_little,
        second,
        deadline: asked.deadline,
        searched,
    })
}

/// What a request says of itself: its case, its receipt, its term.
struct Asked {
    case: Option<CaseFile>,
    received: Moment,
    deadline: Deadline,
}

impl Asked {
    fn read(view: &View<'_>, context: &Context, rules: Rules<'_>, request: &Request<'_>) -> Result<Self> {
        let case = timing::named(view, request.receipt, (rules.rulebook, rules.calendar), context.now)?;
        let received = received(request.receipt, case.as_ref(), context.now);
        let mut deadline = cases::due(request.order.right(), received, rules.rulebook, rules.calendar)?;
        // A case knows its own term: from its documents, its re-opening, its extension.
        let own = case.as_ref().filter(|case| case.due.is_some() && request.receipt.received.is_none());
        if let Some(case) = own {
            (deadline.due, deadline.target) = (case.due, case.target);
        }
        Ok(Self { case, received, deadline })
    }

    /// Whom it is about, here and elsewhere; `None`: nothing is held about such a person.
    fn facts(
        &self,
        view: &View<'_>,
        context: &Context,
        request: &Request<'_>,
        remote: Option<&Remote>,
    ) -> Result<Option<SubjectFacts>> {
        let elsewhere = remote.filter(|remote| !remote.is_empty());
        let controller = context.controller.as_deref().unwrap_or_default();
        let found = person(view, controller, request, elsewhere.is_some())?.or_elsewhere(remote);
        if let Some(case) = &self.case {
            let subject = if let Found::One(id) = &found { Some(*id) } else { None };
            cases::fits(view, context, case, request.order.right(), subject)?;
            cases::opened_for(case, request.receipt)?;
            cases::represented(view, &case.number, context.now)?;
        }
        Ok(match (found, elsewhere) {
            (Found::One(id), remote) => {
                let mut facts = view.facts(controller, id)?;
                remote.into_iter().for_each(|remote| merge(&mut facts, remote));
                Some(facts)
            }
            (Found::Nobody, Some(remote)) => Some(only_elsewhere(controller, remote)),
            (Found::Nobody, None) => None,
        })
    }

    /// What the register says beside: what was replied, what was refused; and whether new values can be taken.
    fn complete(
        &self,
        facts: &mut SubjectFacts,
        view: &View<'_>,
        context: &Context,
        rules: Rules<'_>,
        request: &Request<'_>,
    ) -> Result<()> {
        let (right, ask) = (request.order.right(), request.order.kept_of(Some(facts)));
        facts.reply = match &self.case {
            Some(case) => owed::reply(view, case)?,
            None => owed::reply_of_joined(view, facts, right, request.receipt, context.now, ask.as_deref())?,
        };
        refusals(view, facts, right)?;
        match request.order {
            Order::Rectify { changes, .. } => values::check(view, facts, changes, rules.rulebook),
            _ => Ok(()),
        }
    }

    /// Steps in the systems that people keep.
    /// `cut`: what only an identity opens was left out.
    fn by_hand(
        &self,
        (plan, cut): (&mut Plan, bool),
        facts: &SubjectFacts,
        rules: Rules<'_>,
        request: &Request<'_>,
    ) {
        let statutory = self.deadline.law.as_ref().and_then(|law| law.due);
        let (rulebook, received) = (rules.rulebook, self.received.day());
        let right = match self.ruled(request) {
            Right::Minor => Right::Minor,
            _ => request.order.right(),
        };
        request.order.by_hand(plan, rules.places, cut, Scene { facts, rulebook, right, received, statutory });
    }

    /// The right by whose rules it is judged: that of the order, as the case has it.
    fn ruled(&self, request: &Request<'_>) -> Right {
        let right = request.order.right();
        self.case.as_ref().map_or(right, |case| request.order.right_in(case.right))
    }
}

/// The number of what a second person has to agree to and has not.
fn not_agreed(plan: &Plan, history: &[CaseEntry], rules: Rules<'_>, context: &Context) -> Option<[u8; 32]> {
    let number = second::number(plan, rules.second)?;
    let events = history.iter().map(|entry| &entry.event);
    let is_agreed = second::is_agreed(events, &Hash::from_bytes(number).to_string(), context.actor.uid());
    (!is_agreed).then_some(number)
}

/// What came out as a refusal was not done before: asked again, it comes out as one again.
fn refusals(view: &View<'_>, facts: &mut SubjectFacts, right: Right) -> Result<()> {
    for case in facts.cases.iter_mut().filter(|case| case.right == right && was_done(&case.state)) {
        let history = view.case_history(&case.number)?;
        let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
        if story.outcome.is_some_and(|outcome| outcome.decision == Decision::Refuse) {
            CaseState::Refused.as_str().clone_into(&mut case.state);
        }
    }
    Ok(())
}

/// A case resumed runs from its re-opening; else from the receipt that was named, or now.
fn received(receipt: &Receipt, case: Option<&CaseFile>, now: Moment) -> Moment {
    receipt.received.or(case.map(|case| case.received)).unwrap_or(now)
}

fn planned(
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    order: &Order,
    right: Right,
    (received, identity): (Moment, Option<IdentityMethod>),
    deadline: &Deadline,
    now: Moment,
) -> Result<(Plan, Option<Refusal>, Option<&'static str>)> {
    let statutory = deadline.law.as_ref().and_then(|law| law.due);
    let plan = order.decide(facts, rulebook, Circumstances { right, received, identity, statutory, now })?;
    // An effect that a policy promises is a step even where nothing is held for it.
    let touches = |step: &&Step| !step.keys.is_empty() || step.action == Action::Block;
    let touched = plan.steps.iter().filter(touches).filter_map(|step| step.category.clone());
    let touched: Vec<Category> = touched.collect();
    let more = match standing(identity, facts, rulebook, &touched, received) {
        Standing::Enough => return Ok((plan, None, None)),
        Standing::TooLittle(why) => Some(why),
        Standing::Unknown => None,
    };
    // Whoever brings a minor's data to an end is recognised like anybody who has data erased.
    let right = if right == Right::Minor { Right::Erase } else { right };
    let cut = unverified(right, plan, facts, rulebook, (received.day(), deadline.due), more);
    Ok((cut.plan, cut.refusal, more))
}

/// Erasing, withdrawing and objecting are answered also where nothing is held; the others need a person.
fn person(view: &View<'_>, controller: &str, request: &Request<'_>, elsewhere: bool) -> Result<Found> {
    use Order as O;
    let answers_nobody = matches!(request.order, O::Revoke { .. } | O::Erase { .. } | O::Object { .. });
    match resolve::for_change(view, controller, request.who) {
        Ok(id) => Ok(Found::One(id)),
        Err(error) if error.kind() == Kind::NotFound && (answers_nobody || elsewhere) => Ok(Found::Nobody),
        Err(error) => Err(error),
    }
}

/// Nothing is left of what was carried out before: people are not sent to look again.
fn is_repeated(plan: &Plan, facts: &SubjectFacts, right: Right) -> bool {
    plan.steps.is_empty() && facts.cases.iter().any(|case| case.right == right && was_done(&case.state))
}

/// `open`: where people have to look before it is known that nothing is held.
fn nothing_held(
    deadline: Deadline,
    request: &Request<'_>,
    rules: Rules<'_>,
    (received, open): (Moment, &[(String, String)]),
) -> Decided {
    let (right, day) = (request.order.right(), received.day());
    let mut steps = by_place::look_up(right, rules.places, rules.rulebook, day);
    steps.extend(by_place::to_look(right, open, rules.rulebook, day));
    let plan =
        Plan { decision: Decision::Grant, steps, kept: Vec::new(), gaps: Vec::new(), waits: Vec::new() };
    let searched = request.who.kind();
    Decided {
        digest: digest(&plan),
        facts: None,
        plan,
        refusal: None,
        too_little: None,
        second: None,
        deadline,
        searched,
    }
}
