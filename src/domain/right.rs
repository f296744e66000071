//! What a person can ask for, and the duties that run on the same clock.

use std::{fmt, str::FromStr};

use super::suggest;

/// A right of the subject, or a duty with a term of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// Know what is held (art. 24(1)(1)).
    Access,
    /// Receive a copy; at AutoMaster also portability.
    Export,
    /// Change or supplement (art. 24(1)(2)).
    Rectify,
    /// Have data destroyed or deleted (art. 24(1)(4); Digital Code art. 41).
    Erase,
    /// Have data blocked (art. 24(1)(3)).
    Restrict,
    /// The block lifted when no violation is confirmed (art. 25(2)(8)).
    Unblock,
    /// Object to processing.
    Object,
    /// Withdraw consent (art. 8, art. 24(1)(5)).
    Revoke,
    /// Receive no more messages.
    OptOut,
    /// Complain of a breach of the policy.
    Complaint,
    /// Data of a person under 18 was found.
    Minor,
    /// A breach of security was detected: tell the authority.
    Breach,
    /// A plain question; no law sets a term for its answer.
    Question,
    /// A demand of an authority, which has a number and a legal basis.
    Authority,
}

impl Right {
    /// Every right, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Access,
        Self::Export,
        Self::Rectify,
        Self::Erase,
        Self::Restrict,
        Self::Unblock,
        Self::Object,
        Self::Revoke,
        Self::OptOut,
        Self::Complaint,
        Self::Minor,
        Self::Breach,
        Self::Question,
        Self::Authority,
    ];

    /// The word used on the command line, in policies and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Export => "export",
            Self::Rectify => "rectify",
            Self::Erase => "erase",
            Self::Restrict => "restrict",
            Self::Unblock => "unblock",
            Self::Object => "object",
            Self::Revoke => "revoke",
            Self::OptOut => "opt_out",
            Self::Complaint => "complaint",
            Self::Minor => "minor",
            Self::Breach => "breach",
            Self::Question => "question",
            Self::Authority => "authority",
        }
    }

    /// The right whose command carries it out: an end of messages is an objection, data of a minor is erased.
    pub fn carried_out_as(self) -> Self {
        match self {
            Self::OptOut => Self::Object,
            Self::Minor => Self::Erase,
            own => own,
        }
    }

    /// Whether its answer tells what is held: for somebody unconfirmed it is a draft.
    pub fn tells_data(self) -> bool {
        matches!(self, Self::Access | Self::Export)
    }

    /// Whether a ground of the law can refuse it: a breach must be told of, and a demand of an authority is no
    /// right of the person.
    pub fn is_refusable(self) -> bool {
        !matches!(self, Self::Breach | Self::Authority)
    }

    /// Whether a command of `dsr` of the same name carries it out; the others are answered by people alone.
    pub fn has_command(self) -> bool {
        !matches!(
            self,
            Self::OptOut | Self::Complaint | Self::Minor | Self::Breach | Self::Question | Self::Authority
        )
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Right {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        suggest::one_of("right", text, &Self::ALL, |right| right.as_str())
    }
}
