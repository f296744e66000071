//! A database read as it will stand: rows that are to be deleted are not there, and columns that are to be set have
//! their new values. So a rehearsal meets what the work itself would meet.
//!
//! INVARIANT: nothing is written through it that was not asked for, and with nothing meant it is not there at all.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Age, Cell, Engine, Fetch, Find, Keys, Row, Scan, Table, folded};
use crate::domain::Result;

/// What a row becomes; `None`: it goes.
type Becomes = Option<BTreeMap<String, Cell>>;

/// What is meant for the rows of one table. Personal data: no `Debug`.
#[derive(Default)]
struct OfTable {
    key: Vec<String>,
    rows: HashMap<Vec<String>, Becomes>,
}

/// What is meant for a database, shared with the engine that shows it. Personal data: no `Debug`.
#[derive(Clone, Default)]
pub struct Intended(Arc<Mutex<HashMap<String, OfTable>>>);

impl Intended {
    fn tables(&self) -> MutexGuard<'_, HashMap<String, OfTable>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row goes, or some of its columns are set.
    pub fn mean(&self, table: &str, key: &[String], row: &[String], set: Option<Vec<(String, Cell)>>) {
        let mut tables = self.tables();
        let of = tables.entry(table.to_owned()).or_default();
        of.key = key.to_vec();
        let known = of.rows.entry(row.to_vec()).or_insert_with(|| Some(BTreeMap::new()));
        match (known.as_mut(), set) {
            (Some(columns), Some(set)) => columns.extend(set),
            _ => *known = None,
        }
    }

    /// Nothing is meant any more.
    pub fn clear(&self) {
        self.tables().clear();
    }
}

/// An engine through which what is meant shows.
pub struct Rehearsed {
    engine: Box<dyn Engine>,
    intended: Intended,
}

type Each<'a> = &'a mut dyn FnMut(Row) -> Result<()>;

/// The columns of a question with those that tell a row.
struct Asked {
    columns: Vec<String>,
    key: Vec<usize>,
    /// So many were asked for.
    wanted: usize,
}

impl Asked {
    fn of(columns: &[&str], more: &[&str], key: &[String]) -> Self {
        let mut all: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        let mut place = |column: &str| {
            all.iter().position(|known| known == column).unwrap_or_else(|| {
                all.push(column.to_owned());
                all.len() - 1
            })
        };
        more.iter().for_each(|column| {
            let _ = place(column);
        });
        let key = key.iter().map(|column| place(column)).collect();
        Self { columns: all, key, wanted: columns.len() }
    }

    fn columns(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    fn key_of(&self, row: &Row) -> Option<Vec<String>> {
        self.key.iter().map(|place| row[*place].0.clone()).collect()
    }

    /// The row as it will stand, where it will and `stays` by what is set.
    fn shown(&self, of: &OfTable, mut row: Row, stays: impl Fn(&Row, &HashSet<&str>) -> bool) -> Option<Row> {
        if let Some(becomes) = self.key_of(&row).and_then(|key| of.rows.get(&key)) {
            let becomes = becomes.as_ref()?;
            for (column, cell) in self.columns.iter().zip(&mut row) {
                if let Some(new) = becomes.get(column) {
                    cell.clone_from(new);
                }
            }
            if !stays(&row, &becomes.keys().map(String::as_str).collect()) {
                return None;
            }
        }
        row.truncate(self.wanted);
        Some(row)
    }

    /// What will stand in a column.
    fn cell<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let place = self.columns.iter().position(|known| known == column)?;
        row[place].0.as_deref()
    }
}

impl Rehearsed {
    /// Over another; what is meant is told to `intended`.
    pub fn over(engine: Box<dyn Engine>, intended: &Intended) -> Box<dyn Engine> {
        Box::new(Self { engine, intended: intended.clone() })
    }

    fn fetched(&mut self, fetch: &Fetch<'_>, ages: &[Age], each: Each<'_>) -> Result<()> {
        let intended = self.intended.clone();
        let tables = intended.tables();
        let Some(of) = tables.get(fetch.table) else { return self.engine.fetch_aged(fetch, ages, each) };
        let by: Vec<&str> = fetch.any.iter().map(|(column, _)| *column).collect();
        let asked = Asked::of(fetch.columns, &by, &of.key);
        let values: Vec<(&str, HashSet<String>)> = fetch
            .any
            .iter()
            .map(|(column, values)| (*column, values.iter().map(|value| folded(value)).collect()))
            .collect();
        // Only what is set anew is compared here: the rest the database has compared.
        let stays = |row: &Row, set: &HashSet<&str>| {
            values.iter().all(|(column, _)| !set.contains(column))
                || values.iter().any(|(column, values)| {
                    asked.cell(row, column).is_some_and(|held| values.contains(&folded(held)))
                })
        };
        let fetch = Fetch { columns: &asked.columns(), ..*fetch };
        self.engine
            .fetch_aged(&fetch, ages, &mut |row| asked.shown(of, row, stays).map_or(Ok(()), &mut *each))
    }
}

/// Whether a row may be of these ages still: what is set anew stands as it will, and the rest was asked of the database.
fn may_be_of(ages: &[Age], asked: &Asked, row: &Row, set: &HashSet<&str>) -> bool {
    let may = |age: &Age| match (set.contains(age.column()), age) {
        (false, _) => true,
        (true, Age::Before(column, _)) => asked.cell(row, column).is_some(),
        (true, Age::Unknown(column)) => asked.cell(row, column).is_none(),
    };
    ages.is_empty() || ages.iter().any(may)
}

impl Engine for Rehearsed {
    fn identity(&mut self) -> Result<String> {
        self.engine.identity()
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        self.engine.tables()
    }

    fn besides(&mut self, tables: &mut [Table]) -> Result<()> {
        self.engine.besides(tables)
    }

    fn fetch(&mut self, fetch: &Fetch<'_>, each: Each<'_>) -> Result<()> {
        if self.intended.tables().contains_key(fetch.table) {
            return self.fetched(fetch, &[], each);
        }
        self.engine.fetch(fetch, each)
    }

    fn fetch_aged(&mut self, fetch: &Fetch<'_>, ages: &[Age], each: Each<'_>) -> Result<()> {
        self.fetched(fetch, ages, each)
    }

    fn scan(&mut self, scan: &Scan<'_>, each: Each<'_>) -> Result<()> {
        let intended = self.intended.clone();
        let tables = intended.tables();
        let Some(of) = tables.get(scan.table) else { return self.engine.scan(scan, each) };
        let by: Vec<&str> = scan.ages.iter().map(Age::column).collect();
        let asked = Asked::of(scan.columns, &by, &of.key);
        let columns = asked.columns();
        let (mut after, mut left) = (scan.after.map(<[String]>::to_vec), scan.limit);
        // Until a page is full of rows that will stand.
        loop {
            let (mut read, mut last) = (0_u32, None);
            let page = Scan { columns: &columns, after: after.as_deref(), limit: left, ..*scan };
            self.engine.scan(&page, &mut |row| {
                (read, last) = (read.saturating_add(1), asked.key_of(&row));
                match asked.shown(of, row, |row, set| may_be_of(scan.ages, &asked, row, set)) {
                    Some(row) => {
                        left = left.saturating_sub(1);
                        each(row)
                    }
                    None => Ok(()),
                }
            })?;
            if left == 0 || read < page.limit || last.is_none() {
                return Ok(());
            }
            after = last;
        }
    }

    fn count(&mut self, table: &str, ages: &[Age], key: &[&str]) -> Result<u64> {
        self.engine.count(table, ages, key)
    }

    fn find(&mut self, find: &Find<'_>, each: Each<'_>) -> Result<()> {
        let intended = self.intended.clone();
        let tables = intended.tables();
        let Some(of) = tables.get(find.table) else { return self.engine.find(find, each) };
        let (asked, wanted) = (Asked::of(find.columns, &[find.column], &of.key), find.wanted());
        let stays = |row: &Row, set: &HashSet<&str>| {
            let held = Cell(asked.cell(row, find.column).map(str::to_owned));
            !set.contains(find.column) || wanted.has(&held)
        };
        let find = Find { columns: &asked.columns(), ..*find };
        self.engine.find(&find, &mut |row| asked.shown(of, row, stays).map_or(Ok(()), &mut *each))
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
