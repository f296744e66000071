//! A due date in words: every rule, article and edition behind it, every day that did not count, and what
//! would have changed it.

use crate::{
    domain::{Binding, Deadline, LayerTerm, Result},
    policy::{Rulebook, explain},
};

/// The steps of a due date, one a line.
///
/// # Errors
/// Where a layer names a rule that the rulebook does not know.
pub fn deadline(rulebook: &Rulebook, found: &Deadline) -> Result<Vec<String>> {
    let day = found.received.day();
    let mut lines = vec![format!(
        "Received {}; the day itself is not counted (Civil Code art. 173).",
        found.received.rfc3339()
    )];
    for (who, layer) in [("The policy", &found.policy), ("The law", &found.law)] {
        match layer {
            Some(layer) => lines.extend(by_layer(rulebook, who, layer)?),
            None => lines.push(format!("{who} says nothing of it.")),
        }
    }
    let skipped = found.skipped.iter();
    lines.extend(skipped.map(|skip| format!("{} does not count: {}.", skip.date, skip.reason)));
    lines.push(match (found.due, found.binding) {
        (Some(due), Some(Binding::Policy)) => {
            format!("Due {due}: the policy binds, being no later than the law.")
        }
        (Some(due), _) => format!("Due {due}: the law binds, being earlier than the policy or alone."),
        (None, _) => format!("No last day: {}.", found.gap.as_deref().unwrap_or("no term was in force")),
    });
    lines.extend(found.target.map(|target| format!("Careful target: {target}.")));
    lines.push(format!("Counted by calendar {}.", found.calendar));
    let about = |rule: &&crate::policy::model::Rule| {
        let then = rule.valid_from.or(rule.valid_to).unwrap_or(day);
        !rulebook.terms(found.right, then).0.iter().all(|term| term.why.rule != rule.id)
    };
    let editions = rulebook.statute.rules.iter().filter(about).filter_map(|rule| rule.valid_from);
    let mut editions: Vec<_> = editions.collect();
    editions.sort_unstable();
    editions.dedup();
    let words: Vec<String> = editions.iter().map(ToString::to_string).collect();
    if !words.is_empty() {
        lines.push(format!(
            "A receipt on the other side of {} is judged by another edition.",
            words.join(", ")
        ));
    }
    Ok(lines)
}

fn by_layer(rulebook: &Rulebook, who: &str, layer: &LayerTerm) -> Result<Vec<String>> {
    let mut lines = explain::explain(rulebook, &layer.why.rule)?;
    let term = layer.limit.as_deref().unwrap_or("no term");
    let due = layer.due.map(|due| format!(", so by {due}")).unwrap_or_default();
    lines.push(format!("{who} gives {term}{due}."));
    Ok(lines)
}

#[test]
fn every_step_is_said() {
    use crate::decide::cast::{at, mycar};
    use crate::{calendar::sample::calendar, decide::deadline as count, domain::Right};
    let received = at("2026-03-20T15:00");
    let (law, policy) = mycar().terms(Right::Revoke, received.day());
    let past = count::PastEndPolicy::Refuse;
    let found = count::deadline(Right::Revoke, received, &law, &policy, &calendar(), past);
    let lines = found.and_then(|found| deadline(mycar(), &found)).unwrap_or_else(|error| panic!("{error}"));
    let text = lines.join("\n");
    for said in [
        "MC-8.10-revoke-deadline: deadline of MyCar Group, clause 8.10.",
        "The policy gives 1 working day, so by 2026-03-26.",
        "94-V art. 8(7)",
        "In force since 2026-01-18; not confirmed by a lawyer.",
        "The law gives 15 working days, so by 2026-04-15.",
        "2026-03-24 does not count: day off for Nauryz",
        "Due 2026-03-26: the policy binds",
        "A receipt on the other side of",
    ] {
        assert!(text.contains(said), "`{said}` is missing in\n{text}");
    }
}
