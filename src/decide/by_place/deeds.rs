//! What people did with data in a place, read from the words of their step once it is done: a letter tells it in rows
//! like those of the store.

use std::collections::BTreeMap;

use crate::{
    decide::by_hand::{self, KEEP_FOR_LAW, SORT_FOR_DEAL, SORT_FOR_LAW},
    domain::Duty,
};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was destroyed.
    Destroyed,
    /// It stays, out of use, because a law says so.
    ByLaw,
    /// It stays for an open deal.
    ForDeal,
}

/// One category in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed<'d> {
    /// What became of it.
    pub fate: Fate,
    /// The place.
    pub place: &'d str,
    /// The category.
    pub category: &'d str,
    /// The step, by its words.
    pub task: &'d str,
    /// The last day it stays, as an ISO day, where the step names one.
    pub until: Option<&'d str>,
}

/// What was done, each category of a place once: as it was left last.
pub fn deeds(duties: &[Duty]) -> Vec<Deed<'_>> {
    let mut last = BTreeMap::new();
    for deed in duties.iter().filter(|duty| duty.is_done()).flat_map(of) {
        last.insert((deed.place, deed.category), deed);
    }
    last.into_values().collect()
}

/// What a step means for each category that it names, done or not.
pub fn of(duty: &Duty) -> Vec<Deed<'_>> {
    let (task, place) = (duty.what.task.as_str(), duty.what.place.as_str());
    let Some((fate, words, until)) = read(task) else { return Vec::new() };
    // Whoever sorted papers says whether any had to stay; where an older version did not ask, some may have.
    let fate = if by_hand::is_sorting(task) && duty.found == Some(false) { Fate::Destroyed } else { fate };
    // What was to go in one piece, of which a deal that came since keeps something.
    let fate = if fate == Fate::Destroyed && duty.found == Some(true) { Fate::ForDeal } else { fate };
    let deed = |category| Deed { fate, place, category, task, until };
    words.split(", ").map(deed).collect()
}

/// The fate that a step means, its categories, and the last day.
fn read(task: &str) -> Option<(Fate, &str, Option<&str>)> {
    if let Some((category, _)) = task.strip_prefix("destroy: ").and_then(|rest| rest.split_once(" in ")) {
        return Some((Fate::Destroyed, category, None));
    }
    let kinds = [
        (by_hand::DESTROY, Fate::Destroyed),
        (SORT_FOR_LAW, Fate::ByLaw),
        (SORT_FOR_DEAL, Fate::ForDeal),
        (KEEP_FOR_LAW, Fate::ByLaw),
    ];
    let (fate, rest) =
        kinds.iter().find_map(|(verb, fate)| Some((*fate, task.strip_prefix(verb)?.strip_prefix(' ')?)))?;
    let (words, owner) = rest.split_once(" (")?;
    Some((fate, words, owner.rsplit_once(") until ").map(|(_, day)| day)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DutyKind, Moment, NewDuty};

    fn duty(task: &str, found: Option<bool>) -> Duty {
        let what =
            NewDuty { kind: DutyKind::Manual, place: "paper".into(), task: task.to_owned(), due: None };
        Duty { done: Some(Moment::from_unix(1)), found, ..Duty::new(1, what) }
    }

    fn told(duties: &[Duty]) -> Vec<String> {
        let one =
            |deed: &Deed<'_>| format!("{:?} {} {}", deed.fate, deed.category, deed.until.unwrap_or("–"));
        deeds(duties).iter().map(one).collect()
    }

    #[test]
    fn a_step_that_is_done_says_what_became_of_the_data() {
        let papers = "look for papers that a law keeps and destroy the others: contract (Archive)";
        let deal = "keep what an open deal needs and destroy the others: contact (Room (12))";
        for (task, found, said) in [
            (
                "destroy contact, identity_document (Archive, room 12)",
                None,
                "Destroyed contact –; Destroyed identity_document –",
            ),
            (
                "destroy: note in calls: the map knows no way to destroy it: have people find it by phone and do it",
                None,
                "Destroyed note –",
            ),
            (papers, Some(true), "ByLaw contract –"),
            (papers, Some(false), "Destroyed contract –"),
            (papers, None, "ByLaw contract –"),
            (deal, Some(true), "ForDeal contact –"),
            (deal, Some(false), "Destroyed contact –"),
            (
                "keep for the law alone, out of use: contract (Archive) until 2029-12-31",
                None,
                "ByLaw contract 2029-12-31",
            ),
            ("destroy contact (Archive)", Some(true), "ForDeal contact –"),
            ("destroy contact (Archive)", Some(false), "Destroyed contact –"),
            ("stop for this person: promotion (Archive)", None, ""),
            ("look the person up and destroy what no law keeps (Archive)", Some(true), ""),
        ] {
            assert_eq!(told(&[duty(task, found)]).join("; "), said, "{task} {found:?}");
        }
    }

    #[test]
    fn what_came_last_counts_and_what_is_open_does_not() {
        let (first, then) =
            ("keep what an open deal needs and destroy the others: contact (A)", "destroy contact (A)");
        let open = Duty { done: None, ..duty(then, None) };
        assert_eq!(told(&[duty(first, Some(true)), open]), ["ForDeal contact –"]);
        let recalled = Duty { recalled: true, ..duty(then, None) };
        assert_eq!(told(&[duty(first, Some(true)), recalled]), ["ForDeal contact –"], "nobody did it");
        assert_eq!(told(&[duty(first, Some(true)), duty(then, None)]), ["Destroyed contact –"]);
    }
}
