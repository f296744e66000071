//! `dsr report retention`: how long what is held may stay.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::written;
use crate::{
    command::{Outcome, intake, world::World},
    decide::{
        forecast,
        nightly::{Fate, Protector, fate},
        retention,
    },
    domain::{Category, Moment, Reason, Result},
    policy::Rulebook,
    render::{Cell, Head},
    store::{Mode, Store, View},
};

/// Count how long what is held may stay, by rule and date
///
/// Every record is judged with all facts of its person, as of today. With --forecast: what the coming nightly
/// runs will destroy if nothing happens, night by night; the first night takes what is due already.
/// Of the own store alone: other systems are judged by `purge-expired --dry-run`, and named as not counted.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Retention {
    /// Forecast this many nights instead [default: 30]
    #[arg(long, value_name = "NIGHTS", num_args = 0..=1, default_missing_value = "30",
        value_parser = clap::value_parser!(u16).range(1..=366))]
    forecast: Option<u16>,
    /// Only what turns on this day or a later one
    #[arg(long, value_name = "T", conflicts_with = "forecast")]
    from: Option<String>,
    /// Only what turns on this day or an earlier one
    #[arg(long, value_name = "T", conflicts_with = "forecast")]
    to: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  dsr report retention --controller automaster
  dsr report retention --forecast
  dsr report retention --forecast 90 --format csv
";

impl Retention {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let library = world.library()?;
        let named = world.named_controller()?;
        let controllers = match &named {
            Some(one) => vec![one.clone()],
            None => store.read(|view| view.controllers())?,
        };
        let rulebooks = controllers.iter().map(|id| library.rulebook(id)).collect::<Result<Vec<_>>>()?;
        let today = world.now().day();
        let left = super::not_counted(world, &mut store, named.as_ref())?;
        let within = Within::of(self.from.as_deref(), self.to.as_deref())?;
        if let Some(nights) = self.forecast {
            return forecast(world, &mut store, (&controllers, &rulebooks), (nights, left));
        }
        let head = Head {
            schema: "dsr/report-retention/v1",
            list: "lines",
            title: "How long what is held may stay".into(),
            columns: &["controller", "category", "verdict", "until", "rule", "clause", "law", "records"],
            members: vec![left],
        };
        written(world, &mut store, head, |store, rows| {
            for (controller, rulebook) in controllers.iter().zip(&rulebooks) {
                let lines = store.read(|view| lines(view, controller, rulebook, today, within))?;
                lines.into_iter().try_for_each(|(line, count)| rows.row(&line.cells(controller, count)))?;
            }
            Ok(())
        })
    }
}

/// Every controller's coming nights: as many lines as nights, categories and rules, not records.
fn forecast(
    world: &mut World<'_, '_>,
    store: &mut Store,
    (controllers, rulebooks): (&[String], &[Rulebook]),
    (nights, left): (u16, (&'static str, serde_json::Value)),
) -> Outcome {
    let first = world.now().day() + Days::new(1);
    let head = Head {
        schema: "dsr/report-forecast/v1",
        list: "nights",
        title: "What the coming nights will destroy".into(),
        columns: &["night", "controller", "category", "rule", "clause", "law", "records"],
        members: vec![("nights_ahead", nights.into()), left],
    };
    written(world, store, head, |store, rows| {
        let mut sums = BTreeMap::<(NaiveDate, &str, Category, Reason), u64>::new();
        for (controller, rulebook) in controllers.iter().zip(rulebooks) {
            store.read(|view| {
                view.for_each_subject(controller, |subject| {
                    let facts = view.facts(controller, subject)?;
                    for expiry in forecast::forecast(&facts, rulebook, first, nights) {
                        *sums.entry((expiry.night, controller, expiry.category, expiry.why)).or_default() +=
                            1;
                    }
                    Ok(())
                })
            })?;
        }
        sums.into_iter().try_for_each(|((night, controller, category, why), records)| {
            rows.row(&[
                Cell::text(night),
                Cell::text(controller),
                Cell::text(category),
                Cell::text(why.rule),
                Cell::option(why.clause),
                Cell::option(why.law),
                Cell::count(records),
            ])
        })
    })
}

/// Which days of `until` are told; without a day only where nothing was asked.
#[derive(Clone, Copy)]
struct Within {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Within {
    fn of(from: Option<&str>, to: Option<&str>) -> Result<Self> {
        let day = |option, typed: Option<&str>| {
            typed.map(|typed| intake::moment(option, typed)).transpose().map(|at| at.map(Moment::day))
        };
        let (from, to) = (day("--from", from)?, day("--to", to)?);
        super::in_order(from, to).map(|()| Self { from, to })
    }

    fn has(self, until: Option<NaiveDate>) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        until
            .is_some_and(|day| self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to))
    }
}

/// Records that share verdict, date and rule.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    category: Category,
    verdict: &'static str,
    until: Option<NaiveDate>,
    why: Option<Reason>,
}

impl Line {
    fn cells(self, controller: &str, count: usize) -> [Cell; 8] {
        let why = self.why.as_ref();
        [
            Cell::text(controller),
            Cell::text(self.category),
            Cell::text(self.verdict),
            Cell::option(self.until),
            Cell::option(why.map(|why| &why.rule)),
            Cell::option(why.and_then(|why| why.clause.as_ref())),
            Cell::option(why.and_then(|why| why.law.as_ref())),
            Cell::count(count),
        ]
    }
}

/// Judges every record of every person with all facts: as many lines as there are dates, not records.
fn lines(
    view: &View<'_>,
    controller: &str,
    rulebook: &Rulebook,
    today: NaiveDate,
    within: Within,
) -> Result<BTreeMap<Line, usize>> {
    let mut lines = BTreeMap::new();
    view.for_each_subject(controller, |subject| {
        let facts = view.facts(controller, subject)?;
        for record in &facts.records {
            let verdict = retention::verdict(record, &facts, rulebook, today);
            // What the nightly run holds back for an open case is held here too.
            let held = match fate(record, &facts, rulebook, today) {
                Fate::Held(Protector::OpenCase, why) => Some(why),
                _ => None,
            };
            let line = Line {
                category: record.category.clone(),
                verdict: if held.is_some() { "hold" } else { verdict.as_str() },
                until: if held.is_some() { None } else { verdict.until() },
                why: held.or(verdict.reason().cloned()),
            };
            if !within.has(line.until) {
                continue;
            }
            *lines.entry(line).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(lines)
}
