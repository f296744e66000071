//! Creating the store: readable by its owner only, and there whole or not at all.
//!
//! It is written under another name in the same directory and then linked into place, so that a kill leaves
//! no half-made store behind, and nothing that lies there is ever replaced.

use std::{
    fs::{self, Permissions},
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    migrate,
    open::{Mode, Store, absolute},
    pragma,
};
use crate::domain::{Error, Kind, Moment, Result, hex};

/// What `dsr init` decides once.
pub struct CreateOptions {
    /// The controller used where none is named.
    pub controller: Option<String>,
    /// Set in a drill store: the pretended time of its creation.
    pub drill_since: Option<Moment>,
    /// 16 random bytes.
    pub store_id: [u8; 16],
    /// Now.
    pub now: Moment,
}

impl Store {
    /// Creates a store that only its owner can read, and opens it. Its directory is made (0700) where it
    /// is missing. The store appears whole or not at all.
    ///
    /// # Errors
    /// Exit 2 if something is there already, 1 if it cannot be written.
    pub fn create(path: &Path, options: &CreateOptions) -> Result<Self> {
        let path = absolute(path)?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(already(&path));
        }
        if let Some(directory) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(|e| cannot_write(&path, e))?;
        }
        let draft = draft_of(&path, options.store_id);
        let made = fill(&draft, options).and_then(|()| publish(&draft, &path));
        let removed = fs::remove_file(&draft);
        made?;
        removed.map_err(|e| cannot_write(&draft, e))?;
        Self::open(&path, Mode::ReadWrite, Duration::ZERO)
    }
}

/// A name of its own beside the store: the id is random.
fn draft_of(path: &Path, store_id: [u8; 16]) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", hex::text(&store_id)));
    path.with_file_name(name)
}

fn fill(draft: &Path, options: &CreateOptions) -> Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft);
    let file = file.map_err(|e| cannot_write(draft, e))?;
    // A umask takes bits away; the owner keeps both.
    file.set_permissions(Permissions::from_mode(0o600))?;
    drop(file);
    let mut conn = Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    pragma::harden(&conn, Duration::ZERO)?;
    for setting in pragma::PRAGMAS {
        conn.pragma_update(None, setting.name, setting.value)?;
    }
    migrate::up(&mut conn, 0, options.now)?;
    write_meta(&conn, options)?;
    conn.close().map_err(|(_, error)| error.into())
}

fn write_meta(conn: &Connection, options: &CreateOptions) -> Result<()> {
    let mut insert = conn.prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)")?;
    insert.execute(("store_id", options.store_id))?;
    insert.execute(("created_at", options.now.unix()))?;
    if let Some(since) = options.drill_since {
        insert.execute(("drill_since", since.unix()))?;
    }
    if let Some(controller) = &options.controller {
        insert.execute(("controller", controller))?;
    }
    Ok(())
}

/// Gives the finished file its name, never replacing another: a link, unlike a rename, cannot.
fn publish(draft: &Path, path: &Path) -> Result<()> {
    fs::hard_link(draft, path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => already(path),
        _ => cannot_write(path, error),
    })?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

fn already(path: &Path) -> Error {
    Error::usage(format!("`{}` exists already", path.display())).hint("name another place: --store PATH")
}

fn cannot_write(path: &Path, cause: std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("`{}` cannot be written", path.display()))
        .hint("check the directory, its owner and its mode")
        .because(cause)
}
