//! Which way a change goes for people.

use super::Class;
use crate::{
    domain::{Extension, Roll, StartEvent, Term},
    policy::body::Terms,
};

/// Which way a change goes for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It takes something from them, or lengthens a term.
    Less,
    /// Neither.
    Same,
    /// It gives them something, or shortens a term.
    More,
}

/// The class of what goes to their disadvantage, and of what does not.
pub(super) type Pair = (Class, Class);
/// What people may do and are given.
pub(super) const RIGHT: Pair = (Class::ShorterRight, Class::MoreRight);
/// How long data stays.
pub(super) const STAY: Pair = (Class::LongerRetention, Class::ShorterRetention);
/// What is collected.
pub(super) const DATA: Pair = (Class::NewData, Class::Other);
/// What processing rests on.
pub(super) const BASIS: Pair = (Class::NewBasis, Class::Other);
/// Who receives data.
pub(super) const RECIPIENT: Pair = (Class::NewRecipient, Class::Other);
/// What keeps data from being shown.
pub(super) const BAN: Pair = (Class::WeakerBan, Class::Other);

impl Way {
    /// Its class among those of what changed.
    pub fn class(self, (less, more): Pair) -> Class {
        match self {
            Self::Less => less,
            Self::Same => Class::Other,
            Self::More => more,
        }
    }

    /// The way of the opposite change.
    pub fn back(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::Same => Self::Same,
            Self::More => Self::Less,
        }
    }
}

/// Several changes together: what takes something is not made good by what another gives.
pub(super) fn all(ways: &[Way]) -> Way {
    if ways.contains(&Way::Less) {
        return Way::Less;
    }
    if ways.contains(&Way::More) { Way::More } else { Way::Same }
}

/// A number of which more is better for people.
pub(super) fn rising<T: PartialOrd>(was: T, now: T) -> Way {
    if now < was {
        Way::Less
    } else if now > was {
        Way::More
    } else {
        Way::Same
    }
}

/// A number of which more is worse for them.
pub(super) fn falling<T: PartialOrd>(was: T, now: T) -> Way {
    rising(now, was)
}

/// A list of which more is better for them: what is gone from it is not made good by what is new.
pub(super) fn wider<T: PartialEq>(was: &[T], now: &[T]) -> Way {
    let lacks = |all: &[T], of: &[T]| of.iter().any(|one| !all.contains(one));
    if lacks(now, was) {
        return Way::Less;
    }
    if lacks(was, now) { Way::More } else { Way::Same }
}

/// A list of which more is worse for them.
pub(super) fn narrower<T: PartialEq>(was: &[T], now: &[T]) -> Way {
    let lacks = |all: &[T], of: &[T]| of.iter().any(|one| !all.contains(one));
    if lacks(was, now) {
        return Way::Less;
    }
    if lacks(now, was) { Way::More } else { Way::Same }
}

/// The same of lists that mean everything when they are empty.
pub(super) fn wider_or_all<T: PartialEq>(was: &[T], now: &[T]) -> Way {
    match (was.is_empty(), now.is_empty()) {
        (true, true) => Way::Same,
        (true, false) => Way::Less,
        (false, true) => Way::More,
        (false, false) => wider(was, now),
    }
}

/// Terms of two versions: their ends, and all that moves these.
pub(super) fn terms(was: &Terms, now: &Terms) -> Way {
    let target = |terms: &Terms| terms.target.or(terms.limit);
    let (old, new) = (&was.clock, &now.clock);
    all(&[
        ends(was.limit, now.limit),
        ends(target(was), target(now)),
        starts(old.from, new.from),
        falling(old.roll == Roll::NextWorkingDay, new.roll == Roll::NextWorkingDay),
        narrower(&old.pauses, &new.pauses),
        extended(old.extension, new.extension),
    ])
}

fn ends(was: Option<Term>, now: Option<Term>) -> Way {
    match (was.map(rough), now.map(rough)) {
        (Some(was), Some(now)) => falling(was, now),
        (was, now) => rising(was.is_some(), now.is_some()),
    }
}

/// Nothing is earlier than the receipt; of what comes later, nobody knows what comes first.
fn starts(was: StartEvent, now: StartEvent) -> Way {
    let rank = |event| match event {
        StartEvent::Receipt => 0,
        StartEvent::Registration => 1,
        _ => 2,
    };
    match falling(rank(was), rank(now)) {
        Way::Same if was != now => Way::Less,
        way => way,
    }
}

fn extended(was: Option<Extension>, now: Option<Extension>) -> Way {
    let longest = |one: Option<Extension>| one.map_or(0, |one| rough(one.by) * u64::from(one.times));
    let silent = |one: Option<Extension>| one.is_some_and(|one| !one.notice);
    all(&[falling(longest(was), longest(now)), falling(silent(was), silent(now))])
}

/// About how many hours a term is, to compare two.
pub(super) fn rough(term: Term) -> u64 {
    match term {
        Term::AtOnce => 0,
        Term::Hours(n) => n.into(),
        Term::CalendarDays(n) => u64::from(n) * 24,
        Term::WorkingDays(n) => u64::from(n) * 34,
        Term::Weeks(n) => u64::from(n) * 168,
        Term::Months(n) => u64::from(n) * 730,
        Term::Years(n) => u64::from(n) * 8760,
    }
}
