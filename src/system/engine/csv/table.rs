//! One CSV file: its separator, its columns, its records with their places in the file.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::super::Cell;
use crate::{
    domain::{Error, Result},
    store::plain,
};

/// What a separator may be, the likeliest first.
const SEPARATORS: [u8; 3] = *b",;\t";

/// A file that is being read.
pub struct Table {
    /// Where it is.
    pub path: PathBuf,
    /// The separator.
    pub separator: u8,
    /// Its columns, in the order of the file.
    pub columns: Vec<String>,
    reader: Reader<File>,
    system: String,
}

/// A record with its place: bytes from its start to the next one's.
pub struct Record {
    /// Its values, in the order of the file; what is empty is NULL.
    pub cells: Vec<Cell>,
    /// Where it begins in the file.
    pub start: u64,
}

impl Table {
    /// Opens a file and reads its first line.
    pub fn open(system: &str, path: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| unreadable(system, path).because(error);
        let separator = separator(path).map_err(failed)?;
        let file = plain::open(path).map_err(failed)?;
        let mut reader = ReaderBuilder::new().delimiter(separator).from_reader(file);
        let header = reader.byte_headers().map_err(|_| torn(system, path))?;
        let columns = header.iter().map(|name| text(system, path, name)).collect::<Result<Vec<String>>>()?;
        Ok(Self { path: path.to_owned(), separator, columns, reader, system: system.to_owned() })
    }

    /// The place of a column in a record.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Records one at a time; the last call gives the end of the file.
    pub fn next(&mut self) -> Result<Option<Record>> {
        let mut record = ByteRecord::new();
        // Its text would quote the values of the record.
        let more = self.reader.read_byte_record(&mut record).map_err(|_| torn(&self.system, &self.path))?;
        if !more {
            return Ok(None);
        }
        let cell = |field: &[u8]| {
            let text = text(&self.system, &self.path, field)?;
            Ok(Cell((!text.is_empty()).then_some(text)))
        };
        let cells = record.iter().map(cell).collect::<Result<Vec<Cell>>>()?;
        let start = record.position().map_or(0, ::csv::Position::byte);
        Ok(Some(Record { cells, start }))
    }
}

fn separator(path: &Path) -> std::io::Result<u8> {
    let mut line = Vec::new();
    BufReader::new(plain::open(path)?).read_until(b'\n', &mut line)?;
    let count = |separator: u8| line.iter().filter(|byte| **byte == separator).count();
    Ok(SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b','))
}

fn text(system: &str, path: &Path, bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| {
        Error::config(format!("system `{system}`: `{}` is not UTF-8", path.display()))
            .hint("let the program that writes it use UTF-8, or import it with `dsr import --encoding`")
    })
}

fn torn(system: &str, path: &Path) -> Error {
    Error::config(format!(
        "system `{system}`: `{}` is no table: a line has more or fewer values than the first",
        path.display()
    ))
    .hint("mend the file; nothing was read from it")
}

fn unreadable(system: &str, path: &Path) -> Error {
    Error::config(format!("system `{system}`: there is no file `{}` to be read", path.display()))
        .hint("the map does not fit the folder: `dsr map check` shows where")
}
