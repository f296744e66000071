//! The decided steps, each with its reason. A plan is data: it leaves nothing to choose.

use chrono::NaiveDate;

use super::{CaseNumber, Category, Moment, Reason, channel::words};

/// Where a record lies, and the version that was seen: effects are by key with the version re-checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// Primary key in its collection.
    pub id: i64,
    /// Version read; a different one at execution makes the plan stale.
    pub version: i64,
}

words! {
    /// What a step does.
    Action, "action" {
        /// Show it to the person.
        Disclose = "disclose",
        /// Leave a third person's part out.
        Mask = "mask",
        /// Destroy it.
        Destroy = "destroy",
        /// Keep for the law alone, out of use.
        Archive = "archive",
        /// Stop use for a check.
        Block = "block",
        /// End a block, or a suppression that the person takes back.
        Unblock = "unblock",
        /// Change it.
        Rectify = "rectify",
        /// Add a note to a primary document.
        Annotate = "annotate",
        /// Stop purposes, also after a re-import.
        Suppress = "suppress",
        /// Mark a consent withdrawn.
        Withdraw = "withdraw",
        /// Tell a recipient.
        Notify = "notify",
        /// A person has to do it.
        Manual = "manual",
    }
}

words! {
    /// What came out of a request as a whole.
    Decision, "decision" {
        /// Everything asked is done.
        Grant = "grant",
        /// Part is lawfully kept, archived or waiting.
        Partial = "partial",
        /// Nothing of it is done, with reasons.
        Refuse = "refuse",
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// Effect 1–4 of MyCar's withdrawal (clause 8.10).
    pub effect: Option<u8>,
    /// The system it is done in; `own` is `dsr`'s store.
    pub system: String,
    /// The collection (table) there.
    pub collection: String,
    /// The category, where the step touches records.
    pub category: Option<Category>,
    /// The records, sorted.
    pub keys: Vec<RecordKey>,
    /// The fields; empty = the whole record.
    pub fields: Vec<String>,
    /// The fields of the policy that it corrects, `contact.phone`, where `fields` are columns of another system or people
    /// make the correction.
    pub meant: Vec<String>,
    /// What it is about where that is no record: the purpose to suppress, the recipient to tell, the
    /// task of a person, what a block stops. Never a value of a record.
    pub about: Vec<String>,
    /// Since when it holds, where that is not the moment it is carried out.
    pub since: Option<Moment>,
    /// The last day of an archive or of a duty.
    pub until: Option<NaiveDate>,
    /// Why.
    pub why: Reason,
}

impl Step {
    /// A step in a collection of `dsr`'s own store, about nothing yet.
    pub fn new(action: Action, collection: &str, why: Reason) -> Self {
        Self {
            action,
            effect: None,
            system: "own".into(),
            collection: collection.into(),
            category: None,
            keys: Vec::new(),
            fields: Vec::new(),
            meant: Vec::new(),
            about: Vec::new(),
            since: None,
            until: None,
            why,
        }
    }

    /// Whether it is done in `dsr`'s own store.
    pub fn is_own(&self) -> bool {
        self.system == "own"
    }

    /// Whether it is about records, wherever they lie.
    pub fn is_on_records(&self) -> bool {
        if self.is_own() { self.collection == "record" } else { self.category.is_some() }
    }
}

/// Records that stay, in the same shape as a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The step that will not be done.
    pub action: Action,
    /// The category.
    pub category: Category,
    /// The system.
    pub system: String,
    /// The records, sorted.
    pub keys: Vec<RecordKey>,
    /// Until when, where a date is known.
    pub until: Option<NaiveDate>,
    /// Why they stay.
    pub why: Reason,
}

/// A question no rule answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The category, where it is about records.
    pub category: Option<Category>,
    /// The records, sorted.
    pub keys: Vec<RecordKey>,
    /// What is missing, in words.
    pub missing: String,
}

/// What a part of a request waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiting {
    /// An open obligation, by its reference.
    Obligation(String),
    /// The end of a check, by the case that blocks.
    Block(CaseNumber),
    /// A document that confirms a change.
    Document,
    /// A correction that a finding demands, by the case that blocks.
    Correction(CaseNumber),
    /// The answer of another case, which tells what is still held and goes to an address that is.
    Answer(CaseNumber),
    /// The end of an order to keep, by its number.
    Hold(String),
}

impl Waiting {
    /// What a case that waits for it says.
    pub fn awaited(&self) -> String {
        match self.parts() {
            (word, Some(name)) => format!("waits for {word} {name}"),
            (word, None) => format!("waits for {word}"),
        }
    }

    /// Its word, and what it waits for by name.
    pub fn parts(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Obligation(reference) => ("obligation", Some(reference.clone())),
            Self::Block(case) => ("block", Some(case.to_string())),
            Self::Document => ("document", None),
            Self::Correction(case) => ("correction", Some(case.to_string())),
            Self::Answer(case) => ("answer", Some(case.to_string())),
            Self::Hold(number) => ("hold", Some(number.clone())),
        }
    }
}

/// The part of a request that waits, and what opens it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// For what.
    pub on: Waiting,
    /// The records that wait, sorted.
    pub keys: Vec<RecordKey>,
    /// The consents that stay in force meanwhile, by their rows in the ledger, sorted.
    pub consents: Vec<i64>,
    /// What opens it again, in words.
    pub reopens: String,
    /// The last day the law leaves for an answer, whatever it waits for.
    pub statutory: Option<NaiveDate>,
}

/// Everything that will happen, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a plan that is neither shown nor carried out is a lost request"]
pub struct Plan {
    /// What came out as a whole.
    pub decision: Decision,
    /// What is done.
    pub steps: Vec<Step>,
    /// What stays, and why.
    pub kept: Vec<Kept>,
    /// What no rule answers.
    pub gaps: Vec<Gap>,
    /// What waits, and what opens it again.
    pub waits: Vec<Wait>,
}
