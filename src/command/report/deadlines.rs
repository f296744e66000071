//! `dsr report deadlines`: what is due, and whether something is late.

use chrono::NaiveDate;

use super::{Span, books::Books, written};
use crate::{
    command::{Exit, Outcome, request, world::World},
    domain::{Duty, DutyKind, Kind, Result},
    execute::{
        halts,
        publish::{self, Owed},
    },
    render::{Cell, Head, Words, answer::duty::awaited},
    store::{CaseFile, Mode, Period, Store},
};

/// List the due dates of open requests
///
/// Answers first, then what people have to do: steps by hand, and recipients who were not told, also of cases
/// that were answered, and notices of a published policy that nobody has given.
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
        let (now, today) = (world.now(), world.now().day());
        let books = Books::read(world)?;
        let notices = notices(world, &mut store, controller.as_deref())?;
        let mut late = notices.iter().any(|(_, notice)| notice.by < today);
        store.read(|view| {
            view.for_each_open_case(&period, |case| {
                late |= books.present(view, case, now)?.is_overdue(now);
                Ok(())
            })?;
            view.for_each_open_duty(controller.as_deref(), |case, duty| {
                let fitting = if fits(&period, &case) { vec![duty] } else { Vec::new() };
                let case = books.present(view, case, now)?;
                for duty in books.duties(view, &case, fitting)? {
                    // What an order or a check keeps is not late.
                    late |= duty.what.due.is_some_and(|due| due < today)
                        && halts::shown(view, &case, vec![duty])?.iter().all(|duty| duty.waits.is_none());
                }
                Ok(())
            })
        })?;
        if late || !world.global.quiet {
            let head = Head {
                schema: "dsr/report-deadlines/v1",
                list: "cases",
                title: "Due dates of open requests".into(),
                columns: COLUMNS,
                members: Vec::new(),
            };
            let words = world.spoken();
            written(world, &mut store, head, |store, rows| {
                store.read(|view| {
                    view.for_each_open_case(&period, |case| {
                        rows.row(&answer(&books.present(view, case, now)?, today, &words))
                    })?;
                    view.for_each_open_duty(controller.as_deref(), |case, duty| {
                        let fitting = if fits(&period, &case) { vec![duty] } else { Vec::new() };
                        let case = books.present(view, case, now)?;
                        let shown = halts::shown(view, &case, books.duties(view, &case, fitting)?)?;
                        shown.iter().try_for_each(|duty| rows.row(&owed(&case, duty, today, &words)))
                    })?;
                    notices.iter().try_for_each(|(id, notice)| rows.row(&told(id, notice, today, &words)))
                })
            })?;
        }
        Ok(if self.check && late { Exit::With(Kind::Late) } else { Exit::Done })
    }
}

/// The columns of a list of cases, and what of the case is due.
const COLUMNS: &[&str] = &[
    "number",
    "controller",
    "right",
    "received",
    "channel",
    "state",
    "identity",
    "due",
    "target",
    "days_left",
    "subject",
    "duty",
    "about",
];

/// The open notices of published policies, by controller.
fn notices(world: &World<'_, '_>, store: &mut Store, named: Option<&str>) -> Result<Vec<(String, Owed)>> {
    let library = world.library()?;
    let (held, mut published) = store.read(|view| Ok((view.controllers()?, publish::all_versions(view)?)))?;
    let mut all = Vec::new();
    for id in held.into_iter().filter(|id| named.is_none_or(|named| named == id)) {
        let versions = published.remove(&id).unwrap_or_default();
        if !versions.is_empty() {
            let owed = publish::owed(&library.rulebook(&id)?, &versions);
            all.extend(owed.into_iter().map(|notice| (id.clone(), notice)));
        }
    }
    Ok(all)
}

/// A notice is of no case.
fn told(controller: &str, notice: &Owed, today: NaiveDate, words: &Words) -> [Cell; 13] {
    let mut cells = [const { Cell::Nothing }; 13];
    cells[1] = Cell::text(controller);
    cells[7] = Cell::text(notice.by);
    cells[9] = Cell::Int((notice.by - today).num_days());
    cells[11] = Cell::text("notice");
    let place = words.code("vocabulary", notice.place.as_str());
    cells[12] = Cell::Said(format!("{}: {}", notice.place, notice.rule), format!("{place}: {}", notice.rule));
    cells
}

/// Duties are reported with their case, whenever they are due.
fn fits(period: &Period<'_>, case: &CaseFile) -> bool {
    period.from.is_none_or(|from| case.received >= from) && period.to.is_none_or(|to| case.received < to)
}

fn answer(case: &CaseFile, today: NaiveDate, words: &Words) -> [Cell; 13] {
    with(request::cells(case, today, words), Cell::text("answer"), Cell::Nothing)
}

/// A step by hand or a recipient to tell has its own day.
fn owed(case: &CaseFile, duty: &Duty, today: NaiveDate, words: &Words) -> [Cell; 13] {
    let mut cells = request::cells(case, today, words);
    let left = duty.what.due.map(|due| (due - today).num_days());
    cells[7] = Cell::option(duty.what.due);
    cells[8] = Cell::Nothing;
    cells[9] = left.map_or(Cell::Nothing, Cell::Int);
    let about = |task: &str| match duty.what.kind {
        DutyKind::Tell => duty.what.place.clone(),
        DutyKind::Manual => format!("{}: {task}", duty.what.place),
        DutyKind::Task => task.to_owned(),
    };
    let beside = |text: String, on: String| if on.is_empty() { text } else { format!("{text}; {on}") };
    let said = beside(about(&words.phrase(&duty.what.task)), awaited(duty, words));
    let read = beside(about(&duty.what.task), duty.awaited().join("; "));
    with(cells, Cell::text(duty.what.kind), Cell::Said(read, said))
}

fn with(cells: [Cell; 11], duty: Cell, about: Cell) -> [Cell; 13] {
    let [a, b, c, d, e, f, g, h, i, j, k] = cells;
    [a, b, c, d, e, f, g, h, i, j, k, duty, about]
}
