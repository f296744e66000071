//! `dsr/disclosure/v1`: what a third party was given, or why not.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    decide::hand_over::{HandOver, Handed, Parcel},
    domain::{Action, Reason},
    render::{Answer, Block, Sheet, Words},
};

/// One disclosure, decided.
pub struct Disclosure<'a> {
    /// The controller's id.
    pub controller: String,
    /// Who wanted what.
    pub order: &'a HandOver,
    /// What came out.
    pub parcel: &'a Parcel,
}

#[derive(Serialize)]
struct Body<'a> {
    controller: &'a str,
    recipient: &'a str,
    country: &'a str,
    ground: &'a str,
    purpose: Option<&'a str>,
    demand: Option<&'a str>,
    approved_by: Option<&'a str>,
    document: Option<&'a str>,
    decision: &'a str,
    rule: &'a str,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    reason: &'a str,
    records: Vec<Record<'a>>,
    masked: Vec<Part<'a>>,
    withheld: Vec<Part<'a>>,
    gaps: Vec<&'a str>,
}

#[derive(Serialize)]
struct Record<'a> {
    category: &'a str,
    collected_at: Option<String>,
    data: Value,
}

#[derive(Serialize)]
struct Part<'a> {
    category: &'a str,
    count: usize,
    fields: &'a [String],
    rule: &'a str,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    reason: &'a str,
}

/// The payload as it goes out: without what is left out, and only what was asked for.
fn data(handed: &Handed) -> serde_json::Result<Value> {
    let whole: Map<String, Value> = serde_json::from_str(&handed.record.data)?;
    let goes = |name: &String| {
        !handed.dropped.contains(name) && (handed.only.is_empty() || handed.only.contains(name))
    };
    Ok(Value::Object(whole.into_iter().filter(|(name, _)| goes(name)).collect()))
}

/// When it was collected; another system may not know, and a guess goes to nobody.
fn collected(record: &crate::domain::Record) -> Option<String> {
    (!record.caveats.undated).then(|| record.collected_at.rfc3339())
}

fn record(handed: &Handed) -> serde_json::Result<Record<'_>> {
    let record = &handed.record;
    let collected_at = collected(record);
    Ok(Record { category: record.category.as_str(), collected_at, data: data(handed)? })
}

fn part<'a>(category: &'a str, count: usize, fields: &'a [String], why: &'a Reason) -> Part<'a> {
    let Reason { rule, clause, law, says } = why;
    Part { category, count, fields, rule, clause: clause.as_deref(), law: law.as_deref(), reason: says }
}

impl Disclosure<'_> {
    fn masked(&self) -> impl Iterator<Item = Part<'_>> {
        let masks = self.parcel.plan.steps.iter().filter(|step| step.action == Action::Mask);
        masks.map(|step| {
            let category = step.category.as_ref().map_or("", |category| category.as_str());
            part(category, step.keys.len(), &step.fields, &step.why)
        })
    }

    fn withheld(&self) -> impl Iterator<Item = Part<'_>> {
        let kept = self.parcel.plan.kept.iter();
        kept.map(|kept| part(kept.category.as_str(), kept.keys.len(), &[], &kept.why))
    }

    fn pairs(&self, words: &Words) -> Vec<(String, String)> {
        let (order, why) = (self.order, &self.parcel.why);
        let mut pairs = vec![
            ("decision".to_owned(), words.code("decided", self.parcel.plan.decision.as_str())),
            ("ground".to_owned(), words.code("vocabulary", order.ground().as_str())),
            ("rule".to_owned(), format!("{}: {}", why.rule, words.reason(&why.rule, &why.says))),
        ];
        let optional = [
            ("clause", &why.clause),
            ("law", &why.law),
            ("demand", &order.demand),
            ("approved by", &order.approved_by),
            ("document", &order.document),
        ];
        pairs.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))));
        pairs.iter_mut().for_each(|(key, _)| *key = words.phrase(key));
        pairs
    }

    fn stays(&self, words: &Words) -> Sheet {
        let mut sheet = Sheet::new(
            ["category", "records", "left out", "rule", "reason"].map(|title| words.phrase(title)),
        );
        for part in self.masked().chain(self.withheld()) {
            let what = if part.fields.is_empty() { "whole".to_owned() } else { part.fields.join(", ") };
            let category = words.code("category", part.category);
            let cells = [category, part.count.to_string(), words.phrase(&what)];
            sheet.push(cells.into_iter().chain([part.rule.to_owned(), words.reason(part.rule, part.reason)]));
        }
        sheet
    }
}

impl Answer for Disclosure<'_> {
    fn schema(&self) -> &'static str {
        "dsr/disclosure/v1"
    }

    fn body(&self) -> serde_json::Result<Value> {
        let (order, why) = (self.order, &self.parcel.why);
        serde_json::to_value(Body {
            controller: &self.controller,
            recipient: &order.recipient,
            country: &order.country,
            ground: order.ground().as_str(),
            purpose: order.purpose.as_ref().map(|purpose| purpose.as_str()),
            demand: order.demand.as_deref(),
            approved_by: order.approved_by.as_deref(),
            document: order.document.as_deref(),
            decision: self.parcel.plan.decision.as_str(),
            rule: &why.rule,
            clause: why.clause.as_deref(),
            law: why.law.as_deref(),
            reason: &why.says,
            records: self.parcel.records.iter().map(record).collect::<serde_json::Result<_>>()?,
            masked: self.masked().collect(),
            withheld: self.withheld().collect(),
            gaps: self.parcel.plan.gaps.iter().map(|gap| gap.missing.as_str()).collect(),
        })
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        let title = words.phrase(&format!("Disclosure to {} by {}", self.order.recipient, self.controller));
        let mut page = vec![Block::Heading(title), Block::Pairs(self.pairs(words))];
        let gaps = self.parcel.plan.gaps.iter();
        page.extend(gaps.map(|gap| Block::Warning(words.phrase(&gap.missing))));
        if let Some(sheet) = self.sheet().filter(|sheet| !sheet.rows.is_empty()) {
            page.push(Block::Heading(words.phrase("What goes")));
            page.push(Block::Table(sheet));
        }
        let stays = self.stays(words);
        if !stays.rows.is_empty() {
            page.push(Block::Heading(words.phrase("What stays")));
            page.push(Block::Table(stays));
        }
        page
    }

    fn sheet(&self) -> Option<Sheet> {
        let mut sheet = Sheet::new(["category", "collected_at", "data"]);
        for one in &self.parcel.records {
            let values = data(one).map(|data| data.to_string()).unwrap_or_default();
            let at = collected(&one.record).unwrap_or_default();
            sheet.push([one.record.category.to_string(), at, values]);
        }
        Some(sheet)
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("records")
    }
}
