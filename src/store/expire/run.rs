//! The runs of the nightly command: begun before the first batch, finished after the last, so that a run that
//! was killed is seen and gone on with.

use chrono::NaiveDate;
use rusqlite::OptionalExtension;

use super::super::{Period, Tx, View, column as at};
use crate::domain::{Moment, Result, RunId};

const COMMAND: &str = "purge-expired";

/// The key in `meta` that says the nightly run may destroy.
const ENABLED: &str = "purge_enabled_at";

/// A run that was begun and not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its id.
    pub run: RunId,
    /// When it began.
    pub started: Moment,
}

/// What one finished run found at one controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOf {
    /// The controller.
    pub controller: String,
    /// When it began.
    pub started: Moment,
    /// Records due and protected.
    pub held: u64,
    /// Records that no rule decides.
    pub gaps: u64,
}

impl View<'_> {
    /// Finished runs begun in the period, oldest first, one line for each controller.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_run(&self, period: &Period<'_>, mut each: impl FnMut(RunOf) -> Result<()>) -> Result<()> {
        let (condition, values) = period.condition("r.started_at");
        let sql = format!(
            "SELECT c.code, r.started_at, ifnull(n.value ->> 'held', 0), ifnull(n.value ->> 'gaps', 0)
               FROM run r JOIN json_each(r.counts, '$.controllers') n JOIN controller c ON c.code = n.key
              WHERE r.finished_at IS NOT NULL AND {condition} ORDER BY r.id, c.code"
        );
        self.stream(&sql, &values, |row| {
            let count = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or_default());
            each(RunOf {
                controller: row.get(0)?,
                started: at::moment(row, 1)?,
                held: count(2)?,
                gaps: count(3)?,
            })
        })
    }

    /// The run that was cut off, if one was.
    ///
    /// # Errors
    /// As any read; so for all of this file.
    pub fn unfinished_run(&self) -> Result<Option<Unfinished>> {
        let sql = "SELECT uid, started_at FROM run WHERE command = ?1 AND finished_at IS NULL ORDER BY id DESC LIMIT 1";
        let mut query = self.prepare(sql)?;
        let mut rows = query.query([COMMAND])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Unfinished { run: RunId::from_bytes(row.get(0)?), started: at::moment(row, 1)? }))
    }

    /// When the nightly run was allowed to destroy; `None`: it only reports.
    pub fn purge_enabled(&self) -> Result<Option<Moment>> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        Ok(query.query_row([ENABLED], |row| row.get(0)).optional()?.map(Moment::from_unix))
    }

    /// A number that changes whenever another connection has changed the store.
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.conn().query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// From now on the nightly run destroys.
    pub fn enable_purge(&self, now: Moment) -> Result<()> {
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((ENABLED, now.unix()))?;
        Ok(())
    }

    /// Begins a run.
    pub fn begin_run(&self, run: RunId, as_of: NaiveDate, now: Moment) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO run (uid, command, as_of, started_at, status, counts) VALUES (?1, ?2, ?3, ?4, 'running', '{}')",
        )?;
        insert.execute((run.as_bytes(), COMMAND, as_of.to_string(), now.unix()))?;
        Ok(())
    }

    /// Finishes a run with what it did in all, as JSON.
    pub fn finish_run(&self, run: RunId, counts: &str, now: Moment) -> Result<()> {
        let mut update = self.prepare(
            "UPDATE run SET finished_at = ?2, status = 'done',
                counts = json_set(?3, '$.unconfirmed', json(ifnull(counts -> '$.unconfirmed', '[]'))) WHERE uid = ?1",
        )?;
        update.execute((run.as_bytes(), now.unix(), counts))?;
        Ok(())
    }
}
