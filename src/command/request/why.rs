//! `dsr request show --why`: every date and verdict of a case in words, and what a refusal says.

use crate::{
    command::world::World,
    domain::{CaseEvent, Deadline, LayerTerm, Result, outcome::Line},
    execute::cases,
    policy::{Rulebook, body::Body},
    render::answer::case::Refusal,
    store::{CaseEntry, CaseFile, Store},
};

/// The reasons of a case, line by line.
///
/// # Errors
/// The kinds of store and policy.
pub(super) fn words(world: &World<'_, '_>, store: &mut Store, case: &CaseFile) -> Result<Vec<String>> {
    let rules = world.rules(&world.library()?, &case.controller)?;
    let history = store.read(|view| view.case_history(&case.number))?;
    let timed = cases::timed(case, &history, rules.pair(), world.now())?;
    let mut lines = dates(case, &timed.deadline);
    lines.extend(
        timed.waits_for.iter().map(|(event, rule)| format!("{rule} has no date yet: it waits for {event}")),
    );
    lines.extend(timed.first_due.map(|day| format!("before the extension it was due on {day}")));
    lines.extend(timed.refused.iter().map(|why| format!("an extension changed nothing: {why}")));
    lines.extend(moved(case, &history));
    for entry in &history {
        lines.extend(event(entry, &rules.rulebook));
    }
    lines.extend(change(&timed.deadline));
    Ok(lines)
}

fn dates(case: &CaseFile, term: &Deadline) -> Vec<String> {
    let mut lines =
        vec![format!("received {}, registered {}", case.received.rfc3339(), case.recorded.rfc3339())];
    if term.received != case.received {
        lines.push(format!("its present term counts from {}", term.received.rfc3339()));
    }
    lines.extend(term.policy.as_ref().map(|layer| layer_words("the policy", layer)));
    lines.extend(term.law.as_ref().map(|layer| layer_words("the law", layer)));
    lines.push(match (term.due, term.binding) {
        (Some(due), Some(binding)) => format!("due {due}: the {} binds, being the earlier", binding.as_str()),
        _ => format!("no last day: {}", term.gap.as_deref().unwrap_or("no term was in force")),
    });
    lines.extend(term.due_at.map(|at| format!("to the second: {}", at.rfc3339())));
    lines.extend(term.target.map(|day| format!("careful target {day}")));
    lines.extend(term.skipped.iter().map(|skip| format!("{} does not count: {}", skip.date, skip.reason)));
    lines.push(format!("calendar {}", term.calendar));
    if term.provisional {
        lines.push("provisional: the calendar ends before the due date".into());
    }
    lines
}

fn layer_words(who: &str, layer: &LayerTerm) -> String {
    let why = &layer.why;
    let clause = why.clause.as_ref().map(|clause| format!(", clause {clause}")).unwrap_or_default();
    let law = why.law.as_ref().map(|law| format!(", {law}")).unwrap_or_default();
    let term = layer.limit.as_deref().unwrap_or("no term");
    let due = layer.due.map(|day| format!(", so by {day}")).unwrap_or_default();
    let unread = if layer.confirmed == Some(false) { " (not confirmed by a lawyer)" } else { "" };
    format!("{who}: {term}{due}, by {}{clause}{law}: {}{unread}", why.rule, why.says)
}

/// The register and the rules of today may say different dates; the register's stand.
fn moved(case: &CaseFile, history: &[CaseEntry]) -> Option<String> {
    let reopened = history.iter().rev().find(|entry| matches!(entry.event, CaseEvent::Reopened { .. }))?;
    Some(format!(
        "opened again {}; its due date runs from what opened it: {}",
        reopened.at.rfc3339(),
        case.due.map_or_else(|| "none".into(), |day| day.to_string())
    ))
}

fn event(entry: &CaseEntry, rulebook: &Rulebook) -> Vec<String> {
    let day = entry.at.day();
    match &entry.event {
        CaseEvent::Verified { method } => {
            vec![format!("{day}: identity confirmed by {method}, level {}", method.level())]
        }
        CaseEvent::Unverified { method, why } => {
            vec![format!("{day}: identity not confirmed by {method}: {why}")]
        }
        CaseEvent::Blocked { since, .. } => vec![format!(
            "{day}: blocked since {}: neither used nor destroyed until the finding",
            since.rfc3339()
        )],
        CaseEvent::Unblocked { finding } => vec![format!("{day}: the check ended: {finding}")],
        CaseEvent::Executed { command, outcome: Some(outcome), .. } => {
            let head = format!("{day}: {command} decided: {}", outcome.decision);
            let done = outcome.steps.iter().map(|line| verdict(line, "", rulebook));
            let kept = outcome.kept.iter().map(|line| verdict(line, "not ", rulebook));
            let waits = outcome.waits.iter().map(|wait| {
                let name = wait.name.as_deref().unwrap_or_default();
                let by =
                    wait.statutory.as_ref().map(|day| format!("; by law until {day}")).unwrap_or_default();
                format!("  waits for {} {name}{by}", wait.on)
            });
            [head].into_iter().chain(done).chain(kept).chain(waits).collect()
        }
        CaseEvent::Refused { ground, .. } => {
            vec![format!("{day}: refused, {ground}{}", said(ground, rulebook))]
        }
        _ => Vec::new(),
    }
}

fn verdict(line: &Line, not: &str, rulebook: &Rulebook) -> String {
    let what = line.category.iter().chain(&line.about).cloned().collect::<Vec<_>>().join(", ");
    let count = if line.count > 0 { format!(" × {}", line.count) } else { String::new() };
    let until = line.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    format!("  {not}{} {what}{count}{until}: {}{}", line.action, line.rule, said(&line.rule, rulebook))
}

/// What a rule says, with its clause and article; the words are the policy's of today.
fn said(rule: &str, rulebook: &Rulebook) -> String {
    let Some(found) = rulebook.rule(rule) else { return String::new() };
    let why = rulebook.reason(found);
    let clause = why.clause.map(|clause| format!(", clause {clause}")).unwrap_or_default();
    let law = why.law.map(|law| format!(", {law}")).unwrap_or_default();
    format!("{clause}{law}: {}", why.says)
}

/// What would have made the date another.
fn change(term: &Deadline) -> Option<String> {
    let (policy, law) = (term.policy.as_ref()?.due?, term.law.as_ref()?.due?);
    (policy != law).then(|| {
        let (earlier, later) = (policy.min(law), policy.max(law));
        format!("without the stricter term of {earlier} it would be due on {later}")
    })
}

/// A refusal as the person is told of it.
///
/// # Errors
/// The kinds of the policy.
pub(super) fn refusal(
    world: &World<'_, '_>,
    case: &CaseFile,
    history: &[CaseEntry],
) -> Result<Option<Refusal>> {
    let last = history.iter().rev().find_map(|entry| match &entry.event {
        CaseEvent::Refused { ground, facts } => Some((entry, ground, facts)),
        _ => None,
    });
    let Some((entry, ground, facts)) = last else { return Ok(None) };
    let rulebook = world.library()?.rulebook(&case.controller)?;
    let why = rulebook.rule(ground).map(|rule| rulebook.reason(rule));
    Ok(Some(Refusal {
        ground: ground.clone(),
        law: why.as_ref().and_then(|why| why.law.clone()),
        says: why.map_or_else(|| ground.clone(), |why| why.says),
        facts: facts.as_ref().map(ToString::to_string),
        todo: todo(ground).to_owned(),
        appeal: appeal(&rulebook),
        signed_by: entry.actor.clone(),
    }))
}

/// What the person can do about a ground.
fn todo(ground: &str) -> &'static str {
    match ground {
        "RF-ID" => "confirm who they are, in any way that can be checked, and ask again",
        "RF-NODOC" => "send the documents that confirm the change",
        "RF-OBLIG" => "ask again when the obligation is fulfilled; what waits is taken up then by itself",
        "RF-LAW" | "RF-RETAIN" => "ask again when the term of storage is over",
        "RF-NOVIOL" => "send what shows the violation",
        _ => "appeal",
    }
}

/// Where to complain: what the law's duties name, in its order.
fn appeal(rulebook: &Rulebook) -> Vec<String> {
    let named = |word: &str| {
        rulebook
            .statute
            .rules
            .iter()
            .any(|rule| matches!(&rule.body, Body::Duty(duty) if duty.task.contains(word)))
    };
    let places = [
        ("responsible person", "to the responsible person of the company"),
        ("authorised body", "to the authorised body for personal data"),
        ("akimat", "to the local executive body (akimat)"),
        ("court", "to court"),
    ];
    places.into_iter().filter(|(word, _)| named(word)).map(|(_, place)| place.to_owned()).collect()
}
