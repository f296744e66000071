//! The nightly run: what is due is destroyed, what a law keeps is archived, the rest is told.
//!
//! ```text
//! turn ─ judge everybody ─ guards ─ batches: [judge again if anybody wrote] remove, act, entry ─ (other systems) ─ close ─ bytes
//!        (read, whole run)          (one transaction each)
//! ```
//!
//! The verdict over the whole run stands before the first batch, and every guard judges that. A batch acts
//! on what was judged; where another command has written since, its people are judged again inside the
//! transaction that deletes, so that a contact committed in between wins. A run that was killed is gone on
//! with under its own id, and its acts cover both.

mod batch;
mod close;
mod guard;
mod judge;
mod plan;
mod report;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    act, cases,
    context::{Context, Said},
};
use crate::{
    audit::{Hash, State},
    calendar::Calendar,
    domain::{CaseNumber, Result, RunId},
    policy::Rulebook,
    store::{
        KeyFile, Store,
        destroy::Needles,
        expire::{Outlived, Turn},
        health,
    },
};

pub use batch::{act_of_run, add_to_act};
pub use guard::Stop;
pub use judge::{Judged, due_tonight};
pub use plan::PurgePlan;
pub use report::{Status, Tally, Tonight};

/// How a run is meant.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// From now on the nightly run destroys.
    pub enable: bool,
    /// Report and do nothing.
    pub dry_run: bool,
    /// At most this share of a controller's records, in percent.
    pub max_share: f64,
    /// At most so many records in all.
    pub max_count: Option<u64>,
    /// Records in one transaction.
    pub batch: usize,
    /// The day that a person says is right, where the clock has jumped.
    pub accept_clock: Option<NaiveDate>,
    /// Leave the byte work to `dsr sanitize`.
    pub defer_destruction: bool,
}

/// One controller of the store, with the rules that decide and the circumstances of its entries.
pub struct Company<'a> {
    /// Its id.
    pub controller: String,
    /// Policy and law.
    pub rulebook: &'a Rulebook,
    /// Actor, clock and digests for its entries.
    pub context: Context,
}

/// Everything a run needs.
pub struct Night<'a> {
    /// The controllers of the store.
    pub companies: &'a [Company<'a>],
    /// The calendar, for cases that open again.
    pub calendar: &'a Calendar,
    /// The key under which marks are made.
    pub key: &'a KeyFile,
    /// How it is meant.
    pub settings: Settings,
    /// The circumstances of entries that are of no controller.
    pub plain: &'a Context,
    /// The digest of a plan made before: another night is not begun.
    pub expected: Option<Hash>,
    /// Who runs it, for the next who asks for the turn.
    pub holder: String,
}

/// Random bytes and progress, as arguments.
pub struct Hands<'a> {
    /// 16 random bytes.
    pub random: &'a mut dyn FnMut() -> [u8; 16],
    /// So many records of so many are done.
    pub progress: &'a mut dyn FnMut(u64, u64),
}

/// A night under way: the own records are done, and other systems may follow before it is closed. Whoever has it
/// has the turn.
pub struct UnderWay {
    /// What was found and done so far.
    pub tonight: Tonight,
    /// What was begun and has to be closed; `None`: a rehearsal, or a guard stopped it.
    run: Option<RunId>,
    needles: Needles,
    turn: Option<Turn>,
}

/// Runs it, with no other systems. A guard that stops the run leaves [`Tonight::stop`] and nothing deleted.
///
/// # Errors
/// As [`begin`] and [`end`].
pub fn run(store: &mut Store, night: &Night<'_>, hands: &mut Hands<'_>) -> Result<Tonight> {
    let under_way = begin(store, night, hands)?;
    end(store, night, under_way)
}

/// Everything up to the last own record.
///
/// # Errors
/// Busy (exit 75) where another run has the turn; the kinds of store and policy. What was committed stays,
/// and the next run goes on from there.
pub fn begin(store: &mut Store, night: &Night<'_>, hands: &mut Hands<'_>) -> Result<UnderWay> {
    let today = night.plain.now.day();
    let turn = if night.settings.dry_run { None } else { Some(Turn::take(store.path(), &night.holder)?) };
    store.widen()?;
    let unfinished = store.read(|view| view.unfinished_run())?;
    let clock = guard::clock(store, night)?;
    let enabled = store.read(|view| view.purge_enabled())?.is_some() || night.settings.enable;
    let judged = judge::everybody(store, night.companies, today)?;
    let mut tonight = Tonight::planned(unfinished.map(|run| run.run), today, night.companies, &judged);
    if night.settings.dry_run || night.expected.is_some() {
        tonight.digest =
            plan::digest(night.companies.iter().map(|company| company.controller.clone()), &judged);
    }
    if night.expected.is_some_and(|expected| expected != tonight.digest) {
        return Err(act::stale());
    }
    tonight.stop = match clock {
        Some(stop) => Some(stop),
        None => guard::whole(store, night, &judged, enabled)?,
    };
    if night.settings.dry_run || tonight.stop.is_some() {
        tonight.reopened = ended_waits(store, night)?;
        // What the night that is rehearsed here would be refused for.
        tonight.failed = health::ledger_stands(store).err();
        return Ok(UnderWay { tonight, run: None, needles: Needles::new(), turn });
    }
    let run = begin_run(store, night, (unfinished.map(|run| run.run), judged.version), hands)?;
    tonight.run = Some(run);
    tonight.reopened = reopen(store, night)?;
    let mut needles = Needles::new();
    let done = batch::all(store, night, (run, today), judged, &mut needles, hands)?;
    tonight.batches = done.batches;
    let outlived = outlived(store, night, (run, today), &mut needles);
    tonight.outlived = outlived.map_err(|error| batch::stopped(done.batches, error))?;
    Ok(UnderWay { tonight, run: Some(run), needles, turn })
}

/// Closes what was begun, and destroys the bytes. A night that does not come to this is gone on with by the next.
///
/// # Errors
/// The kinds of the store.
pub fn end(store: &mut Store, night: &Night<'_>, under_way: UnderWay) -> Result<Tonight> {
    let UnderWay { mut tonight, run, needles, turn } = under_way;
    if let Some(run) = run {
        close::close(store, night, run, &mut tonight)
            .map_err(|error| batch::stopped(tonight.batches, error))?;
        (tonight.status, tonight.failed) = close::destroy(store, night, &needles);
    }
    drop(turn);
    Ok(tonight)
}

/// Begins a run or goes on with one, and switches the purge on where that was asked. Where a plan was made before,
/// nothing may have been written since it was found to be still the same.
fn begin_run(
    store: &mut Store,
    night: &Night<'_>,
    (unfinished, judged): (Option<RunId>, i64),
    hands: &mut Hands<'_>,
) -> Result<RunId> {
    let (plain, settings) = (night.plain, night.settings);
    let run = unfinished.unwrap_or_else(|| RunId::from_bytes((hands.random)()));
    store.transact(|tx| {
        if settings.defer_destruction {
            tx.sound_if_small()?
        } else {
            tx.sound()?
        }
        tx.ledger_stands()?;
        if night.expected.is_some() && tx.data_version()? != judged {
            return Err(act::stale());
        }
        if settings.enable && tx.purge_enabled()?.is_none() {
            tx.enable_purge(plain.now)?;
            plain.log(tx, "purge-expired", State::Enabled, Said::default())?;
        }
        match unfinished {
            Some(_) => Ok(()),
            None => tx.begin_run(run, plain.now.day(), plain.now),
        }
    })?;
    Ok(run)
}

/// Cases of which a wait has ended: opened again, told, and left to an officer.
fn reopen(store: &mut Store, night: &Night<'_>) -> Result<Vec<CaseNumber>> {
    let mut all = Vec::new();
    for company in night.companies {
        let rules = (company.rulebook, night.calendar);
        all.extend(store.transact(|tx| cases::reopen(tx, &company.context, rules))?);
    }
    all.extend(waiting_for_an_officer(store)?);
    all.sort();
    all.dedup();
    Ok(all)
}

/// Cases opened again before, by this run or an import, that no officer has completed.
fn waiting_for_an_officer(store: &mut Store) -> Result<Vec<CaseNumber>> {
    store.read(|view| view.reopened_cases())
}

/// The same without doing it.
fn ended_waits(store: &mut Store, night: &Night<'_>) -> Result<Vec<CaseNumber>> {
    let mut all = waiting_for_an_officer(store)?;
    store.read(|view| {
        for company in night.companies {
            view.for_each_ended_wait(Some(&company.controller), None, |wait| {
                all.push(wait.case);
                Ok(())
            })?;
        }
        Ok(())
    })?;
    all.sort();
    all.dedup();
    Ok(all)
}

/// What the register itself no longer needs.
fn outlived(
    store: &mut Store,
    night: &Night<'_>,
    of: (RunId, NaiveDate),
    needles: &mut Needles,
) -> Result<BTreeMap<String, Outlived>> {
    let mut all = BTreeMap::new();
    for company in night.companies {
        let gone = store.transact(|tx| close::outlived(tx, company, night.key, of, needles))?;
        all.insert(company.controller.clone(), gone);
    }
    Ok(all)
}
