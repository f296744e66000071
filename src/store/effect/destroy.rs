//! Destroying records, and the names that die with them.
//!
//! What a record's payload said of the person goes with the record. What the subject's own line stated dies
//! with the last record of its category; which types those are, the policy says and the caller passes on.

use super::{Person, stale};
use crate::{
    domain::{IdentifierType, Moment, RecordKey, Result},
    store::{KeyFile, Tx, column as at, destroy::Needles, key, ledger::Gone},
};

/// `tombstone.type` of the reference of one record.
pub const RECORD_REF: i64 = 8;

impl Tx<'_> {
    /// Deletes records of a person, each with the names read from it, its annotations and its rectified
    /// marks. What they held is added to `needles`.
    ///
    /// # Errors
    /// Exit 5 if one is missing, has another version or is another person's.
    pub fn destroy_records(&self, person: &Person, keys: &[RecordKey], needles: &mut Needles) -> Result<()> {
        let mut delete =
            self.prepare("DELETE FROM record WHERE id = ?1 AND version = ?2 RETURNING subject, ref, data")?;
        for record in keys {
            self.needles_of_record(record.id, needles)?;
            let mut rows = delete.query((record.id, record.version))?;
            let row = rows.next()?.ok_or_else(stale)?;
            let subject = row.get(0)?;
            person.own(subject)?;
            self.gone(Gone::Record(record.id, subject));
            needles.add(&at::text_or_empty(row, 1)?);
            needles.add_json(at::text(row, 2)?);
            // A statement that was not read to its end has not deleted what hangs on the row.
            while rows.next()?.is_some() {}
        }
        Ok(())
    }

    /// Marks records as destroyed, so that an import cannot bring them back while the person is still held.
    /// Before [`Tx::destroy_records`].
    ///
    /// # Errors
    /// Exit 5 as there.
    pub fn mark_records_destroyed(
        &self,
        person: &Person,
        keys: &[RecordKey],
        key: &KeyFile,
        at: Moment,
        seq: Option<u64>,
    ) -> Result<()> {
        let mut query = self.prepare("SELECT subject, ref FROM record WHERE id = ?1 AND version = ?2")?;
        for record in keys {
            let mut rows = query.query((record.id, record.version))?;
            let row = rows.next()?.ok_or_else(stale)?;
            person.own(row.get(0)?)?;
            let reference = at::text_or_empty(row, 1)?;
            if !reference.is_empty() {
                let mark = key.mac(&person.code, RECORD_REF, &reference);
                self.bury(person.controller, RECORD_REF, &mark, at, seq)?;
            }
        }
        Ok(())
    }

    /// Deletes what the subject's own line stated of these types: their category has no record left.
    /// Names of the person (first name, surname) go with `names`. Gives how many went.
    ///
    /// # Errors
    /// As any write.
    pub fn destroy_identifiers(
        &self,
        person: &Person,
        dying: &[IdentifierType],
        names: bool,
        needles: &mut Needles,
    ) -> Result<u64> {
        let codes = dying.iter().map(|kind| key::code(*kind)).chain(names.then_some(key::NAME));
        let mut delete = self.prepare(
            "DELETE FROM identifier WHERE subject = ?1 AND type = ?2 AND record IS NULL RETURNING key, hint, value",
        )?;
        let mut gone = 0;
        for code in codes {
            for subject in &person.rows {
                self.gone(Gone::Stated(*subject, code));
                let mut rows = delete.query((subject, code))?;
                while let Some(row) = rows.next()? {
                    collect(row, needles)?;
                    gone += 1;
                }
            }
        }
        Ok(gone)
    }

    /// The names read from a record and its annotations: they are deleted with it.
    pub(in crate::store) fn needles_of_record(&self, record: i64, needles: &mut Needles) -> Result<()> {
        let mut query = self.prepare("SELECT key, hint, value FROM identifier WHERE record = ?1")?;
        let mut rows = query.query([record])?;
        while let Some(row) = rows.next()? {
            collect(row, needles)?;
        }
        let mut query = self.prepare("SELECT note FROM annotation WHERE record = ?1")?;
        let mut rows = query.query([record])?;
        while let Some(row) = rows.next()? {
            needles.add_json(at::text(row, 0)?);
        }
        Ok(())
    }

    /// Writes a tombstone.
    pub(in crate::store) fn bury(
        &self,
        controller: i64,
        code: i64,
        mark: &[u8; 32],
        at: Moment,
        seq: Option<u64>,
    ) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO tombstone (controller, type, mac, destroyed_at, seq) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let seq = seq.and_then(|seq| i64::try_from(seq).ok());
        insert.execute((controller, code, mark, at.unix(), seq))?;
        self.gone(Gone::Mark(self.controller_code(controller)?, code, *mark, at.unix()));
        Ok(())
    }
}

/// The three forms of a name.
pub(super) fn collect(row: &rusqlite::Row<'_>, needles: &mut Needles) -> Result<()> {
    for column in 0..3 {
        needles.add(&at::text_or_empty(row, column)?);
    }
    Ok(())
}
