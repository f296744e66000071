//! `dsr/disclosure/v1`: what a third party was given, or why not.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    decide::hand_over::{HandOver, Handed, Parcel},
    domain::{Action, Reason, secret},
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

/// The payload as it goes out: without what is left out, only what was asked for, and of a card its last digits.
fn data(handed: &Handed) -> serde_json::Result<Value> {
    let whole: Map<String, Value> = serde_json::from_str(&handed.record.data)?;
    let goes = |name: &String| {
        !handed.dropped.contains(name) && (handed.only.is_empty() || handed.only.contains(name))
    };
    let going = whole.into_iter().filter(|(name, _)| goes(name));
    Ok(Value::Object(going.map(|(name, value)| (name, without_cards(value))).collect()))
}

/// The number of a card is nobody's but its holder's and the bank's.
fn without_cards(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(secret::mask_cards(&text)),
        Value::Number(number) if secret::is_card(&number.to_string()) => {
            Value::String(secret::mask_cards(&number.to_string()))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_cards).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, without_cards(value))).collect())
        }
        other => other,
    }
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
            (words.say("column-decision"), words.code("decided", self.parcel.plan.decision.as_str())),
            (words.say("refusal-ground"), words.code("vocabulary", order.ground().as_str())),
            (words.say("column-rule"), format!("{}: {}", why.rule, words.reason(&why.rule, &why.says))),
        ];
        let law = why.law.as_ref().map(|law| words.law(law));
        let optional = [
            (words.say("column-clause"), why.clause.clone()),
            (words.say("column-law"), law),
            (words.say("demand"), order.demand.clone()),
            (words.phrase("approved by"), order.approved_by.clone()),
            (words.term("vocabulary", "document"), order.document.clone()),
        ];
        pairs.extend(optional.into_iter().filter_map(|(label, value)| Some((label, value?))));
        pairs
    }

    /// What goes, for a person; machines read [`Answer::sheet`].
    fn goes(&self, words: &Words) -> Sheet {
        let titles = ["column-category", "column-collected-at", "column-data"];
        let mut sheet = Sheet::new(titles.map(|key| words.say(key)));
        for one in &self.parcel.records {
            let at = words.moment(one.record.collected_at);
            let values = data(one).map(|data| data.to_string()).unwrap_or_default();
            sheet.push([words.code("category", one.record.category.as_str()), at, values]);
        }
        sheet
    }

    fn stays(&self, words: &Words) -> Sheet {
        let mut sheet = Sheet::new([
            words.say("column-category"),
            words.say("column-records"),
            words.phrase("left out"),
            words.say("column-rule"),
            words.say("refusal-ground"),
        ]);
        for part in self.masked().chain(self.withheld()) {
            let fields = part.fields.iter().map(|field| words.code("field", field)).collect::<Vec<_>>();
            let what = if fields.is_empty() { words.say("disclosure-whole") } else { fields.join(", ") };
            let category = words.code("category", part.category);
            let cells = [category, part.count.to_string(), what];
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
        let goes = self.goes(words);
        if !goes.rows.is_empty() {
            page.push(Block::Heading(words.phrase("What goes")));
            page.push(Block::Table(goes));
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
