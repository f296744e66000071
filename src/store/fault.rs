//! Errors of the engine in the words of the user. One mapping for the whole store.
//!
//! INVARIANT: bound values never reach the error. SQLite's own texts name tables and columns only,
//! and of those only the code (and, for a broken constraint, the column) is passed on as the cause.

use rusqlite::ErrorCode;
use rustix::process::{Resource, getrlimit};

use crate::domain::{Error, Kind};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(code, text) => engine(*code, text.as_deref()),
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => damaged("a value of the wrong type is in the store"),
            rusqlite::Error::QueryReturnedNoRows => {
                Self::new(Kind::Failed, "a row that must exist is missing")
            }
            // The rest are mistakes of this program: the kind of mistake is enough to find it.
            _ => Self::new(Kind::Failed, "the store could not be asked")
                .because(anyhow::anyhow!("{:?}", std::mem::discriminant(&error))),
        }
    }
}

fn engine(code: rusqlite::ffi::Error, text: Option<&str>) -> Error {
    let cause = anyhow::anyhow!("SQLite code {}", code.extended_code);
    let failed = |sentence: &str| Error::new(Kind::Failed, sentence);
    let error = match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::new(Kind::Busy, "the store is busy: another command holds it")
                .hint("try again, or wait longer with --lock-wait")
        }
        ErrorCode::DatabaseCorrupt => damaged("the store is corrupt"),
        ErrorCode::NotADatabase => foreign("the file is not a store of `dsr`"),
        ErrorCode::DiskFull => failed("the disk is full").hint(FREE_SPACE),
        ErrorCode::ReadOnly if code.extended_code == rusqlite::ffi::SQLITE_READONLY_ROLLBACK => unfinished(),
        ErrorCode::ReadOnly => {
            failed("the store cannot be written").hint("check the owner and mode of its file")
        }
        ErrorCode::CannotOpen => failed("the store or its journal cannot be opened")
            .hint("check the owner and mode of the store's directory"),
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            failed("access to the store was denied")
        }
        ErrorCode::SystemIoFailure
            if code.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE && is_limited() =>
        {
            Error::limited()
        }
        ErrorCode::SystemIoFailure => failed("reading or writing the store failed"),
        ErrorCode::ConstraintViolation => failed("a rule of the store was broken; nothing was changed"),
        ErrorCode::TooBig => failed("a value is too big for the store"),
        ErrorCode::OutOfMemory => failed("out of memory"),
        ErrorCode::OperationInterrupted => Error::new(Kind::Interrupted, "interrupted"),
        _ => failed("the store could not be asked"),
    };
    let column = text.filter(|_| code.code == ErrorCode::ConstraintViolation);
    error.because(match column {
        Some(column) => anyhow::anyhow!("{cause}: {column}"),
        None => cause,
    })
}

/// The engine tells a file that may not grow as a write that failed. What else fails a write under such a limit is told in the
/// same words, which then are true as well.
fn is_limited() -> bool {
    getrlimit(Resource::Fsize).current.is_some()
}

/// Exit 9: the file is not what it should be.
pub(super) fn damaged(sentence: impl Into<String>) -> Error {
    Error::new(Kind::Integrity, sentence).hint("leave the file as it is and restore a backup: dsr restore")
}

/// What to do about a full disk.
pub(super) const FREE_SPACE: &str = "nothing was changed; free some space and repeat";

/// What to do about a file that is somebody else's.
pub(super) const NAME_THE_FILE: &str = "name the right file: --store PATH, or create one: dsr init";

/// Exit 9: the file is somebody else's.
pub(super) fn foreign(sentence: impl Into<String>) -> Error {
    Error::new(Kind::Integrity, sentence).hint(NAME_THE_FILE)
}

/// A write was cut off and this process may not finish undoing it.
fn unfinished() -> Error {
    Error::new(Kind::Failed, "the last write was cut off and cannot be undone while reading only")
        .hint("run `dsr sanitize` once as the owner of the store")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn codes_become_exit_codes() {
        use rusqlite::ffi as f;
        for (code, kind) in [
            (f::SQLITE_BUSY, Kind::Busy),
            (f::SQLITE_LOCKED, Kind::Busy),
            (f::SQLITE_CORRUPT, Kind::Integrity),
            (f::SQLITE_NOTADB, Kind::Integrity),
            (f::SQLITE_FULL, Kind::Failed),
            (f::SQLITE_IOERR_FSYNC, Kind::Failed),
            (f::SQLITE_READONLY_ROLLBACK, Kind::Failed),
            (f::SQLITE_INTERRUPT, Kind::Interrupted),
        ] {
            let error = Error::from(rusqlite::Error::SqliteFailure(f::Error::new(code), None));
            assert_eq!(error.kind(), kind, "{code}");
        }
    }

    #[test]
    fn a_broken_constraint_does_not_repeat_the_value() {
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE t (a INTEGER, b TEXT UNIQUE) STRICT").unwrap();
        for sql in ["INSERT INTO t VALUES (?1, 'x')", "INSERT INTO t VALUES (1, ?1), (2, ?1)"] {
            let error = Error::from(conn.execute(sql, ["Aida 900101"]).unwrap_err());
            let whole = format!("{error:?} {} {:?}", error.message(), error.causes().collect::<Vec<_>>());
            assert!(!whole.contains("900101"), "{whole}");
        }
        let text = conn.query_row("SELECT 'secret'", [], |row| row.get::<_, i64>(0)).unwrap_err();
        assert!(!format!("{:?}", Error::from(text)).contains("secret"));
    }
}
