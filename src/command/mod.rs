//! One file a command: its arguments (whose doc comments are its help), then a few lines.

pub mod cli;
pub mod env;
pub mod intake;
pub mod world;

pub mod access;
pub mod audit;
pub mod completions;
pub mod deadline;
pub mod demo;
pub mod find;
pub mod import;
pub mod init;
pub mod policy;
pub mod report;
pub mod request;
pub mod status;
pub mod subject;
pub mod version;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use crate::{
    domain::{Kind, Result},
    render::{Format, failure},
};
pub use env::Env;
use world::World;

/// How a command ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Exit 0.
    Done,
    /// The answer stands on standard output, and the code says what kind it is (4, 9, 10 …).
    With(Kind),
}

/// What every command returns.
pub type Outcome = Result<Exit>;

/// Runs one command line and gives its exit code.
pub fn run(args: Vec<OsString>, env: &mut Env<'_>) -> u8 {
    if let [_, only] = args.as_slice()
        && (only == "--version" || only == "-V")
    {
        return cli::version(env);
    }
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(error) => return cli::complain(&error, env),
    };
    let format = cli.global.format;
    let color = env.color(cli.global.color, env.stderr_is_terminal);
    let result = World::new(cli.global, env).and_then(|mut world| cli.command.run(&mut world));
    match result {
        Ok(Exit::Done) => 0,
        Ok(Exit::With(kind)) => kind.code(),
        Err(error) => {
            failure::write(env.stderr, &error, format.unwrap_or(Format::Table), color);
            error.kind().code()
        }
    }
}

/// As `Cli::try_parse_from`, but the description of the command line, thousands of small pieces, is left
/// to the end of the process instead of being taken apart at the start.
fn parse(args: Vec<OsString>) -> clap::error::Result<cli::Cli> {
    let mut line = cli::Cli::command();
    let matches = line.try_get_matches_from_mut(args)?;
    let cli = cli::Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut line));
    std::mem::forget(line);
    cli
}
