//! Up from a row to the names of whoever it may be about: where the nightly run begins.
//!
//! What is found is only a question: the person is then sought from their names down, as for any right.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    Connected,
    ask::{MOST, Question, ask},
    graph::Graph,
    reading::Readings,
};
use crate::{
    domain::{Identifier, Result},
    system::{
        engine::{Row, folded},
        map::Ownership,
    },
};

/// References walked upwards; a map is never so deep.
const DEEPEST: usize = 12;

/// For each row of a collection the names that stand in it or in the rows it belongs to: those that name a person,
/// else those that search.
///
/// # Errors
/// Failed (exit 1), naming the system.
pub fn owners(
    systems: &mut [Connected],
    graph: &Graph,
    node: usize,
    rows: &[Row],
) -> Result<Vec<Vec<Identifier>>> {
    let mut names: Vec<Vec<Identifier>> = vec![Vec::new(); rows.len()];
    let mut open: Vec<(usize, usize, Row)> =
        rows.iter().enumerate().map(|(nth, row)| (nth, node, row.clone())).collect();
    let mut seen = HashSet::new();
    for _ in 0..DEEPEST {
        let mut question = Question::default();
        let mut asked = BTreeMap::<(usize, usize, String), BTreeSet<usize>>::new();
        for (nth, at, row) in open.drain(..) {
            let known = &graph.nodes[at];
            let read = known
                .names
                .iter()
                .filter_map(|(place, kind)| Identifier::parse(*kind, row[*place].0.as_deref()?).ok());
            let found: Vec<Identifier> = read.collect();
            let named = found.iter().any(|name| name.kind().names_a_person());
            names[nth].extend(found);
            if named {
                continue;
            }
            for (_, edge) in
                graph.into(at).filter(|(_, edge)| edge.ownership == Ownership::Owner && !edge.thing)
            {
                let Some(value) = row[edge.into].0.clone() else { continue };
                if seen.insert((nth, edge.from, edge.out, value.clone())) {
                    asked.entry((edge.from, edge.out, folded(&value))).or_default().insert(nth);
                    let of = question.values.entry(edge.from).or_default();
                    of.entry(edge.out).or_default().insert(value);
                }
            }
        }
        if question.is_empty() {
            break;
        }
        let wanted = by_column(&asked);
        for (part, row) in ask(systems, (graph, &Readings::default()), &question, MOST)? {
            let at = part.node();
            for column in wanted.get(&at).into_iter().flatten() {
                let Some(value) = row[*column].0.clone() else { continue };
                let below = asked.get(&(at, *column, folded(&value))).into_iter().flatten();
                open.extend(below.map(|nth| (*nth, at, row.clone())));
            }
        }
    }
    Ok(names.into_iter().map(best).collect())
}

fn by_column(asked: &BTreeMap<(usize, usize, String), BTreeSet<usize>>) -> HashMap<usize, BTreeSet<usize>> {
    let mut columns = HashMap::<usize, BTreeSet<usize>>::new();
    for (node, column, _) in asked.keys() {
        columns.entry(*node).or_default().insert(*column);
    }
    columns
}

/// Names that name a person, where there is one.
fn best(mut names: Vec<Identifier>) -> Vec<Identifier> {
    if names.iter().any(|name| name.kind().names_a_person()) {
        names.retain(|name| name.kind().names_a_person());
    }
    let mut each = Vec::new();
    for name in names {
        if !each.contains(&name) {
            each.push(name);
        }
    }
    each
}
