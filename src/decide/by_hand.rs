//! Steps that touch no record: purposes to suppress, and what only a person can do.

pub mod halted;

use super::{draft::Draft, reasons, retention};
use crate::{
    domain::{
        Action, CaseEvent, CaseNumber, Category, Duty, DutyKind, LetterKind, Obligation, Purpose, Reason,
        Right, Step, SubjectFacts, facts::CaseSummary, quoted,
    },
    policy::Rulebook,
};

/// The task of a withdrawal: what lets new data in.
pub const STOP_COLLECTION: &str = "stop collection: forms, trackers and feeds of partners";
/// The task of a withdrawn consent to publication.
pub const REMOVE_PUBLIC: &str = "remove the data from public sources";
/// The task of a block.
pub const STOP_USE: &str = "stop use, mailing and disclosure where no data map reaches";

/// How the task begins to destroy in a place.
pub const DESTROY: &str = "destroy";
/// The same where a law may keep papers of which no record says when they end.
pub const SORT_FOR_LAW: &str = "look for papers that a law keeps and destroy the others:";
/// The same where an open deal may need some of it.
pub const SORT_FOR_DEAL: &str = "keep what an open deal needs and destroy the others:";
/// How the task begins to seek somebody of whom nothing is held here, and to destroy.
pub(super) const SEEK_AND_DESTROY: &str = "look the person up and destroy what no law keeps";
/// The same where some categories were asked for.
pub(super) const SEEK_AND_DESTROY_OF: &str = "look the person up and destroy what no law keeps:";
/// How the task begins to seek them and to stop purposes; an older version named none.
const SEEK_AND_STOP: &str = "look the person up and stop the purposes";
/// The same with their names.
pub(super) const SEEK_AND_STOP_OF: &str = "look the person up and stop the purposes:";
/// How the task begins to keep in a place what the law alone keeps here.
pub const KEEP_FOR_LAW: &str = "keep for the law alone, out of use:";

/// How the task begins to correct in a place.
pub const CORRECT: &str = "correct";
/// The same of a document, which is not rewritten.
pub const NOTE: &str = "add a note on";

/// Whether a letter would tell as done what this task is still about.
pub fn is_told_by(kind: LetterKind, task: &str) -> bool {
    match kind {
        LetterKind::Withdrawal | LetterKind::Partial => matches!(task, STOP_COLLECTION | REMOVE_PUBLIC),
        LetterKind::Block => task == STOP_USE,
        _ => false,
    }
}

/// How the task begins to look into a system that a search could not go through.
const NOT_SEARCHED: &str = "not searched by ";

/// Whether a task is to look whether anything lies in a place: its end says what came of it.
pub fn is_look_up(task: &str) -> bool {
    // Rows that nobody could call theirs are counted first where their system is the place of the step.
    let rows = task.ends_with(": assign by hand") && task.starts_with(|c: char| c.is_ascii_digit());
    rows || ["look the person up ", "look up ", NOT_SEARCHED].iter().any(|start| task.starts_with(start))
}

/// Whether a task is to look through papers for those that have to stay.
pub fn is_sorting(task: &str) -> bool {
    [SORT_FOR_LAW, SORT_FOR_DEAL].iter().any(|start| task.starts_with(start))
}

/// Whether the end of a task says what came of it, since a letter tells that.
pub fn says_what_came(task: &str) -> bool {
    is_look_up(task) || is_sorting(task)
}

/// The word of what came of a step that says so: of a look-up whether anybody was found, of an order whether anything of
/// it had to stay.
pub fn came(task: Option<&str>, found: bool) -> &'static str {
    match (task.is_some_and(|task| destroys(task) && !is_look_up(task)), found) {
        (false, true) => "found",
        (false, false) => "nothing",
        (true, true) => "stays",
        (true, false) => "gone",
    }
}

/// Whether a task orders data to be destroyed.
pub fn destroys(task: &str) -> bool {
    halted::ordered(task).is_some()
}

/// Whether a step is one that destroys in a place that people keep: ordered, or done. Whoever looked for somebody and
/// found nothing destroyed nothing.
pub fn is_destruction(duty: &Duty) -> bool {
    let nothing = seeks_somebody(&duty.what.task) && duty.found == Some(false);
    duty.what.kind == DutyKind::Manual && destroys(&duty.what.task) && !nothing
}

/// The purposes that end where somebody is looked up.
pub fn ends(task: &str) -> Vec<&str> {
    let rest = task.strip_prefix(SEEK_AND_STOP).and_then(|rest| rest.strip_prefix(": "));
    let words = rest.and_then(|rest| rest.split(" (").next()).unwrap_or_default();
    words.split(", ").filter(|word| !word.is_empty()).collect()
}

/// Whether a task seeks somebody of whom nothing is held here: there may be nothing to destroy.
pub fn seeks_somebody(task: &str) -> bool {
    task.starts_with(SEEK_AND_DESTROY)
}

/// The open deal that needs something of what a task destroys in one piece, and the categories that deals need. It came
/// after the task was set: what was needed then was ordered to be sorted.
pub fn deal_since<'f>(
    task: &str,
    facts: &'f SubjectFacts,
    rulebook: &Rulebook,
) -> Option<(&'f Obligation, Vec<String>)> {
    let list = task.strip_prefix(DESTROY)?.strip_prefix(' ')?.split(" (").next()?;
    let deal = |word: &&str| retention::listed_obligation(&Category::new(word), facts, rulebook);
    let first = list.split(", ").find_map(|word| deal(&word))?;
    Some((first, list.split(", ").filter(|word| deal(word).is_some()).map(str::to_owned).collect()))
}

/// The command that closes a duty; of one that waits the one that shows for what.
pub fn closing(case: &str, duty: &Duty) -> String {
    if let Some(halt) = &duty.waits {
        return halt.seen_by();
    }
    match duty.what.kind {
        DutyKind::Tell => format!("dsr request told {case} --recipient {} --at T", quoted(&duty.what.place)),
        DutyKind::Manual | DutyKind::Task => {
            let says = duty.sorts || says_what_came(&duty.what.task);
            let found = if says { " --found|--nothing" } else { "" };
            format!("dsr request done {case} --step {}{found} --evidence TEXT", duty.step)
        }
    }
}

/// How an open step stops barring a case. What is refused or cancelled needs no step that nobody did.
pub fn ended_by(case: &str, duty: &Duty, event: &CaseEvent) -> String {
    let close = closing(case, duty);
    match event {
        CaseEvent::Answered { .. } => format!("close it: {close}"),
        _ => {
            format!("close it: {close}; or take it back where nobody did it: {}", recalling(case, duty.step))
        }
    }
}

/// The command that takes a step back which nobody did.
pub fn recalling(case: &str, step: u32) -> String {
    format!("dsr request done {case} --step {step} --recall WHY --signed-by NAME")
}

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

/// The task to answer a case before what it asks for is gone; done once it is answered.
pub fn answer_first(case: &CaseNumber) -> String {
    format!("answer case {case} first: what it asks for will be gone")
}

/// The task of a complaint: the data it is about is blocked from its receipt, before anything is checked.
pub fn block_first(case: &CaseNumber) -> String {
    format!("block the data that case {case} complains of")
}

/// Whether a task is that of a complaint.
pub fn is_block_first(task: &str) -> bool {
    task.starts_with("block the data that case ")
}

/// The task to go on with a case; done once it was carried out again.
pub fn resume(case: &CaseNumber) -> String {
    format!("resume case {case}, which may have waited")
}

/// Answers owed to the person about data that goes: they are given first.
pub(super) fn owed(facts: &SubjectFacts, rulebook: &Rulebook) -> Vec<Step> {
    let asks = |right: Right| matches!(right, Right::Access | Right::Export);
    let undone = |state: &str| matches!(state, "received" | "verified");
    let open = facts.cases.iter().filter(|case| asks(case.right) && undone(&case.state));
    let step = |case: &CaseSummary| {
        manual(&answer_first(&case.number), reasons::granted(rulebook, case.right, case.received.day()))
    };
    open.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_is_known_by_its_words() {
        for (task, looks) in [
            ("look the person up and stop the purposes (Archive)", true),
            ("look up contract and add it to the answer (Archive)", true),
            ("not searched by phone: look there by a number of the person", true),
            ("2 rows of call carry another person's number: assign by hand", true),
            ("crm: 2 rows of call carry another person's number: assign by hand", false),
            ("look for papers that a law keeps and destroy the others: contract (Archive)", false),
            (STOP_USE, false),
        ] {
            assert_eq!(is_look_up(task), looks, "{task}");
        }
    }
}
