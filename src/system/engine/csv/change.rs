//! Rows that are to change: kept in memory until the commit, which writes a new file beside the old one and puts it
//! in its place. What is not changed is copied byte for byte.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{super::Cell, table::Table};
use crate::domain::{Error, Kind, Result};

/// What happens to a row; `None` = it goes.
pub type Change = Option<BTreeMap<String, Cell>>;

/// The changes of one file.
pub struct Staged {
    /// The columns of the key.
    pub key: Vec<String>,
    /// By key.
    pub rows: BTreeMap<Vec<String>, Change>,
    stamp: Stamp,
    /// Locked until the end, for programs that ask.
    _lock: File,
}

/// What tells that a file was written meanwhile.
#[derive(PartialEq, Eq)]
struct Stamp(u64, Option<SystemTime>);

fn stamp(path: &Path) -> io::Result<Stamp> {
    let found = fs::metadata(path)?;
    Ok(Stamp(found.len(), found.modified().ok()))
}

impl Staged {
    /// Nothing is changed yet.
    pub fn new(system: &str, path: &Path, key: &[&str]) -> Result<Self> {
        let failed = |error: io::Error| unwritable(system, path).because(error);
        let file = File::options().read(true).write(true).open(path).map_err(failed)?;
        file.try_lock().map_err(|_| busy(system))?;
        let key = key.iter().map(|&name| name.to_owned()).collect();
        Ok(Self { key, rows: BTreeMap::new(), stamp: stamp(path).map_err(failed)?, _lock: file })
    }

    /// The row as it will stand; `None`: it will be gone.
    pub fn after(&self, table: &Table, cells: Vec<Cell>) -> Option<Vec<Cell>> {
        match self.rows.get(&self.key_of(table, &cells)) {
            None => Some(cells),
            Some(change) => changed(table, cells, change.as_ref()?).into(),
        }
    }

    fn key_of(&self, table: &Table, cells: &[Cell]) -> Vec<String> {
        let value =
            |name: &String| table.position(name).and_then(|at| cells.get(at)?.0.clone()).unwrap_or_default();
        self.key.iter().map(value).collect()
    }

    /// Writes the file anew.
    pub fn write(&self, system: &str, path: &Path) -> Result<()> {
        let failed = |error: io::Error| unwritable(system, path).because(error);
        if stamp(path).map_err(failed)? != self.stamp {
            return Err(busy(system));
        }
        let beside = beside(path);
        let written = self.copy(system, path, &beside);
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written?;
        fs::rename(&beside, path).map_err(failed)?;
        let folder = path.parent().unwrap_or(path);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn copy(&self, system: &str, path: &Path, to: &Path) -> Result<()> {
        let failed = |error: io::Error| unwritable(system, path).because(error);
        let mut table = Table::open(system, path)?;
        let mut old = BufReader::new(File::open(path).map_err(failed)?);
        let file = File::create(to).map_err(failed)?;
        file.set_permissions(fs::metadata(path).map_err(failed)?.permissions()).map_err(failed)?;
        let mut new = BufWriter::new(file);
        let mut record = table.next()?;
        let end = fs::metadata(path).map_err(failed)?.len();
        let first = record.as_ref().map_or(end, |record| record.start);
        copy_bytes(&mut old, &mut new, first).map_err(failed)?;
        while let Some(this) = record {
            record = table.next()?;
            let length = record.as_ref().map_or(end, |next| next.start) - this.start;
            let mut bytes = Vec::new();
            old.by_ref().take(length).read_to_end(&mut bytes).map_err(failed)?;
            match self.rows.get(&self.key_of(&table, &this.cells)) {
                None => new.write_all(&bytes).map_err(failed)?,
                Some(None) => {}
                Some(Some(change)) => {
                    let cells = changed(&table, this.cells, change);
                    new.write_all(&in_its_place(&table, &bytes, &cells)).map_err(failed)?;
                }
            }
        }
        let file = new.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)
    }
}

fn changed(table: &Table, mut cells: Vec<Cell>, change: &BTreeMap<String, Cell>) -> Vec<Cell> {
    for (name, cell) in change {
        if let Some(place) = table.position(name).and_then(|at| cells.get_mut(at)) {
            *place = cell.clone();
        }
    }
    cells
}

fn copy_bytes(old: &mut impl Read, new: &mut impl Write, length: u64) -> io::Result<()> {
    io::copy(&mut old.take(length), new).map(|_| ())
}

/// A record with the line ends that stood around the old one.
fn in_its_place(table: &Table, old: &[u8], cells: &[Cell]) -> Vec<u8> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let before = old.iter().take_while(|byte| is_end(byte)).count();
    let after = old[before..].iter().rev().take_while(|byte| is_end(byte)).count();
    let mut bytes = old[..before].to_vec();
    bytes.extend(line(table.separator, cells));
    bytes.extend(&old[old.len() - after..]);
    bytes
}

fn line(separator: u8, cells: &[Cell]) -> Vec<u8> {
    let values = cells.iter().map(|cell| cell.0.as_deref().unwrap_or_default());
    let mut writer = ::csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    // In memory, and with as many values as the file has columns: it cannot fail.
    let _ = writer.write_record(values);
    let mut line = writer.into_inner().unwrap_or_default();
    if line.ends_with(b"\n") {
        line.pop();
    }
    line
}

/// The new file until it takes the old one's place.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{UNFINISHED}"))
}

/// How the name of a new file ends until then; one that a crash left is swept away.
pub const UNFINISHED: &str = ".dsr-new";

fn unwritable(system: &str, path: &Path) -> Error {
    Error::new(Kind::Failed, format!("system `{system}`: `{}` cannot be written", path.display()))
        .hint("the folder and the file have to be writable for the user who runs this")
}

fn busy(system: &str) -> Error {
    Error::new(Kind::Busy, format!("system `{system}`: another program is writing the file"))
        .hint("try again")
}
