//! MySQL and MariaDB.
//!
//! Values are read as text; what is sent is a number where the column is one, since MySQL would otherwise compare
//! by guess. Errors are told apart by number. Rows of one statement are sent as the server finds them.

mod connect;
mod fault;
mod query;
mod shape;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use ::mysql::{Conn, Params, prelude::Queryable};

use super::{
    Age, Cell, Engine, Fetch, Find, Keys, Row, Scan, Table,
    fault::{Cause, fault as told},
    server,
};
use crate::{
    domain::{Error, Result},
    system::open::Target,
};
use query::{MOST, Query};
use shape::{Class, Shape};

/// A connected server.
pub struct Mysql {
    conn: Conn,
    system: String,
    shapes: BTreeMap<String, Shape>,
    identity: Option<String>,
}

impl Mysql {
    /// Connects, encrypted unless the server is on this machine.
    ///
    /// # Errors
    /// Configuration (exit 6): the URL, the certificates; failed (exit 1): the connection.
    pub fn connect(target: &Target<'_>) -> Result<Self> {
        let conn = connect::connect(target)?;
        Ok(Self { conn, system: target.system.to_owned(), shapes: BTreeMap::new(), identity: None })
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        self.conn.query_drop(sql).map_err(|error| fault::of(&self.system, "", &error))
    }

    fn shape<'n>(&mut self, table: &str, used: impl Iterator<Item = &'n str>) -> Result<&Shape> {
        let Self { conn, system, shapes, .. } = self;
        server::shape(shapes, (system, table), used, || ask_shape(conn, system, table))
    }

    fn stream(
        &mut self,
        table: &str,
        columns: &[&str],
        query: Query,
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let Self { conn, system, shapes, .. } = self;
        let failed = |error: ::mysql::Error| fault::of(system, table, &error);
        let shape = shapes.get(table);
        let tidy = |name: &str, text| shape.map_or(String::new(), |shape| shape.tidy(name, text));
        for row in conn.exec_iter(&query.sql, parameters(query.values)).map_err(failed)? {
            let row = row.map_err(failed)?;
            let cell = |(at, name): (usize, &&str)| {
                let text: Option<Option<String>> = row.get_opt(at).and_then(Result::ok);
                let text = text.ok_or_else(|| told(system, table, Cause::Value, ""))?;
                Ok(Cell(text.map(|text| tidy(name, text))))
            };
            each(columns.iter().enumerate().map(cell).collect::<Result<Row>>()?)?;
        }
        Ok(())
    }

    fn execute(
        &mut self,
        table: &str,
        query: Query,
        told: fn(&str, &str, &::mysql::Error) -> Error,
    ) -> Result<u64> {
        let done = self.conn.exec_iter(&query.sql, parameters(query.values));
        done.map(|done| done.affected_rows()).map_err(|error| told(&self.system, table, &error))
    }
}

fn ask_shape(conn: &mut Conn, system: &str, table: &str) -> Result<Shape> {
    const COLUMNS: &str = "\
        SELECT column_name, data_type, column_type FROM information_schema.columns \
        WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?";
    let (schema, name) = table.split_once('.').map_or((None, table), |(schema, name)| (Some(schema), name));
    let rows: Vec<(String, String, String)> =
        conn.exec(COLUMNS, (schema, name)).map_err(|error| fault::of(system, table, &error))?;
    if rows.is_empty() {
        return Err(told(system, table, Cause::Absent, ""));
    }
    let class = |kind: &str, full: &str| Class::of(&kind.to_lowercase(), &full.to_lowercase());
    let columns = rows.into_iter().map(|(name, kind, full)| (name, class(&kind, &full)));
    Ok(Shape::new(shape::quote_table(table), columns.collect()))
}

fn parameters(values: Vec<::mysql::Value>) -> Params {
    if values.is_empty() { Params::Empty } else { Params::Positional(values) }
}

/// Lists of values cut so that one statement can carry them.
fn parts<'a>(any: &[(&'a str, &'a [String])]) -> Vec<Vec<(&'a str, &'a [String])>> {
    let mut parts = vec![Vec::new()];
    let mut room = MOST;
    for (name, values) in any {
        let mut rest = *values;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(room));
            if let Some(part) = parts.last_mut() {
                part.push((*name, now));
            }
            (room, rest) = (room - now.len(), later);
            if room == 0 {
                parts.push(Vec::new());
                room = MOST;
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

impl Engine for Mysql {
    fn identity(&mut self) -> Result<String> {
        let Self { conn, system, identity, .. } = self;
        server::identity(identity, || tables::identity(conn, system))
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        tables::all(&mut self.conn, &self.system)
    }

    fn fetch(&mut self, fetch: &Fetch<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.fetch_aged(fetch, &[], each)
    }

    fn fetch_aged(
        &mut self,
        fetch: &Fetch<'_>,
        ages: &[Age],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let parts = parts(fetch.any);
        // A row that two parts find is given once. It is known again by all that was read of it: a key may be empty,
        // or two rows may have one.
        let columns: Vec<&str> = fetch.columns.iter().chain(fetch.order).copied().collect();
        let mut seen: BTreeSet<Row> = BTreeSet::new();
        for part in &parts {
            let compared = part.iter().map(|(name, _)| *name).chain(ages.iter().map(Age::column));
            let used = columns.iter().copied().chain(compared);
            let shape = self.shape(fetch.table, used)?;
            let asked = Fetch { table: fetch.table, columns: &columns, any: fetch.any, order: fetch.order };
            let query = query::fetch(shape, &asked, part, ages);
            self.stream(fetch.table, &columns, query, &mut |mut row| {
                if parts.len() > 1 && !fetch.order.is_empty() && !seen.insert(row.clone()) {
                    return Ok(());
                }
                row.truncate(fetch.columns.len());
                each(row)
            })?;
        }
        Ok(())
    }

    fn scan(&mut self, scan: &Scan<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let used = scan.columns.iter().chain(scan.key).copied().chain(scan.ages.iter().map(Age::column));
        let query = query::scan(self.shape(scan.table, used)?, scan);
        self.stream(scan.table, scan.columns, query, each)
    }

    fn count(&mut self, table: &str, ages: &[Age], _key: &[&str]) -> Result<u64> {
        let query = query::count(self.shape(table, ages.iter().map(Age::column))?, ages);
        let counted = self.conn.exec_first(&query.sql, parameters(query.values));
        counted.map(Option::unwrap_or_default).map_err(|error| fault::of(&self.system, table, &error))
    }

    fn find(&mut self, find: &Find<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        if find.wanted.is_empty() {
            return Ok(());
        }
        let columns: Vec<&str> = find.columns.iter().copied().chain([find.column]).collect();
        let shape = self.shape(find.table, columns.iter().chain(find.key).copied())?;
        let query = query::find(shape, find, &columns);
        let wanted = find.wanted();
        self.stream(find.table, &columns, query, &mut |mut row| match row.pop() {
            Some(value) if wanted.has(&value) => each(row),
            _ => Ok(()),
        })
    }

    fn begin(&mut self) -> Result<()> {
        self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        self.run("START TRANSACTION")
    }

    fn commit(&mut self) -> Result<()> {
        self.run("COMMIT")
    }

    fn rollback(&mut self) -> Result<()> {
        self.run("ROLLBACK")
    }

    fn lock(
        &mut self,
        by: &Keys<'_>,
        columns: &[&str],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        for rows in by.rows.chunks(MOST / by.key.len().max(1)) {
            let shape = self.shape(by.table, columns.iter().chain(by.key).copied())?;
            let query = query::lock(shape, by, rows, columns);
            self.stream(by.table, columns, query, each)?;
        }
        Ok(())
    }

    fn delete(&mut self, by: &Keys<'_>) -> Result<u64> {
        let mut gone = 0;
        for rows in by.rows.chunks(MOST / by.key.len().max(1)) {
            let query = query::delete(self.shape(by.table, by.key.iter().copied())?, by, rows);
            gone += self.execute(by.table, query, fault::of)?;
        }
        Ok(gone)
    }

    fn update(&mut self, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Result<u64> {
        if columns.is_empty() {
            return Ok(0);
        }
        // Rows that become the same are one statement: most strategies write one value everywhere.
        let mut groups: BTreeMap<&Row, Vec<Vec<String>>> = BTreeMap::new();
        for (key, new) in by.rows.iter().zip(values) {
            groups.entry(new).or_default().push(key.clone());
        }
        let mut changed = 0;
        for (new, rows) in groups {
            for rows in rows.chunks(MOST / by.key.len().max(1)) {
                let shape = self.shape(by.table, columns.iter().chain(by.key).copied())?;
                let query = query::update(shape, by, rows, columns, new);
                changed += self.execute(by.table, query, fault::of_change)?;
            }
        }
        Ok(changed)
    }

    fn reclaim(&mut self, table: &str) -> Result<bool> {
        // It rebuilds the table and answers with rows; a missing right or another engine is said in them.
        let sql = format!("OPTIMIZE TABLE {}", shape::quote_table(table));
        match self.conn.query::<::mysql::Row, _>(sql) {
            Ok(rows) => {
                Ok(!rows.iter().any(|row| row.get_opt(2).and_then(Result::ok) == Some("Error".to_owned())))
            }
            Err(error) => match fault::of(&self.system, table, &error) {
                _ if matches!(&error, ::mysql::Error::MySqlError(told) if matches!(told.code, 1142 | 1044 | 1227)) => {
                    Ok(false)
                }
                other => Err(other),
            },
        }
    }
}
