//! An answer as a file: private, whole or absent, never over another file, never through a link.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

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

/// Writes a file of mode 0600: a temporary one beside it, synced, then renamed without replacing.
///
/// # Errors
/// Usage (exit 2) where the name was taken meanwhile; failed (exit 1) for the disk.
pub fn write(path: &Path, bytes: &[u8], random: [u8; 16]) -> Result<()> {
    let part = directory(path).join(format!(".dsr-{}.part", hex::text(&random)));
    let done = fill(&part, bytes).and_then(|()| {
        renameat_with(CWD, &part, CWD, path, RenameFlags::NOREPLACE).map_err(std::io::Error::from)?;
        File::open(directory(path))?.sync_all()
    });
    done.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => taken(path),
            _ => {
                Error::new(Kind::Failed, format!("`{}` could not be written", path.display())).because(error)
            }
        }
    })
}

fn fill(part: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    // The umask can take bits away, even the owner's.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn taken(path: &Path) -> Error {
    Error::usage(format!("`{}` exists and is not replaced", path.display()))
        .hint("choose another name for --output")
}
