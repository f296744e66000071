//! Until when a person is answered whose right itself is due at once.
//!
//! A block stands from the moment of the request, and nobody can write a letter in that moment. Once it was
//! carried out the case runs to the term in which the law has a person answered (Rules 395/НҚ p. 16).

use chrono::NaiveDate;

use crate::{
    domain::{CaseEvent, Right, Term, TermRule},
    policy::Rulebook,
};

/// What each layer says about a case of a right received on a day: (law, policy). Until it was carried out
/// its own terms; after that those of its answer.
pub fn terms(
    rulebook: &Rulebook,
    right: Right,
    day: NaiveDate,
    carried_out: bool,
) -> (Vec<TermRule>, Vec<TermRule>) {
    let own = rulebook.terms(right, day);
    let (law, _) = rulebook.terms(Right::Access, day);
    // A law that names no term for answers leaves the right's own.
    let answers = carried_out && is_instant(&own) && law.iter().any(|rule| rule.limit.is_some());
    if answers { (law, Vec::new()) } else { own }
}

/// Whether a right is due at the instant of its receipt, so that its answer has another term.
pub fn is_instant((law, policy): &(Vec<TermRule>, Vec<TermRule>)) -> bool {
    law.iter().chain(policy).any(|rule| rule.limit == Some(Term::AtOnce))
}

/// Whether a case was carried out since it was opened last.
pub fn is_carried_out<'e>(events: impl IntoIterator<Item = &'e CaseEvent>) -> bool {
    events.into_iter().fold(false, |done, event| match event {
        CaseEvent::Executed { .. } => done || !event.is_before_identity(),
        CaseEvent::Reopened { .. } => false,
        _ => done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::cast::{person, rules};

    #[test]
    fn only_what_is_due_at_once_has_another_term_for_its_answer() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
        for (who, right, carried_out, rule) in [
            ("C-1", Right::Restrict, false, "KZ-25.8b MC-4.2-block"),
            ("C-1", Right::Restrict, true, "KZ-R16"),
            ("A-1", Right::Restrict, true, "KZ-25.8b AM-9-restrict"),
            ("C-1", Right::Access, true, "KZ-R16"),
        ] {
            let (law, policy) = terms(rules(&person(who)), right, day, carried_out);
            let ids: Vec<&str> = law.iter().chain(&policy).map(|rule| rule.why.rule.as_str()).collect();
            assert!(ids.join(" ").starts_with(rule), "{who} {right} {carried_out}: {ids:?}");
        }
    }

    #[test]
    fn a_case_opened_again_is_not_carried_out() {
        let done = CaseEvent::Executed { command: "any".into(), waiting: false, ask: None, outcome: None };
        let again = CaseEvent::Reopened { since: None, why: None };
        assert!(is_carried_out([&done]));
        assert!(!is_carried_out([&done, &again]));
        assert!(!is_carried_out([]));
    }
}
