//! Tasks of one case that another case fulfils: nobody has to tick off what the register knows.

use super::{cases, context::Context};
use crate::{
    calendar::Calendar,
    domain::{CaseEvent, CaseNumber, Remark, Result},
    policy::Rulebook,
    store::Tx,
};

/// Closes a task that other cases owe, now that a case did what it asks for.
///
/// # Errors
/// As any write.
pub fn close(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    task: &str,
    by: &CaseNumber,
) -> Result<()> {
    for (number, step) in tx.open_tasks(task)? {
        let event =
            CaseEvent::Done { step, evidence: Remark::kept(&format!("case {by}")), found: None, part: None };
        cases::advance(tx, context.by(), rules, &number, &event)?;
    }
    Ok(())
}
