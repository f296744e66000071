//! What cases owe beside their answers, as rows: the events say it, the rows let it be found.

use rusqlite::Row;

use super::{
    CaseFile, Tx, View,
    case_file::{CASE, case_of},
    column as at,
};
use crate::domain::{CaseNumber, Duty, Moment, NewDuty, Remark, Result};

/// What came of a look-up, who wrote it down, and whether nobody did it, stand in the event that ended it.
const DUTY: &str = "d.step, d.kind, d.place, d.task, d.due, d.done_at, d.evidence,
    (SELECT max(json_extract(e.payload, '$.found')) FROM case_event e WHERE d.done_at IS NOT NULL AND e.case_id = d.case_id
        AND e.kind = 'done' AND json_extract(e.payload, '$.step') = d.step),
    (SELECT max(e.actor) FROM case_event e WHERE d.done_at IS NOT NULL AND e.case_id = d.case_id
        AND e.kind IN ('done', 'recalled', 'told') AND json_extract(e.payload, '$.step') = d.step),
    d.done_at IS NOT NULL AND EXISTS (SELECT 1 FROM case_event e WHERE e.case_id = d.case_id
        AND e.kind = 'recalled' AND json_extract(e.payload, '$.step') = d.step)";

impl View<'_> {
    /// The duties of a case, in the order of their numbers.
    ///
    /// # Errors
    /// Exit 3 if there is no such case.
    pub fn duties(&self, case: &CaseNumber) -> Result<Vec<Duty>> {
        self.duties_of(self.case_row(case)?)
    }

    pub(super) fn duties_of(&self, case: i64) -> Result<Vec<Duty>> {
        let sql = format!("SELECT {DUTY} FROM case_duty d WHERE d.case_id = ?1 ORDER BY d.step");
        let mut query = self.prepare(&sql)?;
        let mut rows = query.query([case])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(duty_of(row, 0)?);
        }
        Ok(all)
    }

    /// The open tasks of these words, by case and step. A task names a case, so its words are of one controller.
    ///
    /// # Errors
    /// As any read.
    pub fn open_tasks(&self, task: &str) -> Result<Vec<(CaseNumber, u32)>> {
        let mut query = self.prepare(
            "SELECT f.number, d.step FROM case_duty d CROSS JOIN case_file f ON f.id = d.case_id
              WHERE d.task = ?1 AND d.done_at IS NULL AND d.kind = 'task' ORDER BY f.id, d.step",
        )?;
        let mut rows = query.query([task])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push((at::word(row, 0)?, row.get(1)?));
        }
        Ok(all)
    }

    /// Every open duty of a controller, or of all, those due first; cases that were answered have some too.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_open_duty(
        &self,
        controller: Option<&str>,
        mut each: impl FnMut(CaseFile, Duty) -> Result<()>,
    ) -> Result<()> {
        let (columns, tables) = CASE.split_once(" FROM ").unwrap_or((CASE, ""));
        let sql = format!(
            "SELECT {columns}, {DUTY} FROM {tables} JOIN case_duty d ON d.case_id = f.id
              WHERE d.done_at IS NULL AND (?1 IS NULL OR c.code = ?1) ORDER BY d.due IS NULL, d.due, f.id, d.step"
        );
        let first = columns.split(',').count();
        self.stream(&sql, &[Box::new(controller)], |row| each(case_of(row)?, duty_of(row, first)?))
    }
}

impl Tx<'_> {
    /// Writes the duties as the events left them.
    pub(super) fn write_duties(&self, case: i64, before: &[Duty], after: &[Duty]) -> Result<()> {
        let mut write = self.prepare(
            "INSERT INTO case_duty (case_id, step, kind, place, task, due, done_at, evidence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (case_id, step) DO UPDATE SET task = excluded.task, done_at = excluded.done_at,
               evidence = excluded.evidence",
        )?;
        for duty in after.iter().filter(|duty| !before.contains(duty)) {
            let NewDuty { kind, place, task, due } = &duty.what;
            let due = due.map(|day| day.to_string());
            let (done, evidence) = (duty.done.map(Moment::unix), duty.evidence.as_ref().map(Remark::as_str));
            write.execute((case, duty.step, kind.as_str(), place, task, due, done, evidence))?;
        }
        Ok(())
    }
}

fn duty_of(row: &Row<'_>, first: usize) -> Result<Duty> {
    let what = NewDuty {
        kind: at::word(row, first + 1)?,
        place: row.get(first + 2)?,
        task: row.get(first + 3)?,
        due: at::day(row, first + 4)?,
    };
    let evidence = row.get::<_, Option<String>>(first + 6)?.map(|text| Remark::kept(&text));
    let (found, by, recalled) = (row.get(first + 7)?, row.get(first + 8)?, row.get(first + 9)?);
    let (step, done) = (row.get(first)?, at::moment_or_none(row, first + 5)?);
    Ok(Duty { done, evidence, found, by, recalled, ..Duty::new(step, what) })
}
