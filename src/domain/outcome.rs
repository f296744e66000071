//! What came of a request, as its case keeps it: the plan that was carried out, without a row and
//! without a value of the person. Letters say what happened from here and from nowhere else.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Decision, Kept, Plan, Reason, Step, Wait, plan::Action};

/// A plan as it was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What came out as a whole.
    #[serde(with = "word")]
    pub decision: Decision,
    /// What was done.
    pub steps: Vec<Line>,
    /// What stayed, and why.
    pub kept: Vec<Line>,
    /// What waits.
    pub waits: Vec<Pending>,
    /// Categories that something was asked about and of which nothing is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Number of the act of destruction, where one was opened.
    pub act: Option<String>,
    /// By which kind of name the person was sought: `iin`, `phone`; never the name itself.
    pub searched: Option<String>,
    /// Whether only that was done which needs no identity: the rest is decided once it is known who asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    /// Where policy and law disagree about what an answer costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Fee>,
}

/// A fee that the policy allows and the law forbids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// What was charged, in tenge: nothing.
    pub charged: u32,
    /// Rule id of the clause that allows it.
    pub allowed_by: String,
    /// Rule id of the article that forbids it.
    pub forbidden_by: String,
}

/// One step, or one group of records that stayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What was done, or would have been.
    #[serde(with = "word")]
    pub action: Action,
    /// Effect 1–4 of a withdrawal, where the policy numbers them.
    pub effect: Option<u8>,
    /// The category, where it is about records.
    pub category: Option<String>,
    /// Where: records, consents, suppressions.
    pub collection: String,
    /// How many.
    pub count: u64,
    /// The fields, as the policy calls them where the map says how; empty = whole records. Of a correction that people
    /// make with their categories.
    pub fields: Vec<String>,
    /// What it is about where that is no record: a purpose, a recipient, a task.
    pub about: Vec<String>,
    /// Rule id.
    pub rule: String,
    /// Clause of the published policy.
    pub clause: Option<String>,
    /// Article of the law.
    pub law: Option<String>,
    /// Since when it holds, where that is not the moment it was carried out: RFC 3339.
    pub since: Option<String>,
    /// Last day of an archive or a duty, as an ISO day.
    pub until: Option<String>,
    /// What the rule means here, as the plan said it. `None` where an older version wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// The other system or the place of people; `None`: here, or an older version did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The table there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

/// What a part waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// `obligation`, `block`, `document`, `correction`, `answer`, `hold`.
    pub on: String,
    /// Its reference or case number.
    pub name: Option<String>,
    /// Records that wait.
    pub count: u64,
    /// The last day the law leaves, as an ISO day.
    pub statutory: Option<String>,
}

impl Outcome {
    /// The plan as it was carried out, with the act it led to.
    pub fn of(plan: &Plan, act: Option<String>, searched: Option<&str>) -> Self {
        Self {
            decision: plan.decision,
            steps: plan.steps.iter().map(step).collect(),
            kept: plan.kept.iter().map(kept).collect(),
            waits: plan.waits.iter().map(pending).collect(),
            absent: absent(plan),
            act,
            searched: searched.map(str::to_owned),
            unconfirmed: false,
            fee: None,
        }
    }

    /// What was found where nothing is held.
    pub fn nothing(searched: &str) -> Self {
        let (steps, kept, waits) = (Vec::new(), Vec::new(), Vec::new());
        let searched = Some(searched.to_owned());
        let unconfirmed = false;
        let (decision, absent) = (Decision::Grant, Vec::new());
        Self { decision, steps, kept, waits, absent, act: None, searched, unconfirmed, fee: None }
    }

    /// The lines of one action.
    pub fn of_action(&self, action: Action) -> impl Iterator<Item = &Line> {
        self.steps.iter().filter(move |line| line.action == action)
    }

    /// Whether a block ended, or stands until what was found wrong is put right.
    pub fn ends_block(&self) -> bool {
        self.steps.iter().chain(&self.kept).any(|line| line.action == Action::Unblock)
    }
}

impl Line {
    /// A line about nothing yet.
    pub fn new(action: Action, why: &Reason) -> Self {
        Self {
            action,
            effect: None,
            category: None,
            collection: "record".into(),
            count: 0,
            fields: Vec::new(),
            about: Vec::new(),
            rule: why.rule.clone(),
            clause: why.clause.clone(),
            law: why.law.clone(),
            since: None,
            until: None,
            says: Some(why.says.clone()).filter(|says| !says.is_empty()),
            system: None,
            table: None,
        }
    }
}

fn step(step: &Step) -> Line {
    Line {
        effect: step.effect,
        category: step.category.as_ref().map(ToString::to_string),
        // Letters tell of records, not of the tables of this system or that.
        collection: if step.is_on_records() { "record".into() } else { step.collection.clone() },
        count: step.keys.len() as u64,
        fields: fields(step),
        system: (!step.is_own()).then(|| step.system.clone()),
        table: (!step.is_own() && !step.collection.is_empty()).then(|| step.collection.clone()),
        about: step.about.clone(),
        since: step.since.map(|at| at.rfc3339()),
        until: step.until.map(|day| day.to_string()),
        ..Line::new(step.action, &step.why)
    }
}

/// Of a correction in another system the fields that were meant, not its columns.
fn fields(step: &Step) -> Vec<String> {
    let bare =
        |word: &String| word.split_once('.').map_or_else(|| word.clone(), |(_, field)| field.to_owned());
    match step.action {
        Action::Manual => step.meant.clone(),
        Action::Rectify if !step.meant.is_empty() => step.meant.iter().map(bare).collect(),
        _ => step.fields.clone(),
    }
}

/// A category that is named and of which no record is: what is missing is the record, not a rule.
fn absent(plan: &Plan) -> Vec<String> {
    let gaps = plan.gaps.iter().filter(|gap| gap.keys.is_empty());
    gaps.filter_map(|gap| gap.category.as_ref().map(ToString::to_string)).collect()
}

fn kept(kept: &Kept) -> Line {
    Line {
        category: Some(kept.category.to_string()),
        count: kept.keys.len() as u64,
        until: kept.until.map(|day| day.to_string()),
        // Of what nobody counts, the place.
        about: if kept.keys.is_empty() { vec![kept.system.clone()] } else { Vec::new() },
        ..Line::new(kept.action, &kept.why)
    }
}

fn pending(wait: &Wait) -> Pending {
    let (on, name) = wait.on.parts();
    let statutory = wait.statutory.map(|day| day.to_string());
    Pending { on: on.into(), name, count: wait.keys.len() as u64, statutory }
}

/// A word of a closed list as text.
mod word {
    use super::{Deserialize, Deserializer, Serializer};

    pub fn serialize<T: std::fmt::Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: std::str::FromStr<Err = String>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
