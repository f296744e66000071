//! Rows of several people, of whom more than one leaves in one night. Whoever is last takes the row along: so they are
//! judged again once the others have left, by what then stands there.

use std::collections::{BTreeSet, HashSet};

use super::Planned;
use crate::{
    domain::Result,
    execute::reach::{Reach, Remote},
    system::{
        engine::folded,
        traverse::{Found, Place, Tie},
    },
};

/// Where rows lie: collection and key. Personal data.
pub(super) type Places = HashSet<Place>;

/// Whether everybody else who has a part in a row of theirs is among those who leave.
pub(super) fn is_last(one: &Remote, leaving: &Places) -> bool {
    let all_leave =
        |others: &[Place]| !others.is_empty() && others.iter().all(|place| leaving.contains(place));
    !leaving.is_empty() && one.facts.rows.rows.iter().any(|row| all_leave(&row.found.others))
}

/// Their own rows by which they have a part in what they leave to others. A row of several that something hangs on
/// stays with the others.
pub(super) fn parts(one: &Remote, left: &BTreeSet<usize>) -> Vec<Place> {
    let rows = &one.facts.rows.rows;
    let near = left.iter().flat_map(|nth| near(one, *nth)).map(|near| &rows[near].found);
    near.filter(|near| !near.joint).map(|near| (near.node, near.key.clone())).collect()
}

/// Rows of a page that are deleted, of collections that refer to what may be deleted too.
pub(super) fn departing<'p>(reach: &mut Reach, planned: impl Iterator<Item = &'p Planned>) -> Result<Places> {
    let refers: BTreeSet<usize> = reach.stands()?.ties.iter().flatten().map(Tie::from).collect();
    let mut all = Places::new();
    for step in planned.flat_map(|one| &one.steps).filter(|step| step.intent.columns.is_empty()) {
        let node = reach.node_of(&step.system, &step.collection).filter(|node| refers.contains(node));
        all.extend(
            node.into_iter().flat_map(|node| step.intent.rows.iter().map(move |row| (node, row.key.clone()))),
        );
    }
    Ok(all)
}

/// Forgets that rows of others refer to theirs, where these go; whether there were any.
pub(super) fn is_freed(one: &mut Remote, going: &Places) -> bool {
    let rows = &mut one.facts.rows.rows;
    if rows.iter().all(|row| row.found.referred.is_empty()) {
        return false;
    }
    let own: Places = rows.iter().map(|row| row.found.place()).collect();
    let others = |place: &Place| going.contains(place) && !own.contains(place);
    let freed = rows.iter_mut().map(|row| row.found.referred.without(others));
    freed.filter(|freed| *freed).count() > 0
}

/// Their rows that lead to one.
pub(super) fn near(one: &Remote, nth: usize) -> Vec<usize> {
    let (rows, graph) = (&one.facts.rows.rows, &*one.graph);
    let Some(found) = rows.get(nth).map(|row| &row.found) else { return Vec::new() };
    let mut all = Vec::new();
    for (_, edge) in graph.into(found.node).filter(|(_, edge)| found.counts(edge)) {
        let Some(value) = found.cells[edge.into].0.as_deref().map(folded) else { continue };
        let near = rows.iter().enumerate().filter(|(_, row)| row.found.node == edge.from);
        let is_end = |near: &Found| near.cells[edge.out].0.as_deref().map(folded).as_ref() == Some(&value);
        all.extend(near.filter(|(_, row)| is_end(&row.found)).map(|(nth, _)| nth));
    }
    all
}
