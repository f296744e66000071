//! `dsr policy`: what the rules are, whether they hold together, and why each says what it says.

mod check;
mod coverage;
mod explain;
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
    Test(test::Test),
}

impl Policy {
    /// Runs one of them.
    ///
    /// # Errors
    /// Configuration (exit 6) with the place; usage (exit 2).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let library = world.library()?;
        match self {
            Self::Check(command) => command.run(world, &library),
            Self::Coverage(command) => command.run(world, &library),
            Self::Show(command) => command.run(world, &library),
            Self::Explain(command) => command.run(world, &library),
            Self::Test(command) => command.run(world, &library),
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
