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
            store.read(|view| view.for_each_case(&period, |case| rows.row(&cells(case, today))))
        })
    }
}

fn cells(case: CaseFile, today: NaiveDate) -> [Cell; 18] {
    let at = |moment: Option<Moment>| moment.map_or(Cell::Nothing, |moment| Cell::Text(moment.rfc3339()));
    let late = case.is_late(today);
    [
        Cell::text(case.number),
        Cell::Text(case.controller),
        Cell::Word(case.right.as_str()),
        at(Some(case.received)),
        at(Some(case.recorded)),
        Cell::Word(case.channel.as_str()),
        case.tracking.map_or(Cell::Nothing, Cell::Text),
        Cell::option(case.subject),
        Cell::Flag(case.representative.is_some()),
        Cell::Flag(case.authority.is_some()),
        case.identity.map_or(Cell::Nothing, |method| Cell::Word(method.as_str())),
        Cell::option(case.due),
        at(case.due_at),
        Cell::option(case.target),
        Cell::Flag(case.provisional),
        Cell::Word(case.state.as_str()),
        at(case.ended),
        Cell::Flag(late),
    ]
}
