//! What moves a clock: the event it counts from, what stops it, what lengthens it.
//!
//! Kazakhstan's terms neither stop nor lengthen; other laws' do (an identity check, one extension with
//! notice), and a rule says so for itself. What happened to a case is a list of [`Ticked`], and the due
//! date is computed from it anew each time.

use super::{Moment, Term, channel::words};

words! {
    /// The event a term counts from.
    StartEvent, "start event" {
        /// Receipt of the request.
        Receipt = "receipt",
        /// Its entry in the register.
        Registration = "registration",
        /// The identity was confirmed.
        Identity = "identity",
        /// Confirming documents were received.
        Documents = "documents",
        /// The violation was confirmed.
        Confirmation = "confirmation",
        /// The violation was not confirmed.
        Decision = "decision",
        /// It was detected or learned of.
        Detection = "detection",
        /// A transfer was made.
        Transfer = "transfer",
        /// The policy was published.
        Publication = "publication",
    }
}

words! {
    /// Why a clock stands, where its rule lets it.
    Pause, "pause" {
        /// The person's identity is being checked.
        Identity = "identity",
        /// The person was asked what is meant.
        Clarification = "clarification",
        /// Confirming documents were asked for.
        Documents = "documents",
    }
}

words! {
    /// What becomes of a last day that is not worked.
    Roll, "roll rule" {
        /// The next working day (Civil Code art. 175).
        NextWorkingDay = "next_working_day",
        /// It stays the last day.
        None = "none",
    }
}

/// How often and by how much a term may be lengthened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// By how much each time, in the unit of the limit.
    pub by: Term,
    /// How often.
    pub times: u32,
    /// The person must be told, with reasons, before the first due date.
    pub notice: bool,
}

/// How the clock of one rule runs. The default is Kazakhstan's: from receipt, to the next working day,
/// never stopped, never lengthened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRule {
    /// The event it counts from.
    pub from: StartEvent,
    /// What becomes of a last day that is not worked.
    pub roll: Roll,
    /// What stops it.
    pub pauses: Vec<Pause>,
    /// What lengthens it.
    pub extension: Option<Extension>,
}

impl Default for ClockRule {
    fn default() -> Self {
        let (from, roll) = (StartEvent::Receipt, Roll::NextWorkingDay);
        Self { from, roll, pauses: Vec::new(), extension: None }
    }
}

/// Something that may move a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// An event happened that some term counts from. The first of each kind counts.
    Started(StartEvent),
    /// From here a clock that may stop for this stands.
    Paused(Pause),
    /// And from here it runs again.
    Resumed(Pause),
    /// The company took more time.
    Extended {
        /// The person was told of it, with the reasons.
        told: bool,
    },
}

/// When it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticked {
    /// The moment.
    pub at: Moment,
    /// What.
    pub what: Tick,
}
