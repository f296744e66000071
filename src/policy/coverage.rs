//! The clause table: for each row the rule that carries it, where it takes effect, what proves it.

use super::{
    Rulebook,
    body::{Body, Condition},
    model::Rule,
    rows,
};
use crate::domain::Right;

/// A case that was run and came out: the rule that decided it, and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The deciding rule.
    pub rule: String,
    /// The file of the case.
    pub file: String,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of the row; `None` for a rule that no row asks for.
    pub number: Option<u16>,
    /// Id of the row and of its rule.
    pub id: String,
    /// Clause of the policy, or article of the law.
    pub clause: String,
    /// Kind of the rule; `missing` where there is none.
    pub kind: &'static str,
    /// Commands and reports where it takes effect.
    pub effect: String,
    /// Case files that prove it, with the number of cases.
    pub proof: Vec<(String, usize)>,
    /// Why it carries nothing, where it does not.
    pub reason: Option<String>,
}

impl Line {
    /// Whether the row has no rule.
    pub fn is_missing(&self) -> bool {
        self.kind == MISSING
    }

    /// Whether the row takes effect somewhere and no case shows it.
    pub fn is_unproved(&self) -> bool {
        self.reason.is_none() && self.proof.is_empty()
    }
}

const MISSING: &str = "missing";

/// The table of one controller's policy, in the order of its rows; rules of no row follow.
pub fn policy(rulebook: &Rulebook, proofs: &[Proof]) -> Vec<Line> {
    table(&rulebook.policy.id, &rulebook.policy.rules, proofs)
}

/// The table of the statute beneath it.
pub fn statute(rulebook: &Rulebook, proofs: &[Proof]) -> Vec<Line> {
    table(&rulebook.statute.id, &rulebook.statute.rules, proofs)
}

fn table(file: &str, rules: &[Rule], proofs: &[Proof]) -> Vec<Line> {
    let rule = |id: &str| rules.iter().find(|rule| rule.id == id);
    let mut lines: Vec<Line> = rows::of(file)
        .map(|row| rule(row.id).map_or_else(|| missing(row), |rule| line(rule, Some(row.number), proofs)))
        .collect();
    let asked = |rule: &&Rule| !rows::of(file).any(|row| row.id == rule.id);
    lines.extend(rules.iter().filter(asked).map(|rule| line(rule, None, proofs)));
    lines
}

fn missing(row: rows::Row) -> Line {
    Line {
        number: Some(row.number),
        id: row.id.into(),
        clause: String::new(),
        kind: MISSING,
        effect: String::new(),
        proof: Vec::new(),
        reason: None,
    }
}

fn line(rule: &Rule, number: Option<u16>, proofs: &[Proof]) -> Line {
    let mut proof: Vec<(String, usize)> = Vec::new();
    for one in proofs.iter().filter(|one| one.rule == rule.id) {
        match proof.iter_mut().find(|(known, _)| *known == one.file) {
            Some((_, count)) => *count += 1,
            None => proof.push((one.file.clone(), 1)),
        }
    }
    let reason = if let Body::NotOperational(reason) = &rule.body { Some(reason.clone()) } else { None };
    let clause = rule.clause.clone().or_else(|| rule.article.clone()).unwrap_or_default();
    Line {
        number,
        id: rule.id.clone(),
        clause,
        kind: rule.body.kind(),
        effect: effect(&rule.body),
        proof,
        reason,
    }
}

/// Where a body takes effect, as commands and reports.
pub fn effect(body: &Body) -> String {
    match body {
        Body::Right(right) => {
            let mut commands: Vec<&str> = right.grants.iter().map(|right| command(*right)).collect();
            commands.dedup();
            commands.join(", ")
        }
        Body::Keep(_) => "purge-expired, access, report retention".into(),
        Body::Deadline(_) => "deadline, request, report deadlines".into(),
        Body::Purpose(_) => "import, access, revoke".into(),
        Body::Collects(_) => "import, access, export".into(),
        Body::Source(_) => "access".into(),
        Body::Ban(_) => "export, report disclosures".into(),
        Body::Condition(condition) => by_condition(condition).into(),
        Body::Minors(_) => "purge-expired, deadline --right minor".into(),
        Body::Cookie(_) => "consent, purge-expired".into(),
        Body::Basis(_) => "consent, report consents".into(),
        Body::Recipient(_) => "access, report disclosures".into(),
        Body::Channel(_) => "request open".into(),
        Body::Fee(_) => "access, policy check".into(),
        Body::Notice(_) | Body::Change(_) => "policy publish".into(),
        Body::Duty(duty) => duty.right.map_or("report compliance", command).into(),
        Body::Definition(definition) if definition.asks_for.is_empty() => "policy explain".into(),
        Body::Definition(_) => "policy check, doctor".into(),
        Body::Refusal(_) => "request refuse".into(),
        Body::Silent(_) => "deadline, policy check".into(),
        Body::Register(_) => "purge-expired, report retention".into(),
        Body::NotOperational(_) => String::new(),
    }
}

fn command(right: Right) -> &'static str {
    match right {
        Right::Unblock => "restrict --lift",
        Right::OptOut => "object",
        Right::Complaint | Right::Breach | Right::Question | Right::Authority => "request open",
        Right::Minor => "purge-expired",
        other => other.as_str(),
    }
}

fn by_condition(condition: &Condition) -> &'static str {
    match condition {
        Condition::OpenObligation(_) | Condition::UnfulfilledObligation => "revoke, purge-expired",
        Condition::LegalHold => "hold, erase, purge-expired",
        Condition::Identity => "request verify",
        Condition::Documents => "rectify",
        Condition::Violation => "restrict",
        Condition::OwnContacts => "restrict, erase",
        Condition::MandatoryStorage => "erase, revoke",
        Condition::Age(_) => "import",
    }
}
