//! Archiving: out of use, kept for the law alone until a date.

use chrono::NaiveDate;
use rusqlite::OptionalExtension;

use super::{Person, stale};
use crate::{
    domain::{RecordKey, Result},
    store::Tx,
};

impl Tx<'_> {
    /// Archives records of a person under a rule until the last day kept.
    ///
    /// # Errors
    /// Exit 5 if one is missing, has another version or is another person's.
    pub fn archive_records(
        &self,
        person: &Person,
        keys: &[RecordKey],
        until: NaiveDate,
        rule: &str,
    ) -> Result<()> {
        let mut update = self.prepare(
            "UPDATE record SET archived_until = ?3, archived_rule = ?4, version = version + 1
              WHERE id = ?1 AND version = ?2 RETURNING subject",
        )?;
        let until = until.to_string();
        for record in keys {
            let row = (record.id, record.version, &until, rule);
            let subject = update.query_row(row, |row| row.get(0)).optional()?.ok_or_else(stale)?;
            person.own(subject)?;
        }
        Ok(())
    }
}
