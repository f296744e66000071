//! What is due of the people of a page, and what is done about it.

use std::collections::{BTreeSet, HashSet};

use super::{
    Elsewhere, Terms,
    joint::{self, Due, PutOff},
    leave,
    met::Met,
    passed,
};
use crate::{
    decide::{
        grounds,
        nightly::{Fate, fate},
    },
    domain::{
        Action, Decision, Identifier, Kept, Kind, Plan, Record, RecordKey, Result, Right, Selector, Step,
        SubjectFacts, SubjectId,
    },
    execute::{
        purge::Company,
        reach::{
            Means, Reach, Remote,
            intent::{Meant, meant},
            merge::{merge, only_elsewhere},
            refine::{Lens, is_shared, refine},
        },
    },
    store::{KeyFile, Store},
    system::traverse::{Place, reading::Readings},
};

/// What one person's part of a page comes to.
pub(super) struct Planned {
    pub remote: Remote,
    pub facts: SubjectFacts,
    pub known: bool,
    pub plan: Plan,
    pub steps: Vec<Meant>,
    /// Their rows by which they have a part in what they leave to others.
    pub leaves: Vec<Place>,
}

/// One person weighed, and not told yet.
struct Weighed {
    planned: Planned,
    page: Elsewhere,
    joint: Vec<Due>,
    /// Records that are due.
    due: BTreeSet<RecordKey>,
}

/// Who is sought, and the number they get if nobody here knows them.
type Sought = (Selector, SubjectId);

/// Everybody of a page, read as far as `readings` say; whoever has more at stake than rows on which nothing hangs is
/// read whole, and judged by that. Gives those of whom it is decided, and those who are to be judged after them. Who has a
/// row of several that is due is put off, or, where nobody is, judged by what all of them agree on.
pub(super) fn judge(
    store: &mut Store,
    reach: &mut Reach,
    by: (&Company<'_>, &Readings),
    terms: &mut Terms<'_>,
    (people, before): (&[Identifier], &Met),
    (told, mut put_off): (&mut Elsewhere, Option<&mut PutOff>),
) -> Result<(Vec<Planned>, Vec<Identifier>)> {
    let (company, readings) = by;
    let (mut all, mut met) = (Vec::<(Sought, Weighed)>::new(), Met::default());
    let (mut later, mut leaving) = (Vec::new(), leave::Places::new());
    let named = people.iter().cloned().map(Selector::Identifier);
    let mut open: Vec<Sought> = named.map(|name| (name, SubjectId::from_bytes((terms.random)()))).collect();
    let whole = Readings::default();
    for (readings, last) in [(readings, false), (&whole, true)] {
        if open.is_empty() {
            break;
        }
        let found = gathered(store, reach, company, &open, readings)?;
        let mut again = Vec::new();
        for (who, found) in open.into_iter().zip(found) {
            let Some(remote) = sure(&who.0, found, told)? else { continue };
            // The same person by another of their numbers.
            if remote.is_empty() || !last && (before.has(&remote) || met.has(&remote)) {
                continue;
            }
            let name = if let Selector::Identifier(name) = &who.0 { Some(name) } else { None };
            if leave::is_last(&remote, &leaving) {
                later.extend(name.cloned());
                continue;
            }
            met.meet(&remote);
            let Some(one) = weighed(store, (company, terms.key), remote, (readings, &HashSet::new()))? else {
                again.push(who);
                continue;
            };
            match (&mut put_off, name) {
                (Some(put_off), Some(name)) if !one.joint.is_empty() => put_off.push(name, &one.joint),
                _ => {
                    leaving.extend(one.planned.leaves.iter().cloned());
                    all.push((who, one));
                }
            }
        }
        open = again;
    }
    let going = free(store, reach, (company, terms.key), &mut all)?;
    if put_off.is_none() {
        reach.departing = going;
        let agreed = agree(store, reach, (company, terms.key), &mut all);
        reach.departing.clear();
        agreed?;
    }
    let planned = all.into_iter().map(|(_, one)| {
        told.absorb(one.page);
        one.planned
    });
    Ok((planned.collect(), later))
}

/// What each of them holds, and what refers to it.
fn gathered(
    store: &mut Store,
    reach: &mut Reach,
    company: &Company<'_>,
    people: &[Sought],
    readings: &Readings,
) -> Result<Vec<Result<Option<Remote>>>> {
    let (controller, now) = (company.controller.as_str(), company.context.now);
    let mut found = reach.gather_within(store, controller, people, now, readings)?;
    reach.refer(found.iter_mut().filter_map(|one| one.as_mut().ok()?.as_mut()))?;
    Ok(found)
}

/// What rows of others refer to that go with the same page goes with it: they go first. Gives the rows that go.
fn free(
    store: &mut Store,
    reach: &mut Reach,
    by: (&Company<'_>, &KeyFile),
    all: &mut [(Sought, Weighed)],
) -> Result<leave::Places> {
    loop {
        let going = leave::departing(reach, all.iter().map(|(_, one)| &one.planned))?;
        let mut freed = false;
        for (_, one) in all.iter_mut().filter(|_| !going.is_empty()) {
            if leave::is_freed(&mut one.planned.remote, &going) {
                let (remote, whole) = (one.planned.remote.clone(), Readings::default());
                if let Some(again) = weighed(store, by, remote, (&whole, &HashSet::new()))? {
                    (*one, freed) = (again, true);
                }
            }
        }
        if !freed {
            return Ok(going);
        }
    }
}

/// A row that is past its term for everybody who has a part in it goes with one of them, who is judged as if nobody
/// else had one; the others keep nothing of it.
fn agree(
    store: &mut Store,
    reach: &mut Reach,
    (company, key): (&Company<'_>, &KeyFile),
    all: &mut [(Sought, Weighed)],
) -> Result<()> {
    let mut taken = joint::taken(all.iter().map(|(_, one)| one.joint.as_slice()));
    for (nth, (_, one)) in all.iter().enumerate() {
        for due in one.joint.iter().filter(|due| taken.get(&due.row) == Some(&nth)) {
            reach.over.extend(due.others.iter().map(|other| (due.row.clone(), other.clone())));
        }
    }
    let takes: BTreeSet<usize> = taken.values().copied().collect();
    let sought: Vec<Sought> = takes.iter().map(|nth| all[*nth].0.clone()).collect();
    let whole = Readings::default();
    let found =
        if sought.is_empty() { Ok(Vec::new()) } else { gathered(store, reach, company, &sought, &whole) };
    reach.over.clear();
    for (nth, found) in takes.into_iter().zip(found?) {
        let remote = match found {
            Err(error) if error.kind() != Kind::Ambiguous => return Err(error),
            found => found.ok().flatten(),
        };
        let apart = joint::apart(&all[nth].1.planned.remote, &taken, nth);
        let again =
            remote.map(|remote| weighed(store, (company, key), remote, (&whole, &apart))).transpose()?;
        if let Some(one) = again.flatten() {
            all[nth].1 = one;
        }
        // Whoever is not sure any more, or keeps it when all is read, takes nothing along.
        taken.retain(|row, taker| *taker != nth || all[nth].1.ends(row));
    }
    for (nth, (_, one)) in all.iter_mut().enumerate() {
        let elsewhere = taken.iter().filter(|(_, taker)| **taker != nth).map(|(row, _)| row.clone());
        one.release(&elsewhere.collect(), (company, key))?;
    }
    Ok(())
}

impl Weighed {
    /// Whether a row goes by the plan of this person, or is left to people to destroy.
    fn ends(&self, row: &Place) -> bool {
        let Planned { remote, plan, .. } = &self.planned;
        let all = &remote.facts.rows;
        let is_row = |key: &&RecordKey| {
            let found = all.of_record(**key).and_then(|(nth, _)| all.rows.get(nth));
            found.is_some_and(|one| (&one.found.node, &one.found.key) == (&row.0, &row.1))
        };
        let destroys = |key: &RecordKey| {
            plan.steps.iter().any(|step| step.action == Action::Destroy && step.keys.contains(key))
        };
        let keeps = |key: &RecordKey| plan.kept.iter().any(|kept| kept.keys.contains(key));
        self.due.iter().filter(is_row).any(|key| destroys(key) || !keeps(key))
    }

    /// Rows go with somebody else: nothing of them is kept or changed here.
    fn release(&mut self, rows: &BTreeSet<Place>, (company, key): (&Company<'_>, &KeyFile)) -> Result<()> {
        let Planned { remote, plan, .. } = &mut self.planned;
        let all = &remote.facts.rows;
        let is_of = |key: RecordKey| {
            let row = all.of_record(key).and_then(|(nth, _)| all.rows.get(nth));
            row.is_some_and(|row| rows.contains(&(row.found.node, row.found.key.clone())))
        };
        if !self.joint.iter().any(|due| rows.contains(&due.row)) {
            return Ok(());
        }
        for kept in &mut plan.kept {
            let before = kept.keys.len();
            kept.keys.retain(|key| !is_of(*key));
            self.page.unhold(&kept.category, &kept.why.rule, (before - kept.keys.len()) as u64);
        }
        plan.steps.iter_mut().for_each(|step| step.keys.retain(|key| !is_of(*key)));
        plan.steps.retain(|step| !step.keys.is_empty());
        let (controller, now) = (company.controller.as_str(), company.context.now);
        self.planned.steps = meant(plan, &Means { remote, order: None, key: Some(key), controller, now })?;
        Ok(())
    }
}

/// Whose it is has to be seen by people where it is not sure: nothing of it is judged.
fn sure(who: &Selector, found: Result<Option<Remote>>, told: &mut Elsewhere) -> Result<Option<Remote>> {
    match found {
        Err(error) if error.kind() != Kind::Ambiguous => Err(error),
        Ok(Some(remote)) => Ok(Some(remote)),
        Ok(None) | Err(_) => {
            told.gap(who.kind(), 1);
            Ok(None)
        }
    }
}

/// `None`: they have to be read whole first, and nothing is told of them yet.
fn weighed(
    store: &mut Store,
    (company, key): (&Company<'_>, &KeyFile),
    remote: Remote,
    (readings, apart): (&Readings, &HashSet<Place>),
) -> Result<Option<Weighed>> {
    let (now, controller) = (company.context.now, company.controller.as_str());
    let own = remote.person.map(|id| store.read(|view| view.facts(controller, id))).transpose()?;
    let known = own.is_some();
    let facts = match own {
        Some(mut facts) => {
            merge(&mut facts, &remote);
            facts
        }
        None => only_elsewhere(controller, &remote),
    };
    let mut page = Elsewhere::default();
    let (due, refined, left) = planned(company, (key, apart), &remote, &facts, &mut page);
    if !is_enough(readings, &remote, (&due, &left), &refined) {
        return Ok(None);
    }
    passed::over(&refined, &due, &remote, &mut page);
    let joint = joint::due(&remote, &refined, &facts.records, &due);
    let mut plan = refined;
    plan.steps.retain(|step| step.action != Action::Manual);
    let means = Means { remote: &remote, order: None, key: Some(key), controller, now };
    let steps = meant(&plan, &means)?;
    let leaves = leave::parts(&remote, &left);
    let due = due.iter().map(|(_, record)| record.key).collect();
    let planned = Planned { remote, facts, known, plan, steps, leaves };
    Ok(Some(Weighed { planned, page, joint, due }))
}

/// Whether what was read says all that counts: nothing is due but rows of collections of which no more is read than
/// may be due, and each goes as a whole, is archived, or is somebody else's too, and none is left to others. Nothing
/// hangs on those rows, and nobody is found by them.
fn is_enough(
    readings: &Readings,
    remote: &Remote,
    (due, left): (&[(Action, &Record)], &BTreeSet<usize>),
    plan: &Plan,
) -> bool {
    let rows = &remote.facts.rows;
    let is_narrow = |node: usize| !readings.is_whole(node);
    if !(0..remote.graph.nodes.len()).any(is_narrow) {
        return true;
    }
    left.is_empty()
        && !remote.archives
        && due.iter().all(|(action, record)| {
            let row = rows.of_record(record.key).and_then(|(nth, _)| rows.rows.get(nth));
            let goes = |step: &Step| step.fields.is_empty() && step.keys.contains(&record.key);
            row.is_some_and(|row| {
                is_narrow(row.found.node)
                    && (*action == Action::Archive
                        || is_shared(row) && !row.found.orphan
                        || plan.steps.iter().any(goes))
            })
        })
}

/// Whether the others who have a part in what a row hangs on keep it, while what it hangs on goes.
fn is_apart(remote: &Remote, record: &Record, apart: &HashSet<Place>) -> bool {
    let rows = &remote.facts.rows;
    let row = rows.of_record(record.key).and_then(|(nth, _)| rows.rows.get(nth)).map(|row| &row.found);
    !apart.is_empty() && row.is_some_and(|row| apart.contains(&(row.node, row.key.clone())))
}

/// The same verdict as in the own store, and the same care for rows that others share: with those that are left to them.
fn planned<'f>(
    company: &Company<'_>,
    (key, apart): (&KeyFile, &HashSet<Place>),
    remote: &Remote,
    facts: &'f SubjectFacts,
    told: &mut Elsewhere,
) -> (Vec<(Action, &'f Record)>, Plan, BTreeSet<usize>) {
    let (rulebook, today) = (company.rulebook, company.context.now.day());
    let mut due = Vec::new();
    let mut plan = Plan {
        decision: Decision::Grant,
        steps: Vec::new(),
        kept: Vec::new(),
        gaps: Vec::new(),
        waits: Vec::new(),
    };
    for record in facts.records.iter().filter(|record| record.key.id < 0) {
        let (action, why, until) = match fate(record, facts, rulebook, today) {
            Fate::Destroy(why) => (Action::Destroy, why, None),
            Fate::Archive(until, why) => (Action::Archive, why, Some(until)),
            Fate::Held(by, why) => {
                *told.held_by.entry(by).or_default() += 1;
                told.hold(&record.category, why.rule, 1);
                continue;
            }
            Fate::Gap(_) => {
                told.gap(record.category.as_str(), 1);
                continue;
            }
            Fate::Stays => continue,
        };
        if is_apart(remote, record, apart) {
            let (category, system) = (record.category.clone(), record.system.clone());
            let why = grounds::of_others(rulebook, "what it hangs on goes for all, and this does not");
            plan.kept.push(Kept { action, category, system, keys: vec![record.key], until: None, why });
            continue;
        }
        due.push((action, record));
        let (system, category) = (record.system.clone(), Some(record.category.clone()));
        let step = Step { system, category, until, ..Step::new(action, "record", why) };
        plan.steps.push(Step { keys: vec![record.key], ..step });
    }
    let left = refine(
        &mut plan,
        &Lens {
            remote,
            facts,
            rulebook,
            key: Some(key),
            right: Right::Erase,
            changes: &[],
            today,
            at_night: true,
            unfinished: &BTreeSet::new(),
        },
    );
    plan.kept
        .iter()
        .for_each(|kept| told.hold(&kept.category, kept.why.rule.clone(), kept.keys.len() as u64));
    (due, plan, left)
}
