//! An engine whose questions are counted, for tests.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    domain::Result,
    system::engine::{Age, Engine, Fetch, Find, Keys, Row, Scan, Table},
};

/// How many questions were asked of all engines that share the count.
pub type Statements = Arc<AtomicUsize>;

pub struct Counted {
    engine: Box<dyn Engine>,
    statements: Statements,
}

impl Counted {
    pub fn over(engine: Box<dyn Engine>, statements: &Statements) -> Box<dyn Engine> {
        Box::new(Self { engine, statements: statements.clone() })
    }

    fn note(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }
}

type Each<'a> = &'a mut dyn FnMut(Row) -> Result<()>;

impl Engine for Counted {
    fn identity(&mut self) -> Result<String> {
        self.engine.identity()
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        self.engine.tables()
    }

    fn fetch(&mut self, fetch: &Fetch<'_>, each: Each<'_>) -> Result<()> {
        self.note();
        self.engine.fetch(fetch, each)
    }

    fn fetch_aged(&mut self, fetch: &Fetch<'_>, ages: &[Age], each: Each<'_>) -> Result<()> {
        self.note();
        self.engine.fetch_aged(fetch, ages, each)
    }

    fn scan(&mut self, scan: &Scan<'_>, each: Each<'_>) -> Result<()> {
        self.note();
        self.engine.scan(scan, each)
    }

    fn find(&mut self, find: &Find<'_>, each: Each<'_>) -> Result<()> {
        self.note();
        self.engine.find(find, each)
    }

    fn begin(&mut self) -> Result<()> {
        self.engine.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.engine.commit()
    }

    fn rollback(&mut self) -> Result<()> {
        self.engine.rollback()
    }

    fn lock(&mut self, by: &Keys<'_>, columns: &[&str], each: Each<'_>) -> Result<()> {
        self.engine.lock(by, columns, each)
    }

    fn delete(&mut self, by: &Keys<'_>) -> Result<u64> {
        self.engine.delete(by)
    }

    fn update(&mut self, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Result<u64> {
        self.engine.update(by, columns, values)
    }

    fn reclaim(&mut self, table: &str) -> Result<bool> {
        self.engine.reclaim(table)
    }
}
