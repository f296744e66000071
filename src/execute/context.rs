//! Who acts, when, and by which files: what every audit entry repeats.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    audit::{Act, Actor, Clock, Entry, Files, Hash, State, Word},
    domain::{CaseNumber, Error, Kind, LogId, Moment, Result, RunId, SubjectId},
    store::{AuditHead, Tx},
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
            clock: self.clock,
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
}

fn word(text: &str) -> Result<Word> {
    text.parse().map_err(|_| Error::new(Kind::Failed, "a word does not fit into the audit log"))
}
