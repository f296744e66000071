//! Who acts for the person, as the next command names it.

use crate::domain::CaseNumber;

/// What confirms somebody who acts for the person and whose authority nobody has checked.
pub(super) const KIND: &str = " --acting-as KIND";

/// The command that takes an authority in force in the place of one that has ended.
pub(super) fn anew(number: &CaseNumber) -> String {
    format!("dsr request verify {number}{KIND} --expires DAY")
}

/// The way out where no authority comes, beside the command that takes one: the person goes on alone.
pub(super) fn alone(number: &CaseNumber, next: Option<&String>) -> Option<String> {
    let asked = next.is_some_and(|next| next.contains(KIND));
    asked.then(|| format!("dsr request verify {number} --identity METHOD --acting-as self"))
}

/// The way out of what was done in the name of somebody whose authority has ended since, where nobody comes: it is recorded
/// that they have none, and the person alone is told.
pub(super) fn lost(number: &CaseNumber, next: Option<&String>) -> Option<String> {
    let ended = next.is_some_and(|next| *next == anew(number));
    ended.then(|| format!("dsr request verify {number}{KIND} --failed TEXT"))
}
