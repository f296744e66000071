//! What stands beside a list, and the names of its keys, as a person reads them.

use serde_json::Value;

use super::{Head, in_words, spaced};
use crate::render::{Lang, Words};

/// Each member with its title; what is empty is not said.
pub(super) fn said(head: &Head, words: &Words) -> Vec<(String, String)> {
    let shown = |key: &str, value: &Value| match value {
        Value::String(text) => in_words(key, text, words),
        Value::Bool(flag) if words.lang() != Lang::En => words.say(if *flag { "yes" } else { "no" }),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    let says = |value: &Value| !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty());
    let members = head.members.iter().filter(|(_, value)| says(value));
    members.map(|(key, value)| (title(head.schema, key, words), shown(key, value))).collect()
}

/// A key as a title, by its word where there is one: that of the list, where one key says something else there.
pub(super) fn title(schema: &str, key: &str, words: &Words) -> String {
    let list = schema.split('/').nth(1).unwrap_or_default();
    let own = words.known("column", &format!("{list}-{key}"));
    own.or_else(|| words.known("column", key)).unwrap_or_else(|| spaced(key))
}
