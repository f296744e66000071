//! Whose question a row answers, where several people asked at once.
//!
//! INVARIANT: nobody is given a row that a question of their own would not have found. An engine may hold two writings
//! for equal (`A` and `a`, `7` and `07`), and it alone knows; so people ask together only where all values are written so
//! that no engine could take one for another, and a row is given by its very writing. Deliberately absent: writings of
//! dates (`2026-1-2` and `20260102`) and of addresses (`192.0.2.1/32`): nobody is referred to by them.

use std::collections::{BTreeSet, HashMap};

use super::{
    ask::{Part, Question},
    graph::Graph,
};
use crate::{
    domain::{Identifier, IdentifierType},
    system::engine::Row,
};

/// Values of one column, none of which an engine could hold for another. Personal data: no `Debug`.
pub(super) struct Writings<'a> {
    by_core: HashMap<(usize, String), &'a str>,
}

impl<'a> Writings<'a> {
    /// `None`: two of them could be held for equal.
    pub fn of(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut by_core = HashMap::new();
        for value in values {
            for core in cores(value)?.into_iter().enumerate() {
                if *by_core.entry(core).or_insert(value) != value {
                    return None;
                }
            }
        }
        Some(Self { by_core })
    }

    /// Whether an engine could hold the text for one of them that is written differently.
    fn could_be(&self, text: &str) -> bool {
        let like = |core| self.by_core.get(&core).is_some_and(|value| *value != text);
        cores(text).is_none_or(|cores| cores.into_iter().enumerate().any(like))
    }
}

/// What is left of a text when all is taken away that a collation or a type may pass over: case, marks and blanks, zeros
/// before a number, letters that a language holds for one (`i`, `j` and `y`; `u`, `v` and `w`). Marks may part two
/// numbers or not, so there are two. `None`: too much could be equal to it.
fn cores(text: &str) -> Option<[String; 2]> {
    let is_mark = |c: char| "-_@./+() ".contains(c);
    let number: String = text.chars().filter(|c| !"+() ".contains(*c)).collect();
    let is_fraction = !number.bytes().all(|byte| byte.is_ascii_digit()) && number.parse::<f64>().is_ok();
    if is_fraction || !text.chars().all(|c| c.is_ascii_alphanumeric() || is_mark(c)) {
        return None;
    }
    let bare: String = text.chars().filter(|c| !is_mark(*c)).collect();
    Some([without_zeros(&bare), without_zeros(text).chars().filter(|c| !is_mark(*c)).collect()])
}

/// Letters of one kind, and no zeros before a number.
fn without_zeros(text: &str) -> String {
    let (mut bare, mut in_number) = (String::new(), false);
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if c != '0' || in_number {
            bare.push(match c {
                'j' | 'y' => 'i',
                'v' | 'w' => 'u',
                other => other,
            });
        }
        in_number = c.is_ascii_digit() && (in_number || c != '0');
    }
    bare
}

/// Who asked for a thing, by their places.
type By<K> = HashMap<K, Vec<usize>>;

/// Who asked for what in one part. Personal data: no `Debug`.
pub(super) enum Asked<'a> {
    /// One alone: every row answers them.
    ByOne(usize),
    /// Values, by column: compared by the engine.
    Values(Vec<(usize, Writings<'a>, By<&'a str>)>),
    /// Names of one column, of these types, compared here.
    Names(usize, Vec<IdentifierType>, By<Identifier>),
}

impl<'a> Asked<'a> {
    /// `None`: only a question of its own tells whose a row is.
    pub fn of(graph: &Graph, part: Part, questions: &'a [(usize, Question)]) -> Option<Self> {
        let mut asking = questions.iter().filter(|(_, question)| question.parts().any(|one| one == part));
        if let (Some((only, _)), None) = (asking.next(), asking.next()) {
            return Some(Self::ByOne(*only));
        }
        match part {
            Part::Values(node) => {
                let of = |(nth, question): &'a (usize, Question)| {
                    question.values.get(&node).map(|by_column| (*nth, by_column))
                };
                let mut by_column = HashMap::<usize, By<&str>>::new();
                for (nth, (column, values)) in questions
                    .iter()
                    .filter_map(of)
                    .flat_map(|(nth, all)| all.iter().map(move |one| (nth, one)))
                {
                    let known = by_column.entry(*column).or_default();
                    values.iter().for_each(|value| known.entry(value.as_str()).or_default().push(nth));
                }
                Self::written(by_column)
            }
            Part::Names(node, column) => {
                let of = |(nth, question): &'a (usize, Question)| {
                    question.names.get(&(node, column)).map(|names| (*nth, names))
                };
                let names = questions
                    .iter()
                    .filter_map(of)
                    .flat_map(|(nth, all)| all.iter().map(move |one| (nth, one)));
                let known = &graph.nodes[node];
                if known.is_exact(column) {
                    let mut askers = By::<&str>::new();
                    names.for_each(|(nth, name)| askers.entry(name.expose()).or_default().push(nth));
                    return Self::written([(column, askers)].into());
                }
                let kinds = known.names.iter().filter(|(place, _)| *place == column);
                let mut askers = By::new();
                names.for_each(|(nth, name)| askers.entry(name.clone()).or_default().push(nth));
                Some(Self::Names(column, kinds.map(|(_, kind)| *kind).collect(), askers))
            }
        }
    }

    fn written(by_column: HashMap<usize, By<&'a str>>) -> Option<Self> {
        let written = by_column
            .into_iter()
            .map(|(column, askers)| Some((column, Writings::of(askers.keys().copied())?, askers)));
        Some(Self::Values(written.collect::<Option<_>>()?))
    }

    /// Everybody whose question a row answers. `None`: by its writing it could be an answer to others as well.
    pub fn whom(&self, row: &Row) -> Option<BTreeSet<usize>> {
        let mut whom = BTreeSet::new();
        match self {
            Self::ByOne(only) => {
                whom.insert(*only);
            }
            Self::Values(by_column) => {
                for (column, writings, askers) in by_column {
                    let Some(value) = row[*column].0.as_deref() else { continue };
                    if writings.could_be(value) {
                        return None;
                    }
                    whom.extend(askers.get(value).into_iter().flatten());
                }
            }
            Self::Names(column, kinds, askers) => {
                let text = row[*column].0.as_deref().unwrap_or_default();
                let names = kinds.iter().filter_map(|kind| Identifier::parse(*kind, text).ok());
                whom.extend(names.filter_map(|name| askers.get(&name)).flatten());
            }
        }
        (!whom.is_empty()).then_some(whom)
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
            (&["+77010000001", "+77010000002", "8 (701) 000-00-03"], true),
            (&["a+b@x.example", "a+c@x.example"], true),
            (&["A-1", "a-1"], false),
            (&["A-1", "A1"], false),
            (&["7", "07"], false),
            (&["7", "7.0"], false),
            (&["7", "+7"], false),
            (&["7", "1e3"], false),
            (&["a", "a "], false),
            (&["A-07", "A-7"], false),
            (&["A-1-07", "a1-7"], false),
            (&["2026-01-02", "20260102"], false),
            (&["maria", "marya"], false),
            (&["jvan", "iwan"], false),
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
        for (text, could_be) in [
            ("A-1", false),
            ("7", false),
            ("B", false),
            ("a-1", true),
            ("A01", true),
            ("07", true),
            ("é", true),
        ] {
            assert_eq!(writings.could_be(text), could_be, "{text}");
        }
    }
}
