//! What was corrected, here, in other systems and by hand, and what nobody corrected.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Brief, held, notice};
use crate::{
    decide::corrections::{Correction, Fate, corrections},
    domain::{LetterKind, Right, secret},
    render::{Words, answer::holdings::terms::DASH, guard},
};

/// Whether an act of the case destroyed values that others replaced.
pub(super) fn replaces(brief: &Brief<'_>) -> bool {
    brief.case.is_some_and(|case| case.right == Right::Rectify)
}

/// Category and place, field, new value, day: what was made, wherever. A recipient is told no place of ours.
pub(super) fn made(brief: &Brief<'_>, words: &Words) -> Vec<[String; 4]> {
    let all = all(brief);
    let here = |one: &Correction| {
        all.iter()
            .any(|own| own.place.is_none() && (&own.category, &own.field) == (&one.category, &one.field))
    };
    let row = |one: &Correction| {
        let at = match one.fate {
            Fate::Undone(_) => return None,
            Fate::Made => brief.story.done,
            Fate::ByHand(at) => Some(at),
        };
        // All places got one value; where none is held here, it is kept nowhere.
        let value =
            one.field.as_deref().filter(|_| here(one)).and_then(|field| value(brief, &one.category, field));
        let day = at.map_or_else(|| DASH.into(), |at| words.day(at.day()));
        let [what, field] = named(brief, one, words);
        Some([what, field, value.unwrap_or_else(|| DASH.into()), day])
    };
    let concerns = |one: &&Correction| notice::concerns(brief, &one.category);
    let mut seen = BTreeSet::new();
    let rows = all.iter().filter(concerns).filter_map(row);
    rows.filter(|[what, field, ..]| seen.insert((what.clone(), field.clone()))).collect()
}

/// Category and place, field, why: what nobody corrected.
pub(super) fn not_made(brief: &Brief<'_>, words: &Words) -> Vec<[String; 3]> {
    let row = |one: &Correction| {
        let Fate::Undone(refused) = one.fate else { return None };
        let why = words.say(if refused { "letter-not-made-refused" } else { "letter-not-made-nobody" });
        let [what, field] = named(brief, one, words);
        Some([what, field, why])
    };
    let all = all(brief);
    let none = |category: &&String| all.iter().all(|one| one.category != **category);
    let absent = brief.story.outcome.iter().filter(|_| replaces(brief)).flat_map(|outcome| &outcome.absent);
    let absent = absent
        .filter(none)
        .map(|category| [words.term("category", category), DASH.into(), words.say("letter-not-made-absent")]);
    all.iter().filter_map(row).chain(absent).collect()
}

fn all(brief: &Brief<'_>) -> Vec<Correction> {
    let outcome = brief.story.outcome.as_ref();
    outcome.map(|outcome| corrections(outcome, brief.duties)).unwrap_or_default()
}

/// The category, with the place where that is not here, and the field.
fn named(brief: &Brief<'_>, one: &Correction, words: &Words) -> [String; 2] {
    let category = words.term("category", &one.category);
    let place = one.place.as_ref().filter(|_| brief.kind != LetterKind::Recipient);
    let what = place.map_or(category.clone(), |place| format!("{category} ({place})"));
    let field = one.field.as_deref().map_or_else(|| DASH.into(), |field| words.term("field", field));
    [guard::terminal(&what), guard::terminal(&field)]
}

/// The new value: in part for its owner, who knows it again; for a recipient who has to correct it, whole but for the
/// numbers that no letter prints. Whoever may be somebody else reads none.
fn value(brief: &Brief<'_>, category: &str, field: &str) -> Option<String> {
    let known = brief.case.is_some_and(|case| case.identity.is_some());
    let records = brief.dossier.iter().flat_map(|dossier| &dossier.held);
    let mut records = records.filter(|held| held.record.category.as_str() == category);
    let data: Value = serde_json::from_str(&records.next()?.record.data).ok()?;
    let value = held::plain(data.get(field)?);
    let to_recipient = brief.kind == LetterKind::Recipient;
    known.then(|| guard::terminal(&if to_recipient { secret::mask(&value) } else { secret::partly(&value) }))
}
