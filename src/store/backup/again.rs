//! Destroying again: what the ledger says is gone must not come back with a backup.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rusqlite::{Connection, Params};

use super::super::{
    AuditHead, View,
    ledger::{Gone, Group, Ledger, chain},
};
use crate::domain::{Category, Error, Kind, Moment, Result};

/// What was taken away again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// Records.
    pub records: u64,
    /// People of whom nothing is left.
    pub people: u64,
    /// Consents withdrawn again.
    pub consents: u64,
    /// What an act has to speak of, by controller: records of which the backup had bytes that are gone or replaced. A
    /// controller of whose people it had nothing but names has no categories.
    pub acts: BTreeMap<String, BTreeMap<Category, u64>>,
}

/// Columns that say whose record it is, and of what kind.
const WHOSE: &str = "(SELECT code FROM main.controller c WHERE c.id = record.controller),
    (SELECT word FROM main.category k WHERE k.id = record.category)";

impl Again {
    /// Deletes records, counted for the acts.
    fn delete(&mut self, conn: &Connection, which: &str, values: impl Params) -> Result<u64> {
        let sql = format!("DELETE FROM main.record WHERE {which} RETURNING {WHOSE}");
        let mut delete = conn.prepare_cached(&sql)?;
        let mut rows = delete.query(values)?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            self.add(row.get(0)?, &row.get::<_, String>(1)?, 1);
            count += 1;
        }
        Ok(count)
    }

    fn add(&mut self, controller: String, category: &str, records: u64) {
        *self.acts.entry(controller).or_default().entry(Category::new(category)).or_default() += records;
    }

    /// Counts records whose values are replaced by those that were corrected since.
    pub(super) fn corrected(&mut self, conn: &Connection) -> Result<()> {
        let sql = format!(
            "SELECT {WHOSE}, count(*) FROM main.record WHERE id IN (SELECT record FROM temp.fixed) GROUP BY 1, 2"
        );
        let mut query = conn.prepare(&sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            self.add(row.get(0)?, &row.get::<_, String>(1)?, super::restore::unsigned(row.get(2)?));
        }
        Ok(())
    }
}

/// The groups that a backup of this size does not know and that were committed, as far as `committed` can tell.
pub fn missed(
    groups: Vec<Group>,
    size: u64,
    committed: impl Fn(&AuditHead) -> Result<bool>,
) -> Result<Vec<Gone>> {
    // A number that was given twice was committed the second time: the first transaction was undone.
    let last: BTreeMap<u64, Group> = groups.into_iter().map(|group| (group.head.size, group)).collect();
    let mut gone = Vec::new();
    for group in last.into_values().filter(|group| group.head.size > size) {
        if committed(&group.head)? {
            gone.extend(group.lines);
        }
    }
    Ok(gone)
}

/// What was committed is whole in the ledger, or nobody knows whom to destroy again. Only the log can tell: where
/// it is lost, a group that was cut off is taken for one that never came to be. A ledger that lacks something is
/// marked as blind where that was accepted (`without`).
pub fn whole(view: &View<'_>, (store, ledger): (&Path, &mut Ledger), size: u64, without: bool) -> Result<()> {
    let committed = |head: &AuditHead| view.has_head(head);
    match chain::lacking(view, ledger, size)? {
        Some(_) if without => ledger.is_blind = true,
        // Where there is none, that was accepted before.
        Some(seq) if !ledger.is_blind => return Err(chain::lacks(seq)),
        Some(_) | None => {}
    }
    match view.ledger_unchanged(store) {
        // What was changed may name anybody: nobody is destroyed by it. It says that much of itself no longer.
        Err(_) if without => {
            ledger.is_blind = true;
            ledger.groups.clear();
            ledger.cut.clear();
        }
        found => found?,
    }
    let known = |head: &AuditHead| ledger.groups.iter().any(|group| group.head == *head);
    for head in ledger.cut.iter().filter(|head| head.size > size && !known(head)) {
        if committed(head)? {
            let what = format!("the ledger was damaged: what entry {} destroyed cannot be read", head.size);
            return Err(
                Error::new(Kind::Integrity, what).hint("bring the file back from where its copies are kept")
            );
        }
    }
    Ok(())
}

/// Takes it away again, where it is there, with everything that hangs on it. The rows are those of the backup.
/// `since`: the day from which the terms of an empty row count, where it does not know it itself.
pub fn destroy(conn: &Connection, gone: &[Gone], since: Option<Moment>) -> Result<Again> {
    let mut again = Again::default();
    // A restore that was cut off left the same people twice.
    let mut people = BTreeSet::new();
    for one in gone {
        match one {
            Gone::Record(record, subject) => {
                again.records += again.delete(conn, "id = ?1 AND subject = ?2", (record, subject))?;
                // What the names of theirs waited for is in the backup, not in the ledger: the night looks.
                let sql =
                    "INSERT OR IGNORE INTO main.spent (subject) SELECT id FROM main.subject WHERE id = ?1";
                conn.prepare_cached(sql)?.execute([subject])?;
            }
            Gone::Stated(subject, code) => {
                let sql = "DELETE FROM identifier WHERE subject = ?1 AND type = ?2 AND record IS NULL";
                conn.prepare_cached(sql)?.execute((subject, code))?;
            }
            Gone::Person(id) if people.insert(*id.as_bytes()) => {
                again.people += again.empty(conn, id.as_bytes(), since)?
            }
            Gone::Person(_) => {}
            Gone::Consent(id, at) => {
                let sql = "UPDATE consent SET withdrawn_at = ?2 WHERE id = ?1 AND withdrawn_at IS NULL";
                again.consents += conn.prepare_cached(sql)?.execute((id, at))? as u64;
            }
            Gone::Mark(controller, code, mac, at) => {
                let sql = "INSERT INTO tombstone (controller, type, mac, destroyed_at)
                           SELECT c.id, ?2, ?3, ?4 FROM controller c WHERE c.code = ?1 AND NOT EXISTS
                             (SELECT 1 FROM tombstone t WHERE t.controller = c.id AND t.type = ?2 AND t.mac = ?3
                                 AND t.destroyed_at = ?4)";
                conn.prepare_cached(sql)?.execute((controller, code, mac, at))?;
            }
        }
    }
    Ok(again)
}

impl Again {
    /// As `empty_subject` does it: consents, disclosures and cases stay, pointing at an empty row.
    fn empty(&mut self, conn: &Connection, uid: &[u8; 16], since: Option<Moment>) -> Result<u64> {
        const OF: &str = "subject = (SELECT id FROM main.subject WHERE uid = ?1)";
        self.delete(conn, OF, [uid])?;
        for table in ["identifier", "contact", "obligation"] {
            let sql = format!("DELETE FROM main.{table} WHERE {OF}");
            if conn.prepare_cached(&sql)?.execute([uid])? > 0 {
                let sql = "SELECT c.code FROM main.controller c JOIN main.subject s ON s.controller = c.id WHERE s.uid = ?1";
                let code = conn.prepare_cached(sql)?.query_row([uid], |row| row.get(0))?;
                self.acts.entry(code).or_default();
            }
        }
        conn.prepare_cached(&format!("DELETE FROM main.spent WHERE {OF}"))?.execute([uid])?;
        conn.prepare_cached(&format!("UPDATE main.suppression SET subject = NULL WHERE {OF}"))?
            .execute([uid])?;
        let sql = "UPDATE main.subject SET ref = NULL, born = NULL, digest = NULL, created_at = ifnull(?2, created_at)
                    WHERE uid = ?1";
        Ok(conn.prepare_cached(sql)?.execute((uid, since.map(Moment::unix)))? as u64)
    }
}
