//! What only the rows can tell: whether a key is single, and whether identifiers stand in their canonical form.
//! Values are looked at and never shown.

use super::{Finding, table_of, tables::is_filled};
use crate::{
    domain::{Identifier, IdentifierType, Result},
    system::{
        engine::{Engine, Row, Scan, Table},
        map::{Collection, Field, Map},
    },
};

/// Rows of each table that are looked at for the form of identifiers.
const SAMPLE: u32 = 2000;

/// Looks into the rows of the tables that map and database both have.
///
/// # Errors
/// As any read.
pub fn probe(engine: &mut dyn Engine, map: &Map, live: &[Table]) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for collection in map.collections.iter().filter(|one| !one.skip) {
        let Some(table) = table_of(live, &collection.name) else { continue };
        let has = |name: &str| table.columns.iter().any(|column| column.name == name);
        let key = collection.key();
        if !key.iter().all(|name| has(name)) {
            continue;
        }
        if !key.is_empty() && !is_filled(collection, table) {
            found.extend(single(engine, collection, &key)?);
        }
        for field in collection.fields.iter().filter(|field| has(&field.name)) {
            if let Some(kind) = field.identity {
                found.extend(form(engine, collection, field, kind)?);
            }
        }
    }
    Ok(found)
}

/// Every row, in order of the key: two of one key stand side by side.
fn single(engine: &mut dyn Engine, collection: &Collection, key: &[&str]) -> Result<Option<Finding>> {
    let (mut last, mut twice, mut empty): (Option<Row>, u64, u64) = (None, 0, 0);
    let scan = Scan { table: &collection.name, columns: key, ages: &[], key, after: None, limit: u32::MAX };
    engine.scan(&scan, &mut |row| {
        empty += u64::from(row.iter().any(|cell| cell.0.is_none()));
        twice += u64::from(last.as_ref() == Some(&row));
        last = Some(row);
        Ok(())
    })?;
    let (message, hint) = match (twice, empty) {
        (0, 0) => return Ok(None),
        (_, n) if n > 0 => (
            format!("the key is empty in {n} rows"),
            "a row without a key can be read and not changed: have the owner of the database give it one",
        ),
        (n, _) => (
            format!("the key is the same in {n} rows as in others"),
            "add the columns that make a row single to the key: a step by this key would hit another's row",
        ),
    };
    Ok(Some(Finding::error("key-not-single", &collection.name, None, message, hint)))
}

fn form(
    engine: &mut dyn Engine,
    collection: &Collection,
    field: &Field,
    kind: IdentifierType,
) -> Result<Option<Finding>> {
    let (mut seen, mut other, mut none) = (0_u64, 0_u64, 0_u64);
    let key = collection.key();
    let scan = Scan {
        table: &collection.name,
        columns: &[&field.name],
        ages: &[],
        key: &key,
        after: None,
        limit: SAMPLE,
    };
    engine.scan(&scan, &mut |row| {
        let Some(text) = row.first().and_then(|cell| cell.0.as_deref()) else { return Ok(()) };
        seen += 1;
        match Identifier::parse(kind, text) {
            Ok(read) => other += u64::from(read.expose() != text),
            Err(_) => none += 1,
        }
        Ok(())
    })?;
    let (name, at) = (&collection.name, Some(field.name.as_str()));
    if field.exact && other > 0 {
        let message =
            format!("{other} of {seen} values are written otherwise than `{kind}` in its canonical form");
        return Ok(Some(Finding::error(
            "not-exact",
            name,
            at,
            message,
            "say `dsr_meta.exact: false`: every way of writing is then looked for",
        )));
    }
    // A few are typing errors; many are another kind of data.
    if none * 10 > seen {
        let message = format!("{none} of {seen} values are no `{kind}`: nobody is found by them");
        return Ok(Some(Finding::warning(
            "no-identifier",
            name,
            at,
            message,
            "see whether the column is what the map says",
        )));
    }
    Ok(None)
}
