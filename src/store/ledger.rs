//! The ledger of what is gone, outside the store: after a restore from a backup it says whom and what to destroy
//! again, even if nothing but the backup is left.
//!
//! ```text
//! dsr ledger 2 from 0 of 4c…    complete for backups of this size of the log 4c… and later
//! @ 17 3f… 12                   what follows was committed with entry 17, the root after it is 3f…; the group before: 12
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
//! that an older copy of the ledger, or one with a part taken out, is found out ([`chain`]). It holds no value of a person, only rows, random numbers and
//! keyed marks. Groups that no backup can need any more are dropped. Version 1 named no log and no groups before.

pub mod chain;
mod header;

use std::{
    cell::RefCell,
    fmt::Write as _,
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use self::header::{first_line, foreign, own, read_first};
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
    /// The log after it.
    pub head: AuditHead,
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

    /// Whether nothing goes.
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Writes the group of a transaction that is about to commit with this head; without one it added no entry.
    ///
    /// # Errors
    /// Exit 1: the disk, or something goes of which the log says nothing; 9: the ledger is another store's, or gone.
    pub(super) fn write(
        &self,
        store: &Path,
        log: LogId,
        (head, before): (Option<AuditHead>, Option<u64>),
    ) -> Result<()> {
        let lines = self.0.take();
        let Some(head) = head else { return if lines.is_empty() { Ok(()) } else { Err(unsaid()) } };
        if lines.is_empty() {
            return Ok(());
        }
        let path = path_of(store);
        let mut text = String::new();
        if is_none(&path) {
            // A new one beside a store that has groups would pass for whole, and the old one not come back beside it.
            before.map_or(Ok(()), |_| Err(gone()))?;
            // A ledger that begins here knows nothing of what went before.
            text = first_line(head.size.saturating_sub(1), log);
        } else {
            own(&path, log)?;
        }
        let _ = write!(text, "{}", group(&Group { head, before, lines }));
        beside::add(&path, text.as_bytes())
    }
}

impl Tx<'_> {
    /// Notes in the ledger that something is gone for good.
    pub(super) fn gone(&self, gone: Gone) {
        self.going.add(gone);
    }
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

/// Begins a ledger that is complete from this size of the log on.
///
/// # Errors
/// Exit 1: the disk; 9: one of another store is there. One of this store is kept.
pub fn begin(store: &Path, log: LogId, from: u64) -> Result<()> {
    let path = path_of(store);
    if is_none(&path) { beside::add(&path, first_line(from, log).as_bytes()) } else { own(&path, log) }
}

/// Adds a group to the ledger: what was destroyed again where the numbers of its own entries were lost.
///
/// # Errors
/// Exit 1: the disk.
pub fn adopt(store: &Path, group: &Group) -> Result<()> {
    if group.lines.is_empty() { Ok(()) } else { beside::add(&path_of(store), self::group(group).as_bytes()) }
}

/// Reads what a backup of this size does not know; `None` where there is no ledger.
///
/// # Errors
/// Exit 6: readable by others; 9: it is no ledger.
pub fn after(store: &Path, size: u64) -> Result<Option<Ledger>> {
    let mut found = Ledger::default();
    let first = walk(store, |part| {
        match part {
            Found::Whole(group) if group.head.size > size => found.groups.push(group),
            Found::Cut(Some(head)) if head.size > size => found.cut.push(head),
            Found::Whole(_) | Found::Cut(_) => {}
        }
        Ok(())
    })?;
    Ok(first.map(|(from, log)| Ledger { from, log, ..found }))
}

/// From which size of the log on the ledger of a store is complete; `None` where there is none. It is read to
/// its end, so that damage is found.
///
/// # Errors
/// As [`after`].
pub fn reaches_from(store: &Path) -> Result<Option<u64>> {
    Ok(walk(store, |_| Ok(()))?.map(|(from, _)| from))
}

/// Whoever was destroyed after a backup of this size must be known, or it is not brought back; unless that is
/// asked for.
///
/// # Errors
/// As [`after`]; exit 9: there is no ledger, it is another store's, or it does not reach back to the backup.
pub fn reaching(store: &Path, log: LogId, size: u64, without: bool) -> Result<Ledger> {
    match after(store, size)? {
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
        .hint("the backup is past its term: choose a later one")),
        None => Err(Error::new(
            Kind::Integrity,
            "the ledger beside the store is gone: nobody knows whom to destroy again",
        )
        .hint("bring it back; or, if it is lost for good, add --without-ledger: the log will say so")),
    }
}

/// Drops the groups that no backup of this size or larger needs. Within a transaction that may write, or the
/// group of a command that is just destroying would be lost.
///
/// # Errors
/// As [`after`]; exit 1: the disk.
pub fn forget(tx: &Tx<'_>, store: &Path, before: u64) -> Result<()> {
    shorten(store, LogId::from_bytes(tx.meta().store_id), before)
}

fn shorten(store: &Path, log: LogId, before: u64) -> Result<()> {
    if reaches_from(store)?.is_none_or(|from| from >= before) {
        return Ok(());
    }
    let (path, new) = (path_of(store), beside::path(store, "ledger.new"));
    let failed = |cause| beside::unwritten(&path, cause);
    let _ = fs::remove_file(&new);
    let file = beside::create(&new, first_line(before, log).as_bytes()).map_err(failed)?;
    let mut out = BufWriter::new(&file);
    walk(store, |part| {
        let text = match part {
            Found::Whole(one) if one.head.size > before => group(&one),
            // What was cut off stays so: it may yet prove to be damage.
            Found::Cut(Some(head)) if head.size > before => format!("\n@ {} {}\n", head.size, head.root),
            Found::Whole(_) | Found::Cut(_) => return Ok(()),
        };
        out.write_all(text.as_bytes()).map_err(failed)
    })?;
    out.flush().and_then(|()| file.sync_all()).map_err(failed)?;
    drop(out);
    fs::rename(&new, &path).map_err(failed)?;
    fs::File::open(beside::directory(&path)).and_then(|it| it.sync_all()).map_err(failed)
}

fn gone() -> Error {
    Error::new(Kind::Integrity, "the ledger beside the store is gone, and the store knows that there was one").hint(
        "nothing was done; bring it back, or, if it is lost for good, begin a new one with dsr backup: older backups \
         cannot be brought back then",
    )
}

fn unsaid() -> Error {
    Error::new(Kind::Failed, "something would be destroyed without an entry in the log")
        .hint("nothing was done; this is a fault of the program: please report it")
}

/// A crash may have cut off the last group: each begins on a line of its own.
fn group(group: &Group) -> String {
    let AuditHead { size, root } = group.head;
    let before = group.before.map_or_else(String::new, |before| format!(" {before}"));
    let mut text = format!("\n@ {size} {root}{before}\n");
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

/// Reads a ledger part by part, so that memory holds one at a time; gives where it is complete from.
fn walk(store: &Path, mut each: impl FnMut(Found) -> Result<()>) -> Result<Option<(u64, Option<LogId>)>> {
    let path = path_of(store);
    let Some(mut file) = beside::reader(&path)?.filter(|_| !is_none(&path)) else { return Ok(None) };
    let mut line = String::new();
    let mut next = |line: &mut String| beside::line(&path, &mut file, line);
    next(&mut line)?;
    let first = read_first(&line).ok_or_else(|| damaged(&path))?;
    let (mut part, mut is_first) = (String::new(), true);
    while next(&mut line)? > 0 {
        if let Some(head) = line.strip_prefix("@ ") {
            // The end of the line before it belongs to the group that begins here.
            let ended = part.pop() == Some('\n');
            told(&path, &part, is_first && ended, is_first, &mut each)?;
            (part, is_first) = (head.to_owned(), false);
        } else {
            part.push_str(&line);
        }
    }
    told(&path, &part, is_first, is_first, &mut each)?;
    Ok(Some(first))
}

/// Hands on one part; what lies before the first holds nothing.
fn told(
    path: &Path,
    part: &str,
    may_be_rest: bool,
    is_first: bool,
    each: &mut impl FnMut(Found) -> Result<()>,
) -> Result<()> {
    if is_first {
        let rest = may_be_rest && part.lines().all(is_rest);
        return if rest { Ok(()) } else { Err(damaged(path)) };
    }
    each(read_group(part).ok_or_else(|| damaged(path))?)
}

fn damaged(path: &Path) -> Error {
    Error::new(
        Kind::Integrity,
        format!("`{}` is no ledger of what was destroyed, or was damaged", path.display()),
    )
    .hint(
        "nothing was done; bring the file back from where its copies are kept; if it is lost for good, move it away: \
         dsr backup begins a new one",
    )
}

/// A group as it lies in the file; of one that was cut off the head, if so much of it was written.
enum Found {
    Whole(Group),
    Cut(Option<AuditHead>),
}

/// What may lie between groups: the beginning of one that was cut off before its head.
fn is_rest(line: &str) -> bool {
    line.is_empty() || line == "@"
}

/// `None` for one that no crash can leave: a crash cuts off the end and changes nothing before it.
fn read_group(text: &str) -> Option<Found> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let Some((head, before)) = read_head(first) else { return rest.is_empty().then_some(Found::Cut(None)) };
    let mut gone = Vec::new();
    let mut lines = rest.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let (line, whole) = line.strip_suffix('\n').map_or((line, false), |line| (line, true));
        if line.strip_prefix(". ").is_some_and(|count| count.parse() == Ok(gone.len())) {
            let group = Group { head, before, lines: gone };
            return lines.all(|line| is_rest(line.trim_end_matches('\n'))).then_some(Found::Whole(group));
        }
        match read_line(line) {
            Some(one) => gone.push(one),
            None if whole => return None,
            None => {}
        }
    }
    Some(Found::Cut(Some(head)))
}

fn read_head(line: &str) -> Option<(AuditHead, Option<u64>)> {
    let mut parts = line.split(' ');
    let (size, root) = (parts.next()?.parse().ok()?, parts.next()?.parse::<Hash>().ok()?);
    let before = parts.next().map(str::parse).transpose().ok()?;
    parts.next().is_none().then_some((AuditHead { size, root }, before))
}

fn read_line(line: &str) -> Option<Gone> {
    let parts: Vec<&str> = line.split(' ').collect();
    let number = |text: &str| text.parse::<i64>().ok();
    Some(match parts.as_slice() {
        ["r", record, subject] => Gone::Record(number(record)?, number(subject)?),
        ["i", subject, code] => Gone::Stated(number(subject)?, number(code)?),
        ["p", id] => Gone::Person(id.parse().ok()?),
        ["w", id, at] => Gone::Consent(number(id)?, number(at)?),
        ["t", controller, code, mac, at] => {
            let mac = *mac.parse::<Hash>().ok()?.as_bytes();
            Gone::Mark((*controller).to_owned(), number(code)?, mac, number(at)?)
        }
        _ => return None,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
