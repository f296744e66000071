//! What is due of the people of a page, and what is done about it.

use std::collections::BTreeSet;

use super::{Elsewhere, Terms, leave, met::Met, passed};
use crate::{
    decide::nightly::{Fate, fate},
    domain::{
        Action, Decision, Identifier, Kind, Plan, Record, Result, Right, Selector, Step, SubjectFacts,
        SubjectId,
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
    system::traverse::reading::Readings,
};

/// What one person's part of a page comes to.
pub(super) struct Planned {
    pub remote: Remote,
    pub facts: SubjectFacts,
    pub known: bool,
    pub plan: Plan,
    pub steps: Vec<Meant>,
    /// Their rows by which they have a part in what they leave to others.
    pub leaves: Vec<(usize, Vec<String>)>,
}

/// Everybody of a page, read as far as `readings` say; whoever has more at stake than rows on which nothing hangs is
/// read whole, and judged by that. Gives those of whom it is decided, and those who are to be judged after them.
pub(super) fn judge(
    store: &mut Store,
    reach: &mut Reach,
    (company, readings): (&Company<'_>, &Readings),
    terms: &mut Terms<'_>,
    (people, before): (&[Identifier], &Met),
    told: &mut Elsewhere,
) -> Result<(Vec<Planned>, Vec<Identifier>)> {
    let (mut all, mut met) = (Vec::new(), Met::default());
    let (mut later, mut leaving) = (Vec::new(), leave::Places::new());
    let named = people.iter().cloned().map(Selector::Identifier);
    let mut open: Vec<(Selector, SubjectId)> =
        named.map(|name| (name, SubjectId::from_bytes((terms.random)()))).collect();
    let whole = Readings::default();
    for (readings, last) in [(readings, false), (&whole, true)] {
        if open.is_empty() {
            break;
        }
        let (controller, now) = (company.controller.as_str(), company.context.now);
        let found = reach.gather_within(store, controller, &open, now, readings)?;
        let mut again = Vec::new();
        for (who, found) in open.into_iter().zip(found) {
            let Some(remote) = sure(&who.0, found, told)? else { continue };
            // The same person by another of their numbers.
            if remote.is_empty() || !last && (before.has(&remote) || met.has(&remote)) {
                continue;
            }
            if leave::is_last(&remote, &leaving) {
                if let Selector::Identifier(name) = &who.0 {
                    later.push(name.clone());
                }
                continue;
            }
            met.meet(&remote);
            match weighed(store, (company, terms.key), remote, readings, told)? {
                Some(planned) => {
                    leaving.extend(planned.leaves.iter().cloned());
                    all.push(planned);
                }
                None => again.push(who),
            }
        }
        open = again;
    }
    Ok((all, later))
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
    readings: &Readings,
    told: &mut Elsewhere,
) -> Result<Option<Planned>> {
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
    let (due, refined, left) = planned(company, key, &remote, &facts, &mut page);
    if !is_enough(readings, &remote, (&due, &left), &refined) {
        return Ok(None);
    }
    passed::over(&refined, &due, &remote, &mut page);
    told.absorb(page);
    let mut plan = refined;
    plan.steps.retain(|step| step.action != Action::Manual);
    let means = Means { remote: &remote, order: None, key: Some(key), controller, now };
    let steps = meant(&plan, &means)?;
    let leaves = leave::parts(&remote, &left);
    Ok(Some(Planned { remote, facts, known, plan, steps, leaves }))
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

/// The same verdict as in the own store, and the same care for rows that others share: with those that are left to them.
fn planned<'f>(
    company: &Company<'_>,
    key: &KeyFile,
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
        },
    );
    plan.kept
        .iter()
        .for_each(|kept| told.hold(&kept.category, kept.why.rule.clone(), kept.keys.len() as u64));
    (due, plan, left)
}
