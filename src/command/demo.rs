//! `dsr demo`: the main job on invented people, in front of the reader.

use std::{
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::{Env, Exit, Outcome, world::World};
use crate::domain::{Error, Kind, Result, quoted};

/// The day of the stories.
const NOW: &str = "2026-11-22T10:00:00+05:00";

const FILES: [(&str, &str); 2] = [
    ("mycar.ndjson", include_str!("../../fixtures/mycar.ndjson")),
    ("automaster.ndjson", include_str!("../../fixtures/automaster.ndjson")),
];

/// Do the whole job on invented people in a new directory
///
/// Makes `dsr-demo` in the current directory (or `dsr-demo-2`, …), a drill store in it, and runs import,
/// find, deadline, access, export and audit verify, showing each command before its answer.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr demo\n")]
pub struct Demo {
    /// The directory to make [default: ./dsr-demo]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Demo {
    /// Runs the steps; the first failing one ends the demo with its code.
    ///
    /// # Errors
    /// Failed (exit 1): the directory cannot be made.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let directory = make(self.directory.clone())?;
        for (name, text) in FILES {
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(directory.join(name))?;
            file.write_all(text.as_bytes())?;
        }
        say(world, &format!("The demo lies in {}. Its people are invented.", directory.display()))?;
        for (title, step) in steps(&directory) {
            say(world, &format!("\n── {title}"))?;
            let line = step.iter().map(quoted).collect::<Vec<_>>().join(" ");
            say(world, &format!("$ dsr {line}\n"))?;
            match run(world.env, &directory, step) {
                0 => {}
                code => return Err(failed(code)),
            }
        }
        say(world, &farewell(&directory))?;
        Ok(Exit::Done)
    }
}

fn failed(code: u8) -> Error {
    Error::new(Kind::Failed, format!("the demo stopped: the last command ended with exit {code}"))
}

fn say(world: &mut World<'_, '_>, text: &str) -> Result<()> {
    world.deliver(format!("{text}\n").as_bytes())
}

fn make(wanted: Option<PathBuf>) -> Result<PathBuf> {
    let tried = match wanted {
        Some(path) => vec![path],
        None => (1..100)
            .map(|n| if n == 1 { "dsr-demo".into() } else { format!("dsr-demo-{n}").into() })
            .collect(),
    };
    let fresh = |path: &&PathBuf| !path.exists();
    let path = tried.iter().find(fresh).ok_or_else(|| {
        Error::usage("the directory for the demo exists already").hint("choose another: --directory DIR")
    })?;
    // A umask takes bits away and adds none.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        Error::new(Kind::Failed, "the directory for the demo cannot be made").because(error)
    })?;
    Ok(path.clone())
}

fn steps(directory: &Path) -> Vec<(&'static str, Vec<String>)> {
    let file = |name: &str| directory.join(name).display().to_string();
    let [(dealer, dealers), (service, services)] =
        FILES.map(|(name, _)| (name.strip_suffix(".ndjson").unwrap_or(name), file(name)));
    let copy = file("copy.html");
    let iin = "iin:900101499994";
    [
        ("A store, and the officer's file beside it", vec!["init", "--controller", dealer]),
        ("Bring in what the dealer holds", vec!["import", &dealers]),
        (
            "And what the car service holds, into the same store",
            vec!["import", &services, "--controller", service],
        ),
        (
            "Somebody calls from a number: who is it? A shared phone is never guessed",
            vec!["find", "8 (701) 000-00-05"],
        ),
        (
            "A withdrawal arrives on Friday 20 March: when is it due?",
            vec!["deadline", "--right", "revoke", "--received", "2026-03-20T15:00"],
        ),
        (
            "What do you hold about me? (art. 24)",
            vec!["access", "--subject", iin, "--channel", "registered_letter", "--identity", "document"],
        ),
        (
            "And a copy, readable in Almaty",
            vec![
                "export",
                "--subject",
                iin,
                "--identity",
                "document",
                "--format",
                "html",
                "--lang",
                "ru",
                "--output",
                &copy,
            ],
        ),
        ("What is due now", vec!["status"]),
        ("Nobody has touched the log", vec!["audit", "verify"]),
    ]
    .into_iter()
    .map(|(title, step)| (title, step.into_iter().map(str::to_owned).collect()))
    .collect()
}

/// The same program once more, on the demo's store and at the demo's time.
fn run(env: &mut Env<'_>, directory: &Path, step: Vec<String>) -> u8 {
    let mut variables = env.variables.clone();
    variables.retain(|name, _| !name.to_string_lossy().starts_with("DSR_"));
    variables.insert("DSR_STORE".into(), directory.join("store.sqlite").into());
    variables.insert("DSR_NOW".into(), NOW.into());
    let mut args = vec!["dsr".to_owned(), "--store".to_owned()];
    args.push(directory.join("store.sqlite").display().to_string());
    args.extend(step);
    let mut inner = Env {
        now: env.now,
        variables,
        stdin: &mut *env.stdin,
        stdin_stream: env.stdin_stream,
        stdout: &mut *env.stdout,
        stderr: &mut *env.stderr,
        stdin_is_terminal: env.stdin_is_terminal,
        stdout_is_terminal: env.stdout_is_terminal,
        stderr_is_terminal: env.stderr_is_terminal,
        columns: env.columns,
        random: &mut *env.random,
        user: env.user,
    };
    super::run(args.into_iter().map(Into::into).collect(), &mut inner)
}

fn farewell(directory: &Path) -> String {
    let dir = quoted(directory.display());
    let store = quoted(directory.join("store.sqlite").display());
    let page = quoted(directory.join("copy.html").display());
    format!(
        "\n── Go on yourself
  export DSR_STORE={store} DSR_NOW={NOW}
  dsr status
  dsr access --subject iin:850322499994 --identity document
  dsr find name:Семенова
  dsr deadline --right revoke --received 2026-03-20 --controller automaster
  dsr report inventory
  dsr report register --format csv
  dsr policy explain AM-8-contact --controller automaster
  dsr --help
The page for the person is {page}. Remove {dir} when you are done."
    )
}
