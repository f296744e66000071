//! The data of a backup in the place of the data of the store, in one transaction of the store itself.
//!
//! The register stays where it is: log, cases, holds, blocks, suppressions, tombstones, consents, disclosures, acts.
//! From the backup come people, names, records, deals and contacts. On them is laid again what came after: what was
//! destroyed, archived, rectified and annotated. Nobody reads the restored data before that is done, because
//! nothing is committed before.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, limits::Limit};

use super::{
    super::{
        Store, Tx, View,
        ledger::{self, Gone, Group, Ledger},
        log::{AuditHead, number},
    },
    again::{self, Again},
    twice,
};
use crate::{
    audit::Hash,
    domain::{Error, Kind, Moment, Result},
};

/// What a restore did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Records that are there now.
    pub records: u64,
    /// Records that came after the backup and went with it: to be imported again.
    pub dropped: u64,
    /// Deals and contacts that came after the backup and went with their people: to be imported again.
    pub deals: u64,
    /// Payloads corrected again.
    pub rectified: u64,
    /// Corrections that went with records which came after the backup: to be made again.
    pub uncorrected: u64,
    /// Records archived again.
    pub archived: u64,
    /// What was destroyed and withdrawn again.
    pub again: Again,
    /// The last number of cases, acts and holds that is passed over, where entries were lost; else 0.
    pub passed: u32,
    /// Somebody who was destroyed may be back: the ledger did not know them all, and that was accepted.
    pub is_blind: bool,
}

/// What came after the backup and is laid on its data again; a record is the same if it is of one person, one
/// category, and of one time of collection or one ref: an import moves the time.
const REMEMBER: &str = "
CREATE TEMP TABLE same AS
  SELECT m.id, m.archived_until, m.archived_rule, m.data, m.contact_since FROM main.record m JOIN bak.record b USING (id)
    JOIN main.subject s ON s.id = m.subject JOIN bak.subject z ON z.id = b.subject
   WHERE s.uid = z.uid AND m.category = b.category AND (m.collected_at = b.collected_at OR m.ref = b.ref);
CREATE TEMP TABLE fixed AS
  SELECT r.record, r.field, r.at FROM main.rectified r JOIN same ON same.id = r.record
   WHERE NOT EXISTS (SELECT 1 FROM bak.rectified b WHERE (b.record, b.field, b.at) = (r.record, r.field, r.at));
CREATE TEMP TABLE noted AS SELECT a.* FROM main.annotation a JOIN same ON same.id = a.record;
CREATE TEMP TABLE renamed AS
  SELECT r.subject FROM main.record r JOIN fixed ON fixed.record = r.id
   UNION SELECT s.id FROM main.former_name n JOIN main.case_file f ON f.id = n.case_id JOIN main.subject s ON s.uid = f.subject
   WHERE s.uid IN (SELECT uid FROM bak.subject)
     AND NOT EXISTS (SELECT 1 FROM bak.former_name b WHERE (b.case_id, b.mark) = (n.case_id, n.mark));
CREATE TEMP TABLE named AS
  SELECT i.subject, i.controller, i.type, i.key, i.hint, i.value, i.record FROM main.identifier i
   WHERE i.record IN (SELECT record FROM fixed) OR i.record IS NULL AND i.subject IN (SELECT subject FROM renamed);
CREATE TEMP TABLE needed AS
  SELECT subject FROM main.hold WHERE released_at IS NULL UNION SELECT subject FROM main.block WHERE lifted_at IS NULL
   UNION SELECT subject FROM main.suppression WHERE subject IS NOT NULL AND lifted_at IS NULL;
CREATE TEMP TABLE dead (uid BLOB);
CREATE TEMP TABLE late AS SELECT id FROM main.subject WHERE uid NOT IN (SELECT uid FROM bak.subject);
";

/// Deals and contacts, each in a row that is its own. One that is in both stays in its row of the store, because a case may
/// wait for it by that; one that only the backup has keeps its row, unless somebody else's came to lie there since.
const OWN_ROWS: &str = "
CREATE TEMP TABLE own_{table} AS SELECT b.id AS old, (
    SELECT m.id FROM main.{table} m JOIN main.subject s ON s.id = m.subject JOIN bak.subject z ON z.id = b.subject
     WHERE s.uid = z.uid AND (m.ref = b.ref OR m.ref IS NULL AND b.ref IS NULL AND m.id = b.id)) AS id
  FROM bak.{table} b;
UPDATE own_{table} SET id = old WHERE id IS NULL AND old NOT IN (SELECT id FROM main.{table});
";

const LATE_ROWS: &str =
    "SELECT count(*) FROM main.{table} WHERE id NOT IN (SELECT id FROM own_{table} WHERE id IS NOT NULL)
    AND subject IN (SELECT id FROM late) AND subject NOT IN (SELECT subject FROM needed)";

const LAY_ROWS: &str = "
DELETE FROM main.{table} WHERE id IN (SELECT id FROM own_{table})
   OR subject IN (SELECT id FROM late) AND subject NOT IN (SELECT subject FROM needed);
INSERT OR IGNORE INTO main.{table} (id, {columns})
  SELECT o.id, {columns} FROM own_{table} o JOIN bak.{table} b ON b.id = o.old ORDER BY o.id IS NULL, o.old;
DROP TABLE own_{table};
";

/// Their columns but the row.
const ROWS: [(&str, &str); 2] = [
    ("contact", "subject, controller, ref, digest, at, inbound"),
    ("obligation", "subject, controller, ref, digest, kind, opened_at, closed_at"),
];

/// The data of the backup. Rows of `subject` are never taken away: the register points at them. Who came later keeps
/// the ref while a consent, a disclosure or a case that has not ended is theirs, or an import could not tell whose it is.
const REPLACE: &str = "
DELETE FROM main.record;
DELETE FROM main.identifier WHERE subject NOT IN (SELECT id FROM late) OR subject NOT IN (SELECT subject FROM needed);
UPDATE main.subject AS s SET born = NULL, digest = NULL, ref = CASE WHEN
     (EXISTS (SELECT 1 FROM main.consent t WHERE t.subject = s.id)
      OR EXISTS (SELECT 1 FROM main.disclosure t WHERE t.subject = s.id)
      OR EXISTS (SELECT 1 FROM main.case_file t WHERE t.subject = s.uid AND t.ended_at IS NULL))
     AND NOT EXISTS (SELECT 1 FROM bak.subject b WHERE b.controller = s.controller AND b.ref = s.ref
                     AND b.uid NOT IN (SELECT uid FROM dead)) THEN s.ref END
 WHERE id IN (SELECT id FROM late) AND id NOT IN (SELECT subject FROM needed);
INSERT INTO main.category (id, word) SELECT id, word FROM bak.category WHERE true ON CONFLICT DO NOTHING;
INSERT INTO main.subject (id, uid, controller, ref, born, same_as, digest, created_at)
  SELECT id, uid, controller, ref, born, NULL, digest, created_at FROM bak.subject
   WHERE uid NOT IN (SELECT uid FROM main.subject);
UPDATE OR IGNORE main.subject AS s SET ref = b.ref, born = b.born, digest = b.digest FROM bak.subject b
 WHERE b.uid = s.uid AND b.ref IS NOT NULL AND s.uid NOT IN (SELECT uid FROM dead);
UPDATE main.subject AS s SET same_as = b.same_as FROM bak.subject b WHERE b.uid = s.uid AND s.same_as IS NULL
   AND EXISTS (SELECT 1 FROM main.subject r WHERE r.id = b.same_as);
INSERT INTO main.record (id, subject, controller, category, ref, version, digest, collected_at, last_contact_at,
    document_at, purpose_reached_at, activity_at, source, given_by, purposes, obligation, consent, archived_until,
    archived_rule, data, contact_since)
  SELECT b.id, b.subject, b.controller, b.category, b.ref, b.version, b.digest, b.collected_at, b.last_contact_at,
    b.document_at, b.purpose_reached_at, b.activity_at, b.source, b.given_by, b.purposes, b.obligation, b.consent,
    b.archived_until, b.archived_rule, b.data, b.contact_since FROM bak.record b;
INSERT INTO main.identifier (subject, controller, type, key, hint, value, record)
  SELECT subject, controller, type, key, hint, value, record FROM bak.identifier;
INSERT INTO main.rectified (record, field, at) SELECT record, field, at FROM bak.rectified;
";

/// What came after, laid on it again.
const OVERLAY: &str = "
UPDATE main.record AS r SET archived_until = s.archived_until, archived_rule = s.archived_rule, version = r.version + 1
  FROM same s WHERE s.id = r.id AND s.archived_until IS NOT NULL AND r.archived_until IS NOT s.archived_until;
UPDATE main.record AS r SET contact_since = s.contact_since FROM same s
 WHERE s.id = r.id AND s.contact_since IS NOT NULL;
DELETE FROM main.identifier WHERE record IN (SELECT record FROM fixed)
   OR record IS NULL AND subject IN (SELECT subject FROM renamed);
INSERT INTO main.identifier (subject, controller, type, key, hint, value, record)
  SELECT n.subject, n.controller, n.type, n.key, n.hint, n.value, n.record FROM named n
   WHERE n.record IS NULL OR n.record IN (SELECT id FROM main.record);
INSERT INTO main.rectified (record, field, at)
  SELECT record, field, at FROM fixed WHERE record IN (SELECT id FROM main.record)
  ON CONFLICT (record, field) DO UPDATE SET at = excluded.at;
INSERT INTO main.annotation (id, subject, record, field, note, at, case_id)
  SELECT id, subject, record, field, note, at, case_id FROM noted WHERE record IN (SELECT id FROM main.record)
  ON CONFLICT DO NOTHING;
";

/// A corrected field is written as it is in the store; its value never leaves the engine.
const CORRECT: &str = "
UPDATE main.record AS r
   SET version = r.version + 1, data = json_set(r.data, '$.\"' || ?1 || '\"', json(s.data -> ('$.\"' || ?1 || '\"')))
  FROM same s
 WHERE s.id = r.id AND r.id IN (SELECT record FROM fixed WHERE field = ?1) AND s.data -> ('$.\"' || ?1 || '\"') IS NOT NULL";

/// Corrections since the backup of records that it does not have.
const UNCORRECTED: &str = "
SELECT count(*) FROM main.rectified r WHERE r.record NOT IN (SELECT id FROM temp.same)
   AND NOT EXISTS (SELECT 1 FROM bak.rectified b WHERE (b.record, b.field, b.at) = (r.record, r.field, r.at))";

/// Rows of the two mean the same people, companies and categories, or nothing may be joined by them.
const STRANGERS: &str = "
SELECT EXISTS (SELECT 1 FROM main.subject m JOIN bak.subject b USING (id) WHERE m.uid <> b.uid)
    OR EXISTS (SELECT 1 FROM bak.controller b LEFT JOIN main.controller m USING (id) WHERE m.code IS NOT b.code)
    OR EXISTS (SELECT 1 FROM bak.category b JOIN main.category m USING (id) WHERE m.word <> b.word)";

impl View<'_> {
    /// Whether the log has this root at this size: whether what was written with it was committed.
    ///
    /// # Errors
    /// As any read.
    pub fn has_head(&self, head: &AuditHead) -> Result<bool> {
        let mut query = self.prepare("SELECT count(*) FROM audit_head WHERE size = ?1 AND root = ?2")?;
        let found: i64 = query.query_row((number(head.size), head.root), |row| row.get(0))?;
        Ok(found > 0)
    }

    /// The root of the log at a size; `None`: it has none there.
    pub(in crate::store) fn root_at(&self, size: u64) -> Result<Option<Hash>> {
        let mut query = self.prepare("SELECT root FROM audit_head WHERE size = ?1")?;
        Ok(query.query_row([number(size)], |row| row.get(0)).optional()?)
    }

    /// The root of the log before the entry that a head ends with; `None`: it is the first.
    pub(in crate::store) fn root_before(&self, head: &AuditHead) -> Result<Option<Hash>> {
        head.size.checked_sub(1).map_or(Ok(None), |size| self.root_at(size))
    }
}

impl Store {
    /// Brings the data of a backup (at the present version, with a log of `size` entries) into this store. `record`
    /// writes the audit entry in the same transaction. The ledger is read there too: somebody may have been
    /// destroyed while the officer was asked. `without`: go on where it is gone.
    ///
    /// # Errors
    /// As any write and as [`ledger::reaching`]; then nothing happened.
    pub fn take_back(
        &mut self,
        backup: &Path,
        (size, without): (u64, bool),
        record: impl FnOnce(&Tx<'_>, &Carried) -> Result<AuditHead>,
    ) -> Result<Carried> {
        let store = self.path().to_owned();
        self.conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
        self.conn.execute("ATTACH DATABASE ?1 AS bak", [backup.to_str().unwrap_or_default()])?;
        let solid = self.ledger_solid()?;
        let done = self.transact(|tx| {
            let mut ledger = ledger::reaching(&store, tx.log_id(), (solid, size), without)?;
            again::whole(tx, (&store, &mut ledger), size, without)?;
            twice::check(tx, size, &ledger.groups)?;
            let is_blind = ledger.is_blind;
            let gone = again::missed(ledger.groups, size, |head| tx.has_head(head))?;
            let carried = Carried { is_blind, ..replace(tx.conn(), &gone)? };
            record(tx, &carried)?;
            Ok(carried)
        });
        let parted = self.conn.execute_batch("DETACH DATABASE bak");
        self.conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        let carried = done?;
        parted?;
        Ok(carried)
    }

    /// The same where only the backup is left and this is its copy: every group of the ledger counts whose
    /// number was given, as far as anybody knows. Their numbers are lost with the log, so they are given back as
    /// one group of the entry that `record` writes.
    ///
    /// # Errors
    /// As [`Self::take_back`].
    pub fn destroy_again(
        &mut self,
        (size, known, ledger): (u64, u64, Ledger),
        now: Moment,
        record: impl FnOnce(&Tx<'_>, &mut Carried) -> Result<AuditHead>,
    ) -> Result<(Carried, Group)> {
        self.transact(|tx| {
            let is_blind = ledger.is_blind;
            let lines = again::missed(ledger.groups, size, |head| Ok(head.size <= known))?;
            let again = again::destroy(tx.conn(), &lines, Some(now))?;
            let records = count(tx.conn(), "main.record")?;
            let mut carried = Carried { records, again, is_blind, ..Carried::default() };
            let head = record(tx, &mut carried)?;
            let before = tx.last_group()?;
            tx.next_group(head.size)?;
            Ok((carried, Group { head, prior: tx.root_before(&head)?, before, lines }))
        })
    }
}

fn replace(conn: &Connection, gone: &[Gone]) -> Result<Carried> {
    if conn.query_row(STRANGERS, [], |row| row.get(0))? {
        return Err(strangers());
    }
    conn.execute_batch(REMEMBER)?;
    let mut dead = conn.prepare("INSERT INTO temp.dead (uid) VALUES (?1)")?;
    for one in gone {
        if let Gone::Person(id) = one {
            dead.execute([id.as_bytes()])?;
        }
    }
    drop(dead);
    let mut carried = Carried::default();
    let sql = "SELECT count(*) FROM main.record WHERE id NOT IN (SELECT id FROM temp.same)";
    carried.dropped = unsigned(conn.query_row(sql, [], |row| row.get(0))?);
    carried.archived = unsigned(conn.query_row(
        "SELECT count(*) FROM temp.same s JOIN bak.record b USING (id)
          WHERE s.archived_until IS NOT NULL AND b.archived_until IS NOT s.archived_until",
        [],
        |row| row.get(0),
    )?);
    carried.uncorrected = unsigned(conn.query_row(UNCORRECTED, [], |row| row.get(0))?);
    for (table, _) in ROWS {
        conn.execute_batch(&OWN_ROWS.replace("{table}", table))?;
        let late = LATE_ROWS.replace("{table}", table);
        carried.deals += unsigned(conn.query_row(&late, [], |row| row.get(0))?);
    }
    conn.execute_batch(REPLACE)?;
    for (table, columns) in ROWS {
        let sql = LAY_ROWS.replace("{table}", table);
        conn.execute_batch(&sql.replace("{columns}", columns))?;
    }
    carried.again = again::destroy(conn, gone, None)?;
    carried.again.corrected(conn)?;
    carried.rectified = correct(conn)?;
    conn.execute_batch(OVERLAY)?;
    for table in ["same", "fixed", "noted", "named", "renamed", "needed", "late", "dead"] {
        conn.execute_batch(&format!("DROP TABLE temp.{table}"))?;
    }
    carried.records = count(conn, "main.record")?;
    Ok(carried)
}

fn strangers() -> Error {
    Error::new(Kind::Integrity, "rows of the backup and of the store do not mean the same people")
        .hint("the store was restored or cleared in between: choose a later backup")
}

/// Field by field, because a record may have several.
fn correct(conn: &Connection) -> Result<u64> {
    let mut query = conn.prepare("SELECT DISTINCT field FROM temp.fixed ORDER BY field")?;
    let fields: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut update = conn.prepare(CORRECT)?;
    fields.iter().try_fold(0, |all, field| Ok(all + update.execute([field])? as u64))
}

fn count(conn: &Connection, table: &str) -> Result<u64> {
    Ok(unsigned(conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?))
}

pub(super) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
