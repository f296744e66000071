//! The standard data set: ten records a person, in a directory that is gone afterwards.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use tempfile::TempDir;

use super::pair::output;
use super::people::{Order, stream};

/// Now, for a drill store: every expiry date of the data set is told from this day.
pub const NOW: &str = "2026-11-22T10:00:00+05:00";

/// The pragmas under which the store works, so that the shell works under the same.
pub const PRAGMAS: &str = "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;";

/// Where everything lies, and how much of it there is.
pub struct Data {
    /// Records of the data set.
    pub records: u64,
    /// People: a tenth.
    pub people: u64,
    dir: TempDir,
}

impl Data {
    /// Makes the import file. On tmpfs where there is one: disks differ more than programs.
    pub fn prepare() -> Result<Self> {
        let records = match std::env::var("DSR_BENCH_RECORDS") {
            Ok(text) => text.parse().context("DSR_BENCH_RECORDS is a number of records")?,
            Err(_) => 10_000,
        };
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? };
        let data = Self { records, people: (records / 10).max(1), dir };
        data.write_people()?;
        Ok(data)
    }

    /// In this process: another `cargo` would wait for locks, or build everything anew under other settings, and say
    /// nothing meanwhile.
    fn write_people(&self) -> Result<()> {
        let count = self.people.to_string();
        let words = [count.as_str(), "1", "--controller", "automaster"].map(str::to_owned);
        let order = Order::read(words.into_iter()).map_err(|wrong| anyhow!(wrong))?;
        let mut file = BufWriter::new(File::create(self.import_file())?);
        stream(&order, &mut file)?;
        Ok(file.flush()?)
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// What is imported.
    pub fn import_file(&self) -> PathBuf {
        self.file("people.ndjson")
    }

    /// `dsr` on a store in the directory.
    pub fn dsr(&self, store: &Path, arguments: &[&str]) -> Command {
        let mut dsr = Command::new(binary());
        dsr.env("DSR_NOW", NOW).arg("--store").arg(store).args(arguments);
        dsr
    }

    /// A new empty store.
    pub fn init(&self, store: &Path) -> Result<()> {
        forget_store(store)?;
        output(&mut self.dsr(store, &["init", "--controller", "automaster"])).map(drop)
    }

    /// Imports everything into a store.
    pub fn import(&self, store: &Path) -> Command {
        let mut import = self.dsr(store, &["--quiet", "import"]);
        import.arg(self.import_file());
        import
    }

    /// A new store that holds one person, `P-1`, without records.
    pub fn one_person(&self, store: &Path) -> Result<()> {
        self.init(store)?;
        let one = self.file("one.ndjson");
        std::fs::write(&one, "{\"kind\":\"subject\",\"ref\":\"P-1\",\"born\":null,\"identifiers\":[]}\n")?;
        output(self.dsr(store, &["--quiet", "import"]).arg(&one)).map(drop)
    }

    /// The store with everything in it, made once. Its users add to it and take nothing away.
    pub fn store(&self) -> Result<PathBuf> {
        let store = self.file("store.db");
        if !store.exists() {
            self.init(&store)?;
            output(&mut self.import(&store)).inspect_err(|_| drop(remove(&store)))?;
            let count = output(&mut shell(&store, &[], "SELECT count(*) FROM record"))?;
            let count = String::from_utf8_lossy(&count);
            ensure!(
                count.trim() == self.records.to_string(),
                "{} of {} records came in",
                count.trim(),
                self.records
            );
        }
        Ok(store)
    }
}

/// Copies a store with all that lies beside it: its key, its known head, its ledger.
pub fn copy_store(from: &Path, to: &Path) -> Result<()> {
    forget_store(to)?;
    for (path, end) in beside(from)? {
        std::fs::copy(path, with_end(to, &end))?;
    }
    Ok(())
}

/// Removes a store with all that lies beside it.
pub fn forget_store(store: &Path) -> Result<()> {
    beside(store)?.iter().try_for_each(|(path, _)| remove(path))
}

/// The files of a store, each with what its name has after the store's.
fn beside(store: &Path) -> Result<Vec<(PathBuf, String)>> {
    let name = store.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut all = Vec::new();
    for entry in std::fs::read_dir(store.parent().context("a directory")?)? {
        let path = entry?.path();
        let other = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let end = other.strip_prefix(&name).filter(|end| end.is_empty() || end.starts_with(['.', '-']));
        all.extend(end.map(|end| (path.clone(), end.to_owned())));
    }
    Ok(all)
}

fn with_end(store: &Path, end: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The `dsr` that is measured: the one just built, or another build named by `DSR_BENCH_BINARY`.
pub fn binary() -> OsString {
    std::env::var_os("DSR_BENCH_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_dsr").into())
}

/// Removes a file that may not be there.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The sqlite3 shell on a file: reads no start-up file, stops at the first error.
pub fn shell(database: &Path, arguments: &[&str], sql: &str) -> Command {
    let mut shell = Command::new("sqlite3");
    shell.args(["-batch", "-bail", "-init", "/dev/null"]).args(arguments).arg(database).arg(sql);
    shell
}
