//! What a decision leaves in the case beside its outcome: what people have to do about it, and blocks.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    act::{Decided, Request},
    context::Context,
    order::Order,
    reach::void,
    tasks,
};
use crate::{
    calendar::Calendar,
    decide::{by_hand::block_first, by_place::ends_with_block},
    domain::{
        Action, Block, CaseEvent, CaseNumber, Category, Decision, DutyKind, NewDuty, Plan, Reason, Remark,
        Result, Right, Step, SubjectFacts,
    },
    policy::Rulebook,
    store::{CaseFile, Tx, destroy::KeptLine},
};

/// The event of a decision. The duties are due when the answer is. `before`: what was asked last in the case; a
/// correction that corrects anything is another one every time, since its values are kept nowhere.
pub fn decided(plan: &Plan, case: &CaseFile, order: &Order, before: Option<&str>) -> CaseEvent {
    let duties = plan.steps.iter().filter_map(|step| duty(step, case)).collect();
    let corrects = |step: &Step| matches!(step.action, Action::Rectify | Action::Annotate | Action::Manual);
    let anew = match order {
        Order::Rectify { .. } => plan.steps.iter().any(corrects),
        other => before.is_some_and(|before| other.kept().as_deref() != Some(before)),
    };
    CaseEvent::Decided { decision: plan.decision, duties, anew }
}

/// What an answer of access or a copy owes: its steps by hand.
pub fn owed(steps: &[Step], case: &CaseFile) -> Option<CaseEvent> {
    let duties: Vec<NewDuty> = steps.iter().filter_map(|step| duty(step, case)).collect();
    let decision = crate::domain::Decision::Grant;
    (!duties.is_empty()).then_some(CaseEvent::Decided { decision, duties, anew: false })
}

/// A system or a recipient by name; a task of people belongs to no place.
pub(super) fn duty(step: &Step, case: &CaseFile) -> Option<NewDuty> {
    let due = case.due;
    let first = || step.about.first().cloned().unwrap_or_default();
    Some(match step.action {
        Action::Manual if step.system == crate::store::facts::OWN => {
            NewDuty { kind: DutyKind::Task, place: String::new(), task: first(), due }
        }
        Action::Manual => {
            let until = step.until.map(|day| format!(" until {day}")).unwrap_or_default();
            let task = format!("{}{until}", first());
            NewDuty { kind: DutyKind::Manual, place: step.system.clone(), task, due }
        }
        Action::Notify => NewDuty { kind: DutyKind::Tell, place: first(), task: step.why.says.clone(), due },
        _ => return None,
    })
}

/// What stays, as an act of destruction lists it.
pub fn kept(plan: &Plan) -> Vec<KeptLine> {
    let archived = plan.steps.iter().filter(|step| step.action == Action::Archive);
    let archived =
        archived.filter_map(|step| Some((step.category.as_ref()?, step.keys.len(), step.until, &step.why)));
    let counted = plan.kept.iter().filter(|kept| !kept.keys.is_empty());
    let kept = counted.map(|kept| (&kept.category, kept.keys.len(), kept.until, &kept.why));
    let line =
        |(category, count, until, why): (&Category, usize, Option<chrono::NaiveDate>, &Reason)| KeptLine {
            category: category.to_string(),
            count: count as u64,
            rule: why.rule.clone(),
            until: until.map(|day| day.to_string()),
        };
    archived.chain(kept).map(line).collect()
}

/// A block begins in its own case and ends in it, whichever case brought the finding.
///
/// # Errors
/// As any write.
pub fn blocks(
    tx: &Tx<'_>,
    context: &Context,
    request: &Request<'_>,
    decided: &Decided,
    case: &CaseFile,
) -> Result<()> {
    let actor = context.actor.name();
    let steps = |action: Action| decided.plan.steps.iter().filter(move |step| step.action == action);
    let mut blocks = steps(Action::Block).peekable();
    if let Some(first) = blocks.peek() {
        let since = first.since.unwrap_or(context.now);
        let categories = blocks.filter_map(|step| step.category.as_ref().map(ToString::to_string)).collect();
        tx.move_case(&case.number, &CaseEvent::Blocked { since, categories }, context.now, actor)?;
    }
    let Order::Lift { finding, .. } = request.order else { return Ok(()) };
    let lifted: Vec<i64> = steps(Action::Unblock).flat_map(|step| &step.keys).map(|key| key.id).collect();
    let blocks = decided.facts.iter().flat_map(|facts| &facts.blocks);
    for block in blocks.filter(|block| lifted.contains(&block.id)) {
        // Also where the block was answered long ago: no letter of that case says any more that it stands.
        let event = CaseEvent::Unblocked { finding: finding.clone() };
        tx.move_case(&block.case, &event, context.now, actor)?;
    }
    let facts = decided.facts.iter();
    let (over, stands): (Vec<&Block>, Vec<&Block>) =
        facts.flat_map(|facts| &facts.blocks).partition(|block| lifted.contains(&block.id));
    let over: BTreeSet<&CaseNumber> = over.iter().map(|block| &block.case).collect();
    let stands = |number: &&CaseNumber| stands.iter().any(|block| block.case == **number);
    over.into_iter().filter(|number| !stands(number)).try_for_each(|number| ended(tx, context, number, case))
}

/// Nobody has to stop the use of what may be used again, and no system is told any more to stop it.
fn ended(tx: &Tx<'_>, context: &Context, number: &CaseNumber, by: &CaseFile) -> Result<()> {
    void::case(tx, context, number)?;
    for duty in tx.duties(number)?.iter().filter(|duty| duty.is_open() && ends_with_block(&duty.what.task)) {
        let evidence = Remark::kept(&format!("the check ended: case {}", by.number));
        let event = CaseEvent::Done { step: duty.step, evidence, found: None, part: None };
        tx.move_case(number, &event, context.now, context.actor.name())?;
    }
    Ok(())
}

/// A complaint asks for its block: it is done as soon as the data is blocked, whoever asked for that.
///
/// # Errors
/// As any write.
pub fn blocked_first(
    tx: &Tx<'_>,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    decided: &Decided,
    case: &CaseFile,
) -> Result<()> {
    let blocks = decided.plan.steps.iter().any(|step| step.action == Action::Block);
    let complaints = decided.facts.iter().flat_map(|facts| &facts.cases);
    complaints
        .filter(|one| blocks && one.right == Right::Complaint)
        .try_for_each(|one| tasks::close(tx, context, rules, &block_first(&one.number), &case.number))
}

/// What a complaint owes from its receipt where it names somebody of whom nothing is blocked: the block.
pub fn complained(case: &CaseFile, facts: &SubjectFacts, due: Option<NaiveDate>) -> Option<CaseEvent> {
    let wanted = case.right == Right::Complaint && !facts.records.is_empty() && facts.blocks.is_empty();
    wanted.then(|| CaseEvent::Decided {
        decision: Decision::Partial,
        duties: vec![NewDuty {
            kind: DutyKind::Task,
            place: String::new(),
            task: block_first(&case.number),
            due,
        }],
        anew: false,
    })
}
