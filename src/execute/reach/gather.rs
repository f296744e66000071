//! Who is sought in the other systems, by which names, and what is found there.
//!
//! The own store is read in short views between the questions: nothing of it is locked while a network is
//! waited for.

use std::collections::BTreeMap;

use super::{
    Reach, Remote, former, meant,
    search::Meant,
    seeds::{Seeds, of_person, seeds, whose},
    target::{self, Under},
};
use crate::{
    domain::{Error, Identifier, Kind, Moment, Result, Selector, SubjectId},
    store::{
        KeyFile, Store, View,
        remote::{Former, archive_mark},
    },
    system::{
        engine::Row as Cells,
        project::{project, project_bare},
        traverse::{Found as Row, Reached, Sight, reading::Readings, single, walk_within},
    },
};

impl Reach {
    /// Everything the systems hold about whom a selector means. `None`: there is nobody to be sought there; what
    /// the selector means is then for the own store to say. A number of nobody known here that only searches is
    /// looked for, and leads to whom it names where that is one person.
    ///
    /// # Errors
    /// Ambiguous (exit 5), with masked candidates: several people of other systems have the number.
    /// Failed (exit 1), naming the system: an answer without it would not be whole; configuration (exit 6): two
    /// rows of one collection have one key, or the key file is missing and a law keeps rows there; ambiguous (exit 5):
    /// the rows carry the number of somebody known here, and whose they are is not sure; the kinds of a read of the
    /// own store.
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
            Meant::AsTyped => {
                let mut all = self.gather_all(store, controller, &[(who.clone(), new)], now)?;
                let mut remote = all.pop().unwrap_or(Ok(None))?;
                remote.iter_mut().try_for_each(|remote| self.beside(store, controller, remote))?;
                return Ok(remote);
            }
            Meant::One(seeds, reached) => (seeds, reached, None),
            Meant::Nameless(reached) => (Seeds::default(), reached, None),
            Meant::Unsearchable => (Seeds::default(), Reached::default(), Some(who.kind())),
        };
        let one = Person { new, sought: Sought::Found(seeds, reached) };
        let mut remote =
            self.remotes(store, controller, vec![one], (now, true))?.pop().unwrap_or(Ok(None))?;
        remote.iter_mut().try_for_each(|remote| self.beside(store, controller, remote))?;
        Ok(remote.map(|remote| Remote { unsearched, ..remote }))
    }

    /// The same of several at once, so that a table is asked once for all of them. Of each it is said apart where
    /// whose rows they are is not sure.
    ///
    /// # Errors
    /// As [`Reach::gather`].
    pub fn gather_all(
        &mut self,
        store: &mut Store,
        controller: &str,
        people: &[(Selector, SubjectId)],
        now: Moment,
    ) -> Result<Vec<Result<Option<Remote>>>> {
        self.gather_as(store, (controller, now), people, (&Readings::default(), true))
    }

    /// The same for verdicts alone: of so much of each collection, bare, and with what hangs on rows of several.
    ///
    /// # Errors
    /// As [`Reach::gather`].
    pub(super) fn gather_within(
        &mut self,
        store: &mut Store,
        controller: &str,
        people: &[(Selector, SubjectId)],
        now: Moment,
        readings: &Readings,
    ) -> Result<Vec<Result<Option<Remote>>>> {
        self.hanging = true;
        let found = self.gather_as(store, (controller, now), people, (readings, false));
        self.hanging = false;
        found
    }

    fn gather_as(
        &mut self,
        store: &mut Store,
        (controller, now): (&str, Moment),
        people: &[(Selector, SubjectId)],
        (readings, told): (&Readings, bool),
    ) -> Result<Vec<Result<Option<Remote>>>> {
        if self.is_empty() {
            return Ok(people.iter().map(|_| Ok(None)).collect());
        }
        let mut sought = store.read(|view| Person::of(view, controller, people))?;
        let mut each: Vec<&mut Sought> = sought.iter_mut().map(|one| &mut one.sought).collect();
        self.reach(store, controller, &mut each, readings)?;
        self.remotes(store, controller, sought, (now, told))
    }

    /// What was reached, as each person's.
    fn remotes(
        &mut self,
        store: &mut Store,
        controller: &str,
        sought: Vec<Person>,
        (now, told): (Moment, bool),
    ) -> Result<Vec<Result<Option<Remote>>>> {
        let rows = || sought.iter().flat_map(|one| one.sought.rows());
        let vouched = if rows().next().is_some() { self.stands()?.vouched.clone() } else { Vec::new() };
        single(&mut self.systems, &self.graph, rows(), &vouched)?;
        let formers = store.read(|view| view.formers(controller))?;
        let mut identities = BTreeMap::new();
        for system in &mut self.systems {
            identities.insert(system.name.clone(), system.engine.identity()?);
        }
        sought
            .into_iter()
            .map(|one| self.remote(store, controller, one, (now, told, &identities, &formers)))
            .collect()
    }

    fn remote(
        &mut self,
        store: &mut Store,
        controller: &str,
        Person { new, sought }: Person,
        (now, told, identities, formers): (Moment, bool, &BTreeMap<String, String>, &[Former]),
    ) -> Result<Result<Option<Remote>>> {
        let (seeds, reached) = match sought {
            Sought::Found(seeds, reached) => (seeds, reached),
            Sought::Nobody => return Ok(Ok(None)),
            Sought::Unclear(why) => return Ok(Err(why)),
        };
        let unread = if reached.rows.is_empty() { Vec::new() } else { self.unread(&reached.rows)? };
        let project = if told { project } else { project_bare };
        let mut facts = project(&self.systems, &self.graph, reached, now);
        let archives = match seeds.person {
            Some(person) => archived(store, controller, person, &mut facts.records)?,
            None => false,
        };
        let (graph, searched, identities) = (self.graph.clone(), self.names(), identities.clone());
        let (person, unsought) = (seeds.person, seeds.unsought);
        let (unsearched, uncorrected) = (None, self.uncorrected(formers, person));
        Ok(Ok(Some(Remote {
            facts,
            graph,
            searched,
            new,
            person,
            archives,
            identities,
            unsought,
            unsearched,
            unread,
            uncorrected,
        })))
    }

    /// What one person's names lead to, and by which names they were sought in the end.
    ///
    /// # Errors
    /// As [`Reach::gather`].
    pub(super) fn reached(
        &mut self,
        store: &mut Store,
        controller: &str,
        seeds: Seeds,
    ) -> Result<(Seeds, Reached)> {
        let mut one = Sought::Found(seeds, Reached::default());
        self.reach(store, controller, &mut [&mut one], &Readings::default())?;
        match one {
            Sought::Found(seeds, reached) => Ok((seeds, reached)),
            Sought::Unclear(why) => Err(why),
            Sought::Nobody => Ok((Seeds::default(), Reached::default())),
        }
    }

    /// The rows of the seeds. Names that the own store knows nobody by may lead to a number by which it does: then
    /// that person is meant, with all that protects them.
    fn reach(
        &mut self,
        store: &mut Store,
        controller: &str,
        all: &mut [&mut Sought],
        readings: &Readings,
    ) -> Result<()> {
        let first = all.iter().filter_map(|one| one.seeds()).collect();
        let found = self.walk(store, controller, first, readings)?;
        let reached = all.iter_mut().filter_map(|one| one.reached());
        reached.zip(found).for_each(|(reached, found)| *reached = found);
        let path = KeyFile::default_path(store.path());
        let again = store.read(|view| {
            let formers = view.formers(controller)?;
            let key = if formers.is_empty() { None } else { Some(KeyFile::load(&path)?) };
            let by = (controller, key.as_ref(), formers.as_slice());
            let each = all.iter_mut().enumerate().map(|(nth, one)| Ok((nth, one.again(view, by)?)));
            let again: Vec<(usize, Option<Seeds>)> = each.collect::<Result<_>>()?;
            Ok(again.into_iter().filter_map(|(nth, seeds)| Some((nth, seeds?))).collect::<Vec<_>>())
        })?;
        let second = again.iter().map(|(_, seeds)| seeds).collect();
        let whole = self.walk(store, controller, second, readings)?;
        for ((nth, seeds), whole) in again.into_iter().zip(whole) {
            all[nth].settle(seeds, whole);
        }
        Ok(())
    }

    /// What each one's names lead to.
    fn walk(
        &mut self,
        store: &mut Store,
        controller: &str,
        all: Vec<&Seeds>,
        readings: &Readings,
    ) -> Result<Vec<Reached>> {
        let names: Vec<Vec<Identifier>> = all.iter().map(|seeds| seeds.names.clone()).collect();
        let beside = store.path().to_owned();
        let mut whose =
            |nth: usize, name: &Identifier| store.read(|view| whose(view, controller, all[nth].person, name));
        let key = KeyFile::load(&KeyFile::default_path(&beside)).ok();
        let under = Under { key: key.as_ref(), controller };
        let graph = self.graph.clone();
        let trace = |at, cells: &Cells, place| target::trace(&graph, at, cells, place, under);
        let (over, hanging) = (&self.over, self.hanging);
        let sight = Sight { trace: &trace, over, hanging };
        walk_within(&mut self.systems, (&self.graph, readings), &names, &mut whose, &sight)
    }
}

/// Somebody of a page.
struct Person {
    /// The number they get if the own store does not know them.
    new: SubjectId,
    sought: Sought,
}

/// How far somebody was found.
enum Sought {
    /// There is nobody to be sought.
    Nobody,
    /// By which names, and what they led to so far.
    Found(Seeds, Reached),
    /// Whose the rows are is not sure.
    Unclear(Error),
}

impl Person {
    fn of(view: &View<'_>, controller: &str, people: &[(Selector, SubjectId)]) -> Result<Vec<Self>> {
        let one = |(who, new): &(Selector, SubjectId)| {
            let found = |seeds| Sought::Found(seeds, Reached::default());
            let sought = seeds(view, controller, who)?.map_or(Sought::Nobody, found);
            Ok(Self { new: *new, sought })
        };
        people.iter().map(one).collect()
    }
}

impl Sought {
    fn seeds(&self) -> Option<&Seeds> {
        if let Sought::Found(seeds, _) = self { Some(seeds) } else { None }
    }

    fn reached(&mut self) -> Option<&mut Reached> {
        if let Sought::Found(_, reached) = self { Some(reached) } else { None }
    }

    fn rows(&self) -> &[Row] {
        if let Sought::Found(_, reached) = self { &reached.rows } else { &[] }
    }

    /// By which names a stranger is sought anew whose rows mean somebody who is known.
    fn again(
        &mut self,
        view: &View<'_>,
        (controller, key, formers): (&str, Option<&KeyFile>, &[Former]),
    ) -> Result<Option<Seeds>> {
        let Sought::Found(seeds, first) = self else { return Ok(None) };
        if seeds.person.is_some() {
            return Ok(None);
        }
        let known = match meant::meant(view, controller, first) {
            Err(unclear) if unclear.kind() == Kind::Ambiguous => {
                *self = Sought::Unclear(unclear);
                return Ok(None);
            }
            known => known?,
        };
        let Some(known) = known else {
            let found = if first.rows.is_empty() { &[][..] } else { formers };
            if let Some(unclear) = former::unclear(found, (key, controller), &first.names)? {
                *self = Sought::Unclear(unclear);
            }
            return Ok(None);
        };
        let mut again = of_person(view, controller, known)?;
        again.names.extend(seeds.names.iter().cloned());
        Ok(Some(again))
    }

    /// What the walk as somebody known led to, where it does not contradict the first one.
    fn settle(&mut self, seeds: Seeds, whole: Reached) {
        let first = self.reached();
        *self = match first.is_some_and(|first| meant::contradicts(first, &whole)) {
            true => Sought::Unclear(meant::unclear(seeds.person)),
            false => Sought::Found(seeds, whole),
        };
    }
}

/// What the own register says of rows that a law keeps elsewhere; whether it says anything.
fn archived(
    store: &mut Store,
    controller: &str,
    person: SubjectId,
    records: &mut [crate::domain::Record],
) -> Result<bool> {
    let known = store.read(|view| view.remote_archives(controller, person))?;
    if known.is_empty() {
        return Ok(false);
    }
    // Without it no row is known again, and what a law alone keeps would be judged as in use.
    let key = KeyFile::load(&KeyFile::default_path(store.path()))?;
    for record in records {
        let mark = archive_mark(&key, controller, &[&record.reference, record.category.as_str()]);
        record.archived_until = known.get(&mark).copied();
    }
    Ok(true)
}
