//! Whose question a row answers, where several people asked at once.
//!
//! INVARIANT: nobody is given a row that a question of their own would not have found. An engine may hold two writings
//! for equal (`A` and `a`, `7` and `07`), and it alone knows; so people ask together only where all values are written so
//! that no engine could take one for another, and a row is given by its very writing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{ask::Question, graph::Graph};
use crate::{
    domain::{Identifier, IdentifierType},
    system::engine::Row,
};

/// Values of one column, none of which an engine could hold for another. Personal data: no `Debug`.
pub(super) struct Writings<'a> {
    by_core: HashMap<String, &'a str>,
}

impl<'a> Writings<'a> {
    /// `None`: two of them could be held for equal.
    pub fn of(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut by_core = HashMap::new();
        for value in values {
            if *by_core.entry(core(value)?).or_insert(value) != value {
                return None;
            }
        }
        Some(Self { by_core })
    }

    /// Whether an engine could hold the text for one of them that is written differently.
    fn could_be(&self, text: &str) -> bool {
        core(text).is_none_or(|core| self.by_core.get(&core).is_some_and(|value| *value != text))
    }
}

/// What is left of a text when all is taken away that a collation or a type may pass over: case, marks between letters,
/// zeros before a number. `None`: too much could be equal to it.
fn core(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_@./".contains(&byte);
    let is_fraction = !text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok();
    if is_fraction || !text.bytes().all(plain) {
        return None;
    }
    let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(bare.trim_start_matches('0').to_ascii_lowercase())
}

/// Who asked for a thing, by their places.
type By<K> = HashMap<K, Vec<usize>>;

/// Who asked for what, by collection and column. Personal data: no `Debug`.
pub(super) struct Askers<'a> {
    values: BTreeMap<(usize, usize), (Writings<'a>, By<&'a str>)>,
    names: BTreeMap<(usize, usize), Names<'a>>,
}

struct Names<'a> {
    kinds: Vec<IdentifierType>,
    /// Identifiers are asked for by their canonical writing alone.
    exact: bool,
    askers: By<&'a Identifier>,
}

impl<'a> Askers<'a> {
    /// `None`: only a question of its own tells whose a row is.
    pub fn of(graph: &Graph, questions: &'a [Question]) -> Option<Self> {
        let mut values = BTreeMap::<_, By<&str>>::new();
        let mut names = BTreeMap::<(usize, usize), By<&Identifier>>::new();
        for (nth, question) in questions.iter().enumerate() {
            let by_column =
                question.values.iter().flat_map(|(node, all)| all.iter().map(move |one| (*node, one)));
            for (node, (column, all)) in by_column {
                let known = values.entry((node, *column)).or_default();
                all.iter().for_each(|value| known.entry(value.as_str()).or_default().push(nth));
            }
            for (place, all) in &question.names {
                let known = names.entry(*place).or_default();
                all.iter().for_each(|name| known.entry(name).or_default().push(nth));
            }
        }
        let written = values
            .into_iter()
            .map(|(place, askers)| Some((place, (Writings::of(askers.keys().copied())?, askers))));
        let named = names.into_iter().map(|(place, askers)| Some((place, Names::of(graph, place, askers)?)));
        Some(Self { values: written.collect::<Option<_>>()?, names: named.collect::<Option<_>>()? })
    }

    /// Everybody whose question a row answers. `None`: by its writing it could be an answer to others as well.
    pub fn of_row(&self, node: usize, row: &Row) -> Option<BTreeSet<usize>> {
        let of_node = (node, 0)..(node + 1, 0);
        let mut whom = BTreeSet::new();
        for ((_, column), (writings, askers)) in self.values.range(of_node.clone()) {
            let Some(value) = row[*column].0.as_deref() else { continue };
            if writings.could_be(value) {
                return None;
            }
            whom.extend(askers.get(value).into_iter().flatten());
        }
        for ((_, column), names) in self.names.range(of_node) {
            let Some(text) = row[*column].0.as_deref() else { continue };
            for name in names.kinds.iter().filter_map(|kind| Identifier::parse(*kind, text).ok()) {
                match names.askers.get(&name) {
                    Some(_) if names.exact && name.expose() != text => return None,
                    askers => whom.extend(askers.into_iter().flatten()),
                }
            }
        }
        Some(whom)
    }
}

impl<'a> Names<'a> {
    fn of(graph: &Graph, (node, column): (usize, usize), askers: By<&'a Identifier>) -> Option<Self> {
        let node = &graph.nodes[node];
        let kinds = node.names.iter().filter(|(place, _)| *place == column).map(|(_, kind)| *kind).collect();
        let exact =
            node.collection.fields.iter().any(|field| field.name == node.columns[column] && field.exact);
        // Those that are not exact are compared here, and not by the engine.
        if exact {
            Writings::of(askers.keys().map(|name| name.expose()))?;
        }
        Some(Self { kinds, exact, askers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_engine_could_hold_for_equal_is_asked_together() {
        for (values, together) in [
            (&["1", "2", "10", "100"][..], true),
            (&["A-1", "A-2", "B-1"], true),
            (&["a@mail.example", "b@mail.example"], true),
            (&["900101399998", "900101399998"], true),
            (&["A-1", "a-1"], false),
            (&["A-1", "A1"], false),
            (&["7", "07"], false),
            (&["7", "7.0"], false),
            (&["7", "1e3"], false),
            (&["a", "a "], false),
            (&["strasse", "straße"], false),
            (&["a", "é"], false),
            (&["2026-11-22 05:00:00+00", "1"], false),
        ] {
            assert_eq!(Writings::of(values.iter().copied()).is_some(), together, "{values:?}");
        }
    }

    #[test]
    fn a_cell_that_could_be_meant_by_another_writing_is_asked_for_alone() {
        let Some(writings) = Writings::of(["A-1", "7"].into_iter()) else { panic!("they differ") };
        for (text, could_be) in
            [("A-1", false), ("7", false), ("B", false), ("a-1", true), ("07", true), ("é", true)]
        {
            assert_eq!(writings.could_be(text), could_be, "{text}");
        }
    }
}
