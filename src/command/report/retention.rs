//! `dsr report retention`: how long what is held may stay.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::written;
use crate::{
    command::{Outcome, world::World},
    decide::retention,
    domain::{Category, Reason, Result},
    policy::Rulebook,
    render::{Cell, Head},
    store::{Mode, View},
};

/// Count how long what is held may stay, by rule and date
///
/// Every record is judged with all facts of its person, as of today.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr report retention --controller automaster\n")]
pub struct Retention {}

impl Retention {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let library = world.library()?;
        let controllers = match world.named_controller()? {
            Some(one) => vec![one],
            None => store.read(|view| view.controllers())?,
        };
        let rulebooks = controllers.iter().map(|id| library.rulebook(id)).collect::<Result<Vec<_>>>()?;
        let today = world.now().day();
        let head = Head {
            schema: "dsr/report-retention/v1",
            list: "lines",
            title: "How long what is held may stay".into(),
            columns: &["controller", "category", "verdict", "until", "rule", "clause", "law", "records"],
            members: Vec::new(),
        };
        written(world, head, |rows| {
            for (controller, rulebook) in controllers.iter().zip(&rulebooks) {
                let lines = store.read(|view| lines(view, controller, rulebook, today))?;
                lines.into_iter().try_for_each(|(line, count)| rows.row(&line.cells(controller, count)))?;
            }
            Ok(())
        })
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
) -> Result<BTreeMap<Line, usize>> {
    let mut lines = BTreeMap::new();
    view.for_each_subject(controller, |subject| {
        let facts = view.facts(controller, subject)?;
        for record in &facts.records {
            let verdict = retention::verdict(record, &facts, rulebook, today);
            let line = Line {
                category: record.category.clone(),
                verdict: verdict.as_str(),
                until: verdict.until(),
                why: verdict.reason().cloned(),
            };
            *lines.entry(line).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(lines)
}
