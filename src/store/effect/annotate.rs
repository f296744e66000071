//! Notes beside primary documents: what the person says is wrong there. The document is not overwritten.

use rusqlite::OptionalExtension;
use serde_json::Value;

use super::{Person, stale};
use crate::{
    domain::{CaseNumber, Moment, RecordKey, Result},
    store::Tx,
};

impl Tx<'_> {
    /// Puts a note beside a field of a record and raises the record's version. Gives the key to name the record
    /// by from now on.
    ///
    /// # Errors
    /// Exit 5 if the record is missing, has another version or is another person's; exit 3 if there is no such
    /// case.
    pub fn annotate(
        &self,
        person: &Person,
        record: RecordKey,
        field: &str,
        note: &Value,
        at: Moment,
        case: Option<&CaseNumber>,
    ) -> Result<RecordKey> {
        let mut update = self.prepare(
            "UPDATE record SET version = version + 1 WHERE id = ?1 AND version = ?2 RETURNING subject",
        )?;
        let subject: Option<i64> =
            update.query_row((record.id, record.version), |row| row.get(0)).optional()?;
        let subject = subject.ok_or_else(stale)?;
        person.own(subject)?;
        let case = case.map(|number| self.case_row(number)).transpose()?;
        let mut insert = self.prepare(
            "INSERT INTO annotation (subject, record, field, note, at, case_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute((subject, record.id, field, note.to_string(), at.unix(), case))?;
        Ok(RecordKey { version: record.version + 1, ..record })
    }
}
