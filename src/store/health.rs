//! What `doctor` asks about the place of a store: who may open its files, what lies about, whether the disk has room.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

pub use super::beside::NO_FILE;
use super::{
    Store, beside, known,
    ledger::{self, chain},
    pragma::PRAGMAS,
    stale,
};
use crate::domain::Result;

/// A file of the store and its mode.
pub struct FileMode {
    /// Where it lies.
    pub path: PathBuf,
    /// Its mode; `None`: it is not there.
    pub mode: Option<u32>,
    /// Whether something else has its name: a directory, a pipe.
    pub is_other: bool,
    /// What is lost without it.
    pub without: &'static str,
}

/// Every file that should lie beside a store.
pub fn files(store: &Path) -> Vec<FileMode> {
    let of = |ending: &str, without| {
        let path = if ending.is_empty() { store.to_owned() } else { beside::path(store, ending) };
        // An empty list of keys is none.
        let found = fs::metadata(&path).ok().filter(|found| ending != "vkeys" || found.len() > 0);
        let mode = found.as_ref().map(|found| found.permissions().mode() & 0o777);
        FileMode { path, mode, is_other: found.is_some_and(|found| !found.is_file()), without }
    };
    let mut files = vec![
        of("", "nothing works"),
        of("key", "destroyed people and stopped purposes are not recognised at an import"),
        of("signing", "heads are not signed: bring it back, or run dsr audit key new"),
        of("vkeys", "nobody can check heads: bring it back"),
        of("head", "a store that is put back is not noticed: the next write makes it anew"),
        of("ledger", ""),
    ];
    // Only a head that was given out is kept: there may be none yet.
    files.extend(
        ["heads", "purge-lock"].map(|ending| of(ending, "")).into_iter().filter(|file| file.mode.is_some()),
    );
    files
}

/// Refuses a store beside which others may open a file, whoever would read it.
///
/// # Errors
/// Exit 6, with the command that mends it.
pub fn private(store: &Path) -> Result<()> {
    ["key", "signing", "vkeys", "head", "heads", "ledger", "purge-lock"].iter().try_for_each(|ending| {
        let path = beside::path(store, ending);
        // What cannot be asked is told of by whoever needs it.
        fs::metadata(&path).map_or(Ok(()), |found| beside::private(&path, &found))
    })
}

/// The mode of the directory of a store.
pub fn directory_mode(store: &Path) -> Option<u32> {
    fs::metadata(beside::directory(store)).ok().map(|found| found.permissions().mode() & 0o777)
}

/// What lies about with personal data in it and is nobody's.
pub struct Left {
    /// Drafts that a kill left, and what is left of one: `sanitize` takes them away.
    pub drafts: BTreeSet<PathBuf>,
    /// Drafts in which no copy can lie: of the ledger or another file beside the store, and empty ones.
    pub small: BTreeSet<PathBuf>,
    /// Copies that no destruction reaches: stores that were replaced, copies from before an upgrade, and whatever bears
    /// the name of a draft and is no file.
    pub copies: BTreeSet<PathBuf>,
}

/// What lies about beside a store. A draft that is being written is none of it.
///
/// `backups`: the directory of the last backup, where a draft of one may lie too.
pub fn leftovers(store: &Path, backups: Option<&Path>) -> Left {
    let own = store.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let rest = name.strip_prefix(&own);
        rest.is_some_and(|rest| {
            [".replaced-", ".before-v", ".new-"].iter().any(|start| rest.starts_with(start))
        })
    };
    let here = beside::directory(store);
    let copies = entries(here).filter(is_copy).collect();
    let mut left = Left { drafts: drafts(here), small: BTreeSet::new(), copies };
    left.drafts.extend(backups.map(drafts).unwrap_or_default());
    let is_other = |path: &PathBuf| path.symlink_metadata().is_ok_and(|it| !it.is_file() && !it.is_dir());
    left.copies.extend(left.drafts.extract_if(.., |path| is_other(path)));
    left.sort_out();
    left
}

impl Left {
    /// Takes drafts of backups that were cut off among those that lie about.
    pub fn and(mut self, cut_off: impl IntoIterator<Item = PathBuf>) -> Self {
        self.drafts.extend(cut_off);
        self.sort_out();
        self
    }

    fn sort_out(&mut self) {
        self.small.extend(self.drafts.extract_if(.., |path| stale::holds_no_copy(path)));
    }
}

fn drafts(directory: &Path) -> BTreeSet<PathBuf> {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_left = |path: &PathBuf| {
        stale::is_draft(&name(path)) && !stale::is_held(path) || stale::is_without_name(path)
    };
    entries(directory).filter(is_left).collect()
}

/// What a directory holds; nothing where it cannot be read.
fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Bytes that are free where the store lies, and bytes that rebuilding it takes.
///
/// # Errors
/// Exit 1: the disk cannot be asked.
pub fn room(store: &Path) -> Result<(u64, u64)> {
    let there = rustix::fs::statvfs(beside::directory(store)).map_err(std::io::Error::from)?;
    Ok((there.f_bavail.saturating_mul(there.f_frsize), 2 * fs::metadata(store)?.len()))
}

impl Store {
    /// Settings whose effect is not the one that was asked for.
    ///
    /// # Errors
    /// As any read.
    pub fn wrong_settings(&self) -> Result<Vec<&'static str>> {
        let mut wrong = Vec::new();
        for setting in PRAGMAS {
            let Some(proof) = setting.proof else { continue };
            let answer: String = self.conn.query_row(
                &format!("SELECT CAST(v AS TEXT) FROM (SELECT {0} AS v FROM pragma_{0})", setting.name),
                [],
                |row| row.get(0),
            )?;
            if answer != proof {
                wrong.push(setting.name);
            }
        }
        Ok(wrong)
    }

    /// How the engine was compiled, as it says itself.
    ///
    /// # Errors
    /// As any read.
    pub fn compile_options(&self) -> Result<Vec<String>> {
        let mut query = self.conn.prepare("SELECT compile_options FROM pragma_compile_options ORDER BY 1")?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}

/// How many entries the last head beside the store is behind its log; `None`: there is no head.
///
/// # Errors
/// As any read; exit 9: the head says nothing.
pub fn head_behind(store: &mut Store) -> Result<Option<u64>> {
    older(store)?;
    let size = store.read(|view| view.audit_head())?.size;
    Ok(known::known_at(store.path())?.map(|known| size.saturating_sub(known.size)))
}

/// Whether whoever owns the store can write the last head beside it: after each commit it is written over.
pub fn head_is_writable(store: &Path) -> bool {
    let found = |path: &Path| fs::metadata(path).ok();
    found(store)
        .zip(found(&known::path_of(store)))
        .is_none_or(|(store, head)| head.uid() == store.uid() && head.permissions().mode() & 0o200 != 0)
}

/// Of a store that was put back the files beside it tell the truth, and nobody moves them away.
fn older(store: &Store) -> Result<()> {
    use known::Standing as S;
    match store.standing() {
        older @ (S::Behind { .. }
        | S::CutOff { .. }
        | S::Outrun { .. }
        | S::LeftBehind(_)
        | S::Rewritten(_)) => older.check(),
        _ => Ok(()),
    }
}

/// Whether what is destroyed could be entered in the ledger; nothing is written.
///
/// # Errors
/// As [`ledger_from`]; exit 9: it is gone.
pub fn ledger_stands(store: &mut Store) -> Result<()> {
    match ledger_from(store)? {
        None if store.read(|view| view.last_group())?.is_some() => Err(ledger::gone()),
        _ => Ok(()),
    }
}

/// From which size of the log on a backup can be brought back; `None`: there is no ledger.
///
/// # Errors
/// Exit 9: it is no ledger, another store's, or not whole.
pub fn ledger_from(store: &mut Store) -> Result<Option<u64>> {
    older(store)?;
    let (path, solid) = (store.path().to_owned(), store.ledger_solid()?);
    store.read(|view| chain::sound(view, &path, solid))
}
