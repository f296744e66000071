//! `dsr status`: what is overdue, due today, due this week, and what to type next.

use chrono::{Datelike, Days, NaiveDate};

use super::{Exit, Outcome, request, world::World};
use crate::{
    domain::{CaseEvent, CaseState, Kind},
    render::{Cell, Head, Rows},
    store::{CaseFile, Mode, Period},
};

/// Say what is overdue, due today, due this week
///
/// Sorted by date, with the command to type next for each. With --check the command ends with exit 10
/// where something is late.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr status\n  dsr status --check --quiet   # from cron\n")]
pub struct Status {
    /// Exit 10 where something is overdue
    #[arg(long)]
    check: bool,
}

/// When a case falls due, seen from today.
fn urgency(case: &CaseFile, today: NaiveDate) -> &'static str {
    let sunday = today + Days::new(u64::from(6 - today.weekday().num_days_from_monday()));
    match case.due {
        _ if case.state == CaseState::Waiting => "waiting",
        None => "no_term",
        Some(due) if due < today => "overdue",
        Some(due) if due == today => "today",
        Some(due) if due <= sunday => "this_week",
        Some(_) => "later",
    }
}

impl Status {
    /// Reads only.
    ///
    /// # Errors
    /// The kinds of the store.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let today = world.now().day();
        let controller = world.named_controller()?;
        let mut open = Vec::new();
        let pending = store.read(|view| {
            let period = Period { controller: controller.as_deref(), ..Period::default() };
            view.for_each_open_case(&period, |case| {
                let history = view.case_history(&case.number)?;
                let resumes = history.iter().any(|entry| matches!(entry.event, CaseEvent::Reopened { .. }));
                open.push((case, resumes));
                Ok(())
            })?;
            Ok(view.pending_destructions()?.len())
        })?;
        let overdue = open.iter().filter(|(case, _)| urgency(case, today) == "overdue").count();
        if !(world.global.quiet && overdue == 0) {
            show(world, &open, pending, today)?;
        }
        Ok(if self.check && overdue > 0 { Exit::With(Kind::Late) } else { Exit::Done })
    }
}

fn show(
    world: &mut World<'_, '_>,
    open: &[(CaseFile, bool)],
    pending: usize,
    today: NaiveDate,
) -> crate::domain::Result<()> {
    let count = |word: &str| open.iter().filter(|(case, _)| urgency(case, today) == word).count();
    let head = Head {
        schema: "dsr/status/v1",
        list: "cases",
        title: format!("Requests on {today}"),
        columns: &["urgency", "number", "controller", "right", "state", "due", "target", "next"],
        members: vec![
            ("as_of", today.to_string().into()),
            ("overdue", count("overdue").into()),
            ("today", count("today").into()),
            ("this_week", count("this_week").into()),
            ("later", count("later").into()),
            ("waiting", count("waiting").into()),
            ("destruction_pending", pending.into()),
        ],
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    for (case, resumes) in open {
        rows.row(&[
            Cell::text(urgency(case, today)),
            Cell::text(&case.number),
            Cell::text(&case.controller),
            Cell::text(case.right),
            Cell::text(case.state),
            Cell::option(case.due),
            Cell::option(case.target),
            Cell::option(request::next(case, *resumes, &[])),
        ])?;
    }
    let next = if pending > 0 { vec!["dsr sanitize".to_owned()] } else { Vec::new() };
    rows.finish(next)
}
