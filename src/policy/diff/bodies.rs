//! What a change of one rule means for people, where it is about no purpose, recipient, right or term of storage by
//! name: whom it protects, what it asks of them, how they are reached.

use super::{
    Class, asked, retention,
    way::{self, BASIS, DATA, Pair, RECIPIENT, RIGHT, STAY, Way},
};
use crate::policy::{
    body::{
        BasisRule, Body, Change, ChannelRule, Collects, Cookie, DeadlineRule, DutyRule, Fee, Minors, Notice,
        Recipient, Terms,
    },
    model::{Policy, Rule},
    register::RegisterTerms,
    vocabulary::{Basis, OnWithdrawal},
};

/// Both versions of the body of one kind; `None` where a version has no rule of it.
macro_rules! both {
    ($kind:ident, $old:expr, $new:expr) => {{
        let of = |rule: Option<&Rule>| match rule.map(|rule| &rule.body) {
            Some(Body::$kind(body)) => Some(body.clone()),
            _ => None,
        };
        (of($old), of($new))
    }};
}

/// The worst class of what a rule says otherwise, or says no more, or says for the first time.
pub(super) fn class(old: Option<&Rule>, new: Option<&Rule>, (before, after): (&Policy, &Policy)) -> Class {
    let (was, now) = both!(Cookie, old, new);
    let held = match (&was, &now) {
        (Some(was), Some(now)) => retention::borrowed((was, before), (now, after)),
        _ => Way::Same,
    };
    let (collects, collected) = both!(Collects, old, new);
    let (source, sources) = both!(Source, old, new);
    let found: [(Way, Pair); 17] = [
        (held, STAY),
        (cookie(was, now), BASIS),
        (collects_more(collects.as_ref(), collected.as_ref()), DATA),
        (stays_on_withdrawal(collects.as_ref(), collected.as_ref()), STAY),
        (way::narrower(&source.unwrap_or_default(), &sources.unwrap_or_default()), DATA),
        (minors(both!(Minors, old, new)), RIGHT),
        (basis(both!(Basis, old, new)), BASIS),
        (received(both!(Recipient, old, new)), RECIPIENT),
        (obeys(both!(Recipient, old, new)), RIGHT),
        (channel(both!(Channel, old, new)), RIGHT),
        (fee(both!(Fee, old, new)), RIGHT),
        (notice(both!(Notice, old, new)), RIGHT),
        (told(both!(Change, old, new)), RIGHT),
        (duty(both!(Duty, old, new)), RIGHT),
        (duties(both!(Deadline, old, new)), RIGHT),
        (asked::way(old, new), RIGHT),
        (register(both!(Register, old, new)), STAY),
    ];
    found.iter().map(|(way, pair)| way.class(*pair)).min().unwrap_or(Class::Other)
}

type Both<T> = (Option<T>, Option<T>);

/// Data of the young is destroyed for whoever is under an age, within a term; who may be kept off the site loses that.
fn minors((was, now): Both<Minors>) -> Way {
    let under = |one: &Option<Minors>| one.as_ref().map_or(0, |one| one.under);
    let terms = |one: &Option<Minors>| one.as_ref().map(|one| one.terms.clone()).unwrap_or_default();
    let denies = |one: &Option<Minors>| one.as_ref().is_some_and(|one| one.deny_access);
    way::all(&[
        way::rising(under(&was), under(&now)),
        way::terms(&terms(&was), &terms(&now)),
        way::falling(denies(&was), denies(&now)),
    ])
}

/// Cookies that rest on no consent of theirs, or on another.
fn cookie(was: Option<Cookie>, now: Option<Cookie>) -> Way {
    match (was, now) {
        (Some(was), Some(now)) if was.scope == now.scope => Way::Same,
        (Some(_), _) => Way::Less,
        (None, _) => Way::Same,
    }
}

fn collects_more(was: Option<&Collects>, now: Option<&Collects>) -> Way {
    match (was, now) {
        (None, Some(_)) => Way::Less,
        (Some(was), Some(now)) => way::all(&[
            way::narrower(&was.categories, &now.categories),
            way::wider_or_all(&was.fields, &now.fields).back(),
        ]),
        _ => Way::Same,
    }
}

fn stays_on_withdrawal(was: Option<&Collects>, now: Option<&Collects>) -> Way {
    let (Some(was), Some(now)) = (was, now) else { return Way::Same };
    // What a rule does not say, the category says: destroyed unless it is a document, where that is silent too.
    let rank = |one: &Collects| held(one.on_withdrawal.unwrap_or(OnWithdrawal::DestroyUnlessDocument));
    way::falling(rank(was), rank(now))
}

/// How much of the data a withdrawal leaves.
pub(super) fn held(outcome: OnWithdrawal) -> u8 {
    match outcome {
        OnWithdrawal::Destroy => 0,
        OnWithdrawal::DestroyUnlessDocument => 1,
        OnWithdrawal::Restrict => 2,
    }
}

/// Consent that is asked for less, or read into more; anything but consent is a footing of the company's own.
fn basis((was, now): Both<BasisRule>) -> Way {
    match (was, now) {
        (Some(was), Some(now)) if was.on == now.on => way::all(&[
            way::wider(&was.scopes, &now.scopes),
            way::narrower(&was.events, &now.events),
            way::rising(was.weak, now.weak),
        ]),
        (_, Some(now)) => way::rising(true, now.on == Basis::Consent),
        (Some(was), None) => way::falling(false, was.on == Basis::Consent),
        (None, None) => Way::Same,
    }
}

fn received((was, now): Both<Recipient>) -> Way {
    let (Some(was), Some(now)) = (was, now) else { return Way::Same };
    way::wider_or_all(&was.roles, &now.roles).back()
}

/// A controller of its own is told of an erasure and not ordered to do it.
fn obeys((was, now): Both<Recipient>) -> Way {
    let (Some(was), Some(now)) = (was, now) else { return Way::Same };
    way::falling(was.own_controller, now.own_controller)
}

fn channel((was, now): Both<ChannelRule>) -> Way {
    match (was, now) {
        (Some(was), Some(now)) => {
            way::all(&[way::wider(&was.by, &now.by), way::wider_or_all(&was.rights, &now.rights)])
        }
        (was, now) => way::rising(was.is_some(), now.is_some()),
    }
}

fn fee((was, now): Both<Fee>) -> Way {
    let of = |one: Option<Fee>| one.map_or((false, 0), |one| (one.allowed, one.charged));
    let ((allowed, charged), (allows, charges)) = (of(was), of(now));
    way::all(&[way::falling(allowed, allows), way::falling(charged, charges)])
}

fn notice((was, now): Both<Notice>) -> Way {
    let to = |one: Option<Notice>| one.map(|one| one.to).unwrap_or_default();
    way::wider(&to(was), &to(now))
}

fn told((was, now): Both<Change>) -> Way {
    let told = |one: Option<Change>| one.is_some_and(|one| one.told);
    way::rising(told(was), told(now))
}

/// A duty that is gone, has fewer effects, or is bound to a right or to another one.
fn duty((was, now): Both<DutyRule>) -> Way {
    match (was, now) {
        (Some(was), Some(now)) => {
            let right = |one: &DutyRule| one.right.into_iter().collect::<Vec<_>>();
            let bound = way::wider_or_all(&right(&was), &right(&now));
            way::all(&[way::wider(&was.effects, &now.effects), bound])
        }
        (was, now) => way::rising(was.is_some(), now.is_some()),
    }
}

/// Terms of what nobody asks for, each by its duty.
fn duties((was, now): Both<Vec<DeadlineRule>>) -> Way {
    let (was, now) = (was.unwrap_or_default(), now.unwrap_or_default());
    let of = |all: &[DeadlineRule], duty| -> Option<Terms> {
        all.iter().find(|item| item.duty == duty).map(|item| item.terms.clone())
    };
    let mut named: Vec<_> = was.iter().chain(&now).map(|item| item.duty).filter(Option::is_some).collect();
    named.dedup();
    let one = |duty| match (of(&was, duty), of(&now, duty)) {
        (Some(was), Some(now)) => way::terms(&was, &now),
        (was, now) => way::rising(was.is_some(), now.is_some()),
    };
    way::all(&named.into_iter().map(one).collect::<Vec<_>>())
}

fn register((was, now): Both<RegisterTerms>) -> Way {
    let days = |one: Option<RegisterTerms>| one.map(|one| one.named().map(|(_, length)| length.rough_days()));
    match (days(was), days(now)) {
        (Some(was), Some(now)) => {
            let each = was.iter().zip(&now).map(|(was, now)| way::falling(was, now));
            way::all(&each.collect::<Vec<_>>())
        }
        (was, now) => way::rising(was.is_some(), now.is_some()),
    }
}
