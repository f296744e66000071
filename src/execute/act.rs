//! Acting on a person's data: decide, show, ask, then decide again and do it in one transaction.
//!
//! The plan that was shown and the plan that is carried out have one digest, or nothing is done (exit 5).
//! Effects, case and audit entry commit together; the bytes are destroyed and proved after that.

pub use super::decided::{Decided, Second};
use super::{
    apply, authority,
    cases::{self, Receipt},
    context::{Context, Said},
    decided::was_done,
    order::{Circumstances, Order},
    owed,
    reach::{
        Remote,
        merge::{merge, only_elsewhere},
        refine::{Lens, refine},
        unread,
    },
    resolve::{self, Found},
    values,
};
use crate::{
    audit::{Hash, State},
    calendar::Calendar,
    decide::{
        by_place::{self, Scene},
        digest::digest,
        identity::{Refusal, unagreed, unverified},
        letters::Story,
        recognised::{Standing, standing},
        second,
    },
    domain::{
        Action, CaseNumber, CaseState, Category, Deadline, Decision, Error, IdentityMethod, Kind, Moment,
        Plan, Result, Right, Selector, Step, SubjectFacts,
    },
    policy::{Rulebook, places::Places},
    store::{
        CaseFile, KeyFile, Store, View,
        destroy::{Needles, Sanitised},
        stale::{self, Stale},
    },
};

/// One request to act.
pub struct Request<'a> {
    /// What is asked.
    pub order: &'a Order,
    /// Whom it is about.
    pub who: &'a Selector,
    /// How it came.
    pub receipt: &'a Receipt,
}

/// The rules a decision needs.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Policy and law.
    pub rulebook: &'a Rulebook,
    /// The calendar.
    pub calendar: &'a Calendar,
    /// Systems that people keep.
    pub places: &'a Places,
    /// Categories whose erasure needs a second person.
    pub second: &'a [Category],
    /// The key file; its absence is an error only where a mark has to be made.
    pub key: Option<&'a KeyFile>,
}

/// What was done.
pub struct Done {
    /// The decision that was carried out.
    pub decided: Decided,
    /// The case as it now stands.
    pub case: CaseFile,
    /// Number of the act of destruction, where something was destroyed.
    pub act: Option<String>,
    /// What was destroyed, to be looked for.
    pub needles: Needles,
    /// Cases that this opened again.
    pub reopened: Vec<CaseNumber>,
    /// Whether steps in other systems were written down, to be tried now.
    pub elsewhere: bool,
}

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
    let elsewhere = remote.filter(|remote| !remote.is_empty());
    let controller = context.controller.as_deref().unwrap_or_default();
    rules.key.map_or(Ok(()), |key| view.check_key(key))?;
    let case = request.receipt.case.as_ref().map(|number| view.case(number)).transpose()?;
    let received = received(request.receipt, case.as_ref(), context.now);
    let mut deadline = cases::due(request.order.right(), received, rules.rulebook, rules.calendar)?;
    // A case knows its own term: from its documents, its re-opening, its extension.
    if let Some(case) = case.as_ref().filter(|case| case.due.is_some() && request.receipt.received.is_none())
    {
        (deadline.due, deadline.target) = (case.due, case.target);
    }
    let found = person(view, controller, request, elsewhere.is_some())?.or_elsewhere(remote);
    if let Some(case) = &case {
        let subject = if let Found::One(id) = &found { Some(*id) } else { None };
        cases::fits(view, context, case, request.order.right(), subject)?;
        cases::opened_for(case, request.receipt)?;
        cases::represented(view, &case.number, context.now)?;
    }
    let mut facts = match (found, elsewhere) {
        (Found::One(id), remote) => {
            let mut facts = view.facts(controller, id)?;
            remote.into_iter().for_each(|remote| merge(&mut facts, remote));
            facts
        }
        (Found::Nobody, Some(remote)) => only_elsewhere(controller, remote),
        (Found::Nobody, None) => {
            let open = remote.map(Remote::to_look).unwrap_or_default();
            return Ok(nothing_held(deadline, request, rules, (received, &open)));
        }
    };
    let (right, ask) = (request.order.right(), request.order.kept_of(Some(&facts)));
    facts.reply = match &case {
        Some(case) => owed::reply(view, case)?,
        None => owed::reply_of_joined(view, &facts, right, request.receipt, context.now, ask.as_deref())?,
    };
    refusals(view, &mut facts, request.order.right())?;
    if let Order::Rectify { changes, .. } = request.order {
        values::check(view, &facts, changes, rules.rulebook)?;
    }
    let identity = authority::identity(view, request.receipt, case.as_ref(), context.now)?;
    let asked = case.as_ref().map_or(right, |case| request.order.right_in(case.right));
    let agreed = case.as_ref().map(|case| view.case_history(&case.number)).transpose()?.unwrap_or_default();
    let (mut plan, mut refusal, too_little) =
        planned(&facts, rules.rulebook, request.order, asked, (received, identity), &deadline, context.now)?;
    if let Some(remote) = remote {
        let (rulebook, right, today) = (rules.rulebook, request.order.right(), context.now.day());
        refine(
            &mut plan,
            &Lens { remote, facts: &facts, rulebook, key: rules.key, right, today, at_night: false },
        );
        unread::refuse(&plan, remote)?;
    }
    if !is_repeated(&plan, &facts, request.order.right()) {
        let statutory = deadline.law.as_ref().and_then(|law| law.due);
        let right = if asked == Right::Minor { asked } else { right };
        let (facts, rulebook, received) = (&facts, rules.rulebook, received.day());
        let scene = Scene { facts, rulebook, right, received, statutory };
        request.order.by_hand(&mut plan, rules.places, refusal.is_some(), scene);
    }
    let mut second = None;
    if let Some(number) = second::number(&plan, rules.second).filter(|_| refusal.is_none()) {
        let events = agreed.iter().map(|entry| &entry.event);
        if !second::is_agreed(events, &Hash::from_bytes(number).to_string(), context.actor.uid()) {
            let cut = unagreed(plan.clone(), &facts, deadline.due);
            second = Some(Second { number, plan: std::mem::replace(&mut plan, cut.plan) });
            refusal = cut.refusal;
        }
    }
    let (searched, digest) = (request.who.kind(), digest(&plan));
    Ok(Decided { digest, facts: Some(facts), plan, refusal, too_little, second, deadline, searched })
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

/// Carries out what was shown: decides again under the lock, and does nothing if it came out otherwise.
///
/// # Errors
/// Stale (exit 5); the kinds of the store; nothing is half-done.
pub fn carry_out(
    store: &mut Store,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    shown: [u8; 32],
) -> Result<Done> {
    carry_out_everywhere(store, context, rules, request, None, shown)
}

/// The same with what other systems were found to hold since it was shown; what is done there is written down
/// and not yet tried.
///
/// # Errors
/// As [`carry_out`].
pub fn carry_out_everywhere(
    store: &mut Store,
    context: &Context,
    rules: Rules<'_>,
    request: &Request<'_>,
    remote: Option<&Remote>,
    shown: [u8; 32],
) -> Result<Done> {
    store.transact(|tx| {
        let decided = decide_everywhere(tx, context, rules, request, remote)?;
        if decided.digest != shown {
            return Err(stale());
        }
        // A damaged index hides people too: nobody is told that nothing is held before everything was read.
        let destroys = decided.plan.steps.iter().any(|step| step.action == Action::Destroy);
        if destroys || decided.facts.is_none() {
            tx.sound()?;
        }
        apply::everywhere(tx, context, rules, request, remote, decided)
    })
}

/// The answer to a plan that does not fit any more.
pub fn stale() -> Error {
    Error::new(Kind::Ambiguous, "the plan went stale: the data or the policy changed since it was shown")
        .hint("nothing was done; look at the plan again with --dry-run")
}

/// Takes away drafts that a kill left beside the store, and says so in the log before it does. Gives how many.
///
/// # Errors
/// As any write; exit 1: the disk.
pub fn sweep(store: &mut Store, context: &Context) -> Result<usize> {
    let drafts = stale::drafts(store.path())?;
    take_away(store, context, drafts)
}

/// The same with drafts that lie elsewhere: beside a backup.
///
/// # Errors
/// As [`sweep`].
pub fn take_away(store: &mut Store, context: &Context, drafts: Vec<Stale>) -> Result<usize> {
    if drafts.is_empty() {
        return Ok(0);
    }
    let many = drafts.len();
    let counts = [("drafts".to_owned(), many as u64)].into();
    store.transact(|tx| {
        context.log(tx, "sanitize", State::Executed, Said { counts, ..Said::default() }).map(drop)
    })?;
    drafts.into_iter().try_for_each(Stale::remove)?;
    Ok(many)
}

/// Destroys the bytes of what was deleted, proves it, and writes the entry that says so.
///
/// # Errors
/// Exit 8 where bytes may remain; the act stays pending and `dsr sanitize` finishes it.
pub fn destroy(store: &mut Store, context: &Context, needles: Option<&Needles>) -> Result<Sanitised> {
    store.sanitise(needles, context.now, |tx, report, acts| apply::destroyed(tx, context, report, acts))
}
