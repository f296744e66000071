//! What a load asks the store about what rows rest on and what stands against them.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use super::{
    Load, Refusal, find_sql,
    row::{Content, Reference, Row, RowKind},
};
use crate::domain::{Purpose, Result};

/// What a record rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rests {
    /// It names nothing, or what it names is there.
    Well,
    /// What it names is not there; it may come later in the file.
    Open,
    /// What it names is another person's.
    Ill(Refusal),
}

impl Load<'_> {
    /// Purposes that people have stopped, by the person's ref.
    ///
    /// # Errors
    /// As any read.
    pub fn suppressions(&self) -> Result<HashMap<String, Vec<Purpose>>> {
        let mut query = self.tx.prepare(
            "SELECT s.ref, p.purpose FROM suppression p
               JOIN subject s ON s.id = p.subject OR s.same_as = p.subject
              WHERE p.controller = ?1 AND p.lifted_at IS NULL AND s.ref IS NOT NULL",
        )?;
        let mut rows = query.query([self.controller])?;
        let mut all: HashMap<String, Vec<Purpose>> = HashMap::new();
        while let Some(row) = rows.next()? {
            all.entry(row.get(0)?)
                .or_default()
                .push(Purpose::new(row.get_ref(1)?.as_str().unwrap_or_default()));
        }
        Ok(all)
    }

    /// Whether what a record rests on is another person's; `None`: not there (yet).
    ///
    /// # Errors
    /// As any read.
    pub fn rests_on(&mut self, row: &Row) -> Result<Rests> {
        let Content::Record(record) = &row.content else { return Ok(Rests::Well) };
        let mut rests = Rests::Well;
        for (reference, kind, refusal) in [
            (&record.obligation, RowKind::Obligation, Refusal::OtherObligation),
            (&record.consent, RowKind::Consent, Refusal::OtherConsent),
        ] {
            let Some(reference) = reference else { continue };
            match self.owner(kind, reference)? {
                None => rests = Rests::Open,
                Some(owner) if owner == row.subject.text => {}
                Some(owner) if self.one_person(&owner, &row.subject.text)? => {}
                Some(_) => return Ok(Rests::Ill(refusal)),
            }
        }
        Ok(rests)
    }

    /// The ref of the person whose deal or consent this is.
    pub(super) fn owner(&self, kind: RowKind, reference: &Reference) -> Result<Option<String>> {
        let mut query = self.tx.prepare(find_sql(kind))?;
        let found =
            query.query_row((self.controller, &reference.text), |row| row.get::<_, Option<String>>(2));
        Ok(found.optional()?.map(Option::unwrap_or_default))
    }

    /// Whether two refs were linked as one person.
    fn one_person(&self, one: &str, other: &str) -> Result<bool> {
        let mut query = self.tx.prepare(
            "SELECT count(DISTINCT ifnull(same_as, id)) = 1 AND count(*) = 2 FROM subject
              WHERE controller = ?1 AND ref IN (?2, ?3)",
        )?;
        Ok(query.query_row((self.controller, one, other), |row| row.get(0))?)
    }

    /// The fields of a record that were rectified, and its payload: an import leaves them alone.
    ///
    /// # Errors
    /// As any read.
    pub fn rectified(&self, record: i64) -> Result<Option<(Vec<String>, String)>> {
        let mut query = self.tx.prepare("SELECT field FROM rectified WHERE record = ?1 ORDER BY field")?;
        let fields =
            query.query_map([record], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        if fields.is_empty() {
            return Ok(None);
        }
        let mut query = self.tx.prepare("SELECT data FROM record WHERE id = ?1")?;
        Ok(Some((fields, query.query_row([record], |row| row.get(0))?)))
    }
}
