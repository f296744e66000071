//! From checked rows to the store: what is new, what is the same, what may not come back.

use std::collections::HashMap;

use crate::{
    domain::Result,
    store::load::{
        Dangling, Load, Refusal, Rests, Standing,
        row::{Row, RowKind},
    },
};

use super::{
    check::Checker,
    complaint::{Complaint, Complaints},
    guard::{self, Guard},
    read::Batch,
    report::ImportReport,
};

/// An import being written.
pub struct Writing<'a, 't> {
    load: Load<'t>,
    guard: &'a dyn Guard,
    checker: Checker<'a>,
    /// What was done so far.
    pub report: ImportReport,
    /// What is wrong so far.
    pub faults: Complaints,
    refused: HashMap<(RowKind, String), u64>,
    postponed: Vec<(i64, Row)>,
    set_aside: HashMap<String, Row>,
    returned: Vec<String>,
}

/// Changes that wait for the end of the file because of what they rest on; more would cost memory.
const MOST_POSTPONED: usize = 10_000;
/// Destroyed people whose lines wait for something newer; more would cost memory.
const MOST_SET_ASIDE: usize = 50_000;
/// Why a line of a destroyed person is not taken.
const ERASED: &str = "it was destroyed, and this was collected before";
/// Refused lines whose refs are remembered, to tell consequences from causes.
const MOST_REFUSED: usize = 10_000;

impl<'a, 't> Writing<'a, 't> {
    /// Begins with nothing done.
    pub fn new(load: Load<'t>, guard: &'a dyn Guard, checker: Checker<'a>, report: ImportReport) -> Self {
        let (refused, postponed) = (HashMap::new(), Vec::new());
        let (set_aside, returned) = (HashMap::new(), Vec::new());
        let faults = Complaints::default();
        Self { load, guard, checker, report, faults, refused, postponed, set_aside, returned }
    }

    /// Writes the rows of a piece.
    ///
    /// # Errors
    /// As any write; what is wrong with a row is no error here but a fault.
    pub fn take(&mut self, batch: &mut Batch) -> Result<()> {
        self.report.read.append(batch.read);
        self.report.warnings.append(std::mem::take(&mut batch.found.warnings));
        self.faults.append(std::mem::take(&mut batch.found.complaints));
        for (kind, reference, line) in batch.refused.drain(..) {
            if self.refused.len() < MOST_REFUSED {
                self.refused.entry((kind, reference)).or_insert(line);
            }
        }
        batch.rows.iter_mut().try_for_each(|row| self.row(row))
    }

    fn row(&mut self, row: &mut Row) -> Result<()> {
        if guard::is_erased(self.guard, row)? {
            self.leave_out(row);
            return Ok(());
        }
        if let Some(mut person) = self.set_aside.remove(&row.subject.text) {
            self.returned.push(person.reference.text.clone());
            self.write(&mut person)?;
        }
        self.write(row)
    }

    /// A destroyed person's line waits for something collected later: then they are a returning customer.
    fn leave_out(&mut self, row: &mut Row) {
        if row.kind() == RowKind::Subject && self.set_aside.len() < MOST_SET_ASIDE {
            self.set_aside.insert(row.reference.text.clone(), row.take());
            return;
        }
        self.report.left_out.push(Complaint::line(row.line, ERASED));
    }

    fn write(&mut self, row: &mut Row) -> Result<()> {
        let note = guard::without_suppressed(self.guard, row)?;
        note.into_iter().for_each(|note| self.report.altered.push(note));
        let kind = row.kind();
        match self.load.standing(row)? {
            Standing::Same => self.report.unchanged.add(kind),
            Standing::Refused(why) => self.faults.push(refused(row, why)),
            Standing::New => match self.load.rests_on(row)? {
                Rests::Ill(why) => self.faults.push(refused(row, why)),
                Rests::Well | Rests::Open => {
                    self.load.add(row)?;
                    self.report.added.add(kind);
                }
            },
            Standing::Changed(id) => return self.change(id, row, true),
        }
        Ok(())
    }

    fn change(&mut self, id: i64, row: &mut Row, may_wait: bool) -> Result<()> {
        match self.load.rests_on(row)? {
            Rests::Ill(why) => self.faults.push(refused(row, why)),
            Rests::Open if may_wait && self.postponed.len() < MOST_POSTPONED => {
                self.postponed.push((id, row.take()));
            }
            Rests::Open => {
                let why = "the obligation or consent it names is neither in this file nor in the store";
                self.faults.push(Complaint::line(row.line, why));
            }
            Rests::Well => {
                let kind = row.kind();
                let stored = if kind == RowKind::Record { self.load.rectified(id)? } else { None };
                let notes = guard::with_rectified(&self.checker, row, stored);
                notes.into_iter().for_each(|note| self.report.altered.push(note));
                self.load.change(id, row)?;
                self.report.updated.add(kind);
            }
        }
        Ok(())
    }

    /// The end of the file: what was put off, what never came, and the indexes.
    ///
    /// # Errors
    /// As any write.
    pub fn finish(mut self, keep_going: bool) -> Result<(ImportReport, Complaints, Vec<String>)> {
        for (reference, mut person) in std::mem::take(&mut self.set_aside) {
            if self.load.is_awaited(&reference)? {
                self.returned.push(reference);
                self.write(&mut person)?;
            } else {
                self.report.left_out.push(Complaint::line(person.line, ERASED));
            }
        }
        for (id, mut row) in std::mem::take(&mut self.postponed) {
            self.change(id, &mut row, false)?;
        }
        let (faults, refused, added) = (&mut self.faults, &self.refused, &mut self.report.added);
        let mut last = None;
        self.load.dangling(keep_going, |dangling| {
            faults.push(never_came(dangling, refused));
            if last != Some(dangling.line) {
                added.take(dangling.kind());
                last = Some(dangling.line);
            }
        })?;
        if keep_going || self.faults.is_empty() {
            for line in self.load.finish()? {
                self.faults.push(twice(line));
                self.report.added.take(RowKind::Record);
            }
        }
        self.faults.sort();
        Ok((self.report, self.faults, self.returned))
    }
}

fn refused(row: &Row, why: Refusal) -> Complaint {
    let at = |complaint: Complaint, column: u32, field: &str| complaint.column(column).field(field);
    let own = row.reference.column;
    match why {
        Refusal::Twice => at(twice(row.line), own, "ref"),
        Refusal::OtherPerson => {
            let message = "in the store this ref belongs to another person";
            at(Complaint::line(row.line, message), own, "ref")
        }
        Refusal::OtherObligation => {
            Complaint::line(row.line, "the obligation is another person's").field("obligation")
        }
        Refusal::OtherConsent => {
            Complaint::line(row.line, "the consent is another person's").field("consent")
        }
    }
}

fn twice(line: u64) -> Complaint {
    Complaint::line(line, "the same ref stands on an earlier line").field("ref")
}

fn never_came(dangling: &Dangling, refused: &HashMap<(RowKind, String), u64>) -> Complaint {
    let target = dangling.target;
    let message = match refused.get(&(target, dangling.reference.clone())) {
        Some(line) => format!("the {target} it names stands on line {line}, which is wrong"),
        None => format!("the {target} it names is neither in this file nor in the store"),
    };
    Complaint::line(dangling.line, message).column(dangling.column).field(target.as_str())
}
