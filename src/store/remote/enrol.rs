//! A person whom only other systems know, written down here so that a case can be about them.

use crate::{
    domain::{Identifier, Moment, Result, SubjectId},
    store::{SearchKey, Tx},
};

impl Tx<'_> {
    /// Makes a subject with these identifiers. The caller has seen that nobody here has one that names a person.
    ///
    /// # Errors
    /// As any write.
    pub fn enrol(&self, controller: &str, id: SubjectId, names: &[Identifier], at: Moment) -> Result<()> {
        let controller = self.controller_or_new(controller)?;
        self.prepare("INSERT INTO subject (uid, controller, created_at) VALUES (?1, ?2, ?3)")?.execute((
            id.as_bytes(),
            controller,
            at.unix(),
        ))?;
        let subject = self.conn().last_insert_rowid();
        let mut insert = self.prepare(
            "INSERT INTO identifier (subject, controller, type, key, hint, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for name in names {
            let key = SearchKey::of(name);
            insert.execute((subject, controller, key.code, key.key, key.hint, key.value))?;
        }
        Ok(())
    }
}
