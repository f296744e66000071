//! `dsr report deadlines`: what is due, and whether something is late.

use super::{Span, written};
use crate::{
    command::{Exit, Outcome, request, world::World},
    domain::Kind,
    render::Head,
    store::Mode,
};

/// List the due dates of open requests
///
/// With --check the command ends with exit 10 where one is late; with --quiet it is silent otherwise.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr report deadlines\n  dsr report deadlines --check --quiet   # from cron\n"
)]
pub struct Deadlines {
    #[command(flatten)]
    span: Span,
    /// Exit 10 where something is late
    #[arg(long)]
    check: bool,
}

impl Deadlines {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let today = world.now().day();
        let mut late = false;
        store.read(|view| {
            view.for_each_open_case(&period, |case| {
                late |= case.is_late(today);
                Ok(())
            })
        })?;
        if late || !world.global.quiet {
            let head = Head {
                schema: "dsr/report-deadlines/v1",
                list: "cases",
                title: "Due dates of open requests".into(),
                columns: request::COLUMNS,
                members: Vec::new(),
            };
            written(world, head, |rows| {
                store.read(|view| {
                    view.for_each_open_case(&period, |case| rows.row(&request::cells(&case, today)))
                })
            })?;
        }
        Ok(if self.check && late { Exit::With(Kind::Late) } else { Exit::Done })
    }
}
