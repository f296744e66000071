//! The command line as a whole: global options, the list of commands, and clap's own complaints.

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, error::ErrorKind};

use super::{Env, Outcome, world::World};
use crate::{
    domain::Kind,
    render::{Format, Lang},
};

/// Examples first, then usage and options: how a good manual page reads.
pub const TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const EXAMPLES: &str = "\
Examples:
  dsr demo                                            see the whole job on invented people
  dsr init --controller mycar                         create a store
  dsr import clients.ndjson                           bring in the data
  dsr export --subject iin:900101499994 --format html --output copy.html
  dsr deadline --right revoke --received 2026-03-20 --controller mycar
  dsr status                                          what is due, and what to type next
";

const EXIT_CODES: &str = "\
Exit codes: 0 done · 1 failed · 2 wrong usage or bad input · 3 subject not found · 4 refused or identity missing ·
5 ambiguous subject or stale plan · 6 policy, calendar, configuration or store invalid · 7 a guard stopped the run ·
8 a step failed or bytes may remain · 9 integrity · 10 a check found something late · 75 store busy ·
130/141/143 interrupted, closed pipe, terminated";

/// Carry out data-subject requests: decided by clause, timed by working days, provable afterwards.
#[derive(Parser)]
#[command(name = "dsr", version, help_template = TEMPLATE, before_help = EXAMPLES, after_help = EXIT_CODES,
          disable_help_subcommand = false, max_term_width = 110)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
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
    /// How the answer is written [default: table]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Language of words; keys and codes stay English [default: DSR_LANG, LC_ALL, LANG]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// Say nothing on success
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Who acts, as the audit log shows it; the OS user id is recorded beside it
    #[arg(long, global = true, value_name = "NAME")]
    pub actor: Option<String>,
    /// Seconds to wait for a busy store
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10)]
    pub lock_wait: u64,
}

/// Every command.
#[derive(Subcommand)]
pub enum Command {
    /// Create the store and say what to do next
    Init(super::init::Init),
    /// Bring data in from NDJSON or CSV
    Import(super::import::Import),
    /// Find people by any identifier or name; masked
    Find(super::find::Find),
    /// Answer what is held about a person, why, from where, how long, and who got it
    Access(super::access::Access),
    /// Give a person a copy of their data
    Export(super::access::Export),
    /// Keep the register of requests
    #[command(subcommand)]
    Request(super::request::Request),
    /// Show one person, or link one person held twice
    #[command(subcommand)]
    Subject(super::subject::Subject),
    /// Compute the due date of a right, with every skipped day
    Deadline(super::deadline::DeadlineArgs),
    /// Check, show and explain policies
    #[command(subcommand)]
    Policy(super::policy::Policy),
    /// Reports for the auditor
    #[command(subcommand)]
    Report(super::report::Report),
    /// Verify and read the audit log
    #[command(subcommand)]
    Audit(super::audit::Audit),
    /// What is overdue, due today, due this week
    Status(super::status::Status),
    /// Do the whole job on invented people in a new directory
    Demo(super::demo::Demo),
    /// Print completions for a shell
    Completions(super::completions::Completions),
    /// Print the manual page
    Man(super::completions::Man),
    /// Print versions of program, SQLite, policies and calendar
    Version(super::version::Version),
}

impl Command {
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
            Self::Request(command) => command.run(world),
            Self::Subject(command) => command.run(world),
            Self::Deadline(command) => command.run(world),
            Self::Policy(command) => command.run(world),
            Self::Report(command) => command.run(world),
            Self::Audit(command) => command.run(world),
            Self::Status(command) => command.run(world),
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
    let written = writeln!(env.stdout, "dsr {}", env!("CARGO_PKG_VERSION"));
    answered(written)
}

fn answered(written: std::io::Result<()>) -> u8 {
    match written {
        Ok(()) => 0,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Kind::ClosedPipe.code(),
        Err(_) => Kind::Failed.code(),
    }
}

/// What clap has to say: help and version are answers, everything else is wrong usage (exit 2).
pub fn complain(error: &clap::Error, env: &mut Env<'_>) -> u8 {
    let answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let (stream, terminal): (&mut dyn std::io::Write, bool) = if answer {
        (&mut *env.stdout, env.stdout_is_terminal)
    } else {
        (&mut *env.stderr, env.stderr_is_terminal)
    };
    let text = error.render();
    let plain = !terminal;
    let written = if plain { write!(stream, "{text}") } else { write!(stream, "{}", text.ansi()) };
    if answer { answered(written) } else { Kind::Usage.code() }
}
