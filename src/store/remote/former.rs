//! Names that a correction replaced, while some other system may still have rows under them.

use std::collections::BTreeSet;

use crate::{
    domain::{CaseNumber, DutyKind, Identifier, Result, SubjectId},
    store::{KeyFile, SearchKey, Tx, View, column as at},
};

/// Beside the codes of identifiers: a value that is no name and by which rows are found all the same.
const VALUE: i64 = 33;

/// The mark of a name that was replaced: the name cannot be read from it.
pub type FormerMark = [u8; 32];

/// Makes the mark of a name.
pub fn former_mark(key: &KeyFile, controller: &str, name: &Identifier) -> FormerMark {
    let known = SearchKey::of(name);
    key.mac(controller, known.code, &known.key)
}

/// Makes the mark of a value by which rows refer to each other.
pub fn former_value(key: &KeyFile, controller: &str, value: &str) -> FormerMark {
    key.mac(controller, VALUE, value)
}

/// A correction that some other system does not have yet.
pub struct Former {
    /// The case.
    pub case: CaseNumber,
    /// Whose it is; `None`: they are not known here any more.
    pub subject: Option<SubjectId>,
    /// What it replaced.
    pub marks: BTreeSet<FormerMark>,
    /// Where it is not made: by a step that is open, or by people.
    pub places: BTreeSet<String>,
}

impl View<'_> {
    /// The corrections of a controller that replaced names and are not made everywhere.
    ///
    /// # Errors
    /// As any read.
    pub fn formers(&self, controller: &str) -> Result<Vec<Former>> {
        let sql = "SELECT DISTINCT f.number, f.id FROM former_name n JOIN case_file f ON f.id = n.case_id
                    WHERE f.controller = (SELECT id FROM controller WHERE code = ?1) ORDER BY f.id";
        let mut query = self.prepare(sql)?;
        let mut marks = self.prepare("SELECT mark FROM former_name WHERE case_id = ?1")?;
        let (mut rows, mut formers) = (query.query([controller])?, Vec::new());
        while let Some(row) = rows.next()? {
            let case: CaseNumber = at::word(row, 0)?;
            let places = self.uncorrected(&case)?;
            if !places.is_empty() {
                let marks = marks.query_map([row.get::<_, i64>(1)?], |row| row.get(0))?;
                let marks = marks.collect::<rusqlite::Result<_>>()?;
                let subject = self.case(&case)?.subject;
                formers.push(Former { case, subject, marks, places });
            }
        }
        Ok(formers)
    }

    /// Where a case is not done yet.
    fn uncorrected(&self, case: &CaseNumber) -> Result<BTreeSet<String>> {
        let duties = self.duties(case)?.into_iter().filter(|duty| duty.is_open());
        let by_hand = duties.filter(|duty| duty.what.kind == DutyKind::Manual).map(|duty| duty.what.place);
        let steps = self.remote_steps(case)?.into_iter().filter(|step| !step.is_done());
        Ok(by_hand.chain(steps.map(|step| step.system)).collect())
    }
}

impl Tx<'_> {
    /// Keeps what a correction replaced for as long as it is not made everywhere.
    ///
    /// # Errors
    /// Not found (exit 3): no such case.
    pub fn keep_former(&self, case: &CaseNumber, marks: &BTreeSet<FormerMark>) -> Result<()> {
        let case = self.case_row(case)?;
        let mut insert = self.prepare("INSERT OR IGNORE INTO former_name (case_id, mark) VALUES (?1, ?2)")?;
        for mark in marks {
            insert.execute((case, mark))?;
        }
        Ok(())
    }
}
