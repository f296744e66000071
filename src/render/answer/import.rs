//! `dsr/import/v1`: what an import did, by kind; what it left out, by line and column.

use serde::Serialize;

use crate::render::{Answer, Block, Sheet, Words};

/// What an import did.
#[derive(Serialize)]
pub struct ImportAnswer {
    /// Whose data it is.
    pub controller: String,
    /// The name of the input.
    pub input: String,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Counts by kind.
    pub kinds: Vec<KindLine>,
    /// Lines not taken.
    pub left_out: Remarks,
    /// Lines taken in part.
    pub altered: Remarks,
    /// Lines that are odd.
    pub warnings: Remarks,
    /// Cases that what came opened again.
    pub reopened: Vec<String>,
    /// The commands that go on with them.
    #[serde(skip)]
    pub next: Vec<String>,
}

/// Lines of one kind.
#[derive(Serialize)]
pub struct KindLine {
    /// `subject`, `record`, …
    pub kind: &'static str,
    /// Understood.
    pub read: u64,
    /// New.
    pub added: u64,
    /// Known, with other content.
    pub updated: u64,
    /// Known, with the same content.
    pub unchanged: u64,
}

/// Remarks about lines: how many, and the first of them.
#[derive(Serialize)]
pub struct Remarks {
    /// All of them.
    pub count: u64,
    /// The first hundred.
    pub shown: Vec<Remark>,
}

/// A remark about one line; never its content.
#[derive(Serialize)]
pub struct Remark {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: Option<u32>,
    /// Field.
    pub field: Option<String>,
    /// What is said.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Answer for ImportAnswer {
    fn schema(&self) -> &'static str {
        "dsr/import/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let key = if self.dry_run { "import-would" } else { "import-done" };
        let values = [("input", self.input.clone().into()), ("controller", self.controller.clone().into())];
        let mut page =
            vec![Block::Heading(words.say_with(key, &values)), Block::Table(self.kinds_in_words(words))];
        for (title, remarks) in [
            ("import-left-out", &self.left_out),
            ("import-altered", &self.altered),
            ("import-warnings", &self.warnings),
        ] {
            if remarks.count > 0 {
                page.push(Block::Warning(format!("{}: {}", words.say(title), remarks.count)));
                page.extend(remarks.shown.iter().map(|remark| Block::Line(self.line(remark, words))));
            }
        }
        if !self.reopened.is_empty() {
            page.push(Block::Warning(words.say("import-reopened")));
            page.push(Block::Next(self.next.clone()));
        }
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new(["kind", "read", "added", "updated", "unchanged"]);
        for line in &self.kinds {
            let counts = [line.read, line.added, line.updated, line.unchanged].map(|n| n.to_string());
            sheet.push(std::iter::once(line.kind.to_owned()).chain(counts));
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("kinds")
    }
}

impl ImportAnswer {
    fn kinds_in_words(&self, words: &Words) -> Sheet {
        let titles = ["kind", "read", "added", "updated", "unchanged"];
        let mut sheet = Sheet::new(titles.map(|key| words.say(&format!("import-{key}"))));
        for line in &self.kinds {
            let counts = [line.read, line.added, line.updated, line.unchanged].map(|n| n.to_string());
            sheet.push(std::iter::once(words.code("kind", line.kind)).chain(counts));
        }
        sheet
    }

    fn line(&self, remark: &Remark, words: &Words) -> String {
        let column = remark.column.map(|column| format!(":{column}")).unwrap_or_default();
        format!("  {}:{}{column}: {}", self.input, remark.line, words.phrase(&remark.message))
    }
}
