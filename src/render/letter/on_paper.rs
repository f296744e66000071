//! What people did in places of their own, as rows like those of the store: nobody can tell how many records it was.

use super::{Brief, ground, told};
use crate::{
    decide::{
        by_hand::{self, halted},
        by_place::{
            deeds::{Deed, Fate, deeds},
            put_off::PutOff,
        },
    },
    domain::{Action, Duty, outcome::Line},
    render::{Words, answer::holdings::terms::DASH, guard},
};

/// Category and place, no count, last day, ground: what became of it so.
pub(super) fn rows(brief: &Brief<'_>, fate: Fate, words: &Words) -> Vec<[String; 4]> {
    let all = deeds(brief.duties);
    let row = |deed: &Deed<'_>| {
        let what = words.term("category", deed.category);
        let what = guard::terminal(&format!("{what} ({})", deed.place));
        let until = deed.until.map_or_else(|| DASH.into(), |day| told::iso_day(day, words));
        [what, DASH.into(), until, why(brief, deed, words)]
    };
    all.iter().filter(|deed| deed.fate == fate).map(row).collect()
}

/// The row of what stays: what lies in a place of people bears its name.
pub(super) fn placed(line: &Line, [what, count, until, why]: [String; 4]) -> [String; 4] {
    let place = line.about.first().filter(|_| line.count == 0 && line.category.is_some());
    let what = place.map_or_else(|| what.clone(), |place| guard::terminal(&format!("{what} ({place})")));
    [what, count, until, why]
}

/// Category and place, last day, ground: what of it waits.
pub(super) fn put_off(brief: &Brief<'_>, words: &Words) -> Vec<[String; 3]> {
    let row = |PutOff { place, line }: &PutOff| {
        let any = || words.say("letter-put-off-any");
        let what = line.category.as_deref().map_or_else(any, |category| words.term("category", category));
        let until = line.until.as_deref().map_or_else(|| DASH.into(), |day| told::iso_day(day, words));
        [guard::terminal(&format!("{what} ({place})")), until, ground::of(line, brief, words)]
    };
    brief.put_off.iter().map(row).collect()
}

/// Category and place, no field, why: what people were told to destroy and nobody did, unless a later step orders it again.
pub(super) fn not_destroyed(brief: &Brief<'_>, words: &Words) -> Vec<[String; 3]> {
    let orders =
        |duty: &&Duty| by_hand::destroys(&duty.what.task) && !by_hand::seeks_somebody(&duty.what.task);
    let again = |duty: &Duty, category: &&str| {
        let later = brief.duties.iter().filter(|other| other.step > duty.step && !other.recalled);
        let mut there = later.filter(|other| other.what.place == duty.what.place);
        there.any(|other| halted::free(&other.what.task, &[]).contains(category))
    };
    let row = |(duty, category): (&Duty, &str)| {
        let what = format!("{} ({})", words.term("category", category), duty.what.place);
        [guard::terminal(&what), DASH.into(), words.say("letter-not-destroyed-nobody")]
    };
    let left = brief.duties.iter().filter(|duty| duty.recalled).filter(orders);
    let left = left.flat_map(|duty| {
        let all = halted::free(&duty.what.task, &[]).into_iter();
        all.filter(move |category| !again(duty, category)).map(move |category| (duty, category))
    });
    left.map(row).collect()
}

/// Whether people destroyed anything of these categories.
pub(super) fn destroyed(brief: &Brief<'_>, of: impl Fn(&str) -> bool) -> bool {
    deeds(brief.duties).iter().any(|deed| deed.fate == Fate::Destroyed && of(deed.category))
}

/// The ground of the step; of papers that had to stay whoever found them knows more, and tells it.
fn why(brief: &Brief<'_>, deed: &Deed<'_>, words: &Words) -> String {
    let set = |line: &&Line| {
        line.action == Action::Manual
            && line.about.first().is_some_and(|task| {
                deed.task.starts_with(task.as_str()) || halted::is_part_of(deed.task, task)
            })
    };
    let steps = brief.story.outcome.iter().flat_map(|outcome| &outcome.steps);
    let line = steps.filter(|_| deed.fate == Fate::Destroyed || deed.until.is_some()).find(set);
    match (line, deed.fate) {
        (Some(line), _) => {
            let line = told::of_minors(brief, line);
            ground::of(&Line { says: None, ..line }, brief, words)
        }
        (None, Fate::ForDeal) => words.say("letter-ground-deal"),
        (None, Fate::ByLaw) => words.say("letter-ground-archive"),
        (None, Fate::Destroyed) => words.say("letter-ground-keep"),
    }
}
