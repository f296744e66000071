//! The nightly run over the systems of every controller.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    command::{
        acting::key_of,
        world::{Rules, World},
    },
    domain::{Action, Error, Kind, Result},
    execute::{
        purge::{Company, Tally, Tonight},
        reach::{
            Reach,
            night::{self, Elsewhere, NightLine, Terms},
        },
    },
    render::answer::purge::{PurgeAnswer, SystemLine},
    store::Store,
};

/// How it is meant.
pub struct Meant {
    /// Report and do nothing.
    pub dry_run: bool,
    /// Rows in one transaction, where it was said.
    pub batch: Option<u32>,
    /// Rows a second at most.
    pub max_rate: Option<u32>,
    /// At most so many records.
    pub max_count: Option<u64>,
    /// At most this share of a collection, in percent.
    pub max_share: f64,
    /// Have the tables reclaimed, where the role may.
    pub reclaim: bool,
}

/// Rows in one transaction where nothing is said: others work there.
const BATCH: u32 = 500;

/// Rows read at once at most: the people of a page lie in memory together, and what came of it is told at its end.
const PAGE: u32 = 1_000;

/// What came of it: one a controller that has systems, and the first thing that went wrong.
#[derive(Default)]
pub struct Nights {
    all: Vec<Night>,
    /// Whose other systems are not done to the end.
    pub unfinished: Vec<String>,
    /// Why it is not whole.
    pub failed: Option<Error>,
    /// Systems that are not in it, each with its controller: `automaster/site`.
    pub left_out: Vec<String>,
}

/// One controller's.
struct Night {
    controller: String,
    found: Elsewhere,
    /// What each system keeps beneath.
    below: BTreeMap<String, &'static str>,
    /// System and collection of what was reclaimed.
    reclaimed: BTreeSet<(String, String)>,
}

/// Whether every system that is left out by name is one of these companies', or one in which a night of theirs began
/// something.
///
/// # Errors
/// Usage (exit 2): one is neither; the kinds of the own store.
pub fn known(without: &[String], companies: &[(&String, &Rules)], store: &mut Store) -> Result<()> {
    let mut names: BTreeSet<String> =
        companies.iter().flat_map(|(_, rules)| rules.systems.keys()).cloned().collect();
    for (controller, _) in companies.iter().filter(|_| !without.is_empty()) {
        names.extend(store.read(|view| night::begun(view, controller))?.into_keys());
    }
    let Some(unknown) = without.iter().find(|name| !names.contains(*name)) else { return Ok(()) };
    Err(Error::usage(format!("--without: no system is called `{unknown}`"))
        .hint(format!("systems with a map: {}", names.into_iter().collect::<Vec<_>>().join(", "))))
}

/// Every system of the companies of a night: a night on paper has none of them.
///
/// # Errors
/// The kinds of policy and officer's file.
pub fn all_left_out(tonight: &Tonight, world: &World<'_, '_>) -> Result<Nights> {
    let library = world.library()?;
    let mut left_out = Vec::new();
    for tally in &tonight.tallies {
        let systems = world.rules(&library, &tally.controller)?.systems;
        left_out.extend(systems.keys().map(|system| format!("{}/{system}", tally.controller)));
    }
    Ok(Nights { left_out, ..Nights::default() })
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
        let begun = store.read(|view| night::begun(view, &controller))?;
        if rules.systems.is_empty() && begun.is_empty() {
            continue;
        }
        let named = world.global.without.iter().cloned();
        let (without, gone): (Vec<_>, Vec<_>) = named.partition(|name| rules.systems.contains_key(name));
        nights.left_out.extend(without.iter().map(|system| format!("{controller}/{system}")));
        let mut context = world.context(&controller, &rules)?;
        let mut reach = match world.reach_without(&mut rules, &mut context, &without) {
            Ok(reach) => reach.with_gone(gone),
            Err(error) => {
                nights.fail(&controller, in_other_systems(error, false));
                continue;
            }
        };
        let key = key_of(store)?.ok_or_else(|| Error::config("the key file of the store is missing"))?;
        let company = Company { controller: controller.clone(), rulebook: &rules.rulebook, context };
        let pause = |milliseconds: u64| std::thread::sleep(Duration::from_millis(milliseconds));
        let mut terms = Terms {
            key: &key,
            dry_run: meant.dry_run,
            page: PAGE.min(meant.batch.unwrap_or(PAGE)).min(meant.max_rate.unwrap_or(PAGE)),
            batch: meant.batch.unwrap_or(BATCH),
            max_rate: meant.max_rate,
            max_count: meant.max_count,
            max_share: meant.max_share,
            run: tonight.run,
            random: &mut *world.env.random,
            pause: &pause,
        };
        match night::night(store, &mut reach, &company, &mut terms) {
            Ok(mut found) => {
                for ((system, collection), rows) in &found.unowned {
                    world.note(&format!(
                        "warning: {system}: no identifier leads to what is past its term in {collection} ({rows}): assign by hand"
                    ))?;
                }
                if let Some(error) = wrong(&mut found) {
                    nights.fail(&controller, error);
                }
                for (system, n) in &found.unconfirmed {
                    world.note(&format!(
                        "system `{system}`: {n} records that a night had begun there are told as not confirmed"
                    ))?;
                }
                let reclaimed =
                    if meant.reclaim { reclaim(&found, &mut reach, world)? } else { BTreeSet::new() };
                let below =
                    reach.names().into_iter().map(|name| (name.clone(), reach.below(&name))).collect();
                nights.all.push(Night { controller, found, below, reclaimed });
            }
            Err(error) => nights.fail(&controller, in_other_systems(error, false)),
        }
    }
    Ok(nights)
}

/// Asks the engines to reclaim what this night left in their tables; what the role may not is told.
fn reclaim(
    found: &Elsewhere,
    reach: &mut Reach,
    world: &mut World<'_, '_>,
) -> Result<BTreeSet<(String, String)>> {
    let touched: BTreeSet<(String, String)> =
        found.lines.iter().map(|line| (line.system.clone(), line.collection.clone())).collect();
    let mut units = BTreeMap::<(String, String), bool>::new();
    let mut all = BTreeSet::new();
    for (system, collection) in touched {
        let unit = (system.clone(), reach.reclaimed_with(&system, &collection).to_owned());
        let done = match units.get(&unit) {
            Some(done) => *done,
            None => {
                let (done, hindered) = match reach.reclaim(&system, &collection) {
                    Ok(done) if done || !reach.may_reclaim(&system) => (done, None),
                    Ok(_) => (false, Some("the role or the engine may not".to_owned())),
                    Err(error) => (false, Some(error.to_string())),
                };
                if let Some(why) = hindered {
                    world.note(&format!("warning: {system} {collection}: not reclaimed: {why}"))?;
                }
                done
            }
        };
        units.insert(unit, done);
        if done {
            all.insert((system, collection));
        }
    }
    Ok(all)
}

/// An error of one command that acts everywhere at once, said of a night: the own records are done, so not *nothing*.
fn in_other_systems(error: Error, begun: bool) -> Error {
    let said = error.hint_text().unwrap_or_default().split("; ");
    let idle = |part: &&str| {
        !part.is_empty() && !part.starts_with("nothing ") && !part.starts_with("or add --without")
    };
    let what: Vec<&str> = said.filter(idle).collect();
    let what = if what.is_empty() { "see `dsr map check`".to_owned() } else { what.join("; ") };
    let hint = if begun {
        format!("{what}; what was done stays done, and the next night goes on in other systems")
    } else {
        format!("{what}; nothing was done in other systems, and the next night tries again")
    };
    let kind = if error.kind() == Kind::Failed { Kind::Partial } else { error.kind() };
    Error::new(kind, error.message()).hint(hint)
}

fn wrong(found: &mut Elsewhere) -> Option<Error> {
    if let Some(error) = found.broke.take() {
        return Some(in_other_systems(error, !found.lines.is_empty()));
    }
    if let Some(stop) = &found.stop {
        let hint =
            "look at it with --dry-run; if it is right, allow more once with --max-share or --max-count";
        return Some(Error::new(Kind::Guard, format!("{stop}; nothing was deleted there")).hint(hint));
    }
    if let Some((system, n)) = found.missing.first_key_value() {
        let message =
            format!("a night began {n} records in system `{system}`, which dsr.yaml does not name any more");
        let hint = format!(
            "name it there again, or say that it is gone for good: dsr purge-expired --without {system}"
        );
        return Some(Error::new(Kind::Partial, message).hint(hint));
    }
    let first = found.troubles.first()?;
    Some(
        Error::new(Kind::Partial, format!("a step in another system failed: {first}"))
            .hint("the next night tries it again; `dsr map check` shows whether the map still fits"),
    )
}

impl Nights {
    fn fail(&mut self, controller: &str, error: Error) {
        self.unfinished.push(controller.to_owned());
        self.failed = self.failed.take().or(Some(error));
    }

    /// Takes over into the numbers of the run what was found; what was destroyed stands in its acts.
    pub fn count_in(&self, tonight: &mut Tonight) {
        tonight.unfinished.clone_from(&self.unfinished);
        let reclaimed = self.all.iter().flat_map(|night| {
            let of = |(system, table): &(String, String)| {
                [night.controller.clone(), system.clone(), table.clone()]
            };
            night.reclaimed.iter().map(of)
        });
        tonight.reclaimed = reclaimed.collect();
        for Night { controller, found, .. } in &self.all {
            let Some(tally) = tonight.tallies.iter_mut().find(|tally| tally.controller == *controller) else {
                continue;
            };
            protected(found, tally);
            if found.stop.is_none() {
                for line in found.lines.iter().filter(|line| line.action == Action::Archive) {
                    *tally.archived.entry(line.category.to_string()).or_default() += line.count;
                }
            }
        }
    }

    /// Adds what would be done to the answer of a rehearsal.
    pub fn foretell(&self, answer: &mut PurgeAnswer) {
        for Night { found, .. } in &self.all {
            for line in &found.lines {
                let counts =
                    if line.action == Action::Archive { &mut answer.archived } else { &mut answer.destroyed };
                *counts.entry(line.category.to_string()).or_default() += line.count;
            }
            let mut tally = Tally::default();
            protected(found, &mut tally);
            add_all(&mut answer.held, tally.held);
            add_all(&mut answer.held_by, tally.held_by);
            add_all(&mut answer.gaps, tally.gaps);
        }
    }

    /// The lines of other systems, for the answer.
    pub fn lines(&self) -> Vec<SystemLine> {
        let done = self.all.iter().filter(|night| night.found.stop.is_none());
        done.flat_map(|night| night.found.lines.iter().map(|line| told(night, line))).collect()
    }
}

fn protected(found: &Elsewhere, tally: &mut Tally) {
    add_all(&mut tally.held, found.held.iter().map(|(category, n)| (category.to_string(), *n)));
    add_all(&mut tally.held_by, found.held_by.iter().map(|(by, n)| (by.to_string(), *n)));
    let kept = found.kept.iter().map(|((of, rule), n)| ((of.to_string(), rule.clone()), *n));
    add_all(&mut tally.kept, kept);
    add_all(&mut tally.gaps, found.gaps.iter().map(|(word, n)| (word.clone(), *n)));
}

fn add_all<K: Ord>(all: &mut BTreeMap<K, u64>, more: impl IntoIterator<Item = (K, u64)>) {
    more.into_iter().for_each(|(key, n)| *all.entry(key).or_default() += n);
}

fn told(night: &Night, line: &NightLine) -> SystemLine {
    let place = (line.system.clone(), line.collection.clone());
    SystemLine {
        controller: night.controller.clone(),
        system: line.system.clone(),
        collection: line.collection.clone(),
        category: line.category.to_string(),
        action: if line.action == Action::Archive { "archive" } else { "destroy" },
        count: line.count,
        until: line.until.map(|day| day.to_string()),
        rule: line.why.rule.clone(),
        clause: line.why.clause.clone(),
        law: line.why.law.clone(),
        below: night.below.get(&line.system).copied().unwrap_or_default(),
        reclaimed: night.reclaimed.contains(&place),
    }
}
