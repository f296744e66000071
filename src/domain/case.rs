//! A case: one request and all that happened to it.
//!
//! The state is never set, only computed: [`CaseState::apply`] moves it by one event, and replaying
//! the events of a case gives its state again.

use std::fmt;

use super::{Channel, Decision, IdentityMethod, Letter, Moment, Outcome, channel::words};

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
        /// A reasoned refusal was sent.
        Refused = "refused",
        /// Withdrawn by the person, or registered by mistake.
        Cancelled = "cancelled",
    }
}

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseEvent {
    /// The request came.
    Received {
        /// How.
        channel: Channel,
        /// Number of the envelope or courier.
        tracking: Option<String>,
    },
    /// The identity was confirmed; the method is kept, never a copy.
    Verified {
        /// How.
        method: IdentityMethod,
    },
    /// An answer or an effect was produced by a command.
    Executed {
        /// Which command.
        command: String,
        /// Whether something still waits (obligation, block).
        waiting: bool,
        /// What exactly was asked, as JSON without a value of the person: what a resumption asks again.
        ask: Option<String>,
        /// What came out of it; `None` for what was written before this was kept.
        decision: Option<Decision>,
        /// What came of it: what letters say. `None` where an older version wrote the event.
        outcome: Option<Box<Outcome>>,
    },
    /// A letter was made; it was not sent by that.
    Lettered {
        /// Which.
        letter: Box<Letter>,
    },
    /// The answer was sent.
    Answered {
        /// By which way.
        channel: Option<Channel>,
        /// Outgoing number.
        number: Option<String>,
        /// Complaints that were overruled, and why, as the officer wrote it.
        although: Option<String>,
    },
    /// A reasoned refusal was sent.
    Refused {
        /// Ground code, e.g. `RF-ID`.
        ground: String,
    },
    /// Withdrawn or registered by mistake.
    Cancelled,
    /// Open again, e.g. because an obligation ended.
    Reopened,
    /// A remark in the file; changes nothing.
    Noted,
}

impl CaseEvent {
    /// The word of the register.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Verified { .. } => "verified",
            Self::Executed { .. } => "executed",
            Self::Lettered { .. } => "lettered",
            Self::Answered { .. } => "answered",
            Self::Refused { .. } => "refused",
            Self::Cancelled => "cancelled",
            Self::Reopened => "reopened",
            Self::Noted => "noted",
        }
    }
}

/// An event that cannot happen in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalMove {
    /// Where the case stood.
    pub state: CaseState,
    /// What was tried.
    pub event: &'static str,
}

impl fmt::Display for IllegalMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a case that is {} cannot be {}", self.state, self.event)
    }
}

impl CaseState {
    /// Whether the case still owes something.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Answered | Self::Refused | Self::Cancelled)
    }

    /// The state after an event.
    ///
    /// # Errors
    /// [`IllegalMove`] where the event cannot happen here; the case stays as it was.
    pub fn apply(self, event: &CaseEvent) -> Result<Self, IllegalMove> {
        use CaseEvent as E;
        let illegal = IllegalMove { state: self, event: event.as_str() };
        match (self, event) {
            (state, E::Noted | E::Lettered { .. }) => Ok(state),
            // Another letter of the same day about the same thing.
            (state, E::Received { .. }) if state.is_open() => Ok(state),
            // What was made before the identity was confirmed is a draft: the decision is due again.
            (Self::Received | Self::Verified | Self::Executed, E::Verified { .. }) => Ok(Self::Verified),
            (Self::Waiting, E::Verified { .. }) => Ok(Self::Waiting),
            (state, E::Executed { waiting, .. }) if state.is_open() => {
                Ok(if *waiting { Self::Waiting } else { Self::Executed })
            }
            (state, E::Answered { .. }) if state.is_open() => Ok(Self::Answered),
            (state, E::Refused { .. }) if state.is_open() => Ok(Self::Refused),
            (state, E::Cancelled) if state.is_open() => Ok(Self::Cancelled),
            (state, E::Reopened) if !state.is_open() || state == Self::Waiting => Ok(Self::Verified),
            _ => Err(illegal),
        }
    }
}

/// A case as a fold over its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The state now.
    pub state: CaseState,
    /// When it came.
    pub received: Moment,
    /// How the identity was confirmed.
    pub identity: Option<IdentityMethod>,
    /// When it ended.
    pub ended: Option<Moment>,
}

impl Case {
    /// A case begins by being received.
    pub fn received(at: Moment) -> Self {
        Self { state: CaseState::Received, received: at, identity: None, ended: None }
    }

    /// One event further.
    ///
    /// # Errors
    /// [`IllegalMove`]; the case stays as it was.
    pub fn apply(&self, at: Moment, event: &CaseEvent) -> Result<Self, IllegalMove> {
        let mut next = self.clone();
        next.state = self.state.apply(event)?;
        if let CaseEvent::Verified { method } = event {
            next.identity = Some(*method);
        }
        next.ended = if next.state.is_open() { None } else { self.ended.or(Some(at)) };
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::{CaseEvent as E, CaseState as S, *};

    fn verified() -> E {
        E::Verified { method: IdentityMethod::Document }
    }

    fn executed(waiting: bool) -> E {
        E::Executed { command: "access".into(), waiting, ask: None, decision: None, outcome: None }
    }

    fn letter() -> E {
        E::Received { channel: Channel::Email, tracking: None }
    }

    fn answered() -> E {
        E::Answered { channel: None, number: None, although: None }
    }

    #[test]
    fn moves_of_a_case() {
        let refused = E::Refused { ground: "RF-ID".into() };
        for (about, from, event, to) in [
            ("identity confirmed", S::Received, verified(), Some(S::Verified)),
            ("confirmed twice", S::Verified, verified(), Some(S::Verified)),
            ("a draft before identity", S::Received, executed(false), Some(S::Executed)),
            ("identity confirmed after a draft", S::Executed, verified(), Some(S::Verified)),
            ("identity for the rest", S::Waiting, verified(), Some(S::Waiting)),
            ("identity after the answer", S::Answered, verified(), None),
            ("a deal is open", S::Verified, executed(true), Some(S::Waiting)),
            ("the deal ended", S::Waiting, E::Reopened, Some(S::Verified)),
            ("answered", S::Executed, answered(), Some(S::Answered)),
            ("answered twice", S::Answered, answered(), None),
            ("refused after the answer", S::Answered, refused.clone(), None),
            ("refused for identity", S::Received, refused, Some(S::Refused)),
            ("a mistake", S::Received, E::Cancelled, Some(S::Cancelled)),
            ("a second letter", S::Verified, letter(), Some(S::Verified)),
            ("a letter after the end", S::Answered, letter(), None),
            ("a remark changes nothing", S::Answered, E::Noted, Some(S::Answered)),
            ("open again", S::Refused, E::Reopened, Some(S::Verified)),
            ("an open case re-opened", S::Received, E::Reopened, None),
        ] {
            assert_eq!(from.apply(&event).ok(), to, "{about}");
        }
    }
}
