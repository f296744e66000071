//! Something that happened to a case. Every date and the state of a case follow from its events.

use chrono::NaiveDate;

use super::{NewDuty, Remark};
use crate::domain::{
    CaseNumber, Channel, Decision, IdentityMethod, Letter, Moment, Outcome, Pause, channel::words,
};

words! {
    /// By what somebody acts for the person.
    AuthorityKind, "authority" {
        /// A representative by law or contract.
        Representative = "representative",
        /// A power of attorney, which has a last day.
        PowerOfAttorney = "power_of_attorney",
        /// The parent of a minor.
        Parent = "parent",
        /// Nobody: from here on the person asks for themselves.
        Itself = "self",
    }
}

/// The demand of an authority: what a request of a state body rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Number of its letter.
    pub number: String,
    /// The law it names; `None` where nobody has said.
    pub basis: Option<Remark>,
}

/// A step of which a part is done: what of it, and what something came to keep, each in the words of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What was done.
    pub done: String,
    /// What is left, as a step of its own.
    pub left: String,
}

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseEvent {
    /// The request came, or another letter of the same day about the same thing.
    Received {
        /// How.
        channel: Channel,
        /// Number of the envelope or courier.
        tracking: Option<String>,
        /// When it came; `None` in old registers: as the case says.
        at: Option<Moment>,
        /// Why it was registered late.
        late: Option<Remark>,
        /// What an authority demands it by.
        demand: Option<Demand>,
        /// The first case of the letter, where it asked several things.
        letter: Option<CaseNumber>,
    },
    /// The identity was confirmed; the method is kept, never a copy.
    Verified {
        /// How.
        method: IdentityMethod,
    },
    /// The identity was checked and not confirmed.
    Unverified {
        /// How.
        method: IdentityMethod,
        /// What was wrong.
        why: Remark,
    },
    /// The authority of whoever acts for the person was checked.
    Authorised {
        /// By what.
        kind: AuthorityKind,
        /// Its last day.
        until: Option<NaiveDate>,
    },
    /// It was checked and not confirmed.
    Unauthorised {
        /// By what.
        kind: AuthorityKind,
        /// What was wrong.
        why: Remark,
    },
    /// Documents came that the request needs.
    Documented {
        /// Which, by name, number and date.
        what: Remark,
        /// When.
        at: Moment,
    },
    /// Data went out of use for a check.
    Blocked {
        /// Since when.
        since: Moment,
        /// Which categories; none = all.
        categories: Vec<String>,
    },
    /// The check ended.
    Unblocked {
        /// `accurate`, `inaccurate` or `unlawful`.
        finding: String,
    },
    /// It was decided what happens.
    Decided {
        /// What came out as a whole.
        decision: Decision,
        /// What people have to do about it.
        duties: Vec<NewDuty>,
        /// Another thing than was carried out before in this case: what people did about that is owed again.
        anew: bool,
    },
    /// An erasure was proposed that a second person has to agree to.
    Proposed {
        /// The user id of who proposed it.
        user: u32,
        /// The number of the records that would go, in hexadecimal.
        plan: String,
        /// What exactly is asked, as JSON without a value of the person.
        ask: String,
    },
    /// Somebody else agreed to it.
    Approved {
        /// The user id of who agreed.
        user: u32,
        /// The number of the records agreed to.
        plan: String,
    },
    /// An answer or an effect was produced by a command.
    Executed {
        /// Which command.
        command: String,
        /// Whether something still waits (obligation, block).
        waiting: bool,
        /// What exactly was asked, as JSON without a value of the person: what a resumption asks again.
        ask: Option<String>,
        /// What came of it: what letters and reasons say. `None` where an older version wrote the event.
        outcome: Option<Box<Outcome>>,
    },
    /// A letter was made; it was not sent by that.
    Lettered {
        /// Which.
        letter: Box<Letter>,
    },
    /// A step by hand was done.
    Done {
        /// Which.
        step: u32,
        /// The proof.
        evidence: Remark,
        /// Of a step that looks somebody up: whether anything was found. `None`: it looks nobody up, or an older
        /// version wrote the event.
        found: Option<bool>,
        /// Where something kept the rest of it: what of it was done.
        part: Option<Part>,
    },
    /// A step by hand that nobody did was taken back: it has no reason any more.
    Recalled {
        /// Which.
        step: u32,
        /// Why.
        why: Remark,
    },
    /// A recipient was told.
    Told {
        /// Which duty.
        step: u32,
        /// When.
        at: Moment,
    },
    /// The person was asked for something; where a rule lets it, the clock stands.
    Asked {
        /// For what.
        what: Pause,
    },
    /// The person said what is meant.
    Clarified,
    /// The language of the answer was corrected; the last one counts.
    Language {
        /// Its tag: `ru`, `kk`, `en`.
        tag: String,
    },
    /// The company took more time, where a rule allows it.
    Extended {
        /// The person was told of it, with the reasons.
        told: bool,
        /// Why.
        why: Remark,
    },
    /// Somebody else goes on with the case.
    HandedOver {
        /// Who.
        to: String,
        /// A deputy's last day.
        until: Option<NaiveDate>,
    },
    /// The answer was sent.
    Answered {
        /// By which way.
        channel: Option<Channel>,
        /// Outgoing number.
        number: Option<String>,
        /// When it went out; `None`: when it was recorded.
        at: Option<Moment>,
        /// Complaints that were overruled, and why, as the officer wrote it.
        although: Option<String>,
        /// Steps by hand that something kept then: the answer says so, and the case stays open for them.
        waits: Vec<u32>,
    },
    /// A reasoned refusal was signed.
    Refused {
        /// Ground code, e.g. `RF-ID`.
        ground: String,
        /// The facts it rests on.
        facts: Option<Remark>,
    },
    /// Withdrawn or registered by mistake.
    Cancelled {
        /// Why.
        why: Option<Remark>,
    },
    /// Open again, e.g. because an obligation ended.
    Reopened {
        /// When the reason arose: the new term runs from here.
        since: Option<Moment>,
        /// Why.
        why: Option<Remark>,
    },
    /// A remark in the file; changes nothing.
    Noted {
        /// The remark.
        text: Option<Remark>,
    },
}

impl CaseEvent {
    /// Whether what people did before in the case was about something else than what they are told from here on.
    pub fn begins_anew(&self) -> bool {
        matches!(self, Self::Reopened { .. } | Self::Unblocked { .. } | Self::Decided { anew: true, .. })
    }

    /// Whether only that was done which needs no identity: the case stands where it stood, with its term running.
    pub fn is_before_identity(&self) -> bool {
        matches!(self, Self::Executed { outcome: Some(outcome), .. } if outcome.unconfirmed)
    }

    /// The steps by hand that an answer left waiting.
    pub fn waits(&self) -> &[u32] {
        if let Self::Answered { waits, .. } = self { waits } else { &[] }
    }

    /// Whether it ends the case, so that nothing is asked of the person any more.
    pub fn ends(&self) -> bool {
        matches!(self, Self::Answered { .. } | Self::Refused { .. } | Self::Cancelled { .. })
    }

    /// The word of the register.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Verified { .. } => "verified",
            Self::Unverified { .. } => "unverified",
            Self::Authorised { .. } => "authorised",
            Self::Unauthorised { .. } => "unauthorised",
            Self::Documented { .. } => "documented",
            Self::Blocked { .. } => "blocked",
            Self::Unblocked { .. } => "unblocked",
            Self::Decided { .. } => "decided",
            Self::Proposed { .. } => "proposed",
            Self::Approved { .. } => "approved",
            Self::Executed { .. } => "executed",
            Self::Lettered { .. } => "lettered",
            Self::Done { .. } => "done",
            Self::Recalled { .. } => "recalled",
            Self::Told { .. } => "told",
            Self::Asked { .. } => "asked",
            Self::Clarified => "clarified",
            Self::Language { .. } => "language",
            Self::Extended { .. } => "extended",
            Self::HandedOver { .. } => "handed_over",
            Self::Answered { .. } => "answered",
            Self::Refused { .. } => "refused",
            Self::Cancelled { .. } => "cancelled",
            Self::Reopened { .. } => "reopened",
            Self::Noted { .. } => "noted",
        }
    }
}
