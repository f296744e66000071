//! Legal holds: orders to keep, numbered `H-<row>`, placed and released by the officer.

use rusqlite::OptionalExtension;

use super::Person;
use crate::{
    domain::{Category, Error, Hold, Kind, Moment, Result, SubjectId},
    store::{Period, Tx, View, column as at},
};

/// A hold as lists show it.
#[derive(Clone, Debug)]
pub struct HoldEntry {
    /// The controller.
    pub controller: String,
    /// The person.
    pub subject: SubjectId,
    /// The hold.
    pub hold: Hold,
    /// When it was released; `None`: in force.
    pub released: Option<Moment>,
}

const HOLD: &str = "c.code, s.uid, h.id, h.category, h.since, h.basis, h.released_at
    FROM hold h JOIN controller c ON c.id = h.controller JOIN subject s ON s.id = h.subject";

impl Tx<'_> {
    /// Places a hold on a person, or on one category of theirs.
    ///
    /// # Errors
    /// As any write.
    pub fn add_hold(
        &self,
        person: &Person,
        category: Option<&Category>,
        since: Moment,
        basis: &str,
    ) -> Result<Hold> {
        let mut insert = self.prepare(
            "INSERT INTO hold (id, subject, controller, category, since, basis)
             VALUES ((SELECT max(ifnull(max(id), 0), ?6) + 1 FROM hold), ?1, ?2, ?3, ?4, ?5)",
        )?;
        let (word, passed) = (category.map(Category::as_str), self.passed_holds()?);
        let id = insert.insert((person.root_row(), person.controller, word, since.unix(), basis, passed))?;
        let (number, basis) = (format!("H-{id}"), basis.to_owned());
        Ok(Hold { id, number, category: category.cloned(), since, basis })
    }

    /// Releases a hold of a controller by its number.
    ///
    /// # Errors
    /// Exit 3 if there is none of that number; exit 2 if it is released already.
    pub fn release_hold(&self, controller: &str, number: &str, at: Moment) -> Result<HoldEntry> {
        let mut entry = self.hold(controller, number)?;
        if entry.released.is_some() {
            return Err(Error::usage(format!("hold `{number}` is released already")));
        }
        self.prepare("UPDATE hold SET released_at = ?2 WHERE id = ?1")?
            .execute((entry.hold.id, at.unix()))?;
        entry.released = Some(at);
        Ok(entry)
    }
}

impl View<'_> {
    /// A hold by its number.
    ///
    /// # Errors
    /// Exit 3 if there is none at this controller.
    pub fn hold(&self, controller: &str, number: &str) -> Result<HoldEntry> {
        let none = || {
            Error::new(Kind::NotFound, "there is no hold of that number").hint("see them all: dsr hold list")
        };
        let digits = number.trim().strip_prefix("H-").or_else(|| number.trim().strip_prefix("h-"));
        let id: i64 = digits.and_then(|digits| digits.parse().ok()).ok_or_else(none)?;
        let mut query = self.prepare(&format!("SELECT {HOLD} WHERE h.id = ?1 AND c.code = ?2"))?;
        query.query_row((id, controller), |row| Ok(entry(row))).optional()?.ok_or_else(none)?
    }

    /// Holds placed in the period, oldest first; released ones too.
    ///
    /// # Errors
    /// As any read, and whatever `each` returns.
    pub fn for_each_hold(
        &self,
        period: &Period<'_>,
        mut each: impl FnMut(HoldEntry) -> Result<()>,
    ) -> Result<()> {
        let (condition, values) = period.condition("h.since");
        let sql = format!("SELECT {HOLD} WHERE {condition} ORDER BY h.id");
        self.stream(&sql, &values, |row| each(entry(row)?))
    }
}

fn entry(row: &rusqlite::Row<'_>) -> Result<HoldEntry> {
    let id: i64 = row.get(2)?;
    let category = row.get::<_, Option<String>>(3)?.map(|word| Category::new(&word));
    let since = at::moment(row, 4)?;
    Ok(HoldEntry {
        controller: row.get(0)?,
        subject: SubjectId::from_bytes(row.get(1)?),
        hold: Hold { id, number: format!("H-{id}"), category, since, basis: row.get(5)? },
        released: at::moment_or_none(row, 6)?,
    })
}
