//! `dsr policy`: what the rules are, whether they hold together, and why each says what it says.

mod check;
mod coverage;
mod diff;
mod explain;
mod publish;
mod schema;
mod show;
mod test;

use clap::Subcommand;

use super::{
    Outcome,
    world::{self, World},
};
use crate::{domain::Result, policy::Library};

const EXAMPLES: &str = "\
Examples:
  dsr policy check
  dsr policy coverage --controller mycar
  dsr policy explain AM-8-contact
";

/// Check, show and explain policies
///
/// A policy is data: every numbered clause of the published text is a rule or says why it carries none.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Policy {
    Check(check::Check),
    Coverage(coverage::Coverage),
    Show(show::Show),
    Explain(explain::Explain),
    Diff(diff::Diff),
    Publish(publish::Publish),
    Told(publish::Told),
    Versions(publish::Versions),
    Test(test::Test),
    Schema(schema::Schema),
}

impl Policy {
    /// Runs one of them.
    ///
    /// # Errors
    /// Configuration (exit 6) with the place; usage (exit 2).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        // Where no policy is written yet, a schema is what one wants first.
        if let Self::Schema(command) = self {
            return command.run(world);
        }
        let library = world.library()?;
        match self {
            Self::Check(command) => command.run(world, &library),
            Self::Coverage(command) => command.run(world, &library),
            Self::Show(command) => command.run(world, &library),
            Self::Explain(command) => command.run(world, &library),
            Self::Diff(command) => command.run(world, &library),
            Self::Publish(command) => command.run(world, &library),
            Self::Told(command) => command.run(world, &library),
            Self::Versions(command) => command.run(world, &library),
            Self::Test(command) => command.run(world, &library),
            Self::Schema(command) => command.run(world),
        }
    }
}

/// The controllers a command is about: the one named, or all.
fn controllers(world: &World<'_, '_>, library: &Library) -> Result<Vec<String>> {
    match &world.global.controller {
        Some(id) => world::known(library, id).map(|()| vec![id.clone()]),
        None => Ok(library.controllers()),
    }
}
