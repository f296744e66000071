//! `dsr/deadline/v1`: a due date with everything needed to prove it.

use serde::Serialize;

use crate::{
    domain::{Binding, Deadline, LayerTerm},
    render::{Answer, Block, Sheet, Words},
};

/// The due date of one right at one controller.
pub struct DeadlineAnswer {
    /// The controller's id.
    pub controller: String,
    /// The computed date.
    pub deadline: Deadline,
    /// Every step in words, where that was asked.
    pub why: Vec<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    right: &'a str,
    controller: &'a str,
    received: String,
    due: Option<String>,
    target: Option<String>,
    due_at: Option<String>,
    binding: Option<&'a str>,
    law: Option<Layer<'a>>,
    policy: Option<Layer<'a>>,
    skipped: Vec<Skip<'a>>,
    provisional: bool,
    gap: Option<&'a str>,
    calendar: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    why: &'a [String],
}

#[derive(Serialize)]
struct Layer<'a> {
    rule: &'a str,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    says: &'a str,
    term: Option<&'a str>,
    due: Option<String>,
    due_at: Option<String>,
    target: Option<&'a str>,
    target_due: Option<String>,
    confirmed: Option<bool>,
}

#[derive(Serialize)]
struct Skip<'a> {
    date: String,
    reason: &'a str,
}

fn layer(term: &LayerTerm) -> Layer<'_> {
    Layer {
        rule: &term.why.rule,
        clause: term.why.clause.as_deref(),
        law: term.why.law.as_deref(),
        says: &term.why.says,
        term: term.limit.as_deref(),
        due: term.due.map(|day| day.to_string()),
        due_at: term.due_at.map(|at| at.rfc3339()),
        target: term.target.as_deref(),
        target_due: term.target_due.map(|day| day.to_string()),
        confirmed: term.confirmed,
    }
}

impl Answer for DeadlineAnswer {
    fn schema(&self) -> &'static str {
        "dsr/deadline/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        let Deadline { right, received, due, target, due_at, binding, law, policy, .. } = &self.deadline;
        serde_json::to_value(Body {
            right: right.as_str(),
            controller: &self.controller,
            received: received.rfc3339(),
            due: due.map(|day| day.to_string()),
            target: target.map(|day| day.to_string()),
            due_at: due_at.map(|at| at.rfc3339()),
            binding: binding.map(Binding::as_str),
            law: law.as_ref().map(layer),
            policy: policy.as_ref().map(layer),
            skipped: self.skips(),
            provisional: self.deadline.provisional,
            gap: self.deadline.gap.as_deref(),
            calendar: &self.deadline.calendar,
            why: &self.why,
        })
    }

    fn page(&self, _words: &Words) -> Vec<Block> {
        let Deadline { right, received, .. } = &self.deadline;
        let mut page = vec![
            Block::Heading(format!("{right} at {}, received {}", self.controller, received.rfc3339())),
            Block::Pairs(self.dates()),
        ];
        page.extend(self.deadline.gap.iter().map(|gap| Block::Warning(format!("gap: {gap}"))));
        if self.deadline.provisional {
            page.push(Block::Warning("provisional: the calendar ends before this date".into()));
        }
        if let Some(skipped) = self.sheet().filter(|sheet| !sheet.rows.is_empty()) {
            page.push(Block::Heading("Days that do not count".into()));
            page.push(Block::Table(skipped));
        }
        if !self.why.is_empty() {
            page.push(Block::Heading("Step by step".into()));
            page.extend(self.why.iter().map(|line| Block::Line(line.clone())));
        }
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new(["date", "reason"]);
        for skip in self.skips() {
            sheet.push([skip.date, skip.reason.to_owned()]);
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("skipped")
    }
}

impl DeadlineAnswer {
    fn skips(&self) -> Vec<Skip<'_>> {
        let skip = |s: &'_ crate::domain::Skipped| s.date.to_string();
        self.deadline.skipped.iter().map(|s| Skip { date: skip(s), reason: &s.reason }).collect()
    }

    fn dates(&self) -> Vec<(String, String)> {
        let Deadline { due, due_at, target, binding, law, policy, calendar, .. } = &self.deadline;
        let mut pairs = Vec::new();
        let mut pair =
            |label: &str, value: Option<String>| pairs.extend(value.map(|v| (label.to_owned(), v)));
        let weekday = |day: &chrono::NaiveDate| day.format("%Y-%m-%d, %A").to_string();
        pair("due", Some(due.as_ref().map_or_else(|| "no term was in force".into(), weekday)));
        pair("at", due_at.map(|at| at.rfc3339()));
        pair("careful target", target.as_ref().map(weekday));
        pair("binding", binding.map(|layer| layer.as_str().to_owned()));
        pair("policy says", policy.as_ref().map(cite));
        pair("law says", law.as_ref().map(cite));
        pair("calendar", Some(calendar.clone()));
        pairs
    }
}

fn cite(term: &LayerTerm) -> String {
    let place = match (&term.why.clause, &term.why.law) {
        (Some(clause), _) => format!("clause {clause}"),
        (None, Some(law)) => law.clone(),
        (None, None) => String::new(),
    };
    let limit = term.limit.as_deref().unwrap_or("no term");
    let due = term.due.map(|day| format!(", by {day}")).unwrap_or_default();
    let unconfirmed = if term.confirmed == Some(false) { " [not confirmed by a lawyer]" } else { "" };
    format!("{limit}{due} ({}, {place}){unconfirmed}", term.why.rule)
}
