//! `dsr policy check`: everything that is wrong with the files, and everything the officer should know.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use super::{
    Outcome, controllers,
    world::{self, World},
};
use crate::{
    audit::Hash,
    command::Exit,
    domain::{Error, Kind, Result},
    policy::{
        Library, Rulebook,
        lint::{Severity, lint},
        officer::Officer,
    },
    render::{Cell, Format, Head, failure},
    store::plain,
};

/// Bytes of a published text that are compared: no policy is longer, and a device has no end.
const LONGEST_TEXT: u64 = 64 << 20;

/// Check the files; warnings do not fail, errors do (exit 6)
///
/// Every error is told, not the first alone, with file, line and column; warnings are for the officer and
/// do not fail. With --source FILE the published text is compared with the digest the policy was written from.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy check --controller mycar\n  dsr policy check --controller mycar --source policy.txt\n  dsr --policies my-policies policy check --format json\n"
)]
pub struct Check {
    /// The published text
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
}

/// One finding of any kind.
struct Found {
    severity: Severity,
    code: &'static str,
    controller: String,
    error: Error,
}

impl Check {
    pub(super) fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let ids = controllers(world, library)?;
        let calendar = world::calendar(library)?;
        let (officer, _) = world.officer()?;
        let mut found = Vec::new();
        for id in &ids {
            self.one(library, id, &officer, ids.len(), &mut found)?;
        }
        found.sort_by_key(|one| one.severity);
        let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
        let warnings = found.len() - errors;
        show(world, &ids, found)?;
        let (ids, known) = (ids.join(", "), calendar.known_until());
        world.note(&match errors {
            0 => format!("{ids} valid: {warnings} warnings; the calendar ends on {known}"),
            _ => {
                format!("{ids} not valid: {errors} errors, {warnings} warnings; the calendar ends on {known}")
            }
        })?;
        Ok(if errors == 0 { Exit::Done } else { Exit::With(Kind::Config) })
    }

    fn one(
        &self,
        library: &Library,
        id: &str,
        officer: &Officer,
        several: usize,
        found: &mut Vec<Found>,
    ) -> Result<()> {
        let mut add = |severity, code, error| {
            found.push(Found { severity, code, controller: id.to_owned(), error });
        };
        let rulebook = match library.rulebook(id) {
            Ok(rulebook) => rulebook,
            Err(error) if error.kind() == Kind::Config => {
                let (first, more) = error.apart();
                [first].into_iter().chain(more).for_each(|error| add(Severity::Error, "not-valid", error));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match self.compare(&rulebook, several) {
            Err(error) if error.kind() == Kind::Config => add(Severity::Error, "other-source", error),
            other => other?,
        }
        lint(library, id)?.into_iter().for_each(|finding| add(finding.severity, finding.code, finding.error));
        for missing in officer.unfilled(id) {
            let by = rulebook.asked_by(missing.split(':').next().unwrap_or_default());
            let error = match by {
                Some(rule) => {
                    let by = &rule.id;
                    Error::config(format!("{id}: asked for by {by}, dsr.yaml does not say {missing}"))
                }
                None => Error::config(format!("{id}: dsr.yaml does not say {missing}")),
            };
            add(Severity::Warning, "officer-field", error);
        }
        Ok(())
    }

    fn compare(&self, rulebook: &Rulebook, several: usize) -> Result<()> {
        let Some(path) = &self.source else { return Ok(()) };
        if several > 1 {
            return Err(Error::usage("--source is the text of one policy").hint("add --controller ID"));
        }
        compare(path, rulebook)
    }
}

/// Whether a file is the text that a policy was written from.
///
/// # Errors
/// Usage (exit 2) where it cannot be read; configuration (exit 6) where it is another text.
pub(super) fn compare(path: &Path, rulebook: &Rulebook) -> Result<()> {
    let unreadable =
        |error: std::io::Error| Error::usage(format!("`{}` cannot be read", path.display())).because(error);
    let mut bytes = Vec::new();
    let file = plain::open(path).map_err(unreadable)?;
    file.take(LONGEST_TEXT).read_to_end(&mut bytes).map_err(unreadable)?;
    if Hash::of(&bytes).to_string() == rulebook.policy.source.sha256 {
        return Ok(());
    }
    let id = &rulebook.policy.id;
    Err(Error::config(format!("`{}` is not the text that `{id}` was written from", path.display()))
        .hint("the published policy may have changed: read it against the rules, then set `source.sha256`"))
}

/// At a terminal as errors and warnings are shown everywhere; else as a list.
fn show(world: &mut World<'_, '_>, ids: &[String], found: Vec<Found>) -> Result<()> {
    if world.style().format == Format::Table {
        for one in found {
            at_terminal(world, &one);
        }
        return Ok(());
    }
    let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
    let head = Head {
        schema: "dsr/policy-check/v1",
        list: "findings",
        title: "Policy check".into(),
        columns: &["severity", "code", "controller", "file", "line", "column", "message", "hint"],
        members: vec![
            ("controllers", ids.into()),
            ("valid", (errors == 0).into()),
            ("errors", errors.into()),
        ],
    };
    let mut rows = world.rows(head)?;
    for one in &found {
        let (file, line, column) = match one.error.place() {
            Some((file, line, column)) => (Cell::text(file), Cell::count(line), Cell::count(column)),
            None => (Cell::Nothing, Cell::Nothing, Cell::Nothing),
        };
        rows.row(&[
            Cell::Word(if one.severity == Severity::Error { "error" } else { "warning" }),
            Cell::Word(one.code),
            Cell::text(&one.controller),
            file,
            line,
            column,
            Cell::text(one.error.message()),
            Cell::option(one.error.hint_text()),
        ])?;
    }
    rows.finish(Vec::new())
}

fn at_terminal(world: &mut World<'_, '_>, one: &Found) {
    let lang = world.style().lang;
    let color = world.env.color(world.global.color, world.env.stderr_is_terminal);
    match one.severity {
        Severity::Error => failure::write(world.env.stderr, &one.error, Format::Table, lang, color),
        Severity::Warning if world.global.quiet => {}
        Severity::Warning => failure::warn(world.env.stderr, &one.error, lang, color),
    }
}
