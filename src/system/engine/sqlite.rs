//! A SQLite file of somebody else: the service station's, a till's, a phone's.
//!
//! A column without a type, or of bytes, keeps whatever was put in, so it is compared in the text that is told of it;
//! every other takes our text by its own affinity and its index serves.

mod tables;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    rc::Rc,
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags, Params, ToSql,
    config::DbConfig,
    params_from_iter,
    types::{Value, ValueRef},
    vtab::array::load_module,
};
use sha2::{Digest, Sha256};

use super::{
    Age, Cell, Engine, Fetch, Keys, Row, Scan, Table,
    fault::{Cause, fault},
};
use crate::domain::{Error, Result, hex};

/// Values of keys in one statement; the engine itself would take 32,766.
const VALUES: usize = 500;

/// A connected file.
pub struct Sqlite {
    conn: Connection,
    /// Beside SQLite's own, and open as long: closing it lets go of every lock that this process has on the file.
    file: Option<File>,
    system: String,
    mark: String,
    /// Columns that keep anything, by table: asked once.
    loose: HashMap<String, Vec<String>>,
}

impl Sqlite {
    /// Opens a file that must be there. `system` is its name in `dsr.yaml`.
    ///
    /// # Errors
    /// Failed (exit 1): it is not there, or is no SQLite file.
    pub fn open(system: &str, path: &Path) -> Result<Self> {
        Self::opened(system, path).map_err(|error| broken(system, &error, |cause| cause))
    }

    fn opened(system: &str, path: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(Duration::from_secs(10))?;
        load_module(&conn)?;
        // A column that is not there would be read as its own name.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        // A deleted row's bytes are overwritten, as far as this file alone can.
        conn.execute_batch(
            "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF",
        )?;
        let id: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let place = hex::text(&Sha256::digest(place.as_os_str().as_encoded_bytes()));
        let mark = format!("sqlite {id} {}", &place[..16]);
        let file = File::open(path).ok();
        Ok(Self { conn, file, system: system.to_owned(), mark, loose: HashMap::new() })
    }

    fn fault(&self, error: &rusqlite::Error) -> Error {
        broken(&self.system, error, |cause| cause)
    }

    /// How a column is named in a comparison.
    fn compared(&mut self, table: &str, column: &str) -> Result<String> {
        if !self.loose.contains_key(table) {
            let mut query = self
                .conn
                .prepare(
                    "SELECT name FROM pragma_table_info(?1)
                      WHERE type = '' OR type LIKE '%BLOB%' OR type LIKE '%BINARY%'",
                )
                .map_err(|error| self.fault(&error))?;
            let names = query.query_map([table], |row| row.get(0)).map_err(|error| self.fault(&error))?;
            let names = names.collect::<rusqlite::Result<_>>().map_err(|error| self.fault(&error))?;
            self.loose.insert(table.to_owned(), names);
        }
        let loose = self.loose.get(table).is_some_and(|names| names.iter().any(|name| name == column));
        let name = quoted(column);
        let told = || {
            format!(
                "CASE typeof({name}) WHEN 'blob' THEN '0x' || lower(hex({name})) ELSE CAST({name} AS TEXT) END"
            )
        };
        Ok(if loose { told() } else { name })
    }

    /// What is read of columns: as they are compared, so that a row is found again by what was read of it. A number
    /// of a column without a type would else be told otherwise than it is looked for.
    fn selected(&mut self, table: &str, columns: &[&str]) -> Result<String> {
        let told = columns.iter().map(|column| self.compared(table, column));
        Ok(told.collect::<Result<Vec<_>>>()?.join(", "))
    }

    fn stream(&self, sql: &str, values: impl Params, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let mut query = self.conn.prepare_cached(sql).map_err(|error| self.fault(&error))?;
        let width = query.column_count();
        let mut rows = query.query(values).map_err(|error| self.fault(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.fault(&error))? {
            let cells = (0..width).map(|n| Ok(cell(row.get_ref(n).map_err(|error| self.fault(&error))?)));
            each(cells.collect::<Result<_>>()?)?;
        }
        Ok(())
    }

    /// The condition on exact keys, and the values it binds.
    fn by_key<'k>(&mut self, by: &Keys<'_>, rows: &'k [Vec<String>]) -> Result<(String, Vec<&'k str>)> {
        let values = rows.iter().flatten().map(String::as_str).collect();
        let names: Vec<String> =
            by.key.iter().map(|column| self.compared(by.table, column)).collect::<Result<_>>()?;
        if let [only] = names.as_slice() {
            return Ok((format!("{only} IN ({})", marks(rows.len())), values));
        }
        let one = names.iter().map(|name| format!("{name} = ?")).collect::<Vec<_>>().join(" AND ");
        Ok((vec![format!("({one})"); rows.len()].join(" OR "), values))
    }

    fn execute(&self, sql: &str, values: &[Option<&str>], meant: fn(Cause) -> Cause) -> Result<u64> {
        let told = |error: rusqlite::Error| broken(&self.system, &error, meant);
        let mut statement = self.conn.prepare_cached(sql).map_err(told)?;
        Ok(statement.execute(params_from_iter(values)).map_err(told)? as u64)
    }
}

impl Engine for Sqlite {
    fn identity(&mut self) -> Result<String> {
        // Read under a lock: what another is writing, or was when it failed, may yet be undone, and the count with it.
        let free = self.conn.is_autocommit();
        let begin = if free { "BEGIN; SELECT count(*) FROM sqlite_schema" } else { "" };
        let began = self.conn.execute_batch(begin).map_err(|error| self.fault(&error));
        let written = self.file.as_ref().and_then(|file| written(file).ok());
        if free && !self.conn.is_autocommit() {
            self.conn.execute_batch("ROLLBACK").map_err(|error| self.fault(&error))?;
        }
        began?;
        let written = written.ok_or_else(|| fault(&self.system, "", Cause::Other, ""))?;
        Ok(format!("{} {written}", self.mark))
    }

    fn tables(&mut self) -> Result<Vec<Table>> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let mut query = self.conn.prepare(sql).map_err(|error| self.fault(&error))?;
        let names = query.query_map([], |row| row.get::<_, String>(0)).map_err(|error| self.fault(&error))?;
        let all = names.map(|name| tables::table(&self.conn, name?)).collect::<rusqlite::Result<_>>();
        all.map(tables::with_implied_keys).map_err(|error| self.fault(&error))
    }

    /// One statement, however many values: what two would find could not be told from two rows of one key.
    fn fetch(&mut self, fetch: &Fetch<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.fetch_aged(fetch, &[], each)
    }

    fn fetch_aged(
        &mut self,
        fetch: &Fetch<'_>,
        ages: &[Age],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let (mut conditions, mut lists) = (Vec::new(), Vec::new());
        for (column, values) in fetch.any {
            let name = self.compared(fetch.table, column)?;
            conditions.push(format!("{name} IN rarray(?)"));
            lists.push(Rc::new(values.iter().cloned().map(Value::from).collect::<Vec<_>>()));
        }
        if conditions.is_empty() {
            return Ok(());
        }
        let columns = self.selected(fetch.table, fetch.columns)?;
        let (table, any) = (quoted(fetch.table), conditions.join(" OR "));
        let (narrowed, order) = (of_ages(ages), ordered(fetch.order));
        // The values find the rows: an index over the ages would be read whole for each question.
        let sql = format!("SELECT {columns} FROM {table} WHERE ({any}) AND ({narrowed}) IS TRUE{order}");
        let times: Vec<&str> = ages.iter().filter_map(before).collect();
        let times = times.iter().map(|time| time as &dyn ToSql);
        let bound: Vec<&dyn ToSql> = lists.iter().map(|list| list as &dyn ToSql).chain(times).collect();
        self.stream(&sql, bound.as_slice(), each)
    }

    fn count(&mut self, table: &str, ages: &[Age], _key: &[&str]) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {} WHERE {}", quoted(table), of_ages(ages));
        let times = ages.iter().filter_map(before);
        let all: i64 = self
            .conn
            .query_row(&sql, params_from_iter(times), |row| row.get(0))
            .map_err(|error| self.fault(&error))?;
        Ok(all.unsigned_abs())
    }

    fn scan(&mut self, scan: &Scan<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let (mut values, mut conditions) = (Vec::<&str>::new(), Vec::new());
        let key: Vec<String> =
            scan.key.iter().map(|column| self.compared(scan.table, column)).collect::<Result<_>>()?;
        if !scan.ages.is_empty() {
            conditions.push(of_ages(scan.ages));
            values.extend(scan.ages.iter().filter_map(before));
        }
        if let Some(after) = scan.after {
            conditions.push(format!("({}) > ({})", key.join(", "), marks(after.len())));
            values.extend(after.iter().map(String::as_str));
        }
        let filter = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        let (columns, table) = (self.selected(scan.table, scan.columns)?, quoted(scan.table));
        let order = if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) };
        let sql = format!("SELECT {columns} FROM {table}{filter}{order} LIMIT {}", scan.limit);
        self.stream(&sql, params_from_iter(values), each)
    }

    fn begin(&mut self) -> Result<()> {
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|error| self.fault(&error))
    }

    fn commit(&mut self) -> Result<()> {
        self.conn.execute_batch("COMMIT").map_err(|error| self.fault(&error))
    }

    fn rollback(&mut self) -> Result<()> {
        if self.conn.is_autocommit() {
            Ok(())
        } else {
            self.conn.execute_batch("ROLLBACK").map_err(|error| self.fault(&error))
        }
    }

    fn lock(
        &mut self,
        by: &Keys<'_>,
        columns: &[&str],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        for some in by.rows.chunks(VALUES / by.key.len().max(1)) {
            let (condition, values) = self.by_key(by, some)?;
            let (columns, table) = (self.selected(by.table, columns)?, quoted(by.table));
            let sql = format!("SELECT {columns} FROM {table} WHERE {condition}{}", ordered(by.key));
            self.stream(&sql, params_from_iter(values), each)?;
        }
        Ok(())
    }

    fn delete(&mut self, by: &Keys<'_>) -> Result<u64> {
        let mut gone = 0;
        for some in by.rows.chunks(VALUES / by.key.len().max(1)) {
            let (condition, values) = self.by_key(by, some)?;
            let values: Vec<Option<&str>> = values.into_iter().map(Some).collect();
            gone += self.execute(
                &format!("DELETE FROM {} WHERE {condition}", quoted(by.table)),
                &values,
                |cause| cause,
            )?;
        }
        Ok(gone)
    }

    fn update(&mut self, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Result<u64> {
        let set: Vec<String> = columns.iter().map(|column| format!("{} = ?", quoted(column))).collect();
        let keys: Vec<String> = by
            .key
            .iter()
            .map(|column| Ok(format!("{} = ?", self.compared(by.table, column)?)))
            .collect::<Result<_>>()?;
        let sql = format!("UPDATE {} SET {} WHERE {}", quoted(by.table), set.join(", "), keys.join(" AND "));
        let mut changed = 0;
        for (key, new) in by.rows.iter().zip(values) {
            let new = new.iter().map(|cell| cell.0.as_deref());
            let bound: Vec<Option<&str>> = new.chain(key.iter().map(|text| Some(text.as_str()))).collect();
            changed += self.execute(&sql, &bound, Cause::of_change)?;
        }
        Ok(changed)
    }

    /// The whole file: this kind knows no smaller unit.
    fn reclaim(&mut self, _table: &str) -> Result<bool> {
        self.conn.execute_batch("VACUUM").map(|()| true).map_err(|error| self.fault(&error))
    }
}

/// How often the file was written, as its header counts (bytes 24 to 27): it only grows in the life of a file, so that
/// a smaller one is another's.
fn written(mut file: &File) -> io::Result<u32> {
    let mut count = [0; 4];
    file.seek(SeekFrom::Start(24))?;
    match file.read_exact(&mut count) {
        // Nothing was ever written into it.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        read => read.map(|()| u32::from_be_bytes(count)),
    }
}

/// Whether the mark of a file can be that of one seen before: the same place and program, and written as often or more.
pub(super) fn is_same(known: &str, found: &str) -> bool {
    let parts = |mark: &str| -> Vec<String> { mark.split(' ').map(str::to_owned).collect() };
    let (known, found) = (parts(known), parts(found));
    let count = |mark: &[String]| mark.get(3).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    known.iter().take(3).eq(found.iter().take(3)) && count(&known) <= count(&found)
}

/// The condition that a row is of one of some ages; none = all rows.
fn of_ages(ages: &[Age]) -> String {
    if ages.is_empty() {
        return "TRUE".to_owned();
    }
    format!("({})", ages.iter().map(age).collect::<Vec<_>>().join(" OR "))
}

/// What does not begin like a date is no time that a text could be compared with; a number is less than any text.
fn age(age: &Age) -> String {
    let column = quoted(age.column());
    match age {
        Age::Before(..) => format!("{column} < ? OR {column} NOT GLOB '[0-9][0-9][0-9][0-9]-*'"),
        Age::Unknown(_) => format!("{column} IS NULL"),
    }
}

fn before(age: &Age) -> Option<&str> {
    if let Age::Before(_, time) = age { Some(time) } else { None }
}

/// Bytes that are no text are told by their hexadecimal digits, so that two of them still differ.
fn cell(value: ValueRef<'_>) -> Cell {
    Cell(match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(format!("0x{}", hex::text(bytes))),
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(columns: &[&str]) -> String {
    columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

fn marks(n: usize) -> String {
    vec!["?"; n].join(", ")
}

fn ordered(columns: &[&str]) -> String {
    if columns.is_empty() { String::new() } else { format!(" ORDER BY {}", list(columns)) }
}

/// The engine's own sentence may quote a value, so only what kind of thing happened is told.
fn broken(system: &str, error: &rusqlite::Error, meant: fn(Cause) -> Cause) -> Error {
    use rusqlite::ErrorCode as Code;
    let code = error.sqlite_error().map(|error| error.extended_code);
    let referred = [787, 1811].map(Some).contains(&code);
    let cause = match error.sqlite_error_code() {
        // A trigger says no for reasons of its own, which may be over the next time.
        Some(Code::ConstraintViolation) if code == Some(1811) && meant(Cause::Referred) == Cause::Tied => {
            Cause::Other
        }
        Some(Code::ConstraintViolation) if referred => Cause::Referred,
        Some(Code::ConstraintViolation) => Cause::Constraint,
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => Cause::Conflict,
        Some(Code::CannotOpen | Code::NotADatabase) => Cause::Connection,
        Some(Code::ReadOnly) => Cause::Right,
        Some(Code::TypeMismatch | Code::TooBig) => Cause::Value,
        Some(Code::Unknown) => Cause::Absent,
        _ => Cause::Other,
    };
    fault(system, "", meant(cause), &code.map(|code| format!("SQLite {code}")).unwrap_or_default())
}

#[cfg(test)]
mod tests;
