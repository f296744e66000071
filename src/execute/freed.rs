//! The term of a step that an answer told as waiting: it runs from the day on which nothing kept it any more.

use chrono::NaiveDate;

use super::halts;
use crate::{
    calendar::Calendar,
    decide::{
        answering,
        by_hand::halted,
        deadline::{PastEndPolicy, deadline},
    },
    domain::{Category, Duty, Moment, Result},
    policy::Rulebook,
    store::{CaseFile, View, kept_until::Ended},
};

/// The last day of a step of a case that was told and waits; `None`: something keeps all of it still, or nobody knows any
/// more since when nothing does.
///
/// # Errors
/// As any read; only where the calendar cannot even be guessed.
pub fn due(
    view: &View<'_>,
    case: &CaseFile,
    duty: &Duty,
    (rulebook, calendar): (&Rulebook, &Calendar),
) -> Result<Option<NaiveDate>> {
    let (Some(subject), Some(told)) = (case.subject, case.answered) else { return Ok(None) };
    let (whole, held) = match halts::facts(view, case)? {
        Some(facts) => halted::halts(&duty.what.task, &facts),
        None => (None, Vec::new()),
    };
    if whole.is_some() {
        return Ok(None);
    }
    let mut ended = view.ended_keepers(&case.controller, subject)?;
    // What had ended before the person was told kept nothing that they were told to wait.
    ended.retain(|keeper| keeper.at >= told);
    let Some(since) = since(&halted::free(&duty.what.task, &held), &ended) else { return Ok(None) };
    let (law, policy) = answering::terms(rulebook, case.right, since.day(), true);
    Ok(deadline(case.right, since, &law, &policy, calendar, PastEndPolicy::Provisional)?.due)
}

/// Since when some of a step may be done: of each category the last that kept it, of several the first to come free.
/// What names no category waited for whatever stood.
fn since(free: &[&str], ended: &[Ended]) -> Option<Moment> {
    let last = |word: &&str| {
        let category = Category::new(word);
        let kept = ended.iter().filter(|keeper| keeper.category.as_ref().is_none_or(|of| *of == category));
        kept.map(|keeper| keeper.at).max()
    };
    if free.is_empty() {
        return ended.iter().map(|keeper| keeper.at).max();
    }
    free.iter().filter_map(last).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_free_when_the_last_that_kept_it_has_ended() {
        let ended = |category: Option<&str>, at: i64| Ended {
            category: category.map(Category::new),
            at: Moment::from_unix(at),
            is_hold: true,
        };
        let both = [ended(Some("contact"), 5), ended(Some("contract"), 7), ended(Some("contact"), 9)];
        for (about, free, keepers, expected) in [
            ("the last of two", &["contact"][..], &both[..], Some(9)),
            ("the first category that is free", &["contact", "contract"], &both, Some(7)),
            ("another's end", &["account"], &both, None),
            ("everything was kept", &["account"], &[ended(None, 4)], Some(4)),
            ("whatever is found", &[], &both, Some(9)),
            ("nothing ended", &["contact"], &[], None),
        ] {
            assert_eq!(since(free, keepers), expected.map(Moment::from_unix), "{about}");
        }
    }
}
