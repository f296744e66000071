//! What stays in a place because something came after it was ordered to be destroyed: why, and until when if that is
//! known, as a letter tells it.

use chrono::NaiveDate;

use crate::{
    decide::{
        draft::Request,
        guard::{self, Guard},
        stay::Stay,
    },
    domain::{Action, CaseNumber, Category, Duty, Right, SubjectFacts, outcome::Line},
    policy::Rulebook,
};

/// One category in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOff {
    /// The place.
    pub place: String,
    /// What stays there and by which rule; without a category: whatever is found.
    pub line: Line,
}

/// What the steps that wait leave undone. `ends`: when the checks are due, by their cases.
pub fn of(
    duties: &[Duty],
    facts: &SubjectFacts,
    rulebook: &Rulebook,
    right: Right,
    ends: &[(CaseNumber, NaiveDate)],
) -> Vec<PutOff> {
    let erases = matches!(right, Right::Erase | Right::Minor);
    let request = || if erases { Request::Erasure } else { Request::Withdrawal };
    let line = |place: &str, category: Option<&str>, guard: Guard<'_>| {
        let until = match &guard {
            Guard::Block(block) => ends.iter().find(|(case, _)| *case == block.case).map(|(_, day)| *day),
            _ => None,
        };
        let stay = Stay::of(guard, request(), rulebook, until)?;
        let (category, until) = (category.map(str::to_owned), stay.until.map(|day| day.to_string()));
        let line = Line { category, until, ..Line::new(Action::Destroy, &stay.why) };
        Some(PutOff { place: place.to_owned(), line })
    };
    let mut all = Vec::new();
    for duty in duties.iter().filter(|duty| duty.is_halted()) {
        let place = duty.what.place.as_str();
        if duty.held.is_empty() {
            let block = facts.any_stop().map(Guard::Block);
            let any = block.or_else(|| facts.holds.first().map(Guard::Hold));
            all.extend(any.and_then(|guard| line(place, None, guard)));
        }
        for held in &duty.held {
            let guard = guard::of_category(&Category::new(&held.category), facts, rulebook);
            all.extend(line(place, Some(&held.category), guard));
        }
    }
    all
}
