//! Commands as somebody types them: one line, where `'…'` is one word.

use serde_json::Value;

use super::{Run, World};

impl World {
    /// Runs a command line.
    pub fn types(&self, line: &str) -> Run {
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(nth, part)| match nth % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        });
        self.dsr(words)
    }

    /// What a command line that succeeds says for machines.
    pub fn asks_for(&self, line: &str) -> Value {
        self.types(&format!("{line} --format json")).ok().json()
    }
}

/// What is printed, without line breaks: a sentence may stand on two lines.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
