//! Blocks: use stops for a check (art. 25(2)(8)). A finding lifts one, never time.

use rusqlite::OptionalExtension;

use super::{Person, stale};
use crate::{
    domain::{CaseNumber, Category, Moment, Result},
    store::Tx,
};

impl Tx<'_> {
    /// Blocks a person, or one category, for a case; gives the row.
    ///
    /// # Errors
    /// Exit 3 if there is no such case.
    pub fn block(
        &self,
        person: &Person,
        category: Option<&Category>,
        case: &CaseNumber,
        since: Moment,
    ) -> Result<i64> {
        let mut insert = self.prepare(
            "INSERT INTO block (subject, controller, case_id, category, since) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let case = self.case_row(case)?;
        let category = category.map(Category::as_str);
        Ok(insert.insert((person.root_row(), person.controller, case, category, since.unix()))?)
    }

    /// Lifts blocks of a person with what the check found.
    ///
    /// # Errors
    /// Exit 5 if one is missing, lifted already or another person's.
    pub fn lift_blocks(&self, person: &Person, ids: &[i64], finding: &str, at: Moment) -> Result<()> {
        let mut update = self.prepare(
            "UPDATE block SET lifted_at = ?2, finding = ?3 WHERE id = ?1 AND lifted_at IS NULL RETURNING subject",
        )?;
        for id in ids {
            let subject = update.query_row((id, at.unix(), finding), |row| row.get(0)).optional()?;
            person.own(subject.ok_or_else(stale)?)?;
        }
        Ok(())
    }
}
