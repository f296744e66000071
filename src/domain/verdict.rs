//! What was decided, and why. A verdict always names its reason; "no rule" is an answer of its own.

use std::fmt;

use chrono::NaiveDate;

use super::{CaseNumber, Moment, Right};

/// The rule behind a decision: enough for an officer to open the policy at the place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason {
    /// Rule id, e.g. `AM-8-contact` or `KZ-25.8a`.
    pub rule: String,
    /// Clause of the published policy, e.g. `8`; `None` where only the law speaks.
    pub clause: Option<String>,
    /// Article of the law, e.g. `94-V art. 25(2)(8)`.
    pub law: Option<String>,
    /// The gist in our words.
    pub says: String,
}

/// Whether one record may stay on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Stays; `until` is the date the rule sets, `None` while an event has not happened yet.
    Keep {
        /// At most: due for destruction on this date. At least: the last day kept.
        until: Option<NaiveDate>,
        /// The rule that keeps it.
        why: Reason,
    },
    /// Due for destruction since this day.
    Destroy {
        /// The first day on which destruction was due.
        since: NaiveDate,
        /// The rule that ends it.
        why: Reason,
    },
    /// No longer used, kept only because a law says so (Digital Code art. 41(3)).
    Archive {
        /// The last day kept.
        until: NaiveDate,
        /// The law's rule.
        why: Reason,
    },
    /// Blocked for the check of a case: neither used nor destroyed.
    Block {
        /// The case.
        case: CaseNumber,
        /// The rule that blocks.
        why: Reason,
    },
    /// Kept for an open obligation, a hold or an open case.
    Hold {
        /// What holds it: never a personal value.
        by: HeldBy,
        /// The rule that lets it.
        why: Reason,
    },
    /// No rule speaks, or the date the rule counts from is missing.
    Gap {
        /// What is missing, in words.
        missing: String,
    },
}

/// What keeps a record that its rules would let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// A legal hold, by its number.
    Hold(String),
    /// An open obligation, by the reference of its source system.
    Obligation(String),
    /// Data of a person who was under age when they gave it: an officer decides.
    Child,
    /// A mark in the other system that the row is out of use.
    Mark,
}

impl fmt::Display for HeldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold(number) => write!(f, "hold {number}"),
            Self::Obligation(reference) => write!(f, "obligation {reference}"),
            Self::Child => f.write_str("the officer: given by a person still under age"),
            Self::Mark => f.write_str("the system it lies in, which marks it as out of use"),
        }
    }
}

impl Verdict {
    /// The word in JSON and CSV.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Keep { .. } => "keep",
            Self::Destroy { .. } => "destroy",
            Self::Archive { .. } => "archive",
            Self::Block { .. } => "block",
            Self::Hold { .. } => "hold",
            Self::Gap { .. } => "gap",
        }
    }

    /// The reason, where there is one.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Keep { why, .. }
            | Self::Destroy { why, .. }
            | Self::Archive { why, .. }
            | Self::Block { why, .. }
            | Self::Hold { why, .. } => Some(why),
            Self::Gap { .. } => None,
        }
    }

    /// The date the verdict turns on.
    pub fn until(&self) -> Option<NaiveDate> {
        match self {
            Self::Keep { until, .. } => *until,
            Self::Archive { until, .. } => Some(*until),
            Self::Destroy { since, .. } => Some(*since),
            Self::Block { .. } | Self::Hold { .. } | Self::Gap { .. } => None,
        }
    }
}

/// Which layer set the binding term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The statute.
    Law,
    /// The published policy; a tie is the policy's.
    Policy,
}

impl Binding {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Policy => "policy",
        }
    }
}

/// What one layer (law or policy) says about a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerTerm {
    /// The rule.
    pub why: Reason,
    /// The term in words, e.g. `15 working days`; `None` where the rule grants a right but no term.
    pub limit: Option<String>,
    /// The binding last day by this layer.
    pub due: Option<NaiveDate>,
    /// The instant, for terms in hours and for duties that start at once.
    pub due_at: Option<Moment>,
    /// The careful term in words.
    pub target: Option<String>,
    /// The careful last day.
    pub target_due: Option<NaiveDate>,
    /// Whether a lawyer has read the rule against the live text (statute only).
    pub confirmed: Option<bool>,
}

/// A day that did not count, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The day.
    pub date: NaiveDate,
    /// Why it did not count, e.g. `Saturday`, or the holiday's name.
    pub reason: String,
}

/// The due date of one right, with everything needed to prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The right.
    pub right: Right,
    /// When the request was received.
    pub received: Moment,
    /// The binding limit: the earlier of law and policy. `None`: no term was in force.
    pub due: Option<NaiveDate>,
    /// The binding instant, where the term is one of hours or at once.
    pub due_at: Option<Moment>,
    /// The careful date, where it is earlier than the limit.
    pub target: Option<NaiveDate>,
    /// Which layer binds.
    pub binding: Option<Binding>,
    /// The law's term.
    pub law: Option<LayerTerm>,
    /// The policy's term.
    pub policy: Option<LayerTerm>,
    /// Every day between receipt and due date that did not count.
    pub skipped: Vec<Skipped>,
    /// Whether the calendar ends before the date, so that the date is a careful guess.
    pub provisional: bool,
    /// What no rule answers, in words.
    pub gap: Option<String>,
    /// Version of the calendar used.
    pub calendar: String,
}
