//! What a case is owed where it was known who asks, or is not any more.

use super::{
    sending::refusing_by,
    show::{Seen, verifying},
};
use crate::{
    decide::{
        authority::{Authority, standing},
        by_hand::is_destruction,
        grounds,
        identity::{Identity, needs_identity},
        letters::Story,
    },
    domain::{CaseEvent, CaseState, Duty},
    execute::halts::Elsewhere,
    store::{CaseEntry, CaseFile},
};

/// What is open beside the next command while it is not known who asks: to confirm it, where no way named before does,
/// and to refuse what needs it.
pub(super) fn unrecognised(case: &CaseFile, seen: Seen<'_>, ways: &[String]) -> Vec<String> {
    use CaseState as S;
    let Seen { duties, elsewhere, .. } = seen;
    let owed = match case.state {
        S::Received | S::Verified => true,
        S::Executed | S::Waiting => {
            let owed = is_for_nobody_known(case, seen) || story(seen).is_owed_to_known(case.right);
            case.answered.is_none() && owed
        }
        _ => false,
    };
    let open = owed && *elsewhere == Elsewhere::Done && !duties.iter().any(Duty::bars);
    let recognised = is_recognised(case, seen);
    let refusable = grounds::untrue(grounds::IDENTITY, case.right, recognised, false).is_none();
    if !open || !refusable || !case.right.is_refusable() {
        return Vec::new();
    }
    let confirmed = ways.iter().any(|way| way.starts_with(&format!("dsr request verify {} ", case.number)));
    let verify = (!confirmed).then(|| verifying(&case.number, ""));
    verify.into_iter().chain([refusing_by(&case.number, grounds::IDENTITY)]).collect()
}

/// Whether it is known who asks, and that they may.
pub(super) fn is_recognised(case: &CaseFile, Seen { history, today, .. }: Seen<'_>) -> bool {
    let standing = standing(history.iter().map(|entry| &entry.event), today);
    let acting = case.representative.is_some() || matches!(standing, Authority::Ended(_));
    case.identity.is_some() && (!acting || standing == Authority::InForce)
}

/// Whether it was carried out for somebody who was recognised, and nobody has heard of it.
pub(super) fn is_done_for_known(case: &CaseFile, seen: Seen<'_>) -> bool {
    case.state == CaseState::Executed && story(seen).is_done_for_known(case.right)
}

/// Whether people are still to destroy, or a step that was taken back is to be ordered again, for somebody whose
/// confirmation was taken back since: first they are confirmed, or nothing more of it is done.
pub(super) fn is_for_nobody_known(case: &CaseFile, seen: Seen<'_>) -> bool {
    let known = |entry: &CaseEntry| matches!(entry.event, CaseEvent::Verified { .. });
    let fallen = case.identity.is_none() && seen.history.iter().any(known);
    if !fallen || case.state != CaseState::Executed || needs_identity(case.right) != Identity::Needed {
        return false;
    }
    let left = seen.duties.iter().any(|duty| duty.bars() && is_destruction(duty));
    let story = story(seen);
    left || !story.recalled.is_empty() && story.refused.is_none()
}

pub(super) fn story(Seen { history, duties, .. }: Seen<'_>) -> Story {
    Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event))).told_by(duties)
}
