//! What an import may not bring back: people and records that were destroyed, purposes that were stopped.
//!
//! Known by marks alone. A destroyed person is met by reference, IIN or account: a telephone may be somebody
//! else's by now, so it never keeps a line out. A stopped purpose is met by any identifier: it is the
//! telephone that is to be left alone.

use rusqlite::OptionalExtension;

use super::{destroy::RECORD_REF, person::REF};
use crate::{
    domain::{Identifier, Moment, Purpose, Result},
    store::{KeyFile, Tx, column as at, key},
};

/// The marks of one controller, to be asked for every line of an import.
pub struct ImportGuard<'t> {
    tx: &'t Tx<'t>,
    key: &'t KeyFile,
    code: String,
    controller: i64,
    any_tombstone: bool,
    any_suppression: bool,
}

impl Tx<'_> {
    /// Whether anybody was destroyed or stopped a purpose here, so that an import has to ask who.
    ///
    /// # Errors
    /// As any read.
    pub fn has_marks(&self, controller: &str) -> Result<bool> {
        let id = self.controller(controller)?.unwrap_or(-1);
        let sql = "SELECT EXISTS (SELECT 1 FROM tombstone WHERE controller = ?1)
            OR EXISTS (SELECT 1 FROM suppression WHERE controller = ?1 AND subject IS NULL)";
        Ok(self.prepare(sql)?.query_row([id], |row| row.get(0))?)
    }

    /// The marks of a controller.
    ///
    /// # Errors
    /// Configuration (exit 6): the key of another store.
    pub fn import_guard<'t>(&'t self, controller: &str, key: &'t KeyFile) -> Result<ImportGuard<'t>> {
        self.check_key(key)?;
        let id = self.controller(controller)?.unwrap_or(-1);
        let any = |sql: &str| Ok::<bool, crate::domain::Error>(self.prepare(sql)?.exists([id])?);
        Ok(ImportGuard {
            tx: self,
            key,
            code: controller.to_owned(),
            controller: id,
            any_tombstone: any("SELECT 1 FROM tombstone WHERE controller = ?1 LIMIT 1")?,
            any_suppression: any(
                "SELECT 1 FROM suppression WHERE controller = ?1 AND mac IS NOT NULL LIMIT 1",
            )?,
        })
    }

    /// Whether this person was destroyed and the data not collected after that: [`ImportGuard::is_erased`] for
    /// one line.
    ///
    /// # Errors
    /// As any read.
    pub fn is_erased(
        &self,
        controller: &str,
        key: &KeyFile,
        identifiers: &[Identifier],
        reference: &str,
        collected_at: Option<Moment>,
    ) -> Result<bool> {
        self.import_guard(controller, key)?.is_erased(reference, identifiers, collected_at)
    }

    /// The purposes this person has stopped: [`ImportGuard::suppressed`] for one line.
    ///
    /// # Errors
    /// As any read.
    pub fn suppressed(
        &self,
        controller: &str,
        key: &KeyFile,
        identifiers: &[Identifier],
        reference: Option<&str>,
    ) -> Result<Vec<Purpose>> {
        self.import_guard(controller, key)?.suppressed(reference, identifiers)
    }
}

impl ImportGuard<'_> {
    /// Whether this person was destroyed at the time of the data or later. `collected_at` is `None` for a line
    /// that has no time of its own: then any destruction counts.
    ///
    /// # Errors
    /// As any read.
    pub fn is_erased(
        &self,
        reference: &str,
        identifiers: &[Identifier],
        collected_at: Option<Moment>,
    ) -> Result<bool> {
        if !self.any_tombstone {
            return Ok(false);
        }
        let naming = identifiers.iter().filter(|identifier| identifier.kind().names_a_person());
        let names = naming.map(|identifier| (key::code(identifier.kind()), identifier.expose()));
        for (code, text) in names.chain((!reference.is_empty()).then_some((REF, reference))) {
            if self.is_buried(code, text, collected_at)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether this record was destroyed at the request of a person who is still held for other data.
    ///
    /// # Errors
    /// As any read.
    pub fn is_record_erased(&self, reference: &str, collected_at: Moment) -> Result<bool> {
        Ok(self.any_tombstone && self.is_buried(RECORD_REF, reference, Some(collected_at))?)
    }

    fn is_buried(&self, code: i64, text: &str, collected_at: Option<Moment>) -> Result<bool> {
        let mut query = self.tx.prepare(
            "SELECT max(destroyed_at) FROM tombstone WHERE mac = ?1 AND controller = ?2 AND type = ?3",
        )?;
        let mark = self.key.mac(&self.code, code, text);
        let last: Option<i64> =
            query.query_row((mark, self.controller, code), |row| row.get(0)).optional()?.flatten();
        Ok(last.is_some_and(|destroyed| collected_at.is_none_or(|at| at.unix() <= destroyed)))
    }

    /// The purposes this person has stopped, by any of their names.
    ///
    /// # Errors
    /// As any read.
    pub fn suppressed(&self, reference: Option<&str>, identifiers: &[Identifier]) -> Result<Vec<Purpose>> {
        if !self.any_suppression {
            return Ok(Vec::new());
        }
        let names = identifiers.iter().map(|identifier| (key::code(identifier.kind()), identifier.expose()));
        let mut all = Vec::new();
        let mut query = self.tx.prepare(
            "SELECT purpose FROM suppression WHERE mac = ?1 AND controller = ?2 AND lifted_at IS NULL",
        )?;
        for (code, text) in names.chain(reference.map(|reference| (REF, reference))) {
            let mut rows = query.query((self.key.mac(&self.code, code, text), self.controller))?;
            while let Some(row) = rows.next()? {
                all.push(Purpose::new(at::text(row, 0)?));
            }
        }
        all.sort();
        all.dedup();
        Ok(all)
    }
}
