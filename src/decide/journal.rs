//! What the journal of requests says of a case beside its own columns: by which rules it is timed, how far
//! it reaches, and why it is late. Law file 6.2, the journal of art. 25(3)(3).

use chrono::{Days, NaiveDate};
use serde_json::Value;

use super::deadline::{PastEndPolicy, deadline};
use crate::{
    calendar::Calendar,
    domain::{CaseState, Moment, Result, Right},
    policy::{
        Rulebook,
        body::Body,
        model::{Rule, Statute},
        vocabulary::StartEvent,
    },
};

/// The rules that time a right, received on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The law's rule, then the policy's; a silent layer has none.
    pub rules: Vec<String>,
    /// Since when the statute reads as it did on that day; `None`: nothing of it was in force.
    pub edition: Option<NaiveDate>,
    /// What the term counts from.
    pub start: Option<StartEvent>,
}

/// By which rules a right received on a day is timed.
///
/// # Errors
/// Only where the calendar cannot even be guessed.
pub fn timing(right: Right, day: NaiveDate, rulebook: &Rulebook, calendar: &Calendar) -> Result<Timing> {
    let (law, policy) = rulebook.terms(right, day);
    let received = Moment::start_of(day);
    let due = deadline(right, received, &law, &policy, calendar, PastEndPolicy::Provisional)?;
    let layers = [due.law, due.policy];
    let rules: Vec<String> = layers.into_iter().flatten().map(|layer| layer.why.rule).collect();
    let start = rules.iter().filter_map(|id| start(rulebook.rule(id)?, right)).next_back();
    let start = (!rules.is_empty()).then_some(start.unwrap_or(StartEvent::Receipt));
    Ok(Timing { start, rules, edition: edition(&rulebook.statute, day) })
}

fn start(rule: &Rule, right: Right) -> Option<StartEvent> {
    let terms = match &rule.body {
        Body::Right(granted) => &granted.terms,
        Body::Deadline(items) => &items.iter().find(|item| item.rights.contains(&right))?.terms,
        _ => return None,
    };
    // A rule that sets no term counts from nothing.
    (terms.limit.is_some() || terms.target.is_some()).then_some(terms.clock.from)
}

/// The last day up to this one on which a rule of the statute came into force or went out of it.
pub fn edition(statute: &Statute, day: NaiveDate) -> Option<NaiveDate> {
    let came = statute.rules.iter().filter_map(|rule| rule.valid_from);
    let went = statute.rules.iter().filter_map(|rule| rule.valid_to?.checked_add_days(Days::new(1)));
    came.chain(went).filter(|change| *change <= day).max()
}

/// What a request was limited to, as the case keeps it: categories, purposes, scopes or fields; `all` where
/// it names none. Free text of the officer stays in the case.
pub fn scope(ask: Option<&str>) -> Vec<String> {
    let asked: Option<Value> = ask.and_then(|ask| serde_json::from_str(ask).ok());
    let parts = asked.iter().filter_map(Value::as_object).flat_map(|right| right.values());
    let lists = parts.filter_map(Value::as_object).flat_map(|part| {
        ["categories", "purposes", "scopes", "fields"].iter().filter_map(|list| part.get(*list)?.as_array())
    });
    let words: Vec<String> = lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if words.is_empty() { vec!["all".into()] } else { words }
}

/// Why a case is late, as far as its state tells.
pub fn lateness(state: CaseState, is_answered: bool) -> &'static str {
    match state {
        CaseState::Answered | CaseState::Cancelled => "answered_late",
        _ if is_answered => "answered_late",
        CaseState::Refused => "answer_not_sent",
        CaseState::Received => "identity_not_confirmed",
        CaseState::Verified => "not_carried_out",
        CaseState::Executed => "answer_not_sent",
        CaseState::Waiting => "waits",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calendar::sample::{calendar, date},
        decide::cast,
    };

    #[test]
    fn rules_edition_and_start_of_a_day() {
        for (right, day, book, expected) in [
            (
                Right::Access,
                "2026-03-20",
                cast::mycar(),
                "KZ-R16|MC-8.10-access since 2026-01-18 from receipt",
            ),
            (
                Right::Revoke,
                "2025-03-20",
                cast::automaster(),
                "KZ-24.5|AM-9-withdraw since 2024-07-01 from receipt",
            ),
            (
                Right::Rectify,
                "2026-03-20",
                cast::mycar(),
                "KZ-25.8a|MC-8.10-rectify since 2026-01-18 from documents",
            ),
        ] {
            let found = timing(right, date(day), book, &calendar());
            let found = found.unwrap_or_default();
            let said = format!(
                "{} since {} from {}",
                found.rules.join("|"),
                found.edition.map(|day| day.to_string()).unwrap_or_default(),
                found.start.map(|start| start.as_str()).unwrap_or_default()
            );
            assert_eq!(said, expected, "{right} {day}");
        }
    }

    #[test]
    fn the_scope_of_a_request() {
        for (ask, expected) in [
            (None, "all"),
            (Some(r#"{"erase":{"categories":[]}}"#), "all"),
            (Some(r#"{"erase":{"categories":["contact","usage"]}}"#), "contact usage"),
            (Some(r#"{"revoke":{"purposes":["promotion"],"scopes":["cookie"]}}"#), "promotion cookie"),
            (Some(r#"{"restrict":{"categories":["contact"],"reason":"said so"}}"#), "contact"),
            (Some(r#"{"rectified":{"fields":["contact.phone"],"document":"12"}}"#), "contact.phone"),
            (Some("nonsense"), "all"),
        ] {
            assert_eq!(scope(ask).join(" "), expected, "{ask:?}");
        }
    }
}
