//! What a column becomes.

use super::run::is_same;
use crate::{
    execute::order::NewValue,
    store::KeyFile,
    system::{
        check::{Live, live},
        engine::{Cell, Row},
        map::{Field, Strategy},
        project::RowOf,
        traverse::{
            Trace,
            graph::{Graph, Node},
        },
    },
};

/// Beside the codes of identifiers: a masked value.
const VALUE: i64 = 33;

/// The field that a column of a node is; nested ones are told by their own way.
fn field(node: &Node, place: usize) -> Option<&Field> {
    let column = node.columns.get(place)?;
    node.collection.fields.iter().find(|field| field.name == *column)
}

/// What a column is made of: a mask is known again as its database writes it.
fn kind(node: &Node, place: usize) -> Live {
    let declared = field(node, place).filter(|field| !field.is_inside());
    let declared = declared.and_then(|field| field.declared.as_ref());
    declared.map_or(Live::Text, |column| live(&column.kind))
}

/// What erasure does to a column: its own way, else the collection's, else NULL. Keys, and columns by which rows
/// find each other, are never touched.
fn way(graph: &Graph, at: usize, place: usize) -> Option<Strategy> {
    let node = &graph.nodes[at];
    let ties =
        |place: usize| graph.edges.iter().any(|edge| (edge.from, edge.out) == (at, place) && edge.unique);
    let field = field(node, place);
    if node.key.contains(&place)
        || ties(place)
        || field.is_some_and(|field| field.read_only || field.generated)
    {
        return None;
    }
    let whole = node.collection.erase.clone().filter(|way| *way != Strategy::Delete);
    let way = field.and_then(|field| field.masking.clone()).or(whole).unwrap_or(Strategy::Null);
    // A row is what can be deleted, not a column.
    Some(if way == Strategy::Delete { Strategy::Null } else { way })
}

/// What masks are drawn under.
#[derive(Clone, Copy)]
pub struct Under<'a> {
    /// The key file; `None`: it is missing, and a drawn mask cannot be told from a value.
    pub key: Option<&'a KeyFile>,
    /// The controller.
    pub controller: &'a str,
}

/// The columns of these places that a masking would change, by name. What is masked already is not changed again.
pub fn changing(graph: &Graph, row: &RowOf, places: &[usize], under: Under<'_>) -> Vec<String> {
    let node = &graph.nodes[row.found.node];
    let changes = |place: &&usize| match (way(graph, row.found.node, **place), &row.found.cells[**place].0) {
        (None | Some(Strategy::Preserve), _) | (_, None) => false,
        (Some(Strategy::Fixed(text)), Some(held)) => !is_same(Some(held), Some(&text), kind(node, **place)),
        (Some(Strategy::Hash | Strategy::Random), Some(held)) => under
            .key
            .is_none_or(|key| drawn(node, &row.found.key, **place, held, (key, under.controller)) != *held),
        (Some(Strategy::Null | Strategy::Delete), Some(_)) => true,
    };
    let mut names: Vec<String> =
        places.iter().filter(changes).map(|place| node.columns[*place].clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// What is left of what stood in a column of a row, whoever it is about.
pub fn trace(graph: &Graph, at: usize, cells: &Row, place: usize, under: Under<'_>) -> Trace {
    let Some(held) = cells[place].0.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Trace::Gone;
    };
    let node = &graph.nodes[at];
    let of: Option<Vec<String>> = node.key.iter().map(|place| cells[*place].0.clone()).collect();
    let is_drawn = |key: &KeyFile| {
        of.as_ref().is_some_and(|of| drawn(node, of, place, held, (key, under.controller)) == held)
    };
    let is_mask = match way(graph, at, place) {
        None | Some(Strategy::Preserve) => return Trace::Fixed,
        Some(Strategy::Fixed(text)) => is_same(Some(held), Some(&text), kind(node, place)),
        Some(Strategy::Hash | Strategy::Random) => under.key.is_some_and(is_drawn),
        Some(Strategy::Null | Strategy::Delete) => false,
    };
    if is_mask { Trace::Gone } else { Trace::Stands }
}

/// Whether a masking leaves nothing of a column.
pub fn empties(graph: &Graph, row: &RowOf, place: usize) -> bool {
    matches!(way(graph, row.found.node, place), Some(Strategy::Null | Strategy::Delete))
}

/// Whether something stands in one of these places that no masking touches: keys, ties, what is read-only or preserved.
/// What the database computes goes with what it is computed from, where something of these places is masked.
pub fn is_stuck(graph: &Graph, row: &RowOf, places: &[usize]) -> bool {
    let node = &graph.nodes[row.found.node];
    let follows = |place: &usize| field(node, *place).is_some_and(|field| field.generated);
    let written =
        |place: &usize| !matches!(way(graph, row.found.node, *place), None | Some(Strategy::Preserve));
    let some = places.iter().any(written);
    places.iter().filter(|place| !(some && follows(place))).any(|place| {
        let held = row.found.cells[*place].0.is_some();
        held && matches!(way(graph, row.found.node, *place), None | Some(Strategy::Preserve))
    })
}

/// What a column of a row is masked with. NULL stays NULL.
pub fn masked(graph: &Graph, row: &RowOf, place: usize, key: &KeyFile, controller: &str) -> Cell {
    let held = row.found.cells[place].0.as_deref();
    let node = &graph.nodes[row.found.node];
    Cell(match (way(graph, row.found.node, place), held) {
        (_, None) | (Some(Strategy::Null | Strategy::Delete), _) => None,
        (Some(Strategy::Fixed(text)), _) => Some(text),
        (Some(Strategy::Hash | Strategy::Random), Some(held)) => {
            Some(drawn(node, &row.found.key, place, held, (key, controller)))
        }
        (None | Some(Strategy::Preserve), Some(held)) => Some(held.to_owned()),
    })
}

/// A text of the form of the old one, by the place where it stands and nothing that stood there: so what is masked
/// is known again, and a night that meets it once more changes nothing.
fn drawn(
    node: &Node,
    of: &[String],
    place: usize,
    held: &str,
    (key, controller): (&KeyFile, &str),
) -> String {
    let mut parts = vec![node.collection.name.as_str(), node.columns[place].as_str()];
    parts.extend(of.iter().map(String::as_str));
    alike(held, &stream(key, controller, &parts, held))
}

/// As many bytes as the text has characters.
fn stream(key: &KeyFile, controller: &str, parts: &[&str], text: &str) -> Vec<u8> {
    let blocks = (0..=text.chars().count() / 32)
        .flat_map(|nth| key.mac(controller, VALUE, &format!("{nth}\u{1f}{}", parts.join("\u{1f}"))));
    blocks.collect()
}

/// Digits for digits and letters for letters: the text keeps its length and fits where the old one did.
fn alike(text: &str, bytes: &[u8]) -> String {
    let one = |(c, byte): (char, &u8)| match c {
        '0'..='9' => char::from(b'0' + byte % 10),
        c if c.is_uppercase() => char::from(b'A' + byte % 26),
        c if c.is_alphabetic() => char::from(b'a' + byte % 26),
        other => other,
    };
    text.chars().zip(bytes).map(one).collect()
}

/// The column of the flag, where setting it would change something.
pub fn flag(node: &Node, row: &RowOf, blocked: bool) -> Option<String> {
    let flag = node.collection.meaning.restriction.as_ref()?;
    let place = node.place(&flag.column)?;
    let wanted = if blocked { Some(&flag.blocked) } else { flag.free.as_ref() };
    let held = row.found.cells[place].0.as_deref();
    (!is_same(held, wanted.map(String::as_str), kind(node, place))).then(|| flag.column.clone())
}

/// What the flag becomes.
pub fn flagged(node: &Node, blocked: bool) -> Cell {
    let flag = node.collection.meaning.restriction.as_ref();
    Cell(flag.and_then(|flag| if blocked { Some(flag.blocked.clone()) } else { flag.free.clone() }))
}

/// The new value of a column, of those that were typed.
pub fn corrected(node: &Node, column: &str, changes: &[NewValue]) -> Option<Cell> {
    let field = node.collection.fields.iter().find(|field| field.name == column)?;
    let category = field.category.as_ref()?;
    let name = field.field.as_ref().unwrap_or(&field.name);
    let new = changes.iter().find(|new| new.category == category.as_str() && new.field == *name)?;
    Some(Cell(Some(new.value.trim().to_owned())))
}

#[test]
fn a_masked_text_keeps_its_form() {
    let bytes: Vec<u8> = (7..100).collect();
    for (text, expected) in [("8 (701) 000", "7 (012) 345"), ("Асель К.", "Hijkl N."), ("", "")] {
        let masked = alike(text, &bytes);
        assert_eq!(masked.chars().count(), text.chars().count());
        assert_eq!(
            masked.chars().filter(|c| !c.is_alphanumeric()).count(),
            expected.chars().filter(|c| !c.is_alphanumeric()).count(),
            "{masked}"
        );
        assert!(text.is_empty() || masked != text);
        assert_eq!(alike(&masked, &bytes), masked, "once masked it stays");
    }
}
