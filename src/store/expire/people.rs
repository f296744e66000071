//! The facts of many people at once, as the nightly run needs them: no payload, only what may be due, and the
//! rest of a person as one date.
//!
//! One question a table for a whole chunk of people, by index. A table that has nothing in force is not
//! asked at all.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Row;

use super::{Due, Links, candidates::list, small};
use crate::{
    domain::{
        Category, Contact, Identifier, IdentifierType, Purpose, Record, RecordKey, Result, SubjectFacts,
        SubjectId,
    },
    store::{
        View, column as at,
        facts::{self, OWN},
        fault::damaged,
        key,
    },
};

/// One person with what may be due of theirs.
pub struct DuePerson {
    /// The row that stands for them.
    pub row: u32,
    /// Facts, with only the records in question.
    pub facts: SubjectFacts,
}

/// What a chunk has to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    holds: bool,
    blocks: bool,
    cases: bool,
    consents: bool,
    obligations: bool,
    contacts: bool,
}

/// Which people need a question of their own.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Those who may have given data as children; `None`: everybody may.
    pub young: Option<&'a BTreeSet<u32>>,
    /// Categories that the last contact of the person judges.
    pub by_contact: &'a BTreeSet<Category>,
}

impl View<'_> {
    /// Which tables have anything to say. Asked again in every transaction that acts.
    ///
    /// # Errors
    /// As any read.
    pub fn wanted(&self) -> Result<Wanted> {
        let any = |from: &str| -> Result<bool> {
            Ok(self.prepare(&format!("SELECT 1 FROM {from} LIMIT 1"))?.exists([])?)
        };
        Ok(Wanted {
            holds: any("hold WHERE released_at IS NULL")?,
            blocks: any("block WHERE lifted_at IS NULL")?,
            cases: any("case_file WHERE ended_at IS NULL")?,
            consents: any("consent")?,
            obligations: any("obligation")?,
            contacts: any("contact")?,
        })
    }

    /// The people of these candidates, which are in order of person; each with their records in question.
    ///
    /// # Errors
    /// As any read; exit 9 if a stored value cannot be read.
    pub fn people(
        &self,
        controller: &str,
        due: &[Due],
        links: &Links,
        wanted: Wanted,
        asked: Asked<'_>,
    ) -> Result<Vec<DuePerson>> {
        rusqlite::vtab::array::load_module(self.conn())?;
        let mut all = People { view: self, links, people: Vec::new(), rows: Vec::new() };
        all.begin(controller, due);
        all.records(due)?;
        all.elsewhere(asked.by_contact)?;
        all.births(asked.young)?;
        all.ledgers(wanted)?;
        Ok(all.people)
    }
}

impl View<'_> {
    /// These records with the people they are about, in order of person; one that is gone is left out.
    ///
    /// # Errors
    /// As any read.
    pub fn owners(&self, records: impl Iterator<Item = u32>, links: &Links) -> Result<Vec<Due>> {
        let mut query = self.prepare("SELECT subject FROM record WHERE id = ?1")?;
        let mut due = Vec::new();
        for record in records {
            if let Some(row) = query.query([record])?.next()? {
                due.push(Due { person: links.root(small(row.get(0)?)?), record });
            }
        }
        due.sort_unstable();
        Ok(due)
    }
}

struct People<'v, 'l> {
    view: &'v View<'v>,
    links: &'l Links,
    people: Vec<DuePerson>,
    /// Every row of `subject` of these people.
    rows: Vec<u32>,
}

impl People<'_, '_> {
    fn begin(&mut self, controller: &str, due: &[Due]) {
        for candidate in due {
            if self.people.last().is_none_or(|last| last.row != candidate.person) {
                self.people.push(DuePerson { row: candidate.person, facts: nobody(controller) });
            }
        }
        self.rows = self.links.all(self.people.iter().map(|person| person.row));
    }

    /// The person of a row of `subject`.
    fn of(&mut self, row: i64) -> Result<Option<&mut SubjectFacts>> {
        let root = self.links.root(small(row)?);
        let found = self.people.binary_search_by_key(&root, |person| person.row).ok();
        Ok(found.and_then(|at| self.people.get_mut(at)).map(|person| &mut person.facts))
    }

    fn records(&mut self, due: &[Due]) -> Result<()> {
        let words = self.view.category_words()?;
        let mut query = self.view.prepare(&format!("SELECT {SLIM} FROM record r WHERE r.id = ?1"))?;
        let mut at_person = 0;
        for candidate in due {
            while self.people.get(at_person).is_some_and(|person| person.row < candidate.person) {
                at_person += 1;
            }
            let mut rows = query.query([candidate.record])?;
            if let (Some(row), Some(person)) = (rows.next()?, self.people.get_mut(at_person)) {
                person.facts.records.push(slim(row, &words)?);
            }
        }
        Ok(())
    }

    /// The rows of the people that a condition picks.
    fn rows_of(&self, picks: impl Fn(&DuePerson) -> bool) -> Vec<u32> {
        self.links.all(self.people.iter().filter(|person| picks(person)).map(|person| person.row))
    }

    /// The latest contact that any record of the person tells of, from the index alone.
    fn elsewhere(&mut self, by_contact: &BTreeSet<Category>) -> Result<()> {
        let judged =
            |person: &DuePerson| person.facts.records.iter().any(|r| by_contact.contains(&r.category));
        let sql = "SELECT subject, max(last_contact_at), max(activity_at) FROM record
            WHERE subject IN rarray(?1) GROUP BY subject";
        self.each_of(self.rows_of(judged), sql, 0, |facts, row| {
            let seen = at::moment_or_none(row, 1)?.max(at::moment_or_none(row, 2)?);
            facts.seen_elsewhere = facts.seen_elsewhere.max(seen);
            Ok(())
        })
    }

    /// Birth dates, by statement and by number, of those who may have been children.
    fn births(&mut self, young: Option<&BTreeSet<u32>>) -> Result<()> {
        let rows = self.rows_of(|person| young.is_none_or(|young| young.contains(&person.row)));
        let sql = "SELECT id, born FROM subject WHERE id IN rarray(?1) ORDER BY same_as IS NOT NULL, id";
        self.each_of(rows.clone(), sql, 0, |facts, row| {
            facts.born = facts.born.or(at::day(row, 1)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT subject, key FROM identifier WHERE subject IN rarray(?1) AND type = {} ORDER BY key",
            key::code(IdentifierType::Iin)
        );
        self.each_of(rows, &sql, 0, |facts, row| {
            facts.identifiers.extend(Identifier::parse(IdentifierType::Iin, at::text(row, 1)?).ok());
            Ok(())
        })
    }

    fn ledgers(&mut self, wanted: Wanted) -> Result<()> {
        if wanted.consents {
            self.each(&in_ledger(facts::CONSENT, "consent t", "t.given_at, t.id"), |facts, row| {
                facts.consents.push(facts::consent_of(row)?);
                Ok(())
            })?;
        }
        if wanted.obligations {
            self.each(&in_ledger(facts::OBLIGATION, "obligation t", "t.opened_at, t.id"), |facts, row| {
                facts.obligations.push(facts::obligation_of(row)?);
                Ok(())
            })?;
        }
        if wanted.contacts {
            let sql = "SELECT subject, max(at) FROM contact WHERE subject IN rarray(?1) AND inbound = 1 GROUP BY subject";
            self.each_of(self.rows.clone(), sql, 0, |facts, row| {
                facts.contacts.push(Contact { at: at::moment(row, 1)?, inbound: true });
                Ok(())
            })?;
        }
        self.protections(wanted)
    }

    fn protections(&mut self, wanted: Wanted) -> Result<()> {
        if wanted.holds {
            self.each(&in_force(facts::HOLD, "hold t", "t.released_at IS NULL"), |facts, row| {
                facts.holds.push(facts::hold_of(row)?);
                Ok(())
            })?;
        }
        if wanted.blocks {
            let from = "block t CROSS JOIN case_file f ON f.id = t.case_id";
            self.each(&in_force(facts::BLOCK, from, "t.lifted_at IS NULL"), |facts, row| {
                facts.blocks.push(facts::block_of(row)?);
                Ok(())
            })?;
        }
        if wanted.cases {
            let sql = format!(
                "SELECT {}, s.id FROM subject s CROSS JOIN case_file t ON t.subject = s.uid
                  WHERE s.id IN rarray(?1) AND t.ended_at IS NULL ORDER BY t.received_at, t.year, t.nth",
                facts::CASE_SUMMARY
            );
            self.each(&sql, |facts, row| {
                facts.cases.push(facts::case_of(row)?);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Rows about any of the people; whose they are stands in the last column.
    fn each(&mut self, sql: &str, take: impl FnMut(&mut SubjectFacts, &Row<'_>) -> Result<()>) -> Result<()> {
        let last = self.view.prepare(sql)?.column_count().saturating_sub(1);
        self.each_of(self.rows.clone(), sql, last, take)
    }

    /// Rows about some of the people; whose they are stands in the column `owner`.
    fn each_of(
        &mut self,
        rows: Vec<u32>,
        sql: &str,
        owner: usize,
        mut take: impl FnMut(&mut SubjectFacts, &Row<'_>) -> Result<()>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = self.view.prepare(sql)?;
        let mut rows = query.query([list(rows)])?;
        while let Some(row) = rows.next()? {
            if let Some(facts) = self.of(row.get(owner)?)? {
                take(facts, row)?;
            }
        }
        Ok(())
    }
}

/// In the order of [`View::facts`]: of several that say the same, the same one is named.
fn in_ledger(columns: &str, from: &str, order: &str) -> String {
    format!("SELECT {columns}, t.subject FROM {from} WHERE t.subject IN rarray(?1) ORDER BY {order}")
}

fn in_force(columns: &str, from: &str, condition: &str) -> String {
    format!(
        "SELECT {columns}, t.subject FROM {from} WHERE t.subject IN rarray(?1) AND {condition} ORDER BY t.id"
    )
}

fn nobody(controller: &str) -> SubjectFacts {
    SubjectFacts::nobody(controller, SubjectId::from_bytes([0; 16]))
}

/// What a verdict asks of a record: everything but the payload, its source and its reference.
const SLIM: &str = "r.id, r.version, r.category, r.given_by, r.purposes, r.collected_at, r.last_contact_at,
    r.document_at, r.purpose_reached_at, r.obligation, r.consent, r.archived_until, r.activity_at";

fn slim(row: &Row<'_>, words: &BTreeMap<u32, Category>) -> Result<Record> {
    let category = words.get(&row.get::<_, u32>(2)?).cloned();
    Ok(Record {
        key: RecordKey { id: row.get(0)?, version: row.get(1)? },
        reference: String::new(),
        category: category.ok_or_else(|| damaged("a record is of no category"))?,
        system: OWN.to_owned(),
        source: String::new(),
        given_by: row.get(3)?,
        purposes: at::words(row, 4, Purpose::new)?,
        collected_at: at::moment(row, 5)?,
        last_contact_at: at::moment_or_none(row, 6)?,
        document_at: at::moment_or_none(row, 7)?,
        purpose_reached_at: at::moment_or_none(row, 8)?,
        obligation: row.get(9)?,
        consent: row.get(10)?,
        archived_until: at::day(row, 11)?,
        activity_at: at::moment_or_none(row, 12)?,
        contact_since: None,
        data: String::new(),
        annotations: Vec::new(),
        caveats: crate::domain::facts::Caveats::default(),
    })
}
