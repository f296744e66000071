//! `dsr/plan/v1`: what will happen or has happened to a person's data, and why, step by step.

use serde::Serialize;

use crate::{
    domain::{
        Category, Plan, Reason, RecordKey,
        plan::{Gap, Wait, Waiting},
    },
    render::{Answer, Block, Sheet, Words},
};

mod outcome;
mod page;

use outcome::OutcomeBody;
pub use outcome::{Outcome, Part};
pub(in crate::render) use outcome::{next, systems};

/// A plan, shown or carried out.
pub struct PlanAnswer {
    /// The right, as a word.
    pub right: &'static str,
    /// The controller's id.
    pub controller: String,
    /// The person; `None`: nothing is held.
    pub subject: Option<String>,
    /// The plan.
    pub plan: Plan,
    /// By which kind of name the person was looked up.
    pub searched: &'static str,
    /// Nothing is left to do: carried out before, or nothing held.
    pub already_done: bool,
    /// The binding last day.
    pub due: Option<String>,
    /// The careful day.
    pub target: Option<String>,
    /// The plan's number: the same data and policy give the same.
    pub digest: String,
    /// What was left out because it is not known who asks.
    pub refusal: Option<RefusalLine>,
    /// The command that goes on with the answer which a part waits for, where it waits for one.
    pub first: Option<String>,
    /// How far it is.
    pub stage: Stage,
}

/// The part that is refused.
#[derive(Clone, Serialize)]
pub struct RefusalLine {
    /// Ground code, e.g. `RF-ID`.
    pub ground: String,
    /// Citation.
    pub law: Option<String>,
    /// Why, in words.
    pub says: String,
    /// What is not done.
    pub rest: Vec<String>,
    /// What to do next.
    pub todo: String,
    /// By when the answer is due all the same.
    pub by: Option<String>,
}

/// How far a plan is.
#[derive(Clone)]
pub enum Stage {
    /// Only shown.
    Planned,
    /// Carried out.
    Done(Outcome),
}

#[derive(Serialize)]
struct Body<'a> {
    right: &'a str,
    controller: &'a str,
    subject: Option<&'a str>,
    decision: &'a str,
    done: bool,
    already_done: bool,
    searched: &'a str,
    due: Option<&'a str>,
    target: Option<&'a str>,
    digest: &'a str,
    steps: Vec<Line<'a>>,
    kept: Vec<Line<'a>>,
    gaps: Vec<GapLine<'a>>,
    waits: Vec<WaitLine<'a>>,
    refusal: Option<&'a RefusalLine>,
    outcome: Option<OutcomeBody<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    action: &'a str,
    effect: Option<u8>,
    category: Option<&'a str>,
    system: &'a str,
    collection: &'a str,
    count: usize,
    fields: &'a [String],
    about: &'a [String],
    rule: &'a str,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    reason: &'a str,
    until: Option<String>,
}

#[derive(Serialize)]
struct GapLine<'a> {
    category: Option<&'a str>,
    count: usize,
    missing: &'a str,
}

#[derive(Serialize)]
struct WaitLine<'a> {
    on: String,
    count: usize,
    reopens: &'a str,
    statutory: Option<String>,
    next: Option<&'a str>,
}

/// The parts that a step and a kept line share.
struct Parts<'a> {
    action: crate::domain::Action,
    effect: Option<u8>,
    category: Option<&'a Category>,
    system: &'a str,
    collection: &'a str,
    keys: &'a [RecordKey],
    fields: &'a [String],
    about: &'a [String],
    why: &'a Reason,
    until: Option<chrono::NaiveDate>,
}

impl<'a> Parts<'a> {
    fn line(self) -> Line<'a> {
        Line {
            action: self.action.as_str(),
            effect: self.effect,
            category: self.category.map(Category::as_str),
            system: self.system,
            collection: self.collection,
            count: self.keys.len(),
            fields: self.fields,
            about: self.about,
            rule: &self.why.rule,
            clause: self.why.clause.as_deref(),
            law: self.why.law.as_deref(),
            reason: &self.why.says,
            until: self.until.map(|day| day.to_string()),
        }
    }
}

impl PlanAnswer {
    fn steps(&self) -> Vec<Line<'_>> {
        let parts = self.plan.steps.iter().map(|step| Parts {
            action: step.action,
            effect: step.effect,
            category: step.category.as_ref(),
            system: &step.system,
            collection: &step.collection,
            keys: &step.keys,
            fields: &step.fields,
            about: &step.about,
            why: &step.why,
            until: step.until,
        });
        parts.map(Parts::line).collect()
    }

    fn kept(&self) -> Vec<Line<'_>> {
        let parts = self.plan.kept.iter().map(|kept| Parts {
            action: kept.action,
            effect: None,
            category: Some(&kept.category),
            system: &kept.system,
            collection: "",
            keys: &kept.keys,
            fields: &[],
            about: &[],
            why: &kept.why,
            until: kept.until,
        });
        parts.map(Parts::line).collect()
    }

    fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Planned => None,
            Stage::Done(outcome) => Some(outcome),
        }
    }
}

fn gap(gap: &Gap) -> GapLine<'_> {
    GapLine {
        category: gap.category.as_ref().map(Category::as_str),
        count: gap.keys.len(),
        missing: &gap.missing,
    }
}

fn wait<'a>(wait: &'a Wait, first: Option<&'a str>) -> WaitLine<'a> {
    let on = match &wait.on {
        Waiting::Obligation(reference) => format!("obligation {reference}"),
        Waiting::Block(case) => format!("block of case {case}"),
        Waiting::Document => "document".to_owned(),
        Waiting::Correction(case) => format!("correction in case {case}"),
        Waiting::Answer(case) => format!("answer of case {case}"),
        Waiting::Hold(number) => format!("hold {number}"),
    };
    let statutory = wait.statutory.map(|day| day.to_string());
    let next = first.filter(|_| matches!(wait.on, Waiting::Answer(_)));
    WaitLine { on, count: wait.keys.len(), reopens: &wait.reopens, statutory, next }
}

impl Answer for PlanAnswer {
    fn schema(&self) -> &'static str {
        "dsr/plan/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(Body {
            right: self.right,
            controller: &self.controller,
            subject: self.subject.as_deref(),
            decision: self.plan.decision.as_str(),
            done: self.outcome().is_some(),
            already_done: self.already_done,
            searched: self.searched,
            due: self.due.as_deref(),
            target: self.target.as_deref(),
            digest: &self.digest,
            steps: self.steps(),
            kept: self.kept(),
            gaps: self.plan.gaps.iter().map(gap).collect(),
            waits: self.plan.waits.iter().map(|one| wait(one, self.first.as_deref())).collect(),
            refusal: self.refusal.as_ref(),
            outcome: self.outcome().map(Outcome::body),
        })
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        page::page(self, words)
    }

    fn sheet(&self) -> Option<Sheet> {
        let columns = [
            "part", "action", "effect", "category", "system", "count", "about", "rule", "clause", "law",
            "reason", "until",
        ];
        let mut sheet = Sheet::new(columns);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        for (part, lines) in [("step", self.steps()), ("kept", self.kept())] {
            for line in lines {
                sheet.push([
                    part.to_owned(),
                    line.action.to_owned(),
                    line.effect.map(|n| n.to_string()).unwrap_or_default(),
                    text(line.category),
                    line.system.to_owned(),
                    line.count.to_string(),
                    line.about.join("|"),
                    line.rule.to_owned(),
                    text(line.clause),
                    text(line.law),
                    line.reason.to_owned(),
                    line.until.unwrap_or_default(),
                ]);
            }
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("steps")
    }
}
