//! One event further, with the dates that follow from it.

use crate::{
    calendar::Calendar,
    decide::timeline::waits_for,
    domain::{CaseEvent, CaseNumber, CaseState, Moment, Result},
    execute::timing::timed,
    policy::Rulebook,
    store::{CaseFile, Tx},
};

/// One event further, with every date that follows from it.
///
/// # Errors
/// Not found (exit 3); usage (exit 2) for a move that its state does not allow.
pub fn advance(
    tx: &Tx<'_>,
    (now, by): (Moment, &str),
    rules: (&Rulebook, &Calendar),
    number: &CaseNumber,
    event: &CaseEvent,
) -> Result<CaseFile> {
    let stood = event.ends() && {
        let history = tx.case_history(number)?;
        !waits_for(history.iter().map(|entry| &entry.event)).is_empty()
    };
    let before = tx.case(number)?.state;
    let file = tx.move_case(number, event, now, by)?;
    // What waited is done: where an answer told of it, the next one is due anew.
    let goes_on = (before, file.state) == (CaseState::Waiting, CaseState::Executed);
    let moves_dates = stood
        || goes_on
        || matches!(
            event,
            CaseEvent::Received { .. }
                | CaseEvent::Verified { .. }
                | CaseEvent::Unverified { .. }
                | CaseEvent::Documented { .. }
                | CaseEvent::Asked { .. }
                | CaseEvent::Clarified
                | CaseEvent::Extended { .. }
                | CaseEvent::Reopened { .. }
        );
    if !moves_dates {
        return Ok(file);
    }
    let timed = timed(&file, &tx.case_history(number)?, rules, now)?;
    tx.retime_case(number, &timed.deadline)?;
    tx.case(number)
}
