//! Copies of the store, and the way back.
//!
//! A backup is a whole store under another name, with a manifest that vouches for it by digest and not by name:
//! files may be renamed and moved together. [`manifest`] is that file, [`begun`] knows of those that were cut off,
//! [`restore`] brings the data of a backup into the store, [`again`] destroys again what the ledger says is gone,
//! [`twice`] says when it cannot.

mod again;
pub mod begun;
pub mod manifest;
pub mod restore;
pub mod twice;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, backup::Backup};
use rustix::fs::{CWD, RenameFlags};

use super::{Mode, Store, Tx, View, beside, plain, pragma, stale};
use crate::domain::{Error, Kind, Result, hex};
pub use again::Again;
pub use manifest::Manifest;
pub use restore::Carried;

/// A file that is removed unless it is kept: a copy that was not finished is nobody's backup.
pub struct Draft {
    path: PathBuf,
    /// Held as long as it is written, so that it is not taken for one that a kill left behind.
    held: fs::File,
}

impl Draft {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An empty one under a private name beside the final one.
    ///
    /// # Errors
    /// Exit 1: the disk; 75: one of that name is being written.
    pub fn begin(target: &Path, random: [u8; 16]) -> Result<Self> {
        let path = place(target, random);
        let held = beside::begin(&path, b"").map_err(|cause| match cause.kind() {
            // Somebody else's draft of the same name is theirs.
            ErrorKind::WouldBlock => busy(),
            _ => {
                stale::clear(&path);
                beside::unwritten(target, cause)
            }
        })?;
        Ok(Self { path, held })
    }

    /// Gives it its final name, never over another file; also on a disk that knows no second names (a stick, a
    /// share).
    ///
    /// # Errors
    /// Exit 2: the name was taken meanwhile; 1: the disk.
    pub fn name(self, target: &Path) -> Result<()> {
        let named = fs::hard_link(&self.path, target).or_else(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => Err(cause),
            _ => moved(&self.path, target),
        });
        named.map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => {
                Error::usage(format!("`{}` exists and is not replaced", target.display()))
            }
            _ => beside::unwritten(target, cause),
        })?;
        let synced = fs::File::open(beside::directory(target)).and_then(|directory| directory.sync_all());
        synced.map_err(|cause| beside::unwritten(target, cause))
    }
}

/// A private name beside the final one.
fn place(target: &Path, random: [u8; 16]) -> PathBuf {
    target.with_file_name(format!(".dsr-{}.part", hex::text(&random)))
}

/// Another name for a file, unless one of that name is there.
pub(super) fn moved(from: &Path, to: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

impl Drop for Draft {
    fn drop(&mut self) {
        stale::clear(&self.path);
    }
}

impl Store {
    /// Copies its present state into an empty draft, on the disk when this returns: no other command can write
    /// meanwhile, and the pages are read through the engine.
    ///
    /// # Errors
    /// Exit 1: the disk; 75: the store is busy.
    pub fn copy_into(&self, draft: &Draft) -> Result<()> {
        copy(&self.conn, draft)
    }
}

/// Copies a database as it is now.
fn copy(from: &Connection, draft: &Draft) -> Result<()> {
    let mut to = Connection::open_with_flags(draft.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    pragma::harden(&to, Duration::ZERO)?;
    pragma::apply(&to, true)?;
    let step = Backup::new(from, &mut to)?.step(-1)?;
    if step != rusqlite::backup::StepResult::Done {
        return Err(busy());
    }
    begun::leave_out(&to, draft.path())?;
    to.close().map_err(|(_, error)| Error::from(error))?;
    Ok(fs::File::open(draft.path())?.sync_all()?)
}

fn busy() -> Error {
    Error::new(Kind::Busy, "the store is busy: another command holds it")
        .hint("try again, or wait longer with --lock-wait")
}

/// Keeps a copy of a store of an older version beside it, once. A draft of a backup is itself a copy. Two commands
/// that upgrade at once make one copy: the second finds its draft held (exit 75), or its name taken.
pub(super) fn before_upgrade(conn: &Connection, store: &Path) -> Result<()> {
    let target = kept_before(store);
    let is_draft = store.extension().is_some_and(|end| end == "part");
    if is_draft || target.symlink_metadata().is_ok() {
        return Ok(());
    }
    // One that a kill left behind has the same name; one that is held is being written.
    let left = place(&target, [0; 16]);
    if let Some(_held) = stale::free(&left) {
        stale::clear(&left);
    }
    let draft = Draft::begin(&target, [0; 16])?;
    copy(conn, &draft)?;
    match draft.name(&target) {
        Err(_) if target.symlink_metadata().is_ok() => Ok(()),
        named => named,
    }
}

/// Where the copy from before the present version lies, if there is one.
pub fn kept_before(store: &Path) -> PathBuf {
    beside::path(store, &format!("before-v{}", super::schema_version()))
}

/// The row of `meta` with the directory of the last backup.
const PLACE: &str = "backup_place";

impl View<'_> {
    /// Where the last backup was written, if that is known: a kill may have left a draft of one there.
    ///
    /// # Errors
    /// As any read.
    pub fn backup_place(&self) -> Result<Option<PathBuf>> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let place: Option<String> = query.query_row([PLACE], |row| row.get(0)).optional()?;
        Ok(place.map(PathBuf::from))
    }
}

impl Tx<'_> {
    /// Remembers where a backup is written.
    ///
    /// # Errors
    /// As any write.
    pub fn backs_up_to(&self, target: &Path) -> Result<()> {
        let place = std::path::absolute(target)?;
        // A name that is no text cannot be kept, and is not missed.
        let Some(place) = beside::directory(&place).to_str() else { return Ok(()) };
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((PLACE, place)).map(drop).map_err(Into::into)
    }
}

/// Opens a backup to look at it.
///
/// # Errors
/// As [`Store::open`]; exit 6 where others may open the file.
pub fn open(path: &Path) -> Result<Store> {
    let found = fs::metadata(path).map_err(|cause| {
        Error::usage(format!("`{}` cannot be read", path.display())).hint("name a backup").because(cause)
    })?;
    beside::private(path, &found)?;
    Store::open(path, Mode::ReadOnly, Duration::from_secs(10))
}

/// Copies a backup to a draft beside a store, at the present version, to be changed there.
///
/// # Errors
/// As [`Store::upgrade`]; exit 6 where others may open the file; 1: the disk.
pub fn draft(backup: &Path, store: &Path, random: [u8; 16], now: crate::domain::Moment) -> Result<Draft> {
    let bytes = plain::open(backup).map_err(|cause| beside::unwritten(backup, cause))?;
    beside::private(backup, &bytes.metadata()?)?;
    let draft = Draft::begin(store, random)?;
    let copied = std::io::copy(&mut &bytes, &mut &draft.held).and_then(|_| draft.held.sync_all());
    copied.map_err(|cause| beside::unwritten(draft.path(), cause))?;
    let upgraded = Store::upgrade(draft.path(), Duration::ZERO, now, |_, _| Ok(()));
    upgraded.map_err(|error| of_backup(error, &draft, backup))?;
    Ok(draft)
}

/// What is wrong with a copy, said of the backup that it was made of: nobody is sent to mend the store for it, or to look for
/// a file that goes with the command.
pub fn of_backup(error: Error, copy: &Draft, backup: &Path) -> Error {
    let (copy, backup) = (copy.path().display().to_string(), backup.display().to_string());
    let message = error.message().replace(&copy, &backup);
    match error.kind() {
        Kind::Integrity => damaged(&message),
        Kind::Config => {
            let hint = error.hint_text().map(|hint| hint.replace(&copy, &backup));
            Error::config(message).hint(hint.unwrap_or_default())
        }
        _ => error,
    }
}

/// A backup that nobody can be brought back from.
pub fn damaged(why: &str) -> Error {
    Error::new(Kind::Integrity, format!("the backup is damaged: {why}")).hint("name another backup")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn another_name_is_never_given_over_a_file() {
        let home = tempfile::tempdir().unwrap();
        let [one, two, there] = ["one", "two", "there"].map(|name| home.path().join(name));
        fs::write(&one, "1").unwrap();
        fs::write(&there, "kept").unwrap();
        assert_eq!(moved(&one, &there).unwrap_err().kind(), ErrorKind::AlreadyExists);
        moved(&one, &two).unwrap();
        assert_eq!((fs::read(&there).unwrap(), one.exists(), two.exists()), (b"kept".to_vec(), false, true));
    }
}
