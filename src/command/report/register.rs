//! `dsr report register`: the journal of requests.

use chrono::NaiveDate;

use super::{Span, written};
use crate::{
    command::{Outcome, world::World},
    domain::Moment,
    render::{Cell, Head},
    store::{CaseFile, Mode},
};

const COLUMNS: &[&str] = &[
    "number",
    "controller",
    "right",
    "received",
    "recorded",
    "channel",
    "tracking",
    "subject",
    "representative",
    "authority",
    "identity",
    "due",
    "due_at",
    "target",
    "provisional",
    "state",
    "ended",
    "overdue",
];

/// Print the journal of requests
///
/// Representatives are flags here: names of third persons do not belong into a report.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report register --from 2026-01-01 --format csv > register.csv\n")]
pub struct Register {
    #[command(flatten)]
    span: Span,
}

impl Register {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let today = world.now().day();
        let head = Head {
            schema: "dsr/report-register/v1",
            list: "cases",
            title: "Register of requests".into(),
            columns: COLUMNS,
            members: Vec::new(),
        };
        written(world, head, |rows| {
            store.read(|view| view.for_each_case(&period, |case| rows.row(&cells(&case, today))))
        })
    }
}

fn cells(case: &CaseFile, today: NaiveDate) -> [Cell; 18] {
    [
        Cell::text(&case.number),
        Cell::text(&case.controller),
        Cell::text(case.right),
        Cell::text(case.received.rfc3339()),
        Cell::text(case.recorded.rfc3339()),
        Cell::text(case.channel),
        Cell::option(case.tracking.as_ref()),
        Cell::option(case.subject),
        Cell::Flag(case.representative.is_some()),
        Cell::Flag(case.authority.is_some()),
        Cell::option(case.identity),
        Cell::option(case.due),
        Cell::option(case.due_at.map(Moment::rfc3339)),
        Cell::option(case.target),
        Cell::Flag(case.provisional),
        Cell::text(case.state),
        Cell::option(case.ended.map(Moment::rfc3339)),
        Cell::Flag(case.is_late(today)),
    ]
}
