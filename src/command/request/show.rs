//! `dsr request show`: one request, its history, and the command to type next.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    acting,
    known::{is_done_for_known, is_for_nobody_known, is_recognised, story, unrecognised},
    of_the_chosen,
    sending::{self, refusing, refusing_by},
    show_with, why,
};
use crate::{
    command::{Outcome, world::World},
    decide::{
        authority::{Authority, standing},
        by_hand::{self, block_first, is_destruction},
        complaints::Complaint,
        grounds,
        identity::{Identity, needs_identity},
        letters::Story,
        second,
    },
    domain::{CaseEvent, CaseNumber, CaseState, Duty, Error, Kind, Letter, LetterKind, Result, Right},
    execute::{
        cases,
        halts::{self, Elsewhere},
        letter,
        order::Order,
        owed,
    },
    render::answer::duty::closing,
    store::{CaseEntry, CaseFile, Mode, View},
};

const EXAMPLES: &str = "\
Examples:
  dsr request show 2026-000001
  dsr request show RR123456789KZ
  dsr request show 2026-11-20 --why
";

/// Show one request and everything that happened to it
///
/// Found by its number, by the tracking number of any of its letters or by the day it came, also when
/// nothing links it to a person any more. With --why every date and verdict is said in words.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Show {
    /// The case number, the tracking number of a letter, or the day it was received
    number: String,
    /// Say every date and verdict in words: rule, clause, article, skipped days
    #[arg(long)]
    why: bool,
}

impl Show {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let named = world.named_controller()?;
        let case = store.read(|view| match self.number.parse::<CaseNumber>() {
            Ok(number) => of_the_chosen(view.case(&number)?, named.as_deref()),
            Err(_) => the_only_one(self.found(view, named.as_deref())?),
        })?;
        let together = store.read(|view| together(view, &case))?;
        let why = self.why.then(|| why::words(world, &mut store, &case)).transpose()?;
        show_with(world, &mut store, case, together, why)
    }

    /// By a day, or by a tracking number; an envelope may hold several requests.
    fn found(&self, view: &View<'_>, chosen: Option<&str>) -> Result<Vec<CaseFile>> {
        let day = self.number.parse::<NaiveDate>().ok();
        let mut found = Vec::new();
        for controller in view.controllers()? {
            if chosen.is_none_or(|chosen| chosen == controller) {
                found.extend(match day {
                    Some(day) => view.cases_of_day(&controller, day)?,
                    None => view.cases_by_tracking(&controller, &self.number)?,
                });
            }
        }
        Ok(found)
    }
}

fn the_only_one(mut found: Vec<CaseFile>) -> Result<CaseFile> {
    let numbers: Vec<_> = found.iter().map(|case| case.number.to_string()).collect();
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err(Error::new(Kind::Ambiguous, "several cases have this tracking number or day")
                .hint(format!("name one: {}", numbers.join(", "))))
        }
        (None, _) => {
            Err(Error::new(Kind::NotFound, "no case has this number, tracking number or day of receipt")
                .hint("see them all: dsr request list --all"))
        }
    }
}

/// The other cases of the same envelope.
fn together(view: &View<'_>, case: &CaseFile) -> Result<Vec<CaseNumber>> {
    let mut all = match &case.tracking {
        Some(tracking) => view.cases_by_tracking(&case.controller, tracking)?,
        None => Vec::new(),
    };
    // Many letters have no number: those of one that asked several things know its first case.
    let first = owed::letter(view, &case.number)?.unwrap_or_else(|| case.number.clone());
    for other in view.cases_of_day(&case.controller, case.received.day())? {
        if other.number == first || owed::letter(view, &other.number)?.as_ref() == Some(&first) {
            all.push(other);
        }
    }
    let numbers = all.into_iter().map(|other| other.number).filter(|number| *number != case.number);
    Ok(numbers.collect::<BTreeSet<_>>().into_iter().collect())
}

/// The command that goes on with a case that was opened again.
pub fn going_on(view: &View<'_>, number: &CaseNumber, today: NaiveDate) -> Result<String> {
    let history = view.case_history(number)?;
    let ended = matches!(standing(history.iter().map(|entry| &entry.event), today), Authority::Ended(_));
    if !ended && Order::last(&history).is_some() {
        return Ok(format!("dsr request resume {number}"));
    }
    following(view, &view.case(number)?, today)
}

/// The command worth typing next for a case; where there is none, that which shows it.
pub(super) fn following(view: &View<'_>, case: &CaseFile, today: NaiveDate) -> Result<String> {
    let (history, duties) = (view.case_history(&case.number)?, halts::of_case(view, case)?);
    let elsewhere = &halts::elsewhere(view, case)?;
    let (gone, idle) = (is_gone(view, case)?, is_about_nothing(view, case)?);
    let seen = Seen { history: &history, duties: &duties, elsewhere, gone, idle, today };
    Ok(next(case, seen).unwrap_or_else(|| format!("dsr request show {}", case.number)))
}

/// What is known of a case when it is asked what comes next.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// What happened in it.
    pub history: &'a [CaseEntry],
    /// What people had and have to do.
    pub duties: &'a [Duty],
    /// Whether anything is open in other systems.
    pub elsewhere: &'a Elsewhere,
    /// Whether all that it told went since: no letter lists it any more.
    pub gone: bool,
    /// Whether it asks for the end of a check where none is under way.
    pub idle: bool,
    /// The day of today: past its last day an authority is none.
    pub today: NaiveDate,
}

/// Whether nothing is left of the person of a case that tells what is held, or something of it was destroyed since.
///
/// # Errors
/// As any read.
pub fn is_gone(view: &View<'_>, case: &CaseFile) -> Result<bool> {
    let about = case.subject.filter(|_| case.right.tells_data());
    let Some(subject) = about else { return Ok(false) };
    Ok(!cases::is_held(view, &case.controller, subject)? || letter::gone_since(view, case)?)
}

/// Whether the end of a check is asked for, nothing was done about it, and nothing of the person is blocked.
///
/// # Errors
/// As any read.
pub fn is_about_nothing(view: &View<'_>, case: &CaseFile) -> Result<bool> {
    let undone = matches!(case.state, CaseState::Received | CaseState::Verified);
    let about = case.subject.filter(|_| undone && case.right == Right::Unblock);
    let Some(subject) = about else { return Ok(false) };
    match view.facts(&case.controller, subject) {
        Ok(facts) => Ok(facts.blocks.is_empty()),
        Err(error) if error.kind() == Kind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// How an executed or refused case is answered: by its letter, which bears a number; by the task that keeps the letter
/// from being made; where no letter belongs to it, under a number of the office's own.
fn answering(case: &CaseFile, seen: Seen<'_>) -> String {
    let (number, Seen { duties, gone, .. }) = (&case.number, seen);
    let story = story(seen);
    // One that waits for words of the officer's own cannot be sent.
    let blank = |letter: &Letter| letter.faults.iter().any(|fault| fault == Complaint::Placeholder.as_str());
    let answers = |letter: &Letter| letter.kind != LetterKind::Recipient.as_str() && !blank(letter);
    let told = |letter: &Letter| answers(letter) && !story.is_outdated(letter);
    let made = story.current().iter().any(told);
    if !story.recalled.is_empty() && story.refused.is_none() {
        return sending::ordering_again(case, &story);
    }
    // What came out as a refusal is answered once a person has signed it.
    if case.right.is_refusable() && story.is_unsigned(None) {
        return refusing(number);
    }
    let Some(kind) = story.calls_for(case.right) else {
        return format!("dsr request answer {number} --channel CHANNEL --number NO");
    };
    if made {
        return format!("dsr request answer {number} --channel CHANNEL");
    }
    // What `access` and `export` printed when it was held is the answer; what is held today would be another one.
    if gone && kind == LetterKind::Access && !story.found {
        return format!("dsr request answer {number} --channel CHANNEL --number NO");
    }
    let bars = |duty: &&Duty| duty.is_open() && by_hand::is_told_by(kind, &duty.what.task);
    match duties.iter().find(bars) {
        Some(task) => closing(number.as_str(), task),
        // What people found is told with purpose, source and term, which only the officer knows.
        None if kind == LetterKind::Authority || kind == LetterKind::Access && story.found => {
            format!("dsr request letter {number} --note TEXT --output FILE")
        }
        None => format!("dsr request letter {number} --output FILE"),
    }
}

/// How the person of a case is named; whom no case names is sought anew by what they were looked up by.
fn selector(case: &CaseFile) -> String {
    case.subject.map_or_else(|| "SEL".into(), |id| format!("id:{id}"))
}

/// The command of the right that carries a case out.
pub(super) fn carrying_out(case: &CaseFile) -> String {
    let (who, number) = (selector(case), &case.number);
    match case.right.carried_out_as() {
        Right::Access => format!("dsr access --subject {who} --request {number}"),
        Right::Export => format!("dsr export --subject {who} --request {number}"),
        Right::Erase => format!("dsr erase --subject {who} --request {number}"),
        Right::Revoke => format!("dsr revoke --subject {who} --request {number}"),
        Right::Object => format!("dsr object --subject {who} --request {number}"),
        Right::Rectify => format!("dsr rectify --subject {who} --request {number} --set …"),
        Right::Restrict => format!("dsr restrict --subject {who} --request {number} --reason …"),
        Right::Unblock => format!(
            "dsr restrict --subject {who} --request {number} --lift --finding accurate|inaccurate|unlawful"
        ),
        _ => format!("dsr request show {number}"),
    }
}

/// Every command that is open for a case, the one worth typing next first: of one of which a step was taken back it is
/// ordered again, or the case ends without it; of one that waits for who asks also the refusal, should nobody be recognised.
pub fn ways(case: &CaseFile, seen: Seen<'_>) -> Vec<String> {
    let Seen { history, duties, elsewhere, .. } = seen;
    let mut ways: Vec<String> = next(case, seen).into_iter().collect();
    ways.extend(acting::alone(&case.number, ways.first()));
    ways.extend(acting::lost(&case.number, ways.first()).filter(|_| is_done_for_known(case, seen)));
    let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
    let again = sending::ordering_again(case, &story);
    if story.recalled.is_empty() || story.refused.is_some() || ways.first() != Some(&again) {
        let destroying = duties.iter().filter(|duty| duty.bars() && is_destruction(duty));
        let unknown = is_for_nobody_known(case, seen);
        ways.extend(
            destroying.filter(|_| unknown).map(|duty| by_hand::recalling(case.number.as_str(), duty.step)),
        );
        ways.extend(unrecognised(case, seen, &ways));
        return ways;
    }
    // What waits keeps the case from any other end.
    let waits = duties.iter().filter(|duty| duty.is_halted());
    ways.extend(waits.map(|duty| by_hand::recalling(case.number.as_str(), duty.step)));
    if ways.len() == 1 && *elsewhere == Elsewhere::Done {
        let refusable =
            case.right.is_refusable() && story.may_be_refused(case.right, is_recognised(case, seen));
        ways.extend(refusable.then(|| refusing(&case.number)));
        ways.push(format!("dsr request cancel {} --reason TEXT", case.number));
    }
    ways
}

pub(super) fn verifying(number: &CaseNumber, acting: &str) -> String {
    format!("dsr request verify {number} --identity METHOD{acting}")
}

/// The command worth typing next for a case.
pub fn next(case: &CaseFile, seen: Seen<'_>) -> Option<String> {
    use CaseState as S;
    let Seen { history, duties, elsewhere, today, .. } = seen;
    let number = &case.number;
    let doable = duties.iter().find(|duty| duty.bars() && !duty.is_halted());
    // A step in another system is open: nothing is told before it is done, but that something keeps it.
    match elsewhere {
        Elsewhere::Done => {}
        Elsewhere::Open => return Some(format!("dsr request resume {number}")),
        Elsewhere::Kept(_) if doable.is_some() => {}
        Elsewhere::Kept(_) if case.answered.is_none() => {
            return Some(format!("dsr request answer {number} --channel CHANNEL --number NO"));
        }
        Elsewhere::Kept(halt) => return Some(halt.seen_by()),
    }
    let events = || history.iter().map(|entry| &entry.event);
    if case.is_open() && second::proposed(events()).is_some() {
        return Some(format!("dsr request approve {number}"));
    }
    // It was carried out in part before, or agreed to; what only told, or was corrected, is done anew.
    let reopened = events().any(|event| matches!(event, CaseEvent::Reopened { .. }));
    let begun = history.iter().any(|entry| entry.event.is_before_identity());
    // Whom no selector finds is sought anew by what they were looked up by.
    let resumes = (reopened || begun || second::is_ready(events()))
        && case.subject.is_some()
        && Order::last(history).is_some();
    let standing = standing(events(), today);
    let ended = matches!(standing, Authority::Ended(_)).then(|| acting::anew(number));
    let unchecked = ended.is_some() || case.representative.is_some() && standing != Authority::InForce;
    let verify =
        ended.clone().unwrap_or_else(|| verifying(number, if unchecked { acting::KIND } else { "" }));
    let unknown = unchecked || case.identity.is_none();
    let tells =
        || matches!(case.right, Right::Access | Right::Export) || story(seen).is_owed_to_known(case.right);
    let draft = unknown && case.answered.is_none() && tells();
    let command = carrying_out(case);
    // A complaint about data blocks it before anything else is looked at.
    if case.is_open() && duties.iter().any(|duty| duty.is_open() && duty.what.task == block_first(number)) {
        return Some(format!("dsr restrict --subject {} --reason …", selector(case)));
    }
    if is_for_nobody_known(case, seen) {
        return Some(verifying(number, ""));
    }
    if let Some(step) = doable {
        return Some(closing(number.as_str(), step));
    }
    let halted = duties.iter().find(|duty| duty.is_halted()).map(|duty| closing(number.as_str(), duty));
    let by_people = !case.right.carried_out_as().has_command();
    let answer = answering(case, seen);
    let command = if resumes { format!("dsr request resume {number}") } else { command };
    match case.state {
        // Nobody has to be recognised to hear that no check is under way; whoever asks is answered like anybody.
        S::Received | S::Verified if seen.idle && ended.is_none() => {
            Some(refusing_by(number, grounds::VIOLATION))
        }
        S::Received | S::Verified if by_people => Some(answer),
        // Messages stop for anybody who asks, and data is blocked for them from the moment they do; what else an objection is
        // about once they are recognised.
        S::Received if matches!(case.right, Right::OptOut | Right::Restrict) => Some(command),
        S::Received if case.right == Right::Object && !begun && !unchecked => Some(command),
        // What was carried out without one needs none to be gone on with.
        S::Received if resumes && !unchecked && needs_identity(case.right) == Identity::NotNeeded => {
            Some(command)
        }
        S::Received => Some(verify),
        S::Executed | S::Waiting if draft => Some(verify),
        // Nobody is answered through somebody who may act no more.
        S::Executed | S::Waiting if case.answered.is_none() && ended.is_some() => ended,
        S::Waiting if case.answered.is_none() => Some(answer),
        S::Waiting => halted,
        S::Verified if unchecked => Some(verify),
        S::Verified => Some(command),
        S::Executed => Some(answer),
        S::Refused if case.answered.is_none() => Some(answer),
        S::Answered | S::Refused | S::Cancelled => halted,
    }
}
