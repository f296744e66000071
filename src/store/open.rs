//! Opening the store. Whatever is wrong with the file, it stays byte for byte as it was.
//!
//! Opening looks before it touches: a first look without locks and without recovery says whose file it
//! is, because SQLite would roll a journal back, or make a `-wal`, beside a file that is not ours.

use std::{
    cell::Cell,
    fs::{self, Permissions},
    io::ErrorKind,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{
    View, backup, beside,
    fault::{NAME_THE_FILE, damaged, foreign},
    known::{self, Standing},
    ledger::{self, seal::Seen},
    migrate, pragma, schema,
};
use crate::domain::{Error, Kind, Moment, Result, quoted};

mod statistics;

/// What a command may do with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Look and change.
    ReadWrite,
    /// Look only: nothing is written, not even beside the file. (A write that a crash cut off is undone.)
    ReadOnly,
}

/// What the store says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its own random id.
    pub store_id: [u8; 16],
    /// When it was created.
    pub created_at: Moment,
    /// Set in a drill store, which says so in every output and accepts `DSR_NOW`.
    pub drill_since: Option<Moment>,
    /// The controller used where none is named.
    pub controller: Option<String>,
}

/// An open store.
pub struct Store {
    pub(super) conn: Connection,
    pub(super) meta: Meta,
    pub(super) mode: Mode,
    pub(super) path: PathBuf,
    warning: Option<String>,
    pub(super) standing: Standing,
    pub(super) ledger_seen: Seen,
    pub(super) went_back: Cell<bool>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?}, {:?})", self.path, self.mode)
    }
}

impl Store {
    /// Opens a store, waiting up to `lock_wait` for other commands.
    ///
    /// # Errors
    /// Exit 6: missing, from a newer version, or others may open it. 9: lost, empty, foreign, corrupt, or with tables, triggers or
    /// views that are not ours. 75: locked for longer than `lock_wait`. 1: not readable or, if it is to be
    /// changed, not writable. In every case the file is untouched.
    pub fn open(path: &Path, mode: Mode, lock_wait: Duration) -> Result<Self> {
        let path = absolute(path)?;
        let permissions = look(&path).map_err(|error| lost(&path, error))?;
        if mode == Mode::ReadWrite && permissions.readonly() {
            return Err(read_only(&path));
        }
        peek(&path).map_err(|error| lost(&path, error))?;
        private(&path, &permissions)?;
        if mode == Mode::ReadOnly && !permissions.readonly() && cut_off(&path) {
            undo(&path, lock_wait)?;
        }
        let (conn, meta, standing) = connect(&path, mode, lock_wait)?;
        let warning = open_directory(&path);
        Ok(Self {
            conn,
            meta,
            mode,
            path,
            warning,
            standing,
            ledger_seen: Seen::default(),
            went_back: Cell::new(false),
        })
    }

    /// Brings a store of an older version to the present one, in one transaction, if `admits` does not refuse it first: whoever
    /// may not use a store leaves it as it is. `false`: it was the present one already.
    ///
    /// # Errors
    /// As [`Store::open`], and what `admits` says; then the file is untouched.
    pub fn upgrade(
        path: &Path,
        lock_wait: Duration,
        now: Moment,
        admits: impl FnOnce(&Meta, &Standing) -> Result<()>,
    ) -> Result<bool> {
        let path = absolute(path)?;
        let permissions = look(&path)?;
        peek(&path)?;
        private(&path, &permissions)?;
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(&path, access)?;
        pragma::harden(&conn, lock_wait)?;
        let version = identify(&conn, &path)?;
        if version == migrate::newest() {
            return Ok(false);
        }
        let (meta, standing) = of_any_version(&conn, &path)?;
        admits(&meta, &standing)?;
        pragma::apply(&conn, true)?;
        backup::before_upgrade(&conn, &path)?;
        migrate::up(&mut conn, version, now)?;
        Ok(true)
    }

    /// What the store says about itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it stands to the head that was kept beside it, when it was opened.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// So many bytes of the ledger are surely what the store committed with; what a power cut left behind them was never.
    /// `None`: nobody can tell.
    ///
    /// # Errors
    /// As any read.
    pub fn ledger_solid(&mut self) -> Result<Option<u64>> {
        if matches!(self.standing, Standing::Fits(_)) {
            self.read(|view| view.sealed_bytes())
        } else {
            Ok(None)
        }
    }

    /// Something to tell the user once: others may change what lies beside the file.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Leaves the store at the end of a run. Everything is committed and no lock is held, so closing would
    /// only tidy up memory that the process gives back anyway, and a short command would feel it.
    pub fn leave(self) {
        std::mem::forget(self);
    }

    /// Reads every page: for `doctor`.
    ///
    /// # Errors
    /// Exit 9 if a page is damaged.
    pub fn quick_check(&self) -> Result<()> {
        let answer: String = self.conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if answer == "ok" { Ok(()) } else { Err(damaged("the store is corrupt")) }
    }

    /// Looks whether each row that is pointed at is there: reading the pages does not tell.
    ///
    /// # Errors
    /// Exit 9 if one is not.
    pub fn references_hold(&self) -> Result<()> {
        let is_broken = self.conn.prepare("PRAGMA foreign_key_check")?.exists([])?;
        if is_broken { Err(damaged("a row points at one that is not there")) } else { Ok(()) }
    }
}

/// Also keeps SQLite from reading a path that begins with `file:` as a URI.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    Ok(std::path::absolute(path)?)
}

/// What to do where no store is.
const NO_STORE: &str = "create one: dsr init, or name another: --store PATH";

/// What the file system alone can tell.
fn look(path: &Path) -> Result<Permissions> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Error::config(format!("no store at `{shown}`")).hint(NO_STORE)
        }
        _ => Error::new(Kind::Failed, format!("the store `{shown}` cannot be read"))
            .hint("check the owner and mode of the file and its directory")
            .because(error),
    })?;
    if !found.is_file() {
        return Err(foreign(format!("`{shown}` is no regular file, so no store")));
    }
    if found.len() == 0 {
        return Err(foreign(format!("`{shown}` is empty, so no store")));
    }
    Ok(found.permissions())
}

/// Where its head or its ledger is left, a store was here: nobody is sent to begin a new one, which `init` refuses.
fn lost(path: &Path, error: Error) -> Error {
    let was_here = known::path_of(path).symlink_metadata().is_ok() || ledger::is_there(path);
    let back = "bring it back: dsr restore BACKUP; or name another: --store PATH";
    match error.hint_text() {
        Some(NO_STORE) if was_here => {
            let shown = path.display();
            Error::new(Kind::Integrity, format!("a store was at `{shown}` and is gone")).hint(back)
        }
        Some(NAME_THE_FILE) if was_here => error.hint(back),
        _ => error,
    }
}

/// Whose file it is, by its header alone: no locks, no recovery, nothing written beside it.
fn peek(path: &Path) -> Result<()> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri(path), flags)?;
    match identify(&conn, path) {
        // Another command may be growing the file just now, or was killed doing so: look again with locks.
        Err(error) if error.message() == CORRUPT => Ok(()),
        other => other.map(drop),
    }
}

/// Whether a write may have been cut off: a journal that is not empty lies beside the store, and the
/// store cannot be read before it is undone.
fn cut_off(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    fs::metadata(journal).is_ok_and(|found| found.len() > 0)
}

/// A crash must not silence the nightly checks, which only read: SQLite undoes the unfinished write at the
/// first look, if it may. The store is then what it was before that write, so nothing new is written. Where
/// this process may not write, reading says so.
fn undo(path: &Path, lock_wait: Duration) -> Result<()> {
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, access)?;
    pragma::harden(&conn, lock_wait)?;
    identify(&conn, path).map(drop)
}

const CORRUPT: &str = "the store is corrupt";

fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

/// Whose file it is; gives the version of its schema.
fn identify(conn: &Connection, path: &Path) -> Result<i32> {
    let header = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (header("application_id")?, header("user_version")?);
    let shown = path.display();
    if application != migrate::APPLICATION_ID || version < 1 {
        return Err(foreign(format!("`{shown}` is a database, but no store of `dsr`")));
    }
    if version > migrate::newest() {
        let sentence =
            format!("the store `{shown}` has version {version}; this dsr knows {}", migrate::newest());
        return Err(Error::config(sentence).hint("install the newer dsr that wrote it"));
    }
    Ok(version)
}

fn connect(path: &Path, mode: Mode, lock_wait: Duration) -> Result<(Connection, Meta, Standing)> {
    let writing = mode == Mode::ReadWrite;
    let access = if writing { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite falls back to reading where writing is denied.
    if writing && conn.is_readonly("main")? {
        return Err(read_only(path));
    }
    conn.set_prepared_statement_cache_capacity(64);
    pragma::harden(&conn, lock_wait)?;
    let (meta, standing) = examine(&conn, path)?;
    pragma::apply(&conn, writing)?;
    Ok((conn, meta, standing))
}

/// What every version says of itself, read in one transaction.
fn of_any_version(conn: &Connection, path: &Path) -> Result<(Meta, Standing)> {
    let one_state = conn.unchecked_transaction()?;
    migrate::check(&one_state)?;
    let meta = read_meta(&one_state)?;
    let standing = known::standing(&View::of(&one_state, &meta), path)?;
    Ok((meta, standing))
}

/// Reads everything that must be right in one transaction: one state of the file, locked and unlocked once.
fn examine(conn: &Connection, path: &Path) -> Result<(Meta, Standing)> {
    let one_state = conn.unchecked_transaction()?;
    if identify(&one_state, path)? < migrate::newest() {
        return Err(older(path));
    }
    schema::check(&one_state)?;
    migrate::check(&one_state)?;
    let meta = read_meta(&one_state)?;
    let standing = known::standing(&View::of(&one_state, &meta), path)?;
    Ok((meta, standing))
}

fn read_meta(conn: &Connection) -> Result<Meta> {
    let mut query = conn.prepare("SELECT value FROM meta WHERE key = ?1")?;
    let mut instant = |key: &str| -> Result<Option<Moment>> {
        Ok(query.query_row([key], |row| row.get(0)).optional()?.map(Moment::from_unix))
    };
    let (created_at, drill_since) = (instant("created_at")?, instant("drill_since")?);
    let store_id = query.query_row(["store_id"], |row| row.get(0)).optional()?;
    let controller = query.query_row(["controller"], |row| row.get(0)).optional()?;
    match (store_id, created_at) {
        (Some(store_id), Some(created_at)) => Ok(Meta { store_id, created_at, drill_since, controller }),
        _ => Err(damaged("the store does not say what it is")),
    }
}

/// A file that others may open is refused, with the command that mends it.
fn private(path: &Path, permissions: &Permissions) -> Result<()> {
    let mode = permissions.mode() & 0o777;
    let shown = path.display();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::config(format!("others may open the store `{shown}` (mode {mode:04o})"))
        .hint(format!("run: chmod 600 {}; think of who may have read it", quoted(shown))))
}

/// The sentence for a directory in which others may put and take files: they could exchange the store.
fn open_directory(path: &Path) -> Option<String> {
    let directory = beside::directory(path);
    let mode = fs::metadata(directory).ok()?.permissions().mode() & 0o7777;
    // In a sticky directory others can exchange nothing of ours.
    let open = mode & 0o022 != 0 && mode & 0o1000 == 0;
    let shown = quoted(directory.display());
    open.then(|| {
        format!("others may change files beside the store (mode {mode:04o}); run: chmod 700 {shown}")
    })
}

/// What [`Store::upgrade`] mends: any command that may write does so first.
fn older(path: &Path) -> Error {
    Error::config(format!("the store `{}` is of an older version", path.display()))
        .hint("bring it to this one as its owner: dsr sanitize")
}

fn read_only(path: &Path) -> Error {
    Error::new(Kind::Failed, format!("the store `{}` may only be read", path.display()))
        .hint("check the owner and mode of the file (chmod u+w)")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
