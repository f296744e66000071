//! `dsr`'s own SQLite database: the only place, beside [`crate::system`], where SQL is written.
//!
//! ```text
//! Store::create / open ─► transact (BEGIN IMMEDIATE) ─► Tx ──derefs to──► View
//!                     └─► read     (BEGIN DEFERRED)  ─────────────────────► View
//! ```
//!
//! A [`View`] looks things up: people ([`find`], [`subject`]), all facts of one person ([`facts`]), the
//! register ([`register`]), rows for reports ([`survey`]), the log ([`log`]). A [`Tx`] can also
//! change them ([`append`] writes the log, [`effect`] carries out plans); whatever it did is undone unless its
//! closure returns `Ok`. [`destroy`] takes the bytes of what was deleted out of the files, and proves it.
//!
//! Deliberately absent: clocks and randomness (arguments), decisions (`decide`), printing, and SQL
//! outside this directory. Every look-up of a person takes the controller: two controllers are strangers.

mod beside;
mod case_file;
mod column;
mod create;
mod event;
mod fault;
mod kept;
mod key;
mod legible;
mod migrate;
mod numbers;
mod pragma;
mod schema;

pub mod append;
pub mod backup;
pub mod destroy;
pub mod duty;
pub mod effect;
pub mod expire;
pub mod facts;
pub mod find;
pub mod health;
pub mod journal;
pub mod kept_until;
pub mod keys;
pub mod known;
pub mod ledger;
pub mod load;
pub mod log;
pub mod open;
pub mod plain;
pub mod register;
pub mod remote;
mod seal;
pub mod signing;
pub mod stale;
pub mod standing;
pub mod subject;
pub mod summary;
pub mod survey;
pub mod tx;

#[cfg(test)]
mod cast;

pub use case_file::{CaseEntry, CaseFile, NewCase};
pub use create::CreateOptions;
pub use effect::RECORD_REF;
pub use find::Candidate;
pub use journal::JournalLine;
pub use key::SearchKey;
pub use keys::KeyFile;
pub use known::Standing;
pub use log::AuditHead;
pub use open::{Meta, Mode, Store};
pub use pragma::PRAGMAS;
pub use schema::UNANALYSE;
pub use seal::Seal;
pub use signing::Signing;
pub use summary::{Holding, StoppedPurpose};
pub use survey::Period;
pub use tx::{Tx, View};

/// Version of the store's schema that this program writes.
pub fn schema_version() -> i32 {
    migrate::newest()
}

/// Version of the SQLite engine that is built in.
pub fn engine_version() -> &'static str {
    rusqlite::version()
}
