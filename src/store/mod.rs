//! `dsr`'s own SQLite database: the only place, beside [`crate::system`], where SQL is written.
//!
//! ```text
//! Store::create / open ─► transact (BEGIN IMMEDIATE) ─► Tx ──derefs to──► View
//!                     └─► read     (BEGIN DEFERRED)  ─────────────────────► View
//! ```
//!
//! A [`View`] looks things up: people ([`find`], [`subject`]), all facts of one person ([`facts`]), the
//! register ([`register`]), rows for reports ([`survey`]), the log ([`append`]). A [`Tx`] can also
//! change them; whatever it did is undone unless its closure returns `Ok`.
//!
//! Deliberately absent: clocks and randomness (arguments), decisions (`decide`), printing, and SQL
//! outside this directory. Every look-up of a person takes the controller: two controllers are strangers.

mod column;
mod event;
mod fault;
mod key;
mod migrate;
mod pragma;
mod schema;

pub mod append;
pub mod facts;
pub mod find;
pub mod load;
pub mod open;
pub mod register;
pub mod subject;
pub mod survey;
pub mod tx;

#[cfg(test)]
mod cast;

pub use append::AuditHead;
pub use find::Candidate;
pub use key::SearchKey;
pub use open::{CreateOptions, Meta, Mode, Store};
pub use pragma::PRAGMAS;
pub use register::{CaseEntry, CaseFile, NewCase};
pub use survey::{CategoryCount, Period};
pub use tx::{Tx, View};
