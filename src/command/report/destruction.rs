//! `dsr report destruction`: acts of destruction, by category and count.

use super::{Span, written};
use crate::{
    command::{Outcome, world::World},
    domain::Moment,
    render::{Cell, Head},
    store::{Mode, destroy::Destruction as Act},
};

const COLUMNS: &[&str] = &[
    "number",
    "controller",
    "case",
    "started",
    "finished",
    "state",
    "categories",
    "rules",
    "kept",
    "method",
    "level",
    "scanned_files",
    "scanned_bytes",
    "residue",
    "not_reached",
];

/// What no method reaches that works on the files of the store.
const NOT_REACHED: [&str; 5] =
    ["backups", "file-system snapshots", "spare blocks of an SSD", "other systems", "copies handed out"];

/// List acts of destruction
///
/// Categories and counts, never values; and what no method reaches that works on the files of the store.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report destruction --from 2026-01-01 --format csv\n")]
pub struct Destruction {
    #[command(flatten)]
    span: Span,
}

impl Destruction {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let head = Head {
            schema: "dsr/report-destruction/v1",
            list: "acts",
            title: "Acts of destruction".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, head, |rows| {
            store.read(|view| view.for_each_destruction(&period, |act| rows.row(&cells(&act))))
        })
    }
}

fn cells(act: &Act) -> [Cell; 15] {
    let scan = act.scan.as_ref();
    let kept = act.kept.iter().map(|line| {
        let until = line.until.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
        format!("{} {} ({}){until}", line.category, line.count, line.rule)
    });
    [
        Cell::text(&act.number),
        Cell::text(&act.controller),
        Cell::option(act.case.as_ref()),
        Cell::text(act.started.rfc3339()),
        Cell::option(act.finished.map(Moment::rfc3339)),
        Cell::text(if act.finished.is_some() { "destroyed" } else { "pending" }),
        Cell::Words(act.counts.iter().map(|(category, n)| format!("{category} {n}")).collect()),
        Cell::Words(act.rules.clone()),
        Cell::Words(kept.collect()),
        Cell::text(&act.method),
        Cell::text(&act.level),
        scan.map_or(Cell::Nothing, |scan| Cell::count(scan.files)),
        scan.map_or(Cell::Nothing, |scan| Cell::count(scan.bytes)),
        scan.map_or(Cell::Nothing, |scan| Cell::count(scan.residue + scan.structural_nonzero)),
        Cell::Words(NOT_REACHED.map(str::to_owned).to_vec()),
    ]
}
