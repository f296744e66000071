//! Blocks in force, for the officer's day.

use rusqlite::OptionalExtension;

use super::{View, column as at};
use crate::domain::{CaseNumber, Moment, Result};

/// A case whose check keeps data out of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingBlock {
    /// The case.
    pub case: CaseNumber,
    /// The controller.
    pub controller: String,
    /// Since when.
    pub since: Moment,
}

impl View<'_> {
    /// Cases with a block in force, the oldest block first.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_standing_block(
        &self,
        controller: Option<&str>,
        mut each: impl FnMut(StandingBlock) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT f.number, c.code, min(b.since) FROM block b JOIN case_file f ON f.id = b.case_id
                     JOIN controller c ON c.id = b.controller
                    WHERE b.lifted_at IS NULL AND (?1 IS NULL OR c.code = ?1)
                    GROUP BY f.id ORDER BY min(b.since), f.id";
        self.stream(sql, &[Box::new(controller)], |row| {
            each(StandingBlock {
                case: at::word(row, 0)?,
                controller: row.get(1)?,
                since: at::moment(row, 2)?,
            })
        })
    }

    /// When the last run of a command in batches ended; `None`: it never did.
    ///
    /// # Errors
    /// As any read.
    pub fn last_run(&self, command: &str) -> Result<Option<Moment>> {
        let mut query = self.prepare("SELECT max(finished_at) FROM run WHERE command = ?1")?;
        let at = query.query_row([command], |row| row.get::<_, Option<i64>>(0)).optional()?.flatten();
        Ok(at.map(Moment::from_unix))
    }

    /// Controllers in whose other systems the last finished run came to no end, or a page of a night is open; sorted.
    ///
    /// # Errors
    /// As any read.
    pub fn unfinished_nights(&self) -> Result<Vec<String>> {
        let sql = "SELECT c.code FROM controller c WHERE EXISTS (SELECT 1 FROM night_page p WHERE p.controller = c.id)
              OR c.code IN (SELECT n.value FROM run r, json_each(r.counts, '$.unfinished') n
                  WHERE r.id = (SELECT max(id) FROM run WHERE finished_at IS NOT NULL))
            ORDER BY c.code";
        let mut query = self.prepare(sql)?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}
