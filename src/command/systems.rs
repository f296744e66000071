//! The systems that `dsr.yaml` names, for every command that reaches them.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::world::{self, Rules, World};
use crate::{
    audit::Hash,
    domain::{Error, Result, quoted},
    policy::{officer::Officer, places::PlaceKind, roles::Roles},
    store::health::NO_FILE,
    system::set::Systems,
};

/// An officer's file, and its SHA-256.
type Written = (Officer, String);

/// What was read of officers' files: a command goes by one state of them, whoever writes meanwhile.
#[derive(Default)]
pub struct Read {
    /// By the path without links.
    files: RefCell<BTreeMap<PathBuf, Written>>,
    officer: OnceCell<Option<Written>>,
    /// Who may do what.
    pub roles: OnceCell<Option<Roles>>,
}

/// Whoever may write the file that says who may do what may do everything.
fn unwritable(path: &Path) -> Result<()> {
    let Some(mode) = others_write(path)? else { return Ok(()) };
    let shown = path.display();
    Err(Error::config(format!("others may change `{shown}` (mode {mode:04o}), which says who may do what"))
        .hint(format!("run: chmod go-w {}", quoted(shown))))
}

/// What others may write is somebody else's word.
fn others_write(path: &Path) -> Result<Option<u32>> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    Ok((mode & 0o022 != 0).then_some(mode))
}

impl World<'_, '_> {
    /// The officer's file where others may change it, though it names no roles: with those it is refused.
    pub fn officer_file_is_open(&self) -> Option<(PathBuf, u32)> {
        let path = self.officer_path()?;
        let mode = others_write(&path).ok().flatten()?;
        Some((path, mode))
    }

    /// Where the officer's file is, if there is one; the paths in it start from its directory.
    pub fn officer_path(&self) -> Option<PathBuf> {
        let beside = || Some(self.store_path().ok()?.parent()?.join("dsr.yaml")).filter(|path| path.exists());
        self.global.config.clone().or_else(beside)
    }

    /// The officer's file: `--config`, `DSR_CONFIG`, or `dsr.yaml` beside the store; read once a command.
    ///
    /// # Errors
    /// Configuration (exit 6): named but missing, unreadable, or invalid.
    pub fn officer(&self) -> Result<(Officer, Option<String>)> {
        if self.read.officer.get().is_none() {
            let found = self.officer_path().map(|path| self.officer_file(&path)).transpose()?;
            let _ = self.read.officer.set(found);
        }
        let found = self.read.officer.get().cloned().flatten();
        Ok(found.map_or_else(Default::default, |(officer, sha256)| (officer, Some(sha256))))
    }

    /// One file as it was when it was read first. What a link leads to is read where it lies: the link may lead
    /// elsewhere the next moment.
    ///
    /// # Errors
    /// As [`Self::officer`].
    pub fn officer_file(&self, path: &Path) -> Result<Written> {
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some(known) = self.read.files.borrow().get(&place) {
            return Ok(known.clone());
        }
        // Whoever named a directory meant a file in it; nobody named this one.
        let unnamed = self.global.config.is_none() && place.is_dir();
        let text = world::read(&place).map_err(|error| if unnamed { error.hint(NO_FILE) } else { error })?;
        let officer = Officer::read(&path.display().to_string(), &text)?;
        if officer.roles.is_some() {
            unwritable(&place)?;
        }
        let written = (officer, Hash::of(text.as_bytes()).to_string());
        self.read.files.borrow_mut().insert(place, written.clone());
        Ok(written)
    }

    /// The systems beside the own store, of these controllers.
    ///
    /// # Errors
    /// As [`Self::officer`].
    pub fn other_systems(&self, controllers: &[String]) -> Result<BTreeSet<String>> {
        let (officer, _) = self.officer()?;
        let filled = controllers.iter().filter_map(|id| officer.controllers.get(id));
        let places = filled.flat_map(|filled| &filled.systems);
        Ok(places.filter(|(_, place)| place.kind != PlaceKind::Store).map(|(name, _)| name.clone()).collect())
    }

    /// The directory from which paths of the officer's file start.
    pub fn officer_directory(&self) -> PathBuf {
        let directory = self.officer_path().and_then(|path| path.parent().map(PathBuf::from));
        directory.unwrap_or_default()
    }

    /// A variable of the environment, for a system whose URL is in one.
    pub fn variable(&self) -> impl Fn(&str) -> Option<String> + Sync + 'static {
        let variables = self.env.variables.clone();
        move |name| variables.get(std::ffi::OsStr::new(name))?.to_str().map(str::to_owned)
    }

    /// The systems that a program reaches, with their maps.
    ///
    /// # Errors
    /// Configuration (exit 6): a map that is missing or wrong.
    pub fn systems(&self, rules: &Rules) -> Result<Systems> {
        Systems::load(&rules.systems, &self.officer_directory(), &rules.rulebook, &|path| world::read(path))
    }
}
