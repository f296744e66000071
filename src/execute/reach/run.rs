//! One step tried in its database: in one transaction, by exact key and version, and asked after.
//!
//! A row that is gone is deleted; a row that holds the new values has them: so a step may be tried any number of
//! times, whatever became of the last commit.

use std::collections::BTreeMap;

use super::intent::{Intent, Line};
use crate::{
    domain::{Error, Kind, Result},
    system::{
        engine::{self, Cell, Engine, Keys, Row},
        map::DataType,
        project::{instant, value, version},
    },
};

/// How often a transaction that was in another's way is tried.
const TIMES: u32 = 5;

/// Tries a step. Gives the rows that were changed by others since the plan was made, and so were left.
///
/// # Errors
/// Whatever the engine says; configuration (exit 6): it is another database than the one that was planned for.
pub fn run(engine: &mut dyn Engine, table: &str, intent: &Intent) -> Result<Vec<Line>> {
    if engine.identity()? != intent.identity {
        return Err(Error::config("it is another database than the one that the plan was made for")
            .hint("nothing was done there; see where dsr.yaml leads, then `dsr map check`"));
    }
    let changed = engine::transact(engine, TIMES, |engine| attempt(engine, table, intent))?;
    let stands = engine::transact(engine, TIMES, |engine| read(engine, table, intent, &intent.rows))?;
    let undone = |line: &&Line| {
        !changed.iter().any(|left| left.key == line.key) && !is_done(intent, line, stands.get(&line.key))
    };
    match intent.rows.iter().filter(undone).count() {
        0 => Ok(changed),
        n => Err(Error::new(Kind::Failed, format!("{n} rows stand as before although the step was taken"))
            .hint("see whether a trigger of the database undoes it")),
    }
}

fn attempt(engine: &mut dyn Engine, table: &str, intent: &Intent) -> Result<Vec<Line>> {
    let stands = read(engine, table, intent, &intent.rows)?;
    let (mut todo, mut changed) = (Vec::new(), Vec::new());
    for line in &intent.rows {
        match stands.get(&line.key) {
            now if is_done(intent, line, now) => {}
            Some(row) if version(row) == line.version => todo.push(line.clone()),
            _ => changed.push(line.clone()),
        }
    }
    if todo.is_empty() {
        return Ok(changed);
    }
    let keys: Vec<Vec<String>> = todo.iter().map(|line| line.key.clone()).collect();
    let names: Vec<&str> = intent.key.iter().map(String::as_str).collect();
    let by = Keys { table, key: &names, rows: &keys };
    if intent.columns.is_empty() {
        let gone = engine.delete(&by)?;
        if gone != todo.len() as u64 {
            return Err(Error::new(Kind::Failed, "another number of rows went than was meant"));
        }
        return Ok(changed);
    }
    let columns: Vec<&str> = intent.columns.iter().map(String::as_str).collect();
    let values: Vec<Row> = todo.iter().map(|line| line.set.iter().cloned().map(Cell).collect()).collect();
    engine.update(&by, &columns, &values)?;
    Ok(changed)
}

/// Rows by key as they stand.
fn read(
    engine: &mut dyn Engine,
    table: &str,
    intent: &Intent,
    lines: &[Line],
) -> Result<BTreeMap<Vec<String>, Row>> {
    let keys: Vec<Vec<String>> = lines.iter().map(|line| line.key.clone()).collect();
    let names: Vec<&str> = intent.key.iter().map(String::as_str).collect();
    let columns: Vec<&str> = intent.read.iter().map(String::as_str).collect();
    let places: Vec<Option<usize>> =
        intent.key.iter().map(|name| intent.read.iter().position(|column| column == name)).collect();
    let mut rows = BTreeMap::new();
    engine.lock(&Keys { table, key: &names, rows: &keys }, &columns, &mut |row| {
        let key: Option<Vec<String>> = places.iter().map(|place| row.get((*place)?)?.0.clone()).collect();
        key.into_iter().for_each(|key| {
            rows.insert(key, row.clone());
        });
        Ok(())
    })?;
    Ok(rows)
}

fn is_done(intent: &Intent, line: &Line, stands: Option<&Row>) -> bool {
    let Some(row) = stands else { return true };
    if intent.columns.is_empty() {
        return false;
    }
    intent.columns.iter().zip(&line.set).all(|(column, wanted)| {
        let place = intent.read.iter().position(|read| read == column);
        let held = place.and_then(|place| row.get(place)).map(|cell| cell.0.as_deref());
        held.is_some_and(|held| is_same(held, wanted.as_deref()))
    })
}

/// An engine writes a time, a truth or a number in its own way.
fn is_same(held: Option<&str>, wanted: Option<&str>) -> bool {
    let (Some(held), Some(wanted)) = (held, wanted) else { return held == wanted };
    let truth = |text: &str| value(text, Some(DataType::Boolean));
    held == wanted
        || instant(held).is_some_and(|at| instant(wanted) == Some(at))
        || truth(held).is_boolean() && truth(held) == truth(wanted)
        || held.parse::<f64>().is_ok_and(|number| wanted.parse() == Ok(number))
}

#[test]
fn the_same_in_another_writing() {
    for (held, wanted, same) in [
        (Some("a"), Some("a"), true),
        (Some("2026-11-22 05:00:00+00"), Some("2026-11-22 10:00:00"), true),
        (Some("t"), Some("true"), true),
        (Some("1"), Some("true"), true),
        (Some("1.50"), Some("1.5"), true),
        (Some("t"), Some("false"), false),
        (None, None, true),
        (None, Some(""), false),
        (Some("A"), Some("a"), false),
    ] {
        assert_eq!(is_same(held, wanted), same, "{held:?} {wanted:?}");
    }
}
