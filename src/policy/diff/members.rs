//! Every member of a policy has a class for its change, each way.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::diff;
use crate::policy::{Library, model::Policy, yaml};

/// A member in one place, and the worst class of its change and of the opposite one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    member: String,
    file: String,
    stands: String,
    was: Option<String>,
    is: String,
    there: String,
    back: String,
}

/// What is no promise to anybody: names and dates of the text, and our reading of it.
const REMARKS: [&str; 14] = [
    "policy.policy",
    "policy.version",
    "policy.dated",
    "source.sha256",
    "source.language",
    "rule.clause",
    "rule.article",
    "rule.note",
    "rule.law",
    "rule.valid_from",
    "rule.valid_to",
    "rule.confirmed",
    "rule.mark",
    "rule.id",
];

/// What holds members of its own, each of which has its class.
const HOLDERS: [&str; 26] = [
    "policy.source",
    "policy.controller",
    "policy.identifiers",
    "policy.categories",
    "policy.purposes",
    "policy.rules",
    "category.fields",
    "rule.keep",
    "rule.right",
    "rule.deadline",
    "rule.purpose",
    "rule.collects",
    "rule.ban",
    "rule.minors",
    "rule.cookie",
    "rule.basis",
    "rule.recipient",
    "rule.channel",
    "rule.fee",
    "rule.notice",
    "rule.change",
    "rule.duty",
    "condition.open_obligation",
    "until.elapsed",
    "until.tax_years",
    "rule.register_data",
];

/// Every other member.
fn rows() -> Vec<Row> {
    yaml::read("members.yaml", include_str!("members.yaml")).unwrap()
}

#[test]
fn each_member_has_its_class_both_ways() {
    let mut wrong = Vec::new();
    for row in rows() {
        let was = version(&row, row.was.as_ref().unwrap_or(&row.stands));
        let is = version(&row, &row.is);
        for (old, new, expected) in [(&was, &is, &row.there), (&is, &was, &row.back)] {
            let changes = diff(old, new);
            let class = changes.first().map_or("", |change| change.class.as_str());
            let told = changes.iter().all(|change| change.before != change.after);
            if class != expected || !told {
                wrong.push(format!("{}, {}: not {expected}: {changes:?}", row.member, row.is));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn version(row: &Row, put: &str) -> Policy {
    let mut library = Library::embedded();
    let law = library.file("kz.yaml").unwrap().1.replacen("statute: kz", "statute: lex", 1);
    library.replace("lex.yaml", "lex.yaml", law);
    let name = format!("{}.yaml", row.file);
    let text = library.file(&name).unwrap().1.to_owned();
    assert!(text.contains(&row.stands), "{name}: {}", row.stands);
    library.replace(&name, "new.yaml", text.replacen(&row.stands, put, 1));
    library.rulebook(&row.file).unwrap_or_else(|error| panic!("{put}: {error}")).policy
}

#[test]
fn no_member_of_the_schema_is_left_out() {
    let shapes: Map<String, Value> =
        serde_json::from_str(include_str!("../../../policies/schema.json")).unwrap();
    let mut members = BTreeSet::new();
    gather(&shapes, "policy", &mut BTreeSet::new(), &mut members);
    let known = REMARKS.iter().chain(&HOLDERS).map(|member| (*member).to_owned());
    let listed: BTreeSet<String> = rows().into_iter().map(|row| row.member).chain(known).collect();
    let left: Vec<_> = members.difference(&listed).collect();
    assert!(members.len() > 100 && left.is_empty(), "no class for {left:?}");
}

/// Every member of a shape and of those that it leads to.
fn gather(
    shapes: &Map<String, Value>,
    name: &str,
    seen: &mut BTreeSet<String>,
    members: &mut BTreeSet<String>,
) {
    let Some(shape) = shapes.get(name).filter(|_| seen.insert(name.to_owned())) else { return };
    walk(shape, &mut |key, value| match key {
        "properties" => {
            let own = value.as_object().into_iter().flat_map(Map::keys);
            members.extend(own.map(|member| format!("{name}.{member}")));
            None
        }
        "$ref" => value.as_str().and_then(|target| target.rsplit('/').next()).map(str::to_owned),
        _ => None,
    })
    .into_iter()
    .for_each(|target| gather(shapes, &target, seen, members));
}

/// Whatever is found in the parts of a value by their keys.
fn walk(value: &Value, found: &mut dyn FnMut(&str, &Value) -> Option<String>) -> Vec<String> {
    match value {
        Value::Object(parts) => {
            let mut all = Vec::new();
            for (key, part) in parts {
                all.extend(found(key, part));
                all.extend(walk(part, found));
            }
            all
        }
        Value::Array(parts) => parts.iter().flat_map(|part| walk(part, found)).collect(),
        _ => Vec::new(),
    }
}
