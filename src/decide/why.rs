//! A due date in words: every rule, article and edition behind it, every day that did not count, and what
//! would have changed it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::{
    domain::{Binding, Deadline, LayerTerm, Result, Term},
    policy::{
        Rulebook,
        explain::{self, Tongue},
        model::Rule,
    },
};

/// The steps of a due date, one a line.
///
/// # Errors
/// Where a layer names a rule that the rulebook does not know.
pub fn deadline(rulebook: &Rulebook, found: &Deadline, t: &dyn Tongue) -> Result<Vec<String>> {
    let day = found.received.day();
    let received = found.received.rfc3339();
    let mut lines = vec![t.say(&match found.due_at {
        Some(_) => format!("Received {received}; the term runs from that very moment."),
        None => format!("Received {received}; the day itself is not counted (Civil Code art. 173)."),
    })];
    match &found.policy {
        Some(layer) => lines.extend(by_layer(rulebook, "The policy", layer, day, t)?),
        None => lines.push(t.say("The policy says nothing of it.")),
    }
    match &found.law {
        Some(layer) => lines.extend(by_layer(rulebook, "The law", layer, day, t)?),
        None => lines.push(t.say("The law says nothing of it.")),
    }
    let skipped = found.skipped.iter().map(|skip| (skip.date, t.say(&skip.reason)));
    lines.extend(skipped.map(|(date, reason)| t.say(&format!("{date} does not count: {reason}."))));
    lines.push(match (found.due, found.binding) {
        (Some(due), Some(Binding::Policy)) => {
            t.say(&format!("Due {due}: the policy binds, being no later than the law."))
        }
        (Some(due), _) => {
            t.say(&format!("Due {due}: the law binds, being earlier than the policy or alone."))
        }
        (None, _) => {
            let gap = t.say(found.gap.as_deref().unwrap_or("no term was in force"));
            t.say(&format!("No last day: {gap}."))
        }
    });
    lines.extend(found.target.map(|target| t.say(&format!("Careful target: {target}."))));
    lines.push(t.say(&format!("Counted by calendar {}.", found.calendar)));
    let editions = other_editions(rulebook, found, day);
    if !editions.is_empty() {
        let words = editions.join(", ");
        lines.push(t.say(&format!("A receipt on the other side of {words} is judged by another edition.")));
    }
    Ok(lines)
}

/// The days on which an edition of the law began that is about this right and not in force on the day.
pub fn other_editions(rulebook: &Rulebook, found: &Deadline, day: NaiveDate) -> Vec<String> {
    let about = |rule: &&Rule| {
        let then = rule.valid_from.or(rule.valid_to).unwrap_or(day);
        !rulebook.terms(found.right, then).0.iter().all(|term| term.why.rule != rule.id)
    };
    let editions = rulebook.statute.rules.iter().filter(about).filter_map(|rule| rule.valid_from);
    let days: BTreeSet<NaiveDate> = editions.collect();
    days.iter().map(ToString::to_string).collect()
}

fn by_layer(
    rulebook: &Rulebook,
    who: &str,
    layer: &LayerTerm,
    day: NaiveDate,
    t: &dyn Tongue,
) -> Result<Vec<String>> {
    let mut lines = explain::explain_on(rulebook, &layer.why.rule, Some(day), t)?;
    let who = t.say(who);
    let at_once = layer.limit == Some(Term::AtOnce.to_string());
    if let Some(due) = layer.due.filter(|_| at_once) {
        lines.push(t.say(&format!("{who} demands it at once, so on {due}.")));
        return Ok(lines);
    }
    let Some(term) = layer.limit.as_deref().map(|term| t.say(term)) else {
        lines.push(t.say(&format!("{who} gives no term.")));
        return Ok(lines);
    };
    lines.push(match layer.due {
        Some(due) => t.say(&format!("{who} gives {term}, so by {due}.")),
        None => t.say(&format!("{who} gives {term}.")),
    });
    Ok(lines)
}

#[test]
fn what_is_due_at_once_counts_no_day() {
    use crate::decide::cast::{at, mycar};
    use crate::{calendar::sample::calendar, decide::deadline as count, domain::Right};
    let received = at("2026-03-20T15:00");
    let (law, policy) = mycar().terms(Right::Restrict, received.day());
    let past = count::PastEndPolicy::Refuse;
    let found = count::deadline(Right::Restrict, received, &law, &policy, &calendar(), past);
    let lines = found
        .and_then(|found| deadline(mycar(), &found, &explain::English))
        .unwrap_or_else(|error| panic!("{error}"));
    let text = lines.join("\n");
    assert!(text.contains("the term runs from that very moment."), "{text}");
    assert!(text.contains("The policy demands it at once, so on 2026-03-20."), "{text}");
    assert!(!text.contains("is not counted") && !text.contains("gives at once"), "{text}");
}

#[test]
fn every_step_is_said() {
    use crate::decide::cast::{at, mycar};
    use crate::{calendar::sample::calendar, decide::deadline as count, domain::Right};
    let received = at("2026-03-20T15:00");
    let (law, policy) = mycar().terms(Right::Revoke, received.day());
    let past = count::PastEndPolicy::Refuse;
    let found = count::deadline(Right::Revoke, received, &law, &policy, &calendar(), past);
    let lines = found
        .and_then(|found| deadline(mycar(), &found, &explain::English))
        .unwrap_or_else(|error| panic!("{error}"));
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
    let before = at("2026-01-17T15:00");
    let (law, policy) = mycar().terms(Right::Revoke, before.day());
    let found = count::deadline(Right::Revoke, before, &law, &policy, &calendar(), past);
    let lines = found
        .and_then(|found| deadline(mycar(), &found, &explain::English))
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(!lines.iter().any(|line| line.contains("KZ-8.7")), "not in force yet: {lines:?}");
}
