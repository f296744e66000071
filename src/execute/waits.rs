//! What a case waits for, as rows of the store: with their end it opens again.

use std::collections::BTreeSet;

use crate::{
    decide::by_hand,
    domain::{Block, Kind, Plan, Result, SubjectFacts, plan::Waiting},
    policy::Rulebook,
    store::{CaseFile, Tx, View, effect::Wait},
};

/// The rows that the parts put off by a plan wait for.
///
/// # Errors
/// As any read: a part whose row was not found would never be taken up again.
pub fn rows(view: &View<'_>, facts: &SubjectFacts, plan: &Plan) -> Result<Vec<Wait>> {
    let mut rows = BTreeSet::new();
    for wait in &plan.waits {
        rows.extend(row(view, facts, &wait.on)?);
    }
    Ok(rows.into_iter().collect())
}

/// The rows of the person's obligations that are open.
///
/// # Errors
/// As any read.
pub fn open_deals(view: &View<'_>, case: &CaseFile) -> Result<Vec<i64>> {
    let Some(subject) = case.subject else { return Ok(Vec::new()) };
    match view.facts(&case.controller, subject) {
        Ok(facts) => Ok(facts.open_obligations().map(|deal| deal.id).collect()),
        Err(error) if error.kind() == Kind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The obligation, by its reference, that an open step by hand was set before and that needs something of what the step
/// destroys, and which categories such deals need: its verdict is older than the deal.
///
/// # Errors
/// As any read.
pub fn deal_since(
    view: &View<'_>,
    case: &CaseFile,
    rulebook: &Rulebook,
    step: u32,
) -> Result<Option<(String, Vec<String>)>> {
    let duties = view.duties(&case.number)?;
    let open = duties.iter().find(|duty| duty.step == step && duty.bars());
    let (Some(duty), Some(subject)) = (open, case.subject) else { return Ok(None) };
    match view.facts(&case.controller, subject) {
        Ok(facts) => {
            let deal = by_hand::deal_since(&duty.what.task, &facts, rulebook);
            Ok(deal.map(|(deal, needed)| (deal.reference.clone(), needed)))
        }
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What was refused for an open obligation is considered again when that ends: the case goes on waiting for those it
/// waited for, or for each that is open where it was refused before anything was decided.
///
/// # Errors
/// As any write.
pub fn for_deals(tx: &Tx<'_>, case: &CaseFile) -> Result<()> {
    let open = open_deals(tx, case)?;
    let waited = tx.waits(&case.number)?;
    let waited: Vec<i64> =
        open.iter().copied().filter(|id| waited.contains(&Wait::Obligation(*id))).collect();
    let deals = if waited.is_empty() { open } else { waited };
    let deals: Vec<Wait> = deals.into_iter().map(Wait::Obligation).collect();
    tx.wait_for(&case.number, &deals)
}

fn row(view: &View<'_>, facts: &SubjectFacts, on: &Waiting) -> Result<Option<Wait>> {
    Ok(match on {
        Waiting::Obligation(reference) => {
            let found = facts.obligations.iter().find(|obligation| obligation.reference == *reference);
            // The end of a deal of another system is not seen here: the officer resumes the case.
            found.filter(|deal| deal.id > 0).map(|obligation| Wait::Obligation(obligation.id))
        }
        Waiting::Block(case) | Waiting::Correction(case) => {
            let of_case = |block: &&Block| block.case == *case;
            match facts.blocks.iter().find(of_case) {
                Some(block) => Some(Wait::Block(block.id)),
                // Nobody has set it: the case that asks for it says yes or no, and then it is seen again.
                None => facts.asked_blocks.iter().find(of_case).map(|_| view.answer_of(case)).transpose()?,
            }
        }
        Waiting::Document => Some(Wait::Document),
        Waiting::Answer(case) => Some(view.answer_of(case)?),
        Waiting::Hold(number) => {
            facts.holds.iter().find(|hold| hold.number == *number).map(|hold| Wait::Hold(hold.id))
        }
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        domain::{Decision, Moment, SubjectId, plan::Wait as PutOff},
        store::{CreateOptions, Mode, Store},
    };

    #[test]
    fn a_part_whose_row_is_not_found_is_not_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let (path, now) = (home.path().join("s.db"), Moment::parse("2026-11-22T10:00").unwrap());
        let options = CreateOptions { controller: None, drill_since: Some(now), store_id: [1; 16], now };
        Store::create(&path, &options).unwrap().leave();
        let mut store = Store::open(&path, Mode::ReadOnly, Duration::ZERO).unwrap();
        let facts = SubjectFacts::nobody("mycar", SubjectId::from_bytes([7; 16]));
        let mut rows_of = |on: Waiting| {
            let (keys, consents, statutory) = (Vec::new(), Vec::new(), None);
            let waits = vec![PutOff { on, keys, consents, reopens: String::new(), statutory }];
            let plan = Plan {
                decision: Decision::Partial,
                steps: Vec::new(),
                kept: Vec::new(),
                gaps: Vec::new(),
                waits,
            };
            store.read(|view| rows(view, &facts, &plan))
        };
        assert_eq!(rows_of(Waiting::Document).unwrap(), [Wait::Document]);
        let lost = rows_of(Waiting::Answer("2026-000009".parse().unwrap()));
        assert_eq!(lost.unwrap_err().kind(), Kind::NotFound);
    }
}
