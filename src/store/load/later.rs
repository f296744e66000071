//! References to what comes later in the file, kept in a temporary table until its end.

use rusqlite::Statement;

use super::{Dangling, Load, row::RowKind};
use crate::domain::Result;

/// One row a reference: what it points at (a person by key, else by ref), who points, and where.
pub(super) const TABLE: &str = "
    CREATE TEMP TABLE IF NOT EXISTS later (
      target  TEXT NOT NULL,
      person  INTEGER NOT NULL,
      ref     TEXT,
      kind    TEXT NOT NULL,
      row     INTEGER NOT NULL,
      line    INTEGER NOT NULL,
      column  INTEGER NOT NULL
    ) STRICT;
    DELETE FROM later;";

pub(super) const DROP: &str = "DROP TABLE temp.later";

pub(super) const INSERT: &str = "INSERT INTO temp.later (target, person, ref, kind, row, line, column) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Who never came. A person's row has its digest once its line was read.
const DANGLING: &str = "
    SELECT l.target, ifnull(l.ref, s.ref), l.kind, l.row, l.line, l.column
      FROM temp.later l JOIN subject s ON s.id = l.person
     WHERE CASE l.target
             WHEN 'subject' THEN s.digest IS NULL
             WHEN 'obligation' THEN NOT EXISTS (SELECT 1 FROM obligation o
               WHERE o.controller = ?1 AND o.ref = l.ref AND o.subject = l.person)
             ELSE NOT EXISTS (SELECT 1 FROM consent c
               WHERE c.controller = ?1 AND c.ref = l.ref AND c.subject = l.person)
           END
     ORDER BY l.line, l.column";

/// A reference to be looked for at the end.
pub(super) struct Later<'a> {
    pub target: RowKind,
    pub person: i64,
    pub reference: Option<&'a str>,
    pub kind: RowKind,
    pub row: i64,
    pub line: u64,
    pub column: u32,
}

impl Later<'_> {
    pub fn write(&self, insert: &mut Statement<'_>) -> rusqlite::Result<usize> {
        let line = i64::try_from(self.line).unwrap_or(i64::MAX);
        let (target, kind) = (self.target.as_str(), self.kind.as_str());
        insert.execute((target, self.person, self.reference, kind, self.row, line, self.column))
    }
}

impl Load<'_> {
    /// Whether a row of this file belongs to a person whose own line was not taken (yet).
    ///
    /// # Errors
    /// As any read.
    pub fn is_awaited(&self, reference: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM subject WHERE controller = ?1 AND ref = ?2 AND digest IS NULL";
        Ok(self.any_later && self.tx.prepare(sql)?.exists((self.controller, reference))?)
    }

    /// Hands out every reference to something that never came, in the order of the file. With `take_out`
    /// the rows that hold them are taken out again, and the empty rows of people who never came too.
    ///
    /// # Errors
    /// As any write.
    pub fn dangling(&mut self, take_out: bool, mut each: impl FnMut(&Dangling)) -> Result<()> {
        if !self.any_later {
            return Ok(());
        }
        if take_out {
            // Deleting looks for who points at a row: without indexes that reads whole tables.
            self.make_indexes()?;
        }
        let mut query = self.tx.conn().prepare(DANGLING)?;
        let mut rows = query.query([self.controller])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let dangling = read(row)?;
            each(&dangling);
            if take_out && last != Some((dangling.kind, dangling.row)) {
                last = Some((dangling.kind, dangling.row));
                // A row already read: the query's order is made before its first row is handed out.
                self.tx
                    .prepare(&format!("DELETE FROM {} WHERE id = ?1", dangling.kind))?
                    .execute([dangling.row])?;
            }
        }
        drop(rows);
        drop(query);
        if take_out {
            let last = self.seen(RowKind::Subject).last();
            let sql = "DELETE FROM subject WHERE id > ?1 AND digest IS NULL AND controller = ?2";
            self.tx.prepare(sql)?.execute((last, self.controller))?;
        }
        Ok(())
    }

    /// Every index that was put off but that of the records' refs.
    pub(super) fn make_indexes(&mut self) -> Result<()> {
        let (last, first): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.indexes).into_iter().partition(|sql| sql.contains(" record_ref "));
        self.indexes = last;
        first.iter().try_for_each(|sql| self.tx.conn().execute_batch(sql))?;
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Dangling> {
    let kind = |at: usize| -> Result<RowKind> {
        Ok(row.get_ref(at)?.as_str().unwrap_or_default().parse().unwrap_or(RowKind::Record))
    };
    let target = kind(0)?;
    Ok(Dangling {
        target,
        field: target.as_str(),
        reference: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
        kind: kind(2)?,
        row: row.get(3)?,
        line: u64::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
        column: row.get(5)?,
    })
}
