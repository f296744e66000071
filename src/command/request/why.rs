//! `dsr request show --why`: every date and verdict of a case in words, and what a refusal says.

mod change;

use crate::{
    command::world::World,
    decide::journal::edition,
    domain::{
        Action, Binding, CaseEvent, Deadline, LayerTerm, Result,
        outcome::{Line, Pending},
    },
    execute::timing,
    policy::{Rulebook, body::Body, explain::Tongue},
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
    let timed = timing::timed(case, &history, rules.pair(), world.now())?;
    let said = Said { t: &world.spoken(), rulebook: &rules.rulebook };
    let mut lines = said.dates(case, &timed.deadline);
    for (event, rule) in &timed.waits_for {
        let event = said.t.say(&event.to_string().replace('_', " "));
        lines.push(said.t.say(&format!("{rule} has no date yet: it waits for {event}")));
    }
    let first = timed.first_due.map(|day| said.t.say(&format!("before the extension it was due on {day}")));
    lines.extend(first);
    lines.extend(timed.refused.iter().map(|why| said.t.say(&format!("an extension changed nothing: {why}"))));
    lines.extend(said.moved(case, &history));
    lines.extend(history.iter().flat_map(|entry| said.event(entry)));
    lines.extend(said.change(case, &timed.deadline, &history));
    Ok(lines)
}

/// In which words, and by which rules.
struct Said<'a> {
    t: &'a dyn Tongue,
    rulebook: &'a Rulebook,
}

impl Said<'_> {
    fn dates(&self, case: &CaseFile, term: &Deadline) -> Vec<String> {
        let t = self.t;
        let (came, recorded) = (case.received.rfc3339(), case.recorded.rfc3339());
        let mut lines = vec![t.say(&format!("received {came}, registered {recorded}"))];
        if term.received != case.received {
            lines.push(t.say(&format!("its present term counts from {}", term.received.rfc3339())));
        }
        let day = term.received.day();
        let since = edition(&self.rulebook.statute, day);
        lines.extend(since.map(|since| {
            t.say(&format!("judged by the law as it stood on {day}, in its edition since {since}"))
        }));
        lines.extend(term.policy.as_ref().map(|layer| self.layer("the policy", layer)));
        lines.extend(term.law.as_ref().map(|layer| self.layer("the law", layer)));
        let both = [&term.policy, &term.law].into_iter().all(|layer| layer.as_ref().is_some_and(has_day));
        lines.push(match (term.due, term.binding) {
            (Some(due), Some(Binding::Policy)) if both => {
                t.say(&format!("due {due}: the policy binds, being no later than the law"))
            }
            (Some(due), Some(Binding::Law)) if both => {
                t.say(&format!("due {due}: the law binds, being the earlier"))
            }
            (Some(due), Some(Binding::Policy)) => {
                t.say(&format!("due {due}: the policy binds, since the law gives no term"))
            }
            (Some(due), Some(Binding::Law)) => {
                t.say(&format!("due {due}: the law binds, since the policy gives no term"))
            }
            _ => {
                let gap = t.say(term.gap.as_deref().unwrap_or("no term was in force"));
                t.say(&format!("no last day: {gap}"))
            }
        });
        lines.extend(term.due_at.map(|at| t.say(&format!("to the second: {}", at.rfc3339()))));
        lines.extend(term.target.map(|day| t.say(&format!("careful target {day}"))));
        let skipped = term.skipped.iter().map(|skip| (skip.date, t.say(&skip.reason)));
        lines.extend(skipped.map(|(day, reason)| t.say(&format!("{day} does not count: {reason}"))));
        lines.push(t.say(&format!("calendar {}", term.calendar)));
        if term.provisional {
            lines.push(t.say("provisional: the calendar ends before the due date"));
        }
        lines
    }

    fn layer(&self, who: &str, layer: &LayerTerm) -> String {
        let t = self.t;
        let term = t.say(layer.limit.as_deref().unwrap_or("no term"));
        let due = layer.due.map(|day| format!(", {}", t.say(&format!("so by {day}")))).unwrap_or_default();
        let since = self.rulebook.rule(&layer.why.rule).and_then(|rule| rule.valid_from);
        let since = since.map(|day| t.say(&format!("in force since {day}")));
        let unread = (layer.confirmed == Some(false)).then(|| t.say("not confirmed by a lawyer"));
        let read: Vec<String> = since.into_iter().chain(unread).collect();
        let read = if read.is_empty() { String::new() } else { format!(" ({})", read.join("; ")) };
        let rule = format!("{}{}", layer.why.rule, self.said(&layer.why.rule));
        format!("{}: {term}{due}; {rule}{read}", t.say(who))
    }

    /// The register and the rules of today may say different dates; the register's stand.
    fn moved(&self, case: &CaseFile, history: &[CaseEntry]) -> Option<String> {
        let reopened =
            history.iter().rev().find(|entry| matches!(entry.event, CaseEvent::Reopened { .. }))?;
        let (at, due) = (reopened.at.rfc3339(), case.due.map_or_else(|| "–".into(), |day| day.to_string()));
        Some(self.t.say(&format!("opened again {at}; its due date runs from what opened it: {due}")))
    }

    fn event(&self, entry: &CaseEntry) -> Vec<String> {
        let t = self.t;
        let one = |english: String| vec![format!("{}: {}", entry.at.day(), t.say(&english))];
        match &entry.event {
            CaseEvent::Verified { method } => {
                let (word, level) =
                    (t.word("identity", method.as_str()), t.word("vocabulary", method.level()));
                one(format!("identity confirmed by {word}, level {level}"))
            }
            CaseEvent::Unverified { method, why } => {
                let (word, why) = (t.word("identity", method.as_str()), t.say(why.as_str()));
                one(format!("identity not confirmed by {word}: {why}"))
            }
            CaseEvent::Blocked { since, .. } => {
                let since = since.rfc3339();
                one(format!("blocked since {since}: neither used nor destroyed until the finding"))
            }
            CaseEvent::Unblocked { finding } => {
                one(format!("the check ended: {}", t.word("finding", finding)))
            }
            CaseEvent::Executed { command, outcome: Some(outcome), .. } => {
                let (command, decision) =
                    (t.word("right", command), t.word("decided", outcome.decision.as_str()));
                let head = one(format!("{command} decided: {decision}"));
                let done = outcome.steps.iter().map(|line| self.verdict(line, true));
                let kept = outcome.kept.iter().map(|line| self.verdict(line, false));
                let waits = outcome.waits.iter().map(|wait| self.wait(wait));
                head.into_iter().chain(done).chain(kept).chain(waits).collect()
            }
            CaseEvent::Refused { ground, .. } => {
                vec![format!("{}: {}, {ground}{}", entry.at.day(), t.say("refused"), self.said(ground))]
            }
            _ => Vec::new(),
        }
    }

    fn wait(&self, wait: &Pending) -> String {
        let (t, name) = (self.t, wait.name.as_deref().unwrap_or_default());
        let by = wait.statutory.as_ref().map(|day| format!("; {}", t.say(&format!("by law until {day}"))));
        let on = t.say(&match wait.on.as_str() {
            "obligation" => format!("waits for obligation {name}"),
            "block" => format!("waits for block {name}"),
            "document" => "waits for document".to_owned(),
            "correction" => format!("waits for correction {name}"),
            "answer" => format!("waits for answer {name}"),
            "hold" => format!("waits for hold {name}"),
            on => format!("waits for {on}"),
        });
        format!("  {on}{}", by.unwrap_or_default())
    }

    fn verdict(&self, line: &Line, is_done: bool) -> String {
        let t = self.t;
        let category = line.category.as_ref().map(|word| t.word("category", word));
        let about = |about: &String| match line.action {
            Action::Suppress => Some(t.word("purpose", about)),
            // What a block does is told of it elsewhere; here it counts what it covers.
            Action::Block => None,
            _ => Some(t.say(about)),
        };
        let what = category.into_iter().chain(line.about.iter().filter_map(about)).collect::<Vec<_>>();
        let what = match (what.as_slice(), line.action) {
            ([], Action::Block) => t.say("all the data"),
            ([], Action::Withdraw) => t.say("consents"),
            (named, _) => named.join(", "),
        };
        let count = if line.count > 0 { format!(" × {}", line.count) } else { String::new() };
        let until = line.until.as_ref().map(|day| format!(", {}", t.say(&format!("until {day}"))));
        let action = t.word("action", line.action.as_str());
        let action = if is_done { action } else { t.say(&format!("not {action}")) };
        let (until, said) = (until.unwrap_or_default(), self.said(&line.rule));
        format!("  {action} {what}{count}{until}: {}{said}", line.rule)
    }

    /// What a rule says, with its clause and article; the words are the policy's of today.
    fn said(&self, rule: &str) -> String {
        let Some(found) = self.rulebook.rule(rule) else { return String::new() };
        let why = self.rulebook.reason(found);
        let clause = why.clause.map(|clause| format!(", {}", self.t.say(&format!("clause {clause}"))));
        let law = why.law.map(|law| format!(", {}", self.t.say(&law)));
        format!("{}{}: {}", clause.unwrap_or_default(), law.unwrap_or_default(), self.t.gist(found))
    }
}

fn has_day(layer: &LayerTerm) -> bool {
    layer.due.is_some()
}

/// A refusal as the person is told of it; none where the case was opened again after it.
///
/// # Errors
/// The kinds of the policy.
pub(super) fn refusal(
    world: &World<'_, '_>,
    case: &CaseFile,
    history: &[CaseEntry],
) -> Result<Option<Refusal>> {
    let last = history
        .iter()
        .rfind(|entry| matches!(entry.event, CaseEvent::Refused { .. } | CaseEvent::Reopened { .. }));
    let Some((entry, (ground, facts))) = last.and_then(|entry| match &entry.event {
        CaseEvent::Refused { ground, facts } => Some((entry, (ground, facts))),
        _ => None,
    }) else {
        return Ok(None);
    };
    let rulebook = world.library()?.rulebook(&case.controller)?;
    let why = rulebook.rule(ground).and_then(|rule| rulebook.reason_on(rule, case.received.day()));
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
