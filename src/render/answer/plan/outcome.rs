//! What came of a plan that was carried out.

use serde::Serialize;

use crate::{
    domain::Duty,
    render::{
        Block, Lang, Sheet, Words,
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
    /// What was done in other systems, by collection.
    pub systems: Vec<Part>,
}

/// One collection of another system, as it came out.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// `delete` or `set`.
    pub action: &'static str,
    /// How many rows.
    pub rows: u64,
    /// `done` or `open`.
    pub state: &'static str,
    /// Why it is open.
    pub trouble: Option<String>,
    /// What the engine keeps below.
    pub below: &'static str,
    /// Whether the table was reclaimed (`--reclaim`).
    pub reclaimed: bool,
    /// Whether that may still be offered.
    #[serde(skip)]
    pub may_reclaim: bool,
}

#[derive(Serialize)]
pub(super) struct OutcomeBody<'a> {
    case: &'a str,
    state: &'a str,
    act: Option<&'a str>,
    destruction: &'a str,
    reopened: &'a [String],
    duties: Vec<DutyBody<'a>>,
    systems: &'a [Part],
}

impl Outcome {
    pub(super) fn page(&self, words: &Words) -> Vec<Block> {
        let mut page = vec![Block::Pairs(result(self, words))];
        if !self.systems.is_empty() {
            page.push(Block::Heading(words.say("plan-systems")));
            page.push(Block::Table(systems(&self.systems, words)));
            page.extend(next(&self.case, &self.systems));
        }
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
            systems: &self.systems,
        }
    }
}

/// What to type next about the steps in other systems: first what is open, then what lies below what is done.
pub(in crate::render) fn next(case: &str, parts: &[Part]) -> Option<Block> {
    let offered = |part: &Part| part.may_reclaim && !part.reclaimed;
    let go_on = if parts.iter().any(|part| part.state == "open") {
        "--yes"
    } else if parts.iter().any(offered) {
        "--reclaim"
    } else {
        return None;
    };
    Some(Block::Next(vec![format!("dsr request resume {case} {go_on}")]))
}

/// What was done in other systems, as rows.
pub(in crate::render) fn systems(parts: &[Part], words: &Words) -> Sheet {
    let titles = ["plan-system", "plan-collection", "plan-rows", "state"].map(|key| words.say(key));
    let mut sheet = Sheet::new(titles);
    for part in parts {
        let state = words.say(&format!("elsewhere-{}-{}", part.action, part.state));
        let why = part.trouble.as_deref().unwrap_or(part.below);
        let why = words.phrase(why);
        let said = if why.is_empty() { state } else { format!("{state}: {why}") };
        let said =
            if part.reclaimed { format!("{said}; {}", words.say("elsewhere-reclaimed")) } else { said };
        sheet.push([part.system.clone(), part.collection.clone(), part.rows.to_string(), said]);
    }
    sheet
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
