//! What vouches for a backup: a small file beside it that names it by digest.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::{beside, plain};
use crate::{
    audit::Hash,
    domain::{Error, Kind, Result, hex},
};

/// The schema of the file.
const SCHEMA: &str = "dsr/backup/v1";

/// A manifest. It knows no name of a file, so both may be renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which form this is.
    pub schema: String,
    /// When it was taken, RFC 3339.
    pub taken_at: String,
    /// Until when it is kept, an ISO day: after this day the ledger may have forgotten whom to destroy again.
    pub keep_until: String,
    /// Bytes of the backup.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: String,
    /// Version of the store.
    pub store_version: i32,
    /// The head of its log, signed where there was a key.
    pub head: String,
}

impl Manifest {
    /// Of a finished copy.
    ///
    /// # Errors
    /// Exit 1: it cannot be read.
    pub fn of(copy: &Path, taken_at: String, keep_until: String, head: String) -> Result<Self> {
        let (bytes, sha256) = digest(copy)?;
        let store_version = super::super::schema_version();
        Ok(Self { schema: SCHEMA.to_owned(), taken_at, keep_until, bytes, sha256, store_version, head })
    }

    /// Where the manifest of a backup is written.
    pub fn path_of(backup: &Path) -> PathBuf {
        beside::path(backup, "manifest")
    }

    /// Writes it beside the backup, mode 0600; whole or not at all.
    ///
    /// # Errors
    /// Exit 1: the disk.
    pub fn write(&self, backup: &Path) -> Result<()> {
        let path = Self::path_of(backup);
        let text = serde_json::to_string_pretty(self)
            .map_err(|cause| Error::new(Kind::Failed, "the manifest cannot be written").because(cause))?;
        beside::create(&path, (text + "\n").as_bytes()).map(drop).map_err(|cause| {
            if cause.kind() != std::io::ErrorKind::AlreadyExists {
                Self::remove(backup);
            }
            beside::unwritten(&path, cause)
        })
    }

    /// Whether this is one that earlier versions were about to name when they were killed, and that no backup bears.
    pub fn is_left(path: &Path) -> bool {
        let is_named = path.to_string_lossy().ends_with(".manifest.new");
        is_named && Self::read(path).is_some_and(|found| found.schema == SCHEMA)
    }

    /// Takes it away again: the backup got no name.
    pub fn remove(backup: &Path) {
        let _ = fs::remove_file(Self::path_of(backup));
    }

    /// Sets a manifest aside that fits no file of its directory: a kill left it before its backup got its name, or the
    /// backup lies elsewhere now. Under the other name it still vouches for it.
    pub fn sweep(backup: &Path) {
        let path = Self::path_of(backup);
        let Some(left) = Self::read(&path).filter(|_| backup.symlink_metadata().is_err()) else { return };
        let others = fs::read_dir(beside::directory(backup)).into_iter().flatten().flatten();
        // A backup that was renamed keeps its manifest.
        let mut named = others.filter(|file| !file.file_name().to_string_lossy().starts_with(".dsr-"));
        let vouches = named.any(|file| {
            file.metadata().is_ok_and(|found| found.len() == left.bytes)
                && digest(&file.path()).is_ok_and(|(_, sha256)| sha256 == left.sha256)
        });
        if !vouches {
            left.set_aside(backup, &path);
        }
    }

    /// Where that cannot be, it stays where it is.
    fn set_aside(&self, backup: &Path, path: &Path) {
        let Ok(digest) = self.sha256.parse::<Hash>() else { return };
        let short: String = digest.to_string().chars().take(16).collect();
        let aside = beside::path(backup, &format!("{short}.manifest"));
        if super::moved(path, &aside).is_err() && Self::read(&aside).as_ref() == Some(self) {
            let _ = fs::remove_file(path);
        }
    }

    /// Finds the manifest that vouches for a backup: beside it under its name, or under any other in its
    /// directory.
    ///
    /// # Errors
    /// Exit 9: none does: the file was changed, or is no backup.
    pub fn find(backup: &Path) -> Result<Self> {
        let (bytes, sha256) = digest(backup)?;
        let fits = |found: &Self| found.schema == SCHEMA && found.bytes == bytes && found.sha256 == sha256;
        if let Some(found) = Self::read(&Self::path_of(backup)).filter(fits) {
            return Ok(found);
        }
        let others = fs::read_dir(beside::directory(backup))?.filter_map(|entry| Some(entry.ok()?.path()));
        let named = others.filter(|path| path.extension().is_some_and(|end| end == "manifest"));
        named.filter_map(|path| Self::read(&path)).find(fits).ok_or_else(|| {
            Error::new(Kind::Integrity, format!("no manifest vouches for `{}`", backup.display())).hint(
                "the file was changed, or is no backup of dsr; keep a backup and its .manifest in one directory",
            )
        })
    }

    fn read(path: &Path) -> Option<Self> {
        serde_json::from_str(&beside::text(path).ok()??).ok()
    }
}

fn digest(path: &Path) -> Result<(u64, String)> {
    let unread = |cause: std::io::Error| {
        Error::usage(format!("`{}` cannot be read", path.display())).hint("name a backup").because(cause)
    };
    let mut file = plain::open(path).map_err(unread)?;
    let (mut sum, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer).map_err(unread)?;
        if read == 0 {
            return Ok((bytes, hex::text(&sum.finalize())));
        }
        sum.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}
