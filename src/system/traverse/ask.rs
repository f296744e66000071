//! One question to every system at once: batched by collection, a few systems in parallel.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    Connected,
    graph::Graph,
    reading::{Reading, Readings},
};
use crate::{
    domain::{Error, Identifier, Kind, Result},
    system::engine::{Fetch, Find, Row},
};

/// Connections that work at one time.
const AT_ONCE: usize = 4;

/// So many rows are no single person: a map that reaches them joins people.
pub(super) const MOST: usize = 200_000;

/// Why a question has no answer.
pub(super) enum Halt {
    /// More rows came than may: with fewer people it may have one.
    TooMany,
    /// A system could not be read.
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Halt> for Error {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::TooMany => too_many(),
            Halt::Failed(error) => error,
        }
    }
}

/// What is asked of a collection as one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Values, of all columns of the collection.
    Values(usize),
    /// Names, of one column.
    Names(usize, usize),
}

impl Part {
    /// The collection.
    pub fn node(self) -> usize {
        match self {
            Self::Values(node) | Self::Names(node, _) => node,
        }
    }
}

/// Rows with what they answer.
pub(super) type Rows = Vec<(Part, Row)>;

/// What to look for. Personal data: no `Debug`.
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

    /// What it is made of.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        let values = self.values.keys().map(|node| Part::Values(*node));
        values.chain(self.names.keys().map(|(node, column)| Part::Names(*node, *column)))
    }

    /// Leaves only these parts.
    pub fn retain(&mut self, stays: impl Fn(Part) -> bool) {
        self.values.retain(|node, _| stays(Part::Values(*node)));
        self.names.retain(|(node, column), _| stays(Part::Names(*node, *column)));
    }

    /// What several ask in these parts, each thing once.
    pub fn of_all<'q>(questions: impl Iterator<Item = &'q Self>, has: impl Fn(Part) -> bool) -> Self {
        let mut whole = Self::default();
        let mut names = BTreeMap::<(usize, usize), HashSet<&Identifier>>::new();
        for question in questions {
            for (node, by_column) in question.values.iter().filter(|(node, _)| has(Part::Values(**node))) {
                for (column, values) in by_column {
                    let known = whole.values.entry(*node).or_default().entry(*column).or_default();
                    known.extend(values.iter().cloned());
                }
            }
            for (place, asked) in
                question.names.iter().filter(|((node, column), _)| has(Part::Names(*node, *column)))
            {
                let fresh = asked.iter().filter(|name| names.entry(*place).or_default().insert(name));
                whole.names.entry(*place).or_default().extend(fresh.cloned());
            }
        }
        whole
    }
}

/// Rows that have one of the values, as far as they are to be read: each in the columns of its collection. From one
/// system come `most` at most.
///
/// # Errors
/// There are more; failed (exit 1), naming the system.
pub(super) fn ask(
    systems: &mut [Connected],
    (graph, readings): (&Graph, &Readings),
    question: &Question,
    most: usize,
) -> Result<Rows, Halt> {
    let asked: BTreeSet<usize> = question.parts().map(|part| graph.nodes[part.node()].system).collect();
    if let [only] = asked.iter().copied().collect::<Vec<_>>().as_slice() {
        return one(*only, &mut systems[*only], (graph, readings), question, most);
    }
    let mut all = Vec::new();
    for (nth, some) in systems.chunks_mut(AT_ONCE).enumerate() {
        let first = nth * AT_ONCE;
        let answers: Vec<Result<Rows, Halt>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (first..)
                .zip(some.iter_mut())
                .filter(|(at, _)| asked.contains(at))
                .map(|(at, system)| scope.spawn(move || one(at, system, (graph, readings), question, most)))
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(died().into()))).collect()
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
    (graph, readings): (&Graph, &Readings),
    question: &Question,
    most: usize,
) -> Result<Rows, Halt> {
    let mut rows = Taken { rows: Vec::new(), most };
    for ((node, column), wanted) in
        question.names.iter().filter(|((node, _), _)| graph.nodes[*node].system == at)
    {
        let known = &graph.nodes[*node];
        let (columns, key) = (known.columns(), known.key_columns());
        let (table, exact) = (known.collection.name.as_str(), known.is_exact(*column));
        let (part, column) = (Part::Names(*node, *column), known.columns[*column].as_str());
        // In its canonical form an index finds it; else the table is read.
        let answered = if exact {
            let values: Vec<String> = wanted.iter().map(|name| name.expose().to_owned()).collect();
            let any = [(column, values.as_slice())];
            let fetch = Fetch { table, columns: &columns, any: &any, order: &key };
            system.engine.fetch(&fetch, &mut |row| rows.take(part, row))
        } else {
            let find = Find { table, columns: &columns, column, wanted, key: &key };
            system.engine.find(&find, &mut |row| rows.take(part, row))
        };
        rows.told(system, answered)?;
    }
    for (node, by_column) in question.values.iter().filter(|(node, _)| graph.nodes[**node].system == at) {
        let ages = match readings.of(*node) {
            Reading::Whole => &[][..],
            Reading::Of(ages) => ages,
            Reading::Nothing => continue,
        };
        let known = &graph.nodes[*node];
        let values: Vec<(&str, Vec<String>)> = by_column
            .iter()
            .map(|(column, values)| (known.columns[*column].as_str(), values.iter().cloned().collect()))
            .collect();
        let any: Vec<(&str, &[String])> =
            values.iter().map(|(column, values)| (*column, values.as_slice())).collect();
        let (columns, order) = (known.columns(), known.key_columns());
        let fetch = Fetch { table: &known.collection.name, columns: &columns, any: &any, order: &order };
        let answered = system.engine.fetch_aged(&fetch, ages, &mut |row| rows.take(Part::Values(*node), row));
        rows.told(system, answered)?;
    }
    Ok(rows.rows)
}

/// What came from one system so far.
struct Taken {
    rows: Rows,
    most: usize,
}

impl Taken {
    fn take(&mut self, part: Part, row: Row) -> Result<()> {
        self.rows.push((part, row));
        if self.rows.len() > self.most { Err(too_many()) } else { Ok(()) }
    }

    fn told(&self, system: &Connected, answered: Result<()>) -> Result<(), Halt> {
        match answered {
            Err(_) if self.rows.len() > self.most => Err(Halt::TooMany),
            answered => Ok(answered.map_err(|error| unreachable_system(&system.name, error))?),
        }
    }
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
