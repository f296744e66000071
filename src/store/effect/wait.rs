//! What a waiting case waits for, and what of it has ended. Re-opening is the caller's: nothing here moves a case.

use super::stale;
use crate::{
    domain::{CaseNumber, Moment, Result, SubjectId},
    store::{
        CaseFile, Tx, View,
        case_file::{CASE, case_of},
        column as at,
        fault::damaged,
    },
};

/// What a case waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// The end of an obligation, by its row.
    Obligation(i64),
    /// The lifting of a block, by its row.
    Block(i64),
    /// A document that the person has to bring.
    Document,
    /// The answer of another case, by its row.
    Answer(i64),
    /// The release of a hold, by its row.
    Hold(i64),
}

impl Wait {
    fn columns(self) -> (&'static str, Option<i64>) {
        match self {
            Self::Obligation(id) => ("obligation", Some(id)),
            Self::Block(id) => ("block", Some(id)),
            Self::Document => ("document", None),
            Self::Answer(id) => ("answer", Some(id)),
            Self::Hold(id) => ("hold", Some(id)),
        }
    }

    fn read(kind: &str, target: Option<i64>) -> Result<Self> {
        match (kind, target) {
            ("obligation", Some(id)) => Ok(Self::Obligation(id)),
            ("block", Some(id)) => Ok(Self::Block(id)),
            ("document", _) => Ok(Self::Document),
            ("answer", Some(id)) => Ok(Self::Answer(id)),
            ("hold", Some(id)) => Ok(Self::Hold(id)),
            _ => Err(damaged("what a case waits for cannot be read")),
        }
    }
}

/// A waiting case of which one wait is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedWait {
    /// The case.
    pub case: CaseNumber,
    /// Its controller.
    pub controller: String,
    /// The person.
    pub subject: Option<SubjectId>,
    /// What is over.
    pub wait: Wait,
    /// What is over, as the source system calls an obligation.
    pub reference: Option<String>,
    /// When it ended: terms run from here.
    pub ended: Moment,
}

/// Whether a case of `case_file f` was opened again and nobody has completed it since.
pub(super) const REOPENED: &str =
    "(SELECT max(id) FROM case_event WHERE case_id = f.id AND kind = 'reopened')
        > ifnull((SELECT max(id) FROM case_event WHERE case_id = f.id AND kind = 'executed'), 0)";

impl Tx<'_> {
    /// From now on the case waits for exactly this; for nothing, if `waits` is empty.
    ///
    /// # Errors
    /// Exit 3 if there is no such case; exit 5 if an obligation, block or hold is not there.
    pub fn wait_for(&self, case: &CaseNumber, waits: &[Wait]) -> Result<()> {
        let case = self.case_row(case)?;
        self.prepare("DELETE FROM case_wait WHERE case_id = ?1")?.execute([case])?;
        let mut insert = self.prepare("INSERT INTO case_wait (case_id, kind, target) VALUES (?1, ?2, ?3)")?;
        for wait in waits {
            let (kind, target) = wait.columns();
            self.must_stand(*wait)?;
            insert.execute((case, kind, target))?;
        }
        Ok(())
    }

    fn must_stand(&self, wait: Wait) -> Result<()> {
        let (sql, id) = match wait {
            Wait::Obligation(id) => ("SELECT 1 FROM obligation WHERE id = ?1", id),
            Wait::Block(id) => ("SELECT 1 FROM block WHERE id = ?1", id),
            Wait::Answer(id) => ("SELECT 1 FROM case_file WHERE id = ?1", id),
            Wait::Hold(id) => ("SELECT 1 FROM hold WHERE id = ?1", id),
            Wait::Document => return Ok(()),
        };
        if self.prepare(sql)?.exists([id])? { Ok(()) } else { Err(stale()) }
    }
}

impl View<'_> {
    /// The wait for the answer of a case.
    ///
    /// # Errors
    /// Exit 3 if there is no such case.
    pub fn answer_of(&self, case: &CaseNumber) -> Result<Wait> {
        self.case_row(case).map(Wait::Answer)
    }

    /// Open cases that were opened again and that no officer has completed since.
    ///
    /// # Errors
    /// As any read.
    pub fn reopened_cases(&self) -> Result<Vec<CaseNumber>> {
        let sql = format!(
            "SELECT number FROM case_file f WHERE ended_at IS NULL AND state <> 'refused' AND {REOPENED} ORDER BY id"
        );
        let mut all = Vec::new();
        self.stream(&sql, &[], |row| {
            all.push(at::word(row, 0)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// What a case waits for.
    ///
    /// # Errors
    /// Exit 3 if there is no such case.
    pub fn waits(&self, case: &CaseNumber) -> Result<Vec<Wait>> {
        let mut query = self.prepare("SELECT kind, target FROM case_wait WHERE case_id = ?1 ORDER BY id")?;
        let mut rows = query.query([self.case_row(case)?])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Wait::read(at::text(row, 0)?, row.get(1)?)?);
        }
        Ok(all)
    }

    /// Every waiting case of a controller, or of all, with what it waits for.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_waiting_case(
        &self,
        controller: Option<&str>,
        mut each: impl FnMut(CaseFile, Vec<Wait>) -> Result<()>,
    ) -> Result<()> {
        let sql =
            format!("SELECT {CASE} WHERE f.state = 'waiting' AND (?1 IS NULL OR c.code = ?1) ORDER BY f.id");
        self.stream(&sql, &[Box::new(controller)], |row| {
            let case = case_of(row)?;
            let waits = self.waits(&case.number)?;
            each(case, waits)
        })
    }

    /// Every wait that is over while its case still waits: the obligation was closed, the block lifted or the
    /// hold released. A case that was refused for an open obligation waits too: the letter says so. Of a controller or of all; of one person or
    /// of all.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_ended_wait(
        &self,
        controller: Option<&str>,
        subject: Option<SubjectId>,
        mut each: impl FnMut(EndedWait) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT f.number, c.code, f.subject, w.kind, w.target, o.ref,
                    coalesce(o.closed_at, b.lifted_at, h.released_at, a.answered_at, a.ended_at)
              FROM case_file f JOIN controller c ON c.id = f.controller JOIN case_wait w ON w.case_id = f.id
              LEFT JOIN obligation o ON w.kind = 'obligation' AND o.id = w.target
              LEFT JOIN block b ON w.kind = 'block' AND b.id = w.target
              LEFT JOIN hold h ON w.kind = 'hold' AND h.id = w.target
              LEFT JOIN case_file a ON w.kind = 'answer' AND a.id = w.target
             WHERE (f.state = 'waiting' OR f.state = 'refused' AND w.kind = 'obligation' AND 'RF-OBLIG' = (
                     SELECT json_extract(payload, '$.ground') FROM case_event
                      WHERE case_id = f.id AND kind = 'refused' ORDER BY id DESC LIMIT 1))
               AND coalesce(o.closed_at, b.lifted_at, h.released_at, a.answered_at, a.ended_at) IS NOT NULL
               AND (?1 IS NULL OR c.code = ?1) AND (?2 IS NULL OR f.subject = ?2) ORDER BY f.id, w.id";
        let subject = subject.map(|id| *id.as_bytes());
        self.stream(sql, &[Box::new(controller), Box::new(subject)], |row| {
            each(EndedWait {
                case: at::word(row, 0)?,
                controller: row.get(1)?,
                subject: row.get::<_, Option<[u8; 16]>>(2)?.map(SubjectId::from_bytes),
                wait: Wait::read(at::text(row, 3)?, row.get(4)?)?,
                reference: row.get(5)?,
                ended: at::moment(row, 6)?,
            })
        })
    }
}
