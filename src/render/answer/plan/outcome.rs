//! What came of a plan that was carried out.

use serde::Serialize;

use crate::{
    domain::Duty,
    render::{
        Block,
        answer::duty::{self, DutyBody},
    },
};

/// What came of it.
#[derive(Clone)]
pub struct Outcome {
    /// The case.
    pub case: String,
    /// Its state.
    pub state: String,
    /// Number of the act of destruction.
    pub act: Option<String>,
    /// `destroyed`, `pending`, or `none` where nothing had to go.
    pub destruction: &'static str,
    /// Cases that were opened again.
    pub reopened: Vec<String>,
    /// What people have to do now.
    pub duties: Vec<Duty>,
}

#[derive(Serialize)]
pub(super) struct OutcomeBody<'a> {
    case: &'a str,
    state: &'a str,
    act: Option<&'a str>,
    destruction: &'a str,
    reopened: &'a [String],
    duties: Vec<DutyBody<'a>>,
}

impl Outcome {
    pub(super) fn page(&self) -> Vec<Block> {
        let mut page = vec![Block::Pairs(result(self))];
        if !self.duties.is_empty() {
            page.push(Block::Heading("What people have to do".into()));
            page.push(Block::Table(duty::sheet(&self.duties)));
            page.push(Block::Next(duty::next(&self.case, &self.duties)));
        }
        page
    }

    pub(super) fn body(&self) -> OutcomeBody<'_> {
        OutcomeBody {
            case: &self.case,
            state: &self.state,
            act: self.act.as_deref(),
            destruction: self.destruction,
            reopened: &self.reopened,
            duties: self.duties.iter().map(DutyBody::of).collect(),
        }
    }
}

fn result(outcome: &Outcome) -> Vec<(String, String)> {
    let mut pairs = vec![("case".to_owned(), format!("{} ({})", outcome.case, outcome.state))];
    if let Some(act) = &outcome.act {
        pairs.push(("act of destruction".to_owned(), format!("{act}: {}", outcome.destruction)));
    }
    if !outcome.reopened.is_empty() {
        pairs.push(("opened again".to_owned(), outcome.reopened.join(", ")));
    }
    pairs
}
