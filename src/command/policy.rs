//! `dsr policy`: what the rules are, whether they hold together, and why each says what it says.

use std::{io::Read, path::PathBuf};

use clap::Subcommand;

use super::{
    Exit, Outcome,
    world::{self, World},
};
use crate::{
    audit::Hash,
    decide::{
        deadline::{PastEndPolicy, deadline},
        prove,
    },
    domain::{Error, Kind, Result},
    policy::{
        Library, Rulebook,
        cases::{self, DeadlineCase},
        coverage, explain,
        lint::{Severity, lint},
    },
    render::{Cell, Head, Rows, failure},
};

const EXAMPLES: &str = "\
Examples:
  dsr policy check
  dsr policy coverage --controller mycar
  dsr policy explain AM-8-contact
";

/// Bytes of a published text that are compared: no policy is longer, and a device has no end.
const LONGEST_TEXT: u64 = 64 << 20;

/// Check, show and explain policies
///
/// A policy is data: every numbered clause of the published text is a rule or says why it carries none.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Policy {
    Check(Check),
    Coverage(Coverage),
    Show(Show),
    Explain(Explain),
    Test(Test),
}

/// Check the files; warnings do not fail, errors do (exit 6)
///
/// Warnings are for the officer and do not fail; an error does (exit 6), with file, line and column. With
/// --source FILE the published text is compared with the digest the policy was written from.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy check --controller mycar\n  dsr --policies my-policies policy check\n"
)]
pub struct Check {
    /// The published text
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
}

/// Print the clause table
///
/// Every numbered clause: its rule, where it takes effect, the cases that prove it, or why it carries none.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy coverage --controller mycar\n  dsr policy coverage --statute --controller mycar --format csv\n"
)]
pub struct Coverage {
    /// The table of the statute instead
    #[arg(long)]
    statute: bool,
}

/// List the rules of a controller
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr policy show --controller automaster\n")]
pub struct Show {}

/// Say one rule in words
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy explain AM-8-contact --controller automaster\n  dsr policy explain KZ-8.7 --controller mycar\n"
)]
pub struct Explain {
    /// The rule's id
    rule: String,
}

/// Run the cases beside the policies
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr policy test\n")]
pub struct Test {}

impl Policy {
    /// Runs one of them; none needs a store.
    ///
    /// # Errors
    /// Configuration (exit 6) with the place; usage (exit 2).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let library = world.library()?;
        match self {
            Self::Check(command) => command.run(world, &library),
            Self::Coverage(command) => command.run(world, &library),
            Self::Show(_) => show(world, &library),
            Self::Explain(command) => command.run(world, &library),
            Self::Test(_) => test(world, &library),
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

impl Check {
    fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let ids = controllers(world, library)?;
        let mut warnings = 0;
        let calendar = world::calendar(library)?;
        let (officer, _) = world.officer()?;
        for id in &ids {
            let rulebook = library.rulebook(id)?;
            self.compare(&rulebook, ids.len())?;
            for finding in lint(library, id)? {
                if finding.severity == Severity::Error {
                    return Err(finding.error);
                }
                warnings += 1;
                self.warn(world, &finding.error);
            }
            for missing in officer.unfilled(id) {
                warnings += 1;
                world.note(&format!("warning: {id}: dsr.yaml does not say {missing}"))?;
            }
        }
        let known = calendar.known_until();
        world
            .note(&format!("{}: valid; {warnings} warnings; the calendar ends on {known}", ids.join(", ")))?;
        Ok(Exit::Done)
    }

    fn compare(&self, rulebook: &Rulebook, several: usize) -> Result<()> {
        let Some(path) = &self.source else { return Ok(()) };
        if several > 1 {
            return Err(Error::usage("--source is the text of one policy").hint("add --controller ID"));
        }
        let unreadable = |error: std::io::Error| {
            Error::usage(format!("`{}` cannot be read", path.display())).because(error)
        };
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(LONGEST_TEXT).read_to_end(&mut bytes).map_err(unreadable)?;
        if Hash::of(&bytes).to_string() == rulebook.policy.source.sha256 {
            return Ok(());
        }
        Err(Error::config(format!(
            "`{}` is not the text that `{}` was written from",
            path.display(),
            rulebook.policy.id
        ))
        .hint("the published policy may have changed: read it against the rules, then set `source.sha256`"))
    }

    fn warn(&self, world: &mut World<'_, '_>, finding: &Error) {
        if !world.global.quiet {
            let color = world.env.color(world.global.color, world.env.stderr_is_terminal);
            let lang = world.style().lang;
            failure::warn(world.env.stderr, finding, lang, color);
        }
    }
}

impl Coverage {
    fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        let id = world.controller(library, None)?;
        let rulebook = library.rulebook(&id)?;
        let lines = if self.statute {
            coverage::statute(library, &rulebook)?
        } else {
            coverage::policy(library, &rulebook)?
        };
        let missing = lines.iter().filter(|line| line.is_missing()).count();
        let head = Head {
            schema: "dsr/policy-coverage/v1",
            list: "rows",
            title: format!("Clauses of {id}"),
            columns: &["row", "id", "clause", "kind", "effect", "proof", "not_operational"],
            members: vec![("count", lines.len().into()), ("missing", missing.into())],
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        for line in &lines {
            let proof = line.proof.iter().map(|(file, n)| format!("{file} × {n}"));
            rows.row(&[
                line.number.map_or(Cell::Nothing, |n| Cell::Int(n.into())),
                Cell::text(&line.id),
                Cell::text(&line.clause),
                Cell::text(line.kind),
                Cell::text(&line.effect),
                Cell::Words(proof.collect()),
                Cell::option(line.reason.as_ref()),
            ])?;
        }
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

fn show(world: &mut World<'_, '_>, library: &Library) -> Outcome {
    let id = world.controller(library, None)?;
    let rulebook = library.rulebook(&id)?;
    let head = Head {
        schema: "dsr/policy-show/v1",
        list: "rules",
        title: format!("{} ({})", rulebook.policy.title, rulebook.policy.version),
        columns: &["id", "clause", "kind", "says"],
        members: vec![
            ("version", rulebook.policy.version.clone().into()),
            ("sha256", rulebook.policy_sha256().into()),
            ("source_sha256", rulebook.policy.source.sha256.clone().into()),
        ],
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    for rule in &rulebook.policy.rules {
        let clause = Cell::option(rule.clause.as_ref());
        rows.row(&[Cell::text(&rule.id), clause, Cell::text(rule.body.kind()), Cell::text(&rule.says)])?;
    }
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

impl Explain {
    fn run(&self, world: &mut World<'_, '_>, library: &Library) -> Outcome {
        for id in controllers(world, library)? {
            let rulebook = library.rulebook(&id)?;
            if rulebook.rule(&self.rule).is_some() {
                let lines = explain::explain(&rulebook, &self.rule)?.join("\n");
                world.deliver(crate::render::guard::lines(&lines).as_bytes())?;
                return Ok(Exit::Done);
            }
        }
        Err(self.unknown(world, library)?)
    }

    fn unknown(&self, world: &World<'_, '_>, library: &Library) -> Result<Error> {
        let mut ids = Vec::new();
        for id in controllers(world, library)? {
            let rulebook = library.rulebook(&id)?;
            ids.extend(rulebook.policy.rules.into_iter().chain(rulebook.statute.rules).map(|rule| rule.id));
        }
        let near = crate::domain::suggest::nearest(&self.rule, ids.iter().map(String::as_str));
        let hint = near.map_or_else(
            || "`dsr policy show` lists the rules".into(),
            |near| format!("did you mean `{near}`?"),
        );
        Ok(Error::usage(format!("no rule is called `{}`", self.rule)).hint(hint))
    }
}

fn test(world: &mut World<'_, '_>, library: &Library) -> Outcome {
    let head = Head {
        schema: "dsr/policy-test/v1",
        list: "failed",
        title: "Cases beside the policies".into(),
        columns: &["file", "controller", "case", "fault"],
        members: Vec::new(),
    };
    let mut failed = Vec::new();
    let mut passed = 0_usize;
    for id in controllers(world, library)? {
        let rulebook = library.rulebook(&id)?;
        for name in [format!("{id}.cases.yaml"), format!("{}.cases.yaml", rulebook.statute.id)] {
            let Some((shown, text)) = library.file(&name) else { continue };
            let cases = cases::read(shown, text)?;
            let mine = |of: &Option<String>| of.as_deref().is_none_or(|of| of == id);
            let retention = cases.retention.iter().filter(|case| mine(&case.controller));
            let retention = retention.map(|case| (&case.name, prove::retention(case, &rulebook)));
            let deadlines = cases.deadlines.iter().filter(|case| mine(&case.controller));
            let calendar = world::calendar(library)?;
            let deadlines = deadlines.map(|case| (&case.name, due(case, &rulebook, &calendar)));
            for (case, result) in retention.chain(deadlines) {
                match result {
                    Ok(()) => passed += 1,
                    Err(fault) => {
                        failed.push([Cell::text(&name), Cell::text(&id), Cell::text(case), Cell::text(fault)])
                    }
                }
            }
        }
    }
    let head =
        Head { members: vec![("passed", passed.into()), ("failed_count", failed.len().into())], ..head };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    failed.iter().try_for_each(|row| rows.row(row))?;
    rows.finish(Vec::new())?;
    Ok(if failed.is_empty() { Exit::Done } else { Exit::With(Kind::Config) })
}

/// A deadline case against the decision.
fn due(case: &DeadlineCase, rulebook: &Rulebook, calendar: &crate::calendar::Calendar) -> Result<(), String> {
    let (law, policy) = rulebook.terms(case.right, case.received.day());
    let found = deadline(case.right, case.received, &law, &policy, calendar, PastEndPolicy::Refuse)
        .map_err(|error| error.to_string())?;
    prove::deadline(case, &found)
}
