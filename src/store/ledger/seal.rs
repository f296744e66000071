//! What the store knows of the bytes of its ledger: how many there were when it last committed, and their digest.
//!
//! Before a group is added the whole is read and held against it, once a command: a rebuilding of the store that every
//! destruction ends with reads more. Within a command the digest goes on from there, as long as the file is the same one and
//! nobody else wrote it.

use std::{
    cell::RefCell,
    fs::Metadata,
    io::{Read, Write},
    os::unix::fs::MetadataExt,
    path::Path,
};

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use super::{
    header::{is_torn, own},
    is_none, path_of,
    walk::walk,
};
use crate::{
    audit::Hash,
    domain::{Error, Kind, LogId, Result},
    store::{Tx, View, beside},
};

/// The row of `meta` with the seal of the ledger.
const IS: &str = "ledger_is";

/// The row of `meta` with the seal of the shorter one that is about to take its place.
const NEXT: &str = "ledger_next";

/// So many bytes with this digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    len: u64,
    digest: Hash,
}

impl Sealed {
    /// How many bytes.
    pub(in crate::store) fn len(self) -> u64 {
        self.len
    }

    /// As it is kept: eight bytes, the greatest first, then the digest.
    fn bytes(self) -> Vec<u8> {
        [&self.len.to_be_bytes()[..], self.digest.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (len, digest) = bytes.split_first_chunk()?;
        Some(Self { len: u64::from_be_bytes(*len), digest: Hash::from_bytes(digest.try_into().ok()?) })
    }
}

/// Bytes that were read, to be gone on from.
#[derive(Clone, Default)]
pub(in crate::store) struct Run {
    hasher: Sha256,
    len: u64,
}

impl Run {
    /// That of a text.
    pub(super) fn of(text: &str) -> Self {
        Self::default().and(text)
    }

    /// With a text after it.
    pub(super) fn and(mut self, text: &str) -> Self {
        self.take(text.as_bytes());
        self
    }

    /// A whole file.
    pub(in crate::store) fn whole(path: &Path) -> Result<Self> {
        Ok(Self::upto(path, u64::MAX)?.unwrap_or_default())
    }

    /// The beginning of a file; `None` where there is none.
    pub(in crate::store) fn upto(path: &Path, len: u64) -> Result<Option<Self>> {
        let Some(file) = beside::reader(path)? else { return Ok(None) };
        let mut run = Self::default();
        std::io::copy(&mut file.take(len), &mut run)?;
        Ok(Some(run))
    }

    fn take(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
    }

    /// What was read, to be kept.
    pub(in crate::store) fn sealed(&self) -> Sealed {
        Sealed { len: self.len, digest: Hash::from_bytes(self.hasher.clone().finalize().into()) }
    }
}

impl Write for Run {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The word of a store about its ledger.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct Word {
    /// What it is; `None`: an earlier version wrote it.
    is: Option<Sealed>,
    /// What it may be as well: it was about to be made shorter.
    next: Option<Sealed>,
    /// The number of its last group.
    pub(super) last: Option<u64>,
}

impl Word {
    /// Whether it is this, and nothing else is about to be.
    pub(super) fn is(self, sealed: Sealed) -> bool {
        self.is == Some(sealed) && self.next.is_none()
    }

    /// The bytes that the store speaks of, as they are in this file; `None`: it speaks of none.
    pub(super) fn found(self, path: &Path) -> Result<Option<Run>> {
        for sealed in [self.is, self.next].into_iter().flatten() {
            if let Some(run) = Run::upto(path, sealed.len)?.filter(|run| run.sealed() == sealed) {
                return Ok(Some(run));
            }
        }
        if self.is.is_none() && self.next.is_none() { Ok(None) } else { Err(changed()) }
    }
}

impl View<'_> {
    /// What the store says about its ledger.
    pub(in crate::store) fn ledger_word(&self) -> Result<Word> {
        Ok(Word { is: self.sealed(IS)?, next: self.sealed(NEXT)?, last: self.last_group()? })
    }

    /// What a row of `meta` knows of a file; `None`: nothing.
    pub(in crate::store) fn sealed(&self, row: &str) -> Result<Option<Sealed>> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let bytes: Option<Vec<u8>> = query.query_row([row], |row| row.get(0)).optional()?;
        Ok(bytes.and_then(|bytes| Sealed::read(&bytes)))
    }

    /// How many bytes of the ledger the store last committed with.
    pub(in crate::store) fn sealed_bytes(&self) -> Result<Option<u64>> {
        Ok(self.sealed(IS)?.map(|sealed| sealed.len))
    }

    /// The ledger that was read is as the store left it, as far as the store can tell.
    ///
    /// # Errors
    /// Exit 9: a byte of it is another, or missing.
    pub fn ledger_unchanged(&self, store: &Path) -> Result<()> {
        self.ledger_word()?.found(&path_of(store)).map(drop)
    }
}

impl Tx<'_> {
    /// From here on the ledger is this.
    pub(super) fn seal(&self, sealed: Sealed) -> Result<()> {
        self.keep_seal(IS, sealed)?;
        let mut delete = self.prepare("DELETE FROM meta WHERE key = ?1")?;
        delete.execute([NEXT]).map(drop).map_err(Into::into)
    }

    /// What lies behind the bytes that the store speaks of was never committed, and this transaction takes the number that it
    /// has: from here on the store speaks of that as well, so that it is not taken for what another log destroyed.
    pub(super) fn seal_rest(&self) -> Result<()> {
        let path = path_of(self.ledger.store);
        let length = path.symlink_metadata().map_or(0, |found| found.len());
        if self.sealed_bytes()?.is_none_or(|solid| solid == length) {
            return Ok(());
        }
        let word = self.ledger_word()?;
        if !matches!(word.found(&path), Ok(Some(_))) {
            return Ok(());
        }
        match ground(&self.ledger, self.log_id(), word) {
            Ok(Ground::Stands(run)) => self.seal(self.ledger.keep(run)),
            // Nobody destroys beside such a one; whoever does not destroy goes on.
            _ => Ok(()),
        }
    }

    /// This is about to take its place: cut short in between, either is right.
    pub(super) fn seal_next(&self, sealed: Sealed) -> Result<()> {
        self.keep_seal(NEXT, sealed)
    }

    /// Whether this is still about to take its place: nobody has written since.
    pub(super) fn is_next(&self, sealed: Sealed) -> Result<bool> {
        Ok(self.sealed(NEXT)? == Some(sealed))
    }

    /// Keeps it in a row of `meta`.
    pub(in crate::store) fn keep_seal(&self, row: &str, sealed: Sealed) -> Result<()> {
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((row, sealed.bytes())).map(drop).map_err(Into::into)
    }
}

/// What a command found of its ledger, so that it is read whole once and not with every batch of a night.
#[derive(Default)]
pub struct Seen(RefCell<Option<(Stamp, Sealed, Run)>>);

/// What changes when somebody writes a file.
type Stamp = [i64; 6];

fn stamp(found: &Metadata) -> Stamp {
    let [dev, ino, len] = [found.dev(), found.ino(), found.len()].map(u64::cast_signed);
    [dev, ino, len, found.mtime(), found.ctime(), found.ctime_nsec()]
}

/// What a transaction needs for the ledger of its store.
#[derive(Clone, Copy)]
pub struct Hand<'s> {
    /// Where the store is.
    pub store: &'s Path,
    /// What this command found before.
    pub seen: &'s Seen,
    /// Whether the store goes on from its known head: what the ledger has beyond the store was then never committed.
    pub fits: bool,
}

impl Hand<'_> {
    /// Remembers what is there now.
    pub(super) fn keep(&self, run: Run) -> Sealed {
        let sealed = run.sealed();
        let found = path_of(self.store).symlink_metadata().ok();
        self.seen.0.replace(found.map(|found| (stamp(&found), sealed, run)));
        sealed
    }

    /// What is there, if it is what the store speaks of and nobody wrote since it was read.
    fn still(&self, word: Word) -> Option<Run> {
        let now = stamp(&path_of(self.store).symlink_metadata().ok()?);
        let seen = self.seen.0.borrow();
        let (then, sealed, run) = seen.as_ref()?;
        (*then == now && word.is(*sealed)).then(|| run.clone())
    }
}

/// Where a group is to be written.
pub(super) enum Ground {
    /// There is none, or one that came to no first line and that no group was ever committed with.
    Nothing,
    /// A whole one of this store.
    Stands(Run),
}

/// Looks at all of it before anything goes. What cannot be read behind what the store committed with is cut off if the
/// store goes on from its known head; else an older store may have been put back, and it is damage.
pub(super) fn ground(hand: &Hand<'_>, log: LogId, word: Word) -> Result<Ground> {
    let path = path_of(hand.store);
    if is_none(&path) || word.last.is_none() && is_torn(&path)? {
        return Ok(Ground::Nothing);
    }
    if let Some(run) = hand.still(word) {
        return Ok(Ground::Stands(run));
    }
    own(&path, log)?;
    let found = word.found(&path)?;
    let solid = found.as_ref().map(|run| run.len);
    let length = path.symlink_metadata()?.len();
    if solid != Some(length) {
        let read = walk(hand.store, solid.filter(|_| hand.fits), |_| Ok(()))?;
        if let Some(read) = read.filter(|read| read.end < length) {
            beside::cut(&path, usize::try_from(read.end).unwrap_or(usize::MAX))?;
        }
    }
    match found.filter(|run| path.symlink_metadata().is_ok_and(|now| now.len() == run.len)) {
        Some(run) => {
            hand.keep(run.clone());
            Ok(Ground::Stands(run))
        }
        None => Run::whole(&path).map(Ground::Stands),
    }
}

/// The error of a ledger that is not what the store left.
pub fn changed() -> Error {
    Error::new(Kind::Integrity, "the ledger beside the store was changed, or cut, since dsr wrote it last")
        .hint(LOST)
}

/// What to do about a ledger that is not whole.
pub(super) const LOST: &str = "bring it back as it was; was an older store put here? see what is lost: dsr restore BACKUP \
    --dry-run; only if the ledger itself is lost for good, move it away: dsr backup begins a new one, and an older backup then \
    needs --without-ledger";

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
