//! PostgreSQL, and what speaks its protocol: Citus, CockroachDB, YugabyteDB.
//!
//! Everything is sent as text and cast in SQL, everything is read as text, and no statement is prepared: types that
//! the driver has never heard of, and servers that only look like PostgreSQL, work like any other. Errors are told
//! apart by SQLSTATE. Deliberately absent: advisory locks, temporary tables, LISTEN, COPY.

mod connect;
mod fault;
mod names;
mod query;
mod shape;
mod tables;

use std::collections::BTreeMap;

use ::postgres::Client;

use super::{Age, Engine, Fetch, Find, Keys, Row, Scan, Table, server};
use crate::{domain::Result, system::open::Target};
use shape::Shape;

/// A connected server.
pub struct Postgres {
    client: Client,
    system: String,
    shapes: BTreeMap<String, Shape>,
    identity: Option<String>,
}

impl Postgres {
    /// Connects, encrypted unless the server is on this machine.
    ///
    /// # Errors
    /// Configuration (exit 6): the URL, the certificates; failed (exit 1): the connection.
    pub fn connect(target: &Target<'_>) -> Result<Self> {
        let client = connect::connect(target)?;
        Ok(Self { client, system: target.system.to_owned(), shapes: BTreeMap::new(), identity: None })
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|error| fault::of(&self.system, "", &error))
    }
}

impl Engine for Postgres {
    fn identity(&mut self) -> Result<String> {
        let Self { client, system, identity, .. } = self;
        server::identity(identity, || tables::identity(client, system))
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        let (tables, shapes) = tables::all(&mut self.client, &self.system)?;
        for (name, shape) in shapes {
            self.shapes.entry(name).or_insert(shape);
        }
        Ok(tables)
    }

    fn besides(&mut self, tables: &mut [Table]) -> Result<()> {
        tables::besides(&mut self.client, &self.system, tables)
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
        let compared = fetch.any.iter().map(|(name, _)| *name).chain(ages.iter().map(Age::column));
        let used = fetch.columns.iter().chain(fetch.order).copied().chain(compared);
        let shape = self.shape(fetch.table, used)?;
        let query = query::fetch(shape, fetch, ages);
        self.stream(fetch.table, fetch.columns, &query, each)
    }

    fn scan(&mut self, scan: &Scan<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let used = scan.columns.iter().chain(scan.key).copied().chain(scan.ages.iter().map(Age::column));
        let shape = self.shape(scan.table, used)?;
        let query = query::scan(shape, scan);
        self.stream(scan.table, scan.columns, &query, each)
    }

    fn count(&mut self, table: &str, ages: &[Age], _key: &[&str]) -> Result<u64> {
        let query = query::count(self.shape(table, ages.iter().map(Age::column))?, ages);
        let mut all = 0;
        // One row of one number: what stands in it is no column of the table.
        self.stream(table, &[""], &query, &mut |row| {
            let number = row.into_iter().next().and_then(|cell| cell.0);
            all = number.and_then(|text| text.parse().ok()).unwrap_or_default();
            Ok(())
        })?;
        Ok(all)
    }

    fn find(&mut self, find: &Find<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let columns: Vec<&str> = find.columns.iter().copied().chain([find.column]).collect();
        let shape = self.shape(find.table, columns.iter().chain(find.key).copied())?;
        let query = query::find(shape, find, &columns);
        let wanted = find.wanted();
        self.stream(find.table, &columns, &query, &mut |mut row| match row.pop() {
            Some(value) if wanted.has(&value) => each(row),
            _ => Ok(()),
        })
    }

    fn begin(&mut self) -> Result<()> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
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
        if by.rows.is_empty() {
            return Ok(());
        }
        let shape = self.shape(by.table, columns.iter().chain(by.key).copied())?;
        let query = query::lock(shape, by, columns);
        self.stream(by.table, columns, &query, each)
    }

    fn delete(&mut self, by: &Keys<'_>) -> Result<u64> {
        if by.rows.is_empty() {
            return Ok(0);
        }
        let query = query::delete(self.shape(by.table, by.key.iter().copied())?, by);
        self.execute(by.table, &query, fault::of)
    }

    fn update(&mut self, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Result<u64> {
        if by.rows.is_empty() || columns.is_empty() {
            return Ok(0);
        }
        let shape = self.shape(by.table, columns.iter().chain(by.key).copied())?;
        let query = query::update(shape, by, columns, values);
        self.execute(by.table, &query, fault::of_change)
    }

    fn reclaim(&mut self, table: &str) -> Result<bool> {
        if !tables::may_vacuum(&mut self.client, &self.system, table)? {
            return Ok(false);
        }
        self.run(&format!("VACUUM {}", shape::quote_table(table))).map(|()| true)
    }
}
