//! `dsr audit list`: the entries as they stand.

use super::super::{Exit, Outcome, world::World};
use crate::{
    audit::Entry,
    domain::{Error, Kind, Result},
    render::{Cell, Head, Rows},
    store::Mode,
};

/// List entries
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr audit list --after 100\n  dsr audit list --format ndjson\n")]
pub struct List {
    /// Entries after this number
    #[arg(long, value_name = "NO", default_value_t = 0)]
    after: u64,
}

/// The columns of an entry.
pub(super) const COLUMNS: &[&str] = &[
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
    "clock",
];

impl List {
    /// Reads only.
    ///
    /// # Errors
    /// Integrity (exit 9): an entry that cannot be read.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let head = Head {
            schema: "dsr/audit-list/v1",
            list: "entries",
            title: "Audit log".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        store.read(|view| {
            view.for_each_entry(self.after.saturating_add(1), |seq, bytes| rows.row(&of_bytes(seq, bytes)?))
        })?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

fn of_bytes(seq: u64, bytes: &[u8]) -> Result<[Cell; 14]> {
    let unreadable =
        |what| Error::new(Kind::Integrity, format!("entry {seq}: {what}")).hint("run `dsr audit verify`");
    Ok(cells(seq, Entry::parse(bytes).map_err(unreadable)?))
}

/// An entry as cells.
pub(super) fn cells(seq: u64, entry: Entry) -> [Cell; 14] {
    let act = entry.act;
    [
        Cell::count(seq),
        Cell::Moment(act.at),
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
        Cell::text(act.clock),
    ]
}
