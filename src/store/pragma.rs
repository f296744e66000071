//! The settings of every connection, each with its reason; `docs/pragmas.md` tells the longer story.
//!
//! Settings are asserted by their effect where SQLite tells it, never by how the library was built.

use std::time::Duration;

use rusqlite::{Connection, config::DbConfig, limits::Limit};

use super::fault::damaged;
use crate::domain::{Error, Kind, Result};

/// One setting: name, value, what SQLite must answer when asked again (empty: not asked), why.
pub struct Pragma {
    /// Name as SQLite knows it.
    pub name: &'static str,
    /// The value that is set.
    pub value: &'static str,
    /// The answer that proves the effect; `None` where the check would cost more than it proves.
    pub proof: Option<&'static str>,
    /// Why.
    pub why: &'static str,
}

const fn pragma(
    name: &'static str,
    value: &'static str,
    proof: Option<&'static str>,
    why: &'static str,
) -> Pragma {
    Pragma { name, value, proof, why }
}

/// Every setting, in the order in which it is made.
pub const PRAGMAS: &[Pragma] = &[
    pragma("trusted_schema", "OFF", None, "a hostile schema may not call functions with side effects"),
    pragma("cell_size_check", "ON", None, "damaged pages are noticed when they are read"),
    pragma("foreign_keys", "ON", Some("1"), "no row of a person outlives the person unnoticed"),
    pragma("secure_delete", "ON", Some("1"), "deleted bytes are overwritten with zeros"),
    pragma("synchronous", "FULL", Some("2"), "an acknowledged erasure survives a power cut"),
    pragma("temp_store", "MEMORY", None, "sorting leaves no copies of personal data on disk"),
    pragma(
        "mmap_size",
        "0",
        None,
        "a truncated file is an error, not a SIGBUS; stray writes cannot reach it",
    ),
    pragma(
        "cache_size",
        "-16384",
        None,
        "16 MiB: twenty times the pages of one request, far below the limit",
    ),
];

/// What only a writing connection sets.
pub const JOURNAL: Pragma = pragma(
    "journal_mode",
    "TRUNCATE",
    Some("truncate"),
    "no -shm, read-only opens write nothing, nobody holds an old snapshot, the directory is synced less",
);

/// The oldest SQLite without the WAL-reset fault (13.03.2026).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The longest single value, in bytes: the largest payload an import accepts is far smaller.
const LONGEST_VALUE: i32 = 64 << 20;

/// Settings that need no look at the file: made before the first read.
///
/// # Errors
/// [`Kind::Failed`] if the SQLite in use is too old.
pub(super) fn harden(conn: &Connection, lock_wait: Duration) -> Result<()> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Error::new(Kind::Failed, "the SQLite in use is older than 3.51.3").hint("rebuild dsr"));
    }
    conn.busy_timeout(lock_wait)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    for (switch, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        conn.set_db_config(switch, on)?;
    }
    Ok(())
}

/// The settings that touch the file's header: made once the file is known to be ours.
///
/// # Errors
/// [`Kind::Integrity`] where a setting has no effect.
pub(super) fn apply(conn: &Connection, writing: bool) -> Result<()> {
    for pragma in PRAGMAS.iter().chain(writing.then_some(&JOURNAL)) {
        set(conn, pragma)?;
    }
    Ok(())
}

fn set(conn: &Connection, pragma: &Pragma) -> Result<()> {
    // Names and values are constants of this file.
    let mut statement = conn.prepare(&format!("PRAGMA {} = {}", pragma.name, pragma.value))?;
    let mut answer = text(statement.query([])?.next()?)?;
    let Some(proof) = pragma.proof else { return Ok(()) };
    if answer.is_none() {
        let mut ask = conn.prepare(&format!("PRAGMA {}", pragma.name))?;
        answer = text(ask.query([])?.next()?)?;
    }
    if answer.as_deref() == Some(proof) {
        return Ok(());
    }
    Err(damaged(format!("the setting {} of the store has no effect", pragma.name)))
}

fn text(row: Option<&rusqlite::Row<'_>>) -> Result<Option<String>> {
    use rusqlite::types::ValueRef;
    let Some(row) = row else { return Ok(None) };
    Ok(match row.get_ref(0)? {
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_every_setting() {
        let document = include_str!("../../docs/pragmas.md");
        for pragma in PRAGMAS.iter().chain([&JOURNAL]) {
            let row = format!("| `{}` | `{}` |", pragma.name, pragma.value);
            assert!(document.contains(&row), "docs/pragmas.md lacks {row}");
        }
    }
}
