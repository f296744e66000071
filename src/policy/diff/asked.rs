//! What is asked of people first, and on what they are refused: more of it is less of a right.

use super::way::{self, Way};
use crate::policy::{
    body::{Body, Condition, Ground, Needs},
    model::Rule,
    until::Length,
    vocabulary::RefusalEffect,
};

/// Conditions and grounds of refusal of two versions of a rule.
pub(super) fn way(old: Option<&Rule>, new: Option<&Rule>) -> Way {
    let condition = |rule: Option<&Rule>| match rule.map(|rule| &rule.body) {
        Some(Body::Condition(condition)) => Some(condition.clone()),
        _ => None,
    };
    let ground = |rule: Option<&Rule>| match rule.map(|rule| &rule.body) {
        Some(Body::Refusal(ground)) => Some(ground.clone()),
        _ => None,
    };
    let asked = demanded(condition(old), condition(new));
    way::all(&[asked, refused(ground(old), ground(new))])
}

fn demanded(was: Option<Condition>, now: Option<Condition>) -> Way {
    match (was, now) {
        (Some(Condition::OpenObligation(was)), Some(Condition::OpenObligation(now))) => deals(&was, &now),
        (Some(Condition::Age(was)), Some(Condition::Age(now))) => way::falling(was, now),
        // One condition for another: nobody knows whom it stops.
        (Some(was), Some(now)) => way::falling(false, was != now),
        (was, now) => way::falling(was.is_some(), now.is_some()),
    }
}

/// What open deals keep, each by its type, and for how long nobody asks whether they are open still.
fn deals(was: &[Needs], now: &[Needs]) -> Way {
    let needed = |all: &[Needs]| -> Vec<_> {
        let each =
            |needs: &Needs| needs.categories.iter().map(|one| (needs.kind, one.clone())).collect::<Vec<_>>();
        all.iter().flat_map(each).collect()
    };
    let quiet = |needs: &Needs| needs.usual.map_or(u64::MAX, Length::rough_days);
    let mut ways = vec![way::narrower(&needed(was), &needed(now))];
    for needs in now {
        let before = was.iter().find(|old| old.kind == needs.kind);
        ways.extend(before.map(|before| way::falling(quiet(before), quiet(needs))));
    }
    way::all(&ways)
}

fn refused(was: Option<Ground>, now: Option<Ground>) -> Way {
    match (was, now) {
        (Some(was), Some(now)) => {
            let effect = way::falling(hardness(was.effect), hardness(now.effect));
            let effect = if was.effect == now.effect || effect != Way::Same { effect } else { Way::Less };
            way::all(&[way::narrower(&was.rights, &now.rights), effect])
        }
        (was, now) => way::falling(was.is_some(), now.is_some()),
    }
}

/// How much of what was asked a ground leaves undone.
fn hardness(effect: RefusalEffect) -> u8 {
    match effect {
        RefusalEffect::Redact => 0,
        RefusalEffect::Restrict => 1,
        RefusalEffect::Keep => 2,
        RefusalEffect::Unblock => 3,
        RefusalEffect::Refuse => 4,
        RefusalEffect::Outside => 5,
    }
}
