//! One step tried in its database: in one transaction, by exact key and version, and asked after.
//!
//! A row that is gone is deleted; a row that holds the new values has them: so a step may be tried any number of
//! times, whatever became of the last commit.

use std::collections::{BTreeMap, BTreeSet};

use super::intent::{Intent, Line};
use crate::{
    domain::{Error, Kind, Result},
    system::{
        check::{Live, live, table_of},
        engine::{self, Cell, Engine, Keys, Row, instant},
        map::DataType,
        project::{value, version},
    },
};

/// How often a transaction that was in another's way is tried.
const TIMES: u32 = 5;

/// What a step left alone.
#[derive(Default)]
pub struct Left {
    /// Changed by others since the plan was made.
    pub changed: Vec<Line>,
    /// Not there before anything was done: deleted, by whomever, or no longer under its key.
    pub absent: Vec<Line>,
}

/// Tries a step. Gives the rows that were left.
///
/// # Errors
/// Whatever the engine says; failed (exit 1): several rows have one key, and nothing was changed; configuration
/// (exit 6): it is another database than the one that was planned for.
pub fn run(engine: &mut dyn Engine, table: &str, intent: &Intent) -> Result<Left> {
    is_meant(engine, intent)?;
    let kinds = kinds(engine, table, intent)?;
    let left = engine::transact(engine, TIMES, |engine| attempt(engine, table, intent, &kinds))?;
    let stands = engine::transact(engine, TIMES, |engine| read(engine, table, intent, &intent.rows))?;
    let undone = |line: &&Line| {
        let is_left = left.changed.iter().any(|left| left.key == line.key);
        !is_left && !is_done(intent, line, stands.get(&line.key), &kinds)
    };
    match intent.rows.iter().filter(undone).count() {
        0 => Ok(left),
        n => Err(Error::new(Kind::Failed, format!("{n} rows stand as before although the step was taken"))
            .hint("see whether a trigger of the database undoes it")),
    }
}

/// Tries a step and undoes it: what its database says to it.
///
/// # Errors
/// As [`run`].
pub fn rehearse(engine: &mut dyn Engine, table: &str, intent: &Intent) -> Result<()> {
    let kinds = kinds(engine, table, intent)?;
    engine.begin()?;
    let tried = attempt(engine, table, intent, &kinds);
    let undone = engine.rollback();
    tried.and(undone)
}

/// How the rows of a step stand, with nothing tried: those that are not done, and those that are not there.
///
/// # Errors
/// As [`run`].
pub fn look(engine: &mut dyn Engine, table: &str, intent: &Intent) -> Result<Left> {
    is_meant(engine, intent)?;
    // Key and result alone: another column may have been renamed since.
    let mut narrow = intent.with(intent.rows.clone());
    narrow.read.retain(|column| narrow.key.contains(column) || narrow.columns.contains(column));
    let intent = &narrow;
    let kinds = kinds(engine, table, intent)?;
    let stands = engine::transact(engine, TIMES, |engine| read(engine, table, intent, &intent.rows))?;
    let mut left = Left::default();
    for line in &intent.rows {
        match stands.get(&line.key) {
            None => left.absent.push(line.clone()),
            now if is_done(intent, line, now, &kinds) => {}
            Some(_) => left.changed.push(line.clone()),
        }
    }
    Ok(left)
}

fn is_meant(engine: &mut dyn Engine, intent: &Intent) -> Result<()> {
    if engine::is_same_database(&intent.identity, &engine.identity()?) {
        return Ok(());
    }
    Err(Error::config("it is another database than the one that the plan was made for")
        .hint("nothing was done there; see where dsr.yaml leads, then `dsr map check`"))
}

fn attempt(engine: &mut dyn Engine, table: &str, intent: &Intent, kinds: &[Live]) -> Result<Left> {
    let stands = read(engine, table, intent, &intent.rows)?;
    let (mut todo, mut left, mut met) = (Vec::new(), Left::default(), BTreeSet::new());
    for line in intent.rows.iter().filter(|line| met.insert(&line.key)) {
        match stands.get(&line.key) {
            None => left.absent.push(line.clone()),
            now if is_done(intent, line, now, kinds) => {}
            Some(row) if version(row) == line.version => todo.push(line.clone()),
            _ => left.changed.push(line.clone()),
        }
    }
    if !todo.is_empty() {
        act(engine, table, intent, &todo)?;
    }
    Ok(left)
}

/// Changes the rows, and no other: a row that came under one of the keys meanwhile undoes it all.
fn act(engine: &mut dyn Engine, table: &str, intent: &Intent, todo: &[Line]) -> Result<()> {
    let keys: Vec<Vec<String>> = todo.iter().map(|line| line.key.clone()).collect();
    let names: Vec<&str> = intent.key.iter().map(String::as_str).collect();
    let by = Keys { table, key: &names, rows: &keys };
    let meant = todo.len() as u64;
    if intent.columns.is_empty() {
        return if engine.delete(&by)? == meant { Ok(()) } else { Err(another_number()) };
    }
    let columns: Vec<&str> = intent.columns.iter().map(String::as_str).collect();
    let values: Vec<Row> = todo.iter().map(|line| line.set.iter().cloned().map(Cell).collect()).collect();
    // Fewer, where a trigger keeps a row: what stands is asked afterwards.
    if engine.update(&by, &columns, &values)? > meant { Err(another_number()) } else { Ok(()) }
}

fn another_number() -> Error {
    Error::new(Kind::Failed, "another number of rows went than was meant")
}

/// What the columns that are set are made of.
fn kinds(engine: &mut dyn Engine, table: &str, intent: &Intent) -> Result<Vec<Live>> {
    if intent.columns.is_empty() {
        return Ok(Vec::new());
    }
    let tables = engine.tables()?;
    let table = table_of(&tables, table);
    let kind = |name: &String| {
        let column = table?.columns.iter().find(|column| column.name == *name)?;
        Some(live(&column.kind))
    };
    Ok(intent.columns.iter().map(|name| kind(name).unwrap_or(Live::Text)).collect())
}

/// Rows by key as they stand.
fn read(
    engine: &mut dyn Engine,
    table: &str,
    intent: &Intent,
    lines: &[Line],
) -> Result<BTreeMap<Vec<String>, Row>> {
    let keys: BTreeSet<Vec<String>> = lines.iter().map(|line| line.key.clone()).collect();
    let keys: Vec<Vec<String>> = keys.into_iter().collect();
    let names: Vec<&str> = intent.key.iter().map(String::as_str).collect();
    let columns: Vec<&str> = intent.read.iter().map(String::as_str).collect();
    let places: Vec<Option<usize>> =
        intent.key.iter().map(|name| intent.read.iter().position(|column| column == name)).collect();
    let mut rows = BTreeMap::new();
    engine.lock(&Keys { table, key: &names, rows: &keys }, &columns, &mut |row| {
        let key: Option<Vec<String>> = places.iter().map(|place| row.get((*place)?)?.0.clone()).collect();
        match key.and_then(|key| rows.insert(key, row)) {
            None => Ok(()),
            Some(_) => Err(not_single()),
        }
    })?;
    Ok(rows)
}

/// Whose row of several is meant cannot be told: none is touched.
fn not_single() -> Error {
    Error::new(Kind::Failed, "several rows have one key, and none was changed")
        .hint("`dsr map check` shows where: add the columns that make a row single to the key")
}

fn is_done(intent: &Intent, line: &Line, stands: Option<&Row>, kinds: &[Live]) -> bool {
    let Some(row) = stands else { return true };
    if intent.columns.is_empty() {
        return false;
    }
    intent.columns.iter().zip(&line.set).zip(kinds).all(|((column, wanted), kind)| {
        let place = intent.read.iter().position(|read| read == column);
        let held = place.and_then(|place| row.get(place)).map(|cell| cell.0.as_deref());
        held.is_some_and(|held| is_same(held, wanted.as_deref(), *kind))
    })
}

/// An engine writes a time, a truth or a number in its own way; a text stands as it was written.
pub(super) fn is_same(held: Option<&str>, wanted: Option<&str>, kind: Live) -> bool {
    let (Some(held), Some(wanted)) = (held, wanted) else { return held == wanted };
    let time = || instant(held).is_some_and(|at| instant(wanted) == Some(at));
    let of = |kind| (value(held, Some(kind)), value(wanted, Some(kind)));
    let truth = || matches!(of(DataType::Boolean), (a, b) if a.is_boolean() && a == b);
    let json = || matches!(of(DataType::Object), (a, b) if !a.is_string() && a == b);
    held == wanted
        || match kind {
            Live::Text | Live::Choice => false,
            Live::Object => json(),
            Live::Time => time(),
            Live::Integer | Live::Float | Live::Boolean => truth() || same_number(held, wanted),
            Live::Other => time() || truth() || same_number(held, wanted),
        }
}

/// Digit by digit, since a large number is more than a fraction of the machine holds.
fn same_number(held: &str, wanted: &str) -> bool {
    match (digits(held), digits(wanted)) {
        (Some(held), Some(wanted)) => held == wanted,
        _ => held.parse::<f64>().is_ok_and(|number| wanted.parse() == Ok(number)),
    }
}

/// Sign, whole digits and digits of the fraction, without the zeros that say nothing.
fn digits(text: &str) -> Option<(bool, &str, &str)> {
    let text = text.trim();
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = (Some(whole).filter(|whole| !whole.is_empty() && plain(whole))?, part);
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let nought = whole.is_empty() && part.is_empty();
    plain(part).then_some((text.starts_with('-') && !nought, whole, part))
}

#[test]
fn the_same_in_another_writing() {
    use Live::{Boolean, Float, Integer, Object, Other, Text, Time};
    for (held, wanted, kind, same) in [
        (Some("a"), Some("a"), Text, true),
        (Some("2026-11-22 05:00:00+00"), Some("2026-11-22 10:00:00"), Time, true),
        (Some("2026-11-22 05:00:00+00"), Some("2026-11-22 10:00:00"), Text, false),
        (Some("t"), Some("true"), Boolean, true),
        (Some("1"), Some("true"), Boolean, true),
        (Some("1"), Some("true"), Integer, true),
        (Some("1"), Some("true"), Text, false),
        (Some("1.50"), Some("1.5"), Float, true),
        (Some("-0.0"), Some("0"), Float, true),
        (Some("1e3"), Some("1000"), Float, true),
        (Some("901"), Some("0901"), Integer, true),
        (Some("901"), Some("0901"), Text, false),
        (Some("901"), Some("901.0"), Text, false),
        (Some("9007199254740993"), Some("9007199254740992"), Integer, false),
        (Some("-5"), Some("5"), Integer, false),
        (Some(r#"{"a": 1}"#), Some(r#"{"a":1}"#), Object, true),
        (Some(r#"{"a": 1}"#), Some(r#"{"a":1}"#), Text, false),
        (Some("7.0"), Some("7"), Other, true),
        (Some("t"), Some("false"), Boolean, false),
        (None, None, Text, true),
        (None, Some(""), Text, false),
        (Some("A"), Some("a"), Text, false),
    ] {
        assert_eq!(is_same(held, wanted, kind), same, "{held:?} {wanted:?} {kind:?}");
    }
}
