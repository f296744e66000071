//! "Never again for this": purposes that a person has stopped.
//!
//! One row for each mark of the person, so that any of their identifiers meets it at an import, also after
//! they were destroyed. The first row of each stands for all.

use super::Person;
use crate::{
    domain::{CaseNumber, Moment, Purpose, Result, SubjectId},
    store::{KeyFile, Period, Tx, View, column as at},
};

/// One suppression as reports list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionEntry {
    /// Its row.
    pub id: i64,
    /// The controller.
    pub controller: String,
    /// The person; `None` once they were destroyed.
    pub subject: Option<SubjectId>,
    /// What is stopped.
    pub purpose: Purpose,
    /// Since when.
    pub since: Moment,
    /// Until when.
    pub lifted: Option<Moment>,
    /// The case it serves.
    pub case: Option<CaseNumber>,
}

impl Tx<'_> {
    /// Stops purposes for a person; those stopped already stay as they are. Gives those that are new.
    ///
    /// # Errors
    /// As any write; exit 3 if there is no such case.
    pub fn suppress(
        &self,
        person: &Person,
        purposes: &[Purpose],
        key: &KeyFile,
        case: Option<&CaseNumber>,
        at: Moment,
    ) -> Result<Vec<Purpose>> {
        let case = case.map(|number| self.case_row(number)).transpose()?;
        let marks = person.marks_of_all(key);
        let mut new = Vec::new();
        for purpose in purposes {
            if new.contains(purpose) || self.is_suppressed(person, purpose)? {
                continue;
            }
            let row = (person.root_row(), person.controller, purpose.as_str(), at.unix(), case);
            self.write_suppression(row, &marks)?;
            new.push(purpose.clone());
        }
        Ok(new)
    }

    fn write_suppression(
        &self,
        (subject, controller, purpose, since, case): (i64, i64, &str, i64, Option<i64>),
        marks: &[(i64, [u8; 32])],
    ) -> Result<()> {
        let mut insert = self.prepare(
            "INSERT INTO suppression (subject, controller, purpose, since, case_id, head, type, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        // Somebody without any name is still known by their row.
        let none = (marks.is_empty()).then_some(None);
        for (nth, mark) in marks.iter().map(Some).chain(none).enumerate() {
            let (code, mac) = (mark.map(|mark| mark.0), mark.map(|mark| mark.1));
            insert.execute((subject, controller, purpose, since, case, nth == 0, code, mac))?;
        }
        Ok(())
    }

    fn is_suppressed(&self, person: &Person, purpose: &Purpose) -> Result<bool> {
        let mut query = self.prepare(
            "SELECT EXISTS (SELECT 1 FROM suppression WHERE subject = ?1 AND purpose = ?2 AND lifted_at IS NULL)",
        )?;
        for subject in &person.rows {
            if query.query_row((subject, purpose.as_str()), |row| row.get(0))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Ends suppressions of a person; gives how many were in force.
    ///
    /// # Errors
    /// As any write.
    pub fn lift_suppressions(&self, person: &Person, purposes: &[Purpose], at: Moment) -> Result<u64> {
        let mut update = self.prepare(
            "UPDATE suppression SET lifted_at = ?3 WHERE subject = ?1 AND purpose = ?2 AND lifted_at IS NULL
             RETURNING head",
        )?;
        let mut lifted = 0;
        for purpose in purposes {
            for subject in &person.rows {
                let mut rows = update.query((subject, purpose.as_str(), at.unix()))?;
                while let Some(row) = rows.next()? {
                    lifted += u64::from(row.get::<_, bool>(0)?);
                }
            }
        }
        Ok(lifted)
    }

    /// A person came back after they were destroyed: what they had stopped is theirs again. Gives how many
    /// rows were met.
    ///
    /// # Errors
    /// As any write.
    pub fn adopt_suppressions(&self, person: &Person, key: &KeyFile) -> Result<u64> {
        let mut update = self.prepare(
            "UPDATE suppression SET subject = ?1
              WHERE mac = ?2 AND controller = ?3 AND subject IS NULL AND lifted_at IS NULL",
        )?;
        let mut met = 0;
        for (_, mark) in person.marks(key) {
            met += update.execute((person.root_row(), mark, person.controller))? as u64;
        }
        Ok(met)
    }
}

impl View<'_> {
    /// Suppressions begun in the period, oldest first, lifted ones too.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_suppression(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(SuppressionEntry) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("p.since");
        let sql = format!(
            "SELECT p.id, c.code, s.uid, p.purpose, p.since, p.lifted_at, f.number
               FROM suppression p JOIN controller c ON c.id = p.controller
               LEFT JOIN subject s ON s.id = p.subject LEFT JOIN case_file f ON f.id = p.case_id
              WHERE p.head = 1 AND {condition} ORDER BY p.id"
        );
        self.stream(&sql, &values, |row| {
            each(SuppressionEntry {
                id: row.get(0)?,
                controller: row.get(1)?,
                subject: row.get::<_, Option<[u8; 16]>>(2)?.map(SubjectId::from_bytes),
                purpose: Purpose::new(at::text(row, 3)?),
                since: at::moment(row, 4)?,
                lifted: at::moment_or_none(row, 5)?,
                case: at::word_or_none(row, 6)?,
            })
        })
    }
}
