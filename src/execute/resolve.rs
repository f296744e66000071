//! From what was typed to one person, or to nobody, or to a question. Never to a guess.

use std::collections::BTreeSet;

use crate::{
    domain::{CaseNumber, Error, Identifier, Kind, Result, Right, Selector, SubjectId},
    execute::reach::Remote,
    store::{Candidate, View},
};

/// Whom a selector means at one controller.
pub enum Found {
    /// Exactly this person.
    One(SubjectId),
    /// Nobody.
    Nobody,
}

impl Found {
    /// Whom nobody is known by here, other systems may say.
    pub fn or_elsewhere(self, remote: Option<&Remote>) -> Self {
        match (self, remote.and_then(|remote| remote.person)) {
            (Self::Nobody, Some(id)) => Self::One(id),
            (found, _) => found,
        }
    }
}

/// Everybody a selector could mean, masked.
///
/// # Errors
/// As any read.
pub fn candidates(view: &View<'_>, controller: &str, who: &Selector) -> Result<Vec<Candidate>> {
    match who {
        Selector::Id(id) => own(view, controller, &id.to_string(), "id"),
        Selector::Reference(reference) => own(view, controller, reference, "ref"),
        Selector::Identifier(identifier) => view.by_identifier(controller, identifier),
        Selector::Name(name) => view.by_name(controller, name),
    }
}

fn own(view: &View<'_>, controller: &str, text: &str, by: &str) -> Result<Vec<Candidate>> {
    let mut found = view.by_own(controller, text)?;
    found.retain(|one| one.matched_by == by);
    Ok(found)
}

/// The one person here who has one of these names. `None`: nobody, or several.
///
/// # Errors
/// As any read.
pub fn known(view: &View<'_>, controller: &str, names: &[Identifier]) -> Result<Option<SubjectId>> {
    let people = holders(view, controller, names)?;
    Ok(people.first().copied().filter(|_| people.len() == 1))
}

/// Everybody here who has one of these names; who looks alike does not count.
///
/// # Errors
/// As any read.
pub fn holders(view: &View<'_>, controller: &str, names: &[Identifier]) -> Result<BTreeSet<SubjectId>> {
    let mut people = BTreeSet::new();
    for name in names {
        let found = view.by_identifier(controller, name)?;
        people.extend(found.iter().filter(|one| !one.hint).map(|one| one.id));
    }
    Ok(people)
}

/// For answers: any selector will do, if exactly one person matches it without a look-alike.
///
/// # Errors
/// Ambiguous (exit 5) with the masked candidates.
pub fn for_answer(view: &View<'_>, controller: &str, who: &Selector) -> Result<Found> {
    // An id or a reference is one person or nobody: no candidate has to be shown.
    let known = match who {
        Selector::Id(id) => Some(view.by_id(controller, *id)?),
        Selector::Reference(reference) => Some(view.by_ref(controller, reference)?),
        Selector::Identifier(_) | Selector::Name(_) => None,
    };
    if let Some(known) = known {
        return Ok(known.map_or(Found::Nobody, Found::One));
    }
    let found = candidates(view, controller, who)?;
    match found.as_slice() {
        // A misspelt name finds nobody: that is no answer about a person.
        [] if matches!(who, Selector::Name(_)) => {
            Err(Error::new(Kind::Ambiguous, "nobody of that name was found, and a name only searches")
                .hint("use iin:, account:, ref: or id:, or try `dsr find` with another spelling"))
        }
        [] => Ok(Found::Nobody),
        [one] if !one.hint => Ok(Found::One(one.id)),
        [_] => Err(ambiguous("only somebody who looks alike was found", &found)),
        _ => {
            let sure: Vec<_> = found.iter().filter(|one| !one.hint).collect();
            match (sure.as_slice(), who.names_a_person()) {
                ([one], true) => Ok(Found::One(one.id)),
                _ => Err(ambiguous("more than one person matches", &found)),
            }
        }
    }
}

/// A reference and every other name die with what was held; the number that cases keep still names who they were of.
const SEEK: &str = "`dsr find TEXT` searches by any identifier or name; whoever was erased whole is named by the subject of their case alone: \
                    dsr request list --all, then --subject id:…";

/// For changes: only a selector that names a person.
///
/// # Errors
/// Ambiguous (exit 5) with the masked candidates; not found (exit 3).
pub fn for_change(view: &View<'_>, controller: &str, who: &Selector) -> Result<SubjectId> {
    if !who.names_a_person() {
        let found = candidates(view, controller, who)?;
        let sentence = format!("`{}:` only searches; a change needs iin:, account:, ref: or id:", who.kind());
        return Err(ambiguous(&sentence, &found));
    }
    match for_answer(view, controller, who)? {
        Found::One(id) => Ok(id),
        Found::Nobody => Err(Error::new(Kind::NotFound, "no such person at this controller").hint(SEEK)),
    }
}

/// What is typed next where a change is asked for somebody whom nobody here knows, and people keep systems of their own:
/// the request is registered all the same, and whoever is found there is entered, so that it can be carried out.
pub fn known_to_people(error: Error, who: &Selector, right: Right, case: Option<&CaseNumber>) -> Error {
    let unknown = error.kind() == Kind::NotFound && matches!(who, Selector::Identifier(_));
    match case {
        _ if !unknown || !matches!(right, Right::Rectify | Right::Restrict) => error,
        Some(_) => error.hint("whom only people know is entered first: dsr import FILE; then type the command again"),
        None => error.hint(format!(
            "register it: dsr request open --right {right} --channel CHANNEL; whom only people know is entered first: dsr import FILE; then \
             type the command again with --request NO"
        )),
    }
}

fn ambiguous(sentence: &str, found: &[Candidate]) -> Error {
    let lines: Vec<String> = found.iter().take(20).map(line).collect();
    let error = Error::new(Kind::Ambiguous, sentence).picture(lines.join("\n"));
    match found.first() {
        Some(first) => {
            error.hint(format!("nothing was done; name the person, e.g. --subject id:{}", first.id))
        }
        None => error.hint("nothing was done; `dsr find` shows who could be meant"),
    }
}

/// One masked candidate on one line.
fn line(one: &Candidate) -> String {
    let identifiers: Vec<String> =
        one.identifiers.iter().map(|(kind, masked)| format!("{kind} {masked}")).collect();
    let like = if one.hint { " (looks alike)" } else { "" };
    format!("  id:{}  {}  {}{like}", one.id, one.names.join(" / "), identifiers.join(", "))
}
