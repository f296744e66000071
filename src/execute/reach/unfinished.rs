//! Rows that an open step of a case means, as a search of today finds them: what it left undone there is drawn anew.

use std::collections::BTreeSet;

use super::{
    Remote,
    intent::{Intent, Line, beside},
};
use crate::{
    domain::{Result, Right, SubjectFacts},
    store::{View, remote::RemoteStep},
    system::traverse::Found,
};

/// The rows of what open cases of this right left undone.
///
/// # Errors
/// As any read; exit 9: a step cannot be read back.
pub fn rows(view: &View<'_>, facts: &SubjectFacts, right: Right, remote: &Remote) -> Result<BTreeSet<usize>> {
    let mut rows = BTreeSet::new();
    for case in facts.cases.iter().filter(|case| case.open && case.right == right) {
        for step in view.remote_steps(&case.number)?.iter().filter(|step| !step.is_done()) {
            rows.extend(found(step, remote)?.into_iter().flatten());
        }
    }
    Ok(rows)
}

/// Each row of a step: where it stands among those found, or that it is not.
///
/// # Errors
/// Exit 9: the step cannot be read back.
pub(super) fn found(step: &RemoteStep, remote: &Remote) -> Result<Vec<Option<usize>>> {
    let Some(payload) = step.payload.as_deref() else { return Ok(Vec::new()) };
    let all = || remote.facts.rows.rows.iter().enumerate();
    let is_here = |node: usize| {
        let node = &remote.graph.nodes[node];
        let system = remote.searched.get(node.system);
        node.collection.name == step.collection && system == Some(&step.system)
    };
    let rows = Intent::read(payload)?.rows.into_iter();
    // Under its key, or known again under another one by what stands beside it.
    let is_it = |line: &Line, found: &Found| {
        let node = &remote.graph.nodes[found.node];
        found.key == line.key || line.beside.is_some_and(|known| known == beside(node, &found.cells))
    };
    let row = |line: Line| {
        let found = all().find(|(_, row)| is_here(row.found.node) && is_it(&line, &row.found));
        found.map(|(nth, _)| nth)
    };
    Ok(rows.map(row).collect())
}
