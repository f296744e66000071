//! Every row in which a name stands, whoever it is about: what a search shows before anybody is meant.

use super::{Connected, graph::Graph, unreachable_system};
use crate::{
    domain::{Error, Identifier, Kind, Result},
    system::engine::{Fetch, Find, Row},
};

/// So many rows of one number are nobody's: `no@mail` stands for everybody without one.
const MOST: usize = 10_000;

/// The rows, each with its collection's place in the graph.
///
/// # Errors
/// Failed (exit 1), naming the system; ambiguous (exit 5): so many rows have it that they are no person's.
pub fn named(systems: &mut [Connected], graph: &Graph, name: &Identifier) -> Result<Vec<(usize, Row)>> {
    let mut rows = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let (columns, key) = (node.columns(), node.key_columns());
        for (place, _) in node.names.iter().filter(|(_, kind)| *kind == name.kind()) {
            let (table, column) = (node.collection.name.as_str(), node.columns[*place].as_str());
            let each = &mut |row| {
                rows.push((at, row));
                if rows.len() > MOST { Err(of_nobody(name)) } else { Ok(()) }
            };
            let system = &mut systems[node.system];
            let exact = node.collection.fields.iter().any(|field| field.name == column && field.exact);
            let asked = if exact {
                let values = [name.expose().to_owned()];
                let any = [(column, values.as_slice())];
                system.engine.fetch(&Fetch { table, columns: &columns, any: &any, order: &key }, each)
            } else {
                let wanted = std::slice::from_ref(name);
                system.engine.find(&Find { table, columns: &columns, column, wanted, key: &key }, each)
            };
            asked.map_err(|error| unreachable_system(&system.name, error))?;
        }
    }
    Ok(rows)
}

fn of_nobody(name: &Identifier) -> Error {
    let kind = name.kind().as_str();
    let sentence = format!("more than {MOST} rows of other systems have the {kind}: it is no person's");
    Error::new(Kind::Ambiguous, sentence).hint("nothing was done; name the person by iin: or account:")
}
