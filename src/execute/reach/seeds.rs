//! By which names of theirs somebody is sought in other systems.

use crate::{
    domain::{Identifier, Kind, Result, Selector, SubjectId},
    execute::resolve::{self, Found},
    store::View,
    system::traverse::Whose,
};

/// By which names somebody is sought.
#[derive(Default)]
pub(super) struct Seeds {
    pub person: Option<SubjectId>,
    pub names: Vec<Identifier>,
    pub unsought: Vec<&'static str>,
}

impl Seeds {
    /// Of somebody whom the own store does not know.
    pub fn of_stranger(name: Identifier) -> Self {
        Self { person: None, names: vec![name], unsought: Vec::new() }
    }
}

/// A person held here is sought by every number of theirs alone; one who is not, by the number itself.
pub(super) fn seeds(view: &View<'_>, controller: &str, who: &Selector) -> Result<Option<Seeds>> {
    match (resolve::for_answer(view, controller, who), who) {
        (Ok(Found::One(person)), _) => of_person(view, controller, person).map(Some),
        (Ok(Found::Nobody), Selector::Identifier(name)) if name.kind().names_a_person() => {
            Ok(Some(Seeds::of_stranger(name.clone())))
        }
        (Ok(Found::Nobody), _) => Ok(None),
        // Whatever is wrong with the selector is said where it is used.
        (Err(error), _) if is_of_selector(error.kind()) => Ok(None),
        (Err(error), _) => Err(error),
    }
}

/// Whether the own store was read and means nobody or several; what could not be read means nothing.
pub(super) fn is_of_selector(kind: Kind) -> bool {
    matches!(kind, Kind::Ambiguous | Kind::NotFound | Kind::Usage)
}

pub(super) fn of_person(view: &View<'_>, controller: &str, person: SubjectId) -> Result<Seeds> {
    let mut seeds = Seeds { person: Some(person), names: Vec::new(), unsought: Vec::new() };
    for name in view.facts(controller, person)?.identifiers {
        let naming = name.kind().names_a_person();
        match whose(view, controller, Some(person), &name)? {
            Whose::Theirs => seeds.names.push(name),
            _ if naming => {}
            _ => seeds.unsought.push(name.kind().as_str()),
        }
    }
    seeds.unsought.sort_unstable();
    seeds.unsought.dedup();
    Ok(seeds)
}

pub(super) fn whose(
    view: &View<'_>,
    controller: &str,
    person: Option<SubjectId>,
    name: &Identifier,
) -> Result<Whose> {
    let found = view.by_identifier(controller, name)?;
    let mut holders = found.iter().filter(|one| !one.hint).map(|one| one.id).peekable();
    if holders.peek().is_none() {
        return Ok(Whose::Nobody);
    }
    Ok(if holders.all(|id| Some(id) == person) { Whose::Theirs } else { Whose::Another })
}

#[test]
fn only_who_is_meant_is_said_later() {
    for (kind, later) in [
        (Kind::Ambiguous, true),
        (Kind::NotFound, true),
        (Kind::Usage, true),
        (Kind::Failed, false),
        (Kind::Config, false),
        (Kind::Integrity, false),
        (Kind::Busy, false),
    ] {
        assert_eq!(is_of_selector(kind), later, "{kind:?}");
    }
}
