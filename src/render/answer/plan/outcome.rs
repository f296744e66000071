//! What came of a plan that was carried out.

use serde::Serialize;

use crate::{
    domain::Duty,
    render::{
        Block, Lang, Words,
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
    pub(super) fn page(&self, words: &Words) -> Vec<Block> {
        let mut page = vec![Block::Pairs(result(self, words))];
        if !self.duties.is_empty() {
            page.push(Block::Heading(words.say("duties")));
            page.push(Block::Table(duty::sheet(&self.duties, words)));
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

fn result(outcome: &Outcome, words: &Words) -> Vec<(String, String)> {
    let state = match words.lang() {
        Lang::En => outcome.state.clone(),
        _ => words.term("state", &outcome.state),
    };
    let mut pairs = vec![(words.say("plan-case"), format!("{} ({state})", outcome.case))];
    if let Some(act) = &outcome.act {
        let done = words.say(&format!("destruction-{}", outcome.destruction));
        pairs.push((words.say("plan-act"), format!("{act}: {done}")));
    }
    if !outcome.reopened.is_empty() {
        pairs.push((words.say("plan-reopened"), outcome.reopened.join(", ")));
    }
    pairs
}
