//! What people did where no program reaches: the place, the data by its categories, the proof they named, who wrote it
//! down and when. There is no count, since nobody has one.

use std::collections::BTreeSet;

use super::ActAnswer;
use crate::{
    decide::{
        by_hand,
        by_place::deeds::{self, Fate},
    },
    domain::Duty,
    render::{
        Sheet, Words,
        answer::{
            duty::{awaited, came_of_it},
            holdings::terms::DASH,
        },
    },
};

/// What they destroyed, in an act of nothing else.
pub(super) fn sheet(answer: &ActAnswer, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(titles(words, "act-duty-place"));
    for duty in answer.elsewhere().filter(|duty| by_hand::is_destruction(duty)) {
        sheet.push(row(duty, what(duty, words), words));
    }
    sheet
}

/// What they have to do beside it, and the recipients to tell.
pub(super) fn duties(answer: &ActAnswer, words: &Words) -> Sheet {
    let mut sheet = Sheet::new(titles(words, "act-duty-where"));
    let told_above = |duty: &Duty| answer.is_by_hand() && by_hand::is_destruction(duty);
    for duty in answer.elsewhere().filter(|duty| !told_above(duty)) {
        sheet.push(row(duty, words.phrase(&duty.what.task), words));
    }
    sheet
}

fn titles(words: &Words, place: &str) -> [String; 5] {
    [place, "act-duty-what", "act-duty-done", "act-duty-by", "act-duty-came"].map(|key| words.say(key))
}

fn row(duty: &Duty, what: String, words: &Words) -> [String; 5] {
    let waits = Some(awaited(duty, words)).filter(|waits| !waits.is_empty());
    let open = || waits.unwrap_or_else(|| words.say("act-duty-open"));
    let done =
        duty.done.map_or_else(open, |at| if duty.recalled { DASH.to_owned() } else { words.day(at.day()) });
    [duty.what.place.clone(), what, done, duty.by.clone().unwrap_or_default(), came_of_it(duty, words)]
}

/// The categories that are gone; of papers that had to be sorted, and before it is done, the order itself.
fn what(duty: &Duty, words: &Words) -> String {
    let deeds = deeds::of(duty);
    if duty.is_open() || deeds.is_empty() || deeds.iter().any(|deed| deed.fate != Fate::Destroyed) {
        return words.phrase(&duty.what.task);
    }
    deeds.iter().map(|deed| words.term("category", deed.category)).collect::<Vec<_>>().join(", ")
}

/// Where no program reached, who says so, and that nothing here saw it.
pub(super) fn proof(answer: &ActAnswer, words: &Words) -> Vec<(String, String)> {
    let biometric = biometric(answer);
    let entries: Vec<String> = answer.entries().iter().map(|seq| format!("{seq}")).collect();
    let pairs = [
        ("act-system", Some(places(answer, |_| true).join(", "))),
        ("act-biometric", Some(biometric).filter(|places| !places.is_empty())),
        ("act-method-label", Some(words.say("act-method-by-hand"))),
        ("act-audit", Some(entries.join(", "))),
        ("act-head", Some(answer.seal.short())),
        ("act-key", answer.seal.key.clone()),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((words.say(key), value?))).collect()
}

/// The places in which they destroy biometric data; empty where none is known of.
pub(super) fn biometric(answer: &ActAnswer) -> String {
    let gone =
        |deed: &deeds::Deed<'_>| deed.fate == Fate::Destroyed && answer.biometric.contains(deed.category);
    places(answer, |duty| deeds::of(duty).iter().any(gone)).join(", ")
}

/// The places in which they destroy, of the steps that fit.
pub(super) fn places(answer: &ActAnswer, fits: impl Fn(&Duty) -> bool) -> Vec<&str> {
    let fits = |duty: &&Duty| by_hand::is_destruction(duty) && !duty.recalled && fits(duty);
    let fitting = answer.elsewhere().filter(fits);
    let places = fitting.map(|duty| duty.what.place.as_str());
    places.collect::<BTreeSet<_>>().into_iter().collect()
}
