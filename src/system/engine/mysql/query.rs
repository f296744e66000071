//! The statements. A name is quoted and comes from a checked map; a value is always a parameter.

use mysql::Value;

use super::{
    super::{Age, Fetch, Find, Keys, Row, Scan, narrow::Narrow, server},
    shape::{Class, Shape, quote},
};

/// A statement and its parameters.
pub struct Query {
    pub sql: String,
    pub values: Vec<Value>,
}

/// Values of one statement: the protocol counts them in 16 bits.
pub const MOST: usize = 20_000;

fn read_all(shape: &Shape, columns: &[&str]) -> String {
    server::read_all(columns, |name| shape.read(name))
}

fn order_by(key: &[&str]) -> String {
    if key.is_empty() {
        return String::new();
    }
    format!(" ORDER BY {}", key.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", "))
}

fn marks(n: usize) -> String {
    vec!["?"; n].join(", ")
}

/// `column IN (…)` with the values that the column can hold; never true where there is none.
fn one_of(shape: &Shape, name: &str, values: &[String], into: &mut Vec<Value>) -> String {
    let class = shape.class(name);
    let before = into.len();
    into.extend(values.iter().filter_map(|text| class.value(text)));
    match into.len() - before {
        0 => "FALSE".to_owned(),
        n => format!("{} IN ({})", shape.compared(name), marks(n)),
    }
}

pub fn fetch(shape: &Shape, fetch: &Fetch<'_>, any: &[(&str, &[String])], ages: &[Age]) -> Query {
    let mut values = Vec::new();
    let conditions: Vec<String> =
        any.iter().map(|(name, list)| one_of(shape, name, list, &mut values)).collect();
    let any = if conditions.is_empty() { "FALSE".to_owned() } else { conditions.join(" OR ") };
    let narrowed = of_ages(shape, ages, &mut values);
    let (columns, order) = (read_all(shape, fetch.columns), order_by(fetch.order));
    // The values find the rows: an index over the ages would be read whole for each question.
    let sql = format!("SELECT {columns} FROM {} WHERE ({any}) AND ({narrowed}) IS TRUE{order}", shape.table);
    Query { sql, values }
}

pub fn count(shape: &Shape, ages: &[Age]) -> Query {
    let mut values = Vec::new();
    let narrowed = of_ages(shape, ages, &mut values);
    Query { sql: format!("SELECT count(*) FROM {} WHERE {narrowed}", shape.table), values }
}

/// The condition that a row is of one of some ages; none = all rows.
fn of_ages(shape: &Shape, ages: &[Age], values: &mut Vec<Value>) -> String {
    if ages.is_empty() {
        return "TRUE".to_owned();
    }
    let ages: Vec<String> = ages.iter().map(|one| age(shape, one, values)).collect();
    format!("({})", ages.join(" OR "))
}

pub fn scan(shape: &Shape, scan: &Scan<'_>) -> Query {
    let mut values = Vec::new();
    let mut conditions = vec![of_ages(shape, scan.ages, &mut values)];
    if let Some(after) = scan.after {
        conditions.push(beyond(shape, scan.key, after, &mut values));
    }
    let (columns, order) = (read_all(shape, scan.columns), order_by(scan.key));
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT {columns} FROM {} WHERE {conditions}{order} LIMIT {}", shape.table, scan.limit);
    Query { sql, values }
}

/// A number of seconds is no time that SQL could compare: all of its rows are read.
fn age(shape: &Shape, age: &Age, values: &mut Vec<Value>) -> String {
    let column = quote(age.column());
    let Age::Before(name, time) = age else { return format!("{column} IS NULL") };
    let condition = match shape.class(name) {
        Class::Local | Class::Instant => format!("{column} < ?"),
        Class::Text => format!("{column} < ? OR {column} NOT REGEXP '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'"),
        _ => return format!("{column} IS NOT NULL"),
    };
    values.push(shape.instant(name, time));
    condition
}

/// Written out, since a comparison of whole rows uses no index here.
fn beyond(shape: &Shape, key: &[&str], after: &[String], values: &mut Vec<Value>) -> String {
    let value = |name: &str, text: &String| {
        shape.class(name).value(text).unwrap_or_else(|| Value::Bytes(text.as_bytes().to_vec()))
    };
    let mut ways = Vec::new();
    for at in 0..key.len().min(after.len()) {
        let mut way: Vec<String> = key[..at].iter().map(|name| format!("{} = ?", quote(name))).collect();
        way.push(format!("{} > ?", quote(key[at])));
        values.extend((0..=at).map(|n| value(key[n], &after[n])));
        ways.push(format!("({})", way.join(" AND ")));
    }
    format!("({})", ways.join(" OR "))
}

/// Rows that may hold the identifiers: the rest is compared here.
pub fn find(shape: &Shape, find: &Find<'_>, columns: &[&str]) -> Query {
    let text = shape.read(find.column);
    let list = |values: Vec<String>| {
        values.into_iter().map(|text| Value::Bytes(text.into_bytes())).collect::<Vec<_>>()
    };
    let n = find.wanted.len().max(1);
    let (condition, values) = match Narrow::of(find.wanted) {
        Narrow::Digits(digits, values) => {
            (format!("RIGHT(REGEXP_REPLACE({text}, '[^0-9]', ''), {digits}) IN ({})", marks(n)), list(values))
        }
        Narrow::Letters(values) => {
            let letters = format!("UPPER(REGEXP_REPLACE({text}, '[^0-9A-Za-z]', ''))");
            (format!("({letters} IN ({}) OR {text} REGEXP '[^ -~]')", marks(n)), list(values))
        }
    };
    let (columns, order) = (read_all(shape, columns), order_by(find.key));
    Query { sql: format!("SELECT {columns} FROM {} WHERE {condition}{order}", shape.table), values }
}

/// The condition that a row has one of the keys.
fn keyed(shape: &Shape, key: &[&str], rows: &[Vec<String>], values: &mut Vec<Value>) -> String {
    if let [name] = key {
        let all: Vec<String> = rows.iter().filter_map(|row| row.first().cloned()).collect();
        return one_of(shape, name, &all, values);
    }
    let mut ways = Vec::new();
    for row in rows {
        // A value that the column cannot hold is in no row.
        let found: Option<Vec<Value>> =
            key.iter().zip(row).map(|(name, text)| shape.class(name).value(text)).collect();
        if let Some(found) = found.filter(|found| found.len() == key.len() && !key.is_empty()) {
            values.extend(found);
            let equal: Vec<String> = key.iter().map(|name| format!("{} = ?", shape.compared(name))).collect();
            ways.push(format!("({})", equal.join(" AND ")));
        }
    }
    if ways.is_empty() { "FALSE".to_owned() } else { ways.join(" OR ") }
}

pub fn lock(shape: &Shape, by: &Keys<'_>, rows: &[Vec<String>], columns: &[&str]) -> Query {
    let mut values = Vec::new();
    let condition = keyed(shape, by.key, rows, &mut values);
    let (columns, order) = (read_all(shape, columns), order_by(by.key));
    Query {
        sql: format!("SELECT {columns} FROM {} WHERE {condition}{order} FOR UPDATE", shape.table),
        values,
    }
}

pub fn delete(shape: &Shape, by: &Keys<'_>, rows: &[Vec<String>]) -> Query {
    let mut values = Vec::new();
    let condition = keyed(shape, by.key, rows, &mut values);
    Query { sql: format!("DELETE FROM {} WHERE {condition}", shape.table), values }
}

/// The same new values for all of these rows.
pub fn update(shape: &Shape, by: &Keys<'_>, rows: &[Vec<String>], columns: &[&str], new: &Row) -> Query {
    let (set, mut values): (Vec<String>, Vec<Value>) =
        columns.iter().zip(new).map(|(name, cell)| shape.set(name, cell)).unzip();
    let condition = keyed(shape, by.key, rows, &mut values);
    Query { sql: format!("UPDATE {} SET {} WHERE {condition}", shape.table, set.join(", ")), values }
}
