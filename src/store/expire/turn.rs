//! One nightly run at a time: a lock on a file beside the store, which says whose it is.
//!
//! The operating system gives the lock back when the process ends, however it ends, so a file that was left
//! behind locks nobody out.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use crate::domain::{Error, Kind, Result};

/// The turn of this process; given back when dropped.
#[derive(Debug)]
pub struct Turn {
    file: File,
}

impl Turn {
    /// Takes the turn for a store. `holder` says who has it, for the next who asks.
    ///
    /// # Errors
    /// Busy (exit 75), naming the holder; exit 1 where the file cannot be written.
    pub fn take(store: &Path, holder: &str) -> Result<Self> {
        let path = place(store);
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(|cause| {
            Error::new(Kind::Failed, format!("`{}` cannot be written", path.display()))
                .hint("check the directory, its owner and its mode")
                .because(cause)
        })?;
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

fn place(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".purge-lock");
    store.with_file_name(name)
}

fn busy(holder: &str) -> Error {
    let who = if holder.is_empty() { String::new() } else { format!(": {holder}") };
    Error::new(Kind::Busy, format!("another purge-expired is running on this store{who}"))
        .hint("nothing was done; wait for it, or let the next night do it")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
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
}
