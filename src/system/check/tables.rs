//! Tables: each is mapped, each that is mapped is there, its key names one row, and no unmapped row hangs on it.

use super::{Finding, table_of};
use crate::system::{
    engine::Table,
    map::{Collection, Map, Strategy},
};

/// Tables as a whole.
pub fn check(map: &Map, live: &[Table]) -> Vec<Finding> {
    let mut found = Vec::new();
    let known = |table: &&Table| map.collections.iter().any(|one| table_of(live, &one.name) == Some(table));
    for table in live.iter().filter(|table| !known(table)) {
        let message = format!("the table `{}` is not in the map", table.name);
        let hint = "map it, or name it with `fides_meta.skip_processing: true` and `fields: []` once somebody has looked";
        found.push(Finding::error("unmapped-table", &table.name, None, message, hint));
    }
    for collection in &map.collections {
        if table_of(live, &collection.name).is_none() {
            let message =
                format!("the map names the table `{}`, which the database does not have", collection.name);
            let hint =
                "take it out of the map, write it as the database does, or give the role the right to see it";
            found.push(Finding::error("no-table", &collection.name, None, message, hint));
        }
    }
    for table in live {
        found.extend(twice(map, live, table));
        found.extend(foreign(map, live, table));
    }
    found
}

/// A table that two collections mean would be read twice, and its rows counted as two.
fn twice(map: &Map, live: &[Table], table: &Table) -> Option<Finding> {
    let mut same = map.collections.iter().filter(|one| table_of(live, &one.name) == Some(table));
    let (first, second) = (same.next()?, same.next()?);
    let message = format!("`{}` and `{}` are the same table", first.name, second.name);
    Some(Finding::error("mapped-twice", &second.name, None, message, "keep one of the two"))
}

/// Rows that refer to others, where the map does not know of it.
fn foreign(map: &Map, live: &[Table], table: &Table) -> Vec<Finding> {
    let collection_of = |name: &str| {
        let table = table_of(live, name)?;
        map.collections.iter().find(|one| table_of(live, &one.name) == Some(table))
    };
    let Some(own) = collection_of(&table.name) else { return Vec::new() };
    let mut found = Vec::new();
    for (columns, other, theirs) in &table.foreign {
        let Some(ends) = table_of(live, other) else { continue };
        let Some(other) = collection_of(other) else { continue };
        if !own.skip && !other.skip && columns.len() > 1 {
            found.extend(apart(
                map,
                own,
                other,
                columns.iter().zip(theirs).filter(|(_, end)| !is_single(ends, end)),
            ));
        }
        let column = columns.first().map(String::as_str).unwrap_or_default();
        if own.skip && other.erase == Some(Strategy::Delete) {
            let message =
                format!("rows of `{}` refer to `{}`, whose rows are to be deleted", own.name, other.name);
            found.push(Finding::error(
                "referred",
                &own.name,
                Some(column),
                message,
                "map it, or mask the columns of the other instead of deleting its rows",
            ));
        } else if !own.skip && !other.skip && !is_linked(own, other, columns) {
            let message = format!("the database ties `{column}` to `{}`, the map does not", other.name);
            found.push(Finding::warning(
                "unmapped-reference",
                &own.name,
                Some(column),
                message,
                "add a reference, or say nothing if no person is found by it",
            ));
        }
    }
    found
}

/// A table that the map skips, of which the database ties rows to those of a collection that are to be deleted: what it
/// does with them then is in no plan.
pub fn tied<'t>(map: &Map, live: &'t [Table], collection: &Collection) -> Option<&'t str> {
    let target = table_of(live, &collection.name).filter(|_| collection.erase == Some(Strategy::Delete))?;
    let is_skipped = |table: &Table| {
        map.collections.iter().any(|one| one.skip && table_of(live, &one.name) == Some(table))
    };
    let refers =
        |table: &&Table| table.foreign.iter().any(|(_, other, _)| table_of(live, other) == Some(target));
    live.iter().filter(refers).find(|table| is_skipped(table)).map(|table| table.name.as_str())
}

/// One column of a key of several is no reference: others' rows have the same value in it.
fn apart<'c>(
    map: &Map,
    own: &Collection,
    other: &Collection,
    columns: impl Iterator<Item = (&'c String, &'c String)>,
) -> Vec<Finding> {
    let leads = |from: &Collection, column: &str, to: &Collection, end: &str| {
        let links = from.field(column).into_iter().flat_map(|field| &field.references);
        links
            .map(|link| &link.to)
            .any(|at| (&at.dataset, &at.collection, at.field.as_str()) == (&map.key, &to.name, end))
    };
    let bad =
        columns.filter(|(column, end)| leads(own, column, other, end) || leads(other, end, own, column));
    let finding = |(column, end): (&String, &String)| {
        let end = format!("{}.{end}", other.name);
        let message = format!("`{column}` is one column of a key of several, and `{end}` is not single");
        let hint = "take the reference away: it leads to other people's rows; refer by a column that is single alone, or have people look there";
        Finding::error("split-key", &own.name, Some(column), message, hint)
    };
    bad.map(finding).collect()
}

/// Whether no two rows have one value in the column.
fn is_single(table: &Table, column: &str) -> bool {
    let is_it = |columns: &Vec<String>| columns.len() == 1 && columns[0] == *column;
    is_it(&table.key) || table.unique.iter().any(is_it)
}

fn is_linked(own: &Collection, other: &Collection, columns: &[String]) -> bool {
    let links = |from: &Collection, to: &Collection| {
        from.fields.iter().any(|field| field.references.iter().any(|link| link.to.collection == to.name))
    };
    let mut named = own.fields.iter().filter(|field| columns.contains(&field.name));
    // Somebody looked at it and said that nobody is found by it.
    named.any(|field| !field.references.is_empty() || field.not_personal) || links(other, own)
}

/// The key of the map is one of the table's.
pub fn key(collection: &Collection, table: &Table) -> Option<Finding> {
    let same = |columns: &[String]| {
        let key = collection.key();
        columns.len() == key.len() && columns.iter().all(|column| key.contains(&column.as_str()))
    };
    if collection.key().is_empty() {
        let hint = match table.key.as_slice() {
            [] => "name the columns that make a row single with `fides_meta.primary_key: true`".to_owned(),
            key => format!("the database's is {}: map it, and say `primary_key: true` there", key.join(", ")),
        };
        let message = "it has no key: its rows are shown, and people do what is to be done there";
        return Some(Finding::warning("no-key", &collection.name, None, message, &hint));
    }
    let declares = !table.key.is_empty() || !table.unique.is_empty();
    if declares && !same(&table.key) && !table.unique.iter().any(|columns| same(columns)) {
        let key = if table.key.is_empty() { "none".to_owned() } else { table.key.join(", ") };
        let message = format!("its key in the map is {}, in the database {key}", collection.key().join(", "));
        return Some(Finding::warning(
            "other-key",
            &collection.name,
            None,
            message,
            "the rows are counted to see whether it is single",
        ));
    }
    None
}

/// Whether the database vouches for the key, and lets no part of it be empty.
pub fn is_filled(collection: &Collection, table: &Table) -> bool {
    let may_be_empty =
        |name: &&str| table.columns.iter().any(|column| column.name == *name && column.nullable);
    is_declared(collection, table) && !collection.key().iter().any(may_be_empty)
}

/// Whether the database vouches for the key.
pub fn is_declared(collection: &Collection, table: &Table) -> bool {
    let key = collection.key();
    let within = |columns: &Vec<String>| {
        !columns.is_empty() && columns.iter().all(|column| key.contains(&column.as_str()))
    };
    within(&table.key) || table.unique.iter().any(within)
}
