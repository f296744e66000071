//! The files that lie beside a store. Each bears its name with one more ending.
//!
//! ```text
//! store.sqlite            the store
//! store.sqlite.key        turns identifiers into marks          secret, apart from backups
//! store.sqlite.signing    signs heads of the log                secret, best at another account
//! store.sqlite.vkeys      the public keys there ever were       one a line, oldest first
//! store.sqlite.head       the last head                         overwritten after each commit
//! store.sqlite.heads      signed heads                          only ever added to
//! store.sqlite.ledger     what must not come back               before each commit that destroys
//! ```

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use crate::domain::{Error, Kind, Result};

/// No file beside the store is larger: the ledger of a million destroyed people fits.
const MOST: u64 = 1 << 30;

/// The path of a file beside the store.
pub(super) fn path(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    store.with_file_name(name)
}

/// Opens one that is there; never through a link.
pub(super) fn open(path: &Path) -> std::io::Result<Option<File>> {
    match flags(OpenOptions::new().read(true).write(true)).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes one with this content, which is on the disk when this returns. Never replaces another.
pub(super) fn create(path: &Path, content: &[u8]) -> std::io::Result<File> {
    let mut file = flags(OpenOptions::new().read(true).write(true).create_new(true)).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(content)?;
    file.sync_all()?;
    File::open(directory(path))?.sync_all()?;
    Ok(file)
}

/// Adds to the end of one, made where it is missing; on the disk when this returns.
pub(super) fn add(path: &Path, content: &[u8]) -> Result<()> {
    let added = match flags(OpenOptions::new().append(true)).open(path) {
        Ok(mut file) => file.write_all(content).and_then(|()| file.sync_data()),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path, content).map(drop),
        Err(error) => Err(error),
    };
    added.map_err(|cause| unwritten(path, cause))
}

/// The text of one; `None` where it is missing.
///
/// # Errors
/// Exit 6: readable by others, or no text.
pub(super) fn text(path: &Path) -> Result<Option<String>> {
    let file = match flags(OpenOptions::new().read(true)).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    private(path, &file.metadata()?)?;
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(|cause| unreadable(path, cause))?;
    Ok(Some(text))
}

/// Refuses what others may open, and says what mends it.
pub(super) fn private(path: &Path, found: &fs::Metadata) -> Result<()> {
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Error::config(format!("others may open `{shown}` (mode {mode:04o})"))
        .hint(format!("run: chmod 600 '{shown}'")))
}

/// Where a file lies; a bare name lies in the current directory.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn flags(options: &mut OpenOptions) -> &mut OpenOptions {
    let no_links = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    options.mode(0o600).custom_flags(no_links)
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::config(format!("`{}` cannot be read", path.display()))
        .hint("check its owner and mode; a link is not followed")
        .because(cause)
}

pub(super) fn unwritten(path: &Path, cause: std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("`{}` cannot be written", path.display()))
        .hint("check the directory, its owner and its mode")
        .because(cause)
}
