//! Whether a value has a shape: the part of JSON Schema that `policies/schema.json` uses, no more. A word
//! that is not known here fails the test, so that nothing is written there that nobody looks at.

use regex::Regex;
use serde_json::{Map, Value};

use super::{HERE, Shapes};

/// Whether a value has the shape.
pub fn fits(all: &Shapes, shape: &Value, value: &Value) -> bool {
    let Some(words) = shape.as_object() else { return false };
    words.iter().all(|(word, says)| match word.as_str() {
        "description" | "examples" | "then" => true,
        "$ref" => {
            all.get(&says.as_str().unwrap_or_default()[HERE.len()..]).is_some_and(|s| fits(all, s, value))
        }
        "enum" => list(says).contains(value),
        "type" => list(&one_or_many(says)).iter().any(|kind| is(kind, value)),
        "minimum" => value.as_i64().is_none_or(|n| Some(n) >= says.as_i64()),
        "maximum" => value.as_i64().is_none_or(|n| Some(n) <= says.as_i64()),
        "pattern" => value.as_str().is_none_or(|text| matches(says, text)),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= number(says)),
        "minProperties" => value.as_object().is_none_or(|object| object.len() as u64 >= number(says)),
        "maxProperties" => value.as_object().is_none_or(|object| object.len() as u64 <= number(says)),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| fits(all, says, item))),
        "allOf" => list(says).iter().all(|part| fits(all, part, value)),
        "anyOf" => list(says).iter().any(|part| fits(all, part, value)),
        "oneOf" => list(says).iter().filter(|part| fits(all, part, value)).count() == 1,
        "if" => !fits(all, says, value) || words.get("then").is_none_or(|then| fits(all, then, value)),
        "required" => value.as_object().is_none_or(|object| has(object, says)),
        "dependentRequired" => value.as_object().is_none_or(|object| {
            let mut needs = says.as_object().into_iter().flatten();
            needs.all(|(key, needs)| !object.contains_key(key) || has(object, needs))
        }),
        "propertyNames" => value
            .as_object()
            .is_none_or(|object| object.keys().all(|key| fits(all, says, &Value::String(key.clone())))),
        "properties" => value.as_object().is_none_or(|object| {
            object.iter().all(|(key, value)| says.get(key).is_none_or(|shape| fits(all, shape, value)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            let known = |key: &String| words.get("properties").is_some_and(|known| known.get(key).is_some());
            let mut others = object.iter().filter(|(key, _)| !known(key));
            if says == false {
                others.next().is_none()
            } else {
                others.all(|(_, value)| fits(all, says, value))
            }
        }),
        other => panic!("`{other}` is not checked: teach it to the test"),
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn one_or_many(value: &Value) -> Value {
    if value.is_array() { value.clone() } else { Value::Array(vec![value.clone()]) }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn has(object: &Map<String, Value>, keys: &Value) -> bool {
    list(keys).iter().all(|key| object.contains_key(key.as_str().unwrap_or_default()))
}

fn matches(pattern: &Value, text: &str) -> bool {
    Regex::new(pattern.as_str().unwrap_or_default()).is_ok_and(|pattern| pattern.is_match(text))
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("`{other}` is no kind of value"),
    }
}
