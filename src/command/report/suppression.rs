//! `dsr report suppression`: purposes that people have stopped, counted.

use super::{Span, written};
use crate::{
    command::{Outcome, world::World},
    render::{Cell, Head},
    store::{Mode, StoppedPurpose},
};

const COLUMNS: &[&str] =
    &["controller", "purpose", "since", "latest", "in_force", "lifted", "in_force_destroyed"];

/// Count the purposes that people have stopped
///
/// Since when and how many, never who. A suppression outlives the person's data.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report suppression --format csv\n")]
pub struct Suppression {
    #[command(flatten)]
    span: Span,
}

impl Suppression {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let head = Head {
            schema: "dsr/report-suppression/v1",
            list: "purposes",
            title: "Stopped purposes".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, &mut store, head, |store, rows| {
            store.read(|view| view.for_each_stopped_purpose(&period, |line| rows.row(&cells(&line))))
        })
    }
}

fn cells(line: &StoppedPurpose) -> [Cell; 7] {
    [
        Cell::text(&line.controller),
        Cell::text(&line.purpose),
        Cell::text(line.since.day()),
        Cell::text(line.latest.day()),
        Cell::count(line.in_force),
        Cell::count(line.lifted),
        Cell::count(line.destroyed),
    ]
}
