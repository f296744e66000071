//! The first line of a CSV file: separator and names of the columns.

use csv::{ReaderBuilder, StringRecord};

use crate::{domain::IdentifierType, store::load::row::RowKind};

use super::super::{
    complaint::{Complaint, Complaints, quotable},
    json,
    source::Piece,
};

/// More columns than any sheet of people has: each name is held against those before it.
pub const MOST_COLUMNS: usize = 1_000;

/// The names of the columns.
pub struct Header {
    /// In small letters, in their order.
    pub names: Vec<String>,
    /// What stands between cells.
    pub separator: u8,
    /// The line it stands on.
    pub line: u64,
}

impl Header {
    /// Takes the header off the first piece, which then begins with the first row. `sep=;`, which Excel
    /// understands, may stand before it.
    pub fn take(piece: &mut Piece) -> Self {
        let named = piece.text.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
        if named.is_some() {
            drop_lines(piece, piece.text.find('\n').map_or(piece.text.len(), |at| at + 1));
        }
        drop_lines(piece, piece.text.len() - piece.text.trim_start_matches(['\r', '\n']).len());
        let separator = named.unwrap_or_else(|| separator_of(&piece.text));
        let (names, end) = read(&piece.text, separator);
        let line = piece.line;
        drop_lines(piece, end);
        Self { names, separator, line }
    }

    /// The column of a name, from 1; 0 where there is none.
    pub fn column(&self, name: &str) -> u32 {
        let at = self.names.iter().position(|known| known == name);
        at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
    }

    fn at(&self, at: usize, message: impl Into<String>) -> Complaint {
        Complaint::line(self.line, message).column(u32::try_from(at + 1).unwrap_or(0))
    }

    /// Every column must be a name of the kind.
    pub fn check(&self, kind: RowKind) -> Result<(), Complaints> {
        let mut complaints = Complaints::default();
        for (at, name) in self.names.iter().enumerate().filter(|(_, name)| !belongs(name, kind)) {
            complaints.push(match name.as_str() {
                "" => self.at(at, "a column has no name"),
                name => json::unknown_name("column", name, &names(kind), |message| self.at(at, message)),
            });
        }
        if complaints.is_empty() { Ok(()) } else { Err(complaints) }
    }

    /// No name may stand twice.
    pub fn check_twice(&self) -> Result<(), Complaints> {
        let before = |at: usize| self.names.get(..at).unwrap_or_default();
        let twice = |at: usize, name: &String| !name.is_empty() && before(at).contains(name);
        match self.names.iter().enumerate().find(|(at, name)| twice(*at, name)) {
            None => Ok(()),
            Some((at, name)) => {
                let name = quotable(name).map_or(String::new(), |name| format!(" `{name}`"));
                Err(Complaints::of(self.at(at, format!("the column{name} stands twice"))))
            }
        }
    }
}

fn belongs(name: &str, kind: RowKind) -> bool {
    let typed = |kind: &str| kind.parse::<IdentifierType>().is_ok();
    match kind {
        RowKind::Subject if name.strip_prefix("identifier.").is_some_and(typed) => true,
        RowKind::Record if name.len() > 5 && name.starts_with("data.") => true,
        _ => json::fields(kind).contains(&name) && !matches!(name, "identifiers" | "data"),
    }
}

/// What a header of this kind may name, with the columns that only CSV has.
fn names(kind: RowKind) -> Vec<&'static str> {
    let plain = json::fields(kind).iter().copied().filter(|name| !matches!(*name, "identifiers" | "data"));
    let only: &[&str] = match kind {
        RowKind::Subject => &["identifier.iin", "identifier.phone", "identifier.email", "identifier.account"],
        RowKind::Record => &["data.…"],
        _ => &[],
    };
    plain.chain(only.iter().copied()).collect()
}

/// Takes the first bytes, whole lines, off a piece.
fn drop_lines(piece: &mut Piece, end: usize) {
    let rest = piece.text.split_off(end);
    piece.line += piece.text.matches('\n').count() as u64;
    piece.text = rest;
}

/// The separator that stands most often in the first line.
fn separator_of(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let count = |separator: u8| line.bytes().filter(|byte| *byte == separator).count();
    let most = |separator: &u8| (count(*separator), *separator == b',');
    [b',', b';', b'\t'].into_iter().max_by_key(most).unwrap_or(b',')
}

/// The names of the columns, and where the header ends.
fn read(text: &str, separator: u8) -> (Vec<String>, usize) {
    let mut reader =
        ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(text.as_bytes());
    let mut row = StringRecord::new();
    let read = reader.read_record(&mut row).unwrap_or(false);
    let names = row.iter().map(|name| name.trim().to_lowercase()).collect();
    let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(text.len());
    let feed = text.get(end..).map_or(0, |rest| usize::from(rest.starts_with('\n')));
    if read { (names, end + feed) } else { (Vec::new(), text.len()) }
}

/// The kind that a file's name says: `records`, `mycar-records-2024`.
pub(super) fn kind_of_stem(stem: &str) -> Option<RowKind> {
    let mut words = stem.split(|c: char| !c.is_ascii_alphabetic());
    words.find_map(|word| word.strip_suffix('s').unwrap_or(word).parse().ok())
}
