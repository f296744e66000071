//! Rights of two versions: their terms, what they give and stop, and what they wait for.

use std::collections::BTreeSet;

use super::{
    Change, Class,
    way::{self, RIGHT},
};
use crate::{
    domain::Right,
    policy::{
        body::{Body, RightRule, Terms},
        explain::{self, Tongue},
        model::{Policy, Rule},
    },
};

/// What one policy says of a right: its rule, its fastest limit, and how much it gives.
struct Granted<'p> {
    rule: &'p Rule,
    days: Option<u64>,
    terms: Terms,
    words: String,
    gives: BTreeSet<String>,
    waits: bool,
}

fn granted(policy: &Policy, right: Right) -> Option<Granted<'_>> {
    let mut found: Option<Granted<'_>> = None;
    for rule in &policy.rules {
        let (terms, body): (_, Option<&RightRule>) = match &rule.body {
            Body::Right(body) if body.grants.contains(&right) => (&body.terms, Some(body)),
            Body::Deadline(items) => match items.iter().find(|item| item.rights.contains(&right)) {
                Some(item) => (&item.terms, None),
                None => continue,
            },
            _ => continue,
        };
        let term = terms.limit.or(terms.target);
        let one = found.get_or_insert(Granted {
            rule,
            days: None,
            terms: terms.clone(),
            words: "granted".into(),
            gives: BTreeSet::new(),
            waits: false,
        });
        if let Some(days) = term.map(way::rough).filter(|days| one.days.is_none_or(|known| *days < known)) {
            (one.days, one.rule, one.terms) = (Some(days), rule, terms.clone());
            one.words = term.map(|term| term.to_string()).unwrap_or_default();
        }
        if let Some(body) = body {
            let stops = body.stops.iter().map(|purpose| format!("stops {purpose}"));
            let always = body.always.iter().map(|scope| format!("always {scope}"));
            one.gives.extend(body.gives.iter().cloned().chain(stops).chain(always));
            one.waits |= body.unless_open_obligation;
        }
    }
    found
}

/// What a right is, where it is something else than before.
pub(super) fn changed(
    before: &Policy,
    after: &Policy,
    right: Right,
    t: &dyn Tongue,
    changes: &mut Vec<Change>,
) {
    let (old, new) = (granted(before, right), granted(after, right));
    let class = match (&old, &new) {
        (None, None) => return,
        (Some(_), None) => Class::ShorterRight,
        (None, Some(_)) => Class::MoreRight,
        (Some(old), Some(new))
            if old.terms == new.terms && old.gives == new.gives && old.waits == new.waits =>
        {
            return;
        }
        (Some(old), Some(new)) => compared(old, new),
    };
    let Some(rule) = new.as_ref().or(old.as_ref()).map(|one| one.rule.id.clone()) else { return };
    let words = |one: &Option<Granted<'_>>| one.as_ref().map(|one| said(one, t));
    let (mut was, mut is) = (words(&old), words(&new));
    if was == is {
        // The term is the same, and its clock runs otherwise.
        let body = |one: Option<Granted<'_>>| one.map(|one| explain::body(one.rule, t).join(" "));
        (was, is) = (body(old), body(new));
    }
    changes.push(super::change(class, right.as_str(), &rule, was, is));
}

fn compared(old: &Granted<'_>, new: &Granted<'_>) -> Class {
    let gives = |one: &Granted<'_>| one.gives.iter().cloned().collect::<Vec<_>>();
    let way = way::all(&[
        way::terms(&old.terms, &new.terms),
        way::wider(&gives(old), &gives(new)),
        way::falling(old.waits, new.waits),
    ]);
    way.class(RIGHT)
}

fn said(one: &Granted<'_>, t: &dyn Tongue) -> String {
    let gives = one.gives.iter().map(|given| self::given(given, t)).collect::<Vec<_>>().join(", ");
    let waits = one.waits.then(|| format!("; {}", t.say("waits for open obligations")));
    let term = t.say(&one.words);
    format!("{term}{}{gives}{}", if gives.is_empty() { "" } else { ": " }, waits.unwrap_or_default())
}

/// One thing that a right gives: a format, an effect, a purpose that it stops.
fn given(word: &str, t: &dyn Tongue) -> String {
    match word.split_once(' ') {
        Some(("stops", purpose)) => t.say(&format!("stops {}", t.word("purpose", purpose))),
        Some(("always", scope)) => t.say(&format!("always {}", t.word("scope", scope))),
        _ => t.word("gives", word),
    }
}
