//! From a file to checked rows, a piece at a time. Needs no store.

use crate::{
    domain::{Error, Result},
    store::load::row::{Row, RowKind},
};

use super::{
    check::{Checker, Found},
    complaint::Complaints,
    json,
    line::Raw,
    place::Locator,
    report::Counts,
    sheet::Sheet,
    source::{Form, Piece, Pieces},
    value::Text,
};

/// The rows of a piece of the file.
#[derive(Default)]
pub struct Batch {
    /// Those that are right.
    pub rows: Vec<Row>,
    /// Lines that were understood, right or not.
    pub read: Counts,
    /// The refs of those that are not: what points at them is wrong for that reason.
    pub refused: Vec<(RowKind, String, u64)>,
    /// What is wrong or odd.
    pub found: Found,
    /// Bytes of the file up to here.
    pub bytes: u64,
}

/// An input being read.
pub struct Reading<'v> {
    pieces: Pieces,
    checker: Checker<'v>,
    sheet: Option<Sheet>,
    name: String,
}

impl<'v> Reading<'v> {
    /// Begins to read; `name` is what the input is called in errors.
    pub fn new(name: &str, pieces: Pieces, checker: Checker<'v>) -> Self {
        Self { pieces, checker, sheet: None, name: name.to_owned() }
    }

    /// The size of the file, where it is one.
    pub fn size(&self) -> Option<u64> {
        self.pieces.size
    }

    /// The rows of the next piece; `None` at the end.
    ///
    /// # Errors
    /// Bad input that makes all lines unreadable: an encoding, a header. Failed: it cannot be read.
    pub fn batch(&mut self) -> Result<Option<Batch>> {
        let Some(mut piece) = self.pieces.piece()? else { return Ok(None) };
        let mut batch = Batch { bytes: piece.bytes, ..Batch::default() };
        match self.pieces.form {
            Form::Ndjson => self.json(&piece, &mut batch),
            Form::Csv => self.csv(&mut piece, &mut batch).map_err(|all| refusal(&self.name, &all))?,
        }
        Ok(Some(batch))
    }

    fn json(&self, piece: &Piece, batch: &mut Batch) {
        let mut lines = (piece.line..).zip(piece.text.lines()).peekable();
        while let Some((number, line)) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            let at_end = piece.cut && lines.peek().is_none();
            match json::parse(number, line) {
                Ok(raw) => batch.take(&self.checker, number, &raw, &Locator::Json(line)),
                Err(complaint) if at_end && complaint.message.starts_with("the line ends") => {
                    batch.found.complaints.push(complaint.hint("the file may be cut off here"));
                }
                Err(complaint) => batch.found.complaints.push(complaint),
            }
        }
    }

    fn csv(&mut self, piece: &mut Piece, batch: &mut Batch) -> Result<(), Complaints> {
        let mut sheet = match self.sheet.take() {
            Some(sheet) => sheet,
            None => Sheet::new(piece, self.pieces.stem.as_deref())?,
        };
        let checker = self.checker;
        sheet.rows(piece, |sheet, line, raw| match raw {
            Ok(raw) => batch.take(&checker, line, &raw, &Locator::Csv(sheet.header())),
            Err(complaint) => batch.found.complaints.push(complaint),
        })?;
        self.sheet = Some(sheet);
        Ok(())
    }
}

impl Batch {
    fn take(&mut self, checker: &Checker<'_>, line: u64, raw: &Raw<'_>, locator: &Locator<'_>) {
        let (kind, reference) = name_of(raw);
        self.read.add(kind);
        match checker.check(line, raw, locator, &mut self.found) {
            Some(row) => self.rows.push(row),
            None => self.refused.extend(reference.map(|text| (kind, text.get().to_owned(), line))),
        }
    }
}

fn name_of<'r, 'a>(raw: &'r Raw<'a>) -> (RowKind, Option<&'r Text<'a>>) {
    match raw {
        Raw::Subject(raw) => (RowKind::Subject, raw.reference.as_ref()),
        Raw::Record(raw) => (RowKind::Record, raw.reference.as_ref()),
        Raw::Consent(raw) => (RowKind::Consent, raw.reference.as_ref()),
        Raw::Obligation(raw) => (RowKind::Obligation, raw.reference.as_ref()),
        Raw::Disclosure(raw) => (RowKind::Disclosure, raw.reference.as_ref()),
        Raw::Contact(raw) => (RowKind::Contact, raw.reference.as_ref()),
    }
}

/// The error that lists complaints, `file:line:column: message` each.
pub fn refusal(name: &str, complaints: &Complaints) -> Error {
    let error = match complaints.total() {
        1 => Error::usage(format!("1 fault in `{name}`: nothing was imported")),
        many => Error::usage(format!("{many} faults in `{name}`: nothing was imported")),
    };
    error.picture(complaints.picture(name))
}
