//! A letter made: what it tells is read, the case keeps which it was, the log keeps its digest; then it is handed out.

use super::{
    authority,
    context::{Context, Said},
    halts::{self, Elsewhere},
    order::Order,
    reach::{Remote, merge::merge},
    timing,
};
use crate::{
    audit::{Hash, State},
    calendar::Calendar,
    decide::{
        access::{Dossier, access},
        by_place::put_off::PutOff,
        letters::Story,
        purposes,
    },
    domain::{CaseEvent, CaseNumber, Duty, Error, Kind, Letter, Result, Right, SubjectId},
    policy::Rulebook,
    store::{CaseFile, Store, View, destroy::Destruction},
};

/// What a letter is made of.
pub struct Material {
    /// The case.
    pub case: CaseFile,
    /// What happened in it.
    pub story: Story,
    /// What is held of the person today; `None`: nothing, or nobody is named.
    pub dossier: Option<Dossier>,
    /// Acts of destruction of the case.
    pub acts: Vec<Destruction>,
    /// What people had and have to do.
    pub duties: Vec<Duty>,
    /// What of it waits, and why.
    pub put_off: Vec<PutOff>,
    /// Whether what is open of it in other systems is kept, and was not told yet.
    pub kept_elsewhere: bool,
    /// Whether data that its answer told was destroyed since, by another right.
    pub gone_since: bool,
    /// Which letter of the case the next one is, from 1; those that a lost register knew are passed over.
    pub nth: u64,
}

/// A finished letter: its bytes, and what the case keeps of it.
pub type Written = (Vec<u8>, Letter);

/// Reads what a letter is made of: the case with its last day as it is now. `remote`: what other systems hold of the
/// person, where the letter tells it.
///
/// # Errors
/// Not found (exit 3) for the case; the kinds of the store.
pub fn material(
    view: &View<'_>,
    rules: (&Rulebook, &Calendar),
    context: &Context,
    number: &CaseNumber,
    remote: Option<&Remote>,
) -> Result<Material> {
    let case = timing::present(view, view.case(number)?, rules, context.now)?;
    let case = authority::seen(view, case, false, context.now)?;
    let history = view.case_history(number)?;
    let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
    let acts = view.acts_of_case(number)?;
    let dossier = case
        .subject
        .map(|subject| held(view, rules, context, &case, (subject, remote)))
        .transpose()?
        .flatten();
    let duties = halts::shown_by(view, &case, Some(rules.0), view.duties(number)?)?;
    let kept_elsewhere = matches!(halts::elsewhere(view, &case)?, Elsewhere::Kept(_));
    let put_off = halts::put_off(view, &case, &duties, rules.0)?;
    let story = story.told_by(&duties).held(dossier.is_some());
    let story = story.about_messages(&purposes::of_messages(rules.0));
    let case = in_its_language(view, case, &story)?;
    let nth = u64::from(view.letters_passed(number)?) + story.letters.len() as u64 + 1;
    let gone_since = gone_since(view, &case)?;
    Ok(Material { case, story, dossier, acts, duties, put_off, kept_elsewhere, gone_since, nth })
}

/// Whether another right of the same person destroyed something after access was carried out: what is held today is not what
/// was asked for, and no letter may say that it is all.
///
/// # Errors
/// As any read.
pub fn gone_since(view: &View<'_>, case: &CaseFile) -> Result<bool> {
    let Some(subject) = case.subject.filter(|_| case.right == Right::Access) else { return Ok(false) };
    let history = view.case_history(&case.number)?;
    let told = history.iter().rev().find(|entry| matches!(entry.event, CaseEvent::Executed { .. }));
    let Some(told) = told.map(|entry| entry.at) else { return Ok(false) };
    let facts = match view.facts(&case.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(false),
        facts => facts?,
    };
    for other in facts.cases.iter().filter(|other| other.number != case.number) {
        // Of one instant the numbers tell the order.
        let is_later = other.number.as_str() > case.number.as_str();
        let since = |act: &Destruction| act.started > told || act.started == told && is_later;
        if view.acts_of_case(&other.number)?.iter().any(|act| since(act) && act.records() > 0) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The end of a check is told in the language of the request that blocked, unless the case has one of its own: the
/// company opens it, and nobody wrote it.
fn in_its_language(view: &View<'_>, case: CaseFile, story: &Story) -> Result<CaseFile> {
    let lift = story.ask.as_deref().filter(|_| case.language.is_none()).and_then(Order::read);
    let numbers = lift.iter().flat_map(Order::lifted).filter_map(|number| number.parse::<CaseNumber>().ok());
    let mut language = None;
    for number in numbers {
        language = language.or(view.case(&number)?.language);
    }
    Ok(CaseFile { language: case.language.or(language), ..case })
}

/// What is held of a person; nobody is found after a whole erasure.
fn held(
    view: &View<'_>,
    rules: (&Rulebook, &Calendar),
    context: &Context,
    case: &CaseFile,
    (subject, remote): (SubjectId, Option<&Remote>),
) -> Result<Option<Dossier>> {
    let right = if case.right == Right::Export { Right::Export } else { Right::Access };
    let facts = view.facts(&case.controller, subject).map(|mut facts| {
        remote.into_iter().for_each(|remote| merge(&mut facts, remote));
        facts
    });
    match facts {
        Ok(facts) if facts.records.is_empty() => Ok(None),
        Ok(facts) => Ok(Some(access(facts, rules.0, right, context.now.day()))),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a letter of a case and records it; the caller hands out the bytes.
///
/// # Errors
/// Usage (exit 2) where `context` is for another controller; whatever `make` returns: then nothing happened.
pub fn write(
    store: &mut Store,
    context: &Context,
    rules: (&Rulebook, &Calendar),
    (number, remote): (&CaseNumber, Option<&Remote>),
    make: impl FnOnce(&Material) -> Result<Written>,
) -> Result<Vec<u8>> {
    store.transact(|tx| {
        let material = material(tx, rules, context, number, remote)?;
        if context.controller.as_ref() != Some(&material.case.controller) {
            return Err(Error::usage(format!("case {number} belongs to `{}`", material.case.controller))
                .hint(format!("add --controller {}", material.case.controller)));
        }
        let (bytes, letter) = make(&material)?;
        let event = CaseEvent::Lettered { letter: Box::new(letter) };
        tx.move_case(number, &event, context.now, context.actor.name())?;
        // A letter names the person wherever anything is held of them.
        let state = if material.dossier.is_some() { State::Disclosed } else { State::Noted };
        let said = Said {
            case: Some(number.clone()),
            subject: material.case.subject,
            output: Some(Hash::of(&bytes)),
            ..Said::default()
        };
        context.log(tx, "request.letter", state, said)?;
        Ok(bytes)
    })
}

/// Records a letter that belongs to no case, such as a change of the policy.
///
/// # Errors
/// As any write.
pub fn to_everyone(store: &mut Store, context: &Context, bytes: &[u8]) -> Result<()> {
    store.transact(|tx| {
        let said = Said { output: Some(Hash::of(bytes)), ..Said::default() };
        context.log(tx, "request.letter", State::Noted, said).map(drop)
    })
}
