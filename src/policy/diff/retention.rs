//! Storage terms of two versions: whether data may stay longer.

use std::collections::BTreeSet;

use super::{Change, Class};
use crate::{
    domain::Category,
    policy::{
        body::Keep,
        explain::{self, Tongue},
        lint::about_days,
        model::{Policy, Rule},
        until::Until,
    },
};

/// How long data stays, where a rule says it otherwise than before.
pub(super) fn change(
    old: Option<&Rule>,
    new: Option<&Rule>,
    after: &Policy,
    t: &dyn Tongue,
    changes: &mut Vec<Change>,
) {
    let keep = |rule: Option<&Rule>| rule.and_then(Rule::keep).cloned();
    let (old_keep, new_keep) = (keep(old), keep(new));
    let Some(rule) = new.or(old).filter(|_| old_keep != new_keep) else { return };
    let class = match (&old_keep, &new_keep) {
        (Some(was), Some(now)) => compared(was, now, after),
        (None, Some(now)) if span(now).is_some() => Class::ShorterRetention,
        _ => Class::LongerRetention,
    };
    let same_data = match (&old_keep, &new_keep) {
        (Some(was), Some(now)) => (&was.categories, &was.when) == (&now.categories, &now.when),
        _ => true,
    };
    let words = |keep: Option<&Keep>| {
        let until = term(keep?).map(|until| explain::until_words(until, t));
        if same_data { until } else { Some(explain::keep_words(keep?, t).join(" ")) }
    };
    let what = new_keep
        .as_ref()
        .or(old_keep.as_ref())
        .map(|keep| keep.categories.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(", "));
    let (before, after) = (words(old_keep.as_ref()), words(new_keep.as_ref()));
    changes.push(super::change(class, &what.unwrap_or_default(), &rule.id, before, after));
}

/// Whether data may stay longer than before. What ended storage early and does so no more lengthens it, whatever the
/// numbers say, and so does a term that no longer holds for some data.
fn compared(was: &Keep, now: &Keep, after: &Policy) -> Class {
    let ends = |keep: &Keep| term(keep).map(early_ends).unwrap_or_default();
    let loses_end = !ends(was).is_subset(&ends(now)) || latest(now) > latest(was);
    let left_out = was.categories.iter().filter(|category| !now.categories.contains(category));
    let bound = |category: &Category| {
        let others = after.rules.iter().filter_map(Rule::keep);
        let mut spans = others.filter(|keep| keep.categories.contains(category)).map(span);
        spans.any(|found| found.is_some() && found <= span(was))
    };
    let unbound = !now.categories.is_empty() && left_out.into_iter().any(|category| !bound(category));
    match (span(was), span(now)) {
        _ if loses_end || unbound => Class::LongerRetention,
        (Some(before), Some(after)) if after < before => Class::ShorterRetention,
        (Some(before), Some(after)) if after == before => Class::Other,
        // An end by number beside those by event.
        (None, Some(_)) => Class::ShorterRetention,
        // A number that is gone, or storage by an event instead, has no end that can be compared.
        _ => Class::LongerRetention,
    }
}

fn term(keep: &Keep) -> Option<&Until> {
    keep.at_most.as_ref().or(keep.at_least.as_ref())
}

/// Events that end storage whatever else is still to come.
fn early_ends(until: &Until) -> BTreeSet<String> {
    match until {
        Until::ConsentWithdrawn(scope) => BTreeSet::from([scope.to_string()]),
        Until::PurposeReached => BTreeSet::from(["purpose_reached".to_owned()]),
        Until::EarliestOf(parts) => parts.iter().flat_map(early_ends).collect(),
        Until::LatestOf(parts) => {
            let each = parts.iter().map(early_ends);
            each.reduce(|all, part| &all & &part).unwrap_or_default()
        }
        Until::Elapsed(_) | Until::TaxYears(_) | Until::ConsentElapsed(_) => BTreeSet::new(),
    }
}

/// How often the latest of several is waited for.
fn latest(keep: &Keep) -> usize {
    fn count(until: &Until) -> usize {
        match until {
            Until::LatestOf(parts) => 1 + parts.iter().map(count).sum::<usize>(),
            Until::EarliestOf(parts) => parts.iter().map(count).sum(),
            _ => 0,
        }
    }
    term(keep).map_or(0, count)
}

/// About the most days a term gives; `None` where an event without a term may put it off for ever.
fn span(keep: &Keep) -> Option<u64> {
    fn most(until: &Until) -> Option<u64> {
        match until {
            Until::LatestOf(parts) => parts.iter().map(most).collect::<Option<Vec<u64>>>()?.into_iter().max(),
            Until::EarliestOf(parts) => parts.iter().filter_map(most).min(),
            other => about_days(other),
        }
    }
    term(keep).and_then(most)
}
