//! `dsr report compliance`: how the duties were met, month by month.

use std::{collections::BTreeMap, path::PathBuf};

use super::{Span, books::Books, output, seal};
use crate::{
    command::{Outcome, world::World},
    decide::compliance::{Compliance as Sums, Month, Request, Tally},
    domain::{CaseEvent, Moment, Result},
    render::{
        Cell, Format, Head, Rows, Words,
        answer::compliance::{Report, Section},
    },
    store::{JournalLine, Mode, Period, Seal, View},
};

const COLUMNS: &[&str] = &[
    "month",
    "controller",
    "received",
    "by_right",
    "in_time",
    "late",
    "open",
    "overdue",
    "cancelled",
    "refused",
    "median_days",
    "worst_days",
    "purged",
    "destroyed",
    "held",
    "gaps",
    "suppressed",
    "disclosures",
    "acts",
];

const EXAMPLES: &str = "\
Examples:
  dsr report compliance --from 2026-01-01 --to 2026-12-31
  dsr report compliance --controller mycar --lang ru --output compliance.html
";

/// Sum up by month how the duties were met
///
/// Requests stand in the month in which they were received: how many of each right, answered in time or
/// late, still open, refused and on which ground, and the median and worst working days to the answer.
/// Destruction, stopped purposes and transfers stand in the month in which they happened. --format html
/// draws it as one page to print.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Compliance {
    #[command(flatten)]
    span: Span,
    /// Write to a new file (mode 0600) instead of standard output; .html, .csv and .json choose the format
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

impl Compliance {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        output(world, self.output.as_deref(), |world| self.bytes(world))
    }

    /// As many lines as there are months: made whole, however many requests there were.
    fn bytes(&self, world: &mut World<'_, '_>) -> Result<Vec<u8>> {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let period = self.span.period(controller.as_deref())?;
        let books = Books::read(world)?;
        let now = world.now();
        let sums = store.read(|view| sums(view, &period, &books, now))?;
        if world.style().format == Format::Html {
            let seal = Seal::of(&mut store)?;
            let report = self.page(world, &books, seal, sums)?;
            return Ok(report.html(&Words::new(world.style().lang))?.into_bytes());
        }
        let members = seal(world, &mut store)?;
        listed(world, members, now, &sums)
    }

    fn page(
        &self,
        world: &World<'_, '_>,
        books: &Books,
        seal: Seal,
        sums: BTreeMap<String, BTreeMap<Month, Tally>>,
    ) -> Result<Report> {
        let section = |(id, months): (String, _)| Section {
            name: books.name(&id).to_owned(),
            bin: books.bin(&id).map(str::to_owned),
            months,
        };
        let (from, to) = self.span.days()?;
        Ok(Report {
            day: world.now().day(),
            from,
            to,
            drill: world.style().drill,
            seal,
            calendar: books.calendar.version().to_owned(),
            sections: sums.into_iter().map(section).collect(),
        })
    }
}

fn sums(
    view: &View<'_>,
    period: &Period<'_>,
    books: &Books,
    now: Moment,
) -> Result<BTreeMap<String, BTreeMap<Month, Tally>>> {
    let mut sums = Sums::default();
    view.for_each_journal_line(period, |line| {
        let file = books.present(view, line.file, now)?;
        let line = JournalLine { file, ..line };
        sums.request(&line.file.controller, &counted(&line, now), now.day(), &books.calendar);
        Ok(())
    })?;
    view.for_each_destruction(period, |act| {
        let month = sums.month(&act.controller, act.started.day());
        match (act.run, &act.case) {
            (Some(_), _) => month.purged += act.records(),
            (None, Some(_)) => month.destroyed += act.records(),
            // What a restore destroyed again was counted when it was destroyed first.
            (None, None) => {}
        }
        month.acts += 1;
        Ok(())
    })?;
    view.for_each_run(period, |run| {
        let month = sums.month(&run.controller, run.started.day());
        (month.held, month.gaps) = (Some(run.held), Some(run.gaps));
        Ok(())
    })?;
    view.for_each_suppression(period, |entry| {
        sums.month(&entry.controller, entry.since.day()).suppressed += 1;
        Ok(())
    })?;
    view.for_each_disclosure(period, |controller, _, transfer| {
        sums.month(controller, transfer.at.day()).disclosures += 1;
        Ok(())
    })?;
    Ok(sums.finish())
}

fn counted(line: &JournalLine, now: Moment) -> Request<'_> {
    let ground = line.history.iter().rev().find_map(|entry| match &entry.event {
        CaseEvent::Refused { ground, .. } => Some(ground.as_str()),
        _ => None,
    });
    Request {
        right: line.file.right,
        received: line.file.received.day(),
        due: line.file.due,
        state: line.file.state,
        ended: line.file.answered.or(line.file.ended).map(Moment::day),
        ground,
        is_past_hour: line.file.due_at.is_some() && line.file.is_late(now),
    }
}

fn listed(
    world: &World<'_, '_>,
    members: Vec<(&'static str, serde_json::Value)>,
    now: Moment,
    sums: &BTreeMap<String, BTreeMap<Month, Tally>>,
) -> Result<Vec<u8>> {
    let as_of = ("as_of", now.day().to_string().into());
    let head = Head {
        schema: "dsr/report-compliance/v1",
        list: "months",
        title: "How the duties were met".into(),
        columns: COLUMNS,
        members: [as_of].into_iter().chain(members).collect(),
    };
    let mut out = Vec::new();
    let mut rows = Rows::begin(&mut out, world.style(), head)?;
    for (controller, months) in sums {
        months.iter().try_for_each(|(month, sum)| rows.row(&cells(*month, controller, sum)))?;
    }
    rows.finish(Vec::new())?;
    Ok(out)
}

fn cells(month: Month, controller: &str, sum: &Tally) -> [Cell; 19] {
    let number = |value: Option<u64>| value.map_or(Cell::Nothing, Cell::count);
    let days = |value: Option<u32>| value.map_or(Cell::Nothing, Cell::count);
    [
        Cell::text(month),
        Cell::text(controller),
        Cell::count(sum.requests()),
        Cell::Words(sum.received.iter().map(|(right, n)| format!("{right} {n}")).collect()),
        Cell::count(sum.in_time),
        Cell::count(sum.late),
        Cell::count(sum.open),
        Cell::count(sum.overdue),
        Cell::count(sum.cancelled),
        Cell::Words(sum.refused.iter().map(|(ground, n)| format!("{ground} {n}")).collect()),
        days(sum.median()),
        days(sum.worst()),
        Cell::count(sum.purged),
        Cell::count(sum.destroyed),
        number(sum.held),
        number(sum.gaps),
        Cell::count(sum.suppressed),
        Cell::count(sum.disclosures),
        Cell::count(sum.acts),
    ]
}
