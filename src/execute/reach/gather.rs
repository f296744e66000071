//! Who is sought in the other systems, by which names, and what is found there.
//!
//! The own store is read in short views between the questions: nothing of it is locked while a network is
//! waited for.

use std::collections::BTreeMap;

use super::{Reach, Remote, meant, search::Meant};
use crate::{
    domain::{Identifier, Kind, Moment, Result, Selector, SubjectId},
    execute::resolve::{self, Found},
    store::{KeyFile, Store, View, remote::archive_mark},
    system::{
        project::project,
        traverse::{Met, Reached, Whose, single, walk},
    },
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

impl Reach {
    /// Everything the systems hold about whom a selector means. `None`: there is nobody to be sought there; what
    /// the selector means is then for the own store to say. A number of nobody known here that only searches is
    /// looked for, and followed where it is one person's.
    ///
    /// # Errors
    /// Ambiguous (exit 5), with masked candidates: several people of other systems have the number.
    /// Failed (exit 1), naming the system: an answer without it would not be whole; configuration (exit 6): two
    /// rows of one collection have one key, or the key file is missing and a law keeps rows there; the kinds of a
    /// read of the own store.
    pub fn gather(
        &mut self,
        store: &mut Store,
        controller: &str,
        who: &Selector,
        now: Moment,
        new: SubjectId,
    ) -> Result<Option<Remote>> {
        if self.is_empty() {
            return Ok(None);
        }
        let (seeds, reached, unsearched) = match self.meant(store, controller, who)? {
            Meant::AsTyped => return self.gather_met(store, controller, who, (now, new), &Met::default()),
            Meant::One(seeds, reached) => (seeds, reached, None),
            Meant::Nameless(left_out) => (Seeds::default(), Reached { left_out, ..Reached::default() }, None),
            Meant::Unsearchable => (Seeds::default(), Reached::default(), Some(who.kind())),
        };
        let remote = self.remote(store, controller, (seeds, reached), (now, new))?;
        Ok(Some(Remote { unsearched, ..remote }))
    }

    /// The same with rows that were found by name for several people at once.
    ///
    /// # Errors
    /// As [`Reach::gather`].
    pub fn gather_met(
        &mut self,
        store: &mut Store,
        controller: &str,
        who: &Selector,
        (now, new): (Moment, SubjectId),
        met: &Met,
    ) -> Result<Option<Remote>> {
        if self.is_empty() {
            return Ok(None);
        }
        let Some(seeds) = store.read(|view| seeds(view, controller, who))? else { return Ok(None) };
        let found = self.reached(store, controller, seeds, met)?;
        self.remote(store, controller, found, (now, new)).map(Some)
    }

    /// What was reached, as one person's.
    fn remote(
        &mut self,
        store: &mut Store,
        controller: &str,
        (seeds, reached): (Seeds, Reached),
        (now, new): (Moment, SubjectId),
    ) -> Result<Remote> {
        let unread = if reached.rows.is_empty() { Vec::new() } else { self.unread(&reached.rows)? };
        let vouched = self.stands.as_ref().map(|stands| stands.vouched.as_slice());
        single(&mut self.systems, &self.graph, &reached.rows, vouched.unwrap_or_default())?;
        let mut facts = project(&self.systems, &self.graph, reached, now);
        if let Some(person) = seeds.person {
            archived(store, controller, person, &mut facts.records)?;
        }
        let (graph, searched) = (self.graph.clone(), self.names());
        let mut identities = BTreeMap::new();
        for system in &mut self.systems {
            identities.insert(system.name.clone(), system.engine.identity()?);
        }
        let (person, unsought) = (seeds.person, seeds.unsought);
        let unsearched = None;
        Ok(Remote { facts, graph, searched, new, person, identities, unsought, unsearched, unread })
    }

    /// The rows of the seeds. Names that the own store knows nobody by may lead to a number by which it does: then
    /// that person is meant, with all that protects them.
    pub(super) fn reached(
        &mut self,
        store: &mut Store,
        controller: &str,
        seeds: Seeds,
        met: &Met,
    ) -> Result<(Seeds, Reached)> {
        let first = self.walk(store, controller, &seeds, met)?;
        if seeds.person.is_some() {
            return Ok((seeds, first));
        }
        let Some(known) = store.read(|view| meant::meant(view, controller, &first))? else {
            return Ok((seeds, first));
        };
        let mut again = store.read(|view| of_person(view, controller, known))?;
        again.names.extend(seeds.names);
        let whole = self.walk(store, controller, &again, met)?;
        if meant::contradicts(&first, &whole) {
            return Err(meant::unclear(Some(known)));
        }
        Ok((again, whole))
    }

    pub(super) fn walk(
        &mut self,
        store: &mut Store,
        controller: &str,
        seeds: &Seeds,
        met: &Met,
    ) -> Result<Reached> {
        let mut whose = |name: &Identifier| store.read(|view| whose(view, controller, seeds.person, name));
        walk(&mut self.systems, &self.graph, &seeds.names, &mut whose, met)
    }
}

/// Every name by which these would be sought, for [`Met::of`].
pub(super) fn names(store: &mut Store, controller: &str, people: &[Identifier]) -> Result<Vec<Identifier>> {
    store.read(|view| {
        let mut all = Vec::new();
        for name in people {
            let found = seeds(view, controller, &Selector::Identifier(name.clone()))?;
            all.extend(found.into_iter().flat_map(|seeds| seeds.names));
        }
        Ok(all)
    })
}

/// A person held here is sought by every number of theirs alone; one who is not, by the number itself.
fn seeds(view: &View<'_>, controller: &str, who: &Selector) -> Result<Option<Seeds>> {
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

fn whose(view: &View<'_>, controller: &str, person: Option<SubjectId>, name: &Identifier) -> Result<Whose> {
    let found = view.by_identifier(controller, name)?;
    let mut holders = found.iter().filter(|one| !one.hint).map(|one| one.id).peekable();
    if holders.peek().is_none() {
        return Ok(Whose::Nobody);
    }
    Ok(if holders.all(|id| Some(id) == person) { Whose::Theirs } else { Whose::Another })
}

/// What the own register says of rows that a law keeps elsewhere.
fn archived(
    store: &mut Store,
    controller: &str,
    person: SubjectId,
    records: &mut [crate::domain::Record],
) -> Result<()> {
    let known = store.read(|view| view.remote_archives(controller, person))?;
    if known.is_empty() {
        return Ok(());
    }
    // Without it no row is known again, and what a law alone keeps would be judged as in use.
    let key = KeyFile::load(&KeyFile::default_path(store.path()))?;
    for record in records {
        let mark = archive_mark(&key, controller, &[&record.reference, record.category.as_str()]);
        record.archived_until = known.get(&mark).copied();
    }
    Ok(())
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
