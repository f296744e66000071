//! Values made out of a shape: every key and every word of it stands in at least one. What the schema
//! offers, the reader of the file has to take.

use serde_json::{Map, Value, json};

use super::{HERE, Shapes};

/// Rules of storage nest; beyond this many steps the shape repeats itself.
const DEPTH: usize = 12;

/// Values of a shape.
pub fn samples(all: &Shapes, shape: &Value) -> Vec<Value> {
    of(all, shape, DEPTH)
}

fn of(all: &Shapes, shape: &Value, depth: usize) -> Vec<Value> {
    let Some(left) = depth.checked_sub(1) else { return Vec::new() };
    let at = |word: &str| shape.get(word);
    if let Some(name) = at("$ref").and_then(Value::as_str) {
        return all.get(&name[HERE.len()..]).map(|shape| of(all, shape, left)).unwrap_or_default();
    }
    if let Some(values) = at("examples").or(at("enum")).and_then(Value::as_array) {
        return values.clone();
    }
    if let Some(properties) = at("properties").and_then(Value::as_object) {
        return objects(all, shape, properties, left);
    }
    if let Some(others) = at("additionalProperties").filter(|others| others.is_object()) {
        return of(all, others, left).into_iter().map(|value| json!({ "x": value })).collect();
    }
    if let Some(items) = at("items") {
        return of(all, items, left).into_iter().map(|item| json!([item])).collect();
    }
    if let Some(parts) = at("anyOf").and_then(Value::as_array) {
        return parts.iter().flat_map(|part| of(all, part, left)).collect();
    }
    let kinds = at("type").map(|kind| kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]));
    kinds.unwrap_or_default().iter().map(plain).collect()
}

fn plain(kind: &Value) -> Value {
    match kind.as_str() {
        Some("string") => json!("x"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        other => panic!("no sample of {other:?}"),
    }
}

/// What is required alone, then with each further key and each of its values; at last with all keys.
fn objects(all: &Shapes, shape: &Value, properties: &Map<String, Value>, depth: usize) -> Vec<Value> {
    let values: Vec<(&String, Vec<Value>)> =
        properties.iter().map(|(key, shape)| (key, of(all, shape, depth))).collect();
    // Too deep for a key that must stand: the shape is sampled elsewhere, from its own start.
    if values.iter().any(|(key, of)| of.is_empty() && required(shape).contains(&key.as_str())) {
        return Vec::new();
    }
    if shape.get("maxProperties").is_some() {
        let one = |key: &String, value: Value| Value::Object(Map::from_iter([(key.clone(), value)]));
        return values.iter().flat_map(|(key, of)| of.iter().map(|value| one(key, value.clone()))).collect();
    }
    let firsts = |wanted: &dyn Fn(&str) -> bool| -> Map<String, Value> {
        let wanted = values.iter().filter(|(key, _)| wanted(key));
        wanted.filter_map(|(key, of)| Some(((*key).clone(), of.first()?.clone()))).collect()
    };
    let least = firsts(&|key| required(shape).contains(&key));
    let with = |key: &String, value: &Value| {
        let mut object = least.clone();
        object.insert(key.clone(), value.clone());
        Value::Object(object)
    };
    let mut found = vec![Value::Object(least.clone())];
    found.extend(values.iter().flat_map(|(key, of)| of.iter().map(move |value| with(key, value))));
    found.push(Value::Object(firsts(&|_| true)));
    found
}

/// The keys that must stand.
pub fn required(shape: &Value) -> Vec<&str> {
    let keys = shape.get("required").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(Value::as_str).collect()
}
