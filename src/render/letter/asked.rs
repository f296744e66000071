//! What the person named of it: where only a part was asked for, the letter says which, and that the rest is untouched.

use super::{Brief, before};
use crate::{
    decide::letters::Scope,
    domain::{Category, LetterKind, Purpose},
    render::Words,
};

/// Whether a part was asked for.
pub(super) fn is_part(brief: &Brief<'_>) -> bool {
    brief.story.scope.as_ref().is_some_and(|scope| !scope.is_whole())
}

/// The sentences that name the part; none where all was asked for.
pub(super) fn sentences(brief: &Brief<'_>, words: &Words) -> Vec<String> {
    let Some(Scope { categories, purposes, consents }) = &brief.story.scope else { return Vec::new() };
    let all = [
        ("category", "categories", categories),
        ("purpose", "purposes", purposes),
        ("scope", "consents", consents),
    ];
    let said = |(group, key, named): (&str, &str, &Vec<String>)| {
        let what = named.iter().map(|word| words.term(group, word)).collect::<Vec<_>>().join(", ");
        (!named.is_empty()).then(|| words.say_with(&format!("letter-asked-{key}"), &[("what", what.into())]))
    };
    let more = !before::stopped(brief, words).1.is_empty();
    let more = if more { "purposes-more" } else { "purposes" };
    let keyed = |(group, key, named)| said((group, if key == "purposes" { more } else { key }, named));
    all.into_iter().filter_map(keyed).collect()
}

/// Purposes that stopped: those that the person named, and those that stopped with them. Where none was named, or a
/// consent, all of them were asked for; and a recipient stops them all alike.
pub(super) fn apart<'a>(
    brief: &Brief<'_>,
    stopped: impl Iterator<Item = &'a str>,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let named = match &brief.story.scope {
        Some(Scope { purposes, consents, .. })
            if consents.is_empty() && brief.kind != LetterKind::Recipient =>
        {
            purposes.as_slice()
        }
        _ => &[],
    };
    let is_named = |word: &&str| {
        let purpose = Purpose::new(word);
        named.is_empty() || named.iter().any(|one| purpose.is_under(&Purpose::new(one)))
    };
    stopped.partition(is_named)
}

/// Whether a request about some categories is about this one.
pub(super) fn covers(brief: &Brief<'_>, category: &Category) -> bool {
    let named = brief.story.scope.as_ref().map(|scope| scope.categories.as_slice()).unwrap_or_default();
    named.is_empty() || named.iter().any(|word| category.is_under(&Category::new(word)))
}
