//! How long the register's own data stays after its end: cases, acts, suppressions, proofs.
//!
//! The register holds personal data too (art. 12(2) bounds it like any other), but its purpose is proof,
//! and proof is wanted as long as somebody may still claim: three years from learning of a violation
//! (Civil Code art. 178, 180). Deliberately absent: the audit log, which knows nobody.

use serde::Deserialize;

use super::{until::Length, word};

/// One term for each kind of the register's data. None of them ends while the data is still in use.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RegisterTerms {
    /// A case with its events and letters: after the day it was closed.
    #[serde(deserialize_with = "word::one")]
    pub cases: Length,
    /// An act of destruction and its leaves: after the day of the destruction.
    #[serde(deserialize_with = "word::one")]
    pub acts: Length,
    /// A suppression of somebody who is not held any more: after their last record went. While the
    /// person is held it has no end.
    #[serde(deserialize_with = "word::one")]
    pub suppressions: Length,
    /// Proof of a consent: after the person's last record went.
    #[serde(deserialize_with = "word::one")]
    pub consents: Length,
    /// Proof of a disclosure: after the person's last record went.
    #[serde(deserialize_with = "word::one")]
    pub disclosures: Length,
}

/// Years within which somebody may still go to court (Civil Code art. 178): no proof ends earlier.
pub const LIMITATION_YEARS: u64 = 3;

impl RegisterTerms {
    /// Each kind by the word of the file, with its term.
    pub fn named(&self) -> [(&'static str, Length); 5] {
        [
            ("cases", self.cases),
            ("acts", self.acts),
            ("suppressions", self.suppressions),
            ("consents", self.consents),
            ("disclosures", self.disclosures),
        ]
    }

    /// The first kind whose proof would be gone while a claim is still possible.
    pub fn under_limitation(&self) -> Option<(&'static str, Length)> {
        self.named().into_iter().find(|(_, length)| length.rough_days() < LIMITATION_YEARS * 365)
    }
}
