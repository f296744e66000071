//! Steps that touch no record: purposes to suppress, and what only a person can do.

use chrono::NaiveDate;

use super::{draft::Draft, reasons};
use crate::{
    domain::{Action, Purpose, Reason, Right, Step, SubjectFacts, facts::CaseSummary},
    policy::Rulebook,
};

/// One step a purpose.
pub(super) fn suppress(draft: &mut Draft<'_>, fresh: &[Purpose], why: &Reason) {
    for purpose in fresh {
        let step = Step::new(Action::Suppress, "suppression", why.clone());
        draft.step(Step { about: vec![purpose.to_string()], ..step });
    }
}

/// Something a person has to do.
pub(super) fn manual(task: &str, why: Reason) -> Step {
    Step { about: vec![task.to_owned()], ..Step::new(Action::Manual, "", why) }
}

/// Answers owed to the person about data that goes: they are given first.
pub(super) fn owed(facts: &SubjectFacts, rulebook: &Rulebook, today: NaiveDate) -> Vec<Step> {
    let asks = |right: Right| matches!(right, Right::Access | Right::Export);
    let undone = |state: &str| matches!(state, "received" | "verified");
    let open = facts.cases.iter().filter(|case| asks(case.right) && undone(&case.state));
    let step = |case: &CaseSummary| {
        let task = format!("answer case {} first: what it asks for will be gone", case.number);
        manual(&task, reasons::granted(rulebook, case.right, today))
    };
    open.map(step).collect()
}
