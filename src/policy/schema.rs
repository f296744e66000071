//! The JSON Schema of the files that people write, by which an editor completes and checks them as typed.
//!
//! The shapes stand in `policies/schema.json`, by name. They are written by hand, because what reads the
//! files takes one value for a list and words of closed lists, of which a generator would know nothing;
//! the tests below hold them against those readers, key by key and word by word. Deliberately absent: what
//! a shape cannot say, such as whether a category is defined in the file. That is `policy check`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::domain::{Error, Kind, Result, channel::words};

words! {
    /// A file that has a schema.
    Written, "file" {
        /// `<controller>.yaml`.
        Policy = "policy",
        /// `kz.yaml` and its like.
        Statute = "statute",
        /// `dsr.yaml`.
        Officer = "officer",
        /// `<controller>.cases.yaml`, and that of a statute.
        Cases = "cases",
        /// `kz.calendar.yaml` and its like.
        Calendar = "calendar",
    }
}

impl Written {
    fn title(self) -> &'static str {
        match self {
            Self::Policy => "Policy of dsr",
            Self::Statute => "Statute of dsr",
            Self::Officer => "dsr.yaml, the officer's file",
            Self::Cases => "Cases of a policy or a statute of dsr",
            Self::Calendar => "Calendar of dsr",
        }
    }
}

/// Every shape by its name.
type Shapes = BTreeMap<String, Value>;

const SHAPES: &str = include_str!("../../policies/schema.json");
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const HERE: &str = "#/$defs/";

#[derive(Serialize)]
struct Schema {
    #[serde(rename = "$schema")]
    dialect: &'static str,
    title: &'static str,
    #[serde(rename = "$ref")]
    root: String,
    #[serde(rename = "$defs")]
    shapes: Shapes,
}

/// The schema of a file as text: what it leads to, and nothing else.
///
/// # Errors
/// Failed (exit 1): the shapes of this build are broken.
pub fn text(of: Written) -> Result<String> {
    let broken =
        |error: serde_json::Error| Error::new(Kind::Failed, "the schema cannot be written").because(error);
    let all: Shapes = serde_json::from_str(SHAPES).map_err(broken)?;
    let mut shapes = Shapes::new();
    gather(&all, of.as_str(), &mut shapes);
    let schema = Schema { dialect: DIALECT, title: of.title(), root: format!("{HERE}{of}"), shapes };
    serde_json::to_string_pretty(&schema).map(|text| text + "\n").map_err(broken)
}

/// A shape and all that it refers to.
fn gather(all: &Shapes, name: &str, found: &mut Shapes) {
    let Some(shape) = all.get(name).filter(|_| !found.contains_key(name)) else { return };
    found.insert(name.to_owned(), shape.clone());
    let mut names = Vec::new();
    references(shape, &mut names);
    names.into_iter().for_each(|name| gather(all, name, found));
}

fn references<'a>(shape: &'a Value, names: &mut Vec<&'a str>) {
    match shape {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            names.extend(target.and_then(|target| target.strip_prefix(HERE)));
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod fits;
#[cfg(test)]
pub(crate) mod readers;
#[cfg(test)]
mod samples;
#[cfg(test)]
pub(crate) mod tests;
