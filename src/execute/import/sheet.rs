//! CSV: one kind a file, the same names as in NDJSON.
//!
//! `identifier.phone` columns make identifiers, `data.` columns the payload; an empty cell is absent.

pub mod header;

use csv::{ReaderBuilder, StringRecord};

use crate::{domain::IdentifierType, store::load::row::RowKind};

use super::{
    complaint::{Complaint, Complaints},
    line::{Raw, RawConsent, RawContact, RawDisclosure, RawIdentifier, RawObligation, RawRecord, RawSubject},
    source::Piece,
    value::{Data, Text, Value},
};
use header::Header;

/// A CSV file whose header is understood.
pub struct Sheet {
    header: Header,
    kind: Kind,
}

/// Where the kind stands.
enum Kind {
    /// The file's name says it.
    File(RowKind),
    /// A column says it; what the first row said.
    Column(usize, Option<RowKind>),
}

impl Sheet {
    /// Reads the header off the first piece, which then begins with the first row.
    ///
    /// # Errors
    /// What is wrong with the header.
    pub fn new(piece: &mut Piece, stem: Option<&str>) -> Result<Self, Complaints> {
        let header = Header::take(piece);
        if header.names.len() > header::MOST_COLUMNS {
            let complaint = Complaint::line(header.line, "a sheet has at most 1,000 columns");
            return Err(Complaints::of(complaint.hint("look whether its separator is `,`, `;` or a tab")));
        }
        let column = header.names.iter().position(|name| name == "kind");
        let kind = match (column, stem.and_then(header::kind_of_stem)) {
            (Some(at), _) => Kind::Column(at, None),
            (None, Some(kind)) => Kind::File(kind),
            (None, None) => {
                let complaint = Complaint::line(header.line, "nothing says what kind of lines these are");
                let hint = "add a column `kind`, or name the file `records.csv`";
                return Err(Complaints::of(complaint.hint(hint)));
            }
        };
        if let Kind::File(kind) = kind {
            header.check(kind)?;
        }
        header.check_twice()?;
        Ok(Self { header, kind })
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header.names
    }

    /// Hands out each row of a piece: its line, and what it says or what is wrong with it.
    ///
    /// # Errors
    /// What is wrong with the header for the kind that the first row names.
    pub fn rows(
        &mut self,
        piece: &Piece,
        mut each: impl FnMut(&Self, u64, Result<Raw<'_>, Complaint>),
    ) -> Result<(), Complaints> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.header.separator)
            .from_reader(piece.text.as_bytes());
        let (mut row, mut lines) =
            (StringRecord::new(), Lines { text: &piece.text, at: 0, line: piece.line });
        while reader.read_record(&mut row).unwrap_or(false) {
            let start = row.position().map_or(0, csv::Position::byte);
            let line = lines.of(usize::try_from(start).unwrap_or(usize::MAX));
            if row.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            let cut = piece.cut && end >= piece.text.len();
            if row.len() != self.header.names.len() {
                each(self, line, Err(self.wrong_width(line, row.len(), cut)));
                continue;
            }
            if cut && quotes_are_odd(piece.text.get(lines.at..).unwrap_or_default()) {
                let message = "the file ends inside a cell in quotation marks; it may be cut off";
                each(self, line, Err(Complaint::line(line, message)));
                continue;
            }
            match self.kind_of(line, &row)? {
                Ok(kind) => each(self, line, self.raw(line, kind, &row)),
                Err(complaint) => each(self, line, Err(complaint)),
            }
        }
        Ok(())
    }

    fn wrong_width(&self, line: u64, cells: usize, cut: bool) -> Complaint {
        let header = self.header.names.len();
        let complaint = Complaint::line(line, format!("the row has {cells} cells, the header {header}"));
        match cells < header {
            true if cut => complaint.hint("the file may be cut off here"),
            true => complaint.hint("a cell or a separator is missing"),
            false => complaint.hint("put a cell that holds the separator into quotation marks"),
        }
    }

    /// The kind of a row; the first one's is the file's.
    fn kind_of(&mut self, line: u64, row: &StringRecord) -> Result<Result<RowKind, Complaint>, Complaints> {
        let Kind::Column(at, first) = self.kind else {
            let Kind::File(kind) = self.kind else { return Ok(Err(Complaint::line(line, "no kind"))) };
            return Ok(Ok(kind));
        };
        let column = u32::try_from(at + 1).unwrap_or(0);
        let wrong = |why: String| Complaint::line(line, why).column(column).field("kind");
        let kind = match row.get(at).unwrap_or_default().parse::<RowKind>() {
            Ok(kind) => kind,
            Err(why) => return Ok(Err(wrong(why))),
        };
        match first {
            Some(first) if first == kind => {}
            Some(first) => {
                let message = format!("a {kind} in a file of another kind: the first row is a {first}");
                return Ok(Err(wrong(message).hint("one kind a file")));
            }
            None => {
                self.header.check(kind)?;
                self.kind = Kind::Column(at, Some(kind));
            }
        }
        Ok(Ok(kind))
    }

    fn raw<'r>(&self, line: u64, kind: RowKind, row: &'r StringRecord) -> Result<Raw<'r>, Complaint> {
        let wrong = |(name, wanted): (&str, &str)| self.wrong_cell(line, name, wanted);
        let cells = self.cells(row);
        Ok(match kind {
            RowKind::Subject => {
                let mut raw = RawSubject::from_cells(cells).map_err(wrong)?;
                raw.identifiers = Some(self.identifiers(row));
                Raw::Subject(raw)
            }
            RowKind::Record => {
                let mut raw = RawRecord::from_cells(cells).map_err(wrong)?;
                raw.data = Some(self.data(row));
                Raw::Record(raw)
            }
            RowKind::Consent => Raw::Consent(RawConsent::from_cells(cells).map_err(wrong)?),
            RowKind::Obligation => Raw::Obligation(RawObligation::from_cells(cells).map_err(wrong)?),
            RowKind::Disclosure => Raw::Disclosure(RawDisclosure::from_cells(cells).map_err(wrong)?),
            RowKind::Contact => Raw::Contact(RawContact::from_cells(cells).map_err(wrong)?),
        })
    }

    fn wrong_cell(&self, line: u64, name: &str, wanted: &str) -> Complaint {
        Complaint::line(line, format!("{wanted} is expected here"))
            .column(self.header.column(name))
            .field(name)
    }

    /// The cells with something in them, by the name of their column.
    fn cells<'s, 'r>(&'s self, row: &'r StringRecord) -> impl Iterator<Item = (&'s str, &'r str)> {
        let cells = self.header.names.iter().map(String::as_str).zip(row);
        cells.filter(|(_, cell)| !cell.trim().is_empty())
    }

    fn identifiers<'r>(&self, row: &'r StringRecord) -> Vec<RawIdentifier<'r>> {
        let typed = |name: &str| name.strip_prefix("identifier.").and_then(|kind| kind.parse().ok());
        let lists = self.cells(row).filter_map(|(name, cell)| Some((typed(name)?, cell)));
        lists
            .flat_map(|(kind, cell): (IdentifierType, _)| cell.split('|').map(move |value| (kind, value)))
            .map(|(kind, value)| RawIdentifier {
                kind: Some(kind.as_str().into()),
                value: Some(value.into()),
            })
            .collect()
    }

    fn data<'r>(&self, row: &'r StringRecord) -> Data<'r> {
        let fields = self.cells(row).filter_map(|(name, cell)| Some((name.strip_prefix("data.")?, cell)));
        Data(fields.map(|(name, cell)| (name.to_owned().into(), Value::Text(Text::from(cell)))).collect())
    }
}

/// Counts lines up to a byte of a piece; the reader's own count is off by one after `\r\n`.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that starts at or after a byte.
    fn of(&mut self, start: usize) -> u64 {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let start = start + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.as_bytes().get(self.at..start).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = start;
        self.line
    }
}

fn quotes_are_odd(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn piece(text: &str) -> Piece {
        Piece { line: 1, text: text.to_owned(), bytes: 0, cut: !text.ends_with('\n') }
    }

    /// Line numbers of good rows and texts of complaints.
    fn read(text: &str, stem: &str) -> Vec<String> {
        let mut piece = piece(text);
        let mut said = Vec::new();
        let rows = Sheet::new(&mut piece, Some(stem)).and_then(|mut sheet| {
            sheet.rows(&piece, |_, line, raw| {
                said.push(match raw {
                    Ok(_) => line.to_string(),
                    Err(complaint) => complaint.to_string(),
                });
            })
        });
        said.extend(rows.err().iter().flat_map(|all| all.shown().iter().map(ToString::to_string)));
        said
    }

    #[test]
    fn separators_line_ends_and_blank_rows() {
        for text in [
            "ref,at,direction,subject\nT-1,2024-01-01,in,C-1\n\n,,,\nT-2,2024-01-01,in,C-1\n",
            "ref;at;direction;subject\r\nT-1;2024-01-01;in;C-1\r\n\r\n;;;\r\nT-2;2024-01-01;in;C-1\r\n",
            "REF\tat\tdirection\t subject \nT-1\t2024-01-01\tin\tC-1\n\n\t\t\t\nT-2\t2024-01-01\tin\tC-1",
        ] {
            assert_eq!(read(text, "contacts"), ["2", "5"], "{text}");
        }
        let quoted = "sep=;\r\nref;at;direction;\"subject\"\r\n\"T\r\n1\";2024-01-01;in;C-1\r\nT-2;;;\r\n";
        assert_eq!(read(quoted, "Contact"), ["3", "5"]);
    }

    #[test]
    fn sheets_that_are_refused() {
        for (text, stem, said) in [
            (
                "ref,at\nT-1,x\n",
                "upload",
                "1: nothing says what kind of lines these are (add a column `kind`, or name the file `records.csv`)",
            ),
            ("ref,subjct\nT-1,x\n", "contacts", "1:2: unknown column `subjct` (did you mean `subject`?)"),
            (
                "T-1,87010000001\nT-1,x\n",
                "contacts",
                "1:1: unknown column (known columns: kind, ref, subject, at, direction)\n1:2: unknown column (known columns: kind, ref, subject, at, direction)",
            ),
            ("ref,at,at\nT-1,x,y\n", "contacts", "1:3: the column `at` stands twice"),
            ("ref,,at\nT-1,x,y\n", "contacts", "1:2: a column has no name"),
            ("kind,ref\ncontcat,T-1\n", "x", "2:1: kind: unknown kind; did you mean `contact`?"),
            (
                "kind,ref,data.phone\ncontact,T-1,8\n",
                "x",
                "1:3: unknown column `data.phone` (known columns: kind, ref, subject, at, direction)",
            ),
            (
                "ref,at\nT-1\n",
                "contacts",
                "2: the row has 1 cells, the header 2 (a cell or a separator is missing)",
            ),
            (
                "ref,at\nT-1,a,b\n",
                "contacts",
                "2: the row has 3 cells, the header 2 (put a cell that holds the separator into quotation marks)",
            ),
            (
                "ref,at\nT-1",
                "contacts",
                "2: the row has 1 cells, the header 2 (the file may be cut off here)",
            ),
            (
                "ref,at\nT-1,\"2024",
                "contacts",
                "2: the file ends inside a cell in quotation marks; it may be cut off",
            ),
            ("ref,third_party\nK-1,9001\n", "consents", "2:2: third_party: true or false is expected here"),
        ] {
            assert_eq!(read(text, stem).join("\n"), said, "{text}");
        }
        let mixed = "kind,ref\ncontact,T-1\nrecord,R-1\n";
        assert_eq!(
            read(mixed, "x")[1],
            "3:1: kind: a record in a file of another kind: the first row is a contact (one kind a file)"
        );
    }

    #[test]
    fn cells_become_fields() {
        let mut piece = piece("ref;identifier.phone;identifier.iin;born\nC-1;8701|8702;;2000-01-01\n");
        let mut sheet = Sheet::new(&mut piece, Some("mycar_subjects-2024")).unwrap();
        let mut seen = 0;
        sheet
            .rows(&piece, |_, _, raw| {
                let Ok(Raw::Subject(subject)) = raw else { return };
                let values = subject.identifiers.unwrap();
                let values: Vec<_> =
                    values.iter().map(|one| one.value.as_ref().unwrap().get().to_owned()).collect();
                assert_eq!(values, ["8701", "8702"]);
                assert_eq!(subject.born.unwrap().get(), "2000-01-01");
                seen += 1;
            })
            .unwrap();
        assert_eq!(seen, 1);
    }
}
