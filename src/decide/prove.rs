//! Runs the cases that lie beside a policy.

use chrono::NaiveDate;

use super::{
    ask,
    deadline::{PastEndPolicy, Timed, over_events},
    retention,
    story::Story,
};
use crate::{
    calendar::Calendar,
    domain::{Binding, StartEvent, Tick, Ticked, Verdict},
    policy::{
        Library, Rulebook,
        cases::{self, DeadlineCase, Expected, Layer, RetentionCase, RuleCase},
        coverage::Proof,
        yaml::Place,
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
    Err(format!("{}{by}", words(&verdict)))
}

/// Runs one case of a deadline, over its events where it has any.
///
/// # Errors
/// What came out instead, in words.
pub fn deadline(case: &DeadlineCase, rulebook: &Rulebook, calendar: &Calendar) -> Result<(), String> {
    let timed = timed(case, rulebook, calendar)?;
    let found = &timed.deadline;
    let binding = case.binding.map(|layer| match layer {
        Layer::Law => Binding::Law,
        Layer::Policy => Binding::Policy,
    });
    let decides = match found.binding {
        Some(Binding::Law) => found.law.as_ref(),
        Some(Binding::Policy) => found.policy.as_ref(),
        None => found.policy.as_ref().or(found.law.as_ref()),
    };
    let rule = decides.map(|term| term.why.rule.as_str());
    let waits_for = timed.waits_for.first().map(|(event, _)| *event).filter(|_| found.due.is_none());
    let same = (found.due, found.target, found.binding) == (case.due, case.target, binding);
    let moved = (timed.first_due, waits_for) == (case.first_due, case.waits_for);
    if same && moved && (case.rule.is_none() || case.rule.as_deref() == rule) {
        return Ok(());
    }
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "none".to_owned(), |day| day.to_string());
    let by = rule.map_or(String::new(), |rule| format!(", by {rule}"));
    let first = timed.first_due.map_or(String::new(), |day| format!(", first due {day}"));
    Err(format!("due {}, target {}{first}{by}", day(found.due), day(found.target)))
}

fn timed(case: &DeadlineCase, rulebook: &Rulebook, calendar: &Calendar) -> Result<Timed, String> {
    let (law, policy) = rulebook.terms(case.right, case.received.day());
    let mut events = case.events.clone();
    events.push(Ticked { at: case.received, what: Tick::Started(StartEvent::Receipt) });
    let last = events.iter().map(|event| event.at).max().unwrap_or(case.received);
    let story = match case.events.as_slice() {
        [] => Story::of_receipt(case.received),
        _ => Story::of(&events, case.now.unwrap_or(last)).map_err(|fault| fault.to_string())?,
    };
    let found = over_events(case.right, &story, &law, &policy, calendar, PastEndPolicy::Refuse);
    found.map_err(|error| error.to_string())
}

/// Runs one question to the rules.
///
/// # Errors
/// What came out instead, in words.
pub fn rule(case: &RuleCase, rulebook: &Rulebook) -> Result<(), String> {
    let reply = ask::answer(&case.ask, rulebook);
    if reply.word == case.expect && reply.rule == case.rule {
        return Ok(());
    }
    let by = reply.rule.map_or(String::new(), |rule| format!(", by {rule}"));
    Err(format!("{}{by}", reply.word))
}

/// One case that was run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The file it stands in.
    pub file: String,
    /// Its name.
    pub case: String,
    /// Its line.
    pub line: u64,
    /// What came out instead, where it failed.
    pub fault: Option<String>,
    /// The rule it names.
    pub rule: Option<String>,
}

impl Ran {
    /// The proof it is, where it came out and a rule decided it.
    pub fn proof(self) -> Option<Proof> {
        let file = self.file;
        self.rule.filter(|_| self.fault.is_none()).map(|rule| Proof { rule, file })
    }
}

/// Runs every case about one controller: those beside its policy and those beside its statute.
///
/// # Errors
/// Exit 6 where a case file is not valid.
pub fn all(library: &Library, rulebook: &Rulebook, calendar: &Calendar) -> crate::domain::Result<Vec<Ran>> {
    let mut ran = Vec::new();
    for stem in [&rulebook.policy.id, &rulebook.statute.id] {
        let name = format!("{stem}.cases.yaml");
        let Some((shown, text)) = library.file(&name) else { continue };
        let cases = cases::read(shown, text)?;
        let mine = |of: &Option<String>| of.as_deref().is_none_or(|of| of == rulebook.policy.id);
        let mut add = |case: &str, rule: &Option<String>, at: Place, result: Result<(), String>| {
            let (file, line) = (name.clone(), at.line());
            ran.push(Ran { file, case: case.into(), line, fault: result.err(), rule: rule.clone() });
        };
        for case in cases.retention.iter().filter(|case| mine(&case.controller)) {
            add(&case.name, &case.rule, case.at, retention(case, rulebook));
        }
        for case in cases.deadlines.iter().filter(|case| mine(&case.controller)) {
            add(&case.name, &case.rule, case.at, deadline(case, rulebook, calendar));
        }
        for case in cases.rules.iter().filter(|case| mine(&case.controller)) {
            add(&case.name, &case.rule, case.at, rule(case, rulebook));
        }
    }
    Ok(ran)
}

fn is(expected: &Expected, verdict: &Verdict) -> bool {
    match (expected, verdict) {
        (Expected::Keep(day), Verdict::Keep { until, .. }) => *until == Some(day.0),
        (Expected::KeepOpen, Verdict::Keep { until, .. }) => until.is_none(),
        (Expected::Destroy(day), Verdict::Destroy { since, .. }) => *since == day.0,
        (Expected::Archive(day), Verdict::Archive { until, .. }) => *until == day.0,
        (Expected::Hold(what), Verdict::Hold { by, .. }) => *what == by.to_string(),
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
    use crate::{calendar::sample::calendar, policy::coverage};

    #[test]
    fn every_case_beside_a_policy_comes_out() {
        let library = Library::embedded();
        let mut count = 0;
        for controller in library.controllers() {
            let rulebook = library.rulebook(&controller).unwrap();
            let ran = all(&library, &rulebook, &calendar()).unwrap();
            count += ran.len();
            let failed: Vec<String> = ran
                .iter()
                .filter_map(|ran| Some(format!("{}:{}: {}", ran.file, ran.line, ran.fault.as_ref()?)))
                .collect();
            assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
        }
        assert!(count > 250, "only {count} cases ran");
    }

    fn lines(library: &Library, controller: &str) -> Vec<coverage::Line> {
        let rulebook = library.rulebook(controller).unwrap();
        let ran = all(library, &rulebook, &calendar()).unwrap();
        coverage::policy(&rulebook, &ran.into_iter().filter_map(Ran::proof).collect::<Vec<_>>())
    }

    fn changed(file: &str, from: &str, to: &str) -> Library {
        let mut library = Library::embedded();
        let text = library.file(file).unwrap().1.to_owned();
        assert!(text.contains(from), "{from}");
        library.replace(file, file, text.replacen(from, to, 1));
        library
    }

    #[test]
    fn a_lost_rule_and_a_rule_that_decides_nothing_are_missed() {
        let ids = |library: &Library, of: fn(&coverage::Line) -> bool| -> Vec<String> {
            lines(library, "automaster").into_iter().filter(of).map(|line| line.id).collect()
        };
        let lost = changed("automaster.yaml", "id: AM-13-law", "id: AM-13-lore");
        assert_eq!(ids(&lost, coverage::Line::is_missing), ["AM-13-law"]);
        assert!(ids(&lost, |line| line.number.is_none()).contains(&"AM-13-lore".to_owned()));
        // The word of the notice is changed, so the case of it comes out otherwise and proves nothing.
        let idle = changed("automaster.yaml", "to: date_line", "to: subject");
        assert_eq!(ids(&idle, coverage::Line::is_unproved), ["AM-11-date"]);
        // A case that names another rule than the one that decides proves neither.
        let wrong = changed(
            "automaster.cases.yaml",
            "expect: contract, rule: AM-4-2",
            "expect: contract, rule: AM-4-1",
        );
        assert_eq!(ids(&wrong, coverage::Line::is_unproved), ["AM-4-2"]);
    }
}
