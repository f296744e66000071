//! Since when something can have been told: nobody answers with what was not done yet, nor tells a recipient of what was
//! not decided.

use crate::domain::{CaseEvent, CaseState, Moment, NewDuty};

/// Since when a case can have been answered: what it tells was first carried out then, for who is recognised now, or
/// its refusal was signed. `None` = nothing was.
pub fn answerable<'e>(events: impl IntoIterator<Item = (Moment, &'e CaseEvent)>) -> Option<Moment> {
    let (mut state, mut since, mut put_off) = (CaseState::Received, None, false);
    for (at, event) in events {
        state = state.apply(event).unwrap_or(state);
        put_off = !matches!(event, CaseEvent::Reopened { .. }) && (put_off || !event.waits().is_empty());
        since = match event {
            // What waited by hand is told after it was done.
            CaseEvent::Done { .. } if put_off => Some(at),
            CaseEvent::Refused { .. } => Some(at),
            CaseEvent::Executed { .. } if !event.is_before_identity() => since.or(Some(at)),
            _ if matches!(state, CaseState::Received | CaseState::Verified) => None,
            _ => since,
        };
    }
    since
}

/// Since when a duty can have been done: the decision of what it is about now.
pub fn owed<'e>(duty: &NewDuty, events: impl IntoIterator<Item = (Moment, &'e CaseEvent)>) -> Option<Moment> {
    let (mut since, mut anew) = (None, true);
    for (at, event) in events {
        anew |= event.begins_anew();
        if let CaseEvent::Decided { duties, .. } = event
            && anew
            && duties.iter().any(|set| set.is_same(duty))
        {
            (since, anew) = (Some(at), false);
        }
    }
    since
}

/// Whether the clock of a duty's own round was stopped or given more time: then the duty is due when the answer is, and
/// no sooner. One that was set before the case was opened again keeps its day.
pub fn moves_with_answer<'e>(
    duty: &NewDuty,
    events: impl Iterator<Item = (Moment, &'e CaseEvent)> + Clone,
) -> bool {
    let round = events.clone().filter(|(_, event)| matches!(event, CaseEvent::Reopened { .. })).last();
    let opened = round.map(|(at, _)| at);
    let moves = events
        .clone()
        .filter(|(at, _)| opened.is_none_or(|opened| *at >= opened))
        .any(|(_, event)| matches!(event, CaseEvent::Asked { .. } | CaseEvent::Extended { .. }));
    moves && owed(duty, events).is_some_and(|set| opened.is_none_or(|opened| set >= opened))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Decision, DutyKind, IdentityMethod, Pause};

    const REOPENED: CaseEvent = CaseEvent::Reopened { since: None, why: None };

    fn executed(waiting: bool) -> CaseEvent {
        CaseEvent::Executed { command: "access".into(), waiting, ask: None, outcome: None }
    }

    fn verified() -> CaseEvent {
        CaseEvent::Verified { method: IdentityMethod::Document }
    }

    fn refused() -> CaseEvent {
        CaseEvent::Refused { ground: "RF-OBLIG".into(), facts: None }
    }

    fn bank() -> NewDuty {
        NewDuty { kind: DutyKind::Tell, place: "Bank".into(), task: "told".into(), due: None }
    }

    fn decided(anew: bool, duties: Vec<NewDuty>) -> CaseEvent {
        CaseEvent::Decided { decision: Decision::Grant, duties, anew }
    }

    /// Each event a second after the one before it.
    fn timed(events: &[CaseEvent]) -> impl Iterator<Item = (Moment, &CaseEvent)> {
        events.iter().enumerate().map(|(nth, event)| (Moment::from_unix(nth as i64), event))
    }

    #[test]
    fn what_was_not_done_yet_was_not_answered() {
        for (about, events, expected) in [
            ("nothing yet", vec![verified()], None),
            ("carried out", vec![verified(), executed(false)], Some(1)),
            ("looked at again later", vec![verified(), executed(false), executed(false)], Some(1)),
            (
                "a draft before somebody was recognised",
                vec![executed(false), verified(), executed(false)],
                Some(2),
            ),
            ("identity for the rest", vec![executed(true), verified()], Some(0)),
            ("a refusal", vec![executed(true), refused()], Some(1)),
            ("opened again", vec![executed(true), REOPENED, executed(false)], Some(2)),
            ("opened again and not done", vec![executed(true), REOPENED], None),
        ] {
            assert_eq!(answerable(timed(&events)).map(Moment::unix), expected, "{about}");
        }
    }

    #[test]
    fn a_duty_moves_with_the_clock_of_its_round() {
        let asked = || CaseEvent::Asked { what: Pause::Clarification };
        let first = || decided(false, vec![bank()]);
        for (about, events, expected) in [
            ("nothing was asked", vec![first()], false),
            ("asked after it was set", vec![first(), asked()], true),
            ("asked before", vec![asked(), first()], true),
            ("asked in the round before", vec![asked(), first(), REOPENED, first()], false),
            ("set in the round before", vec![first(), REOPENED, asked()], false),
            ("both in the last round", vec![first(), REOPENED, first(), asked()], true),
        ] {
            let timed = events.iter().enumerate().map(|(nth, event)| (Moment::from_unix(nth as i64), event));
            assert_eq!(moves_with_answer(&bank(), timed), expected, "{about}");
        }
    }

    #[test]
    fn nobody_was_told_of_what_was_not_decided() {
        let (first, again) = (|| decided(false, vec![bank()]), || decided(true, vec![bank()]));
        for (about, events, expected) in [
            ("never decided", vec![decided(false, Vec::new())], None),
            ("decided", vec![verified(), first()], Some(1)),
            ("decided twice about the same", vec![first(), first()], Some(0)),
            ("about another thing", vec![first(), again()], Some(1)),
            ("opened again", vec![first(), REOPENED, first()], Some(2)),
            ("opened again, not decided", vec![first(), REOPENED], Some(0)),
        ] {
            assert_eq!(owed(&bank(), timed(&events)).map(Moment::unix), expected, "{about}");
        }
    }
}
