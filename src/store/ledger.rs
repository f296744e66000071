//! The ledger of what is gone, outside the store: after a restore from a backup it says whom and what to destroy
//! again, even if nothing but the backup is left.
//!
//! ```text
//! dsr ledger 2 from 0 of 4c…, 7 9a…    complete for backups of this size of the log 4c… and later; the log has the root 9a… at 7
//! @ 17 3f… a1… 12               what follows was committed with entry 17 (and those after it, if it added more), the root after it is 3f…, before it a1…; the group before: 12
//! r 5 2                         record 5 of person 2 (rows of the store) is gone
//! i 2 3                         what was stated of person 2 as identifier of type 3 is gone
//! p 0a…                         nothing is left of the person of this random id
//! w 9 1774000000                consent 9 was withdrawn then
//! t mycar 1 9c… 1774000000      a tombstone: a mark under the key file (type as in `tombstone`)
//! . 5                           the group has so many lines
//! ```
//!
//! A group is on the disk before its transaction commits, and counts only if the log has that root at that
//! size: what was never committed never counts. A group that a crash cut off is therefore one that was never
//! committed; if the log has its root all the same, or it is broken in the middle, the ledger was damaged and
//! nothing is brought back by it. The store knows the number of its last group and each group that of the one before, so
//! that an older copy of the ledger, or one with a part taken out, is found out ([`chain`]); it knows length and digest of
//! the whole as well, so that one changed byte is ([`seal`]). It holds no value of a person, only rows, random numbers and
//! keyed marks. Groups that no backup can need any more are dropped ([`forget()`]). Version 1 named no log and no groups before.

pub mod chain;
mod forget;
mod header;
pub mod seal;
mod walk;

use std::{
    cell::RefCell,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use self::forget::branch;
pub use self::forget::{forget, replace as take_over};
use self::{
    header::{first_line, foreign, own},
    seal::{Ground, Hand, Run, Sealed, Word},
    walk::{Found, walk},
};
use super::{Tx, beside, log::AuditHead};
use crate::{
    audit::Hash,
    domain::{Error, Kind, LogId, Result, SubjectId, hex},
};

/// Something that must not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// A record: its row and that of its person.
    Record(i64, i64),
    /// What the person's own line stated of a type: the row of the person, the type.
    Stated(i64, i64),
    /// A person of whom nothing is left.
    Person(SubjectId),
    /// A consent, and when it was withdrawn.
    Consent(i64, i64),
    /// A tombstone: controller, type, mark, when.
    Mark(String, i64, [u8; 32], i64),
}

/// What one committed transaction took away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The log after the first entry of that transaction.
    pub head: AuditHead,
    /// The root before that entry; `None`: it was the first, or nobody says.
    pub prior: Option<Hash>,
    /// The number of the group before it; `None` where nobody knew it.
    pub before: Option<u64>,
    /// What.
    pub lines: Vec<Gone>,
}

/// The ledger as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// It is complete for backups whose log has at least this size.
    pub from: u64,
    /// The log that it is of; `None`: it does not say.
    pub log: Option<LogId>,
    /// Somebody who was destroyed may be missing in it, and that was accepted.
    pub is_blind: bool,
    /// Whole groups that were asked for, in the order they were written; also those that were never committed.
    pub groups: Vec<Group>,
    /// The heads of groups that were cut off: none of them may be in the log.
    pub cut: Vec<AuditHead>,
}

/// What a transaction takes away, kept until it is about to commit.
#[derive(Default)]
pub(super) struct Going(RefCell<Vec<Gone>>);

impl Going {
    pub(super) fn add(&self, gone: Gone) {
        self.0.borrow_mut().push(gone);
    }

    fn take(&self) -> Vec<Gone> {
        self.0.take()
    }
}

impl Tx<'_> {
    /// Notes in the ledger that something is gone for good.
    pub(super) fn gone(&self, gone: Gone) {
        self.going.add(gone);
    }

    /// Writes what goes with this transaction, which is about to commit. `head`: that after the first entry it added; without one
    /// it added none. So a transaction that is cut off names the entry next to the last one, however many it adds.
    ///
    /// # Errors
    /// Exit 1: the disk, or something goes of which the log says nothing; 9: the ledger is another store's, gone, or was
    /// changed.
    pub(super) fn leave(&self, head: Option<AuditHead>) -> Result<()> {
        let lines = self.going.take();
        match head {
            None if lines.is_empty() => Ok(()),
            Some(_) if lines.is_empty() => self.seal_rest(),
            None => Err(unsaid()),
            Some(head) => {
                let word = self.ledger_word()?;
                let group = Group { head, prior: self.root_before(&head)?, before: word.last, lines };
                let sealed = write(&self.ledger, self.log_id(), word, &group)?;
                self.next_group(head.size)?;
                self.seal(sealed)
            }
        }
    }

    /// The ledger is whole and this store's, or nothing may be destroyed. What a power cut left at its end of a group
    /// that was never committed is taken away.
    ///
    /// # Errors
    /// As [`Self::leave`].
    pub fn ledger_stands(&self) -> Result<()> {
        let word = self.ledger_word()?;
        match seal::ground(&self.ledger, self.log_id(), word)? {
            Ground::Nothing if word.last.is_some() => Err(gone()),
            Ground::Nothing | Ground::Stands(_) => Ok(()),
        }
    }

    /// Begins a ledger that is complete from this size of the log on. One of this store is kept.
    ///
    /// # Errors
    /// Exit 1: the disk; 9: one of another store is there, or it was changed.
    pub fn begin_ledger(&self, from: u64) -> Result<()> {
        let (word, log) = (self.ledger_word()?, self.log_id());
        let sealed = begin(&self.ledger, log, word, from)?;
        if word.is(sealed) { Ok(()) } else { self.seal(sealed) }
    }

    /// The ledger with which this copy of a backup of so many entries goes on once it has the place of the store: written
    /// beside the other, for [`take_over`]. `fresh`: the other is lost, and this one begins at that size.
    ///
    /// # Errors
    /// Exit 1: the disk; 9: it is another store's.
    pub fn adopt_ledger(&self, store: &Path, backup: u64, fresh: Option<u64>, group: &Group) -> Result<()> {
        let (path, log) = (path_of(store), self.log_id());
        if fresh.is_none() && !is_none(&path) {
            own(&path, log)?;
        }
        let next = branch(store, log, (backup, fresh), group)?;
        self.seal(next)
    }
}

/// Adds a group to what is there and was not changed.
fn write(hand: &Hand<'_>, log: LogId, word: Word, group: &Group) -> Result<Sealed> {
    let text = self::group(group);
    let run = match seal::ground(hand, log, word)? {
        // A new one beside a store that has groups would pass for whole, and the old one not come back beside it.
        Ground::Nothing if word.last.is_some() => return Err(gone()),
        // A ledger that begins here knows nothing of what went before.
        Ground::Nothing => {
            let text = first_line(group.head.size.saturating_sub(1), log, &[]) + &text;
            place(&path_of(hand.store), &text)?;
            Run::of(&text)
        }
        Ground::Stands(run) => {
            beside::add(&path_of(hand.store), text.as_bytes())?;
            run.and(&text)
        }
    };
    Ok(hand.keep(run))
}

fn begin(hand: &Hand<'_>, log: LogId, word: Word, from: u64) -> Result<Sealed> {
    match seal::ground(hand, log, word)? {
        Ground::Stands(run) => Ok(run.sealed()),
        Ground::Nothing => {
            let text = first_line(from, log, &[]);
            place(&path_of(hand.store), &text)?;
            Ok(Run::of(&text).sealed())
        }
    }
}

/// A first part comes with its name or not at all; what lay there said nothing.
fn place(path: &Path, text: &str) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        fs::remove_file(path).map_err(|cause| beside::unwritten(path, cause))?;
    }
    beside::create(path, text.as_bytes()).map(drop).map_err(|cause| beside::unwritten(path, cause))
}

/// Where the ledger of a store lies.
pub fn path_of(store: &Path) -> PathBuf {
    beside::path(store, "ledger")
}

/// There is none, or one that was made and not yet filled when the power went.
fn is_none(path: &Path) -> bool {
    path.symlink_metadata().map_or(true, |found| found.is_file() && found.len() == 0)
}

/// Whether one lies there that says something.
pub fn is_there(store: &Path) -> bool {
    !is_none(&path_of(store))
}

/// Reads what a backup of this size does not know; `None` where there is no ledger. `solid`: see [`walk`].
///
/// # Errors
/// Exit 6: readable by others; 9: it is no ledger.
pub fn after(store: &Path, solid: Option<u64>, size: u64) -> Result<Option<Ledger>> {
    let mut found = Ledger::default();
    let read = walk(store, solid, |part| {
        match part {
            Found::Whole(group) if group.head.size > size => found.groups.push(group),
            Found::Cut(Some(head)) if head.size > size => found.cut.push(head),
            Found::Whole(_) | Found::Cut(_) => {}
        }
        Ok(())
    })?;
    Ok(read.map(|read| Ledger { from: read.from, log: read.log, ..found }))
}

/// From which size of the log on the ledger of a store is complete; `None` where there is none. It is read to
/// its end, so that damage is found.
///
/// # Errors
/// As [`after`].
pub fn reaches_from(store: &Path) -> Result<Option<u64>> {
    Ok(walk(store, None, |_| Ok(()))?.map(|read| read.from))
}

/// Whoever was destroyed after a backup of this size must be known, or it is not brought back; unless that is
/// asked for.
///
/// # Errors
/// As [`after`]; exit 9: there is no ledger, it is another store's, or it does not reach back to the backup.
pub fn reaching(
    store: &Path,
    log: LogId,
    (solid, size): (Option<u64>, u64),
    without: bool,
) -> Result<Ledger> {
    match after(store, solid, size)? {
        Some(ledger) if ledger.log.is_some_and(|other| other != log) => Err(foreign()),
        Some(ledger) if ledger.from <= size => Ok(ledger),
        found if without => Ok(Ledger { is_blind: true, ..found.unwrap_or_default() }),
        Some(ledger) => Err(Error::new(
            Kind::Integrity,
            format!(
                "the ledger knows who was destroyed since entry {} only; the backup ends with {size}",
                ledger.from
            ),
        )
        .hint(
            "choose a later backup: the ledger was begun anew since, or this one is past its term; if it has to be this \
             one, add --without-ledger: whoever was destroyed before then comes back, and the log will say so",
        )),
        None => Err(Error::new(
            Kind::Integrity,
            "the ledger beside the store is gone: nobody knows whom to destroy again",
        )
        .hint("bring it back; or, if it is lost for good, add --without-ledger: the log will say so")),
    }
}

pub(super) fn gone() -> Error {
    Error::new(Kind::Integrity, "the ledger beside the store is gone, and the store knows that there was one").hint(
        "nothing was done; bring it back, or, if it is lost for good, begin a new one with dsr backup: an older \
         backup then needs --without-ledger",
    )
}

fn unsaid() -> Error {
    Error::new(Kind::Failed, "something would be destroyed without an entry in the log")
        .hint("nothing was done; this is a fault of the program: please report it")
}

/// A crash may have cut off the last group: each begins on a line of its own.
fn group(group: &Group) -> String {
    let AuditHead { size, root } = group.head;
    let prior = group.prior.map_or_else(String::new, |prior| format!(" {prior}"));
    let before = group.before.map_or_else(String::new, |before| format!(" {before}"));
    let mut text = format!("\n@ {size} {root}{prior}{before}\n");
    for line in &group.lines {
        let _ = match line {
            Gone::Record(record, subject) => writeln!(text, "r {record} {subject}"),
            Gone::Stated(subject, code) => writeln!(text, "i {subject} {code}"),
            Gone::Person(id) => writeln!(text, "p {id}"),
            Gone::Consent(id, at) => writeln!(text, "w {id} {at}"),
            Gone::Mark(controller, code, mac, at) => {
                writeln!(text, "t {controller} {code} {} {at}", hex::text(mac))
            }
        };
    }
    let _ = writeln!(text, ". {}", group.lines.len());
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
