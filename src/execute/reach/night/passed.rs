//! What a night leaves to people: it plans nothing for them, so it tells how much there is.

use super::{Elsewhere, find::word_of};
use crate::{
    domain::{Action, Plan, Record, Step},
    execute::reach::Remote,
};

/// Counts due records that no step can destroy, and rows and numbers of the person that were left out.
pub(super) fn over(plan: &Plan, due: &[(Action, &Record)], remote: &Remote, told: &mut Elsewhere) {
    for task in plan.steps.iter().filter(|step| step.action == Action::Manual) {
        by_hand(task, plan, due, remote).iter().for_each(|record| told.gap(record.category.as_str(), 1));
    }
    for left in &remote.facts.left_out {
        let node = remote.graph.nodes.iter().find(|node| {
            remote.searched.get(node.system) == Some(&left.system) && node.collection.name == left.collection
        });
        told.gap(&node.map_or_else(|| left.collection.clone(), word_of), left.count as u64);
    }
    remote.unsought.iter().for_each(|kind| told.gap(kind, 1));
}

/// The records that a task means: it says category and collection. Those without a step of their own come first; a
/// document that is only partly emptied has both.
fn by_hand<'r>(task: &Step, plan: &Plan, due: &[(Action, &'r Record)], remote: &Remote) -> Vec<&'r Record> {
    let rows = &remote.facts.rows;
    let says = |action: Action, record: &Record| {
        let node = rows.of_record(record.key).map(|(nth, _)| &remote.graph.nodes[rows.rows[nth].found.node]);
        let collection = node.map_or("", |node| node.collection.name.as_str());
        format!("{action}: {} in {collection}: ", record.category)
    };
    let meant = |(action, record): &&(Action, &Record)| {
        let start = says(*action, record);
        record.system == task.system && task.about.iter().any(|text| text.starts_with(&start))
    };
    let kept = |record: &Record| plan.kept.iter().any(|kept| kept.keys.contains(&record.key));
    let of_task = due.iter().filter(meant).map(|(_, record)| *record).filter(|record| !kept(record));
    let (done, left): (Vec<_>, Vec<_>) =
        of_task.partition(|record| plan.steps.iter().any(|step| step.keys.contains(&record.key)));
    if left.is_empty() { done } else { left }
}
