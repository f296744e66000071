//! The clause table: for each row the rule that carries it, where it takes effect, what proves it.

use super::{
    Library, Rulebook,
    body::{Body, Condition},
    cases,
    model::Rule,
    rows,
};
use crate::domain::{Result, Right};

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
}

const MISSING: &str = "missing";

/// The table of one controller's policy, in the order of its rows; rules of no row follow.
///
/// # Errors
/// Exit 6 where a case file is not valid.
pub fn policy(library: &Library, rulebook: &Rulebook) -> Result<Vec<Line>> {
    table(library, &rulebook.policy.id, &rulebook.policy.rules)
}

/// The table of the statute beneath it.
///
/// # Errors
/// Exit 6 where a case file is not valid.
pub fn statute(library: &Library, rulebook: &Rulebook) -> Result<Vec<Line>> {
    table(library, &rulebook.statute.id, &rulebook.statute.rules)
}

fn table(library: &Library, file: &str, rules: &[Rule]) -> Result<Vec<Line>> {
    let proved = proved(library)?;
    let rule = |id: &str| rules.iter().find(|rule| rule.id == id);
    let mut lines: Vec<Line> = rows::of(file)
        .map(|row| rule(row.id).map_or_else(|| missing(row), |rule| line(rule, Some(row.number), &proved)))
        .collect();
    let asked = |rule: &&Rule| !rows::of(file).any(|row| row.id == rule.id);
    lines.extend(rules.iter().filter(asked).map(|rule| line(rule, None, &proved)));
    Ok(lines)
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

fn line(rule: &Rule, number: Option<u16>, proved: &[(String, String)]) -> Line {
    let mut proof: Vec<(String, usize)> = Vec::new();
    for (_, file) in proved.iter().filter(|(id, _)| *id == rule.id) {
        match proof.iter_mut().find(|(known, _)| known == file) {
            Some((_, count)) => *count += 1,
            None => proof.push((file.clone(), 1)),
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

/// Deciding rules of all cases, with the file of each.
fn proved(library: &Library) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for (file, shown, text) in library.case_files() {
        let cases = cases::read(shown, text)?;
        let retention = cases.retention.into_iter().filter_map(|case| case.rule);
        let deadlines = cases.deadlines.into_iter().filter_map(|case| case.rule);
        all.extend(retention.chain(deadlines).map(|rule| (rule, file.to_owned())));
    }
    Ok(all)
}

/// Where a body takes effect, as commands and reports.
fn effect(body: &Body) -> String {
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
        Body::Definition(_) => "policy show".into(),
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
        Right::Complaint | Right::Breach => "request open",
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_rule_or_says_why_not() {
        let library = Library::embedded();
        for controller in library.controllers() {
            let rulebook = library.rulebook(&controller).unwrap();
            let lines = policy(&library, &rulebook).unwrap();
            for line in lines.iter().chain(&statute(&library, &rulebook).unwrap()) {
                assert!(!line.is_missing(), "{} has no rule", line.id);
                assert!(!line.clause.is_empty(), "{} has no clause", line.id);
                assert_eq!(line.effect.is_empty(), line.reason.is_some(), "{}", line.id);
            }
            assert!(lines.iter().all(|line| line.number.is_some()), "a rule of no row");
        }
    }

    #[test]
    fn retention_and_terms_of_the_policies_are_proved_by_cases() {
        let library = Library::embedded();
        for controller in library.controllers() {
            let rulebook = library.rulebook(&controller).unwrap();
            for line in policy(&library, &rulebook).unwrap() {
                let must = matches!(line.kind, "retention" | "minors") || line.id.ends_with("-deadline");
                let silent = line.kind == "silence";
                assert!(!must || silent || !line.proof.is_empty(), "no case proves {}", line.id);
            }
        }
    }

    #[test]
    fn a_removed_rule_is_missed() {
        let mut library = Library::embedded();
        let (_, text) = library.file("automaster.yaml").unwrap();
        let text = text.replace("id: AM-13-law", "id: AM-13-lore");
        library.replace("automaster.yaml", "x/automaster.yaml", text);
        let rulebook = library.rulebook("automaster").unwrap();
        let lines = policy(&library, &rulebook).unwrap();
        let missing: Vec<&str> = lines.iter().filter(|l| l.is_missing()).map(|l| l.id.as_str()).collect();
        assert_eq!(missing, ["AM-13-law"]);
        assert!(lines.iter().any(|line| line.id == "AM-13-lore" && line.number.is_none()));
    }
}
