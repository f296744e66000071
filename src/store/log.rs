//! Reading the audit log: heads, entries, and both tables as they stand for verification.

use std::ops::ControlFlow;

use rusqlite::OptionalExtension;

use super::{View, append::LogEnd, fault::damaged};
use crate::{
    audit::Hash,
    domain::{Moment, Result},
};

/// A row of the log as it stands: its number, which nobody has checked, and its bytes.
pub type Numbered<'r> = Option<(i64, &'r [u8])>;

/// The log after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Entries in the tree, which is the number of the last one: they count from 1.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// In the words of the index `audit_policy`, which serves no others.
const OF_POLICIES: &str = r#"SELECT seq, bytes FROM audit_entry
  WHERE instr(bytes, CAST('"command":"policy.' AS BLOB)) > 0 ORDER BY seq"#;

/// By the words of the entries; one that cannot be read is for `audit verify` to name.
const LATEST: &str =
    "SELECT seq, max(CASE WHEN json_valid(CAST(bytes AS TEXT)) THEN CAST(bytes AS TEXT) ->> 'at' END)
  FROM audit_entry";

impl View<'_> {
    /// The latest time that an entry bears, wherever it stands in the log, and the entry's number.
    ///
    /// # Errors
    /// As any read.
    pub fn latest_entry(&self) -> Result<Option<(u64, Moment)>> {
        let mut query = self.prepare(LATEST)?;
        let (seq, at): (Option<i64>, Option<String>) =
            query.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let at = at.and_then(|at| Moment::parse(&at).ok());
        seq.zip(at).map(|(seq, at)| Ok((unsigned(seq)?, at))).transpose()
    }

    /// The newest head; size 0 and the hash of nothing where the log is empty.
    ///
    /// # Errors
    /// Exit 9 if the last head does not fit the last entry.
    pub fn audit_head(&self) -> Result<AuditHead> {
        let mut query = self.prepare("SELECT size, root FROM audit_head ORDER BY size DESC LIMIT 1")?;
        let head =
            query.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?))).optional()?;
        let mut query = self.prepare("SELECT max(seq) FROM audit_entry")?;
        let last = query.query_row([], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0);
        let (size, root) = head.unwrap_or((0, Hash::EMPTY));
        match u64::try_from(size) {
            Ok(known) if size == last => Ok(AuditHead { size: known, root }),
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

    /// Every entry about a policy in order: its number and its bytes.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_policy_entry(&self, mut each: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        let mut query = self.prepare(OF_POLICIES)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(1)?.as_blob().map_err(|_| broken("an entry is no bytes"))?;
            each(unsigned(row.get(0)?)?, bytes)?;
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

    /// Whether the open subtrees fold to the newest head, as the next append will ask. Not meant for a
    /// transaction that has appended: the subtrees are written at its end.
    ///
    /// # Errors
    /// Exit 9 if they do not.
    pub fn check_frontier(&self) -> Result<AuditHead> {
        LogEnd::load(self).map(|log| log.head)
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

pub(super) fn broken(how: &str) -> crate::domain::Error {
    damaged(format!("the audit log is broken: {how}")).hint("find the place: dsr audit verify")
}

/// Numbers of entries stay far below 2^63; a greater one would match nothing.
pub(super) fn number(seq: u64) -> i64 {
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
    use crate::store::cast;

    #[test]
    fn entries_about_policies_are_found_by_their_index() {
        let store = cast::empty();
        let sql = format!("EXPLAIN QUERY PLAN {OF_POLICIES}");
        let step: String = store.conn.query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(step.ends_with("USING INDEX audit_policy"), "{step}");
    }
}
