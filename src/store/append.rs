//! Adding to the audit log: an entry, the head after it, and the open subtrees, in one transaction with the
//! act they speak of. What the bytes say is the business of [`crate::audit`]; here they are only numbered
//! and kept.

use super::{
    Tx, View,
    log::{AuditHead, broken, number},
};
use crate::{
    audit::{Frontier, Hash},
    domain::Result,
};

/// The end of the log, held while a transaction adds to it.
pub(super) struct LogEnd {
    pub(super) head: AuditHead,
    first: Option<AuditHead>,
    frontier: Frontier,
    stored: u64,
}

impl Tx<'_> {
    /// Adds one entry. `bytes_of` is given the number of the entry (from 1) and the root before it, and makes
    /// the canonical bytes. May be called many times in one transaction.
    ///
    /// # Errors
    /// Exit 9 if the stored subtrees do not fold to the last head: then nothing may be added.
    pub fn append(&self, bytes_of: impl FnOnce(u64, Hash) -> Vec<u8>) -> Result<AuditHead> {
        let mut log = match self.log.take() {
            Some(log) => log,
            None => LogEnd::load(self)?,
        };
        let seq = log.head.size + 1;
        let bytes = bytes_of(seq, log.head.root);
        log.frontier.append(Hash::leaf(&bytes));
        log.head = AuditHead { size: seq, root: log.frontier.root() };
        log.first.get_or_insert(log.head);
        let mut entry = self.prepare("INSERT INTO audit_entry (seq, bytes) VALUES (?1, ?2)")?;
        entry.execute((number(seq), bytes))?;
        let mut head = self.prepare("INSERT INTO audit_head (size, root) VALUES (?1, ?2)")?;
        head.execute((number(seq), log.head.root))?;
        let head = log.head;
        self.log.replace(Some(log));
        Ok(head)
    }

    /// Makes the open subtrees anew from the entries. Before the transaction adds any.
    ///
    /// # Errors
    /// Exit 9 if the entries do not give the last head either.
    pub fn mend_subtrees(&self) -> Result<()> {
        let head = self.audit_head()?;
        let mut frontier = Frontier::new();
        self.for_each_entry(1, |_, bytes| {
            frontier.append(Hash::leaf(bytes));
            Ok(())
        })?;
        if (frontier.size(), frontier.root()) != (head.size, head.root) {
            return Err(broken("its entries do not give its last head"));
        }
        LogEnd { head, first: None, frontier, stored: 0 }.save(self, u8::MAX)
    }

    /// Writes the open subtrees, once a transaction: between two entries nobody needs them. Gives the heads after the
    /// first and the last entry, if entries were added.
    pub(super) fn finish_log(&self) -> Result<Option<(AuditHead, AuditHead)>> {
        let Some(log) = self.log.take() else { return Ok(None) };
        let Some(first) = log.first else { return Ok(None) };
        log.save(self, log.frontier.same_from(log.stored))?;
        Ok(Some((first, log.head)))
    }
}

impl LogEnd {
    /// Reads the end of the log and checks that its parts agree.
    pub(super) fn load(view: &View<'_>) -> Result<Self> {
        let head = view.audit_head()?;
        let mut query = view.prepare("SELECT level, hash FROM audit_frontier ORDER BY level DESC")?;
        let levels = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let frontier = Frontier::from_pairs(levels.collect::<rusqlite::Result<Vec<_>>>()?);
        match frontier.filter(|found| found.size() == head.size && found.root() == head.root) {
            Some(frontier) => Ok(Self { head, first: None, frontier, stored: head.size }),
            None => Err(broken("its open subtrees do not give its last head")),
        }
    }

    /// Those below a level: the others stand.
    fn save(&self, tx: &Tx<'_>, below: u8) -> Result<()> {
        tx.prepare("DELETE FROM audit_frontier WHERE level < ?1")?.execute([below])?;
        let mut insert = tx.prepare("INSERT INTO audit_frontier (level, hash) VALUES (?1, ?2)")?;
        for (level, hash) in self.frontier.pairs().filter(|(level, _)| *level < below) {
            insert.execute((level, hash))?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::{
        domain::{Error, Kind},
        store::{
            Store,
            cast::{self, Home, reopen},
            log::Numbered,
        },
    };

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
        assert_eq!(head.size, 13);
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
        assert_eq!(store.transact(|tx| tx.append(|_, _| b"x".to_vec())).unwrap().size, 4);
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
