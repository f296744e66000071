//! Rows in bulk: the writing half of an import.
//!
//! [`Load`] lies inside one transaction and says of every row how it stands to what is there already
//! ([`Load::standing`]); the importer decides, then [`Load::add`] or [`Load::change`] writes. A row may
//! name a person or a deal that comes later in the file: [`Load::dangling`] tells at the end which never
//! came. Into a store without records the secondary indexes are made after the rows, which is four times
//! faster.
//!
//! Memory is bounded whatever the size of the file. Deliberately absent: judgements and words, which are
//! the importer's.

mod ask;
mod later;
mod people;
pub mod row;
mod seal;
mod seen;
mod write;

use std::collections::HashMap;

use rusqlite::{OptionalExtension, config::DbConfig};

use super::Tx;
use crate::domain::{Category, Moment, Result, SubjectId};
pub use ask::Rests;
use people::{People, Seat};
use row::{Row, RowKind};
use seen::{Lines, Seen};
use write::Writers;

/// How a row stands to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not there yet.
    New,
    /// There with the same content.
    Same,
    /// There with other content: the key of the row.
    Changed(i64),
    /// It cannot be taken.
    Refused(Refusal),
}

/// Why a row cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The same ref stands on an earlier line of this file.
    Twice,
    /// The ref belongs to another person in the store.
    OtherPerson,
    /// The obligation it names is another person's.
    OtherObligation,
    /// The consent it names is another person's.
    OtherConsent,
}

/// A row that names something that is neither in the file nor in the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Dangling {
    /// Line of the row.
    pub line: u64,
    /// Column of the reference.
    pub column: u32,
    /// The field that holds the reference.
    pub field: &'static str,
    /// The kind it points at.
    pub target: RowKind,
    /// The ref it points at. It may be personal: compare, never print.
    pub reference: String,
    kind: RowKind,
    row: i64,
}

impl Dangling {
    /// The kind of the row that holds the reference.
    pub fn kind(&self) -> RowKind {
        self.kind
    }
}

/// A bulk load in progress.
pub struct Load<'t> {
    tx: &'t Tx<'t>,
    controller: i64,
    now: Moment,
    fresh: bool,
    indexes: Vec<String>,
    people: People,
    seen: HashMap<RowKind, Seen>,
    lines: Lines,
    categories: HashMap<Category, i64>,
    writers: Writers<'t>,
    any_later: bool,
    ids: &'t mut dyn FnMut() -> SubjectId,
}

impl<'t> Load<'t> {
    /// Begins a load for one controller. `ids` draws the random ids of new people.
    ///
    /// # Errors
    /// As any write.
    pub fn begin(
        tx: &'t Tx<'t>,
        controller: &str,
        now: Moment,
        ids: &'t mut dyn FnMut() -> SubjectId,
    ) -> Result<Self> {
        // Plans that do not depend on bound values: otherwise SQLite parses a cached statement again
        // each time its bindings were cleared, which is each time it is used.
        tx.conn().set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let controller = tx.controller_or_new(controller)?;
        tx.conn().execute_batch(later::TABLE)?;
        let fresh = is_fresh(tx)?;
        let indexes = if fresh { drop_indexes(tx)? } else { Vec::new() };
        let seen = RowKind::ALL.iter().map(|kind| Ok((*kind, Seen::after(last_key(tx, *kind)?))));
        let seen = seen.collect::<Result<_>>()?;
        Ok(Self {
            tx,
            controller,
            now,
            fresh,
            indexes,
            people: People::default(),
            seen,
            lines: Lines::default(),
            categories: HashMap::new(),
            writers: Writers::prepare(tx.conn())?,
            any_later: false,
            ids,
        })
    }

    /// How a row stands to what is there, whatever its own references.
    ///
    /// # Errors
    /// As any read.
    pub fn standing(&mut self, row: &Row) -> Result<Standing> {
        let kind = row.kind();
        if kind == RowKind::Subject {
            return self.standing_of_person(row);
        }
        if self.fresh && kind == RowKind::Record {
            return Ok(Standing::New); // a ref given twice shows when the index is made
        }
        let mut query = self.tx.prepare(find_sql(kind))?;
        let found = query.query_row((self.controller, &row.reference.text), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<String>>(2)?))
        });
        let Some((id, digest, person)) = found.optional()? else { return Ok(Standing::New) };
        Ok(if !self.seen(kind).first_time(id) {
            Standing::Refused(Refusal::Twice)
        } else if person.as_deref() != Some(&row.subject.text) {
            Standing::Refused(Refusal::OtherPerson)
        } else if digest == Some(row.digest) {
            Standing::Same
        } else {
            Standing::Changed(id)
        })
    }

    /// Ends the load: makes the indexes that were put off. What it returns are the lines whose record
    /// repeats the ref of an earlier one, as far as only the index could see; those rows are taken out.
    ///
    /// # Errors
    /// As any write.
    pub fn finish(mut self) -> Result<Vec<u64>> {
        self.make_indexes()?;
        let conn = self.tx.conn();
        let mut twice = Vec::new();
        for sql in &self.indexes {
            let Err(error) = conn.execute_batch(sql) else { continue };
            if error.sqlite_error_code() != Some(rusqlite::ErrorCode::ConstraintViolation) {
                return Err(error.into());
            }
            twice = self.take_out_twins()?;
            conn.execute_batch(sql)?;
        }
        conn.execute_batch(later::DROP)?;
        Ok(twice)
    }

    fn take_out_twins(&self) -> Result<Vec<u64>> {
        let mut query = self.tx.conn().prepare(
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY controller, ref ORDER BY id) AS nth
                               FROM record WHERE ref IS NOT NULL)
              WHERE nth > 1 ORDER BY id",
        )?;
        let twins = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut delete = self.tx.conn().prepare("DELETE FROM record WHERE id = ?1")?;
        for twin in &twins {
            delete.execute([twin])?;
        }
        Ok(twins.into_iter().map(|twin| self.lines.line_of(twin)).collect())
    }

    fn seen(&mut self, kind: RowKind) -> &mut Seen {
        self.seen.entry(kind).or_insert_with(|| Seen::after(0))
    }
}

/// Whether there are no records and no search keys: then indexes are better made at the end.
fn is_fresh(tx: &Tx<'_>) -> Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM record) AND NOT EXISTS (SELECT 1 FROM identifier)";
    Ok(tx.conn().query_row(sql, [], |row| row.get(0))?)
}

/// The indexes that a load into an empty store makes at the end. The refs of the smaller tables stay:
/// references are looked up by them.
fn drop_indexes(tx: &Tx<'_>) -> Result<Vec<String>> {
    let mut query = tx.conn().prepare(
        "SELECT name, sql FROM sqlite_schema
          WHERE type = 'index' AND sql IS NOT NULL
            AND (tbl_name IN ('record', 'identifier') OR name = 'subject_uid'
                 OR name IN ('consent_subject', 'obligation_subject', 'disclosure_subject', 'contact_subject'))
          ORDER BY name",
    )?;
    let found = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    for (name, _) in &found {
        tx.conn().execute_batch(&format!("DROP INDEX \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(found.into_iter().map(|(_, sql)| sql).collect())
}

fn last_key(tx: &Tx<'_>, kind: RowKind) -> Result<i64> {
    let sql = format!("SELECT ifnull(max(id), 0) FROM {kind}");
    Ok(tx.conn().query_row(&sql, [], |row| row.get(0))?)
}

/// Key, digest and the person's ref of the row with this ref.
fn find_sql(kind: RowKind) -> &'static str {
    macro_rules! sql {
        ($table:literal) => {
            concat!(
                "SELECT t.id, t.digest, s.ref FROM ",
                $table,
                " t JOIN subject s ON s.id = t.subject WHERE t.controller = ?1 AND t.ref = ?2"
            )
        };
    }
    match kind {
        RowKind::Subject => "SELECT id, digest, ref FROM subject WHERE controller = ?1 AND ref = ?2",
        RowKind::Record => sql!("record"),
        RowKind::Consent => sql!("consent"),
        RowKind::Obligation => sql!("obligation"),
        RowKind::Disclosure => sql!("disclosure"),
        RowKind::Contact => sql!("contact"),
    }
}
