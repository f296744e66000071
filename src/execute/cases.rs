//! Requests on their way into the register: opened once, joined on the same day, timed from receipt.

mod advance;

use chrono::NaiveDate;

use crate::{
    audit::State,
    calendar::Calendar,
    decide::{
        authority::{Authority, standing},
        deadline::{PastEndPolicy, deadline},
        second,
    },
    domain::{
        CaseEvent, CaseNumber, Channel, Deadline, Error, IdentityMethod, Kind, Moment, Remark, Result, Right,
        SubjectFacts, SubjectId, case::Demand,
    },
    policy::Rulebook,
    store::{CaseEntry, CaseFile, NewCase, Tx, View, effect::Wait},
};

use super::{
    context::{Context, Said},
    late,
    order::Order,
    owed,
};

pub use advance::advance;

/// How a request came, as the officer said it.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    /// When; `None`: now.
    pub received: Option<Moment>,
    /// By which way.
    pub channel: Option<Channel>,
    /// Number of the envelope or courier.
    pub tracking: Option<String>,
    /// Language of the answer.
    pub language: Option<String>,
    /// The same, where the officer said in which one the letter is written.
    pub written_in: Option<String>,
    /// Who asks for the person.
    pub representative: Option<String>,
    /// The document the representative acts by.
    pub authority: Option<String>,
    /// How identity was confirmed.
    pub identity: Option<IdentityMethod>,
    /// A case opened before.
    pub case: Option<CaseNumber>,
    /// Why it is registered late.
    pub late: Option<Remark>,
    /// What an authority demands it by.
    pub demand: Option<Demand>,
    /// The first case of its letter, where that asked several things.
    pub letter: Option<CaseNumber>,
}

/// The due date as intake needs it: past the end of the calendar it is provisional, never missing.
///
/// # Errors
/// Only where the calendar cannot even be guessed.
pub fn due(right: Right, received: Moment, rulebook: &Rulebook, calendar: &Calendar) -> Result<Deadline> {
    let (law, policy) = rulebook.terms(right, received.day());
    deadline(right, received, &law, &policy, calendar, PastEndPolicy::Provisional)
}

/// The case a command works on: the one named, the open one of the same day, or a new one.
///
/// `ask` is what a command that acts asks for: a case that waits with something else is left to itself.
///
/// # Errors
/// Not found (exit 3) or usage (exit 2) for a case that does not fit.
pub fn open_or_join(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    right: Right,
    receipt: &Receipt,
    facts: Option<&SubjectFacts>,
    ask: Option<&str>,
) -> Result<CaseFile> {
    let subject = facts.map(|facts| facts.subject);
    receipt.case.as_ref().map_or(Ok(()), |number| represented(tx, number, context.now.day()))?;
    let number = match &receipt.case {
        Some(number) => free(tx, &named(tx, context, number, right, (subject, receipt))?, ask)?,
        None => match facts.map(|facts| same_day(tx, facts, right, receipt, context.now, ask)).transpose()? {
            Some(Some(number)) => join(tx, context, rules, receipt, number)?,
            _ => open(tx, context, rules, right, receipt, subject)?,
        },
    };
    verify(tx, context, rules, &number, receipt.identity)
}

/// Nobody acts for the person past the last day of their authority, until somebody is recognised anew.
///
/// # Errors
/// Refused (exit 4).
pub fn represented(view: &View<'_>, number: &CaseNumber, day: NaiveDate) -> Result<()> {
    let history = view.case_history(number)?;
    match standing(history.iter().map(|entry| &entry.event), day) {
        Authority::Unchecked | Authority::InForce => Ok(()),
        Authority::Ended(until) => Err(Error::new(
            Kind::Refused,
            format!("the authority of whoever acts for the person ended on {until}"),
        )
        .hint(format!("ask for one in force: dsr request verify {number} --acting-as KIND --expires DAY; where none comes, confirm the \
             person: dsr request verify {number} --identity METHOD --acting-as self"))),
    }
}

/// The case, unless something else that was asked in it still waits: it would be forgotten.
fn free(tx: &Tx<'_>, number: &CaseNumber, ask: Option<&str>) -> Result<CaseNumber> {
    if is_taken(tx, number, ask)? {
        return Err(Error::usage(format!("case {number} waits with what was asked in it before"))
            .hint("this is another request: leave --request out"));
    }
    Ok(number.clone())
}

/// Whether a case waits for an obligation, a block or a second person on account of another ask than this one.
fn is_taken(view: &View<'_>, number: &CaseNumber, ask: Option<&str>) -> Result<bool> {
    if ask.is_none() {
        return Ok(false);
    }
    let history = view.case_history(number)?;
    let events = || history.iter().map(|entry| &entry.event);
    let proposed = second::proposed(events()).is_some() || second::is_ready(events());
    let waits = proposed || view.waits(number)?.iter().any(|wait| *wait != Wait::Document);
    Ok(waits && !Order::is_same(last_ask(&history).as_deref(), ask))
}

/// What was asked last in a case, as [`super::order::Order::kept`] wrote it.
pub fn last_ask(history: &[CaseEntry]) -> Option<String> {
    history.iter().rev().find_map(|entry| match &entry.event {
        CaseEvent::Executed { ask, .. } => ask.clone(),
        CaseEvent::Proposed { ask, .. } => Some(ask.clone()),
        _ => None,
    })
}

/// One more letter for an open case: what is new about it goes into the history, and the earliest receipt
/// counts. A command that says nothing new about the receipt only continues the case.
fn join(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    receipt: &Receipt,
    number: CaseNumber,
) -> Result<CaseNumber> {
    let file = tx.case(&number)?;
    // Whoever names the language has read the letter; `--lang` alone is a guess at it.
    if let Some(tag) = receipt.written_in.as_ref().filter(|tag| file.language.as_ref() != Some(tag)) {
        advance(tx, context.by(), rules, &number, &CaseEvent::Language { tag: tag.clone() })?;
    }
    let earlier = receipt.received.filter(|at| *at < file.received);
    let history = tx.case_history(&number)?;
    let came = |is: &dyn Fn(&Channel, &Option<String>) -> bool| {
        history.iter().any(|entry| matches!(&entry.event, CaseEvent::Received { channel, tracking, .. } if is(channel, tracking)))
    };
    let other_way = receipt.channel.is_some_and(|way| !came(&|channel, _| *channel == way));
    let tracked = receipt.tracking.is_some() && !came(&|_, tracking| *tracking == receipt.tracking);
    let other_letter = tracked || receipt.letter.is_some() && receipt.letter != owed::letter(tx, &number)?;
    if earlier.is_some() || other_way || other_letter {
        let channel = receipt.channel.unwrap_or(Channel::Other);
        let letter = CaseEvent::Received {
            channel,
            tracking: receipt.tracking.clone(),
            at: Some(receipt.received.unwrap_or(context.now)),
            late: receipt.late.clone(),
            demand: receipt.demand.clone(),
            letter: receipt.letter.clone(),
        };
        advance(tx, context.by(), rules, &number, &letter)?;
    }
    Ok(number)
}

/// Registers a new case.
///
/// # Errors
/// As any write; usage (exit 2) for a term that has passed without a reason.
pub fn open(
    tx: &Tx<'_>,
    context: &Context,
    (rulebook, calendar): (&Rulebook, &Calendar),
    right: Right,
    receipt: &Receipt,
    subject: Option<SubjectId>,
) -> Result<CaseNumber> {
    let received = receipt.received.unwrap_or(context.now);
    let due = due(right, received, rulebook, calendar)?;
    late::in_time(&due, receipt, context.now)?;
    tx.open_case(&NewCase {
        controller: context.controller.clone().unwrap_or_default(),
        subject,
        right,
        received,
        recorded: context.now,
        channel: receipt.channel.unwrap_or(Channel::Other),
        tracking: receipt.tracking.clone(),
        language: receipt.language.clone(),
        representative: receipt.representative.clone(),
        authority: receipt.authority.clone(),
        due: due.due,
        due_at: due.due_at,
        target: due.target,
        provisional: due.provisional,
        actor: context.actor.name().to_owned(),
        late: receipt.late.clone(),
        demand: receipt.demand.clone(),
        letter: receipt.letter.clone(),
    })
}

/// Confirms the identity, where a method is given, and gives the case as it then stands.
///
/// # Errors
/// Usage (exit 2) where the case has ended.
pub fn verify(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    number: &CaseNumber,
    method: Option<IdentityMethod>,
) -> Result<CaseFile> {
    let file = tx.case(number)?;
    match method {
        Some(method) if file.identity != Some(method) => {
            advance(tx, context.by(), rules, number, &CaseEvent::Verified { method })
        }
        _ => Ok(file),
    }
}

/// Takes a confirmation back that is too little for the data of the case: what is answered before more is
/// confirmed is a draft.
///
/// # Errors
/// As any write.
pub fn unverified(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    file: &CaseFile,
    why: &str,
) -> Result<CaseFile> {
    let Some(method) = file.identity else { return tx.case(&file.number) };
    let event = CaseEvent::Unverified { method, why: Remark::kept(why) };
    advance(tx, context.by(), rules, &file.number, &event)
}

/// Opens again every case of which a wait is over: the obligation was closed or the block lifted. Its new
/// term runs from that moment. Completing it is an officer's.
///
/// # Errors
/// As any write.
pub fn reopen(tx: &Tx<'_>, context: &Context, rules: (&Rulebook, &Calendar)) -> Result<Vec<CaseNumber>> {
    let mut ended = Vec::new();
    tx.for_each_ended_wait(context.controller.as_deref(), None, |wait| {
        ended.push((wait.case, wait.ended));
        Ok(())
    })?;
    ended.dedup_by(|next, first| next.0 == first.0);
    for (number, since) in &ended {
        let event = CaseEvent::Reopened { since: Some(*since), why: None };
        advance(tx, context.by(), rules, number, &event)?;
        let said = Said { case: Some(number.clone()), ..Said::default() };
        context.log(tx, "request.reopen", State::Reopened, said)?;
    }
    Ok(ended.into_iter().map(|(number, _)| number).collect())
}

/// The case that a command joins: two letters of one day about the same thing are one request.
///
/// # Errors
/// As any read.
pub fn same_day(
    view: &View<'_>,
    facts: &SubjectFacts,
    right: Right,
    receipt: &Receipt,
    now: Moment,
    ask: Option<&str>,
) -> Result<Option<CaseNumber>> {
    let day = receipt.received.unwrap_or(now).day();
    for case in &facts.cases {
        let fits = case.open && case.right == right && case.received.day() == day;
        // What somebody asks in the person's name is not what the person asks, nor what somebody else does.
        let alike = || Ok::<_, Error>(view.case(&case.number)?.representative == receipt.representative);
        if fits && alike()? && !is_taken(view, &case.number, ask)? {
            return Ok(Some(case.number.clone()));
        }
    }
    Ok(None)
}

/// Whether a case may be used for this: of this controller, of this right, of this person.
///
/// # Errors
/// Usage (exit 2), saying which of them does not fit.
pub fn fits(
    view: &View<'_>,
    context: &Context,
    file: &CaseFile,
    right: Right,
    subject: Option<SubjectId>,
) -> Result<()> {
    let number = &file.number;
    if Some(&file.controller) != context.controller.as_ref() {
        return Err(Error::usage(format!("case {number} belongs to `{}`", file.controller))
            .hint(format!("add --controller {}", file.controller)));
    }
    let copies = [Right::Access, Right::Export];
    let both_copy = copies.contains(&file.right) && copies.contains(&right);
    if file.right != right && file.right.carried_out_as() != right && !both_copy {
        return Err(Error::usage(format!("case {number} is about `{}`, not `{right}`", file.right))
            .hint("open a case of its own: leave --request out"));
    }
    match (file.subject, subject) {
        (Some(of), Some(asked)) if of != asked => Err(other_person(number)),
        (Some(of), None) if is_held(view, &file.controller, of)? => Err(other_person(number)),
        _ => Ok(()),
    }
}

/// Whether whoever asks in the person's name may go on with a case: only with one that was opened for them, since
/// nothing else keeps in mind that their authority has to be checked.
///
/// # Errors
/// Usage (exit 2).
pub fn opened_for(file: &CaseFile, receipt: &Receipt) -> Result<()> {
    if receipt.representative.is_none() || receipt.representative == file.representative {
        return Ok(());
    }
    Err(Error::usage(format!("case {} was not opened for this representative", file.number))
        .hint("this is another request: leave --request out"))
}

/// Whether anything is held about the person of a case; nobody matches a selector after a whole erasure.
///
/// # Errors
/// As any read.
pub fn is_held(view: &View<'_>, controller: &str, subject: SubjectId) -> Result<bool> {
    match view.facts(controller, subject) {
        Ok(facts) => Ok(!facts.records.is_empty() || !facts.identifiers.is_empty()),
        Err(error) if error.kind() == Kind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn other_person(number: &CaseNumber) -> Error {
    Error::usage(format!("case {number} is of another person"))
        .hint("open a case of its own: leave --request out")
}

fn named(
    tx: &Tx<'_>,
    context: &Context,
    number: &CaseNumber,
    right: Right,
    (subject, receipt): (Option<SubjectId>, &Receipt),
) -> Result<CaseNumber> {
    let file = tx.case(number)?;
    fits(tx, context, &file, right, subject)?;
    opened_for(&file, receipt)?;
    if let Some(subject) = subject {
        tx.name_case_subject(number, subject)?;
    }
    Ok(number.clone())
}
