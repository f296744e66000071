//! Runs the cases that lie beside a policy.

use chrono::NaiveDate;

use super::retention;
use crate::{
    domain::Verdict,
    policy::{
        Rulebook,
        cases::{Expected, RetentionCase},
    },
};

/// Runs one case of retention.
///
/// # Errors
/// What came out instead, in words.
pub fn retention(case: &RetentionCase, rulebook: &Rulebook) -> Result<(), String> {
    let verdict = retention::verdict(&case.record, &case.facts, rulebook, case.today);
    let rule = verdict.reason().map(|why| why.rule.as_str());
    if is(&case.expect, &verdict) && rule == case.rule.as_deref() {
        return Ok(());
    }
    let by = rule.map_or(String::new(), |rule| format!(", by {rule}"));
    Err(format!("{}: {}{by}", case.name, words(&verdict)))
}

fn is(expected: &Expected, verdict: &Verdict) -> bool {
    match (expected, verdict) {
        (Expected::Keep(day), Verdict::Keep { until, .. }) => *until == Some(day.0),
        (Expected::KeepOpen, Verdict::Keep { until, .. }) => until.is_none(),
        (Expected::Destroy(day), Verdict::Destroy { since, .. }) => *since == day.0,
        (Expected::Archive(day), Verdict::Archive { until, .. }) => *until == day.0,
        (Expected::Hold(what), Verdict::Hold { by, .. }) => what == by,
        (Expected::Block, Verdict::Block { .. }) | (Expected::Gap, Verdict::Gap { .. }) => true,
        _ => false,
    }
}

/// A verdict in a few words, without its reason.
pub fn words(verdict: &Verdict) -> String {
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "an event".to_owned(), |day| day.to_string());
    match verdict {
        Verdict::Keep { until, .. } => format!("kept until {}", day(*until)),
        Verdict::Destroy { since, .. } => format!("due for destruction since {since}"),
        Verdict::Archive { until, .. } => format!("archived until {until}"),
        Verdict::Block { case, .. } => format!("blocked for case {case}"),
        Verdict::Hold { by, .. } => format!("held by {by}"),
        Verdict::Gap { missing } => format!("a gap: {missing}"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::policy::{Library, cases};

    #[test]
    fn every_case_beside_a_policy_comes_out() {
        let library = Library::embedded();
        let mut count = 0;
        for stem in ["kz", "mycar", "automaster"] {
            let (name, text) = library.file(&format!("{stem}.cases.yaml")).unwrap();
            for case in cases::read(name, text).unwrap().retention {
                let controller = case.controller.as_deref().unwrap_or(stem);
                let rulebook = library.rulebook(controller).unwrap();
                count += 1;
                assert_eq!(retention(&case, &rulebook), Ok(()), "{name}:{}", case.at.line());
            }
        }
        assert!(count > 60, "only {count} cases ran");
    }
}
