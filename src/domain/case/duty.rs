//! What a case still owes beside its answer: a step by hand, a recipient to tell.

use std::fmt;

use chrono::NaiveDate;

use super::Remark;
use crate::domain::{CaseNumber, Moment, channel::words};

words! {
    /// What kind of duty it is.
    DutyKind, "duty" {
        /// A step in a system that no program reaches. While it is open there is no act of destruction, no
        /// answer and no closed case.
        Manual = "manual",
        /// Another task of a person, beside the systems. It closes nothing and is listed until it is done.
        Task = "task",
        /// A recipient is to be told.
        Tell = "tell",
    }
}

/// A duty as the decision sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDuty {
    /// Its kind.
    pub kind: DutyKind,
    /// The system, or the recipient; empty for a task.
    pub place: String,
    /// What is to be done, in words. Never a value of a record.
    pub task: String,
    /// The last day.
    pub due: Option<NaiveDate>,
}

/// A duty of a case, numbered from 1 in the order in which the decisions set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Its number in the case.
    pub step: u32,
    /// What it is.
    pub what: NewDuty,
    /// When it was done, or taken back.
    pub done: Option<Moment>,
    /// The proof; of one taken back why.
    pub evidence: Option<Remark>,
    /// Who wrote it down, or signed that it was taken back.
    pub by: Option<String>,
    /// Whether it was taken back: nobody did it.
    pub recalled: bool,
    /// Of a step that looks somebody up: whether anything was found.
    pub found: Option<bool>,
    /// What keeps the whole of it from being done now. No event says so: whoever shows a duty looks it up.
    pub waits: Option<Halt>,
    /// Which of the categories it names are kept, each by what; looked up likewise.
    pub held: Vec<Held>,
    /// Whether a deal that came since needs something of what it destroys, so that its end says whether anything had to
    /// stay; looked up likewise.
    pub sorts: bool,
}

/// A category of a step that something keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The category.
    pub category: String,
    /// What keeps it.
    pub by: Halt,
}

/// An order or a check that came after a step was set, and keeps what it would destroy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// A hold, by its number.
    Hold(String),
    /// A block, by its case.
    Block(CaseNumber),
}

impl Halt {
    /// What a step says that it keeps.
    pub fn awaited(&self) -> String {
        match self {
            Self::Hold(number) => format!("waits for hold {number}"),
            Self::Block(case) => format!("waits for block {case}"),
        }
    }

    /// The command that shows it; whoever ends it has looked at it.
    pub fn seen_by(&self) -> String {
        match self {
            Self::Hold(_) => "dsr hold list".to_owned(),
            Self::Block(case) => format!("dsr request show {case}"),
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold(number) => write!(f, "hold {number}"),
            Self::Block(case) => write!(f, "block {case}"),
        }
    }
}

impl Held {
    /// What a step says that is done but for this.
    pub fn awaited(&self) -> String {
        format!("{}: {}", self.category, self.by.awaited())
    }
}

impl Duty {
    /// One that nobody has done yet.
    pub fn new(step: u32, what: NewDuty) -> Self {
        let (done, evidence, by, found, waits) = (None, None, None, None, None);
        Self { step, what, done, evidence, by, recalled: false, found, waits, held: Vec::new(), sorts: false }
    }

    /// What it waits for in words, one a halt: the whole of it, or category by category.
    pub fn awaited(&self) -> Vec<String> {
        let first = self.held.first().map(|held| &held.by);
        match &self.waits {
            Some(halt) if self.held.iter().all(|held| Some(&held.by) == first) => vec![halt.awaited()],
            _ => self.held.iter().map(Held::awaited).collect(),
        }
    }

    /// Whether people did it.
    pub fn is_done(&self) -> bool {
        self.done.is_some() && !self.recalled
    }

    /// Whether it is still owed.
    pub fn is_open(&self) -> bool {
        self.done.is_none()
    }

    /// Whether it is a step that waits whole: an answer may go out that says so.
    pub fn is_halted(&self) -> bool {
        self.bars() && self.waits.is_some()
    }

    /// Whether it keeps the case from its end.
    pub fn bars(&self) -> bool {
        self.is_open() && self.what.kind == DutyKind::Manual
    }
}

impl NewDuty {
    /// Whether two decisions of one case set the same.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.kind, &self.place, &self.task) == (other.kind, &other.place, &other.task)
    }
}
