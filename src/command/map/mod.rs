//! `dsr map`: what lies where in the systems that a program reaches, and whether that is still so.

mod check;
mod grants;
mod graph;
mod scan;

use clap::Subcommand;

use super::{
    Outcome,
    world::{Rules, World},
};
use crate::{
    domain::{Error, Result, suggest},
    policy::places::Places,
    store::{Mode, Store},
};

const EXAMPLES: &str = "\
Examples:
  dsr map scan crm > crm.yaml   # a draft from the database
  dsr map check                 # exit 6 where they differ
  dsr map graph                 # how rows are found, drawn
  dsr map grants crm            # the least rights it needs
";

/// Draft, check and draw the data maps of other systems
///
/// A system stands in dsr.yaml with its kind, its connection and its map: a dataset in the public fideslang
/// format, with what it lacks under dsr_meta. docs/connect.md leads from an empty file to the first dry run.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Map {
    Check(check::Check),
    Scan(scan::Scan),
    Graph(graph::Graph),
    Grants(grants::Grants),
}

impl Map {
    /// Runs one of them.
    ///
    /// # Errors
    /// Configuration (exit 6) with the place; usage (exit 2).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let store = match world.store_path()?.exists() {
            true => Some(world.open_as_it_is(self.mode())?),
            false => None,
        };
        let library = world.library()?;
        let controller = world.controller(&library, store.as_ref())?;
        let rules = world.rules(&library, &controller)?;
        if rules.systems.is_empty() {
            return Err(none_named(world, &controller));
        }
        match self {
            Self::Check(command) => command.run(world, &rules, &controller, store),
            Self::Scan(command) => command.run(world, &rules, &controller),
            Self::Graph(command) => command.run(world, &rules),
            Self::Grants(command) => command.run(world, &rules),
        }
    }
}

impl Map {
    /// A check writes down which database each system is; the others only read.
    fn mode(&self) -> Mode {
        if matches!(self, Self::Check(_)) { Mode::ReadWrite } else { Mode::ReadOnly }
    }
}

/// What a command of this family works on.
type Kept = Option<Store>;

fn none_named(world: &World<'_, '_>, controller: &str) -> Error {
    let message = match world.officer_path() {
        Some(path) => {
            format!("`{}` names no system of `{controller}` that a program reaches", path.display())
        }
        None => "there is no dsr.yaml, so no system is named".to_owned(),
    };
    Error::config(message).hint(
        "under `systems:` write a name with `kind: postgres`, `owner:`, `env:` or `url_file:`, and `map:`; see docs/connect.md",
    )
}

/// A system that was named has to be one of them.
fn named<'p>(systems: &'p Places, name: &str) -> Result<&'p crate::policy::places::Place> {
    systems.get(name).ok_or_else(|| {
        let known: Vec<&str> = systems.keys().map(String::as_str).collect();
        let error = Error::usage(format!("dsr.yaml names no system `{name}` that a program reaches"));
        match suggest::nearest(name, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("it names {}", known.join(", "))),
        }
    })
}

/// All systems, or those that were named.
///
/// # Errors
/// Usage (exit 2) with the nearest name.
fn chosen<'r>(rules: &'r Rules, names: &'r [String]) -> Result<Vec<&'r str>> {
    names.iter().try_for_each(|name| named(&rules.systems, name).map(|_| ()))?;
    let all = rules.systems.keys().map(String::as_str);
    Ok(all.filter(|name| names.is_empty() || names.iter().any(|one| one == name)).collect())
}
