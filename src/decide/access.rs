//! What a person is told about their data (art. 24(1)(1)): every record with the rule that keeps it.
//!
//! Blocked and archived data is told too, marked; an organisation's details are not personal data
//! (MyCar clause 3.5) and are left out, counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{purposes, retention};
use crate::{
    domain::{
        Action, CaseNumber, Category, Decision, Plan, Purpose, Reason, Record, Right, Step, SubjectFacts,
        Verdict,
    },
    policy::Rulebook,
};

/// One record as the person is told of it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The record; its payload is personal data.
    pub record: Record,
    /// Whether it may stay, and by which rule.
    pub verdict: Verdict,
    /// The case that blocks it, if one does.
    pub blocked_by: Option<CaseNumber>,
    /// In no clause of the policy: held in excess, and said so.
    pub excess: bool,
}

impl Held {
    /// Whether it is out of use for a check, here or where it lies.
    pub fn is_blocked(&self) -> bool {
        self.blocked_by.is_some() || self.record.caveats.restricted
    }

    /// The last day of an archive: begun, or due to begin by what the law demands.
    pub fn restricted_until(&self) -> Option<NaiveDate> {
        match &self.verdict {
            Verdict::Archive { until, .. } => Some(*until),
            _ => self.record.archived_until,
        }
    }
}

/// Records of one category that are not personal data.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The category.
    pub category: Category,
    /// How many there are.
    pub count: usize,
    /// The rule by which they are left out.
    pub why: Reason,
}

/// Everything an answer about one person is made of.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The facts the answer was made from.
    pub facts: SubjectFacts,
    /// Personal records, in order of category and id.
    pub held: Vec<Held>,
    /// What is left out, by category.
    pub outside: Vec<Outside>,
    /// The steps: one `disclose` a category.
    pub plan: Plan,
}

impl Dossier {
    /// All purposes the data is used for, each once.
    pub fn purposes(&self) -> Vec<&Purpose> {
        distinct(self.held.iter().flat_map(|held| &held.record.purposes))
    }

    /// All sources the data came from, each once.
    pub fn sources(&self) -> Vec<&str> {
        distinct(self.held.iter().map(|held| held.record.source.as_str()).filter(|source| !source.is_empty()))
    }

    /// All rules that decided something, each once: what the audit entry cites.
    pub fn rules(&self) -> Vec<String> {
        let verdicts = self.held.iter().filter_map(|held| held.verdict.reason());
        let steps = self.plan.steps.iter().map(|step| &step.why);
        distinct(verdicts.chain(steps).map(|why| &why.rule)).into_iter().cloned().collect()
    }

    /// How many records by category.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for held in &self.held {
            *counts.entry(held.record.category.as_str()).or_default() += 1;
        }
        counts
    }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<std::collections::BTreeSet<T>>().into_iter().collect()
}

/// Decides what is told. Nothing is withheld from the person: not what is blocked, not what is due
/// for destruction and still there.
pub fn access(facts: SubjectFacts, rulebook: &Rulebook, right: Right, today: NaiveDate) -> Dossier {
    let (mut held, mut outside) = (Vec::new(), BTreeMap::<Category, usize>::new());
    for record in &facts.records {
        match rulebook.category(&record.category) {
            Some(category) if !category.personal => *outside.entry(record.category.clone()).or_default() += 1,
            _ => held.push(told(record, &facts, rulebook, today)),
        }
    }
    held.sort_by(|a, b| (&a.record.category, a.record.key).cmp(&(&b.record.category, b.record.key)));
    let why = reason(rulebook, right, today);
    let outside = outside.into_iter().map(|(category, count)| {
        let lists = rulebook.collects(&category).next().map(|rule| rulebook.reason(rule));
        Outside { category, count, why: lists.unwrap_or_else(|| why.clone()) }
    });
    Dossier { outside: outside.collect(), plan: plan(&held, &why), held, facts }
}

/// The rule that grants a right: the policy's own, else the law's.
fn reason(rulebook: &Rulebook, right: Right, today: NaiveDate) -> Reason {
    let (law, policy) = rulebook.terms(right, today);
    let granted = policy.into_iter().chain(law).next().map(|rule| rule.why);
    granted.unwrap_or_else(|| Reason {
        rule: right.to_string(),
        clause: None,
        law: None,
        says: "asked for; neither policy nor law names it".into(),
    })
}

fn told(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook, today: NaiveDate) -> Held {
    let unruled = rulebook.category(&record.category).is_none_or(|category| category.excess);
    Held {
        verdict: retention::verdict(record, facts, rulebook, today),
        blocked_by: facts.block(&record.category).map(|block| block.case.clone()),
        excess: unruled,
        record: Record { purposes: in_use(record, facts), ..record.clone() },
    }
}

/// What a record is still used for: the person is not told of a purpose that they have stopped.
fn in_use(record: &Record, facts: &SubjectFacts) -> Vec<Purpose> {
    let stopped: Vec<Purpose> = facts.suppressions.iter().map(|stop| stop.purpose.clone()).collect();
    record.purposes.iter().filter(|purpose| !purposes::covered(purpose, &stopped)).cloned().collect()
}

fn plan(held: &[Held], why: &Reason) -> Plan {
    let mut by_category = BTreeMap::<&Category, Vec<&Held>>::new();
    for one in held {
        by_category.entry(&one.record.category).or_default().push(one);
    }
    let steps = by_category.into_iter().map(|(category, records)| Step {
        system: records.first().map(|one| one.record.system.clone()).unwrap_or_default(),
        category: Some(category.clone()),
        keys: records.iter().map(|one| one.record.key).collect(),
        ..Step::new(Action::Disclose, "record", why.clone())
    });
    Plan {
        decision: Decision::Grant,
        steps: steps.collect(),
        kept: Vec::new(),
        gaps: Vec::new(),
        waits: Vec::new(),
    }
}
