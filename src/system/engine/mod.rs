//! A database that is not `dsr`'s own, spoken to by table, column and key: what each kind has to do.
//!
//! Values travel as text in both directions and are cast by the database, so that a type nobody has heard of is
//! read and compared like any other. Table and column names come from a checked map and are always quoted.

pub mod csv;
mod fault;
pub mod mysql;
mod narrow;
pub mod postgres;
pub mod rehearsed;
mod server;
pub mod sqlite;
mod time;
mod tls;

use std::{collections::HashSet, fmt};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

pub use time::instant;

use crate::domain::{Error, Identifier, IdentifierType, Kind, Result};

/// One value as text; `None` is NULL. Personal data: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell(pub Option<String>);

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "…" } else { "NULL" })
    }
}

/// The values of one row, in the order of the columns that were asked for.
pub type Row = Vec<Cell>;

/// A database as it stands: what a map is checked against and drafted from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name, as a map writes it.
    pub name: String,
    /// Its columns, in the database's order.
    pub columns: Vec<Column>,
    /// Columns of the primary key, in order; empty = none.
    pub key: Vec<String>,
    /// Other sets of columns that are unique.
    pub unique: Vec<Vec<String>>,
    /// Foreign keys: own columns, other table, its columns.
    pub foreign: Vec<(Vec<String>, String, Vec<String>)>,
    /// What becomes of its rows that nobody sees in the table.
    pub besides: Vec<Beside>,
}

/// What a database does with the rows of a table beside keeping them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// This trigger runs when a row is changed or deleted, and may write the old one elsewhere.
    Trigger(String),
    /// Every old row stays as history.
    History,
    /// This materialized view shows the rows as they were when it was last refreshed.
    Copy(String),
    /// This storage engine keeps them, which has no transactions.
    Loose(String),
}

/// A column as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The database's own word for its type.
    pub kind: String,
    /// Greatest length in characters, where there is one.
    pub length: Option<u32>,
    /// Whether NULL may stand in it.
    pub nullable: bool,
    /// The database computes it from others: nobody writes it.
    pub generated: bool,
}

/// Rows by the values of columns: `column IN (values) OR other IN (values)`, sorted. Personal data, as all questions
/// below: no `Debug`.
pub struct Fetch<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns to read, in this order.
    pub columns: &'a [&'a str],
    /// Each column with the values it may have; OR-ed. The engine splits long lists.
    pub any: &'a [(&'a str, &'a [String])],
    /// The columns of the key: order of the answer. With none, two rows are two however alike they are; else an
    /// engine that splits the lists may give rows once that have the same values in all columns read.
    pub order: &'a [&'a str],
}

/// Which rows, by what stands in one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Age {
    /// Those of a time before this one, civil time of Kazakhstan (`2024-11-22 10:00:00`), and those in whose column
    /// something else stands: that is for the caller to read.
    Before(String, String),
    /// Those in whose column nothing stands.
    Unknown(String),
}

impl Age {
    /// The column.
    pub fn column(&self) -> &str {
        match self {
            Self::Before(column, _) | Self::Unknown(column) => column,
        }
    }
}

/// Rows by age, in key order after a key, at most so many.
pub struct Scan<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns to read, in this order.
    pub columns: &'a [&'a str],
    /// Which rows, OR-ed; none = all rows.
    pub ages: &'a [Age],
    /// The columns of the key.
    pub key: &'a [&'a str],
    /// The last key seen.
    pub after: Option<&'a [String]>,
    /// At most so many rows.
    pub limit: u32,
}

/// Rows in which one of some identifiers stands, however it is written there.
pub struct Find<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns to read, in this order.
    pub columns: &'a [&'a str],
    /// The column in which the identifiers stand.
    pub column: &'a str,
    /// The identifiers, all of one type.
    pub wanted: &'a [Identifier],
    /// The columns of the key: order of the answer.
    pub key: &'a [&'a str],
}

/// The identifiers of a question, to be met again. Personal data: no `Debug`.
pub struct Wanted<'a> {
    kinds: Vec<IdentifierType>,
    all: HashSet<&'a Identifier>,
}

impl<'a> Find<'a> {
    /// What is looked for, made ready for many values.
    pub fn wanted(&self) -> Wanted<'a> {
        let mut kinds: Vec<IdentifierType> = self.wanted.iter().map(Identifier::kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        Wanted { kinds, all: self.wanted.iter().collect() }
    }
}

impl Wanted<'_> {
    /// Whether a value of the column is one of them: both are read as people write them.
    pub fn has(&self, value: &Cell) -> bool {
        let text = value.0.as_deref().unwrap_or_default();
        let mut read = self.kinds.iter().filter_map(|kind| Identifier::parse(*kind, text).ok());
        read.any(|found| self.all.contains(&found))
    }
}

/// A text by which what a collation may hold for equal is known again: letters of one kind, no marks on them, no blanks
/// at the end. Only what an engine gave for a value is compared so: it alone knows its collation.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.trim_end().to_ascii_lowercase();
    }
    let bare = text.trim_end().nfd().filter(|c| !is_combining_mark(*c));
    bare.flat_map(char::to_lowercase).collect()
}

/// Whether what a database says of itself is what it said before. A file says how often it was written, too.
pub fn is_same_database(known: &str, found: &str) -> bool {
    if known.starts_with("sqlite ") { sqlite::is_same(known, found) } else { known == found }
}

/// Runs work in a transaction, again where another one was in the way, at most so many times in all.
///
/// # Errors
/// What `work` says, after the transaction was undone; the conflict, where it does not end. An error of the commit
/// itself leaves the result unknown.
pub fn transact<T>(
    engine: &mut dyn Engine,
    times: u32,
    mut work: impl FnMut(&mut dyn Engine) -> Result<T>,
) -> Result<T> {
    for attempt in 1.. {
        engine.begin()?;
        let done = work(engine);
        let ended = match done {
            Ok(value) => engine.commit().map(|()| value),
            Err(error) => {
                // Where this fails too, the connection is gone and the transaction with it.
                let _ = engine.rollback();
                Err(error)
            }
        };
        match ended {
            Err(error) if error.kind() == Kind::Busy && attempt < times => {}
            other => return other,
        }
    }
    Err(Error::new(Kind::Busy, "other transactions were in the way").hint("try again"))
}

/// One kind of database, connected.
pub trait Engine: Send {
    /// What says that this is the same database as before: a system identifier and the database's name, or the
    /// file's own mark. Never a host, never a password.
    ///
    /// # Errors
    /// Failed (exit 1): the connection.
    fn identity(&mut self) -> Result<String>;

    /// Every table this role may see, sorted by name.
    ///
    /// # Errors
    /// As any read.
    fn tables(&mut self) -> Result<Vec<Table>>;

    /// Adds to tables what becomes of their rows beside, where that was not asked with them.
    ///
    /// # Errors
    /// As any read.
    fn besides(&mut self, _tables: &mut [Table]) -> Result<()> {
        Ok(())
    }

    /// Streams rows by value. One statement a bounded list of values, never one a row.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    fn fetch(&mut self, fetch: &Fetch<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()>;

    /// The same, of rows of these ages alone where there are any. An engine that cannot narrow gives more, and no
    /// engine gives less.
    ///
    /// # Errors
    /// As [`Engine::fetch`].
    fn fetch_aged(
        &mut self,
        fetch: &Fetch<'_>,
        _ages: &[Age],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        self.fetch(fetch, each)
    }

    /// Streams rows by age, in key order.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    fn scan(&mut self, scan: &Scan<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()>;

    /// How many rows of a table are of these ages; of none: how many there are.
    ///
    /// # Errors
    /// As any read.
    fn count(&mut self, table: &str, ages: &[Age], key: &[&str]) -> Result<u64> {
        let mut all = 0;
        self.scan(&Scan { table, columns: key, ages, key, after: None, limit: u32::MAX }, &mut |_| {
            all += 1;
            Ok(())
        })?;
        Ok(all)
    }

    /// Streams rows in which an identifier stands, however it is written there: `8 (701) …` is `+7701…`. An index
    /// helps only where the database is told of it; the comparison itself is ours, the same as in the own store.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    fn find(&mut self, find: &Find<'_>, each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        let columns: Vec<&str> = find.columns.iter().copied().chain([find.column]).collect();
        let (table, key) = (find.table, find.key);
        let scan = Scan { table, columns: &columns, ages: &[], key, after: None, limit: u32::MAX };
        let wanted = find.wanted();
        self.scan(&scan, &mut |mut row| match row.pop() {
            Some(value) if wanted.has(&value) => each(row),
            _ => Ok(()),
        })
    }

    /// Begins a transaction in which rows that are fetched stay as they are until its end.
    ///
    /// # Errors
    /// Failed (exit 1).
    fn begin(&mut self) -> Result<()>;

    /// Ends it. An error leaves the result unknown: the caller asks again what stands.
    ///
    /// # Errors
    /// Failed (exit 1).
    fn commit(&mut self) -> Result<()>;

    /// Undoes it.
    ///
    /// # Errors
    /// Failed (exit 1).
    fn rollback(&mut self) -> Result<()>;

    /// Rows by key, locked until the end of the transaction.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    fn lock(
        &mut self,
        by: &Keys<'_>,
        columns: &[&str],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()>;

    /// Deletes rows by key; how many there were.
    ///
    /// # Errors
    /// Failed (exit 1): a constraint, a lost connection, a right that is missing. Never with a value in it.
    fn delete(&mut self, by: &Keys<'_>) -> Result<u64>;

    /// Sets columns of rows by key: one list of new values a row, in the order of `columns`; how many there were.
    ///
    /// # Errors
    /// As [`Engine::delete`].
    fn update(&mut self, by: &Keys<'_>, columns: &[&str], values: &[Row]) -> Result<u64>;

    /// Reclaims what deleted rows leave in a table, where the kind can and the role may; whether it was done.
    ///
    /// # Errors
    /// Failed (exit 1): the connection.
    fn reclaim(&mut self, table: &str) -> Result<bool>;
}

/// Rows of one table by exact key.
pub struct Keys<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns of the key.
    pub key: &'a [&'a str],
    /// The keys; each has as many values as `key` has columns.
    pub rows: &'a [Vec<String>],
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;

    /// Whether a type can be shown: an inherent constant wins over the trait's.
    struct Of<T>(PhantomData<T>);

    trait Mute {
        const SHOWN: bool = false;
    }

    impl<T> Mute for Of<T> {}

    impl<T: fmt::Debug> Of<T> {
        const SHOWN: bool = true;
    }

    #[test]
    fn what_a_collation_may_join() {
        for (one, other, same) in [
            ("C1", "c1  ", true),
            ("Éva", "eva", true),
            ("Асель", "АСЕЛЬ", true),
            (" c1", "c1", false),
            ("c1", "c2", false),
        ] {
            assert_eq!(folded(one) == folded(other), same, "{one} {other}");
        }
    }

    #[test]
    fn a_question_shows_nobody() {
        let shown = [
            Of::<Fetch<'static>>::SHOWN,
            Of::<Scan<'static>>::SHOWN,
            Of::<Find<'static>>::SHOWN,
            Of::<Keys<'static>>::SHOWN,
            Of::<Wanted<'static>>::SHOWN,
        ];
        assert_eq!((shown, Of::<Age>::SHOWN), ([false; 5], true));
        assert_eq!(format!("{:?}", [Cell(Some("Assel".into())), Cell(None)]), "[…, NULL]");
    }
}
