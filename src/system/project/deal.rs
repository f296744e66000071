//! What of a row has to stay for the deal that it is.

use super::{RowOf, columns_of};
use crate::{
    domain::Category,
    system::{
        map::{Field, Strategy},
        traverse::graph::Graph,
    },
};

/// Whether nobody would know of the deal, or whose it is, once a category of its row is gone: the row goes as a whole,
/// or a column is masked that says what the deal is or by which it is found.
pub(super) fn needs(graph: &Graph, row: &RowOf, category: &Category) -> bool {
    let (at, node) = (row.found.node, &graph.nodes[row.found.node]);
    let Some(source) = &node.collection.meaning.obligation else { return false };
    if node.collection.erase == Some(Strategy::Delete) {
        return true;
    }
    let said = [source.kind.column(), Some(&source.opened_at), source.closed_at.as_deref()];
    let says = |field: &Field| said.contains(&Some(node.collection.column_of(&field.name)));
    let masked = |field: &Field| {
        !field.read_only && !field.generated && field.masking.as_ref() != Some(&Strategy::Preserve)
    };
    let columns = columns_of(node, category).into_iter().filter(|(_, field)| masked(field));
    columns.into_iter().any(|(place, field)| says(field) || graph.is_way(at, place))
}
