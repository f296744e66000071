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
mod roles;
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
pub fn run(args: Vec<OsString>, env: &mut Env<'_>) -> u8 {
    if let [_, only] = args.as_slice()
        && (only == "--version" || only == "-V")
    {
        return cli::version(env);
    }
    let asked_for_json = wants_json(&args);
    let asked_lang = lang_of(&args).or_else(|| world::language(env));
    let day = args.iter().cloned().chain(["status".into()]).collect();
    let cli = match cli::Cli::read(args) {
        Ok(cli) => cli,
        Err(error) => match the_day(&error, day, env) {
            Some(cli) => cli,
            None => return cli::complain(&error, asked_for_json, asked_lang.unwrap_or(Lang::En), env),
        },
    };
    let format = cli.global.format;
    let color = env.color(cli.global.color, env.stderr_is_terminal);
    let lang = cli.global.lang.or_else(|| world::language(env)).unwrap_or(Lang::En);
    let result =
        cli.command.check_format(format).and_then(|()| World::new(cli.global, env)).and_then(|mut world| {
            roles::admit(&cli.command, &mut world)?;
            cli.command.run(&mut world)
        });
    match result {
        Ok(Exit::Done) => 0,
        Ok(Exit::With(kind)) => kind.code(),
        Err(error) => {
            failure::write(env.stderr, &error, format.unwrap_or(Format::Table), lang, color);
            error.kind().code()
        }
    }
}

/// On a terminal no command at all asks for the day, where there is a store; else for help.
fn the_day(error: &clap::Error, day: Vec<OsString>, env: &Env<'_>) -> Option<cli::Cli> {
    use clap::error::ErrorKind as E;
    let is_bare = matches!(error.kind(), E::MissingSubcommand | E::DisplayHelpOnMissingArgumentOrSubcommand);
    if !is_bare || !env.stdout_is_terminal {
        return None;
    }
    let cli = cli::Cli::read(day).ok().filter(|cli| matches!(cli.command, cli::Command::Status(_)))?;
    let path = cli.global.store.clone().or_else(|| env.default_store())?;
    let path = if path.is_dir() { path.join("dsr.sqlite") } else { path };
    path.is_file().then_some(cli)
}

/// The language that is asked for, known before the command line is understood.
fn lang_of(args: &[OsString]) -> Option<Lang> {
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let apart =
        words.windows(2).find_map(|pair| if let ["--lang", lang] = pair { Some(*lang) } else { None });
    Lang::of_locale(apart.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang=")))?)
}

/// Whether errors are to be objects, known before the command line is understood.
fn wants_json(args: &[OsString]) -> bool {
    let json = |word: &OsString| word == "json" || word == "ndjson";
    let apart =
        args.windows(2).any(|pair| matches!(pair, [option, word] if option == "--format" && json(word)));
    apart || args.iter().any(|arg| arg == "--format=json" || arg == "--format=ndjson")
}
