//! The policy that a letter tells of.

use serde::Serialize;

use super::Brief;
use crate::render::{Words, answer::holdings::terms::DASH};

/// Its name, version, day and place.
#[derive(Serialize)]
pub(super) struct Policy {
    title: String,
    version: String,
    dated: String,
    r#where: String,
}

impl Policy {
    /// Of the company that writes.
    pub(super) fn of(brief: &Brief<'_>, words: &Words) -> Self {
        let policy = &brief.rulebook.policy;
        let sites =
            if brief.officer.domains.is_empty() { &policy.controller.sites } else { &brief.officer.domains };
        Self {
            title: policy.title.clone(),
            version: version(&policy.version, words),
            dated: policy.dated.map_or_else(|| DASH.into(), |day| words.day(day)),
            r#where: if sites.is_empty() { DASH.into() } else { sites.join(", ") },
        }
    }
}

/// A version that is no date is called by the digest of its text, in words.
fn version(version: &str, words: &Words) -> String {
    match version.strip_prefix("undated-") {
        Some(digest) => words.say_with("letter-policy-undated", &[("digest", digest.into())]),
        None => version.parse().map_or_else(|_| version.to_owned(), |day| words.day(day)),
    }
}
