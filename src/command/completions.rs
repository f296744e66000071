//! `dsr completions` and `dsr man`: generated from the command line itself, so they cannot drift.

use clap::CommandFactory;

use super::{Exit, Outcome, cli::Cli, help, world::World};
use crate::domain::Error;

/// Print completions for a shell
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr completions bash > /etc/bash_completion.d/dsr\n")]
pub struct Completions {
    /// bash, zsh, fish, elvish, powershell
    #[arg(hide_possible_values = true)]
    shell: clap_complete::Shell,
}

impl Completions {
    /// Needs no store and looks up no data.
    ///
    /// # Errors
    /// What the stream says.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "dsr", &mut script);
        world.deliver(&script)?;
        Ok(Exit::Done)
    }
}

/// Print the manual page
///
/// Without a name the page of `dsr`; with one the page of that command.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr man | man -l -\n  dsr man export | man -l -\n")]
pub struct Man {
    /// A command
    command: Vec<String>,
}

impl Man {
    /// Needs no store.
    ///
    /// # Errors
    /// Usage (exit 2): no such command.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut command = help::paged(Cli::command());
        command.build();
        let mut page = &command;
        for name in &self.command {
            page = page.find_subcommand(name).ok_or_else(|| {
                Error::usage(format!("no command `{name}`")).hint("`dsr --help` lists the commands")
            })?;
        }
        let mut text = Vec::new();
        clap_mangen::Man::new(page.clone()).render(&mut text)?;
        world.deliver(&text)?;
        Ok(Exit::Done)
    }
}
