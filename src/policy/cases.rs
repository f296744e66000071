//! Cases beside a policy: facts and the verdict that must come out, with the deciding rule.
//!
//! Deliberately absent: running them. Deciding is not a policy's business; see `decide::prove`.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    ask::Ask,
    word::{self, Day},
    yaml::{self, Place},
};
use crate::domain::{Moment, Record, Result, Right, StartEvent, SubjectFacts, Ticked, channel::words};

pub(in crate::policy) mod read;

/// All cases of one file.
#[derive(Debug)]
pub struct Cases {
    /// What becomes of a record.
    pub retention: Vec<RetentionCase>,
    /// When an answer is due.
    pub deadlines: Vec<DeadlineCase>,
    /// What a rule answers by itself.
    pub rules: Vec<RuleCase>,
}

impl Cases {
    /// Every case as its name, its controller and its deciding rule.
    pub fn proofs(&self) -> impl Iterator<Item = (&str, Option<&str>, Option<&str>)> {
        let retention = self.retention.iter().map(|case| (&case.name, &case.controller, &case.rule));
        let deadlines = self.deadlines.iter().map(|case| (&case.name, &case.controller, &case.rule));
        let rules = self.rules.iter().map(|case| (&case.name, &case.controller, &case.rule));
        let all = retention.chain(deadlines).chain(rules);
        all.map(|(name, of, rule)| (name.as_str(), of.as_deref(), rule.as_deref()))
    }
}

/// One question to the rules.
#[derive(Debug)]
pub struct RuleCase {
    /// What it shows.
    pub name: String,
    /// Whose policy; `None` = the one the file lies beside.
    pub controller: Option<String>,
    /// The question.
    pub ask: Ask,
    /// The word of the answer.
    pub expect: String,
    /// The deciding rule; `None` = none speaks.
    pub rule: Option<String>,
    /// Where the case stands.
    pub at: Place,
}

/// One record on one day.
#[derive(Debug)]
pub struct RetentionCase {
    /// What it shows.
    pub name: String,
    /// Whose policy; `None` = the one the file lies beside.
    pub controller: Option<String>,
    /// The day.
    pub today: NaiveDate,
    /// The record.
    pub record: Record,
    /// Its person.
    pub facts: SubjectFacts,
    /// The verdict that must come out.
    pub expect: Expected,
    /// The deciding rule; `None` for a gap.
    pub rule: Option<String>,
    /// Where the case stands.
    pub at: Place,
}

/// A verdict as a case writes it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Stays until this day.
    Keep(#[serde(deserialize_with = "word::one")] Day),
    /// Stays while an event has not happened.
    KeepOpen,
    /// Due for destruction since this day.
    Destroy(#[serde(deserialize_with = "word::one")] Day),
    /// Out of use until this day, its last.
    Archive(#[serde(deserialize_with = "word::one")] Day),
    /// Blocked.
    Block,
    /// Held by this.
    Hold(String),
    /// No rule speaks.
    Gap,
}

words! {
    /// Which layer binds.
    Layer, "layer" {
        /// The law.
        Law = "law",
        /// The policy.
        Policy = "policy",
    }
}

/// When the answer to one request is due.
#[derive(Debug)]
pub struct DeadlineCase {
    /// What it shows.
    pub name: String,
    /// Whose policy; `None` = the one the file lies beside.
    pub controller: Option<String>,
    /// The right.
    pub right: Right,
    /// When the request came.
    pub received: Moment,
    /// What happened afterwards; empty = the receipt stands for every event a term counts from.
    pub events: Vec<Ticked>,
    /// The moment of the question; the last event where none is named.
    pub now: Option<Moment>,
    /// The due date before an extension moved it.
    pub first_due: Option<NaiveDate>,
    /// The event that the binding term still waits for.
    pub waits_for: Option<StartEvent>,
    /// The binding limit; `None` = no term was in force.
    pub due: Option<NaiveDate>,
    /// The careful target, where it is earlier.
    pub target: Option<NaiveDate>,
    /// Which layer binds.
    pub binding: Option<Layer>,
    /// The rule behind it.
    pub rule: Option<String>,
    /// Where the case stands.
    pub at: Place,
}

/// Reads a case file.
///
/// # Errors
/// Exit 6 with the place.
pub fn read(shown_name: &str, text: &str) -> Result<Cases> {
    yaml::read::<read::RawCases>(shown_name, text).map(read::RawCases::checked)
}
