//! Versions of the schema. Each is a file of SQL, applied in one transaction and recorded with its digest.
//!
//! A published migration is never edited: the digest in the `migration` table would no longer agree.

use rusqlite::Connection;

use super::{fault::damaged, schema};
use crate::{
    audit::Hash,
    domain::{Moment, Result},
};

/// `dsr1`, in the header of every store (SQLite's `application_id`).
pub(super) const APPLICATION_ID: i32 = 0x6473_7231;

/// One step of the schema.
pub(super) struct Migration {
    /// The version it leads to, counted from 1.
    pub version: i32,
    /// Its text.
    pub sql: &'static str,
}

impl Migration {
    /// What is recorded of it: a published step is never edited.
    fn digest(&self) -> Hash {
        Hash::of(self.sql.as_bytes())
    }
}

/// Every step, oldest first.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: include_str!("migrations/001_init.sql") },
    Migration { version: 2, sql: include_str!("migrations/002_nightly.sql") },
    Migration { version: 3, sql: include_str!("migrations/003_case_duties.sql") },
    Migration { version: 4, sql: include_str!("migrations/004_contacts_and_refusals.sql") },
    Migration { version: 5, sql: include_str!("migrations/005_remote.sql") },
    Migration { version: 6, sql: include_str!("migrations/006_nights.sql") },
    Migration { version: 7, sql: include_str!("migrations/007_waits_for_holds.sql") },
    Migration { version: 8, sql: include_str!("migrations/008_spent.sql") },
    Migration { version: 9, sql: include_str!("migrations/009_former_names.sql") },
];

/// The indexes of the newest version; a bulk load drops them and makes them again at its end.
pub(super) const INDEXES: &str = include_str!("indexes.sql");

/// The version this program reads and writes.
pub(super) fn newest() -> i32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Applies every step after `from`, in one transaction. The caller made sure that the file is ours.
pub(super) fn up(conn: &mut Connection, from: i32, now: Moment) -> Result<()> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another command may have come first.
    let from = from.max(tx.pragma_query_value(None, "user_version", |row| row.get(0))?);
    if from == newest() {
        return Ok(());
    }
    for step in MIGRATIONS.iter().filter(|step| step.version > from) {
        tx.execute_batch(step.sql)?;
        tx.execute(
            "INSERT INTO migration (version, sha256, applied_at) VALUES (?1, ?2, ?3)",
            (step.version, step.digest(), now.unix()),
        )?;
    }
    schema::drop_indexes(&tx)?;
    tx.execute_batch(INDEXES)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", newest())?;
    Ok(tx.commit()?)
}

/// Compares the recorded digests with the steps this program knows.
pub(super) fn check(conn: &Connection) -> Result<()> {
    let mut query = conn.prepare("SELECT version, sha256 FROM migration ORDER BY version")?;
    let mut rows = query.query([])?;
    let mut known = MIGRATIONS.iter();
    while let Some(row) = rows.next()? {
        let (version, digest): (i32, Hash) = (row.get(0)?, row.get(1)?);
        if !known.next().is_some_and(|step| step.version == version && step.digest() == digest) {
            return Err(damaged(format!("version {version} of the store was made by a different program")));
        }
    }
    Ok(())
}
