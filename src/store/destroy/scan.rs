//! The byte scan: does any file of the store still hold a window of what was destroyed?
//!
//! A window that a living row holds too is no residue: two people may share a telephone. Whatever was met
//! in the files is looked up in every living row before it is called residue. What no living row holds and yet stands in
//! the cells of living rows alone is none either: there two neighbouring values made it by chance.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, types::ValueRef};

use super::{
    pages::unread,
    windows::{WINDOW, Windows},
};
use crate::{domain::Result, store::stale};

/// What is read at once.
const BUFFER: usize = 1 << 20;

/// Every file of the store's directory that belongs to the store: itself, its journal, a draft of it,
/// temporary files of the engine, unfinished exports.
pub(super) fn files_of(store: &Path) -> Result<Vec<PathBuf>> {
    let name = store.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let directory = store.parent().unwrap_or(Path::new("."));
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let other = entry.file_name().to_string_lossy().into_owned();
        let own = other.strip_prefix(name.as_str()).is_some_and(|rest| {
            matches!(rest, "" | "-journal" | "-wal" | "-shm") || rest.starts_with(".new-")
        });
        let ours = own || other.starts_with("etilqs_") || stale::is_of_draft(&other);
        if ours && entry.file_type().map_err(unread)?.is_file() {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}

/// Reads a file to its end; gives how many bytes it has.
pub(super) fn read_through(file: &mut impl Read, windows: &mut Windows) -> Result<u64> {
    const KEPT: usize = WINDOW - 1;
    let mut buffer = vec![0; BUFFER];
    let (mut held, mut total) = (0, 0_u64);
    loop {
        let free = buffer.get_mut(held..).unwrap_or_default();
        let read = file.read(free).map_err(unread)?;
        total += read as u64;
        held += read;
        let bytes = buffer.get(..held).unwrap_or_default();
        if read == 0 {
            windows.search(bytes, held);
            return Ok(total);
        }
        // What begins in the last bytes may end in the next part.
        let until = held.saturating_sub(KEPT);
        windows.search(bytes, until);
        buffer.copy_within(until..held, 0);
        held -= until;
    }
}

/// Opens and reads one of the files beside the store; one that has gone holds nothing.
pub(super) fn read_beside(path: &Path, windows: &mut Windows) -> Result<u64> {
    match File::open(path) {
        Ok(mut file) => read_through(&mut file, windows),
        Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(unread(error)),
    }
}

/// How many of these windows living rows hold. Stops as soon as all are met.
pub(super) fn living(conn: &Connection, windows: &mut Windows) -> Result<u64> {
    let mut bytes = Vec::new();
    for table in tables(conn)? {
        if windows.met() == windows.count() {
            break;
        }
        let mut query = conn.prepare(&format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")))?;
        let columns = query.column_count();
        let mut rows = query.query([])?;
        let mut since = 0;
        while let Some(row) = rows.next()? {
            bytes.clear();
            for column in 0..columns {
                body(row.get_ref(column)?, &mut bytes);
            }
            windows.search(&bytes, bytes.len());
            since += 1;
            if since % 4096 == 0 && windows.met() == windows.count() {
                return Ok(windows.met());
            }
        }
    }
    Ok(windows.met())
}

/// Root pages of those tables and of their indexes.
pub(super) fn living_roots(conn: &Connection) -> Result<Vec<u32>> {
    let tables = tables(conn)?;
    let sql = "SELECT tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0";
    let mut query = conn.prepare(sql)?;
    let all = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let all: Vec<(String, u32)> = all.collect::<rusqlite::Result<_>>()?;
    Ok(all.into_iter().filter(|(table, _)| tables.contains(table)).map(|(_, root)| root).collect())
}

/// The tables, those first in which a shared value most likely stands. Statistics and the insides of full-text tables
/// hold copies: what stands in them alone is no living row.
fn tables(conn: &Connection) -> Result<Vec<String>> {
    let sql =
        "SELECT s.name FROM sqlite_schema s JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name
        WHERE s.rootpage > 0 AND l.type = 'table' AND s.name NOT GLOB 'sqlite_stat*'
        ORDER BY s.name NOT IN ('identifier', 'record'), s.name";
    let names: rusqlite::Result<Vec<String>> = conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect();
    Ok([names?, vec!["sqlite_schema".into()]].concat())
}

/// A value as it lies in a cell.
fn body(value: ValueRef<'_>, bytes: &mut Vec<u8>) {
    match value {
        ValueRef::Null | ValueRef::Integer(0 | 1) => {}
        ValueRef::Integer(number) => {
            let least = [1, 2, 3, 4, 6, 8].into_iter().find(|size| {
                let bits = 8 * size - 1;
                bits == 63 || (-(1_i64 << bits)..1_i64 << bits).contains(&number)
            });
            bytes.extend(number.to_be_bytes().iter().skip(8 - least.unwrap_or(8)));
        }
        ValueRef::Real(number) => bytes.extend(number.to_be_bytes()),
        ValueRef::Text(text) | ValueRef::Blob(text) => bytes.extend_from_slice(text),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::store::destroy::Needles;

    #[test]
    fn a_window_across_two_reads_is_met() {
        let mut needles = Needles::new();
        needles.add("0123456789");
        for cut in 0..=10 {
            let mut bytes = vec![b'.'; BUFFER - cut];
            bytes.extend(b"0123456789");
            let mut windows = Windows::of(&needles);
            assert_eq!(read_through(&mut bytes.as_slice(), &mut windows).unwrap(), bytes.len() as u64);
            assert_eq!(windows.met(), 1, "{cut}");
        }
    }

    #[test]
    fn files_that_belong_to_the_store() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "s.db",
            "s.db-journal",
            "s.db.new-07",
            "etilqs_1",
            ".dsr-a.csv.part",
            "s.db.key",
            "notes.txt",
            "other.db",
        ] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let all = files_of(&directory.path().join("s.db")).unwrap();
        let names: Vec<_> = all.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, [".dsr-a.csv.part", "etilqs_1", "s.db", "s.db-journal", "s.db.new-07"]);
    }

    #[test]
    fn numbers_lie_in_cells_as_the_format_says() {
        for (number, length) in
            [(0, 0), (1, 0), (-1, 1), (127, 1), (128, 2), (1 << 23, 4), (900_101_399_998, 6), (i64::MAX, 8)]
        {
            let mut bytes = Vec::new();
            body(ValueRef::Integer(number), &mut bytes);
            assert_eq!(bytes.len(), length, "{number}");
        }
    }
}
