//! Columns: each is mapped, each that is mapped is there, and what erasure writes fits into it.

use super::{
    Finding,
    fixed::refuses,
    kind::{self, Live},
};
use crate::{
    domain::IdentifierType,
    system::{
        engine::{Column, Table},
        map::{Collection, Field, Strategy, misfit},
    },
};

/// A table among all of its database.
type Among<'t> = (&'t Table, &'t [Table]);

/// The columns of one collection. `may_stay`: a row of it can be kept when something in it is erased.
pub fn check(collection: &Collection, (table, live): Among<'_>, may_stay: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    if may_stay {
        found.extend(emptied(collection, (table, live)));
    }
    let name = &collection.name;
    for column in table.columns.iter().filter(|column| !is_mapped(collection, &column.name)) {
        found.push(Finding::error(
            "unmapped-column",
            name,
            Some(&column.name),
            format!("the column `{}` ({}) is not in the map", column.name, column.kind),
            "map it, or say `dsr_meta.not_personal: true`",
        ));
    }
    for field in &collection.fields {
        match column_of(table, field) {
            Some((column, inside)) => found.extend(one(collection, field, (table, live), column, inside)),
            None => found.push(Finding::error(
                "no-column",
                name,
                Some(&field.name),
                format!("the map names the column `{}`, which the table does not have", field.name),
                "take it out of the map, or write it as the database does",
            )),
        }
    }
    found.extend(blanked(collection, table));
    found
}

/// Columns of a table that the map does not know, by name.
pub fn unmapped(collection: &Collection, table: &Table) -> Vec<String> {
    let names = table.columns.iter().map(|column| &column.name);
    names.filter(|name| !is_mapped(collection, name)).cloned().collect()
}

/// Columns of a table that are in the map, which does not say what they are, by name: they are not read either.
pub fn unclassified(collection: &Collection, table: &Table) -> Vec<String> {
    let unsaid = collection.fields.iter().filter(|field| is_unclassified(collection, field));
    let columns = unsaid.filter_map(|field| Some(column_of(table, field)?.0.name.clone()));
    columns.filter(|name| is_mapped(collection, name)).collect()
}

/// By itself, or by something inside it.
fn is_mapped(collection: &Collection, column: &str) -> bool {
    collection.fields.iter().any(|field| field.column == column && !field.learnt)
}

/// The column of a field, and whether the field is inside it.
fn column_of<'t>(table: &'t Table, field: &Field) -> Option<(&'t Column, bool)> {
    let column = table.columns.iter().find(|column| column.name == field.column);
    column.map(|column| (column, field.is_inside()))
}

fn one(
    collection: &Collection,
    field: &Field,
    table: Among<'_>,
    column: &Column,
    inside: bool,
) -> Vec<Finding> {
    let name = &collection.name;
    let live = kind::live(&column.kind);
    let mut found = Vec::new();
    if inside && !matches!(live, Live::Object | Live::Text) {
        let message = format!("`{}` is inside a column of the type `{}`", field.name, column.kind);
        found.push(Finding::error(
            "no-column",
            name,
            Some(&field.name),
            message,
            "only JSON has anything inside",
        ));
    }
    if let Some(said) = field.kind.filter(|said| !inside && !column.kind.is_empty() && !live.is(*said)) {
        let message = format!("the map says `{said:?}`, the database `{}`", column.kind).to_lowercase();
        found.push(Finding::warning("type", name, Some(&field.name), message, "write the type that it has"));
    }
    if let (Some(said), Some(is)) = (field.length, column.length.filter(|_| !inside))
        && said > is
    {
        let message = format!("the map says {said} characters, the column has {is}");
        found.push(Finding::error(
            "length",
            name,
            Some(&field.name),
            message,
            "write the length that it has",
        ));
    }
    if field.identity == Some(IdentifierType::Iin) && drops_zeros(column, live) {
        found.push(Finding::error(
            "number",
            name,
            Some(&field.name),
            format!(
                "`{}` is a number (`{}`), which drops the zeros that an IIN begins with",
                field.name, column.kind
            ),
            "have its owner make it text of 12 digits: people born in 2000 to 2009 are not found by it",
        ));
    }
    if is_unclassified(collection, field) {
        found.push(Finding::error(
            "unclassified",
            name,
            Some(&field.name),
            format!("the map does not say what `{}` is", field.name),
            "give it `data_categories` or `dsr_meta.category`, or say `dsr_meta.not_personal: true`",
        ));
    }
    found.extend(masked(collection, field, table, column, inside));
    found
}

/// Whether what is written with zeros in front is read back without them.
fn drops_zeros(column: &Column, live: Live) -> bool {
    matches!(live, Live::Integer | Live::Float) && !column.kind.contains("zerofill")
}

/// Neither of a category, nor a key, a link, a date that decides, or said to be none of it.
fn is_unclassified(collection: &Collection, field: &Field) -> bool {
    let says = field.category.is_some()
        || !field.data_categories.is_empty()
        || field.identity.is_some()
        || field.primary_key
        || field.not_personal
        || field.third_party
        || !field.references.is_empty();
    !says && !collection.meaning.columns().contains(&field.name.as_str())
}

/// What erasure writes fits into the column.
fn masked(
    collection: &Collection,
    field: &Field,
    (table, all): Among<'_>,
    column: &Column,
    inside: bool,
) -> Option<Finding> {
    let strategy = field.masking.as_ref().filter(|strategy| !matches!(strategy, Strategy::Preserve))?;
    let live = kind::live(&column.kind);
    let kind = if inside { None } else { Some(live.data_type()) };
    let single = |name: &str| table.unique.iter().any(|columns| columns.len() == 1 && columns[0] == name);
    let why = match strategy {
        _ if column.generated => Some("the database computes it".to_owned()),
        _ if table.key.contains(&column.name) => Some("it is part of the key of the table".to_owned()),
        Strategy::Null => referring((table, all), &column.name),
        _ => referred((table, all), &column.name).or_else(|| referring((table, all), &column.name)),
    };
    let why = why.or_else(|| match strategy {
        Strategy::Fixed(_) if single(&column.name) => {
            Some("two rows would become the same, and it is unique".to_owned())
        }
        Strategy::Fixed(text) if !inside => refuses(column, text),
        Strategy::Random | Strategy::Hash if !inside && live == Live::Choice => {
            Some("what it writes is no member of the column's list".to_owned())
        }
        Strategy::Null if !column.nullable && !inside => Some("it must not be empty".to_owned()),
        Strategy::Null => None,
        _ => misfit(strategy, kind, column.length),
    });
    let message = format!("erasure cannot write into `{}` ({}): {}", field.name, column.kind, why?);
    Some(Finding::error(
        "masking",
        &collection.name,
        Some(&field.name),
        message,
        "choose another strategy, or delete the row",
    ))
}

/// The table that the database ties a column to.
fn referred((table, _): Among<'_>, column: &str) -> Option<String> {
    let (_, other, _) = table.foreign.iter().find(|(own, ..)| own.iter().any(|name| name == column))?;
    Some(format!("by a foreign key it refers to `{other}`"))
}

/// The table of which rows are tied to a column.
fn referring((table, all): Among<'_>, column: &str) -> Option<String> {
    let is_end = |other: &&Table| {
        let mut ends = other.foreign.iter().filter(|(_, name, _)| *name == table.name);
        ends.any(|(.., theirs)| theirs.iter().any(|name| name == column))
    };
    Some(format!("by a foreign key rows of `{}` refer to it", all.iter().find(is_end)?.name))
}

/// What no strategy is said of becomes NULL, where the row stays for something else in it.
fn emptied(collection: &Collection, (table, all): Among<'_>) -> Vec<Finding> {
    let erased = collection.fields.iter().filter(|field| {
        let written =
            !field.read_only && !field.generated && !field.primary_key && field.references.is_empty();
        written && field.category.is_some() && field.masking.is_none()
    });
    let never_empty =
        |field: &&Field| table.columns.iter().any(|column| column.name == field.name && !column.nullable);
    let finding = |field: &Field| {
        let name = &field.name;
        let (message, hint) = if let Some(why) = referring((table, all), name) {
            let hint = "say `strategy: preserve` of it, or delete the row";
            (format!("erasure would empty `{name}`: {why}"), hint)
        } else if never_empty(&field) {
            let hint =
                "say what it writes instead with `masking_strategy_override`, such as hmac or string_rewrite";
            (format!("erasure would empty `{name}`, which must not be empty"), hint)
        } else {
            return None;
        };
        Some(Finding::error("masking", &collection.name, Some(name), message, hint))
    };
    erased.filter_map(finding).collect()
}

/// What is blanked when somebody leaves a row that is not theirs alone has to be able to be empty.
fn blanked(collection: &Collection, table: &Table) -> Vec<Finding> {
    let blank = collection.fields.iter().flat_map(|field| &field.references).flat_map(|link| &link.blank);
    let bad =
        blank.filter(|name| table.columns.iter().any(|column| column.name == **name && !column.nullable));
    let finding = |name: &String| {
        let message = format!("`{name}` is to be blanked, but must not be empty");
        Finding::error(
            "masking",
            &collection.name,
            Some(name),
            message,
            "blank another column, or own the row",
        )
    };
    bad.map(finding).collect()
}
