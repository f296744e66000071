//! The nightly run over the systems of every controller.

use std::time::Duration;

use crate::{
    command::{acting::key_of, world::World},
    domain::{Action, Error, Kind, Result},
    execute::{
        purge::{Company, Tonight},
        reach::night::{self, Elsewhere, NightLine, Terms},
    },
    render::answer::purge::{PurgeAnswer, SystemLine},
    store::Store,
};

/// How it is meant.
pub struct Meant {
    /// Report and do nothing.
    pub dry_run: bool,
    /// Rows in one page.
    pub batch: u32,
    /// Rows a second at most.
    pub max_rate: Option<u32>,
    /// At most so many records.
    pub max_count: Option<u64>,
    /// At most this share of a collection, in percent.
    pub max_share: f64,
}

/// What came of it: one a controller that has systems, and the first thing that went wrong.
#[derive(Default)]
pub struct Nights {
    all: Vec<(String, Elsewhere)>,
    /// Why it is not whole.
    pub failed: Option<Error>,
}

/// Runs it. A system that cannot be read keeps nothing else from being done.
///
/// # Errors
/// The kinds of store and policy.
pub fn nights(
    meant: &Meant,
    tonight: &Tonight,
    store: &mut Store,
    world: &mut World<'_, '_>,
) -> Result<Nights> {
    let library = world.library()?;
    let mut nights = Nights::default();
    for controller in tonight.tallies.iter().map(|tally| tally.controller.clone()) {
        let mut rules = world.rules(&library, &controller)?;
        if rules.systems.is_empty() {
            continue;
        }
        let mut context = world.context(&controller, &rules)?;
        let mut reach = match world.reach(&mut rules, &mut context) {
            Ok(reach) => reach,
            Err(error) => {
                nights.failed = nights.failed.or(Some(error));
                continue;
            }
        };
        let key = key_of(store)?.ok_or_else(|| Error::config("the key file of the store is missing"))?;
        let company = Company { controller: controller.clone(), rulebook: &rules.rulebook, context };
        let pause = |milliseconds: u64| std::thread::sleep(Duration::from_millis(milliseconds));
        let mut terms = Terms {
            key: &key,
            dry_run: meant.dry_run,
            batch: meant.batch,
            max_rate: meant.max_rate,
            max_count: meant.max_count,
            max_share: meant.max_share,
            run: tonight.run,
            random: &mut *world.env.random,
            pause: &pause,
        };
        match night::night(store, &mut reach, &company, &mut terms) {
            Ok(found) => {
                nights.failed = nights.failed.or_else(|| wrong(&found));
                nights.all.push((controller, found));
            }
            Err(error) => nights.failed = nights.failed.or(Some(error)),
        }
    }
    Ok(nights)
}

fn wrong(found: &Elsewhere) -> Option<Error> {
    if let Some(stop) = &found.stop {
        let hint =
            "look at it with --dry-run; if it is right, allow more once with --max-share or --max-count";
        return Some(Error::new(Kind::Guard, format!("{stop}; nothing was deleted there")).hint(hint));
    }
    let first = found.troubles.first()?;
    Some(
        Error::new(Kind::Partial, format!("a step in another system failed: {first}"))
            .hint("the next night tries it again; `dsr map check` shows whether the map still fits"),
    )
}

impl Nights {
    /// Adds what was found to the answer of the night.
    pub fn add_to(&self, answer: &mut PurgeAnswer) {
        for (controller, found) in &self.all {
            for line in found.lines.iter().filter(|_| found.stop.is_none()) {
                let counts =
                    if line.action == Action::Archive { &mut answer.archived } else { &mut answer.destroyed };
                *counts.entry(line.category.to_string()).or_default() += line.count;
                answer.systems.push(told(controller, line));
            }
            for (category, n) in &found.held {
                *answer.held.entry(category.to_string()).or_default() += n;
            }
            for (category, n) in &found.gaps {
                *answer.gaps.entry(category.clone()).or_default() += n;
            }
        }
    }
}

fn told(controller: &str, line: &NightLine) -> SystemLine {
    SystemLine {
        controller: controller.to_owned(),
        system: line.system.clone(),
        collection: line.collection.clone(),
        category: line.category.to_string(),
        action: if line.action == Action::Archive { "archive" } else { "destroy" },
        count: line.count,
        until: line.until.map(|day| day.to_string()),
        rule: line.why.rule.clone(),
        clause: line.why.clause.clone(),
        law: line.why.law.clone(),
    }
}
