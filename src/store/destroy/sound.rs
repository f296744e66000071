//! Before anything is destroyed: does the store hold together?
//!
//! What is damaged is left as it is, so that a backup and somebody who understands it can still help. A small store
//! is read whole, each row held against each index. Of a large one every page is read, and the tables that people are
//! found by are held against their indexes, and so are the records of whoever is meant: that costs less than rebuilding
//! the file, which comes next.
//!
//! Where the byte work is left to another command nothing comes next, and reading a large store takes longer than
//! erasing somebody. There the engine checks each page and each index entry that the deletion touches, in the
//! transaction that it undoes; `sanitize` finds the rest before it says *destroyed*.

use std::fs;

use crate::{
    domain::{Result, SubjectId},
    store::{Tx, fault::damaged},
};

const CORRUPT: &str = "the store is corrupt";

/// Up to so many bytes reading everything costs less than the question at the terminal.
const SMALL: u64 = 64 << 20;

/// The whole of a small store.
const EVERYTHING: [&str; 1] = ["PRAGMA integrity_check(1)"];

/// What somebody has by reading every record, and by asking the index.
const ALL_OF_THEM: &str = "WITH them (id) AS (
    SELECT id FROM subject WHERE uid = ?1
    UNION SELECT s.id FROM subject s JOIN subject r ON r.id = s.same_as WHERE r.uid = ?1)
  SELECT (SELECT count(*) FROM record NOT INDEXED WHERE subject IN (SELECT id FROM them))
    = (SELECT count(*) FROM record INDEXED BY record_subject WHERE subject IN (SELECT id FROM them))";

/// Every page of a large one, and whoever is looked for in it.
const PAGES_AND_PEOPLE: [&str; 3] =
    ["PRAGMA quick_check(1)", "PRAGMA integrity_check(subject)", "PRAGMA integrity_check(identifier)"];

impl Tx<'_> {
    /// Reads the store before the first destructive step and before it is said that nothing is held.
    ///
    /// # Errors
    /// Exit 9: it is damaged; nothing was changed.
    pub fn sound(&self) -> Result<()> {
        let checks = if self.is_small()? { EVERYTHING.as_slice() } else { PAGES_AND_PEOPLE.as_slice() };
        checks.iter().try_for_each(|check| self.is_well(check))?;
        self.roots_open()?;
        self.acts_are_legible()
    }

    /// The engine's check passes over the root of an empty table or index that says to be another kind of page; a search by it
    /// does not.
    fn roots_open(&self) -> Result<()> {
        const ROOTS: &str =
            "SELECT tbl_name, iif(type = 'index', name, NULL), sql FROM sqlite_schema WHERE rootpage > 0";
        let mut query = self.conn().prepare(ROOTS)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (table, index): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            let sql: Option<String> = row.get(2)?;
            let of = sql.filter(|_| index.is_some());
            let of = of.as_ref().and_then(|sql| sql.split_once(" WHERE ")).map_or("1", |(_, of)| of);
            let by = index.map_or_else(|| "NOT INDEXED".into(), |index| format!("INDEXED BY {index}"));
            let first = format!("SELECT count(*) FROM (SELECT 1 FROM {table} {by} WHERE {of} LIMIT 1)");
            self.conn().query_row(&first, [], |row| row.get::<_, i64>(0))?;
        }
        Ok(())
    }

    /// The same before a step on one person's data: of a large store it is also asked whether their records are all found.
    ///
    /// # Errors
    /// As [`Self::sound`].
    pub fn sound_for(&self, person: SubjectId) -> Result<()> {
        self.sound()?;
        let is_whole =
            self.is_small()? || self.conn().query_row(ALL_OF_THEM, [person.as_bytes()], |row| row.get(0))?;
        if is_whole { Ok(()) } else { Err(damaged(CORRUPT)) }
    }

    /// The same before a step whose byte work is left to another command: a large store is not read.
    ///
    /// # Errors
    /// As [`Self::sound`].
    pub fn sound_if_small(&self) -> Result<()> {
        if self.is_small()? { self.sound() } else { self.acts_are_legible() }
    }

    fn is_small(&self) -> Result<bool> {
        Ok(fs::metadata(self.conn().path().unwrap_or_default())?.len() <= SMALL)
    }

    fn is_well(&self, check: &str) -> Result<()> {
        let answer: String = self.conn().query_row(check, [], |row| row.get(0))?;
        if answer == "ok" { Ok(()) } else { Err(damaged(CORRUPT)) }
    }
}
