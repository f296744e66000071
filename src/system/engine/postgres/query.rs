//! The statements. A name is quoted and comes from a checked map; a value is always a parameter.

use ::postgres::{
    Client,
    fallible_iterator::FallibleIterator,
    types::{ToSql, Type},
};

use super::{
    super::{
        Age, Cell, Fetch, Find, Keys, Row, Scan,
        fault::{Cause, fault as told},
        narrow::Narrow,
        server,
    },
    Postgres, fault,
    shape::{Kind, Shape, quote, quote_table},
};
use crate::domain::{Error, Result};

/// A statement and its parameters, each a list of texts.
pub struct Query {
    sql: String,
    lists: Vec<Vec<Option<String>>>,
}

impl Query {
    fn of(sql: String, lists: Vec<Vec<String>>) -> Self {
        Self { sql, lists: lists.into_iter().map(|list| list.into_iter().map(Some).collect()).collect() }
    }

    fn parameters(&self) -> impl ExactSizeIterator<Item = (&(dyn ToSql + Sync), Type)> {
        self.lists.iter().map(|list| (list as &(dyn ToSql + Sync), Type::TEXT_ARRAY))
    }
}

impl Postgres {
    pub(super) fn shape<'n>(&mut self, table: &str, used: impl Iterator<Item = &'n str>) -> Result<&Shape> {
        let Self { client, system, shapes, .. } = self;
        server::shape(shapes, (system, table), used, || ask_shape(client, system, table))
    }

    /// Rows one at a time, as the server sends them.
    pub(super) fn stream(
        &mut self,
        table: &str,
        columns: &[&str],
        query: &Query,
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let Self { client, system, shapes, .. } = self;
        let failed = |error: ::postgres::Error| fault::of(system, table, &error);
        let shape = shapes.get(table);
        let tidy = |name: &str, text| shape.map_or(String::new(), |shape| shape.tidy(name, text));
        let mut rows = client.query_typed_raw(&query.sql, query.parameters()).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let cell = |(at, name): (usize, &&str)| {
                let text: Option<String> = row.try_get(at).map_err(failed)?;
                Ok(Cell(text.map(|text| tidy(name, text))))
            };
            each(columns.iter().enumerate().map(cell).collect::<Result<Row>>()?)?;
        }
        Ok(())
    }

    pub(super) fn execute(
        &mut self,
        table: &str,
        query: &Query,
        told: fn(&str, &str, &::postgres::Error) -> Error,
    ) -> Result<u64> {
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = query.parameters().collect();
        let done = self.client.execute_typed(&query.sql, &parameters);
        done.map_err(|error| told(&self.system, table, &error))
    }
}

fn ask_shape(client: &mut Client, system: &str, table: &str) -> Result<Shape> {
    const COLUMNS: &str = "\
        SELECT a.attname::text, t.typname::text, format_type(a.atttypid, -1) \
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
        WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped";
    let quoted = quote_table(table);
    let parameter: &(dyn ToSql + Sync) = &quoted;
    let rows = client.query_typed(COLUMNS, &[(parameter, Type::TEXT)]);
    let rows = rows.map_err(|error| fault::of(system, table, &error))?;
    if rows.is_empty() {
        return Err(told(system, table, Cause::Absent, ""));
    }
    let column = |row: &::postgres::Row| (row.get(0), Kind::new(row.get(1), row.get(2)));
    Ok(Shape::new(quoted, rows.iter().map(column).collect()))
}

fn read_all(shape: &Shape, columns: &[&str]) -> String {
    server::read_all(columns, |name| shape.read(name))
}

/// By the columns themselves, not by their texts, which have the same names: an index gives the order.
fn order_by(key: &[&str]) -> String {
    if key.is_empty() {
        return String::new();
    }
    format!(
        " ORDER BY {}",
        key.iter().map(|name| format!("t.{}", quote(name))).collect::<Vec<_>>().join(", ")
    )
}

pub fn fetch(shape: &Shape, fetch: &Fetch<'_>, ages: &[Age]) -> Query {
    let (mut conditions, mut lists) = (Vec::new(), Vec::new());
    for (name, values) in fetch.any {
        let (condition, values) = shape.one_of(name, values, lists.len() + 1);
        conditions.push(condition);
        lists.push(values);
    }
    let any = if conditions.is_empty() { "false".to_owned() } else { conditions.join(" OR ") };
    let narrowed = of_ages(shape, ages, &mut lists);
    let columns = read_all(shape, fetch.columns);
    let (table, order) = (&shape.table, order_by(fetch.order));
    // The values find the rows: an index over the ages would be read whole for each question.
    let sql = format!("SELECT {columns} FROM {table} AS t WHERE ({any}) AND ({narrowed}) IS TRUE{order}");
    Query::of(sql, lists)
}

pub fn count(shape: &Shape, ages: &[Age]) -> Query {
    let mut lists = Vec::new();
    let narrowed = of_ages(shape, ages, &mut lists);
    Query::of(format!("SELECT count(*)::text FROM {} AS t WHERE {narrowed}", shape.table), lists)
}

/// The condition that a row is of one of some ages; none = all rows.
fn of_ages(shape: &Shape, ages: &[Age], lists: &mut Vec<Vec<String>>) -> String {
    if ages.is_empty() {
        return "true".to_owned();
    }
    let ages: Vec<String> = ages.iter().map(|one| age(shape, one, lists)).collect();
    format!("({})", ages.join(" OR "))
}

pub fn scan(shape: &Shape, scan: &Scan<'_>) -> Query {
    let mut lists = Vec::new();
    let mut conditions = vec![of_ages(shape, scan.ages, &mut lists)];
    if let Some(after) = scan.after {
        lists.push(after.to_vec());
        let names: Vec<String> = scan.key.iter().map(|name| quote(name)).collect();
        let n = lists.len();
        let value = |(at, name): (usize, &&str)| format!("(${n}::text[])[{}]{}", at + 1, cast(shape, name));
        let values: Vec<String> = scan.key.iter().enumerate().map(value).collect();
        conditions.push(format!("({}) > ({})", names.join(", "), values.join(", ")));
    }
    let (columns, limit) = (read_all(shape, scan.columns), scan.limit);
    let (conditions, order) = (conditions.join(" AND "), order_by(scan.key));
    Query::of(
        format!("SELECT {columns} FROM {} AS t WHERE {conditions}{order} LIMIT {limit}", shape.table),
        lists,
    )
}

fn age(shape: &Shape, age: &Age, lists: &mut Vec<Vec<String>>) -> String {
    let Age::Before(name, time) = age else { return format!("{} IS NULL", quote(age.column())) };
    let (condition, value) = shape.before(name, time, lists.len() + 1);
    lists.extend(value.map(|value| vec![value]));
    condition
}

fn cast(shape: &Shape, name: &str) -> String {
    shape.kind(name).map(|kind| format!("::{}", kind.cast)).unwrap_or_default()
}

/// Rows that may hold the identifiers: the rest is compared here.
pub fn find(shape: &Shape, find: &Find<'_>, columns: &[&str]) -> Query {
    let text = shape.read(find.column);
    let (condition, values) = match Narrow::of(find.wanted) {
        Narrow::Digits(n, values) => {
            (format!("right(regexp_replace({text}, '[^0-9]', '', 'g'), {n}) = ANY($1::text[])"), values)
        }
        Narrow::Letters(values) => {
            let letters = format!("upper(regexp_replace({text}, '[^0-9A-Za-z]', '', 'g'))");
            (format!("({letters} = ANY($1::text[]) OR {text} ~ '[^ -~]')"), values)
        }
    };
    let columns = read_all(shape, columns);
    let order = order_by(find.key);
    Query::of(format!("SELECT {columns} FROM {} AS t WHERE {condition}{order}", shape.table), vec![values])
}

/// The keys as a table `k` of texts, and the condition that a row of `t` has one of them.
fn keyed(shape: &Shape, by: &Keys<'_>) -> (String, String, Vec<Vec<String>>) {
    let lists = (0..by.key.len())
        .map(|at| by.rows.iter().map(|row| row.get(at).cloned().unwrap_or_default()).collect());
    let names: Vec<String> = (0..by.key.len()).map(|at| format!("k{at}")).collect();
    let lists: Vec<Vec<String>> = lists.collect();
    let parameters: Vec<String> = (1..=by.key.len()).map(|n| format!("${n}::text[]")).collect();
    let table = format!("unnest({}) AS k({})", parameters.join(", "), names.join(", "));
    let equal = |(at, name): (usize, &&str)| format!("t.{} = k.k{at}{}", quote(name), cast(shape, name));
    let condition: Vec<String> = by.key.iter().enumerate().map(equal).collect();
    (table, condition.join(" AND "), lists)
}

pub fn lock(shape: &Shape, by: &Keys<'_>, columns: &[&str]) -> Query {
    let (keys, condition, lists) = keyed(shape, by);
    let columns = columns.iter().map(|name| shape.read(name)).collect::<Vec<_>>().join(", ");
    let order = order_by(by.key);
    let found = format!("SELECT 1 FROM {keys} WHERE {condition}");
    Query::of(
        format!("SELECT {columns} FROM {} AS t WHERE EXISTS ({found}){order} FOR UPDATE OF t", shape.table),
        lists,
    )
}

pub fn delete(shape: &Shape, by: &Keys<'_>) -> Query {
    let (keys, condition, lists) = keyed(shape, by);
    Query::of(format!("DELETE FROM {} AS t USING {keys} WHERE {condition}", shape.table), lists)
}

pub fn update(shape: &Shape, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Query {
    let (_, condition, keys) = keyed(shape, by);
    let mut query = Query::of(String::new(), keys);
    let mut names: Vec<String> = (0..by.key.len()).map(|at| format!("k{at}")).collect();
    let mut set = Vec::new();
    for (at, name) in columns.iter().enumerate() {
        let value = |row: &Row| row.get(at)?.0.as_deref().map(|text| shape.instant(name, text));
        query.lists.push(values.iter().map(value).collect());
        names.push(format!("v{at}"));
        set.push(shape.set(name, &format!("k.v{at}")));
    }
    let parameters: Vec<String> = (1..=query.lists.len()).map(|n| format!("${n}::text[]")).collect();
    let table = format!("unnest({}) AS k({})", parameters.join(", "), names.join(", "));
    query.sql = format!("UPDATE {} AS t SET {} FROM {table} WHERE {condition}", shape.table, set.join(", "));
    query
}
