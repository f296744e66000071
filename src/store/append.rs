//! The audit log's rows: an entry, the head after it, and the open subtrees, in one transaction with the
//! act they speak of.
//!
//! The tree is that of RFC 6962: leaf = SHA-256(0x00 ‖ bytes), node = SHA-256(0x01 ‖ left ‖ right). What the
//! bytes say is the business of [`crate::audit`]; here they are only numbered and kept.

use std::ops::ControlFlow;

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use super::{Tx, View, fault::damaged};
use crate::domain::Result;

/// SHA-256.
pub type Hash = [u8; 32];

/// A row of the log as it stands: its number, which nobody has checked, and its bytes.
pub type Numbered<'r> = Option<(i64, &'r [u8])>;

/// The log after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry, counted from 1; 0 in an empty log.
    pub seq: u64,
    /// Entries in the tree: the same number.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// The end of the log, held while a transaction adds to it.
pub(super) struct Log {
    head: AuditHead,
    frontier: Frontier,
    stored: u64,
}

/// Roots of the complete subtrees, one a set bit of the size; lowest level first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Frontier(Vec<(u32, Hash)>);

impl Frontier {
    fn push(&mut self, leaf: Hash) {
        let (mut level, mut carry) = (0, leaf);
        while self.0.first().is_some_and(|(lowest, _)| *lowest == level) {
            let (_, left) = self.0.remove(0);
            carry = node(&left, &carry);
            level += 1;
        }
        self.0.insert(0, (level, carry));
    }

    fn root(&self) -> Hash {
        let mut hashes = self.0.iter().map(|(_, hash)| *hash);
        let Some(lowest) = hashes.next() else { return Sha256::digest([]).into() };
        hashes.fold(lowest, |right, left| node(&left, &right))
    }

    fn size(&self) -> u64 {
        self.0.iter().map(|(level, _)| 1_u64.checked_shl(*level).unwrap_or(0)).sum()
    }
}

fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

impl View<'_> {
    /// The newest head; size 0 and the hash of nothing where the log is empty.
    ///
    /// # Errors
    /// Exit 9 if the last head does not fit the last entry.
    pub fn audit_head(&self) -> Result<AuditHead> {
        let conn = self.conn();
        let mut query =
            conn.prepare_cached("SELECT size, root FROM audit_head ORDER BY size DESC LIMIT 1")?;
        let head =
            query.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?))).optional()?;
        let mut query = conn.prepare_cached("SELECT max(seq) FROM audit_entry")?;
        let last = query.query_row([], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0);
        let (size, root) = head.unwrap_or_else(|| (0, Frontier::default().root()));
        match u64::try_from(size) {
            Ok(seq) if size == last => Ok(AuditHead { seq, size: seq, root }),
            _ => Err(broken("its last head does not fit its last entry")),
        }
    }

    /// Every entry in order, from `first` on: number and bytes.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_entry(&self, first: u64, mut each: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        let mut query = self.prepare("SELECT seq, bytes FROM audit_entry WHERE seq >= ?1 ORDER BY seq")?;
        let mut rows = query.query([number(first)])?;
        while let Some(row) = rows.next()? {
            each(
                unsigned(row.get(0)?)?,
                row.get_ref(1)?.as_blob().map_err(|_| broken("an entry is no bytes"))?,
            )?;
        }
        Ok(())
    }

    /// Every head in order: size and root.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_head(&self, mut each: impl FnMut(u64, Hash) -> Result<()>) -> Result<()> {
        let mut query = self.prepare("SELECT size, root FROM audit_head ORDER BY size")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            each(unsigned(row.get(0)?)?, row.get(1)?)?;
        }
        Ok(())
    }

    /// Both tables for verification, in one pass: each step the next row of either, `(seq, bytes)` and
    /// `(size, root)`, as it stands, until both have ended or `step` breaks.
    ///
    /// # Errors
    /// As any read.
    pub fn feed_log(
        &self,
        mut step: impl FnMut(Numbered<'_>, Numbered<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut entries = self.prepare("SELECT seq, bytes FROM audit_entry ORDER BY seq")?;
        let mut heads = self.prepare("SELECT size, root FROM audit_head ORDER BY size")?;
        let (mut entries, mut heads) = (entries.query([])?, heads.query([])?);
        loop {
            let (entry, head) = (numbered(&mut entries)?, numbered(&mut heads)?);
            let ended = entry.is_none() && head.is_none();
            if step(entry, head).is_break() || ended {
                return Ok(());
            }
        }
    }

    /// Whether the open subtrees fold to the newest head, as the next append will ask.
    ///
    /// # Errors
    /// Exit 9 if they do not.
    pub fn check_frontier(&self) -> Result<AuditHead> {
        Log::load(self).map(|log| log.head)
    }

    /// A page of entries, newest last: those after number `after`, at most `limit`.
    ///
    /// # Errors
    /// As any read.
    pub fn audit_entries(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>> {
        let mut query =
            self.prepare("SELECT seq, bytes FROM audit_entry WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = query.query([number(after), limit])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push((unsigned(row.get(0)?)?, row.get(1)?));
        }
        Ok(page)
    }
}

impl Tx<'_> {
    /// Adds one entry. `bytes_of` is given the number of the entry (from 1) and the root before it, and makes
    /// the canonical bytes. May be called many times in one transaction.
    ///
    /// # Errors
    /// Exit 9 if the stored subtrees do not fold to the last head: then nothing may be added.
    pub fn append(&self, bytes_of: impl FnOnce(u64, Hash) -> Vec<u8>) -> Result<AuditHead> {
        let mut slot = self.log.borrow_mut();
        let mut log = match slot.take() {
            Some(log) => log,
            None => Log::load(self)?,
        };
        let seq = log.head.size + 1;
        let bytes = bytes_of(seq, log.head.root);
        log.frontier.push(leaf(&bytes));
        log.head = AuditHead { seq, size: seq, root: log.frontier.root() };
        let mut entry = self.prepare("INSERT INTO audit_entry (seq, bytes) VALUES (?1, ?2)")?;
        entry.execute((number(seq), bytes))?;
        let mut head = self.prepare("INSERT INTO audit_head (size, root) VALUES (?1, ?2)")?;
        head.execute((number(seq), log.head.root))?;
        let head = log.head;
        *slot = Some(log);
        Ok(head)
    }

    /// Writes the open subtrees, once a transaction: between two entries nobody needs them.
    pub(super) fn finish_log(&self) -> Result<()> {
        match self.log.take() {
            Some(log) if log.head.size != log.stored => log.save(self),
            _ => Ok(()),
        }
    }
}

impl Log {
    fn load(view: &View<'_>) -> Result<Self> {
        let head = view.audit_head()?;
        let mut query = view.prepare("SELECT level, hash FROM audit_frontier ORDER BY level")?;
        let levels = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let frontier = Frontier(levels.collect::<rusqlite::Result<_>>()?);
        if frontier.size() != head.size || frontier.root() != head.root {
            return Err(broken("its open subtrees do not give its last head"));
        }
        Ok(Self { head, frontier, stored: head.size })
    }

    fn save(&self, tx: &Tx<'_>) -> Result<()> {
        tx.prepare("DELETE FROM audit_frontier")?.execute([])?;
        let mut insert = tx.prepare("INSERT INTO audit_frontier (level, hash) VALUES (?1, ?2)")?;
        for row in &self.frontier.0 {
            insert.execute(*row)?;
        }
        Ok(())
    }
}

fn broken(how: &str) -> crate::domain::Error {
    damaged(format!("the audit log is broken: {how}")).hint("find the place: dsr audit verify")
}

/// Numbers of entries stay far below 2^63; a greater one would match nothing.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn numbered<'r>(rows: &'r mut rusqlite::Rows<'_>) -> Result<Numbered<'r>> {
    let Some(row) = rows.next()? else { return Ok(None) };
    let bytes = row.get_ref(1)?.as_blob().map_err(|_| broken("an entry is no bytes"))?;
    Ok(Some((row.get(0)?, bytes)))
}

fn unsigned(stored: i64) -> Result<u64> {
    u64::try_from(stored).map_err(|_| broken("an entry has a number below 1"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        domain::{Error, Kind},
        store::{
            Store,
            cast::{self, Home, reopen},
        },
    };

    /// RFC 6962, section 2.1, as it is written there: slow, recursive, and not by a frontier.
    fn tree(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
                node(&tree(left), &tree(right))
            }
        }
    }

    fn logged(entries: u64) -> Home {
        let mut store = cast::empty();
        for _ in 0..entries {
            store.transact(|tx| tx.append(|seq, _| format!("entry {seq}").into_bytes())).unwrap();
        }
        store
    }

    fn tamper(store: &Store, sql: &str) {
        rusqlite::Connection::open(store.path()).unwrap().execute_batch(sql).unwrap();
    }

    #[test]
    fn heads_are_those_of_the_rfc() {
        let mut leaves = Vec::new();
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), tree(&leaves));
        for n in 0_u8..70 {
            leaves.push(leaf(&[n]));
            frontier.push(leaf(&[n]));
            assert_eq!((frontier.root(), frontier.size()), (tree(&leaves), u64::from(n) + 1));
        }
    }

    #[test]
    fn one_or_many_in_a_transaction_give_the_same_log() {
        let mut one_by_one = logged(13);
        let mut at_once = cast::empty();
        let mut seen = Vec::new();
        at_once
            .transact(|tx| {
                for _ in 0..13 {
                    let head = tx.append(|seq, root| {
                        seen.push((seq, root));
                        format!("entry {seq}").into_bytes()
                    })?;
                    assert_eq!(head, tx.audit_head()?);
                }
                Ok(())
            })
            .unwrap();
        let head = at_once.read(|view| view.check_frontier()).unwrap();
        assert_eq!(head, one_by_one.read(|view| view.check_frontier()).unwrap());
        assert_eq!((head.seq, head.size), (13, 13));
        let mut heads = Vec::new();
        at_once
            .read(|view| {
                view.for_each_head(|size, root| {
                    heads.push((size, root));
                    Ok(())
                })
            })
            .unwrap();
        assert_eq!(heads.len(), 13);
        assert_eq!(
            seen[1..].iter().map(|(_, root)| *root).collect::<Vec<_>>(),
            heads[..12].iter().map(|h| h.1).collect::<Vec<_>>()
        );
    }

    #[test]
    fn an_undone_transaction_leaves_no_entry() {
        let mut store = logged(3);
        let undone: Result<()> = store.transact(|tx| {
            tx.append(|_, _| b"never".to_vec())?;
            Err(Error::usage("no"))
        });
        assert!(undone.is_err());
        assert_eq!(store.read(|view| view.check_frontier()).unwrap().size, 3);
        assert_eq!(store.transact(|tx| tx.append(|_, _| b"x".to_vec())).unwrap().seq, 4);
    }

    #[test]
    fn nothing_is_added_to_a_broken_log() {
        for (about, sql) in [
            ("the last entry cut off", "DELETE FROM audit_entry WHERE seq = 5"),
            ("the last head cut off", "DELETE FROM audit_head WHERE size = 5"),
            ("both cut off", "DELETE FROM audit_entry WHERE seq = 5; DELETE FROM audit_head WHERE size = 5"),
            ("the last head changed", "UPDATE audit_head SET root = zeroblob(32) WHERE size = 5"),
            ("a subtree changed", "UPDATE audit_frontier SET hash = zeroblob(32) WHERE level = 2"),
            ("a subtree lost", "DELETE FROM audit_frontier WHERE level = 0"),
            ("the log emptied", "DELETE FROM audit_entry; DELETE FROM audit_head"),
            ("an entry with a strange number", "INSERT INTO audit_entry VALUES (9, x'00')"),
        ] {
            let mut store = logged(5);
            tamper(&store, sql);
            let added = store.transact(|tx| tx.append(|_, _| Vec::new()));
            assert_eq!(added.unwrap_err().kind(), Kind::Integrity, "{about}");
        }
    }

    #[test]
    fn both_tables_are_fed_as_they_stand() {
        let mut store = logged(4);
        tamper(
            &store,
            "DELETE FROM audit_entry WHERE seq = 2; INSERT INTO audit_head VALUES (-1, zeroblob(32))",
        );
        let mut fed = Vec::new();
        let step = |entry: Numbered<'_>, head: Numbered<'_>| {
            fed.push((entry.map(|row| row.0), head.map(|row| row.0)));
            ControlFlow::Continue(())
        };
        store.read(|view| view.feed_log(step)).unwrap();
        let numbers =
            [(Some(1), Some(-1)), (Some(3), Some(1)), (Some(4), Some(2)), (None, Some(3)), (None, Some(4))];
        assert_eq!(fed, [numbers.as_slice(), &[(None, None)]].concat());
        let page = store.read(|view| view.audit_entries(1, 2)).unwrap();
        assert_eq!(page.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn writers_side_by_side_lose_nothing() {
        let store = logged(0);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let mut store = reopen(&store);
                scope.spawn(move || {
                    for _ in 0..25 {
                        store.transact(|tx| tx.append(|seq, _| vec![writer, seq as u8])).unwrap();
                    }
                });
            }
        });
        let mut store = reopen(&store);
        assert_eq!(store.read(|view| view.check_frontier()).unwrap().size, 100);
        let mut numbers = Vec::new();
        store
            .read(|view| {
                view.for_each_entry(1, |seq, bytes| {
                    numbers.push((seq, bytes[1] as u64));
                    Ok(())
                })
            })
            .unwrap();
        assert!(numbers.iter().all(|(seq, written)| seq == written), "each saw the entry before its own");
    }
}
