//! What the nightly run reads and does: candidates by index, facts of many people at once, records gone
//! by key in batches.
//!
//! ```text
//! sieve ─ candidates ─► (person, record) ─ by person ─ people ─► facts ─ decide::nightly ─► fates
//!                                                      fates ─ by record, in batches ─ remove, archive
//! ```
//!
//! Nothing here decides. Rows are known by their numbers only, eight bytes a candidate, so that ten million
//! records are judged in bounded memory.

mod candidates;
mod leaves;
mod people;
mod register;
mod remove;
mod run;
mod turn;

pub(in crate::store) use candidates::list;
pub use candidates::{Candidates, Links};
pub use leaves::Proved;
pub use people::{Asked, DuePerson, Wanted};
pub use register::{Outlived, OwnTerms};
pub use remove::{Batch, Kind, Removed};
pub use run::{RunOf, Unfinished};
pub use turn::Turn;

use crate::domain::{Error, Kind as ErrorKind, Result};

/// A record that may be due, and the row that stands for its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Key in `subject`.
    pub person: u32,
    /// Key in `record`.
    pub record: u32,
}

/// Four thousand million rows are more than one file holds.
fn small(row: i64) -> Result<u32> {
    u32::try_from(row)
        .map_err(|_| Error::new(ErrorKind::Failed, "the store has more rows than a run can count"))
}
