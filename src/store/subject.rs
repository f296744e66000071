//! People: who is meant, and one person held twice.
//!
//! Each row of `subject` is what one source system calls a person. Linked rows are one person: they point at
//! the row that stands for all of them, and every look-up answers with that row's id.

use rusqlite::OptionalExtension;

use super::{Tx, View, column, key};
use crate::domain::{Error, IdentifierType, Kind, Result, SubjectId};

impl View<'_> {
    /// The person of this id (or of the one it is linked to), if this controller has them.
    ///
    /// # Errors
    /// As any read.
    pub fn by_id(&self, controller: &str, id: SubjectId) -> Result<Option<SubjectId>> {
        self.one(controller, "s.uid = ?2", id.as_bytes())
    }

    /// The person of this reference of the source system.
    ///
    /// # Errors
    /// As any read.
    pub fn by_ref(&self, controller: &str, reference: &str) -> Result<Option<SubjectId>> {
        self.one(controller, "s.ref = ?2", reference)
    }

    fn one(&self, code: &str, condition: &str, value: impl rusqlite::ToSql) -> Result<Option<SubjectId>> {
        let Some(controller) = self.controller(code)? else { return Ok(None) };
        let mut query = self.prepare(&format!(
            "SELECT ifnull(root.uid, s.uid) FROM subject s LEFT JOIN subject root ON root.id = s.same_as
              WHERE s.controller = ?1 AND {condition}"
        ))?;
        let found = query.query_row((controller, value), |row| row.get(0)).optional()?;
        Ok(found.map(SubjectId::from_bytes))
    }

    /// Every id under which this person is held, the one that stands for all first. Empty: not held.
    ///
    /// # Errors
    /// As any read.
    pub fn members(&self, controller: &str, id: SubjectId) -> Result<Vec<SubjectId>> {
        Ok(self.rows_of(controller, id)?.into_iter().map(|row| row.uid).collect())
    }

    /// The rows of one person, the one that stands for all first.
    pub(super) fn rows_of(&self, code: &str, id: SubjectId) -> Result<Vec<SubjectRow>> {
        let Some(controller) = self.controller(code)? else { return Ok(Vec::new()) };
        let mut query =
            self.prepare("SELECT ifnull(same_as, id) FROM subject WHERE controller = ?1 AND uid = ?2")?;
        let root = query.query_row((controller, id.as_bytes()), |row| row.get::<_, i64>(0)).optional()?;
        let Some(root) = root else { return Ok(Vec::new()) };
        let mut query = self.prepare(
            "SELECT id, uid, born FROM subject WHERE id = ?1
              UNION ALL SELECT * FROM (SELECT id, uid, born FROM subject WHERE same_as = ?1 ORDER BY id)",
        )?;
        let mut rows = query.query([root])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let uid = SubjectId::from_bytes(row.get(1)?);
            all.push(SubjectRow { id: row.get(0)?, uid, born: column::day(row, 2)? });
        }
        Ok(all)
    }
}

/// What the store itself needs of a row of `subject`.
pub(super) struct SubjectRow {
    /// The key other tables use.
    pub id: i64,
    /// The random id.
    pub uid: SubjectId,
    /// Birth date by statement.
    pub born: Option<chrono::NaiveDate>,
}

impl Tx<'_> {
    /// Two ids are one person: from now on `id` stands for both, and for all that either was linked to.
    /// Nothing is merged; [`Tx::unlink`] takes it back.
    ///
    /// # Errors
    /// Exit 3 if this controller does not hold one of them; exit 2 if they are one person already.
    pub fn link(&self, controller: &str, id: SubjectId, twin: SubjectId) -> Result<()> {
        let (root, other) = (self.root_of(controller, id)?, self.root_of(controller, twin)?);
        if root == other {
            return Err(Error::usage("these two ids are one person already"));
        }
        if self.iins_differ(root, other)? {
            return Err(Error::usage("the two have different IINs, so they are two people")
                .hint("if one number is wrong, correct it in the source and import it again"));
        }
        let mut update = self.prepare("UPDATE subject SET same_as = ?1 WHERE id = ?2 OR same_as = ?2")?;
        update.execute((root, other))?;
        Ok(())
    }

    /// This id is a person of its own again. If it stood for others, the eldest of them stands for the rest.
    ///
    /// # Errors
    /// Exit 3 if this controller does not hold it; exit 2 if it is not linked.
    pub fn unlink(&self, controller: &str, id: SubjectId) -> Result<()> {
        let rows = self.rows_of(controller, id)?;
        let (Some(root), Some(row)) = (rows.first(), rows.iter().find(|row| row.uid == id)) else {
            return Err(not_held());
        };
        let Some(eldest) = rows.get(1) else { return Err(Error::usage("this id is not linked")) };
        let mut update = self.prepare("UPDATE subject SET same_as = ?1 WHERE id = ?2")?;
        update.execute((None::<i64>, row.id))?;
        if row.id == root.id {
            update.execute((None::<i64>, eldest.id))?;
            let mut rest = self.prepare("UPDATE subject SET same_as = ?1 WHERE same_as = ?2")?;
            rest.execute((eldest.id, root.id))?;
        }
        Ok(())
    }

    /// Whether both sides have an IIN and share none.
    fn iins_differ(&self, root: i64, other: i64) -> Result<bool> {
        let mut query = self.prepare(
            "WITH held (side, iin) AS (
               SELECT DISTINCT ifnull(s.same_as, s.id), i.key FROM subject s JOIN identifier i ON i.subject = s.id
                WHERE (s.id IN (?1, ?2) OR s.same_as IN (?1, ?2)) AND i.type = ?3)
             SELECT count(DISTINCT side) = 2 AND count(*) = count(DISTINCT iin) FROM held",
        )?;
        Ok(query.query_row((root, other, key::code(IdentifierType::Iin)), |row| row.get(0))?)
    }

    fn root_of(&self, controller: &str, id: SubjectId) -> Result<i64> {
        self.rows_of(controller, id)?.first().map(|row| row.id).ok_or_else(not_held)
    }
}

pub(super) fn not_held() -> Error {
    Error::new(Kind::NotFound, "this controller holds nobody of that id")
        .hint("look for the person: dsr find TEXT")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::cast::{self, uid};

    #[test]
    fn a_person_by_id_and_reference() {
        let mut store = cast::dealership();
        store
            .read(|view| {
                assert_eq!(view.by_id("mycar", uid(1))?, Some(uid(1)));
                assert_eq!(view.by_ref("mycar", "C-1")?, Some(uid(1)));
                assert_eq!(
                    view.by_ref("automaster", "C-1")?,
                    Some(uid(9)),
                    "each controller has its own C-1"
                );
                assert_eq!(view.by_id("automaster", uid(1))?, None, "strangers");
                assert_eq!(view.by_ref("nobody", "C-1")?, None);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn linked_and_unlinked() {
        let mut store = cast::dealership();
        let members = |tx: &Tx<'_>, n| tx.members("mycar", uid(n));
        store
            .transact(|tx| {
                tx.link("mycar", uid(2), uid(3))?;
                tx.link("mycar", uid(1), uid(3))?;
                assert_eq!(
                    members(tx, 3)?,
                    [uid(1), uid(2), uid(3)],
                    "all under the one that was named first"
                );
                assert_eq!(tx.by_id("mycar", uid(3))?, Some(uid(1)));
                assert_eq!(tx.link("mycar", uid(2), uid(1)).unwrap_err().kind(), Kind::Usage);

                tx.unlink("mycar", uid(1))?;
                assert_eq!(members(tx, 3)?, [uid(2), uid(3)]);
                assert_eq!(members(tx, 1)?, [uid(1)]);
                tx.unlink("mycar", uid(3))?;
                assert_eq!(tx.unlink("mycar", uid(3)).unwrap_err().kind(), Kind::Usage);
                assert_eq!(members(tx, 2)?, [uid(2)]);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn nobody_is_linked_across_controllers() {
        let mut store = cast::dealership();
        let linked = store.transact(|tx| tx.link("mycar", uid(1), uid(9)));
        assert_eq!(linked.unwrap_err().kind(), Kind::NotFound);
    }
}
