//! Intents: what is to be done in another database, from before it is tried until it is known to be done.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};

use crate::{
    domain::{CaseEvent, CaseNumber, Moment, Result},
    store::{Tx, View, destroy::Destruction, effect::stale, fault::damaged},
};

/// A step to be written down.
pub struct NewRemoteStep {
    /// The system.
    pub system: String,
    /// The collection there.
    pub collection: String,
    /// Whether rows are deleted; otherwise columns are set.
    pub deletes: bool,
    /// How many rows.
    pub rows: u64,
    /// Keys, versions and values as the executor reads them. Personal data.
    pub payload: String,
}

/// A step as it stands.
pub struct RemoteStep {
    /// Its row.
    pub id: i64,
    /// The system.
    pub system: String,
    /// The collection there.
    pub collection: String,
    /// Whether rows are deleted; otherwise columns are set.
    pub deletes: bool,
    /// How many rows.
    pub rows: u64,
    /// What is to be done; `None`: it is done.
    pub payload: Option<String>,
    /// Why it is still open, without a value.
    pub trouble: Option<String>,
    /// Whether the table was reclaimed since.
    pub reclaimed: bool,
    /// When it was done, or last tried.
    pub at: Moment,
}

/// What stands in the place of a trouble where a step is done and its table was reclaimed.
const RECLAIMED: &str = "reclaimed";

impl RemoteStep {
    /// Whether it is known to be done.
    pub fn is_done(&self) -> bool {
        self.payload.is_none()
    }
}

/// What is told of a case once every step elsewhere is done.
pub struct RemoteCase {
    /// The outcome as JSON.
    pub outcome: String,
    /// Categories of which rows stay elsewhere, as JSON.
    pub stays: String,
}

impl View<'_> {
    /// The steps of a case in other systems, in the order in which they are done.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn remote_steps(&self, case: &CaseNumber) -> Result<Vec<RemoteStep>> {
        let case = self.case_row(case)?;
        let mut query = self.prepare(
            "SELECT id, system, collection, action, rows, payload, trouble, changed_at FROM remote_step WHERE case_id = ?1 ORDER BY id",
        )?;
        let mut rows = query.query([case])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(step_of(row)?);
        }
        Ok(all)
    }

    /// Of the steps of its case those of an act: done since the act before it was told, and until it was itself; while it
    /// is not told, those that are left too.
    ///
    /// # Errors
    /// As any read.
    pub fn remote_steps_of_act(&self, act: &Destruction) -> Result<Vec<RemoteStep>> {
        let Some(case) = &act.case else { return Ok(Vec::new()) };
        let (mut since, mut until) = (None, None);
        for entry in self.case_history(case)? {
            let CaseEvent::Executed { outcome: Some(outcome), .. } = &entry.event else { continue };
            match &outcome.act {
                Some(told) if *told == act.number => until = until.or(Some(entry.at)),
                Some(_) if until.is_none() => since = Some(entry.at),
                _ => {}
            }
        }
        let mut steps = self.remote_steps(case)?;
        // Of one second it cannot be told.
        let begun = |at: Moment| since.is_none_or(|since| at > since || until == Some(since));
        steps.retain(|step| match until {
            Some(until) => step.is_done() && begun(step.at) && step.at <= until,
            None => !step.is_done() || begun(step.at),
        });
        Ok(steps)
    }

    /// What is told once the steps of a case are done; `None`: it has none, or it was told.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn remote_case(&self, case: &CaseNumber) -> Result<Option<RemoteCase>> {
        let case = self.case_row(case)?;
        let mut query = self.prepare("SELECT outcome, stays FROM remote_case WHERE case_id = ?1")?;
        let read = |row: &Row<'_>| Ok(RemoteCase { outcome: row.get(0)?, stays: row.get(1)? });
        Ok(query.query_row([case], read).optional()?)
    }

    /// Whether a step of the case in another system is open, or done and not told yet: the names here wait for that.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn is_in_part(&self, case: &CaseNumber) -> Result<bool> {
        let case = self.case_row(case)?;
        let mut query = self.prepare(
            "SELECT 1 FROM remote_step WHERE case_id = ?1 AND state = 'open'
             UNION ALL SELECT 1 FROM remote_case WHERE case_id = ?1",
        )?;
        Ok(query.exists([case])?)
    }

    /// Whether a destruction of the rows elsewhere of one row of a person waits to be done and told.
    pub(in crate::store) fn is_awaited(&self, subject: i64) -> Result<bool> {
        let mut query = self.prepare(
            "SELECT 1 FROM remote_case AS told JOIN case_file AS file ON file.id = told.case_id
              WHERE file.subject = (SELECT uid FROM subject WHERE id = ?1)
                AND json_extract(told.outcome, '$.destroys')",
        )?;
        Ok(query.exists([subject])?)
    }

    /// Whether a later case of the same person did something in a system.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn is_done_later(&self, case: &CaseNumber, system: &str) -> Result<bool> {
        let case = self.case_row(case)?;
        let mut query = self.prepare(
            "SELECT 1 FROM remote_step AS step JOIN case_file AS later ON later.id = step.case_id
              WHERE step.case_id > ?1 AND step.system = ?2 AND step.state = 'done'
                AND later.subject = (SELECT subject FROM case_file WHERE id = ?1)",
        )?;
        Ok(query.exists((case, system))?)
    }
}

fn step_of(row: &Row<'_>) -> Result<RemoteStep> {
    let action: String = row.get(3)?;
    let (payload, said): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    Ok(RemoteStep {
        id: row.get(0)?,
        system: row.get(1)?,
        collection: row.get(2)?,
        deletes: action == "delete",
        rows: u64::try_from(row.get::<_, i64>(4)?).map_err(|_| damaged("a number of rows is negative"))?,
        reclaimed: payload.is_none() && said.as_deref() == Some(RECLAIMED),
        trouble: said.filter(|_| payload.is_some()),
        payload,
        at: Moment::from_unix(row.get(7)?),
    })
}

impl Tx<'_> {
    /// Writes down what is to be done elsewhere, before any of it is tried. What an earlier plan of the case left open
    /// was decided anew with this one, and goes.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn intend(
        &self,
        case: &CaseNumber,
        steps: &[NewRemoteStep],
        told: &RemoteCase,
        at: Moment,
    ) -> Result<()> {
        self.remote_void(case)?;
        let case = self.case_row(case)?;
        let mut insert = self.prepare(
            "INSERT INTO remote_step (case_id, system, collection, action, rows, payload, state, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7)",
        )?;
        for step in steps {
            let action = if step.deletes { "delete" } else { "set" };
            let rows = i64::try_from(step.rows).unwrap_or(i64::MAX);
            insert.execute((case, &step.system, &step.collection, action, rows, &step.payload, at.unix()))?;
        }
        self.prepare("INSERT OR REPLACE INTO remote_case (case_id, outcome, stays) VALUES (?1, ?2, ?3)")?
            .execute((case, &told.outcome, &told.stays))?;
        Ok(())
    }

    /// A step is known to be done: its keys and values go.
    ///
    /// # Errors
    /// Stale (exit 5): there is no such open step.
    pub fn remote_done(&self, step: i64, at: Moment) -> Result<()> {
        let sql = "UPDATE remote_step SET state = 'done', payload = NULL, trouble = NULL, changed_at = ?2
                    WHERE id = ?1 AND state = 'open'";
        if self.prepare(sql)?.execute((step, at.unix()))? == 1 { Ok(()) } else { Err(stale()) }
    }

    /// The table of steps that are done was reclaimed.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn remote_reclaimed(&self, case: &CaseNumber, system: &str, collection: &str) -> Result<()> {
        let case = self.case_row(case)?;
        let sql = "UPDATE remote_step SET trouble = ?4
                    WHERE case_id = ?1 AND system = ?2 AND collection = ?3 AND state = 'done'";
        self.prepare(sql)?.execute((case, system, collection, RECLAIMED))?;
        Ok(())
    }

    /// A step could not be done, or not wholly: what is left, and why in words without a value.
    ///
    /// # Errors
    /// Stale (exit 5): there is no such open step.
    pub fn remote_trouble(&self, step: i64, payload: &str, why: &str, at: Moment) -> Result<()> {
        let sql = "UPDATE remote_step SET payload = ?2, trouble = ?3, changed_at = ?4 WHERE id = ?1 AND state = 'open'";
        if self.prepare(sql)?.execute((step, payload, why, at.unix()))? == 1 { Ok(()) } else { Err(stale()) }
    }

    /// An open step is people's from now on, but for what is `left` of it: keys and values of what is theirs go, and this is told
    /// of the case in the end.
    ///
    /// # Errors
    /// Not found (exit 3): no such case; stale (exit 5): there is no such open step.
    pub fn remote_given(
        &self,
        step: i64,
        case: &CaseNumber,
        told: &RemoteCase,
        left: Option<&str>,
    ) -> Result<()> {
        let case = self.case_row(case)?;
        self.prepare("UPDATE remote_case SET outcome = ?2, stays = ?3 WHERE case_id = ?1")?.execute((
            case,
            &told.outcome,
            &told.stays,
        ))?;
        let changed = match left {
            None => {
                let sql = "DELETE FROM remote_step WHERE id = ?1 AND state = 'open'";
                self.prepare(sql)?.execute([step])?
            }
            Some(left) => {
                let sql = "UPDATE remote_step SET payload = ?2 WHERE id = ?1 AND state = 'open'";
                self.prepare(sql)?.execute((step, left))?
            }
        };
        if changed == 1 { Ok(()) } else { Err(stale()) }
    }

    /// What a case left open elsewhere is not to be done any more: keys and values go untried. Gives how many rows of
    /// each system.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn remote_void(&self, case: &CaseNumber) -> Result<BTreeMap<String, u64>> {
        let mut left = BTreeMap::new();
        for step in self.remote_steps(case)?.into_iter().filter(|step| !step.is_done()) {
            *left.entry(step.system).or_default() += step.rows;
        }
        let case = self.case_row(case)?;
        self.prepare("DELETE FROM remote_step WHERE case_id = ?1 AND state = 'open'")?.execute([case])?;
        Ok(left)
    }

    /// Everything of a case elsewhere is done and told.
    ///
    /// # Errors
    /// As any write.
    pub fn remote_told(&self, case: &CaseNumber) -> Result<()> {
        let case = self.case_row(case)?;
        self.prepare("DELETE FROM remote_case WHERE case_id = ?1")?.execute([case])?;
        Ok(())
    }
}
