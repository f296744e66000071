//! The systems that `dsr.yaml` names, for every command that reaches them.

use std::path::PathBuf;

use super::world::{self, Rules, World};
use crate::{domain::Result, system::set::Systems};

impl World<'_, '_> {
    /// Where the officer's file is, if there is one; the paths in it start from its directory.
    pub fn officer_path(&self) -> Option<PathBuf> {
        let beside = || Some(self.store_path().ok()?.parent()?.join("dsr.yaml")).filter(|path| path.exists());
        self.global.config.clone().or_else(beside)
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
