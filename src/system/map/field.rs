//! Columns of a map.

use std::collections::BTreeSet;

use super::{
    Address, DataType, Direction, Field, Ownership, Reference, category::Words, page::Page, raw, strategy,
};
use crate::{
    domain::{Category, IdentifierType},
    policy::yaml::Spanned,
};

const TYPES: &[(&str, DataType)] = &[
    ("string", DataType::Text),
    ("integer", DataType::Integer),
    ("float", DataType::Float),
    ("boolean", DataType::Boolean),
    ("object", DataType::Object),
    ("object_id", DataType::ObjectId),
];

/// The columns of a collection; what is nested in one has a dotted name. `own` is the collection's category.
pub fn all(page: &Page<'_>, words: &Words<'_>, own: Option<&Category>, raw: &[raw::Field]) -> Vec<Field> {
    let mut fields = Vec::new();
    for one in raw {
        nested(page, words, own, ("", &one.name.value), one, &mut fields);
    }
    name_once(&mut fields);
    fields
}

fn nested(
    page: &Page<'_>,
    words: &Words<'_>,
    own: Option<&Category>,
    (above, column): (&str, &str),
    raw: &raw::Field,
    into: &mut Vec<Field>,
) {
    let name = format!("{above}{}", raw.name.value);
    match raw.fields.as_deref() {
        Some(inner) if !inner.is_empty() => {
            for one in inner {
                nested(page, words, own, (&format!("{name}."), column), one, into);
            }
        }
        _ => into.push(field(page, words, own, (name, column), raw)),
    }
}

/// Two columns of one category cannot both be its `phone`: the first is, the other keeps its own name.
fn name_once(fields: &mut [Field]) {
    let mut taken: BTreeSet<(Category, String)> = fields
        .iter()
        .filter(|field| field.field.is_none())
        .filter_map(|field| Some((field.category.clone()?, field.name.clone())))
        .collect();
    for field in fields {
        let name = field.category.clone().zip(field.field.clone());
        if name.is_some_and(|name| !taken.insert(name)) {
            field.field = None;
        }
    }
}

fn field(
    page: &Page<'_>,
    words: &Words<'_>,
    own: Option<&Category>,
    (name, column): (String, &str),
    raw: &raw::Field,
) -> Field {
    let (no_meta, no_more) = (raw::FieldMeta::default(), raw::FieldMore::default());
    let meta = raw.fides_meta.as_ref().unwrap_or(&no_meta);
    let more = raw.dsr_meta.as_ref().unwrap_or(&no_more);
    let mut field = Field {
        name,
        column: column.to_owned(),
        data_categories: words.keys(page, raw.data_categories.as_deref()),
        category: None,
        field: None,
        kind: meta.data_type.as_ref().and_then(|word| data_type(page, word)),
        length: meta.length,
        identity: identity(page, meta, more),
        exact: false,
        primary_key: meta.primary_key.unwrap_or_default(),
        read_only: meta.read_only.unwrap_or_default(),
        references: references(page, meta, more),
        masking: meta.masking_strategy_override.as_ref().and_then(|raw| strategy::read(page, raw)),
        third_party: more.third_party,
        free_text: more.free_text,
        not_personal: more.not_personal,
        learnt: false,
        generated: false,
        declared: None,
    };
    refuse_inside(page, meta, more, &field);
    field.exact = more.exact.unwrap_or(field.identity == Some(IdentifierType::Iin));
    classify(page, words, own, raw, more, &mut field);
    refuse_masking(page, meta, &field);
    field
}

/// Only a whole column is compared, so that nobody would ever be found by what lies inside one.
fn refuse_inside(page: &Page<'_>, meta: &raw::FieldMeta, more: &raw::FieldMore, field: &Field) {
    let word = more.identity.as_ref().or(meta.identity.as_ref());
    if let (Some(word), Some(kind), true) = (word, field.identity, field.is_inside()) {
        let message = format!("nobody is found by the {kind} `{}`, which lies inside a column", field.name);
        page.wrong(word, &message, "take the identity away, or have it kept in a column of its own");
    }
    let links = meta.references.as_deref().unwrap_or_default().iter();
    for link in links.filter(|_| field.is_inside()) {
        let message = format!("no row is found by `{}`, which lies inside a column", field.name);
        page.wrong(&link.field, &message, "take the reference away, or have it kept in a column of its own");
    }
}

/// A strategy that cannot apply, with its column.
fn refuse_masking(page: &Page<'_>, meta: &raw::FieldMeta, field: &Field) {
    let (Some(raw), Some(strategy)) = (&meta.masking_strategy_override, &field.masking) else { return };
    if *strategy == super::Strategy::Preserve {
        return;
    }
    let name = &field.name;
    let why = if field.primary_key {
        Some("it is part of the key, by which the row is found again".to_owned())
    } else if !field.references.is_empty() {
        Some("other rows are found by it".to_owned())
    } else if field.read_only {
        Some("it is read-only".to_owned())
    } else {
        strategy::misfit(strategy, field.kind, field.length)
    };
    if let Some(why) = why {
        let message = format!("the column `{name}` cannot be erased by `{}`: {why}", raw.strategy.value);
        page.wrong(&raw.strategy, &message, "take the strategy away, or delete the row");
    }
}

/// The category: named, else the identifier's, else by the data categories, else the collection's. Keys and
/// references that name nothing are no data of their own.
fn classify(
    page: &Page<'_>,
    words: &Words<'_>,
    own: Option<&Category>,
    raw: &raw::Field,
    more: &raw::FieldMore,
    field: &mut Field,
) {
    let says = more.category.is_some() || field.identity.is_some();
    if field.not_personal {
        if says || field.data_categories.iter().any(|key| key.starts_with("user")) {
            page.wrong(
                &raw.name,
                "it is said to be not personal, and of a personal category",
                "keep one of the two",
            );
        }
        return;
    }
    let is_link = field.primary_key || !field.references.is_empty();
    if let Some(word) = &more.category {
        field.category = words.category(page, word);
    } else if let Some(category) = field.identity.and_then(|kind| words.of_identity(kind)) {
        let name = field.identity.map_or("", IdentifierType::as_str);
        field.field = (field.name != name && words.has_field(&category, name)).then(|| name.to_owned());
        field.category = Some(category);
    } else if !is_link {
        by_keys(page, words, own, raw, field);
    }
    if let (Some(word), Some(category)) = (&more.field, &field.category) {
        field.field = words.field(page, category, word);
    }
}

fn by_keys(page: &Page<'_>, words: &Words<'_>, own: Option<&Category>, raw: &raw::Field, field: &mut Field) {
    if field.data_categories.is_empty() {
        field.category = own.cloned();
        return;
    }
    let Some(fit) = words.of_keys(&field.data_categories, own) else { return };
    if !fit.others.is_empty() {
        let others = fit.others.join(", ");
        page.note(
            &raw.name,
            &format!(
                "`{}` is taken for `{}`; {others} fit as well: `dsr_meta.category` decides",
                field.name, fit.category
            ),
        );
    }
    if !words.has_field(&fit.category, &field.name) && !field.is_inside() {
        field.field = fit.field;
    }
    field.category = Some(fit.category);
}

/// A fideslang type; a list of anything is one value that is not looked into.
fn data_type(page: &Page<'_>, word: &Spanned<String>) -> Option<DataType> {
    let (bare, list) = match word.value.strip_suffix("[]") {
        Some(bare) => (bare, true),
        None => (word.value.as_str(), false),
    };
    match TYPES.iter().find(|(known, _)| *known == bare) {
        Some(_) if list => Some(DataType::Object),
        Some((_, kind)) => Some(*kind),
        None => {
            let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
            page.unknown(word, &format!("the type `{}` is not known", word.value), &known);
            None
        }
    }
}

/// An identity of `dsr_meta` has to be one; one of fideslang may be of another program's making.
fn identity(page: &Page<'_>, meta: &raw::FieldMeta, more: &raw::FieldMore) -> Option<IdentifierType> {
    if let Some(word) = &more.identity {
        let kind = word.value.parse().ok();
        if kind.is_none() {
            let known: Vec<&str> = IdentifierType::ALL.iter().map(|kind| kind.as_str()).collect();
            page.unknown(word, &format!("the identity `{}` is not known", word.value), &known);
        }
        return kind;
    }
    let word = meta.identity.as_ref()?;
    let kind = match word.value.as_str() {
        "phone_number" => Some(IdentifierType::Phone),
        other => other.parse().ok(),
    };
    if kind.is_none() {
        page.note(word, &format!("the identity `{}` names nobody here: `dsr_meta.identity` can", word.value));
    }
    kind
}

fn references(page: &Page<'_>, meta: &raw::FieldMeta, more: &raw::FieldMore) -> Vec<Reference> {
    let ownership = match more.ownership {
        Some(raw::Ownership::Accessor) => Ownership::Accessor,
        _ => Ownership::Owner,
    };
    let blank: Vec<String> = more.blank.iter().map(|word| word.value.clone()).collect();
    let reference = |raw: &raw::Reference| {
        let to = address(page, raw)?;
        let direction = match raw.direction {
            Some(raw::Direction::From) => Direction::From,
            Some(raw::Direction::To) => Direction::To,
            None => Direction::Both,
        };
        Some(Reference { to, direction, ownership, blank: blank.clone() })
    };
    meta.references.as_deref().unwrap_or_default().iter().filter_map(reference).collect()
}

/// `collection.field`; which part is a schema and which is nested is known when the collections are.
fn address(page: &Page<'_>, raw: &raw::Reference) -> Option<Address> {
    let Some((collection, field)) = raw.field.value.split_once('.') else {
        page.wrong(&raw.field, "this is no `collection.field`", "write both, with a dot between them");
        return None;
    };
    Some(Address { dataset: raw.dataset.clone(), collection: collection.into(), field: field.into() })
}
