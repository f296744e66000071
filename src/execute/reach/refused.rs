//! A correction that a database refuses for what it is: tried again it is refused again, so people do it.
//!
//! INVARIANT: the new value is in no step by hand; whoever does it takes it from the document.

use std::collections::{BTreeMap, BTreeSet};

use super::{Intent, Told};
use crate::{
    audit::State,
    domain::{CaseEvent, CaseNumber, Decision, DutyKind, Error, NewDuty, Result, Right},
    execute::context::{Context, Said},
    store::{Store, Tx, remote::RemoteStep},
};

/// Gives a step to people, where it corrects and the database refuses the value itself. `false`: it stays written down,
/// to be tried again.
///
/// # Errors
/// As any write.
pub(super) fn given(
    store: &mut Store,
    context: &Context,
    case: &CaseNumber,
    (step, intent): (&RemoteStep, &Intent),
    error: &Error,
) -> Result<bool> {
    let Some(why) = error.lasts() else { return Ok(false) };
    store.transact(|tx| {
        let kept = tx.remote_case(case)?;
        let Some((mut told, stays)) = kept.map(|kept| Told::read(&kept)).transpose()? else {
            return Ok(false);
        };
        if tx.case(case)?.right != Right::Rectify || told.destroys {
            return Ok(false);
        }
        let ends = || intent.rows.iter().flat_map(|line| line.ends.iter().flatten());
        ends().for_each(|category| told.gone.take(category));
        let categories: BTreeSet<&str> = ends().map(String::as_str).collect();
        let words = categories.into_iter().collect::<Vec<_>>().join(", ");
        let (place, columns) = (&step.collection, intent.columns.join(", "));
        owe(
            tx,
            context,
            case,
            (step, format!("rectify: {words} in {place}: the database refuses the new value of {columns}, {why}: have people do it")),
        )?;
        tx.remote_given(step.id, case, &told.kept(&stays)?)?;
        let counts = BTreeMap::from([(format!("by_hand.{}", step.system), step.rows)]);
        let subject = tx.case(case)?.subject;
        let said = Said { case: Some(case.clone()), subject, counts, ..Said::default() };
        context.log(tx, "elsewhere", State::InPart, said).map(|_| true)
    })
}

/// One duty more of the decision that the case stands by.
fn owe(tx: &Tx<'_>, context: &Context, case: &CaseNumber, (step, task): (&RemoteStep, String)) -> Result<()> {
    let (place, due) = (step.system.clone(), tx.case(case)?.due);
    let duties = vec![NewDuty { kind: DutyKind::Manual, place, task, due }];
    let event = CaseEvent::Decided { decision: Decision::Partial, duties, anew: false };
    tx.move_case(case, &event, context.now, context.actor.name()).map(drop)
}
