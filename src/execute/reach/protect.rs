//! What came to protect rows since their destruction was decided.
//!
//! INVARIANT: a step that waited destroys nothing that is blocked or held by now: what it was decided on is as old as the
//! step.

use std::collections::BTreeSet;

use super::{Intent, Reach, Told};
use crate::{
    domain::{CaseNumber, Category, Error, Kind, Result, SubjectFacts},
    store::{View, remote::RemoteStep},
    system::{project::columns_of, traverse::graph::Node},
};

/// Why a step of a case is not tried now; `None`: it destroys nothing, or nothing protects what it destroys.
///
/// # Errors
/// Refused (exit 4): a block or a hold; as any read.
pub(super) fn refuse(
    view: &View<'_>,
    reach: &Reach,
    case: &CaseNumber,
    (step, intent): (&RemoteStep, &Intent),
) -> Result<Option<Error>> {
    let Some(kept) = view.remote_case(case)? else { return Ok(None) };
    let file = view.case(case)?;
    let destroys = Told::read(&kept)?.0.destroys;
    let Some(subject) = file.subject.filter(|_| destroys) else { return Ok(None) };
    let facts = match view.facts(&file.controller, subject) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        facts => facts?,
    };
    let node = reach.node_of(&step.system, &step.collection).map(|at| &reach.graph.nodes[at]);
    Ok(protector(&facts, node.map(|node| destroyed(node, intent)).as_ref()))
}

/// The categories that a step can destroy: of the row, or of the columns that are set.
fn destroyed(node: &Node, intent: &Intent) -> BTreeSet<Category> {
    let all = node.collection.fields.iter().filter_map(|field| field.category.as_ref());
    let touched = |place: usize| intent.columns.is_empty() || intent.columns.contains(&node.columns[place]);
    let set = |category: &&Category| columns_of(node, category).iter().any(|(place, _)| touched(*place));
    all.filter(set).cloned().collect()
}

/// `None` of categories: the map does not know the collection any more, and whatever stands protects it.
fn protector(facts: &SubjectFacts, categories: Option<&BTreeSet<Category>>) -> Option<Error> {
    let covers = |covered: Option<&Category>| match (covered, categories) {
        (Some(covered), Some(all)) => all.contains(covered),
        (None, Some(all)) => !all.is_empty(),
        (_, None) => true,
    };
    let refused = |says: String| Some(Error::new(Kind::Refused, says));
    if let Some(block) = facts.blocks.iter().find(|block| covers(block.category.as_ref())) {
        let case = &block.case;
        return refused(format!(
            "the check of case {case} blocks it: end that first (dsr restrict --lift --case {case})"
        ));
    }
    let hold = facts.holds.iter().find(|hold| covers(hold.category.as_ref()))?;
    let number = &hold.number;
    refused(format!("hold {number} keeps it: it goes once that is over (dsr hold release {number})"))
}
