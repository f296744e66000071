//! A letter held against what people complain of, before the answer is recorded as sent.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::{Seen, carrying_out, is_about_nothing, next};
use crate::{
    audit::Hash,
    command::{
        reach::elsewhere,
        world::{World, read},
    },
    decide::{
        by_hand::is_block_first,
        complaints::{self, Asked, Complaint, Draft, Fault},
        letters::Story,
    },
    domain::{
        Action, CaseNumber, CaseState, Channel, Error, Kind, Letter, LetterKind, Result, Right, letter,
    },
    execute::{
        cases,
        halts::{self, Elsewhere},
        letter::{Material, material},
        order::Order,
    },
    render::letter::readable,
    store::{CaseFile, Mode, View},
};

/// The letter that answers, and what is overruled.
#[derive(clap::Args)]
pub struct Check {
    /// The letter as it is sent, where the file was edited
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// Send it in spite of this complaint: late, wrong_medium, or too_much_identity that was asked for before
    #[arg(long, value_name = "COMPLAINT", requires = "reason")]
    despite: Vec<Complaint>,
    /// Why, for the case's history
    #[arg(long, value_name = "TEXT", requires = "despite")]
    reason: Option<String>,
}

/// A complaint blocks the data from its receipt: it does not end while that is owed.
///
/// # Errors
/// Refused (exit 4), with what is done first.
pub(super) fn blocked_first(view: &View<'_>, case: &CaseFile) -> Result<()> {
    let Some(subject) = case.subject.filter(|_| case.right == Right::Complaint) else { return Ok(()) };
    let duties = view.duties(&case.number)?;
    let owed = duties.iter().find(|duty| duty.is_open() && is_block_first(&duty.what.task));
    let Some(duty) = owed.filter(|_| case.is_open()) else { return Ok(()) };
    if !cases::is_held(view, &case.controller, subject)? {
        return Ok(());
    }
    let (number, step) = (&case.number, duty.step);
    Err(Error::new(Kind::Refused, format!("the block that case {number} asks for is owed still")).hint(format!(
        "block first: dsr restrict --subject id:{subject} --reason disputed --yes; where nothing is to be blocked, say why: \
         dsr request done {number} --step {step} --evidence TEXT"
    )))
}

impl Check {
    /// Lets the letter made last pass, or says what is wrong with it. A case without a letter passes as it is.
    ///
    /// # Errors
    /// Refused (exit 4) with every complaint; usage (exit 2) for a complaint that cannot be overruled.
    pub(super) fn pass(
        &self,
        world: &mut World<'_, '_>,
        number: &CaseNumber,
        by: Option<Channel>,
        day: NaiveDate,
    ) -> Result<Option<Letter>> {
        if let Some(fixed) = self.despite.iter().find(|complaint| !complaint.may_be_overruled()) {
            return Err(
                Error::usage(format!("`{fixed}` cannot be overruled")).hint("mend the letter instead")
            );
        }
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = store.read(|view| view.case(number))?.controller;
        let library = world.library()?;
        let rules = world.rules(&library, &controller)?;
        let context = world.context(&controller, &rules)?;
        let material = store.read(|view| material(view, rules.pair(), &context, number, None))?;
        // A refusal tells whoever asked nothing of the person.
        if material.story.refused.is_none() {
            store.read(|view| cases::represented(view, number, day))?;
        }
        drop(store);
        let found = last(&material.case, material.story.current()).cloned();
        if material.story.is_unsigned(found.as_ref().map(|letter| letter.kind.as_str())) {
            return Err(unsigned(number));
        }
        if found.is_none() && last(&material.case, &material.story.letters).is_some() {
            return Err(outdated(number));
        }
        let Some(letter) = found else {
            if is_told_to_nobody_known(&material) {
                return Err(unknown(number));
            }
            let asked_too_much = complaints::asked_too_much(asked(None, &material));
            return match asked_too_much.filter(|fault| self.counts(fault)) {
                Some(fault) => Err(cannot_be_sent(number, &fault)),
                None => self.without_letter(number),
            };
        };
        still_true(&letter, &material)?;
        let mut faults = self.wording(&letter, &material)?;
        in_its_language(&letter, &material.case, &mut faults);
        let (now, case) = (world.now(), &material.case);
        let is_past_hour = case.is_overdue(now) && case.owed_by() == Some(now.day());
        let asked = Asked { is_past_hour, ..asked(Some(&letter), &material) };
        let sending = complaints::sending(asked, by, day);
        let known: Vec<String> = sending.iter().filter(|fault| self.counts(fault)).map(stated).collect();
        faults.extend(known.into_iter().filter(|fault| !faults.contains(fault)).collect::<Vec<_>>());
        if faults.is_empty() { Ok(Some(letter)) } else { Err(refused(number, &letter, &faults)) }
    }

    /// Whether a complaint is not overruled.
    fn counts(&self, fault: &Fault) -> bool {
        !self.despite.iter().any(|complaint| fault.is_overruled_by(*complaint))
    }

    fn without_letter(&self, number: &CaseNumber) -> Result<Option<Letter>> {
        match self.letter {
            None => Ok(None),
            Some(_) => Err(Error::usage(format!(
                "no letter of case {number} was made, so there is nothing to hold it to"
            ))
            .hint(format!("make it first: dsr request letter {number} --output FILE"))),
        }
    }

    /// What was found when it was made; a file that was edited since is read anew.
    fn wording(&self, letter: &Letter, material: &Material) -> Result<Vec<String>> {
        let Some(path) = &self.letter else { return Ok(letter.faults.clone()) };
        let text = read(path)?;
        if Hash::of(text.as_bytes()).to_string() == letter.sha256 {
            return Ok(letter.faults.clone());
        }
        let plain = readable(&text);
        let draft = Draft { text: &plain, items: &letter.items, languages: &letter.languages };
        Ok(complaints::wording(draft, asked(Some(letter), material)).iter().map(stated).collect())
    }

    /// What the case's history says of what was overruled.
    pub(super) fn although(&self) -> Option<String> {
        let words: Vec<&str> = self.despite.iter().map(|complaint| complaint.as_str()).collect();
        Some(format!("{}: {}", words.join(", "), self.reason.as_deref()?))
    }
}

/// What was asked for cannot be unasked.
const ASKED_BEFORE: &str = "nobody had to prove who they are: tell the person so, then add --despite too_much_identity --reason TEXT";

/// The language of a request may have been corrected since the letter was made: the last one counts.
fn in_its_language(letter: &Letter, case: &CaseFile, faults: &mut Vec<String>) {
    let wrong = Complaint::WrongLanguage.as_str();
    faults.retain(|fault| !fault.starts_with(wrong));
    let to_person = letter.kind.parse().is_ok_and(LetterKind::is_to_person);
    let missing = case.language.as_ref().filter(|asked| to_person && !letter.languages.contains(asked));
    faults.extend(missing.map(|asked| format!("{wrong} ({asked})")));
}

/// Whether what was carried out tells data, or that none is held, and nobody was confirmed, or not surely enough for it.
fn is_told_to_nobody_known(material: &Material) -> bool {
    let (story, case) = (&material.story, &material.case);
    let shows = story.outcome.as_ref().is_some_and(|o| o.of_action(Action::Disclose).next().is_some());
    let tells = shows || story.calls_for(case.right).is_some_and(|kind| story.lets_know(kind, case.right));
    tells && story.refused.is_none() && case.identity.is_none()
}

fn unknown(number: &CaseNumber) -> Error {
    confirm(Error::new(Kind::Refused, format!("the answer of case {number} is a draft: unverified")), number)
}

fn confirm(error: Error, number: &CaseNumber) -> Error {
    error.hint(format!(
        "confirm who asks: dsr request verify {number} --identity METHOD; then make the answer again"
    ))
}

/// What the last letter says is not what the case recorded since: it was opened again, carried out anew, refused.
fn outdated(number: &CaseNumber) -> Error {
    let message = format!("the letter of case {number} was made before what the case recorded last");
    Error::new(Kind::Refused, message)
        .hint(format!("make it again: dsr request letter {number} --output FILE"))
}

fn unsigned(number: &CaseNumber) -> Error {
    Error::new(Kind::Refused, format!("the answer of case {number} is a refusal that nobody has signed"))
        .hint(format!(
            "a person signs it: dsr request refuse {number} --ground CODE --facts TEXT --signed-by NAME"
        ))
}

/// The letter for whom the answer goes to: the person, or of a breach the authority. A notice to a recipient
/// answers nobody. Of several the last in the language of the request, else the last.
fn last<'a>(case: &CaseFile, letters: &'a [Letter]) -> Option<&'a Letter> {
    let answers = |kind: LetterKind| match case.right {
        Right::Breach => kind == LetterKind::Authority,
        _ => kind.is_to_person(),
    };
    let all = || letters.iter().rev().filter(|letter| letter.kind.parse().is_ok_and(answers));
    let asked = |letter: &&Letter| letter.languages.iter().any(|word| Some(word) == case.language.as_ref());
    all().find(asked).or_else(|| all().next())
}

/// Refuses the answer of what a command carries out and did not: nothing was done that could be told.
///
/// # Errors
/// Refused (exit 4), with the command to type.
pub(super) fn carried_out(view: &View<'_>, case: &CaseFile, today: NaiveDate) -> Result<()> {
    if halts::elsewhere(view, case)? == Elsewhere::Open {
        return Err(elsewhere::in_part(Kind::Refused, &case.number));
    }
    let undone = matches!(case.state, CaseState::Received | CaseState::Verified);
    let (number, history) = (&case.number, view.case_history(&case.number)?);
    let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
    if let Some(step) = story.recalled.first().filter(|_| case.state != CaseState::Refused) {
        return Err(taken_back(case, &story, *step));
    }
    if !undone || !case.right.carried_out_as().has_command() {
        return Ok(());
    }
    let duties = halts::of_case(view, case)?;
    let error = Error::new(Kind::Refused, format!("case {number} was not carried out, nor refused"));
    let (elsewhere, idle) = (&Elsewhere::Done, is_about_nothing(view, case)?);
    let seen = Seen { history: &history, duties: &duties, elsewhere, gone: false, idle, today };
    Err(match next(case, seen) {
        Some(command) => error.hint(format!("go on with: {command}")),
        None => error,
    })
}

/// What nobody did is not told as done: it is refused, or ordered anew.
pub(super) fn taken_back(case: &CaseFile, story: &Story, step: u32) -> Error {
    let (number, again) = (&case.number, ordering_again(case, story));
    Error::new(
        Kind::Refused,
        format!("step {step} of case {number} was taken back: nothing tells it as done"),
    )
    .hint(format!("order it again: {again}; or refuse it: {}", refusing(number)))
}

/// The command that orders again what was taken back: the same is asked as before, where the case knows of whom and what;
/// messages stop for anybody, so there by the command of the right.
pub(super) fn ordering_again(case: &CaseFile, story: &Story) -> String {
    let asked = || story.ask.as_deref().and_then(Order::read).is_some();
    match case.right != Right::OptOut && case.subject.is_some() && asked() {
        true => format!("dsr request resume {}", case.number),
        false => carrying_out(case),
    }
}

/// The command that refuses a case.
pub(super) fn refusing(number: &CaseNumber) -> String {
    refusing_by(number, "CODE")
}

/// The same by a ground.
pub fn refusing_by(number: &CaseNumber, ground: &str) -> String {
    format!("dsr request refuse {number} --ground {ground} --facts TEXT --signed-by NAME")
}

/// An answer without a letter says by which way it was sent. A question and the like have no letter: they are
/// answered as people talk.
///
/// # Errors
/// Usage (exit 2), naming what is missing.
pub(super) fn said_how(right: Right, number: Option<&str>) -> Result<()> {
    if number.is_some() || matches!(right, Right::Complaint | Right::Question | Right::Authority) {
        return Ok(());
    }
    Err(Error::usage("nothing says how the answer was sent")
        .hint("add --channel CHANNEL, and --number NO where it bears one; or make it: dsr request letter NO"))
}

/// Refuses where another letter was made, since this one was checked.
///
/// # Errors
/// Stale (exit 5).
pub(super) fn unchanged(view: &View<'_>, case: &CaseFile, checked: Option<&str>) -> Result<()> {
    let history = view.case_history(&case.number)?;
    let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
    if last(case, story.current()).map(|letter| letter.sha256.as_str()) == checked {
        return Ok(());
    }
    Err(Error::new(Kind::Ambiguous, "another letter of the case was made meanwhile")
        .hint("nothing was recorded; look at the letter and run the command again"))
}

fn asked<'a>(letter: Option<&Letter>, material: &'a Material) -> Asked<'a> {
    let case = &material.case;
    let is = |kind: LetterKind| letter.is_some_and(|letter| letter.kind == kind.as_str());
    Asked {
        right: case.right,
        language: case.language.as_deref(),
        channel: case.channel,
        ways: &material.story.ways,
        identity: case.identity,
        ground: if is(LetterKind::Refusal) { material.story.ground() } else { None },
        due: case.owed_by(),
        is_past_hour: false,
        tells: letter
            .and_then(|letter| letter.kind.parse().ok())
            .is_some_and(|kind| material.story.lets_know(kind, case.right)),
        pending: material
            .acts
            .iter()
            .any(|act| material.story.is_pending(act.finished.is_some(), act.is_clean())),
        asked_identity: material.story.asked_identity,
        // An answer that nobody signed gets no further than this.
        unsigned: false,
    }
}

fn stated(fault: &Fault) -> String {
    fault.to_string()
}

/// What happened since a letter was made may make it untrue: a block that ended, something that was found.
fn still_true(letter: &Letter, material: &Material) -> Result<()> {
    let case = &material.case;
    let fitting = material.story.bears_out(case.right, case.identity.is_some());
    let (number, kind) = (&case.number, &letter.kind);
    let fits = letter.kind.parse().is_ok_and(|kind: LetterKind| fitting.contains(&kind));
    let outdated = material.story.is_outdated(letter);
    if fits && !outdated {
        return Ok(());
    }
    if fits {
        return Err(Error::new(
            Kind::Refused,
            format!("what waits of case {number} is not what its letter tells"),
        )
        .hint(format!("make it again: dsr request letter {number} --output FILE")));
    }
    Err(Error::new(Kind::Refused, format!("what case {number} recorded bears out no letter of `{kind}`"))
        .hint(format!("make it again: dsr request letter {number} --output FILE")))
}

/// Where no letter was made: what went before is all that can be wrong.
fn cannot_be_sent(number: &CaseNumber, fault: &Fault) -> Error {
    let message = format!("the answer of case {number} cannot be sent: {fault}");
    Error::new(Kind::Refused, message).hint(ASKED_BEFORE)
}

fn refused(number: &CaseNumber, letter: &letter::Letter, faults: &[String]) -> Error {
    let message = format!("the letter {} cannot be sent: {}", letter.number, faults.join("; "));
    let asked = format!("{} ({})", Complaint::TooMuchIdentity, complaints::ASKED);
    if faults == [asked] {
        return Error::new(Kind::Refused, message).hint(ASKED_BEFORE);
    }
    if faults.iter().any(|fault| fault == Complaint::Unverified.as_str()) {
        return confirm(Error::new(Kind::Refused, message), number);
    }
    Error::new(Kind::Refused, message).hint(format!(
        "mend it and make it again: dsr request letter {number}; a late one goes with --despite late --reason TEXT"
    ))
}

/// The number to record: typed or the letter's, never two different ones.
///
/// # Errors
/// Usage (exit 2) where they differ.
pub(super) fn number(typed: Option<String>, letter: Option<Letter>) -> Result<Option<String>> {
    match (typed, letter) {
        (Some(typed), Some(letter)) if typed != letter.number => {
            Err(Error::usage(format!("the letter bears the number {}, not `{typed}`", letter.number))
                .hint("leave --number out, or make the letter again with --number"))
        }
        (typed, letter) => Ok(typed.or(letter.map(|letter| letter.number))),
    }
}
