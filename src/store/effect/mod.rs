//! What a plan does to the store: each effect by key, with the version re-checked, for one person.
//!
//! Every effect takes the [`Person`] it is meant for, and a row of anybody else is a stale plan: a wrong
//! key cannot change a stranger. An effect that returns an error must end its transaction; then nothing of
//! it happened. Deliberately absent: decisions, audit entries, and the question.

mod annotate;
mod archive;
mod block;
mod bound;
mod consent;
mod contact;
mod destroy;
pub(in crate::store) mod disclosure;
mod guard;
mod hold;
mod objects;
mod person;
mod rectify;
mod shell;
mod suppress;
mod wait;

#[cfg(test)]
mod tests;

pub use consent::NewConsent;
pub use destroy::RECORD_REF;
pub use disclosure::NewDisclosure;
pub use guard::ImportGuard;
pub use hold::HoldEntry;
pub use person::Person;
pub use rectify::Correction;
pub use shell::Leave;
pub use suppress::SuppressionEntry;
pub use wait::{EndedWait, Wait};

use crate::domain::{Error, Kind};

/// What the plan saw is no longer so.
pub(super) fn stale() -> Error {
    Error::new(Kind::Ambiguous, "the plan went stale: the data changed since it was made; nothing was done")
        .hint("make the plan again")
}
