//! The ledger of what is gone, outside the store: after a restore from a backup it says whom and what to destroy
//! again, even if nothing but the backup is left.
//!
//! ```text
//! dsr ledger 1 from 0           complete for backups of this size of the log and later
//! @ 17 3f…                      what follows was committed with entry 17, the root after it is 3f…
//! r 5 2                         record 5 of person 2 (rows of the store) is gone
//! i 2 3                         what was stated of person 2 as identifier of type 3 is gone
//! p 0a…                         nothing is left of the person of this random id
//! w 9 1774000000                consent 9 was withdrawn then
//! t mycar 1 9c… 1774000000      a tombstone: a mark under the key file (type as in `tombstone`)
//! . 5                           the group has so many lines
//! ```
//!
//! A group is on the disk before its transaction commits, and counts only if the log has that root at that
//! size: what was never committed never counts. It holds no value of a person, only rows, random numbers and
//! keyed marks. Groups that no backup can need any more are dropped.

use std::{
    cell::RefCell,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use super::{Tx, beside, log::AuditHead};
use crate::{
    audit::Hash,
    domain::{Error, Kind, Result, SubjectId, hex},
};

const HEADER: &str = "dsr ledger 1 from ";

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
    /// What.
    pub lines: Vec<Gone>,
}

/// The ledger as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// It is complete for backups whose log has at least this size.
    pub from: u64,
    /// Whole groups, in the order they were written; also those that were never committed.
    pub groups: Vec<Group>,
}

/// What a transaction takes away, kept until it is about to commit.
#[derive(Default)]
pub(super) struct Going(RefCell<Vec<Gone>>);

impl Going {
    pub(super) fn add(&self, gone: Gone) {
        self.0.borrow_mut().push(gone);
    }

    /// Writes the group of a transaction that is about to commit with this head.
    pub(super) fn write(&self, store: &Path, head: AuditHead) -> Result<()> {
        let lines = self.0.take();
        if lines.is_empty() {
            return Ok(());
        }
        let path = path_of(store);
        let mut text = String::new();
        if path.symlink_metadata().is_err() {
            // A ledger that begins here knows nothing of what went before.
            let _ = writeln!(text, "{HEADER}{}", head.size.saturating_sub(1));
        }
        let _ = write!(text, "{}", group(&Group { head, lines }));
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

/// Begins a ledger that is complete from this size of the log on.
///
/// # Errors
/// Exit 1: the disk. One that is there already is kept.
pub fn begin(store: &Path, from: u64) -> Result<()> {
    let path = path_of(store);
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    beside::add(&path, format!("{HEADER}{from}\n").as_bytes())
}

/// Reads the ledger of a store; `None` where there is none.
///
/// # Errors
/// Exit 6: readable by others; 9: it is no ledger.
pub fn read(store: &Path) -> Result<Option<Ledger>> {
    let path = path_of(store);
    let Some(text) = beside::text(&path)? else { return Ok(None) };
    parse(&text).map(Some).ok_or_else(|| {
        Error::new(Kind::Integrity, format!("`{}` is no ledger of what was destroyed", path.display()))
            .hint("bring the file back from where its copies are kept")
    })
}

/// Drops the groups that no backup of this size or larger needs.
///
/// # Errors
/// As [`read`]; exit 1: the disk.
pub fn forget(store: &Path, before: u64) -> Result<()> {
    let Some(ledger) = read(store)?.filter(|ledger| ledger.from < before) else { return Ok(()) };
    let kept = ledger.groups.into_iter().filter(|group| group.head.size > before);
    let text = kept.fold(format!("{HEADER}{before}\n"), |text, one| text + &group(&one));
    let (path, new) = (path_of(store), beside::path(store, "ledger.new"));
    let failed = |cause| beside::unwritten(&path, cause);
    let _ = fs::remove_file(&new);
    beside::create(&new, text.as_bytes()).map_err(failed)?;
    fs::rename(&new, &path).map_err(failed)?;
    fs::File::open(beside::directory(&path)).and_then(|it| it.sync_all()).map_err(failed)
}

/// A crash may have cut off the last group: each begins on a line of its own.
fn group(group: &Group) -> String {
    let AuditHead { size, root } = group.head;
    let mut text = format!("\n@ {size} {root}\n");
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

fn parse(text: &str) -> Option<Ledger> {
    let (first, rest) = text.split_once('\n')?;
    let from = first.strip_prefix(HEADER)?.parse().ok()?;
    let groups = rest.split("\n@ ").skip(1).filter_map(read_group).collect();
    Some(Ledger { from, groups })
}

/// `None` for one that was cut off: its transaction never committed.
fn read_group(text: &str) -> Option<Group> {
    let mut lines = text.lines();
    let (size, root) = lines.next()?.split_once(' ')?;
    let head = AuditHead { size: size.parse().ok()?, root: root.parse::<Hash>().ok()? };
    let mut gone = Vec::new();
    for line in lines {
        if let Some(count) = line.strip_prefix(". ") {
            return (count.parse() == Ok(gone.len())).then_some(Group { head, lines: gone });
        }
        gone.push(read_line(line)?);
    }
    None
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
mod tests {
    use super::*;

    fn head(size: u64) -> AuditHead {
        AuditHead { size, root: Hash::of(&size.to_be_bytes()) }
    }

    fn lines() -> Vec<Gone> {
        vec![
            Gone::Record(5, 2),
            Gone::Stated(2, 3),
            Gone::Person(SubjectId::from_bytes([10; 16])),
            Gone::Consent(9, 1_774_000_000),
            Gone::Mark("mycar".into(), 1, [0x9c; 32], 1_774_000_000),
        ]
    }

    fn write(store: &Path, size: u64) {
        let going = Going::default();
        lines().into_iter().for_each(|line| going.add(line));
        going.write(store, head(size)).unwrap();
    }

    #[test]
    fn what_is_written_is_read_and_forgotten_when_nothing_needs_it() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("s.db");
        assert_eq!(read(&store).unwrap(), None);
        begin(&store, 0).unwrap();
        for size in [3, 7, 12] {
            write(&store, size);
        }
        let read_again = read(&store).unwrap().unwrap();
        assert_eq!(read_again.from, 0);
        assert_eq!(read_again.groups, [3, 7, 12].map(|size| Group { head: head(size), lines: lines() }));
        forget(&store, 7).unwrap();
        let left = read(&store).unwrap().unwrap();
        assert_eq!((left.from, left.groups.len(), left.groups[0].head.size), (7, 1, 12));
        begin(&store, 0).unwrap();
        assert_eq!(read(&store).unwrap().unwrap(), left);
    }

    #[test]
    fn one_that_begins_late_says_so() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("s.db");
        write(&store, 40);
        assert_eq!(read(&store).unwrap().unwrap().from, 39);
    }

    /// Cut anywhere, the whole groups before the cut are read, and those written after it.
    #[test]
    fn a_group_cut_off_by_a_crash_does_not_count() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("s.db");
        begin(&store, 0).unwrap();
        write(&store, 3);
        let kept = fs::read(path_of(&store)).unwrap().len();
        write(&store, 4);
        let whole = fs::read(path_of(&store)).unwrap();
        for end in kept..whole.len() - 1 {
            fs::write(path_of(&store), &whole[..end]).unwrap();
            write(&store, 5);
            let sizes: Vec<u64> =
                read(&store).unwrap().unwrap().groups.iter().map(|group| group.head.size).collect();
            assert_eq!(sizes, [3, 5], "cut at {end}");
        }
    }

    #[test]
    fn what_is_no_ledger_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let store = home.path().join("s.db");
        for text in ["", "x\n", "dsr ledger 1 from x\n"] {
            let _ = fs::remove_file(path_of(&store));
            beside::add(&path_of(&store), text.as_bytes()).unwrap();
            assert_eq!(read(&store).unwrap_err().kind(), Kind::Integrity, "{text:?}");
        }
    }
}
