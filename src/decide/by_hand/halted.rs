//! What came after a step was set and keeps what it would destroy: by category, from the words of the step.
//!
//! INVARIANT: what is kept is never in the part of a step that may be done, and the parts together are the step.

use super::{DESTROY, SEEK_AND_DESTROY, SEEK_AND_DESTROY_OF, SORT_FOR_DEAL, SORT_FOR_LAW};
use crate::domain::{Category, Halt, Held, Part, SubjectFacts};

/// How a step begins that other systems leave to people: `destroy: CATEGORY in PLACE: why`.
const DESTROY_IN: &str = "destroy: ";

/// The words of an order to destroy.
pub(super) struct Order<'t> {
    before: &'t str,
    /// None: it may be anything.
    categories: Vec<&'t str>,
    after: &'t str,
}

/// A task as an order to destroy; `None`: it orders nothing destroyed.
pub(super) fn ordered(task: &str) -> Option<Order<'_>> {
    if let Some((category, _)) = task.strip_prefix(DESTROY_IN).and_then(|rest| rest.split_once(" in ")) {
        let after = task.get(DESTROY_IN.len() + category.len()..)?;
        return Some(Order { before: DESTROY_IN, categories: vec![category], after });
    }
    let orders = [DESTROY, SORT_FOR_DEAL, SORT_FOR_LAW, SEEK_AND_DESTROY_OF, SEEK_AND_DESTROY];
    let verb =
        orders.iter().find(|verb| task.strip_prefix(**verb).is_some_and(|rest| rest.starts_with(' ')))?;
    let (before, rest) = task.split_at_checked(verb.len() + 1)?;
    let (list, after) = match rest.find(" (").filter(|_| !rest.starts_with('(')) {
        Some(end) => rest.split_at_checked(end)?,
        None if rest.starts_with('(') => ("", rest),
        None => (rest, ""),
    };
    let categories = list.split(", ").filter(|word| !word.is_empty()).collect();
    Some(Order { before, categories, after })
}

impl Order<'_> {
    /// The same order about these of its categories.
    fn about(&self, wanted: impl Fn(&str) -> bool) -> String {
        let named: Vec<&str> = self.categories.iter().copied().filter(|word| wanted(word)).collect();
        format!("{}{}{}", self.before, named.join(", "), self.after)
    }
}

/// What keeps a task from being done now: the whole of it, and category by category. What may be anything is kept by
/// whatever stands.
pub fn halts(task: &str, facts: &SubjectFacts) -> (Option<Halt>, Vec<Held>) {
    let Some(order) = ordered(task) else { return (None, Vec::new()) };
    if order.categories.is_empty() {
        let block = facts.any_stop().map(|block| Halt::Block(block.case.clone()));
        let hold = || facts.holds.first().map(|hold| Halt::Hold(hold.number.clone()));
        return (block.or_else(hold), Vec::new());
    }
    let held: Vec<Held> = order.categories.iter().filter_map(|word| kept(word, facts)).collect();
    let whole = held.first().filter(|_| held.len() == order.categories.len());
    (whole.map(|held| held.by.clone()), held)
}

fn kept(word: &str, facts: &SubjectFacts) -> Option<Held> {
    let category = Category::new(word);
    let block = facts.stop(&category).map(|block| Halt::Block(block.case.clone()));
    let hold = || facts.hold(&category).map(|hold| Halt::Hold(hold.number.clone()));
    Some(Held { category: word.to_owned(), by: block.or_else(hold)? })
}

/// What of a step may be done and what is left, each in its words; `None`: all of it may, or nothing. `needed`: categories
/// that a deal needs which came after the step; they are a part of their own, since whoever does it says what stays.
pub fn split(task: &str, held: &[Held], needed: &[String]) -> Option<Part> {
    let is_held = |word: &str| held.iter().any(|held| held.category == word);
    let apart = |word: &str| is_held(word) || needed.iter().any(|needed| needed == word);
    split_by(task, apart).or_else(|| split_by(task, is_held))
}

fn split_by(task: &str, is_kept: impl Fn(&str) -> bool) -> Option<Part> {
    let order = ordered(task)?;
    let kept = order.categories.iter().filter(|word| is_kept(word)).count();
    let splits = kept > 0 && kept < order.categories.len();
    splits.then(|| Part { done: order.about(|word| !is_kept(word)), left: order.about(&is_kept) })
}

/// What of a task is owed beside others of its place: of an order the categories that no other order of the same words
/// names and that are not `gone`. What names no category is owed whole, or not at all; `None`: nothing is.
pub fn beside(task: &str, others: &[&str], gone: &[&str]) -> Option<String> {
    let Some(order) = ordered(task).filter(|order| !order.categories.is_empty()) else {
        return (!others.contains(&task)).then(|| task.to_owned());
    };
    let alike = |other: &Order<'_>| (other.before, other.after) == (order.before, order.after);
    let others: Vec<Order<'_>> = others.iter().filter_map(|other| ordered(other)).filter(alike).collect();
    let named = |word: &str| others.iter().any(|other| other.categories.contains(&word));
    let is_owed = |word: &str| !gone.contains(&word) && !named(word);
    order.categories.iter().any(|word| is_owed(word)).then(|| order.about(is_owed))
}

/// The categories of a step that may be done now.
pub fn free<'t>(task: &'t str, held: &[Held]) -> Vec<&'t str> {
    let categories = ordered(task).map(|order| order.categories).unwrap_or_default();
    categories.into_iter().filter(|word| held.iter().all(|held| held.category != *word)).collect()
}

/// Whether the end of a step says if anything had to stay: a deal needs something of what may be done of it now.
pub fn sorts(task: &str, held: &[Held], needed: &[String]) -> bool {
    let is_needed = |word: &&str| needed.iter().any(|needed| needed == word);
    let part = split(task, held, needed);
    let now = part.as_ref().map_or(task, |part| part.done.as_str());
    !needed.is_empty() && (part.is_none() || free(now, &[]).iter().any(is_needed))
}

/// Whether a task is a part of another, as [`split`] leaves it, or the same.
pub fn is_part_of(part: &str, whole: &str) -> bool {
    let (Some(part), Some(whole)) = (ordered(part), ordered(whole)) else { return false };
    let named = part.categories.iter().all(|word| whole.categories.contains(word));
    named && part.before == whole.before && part.after.starts_with(whole.after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decide::cast;

    const CONTRACT: &str =
        "look for papers that a law keeps and destroy the others: contract, identity (Archive (old))";

    #[test]
    fn what_came_later_halts_what_would_be_destroyed() {
        for (about, task, hold, block, expected) in [
            ("nothing came", "destroy contact (Archive)", None, None, ""),
            (
                "all is held",
                "destroy contact (Archive)",
                Some(None),
                None,
                "all: contact: waits for hold H-3",
            ),
            ("this is held", CONTRACT, Some(Some("identity")), None, "part: identity: waits for hold H-3"),
            ("another is held", CONTRACT, Some(Some("contact")), None, ""),
            (
                "one is held and one is blocked",
                CONTRACT,
                Some(Some("identity")),
                Some(Some("contract")),
                "all: contract: waits for block 2026-000005, identity: waits for hold H-3",
            ),
            (
                "it is blocked",
                "destroy contact (A)",
                None,
                Some(Some("contact")),
                "all: contact: waits for block 2026-000005",
            ),
            (
                "nobody knows what is there",
                "look the person up and destroy what no law keeps (Archive)",
                Some(Some("contact")),
                None,
                "all: ",
            ),
            (
                "these were asked for",
                "look the person up and destroy what no law keeps: contact (Archive)",
                Some(Some("identity")),
                None,
                "",
            ),
            (
                "people destroy what an engine keeps",
                "destroy: note in calls: the map knows no way to destroy it: have people find it by phone and do it",
                Some(Some("note")),
                None,
                "all: note: waits for hold H-3",
            ),
            ("nothing is destroyed", "stop for this person: promotion (Archive)", Some(None), None, ""),
            ("it is kept", "keep for the law alone, out of use: contact (A)", Some(None), None, ""),
        ] {
            let mut facts = cast::nobody("mycar");
            hold.iter().for_each(|category| cast::hold(&mut facts, *category, "an order"));
            block.iter().for_each(|category| cast::block(&mut facts, *category, 5));
            let (whole, held) = halts(task, &facts);
            let held: Vec<String> = held.iter().map(Held::awaited).collect();
            let said = match (whole, held.is_empty()) {
                (Some(_), _) => format!("all: {}", held.join(", ")),
                (None, false) => format!("part: {}", held.join(", ")),
                (None, true) => String::new(),
            };
            assert_eq!(said, expected, "{about}");
        }
    }

    proptest! {
        /// Holds and blocks come and go, and people do what they may: nothing is destroyed while something keeps it,
        /// nothing is destroyed twice, and nothing is forgotten.
        #[test]
        fn nothing_is_destroyed_by_hand_while_something_keeps_it(
            events in prop::collection::vec((0..4_usize, 0..4_usize), 0..30),
        ) {
            const WORDS: [&str; 4] = ["account", "contact", "contract", "identity"];
            let mut facts = cast::nobody("mycar");
            let (mut open, mut gone) = (vec![format!("destroy {} (A)", WORDS.join(", "))], Vec::new());
            for (what, nth) in events {
                match what {
                    0 => cast::hold(&mut facts, Some(WORDS[nth]), "an order"),
                    1 => cast::block(&mut facts, Some(WORDS[nth]), 5),
                    2 => { facts.holds.pop(); facts.blocks.pop(); }
                    _ => {
                        let Some(task) = open.get(nth).cloned() else { continue };
                        let (whole, held) = halts(&task, &facts);
                        if whole.is_some() {
                            continue;
                        }
                        let part = split(&task, &held, &[]);
                        open[nth] = part.as_ref().map_or(task, |part| part.done.clone());
                        open.extend(part.map(|part| part.left));
                        let done = open.remove(nth);
                        for word in free(&done, &[]) {
                            let category = Category::new(word);
                            prop_assert!(facts.hold(&category).is_none() && facts.block(&category).is_none(), "{done}");
                            gone.push(word.to_owned());
                        }
                    }
                }
                let left = open.iter().flat_map(|task| free(task, &[])).map(str::to_owned);
                let mut all: Vec<String> = gone.iter().cloned().chain(left).collect();
                all.sort();
                prop_assert_eq!(all, WORDS);
            }
        }
    }

    #[test]
    fn a_step_is_split_where_something_keeps_a_part_of_it() {
        let held = |words: &[&str]| -> Vec<Held> {
            let held = |word: &&str| Held { category: (*word).to_owned(), by: Halt::Hold("H-1".into()) };
            words.iter().map(held).collect()
        };
        let part = split(CONTRACT, &held(&["identity"]), &[]).unwrap_or_else(|| panic!("it is split"));
        let (done, left) = (CONTRACT.replace(", identity", ""), CONTRACT.replace("contract, ", ""));
        assert_eq!((&part.done, &part.left), (&done, &left));
        assert!(is_part_of(&done, CONTRACT) && is_part_of(&left, CONTRACT) && !is_part_of(CONTRACT, &left));
        assert_eq!(free(CONTRACT, &held(&["identity"])), ["contract"]);
        let needed =
            |held: &[Held]| split(CONTRACT, held, &["contract".to_owned()]).unwrap_or_else(|| panic!());
        assert_eq!(needed(&[]).left, left.replace("identity", "contract"), "a deal needs it");
        assert_eq!(needed(&held(&["identity"])).done, done, "nothing is free of both: what no order keeps");
        for none in [&[][..], &["contract", "identity"], &["contact"]] {
            assert_eq!(split(CONTRACT, &held(none), &[]), None, "{none:?}");
        }
        assert_eq!(split("stop for this person: promotion (A)", &held(&["promotion"]), &[]), None);
    }
}
