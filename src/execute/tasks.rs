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
    let mut open = Vec::new();
    tx.for_each_open_duty(context.controller.as_deref(), |case, duty| {
        if duty.what.task == task {
            open.push((case.number, duty.step));
        }
        Ok(())
    })?;
    for (number, step) in open {
        let event = CaseEvent::Done { step, evidence: Remark::kept(&format!("case {by}")) };
        cases::advance(tx, context.by(), rules, &number, &event)?;
    }
    Ok(())
}
