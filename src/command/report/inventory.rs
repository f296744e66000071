//! `dsr report inventory`: what is held, counted.

use super::written;
use crate::{
    command::{Outcome, world::World},
    render::{Cell, Head},
    store::{CategoryCount, Mode},
};

/// Count what is held, by category
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report inventory --format csv\n")]
pub struct Inventory {}

impl Inventory {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let head = Head {
            schema: "dsr/report-inventory/v1",
            list: "categories",
            title: "What is held".into(),
            columns: &["controller", "category", "records", "archived", "oldest", "newest"],
            members: Vec::new(),
        };
        written(world, head, |rows| {
            store.read(|view| view.for_each_category(controller.as_deref(), |count| rows.row(&cells(&count))))
        })
    }
}

fn cells(count: &CategoryCount) -> [Cell; 6] {
    [
        Cell::text(&count.controller),
        Cell::text(&count.category),
        Cell::count(count.records),
        Cell::count(count.archived),
        Cell::text(count.oldest.day()),
        Cell::text(count.newest.day()),
    ]
}
