//! What was done, what stayed and why, for the person or a recipient to read.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use super::{Brief, asked, before, blocked, corrected, ground, head, notice, on_paper, policy::Policy};
use crate::{
    decide::{by_hand, by_place::deeds::Fate, corrections, grounds},
    domain::{
        Action, Duty, DutyKind, LetterKind, Moment, Outcome, Reason, Right,
        outcome::{Line, Pending},
        secret,
    },
    policy::body::Body,
    render::{Words, answer::holdings::terms::DASH, guard},
};

/// Single values that a body may say.
#[derive(Serialize)]
pub(super) struct Facts {
    copy: bool,
    received: String,
    done: String,
    due: String,
    right: String,
    searched: Option<String>,
    pub(super) refusal: Refusal,
    since: String,
    /// Since when the data was blocked whose block ended, where that is known.
    was_since: Option<String>,
    reason: String,
    check_days: u32,
    finding: String,
    /// Whether the check ended and the block stands.
    stands: bool,
    person: String,
    handed_over: Vec<[String; 3]>,
    please: &'static str,
    /// What of a letter about a part holds: `part`, `waiting` where nothing was done, `found` where only people
    /// found anything.
    partial: &'static str,
    /// Whether less than all was asked for.
    part: bool,
    contact: String,
    policy: Policy,
}

#[derive(Serialize)]
pub(super) struct Refusal {
    pub(super) ground: String,
    pub(super) facts: Option<String>,
    pub(super) you_can: String,
}

/// Lists that a body may say.
#[derive(Default, Serialize)]
pub(super) struct Told {
    /// Which part was asked for.
    pub(super) asked: Vec<String>,
    pub(super) effects: Vec<String>,
    pub(super) withdrawn: u64,
    /// Category, records, ground.
    pub(super) destroyed: Vec<[String; 3]>,
    pub(super) acts: Vec<Act>,
    /// Whether these destroyed the values that a correction replaced.
    pub(super) replaced: bool,
    /// Category, records, until, ground.
    pub(super) archived: Vec<[String; 4]>,
    pub(super) kept: Vec<[String; 4]>,
    /// Purposes that stopped as the person named them; all of them where none was named.
    pub(super) stopped: Vec<String>,
    /// Those that stopped with them and were not named.
    pub(super) stopped_too: Vec<String>,
    pub(super) resumed: Vec<String>,
    pub(super) waits: Vec<String>,
    /// Category and place, until, ground: what people destroy once nothing keeps it.
    pub(super) put_off: Vec<[String; 3]>,
    pub(super) recipients: Vec<String>,
    /// Category and place, field, new value in part, day.
    pub(super) changed: Vec<[String; 4]>,
    /// Category and place, field, why nobody made the correction or destroyed it.
    pub(super) not_made: Vec<[String; 3]>,
    /// Whether a recipient is told of a value that stands nowhere here.
    pub(super) valueless: bool,
    pub(super) annotated: bool,
    pub(super) missing: bool,
    pub(super) blocked: String,
    pub(super) account_closed: bool,
    /// Nothing had to be done any more.
    pub(super) idle: bool,
    /// What people found where they looked by hand, in their words.
    pub(super) found: Vec<String>,
    /// Where people looked, and when.
    pub(super) looked: Vec<String>,
    /// Where nobody did what was asked for.
    pub(super) not_there: Vec<String>,
    /// Whether nothing but that was done there: whoever asks what is held has nothing done.
    pub(super) only_looked: bool,
    /// Whether a part was done of what a refusal is about.
    pub(super) in_part: bool,
}

#[derive(Serialize)]
pub(super) struct Act {
    pub(super) number: String,
    date: String,
}

/// Makes the single values in one language.
pub(super) fn facts(brief: &Brief<'_>, words: &Words) -> Facts {
    let day = |at: Option<Moment>| at.map_or_else(|| DASH.to_owned(), |at| words.day(at.day()));
    let right = brief.case.map(|case| case.right);
    let outcome = brief.story.outcome.as_ref();
    let lifted = brief.story.lifted.as_ref();
    Facts {
        copy: right == Some(Right::Export),
        received: day(brief.case.map(|case| case.received)),
        done: day(lifted.map(|lifted| lifted.at).or(brief.story.done)),
        due: brief
            .case
            .and_then(|case| Some(words.due(case.due?, case.due_at)))
            .unwrap_or_else(|| DASH.into()),
        right: right.map(|right| words.term("right", right.as_str())).unwrap_or_default(),
        searched: outcome
            .and_then(|outcome| outcome.searched.as_deref())
            .map(|kind| words.say(&format!("letter-search-{kind}"))),
        refusal: refusal(brief, words),
        since: blocked::since(brief, words),
        was_since: blocked::was_since(brief, words),
        reason: asked_text(brief, "reason")
            .map_or_else(|| DASH.into(), |text| guard::terminal(&secret::mask(&text))),
        check_days: brief.officer.max_check_days.unwrap_or(3),
        finding: asked_text(brief, "finding")
            .or_else(|| brief.story.lifted.as_ref().map(|lifted| lifted.finding.clone()))
            .map_or_else(|| DASH.into(), |finding| words.say(&format!("letter-finding-{finding}"))),
        stands: blocked::stands(brief),
        person: notice::person(brief, words),
        handed_over: notice::handed_over(brief, words),
        please: notice::please(
            right.map(|right| if lifted.is_some() { Right::Unblock } else { right }),
            brief.story.scope.as_ref(),
        ),
        partial: head::partial(brief),
        part: asked::is_part(brief),
        contact: head::contact(brief, words),
        policy: Policy::of(brief, words),
    }
}

fn refusal(brief: &Brief<'_>, words: &Words) -> Refusal {
    let Some(code) = brief.ground.or(brief.story.ground()) else {
        return Refusal { ground: DASH.into(), facts: None, you_can: words.say("letter-you-can-other") };
    };
    let you_can = match code {
        grounds::IDENTITY if is_asked_by_another(brief) => "letter-you-can-authority",
        grounds::IDENTITY => "letter-you-can-identity",
        "RF-NODOC" => "letter-you-can-document",
        "RF-OBLIG" => "letter-you-can-obligation",
        _ => "letter-you-can-other",
    };
    let facts = brief.story.refused.as_ref().and_then(|refused| refused.facts.as_ref());
    let facts = facts.map(|facts| guard::terminal(&secret::mask(facts.as_str())));
    Refusal { ground: ground::named(code, brief, words), facts, you_can: words.say(you_can) }
}

/// Whether somebody else asks for the person: what has to be confirmed is what they may, too.
fn is_asked_by_another(brief: &Brief<'_>) -> bool {
    brief.story.acting || brief.case.is_some_and(|case| case.representative.is_some())
}

/// A word of what was asked, such as the reason of a block; it holds no value of the person by itself.
fn asked_text(brief: &Brief<'_>, name: &str) -> Option<String> {
    let ask: Value = serde_json::from_str(brief.story.ask.as_deref()?).ok()?;
    let order = ask.as_object()?.values().next()?;
    Some(order.get(name)?.as_str()?.to_owned())
}

/// Makes the lists in one language.
pub(super) fn told(brief: &Brief<'_>, words: &Words) -> Told {
    let Some(outcome) = before::told(brief) else { return before::to_anybody(brief, words) };
    let of = |action| outcome.of_action(action);
    let about = |line: &Line| line.about.iter().map(|word| words.term("purpose", word)).collect::<Vec<_>>();
    let (stopped, stopped_too) = before::stopped(brief, words);
    let row = |line: &Line| four(brief, line, words);
    let stays = |line: &Line| on_paper::placed(line, row(line));
    let records = |line: &&Line| line.count > 0 && line.collection == "record";
    let lifted = |line: &&Line| line.collection == "suppression";
    let by_hand = |fate| on_paper::rows(brief, fate, words);
    let told = Told {
        not_there: before::not_there(brief, &stopped, words),
        asked: asked::sentences(brief, words),
        effects: effects(brief, outcome, words),
        withdrawn: of(Action::Withdraw)
            .filter(|line| line.collection == "consent")
            .map(|line| line.count)
            .sum(),
        destroyed: destroyed(brief, words),
        acts: acts(brief, words),
        replaced: corrected::replaces(brief),
        archived: together(of(Action::Archive).filter(records).map(row).chain(by_hand(Fate::ByLaw))),
        kept: together(outcome.kept.iter().map(stays).chain(by_hand(Fate::ForDeal))),
        stopped,
        stopped_too,
        resumed: of(Action::Unblock).filter(lifted).flat_map(about).collect(),
        waits: waits(brief, &outcome.waits, words),
        put_off: on_paper::put_off(brief, words),
        recipients: brief
            .story
            .recipients()
            .iter()
            .map(|(name, country)| shown(brief, name, country, words))
            .collect(),
        changed: corrected::made(brief, words),
        not_made: corrected::not_made(brief, words)
            .into_iter()
            .chain(on_paper::not_destroyed(brief, words))
            .collect(),
        annotated: of(Action::Annotate).next().is_some() || corrections::is_noted(brief.duties),
        missing: outcome.waits.iter().any(|wait| wait.on == "document"),
        blocked: blocked::what(outcome, words),
        account_closed: of(Action::Destroy)
            .any(|line| line.count > 0 && line.category.as_deref() == Some("account"))
            || on_paper::destroyed(brief, |category| category == "account"),
        idle: brief.story.is_idle()
            && (brief.kind == LetterKind::Rectification || head::partial(brief) != "nothing"),
        found: found(brief),
        looked: before::looked(brief, words),
        only_looked: before::only_looked(brief),
        valueless: false,
        in_part: false,
    };
    let valueless = told.changed.iter().any(|[_, _, value, _]| value == DASH);
    let valueless = valueless && brief.kind == LetterKind::Recipient;
    Told { in_part: told.is_in_part(), valueless, ..told }
}

/// Category, records, ground: what was destroyed, here and by people.
pub(super) fn destroyed(brief: &Brief<'_>, words: &Words) -> Vec<[String; 3]> {
    let steps = brief.story.outcome.iter().flat_map(|outcome| outcome.of_action(Action::Destroy));
    let records = steps.filter(|line| line.count > 0 && line.collection == "record");
    let rows =
        records.map(|line| four(brief, line, words)).chain(on_paper::rows(brief, Fate::Destroyed, words));
    together(rows).into_iter().map(|[what, n, _, why]| [what, n, why]).collect()
}

/// Rows that differ in nothing but how many records they count are one: systems are no words for the person.
fn together(rows: impl Iterator<Item = [String; 4]>) -> Vec<[String; 4]> {
    let mut all: Vec<[String; 4]> = Vec::new();
    for [what, n, until, why] in rows {
        let same = |known: &&mut [String; 4]| (&known[0], &known[2], &known[3]) == (&what, &until, &why);
        let sum = |known: &str| Some((known.parse::<u64>().ok()? + n.parse::<u64>().ok()?).to_string());
        match all.iter_mut().find(same).and_then(|known| Some((sum(&known[1])?, known))) {
            Some((sum, known)) => known[1] = sum,
            None => all.push([what, n, until, why]),
        }
    }
    all
}

/// What people found, and where. Where nobody was asked yet whether papers stay, the evidence may say so.
fn found(brief: &Brief<'_>) -> Vec<String> {
    let unasked =
        |duty: &Duty| by_hand::is_sorting(&duty.what.task) && duty.found.is_none() && duty.is_done();
    let found = brief.duties.iter().filter(|duty| duty.found == Some(true) || unasked(duty));
    let line = |duty: &Duty| {
        let words = duty.evidence.as_ref().map(|words| secret::mask(words.as_str())).unwrap_or_default();
        guard::terminal(&format!("{}: {words}", duty.what.place))
    };
    found.map(line).collect()
}

/// A recipient, and when they were told.
fn shown(brief: &Brief<'_>, name: &str, country: &str, words: &Words) -> String {
    let told = |duty: &&Duty| duty.what.kind == DutyKind::Tell && duty.what.place == name;
    let day = brief.duties.iter().find(told).and_then(|duty| duty.done).map(|at| words.day(at.day()));
    let shown = guard::terminal(&format!("{name} ({country})"));
    match day {
        Some(day) => words.say_with("letter-told-on", &[("name", shown.into()), ("day", day.into())]),
        None => shown,
    }
}

/// Category, records, last day, ground.
fn four(brief: &Brief<'_>, line: &Line, words: &Words) -> [String; 4] {
    let what = line.category.as_deref().map(|category| words.term("category", category)).unwrap_or_default();
    let line = &of_minors(brief, line);
    let until = line.until.as_deref().map_or_else(|| DASH.into(), |day| iso_day(day, words));
    // Of what lies on paper nobody knows how much it is.
    let count = if line.count == 0 { DASH.into() } else { line.count.to_string() };
    [what, count, until, ground::of(line, brief, words)]
}

/// In a case about a minor nobody demanded anything: what goes does so by the rule about minors, not by the right to
/// demand it.
pub(super) fn of_minors(brief: &Brief<'_>, line: &Line) -> Line {
    let rules = &brief.rulebook;
    let demanded = rules
        .rule(&line.rule)
        .is_some_and(|rule| matches!(&rule.body, Body::Right(right) if right.grants.contains(&Right::Erase)));
    let minors = rules.policy.rules.iter().find(|rule| matches!(rule.body, Body::Minors(_)));
    match minors.filter(|_| demanded && brief.kind == LetterKind::Minor) {
        Some(rule) => {
            let Reason { rule, clause, law, says } = rules.reason(rule);
            Line { rule, clause, law, says: Some(says), ..line.clone() }
        }
        None => line.clone(),
    }
}

pub(super) fn iso_day(text: &str, words: &Words) -> String {
    text.parse::<NaiveDate>().map_or_else(|_| text.to_owned(), |day| words.day(day))
}

/// The effects that the policy numbers, each once: done, or nothing was there to do it to.
fn effects(brief: &Brief<'_>, outcome: &Outcome, words: &Words) -> Vec<String> {
    let mut numbers: Vec<u8> = outcome.steps.iter().filter_map(|line| line.effect).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let said = |n: u8| {
        let by_people = |category: &str| match n {
            2 => category == "account",
            3 => true,
            4 => category == "biometric",
            _ => false,
        };
        let done = outcome.steps.iter().any(|line| line.effect == Some(n) && line.count > 0)
            || on_paper::destroyed(brief, by_people);
        let (whole, none) = (format!("letter-effect-{n}"), format!("letter-effect-{n}-none"));
        let key = if !done && words.has(&none) { none } else { whole };
        words.has(&key).then(|| words.say(&key))
    };
    numbers.into_iter().filter_map(said).collect()
}

/// Acts that are finished; of others nothing is claimed, nor of one whose every step was taken back.
pub(super) fn acts(brief: &Brief<'_>, words: &Words) -> Vec<Act> {
    let gone = |duty: &Duty| duty.is_done() && by_hand::destroys(&duty.what.task);
    let nothing = brief.duties.iter().any(|duty| duty.recalled) && !brief.duties.iter().any(gone);
    let finished = brief.acts.iter().filter(|act| !(act.counts.is_empty() && nothing));
    let finished = finished.filter_map(|act| Some((act, act.finished?)));
    finished.map(|(act, at)| Act { number: act.number.clone(), date: words.day(at.day()) }).collect()
}

/// What is waited for, then once the last day that the law leaves.
fn waits(brief: &Brief<'_>, waits: &[Pending], words: &Words) -> Vec<String> {
    let on = |wait: &Pending| {
        let name = guard::terminal(&named(brief, wait, words));
        words.say_with(&format!("letter-wait-{}", wait.on), &[("name", name.into())])
    };
    let days: BTreeSet<&str> = waits.iter().filter_map(|wait| wait.statutory.as_deref()).collect();
    let last = |day: &str| words.say_with("letter-wait-statutory", &[("day", iso_day(day, words).into())]);
    waits.iter().map(on).chain(days.into_iter().map(last)).collect()
}

/// A deal by its number and its kind, anything else by its number.
fn named(brief: &Brief<'_>, wait: &Pending, words: &Words) -> String {
    let name = wait.name.clone().unwrap_or_default();
    let deals = brief.dossier.iter().flat_map(|dossier| &dossier.facts.obligations);
    let kind = deals.filter(|deal| wait.on == "obligation" && deal.reference == name).map(|deal| &deal.kind);
    match kind.map(|kind| words.term("vocabulary", &kind.to_string())).next() {
        Some(kind) => format!("{name} ({kind})"),
        None => name,
    }
}
