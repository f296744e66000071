//! One file a command: its arguments (whose doc comments are its help), then a few lines.

pub mod acting;
pub mod cli;
pub mod complaint;
mod elsewhere;
pub mod env;
pub mod help;
pub mod intake;
mod opening;
pub(crate) mod reach;
pub mod world;

pub mod access;
pub mod apply;
pub mod audit;
pub mod backup;
pub mod completions;
pub mod consent;
pub mod deadline;
pub mod demo;
pub mod doctor;
pub mod erase;
pub mod find;
pub mod hold;
pub mod import;
pub mod init;
pub mod map;
pub mod object;
pub mod policy;
pub mod purge;
pub mod rectify;
pub mod report;
pub mod request;
pub mod restore;
pub mod restrict;
pub mod revoke;
pub mod sanitize;
mod scrub;
pub mod status;
pub mod subject;
pub mod suppress;
mod systems;
pub mod third_party;
pub mod version;

use std::ffi::OsString;

use crate::{
    domain::{Kind, Result},
    render::{Format, Lang, failure},
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
pub fn run(mut args: Vec<OsString>, env: &mut Env<'_>) -> u8 {
    if args.len() == 1 && env.stdout_is_terminal && has_store(env) {
        args.push("status".into());
    }
    if let [_, only] = args.as_slice()
        && (only == "--version" || only == "-V")
    {
        return cli::version(env);
    }
    let asked_for_json = wants_json(&args);
    let cli = match cli::Cli::read(args) {
        Ok(cli) => cli,
        Err(error) => return cli::complain(&error, asked_for_json, env),
    };
    let format = cli.global.format;
    let color = env.color(cli.global.color, env.stderr_is_terminal);
    let lang = cli.global.lang.or_else(|| world::language(env)).unwrap_or(Lang::En);
    let result = cli
        .command
        .check_format(format)
        .and_then(|()| World::new(cli.global, env))
        .and_then(|mut world| cli.command.run(&mut world));
    match result {
        Ok(Exit::Done) => 0,
        Ok(Exit::With(kind)) => kind.code(),
        Err(error) => {
            failure::write(env.stderr, &error, format.unwrap_or(Format::Table), lang, color);
            error.kind().code()
        }
    }
}

/// Whether there is a store where it is looked for first: then the bare word asks for the day, else for help.
fn has_store(env: &Env<'_>) -> bool {
    let named = env.variable("DSR_STORE").map(std::path::PathBuf::from);
    let path = named.or_else(|| env.default_store());
    path.is_some_and(|path| if path.is_dir() { path.join("dsr.sqlite").is_file() } else { path.is_file() })
}

/// Whether errors are to be objects, known before the command line is understood.
fn wants_json(args: &[OsString]) -> bool {
    let json = |word: &OsString| word == "json" || word == "ndjson";
    let apart =
        args.windows(2).any(|pair| matches!(pair, [option, word] if option == "--format" && json(word)));
    apart || args.iter().any(|arg| arg == "--format=json" || arg == "--format=ndjson")
}
