//! Drafts that a kill left beside the store, or where a backup or a bundle was to come: copies under a name that nobody
//! asked for.
//!
//! Whoever writes a draft holds a lock on it, which the operating system gives back when the process ends. A draft
//! that nobody holds is nobody's: it can be taken away, and until then every byte scan reads it.

use std::{
    fs::{self, File},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, OFlags, flock};

use super::{backup::Manifest, beside};
use crate::domain::Result;

/// A draft that nobody writes any more.
pub struct Stale {
    path: PathBuf,
    /// Nobody else takes it away meanwhile, but where it is a second name of a file in use.
    lock: File,
}

/// What stands beside a draft while it is a store of its own.
const BESIDE: [&str; 3] = ["-journal", ".head", ".ledger"];

/// Whether a file of this name is a draft.
pub(super) fn is_draft(name: &str) -> bool {
    name.starts_with(".dsr-") && name.ends_with(".part")
}

/// Files beside a store or a backup that are written under a draft first (see [`beside`]).
const SMALL: [&str; 7] = [".key", ".signing", ".vkeys", ".head", ".heads", ".ledger", ".manifest"];

/// Whether no copy of a store can lie in a draft: it is of a file beside one, or nothing was written into it.
pub(super) fn holds_no_copy(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_empty = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == 0);
    let small = |name: &str| {
        let (of, process) = name.strip_suffix(".part")?.rsplit_once('-')?;
        let of = of.strip_suffix(".new").unwrap_or(of);
        let ends = SMALL.iter().any(|ending| of.ends_with(ending));
        Some(ends && process.bytes().all(|b| b.is_ascii_digit()))
    };
    is_empty || is_draft(&name) && small(&name) == Some(true) || Manifest::is_left(path)
}

/// The draft that a file of this name stands beside.
fn draft_of(name: &str) -> Option<&str> {
    BESIDE.iter().find_map(|ending| name.strip_suffix(ending)).filter(|name| is_draft(name))
}

/// Whether a file of this name is a draft or stands beside one.
pub(super) fn is_of_draft(name: &str) -> bool {
    is_draft(name) || draft_of(name).is_some()
}

/// Whether it stood beside a draft that somebody took away without it.
fn is_orphan(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    draft_of(&name).is_some_and(|draft| path.with_file_name(draft).symlink_metadata().is_err())
}

/// What a kill left under a name that is no draft's own: what stood beside one, and a manifest that nobody came to name.
pub(super) fn is_without_name(path: &Path) -> bool {
    is_orphan(path) || Manifest::is_left(path)
}

/// The drafts beside a file, a store or a backup, that nobody holds, and what is left of one.
///
/// # Errors
/// Exit 1: the directory cannot be read.
pub fn drafts(file: &Path) -> Result<Vec<Stale>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(beside::directory(file))? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if is_draft(&name.to_string_lossy()) || is_without_name(&path) {
            found.extend(one(&path));
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The directories among them: bundles of the log, which no entry has to speak of.
///
/// # Errors
/// As [`drafts`].
pub fn directories(file: &Path) -> Result<Vec<Stale>> {
    Ok(drafts(file)?.into_iter().filter(Stale::is_directory).collect())
}

/// One draft, wherever it lies, if nobody holds it.
pub fn one(path: &Path) -> Option<Stale> {
    let lock = free(path)?;
    // A lock is on the file and not on its name: whoever writes to it under its own name would wait for this one.
    if lock.metadata().is_ok_and(|found| found.is_file() && found.nlink() > 1) {
        flock(&lock, FlockOperation::Unlock).ok()?;
    }
    Some(Stale { path: path.to_owned(), lock })
}

/// Whether somebody is writing a draft. Asked of one that may not be opened, nobody is.
pub(super) fn is_held(path: &Path) -> bool {
    // A pipe of that name would be waited for.
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path);
    file.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// The draft, locked, if it is a file or a directory of ours that nobody holds.
pub(super) fn free(path: &Path) -> Option<File> {
    let no_links = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let opened =
        |write| fs::OpenOptions::new().read(true).write(write).custom_flags(no_links).open(path).ok();
    let directory = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let file = opened(!directory)?;
    let kind = file.metadata().ok()?;
    ((kind.is_file() || kind.is_dir()) && hold(&file) && bears(&file, path)).then_some(file)
}

/// Holds a draft for as long as the file is open. `false`: somebody else does.
pub fn hold(file: &File) -> bool {
    flock(file, FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// Whether a file still bears this name: until it was held, somebody else could take it away and make another.
pub(super) fn bears(file: &File, path: &Path) -> bool {
    let number = |found: fs::Metadata| (found.dev(), found.ino());
    let named = path.symlink_metadata().map(number).ok();
    named.is_some() && file.metadata().map(number).ok() == named
}

impl Stale {
    /// Takes it away, with what the engine made beside it.
    ///
    /// # Errors
    /// Exit 1: the disk.
    pub fn remove(self) -> Result<()> {
        if !bears(&self.lock, &self.path) {
            return Ok(());
        }
        let remove = if self.is_directory() { fs::remove_dir_all::<&Path> } else { fs::remove_file::<&Path> };
        remove(&self.path).map_err(|cause| beside::unwritten(&self.path, cause))?;
        clear(&self.path);
        Ok(())
    }

    fn is_directory(&self) -> bool {
        self.lock.metadata().is_ok_and(|found| found.is_dir())
    }
}

/// Takes away a draft, and what stands beside it while it is a store of its own, as far as they are there.
pub(super) fn clear(draft: &Path) {
    // The draft last: what lies beside one that is gone would be taken for left by somebody.
    let all: Vec<PathBuf> = with_beside(draft).collect();
    all.iter().rev().for_each(|path| drop(fs::remove_file(path)));
}

/// A draft and what stands beside it while it is a store of its own, there or not.
pub(super) fn with_beside(draft: &Path) -> impl Iterator<Item = PathBuf> {
    [""].into_iter().chain(BESIDE).map(|ending| {
        let mut name = draft.as_os_str().to_owned();
        name.push(ending);
        name.into()
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_holds_stays() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("s.db");
        let put = |name: &str| {
            fs::write(home.path().join(name), "x").unwrap();
            File::open(home.path().join(name)).unwrap()
        };
        let (held, _free) = (put(".dsr-01.part"), put(".dsr-02.part"));
        put(".dsr-01.part-journal");
        put(".dsr-02.part-journal");
        put(".dsr-07.part-journal");
        put(".dsr-07.part.head");
        put(".dsr-03.txt");
        fs::create_dir(home.path().join(".dsr-04.part")).unwrap();
        fs::create_dir(home.path().join(".dsr-06.part")).unwrap();
        fs::write(home.path().join(".dsr-06.part/report.csv"), "x").unwrap();
        let bundle = File::open(home.path().join(".dsr-04.part")).unwrap();
        std::os::unix::fs::symlink(&store, home.path().join(".dsr-05.part")).unwrap();
        assert!(hold(&held) && hold(&bundle));
        for stale in drafts(&store).unwrap() {
            stale.remove().unwrap();
        }
        let mut left: Vec<_> =
            fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(
            left,
            [".dsr-01.part", ".dsr-01.part-journal", ".dsr-03.txt", ".dsr-04.part", ".dsr-05.part"]
        );
        let count = |of: fn(&Path) -> Result<Vec<Stale>>| of(&store).unwrap().len();
        drop(held);
        assert_eq!((count(drafts), count(directories)), (1, 0));
        drop(bundle);
        assert_eq!((count(drafts), count(directories)), (2, 1));
        let again = put(".dsr-02.part");
        assert!(bears(&again, &home.path().join(".dsr-02.part")));
        fs::rename(home.path().join(".dsr-03.txt"), home.path().join(".dsr-02.part")).unwrap();
        assert!(!bears(&again, &home.path().join(".dsr-02.part")), "another of the same name");
    }
}
