//! Who has a value at the near end of a reference: asked by value, told by the keys of the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Connected, ask::unreachable_system, graph::Graph};
use crate::{
    domain::Result,
    system::engine::{Fetch, folded},
};

/// Values at the near end of references, by reference. Personal data.
pub(super) type Sought = BTreeMap<usize, BTreeSet<String>>;

/// Who has each value, by reference: the keys of the rows. Nobody, where the list is empty.
pub(super) type Holders = HashMap<(usize, String), Vec<Vec<String>>>;

/// The holders of one person's values. Where the engine gave a row for another writing, the row has every value that
/// could be meant by it; where none could, it may have any.
///
/// # Errors
/// Failed (exit 1), naming the system.
pub(super) fn holders(systems: &mut [Connected], graph: &Graph, sought: &Sought) -> Result<Holders> {
    let mut held = Holders::new();
    for (nth, values) in sought {
        let (mut like, all) = (HashMap::<String, Vec<&String>>::new(), values.iter().collect::<Vec<_>>());
        for value in values {
            held.insert((*nth, value.clone()), Vec::new());
            like.entry(folded(value)).or_default().push(value);
        }
        ask_holders(systems, graph, (*nth, values), &mut |value, key| {
            for known in like.get(&folded(&value)).unwrap_or(&all) {
                held.entry((*nth, (*known).clone())).or_default().push(key.clone());
            }
        })?;
    }
    Ok(held)
}

/// The holders of values of several people, each by its very writing. `None`: a row has another one.
///
/// # Errors
/// As [`holders`].
pub(super) fn exact_holders(
    systems: &mut [Connected],
    graph: &Graph,
    sought: &Sought,
) -> Result<Option<Holders>> {
    let (mut held, mut unlike) = (Holders::new(), false);
    for (nth, values) in sought {
        ask_holders(systems, graph, (*nth, values), &mut |value, key| {
            unlike |= !values.contains(&value);
            held.entry((*nth, value)).or_default().push(key);
        })?;
    }
    Ok((!unlike).then_some(held))
}

fn ask_holders(
    systems: &mut [Connected],
    graph: &Graph,
    (nth, values): (usize, &BTreeSet<String>),
    each: &mut dyn FnMut(String, Vec<String>),
) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let edge = &graph.edges[nth];
    let node = &graph.nodes[edge.from];
    let (column, order) = (node.columns[edge.out].as_str(), node.key_columns());
    let columns: Vec<&str> = order.iter().copied().chain([column]).collect();
    let values: Vec<String> = values.iter().cloned().collect();
    let any = [(column, values.as_slice())];
    let fetch = Fetch { table: &node.collection.name, columns: &columns, any: &any, order: &order };
    let system = &mut systems[node.system];
    let asked = system.engine.fetch(&fetch, &mut |mut row| {
        let value = row.pop().and_then(|cell| cell.0).unwrap_or_default();
        let key: Option<Vec<String>> = row.into_iter().map(|cell| cell.0).collect();
        // A row without a key is nobody's that is known, so it could be another person's.
        each(value, key.unwrap_or_default());
        Ok(())
    });
    asked.map_err(|error| unreachable_system(&system.name, error))
}
