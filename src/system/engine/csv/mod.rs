//! A folder of CSV files: one a table, named after it.
//!
//! What is empty is NULL. A transaction keeps its changes in memory; its commit writes each file anew and renames it
//! into place, so that a reader sees the old file or the new one. Between two files a crash can fall: steps are
//! idempotent, and are taken up again. Deliberately absent: other encodings than UTF-8, several folders.

mod change;
mod table;

use std::{
    collections::{BTreeMap, BinaryHeap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    Age, Cell, Column, Engine, Fetch, Find, Keys, Row, Scan, Table as Shown,
    fault::{Cause, fault as told},
    instant,
};
use crate::{
    audit::Hash,
    domain::{Error, Moment, Result},
};
use change::{Staged, UNFINISHED, beside};
use table::Table;

/// An opened folder.
pub struct Csv {
    folder: PathBuf,
    system: String,
    staged: Option<BTreeMap<String, Staged>>,
}

/// Numbers before texts, numbers by size: the order of keys.
type Order = Vec<(bool, i128, String)>;

fn order(key: &[String]) -> Order {
    let one = |text: &String| match text.parse::<i128>() {
        Ok(number) => (false, number, text.clone()),
        Err(_) => (true, 0, text.clone()),
    };
    key.iter().map(one).collect()
}

impl Csv {
    /// Opens a folder, and sweeps away what a crash left in it.
    ///
    /// # Errors
    /// Configuration (exit 6): there is no such folder.
    pub fn open(system: &str, folder: &Path) -> Result<Self> {
        let entries = fs::read_dir(folder).map_err(|error| {
            Error::config(format!("system `{system}`: the folder `{}` cannot be read", folder.display()))
                .because(error)
                .hint("`file:` of the system is a folder with one CSV file a table")
        })?;
        for entry in
            entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(UNFINISHED))
        {
            let _ = fs::remove_file(entry.path());
        }
        // Where a file is a link, its new one lay beside what the link leads to.
        for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_symlink()) {
            if let Ok(file) = fs::canonicalize(entry.path()) {
                let _ = fs::remove_file(beside(&file));
            }
        }
        Ok(Self { folder: folder.to_owned(), system: system.to_owned(), staged: None })
    }

    fn path(&self, table: &str) -> Result<PathBuf> {
        let plain = !table.contains(['/', '\\', '\0']) && !table.starts_with('.');
        let path = self.folder.join(format!("{table}.csv"));
        if plain { Ok(path) } else { Err(told(&self.system, table, Cause::Absent, "")) }
    }

    /// Columns of a table by their places; all have to be there.
    fn places(&self, table: &Table, name: &str, columns: &[&str]) -> Result<Vec<usize>> {
        let place = |column: &&str| {
            let absent = || told(&self.system, &format!("{name}.{column}"), Cause::Absent, "");
            table.position(column).ok_or_else(absent)
        };
        columns.iter().map(place).collect()
    }

    /// Every row of a file as it stands in this transaction.
    fn rows(&self, name: &str, each: &mut dyn FnMut(Vec<Cell>) -> Result<()>) -> Result<()> {
        let mut table = Table::open(&self.system, &self.path(name)?)?;
        let staged = self.staged.as_ref().and_then(|staged| staged.get(name));
        while let Some(record) = table.next()? {
            let cells = match staged {
                Some(staged) => staged.after(&table, record.cells),
                None => Some(record.cells),
            };
            if let Some(cells) = cells {
                each(cells)?;
            }
        }
        Ok(())
    }

    /// Rows that fit, sorted by key, at most so many.
    fn select(&self, select: &Select<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let table = Table::open(&self.system, &self.path(select.table)?)?;
        let shown = self.places(&table, select.table, select.columns)?;
        let key = self.places(&table, select.table, select.key)?;
        let mut found: BinaryHeap<(Order, usize, Row)> = BinaryHeap::new();
        let mut count = 0;
        self.rows(select.table, &mut |cells| {
            let at = order(&values(&cells, &key));
            if select.after.as_ref().is_some_and(|after| at <= *after) || !(select.fits)(&table, &cells) {
                return Ok(());
            }
            count += 1;
            found.push((at, count, shown.iter().map(|at| cells[*at].clone()).collect()));
            if found.len() > select.limit {
                found.pop();
            }
            Ok(())
        })?;
        found.into_sorted_vec().into_iter().try_for_each(|(_, _, row)| each(row))
    }

    /// Takes changes into the transaction; how many rows there are to change.
    fn stage(&mut self, by: &Keys<'_>, change: &dyn Fn(usize) -> change::Change) -> Result<u64> {
        let path = self.path(by.table)?;
        let table = Table::open(&self.system, &path)?;
        let key = self.places(&table, by.table, by.key)?;
        let wanted: BTreeMap<&Vec<String>, usize> =
            by.rows.iter().enumerate().map(|(at, row)| (row, at)).collect();
        let mut found = Vec::new();
        self.rows(by.table, &mut |cells| {
            found.extend(wanted.get(&values(&cells, &key)).copied());
            Ok(())
        })?;
        let outside =
            || Error::new(crate::domain::Kind::Failed, "a CSV file is changed in a transaction only");
        let staged = self.staged.as_mut().ok_or_else(outside)?;
        if !staged.contains_key(by.table) {
            staged.insert(by.table.to_owned(), Staged::new(&self.system, &path, by.key)?);
        }
        if let Some(staged) = staged.get_mut(by.table) {
            for at in &found {
                merge(staged, by.rows[*at].clone(), change(*at));
            }
        }
        Ok(found.len() as u64)
    }
}

/// A later change of the same row joins the earlier one.
fn merge(staged: &mut Staged, key: Vec<String>, change: change::Change) {
    match (staged.rows.get_mut(&key), change) {
        (Some(Some(before)), Some(now)) => before.extend(now),
        (_, change) => {
            staged.rows.insert(key, change);
        }
    }
}

/// What to look for in one file.
struct Select<'a> {
    table: &'a str,
    columns: &'a [&'a str],
    key: &'a [&'a str],
    after: Option<Order>,
    limit: usize,
    fits: &'a dyn Fn(&Table, &[Cell]) -> bool,
}

fn values(cells: &[Cell], places: &[usize]) -> Vec<String> {
    places.iter().map(|at| cells.get(*at).and_then(|cell| cell.0.clone()).unwrap_or_default()).collect()
}

fn value<'c>(table: &Table, cells: &'c [Cell], name: &str) -> Option<&'c str> {
    cells.get(table.position(name)?)?.0.as_deref()
}

/// A column and the time before which it has to lie; none = it has to be empty.
fn age(age: &Age) -> (&str, Option<Moment>) {
    match age {
        Age::Before(name, time) => (name, Some(Moment::parse(time).unwrap_or(Moment::from_unix(i64::MAX)))),
        Age::Unknown(name) => (name, None),
    }
}

/// None = every row is.
fn is_of_any(ages: &[(&str, Option<Moment>)], table: &Table, cells: &[Cell]) -> bool {
    ages.is_empty() || ages.iter().any(|(name, cut)| is_of(value(table, cells, name), *cut))
}

fn is_of(text: Option<&str>, cut: Option<Moment>) -> bool {
    match (text, cut) {
        // What cannot be read as a time is not left out in silence: it is judged.
        (Some(text), Some(cut)) => instant(text).is_none_or(|at| at < cut),
        (None, Some(_)) | (Some(_), None) => false,
        (None, None) => true,
    }
}

impl Engine for Csv {
    /// The folder's full path, as a digest.
    fn identity(&mut self) -> Result<String> {
        let path = fs::canonicalize(&self.folder)?;
        Ok(format!("csv:{}", Hash::of(path.as_os_str().as_encoded_bytes())))
    }

    fn tables(&mut self) -> Result<Vec<Shown>> {
        let mut tables = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| !stem.starts_with('.'));
            if let (Some(name), true) = (name, path.extension().is_some_and(|end| end == "csv")) {
                let column = |name| Column {
                    name,
                    kind: String::new(),
                    length: None,
                    nullable: true,
                    generated: false,
                };
                let columns = Table::open(&self.system, &path)?.columns.into_iter().map(column).collect();
                tables.push(Shown { name: name.to_owned(), columns, ..Shown::default() });
            }
        }
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tables)
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
        let sets: Vec<(&str, HashSet<&str>)> = fetch
            .any
            .iter()
            .map(|(name, values)| (*name, values.iter().map(String::as_str).collect()))
            .collect();
        let ages: Vec<_> = ages.iter().map(age).collect();
        let table = Table::open(&self.system, &self.path(fetch.table)?)?;
        let asked: Vec<&str> = sets.iter().map(|(name, _)| *name).collect();
        self.places(&table, fetch.table, &asked)?;
        let fits = |table: &Table, cells: &[Cell]| {
            sets.iter().any(|(name, set)| value(table, cells, name).is_some_and(|text| set.contains(text)))
                && is_of_any(&ages, table, cells)
        };
        let (table, columns, key) = (fetch.table, fetch.columns, fetch.order);
        self.select(&Select { table, columns, key, after: None, limit: usize::MAX, fits: &fits }, each)
    }

    fn scan(&mut self, scan: &Scan<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let ages: Vec<_> = scan.ages.iter().map(age).collect();
        let fits = |table: &Table, cells: &[Cell]| is_of_any(&ages, table, cells);
        let (table, columns, key) = (scan.table, scan.columns, scan.key);
        let limit = usize::try_from(scan.limit).unwrap_or(usize::MAX);
        self.select(&Select { table, columns, key, after: scan.after.map(order), limit, fits: &fits }, each)
    }

    fn find(&mut self, find: &Find<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let table = Table::open(&self.system, &self.path(find.table)?)?;
        self.places(&table, find.table, &[find.column])?;
        let wanted = find.wanted();
        let fits = |table: &Table, cells: &[Cell]| {
            table.position(find.column).and_then(|at| cells.get(at)).is_some_and(|cell| wanted.has(cell))
        };
        let (table, columns, key) = (find.table, find.columns, find.key);
        self.select(&Select { table, columns, key, after: None, limit: usize::MAX, fits: &fits }, each)
    }

    fn begin(&mut self) -> Result<()> {
        self.staged = Some(BTreeMap::new());
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        for (table, staged) in self.staged.take().unwrap_or_default() {
            staged.write(&self.system, &self.path(&table)?)?;
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<()> {
        self.staged = None;
        Ok(())
    }

    fn lock(
        &mut self,
        by: &Keys<'_>,
        columns: &[&str],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let path = self.path(by.table)?;
        if let Some(staged) = self.staged.as_mut().filter(|staged| !staged.contains_key(by.table)) {
            staged.insert(by.table.to_owned(), Staged::new(&self.system, &path, by.key)?);
        }
        let wanted: HashSet<&Vec<String>> = by.rows.iter().collect();
        let fits = |table: &Table, cells: &[Cell]| {
            let key = by.key.iter().map(|name| value(table, cells, name).unwrap_or_default().to_owned());
            wanted.contains(&key.collect::<Vec<_>>())
        };
        let (table, key) = (by.table, by.key);
        self.select(&Select { table, columns, key, after: None, limit: usize::MAX, fits: &fits }, each)
    }

    fn delete(&mut self, by: &Keys<'_>) -> Result<u64> {
        self.stage(by, &|_| None)
    }

    fn update(&mut self, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Result<u64> {
        let table = Table::open(&self.system, &self.path(by.table)?)?;
        self.places(&table, by.table, columns)?;
        self.stage(by, &|at| {
            let cells = values.get(at).into_iter().flatten().cloned();
            Some(columns.iter().map(|&name| name.to_owned()).zip(cells).collect())
        })
    }

    /// Nothing lies in the file that is not in its rows.
    fn reclaim(&mut self, _: &str) -> Result<bool> {
        Ok(false)
    }
}
