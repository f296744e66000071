//! `dsr suppress`: purposes that people have stopped.

use clap::Subcommand;

use super::{Exit, Outcome, world::World};
use crate::{
    render::{Cell, Head, Rows},
    store::{Mode, Period},
};

/// See which purposes people have stopped, and keep lists clean of them
///
/// A suppression outlives the data: it meets the person again at the next import.
#[derive(Subcommand)]
#[command(before_help = "Examples:\n  dsr suppress list\n  dsr suppress scrub calls.csv --column phone\n")]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Suppress {
    List(List),
    Scrub(super::scrub::Scrub),
}

/// List suppressions
///
/// A person who was destroyed is known by their mark only.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr suppress list\n")]
pub struct List {
    /// Lifted ones too
    #[arg(long)]
    all: bool,
}

impl Suppress {
    /// Runs one of them.
    ///
    /// # Errors
    /// Usage (exit 2) for a list that cannot be read; the kinds of the store.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::List(command) => command.run(world),
            Self::Scrub(command) => command.run(world),
        }
    }
}

impl List {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let Self { all } = self;
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let head = Head {
            schema: "dsr/suppressions/v1",
            list: "suppressions",
            title: "Stopped purposes".into(),
            columns: &["controller", "subject", "purpose", "since", "lifted", "case"],
            members: Vec::new(),
        };
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        let period = Period { controller: controller.as_deref(), ..Period::default() };
        store.read(|view| {
            view.for_each_suppression(&period, |entry| {
                if !all && entry.lifted.is_some() {
                    return Ok(());
                }
                rows.row(&[
                    Cell::text(&entry.controller),
                    Cell::option(entry.subject),
                    Cell::text(&entry.purpose),
                    Cell::Moment(entry.since),
                    Cell::moment(entry.lifted),
                    Cell::option(entry.case),
                ])
            })
        })?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}
