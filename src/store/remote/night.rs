//! Pages of a night in other systems: what is meant, from before it is tried until it is known what came of it;
//! and what came of it, as the act of the run tells it.

use rusqlite::Row;

use crate::{
    domain::{Result, RunId},
    store::{Tx, View, fault::damaged},
};

/// A page of which it is not known what came of it.
pub struct NightPage {
    /// Its row.
    pub id: i64,
    /// What was to be done. Personal data.
    pub payload: String,
}

/// Rows of a collection that a run deleted or masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightDone {
    /// The system.
    pub system: String,
    /// The collection there.
    pub collection: String,
    /// Whether rows were deleted; otherwise columns were set.
    pub deletes: bool,
    /// How many rows.
    pub rows: u64,
    /// Whether the run had the table reclaimed, once it is finished.
    pub reclaimed: bool,
}

impl View<'_> {
    /// Whether anybody has given a consent that is known here.
    ///
    /// # Errors
    /// As any read.
    pub fn has_consents(&self, controller: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM consent
            WHERE controller = (SELECT id FROM controller WHERE code = ?1))";
        Ok(self.prepare(sql)?.query_row([controller], |row| row.get(0))?)
    }

    /// Pages that were begun and never told of, oldest first: a night was cut off there.
    ///
    /// # Errors
    /// As any read.
    pub fn night_pages(&self, controller: &str) -> Result<Vec<NightPage>> {
        let sql = "SELECT id, payload FROM night_page
            WHERE controller = (SELECT id FROM controller WHERE code = ?1) ORDER BY id";
        let read = |row: &Row<'_>| Ok(NightPage { id: row.get(0)?, payload: row.get(1)? });
        Ok(self.prepare(sql)?.query_map([controller], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// What an act says of other systems, in their order.
    ///
    /// # Errors
    /// As any read.
    pub fn night_done(&self, act: &str) -> Result<Vec<NightDone>> {
        let mut query = self.prepare(
            "SELECT n.system, n.collection, n.action, n.rows,
                    EXISTS (SELECT 1 FROM run r JOIN controller c ON c.id = d.controller, json_each(r.counts, '$.reclaimed') t
                             WHERE r.uid = d.run AND t.value = json_array(c.code, n.system, n.collection))
               FROM night_done n JOIN destruction d ON d.id = n.destruction
              WHERE d.number = ?1 ORDER BY n.system, n.collection, n.action",
        )?;
        let mut rows = query.query([act])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(NightDone {
                system: row.get(0)?,
                collection: row.get(1)?,
                deletes: row.get::<_, String>(2)? == "delete",
                rows: u64::try_from(row.get::<_, i64>(3)?)
                    .map_err(|_| damaged("a number of rows is negative"))?,
                reclaimed: row.get(4)?,
            });
        }
        Ok(all)
    }
}

impl Tx<'_> {
    /// Writes down what a page means, before any of it is tried.
    ///
    /// # Errors
    /// As any write.
    pub fn intend_page(&self, controller: &str, run: RunId, payload: &str) -> Result<i64> {
        let controller = self.controller_or_new(controller)?;
        let sql = "INSERT INTO night_page (run, controller, payload) VALUES ((SELECT id FROM run WHERE uid = ?1), ?2, ?3)";
        self.prepare(sql)?.execute((run.as_bytes(), controller, payload))?;
        Ok(self.conn().last_insert_rowid())
    }

    /// It is known what came of a page: its keys and values go.
    ///
    /// # Errors
    /// As any write.
    pub fn page_told(&self, page: i64) -> Result<()> {
        self.prepare("DELETE FROM night_page WHERE id = ?1")?.execute([page])?;
        Ok(())
    }

    /// It is known what came of a part of a page: what is left of it.
    ///
    /// # Errors
    /// As any write.
    pub fn page_left(&self, page: i64, payload: &str) -> Result<()> {
        self.prepare("UPDATE night_page SET payload = ?2 WHERE id = ?1")?.execute((page, payload))?;
        Ok(())
    }

    /// Adds to what an act says of other systems.
    ///
    /// # Errors
    /// As any write.
    pub fn did_at_night(&self, act: &str, done: &[NightDone]) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO night_done (destruction, system, collection, action, rows)
             VALUES ((SELECT id FROM destruction WHERE number = ?1), ?2, ?3, ?4, ?5)
             ON CONFLICT (destruction, system, collection, action) DO UPDATE SET rows = rows + excluded.rows",
        )?;
        for one in done {
            let action = if one.deletes { "delete" } else { "set" };
            let rows = i64::try_from(one.rows).unwrap_or(i64::MAX);
            insert.execute((act, &one.system, &one.collection, action, rows))?;
        }
        Ok(())
    }
}
