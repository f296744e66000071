//! A draft of a map: the catalogue, and what the form of values and the names of columns let guess.

mod guess;
mod ties;

use super::{
    check::{Live, live},
    engine::{Column, Engine, Scan, Table},
};
use crate::domain::{Error, IdentifierType, Result};

pub use guess::Guess;
use guess::Tally;

/// A table as a map would describe it.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<DraftedColumn>,
    /// Why its rows were not looked at, if they were not.
    pub unread: bool,
}

/// A column of it.
#[derive(Clone, Debug)]
pub struct DraftedColumn {
    /// Its name.
    pub name: String,
    /// The database's word for its type.
    pub kind: String,
    /// The type in the map's words, where there is one.
    pub data_type: Option<&'static str>,
    /// Greatest length.
    pub length: Option<u32>,
    /// Part of the key.
    pub key: bool,
    /// Where the same value stands: table and column.
    pub reference: Option<(String, String)>,
    /// Why a tie of the catalogue is no reference: somebody has to look.
    pub doubt: Option<String>,
    /// What it seems to hold.
    pub guess: Option<Guess>,
    /// The database computes it: nothing is ever written there.
    pub generated: bool,
    /// Says when a row began: kept for the collection.
    pub is_start: bool,
}

impl DraftedColumn {
    /// Somebody has to say what it is.
    pub fn is_open(&self) -> bool {
        let says = self.key || self.reference.is_some() || self.guess.is_some() || self.is_start;
        self.doubt.is_some() || !says
    }

    /// The identifier that it seems to hold.
    pub fn identity(&self) -> Option<IdentifierType> {
        self.guess.as_ref()?.identity
    }
}

/// Drafts all tables; at most `rows` rows of each are looked at, and none is shown.
///
/// # Errors
/// As any read of the catalogue; configuration (exit 6): there is no table. A table that may not be read is drafted by
/// its names.
pub fn scan(engine: &mut dyn Engine, rows: u32) -> Result<Vec<Drafted>> {
    let tables = engine.tables()?;
    if tables.is_empty() {
        return Err(Error::config("this user sees no table there").hint(
            "see that the connection leads to the right database, and that its user may see its tables",
        ));
    }
    let mut all: Vec<Drafted> = tables.iter().map(|table| one(engine, table, rows)).collect();
    ties::tie(&mut all, &tables);
    Ok(all)
}

fn one(engine: &mut dyn Engine, table: &Table, rows: u32) -> Drafted {
    let tallies = if rows == 0 { None } else { look(engine, table, rows).ok() };
    let mut columns: Vec<DraftedColumn> = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        let tally = tallies.as_ref().and_then(|all| all.get(at));
        let is_start = live(&column.kind) == Live::Time
            && guess::is_start(&column.name)
            && !columns.iter().any(|before: &DraftedColumn| before.is_start);
        columns.push(DraftedColumn {
            name: column.name.clone(),
            kind: column.kind.clone(),
            data_type: data_type(&column.kind),
            length: column.length,
            key: table.key.contains(&column.name),
            reference: None,
            doubt: None,
            guess: guess::guess(&column.name, tally, may_name(column)),
            generated: column.generated,
            is_start,
        });
    }
    Drafted { name: table.name.clone(), columns, unread: rows > 0 && tallies.is_none() }
}

/// Whether a column of this kind can be an identifier by its name alone: `email_len` is a number, and what is computed
/// repeats what stands elsewhere. Of forms of the database's own a name is all there is.
fn may_name(column: &Column) -> bool {
    !column.generated && matches!(live(&column.kind), Live::Text | Live::Other)
}

fn look(engine: &mut dyn Engine, table: &Table, rows: u32) -> Result<Vec<Tally>> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let key: Vec<&str> = table.key.iter().map(String::as_str).collect();
    let mut tallies = vec![Tally::default(); columns.len()];
    let scan = Scan { table: &table.name, columns: &columns, ages: &[], key: &key, after: None, limit: rows };
    engine.scan(&scan, &mut |row| {
        for (tally, cell) in tallies.iter_mut().zip(&row) {
            tally.add(cell.0.as_deref());
        }
        Ok(())
    })?;
    Ok(tallies)
}

fn data_type(kind: &str) -> Option<&'static str> {
    match live(kind) {
        Live::Text | Live::Choice => Some("string"),
        Live::Integer => Some("integer"),
        Live::Float => Some("float"),
        Live::Boolean => Some("boolean"),
        Live::Object => Some("object"),
        Live::Time | Live::Other => None,
    }
}
