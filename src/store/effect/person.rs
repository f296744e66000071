//! Whom an effect is meant for: the rows of one person, and their names as they were before it.

use zeroize::Zeroizing;

use super::stale;
use crate::{
    domain::{Identifier, Result, SubjectId},
    store::{KeyFile, SearchKey, View, column, key, subject::not_held},
};

/// `tombstone.type` of the reference of a person.
pub(super) const REF: i64 = 0;

/// One person at one controller, all linked rows together. Personal data: no `Debug`.
pub struct Person {
    pub(super) code: String,
    pub(super) controller: i64,
    /// Keys in `subject`, the row that stands for all first; never empty.
    pub(super) rows: Vec<i64>,
    root: SubjectId,
    /// Type code and canonical text of every identifier and reference, as they were when this was read.
    names: Vec<(i64, Zeroizing<String>)>,
    /// The same of what other systems mail or call them by.
    mailed_by: Vec<(i64, Zeroizing<String>)>,
}

impl View<'_> {
    /// The person of this id, to be acted on. Read it before the first effect: marks of names that die
    /// with a record are made from what this remembers.
    ///
    /// # Errors
    /// Exit 3 if the controller holds nobody of that id.
    pub fn person(&self, controller: &str, subject: SubjectId) -> Result<Person> {
        let rows = self.rows_of(controller, subject)?;
        let root = rows.first().ok_or_else(not_held)?.uid;
        let id = self.controller(controller)?.ok_or_else(not_held)?;
        let rows: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut names = Vec::new();
        for row in &rows {
            self.names_of(*row, &mut names)?;
        }
        names.sort_by(|a, b| (a.0, a.1.as_str()).cmp(&(b.0, b.1.as_str())));
        names.dedup();
        let mailed_by = Vec::new();
        Ok(Person { code: controller.to_owned(), controller: id, rows, root, names, mailed_by })
    }

    fn names_of(&self, row: i64, names: &mut Vec<(i64, Zeroizing<String>)>) -> Result<()> {
        let mut query = self.prepare(
            "SELECT 0, ref FROM subject WHERE id = ?1 AND ref IS NOT NULL
              UNION ALL SELECT type, key FROM identifier WHERE subject = ?1 AND type <> ?2",
        )?;
        let mut rows = query.query((row, key::NAME))?;
        while let Some(row) = rows.next()? {
            names.push((row.get(0)?, Zeroizing::new(column::text(row, 1)?.to_owned())));
        }
        Ok(())
    }
}

impl Person {
    /// The id that stands for all rows.
    pub fn id(&self) -> SubjectId {
        self.root
    }

    /// The controller.
    pub fn controller(&self) -> &str {
        &self.code
    }

    /// The row that stands for all: what is new is written there.
    pub(in crate::store) fn root_row(&self) -> i64 {
        self.rows.first().copied().unwrap_or_default()
    }

    /// Whether a row of another table is about this person.
    pub(super) fn own(&self, subject: i64) -> Result<()> {
        if self.rows.contains(&subject) { Ok(()) } else { Err(stale()) }
    }

    /// The same person, whom other systems mail or call by these: what they stop is stopped for them too, and
    /// nothing of them is kept but a mark.
    pub fn mailed_by(mut self, names: &[Identifier]) -> Self {
        let read = names.iter().map(SearchKey::of).map(|key| (key.code, Zeroizing::new(key.key)));
        self.mailed_by = read.filter(|name| !self.names.contains(name)).collect();
        self
    }

    /// Type and mark of everything they could be mailed or called by.
    pub(super) fn marks_of_all(&self, key: &KeyFile) -> Vec<(i64, [u8; 32])> {
        let also = self.mailed_by.iter().map(|(code, text)| (*code, key.mac(&self.code, *code, text)));
        self.marks(key).into_iter().chain(also).collect()
    }

    /// Type and mark of every name.
    pub(super) fn marks(&self, key: &KeyFile) -> Vec<(i64, [u8; 32])> {
        self.names.iter().map(|(code, text)| (*code, key.mac(&self.code, *code, text))).collect()
    }
}
