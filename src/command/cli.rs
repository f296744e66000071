//! The command line as a whole: global options, the list of commands, and clap's own complaints.

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind,
    parser::ValueSource,
};

use super::{Env, Outcome, complaint, help, world::World};
use crate::{
    domain::{Error, Kind, Result},
    render::{Format, Lang, failure},
};

const EXAMPLES: &str = "\
Examples:
  dsr demo                          # the whole job on invented people
  dsr init --controller mycar       # a store
  dsr import clients.ndjson         # the data
  dsr export --subject ref:C-1 --lang ru --output copy.html
  dsr deadline --right revoke --received 2026-03-20 --controller mycar
  dsr status                        # what is due, and what to type next
";

const EXIT_CODES: &str = "\
Exit codes:
  0  done; nothing held is an answer too      7  a guard stopped the run
  1  failed; nothing half-done                8  a step failed, or bytes may remain
  2  wrong usage or bad input                 9  store damaged, or log not verified
  3  no such person or case                  10  a check found something late
  4  refused, or identity missing            75  the store is busy
  5  ambiguous; nothing was done            130  interrupted (141 closed pipe,
  6  policy, calendar or store invalid           143 terminated)
";

/// Carry out data-subject requests: decided by clause, timed by working days, provable afterwards
///
/// A person asks what a company holds about them, or to change, block or destroy it. `dsr` finds the
/// data, decides by the published policy and the law, acts, and keeps a log that nobody can edit unseen.
/// The answer is on standard output, the conversation on standard error.
#[derive(Parser)]
#[command(name = "dsr", version, before_help = EXAMPLES, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads a command line.
    ///
    /// # Errors
    /// Help and version too come as an error: see [`complain`].
    pub fn read(args: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut shown = help::dressed(Self::command());
        let matches = shown.try_get_matches_from_mut(args)?;
        let typed = matches.value_source("controller") == Some(ValueSource::CommandLine);
        let cli =
            Self::from_arg_matches(&matches).map_err(|error| error.format(&mut shown)).map(|mut cli| {
                cli.global.controller_is_typed = typed;
                cli
            });
        // Thousands of small pieces: left to the end of the process instead of being taken apart now.
        std::mem::forget(shown);
        cli
    }
}

/// Options that mean the same for every command, before or after it.
#[derive(Args, Clone)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The store file
    #[arg(long, global = true, value_name = "PATH", env = "DSR_STORE", hide_env_values = true)]
    pub store: Option<PathBuf>,
    /// The officer's file [default: `dsr.yaml` beside the store]
    #[arg(long, global = true, value_name = "FILE", env = "DSR_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Policy files that replace the built-in ones of the same name
    #[arg(long, global = true, value_name = "DIR", env = "DSR_POLICIES", hide_env_values = true)]
    pub policies: Option<PathBuf>,
    /// Whose policy and people: `mycar`, `automaster`, … [default: the one set by `init`]
    #[arg(long, global = true, value_name = "ID", env = "DSR_CONTROLLER", hide_env_values = true)]
    pub controller: Option<String>,
    /// Whether it stands in the command line: one of the environment may be left over from another day.
    #[arg(skip)]
    pub controller_is_typed: bool,
    /// How the answer is written: table, json, csv, ndjson, html [default: table]
    #[arg(long, global = true, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<Format>,
    /// Language of words: en, ru, kk; keys and codes stay English [default: DSR_LANG, LC_ALL, LANG]
    #[arg(long, global = true, value_name = "LANG", hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// Say nothing on success
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to colour: auto, always, never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: ColorChoice,
    /// Who acts, as the audit log shows it; the OS user id is recorded beside it
    #[arg(long, global = true, value_name = "NAME")]
    pub actor: Option<String>,
    /// Leave a system of `dsr.yaml` out, which cannot be reached: people look there; may be repeated
    #[arg(long, global = true, value_name = "SYSTEM")]
    pub without: Vec<String>,
    /// Seconds to wait for a busy store
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub lock_wait: u64,
}

/// Every command, in the order of the help page.
#[derive(Subcommand)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Command {
    Init(super::init::Init),
    Import(super::import::Import),
    Find(super::find::Find),
    Access(super::access::Access),
    Export(super::access::Export),
    Rectify(super::rectify::Rectify),
    Erase(super::erase::Erase),
    Restrict(super::restrict::Restrict),
    Object(super::object::Object),
    Revoke(super::revoke::Revoke),
    Apply(super::apply::Apply),
    PurgeExpired(super::purge::PurgeExpired),
    #[command(subcommand)]
    Request(super::request::Request),
    #[command(subcommand)]
    Hold(super::hold::Hold),
    #[command(subcommand)]
    Consent(super::consent::Consent),
    #[command(subcommand)]
    Suppress(super::suppress::Suppress),
    #[command(subcommand)]
    Subject(super::subject::Subject),
    Deadline(super::deadline::DeadlineArgs),
    #[command(subcommand)]
    Policy(super::policy::Policy),
    #[command(subcommand)]
    Map(super::map::Map),
    #[command(subcommand)]
    Report(super::report::Report),
    #[command(subcommand)]
    Audit(super::audit::Audit),
    Status(super::status::Status),
    Sanitize(super::sanitize::Sanitize),
    Backup(super::backup::Backup),
    Restore(super::restore::Restore),
    Doctor(super::doctor::Doctor),
    Demo(super::demo::Demo),
    Completions(super::completions::Completions),
    Man(super::completions::Man),
    Version(super::version::Version),
}

impl Command {
    /// A form that the answer has not is refused before anything is done, not after.
    ///
    /// # Errors
    /// Usage (exit 2).
    pub fn check_format(&self, format: Option<Format>) -> Result<()> {
        let has_page = match self {
            Self::Access(_) | Self::Export(_) => true,
            Self::Report(report) => report.has_page(),
            Self::Request(request) => request.has_page(),
            _ => false,
        };
        if format != Some(Format::Html) || has_page {
            return Ok(());
        }
        Err(Error::usage(
            "only `access`, `export`, `request letter`, `report compliance` and `report destruction --act` have an html form",
        )
        .hint("use --format table or --format json"))
    }

    /// Runs it.
    ///
    /// # Errors
    /// What the command says.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Init(command) => command.run(world),
            Self::Import(command) => command.run(world),
            Self::Find(command) => command.run(world),
            Self::Access(command) => command.run(world),
            Self::Export(command) => command.run(world),
            Self::Rectify(command) => command.run(world),
            Self::Erase(command) => command.run(world),
            Self::Restrict(command) => command.run(world),
            Self::Object(command) => command.run(world),
            Self::Revoke(command) => command.run(world),
            Self::Apply(command) => command.run(world),
            Self::PurgeExpired(command) => command.run(world),
            Self::Request(command) => command.run(world),
            Self::Hold(command) => command.run(world),
            Self::Consent(command) => command.run(world),
            Self::Suppress(command) => command.run(world),
            Self::Subject(command) => command.run(world),
            Self::Deadline(command) => command.run(world),
            Self::Policy(command) => command.run(world),
            Self::Map(command) => command.run(world),
            Self::Report(command) => command.run(world),
            Self::Audit(command) => command.run(world),
            Self::Status(command) => command.run(world),
            Self::Sanitize(command) => command.run(world),
            Self::Backup(command) => command.run(world),
            Self::Restore(command) => command.run(world),
            Self::Doctor(command) => command.run(world),
            Self::Demo(command) => command.run(world),
            Self::Completions(command) => command.run(world),
            Self::Man(command) => command.run(world),
            Self::Version(command) => command.run(world),
        }
    }
}

/// The bare version, for scripts that ask nothing else: clap says the same, after it has described every
/// command to itself.
pub fn version(env: &mut Env<'_>) -> u8 {
    let text = concat!("dsr ", env!("CARGO_PKG_VERSION"), "\n");
    answered(text, env)
}

fn answered(text: &str, env: &mut Env<'_>) -> u8 {
    match crate::render::deliver(env.stdout, text.as_bytes()) {
        Ok(()) => 0,
        Err(error) => crate::domain::Error::from(error).kind().code(),
    }
}

/// What clap has to say: help and version are answers, everything else is wrong usage (exit 2).
pub fn complain(error: &clap::Error, json: bool, lang: Lang, env: &mut Env<'_>) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let plain = !env.stdout_is_terminal;
            let text = if plain { text.to_string() } else { text.ansi().to_string() };
            answered(&text, env)
        }
        // No command at all: the help is the best answer there is.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = write!(env.stderr, "{}", error.render());
            Kind::Usage.code()
        }
        _ => {
            let format = if json { Format::Json } else { Format::Table };
            let color = env.color(ColorChoice::Auto, env.stderr_is_terminal);
            failure::write(env.stderr, &complaint::usage(error), format, lang, color);
            Kind::Usage.code()
        }
    }
}
