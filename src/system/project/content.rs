//! What of a row the person is told, by category; and what is masked whatever stands in it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::cell::value;
use crate::{
    domain::Category,
    system::{
        map::{DataType, Field, Ownership},
        traverse::{
            Found,
            graph::{Graph, Node},
        },
    },
};

/// Stands where somebody else's value would.
const MASK: &str = "***";

/// One category of one row.
#[derive(Default)]
pub(super) struct Content {
    /// The payload as JSON. Personal data.
    pub data: String,
    pub masked: Vec<String>,
    pub free_text: Vec<String>,
}

/// The categories of a row in which something stands; with what it is where it is `told`.
pub(super) fn contents(graph: &Graph, found: &Found, told: bool) -> Vec<(Category, Content)> {
    let node = &graph.nodes[found.node];
    let (shown, theirs) = (shown(graph, found), found.of_others(graph));
    let mut all = BTreeMap::<Category, (Map<String, Value>, Content)>::new();
    let mut full = BTreeSet::new();
    for (field, category) in personal(node) {
        let Some(place) = node.place(&field.name).filter(|place| shown.contains(place)) else { continue };
        let (data, content) = all.entry(category.clone()).or_default();
        let name = name(field, data);
        let here = found.cells.get(place).is_some_and(|cell| cell.0.is_some());
        if field.third_party || theirs.contains(&place) {
            // What tells of somebody else alone is in their row all the same, and goes with it.
            let stands =
                field.third_party && here && (!field.is_inside() || read(found, place, field).is_some());
            full.extend(stands.then(|| category.clone()));
            content.masked.push(name.clone());
            data.insert(name, Value::from(MASK));
            continue;
        }
        if !told && here && !field.is_inside() {
            full.insert(category.clone());
            continue;
        }
        let Some(held) = read(found, place, field) else { continue };
        full.insert(category.clone());
        if field.free_text {
            content.free_text.push(name.clone());
        }
        data.insert(name, held);
    }
    all.retain(|category, _| full.contains(category));
    let text = |data| if told { Value::Object(data).to_string() } else { String::new() };
    all.into_iter()
        .map(|(category, (data, content))| (category, Content { data: text(data), ..content }))
        .collect()
}

/// The fields of a collection that hold personal data, with their category.
fn personal(node: &Node) -> impl Iterator<Item = (&Field, &Category)> {
    let fields = node.collection.fields.iter().filter(|field| !field.not_personal);
    fields.filter_map(|field| Some((field, field.category.as_ref()?)))
}

/// The fields of one category of a collection with their columns' places; a nested field by the column it lies in.
pub fn columns_of<'n>(node: &'n Node, category: &Category) -> Vec<(usize, &'n Field)> {
    let of = personal(node).filter(|(_, of)| *of == category);
    of.filter_map(|(field, _)| Some((node.place(&field.name)?, field))).collect()
}

/// Of somebody else's row the person sees what names them, and no more.
fn shown(graph: &Graph, found: &Found) -> BTreeSet<usize> {
    if found.ownership == Ownership::Owner {
        return (0..found.cells.len()).collect();
    }
    found.via.iter().flat_map(|nth| graph.edges[*nth].theirs.iter().copied()).collect()
}

/// The policy's name of a field; the column's own where two columns have one name.
fn name(field: &Field, taken: &Map<String, Value>) -> String {
    let name = field.field.as_ref().filter(|name| !taken.contains_key(*name));
    name.unwrap_or(&field.name).clone()
}

fn read(found: &Found, place: usize, field: &Field) -> Option<Value> {
    let text = found.cells.get(place)?.0.as_deref()?;
    if !field.is_inside() {
        return Some(value(text, field.kind));
    }
    let whole = value(text, Some(DataType::Object));
    let mut path = field.name.get(field.column.len()..)?.split('.').skip(1);
    let inner = path.try_fold(&whole, |value, part| value.get(part))?;
    (!inner.is_null()).then(|| inner.clone())
}
