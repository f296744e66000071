//! One nightly run at a time: a lock on a file beside the store, which says whose it is.
//!
//! The operating system gives the lock back when the process ends, however it ends, so a file that was left
//! behind locks nobody out.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    domain::{Error, Kind, Result},
    store::beside,
};

/// How the name of the file ends.
const ENDING: &str = "purge-lock";

/// The turn of this process; given back when dropped.
#[derive(Debug)]
pub struct Turn {
    file: File,
}

impl Turn {
    /// Takes the turn for a store. `holder` says who has it, for the next who asks.
    ///
    /// # Errors
    /// Busy (exit 75), naming the holder; exit 6 where the file is a link, has a second name, or is open to others:
    /// its content is overwritten, and who holds it holds back every night; exit 1 where it cannot be written.
    pub fn take(store: &Path, holder: &str) -> Result<Self> {
        let path = beside::path(store, ENDING);
        let mut file = beside::lock_file(&path)?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut other = String::new();
            let _ = (&file).take(256).read_to_string(&mut other);
            return Err(busy(other.trim()));
        }
        file.set_len(0)?;
        file.write_all(holder.as_bytes())?;
        Ok(Self { file })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

fn busy(holder: &str) -> Error {
    let who = if holder.is_empty() { String::new() } else { format!(": {holder}") };
    Error::new(Kind::Busy, format!("another purge-expired is running on this store{who}"))
        .hint("nothing was done; wait for it, or let the next night do it")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_second_is_told_who_is_first() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("store.db");
        let first = Turn::take(&store, "process 17 since 2026-11-22").unwrap();
        let second = Turn::take(&store, "process 18").unwrap_err();
        assert_eq!(second.kind(), Kind::Busy);
        assert!(second.message().contains("process 17 since 2026-11-22"), "{second}");
        drop(first);
        let _third = Turn::take(&store, "process 19").unwrap();
    }

    /// What stands there is overwritten: nobody else's file may stand there.
    #[test]
    fn no_other_file_is_taken_for_the_lock() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (store, victim) = (directory.path().join("store.db"), directory.path().join("victim"));
        let lock = directory.path().join("store.db.purge-lock");
        let plant: [(&str, &dyn Fn()); 3] = [
            ("a link", &|| symlink(&victim, &lock).unwrap()),
            ("a second name", &|| fs::hard_link(&victim, &lock).unwrap()),
            ("open to others", &|| {
                fs::write(&lock, "").unwrap();
                fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
            }),
        ];
        for (what, plant) in plant {
            fs::write(&victim, "what somebody keeps").unwrap();
            fs::set_permissions(&victim, fs::Permissions::from_mode(0o600)).unwrap();
            plant();
            assert_eq!(Turn::take(&store, "process 17").unwrap_err().kind(), Kind::Config, "{what}");
            assert_eq!(fs::read_to_string(&victim).unwrap(), "what somebody keeps", "{what}");
            fs::remove_file(&lock).unwrap();
        }
    }
}
