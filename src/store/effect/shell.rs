//! A person of whom nothing is left becomes an empty row: a random id that the proof of consent, the register of
//! transfers and the register of requests still point at, and that points at nobody.

use super::{Person, destroy::collect};
use crate::{
    domain::{Moment, Result, SubjectId},
    store::{KeyFile, Tx, column as at, destroy::Needles, ledger::Gone},
};

impl Tx<'_> {
    /// Empties a person, if no record is left and no open obligation, hold or block: first the tombstones of
    /// every name they had when [`Person`] was read, then reference, birth date, identifiers, contacts and
    /// closed obligations go. Consents (art. 25(2)(5)), disclosures (art. 22) and cases stay. `false`:
    /// something is left, and nothing was done.
    ///
    /// # Errors
    /// As any write.
    pub fn empty_subject(
        &self,
        person: &Person,
        key: &KeyFile,
        at: Moment,
        seq: Option<u64>,
        needles: &mut Needles,
    ) -> Result<bool> {
        for subject in &person.rows {
            if self.is_needed(*subject)? {
                return Ok(false);
            }
        }
        for (code, mark) in person.marks(key) {
            self.bury(person.controller, code, &mark, at, seq)?;
        }
        for subject in &person.rows {
            self.gone(Gone::Person(self.uid_of(*subject)?));
            self.empty_row(*subject, needles)?;
        }
        Ok(true)
    }

    fn uid_of(&self, subject: i64) -> Result<SubjectId> {
        let mut query = self.prepare("SELECT uid FROM subject WHERE id = ?1")?;
        Ok(SubjectId::from_bytes(query.query_row([subject], |row| row.get(0))?))
    }

    fn is_needed(&self, subject: i64) -> Result<bool> {
        let mut query = self.prepare(
            "SELECT EXISTS (SELECT 1 FROM record WHERE subject = ?1)
                 OR EXISTS (SELECT 1 FROM obligation WHERE subject = ?1 AND closed_at IS NULL)
                 OR EXISTS (SELECT 1 FROM hold WHERE subject = ?1 AND released_at IS NULL)
                 OR EXISTS (SELECT 1 FROM block WHERE subject = ?1 AND lifted_at IS NULL)",
        )?;
        Ok(query.query_row([subject], |row| row.get(0))?)
    }

    fn empty_row(&self, subject: i64, needles: &mut Needles) -> Result<()> {
        let mut query = self.prepare("SELECT ref, born FROM subject WHERE id = ?1")?;
        let mut rows = query.query([subject])?;
        while let Some(row) = rows.next()? {
            needles.add(&at::text_or_empty(row, 0)?);
            needles.add(&at::text_or_empty(row, 1)?);
        }
        let mut delete =
            self.prepare("DELETE FROM identifier WHERE subject = ?1 RETURNING key, hint, value")?;
        let mut rows = delete.query([subject])?;
        while let Some(row) = rows.next()? {
            collect(row, needles)?;
        }
        for sql in [
            "DELETE FROM contact WHERE subject = ?1 RETURNING ref",
            "DELETE FROM obligation WHERE subject = ?1 RETURNING ref",
        ] {
            let mut delete = self.prepare(sql)?;
            let mut rows = delete.query([subject])?;
            while let Some(row) = rows.next()? {
                needles.add(&at::text_or_empty(row, 0)?);
            }
        }
        // The mark alone meets them again: with the random id it would link them to the audit log.
        self.prepare("UPDATE suppression SET subject = NULL WHERE subject = ?1")?.execute([subject])?;
        self.prepare("UPDATE subject SET ref = NULL, born = NULL, digest = NULL WHERE id = ?1")?
            .execute([subject])?;
        Ok(())
    }
}
