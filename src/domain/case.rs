//! A case: one request and all that happened to it.
//!
//! The state is never set, only computed: [`Case::apply`] moves it by one event, and replaying the
//! events of a case gives its state, its dates and its open duties again.

mod duty;
mod event;
mod of_act;
mod remark;
mod waits;

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;

use super::{IdentityMethod, Moment, Right, channel::words};

pub use duty::{Duty, DutyKind, Halt, Held, NewDuty};
pub use event::{AuthorityKind, CaseEvent, Demand, Part};
pub use of_act::steps_of_act;
pub use remark::Remark;
pub use waits::is_put_off;

words! {
    /// Where a case stands.
    CaseState, "case state" {
        /// Received; identity not confirmed yet.
        Received = "received",
        /// Identity confirmed; the decision is due.
        Verified = "verified",
        /// Decided and carried out; the answer is due.
        Executed = "executed",
        /// Waits for an obligation, a block or a document; re-opens by itself.
        Waiting = "waiting",
        /// The answer was sent.
        Answered = "answered",
        /// A reasoned refusal was signed; it ends the case once it was sent.
        Refused = "refused",
        /// Withdrawn by the person, or registered by mistake.
        Cancelled = "cancelled",
    }
}

/// Whether more than a weekend and a day lies between receipt and registration: then its reason is asked for.
pub fn is_registered_late(received: Moment, registered: Moment) -> bool {
    (registered.day() - received.day()).num_days() > 3
}

/// Why an event cannot happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The state does not allow it.
    State,
    /// Nothing was decided and carried out that could be answered.
    NotCarriedOut,
    /// A step by hand is open: its number.
    OpenStep(u32),
    /// There is no such open step.
    NoStep(u32),
}

/// An event that cannot happen in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalMove {
    /// Where the case stood.
    pub state: CaseState,
    /// What was tried.
    pub event: &'static str,
    /// Why not.
    pub bar: Bar,
}

impl fmt::Display for IllegalMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.event.replace('_', " ");
        match self.bar {
            Bar::State => write!(f, "a case that is {} cannot be {event}", self.state),
            Bar::NotCarriedOut => {
                write!(f, "a case that is {} cannot be {event}: it was not carried out yet", self.state)
            }
            Bar::OpenStep(step) => write!(f, "the case cannot be {event} while step {step} by hand is open"),
            Bar::NoStep(step) => write!(f, "the case has no open step {step}"),
        }
    }
}

impl CaseState {
    /// Whether the case still owes something.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Answered | Self::Refused | Self::Cancelled)
    }

    /// The state after an event, as far as the states alone decide.
    ///
    /// # Errors
    /// [`IllegalMove`] where the event cannot happen here; the case stays as it was.
    pub fn apply(self, event: &CaseEvent) -> Result<Self, IllegalMove> {
        use CaseEvent as E;
        let illegal = IllegalMove { state: self, event: event.as_str(), bar: Bar::State };
        match (self, event) {
            // What others have to do outlives the answer.
            (
                state,
                E::Noted { .. }
                | E::Language { .. }
                | E::Lettered { .. }
                | E::Done { .. }
                | E::Recalled { .. }
                | E::Told { .. }
                | E::Unblocked { .. },
            ) => Ok(state),
            // What was made before the identity was confirmed is a draft: the decision is due again.
            (Self::Received | Self::Verified | Self::Executed, E::Verified { .. }) => Ok(Self::Verified),
            (Self::Executed, E::Authorised { .. }) => Ok(Self::Verified),
            (Self::Waiting, E::Verified { .. }) => Ok(Self::Waiting),
            (Self::Received | Self::Verified, E::Unverified { .. }) => Ok(Self::Received),
            (state, event) if state.is_open() && event.is_before_identity() => Ok(state),
            (state, E::Executed { waiting, .. }) if state.is_open() => {
                Ok(if *waiting { Self::Waiting } else { Self::Executed })
            }
            // What waits is told on time and goes on waiting.
            (Self::Waiting, E::Answered { .. }) => Ok(Self::Waiting),
            (state, E::Answered { waits, .. }) if state.is_open() && !waits.is_empty() => Ok(Self::Waiting),
            // A refusal that was signed is sent; it stays one.
            (Self::Refused, E::Answered { .. }) => Ok(Self::Refused),
            (state, E::Answered { .. }) if state.is_open() => Ok(Self::Answered),
            (state, E::Refused { .. }) if state.is_open() => Ok(Self::Refused),
            (state, E::Cancelled { .. }) if state.is_open() => Ok(Self::Cancelled),
            (state, E::Reopened { .. }) if !state.is_open() || state == Self::Waiting => Ok(Self::Verified),
            (_, E::Answered { .. } | E::Refused { .. } | E::Cancelled { .. } | E::Reopened { .. }) => {
                Err(illegal)
            }
            (state, _) if state.is_open() => Ok(state),
            _ => Err(illegal),
        }
    }
}

/// A case as a fold over its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What is asked.
    pub right: Right,
    /// The state now.
    pub state: CaseState,
    /// When it came: the earliest of its letters.
    pub received: Moment,
    /// How the identity was confirmed.
    pub identity: Option<IdentityMethod>,
    /// When the answer of this round was sent; a case that waits is answered before it ends.
    pub answered: Option<Moment>,
    /// Whether the refusal was recorded as sent: once.
    pub refusal_sent: bool,
    /// When it ended.
    pub ended: Option<Moment>,
    /// What people have to do.
    pub duties: Vec<Duty>,
    /// The steps done before the case began anew: who is asked for the same again owes it again.
    pub settled: BTreeSet<u32>,
    /// Whether it waits for steps by hand alone that something keeps: the answer said so, and another follows.
    pub put_off: bool,
}

/// Who goes on with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Officer<'e> {
    /// Whoever has the register.
    Anybody,
    /// Somebody it was handed to: a deputy until their last day.
    Named(&'e str),
    /// Nobody any more: the deputy's last day is over.
    Gone(&'e str, NaiveDate),
}

/// Who goes on with a case on a day, by its events: whoever it was handed to last, and after a deputy's last day whoever
/// had it before.
pub fn officer<'e>(events: &[&'e CaseEvent], today: NaiveDate) -> Officer<'e> {
    let mut gone = None;
    for event in events.iter().rev() {
        if let CaseEvent::HandedOver { to, until } = event {
            match until.filter(|until| *until < today) {
                None => return Officer::Named(to),
                Some(until) => gone = gone.or(Some(Officer::Gone(to, until))),
            }
        }
    }
    gone.unwrap_or(Officer::Anybody)
}

/// The steps that were done before a case began anew, by its events.
pub fn settled<'e>(events: impl IntoIterator<Item = &'e CaseEvent>) -> BTreeSet<u32> {
    let (mut done, mut settled) = (BTreeSet::new(), BTreeSet::new());
    for event in events {
        match event {
            CaseEvent::Done { step, .. } | CaseEvent::Told { step, .. } => {
                done.insert(*step);
            }
            event if event.begins_anew() => settled.append(&mut done),
            _ => {}
        }
    }
    settled
}

impl Case {
    /// A case begins by being received.
    pub fn received(right: Right, at: Moment) -> Self {
        Self {
            right,
            state: CaseState::Received,
            received: at,
            identity: None,
            answered: None,
            refusal_sent: false,
            ended: None,
            duties: Vec::new(),
            settled: BTreeSet::new(),
            put_off: false,
        }
    }

    /// A case from its events, the first of which is its receipt.
    ///
    /// # Errors
    /// [`IllegalMove`]: the events are of no case of ours.
    pub fn replay<'e>(
        right: Right,
        received: Moment,
        events: impl IntoIterator<Item = (Moment, &'e CaseEvent)>,
    ) -> Result<Self, IllegalMove> {
        let mut case = Self::received(right, received);
        for (at, event) in events {
            case = case.apply(at, event)?;
        }
        Ok(case)
    }

    /// One event further.
    ///
    /// # Errors
    /// [`IllegalMove`]; the case stays as it was.
    pub fn apply(&self, at: Moment, event: &CaseEvent) -> Result<Self, IllegalMove> {
        let mut next = self.clone();
        next.state = self.state.apply(event)?;
        // Only what tells data was a draft: what is blocked, stopped or gone stays so, whoever asked.
        if self.state == CaseState::Executed && next.state == CaseState::Verified && !self.right.tells_data()
        {
            next.state = CaseState::Executed;
        }
        // The document came that a correction waited for: its term runs from now, and nobody has answered that.
        if self.is_brought(event) {
            next.state = if self.identity.is_some() { CaseState::Verified } else { CaseState::Received };
            (next.answered, next.refusal_sent) = (None, false);
        }
        self.barred(event)
            .map_or(Ok(()), |bar| Err(IllegalMove { state: self.state, event: event.as_str(), bar }))?;
        next.take(at, event);
        next.go_on(self.state, event);
        if matches!(event, CaseEvent::Reopened { .. }) && next.identity.is_none() {
            next.state = CaseState::Received; // nobody checked who asks
        }
        let sent = next.answered.filter(|_| matches!(event, CaseEvent::Answered { .. }));
        // A refusal that lies signed on the desk ends nothing.
        let unsent = next.state == CaseState::Refused && !next.refusal_sent;
        next.ended = if next.state.is_open() || unsent { None } else { self.ended.or(sent).or(Some(at)) };
        Ok(next)
    }

    /// The open duties that keep the case from its end.
    pub fn barring(&self) -> impl Iterator<Item = &Duty> {
        self.duties.iter().filter(|duty| duty.bars())
    }

    /// Whether an event brings a correction the document without which nothing was corrected.
    fn is_brought(&self, event: &CaseEvent) -> bool {
        let waits = self.right == Right::Rectify && self.state == CaseState::Waiting;
        waits && matches!(event, CaseEvent::Documented { .. })
    }

    fn barred(&self, event: &CaseEvent) -> Option<Bar> {
        use CaseEvent as E;
        if let Some(bar) = self.barred_by_steps(event) {
            return Some(bar);
        }
        let undone = matches!(self.state, CaseState::Received | CaseState::Verified);
        match event {
            E::Answered { .. } if undone && self.right.has_command() => Some(Bar::NotCarriedOut),
            E::Answered { .. } if self.refusal_sent => Some(Bar::State),
            E::Done { step, .. } | E::Recalled { step, .. } => self.no_open(*step, false),
            E::Told { step, .. } => self.no_open(*step, true),
            _ => None,
        }
    }

    fn no_open(&self, step: u32, tell: bool) -> Option<Bar> {
        let fits = |duty: &&Duty| duty.step == step && (duty.what.kind == DutyKind::Tell) == tell;
        let found = self.duties.iter().find(fits).is_some_and(Duty::is_open);
        (!found).then_some(Bar::NoStep(step))
    }

    fn take(&mut self, now: Moment, event: &CaseEvent) {
        use CaseEvent as E;
        if event.begins_anew() {
            let done = self.duties.iter().filter(|duty| !duty.is_open());
            self.settled.extend(done.map(|duty| duty.step));
        }
        match event {
            E::Received { at: Some(at), .. } => self.received = self.received.min(*at),
            E::Verified { method } => self.identity = Some(*method),
            E::Unverified { .. } => self.identity = None,
            E::Decided { duties, .. } => duties.iter().for_each(|duty| self.owe(duty)),
            E::Done { step, evidence, found, part } => {
                part.iter().for_each(|part| self.split(*step, part));
                self.close(*step, now, Some(evidence.clone()));
                self.duties.iter_mut().filter(|duty| duty.step == *step).for_each(|duty| duty.found = *found);
            }
            E::Recalled { step, why } => {
                self.close(*step, now, Some(why.clone()));
                self.duties
                    .iter_mut()
                    .filter(|duty| duty.step == *step)
                    .for_each(|duty| duty.recalled = true);
            }
            E::Told { step, at } => self.close(*step, *at, None),
            E::Answered { at, .. } => {
                self.answered = Some(at.unwrap_or(now));
                self.refusal_sent = self.state == CaseState::Refused;
            }
            E::Refused { .. } => self.answered = None,
            E::Reopened { .. } => (self.answered, self.refusal_sent) = (None, false),
            _ => {}
        }
    }

    /// What is owed already, or was done about the same thing, is not owed twice.
    fn owe(&mut self, duty: &NewDuty) {
        let stands =
            |known: &&Duty| known.is_open() || known.is_done() && !self.settled.contains(&known.step);
        if !self.duties.iter().filter(stands).any(|known| known.what.is_same(duty)) {
            let step = u32::try_from(self.duties.len() + 1).unwrap_or(u32::MAX);
            self.duties.push(Duty::new(step, duty.clone()));
        }
    }

    fn close(&mut self, step: u32, at: Moment, evidence: Option<Remark>) {
        if let Some(duty) = self.duties.iter_mut().find(|duty| duty.step == step) {
            (duty.done, duty.evidence) = (Some(at), evidence);
        }
    }
}

#[cfg(test)]
mod tests;
