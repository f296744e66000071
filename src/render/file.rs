//! An answer as a file: private, whole or absent, never over another file, never through a link.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::Write,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::fs::{OpenOptionsExt, PermissionsExt},
    },
    path::Path,
};

use rustix::fs::{AtFlags, CWD, FlockOperation, OFlags, RenameFlags, flock, linkat, openat, renameat_with};

use crate::domain::{Error, Kind, Result, hex};

/// Refuses early what [`write()`] would refuse late: before anything is recorded as given.
///
/// # Errors
/// Usage (exit 2): the file exists, or its directory does not.
pub fn check(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(taken(path));
    }
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(Error::usage(format!("`{}` names a directory, not a file", path.display())));
    }
    if !directory(path).is_dir() {
        return Err(Error::usage(format!("the directory of `{}` does not exist", path.display())));
    }
    Ok(())
}

/// Writes a file of mode 0600: first one without a name, synced, then named without replacing another.
///
/// # Errors
/// Usage (exit 2) where the name was taken meanwhile; failed (exit 1) for the disk.
pub fn write(path: &Path, bytes: &[u8], random: [u8; 16]) -> Result<()> {
    let named = nameless(path).map(|file| fill(file.into(), bytes).and_then(|file| name(&file, path)));
    let done = match named {
        // Without /proc a nameless file cannot be named.
        Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => write_beside(path, bytes, random),
        Some(done) => done,
        None => write_beside(path, bytes, random),
    };
    let done = done.and_then(|()| File::open(directory(path))?.sync_all());
    done.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path),
        _ => Error::new(Kind::Failed, format!("`{}` could not be written", path.display())).because(error),
    })
}

/// A file that no directory knows yet: whatever ends this process, no half of a person's data stays.
/// `None` where the file system has no such files.
fn nameless(path: &Path) -> Option<OwnedFd> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    openat(CWD, directory(path), flags, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).ok()
}

fn name(file: &File, path: &Path) -> std::io::Result<()> {
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, own, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// The same by a temporary name, removed on every error.
fn write_beside(path: &Path, bytes: &[u8], random: [u8; 16]) -> std::io::Result<()> {
    let part = directory(path).join(format!(".dsr-{}.part", hex::text(&random)));
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    // Held while it is written: a draft that nobody holds is taken away by `dsr sanitize`.
    let _ = flock(&made, FlockOperation::NonBlockingLockExclusive);
    let done =
        fill(made, bytes).and_then(|_| Ok(renameat_with(CWD, &part, CWD, path, RenameFlags::NOREPLACE)?));
    done.inspect_err(|_| {
        let _ = std::fs::remove_file(&part);
    })
}

fn fill(mut file: File, bytes: &[u8]) -> std::io::Result<File> {
    // The umask can take bits away, even the owner's.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn taken(path: &Path) -> Error {
    Error::usage(format!("`{}` exists and is not replaced", path.display())).hint("choose another name")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    /// Both ways of writing: whole, private, never over another file, nothing left beside it.
    #[test]
    fn whole_or_absent() {
        type Way = fn(&Path) -> bool;
        let ways: [Way; 2] = [
            |path| write(path, b"all of it", [7; 16]).is_ok(),
            |path| write_beside(path, b"all of it", [7; 16]).is_ok(),
        ];
        for way in ways {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("copy.json");
            assert!(way(&path));
            assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::write(&path, "another").unwrap();
            assert!(!way(&path), "not over another");
            assert_eq!(std::fs::read(&path).unwrap(), b"another");
            assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left");
        }
    }

    /// What a kill between the two steps would leave: nothing.
    #[test]
    fn a_file_without_a_name_is_nowhere() {
        let directory = tempfile::tempdir().unwrap();
        let Some(file) = nameless(&directory.path().join("copy.json")) else { return };
        let _file = fill(file.into(), b"half of it").unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
