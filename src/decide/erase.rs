//! Erasure (art. 24(1)(4); Digital Code art. 41): all that nothing keeps, whatever it was collected on.
//!
//! Storage demanded by a law stands instead of deletion (art. 41(3)); each ground that keeps a record
//! is one of the law's. Data that is no personal data is not touched.

use chrono::NaiveDate;

use super::{
    by_hand::owed,
    draft::{Draft, Request, done_before},
    guard::{Guard, guard},
    reasons,
    recipients::{self, News},
};
use crate::{
    domain::{Action, Category, Error, Moment, Plan, Record, Result, Right, SubjectFacts, suggest},
    policy::Rulebook,
};

/// What is to be erased.
#[derive(Clone, Debug, Default)]
pub struct Erasure {
    /// The categories; none = all.
    pub categories: Vec<Category>,
    /// The last day the law leaves for the answer, shown beside what waits.
    pub statutory: Option<NaiveDate>,
    /// The day of receipt: its edition of the law grants it; `None` = today.
    pub received: Option<NaiveDate>,
    /// In a case about a minor: nobody demanded it, and the rule about minors ends the data.
    pub minor: bool,
}

/// Decides an erasure.
pub fn erase(facts: &SubjectFacts, rulebook: &Rulebook, ask: &Erasure, now: Moment) -> Plan {
    let today = now.day();
    let mut draft = Draft::new(rulebook, Request::Erasure, ask.statutory);
    let right = if ask.minor { Right::Minor } else { Right::Erase };
    let right = reasons::granted(rulebook, right, ask.received.unwrap_or(today));
    for record in asked(facts, &ask.categories) {
        let guard = guard(record, facts, rulebook, today);
        if matches!(guard, Guard::Outside) && !ask.categories.is_empty() {
            let why = reasons::refusal(rulebook, "RF-NOTPD", "no personal data");
            draft.keep(Action::Destroy, record, None, why);
        }
        let excess = rulebook.category(&record.category).is_some_and(|def| def.excess);
        let ground = excess.then(|| reasons::excess(rulebook)).flatten();
        draft.end(record, guard, None, || ground.unwrap_or_else(|| right.clone()));
    }
    if !draft.is_idle() {
        let all_but = ask.categories.is_empty().then(|| draft.staying());
        let news = News { categories: draft.destroyed(), all_but, ..News::default() };
        let why = reasons::meaning(&right, "those who received the data are told that it is erased");
        recipients::told(facts, &news, &why).into_iter().for_each(|step| draft.step(step));
        owed(facts, rulebook).into_iter().for_each(|step| draft.step(step));
    }
    draft.finish(done_before(facts, Right::Erase))
}

/// The records of the categories asked for; of every one where none is named.
pub(super) fn asked<'a>(
    facts: &'a SubjectFacts,
    categories: &'a [Category],
) -> impl Iterator<Item = &'a Record> {
    let named = |record: &&Record| categories.iter().any(|category| record.category.is_under(category));
    facts.records.iter().filter(move |record| categories.is_empty() || named(record))
}

/// Checks categories that somebody typed.
///
/// # Errors
/// Exit 2 for a word that the policy does not know, with the nearest.
pub fn check(rulebook: &Rulebook, categories: &[Category]) -> Result<()> {
    let Some(unknown) = categories.iter().find(|category| rulebook.category(category).is_none()) else {
        return Ok(());
    };
    let error = Error::usage(format!("the policy knows no category `{unknown}`"));
    let known = || rulebook.categories().iter().map(|def| def.id.as_str());
    Err(match suggest::nearest(unknown.as_str(), known()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it knows {}", known().collect::<Vec<_>>().join(", "))),
    })
}
