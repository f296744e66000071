//! `dsr/elsewhere/v1`: how far the steps of a case in other systems are.

use serde::Serialize;

use super::plan::{Part, next, systems};
use crate::render::{Answer, Block, Sheet, Words};

/// The steps of one case in other systems.
#[derive(Serialize)]
pub struct Elsewhere {
    /// The case.
    pub case: String,
    /// Its state.
    pub state: String,
    /// The steps.
    pub systems: Vec<Part>,
}

impl Answer for Elsewhere {
    fn schema(&self) -> &'static str {
        "dsr/elsewhere/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let case = (words.say("plan-case"), format!("{} ({})", self.case, words.term("state", &self.state)));
        let mut page = vec![Block::Heading(words.say("elsewhere-title")), Block::Pairs(vec![case])];
        if !self.systems.is_empty() {
            page.push(Block::Table(systems(&self.systems, words)));
        }
        page.extend(next(&self.case, &self.systems));
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new(["case", "system", "collection", "action", "rows", "state", "trouble"]);
        for part in &self.systems {
            sheet.push([
                self.case.clone(),
                part.system.clone(),
                part.collection.clone(),
                part.action.to_owned(),
                part.rows.to_string(),
                part.state.to_owned(),
                part.trouble.clone().unwrap_or_default(),
            ]);
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("systems")
    }
}
