//! `dsr audit`: the log that nobody can have edited. Reads only.

use clap::Subcommand;

use super::{Exit, Outcome, world::World};
use crate::{
    audit::Entry,
    domain::{Error, Kind, Result},
    render::{Cell, Head, Rows},
    store::{Mode, Store},
};

const EXAMPLES: &str = "\
Examples:
  dsr audit verify
  dsr audit list --after 100 --format ndjson
";

/// Verify and read the audit log
///
/// An entry says who did what to whom by which rules; a person is a random number in it, and no value of
/// theirs is ever there.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Audit {
    Verify(Verify),
    List(List),
    Head(HeadArgs),
}

/// Check every entry and every head; the first bad one is named (exit 9)
///
/// An entry that was edited, deleted, added or swapped is found and named. That entries are missing at the
/// end is only found against a head kept elsewhere: note the head of `dsr audit head` outside this machine.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr audit verify --format json\n")]
pub struct Verify {}

/// List entries
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr audit list --after 100\n  dsr audit list --format ndjson\n")]
pub struct List {
    /// Entries after this number
    #[arg(long, value_name = "NO", default_value_t = 0)]
    after: u64,
}

/// Print the size and root of the log
///
/// Note it outside this machine: against it a log that was cut short is found out.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr audit head\n")]
pub struct HeadArgs {}

impl Audit {
    /// Runs one of them.
    ///
    /// # Errors
    /// Integrity (exit 9).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        match self {
            Self::Verify(_) => verify(world, &mut store),
            Self::List(List { after }) => list(world, &mut store, *after),
            Self::Head(_) => head(world, &mut store),
        }
    }
}

fn verify(world: &mut World<'_, '_>, store: &mut Store) -> Outcome {
    let verdict = crate::execute::verify::verify(store)?;
    let intact = verdict.first_bad.is_none();
    let members = vec![
        ("intact", intact.into()),
        ("entries", verdict.entries.into()),
        ("root", verdict.root.to_string().into()),
        ("first_bad", verdict.first_bad.as_ref().map(|fault| fault.seq).into()),
    ];
    let head = Head {
        schema: "dsr/audit-verify/v1",
        list: "faults",
        title: if intact { "The audit log is intact".into() } else { "The audit log does not verify".into() },
        columns: &["seq", "fault"],
        members,
    };
    let style = world.style();
    if !(world.global.quiet && intact) {
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        if let Some(fault) = &verdict.first_bad {
            rows.row(&[Cell::Int(i64::try_from(fault.seq).unwrap_or(i64::MAX)), Cell::text(fault)])?;
        }
        rows.finish(Vec::new())?;
    }
    match verdict.first_bad {
        None => Ok(Exit::Done),
        Some(fault) => Err(Error::new(Kind::Integrity, format!("the audit log does not verify: {fault}"))
            .hint("keep the file as it is and compare it with a backup and with heads kept elsewhere")),
    }
}

fn list(world: &mut World<'_, '_>, store: &mut Store, after: u64) -> Outcome {
    let head = Head {
        schema: "dsr/audit-list/v1",
        list: "entries",
        title: "Audit log".into(),
        columns: &[
            "seq",
            "at",
            "actor",
            "uid",
            "command",
            "state",
            "controller",
            "case",
            "subject",
            "counts",
            "rules",
            "run",
            "leaves",
        ],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    store.read(|view| {
        view.for_each_entry(after.saturating_add(1), |seq, bytes| rows.row(&cells(seq, bytes)?))
    })?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

fn cells(seq: u64, bytes: &[u8]) -> Result<[Cell; 13]> {
    let unreadable =
        |what| Error::new(Kind::Integrity, format!("entry {seq}: {what}")).hint("run `dsr audit verify`");
    let act = Entry::parse(bytes).map_err(unreadable)?.act;
    Ok([
        Cell::Int(i64::try_from(seq).unwrap_or(i64::MAX)),
        Cell::text(act.at.rfc3339()),
        Cell::text(act.actor.name()),
        Cell::Int(i64::from(act.actor.uid())),
        Cell::text(act.command.as_str()),
        Cell::text(act.state),
        Cell::option(act.controller.as_ref().map(|word| word.as_str())),
        Cell::option(act.case),
        Cell::option(act.subject),
        Cell::Words(act.counts.iter().map(|(word, n)| format!("{} {n}", word.as_str())).collect()),
        Cell::Words(act.rules.iter().map(|word| word.as_str().to_owned()).collect()),
        Cell::option(act.run),
        Cell::option(act.leaves),
    ])
}

fn head(world: &mut World<'_, '_>, store: &mut Store) -> Outcome {
    let found = store.read(|view| view.audit_head())?;
    let head = Head {
        schema: "dsr/audit-head/v1",
        list: "heads",
        title: "Head of the audit log".into(),
        columns: &["size", "root"],
        members: vec![("size", found.size.into()), ("root", found.root.to_string().into())],
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    let size = i64::try_from(found.size).unwrap_or(i64::MAX);
    rows.row(&[Cell::Int(size), Cell::text(found.root)])?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}
