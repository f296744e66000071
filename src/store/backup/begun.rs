//! Backups that came to no end: a kill leaves a whole copy under a private name, wherever it was to come.
//!
//! Where a draft lies is committed before anything is copied into it, so it is known from its first byte on, also in a
//! directory where no backup was ever finished. Its row goes when the draft is gone; while its disk is away it stays.

use std::{
    ffi::OsStr,
    fs,
    io::{Error, ErrorKind},
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    super::{Store, Tx, View, beside, stale},
    Draft,
};
use crate::domain::Result;

/// Rows of `meta` that begin so name a draft; the value is the directory, after a byte that says whether it was on
/// another disk than the store.
const BEGUN: &str = "backup_begun ";

/// All of these rows: the space is followed by the exclamation mark.
const ALL: &str = "key > 'backup_begun ' AND key < 'backup_begun!'";

/// What became of a backup that was begun and is not known to have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CutOff {
    /// Its draft lies here, and nobody writes it any more.
    Left(PathBuf),
    /// It was to come into this directory, which is not there now, or not with its disk.
    Away(PathBuf),
}

struct Begun {
    key: String,
    directory: PathBuf,
    /// Whether the directory was on another disk than the store.
    apart: bool,
}

impl Begun {
    fn draft(&self) -> PathBuf {
        self.directory.join(self.key.strip_prefix(BEGUN).unwrap_or_default())
    }

    /// All that a kill may leave of it: the draft first.
    fn lying(&self) -> Vec<PathBuf> {
        stale::with_beside(&self.draft()).collect()
    }

    /// A directory on which its disk is not mounted is not the one that was written to. `None`: it may not be looked at.
    fn is_there(&self, store: &Path) -> Option<bool> {
        match fs::metadata(&self.directory) {
            Ok(found) => Some(found.is_dir() && apart(store, &self.directory) == self.apart),
            Err(cause) => is_missing(&cause).then_some(false),
        }
    }

    /// Whether nothing of it is left, for sure.
    fn is_over(&self, store: &Path) -> bool {
        let is_gone = |path: &PathBuf| path.symlink_metadata().is_err_and(|cause| is_missing(&cause));
        self.is_there(store) == Some(true) && self.lying().iter().all(is_gone)
    }

    fn found(&self, store: &Path) -> Vec<CutOff> {
        let draft = self.draft();
        match self.is_there(store) {
            None => Vec::new(),
            Some(false) => vec![CutOff::Away(self.directory.clone())],
            Some(true) if stale::is_held(&draft) => Vec::new(),
            // What stands beside it goes with it.
            Some(true) if draft.symlink_metadata().is_ok() => vec![CutOff::Left(draft)],
            // Somebody took the draft away by hand, and not what stood beside it.
            Some(true) => {
                let left = self.lying().into_iter().filter(|path| path.symlink_metadata().is_ok());
                left.map(CutOff::Left).collect()
            }
        }
    }
}

fn is_missing(cause: &Error) -> bool {
    matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether two files are on different disks; where one cannot be asked, they are.
fn apart(store: &Path, directory: &Path) -> bool {
    let disk = |path: &Path| fs::metadata(path).ok().map(|found| found.dev());
    disk(beside::directory(store)).is_none_or(|own| disk(directory) != Some(own))
}

impl View<'_> {
    fn begun_backups(&self) -> Result<Vec<Begun>> {
        let mut query = self.prepare(&format!("SELECT key, value FROM meta WHERE {ALL} ORDER BY key"))?;
        let mut rows = query.query([])?;
        let mut begun = Vec::new();
        while let Some(row) = rows.next()? {
            let value: Vec<u8> = row.get(1)?;
            let Some((first, directory)) = value.split_first() else { continue };
            let directory = PathBuf::from(OsStr::from_bytes(directory));
            begun.push(Begun { key: row.get(0)?, directory, apart: *first == 1 });
        }
        Ok(begun)
    }

    /// Backups of the store at this path that were cut off, and of which something lies somewhere or may do so.
    ///
    /// # Errors
    /// As any read.
    pub fn cut_off_backups(&self, store: &Path) -> Result<Vec<CutOff>> {
        Ok(self.begun_backups()?.iter().flat_map(|begun| begun.found(store)).collect())
    }
}

impl Tx<'_> {
    /// Remembers where a draft lies, before anything is copied into it.
    ///
    /// # Errors
    /// As any write.
    pub fn begins_backup(&self, store: &Path, draft: &Draft) -> Result<()> {
        let path = std::path::absolute(draft.path())?;
        let directory = beside::directory(&path);
        let mut value = vec![u8::from(apart(store, directory))];
        value.extend_from_slice(directory.as_os_str().as_bytes());
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((key_of(draft.path()), value)).map(drop).map_err(Into::into)
    }

    /// Forgets backups of the store at this path that were cut off in a directory which is not there: somebody says that
    /// it is gone for good, and nobody else can know. Gives how many.
    ///
    /// # Errors
    /// As any write.
    pub fn give_up_backups(&self, store: &Path, directory: &Path) -> Result<usize> {
        let is_meant = |begun: &Begun| begun.directory == directory && begun.is_there(store) == Some(false);
        let mut delete = self.prepare("DELETE FROM meta WHERE key = ?1")?;
        let mut many = 0;
        for begun in self.begun_backups()?.into_iter().filter(is_meant) {
            many += delete.execute([begun.key])?;
        }
        Ok(many)
    }
}

impl Store {
    /// Forgets backups of which nothing is left: they ended, or what they left was taken away.
    ///
    /// # Errors
    /// As any write.
    pub fn forget_ended_backups(&mut self) -> Result<()> {
        let path = self.path().to_owned();
        let is_over = |begun: &Begun| begun.is_over(&path);
        if !self.read(|view| view.begun_backups())?.iter().any(is_over) {
            return Ok(());
        }
        self.transact(|tx| {
            let mut delete = tx.prepare("DELETE FROM meta WHERE key = ?1")?;
            for begun in tx.begun_backups()?.into_iter().filter(is_over) {
                delete.execute([begun.key])?;
            }
            Ok(())
        })
    }
}

/// A copy is no backup that was cut off: its own row is left out of it.
pub(super) fn leave_out(copy: &Connection, draft: &Path) -> Result<()> {
    copy.execute("DELETE FROM meta WHERE key = ?1", [key_of(draft)]).map(drop).map_err(Into::into)
}

fn key_of(draft: &Path) -> String {
    format!("{BEGUN}{}", draft.file_name().unwrap_or_default().to_string_lossy())
}
