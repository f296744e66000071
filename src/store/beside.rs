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
//! store.sqlite.ledger.new a shorter ledger, about to replace it gone when `backup` is done
//! store.sqlite.purge-lock whose turn the nightly run is         empty between two runs
//! store.sqlite.before-vN  the store before it was upgraded to N a copy that no destruction reaches
//! store.sqlite.replaced-* the store that a restore replaced     a copy that no destruction reaches
//! backup.sqlite.manifest  vouches for a backup by its digest    beside the backup
//! backup.sqlite.*.manifest the same of an earlier one of that name, which lies elsewhere now
//! ```

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::{backup, plain, stale};
use crate::domain::{Error, Kind, Result, quoted};

/// No file beside the store that is read whole is larger.
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
    match opened(OpenOptions::new().read(true).write(true), path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes one with this content, which is on the disk when this returns. Never replaces another. The name comes after
/// the content: a kill leaves a draft, which `sanitize` takes away, and never an empty file under the name.
pub(super) fn create(path: &Path, content: &[u8]) -> std::io::Result<File> {
    let draft = draft_of(path);
    // One that a kill left is nobody's; who holds it is writing it.
    if let Some(_held) = stale::free(&draft) {
        let _ = fs::remove_file(&draft);
    }
    let made = begin(&draft, content).and_then(|file| {
        fs::hard_link(&draft, path).or_else(|cause| match cause.kind() {
            ErrorKind::AlreadyExists => Err(cause),
            // A disk that knows no second names.
            _ => backup::moved(&draft, path),
        })?;
        Ok(file)
    });
    match &made {
        // Somebody else's draft of the same name is his.
        Err(cause) if cause.kind() == ErrorKind::WouldBlock => {}
        _ => drop(fs::remove_file(&draft)),
    }
    let file = made?;
    File::open(directory(path))?.sync_all()?;
    Ok(file)
}

/// Puts one with this content in the place of another at once: whatever stops it leaves the one or the other, whole. The bytes
/// of what lay there are overwritten.
pub(super) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let old = open(path)?;
    let draft = draft_of(path);
    if let Some(_held) = stale::free(&draft) {
        let _ = fs::remove_file(&draft);
    }
    let made = begin(&draft, content).and_then(|_held| fs::rename(&draft, path));
    if made.as_ref().is_err_and(|cause| cause.kind() != ErrorKind::WouldBlock) {
        let _ = fs::remove_file(&draft);
    }
    made?;
    File::open(directory(path))?.sync_all()?;
    let Some(old) = old else { return Ok(()) };
    old.write_all_at(&vec![0; usize::try_from(old.metadata()?.len()).unwrap_or_default()], 0)?;
    old.sync_all()
}

/// Makes an empty file under a name of its own, to be filled: a draft.
pub(super) fn begin(draft: &Path, content: &[u8]) -> std::io::Result<File> {
    let made = opened(OpenOptions::new().read(true).write(true).create_new(true), draft);
    let mut file = made.map_err(|cause| match cause.kind() {
        ErrorKind::AlreadyExists => ErrorKind::WouldBlock.into(),
        _ => cause,
    })?;
    // Before it was held, it looked like one that a kill left.
    stale::hold(&file);
    if !stale::bears(&file, draft) {
        return Err(ErrorKind::WouldBlock.into());
    }
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(file)
}

/// The private name under which a file is written before it bears its own.
fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".dsr-{name}-{}.part", std::process::id()))
}

/// Opens one that is only there to be locked, made where it is missing. What it says is overwritten by who holds it, so
/// it is a file of ours and of nobody else: no link, no second name, closed to others.
///
/// # Errors
/// Exit 6: it is something else; 1: it cannot be made.
pub(super) fn lock_file(path: &Path) -> Result<File> {
    let file = opened(OpenOptions::new().read(true).write(true).create(true), path);
    let file = file.map_err(|cause| match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => no_lock(path),
        _ => unwritten(path, cause),
    })?;
    let found = file.metadata()?;
    if found.nlink() != 1 {
        return Err(no_lock(path));
    }
    private(path, &found).map(|()| file)
}

fn no_lock(path: &Path) -> Error {
    Error::config(format!("`{}` is no lock of ours: a link, or a file with another name", path.display()))
        .hint("see who put it there, then remove it; nothing was done")
}

/// Adds to the end of one, made where it is missing; on the disk when this returns.
pub(super) fn add(path: &Path, content: &[u8]) -> Result<()> {
    let added = match opened(OpenOptions::new().append(true), path) {
        Ok(mut file) => file.write_all(content).and_then(|()| file.sync_data()),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path, content).map(drop),
        Err(error) => Err(error),
    };
    added.map_err(|cause| unwritten(path, cause))
}

/// Takes away what a crash left unfinished at the end of one; on the disk when this returns.
pub(super) fn cut(path: &Path, len: usize) -> Result<()> {
    let cut = open(path).and_then(|file| {
        let Some(file) = file else { return Ok(()) };
        file.set_len(len as u64)?;
        file.sync_all()
    });
    cut.map_err(|cause| unwritten(path, cause))
}

/// The text of one; `None` where it is missing.
///
/// # Errors
/// Exit 6: readable by others, or no file; 9: no text, or larger than any file of ours.
pub(super) fn text(path: &Path) -> Result<Option<String>> {
    let file = match opened(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    private(path, &file.metadata()?)?;
    if file.metadata()?.len() > MOST {
        return Err(Error::new(Kind::Integrity, format!("`{}` is too large to be ours", path.display()))
            .hint("bring the file back from where its copies are kept"));
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    String::from_utf8(bytes).or_else(|error| whole_letters(error, path)).map(Some)
}

/// Opens one to be read line by line; `None` where it is missing.
///
/// # Errors
/// As [`text`].
pub(super) fn reader(path: &Path) -> Result<Option<BufReader<File>>> {
    let file = match opened(OpenOptions::new().read(true), path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    private(path, &file.metadata()?)?;
    Ok(Some(BufReader::new(file)))
}

/// The next line with its end, in the place of the one before; gives its length, 0 at the end of the file.
///
/// # Errors
/// Exit 9: no text, or a line longer than any of ours.
pub(super) fn line(path: &Path, file: &mut BufReader<File>, line: &mut String) -> Result<usize> {
    const LONGEST: u64 = 64 << 10;
    let mut bytes = std::mem::take(line).into_bytes();
    bytes.clear();
    Read::take(&mut *file, LONGEST).read_until(b'\n', &mut bytes).map_err(|cause| unreadable(path, cause))?;
    if bytes.len() as u64 == LONGEST {
        return Err(Error::new(
            Kind::Integrity,
            format!("`{}` has a line too long to be ours", path.display()),
        )
        .hint("bring the file back from where its copies are kept"));
    }
    *line = String::from_utf8(bytes).or_else(|error| whole_letters(error, path))?;
    Ok(line.len())
}

/// A crash may have cut a file off within a letter; what no crash leaves is no text.
fn whole_letters(error: std::string::FromUtf8Error, path: &Path) -> Result<String> {
    let (found, end) = (error.utf8_error(), error.utf8_error().valid_up_to());
    if found.error_len().is_some() {
        let what = format!("`{}` is no text: it was damaged, or is another file", path.display());
        return Err(Error::new(Kind::Integrity, what)
            .hint("bring the file back from where its copies are kept")
            .because(found));
    }
    let mut bytes = error.into_bytes();
    bytes.truncate(end);
    String::from_utf8(bytes).map_err(|cause| unreadable(path, std::io::Error::other(cause)))
}

/// Refuses what is no file (a directory of the name, a pipe) and what others may open, and says what mends it.
pub(super) fn private(path: &Path, found: &fs::Metadata) -> Result<()> {
    if !found.is_file() {
        return Err(no_file(path));
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Error::config(format!("others may open `{shown}` (mode {mode:04o})"))
        .hint(format!("run: chmod 600 {}", quoted(shown))))
}

fn no_file(path: &Path) -> Error {
    Error::config(format!("`{}` is no file", path.display())).hint(NO_FILE)
}

/// What to do about something that is no file.
pub const NO_FILE: &str =
    "see who put it there and move it away; then bring the file back from where its copies are kept";

/// Where a file lies; a bare name lies in the current directory.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn opened(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    plain::opened(options.mode(0o600), OFlags::NOFOLLOW, path)
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    if cause.kind() == ErrorKind::InvalidInput {
        return no_file(path);
    }
    Error::config(format!("`{}` cannot be read", path.display()))
        .hint("check its owner and mode; a link is not followed")
        .because(cause)
}

/// What could not be written.
pub(super) fn unwritten(path: &Path, cause: std::io::Error) -> Error {
    if cause.kind() == ErrorKind::FileTooLarge {
        return Error::from(cause);
    }
    Error::new(Kind::Failed, format!("`{}` cannot be written", path.display()))
        .hint("check the directory, its owner and its mode")
        .because(cause)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    /// Whatever stops it before the content is whole leaves no file of that name.
    #[test]
    fn the_name_comes_after_the_content() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("s.db.key");
        fs::create_dir(draft_of(&path)).unwrap();
        assert!(create(&path, b"secret").is_err());
        assert!(!path.exists());
        fs::remove_dir(draft_of(&path)).unwrap();
        fs::write(draft_of(&path), "sec").unwrap();
        drop(create(&path, b"secret").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        assert_eq!(create(&path, b"other").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"secret", "never replaced");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "no draft is left");
    }
}
