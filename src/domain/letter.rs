//! A letter as a case keeps it: which one it was, under which number, and what it had to say.

use serde::{Deserialize, Serialize};

use super::channel::words;

words! {
    /// Which letter.
    LetterKind, "kind of letter" {
        /// What is held, why, from where, how long (art. 24(1)(1)).
        Access = "access",
        /// Nothing is held.
        NothingHeld = "nothing_held",
        /// Consent withdrawn: what ended, what stays by law.
        Withdrawal = "withdrawal",
        /// Data destroyed at the person's request.
        Erasure = "erasure",
        /// Purposes stopped, or taken up again.
        Objection = "objection",
        /// Part done, part refused or waiting.
        Partial = "partial",
        /// A reasoned refusal.
        Refusal = "refusal",
        /// Data corrected, or which document is missing.
        Rectification = "rectification",
        /// Data blocked for a check.
        Block = "block",
        /// A check ended.
        Unblock = "unblock",
        /// Data of a minor.
        Minor = "minor",
        /// To a recipient of the data: it was corrected, blocked, destroyed, or consent withdrawn.
        Recipient = "recipient",
        /// To the authorised body: a breach of security.
        Authority = "authority",
        /// The policy changes.
        PolicyChange = "policy_change",
    }
}

impl LetterKind {
    /// Whether it tells that something was done: not before everything was, in every place.
    pub fn tells_what_was_done(self) -> bool {
        use LetterKind as L;
        matches!(
            self,
            L::Withdrawal
                | L::Erasure
                | L::Objection
                | L::Partial
                | L::Rectification
                | L::Block
                | L::Unblock
                | L::Minor
        )
    }

    /// Whether it tells what waits as well: by hand too.
    pub fn tells_what_waits(self) -> bool {
        matches!(self, Self::Partial | Self::Minor | Self::Unblock)
    }

    /// Whether it tells what is held, or that nothing is: not before somebody has looked in every place.
    pub fn tells_what_is_held(self) -> bool {
        matches!(self, Self::Access | Self::NothingHeld)
    }

    /// Whether it goes to the person; the others go to a recipient, an authority, or everybody.
    pub fn is_to_person(self) -> bool {
        !matches!(self, Self::Recipient | Self::Authority | Self::PolicyChange)
    }
}

/// A letter that was made. It holds no value of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Which one, as a word of [`LetterKind`].
    pub kind: String,
    /// Outgoing number.
    pub number: String,
    /// Languages, in the order of the page: `ru`, `kk`, `en`.
    pub languages: Vec<String>,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What it has to say, by item: a draft that was edited is held to it.
    pub items: Vec<Item>,
    /// What the list of complaints found when it was made, as words.
    pub faults: Vec<String>,
}

impl Letter {
    /// Whether it tells that steps by hand wait.
    pub fn tells_put_off(&self) -> bool {
        self.items.iter().any(|item| item.name == PUT_OFF)
    }
}

/// Under which name a letter owes what waits by hand.
pub const PUT_OFF: &str = "put_off";

/// Something a letter must say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// Which, e.g. `purposes`.
    pub name: String,
    /// The words that must stand in it.
    pub text: String,
}
