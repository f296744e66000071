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
        unfinished, unread,
    },
    resolve::{self, Found},
    timing, values,
};
use crate::{
    audit::Hash,
    decide::{
        by_hand,
        by_place::{self, Scene, again, past::Past, seek},
        digest::digest,
        identity::{self, Identity, Refusal, Unverified, needs_identity, only, unagreed, unverified},
        letters::Story,
        recognised::{Standing, standing},
        second,
    },
    domain::{
        Action, CaseState, Category, Deadline, Decision, Error, IdentityMethod, Kind, Moment, Plan, Result,
        Right, Step, SubjectFacts, SubjectId,
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
    let unknown = |error: Error| match rules.places.is_empty() {
        true => error,
        false => resolve::known_to_people(error, request.who, right, request.receipt.case.as_ref()),
    };
    let Some(mut facts) = asked.facts(view, context, request, remote).map_err(unknown)? else {
        let open = remote.map(Remote::to_look).unwrap_or_default();
        return asked.of_nobody(view, context, rules, request, &open);
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
        let unfinished = &unfinished::rows(view, facts, right, remote)?;
        let (key, at_night) = (rules.key, false);
        let lens = Lens { remote, facts, rulebook, key, right, changes, today, at_night, unfinished };
        refine(&mut plan, &lens);
        unread::refuse(&plan, remote)?;
    }
    let known = refusal.is_none() && is_known(ruled, identity);
    let past = asked.past(view, context, request, Some(&facts))?;
    let corrects = !request.order.changes().is_empty();
    if past.is_owed() || !is_repeated(&plan, &facts, right, corrects) {
        let whole = (!known).then(|| plan.clone());
        asked.by_hand((&mut plan, !known, identity), &facts, (rules, request), &past);
        if let Some(mut whole) = whole.filter(|_| refusal.is_none()) {
            // What stops at once is all that is done here; in places of people something would be destroyed.
            asked.by_hand((&mut whole, false, identity), &facts, (rules, request), &past);
            let destroys = |step: &Step| step.about.iter().any(|task| by_hand::destroys(task));
            let later: Vec<Step> = whole.steps.into_iter().filter(destroys).collect();
            if !later.is_empty() {
                let times = (received.day(), asked.deadline.due);
                let cut = identity::left_out(plan, later, rules.rulebook, times, too_little);
                (plan, refusal) = (cut.plan, cut.refusal);
            }
        }
    }
    let waits = if refusal.is_none() { not_agreed(&plan, &history, rules, context) } else { None };
    let second = waits.map(|number| {
        let cut = unagreed(plan.clone(), asked.deadline.due);
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
            cases::represented(view, &case.number, context.now.day())?;
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
            Some(case) => owed::reply(view, case, facts)?,
            None => owed::reply_of_joined(view, facts, right, request.receipt, context.now, ask.as_deref())?,
        };
        refusals(view, facts, right)?;
        match request.order {
            Order::Rectify { changes, .. } => values::check(view, facts, changes, rules.rulebook),
            _ => Ok(()),
        }
    }

    /// Steps in the systems that people keep, but for what stands of them.
    /// `cut`: what only an identity opens was left out.
    fn by_hand(
        &self,
        (plan, cut, identity): (&mut Plan, bool, Option<IdentityMethod>),
        facts: &SubjectFacts,
        (rules, request): (Rules<'_>, &Request<'_>),
        past: &Past,
    ) {
        let scene = self.scene(facts, rules.rulebook, request);
        request.order.by_hand(plan, rules.places, (cut, identity), scene);
        again::again(plan, past, rules.places, scene, cut);
    }

    fn scene<'a>(&self, facts: &'a SubjectFacts, rulebook: &'a Rulebook, request: &Request<'_>) -> Scene<'a> {
        let statutory = self.deadline.law.as_ref().and_then(|law| law.due);
        let right = match self.ruled(request) {
            Right::Minor => Right::Minor,
            _ => request.order.right(),
        };
        Scene { facts, rulebook, right, received: self.received.day(), statutory }
    }

    /// What people were told before in the case that this is about, or will join. A correction keeps no values, so it is
    /// another one every time.
    fn past(
        &self,
        view: &View<'_>,
        context: &Context,
        request: &Request<'_>,
        facts: Option<&SubjectFacts>,
    ) -> Result<Past> {
        let (order, receipt) = (request.order, request.receipt);
        let ask = order.kept_of(facts);
        let joined = || match facts {
            Some(facts) => cases::same_day(view, facts, order.right(), receipt, context.now, ask.as_deref()),
            None => Ok(None),
        };
        let number = self
            .case
            .as_ref()
            .map(|case| case.number.clone())
            .map_or_else(joined, |number| Ok(Some(number)))?;
        let Some(number) = number.filter(|_| order.changes().is_empty()) else { return Ok(Past::default()) };
        let history = view.case_history(&number)?;
        let before = cases::last_ask(&history);
        let anew = before.is_some_and(|before| order.kept().as_deref() != Some(before.as_str()));
        let subject = facts.map(|facts| facts.subject).or(self.case.as_ref().and_then(|case| case.subject));
        let controller = context.controller.as_deref().unwrap_or_default();
        let released = subject.map(|subject| view.released_orders(controller, subject)).transpose()?;
        let events = history.iter().map(|entry| &entry.event);
        Ok(Past::of(view.duties(&number)?, events, anew, &released.unwrap_or_default()))
    }

    /// Nothing is held here: people look in their places, and `open` is where else they have to. Without the identity
    /// that the right needs they only end messages.
    fn of_nobody(
        self,
        view: &View<'_>,
        context: &Context,
        rules: Rules<'_>,
        request: &Request<'_>,
        open: &[(String, String)],
    ) -> Result<Decided> {
        let (right, received, rulebook) = (request.order.right(), self.received, rules.rulebook);
        let identity = authority::identity(view, request.receipt, self.case.as_ref(), context.now)?;
        let controller = context.controller.as_deref().unwrap_or_default();
        let facts = SubjectFacts::nobody(controller, SubjectId::from_bytes([0; 16]));
        let ruled = self.ruled(request);
        let around = Circumstances { right: ruled, received, identity, statutory: None, now: context.now };
        let plan = request.order.decide(&facts, rulebook, around)?;
        let (seek, day) = (request.order.seeks(&plan, rulebook), received.day());
        let past = self.past(view, context, request, None)?;
        let (now, mut later) = match past.knew() {
            true => again::of_the_gone(&past, rules.places, self.scene(&facts, rulebook, request)),
            false => seek::look_up(right, &seek, rules.places, rulebook, day),
        };
        later.extend(by_place::to_look(right, open, rulebook, day));
        // No contact of somebody unknown is on file.
        let anything = later.first().map(|_| Category::new("contact"));
        let too_little = match standing(identity, &facts, rulebook, anything.as_slice(), received) {
            Standing::TooLittle(why) => Some(why),
            Standing::Unknown | Standing::Enough => None,
        };
        let cut = if is_known(ruled, identity) && too_little.is_none() {
            // Where it is destroyed nothing is left to stop.
            let now = if seek.destroys.is_some() { Vec::new() } else { now };
            Unverified { plan: only(now.into_iter().chain(later).collect()), refusal: None }
        } else {
            identity::unknown(demanded(ruled), (now, later), rulebook, (day, self.deadline.due), too_little)
        };
        Ok(Decided {
            digest: digest(&cut.plan),
            facts: None,
            plan: cut.plan,
            too_little: too_little.filter(|_| cut.refusal.is_some()),
            refusal: cut.refusal,
            second: None,
            deadline: self.deadline,
            searched: request.who.kind(),
        })
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
        let undone = !story.recalled.is_empty();
        if undone || story.outcome.is_some_and(|outcome| outcome.decision == Decision::Refuse) {
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
    let cut = unverified(demanded(right), plan, facts, rulebook, (received.day(), deadline.due), more);
    Ok((cut.plan, cut.refusal, more))
}

/// Whoever brings a minor's data to an end is recognised like anybody who has data erased.
fn demanded(right: Right) -> Right {
    if right == Right::Minor { Right::Erase } else { right }
}

/// Whether anything was confirmed of who asks, where the right needs it.
fn is_known(right: Right, identity: Option<IdentityMethod>) -> bool {
    identity.is_some() || needs_identity(demanded(right)) == Identity::NotNeeded
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

/// Nothing is left of what was carried out before: people are not sent to look again. A correction of what is not held
/// here is another one every time.
fn is_repeated(plan: &Plan, facts: &SubjectFacts, right: Right, corrects: bool) -> bool {
    let elsewhere = corrects && !plan.gaps.is_empty();
    plan.steps.is_empty()
        && !elsewhere
        && facts.cases.iter().any(|case| case.right == right && was_done(&case.state))
}
