//! `dsr report`: what an auditor takes away. Reads only, streams, shows no value.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::{
    Exit, Outcome, intake,
    request::{self, controller_filter},
    world::World,
};
use crate::{
    decide::retention,
    domain::{Category, Kind, Moment, Result, Verdict},
    policy::Rulebook,
    render::{Cell, Head, Rows, answer::holdings::verdict_word},
    store::{CaseFile, Mode, Period, View},
};

/// Reports for the auditor
///
/// Every number can be traced to a rule, a clause and a date. CSV: `--lang en` writes commas, `--lang ru|kk`
/// what Excel expects there.
#[derive(Subcommand)]
pub enum Report {
    /// The journal of requests
    Register(Register),
    /// Due dates of open requests; --check exits 10 where one is late
    Deadlines(Deadlines),
    /// What is held: records by category
    Inventory(Inventory),
    /// How long what is held may stay: records by rule and date
    Retention(Retention),
}

/// Which rows.
#[derive(Args)]
pub struct Span {
    /// From this day or time
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// To this day, included, or this time
    #[arg(long, value_name = "T")]
    to: Option<String>,
}

/// The journal of requests
#[derive(Args)]
#[command(help_template = super::cli::TEMPLATE,
          before_help = "Example:\n  dsr report register --from 2026-01-01 --to 2026-12-31 --format csv > register.csv\n")]
pub struct Register {
    #[command(flatten)]
    span: Span,
}

/// Due dates of open requests
#[derive(Args)]
#[command(help_template = super::cli::TEMPLATE,
          before_help = "Examples:\n  dsr report deadlines\n  dsr report deadlines --check --quiet   # from cron: exit 10 where something is late\n")]
pub struct Deadlines {
    #[command(flatten)]
    span: Span,
    /// Exit 10 where something is late
    #[arg(long)]
    check: bool,
}

/// What is held: records by category
#[derive(Args)]
#[command(help_template = super::cli::TEMPLATE, before_help = "Example:\n  dsr report inventory --format csv\n")]
pub struct Inventory {}

/// How long what is held may stay
#[derive(Args)]
#[command(help_template = super::cli::TEMPLATE, before_help = "Example:\n  dsr report retention --controller automaster\n")]
pub struct Retention {}

impl Report {
    /// Runs one of them.
    ///
    /// # Errors
    /// Usage (exit 2), the kinds of store and policy, a closed pipe (exit 141).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Register(report) => report.run(world),
            Self::Deadlines(report) => report.run(world),
            Self::Inventory(report) => report.run(world),
            Self::Retention(report) => report.run(world),
        }
    }
}

impl Span {
    fn bounds(&self) -> Result<(Option<Moment>, Option<Moment>)> {
        let from = self.from.as_deref().map(|typed| intake::moment("--from", typed)).transpose()?;
        let to = self.to.as_deref().map(|typed| intake::moment("--to", typed)).transpose()?;
        // A day alone is included whole.
        let day_long = self.to.as_deref().is_some_and(|typed| typed.trim().len() == 10);
        let to = to.map(|to| if day_long { Moment::start_of(to.day() + chrono::Days::new(1)) } else { to });
        Ok((from, to))
    }
}

const REGISTER: &[&str] = &[
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

impl Register {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let (from, to) = self.span.bounds()?;
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = controller_filter(world)?;
        let today = world.now().day();
        let head = head(world, "dsr/report-register/v1", "cases", "Register of requests", REGISTER);
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        let period = Period { controller: controller.as_deref(), from, to };
        store.read(|view| view.for_each_case(&period, |case| rows.row(&registered(case, today))))?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

fn registered(case: CaseFile, today: chrono::NaiveDate) -> [Cell; 18] {
    let at = |moment: Option<Moment>| moment.map_or(Cell::Nothing, |moment| Cell::Text(moment.rfc3339()));
    let overdue = case.due.is_some_and(|due| case.ended.map_or(today, Moment::day) > due);
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
        Cell::Flag(overdue),
    ]
}

impl Deadlines {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let (from, to) = self.span.bounds()?;
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = controller_filter(world)?;
        let today = world.now().day();
        let period = Period { controller: controller.as_deref(), from, to };
        let mut late = 0_usize;
        let is_late = |case: &CaseFile| case.due.is_some_and(|due| due < today);
        if world.global.quiet {
            store.read(|view| {
                view.for_each_open_case(&period, |case| {
                    late += usize::from(is_late(&case));
                    Ok(())
                })
            })?;
        }
        if !world.global.quiet || late > 0 {
            late = 0;
            let head = head(
                world,
                "dsr/report-deadlines/v1",
                "cases",
                "Due dates of open requests",
                request::COLUMNS,
            );
            let style = world.style();
            let mut rows = Rows::begin(world.env.stdout, style, head)?;
            store.read(|view| {
                view.for_each_open_case(&period, |case| {
                    late += usize::from(is_late(&case));
                    rows.row(&request::cells(&case, today))
                })
            })?;
            rows.finish(Vec::new())?;
        }
        Ok(if self.check && late > 0 { Exit::With(Kind::Late) } else { Exit::Done })
    }
}

impl Inventory {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = controller_filter(world)?;
        let columns = &["controller", "category", "records", "archived", "oldest", "newest"];
        let head = head(world, "dsr/report-inventory/v1", "categories", "What is held", columns);
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        store.read(|view| {
            view.for_each_category(controller.as_deref(), |count| {
                let number = |n: u64| Cell::Int(i64::try_from(n).unwrap_or(i64::MAX));
                rows.row(&[
                    Cell::text(&count.controller),
                    Cell::text(&count.category),
                    number(count.records),
                    number(count.archived),
                    Cell::text(count.oldest.day()),
                    Cell::text(count.newest.day()),
                ])
            })
        })?;
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

/// Records that share verdict, rule and date.
type Line = (Category, &'static str, Option<String>, Option<String>, Option<String>, Option<String>);

impl Retention {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let library = world.library()?;
        let controllers = match controller_filter(world)? {
            Some(one) => vec![one],
            None => store.read(|view| view.controllers())?,
        };
        let columns = &["controller", "category", "verdict", "until", "rule", "clause", "law", "records"];
        let head = head(world, "dsr/report-retention/v1", "lines", "How long what is held may stay", columns);
        let rulebooks = controllers.iter().map(|id| library.rulebook(id)).collect::<Result<Vec<_>>>()?;
        let today = world.now().day();
        let style = world.style();
        let mut rows = Rows::begin(world.env.stdout, style, head)?;
        for (controller, rulebook) in controllers.iter().zip(&rulebooks) {
            for (line, count) in store.read(|view| lines(view, controller, rulebook, today))? {
                let (category, verdict, until, rule, clause, law) = line;
                rows.row(&[
                    Cell::text(controller),
                    Cell::text(category),
                    Cell::text(verdict),
                    Cell::option(until),
                    Cell::option(rule),
                    Cell::option(clause),
                    Cell::option(law),
                    Cell::count(count),
                ])?;
            }
        }
        rows.finish(Vec::new())?;
        Ok(Exit::Done)
    }
}

/// Judges every record of every person with all facts: as many lines as there are dates, not records.
fn lines(
    view: &View<'_>,
    controller: &str,
    rulebook: &Rulebook,
    today: chrono::NaiveDate,
) -> Result<BTreeMap<Line, usize>> {
    let mut lines = BTreeMap::new();
    view.for_each_subject(controller, |subject| {
        let facts = view.facts(controller, subject)?;
        for record in &facts.records {
            let verdict = retention::verdict(record, &facts, rulebook, today);
            *lines.entry(line(record.category.clone(), &verdict)).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(lines)
}

fn line(category: Category, verdict: &Verdict) -> Line {
    let why = verdict.reason();
    (
        category,
        verdict_word(verdict),
        verdict.until().map(|day| day.to_string()),
        why.map(|why| why.rule.clone()),
        why.and_then(|why| why.clause.clone()),
        why.and_then(|why| why.law.clone()),
    )
}

fn head(
    world: &World<'_, '_>,
    schema: &'static str,
    list: &'static str,
    title: &str,
    columns: &'static [&'static str],
) -> Head {
    let as_of = world.now().day().to_string();
    Head { schema, list, title: title.to_owned(), columns, members: vec![("as_of", as_of.into())] }
}
