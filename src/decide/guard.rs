//! What stands between one record and its destruction: asked by every right that destroys.
//!
//! The order is that of the nightly run: block, hold, open obligation, then what a law demands.

use chrono::NaiveDate;

use super::{
    ends::{Ends, Seen},
    reasons, retention,
};
use crate::{
    domain::{Block, Category, Hold, IdentifierType, Obligation, OwedAnswer, Reason, Record, SubjectFacts},
    policy::{
        Rulebook,
        model::{CategoryDef, Rule},
    },
};

/// What protects a record.
#[derive(Debug)]
pub(super) enum Guard<'a> {
    /// It is no personal data: outside every right.
    Outside,
    /// A check is under way: neither used nor destroyed.
    Block(&'a Block),
    /// The system it lies in marks it as out of use.
    Marked,
    /// An order to keep.
    Hold(&'a Hold),
    /// An open obligation needs it.
    Obligation(&'a Obligation),
    /// The answer of another case goes to it, or has yet to tell it.
    Reply(&'a OwedAnswer),
    /// Archived before, to this day.
    Archived(NaiveDate, Reason),
    /// A law demands storage to this day.
    Law(NaiveDate, Reason),
    /// Whether a law demands storage cannot be known: what is missing.
    Unknown(String),
    /// Nothing.
    Free,
}

/// Judges one record on one day.
pub(super) fn guard<'a>(
    record: &Record,
    facts: &'a SubjectFacts,
    rulebook: &'a Rulebook,
    today: NaiveDate,
) -> Guard<'a> {
    let Some(category) = rulebook.category(&record.category) else {
        return Guard::Unknown(format!("the policy does not know the category {}", record.category));
    };
    if !category.personal {
        return Guard::Outside;
    }
    if let Some(block) = facts.stop(&record.category) {
        return Guard::Block(block);
    }
    if record.caveats.restricted {
        return Guard::Marked;
    }
    if let Some(hold) = facts.hold(&record.category) {
        return Guard::Hold(hold);
    }
    if let Some((obligation, _)) = retention::open_obligation(record, facts, rulebook) {
        return Guard::Obligation(obligation);
    }
    match (by_law(Seen { record, facts, today }, rulebook), &facts.reply) {
        (Guard::Free | Guard::Law(..), Some(owed)) if !owed.made => Guard::Reply(owed),
        (Guard::Free, Some(owed)) if is_address(category) => Guard::Reply(owed),
        (guard, _) => guard,
    }
}

/// What protects the data of a category in a place that nobody can read from here: what is known of no record
/// may be just what an order, a check or an open deal is about.
pub(super) fn of_category<'a>(
    category: &Category,
    facts: &'a SubjectFacts,
    rulebook: &'a Rulebook,
) -> Guard<'a> {
    let needed = || retention::listed_obligation(category, facts, rulebook).map(Guard::Obligation);
    let untold = || facts.reply.as_ref().filter(|owed| !owed.made).map(Guard::Reply);
    let block = facts.stop(category).map(Guard::Block);
    let held = block.or_else(|| facts.hold(category).map(Guard::Hold));
    held.or_else(needed).or_else(untold).unwrap_or(Guard::Free)
}

/// Whether an answer may be sent to what is held in a category.
fn is_address(category: &CategoryDef) -> bool {
    let reached = [IdentifierType::Phone, IdentifierType::Email];
    category.fields.iter().any(|field| field.identifier.is_some_and(|kind| reached.contains(&kind)))
}

/// The last day of storage that laws demand, the latest of several; of a tie the policy's rule,
/// which names its clause.
fn by_law<'a>(seen: Seen<'_>, rulebook: &Rulebook) -> Guard<'a> {
    let mut last: Option<(NaiveDate, &Rule)> = None;
    for (rule, keep) in rulebook.keeps(seen.today) {
        let Some(until) = keep.at_least.as_ref().filter(|_| retention::matches(keep, seen, rulebook)) else {
            continue;
        };
        match seen.ends(until) {
            Ends::On(day) if last.is_none_or(|(known, _)| day > known) => last = Some((day, rule)),
            Ends::On(_) => {}
            Ends::NotYet => return Guard::Unknown(format!("{} has not begun to run", rule.id)),
            Ends::Missing(what) => return Guard::Unknown(format!("{what} is missing")),
        }
    }
    let demanded = last.filter(|(day, _)| seen.today <= *day);
    match (seen.record.archived_until.filter(|until| seen.today <= *until), demanded) {
        (Some(until), law) => {
            let until = law.map_or(until, |(day, _)| until.max(day));
            Guard::Archived(until, archived(law.or(last), rulebook))
        }
        (None, Some((day, rule))) => Guard::Law(day, rulebook.reason(rule)),
        (None, None) => Guard::Free,
    }
}

fn archived(law: Option<(NaiveDate, &Rule)>, rulebook: &Rulebook) -> Reason {
    let reason = law.map(|(_, rule)| rulebook.reason(rule));
    reason.unwrap_or_else(|| reasons::refusal(rulebook, "RF-RETAIN", "a law demands storage"))
}
