//! Storage terms of two versions: whether data may stay longer.

use std::collections::BTreeSet;

use super::{
    Change, Class,
    way::{self, STAY, Way},
};
use crate::{
    domain::Category,
    policy::{
        body::{Cookie, Keep},
        explain::{self, Tongue},
        lint::about_days,
        model::{Policy, Rule},
        until::{Event, Until},
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
        (Some(was), Some(now)) => compared(was, now, after).class(STAY),
        // What has to stay stays longer for it.
        (None, Some(now)) if now.at_least.is_none() && span(now).is_some() => Class::ShorterRetention,
        (Some(was), None) if was.at_most.is_none() => Class::ShorterRetention,
        _ => Class::LongerRetention,
    };
    let same_data = match (&old_keep, &new_keep) {
        (Some(was), Some(now)) => {
            let of = |keep: &Keep| (keep.categories.clone(), keep.when.clone(), keep.at_least.is_some());
            of(was) == of(now)
        }
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
/// numbers say, and so does a term that no longer holds for some data, or holds from a later event.
fn compared(was: &Keep, now: &Keep, after: &Policy) -> Way {
    let ends = |keep: &Keep| term(keep).map(early_ends).unwrap_or_default().into_iter().collect::<Vec<_>>();
    let bound = |category: &Category| {
        let others = after.rules.iter().filter_map(Rule::keep);
        let mut spans = others.filter(|keep| keep.categories.contains(category)).map(span);
        spans.any(|found| found.is_some() && found <= span(was))
    };
    let mut left_out = was.categories.iter().filter(|category| !now.categories.contains(category));
    let unbound = !now.categories.is_empty() && left_out.any(|category| !bound(category));
    let length = match (span(was), span(now)) {
        (Some(before), Some(after)) => way::falling(before, after),
        // An end by number beside those by event.
        (None, Some(_)) => Way::More,
        // A number that is gone, or storage by an event instead, has no end that can be compared.
        (Some(_), None) => Way::Less,
        (None, None) => lived(term(was), term(now)),
    };
    let early = way::all(&[way::wider(&ends(was), &ends(now)), way::falling(latest(was), latest(now))]);
    way::all(&[early, way::falling(false, unbound), length, covered(was, now), begun(was, now)])
}

/// Two ends without a number: lives of one consent, or what cannot be compared.
fn lived(was: Option<&Until>, now: Option<&Until>) -> Way {
    match (was, now) {
        (Some(Until::ConsentElapsed(was)), Some(Until::ConsentElapsed(now))) if was.scope == now.scope => {
            way::falling(was.length.rough_days(), now.length.rough_days())
        }
        (was, now) => way::falling(false, was != now),
    }
}

/// What has to stay covers more, or what has to go covers less.
fn covered(was: &Keep, now: &Keep) -> Way {
    let must = way::falling(was.at_least.is_some(), now.at_least.is_some());
    if now.at_least.is_some() {
        let categories = way::wider_or_all(&was.categories, &now.categories).back();
        let gone = was.categories.iter().any(|category| !now.categories.contains(category));
        let categories = if gone && categories == Way::More { Way::Same } else { categories };
        return way::all(&[must, categories, way::wider(&was.when, &now.when)]);
    }
    way::all(&[must, way::narrower(&was.when, &now.when)])
}

/// The latest event that a term counts from; collection is the first there is.
fn begun(was: &Keep, now: &Keep) -> Way {
    let starts = |keep: &Keep| term(keep).map(starts).unwrap_or_default();
    let (was, now) = (starts(was), starts(now));
    if was.len() != now.len() {
        return Way::Same;
    }
    way::all(&was.into_iter().zip(now).map(|(was, now)| way::falling(was, now)).collect::<Vec<_>>())
}

/// How late each term begins, and what is left where that is unknown.
fn starts(until: &Until) -> Vec<(u8, u8)> {
    match until {
        Until::EarliestOf(parts) | Until::LatestOf(parts) => parts.iter().flat_map(starts).collect(),
        Until::Elapsed(one) => {
            let latest = one.after.iter().copied().map(rank).max().unwrap_or_default();
            vec![(latest, one.or_after.map_or(u8::MAX, rank))]
        }
        Until::TaxYears(tax) => vec![(rank(tax.after), 0)],
        Until::ConsentElapsed(_) => vec![(rank(Event::ConsentGiven), 0)],
        Until::ConsentWithdrawn(_) | Until::PurposeReached => Vec::new(),
    }
}

fn rank(event: Event) -> u8 {
    match event {
        Event::Collected => 0,
        Event::ConsentGiven => 1,
        Event::Document => 2,
        Event::LastContactBySubject => 3,
        Event::PurposeReached => 4,
        Event::ObligationClosed => 5,
    }
}

/// How long an identifier stays that goes with the last record of a category.
pub(super) fn stays((was, before): (&Category, &Policy), (now, after): (&Category, &Policy)) -> Way {
    let longest = |category: &Category, policy: &Policy| {
        let keeps = policy.rules.iter().filter_map(Rule::keep);
        let own = keeps.filter(|keep| keep.categories.is_empty() || keep.categories.contains(category));
        own.map(|keep| span(keep).unwrap_or(u64::MAX)).max().unwrap_or(u64::MAX)
    };
    way::falling(longest(was, before), longest(now, after))
}

/// The same of cookies, which borrow the term of a rule.
pub(super) fn borrowed((was, before): (&Cookie, &Policy), (now, after): (&Cookie, &Policy)) -> Way {
    let days = |cookie: &Cookie, policy: &Policy| {
        let rule = policy.rules.iter().find(|rule| Some(&rule.id) == cookie.falls_back_to.as_ref());
        rule.and_then(Rule::keep).and_then(span).unwrap_or(u64::MAX)
    };
    way::falling(days(was, before), days(now, after))
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
        Until::ConsentElapsed(life) => BTreeSet::from([format!("life of {}", life.scope)]),
        Until::Elapsed(_) | Until::TaxYears(_) => BTreeSet::new(),
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
