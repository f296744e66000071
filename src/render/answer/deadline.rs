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

    fn page(&self, words: &Words) -> Vec<Block> {
        let mut page = vec![Block::Heading(self.title(words)), Block::Pairs(self.dates(words))];
        let gap = |gap: &String| {
            words.say_with("deadline-gap", &[("what", words.dated(&words.phrase(gap)).into())])
        };
        page.extend(self.deadline.gap.iter().map(|one| Block::Warning(gap(one))));
        if self.deadline.provisional {
            page.push(Block::Warning(words.say("provisional-date")));
        }
        if !self.deadline.skipped.is_empty() {
            page.push(Block::Heading(words.say("deadline-skipped")));
            page.push(Block::Table(self.calendar_days(words)));
        }
        if !self.why.is_empty() {
            page.push(Block::Heading(words.phrase("Step by step")));
            page.extend(self.why.iter().map(|line| Block::Line(words.dated(line))));
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

    fn title(&self, words: &Words) -> String {
        let Deadline { right, received, .. } = &self.deadline;
        let (right, at) = (words.code("right", right.as_str()), words.moment(*received));
        let controller = self.controller.clone();
        let values = [("right", right.into()), ("controller", controller.into()), ("at", at.into())];
        words.say_with("deadline-title", &values)
    }

    /// The days between, in words.
    fn calendar_days(&self, words: &Words) -> Sheet {
        let mut sheet = Sheet::new([words.say("deadline-date"), words.say("deadline-reason")]);
        for skip in &self.deadline.skipped {
            sheet.push([words.day(skip.date), words.dated(&words.phrase(&skip.reason))]);
        }
        sheet
    }

    fn dates(&self, words: &Words) -> Vec<(String, String)> {
        let Deadline { due, due_at, target, binding, law, policy, calendar, .. } = &self.deadline;
        let at = |at: &crate::domain::Moment| words.moment(*at);
        let pairs = [
            ("deadline-due", Some(due.map_or_else(|| words.say("no-term"), |day| words.weekday(day)))),
            ("deadline-at", due_at.as_ref().map(at)),
            ("plan-target", target.map(|day| words.weekday(day))),
            ("deadline-binding", binding.map(|layer| words.term("binding", layer.as_str()))),
            ("deadline-policy", policy.as_ref().map(|term| cite(term, words))),
            ("deadline-law", law.as_ref().map(|term| cite(term, words))),
            ("deadline-calendar", Some(calendar.clone())),
        ];
        pairs.into_iter().filter_map(|(label, value)| Some((words.say(label), value?))).collect()
    }
}

fn cite(term: &LayerTerm, words: &Words) -> String {
    let place = match (&term.why.clause, &term.why.law) {
        (Some(clause), _) => words.say_with("deadline-clause", &[("clause", clause.clone().into())]),
        (None, Some(law)) => words.law(law),
        (None, None) => String::new(),
    };
    let limit =
        term.limit.as_deref().map_or_else(|| words.say("deadline-no-term"), |limit| words.say_part(limit));
    let by = |day| {
        let day = words.due(day, term.due_at);
        words.say_with("deadline-by", &[("term", limit.clone().into()), ("day", day.into())])
    };
    let limit = term.due.map_or_else(|| limit.clone(), by);
    let unconfirmed =
        (term.confirmed == Some(false)).then(|| format!(" {}", words.say("deadline-unconfirmed")));
    format!("{limit} ({}, {place}){}", term.why.rule, unconfirmed.unwrap_or_default())
}
