//! What was done of a request before the rest of it was refused, and what somebody may be told of it who was not
//! recognised: what stopped, what is gone, where people looked, and never whether they found anything or what is held.

use std::collections::BTreeSet;

use super::{Brief, asked, corrected, told, told::Told};
use crate::{
    decide::{by_hand, purposes},
    domain::{Action, Duty, DutyKind, LetterKind, Outcome, Purpose, Right},
    render::{Words, guard},
};

/// What came of it, where its reader may know all of it.
pub(super) fn told<'b>(brief: &Brief<'b>) -> Option<&'b Outcome> {
    let unknown = brief.case.is_some_and(|case| case.identity.is_none());
    let bare = matches!(brief.kind, LetterKind::Refusal | LetterKind::Objection) && unknown;
    brief.story.outcome.as_ref().filter(|outcome| !outcome.unconfirmed && !bare)
}

/// What anybody may be told.
pub(super) fn to_anybody(brief: &Brief<'_>, words: &Words) -> Told {
    let (stopped, stopped_too) = stopped(brief, words);
    let told = Told {
        not_there: not_there(brief, &stopped, words),
        asked: asked::sentences(brief, words),
        stopped,
        stopped_too,
        destroyed: told::destroyed(brief, words),
        acts: told::acts(brief, words),
        replaced: corrected::replaces(brief),
        changed: corrected::made(brief, words),
        looked: looked(brief, words),
        only_looked: only_looked(brief),
        ..Told::default()
    };
    Told { in_part: told.is_in_part(), ..told }
}

/// The purposes that ended, here and where people looked somebody up. Whoever wants no more messages gets none, whatever
/// was found. First those that the person named, then those that ended with them.
pub(super) fn stopped(brief: &Brief<'_>, words: &Words) -> (Vec<String>, Vec<String>) {
    let steps = brief.story.outcome.iter().flat_map(|outcome| outcome.of_action(Action::Suppress));
    let here = steps.flat_map(|line| line.about.iter().map(String::as_str));
    let done = brief.duties.iter().filter(|duty| duty.is_done());
    let mut all: Vec<&str> = here.chain(done.flat_map(|duty| by_hand::ends(&duty.what.task))).collect();
    let messages = messages(brief);
    let right = brief.case.map(|case| case.right);
    let ends = right.is_some_and(|right| brief.story.ends_messages(right));
    let opted_out = brief.kind == LetterKind::Objection && ends && all.is_empty();
    // What is held here decides what stopped here: whoever may be a stranger is told what anybody is.
    let unknown = told(brief).is_none() && brief.story.outcome.is_some();
    if opted_out || unknown && matches!(right, Some(Right::OptOut | Right::Object | Right::Revoke)) {
        all = messages.iter().map(|purpose| purpose.as_str()).collect();
    }
    // A refusal names the places where nobody did it, beside what stopped here; any other letter says nothing in part.
    let is_whole = |duty: &&Duty| duty.recalled && brief.kind != LetterKind::Refusal;
    if unknown && brief.duties.iter().any(|duty| is_whole(&duty)) {
        all.clear();
    }
    let not_done = brief.duties.iter().filter(is_whole);
    let not_done: BTreeSet<&str> = not_done.flat_map(|duty| by_hand::ends(&duty.what.task)).collect();
    let mut seen = BTreeSet::new();
    let ended = all.into_iter().filter(|word| !not_done.contains(word) && seen.insert(*word));
    let (named, more) = asked::apart(brief, ended);
    let said = |all: Vec<&str>| all.into_iter().map(|word| words.term("purpose", word)).collect();
    (said(named), said(more))
}

/// The messages that end for anybody who asks: of those that the person named, else all.
fn messages(brief: &Brief<'_>) -> Vec<Purpose> {
    let all = purposes::of_messages(brief.rulebook);
    let named = brief.story.scope.iter().flat_map(|scope| &scope.purposes);
    let named: Vec<Purpose> = named.map(|word| Purpose::new(word)).collect();
    if named.is_empty() {
        return all;
    }
    let mut ended = purposes::with_messages(brief.rulebook, &named);
    ended.retain(|word| purposes::covered(word, &all));
    ended
}

/// Where people looked, and when: each place once. What they found and did is told beside it, to whoever may know; for
/// anybody else it is one thing whether they looked for somebody or knew where to go.
pub(super) fn looked(brief: &Brief<'_>, words: &Words) -> Vec<String> {
    let all = told(brief).is_none();
    let by_hand = |duty: &&Duty| duty.what.kind == DutyKind::Manual && duty.is_done();
    let looks = |duty: &&Duty| by_hand(duty) && (all || by_hand::is_look_up(&duty.what.task));
    let line = |duty: &Duty| {
        let day = words.day(duty.done?.day());
        let place = guard::terminal(&duty.what.place);
        Some(words.say_with("letter-looked-on", &[("name", place.into()), ("day", day.into())]))
    };
    let mut seen = BTreeSet::new();
    let looked = brief.duties.iter().filter(looks).filter_map(line);
    looked.filter(|line| seen.insert(line.clone())).collect()
}

/// Where nobody did what stopped here, each place once: whoever the letter is for reads the same.
pub(super) fn not_there(brief: &Brief<'_>, stopped: &[String], words: &Words) -> Vec<String> {
    if stopped.is_empty() {
        return Vec::new();
    }
    let all = told(brief).is_none();
    let is_meant = |duty: &&Duty| all || !by_hand::ends(&duty.what.task).is_empty();
    let back = brief.duties.iter().filter(|duty| duty.what.kind == DutyKind::Manual && duty.recalled);
    let places: BTreeSet<&str> = back.filter(is_meant).map(|duty| duty.what.place.as_str()).collect();
    let again = |place: &&str| {
        let mut there = brief.duties.iter().filter(|duty| duty.what.place == **place);
        there.any(|duty| duty.is_done())
    };
    let said = |place: &str| words.say_with("letter-not-there", &[("name", guard::terminal(place).into())]);
    places.into_iter().filter(|place| !again(place)).map(said).collect()
}

/// Whether people were asked to look and to do nothing.
pub(super) fn only_looked(brief: &Brief<'_>) -> bool {
    brief.case.is_some_and(|case| case.right.tells_data())
}
