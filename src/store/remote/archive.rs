//! Rows of other systems that a law alone keeps, where those systems have no column to say so.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    domain::{Result, SubjectId},
    store::{KeyFile, Tx, View, column as at, effect::Person},
};

/// Beside the codes of identifiers: a row of another system.
const ROW: i64 = 32;

/// The mark of a row in one category.
pub type ArchiveMark = [u8; 32];

/// Makes the mark of a row: system, collection, key and category, none of which can be read from it.
pub fn archive_mark(key: &KeyFile, controller: &str, parts: &[&str]) -> ArchiveMark {
    key.mac(controller, ROW, &parts.join("\u{1f}"))
}

impl View<'_> {
    /// How many rows of other systems a law alone keeps.
    ///
    /// # Errors
    /// As any read.
    pub fn archives_elsewhere(&self) -> Result<u64> {
        let all: i64 =
            self.prepare("SELECT count(*) FROM remote_archive")?.query_row([], |row| row.get(0))?;
        Ok(all.unsigned_abs())
    }

    /// Marks of a person's rows elsewhere with the last day each is kept.
    ///
    /// # Errors
    /// As any read; exit 9 for a day that is none.
    pub fn remote_archives(
        &self,
        controller: &str,
        subject: SubjectId,
    ) -> Result<BTreeMap<ArchiveMark, NaiveDate>> {
        let mut query = self.prepare("SELECT mark, until FROM remote_archive WHERE subject = ?1")?;
        let mut all = BTreeMap::new();
        for subject in self.rows_of(controller, subject)? {
            let mut rows = query.query([subject.id])?;
            while let Some(row) = rows.next()? {
                if let Some(until) = at::day(row, 1)? {
                    all.insert(row.get(0)?, until);
                }
            }
        }
        Ok(all)
    }
}

impl Tx<'_> {
    /// From now on a row elsewhere is kept for a law alone, to this day.
    ///
    /// # Errors
    /// As any write.
    pub fn archive_elsewhere(
        &self,
        person: &Person,
        mark: ArchiveMark,
        until: NaiveDate,
        rule: &str,
    ) -> Result<()> {
        let sql = "INSERT INTO remote_archive (subject, mark, until, rule) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (subject, mark) DO UPDATE SET until = excluded.until, rule = excluded.rule";
        self.prepare(sql)?.execute((person.root_row(), mark, until.to_string(), rule))?;
        Ok(())
    }
}
