//! The due date of a right: the law's terms and the policy's, side by side, and which of them binds.
//!
//! Which rules were in force on the day of receipt is decided before (policy); here they are counted.

use chrono::NaiveDate;

use super::story::{Extended, Story};
use crate::calendar::{Calendar, Due};
use crate::domain::{Binding, Deadline, Error, LayerTerm, Moment, Result, Right, StartEvent, Term, TermRule};

/// What to do where a term leads past the days that the calendar knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastEndPolicy {
    /// Stop with exit 6: an answer would be a guess.
    Refuse,
    /// Count weekends only and mark the date: the intake of a request never stops.
    Provisional,
}

/// The due date of a case, and what its events did to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// The dates as they stand now.
    pub deadline: Deadline,
    /// Events that a term still waits for, such as the confirming documents; its rule has no date yet.
    pub waits_for: Vec<(StartEvent, String)>,
    /// The binding last day before any extension, where one moved it: by then the person is told.
    pub first_due: Option<NaiveDate>,
    /// Extensions that changed nothing, each with the reason.
    pub refused: Vec<String>,
}

/// When a right received at a moment is due, by `law` and by `policy`, each with the rules of that day.
///
/// The earlier limit binds, a tie is the policy's. The earliest careful target counts where it is
/// earlier than the limit; without any limit it stands alone, beside a gap. The moment stands for
/// whatever event a term counts from; a case knows better: [`over_events`].
///
/// # Errors
/// Kind `Config` where the calendar ends too early and `past_end` is `Refuse`.
pub fn deadline(
    right: Right,
    received: Moment,
    law: &[TermRule],
    policy: &[TermRule],
    calendar: &Calendar,
    past_end: PastEndPolicy,
) -> Result<Deadline> {
    let story = Story::of_receipt(received);
    over_events(right, &story, law, policy, calendar, past_end).map(|timed| timed.deadline)
}

/// When a case is due by what happened to it: each term from its own event, without the days on which
/// its clock stood, with the extensions its rule allows.
///
/// A pause or an extension moves only the layer whose rule knows it, so under Kazakhstan's law they
/// move nothing. A term whose event has not happened has no date and is named in `waits_for`.
///
/// # Errors
/// Kind `Config` where the calendar ends too early and `past_end` is `Refuse`.
pub fn over_events(
    right: Right,
    story: &Story,
    law: &[TermRule],
    policy: &[TermRule],
    calendar: &Calendar,
    past_end: PastEndPolicy,
) -> Result<Timed> {
    let clock = Clock { story, calendar, past_end };
    let (law, policy) = (clock.layer(law)?, clock.layer(policy)?);
    let limit = earliest([(Binding::Policy, &policy.limit), (Binding::Law, &law.limit)]);
    let target =
        earliest([(Binding::Policy, &policy.target), (Binding::Law, &law.target)]).map(|(_, target)| target);
    let shown = limit.map(|(_, limit)| limit).or(target);
    let waits_for: Vec<_> = policy.waits_for.iter().chain(&law.waits_for).cloned().collect();
    let received = story.received();
    let silent = limit.is_none() && waits_for.is_empty();
    let deadline = Deadline {
        right,
        received,
        due: limit.map(|(_, limit)| limit.due.date),
        due_at: limit.and_then(|(_, limit)| limit.due.at),
        target: careful(target, limit.map(|(_, limit)| limit)),
        binding: limit.map(|(binding, _)| binding),
        skipped: shown.map(|counted| counted.due.skipped.clone()).unwrap_or_default(),
        provisional: law.is_provisional() || policy.is_provisional(),
        gap: silent.then(|| format!("neither law nor policy had a term for {right} on {}", received.day())),
        calendar: calendar.version().to_owned(),
        law: law.describe(),
        policy: policy.describe(),
    };
    let first_due = limit.and_then(|(_, limit)| limit.first_due);
    let refused = policy.refused.into_iter().chain(law.refused).collect();
    Ok(Timed { deadline, waits_for, first_due, refused })
}

/// The first of the earliest: list the policy first, and a tie is the policy's.
fn earliest(layers: [(Binding, &Option<Counted>); 2]) -> Option<(Binding, &Counted)> {
    let counted = layers.into_iter().filter_map(|(binding, counted)| Some((binding, counted.as_ref()?)));
    counted.min_by_key(|(_, counted)| counted.ends())
}

/// A target on the day of the limit, or after it, says nothing more.
fn careful(target: Option<&Counted>, limit: Option<&Counted>) -> Option<NaiveDate> {
    let date = target?.due.date;
    limit.is_none_or(|limit| date < limit.due.date).then_some(date)
}

/// What every term is counted from and by.
struct Clock<'a> {
    story: &'a Story,
    calendar: &'a Calendar,
    past_end: PastEndPolicy,
}

impl Clock<'_> {
    fn layer<'r>(&self, rules: &'r [TermRule]) -> Result<Layer<'r>> {
        let mut layer = Layer::default();
        for (nth, rule) in rules.iter().enumerate() {
            let Some(start) = self.story.start(rule.clock.from) else {
                layer.wait(rule);
                continue;
            };
            if let Some(term) = rule.limit {
                let limit = self.limit(Counted::new(nth, term, self.due(rule, term, start)?), rule, start)?;
                layer.refused.extend(limit.1);
                layer.limit = sooner(layer.limit, limit.0);
            }
            if let Some(term) = rule.target {
                let target = Counted::new(nth, term, self.due(rule, term, start)?);
                layer.target = sooner(layer.target, target);
            }
        }
        let binding =
            layer.limit.as_ref().or(layer.target.as_ref()).and_then(|counted| rules.get(counted.nth));
        layer.rule = binding.or(rules.first());
        Ok(layer)
    }

    /// A limit with every extension that its rule lets stand, and why the others do not.
    fn limit(&self, first: Counted, rule: &TermRule, start: Moment) -> Result<(Counted, Vec<String>)> {
        let (mut counted, mut refused, mut times) = (first, Vec::new(), 0);
        for taken in &self.story.extensions {
            match longer(rule, &counted, times, *taken) {
                Ok(term) => {
                    times += 1;
                    let first_due = counted.first_due.or(Some(counted.due.date));
                    counted = Counted { term, due: self.due(rule, term, start)?, first_due, ..counted };
                }
                Err(why) => refused.push(format!("{}: {why}", rule.why.rule)),
            }
        }
        Ok((counted, refused))
    }

    fn due(&self, rule: &TermRule, term: Term, start: Moment) -> Result<Due> {
        let (roll, stood) = (rule.clock.roll, self.story.stood(&rule.clock.pauses));
        let due = match self.past_end {
            PastEndPolicy::Refuse => self.calendar.due_standing(term, start, roll, &stood),
            PastEndPolicy::Provisional => {
                self.calendar.due_standing_or_provisional(term, start, roll, &stood)
            }
        };
        due.map_err(Error::from)
    }
}

/// The longer term after an extension, or why it changes nothing.
fn longer(rule: &TermRule, counted: &Counted, times: u32, taken: Extended) -> Result<Term, &'static str> {
    let extension = rule.clock.extension.ok_or("its term cannot be lengthened")?;
    if times >= extension.times {
        return Err("its term was lengthened as often as it may be");
    }
    if extension.notice && !taken.told {
        return Err("the person was not told of the extension and its reasons");
    }
    if taken.at >= counted.ends() {
        return Err("the extension came after the due date");
    }
    counted.term.and(extension.by).ok_or("the extension is not of its limit's unit")
}

/// The earlier of two; of two alike the first.
fn sooner(known: Option<Counted>, other: Counted) -> Option<Counted> {
    match known {
        Some(known) if known.ends() <= other.ends() => Some(known),
        _ => Some(other),
    }
}

/// A term with the date it leads to, and the rule of the layer it stands in.
struct Counted {
    nth: usize,
    term: Term,
    due: Due,
    first_due: Option<NaiveDate>,
}

impl Counted {
    fn new(nth: usize, term: Term, due: Due) -> Self {
        Self { nth, term, due, first_due: None }
    }

    /// The instant for comparing: a day ends at 24:00 (Civil Code art. 176).
    fn ends(&self) -> Moment {
        let day = self.due.date;
        self.due.at.unwrap_or_else(|| Moment::start_of(day.succ_opt().unwrap_or(day)))
    }
}

/// One layer, counted.
#[derive(Default)]
struct Layer<'r> {
    rule: Option<&'r TermRule>,
    limit: Option<Counted>,
    target: Option<Counted>,
    waits_for: Vec<(StartEvent, String)>,
    refused: Vec<String>,
}

impl Layer<'_> {
    /// A rule whose clock has not begun.
    fn wait(&mut self, rule: &TermRule) {
        if rule.limit.is_some() || rule.target.is_some() {
            self.waits_for.push((rule.clock.from, rule.why.rule.clone()));
        }
    }

    fn is_provisional(&self) -> bool {
        self.limit.iter().chain(&self.target).any(|counted| counted.due.provisional)
    }

    fn describe(&self) -> Option<LayerTerm> {
        let rule = self.rule?;
        let (limit, target) = (self.limit.as_ref(), self.target.as_ref());
        Some(LayerTerm {
            why: rule.why.clone(),
            limit: limit.map(|limit| limit.term).or(rule.limit).map(|term| term.to_string()),
            due: limit.map(|limit| limit.due.date),
            due_at: limit.and_then(|limit| limit.due.at),
            target: target.map(|target| target.term).or(rule.target).map(|term| term.to_string()),
            target_due: target.map(|target| target.due.date),
            confirmed: rule.confirmed,
        })
    }
}

#[cfg(test)]
mod tests;
