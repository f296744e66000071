//! One question to every system at once: batched by collection, a few systems in parallel.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Connected, graph::Graph};
use crate::{
    domain::{Error, Identifier, Kind, Result},
    system::engine::{Fetch, Find, Row},
};

/// Connections that work at one time.
const AT_ONCE: usize = 4;

/// So many rows are no single person: a map that reaches them joins people.
pub(super) const MOST: usize = 200_000;

/// What to look for.
#[derive(Default)]
pub(super) struct Question {
    /// Values, by collection and column.
    pub values: BTreeMap<usize, BTreeMap<usize, BTreeSet<String>>>,
    /// Names of the person, by collection and column: they are met however they are written there.
    pub names: BTreeMap<(usize, usize), Vec<Identifier>>,
}

impl Question {
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.names.is_empty()
    }

    /// Everything that several ask, each thing once.
    pub fn of_all(questions: &[Self]) -> Self {
        let mut whole = Self::default();
        let mut names = BTreeMap::<(usize, usize), HashSet<&Identifier>>::new();
        for question in questions {
            for (node, by_column) in &question.values {
                for (column, values) in by_column {
                    let known = whole.values.entry(*node).or_default().entry(*column).or_default();
                    known.extend(values.iter().cloned());
                }
            }
            for (place, asked) in &question.names {
                let fresh = asked.iter().filter(|name| names.entry(*place).or_default().insert(name));
                whole.names.entry(*place).or_default().extend(fresh.cloned());
            }
        }
        whole
    }

    fn nodes(&self) -> impl Iterator<Item = usize> {
        self.values.keys().copied().chain(self.names.keys().map(|(node, _)| *node))
    }
}

/// Rows that have one of the values, by collection: each in the node's columns. From one system come `most` at most.
///
/// # Errors
/// Failed (exit 1), naming the system.
pub(super) fn ask(
    systems: &mut [Connected],
    graph: &Graph,
    question: &Question,
    most: usize,
) -> Result<Vec<(usize, Row)>> {
    let asked: BTreeSet<usize> = question.nodes().map(|node| graph.nodes[node].system).collect();
    if let [only] = asked.iter().copied().collect::<Vec<_>>().as_slice() {
        return one(*only, &mut systems[*only], graph, question, most);
    }
    let mut all = Vec::new();
    for (nth, some) in systems.chunks_mut(AT_ONCE).enumerate() {
        let first = nth * AT_ONCE;
        let answers: Vec<Result<Vec<(usize, Row)>>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (first..)
                .zip(some.iter_mut())
                .filter(|(at, _)| asked.contains(at))
                .map(|(at, system)| scope.spawn(move || one(at, system, graph, question, most)))
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(died()))).collect()
        });
        for answer in answers {
            all.extend(answer?);
        }
    }
    Ok(all)
}

fn one(
    at: usize,
    system: &mut Connected,
    graph: &Graph,
    question: &Question,
    most: usize,
) -> Result<Vec<(usize, Row)>> {
    let mut rows = Vec::new();
    for ((node, column), wanted) in
        question.names.iter().filter(|((node, _), _)| graph.nodes[*node].system == at)
    {
        let known = &graph.nodes[*node];
        let (columns, key) = (known.columns(), known.key_columns());
        let (table, column) = (known.collection.name.as_str(), known.columns[*column].as_str());
        let each = &mut |row| {
            rows.push((*node, row));
            if rows.len() > most { Err(too_many()) } else { Ok(()) }
        };
        // In its canonical form an index finds it; else the table is read.
        let exact = known.collection.fields.iter().any(|field| field.name == column && field.exact);
        let answered = if exact {
            let values: Vec<String> = wanted.iter().map(|name| name.expose().to_owned()).collect();
            let any = [(column, values.as_slice())];
            system.engine.fetch(&Fetch { table, columns: &columns, any: &any, order: &key }, each)
        } else {
            system.engine.find(&Find { table, columns: &columns, column, wanted, key: &key }, each)
        };
        answered.map_err(|error| unreachable_system(&system.name, error))?;
    }
    for (node, by_column) in question.values.iter().filter(|(node, _)| graph.nodes[**node].system == at) {
        let known = &graph.nodes[*node];
        let values: Vec<(&str, Vec<String>)> = by_column
            .iter()
            .map(|(column, values)| (known.columns[*column].as_str(), values.iter().cloned().collect()))
            .collect();
        let any: Vec<(&str, &[String])> =
            values.iter().map(|(column, values)| (*column, values.as_slice())).collect();
        let (columns, order) = (known.columns(), known.key_columns());
        let fetch = Fetch { table: &known.collection.name, columns: &columns, any: &any, order: &order };
        let answered = system.engine.fetch(&fetch, &mut |row| {
            rows.push((*node, row));
            if rows.len() > most { Err(too_many()) } else { Ok(()) }
        });
        answered.map_err(|error| unreachable_system(&system.name, error))?;
    }
    Ok(rows)
}

/// A failed read is never "nothing found": the whole command fails, and says how to go on without the system.
pub fn unreachable_system(name: &str, error: Error) -> Error {
    if error.kind() != Kind::Failed {
        return error;
    }
    let what = error.hint_text().unwrap_or("mend it");
    let hint = format!("nothing was done; {what}; or add --without {name} and have people look there");
    Error::new(Kind::Failed, error.message()).hint(hint)
}

pub(super) fn too_many() -> Error {
    Error::config(format!("more than {MOST} rows are reached for one person: a reference joins people"))
        .hint("see where with `dsr map graph`, and mend the map")
}

fn died() -> Error {
    Error::new(Kind::Failed, "a connection died")
}
