//! `dsr/purge-expired/v1`: what a night destroyed, archived, held back and could not decide.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::render::{Answer, Block, Lang, Sheet, Words};

/// A night.
#[derive(Serialize)]
pub struct PurgeAnswer {
    /// The run; `null` where nothing was begun.
    pub run: Option<String>,
    /// The day that was judged.
    pub as_of: String,
    /// `planned`, `destroyed` or `pending`.
    pub status: &'static str,
    /// Records destroyed (or due), by category.
    pub destroyed: BTreeMap<String, u64>,
    /// Records archived, by category.
    pub archived: BTreeMap<String, u64>,
    /// Records due and protected, by category.
    pub held: BTreeMap<String, u64>,
    /// The same, by what protects them.
    pub held_by: BTreeMap<String, u64>,
    /// Records that no rule decides, by category.
    pub gaps: BTreeMap<String, u64>,
    /// Acts of destruction, one for each controller.
    pub acts: Vec<String>,
    /// Cases that are open again and wait for an officer.
    pub reopened: Vec<String>,
    /// The commands that go on with them; for a person only.
    #[serde(skip)]
    pub next: Vec<String>,
    /// Transactions that changed data.
    pub batches: u64,
    /// Why nothing was done.
    pub stopped: Option<String>,
    /// What is done and why.
    pub lines: Vec<Line>,
    /// The same in other systems.
    pub systems: Vec<SystemLine>,
    /// Other systems that are not in it, each with its controller.
    pub left_out: Vec<String>,
}

/// Records of another system that share collection, category, fate and rule.
#[derive(Serialize)]
pub struct SystemLine {
    /// Whose.
    pub controller: String,
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// The category.
    pub category: String,
    /// `destroy` or `archive`.
    pub action: &'static str,
    /// Records.
    pub count: u64,
    /// The last day of an archive.
    pub until: Option<String>,
    /// The rule.
    pub rule: String,
    /// Its clause.
    pub clause: Option<String>,
    /// The article it leans on.
    pub law: Option<String>,
    /// What the engine keeps beneath; empty: nothing.
    pub below: &'static str,
    /// Whether that was reclaimed.
    pub reclaimed: bool,
}

/// Records that share controller, category, fate and rule.
#[derive(Serialize)]
pub struct Line {
    /// Whose.
    pub controller: String,
    /// The category.
    pub category: String,
    /// `destroy` or `archive`.
    pub action: &'static str,
    /// Records.
    pub count: u64,
    /// The last day of an archive.
    pub until: Option<String>,
    /// The rule.
    pub rule: String,
    /// Its clause.
    pub clause: Option<String>,
    /// The article it leans on.
    pub law: Option<String>,
    /// The gist of the rule.
    pub reason: String,
}

impl PurgeAnswer {
    /// What was decided, without the days of the archives and the words of the rules: those are in CSV and
    /// JSON.
    fn summary(&self, words: &Words) -> Sheet {
        let mut counts = BTreeMap::<[&str; 5], u64>::new();
        for line in &self.lines {
            let place = line.clause.as_deref().or(line.law.as_deref()).unwrap_or_default();
            let key = [&*line.controller, &*line.category, line.action, &*line.rule, place];
            *counts.entry(key).or_default() += line.count;
        }
        let titles = [
            "night-column-controller",
            "night-column-category",
            "night-column-action",
            "night-column-rule",
            "night-column-place",
            "night-column-count",
        ];
        let mut sheet = Sheet::new(titles.map(|key| words.say(key)));
        for ([controller, of, action, rule, place], count) in counts {
            let action = words.term("action", action);
            let row = [controller.to_owned(), category(of, words), action, rule.to_owned(), place.to_owned()];
            sheet.push(row.into_iter().chain([count.to_string()]));
        }
        sheet
    }

    fn elsewhere(&self, words: &Words) -> Sheet {
        let titles = [
            "plan-system",
            "plan-collection",
            "night-column-category",
            "night-column-action",
            "plan-until",
            "night-column-rule",
            "night-column-count",
        ];
        let mut sheet = Sheet::new(titles.map(|key| words.say(key)));
        for line in &self.systems {
            sheet.push([
                line.system.clone(),
                line.collection.clone(),
                category(&line.category, words),
                words.term("action", line.action),
                line.until.as_deref().map(|day| words.iso(day)).unwrap_or_default(),
                line.rule.clone(),
                line.count.to_string(),
            ]);
        }
        sheet
    }

    /// What lies beneath after a destruction, one line a system.
    fn below(&self, words: &Words) -> Vec<Block> {
        let gone = self.systems.iter().filter(|line| self.status != "planned" && line.action == "destroy");
        let mut told = BTreeMap::<&str, (&str, bool)>::new();
        for line in gone {
            let known = told.entry(&line.system).or_insert((line.below, true));
            known.1 &= line.reclaimed;
        }
        let told = told.into_iter().filter(|(_, (below, _))| !below.is_empty());
        told.map(|(system, (below, reclaimed))| {
            let said = format!("{system}: {}", words.phrase(below));
            Block::Line(if reclaimed {
                format!("{said}; {}", words.say("elsewhere-reclaimed"))
            } else {
                said
            })
        })
        .collect()
    }

    fn counts(&self, words: &Words) -> Vec<(String, String)> {
        let shown = |counts: &BTreeMap<String, u64>| {
            let each: Vec<_> =
                counts.iter().map(|(word, n)| format!("{} {n}", category(word, words))).collect();
            if each.is_empty() { words.say("night-nothing") } else { each.join(", ") }
        };
        let done = if self.status == "planned" { "night-to-destroy" } else { "night-destroyed" };
        let named = [
            (done, &self.destroyed),
            ("night-archived", &self.archived),
            ("night-held", &self.held),
            ("night-gaps", &self.gaps),
        ];
        named.into_iter().map(|(key, counts)| (words.say(key), shown(counts))).collect()
    }
}

/// A category as people call it; the register's own kinds are words of the program.
fn category(word: &str, words: &Words) -> String {
    if words.lang() == Lang::En || word.starts_with("register.") {
        return word.to_owned();
    }
    words.term("category", word)
}

impl Answer for PurgeAnswer {
    fn schema(&self) -> &'static str {
        "dsr/purge-expired/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let title = match self.status {
            "planned" => "night-title-planned",
            "pending" => "night-title-pending",
            _ => "night-title",
        };
        let day = [("day", words.iso(&self.as_of).into())];
        let mut page = vec![Block::Heading(words.say_with(title, &day)), Block::Pairs(self.counts(words))];
        if !self.lines.is_empty() {
            page.push(Block::Table(self.summary(words)));
        }
        if !self.systems.is_empty() {
            page.push(Block::Heading(words.say("plan-systems")));
            page.push(Block::Table(self.elsewhere(words)));
            page.extend(self.below(words));
        }
        for (told, key) in [
            (!self.gaps.is_empty(), "night-warn-gaps"),
            (self.held_by.contains_key("officer"), "night-warn-children"),
            (!self.reopened.is_empty(), "night-warn-reopened"),
        ] {
            page.extend(told.then(|| Block::Warning(words.say(key))));
        }
        if !self.left_out.is_empty() {
            let systems = [("systems", self.left_out.join(", ").into())];
            page.push(Block::Warning(words.say_with("night-warn-left-out", &systems)));
        }
        let mut next = self.next.clone();
        next.extend(self.acts.iter().map(|act| format!("dsr report destruction --act {act}")));
        next.extend((self.status == "pending").then(|| "dsr sanitize".to_owned()));
        page.extend((!next.is_empty()).then_some(Block::Next(next)));
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new([
            "controller",
            "category",
            "action",
            "count",
            "until",
            "rule",
            "clause",
            "law",
            "reason",
        ]);
        for line in &self.lines {
            let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
            sheet.push([
                line.controller.clone(),
                line.category.clone(),
                line.action.to_owned(),
                line.count.to_string(),
                or_empty(&line.until),
                line.rule.clone(),
                or_empty(&line.clause),
                or_empty(&line.law),
                line.reason.clone(),
            ]);
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("lines")
    }
}
