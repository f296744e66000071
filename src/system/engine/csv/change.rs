//! Rows that are to change: kept in memory until the commit, which writes a new file beside the old one and puts it
//! in its place. What is not changed is copied byte for byte.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::{MetadataExt, fchown},
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

/// What tells that a file was written meanwhile, or another one put in its place: its size, time and number.
#[derive(PartialEq, Eq)]
struct Stamp(u64, Option<SystemTime>, u64, u64);

fn stamp(path: &Path) -> io::Result<Stamp> {
    let found = fs::metadata(path)?;
    Ok(Stamp(found.len(), found.modified().ok(), found.dev(), found.ino()))
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

    /// Writes the file anew: the one that a link leads to, so that the link stays one.
    pub fn write(&self, system: &str, path: &Path) -> Result<()> {
        let path = &fs::canonicalize(path).map_err(|error| unwritable(system, path).because(error))?;
        self.unchanged(system, path)?;
        let beside = beside(path);
        let written = self.copy(system, path, &beside).and_then(|()| self.put(system, path, &beside));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn unchanged(&self, system: &str, path: &Path) -> Result<()> {
        let now = stamp(path).map_err(|error| unwritable(system, path).because(error))?;
        if now == self.stamp { Ok(()) } else { Err(busy(system)) }
    }

    /// Takes the old one's place, unless that was written while it was copied.
    fn put(&self, system: &str, path: &Path, beside: &Path) -> Result<()> {
        let failed = |error: io::Error| unwritable(system, path).because(error);
        self.unchanged(system, path)?;
        fs::rename(beside, path).map_err(failed)?;
        let folder = path.parent().unwrap_or(path);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn copy(&self, system: &str, path: &Path, to: &Path) -> Result<()> {
        let failed = |error: io::Error| unwritable(system, path).because(error);
        let mut table = Table::open(system, path)?;
        let mut old = BufReader::new(File::open(path).map_err(failed)?);
        let file = anew(path, to).map_err(failed)?;
        let mut new = BufWriter::new(file);
        let mut record = table.next()?;
        let end = fs::metadata(path).map_err(failed)?.len();
        let first = record.as_ref().map_or(end, |record| record.start);
        copy_bytes(&mut old, &mut new, first).map_err(failed)?;
        let mut owed = false;
        while let Some(this) = record {
            record = table.next()?;
            let length = record.as_ref().map_or(end, |next| next.start) - this.start;
            let mut bytes = Vec::new();
            old.by_ref().take(length).read_to_end(&mut bytes).map_err(failed)?;
            let begins = bytes.first() == Some(&b'\n');
            let kept = match self.rows.get(&self.key_of(&table, &this.cells)) {
                None => bytes,
                // The record before it may have only half of its line end.
                Some(None) => {
                    owed |= begins;
                    continue;
                }
                Some(Some(change)) => in_its_place(&table, &bytes, &changed(&table, this.cells, change)),
            };
            if std::mem::take(&mut owed) && !begins {
                new.write_all(b"\n").map_err(failed)?;
            }
            new.write_all(&kept).map_err(failed)?;
        }
        if owed {
            new.write_all(b"\n").map_err(failed)?;
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

/// An empty file with the mode and the owner of the old one.
fn anew(old: &Path, to: &Path) -> io::Result<File> {
    let known = fs::metadata(old)?;
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = File::options().write(true).create_new(true).open(to)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (known.uid(), known.gid()) {
        fchown(&file, Some(known.uid()), Some(known.gid()))?;
    }
    file.set_permissions(known.permissions())?;
    Ok(file)
}

/// The new file until it takes the old one's place.
pub fn beside(path: &Path) -> PathBuf {
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const FILE: &str = "id,name\n1,a\n2,b\n3,c\n";

    fn deleting(path: &Path, keys: &[&str]) -> Staged {
        let mut staged = Staged::new("s", path, &["id"]).unwrap();
        staged.rows = keys.iter().map(|key| (vec![(*key).to_owned()], None)).collect();
        staged
    }

    #[test]
    fn what_is_appended_while_it_is_copied_is_not_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        fs::write(&path, FILE).unwrap();
        let staged = deleting(&path, &["2"]);
        let new = beside(&path);
        staged.copy("s", &path, &new).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"4,d\n").unwrap();
        assert_eq!(staged.put("s", &path, &new).unwrap_err().kind(), Kind::Busy);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{FILE}4,d\n"));
        drop(staged);
        deleting(&path, &["2"]).write("s", &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "id,name\n1,a\n3,c\n4,d\n");
    }

    #[test]
    fn another_file_in_its_place_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("t.csv"), dir.path().join("other"));
        fs::write(&path, FILE).unwrap();
        let staged = deleting(&path, &["2"]);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&other, FILE.replace("3,c", "3,x")).unwrap();
        File::options().write(true).open(&other).unwrap().set_modified(time).unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(staged.write("s", &path).unwrap_err().kind(), Kind::Busy);
    }

    #[test]
    fn a_link_stays_one_and_the_file_keeps_its_mode() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (folder, real) = (dir.path().join("folder"), dir.path().join("real.csv"));
        fs::create_dir(&folder).unwrap();
        fs::write(&real, FILE).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        let path = folder.join("t.csv");
        symlink(&real, &path).unwrap();
        deleting(&path, &["1"]).write("s", &path).unwrap();
        assert!(path.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "id,name\n2,b\n3,c\n");
        assert_eq!(real.metadata().unwrap().mode() & 0o777, 0o640);
        fs::write(beside(&real), FILE).unwrap();
        let _ = super::super::Csv::open("s", &folder).unwrap();
        assert!(!beside(&real).exists(), "what a crash left behind the link is swept away too");
    }

    #[test]
    fn line_ends_stay_whole_whichever_records_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        for (file, gone, left) in [
            (FILE, &["3"][..], "id,name\n1,a\n2,b\n"),
            ("id,name\r\n1,a\r\n2,b\r\n3,c\r\n", &["3"], "id,name\r\n1,a\r\n2,b\r\n"),
            ("id,name\r\n1,a\r\n2,b\r\n3,c\r\n", &["2"], "id,name\r\n1,a\r\n3,c\r\n"),
            ("id,name\r\n1,a\r\n2,b\r\n3,c\r\n", &["2", "3"], "id,name\r\n1,a\r\n"),
            ("id,name\r\n1,a\r\n2,b\r\n3,c", &["1", "3"], "id,name\r\n2,b\r\n"),
            ("id,name\r\n1,a\r\n2,b\r\n3,c\r\n", &["1", "2", "3"], "id,name\r\n"),
        ] {
            fs::write(&path, file).unwrap();
            deleting(&path, gone).write("s", &path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), left, "{file:?} without {gone:?}");
        }
    }
}
