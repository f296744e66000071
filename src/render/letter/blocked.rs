//! A block as its letters tell it: what, and since when.

use super::Brief;
use crate::{
    domain::{Action, Moment, Outcome},
    render::{Words, answer::holdings::terms::DASH},
};

/// Since when data is blocked: the moment the step names, else when it was carried out.
pub(super) fn since(brief: &Brief<'_>, words: &Words) -> String {
    let at = named_since(brief, Action::Block).or(brief.story.done);
    at.map_or_else(|| DASH.into(), |at| words.moment(at))
}

/// Since when the data was blocked whose block ended, by the step that blocked it or by the one that ended that.
pub(super) fn was_since(brief: &Brief<'_>, words: &Words) -> Option<String> {
    let at = named_since(brief, Action::Block).or_else(|| named_since(brief, Action::Unblock))?;
    Some(words.moment(at))
}

fn named_since(brief: &Brief<'_>, action: Action) -> Option<Moment> {
    let outcome = brief.story.outcome.as_ref()?;
    let named = outcome.of_action(action).find_map(|line| line.since.as_deref())?;
    Moment::parse(named).ok()
}

/// What is blocked, by its categories.
pub(super) fn what(outcome: &Outcome, words: &Words) -> String {
    let named: Vec<String> = outcome
        .of_action(Action::Block)
        .filter_map(|line| Some(words.term("category", line.category.as_deref()?)))
        .collect();
    if named.is_empty() { words.say("letter-block-all") } else { named.join(", ") }
}

/// Whether a check ended and nothing of what it blocked may be used: first it has to be corrected.
pub(super) fn stands(brief: &Brief<'_>) -> bool {
    brief.story.lifted.is_none()
        && brief.story.outcome.as_ref().is_some_and(|outcome| {
            let lifts = outcome.of_action(Action::Unblock).next().is_some();
            !lifts && outcome.kept.iter().any(|line| line.action == Action::Unblock)
        })
}
