//! Pages of a night in other systems: what is meant, from before it is tried until it is known what came of it;
//! and what came of it, as the act of the run tells it.

use std::collections::BTreeMap;

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

impl View<'_> {
    /// Records of which nobody could say any more what the run of an act did: system, category and number.
    ///
    /// # Errors
    /// As any read.
    pub fn unconfirmed(&self, act: &str) -> Result<Vec<(String, String, u64)>> {
        let mut query = self.prepare(
            "SELECT t.value ->> 1, t.value ->> 2, sum(t.value ->> 3)
               FROM destruction d JOIN controller c ON c.id = d.controller JOIN run r ON r.uid = d.run,
                    json_each(r.counts, '$.unconfirmed') t
              WHERE d.number = ?1 AND t.value ->> 0 = c.code GROUP BY 1, 2 ORDER BY 1, 2",
        )?;
        let read = |row: &Row<'_>| {
            let n: i64 = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, u64::try_from(n).unwrap_or_default()))
        };
        Ok(query.query_map([act], read)?.collect::<rusqlite::Result<_>>()?)
    }
}

impl Tx<'_> {
    /// Records of which nobody can say any more what a night did, by system and category: the acts of the run tell
    /// them.
    ///
    /// # Errors
    /// As any write.
    pub fn cannot_confirm(
        &self,
        run: RunId,
        controller: &str,
        records: &BTreeMap<(String, String), u64>,
    ) -> Result<()> {
        let sql = "UPDATE run SET counts = json_set(counts, '$.unconfirmed',
                json_insert(ifnull(counts -> '$.unconfirmed', '[]'), '$[#]', json_array(?2, ?3, ?4, ?5))) WHERE uid = ?1";
        let mut add = self.prepare(sql)?;
        for ((system, category), n) in records {
            let n = i64::try_from(*n).unwrap_or(i64::MAX);
            add.execute((run.as_bytes(), controller, system, category, n))?;
        }
        Ok(())
    }

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
