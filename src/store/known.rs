//! The last head, kept beside the store: against it a store that was put back or cut short is found out.
//!
//! It is written after each commit and never before, so it is never ahead of a store that lost nothing: the
//! commit was synchronised. It is not synchronised itself: after a power cut it may be some entries behind,
//! which weakens it by those entries and raises no false alarm. It lies in one sector and is overwritten in
//! place, so no crash leaves half of it.
//!
//! A restore that puts a backup in the place of the store says here, before that, with which head the restored store ends:
//! a fourth line, `restored SIZE ROOT`. A kill before the head itself is replaced is told by it.
//!
//! It guards against mistakes and clumsy hands. Who may write this directory may rewrite it too: against them
//! only a head kept elsewhere helps.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension};
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

use super::{
    View, beside,
    ledger::chain::{self, Beyond},
    log::number,
    plain,
};
use crate::{
    audit::{Checkpoint, Hash},
    domain::{Error, Kind, LogId, Result},
};

/// More than any head takes, less than a sector.
const MOST: u64 = 512;

/// How often, and after how long a pause, the lock of the head is asked for.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(2);

/// How a store stands to the last head that was kept beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The log goes on from it.
    Fits(Checkpoint),
    /// There is none: a log that was cut short would not be found out.
    Missing,
    /// The log ends before it.
    Behind {
        /// The head that was kept.
        known: Checkpoint,
        /// Entries in the log.
        size: u64,
    },
    /// The log ends before what its ledger knows: there is no head, or it was put back with the store.
    Outrun {
        /// The last entry that the ledger knows of.
        known: u64,
        /// The log after it, where the ledger tells.
        head: Option<Checkpoint>,
        /// Entries in the log.
        size: u64,
    },
    /// The ledger knows another entry of this number than the log has: a restore left this log behind.
    LeftBehind(Checkpoint),
    /// The log is the one that a restore announced here, and that restore did not live to keep its head.
    CutOff {
        /// The head of what it replaced.
        known: Checkpoint,
        /// Entries in the log.
        size: u64,
    },
    /// At its size the log has another root.
    Rewritten(Checkpoint),
    /// It is of another log.
    Foreign(LogId),
    /// It is there and says nothing.
    Unreadable(PathBuf),
}

impl Standing {
    /// Whether the store may be used.
    ///
    /// # Errors
    /// Exit 9: it is older than the known head, or not the same log.
    pub fn check(&self) -> Result<()> {
        let wrong = |sentence: String| Err(Error::new(Kind::Integrity, sentence));
        let result = match self {
            Self::Fits(_) | Self::Missing => return Ok(()),
            Self::Behind { known, size } => wrong(format!(
                "the store is older than its known head: the log has {size} entries, the head speaks of {}",
                known.size
            )),
            Self::CutOff { known, size } => wrong(format!(
                "a restore was cut off before it kept the head of the restored store: the log has {size} entries, the head speaks of {}",
                known.size
            )),
            Self::Outrun { known, size, .. } => wrong(format!(
                "the store is older than the ledger beside it: the log has {size} entries, the ledger knows of {known}"
            )),
            Self::LeftBehind(known) => wrong(format!(
                "the store was left behind by a restore: entry {} of its log is not the one that the ledger beside it knows",
                known.size
            )),
            Self::Rewritten(known) => wrong(format!(
                "the log was rewritten: one of its first {} entries is not the one that the known head speaks of",
                known.size
            )),
            Self::Foreign(log) => wrong(format!("the known head beside the store is of another log, {log}")),
            Self::Unreadable(path) if is_other(path) => wrong(format!("`{}` is no file", path.display())),
            Self::Unreadable(path) => wrong(format!("`{}` is no head of an audit log", path.display())),
        };
        result.map_err(|error: Error| error.hint(self.mend()))
    }

    /// What to do about it.
    fn mend(&self) -> &'static str {
        match self {
            Self::Fits(_)
            | Self::Missing
            | Self::Behind { .. }
            | Self::Outrun { .. }
            | Self::LeftBehind(_)
            | Self::Rewritten(_) => {
                "leave the files as they are, and see first what is lost: dsr restore BACKUP --dry-run"
            }
            Self::CutOff { .. } => {
                "type the same restore again, and nothing else is lost: dsr restore BACKUP --yes"
            }
            Self::Foreign(_) => "was another store here? put each store with its own files back together",
            Self::Unreadable(path) if is_other(path) => NO_FILE,
            Self::Unreadable(_) => {
                "check its owner and mode; if it is none, compare the log with a head kept elsewhere (dsr audit verify --head FILE), then remove the file"
            }
        }
    }

    /// The head that was kept.
    pub fn known(&self) -> Option<Checkpoint> {
        match self {
            Self::Fits(known)
            | Self::Behind { known, .. }
            | Self::CutOff { known, .. }
            | Self::Rewritten(known) => Some(*known),
            Self::Outrun { head, .. } => *head,
            Self::Missing | Self::LeftBehind(_) | Self::Foreign(_) | Self::Unreadable(_) => None,
        }
    }
}

/// Where the last head of a store is kept.
pub fn path_of(store: &Path) -> PathBuf {
    beside::path(store, "head")
}

/// The last head kept at a store's place, whether the store is there or not. `None`: there is none.
///
/// # Errors
/// Exit 9: it is there and says nothing.
pub fn known_at(store: &Path) -> Result<Option<Checkpoint>> {
    let path = path_of(store);
    match read(&path) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => {
            Checkpoint::parse(&text).map(Some).or_else(|_| Standing::Unreadable(path).check().map(|()| None))
        }
        Err(error) if is_missing(&error) => Ok(None),
        Err(_) => Standing::Unreadable(path).check().map(|()| None),
    }
}

/// What to do about something that is no file; nobody keeps copies of the last head.
const NO_FILE: &str = "see who put it there and move it away; then compare the log with a head kept elsewhere (dsr audit verify \
    --head FILE): the next command that writes makes the file anew";

/// A directory or a pipe of that name.
fn is_other(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

/// Nothing of that name, or a file where a directory of the path should be.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Compares a store with its known head and its ledger, in a transaction that reads: nobody can commit meanwhile, so what the
/// ledger has beyond the store is of one transaction at most, or the store is an older one.
pub(super) fn standing(view: &View<'_>, store: &Path) -> Result<Standing> {
    match to_head(view, store)? {
        found @ (Standing::Fits(_) | Standing::Missing) => {
            let head = |size, root| Checkpoint { log: view.log_id(), size, root };
            Ok(match chain::beyond(view, store)? {
                None => found,
                Some(Beyond::LeftBehind(known)) => Standing::LeftBehind(head(known.size, known.root)),
                Some(Beyond::Later(known, root)) => Standing::Outrun {
                    known,
                    head: root.map(|root| head(known, root)),
                    size: entries(view.conn())?,
                },
            })
        }
        found => Ok(found),
    }
}

fn to_head(view: &View<'_>, store: &Path) -> Result<Standing> {
    let path = path_of(store);
    let text = match read(&path) {
        Ok(text) => text,
        Err(error) if is_missing(&error) => return Ok(Standing::Missing),
        Err(_) => return Ok(Standing::Unreadable(path)),
    };
    match Checkpoint::parse(&text) {
        // Made and not yet filled when the power went.
        _ if text.is_empty() => Ok(Standing::Missing),
        Err(_) => Ok(Standing::Unreadable(path)),
        Ok(known) if known.log != view.log_id() => Ok(Standing::Foreign(known.log)),
        Ok(known) => match compare(view.conn(), known)? {
            Standing::Behind { .. } | Standing::Rewritten(_) if is_announced(view, &text)? => {
                Ok(Standing::CutOff { known, size: entries(view.conn())? })
            }
            found => Ok(found),
        },
    }
}

/// How the line of a restore begins.
const RESTORED: &str = "restored ";

/// Whether the log ends as a restore announced it: after one that was finished nothing is announced any more, so that a
/// copy of the restored store that is put back later is older and nothing else.
fn is_announced(view: &View<'_>, text: &str) -> Result<bool> {
    let Some(told) = text.lines().find(|line| line.starts_with(RESTORED)) else { return Ok(false) };
    let head = view.audit_head()?;
    Ok(told == announced(&Checkpoint { log: view.log_id(), size: head.size, root: head.root }))
}

fn announced(head: &Checkpoint) -> String {
    let root = head.text().lines().nth(2).unwrap_or_default().to_owned();
    format!("{RESTORED}{} {root}", head.size)
}

/// Says beside the head that was kept with which head the store ends that is about to take the place.
///
/// # Errors
/// Exit 1: the disk; 9: the head says nothing.
pub fn announce(store: &Path, head: &Checkpoint) -> Result<()> {
    let path = path_of(store);
    let Some(known) = known_at(store)? else { return Ok(()) };
    let text = known.text() + &announced(head) + "\n";
    let done = beside::open(&path).and_then(|file| {
        let Some(file) = file else { return Ok(()) };
        put(&file, &text).and_then(|()| file.sync_all())
    });
    done.map_err(|cause| beside::unwritten(&path, cause))
}

/// How many entries the log has.
fn entries(conn: &Connection) -> Result<u64> {
    let mut query = conn.prepare_cached("SELECT ifnull(max(seq), 0) FROM audit_entry")?;
    let size: i64 = query.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(size).unwrap_or_default())
}

fn compare(conn: &Connection, known: Checkpoint) -> Result<Standing> {
    let mut query = conn.prepare_cached("SELECT root FROM audit_head WHERE size = ?1")?;
    let root: Option<Hash> = query.query_row([number(known.size)], |row| row.get(0)).optional()?;
    Ok(match root {
        Some(root) if root == known.root => Standing::Fits(known),
        Some(_) => Standing::Rewritten(known),
        None if known.size == 0 => Standing::Fits(known),
        None => Standing::Behind { known, size: entries(conn)? },
    })
}

/// Keeps a head, unless a later one is kept already: two commands may finish out of order. Whoever holds the file for
/// longer than a head takes to write leaves it behind, which the next command mends.
pub(super) fn raise(store: &Path, head: &Checkpoint) -> std::io::Result<()> {
    let path = path_of(store);
    let Some(file) = beside::open(&path)? else {
        return match beside::create(&path, head.text().as_bytes()) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => raise(store, head),
            made => made.map(drop),
        };
    };
    held(&file)?;
    let kept = text_of(&file).ok().and_then(|text| Checkpoint::parse(&text).ok());
    if kept.is_some_and(|kept| kept.log == head.log && kept.size >= head.size) {
        return Ok(());
    }
    put(&file, &head.text())
}

/// Locks the file, which another command holds for a moment at most.
fn held(file: &File) -> std::io::Result<()> {
    for _ in 0..TRIES {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => sleep(PAUSE),
            done => return Ok(done?),
        }
    }
    Err(ErrorKind::WouldBlock.into())
}

/// Keeps this head whatever was kept: after a restore that named its gap.
///
/// # Errors
/// Exit 1: the disk.
pub fn replace(store: &Path, head: &Checkpoint) -> Result<()> {
    let path = path_of(store);
    let done = match beside::open(&path) {
        Ok(Some(file)) => put(&file, &head.text()).and_then(|()| file.sync_all()),
        Ok(None) => beside::create(&path, head.text().as_bytes()).map(drop),
        Err(error) => Err(error),
    };
    done.map_err(|cause| beside::unwritten(&path, cause))
}

fn put(file: &File, text: &str) -> std::io::Result<()> {
    file.write_all_at(text.as_bytes(), 0)?;
    if file.metadata()?.len() > text.len() as u64 { file.set_len(text.len() as u64) } else { Ok(()) }
}

fn read(path: &Path) -> std::io::Result<String> {
    text_of(&plain::open(path)?)
}

fn text_of(file: &File) -> std::io::Result<String> {
    let mut text = String::with_capacity(128);
    file.take(MOST).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
