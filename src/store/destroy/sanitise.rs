//! From *deleted* to *destroyed*: the file is rebuilt, what is unused is zeroed, everything is read again, and
//! only then the act is closed.
//!
//! The order matters. `VACUUM` builds the file anew from living rows. It leaves copies of living cells in
//! unused bytes, and nobody could tell those from others: they are zeroed in place, with writers locked out.
//! Then the structural proof and the byte scan read what is really in the files. Killed at any point, the act
//! is still pending, and the next call begins again.
//!
//! The own handle on the store is opened before the lock is taken and closed after it is given back:
//! closing any handle drops all locks that a process has on a file.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::PathBuf,
};

use rusqlite::{Connection, limits::Limit};

use super::{
    needles::Needles,
    report::ScanReport,
    scan,
    structure::{Stain, outside, prove},
    windows::{FORMS, Windows},
};
use crate::{
    domain::{Error, Kind, Moment, Result},
    store::{Store, Tx, fault},
};

/// Another command may write between two steps; then the steps are repeated.
const ATTEMPTS: usize = 3;

/// What was done.
#[derive(Clone, Debug)]
pub struct Sanitised {
    /// What the scan saw.
    pub report: ScanReport,
    /// Numbers of the acts that this finished.
    pub finished: Vec<String>,
}

impl Store {
    /// Destroys the bytes of whatever was deleted, proves it, and closes every pending act. `needles` are the
    /// deleted values, where somebody still knows them. `record` runs in the transaction that closes the
    /// acts, with what the scan saw and their numbers: it writes the audit entry and gives its number.
    ///
    /// # Errors
    /// Exit 8: another command reads the store, the disk has no room, or bytes remain; the acts stay
    /// pending. Exit 9: the file does not hold together. Whatever `record` returns.
    pub fn sanitise(
        &mut self,
        needles: Option<&Needles>,
        at: Moment,
        record: impl FnOnce(&Tx<'_>, &ScanReport, &[String]) -> Result<Option<u64>>,
    ) -> Result<Sanitised> {
        let mut record = Some(record);
        let mut report = ScanReport::default();
        for _ in 0..ATTEMPTS {
            self.rebuild().map_err(still_pending)?;
            let store = File::options().read(true).write(true).open(self.path()).map_err(still_pending)?;
            let path = self.path().to_owned();
            let done = self.transact(|tx| {
                report = inspect(tx, &store, &path, needles)?;
                if !report.is_clean() {
                    tx.scanned(&report)?;
                    return Ok(None);
                }
                finish(tx, &report, at, record.take()).map(Some)
            });
            drop(store);
            if let Some(finished) = done.map_err(still_pending)? {
                return Ok(Sanitised { report, finished });
            }
        }
        Err(remains(&report))
    }

    /// Rebuilds the file from living rows and empties the journal.
    fn rebuild(&mut self) -> Result<()> {
        self.room(0)?;
        forget_statistics(&self.conn)?;
        self.spill_beside_the_store()?;
        // VACUUM attaches the new file for as long as it builds it.
        self.conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
        let done = self.conn.execute_batch("VACUUM");
        self.conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        let _ = self.conn.pragma_update(None, "temp_store", "MEMORY");
        Ok(done?)
    }

    /// The new file is built in memory where it is small, else beside the store.
    fn spill_beside_the_store(&self) -> Result<()> {
        const SMALL: u64 = 32 << 20;
        let directory = self.path().parent().and_then(|path| path.to_str());
        if let Some(directory) = directory.filter(|_| self.size().is_ok_and(|size| size > SMALL)) {
            self.conn.pragma_update(None, "temp_store_directory", directory)?;
            self.conn.pragma_update(None, "temp_store", "FILE")?;
        }
        Ok(())
    }

    /// Whether the new file and the journal fit beside the old one, after it has grown by so many bytes.
    ///
    /// # Errors
    /// Exit 8, saying how much is missing.
    pub fn room(&self, growth: u64) -> Result<()> {
        let needed = 2 * self.size()? + growth.saturating_mul(3);
        let directory = self.path().parent().unwrap_or(self.path());
        let there = rustix::fs::statvfs(directory).map_err(std::io::Error::from)?;
        let free = there.f_bavail.saturating_mul(there.f_frsize);
        if free >= needed {
            return Ok(());
        }
        let sentence = format!("the disk has {free} bytes free; rebuilding the store needs {needed}");
        Err(Error::new(Kind::Partial, sentence).hint("free some space, then run: dsr sanitize"))
    }

    fn size(&self) -> Result<u64> {
        Ok(fs::metadata(self.path())?.len())
    }
}

/// Statistics hold copies of values. Opening refuses a store that has them; one made since is emptied.
pub(super) fn forget_statistics(conn: &Connection) -> Result<()> {
    let sql = "SELECT name FROM sqlite_schema WHERE name IN ('sqlite_stat1', 'sqlite_stat4')";
    let mut query = conn.prepare(sql)?;
    let names: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    names.iter().try_for_each(|name| Ok(conn.execute_batch(&format!("DELETE FROM {name}"))?))
}

/// Zeroes what is unused, proves it, and looks for the needles. Writers are locked out.
fn inspect(
    tx: &Tx<'_>,
    store: &File,
    path: &std::path::Path,
    needles: Option<&Needles>,
) -> Result<ScanReport> {
    let roots = roots(tx.conn())?;
    let (_, stains) = prove(store, &roots)?;
    wipe(store, &stains)?;
    let mut report = ScanReport::default();
    proved(store, &roots, &mut report)?;
    report.journal = journal(path)?;
    look(tx.conn(), store, path, needles, &mut report)?;
    Ok(report)
}

fn proved(store: &File, roots: &[u32], report: &mut ScanReport) -> Result<()> {
    let (structure, _) = prove(store, roots)?;
    report.pages = structure.pages;
    report.unallocated = structure.unallocated;
    report.structural_nonzero = structure.nonzero;
    Ok(())
}

/// Only bytes that no row uses are touched, so a reader sees nothing of it, and a power cut in the middle leaves
/// a file that is as good as before.
pub(super) fn wipe(store: &File, stains: &[Stain]) -> Result<()> {
    let longest = stains.iter().map(|stain| stain.length).max().unwrap_or(0);
    let zeros = vec![0; longest];
    for stain in stains {
        store.write_all_at(zeros.get(..stain.length).unwrap_or_default(), stain.from)?;
    }
    if !stains.is_empty() {
        store.sync_data()?;
    }
    Ok(())
}

/// Reads every file of the store; without needles it only counts them.
pub(super) fn look(
    conn: &Connection,
    store: &File,
    path: &std::path::Path,
    needles: Option<&Needles>,
    report: &mut ScanReport,
) -> Result<()> {
    let files: Vec<PathBuf> = scan::files_of(path)?;
    report.files = files.len() as u64;
    let Some(needles) = needles.filter(|needles| !needles.is_empty()) else {
        report.bytes = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum();
        return Ok(());
    };
    let mut windows = Windows::of(needles);
    report.bytes = scan::read_through(&mut Positioned { file: store, at: 0 }, &mut windows)?;
    for beside in files.iter().filter(|file| file.as_path() != path) {
        report.bytes += scan::read_beside(beside, &mut windows)?;
    }
    let met = windows.met();
    let mut windows_met = windows.take_met();
    let living = scan::living(conn, &mut windows_met)?;
    report.residue = match report.structural_nonzero {
        0 => elsewhere(conn, store, (path, &files), windows_met.take_left())?,
        _ => met - living,
    };
    report.living = met - report.residue;
    report.windows = windows.count();
    report.values = needles.len();
    (report.short, report.beyond) = needles.left_out();
    report.forms = FORMS.map(str::to_owned).to_vec();
    Ok(())
}

/// How many of the windows that no value of a living row holds stand anywhere but in the cells of living rows. In
/// those cells values lie side by side, and the end of one with the beginning of the next (in an index: a
/// reference and a row number) may read like something that was destroyed.
fn elsewhere(
    conn: &Connection,
    store: &File,
    (path, files): (&std::path::Path, &[PathBuf]),
    mut windows: Windows,
) -> Result<u64> {
    if windows.count() == 0 {
        return Ok(0);
    }
    outside(store, &scan::living_roots(conn)?, &mut |page| windows.search(page, page.len()))?;
    for beside in files.iter().filter(|file| file.as_path() != path) {
        scan::read_beside(beside, &mut windows)?;
    }
    Ok(windows.met())
}

/// Closes the acts and lets the caller write its audit entry.
fn finish(
    tx: &Tx<'_>,
    report: &ScanReport,
    at: Moment,
    record: Option<impl FnOnce(&Tx<'_>, &ScanReport, &[String]) -> Result<Option<u64>>>,
) -> Result<Vec<String>> {
    let finished = tx.closable_destructions()?;
    // Those that wait for people say what was seen of their bytes.
    tx.scanned(report)?;
    let seq = match record {
        Some(record) => record(tx, report, &finished)?,
        None => None,
    };
    tx.finished(&finished, (at, seq))?;
    Ok(finished)
}

/// Root pages of all tables and indexes.
pub(super) fn roots(conn: &Connection) -> Result<Vec<u32>> {
    let mut query =
        conn.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0 ORDER BY rootpage")?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Bytes of the rollback journal: none, since every command empties it at its end.
fn journal(path: &std::path::Path) -> Result<u64> {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    match fs::metadata(name) {
        Ok(found) => Ok(found.len()),
        Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Reads a lent file from its beginning, without moving a shared position.
struct Positioned<'f> {
    file: &'f File,
    at: u64,
}

impl std::io::Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

const MAY_REMAIN: &str = "the data is out of use, and its destroyed bytes may remain in the file";

/// Whatever went wrong, the data is out of use but its bytes may be there: exit 8, unless it is worse.
fn still_pending(error: impl Into<Error>) -> Error {
    let error = error.into();
    match error.kind() {
        Kind::Integrity | Kind::Partial | Kind::Interrupted | Kind::Terminated => error,
        Kind::Busy => {
            pending("another command holds the store; destroyed bytes may remain in its file").because(error)
        }
        _ if error.hint_text() == Some(fault::FREE_SPACE) => {
            pending(MAY_REMAIN).hint("free some space, then run: dsr sanitize").because(error)
        }
        _ => pending(MAY_REMAIN).because(error),
    }
}

fn remains(report: &ScanReport) -> Error {
    pending(&format!(
        "destroyed bytes remain: {} unused bytes are not zero, {} windows were found in {} files",
        report.structural_nonzero, report.residue, report.files
    ))
}

fn pending(sentence: &str) -> Error {
    Error::new(Kind::Partial, sentence).hint("close what reads the store, then run: dsr sanitize")
}
