//! Who acts, when, and by which files: what every audit entry repeats.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    audit::{Act, Actor, Clock, Entry, Files, Hash, State, Word},
    domain::{CaseNumber, Error, Kind, LogId, Moment, Result, RunId, SubjectId},
    store::{AuditHead, Tx, View},
};

/// The circumstances of one command.
pub struct Context {
    /// The time the command acts at.
    pub now: Moment,
    /// What is known about the clock.
    pub clock: Clock,
    /// Who gave the command.
    pub actor: Actor,
    /// The controller, where the command is for one.
    pub controller: Option<String>,
    /// Digests of the files that decide.
    pub files: Files,
}

/// What one entry says beside the circumstances.
#[derive(Default)]
pub struct Said {
    /// The case.
    pub case: Option<CaseNumber>,
    /// The person.
    pub subject: Option<SubjectId>,
    /// The run, for commands that work in batches.
    pub run: Option<RunId>,
    /// Root over the records that a batch destroyed.
    pub leaves: Option<Hash>,
    /// Of what how many.
    pub counts: BTreeMap<String, u64>,
    /// Rules that were applied.
    pub rules: Vec<String>,
    /// Digest of what was shown or written.
    pub output: Option<Hash>,
}

impl Context {
    /// When and by whom, as a case's history keeps it.
    pub fn by(&self) -> (Moment, &str) {
        (self.now, self.actor.name())
    }

    /// Appends an entry in the transaction of the effect. No entry, no effect.
    ///
    /// # Errors
    /// As any write; integrity (exit 9) where the log does not continue.
    pub fn log(&self, tx: &Tx<'_>, command: &str, state: State, said: Said) -> Result<AuditHead> {
        let act = Act {
            at: self.now,
            clock: self.clock(tx)?,
            actor: self.actor.clone(),
            command: word(command)?,
            case: said.case,
            controller: self.controller.as_deref().map(word).transpose()?,
            subject: said.subject,
            run: said.run,
            state,
            counts: said.counts.into_iter().map(|(key, n)| Ok((word(&key)?, n))).collect::<Result<_>>()?,
            rules: said.rules.iter().map(|rule| word(rule)).collect::<Result<BTreeSet<_>>>()?,
            files: self.files.clone(),
            leaves: said.leaves,
            output: said.output,
            program: word(env!("CARGO_PKG_VERSION"))?,
        };
        let log = LogId::from_bytes(tx.meta().store_id);
        tx.append(|seq, prev| Entry { log, seq, prev, act }.bytes())
    }

    /// A clock that went back is marked and stops nothing: the order of entries is their number, never their time. What a
    /// command says next bears the same time, and the same mark.
    fn clock(&self, tx: &Tx<'_>) -> Result<Clock> {
        let back = last_entry(tx)?.is_some_and(|last| went_back(last, self.now));
        Ok(if tx.stays_back(back) { Clock::Regressed } else { self.clock })
    }
}

/// A command that waits for another takes its time before and its turn after it: that is no fault of the clock.
const WAITED: i64 = 15 * 60;

/// Whether the clock shows a time before one that it has shown, by more than commands wait for each other.
pub fn went_back(last: Moment, now: Moment) -> bool {
    last.unix() - now.unix() > WAITED
}

/// When the last entry was made, by its own words; `None` also for one that cannot be read, which is for
/// `audit verify` to name.
///
/// # Errors
/// As any read.
fn last_entry(view: &View<'_>) -> Result<Option<Moment>> {
    let size = view.audit_head()?.size;
    let newest = view.audit_entries(size.saturating_sub(1), 1)?;
    Ok(newest.last().and_then(|(_, bytes)| Entry::parse(bytes).ok()).map(|entry| entry.act.at))
}

fn word(text: &str) -> Result<Word> {
    text.parse().map_err(|_| Error::new(Kind::Failed, "a word does not fit into the audit log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_went_back_when_no_waiting_explains_it() {
        let last = Moment::from_unix(1_780_000_000);
        for (back, expected) in [(-86_400, false), (0, false), (900, false), (901, true), (86_400, true)] {
            assert_eq!(went_back(last, Moment::from_unix(last.unix() - back)), expected, "{back} s");
        }
    }
}
