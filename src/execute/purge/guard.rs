//! What stops a run before anything is deleted, each with a sentence and what to do.

use chrono::NaiveDate;

use super::{Judged, Night};
use crate::{
    audit::{Entry, State},
    domain::{Error, Kind, Moment, Result},
    store::{Store, View},
};

/// A share is judged from so many records up: of a handful, one is a large share.
const JUDGED_FROM: u64 = 1_000;

/// How far the clock may have gone from one entry to the next.
const JUMP_DAYS: i64 = 35;

/// Entries read at once.
const PAGE: u64 = 512;

/// Bytes that marks, leaves and ledger take for one record, at most.
const GROWTH: u64 = 2_048;

/// Why a run stopped, with nothing deleted.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The first runs only report.
    NotEnabled,
    /// More of a controller's records are due than the ceiling allows.
    Share {
        /// The controller.
        controller: String,
        /// Records due for destruction.
        due: u64,
        /// The ceiling in percent.
        most: f64,
    },
    /// More records are due than the ceiling allows.
    Count {
        /// Records due for destruction.
        due: u64,
        /// The ceiling.
        most: u64,
    },
    /// The clock went further than a store that is used daily can explain.
    Clock {
        /// The day of the last entry.
        last: NaiveDate,
        /// The day of the clock.
        today: NaiveDate,
    },
    /// The destruction of bytes needs more room than there is; the sentence says how much.
    Space(String),
}

impl Stop {
    /// The sentence and what to do, as the error of exit 7.
    pub fn error(&self) -> Error {
        let (sentence, hint) = match self {
            Self::NotEnabled => (
                "the nightly run only reports until it is enabled".to_owned(),
                "if this report is right: dsr purge-expired --enable".to_owned(),
            ),
            Self::Share { controller, due, most } => (
                format!("{due} records of `{controller}` are due, more than {most} % of all"),
                "look at `dsr report retention`; if it is right, allow more once with --max-share (and --enable, if this is the first)".to_owned(),
            ),
            Self::Count { due, most } => (
                format!("{due} records are due, more than the {most} of --max-count"),
                "look at `dsr report retention`; if it is right, allow more once with --max-count (and --enable, if this is the first)".to_owned(),
            ),
            Self::Clock { last, today } => (
                format!("the clock says {today}, but the last entry of the log is of {last}"),
                format!("if {today} is right: dsr purge-expired --accept-clock {today}"),
            ),
            Self::Space(sentence) => (
                sentence.clone(),
                "free some space, or leave the byte work with --defer-destruction".to_owned(),
            ),
        };
        Error::new(Kind::Guard, format!("{sentence}; nothing was deleted")).hint(hint)
    }
}

/// Judges the clock against the last entry of the log.
///
/// # Errors
/// Usage (exit 2): a day was accepted that is not the clock's; the kinds of a read.
pub fn clock(store: &mut Store, night: &Night<'_>) -> Result<Option<Stop>> {
    let today = night.plain.now.day();
    if let Some(accepted) = night.settings.accept_clock.filter(|accepted| *accepted != today) {
        return Err(Error::usage(format!("--accept-clock {accepted} is not the day of the clock, {today}"))
            .hint("set the clock right, or accept the day that it shows"));
    }
    // A clock that went back destroys less, not more.
    let jumped = store.read(|view| before_the_jump(view, night.plain.now))?;
    let stop = jumped.map(|last| Stop::Clock { last: last.day(), today });
    Ok(stop.filter(|_| night.settings.accept_clock.is_none()))
}

/// The entry after which the clock jumped, since the last night that ran: another command may have written in the
/// time that the clock shows, and makes it no truer. Before the first night only the last entry is asked: a new store
/// may lie unused for long.
fn before_the_jump(view: &View<'_>, now: Moment) -> Result<Option<Moment>> {
    let (mut later, mut found, mut end) = (now, None, view.audit_head()?.size);
    let mut newest = true;
    while end > 0 {
        let start = end.saturating_sub(PAGE);
        let page = view.audit_entries(start, usize::try_from(end - start).unwrap_or_default())?;
        for entry in page.iter().rev().filter_map(|(_, bytes)| Entry::parse(bytes).ok()) {
            let at = entry.act.at;
            // What was written by a clock that has been set back since is no jump towards now.
            if found.is_none() && later <= now && (later.day() - at.day()).num_days() > JUMP_DAYS {
                found = Some(at);
            }
            if newest && found.is_some() || has_run(&entry) {
                return Ok(found);
            }
            (later, newest) = (at, false);
        }
        end = start;
    }
    Ok(None)
}

/// A night that no guard has stopped.
fn has_run(entry: &Entry) -> bool {
    let states = [State::Executed, State::DestroyedLogically, State::Enabled];
    entry.act.command.as_str() == "purge-expired" && states.contains(&entry.act.state)
}

/// Judges the whole run.
///
/// # Errors
/// As any read.
pub fn whole(store: &mut Store, night: &Night<'_>, judged: &Judged, enabled: bool) -> Result<Option<Stop>> {
    if !enabled {
        return Ok(Some(Stop::NotEnabled));
    }
    let mut all = 0;
    for (company, verdict) in night.companies.iter().zip(&judged.companies) {
        let due: u64 = verdict.counts(false).values().sum();
        all += due;
        if due >= JUDGED_FROM && is_too_much(store, &company.controller, due, night.settings.max_share)? {
            let (controller, most) = (company.controller.clone(), night.settings.max_share);
            return Ok(Some(Stop::Share { controller, due, most }));
        }
    }
    if let Some(most) = night.settings.max_count.filter(|most| all > *most) {
        return Ok(Some(Stop::Count { due: all, most }));
    }
    let room = if all > 0 && !night.settings.defer_destruction { store.room(all * GROWTH) } else { Ok(()) };
    Ok(room.err().map(|error| Stop::Space(error.message().to_owned())))
}

/// Whether so many are more than the share: counted no further than needed to know.
fn is_too_much(store: &mut Store, controller: &str, due: u64, percent: f64) -> Result<bool> {
    if percent >= 100.0 {
        return Ok(false);
    }
    // Exact for every store that fits on a disk.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below 2^53"
    )]
    let needed = (due as f64 * 100.0 / percent.max(1e-6)).ceil() as u64;
    Ok(store.read(|view| view.records_up_to(controller, needed))? < needed)
}
