//! The act of destruction: opened in the transaction of the effects, closed only after the scan was clean.
//!
//! A kill in between leaves it pending, and whoever starts next can see that and finish. It says what
//! kinds of data went and why, never whose values.

use std::collections::BTreeMap;

use chrono::Datelike;
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::{
    super::{Period, Tx, View, column as at, fault::damaged},
    report::ScanReport,
};
use crate::{
    decide::by_hand,
    domain::{CaseNumber, Category, Duty, Error, Kind, Moment, Result, RunId, case::steps_of_act},
};

/// How bytes are destroyed, as the act names it.
pub const METHOD: &str =
    "deletion with overwriting, rebuilding of the file, zeroing of unused bytes, byte scan";

/// The level that is reached in the files; never more is claimed.
pub const LEVEL: &str = "NIST SP 800-88 Clear";

/// What stayed of a category, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLine {
    /// The category.
    pub category: String,
    /// Records.
    pub count: u64,
    /// Rule id.
    pub rule: String,
    /// The last day kept as an ISO day, where one is known.
    pub until: Option<String>,
}

/// An act to be opened.
#[derive(Clone, Debug)]
pub struct NewDestruction<'a> {
    /// The controller.
    pub controller: &'a str,
    /// The case it answers.
    pub case: Option<&'a CaseNumber>,
    /// The run it is part of.
    pub run: Option<RunId>,
    /// Records destroyed, by category.
    pub counts: BTreeMap<Category, u64>,
    /// The rules that ended them, sorted.
    pub rules: Vec<String>,
    /// What stayed.
    pub kept: Vec<KeptLine>,
    /// Now.
    pub at: Moment,
    /// Number of the audit entry of the effects: the one after the present head.
    pub seq: Option<u64>,
}

/// An act as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Destruction {
    /// Its number, `A-2026-000001`.
    pub number: String,
    /// The controller.
    pub controller: String,
    /// The case it answers.
    pub case: Option<CaseNumber>,
    /// The run it is part of.
    pub run: Option<RunId>,
    /// Records destroyed, by category.
    pub counts: BTreeMap<String, u64>,
    /// The rules that ended them.
    pub rules: Vec<String>,
    /// What stayed.
    pub kept: Vec<KeptLine>,
    /// How.
    pub method: String,
    /// The level reached.
    pub level: String,
    /// What was scanned; `None` before the first scan.
    pub scan: Option<ScanReport>,
    /// When the data went out of use.
    pub started: Moment,
    /// When no file held the bytes any more; `None`: still pending.
    pub finished: Option<Moment>,
    /// The audit entry of the effects.
    pub seq: Option<u64>,
    /// The audit entry that says `destroyed`.
    pub done_seq: Option<u64>,
}

/// Rows of the register itself stand in an act under this word, not under a category.
const REGISTER: &str = "register.";

impl Destruction {
    /// Records destroyed, or with values replaced; the register's own rows are none.
    pub fn records(&self) -> u64 {
        self.counts.iter().filter(|(word, _)| !word.starts_with(REGISTER)).map(|(_, n)| n).sum()
    }

    /// Whether only people destroyed anything: nothing of it was in reach of this program.
    pub fn is_by_hand(&self, duties: &[Duty]) -> bool {
        self.case.is_some() && self.counts.is_empty() && duties.iter().any(by_hand::is_destruction)
    }

    /// What it carries out: `request`, `night`, or `restore`, where what came back with a backup was destroyed again.
    pub fn cause(&self) -> &'static str {
        match (&self.case, self.run) {
            (Some(_), _) => "request",
            (None, Some(_)) => "night",
            (None, None) => "restore",
        }
    }

    /// The level that was reached; `None` before the act is finished.
    pub fn reached(&self) -> Option<&str> {
        self.finished.map(|_| self.level.as_str())
    }

    /// Whether the scan found nothing of it in any file, finished or not.
    pub fn is_clean(&self) -> bool {
        self.scan.as_ref().is_some_and(ScanReport::is_clean)
    }

    /// Rows of the register itself that were past their own term.
    pub fn register_rows(&self) -> u64 {
        self.counts.values().sum::<u64>() - self.records()
    }
}

const ACT: &str = "d.number, c.code, f.number, d.run, d.counts, d.rules, d.kept, d.method, d.level, d.scan,
    d.started_at, d.finished_at, d.seq, d.done_seq
    FROM destruction d JOIN controller c ON c.id = d.controller LEFT JOIN case_file f ON f.id = d.case_id";

/// Pending, and no step of its case is open in another system.
const CLOSABLE: &str = "d.state = 'pending'
    AND NOT EXISTS (SELECT 1 FROM remote_step s WHERE s.case_id = d.case_id AND s.state = 'open')
    AND NOT EXISTS (SELECT 1 FROM remote_case t WHERE t.case_id = d.case_id)";

impl View<'_> {
    /// Acts that are not finished: their bytes may still lie in a file. Oldest first.
    ///
    /// # Errors
    /// As any read.
    pub fn pending_destructions(&self) -> Result<Vec<Destruction>> {
        let mut query = self.prepare(&format!("SELECT {ACT} WHERE d.state = 'pending' ORDER BY d.id"))?;
        let mut rows = query.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(act_of(row)?);
        }
        Ok(all)
    }

    /// Numbers of the pending acts that a clean scan closes: while a step of its decision is open by hand, or one of its
    /// case in another system, the same data lies elsewhere, and nothing says `destroyed`; what is done there is told
    /// into it first.
    ///
    /// # Errors
    /// As any read.
    pub fn closable_destructions(&self) -> Result<Vec<String>> {
        let sql = format!("SELECT {ACT} WHERE {CLOSABLE} ORDER BY d.id");
        let mut query = self.prepare(&sql)?;
        let mut rows = query.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let act = act_of(row)?;
            if !self.duties_of_act(&act)?.iter().any(Duty::bars) {
                all.push(act.number);
            }
        }
        Ok(all)
    }

    /// What people have to do for the decision that an act draws up, and for no other of its case.
    ///
    /// # Errors
    /// As any read.
    pub fn duties_of_act(&self, act: &Destruction) -> Result<Vec<Duty>> {
        let Some(number) = &act.case else { return Ok(Vec::new()) };
        let (case, history) = (self.case(number)?, self.case_history(number)?);
        let events = history.iter().map(|entry| (entry.at, &entry.event));
        let own = steps_of_act((case.right, case.received), events, (&act.number, act.started));
        let mut duties = self.duties(number)?;
        duties.retain(|duty| own.as_ref().is_none_or(|own| own.contains(&duty.step)));
        Ok(duties)
    }

    /// The acts of a case, those that people's finds opened among them, in the order of their numbers.
    ///
    /// # Errors
    /// As any read.
    pub fn acts_of_case(&self, case: &CaseNumber) -> Result<Vec<Destruction>> {
        let mut query = self.prepare(&format!("SELECT {ACT} WHERE f.number = ?1 ORDER BY d.id"))?;
        let mut rows = query.query([case.as_str()])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(act_of(row)?);
        }
        Ok(all)
    }

    /// The acts of one run, one for each controller it destroyed something of.
    ///
    /// # Errors
    /// As any read.
    pub fn acts_of_run(&self, run: RunId) -> Result<Vec<Destruction>> {
        let mut query = self.prepare(&format!("SELECT {ACT} WHERE d.run = ?1 ORDER BY d.id"))?;
        let mut rows = query.query([run.as_bytes()])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(act_of(row)?);
        }
        Ok(all)
    }

    /// Acts begun in the period, in the order of their numbers.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_destruction(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(Destruction) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("d.started_at");
        let sql = format!("SELECT {ACT} WHERE {condition} ORDER BY d.id");
        self.stream(&sql, &values, |row| each(act_of(row)?))
    }

    /// One act by its number.
    ///
    /// # Errors
    /// Exit 3 if there is none.
    pub fn destruction(&self, number: &str) -> Result<Destruction> {
        let mut query = self.prepare(&format!("SELECT {ACT} WHERE d.number = ?1"))?;
        let mut rows = query.query([number])?;
        rows.next()?.map(act_of).transpose()?.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("there is no act of destruction `{number}`"))
                .hint("see them all: dsr report destruction")
        })
    }
}

impl Tx<'_> {
    /// Opens an act under the next number of the year, pending.
    ///
    /// # Errors
    /// As any write; exit 3 if there is no such case.
    pub fn open_destruction(&self, new: &NewDestruction<'_>) -> Result<String> {
        let year = new.at.day().year();
        let mut query =
            self.prepare("SELECT max(ifnull(max(nth), 0), ?2) + 1 FROM destruction WHERE year = ?1")?;
        let nth: u32 = query.query_row((year, self.passed(year)?), |row| row.get(0))?;
        let number = format!("A-{year}-{nth:06}");
        let counts: BTreeMap<&str, u64> = new.counts.iter().map(|(word, n)| (word.as_str(), *n)).collect();
        let mut insert = self.prepare(
            "INSERT INTO destruction (number, year, nth, controller, case_id, run, counts, rules, kept, state, method,
               level, started_at, seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', ?10, ?11, ?12, ?13)",
        )?;
        insert.execute(rusqlite::params![
            number,
            year,
            nth,
            self.controller_or_new(new.controller)?,
            new.case.map(|case| self.case_row(case)).transpose()?,
            new.run.as_ref().map(RunId::as_bytes),
            json(&counts)?,
            json(&new.rules)?,
            json(&new.kept)?,
            METHOD,
            LEVEL,
            new.at.unix(),
            new.seq.map(signed),
        ])?;
        Ok(number)
    }

    /// Adds to the counts and rules of an act of a run that works in batches, while it is pending.
    ///
    /// # Errors
    /// Exit 3 if there is no such act; exit 2 if it is finished.
    pub fn add_to_destruction(
        &self,
        number: &str,
        counts: &BTreeMap<Category, u64>,
        rules: &[String],
    ) -> Result<()> {
        let act = self.destruction(number)?;
        let mut all = act.counts;
        for (category, more) in counts {
            *all.entry(category.as_str().to_owned()).or_default() += more;
        }
        let rules: std::collections::BTreeSet<&String> = act.rules.iter().chain(rules).collect();
        let mut update = self.prepare(
            "UPDATE destruction SET counts = ?2, rules = ?3 WHERE number = ?1 AND state = 'pending'",
        )?;
        match update.execute((number, json(&all)?, json(&rules)?))? {
            1 => Ok(()),
            _ => Err(Error::usage(format!("the act of destruction `{number}` is finished"))),
        }
    }

    /// Says in an act of a run what stayed, once the run has judged everything.
    ///
    /// # Errors
    /// As any write.
    pub fn keep_in_destruction(&self, number: &str, kept: &[KeptLine]) -> Result<()> {
        let mut update =
            self.prepare("UPDATE destruction SET kept = ?2 WHERE number = ?1 AND state = 'pending'")?;
        update.execute((number, json(&kept)?))?;
        Ok(())
    }

    /// Writes down what a scan saw, in every act that is pending.
    pub(super) fn scanned(&self, report: &ScanReport) -> Result<()> {
        let sql = "UPDATE destruction SET scan = ?1 WHERE state = 'pending'";
        self.prepare(sql)?.execute([json(report)?])?;
        Ok(())
    }

    /// Finishes acts that nothing holds open.
    pub(super) fn finished(&self, acts: &[String], (at, seq): (Moment, Option<u64>)) -> Result<()> {
        let mut update = self.prepare(
            "UPDATE destruction SET state = 'destroyed', finished_at = ?2, done_seq = ?3
              WHERE number = ?1 AND state = 'pending'",
        )?;
        for act in acts {
            update.execute((act, at.unix(), seq.map(signed)))?;
        }
        Ok(())
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|cause| Error::new(Kind::Failed, "the act of destruction cannot be written").because(cause))
}

fn read<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    serde_json::from_str(at::text(row, column)?)
        .map_err(|_| damaged("an act of destruction in the store cannot be read"))
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|seq| u64::try_from(seq).ok()))
}

fn act_of(row: &Row<'_>) -> Result<Destruction> {
    let scanned = row.get_ref(9)? != rusqlite::types::ValueRef::Null;
    Ok(Destruction {
        number: row.get(0)?,
        controller: row.get(1)?,
        case: at::word_or_none(row, 2)?,
        run: row.get::<_, Option<[u8; 16]>>(3)?.map(RunId::from_bytes),
        counts: read(row, 4)?,
        rules: read(row, 5)?,
        kept: read(row, 6)?,
        method: row.get(7)?,
        level: row.get(8)?,
        scan: scanned.then(|| read(row, 9)).transpose()?,
        started: at::moment(row, 10)?,
        finished: at::moment_or_none(row, 11)?,
        seq: unsigned(row, 12)?,
        done_seq: unsigned(row, 13)?,
    })
}
