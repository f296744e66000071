//! `dsr purge-expired`: storage limitation, carried out every night.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::{
    Exit, Outcome,
    acting::{GoOn, key_of},
    reach::night::{self, Meant, Nights},
    request,
    world::World,
};
use crate::{
    audit::Hash,
    domain::{Error, Kind, Result},
    execute::purge::{self, Company, Hands, Night, PurgePlan, Settings, Tally, Tonight},
    policy::{
        Library,
        lint::{Severity, lint},
    },
    render::{
        Format,
        answer::purge::{Line, PurgeAnswer},
        bar::Counter,
        file,
    },
    store::{Mode, Store, View},
};

const EXAMPLES: &str = "\
Examples:
  dsr purge-expired --dry-run      # what tonight would destroy, and why
  dsr purge-expired --enable       # once; until then it only reports
  dsr purge-expired --quiet        # from cron; `contrib/` has a timer
";

/// Records in one transaction: the write lock is held for a tenth of a second or two.
const DEFAULT_BATCH: u32 = 10_000;

/// Destroy what is past its term
///
/// Judges every record of every controller of the store, then destroys what is due and archives what a law
/// keeps, in batches that may be interrupted at any time. Holds, blocks, open obligations and open cases
/// protect. Without a terminal it says nothing unless a person is needed.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct PurgeExpired {
    /// Let the nightly run destroy from now on (once for each store; until then exit 7)
    #[arg(long)]
    enable: bool,
    /// Show what would happen and change nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Write what would happen in the own store to a new file for `dsr apply`, and change nothing
    #[arg(long, value_name = "FILE")]
    plan_out: Option<PathBuf>,
    /// Stop where more than this share of a controller's records is due (judged from 1,000 up)
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = percent)]
    max_share: f64,
    /// Stop where more records than this are due
    #[arg(long, value_name = "N")]
    max_count: Option<u64>,
    /// Records in one transaction, and rows in one of another system (unless said: 10,000 and 500)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    batch: Option<u32>,
    /// In other systems at most so many rows a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_rate: Option<u32>,
    /// Have other systems reclaim the tables that changed (VACUUM and the like), where the role may
    #[arg(long)]
    reclaim: bool,
    /// Accept a clock that has jumped more than 35 days: the day that it shows
    #[arg(long, value_name = "DATE")]
    accept_clock: Option<NaiveDate>,
    /// Leave the byte work to `dsr sanitize`
    #[arg(long)]
    defer_destruction: bool,
}

/// Those whom the store knows anybody of, and those that have rows in other systems alone.
fn companies(mut known: Vec<String>, library: &Library, world: &World<'_, '_>) -> Result<Vec<String>> {
    let (officer, _) = world.officer()?;
    let more = officer.controllers.keys().filter(|id| library.controllers().contains(id));
    for id in more {
        if !known.contains(id) && !world.rules(library, id)?.systems.is_empty() {
            known.push(id.clone());
        }
    }
    known.sort();
    Ok(known)
}

fn percent(text: &str) -> Result<f64, String> {
    let share = text.trim_end_matches('%').parse().ok().filter(|share| *share > 0.0 && *share <= 100.0);
    share.ok_or_else(|| "a share is more than 0 and at most 100 percent".to_owned())
}

impl PurgeExpired {
    /// Whether somebody answers for it that nights destroy from now on.
    pub fn enables(&self) -> bool {
        self.enable
    }

    /// Runs it.
    ///
    /// # Errors
    /// Guard (exit 7), bytes that may remain (8), busy (75), and the kinds of store and policy.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        self.carry_out(None, world)
    }

    /// Runs it; with the digest of a plan made before, only if tonight is exactly that.
    pub(super) fn carry_out(&self, expected: Option<Hash>, world: &mut World<'_, '_>) -> Outcome {
        if let Some(path) = &self.plan_out {
            file::check(path)?;
        }
        let mut store = world.open(Mode::ReadWrite)?;
        let (tonight, nights) = self.tonight(&mut store, expected, world)?;
        if let Some(path) = &self.plan_out {
            let plan = PurgePlan::of(&tonight, &nights.left_out).text()?;
            file::write(path, plan.as_bytes(), (world.env.random)())?;
            world
                .note(&format!("plan written to {}; `dsr apply` carries out exactly this", path.display()))?;
        }
        let today = world.now().day();
        let read = |view: &View<'_>| {
            tonight.reopened.iter().map(|case| request::going_on(view, case, today)).collect()
        };
        let next = if tonight.reopened.is_empty() { Vec::new() } else { store.read(read)? };
        self.tell(tonight, nights, next, world)
    }

    fn tonight(
        &self,
        store: &mut Store,
        expected: Option<Hash>,
        world: &mut World<'_, '_>,
    ) -> Result<(Tonight, Nights)> {
        let library = world.library()?;
        // The night is of all controllers: a variable left in a profile may not hide one of them for ever.
        let typed = world.global.controller_is_typed;
        let chosen = match world.named_controller()?.filter(|_| typed) {
            Some(one) => vec![one],
            None => companies(store.read(|view| view.controllers())?, &library, world)?,
        };
        chosen.iter().try_for_each(|id| sound(&library, id))?;
        let rules = |id: &String| world.rules(&library, id).map_err(|error| without_policy(error, id));
        let rules = chosen.iter().map(rules).collect::<Result<Vec<_>>>()?;
        let of_each: Vec<_> = chosen.iter().zip(&rules).collect();
        night::known(&world.global.without, &of_each, store)?;
        let calendar = super::world::calendar(&library)?;
        let mut companies = Vec::new();
        for (controller, rules) in chosen.iter().zip(&rules) {
            let context = world.context(controller, rules)?;
            companies.push(Company { controller: controller.clone(), rulebook: &rules.rulebook, context });
        }
        let key = key_of(store)?.ok_or_else(|| {
            Error::config("the key file of the store is missing")
                .hint("without it nobody can be kept from coming back: restore it; `dsr doctor` says more")
        })?;
        let plain = world.plain_context(None)?;
        let holder =
            format!("process {}, since {}, {}", std::process::id(), plain.now.rfc3339(), plain.actor.name());
        let night = Night {
            companies: &companies,
            calendar: &calendar,
            key: &key,
            settings: self.settings(),
            plain: &plain,
            expected,
            holder,
        };
        let counter = Counter::new(world.env.stderr_is_terminal && !world.global.quiet);
        let mut hands = Hands { random: world.env.random, progress: &mut |done, all| counter.at(done, all) };
        let under_way = purge::begin(store, &night, &mut hands);
        counter.finish();
        let mut under_way = under_way?;
        let nights = self.elsewhere(expected, &under_way.tonight, store, world);
        let reports = self.is_rehearsal() || under_way.tonight.stop.is_some();
        if let Some(nights) = nights.as_ref().ok().filter(|_| !reports) {
            nights.count_in(&mut under_way.tonight);
        }
        let tonight = purge::end(store, &night, under_way)?;
        Ok((tonight, nights?))
    }

    fn is_rehearsal(&self) -> bool {
        self.dry_run || self.plan_out.is_some()
    }

    /// The systems of `dsr.yaml`, unless the night is on paper. Where a guard has stopped it, they are in its report.
    fn elsewhere(
        &self,
        expected: Option<Hash>,
        tonight: &Tonight,
        store: &mut Store,
        world: &mut World<'_, '_>,
    ) -> Result<Nights> {
        let dry_run = self.is_rehearsal() || tonight.stop.is_some();
        // Rows there are met as the night goes: no paper could name exactly these, so none promises them.
        if expected.is_some() || self.plan_out.is_some() {
            let nights = night::all_left_out(tonight, world)?;
            if !nights.left_out.is_empty() {
                world.note(
                    "other systems are not in the plan: the nightly run goes there, and --dry-run shows it",
                )?;
            }
            return Ok(nights);
        }
        let meant = Meant {
            dry_run,
            batch: self.batch,
            max_rate: self.max_rate,
            max_count: self.max_count,
            max_share: self.max_share,
            reclaim: self.reclaim && !dry_run,
        };
        night::nights(&meant, tonight, store, world)
    }

    fn settings(&self) -> Settings {
        Settings {
            enable: self.enable,
            dry_run: self.is_rehearsal(),
            max_share: self.max_share,
            max_count: self.max_count,
            batch: self.batch.unwrap_or(DEFAULT_BATCH) as usize,
            accept_clock: self.accept_clock,
            defer_destruction: self.defer_destruction,
        }
    }

    /// A machine gets what it asked for; a person sees a report; cron hears of what is new and of nothing else.
    fn is_told(&self, tonight: &Tonight, rehearsed: bool, world: &World<'_, '_>) -> bool {
        let machine = world.global.format.is_some_and(|format| format != Format::Table);
        let person = world.env.stdout_is_terminal || world.global.format.is_some() || rehearsed;
        let news = tonight.stop.is_some() || tonight.failed.is_some() || !tonight.reopened.is_empty();
        machine || !world.global.quiet && (person || news)
    }

    /// The answer first, then what is wrong.
    fn tell(
        &self,
        tonight: Tonight,
        nights: Nights,
        next: Vec<String>,
        world: &mut World<'_, '_>,
    ) -> Outcome {
        let rehearsed = self.is_rehearsal();
        if nights.failed.is_some() || self.is_told(&tonight, rehearsed, world) {
            let (systems, left_out) = (nights.lines(), nights.left_out.clone());
            let mut told = PurgeAnswer { next, systems, left_out, ..answer(&tonight) };
            if rehearsed || tonight.stop.is_some() {
                nights.foretell(&mut told);
            }
            world.answer(&told)?;
        }
        match (tonight.failed, tonight.stop) {
            (Some(error), _) => Err(error),
            (None, Some(stop)) if !rehearsed => {
                let says = |error| format!("warning: {error}: other systems are not whole in this report");
                nights.failed.map_or(Ok(()), |error| world.note(&says(error)))?;
                Err(stop.error())
            }
            (None, Some(stop)) => {
                world.note(&format!("a guard would stop this run: {}", stop.error().message()))?;
                nights.failed.map_or(Ok(Exit::Done), Err)
            }
            (None, None) => nights.failed.map_or(Ok(Exit::Done), Err),
        }
    }
}

/// A policy that `policy check` calls invalid destroys nothing: a rule that is missing may be the one that keeps.
fn sound(library: &Library, controller: &str) -> Result<()> {
    let found = match lint(library, controller) {
        Ok(found) => found,
        Err(error) => return Err(without_policy(error, controller)),
    };
    match found.into_iter().find(|finding| finding.severity == Severity::Error) {
        Some(finding) => {
            Err(Error::config(format!("the policy of `{controller}` is not valid; nothing was deleted"))
                .because(finding.error)
                .hint(format!("see all of it: dsr policy check --controller {controller}")))
        }
        None => Ok(()),
    }
}

/// A controller of the store that no policy knows is no slip of the command line: its data has no rules.
fn without_policy(error: Error, controller: &str) -> Error {
    if error.kind() != Kind::Usage {
        return error;
    }
    Error::config(format!(
        "the store holds data of `{controller}`, and no policy is called so; nothing was deleted"
    ))
    .hint("bring the policy back, or name the controllers to judge with --controller")
}

/// Carries out a night that was planned before, if it is still the same; the ceilings are those of the plan's
/// reader, who has seen its numbers.
///
/// # Errors
/// Stale (exit 5); as [`PurgeExpired::run`].
pub fn apply(plan: &PurgePlan, go_on: &GoOn, world: &mut World<'_, '_>) -> Outcome {
    if !go_on.yes && !go_on.dry_run && go_on.plan_out.is_none() {
        return Err(Error::usage("a night is carried out without a question only with --yes")
            .hint("look at it with --dry-run, then add --yes"));
    }
    let night = PurgeExpired {
        enable: false,
        dry_run: go_on.dry_run,
        plan_out: go_on.plan_out.clone(),
        max_share: 100.0,
        max_count: None,
        max_rate: None,
        batch: None,
        reclaim: false,
        accept_clock: None,
        defer_destruction: go_on.defer_destruction,
    };
    night.carry_out(Some(plan.expected()?), world)
}

fn answer(tonight: &Tonight) -> PurgeAnswer {
    PurgeAnswer {
        run: tonight.run.map(|run| run.to_string()),
        as_of: tonight.as_of.to_string(),
        status: tonight.status.as_str(),
        destroyed: tonight.sum(|tally| &tally.destroyed),
        archived: tonight.sum(|tally| &tally.archived),
        held: tonight.sum(|tally| &tally.held),
        held_by: tonight.sum(|tally| &tally.held_by),
        gaps: tonight.sum(|tally| &tally.gaps),
        acts: tonight.tallies.iter().flat_map(|tally| tally.acts.clone()).collect(),
        reopened: tonight.reopened.iter().map(ToString::to_string).collect(),
        next: Vec::new(),
        batches: tonight.batches,
        stopped: tonight.stop.as_ref().map(|stop| stop.error().message().to_owned()),
        lines: tonight.tallies.iter().flat_map(lines).collect(),
        systems: Vec::new(),
        left_out: Vec::new(),
    }
}

fn lines(tally: &Tally) -> impl Iterator<Item = Line> + '_ {
    tally.lines.iter().map(|(category, until, why, count)| Line {
        controller: tally.controller.clone(),
        category: category.clone(),
        action: if until.is_some() { "archive" } else { "destroy" },
        count: *count,
        until: until.map(|day| day.to_string()),
        rule: why.rule.clone(),
        clause: why.clause.clone(),
        law: why.law.clone(),
        reason: why.says.clone(),
    })
}
