//! What servers of SQL have in common, whatever their dialect.

use std::collections::BTreeMap;

use super::{
    Column, Table,
    fault::{Cause, fault},
};
use crate::domain::Result;

/// What is known of one table's columns.
pub trait Columns {
    /// Whether the table has it.
    fn has(&self, name: &str) -> bool;
}

/// The columns of a table, asked once; all that are used have to be there.
///
/// # Errors
/// Configuration (exit 6): one is not; whatever `ask` returns.
pub fn shape<'s, 'n, S: Columns>(
    known: &'s mut BTreeMap<String, S>,
    (system, table): (&str, &str),
    mut used: impl Iterator<Item = &'n str>,
    ask: impl FnOnce() -> Result<S>,
) -> Result<&'s S> {
    if !known.contains_key(table) {
        known.insert(table.to_owned(), ask()?);
    }
    let absent = |about: &str| fault(system, about, Cause::Absent, "");
    let shape = known.get(table).ok_or_else(|| absent(table))?;
    match used.find(|name| !shape.has(name)) {
        Some(name) => Err(absent(&format!("{table}.{name}"))),
        None => Ok(shape),
    }
}

/// What a connection says of itself, asked once: it does not change its database.
///
/// # Errors
/// Whatever `ask` returns.
pub fn identity(known: &mut Option<String>, ask: impl FnOnce() -> Result<String>) -> Result<String> {
    if let Some(known) = known {
        return Ok(known.clone());
    }
    Ok(known.insert(ask()?).clone())
}

/// Columns as one catalogue lists them, table by table.
pub fn tables(columns: impl Iterator<Item = (String, Column)>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (name, column) in columns {
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name, columns: vec![column], ..Table::default() }),
        }
    }
    tables
}

/// A table's name with its schema or database, each part quoted.
pub fn quote_table(name: &str, quote: fn(&str) -> String) -> String {
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}

/// The expressions that read columns, for a SELECT.
pub fn read_all(columns: &[&str], read: impl Fn(&str) -> String) -> String {
    if columns.is_empty() {
        return "NULL".to_owned();
    }
    columns.iter().map(|name| read(name)).collect::<Vec<_>>().join(", ")
}
