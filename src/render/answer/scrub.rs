//! `dsr/scrub/v1`: how many lines of a list stayed, and why the others went.

use serde::Serialize;

use crate::render::{Answer, Block, Sheet, Words};

/// What became of a list. Lines are numbers; no value of it is said.
#[derive(Serialize)]
pub struct ScrubAnswer {
    /// Lines that stayed.
    pub kept: u64,
    /// Lines of people who have stopped it.
    pub stopped: u64,
    /// Lines of people whose data is out of use for a check.
    pub blocked: u64,
    /// Lines whose value cannot be read; left out too.
    pub unreadable: Vec<u64>,
    /// Where the rest was written.
    pub output: Option<String>,
}

/// As many line numbers as fit into a sentence.
const SHOWN: usize = 20;

impl Answer for ScrubAnswer {
    fn schema(&self) -> &'static str {
        "dsr/scrub/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let n = |count: u64| count.to_string();
        let mut pairs = vec![
            (words.say("scrub-kept"), n(self.kept)),
            (words.say("scrub-stopped"), n(self.stopped)),
            (words.say("scrub-blocked"), n(self.blocked)),
        ];
        if !self.unreadable.is_empty() {
            let shown = self.unreadable.iter().take(SHOWN).map(u64::to_string).collect::<Vec<_>>().join(", ");
            let more = if self.unreadable.len() > SHOWN { ", …" } else { "" };
            let lines = format!("{} ({shown}{more})", self.unreadable.len());
            pairs.push((words.say("scrub-unreadable"), lines));
        }
        vec![Block::Pairs(pairs)]
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new(["kept", "stopped", "blocked", "unreadable"]);
        let unreadable = self.unreadable.len() as u64;
        sheet.push([self.kept, self.stopped, self.blocked, unreadable].map(|n| n.to_string()));
        Some(sheet)
    }
}
