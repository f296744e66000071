//! The last contact by a person, which outlives the record that told of it.

use rusqlite::vtab::array;

use super::Person;
use crate::{
    domain::{Moment, Result},
    store::{Tx, expire},
};

impl Tx<'_> {
    /// Keeps the date of a contact whose record goes, where nothing that stays tells of a later one: the term
    /// of other data counts from it. Only the date stays, and only while there is data in use.
    ///
    /// # Errors
    /// As any write.
    pub fn keep_last_contact(&self, person: &Person, at: Moment) -> Result<()> {
        array::load_module(self.conn())?;
        let rows = person.rows.iter().filter_map(|row| u32::try_from(*row).ok());
        self.last_contact_of(person.root_row(), expire::list(rows), at)
    }

    /// The same by rows of `subject`, the one that stands for all named apart.
    pub(in crate::store) fn last_contact_of(&self, root: i64, rows: array::Array, at: Moment) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO contact (subject, controller, at, inbound)
             SELECT s.id, s.controller, ?3, 1 FROM subject s WHERE s.id = ?1
                AND EXISTS (SELECT 1 FROM record WHERE subject IN rarray(?2) AND archived_until IS NULL)
                AND NOT EXISTS (SELECT 1 FROM record WHERE subject IN rarray(?2)
                                   AND (last_contact_at >= ?3 OR activity_at >= ?3))
                AND NOT EXISTS (SELECT 1 FROM contact WHERE subject IN rarray(?2) AND inbound = 1 AND at >= ?3)
                AND NOT EXISTS (SELECT 1 FROM obligation WHERE subject IN rarray(?2) AND opened_at >= ?3)",
        )?;
        insert.execute((root, rows, at.unix()))?;
        Ok(())
    }
}
