//! What the register itself no longer needs: cases with their letters, acts with their leaves, suppressions,
//! proof of consents, disclosures, and the empty rows of people that nothing points at any more.
//!
//! The log keeps its entries: they name nobody.

use super::super::{Tx, column as at, destroy::Needles};
use crate::domain::{Moment, Result};

/// When each kind is over, as the caller computes it from a rule: whether what ended at a moment is past
/// its term today.
pub struct OwnTerms<'a> {
    /// A case, from its end.
    pub case: &'a dyn Fn(Moment) -> bool,
    /// An act of destruction, from its end.
    pub act: &'a dyn Fn(Moment) -> bool,
    /// A suppression of somebody who is not held any more, from its beginning or its lifting.
    pub suppression: &'a dyn Fn(Moment) -> bool,
    /// The proof of a consent of somebody who is not held any more, from its last date or the day they went.
    pub consent: &'a dyn Fn(Moment) -> bool,
    /// A disclosure about somebody who is not held any more, from the later of its day and the day they went.
    pub disclosure: &'a dyn Fn(Moment) -> bool,
}

/// How many of each kind went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlived {
    /// Cases, with all that happened to them.
    pub cases: u64,
    /// Acts of destruction.
    pub acts: u64,
    /// Suppressions.
    pub suppressions: u64,
    /// Consents.
    pub consents: u64,
    /// Disclosures.
    pub disclosures: u64,
    /// Empty rows of people.
    pub people: u64,
}

impl Outlived {
    /// Whether nothing went.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// By the words of the report.
    pub fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("cases", self.cases),
            ("acts", self.acts),
            ("suppressions", self.suppressions),
            ("consents", self.consents),
            ("disclosures", self.disclosures),
        ]
    }
}

/// Nobody is held under this row of `subject` (`t.subject`).
const GONE: &str = "NOT EXISTS (SELECT 1 FROM subject s WHERE s.id = t.subject AND s.ref IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.subject = t.subject)
    AND NOT EXISTS (SELECT 1 FROM identifier i WHERE i.subject = t.subject)";

impl Tx<'_> {
    /// Takes away what is past its own term at a controller; what it held is added to `needles`.
    ///
    /// # Errors
    /// As any write.
    pub fn outlived(
        &self,
        controller: &str,
        terms: &OwnTerms<'_>,
        needles: &mut Needles,
    ) -> Result<Outlived> {
        let Some(id) = self.controller(controller)? else { return Ok(Outlived::default()) };
        let mut gone = Outlived {
            cases: self.cases_over(id, terms.case, needles)?,
            acts: self.acts_over(id, terms.act)?,
            suppressions: self.suppressions_over(id, terms.suppression)?,
            ..Outlived::default()
        };
        // The row of somebody who is gone was made on the day they went.
        let gone_since = "(SELECT created_at FROM subject WHERE id = t.subject)";
        let last =
            format!("max(t.given_at, ifnull(t.withdrawn_at, 0), ifnull(t.expires_at, 0), {gone_since})");
        gone.consents =
            self.ledger_over(id, ("consent", &last, "ref || ' ' || evidence"), terms.consent, needles)?;
        let handed = format!("max(t.at, {gone_since})");
        gone.disclosures =
            self.ledger_over(id, ("disclosure", &handed, "ref || ' ' || basis"), terms.disclosure, needles)?;
        gone.people = self.empty_people(id)?;
        Ok(gone)
    }

    /// Ids of rows whose moment is over: SQL gives rows with their moments, the rule decides.
    fn over(&self, sql: &str, controller: i64, over: &dyn Fn(Moment) -> bool) -> Result<Vec<i64>> {
        let mut ids = Vec::new();
        self.stream(sql, &[Box::new(controller)], |row| {
            if over(at::moment(row, 1)?) {
                ids.push(row.get(0)?);
            }
            Ok(())
        })?;
        Ok(ids)
    }

    /// A case goes with its events and its lifted blocks; one that still blocks stays.
    fn cases_over(
        &self,
        controller: i64,
        over: &dyn Fn(Moment) -> bool,
        needles: &mut Needles,
    ) -> Result<u64> {
        let sql = "SELECT id, ended_at FROM case_file f WHERE controller = ?1 AND ended_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM block b WHERE b.case_id = f.id AND b.lifted_at IS NULL)";
        let ids = self.over(sql, controller, over)?;
        for id in &ids {
            self.remember(
                "SELECT tracking, representative, authority FROM case_file WHERE id = ?1",
                *id,
                needles,
            )?;
            self.remember("SELECT payload FROM case_event WHERE case_id = ?1", *id, needles)?;
            self.remember("SELECT evidence FROM case_duty WHERE case_id = ?1", *id, needles)?;
            self.remember("SELECT payload FROM remote_step WHERE case_id = ?1", *id, needles)?;
            for sql in [
                "DELETE FROM case_event WHERE case_id = ?1",
                "DELETE FROM case_wait WHERE case_id = ?1",
                "DELETE FROM case_duty WHERE case_id = ?1",
                "DELETE FROM former_name WHERE case_id = ?1",
                "DELETE FROM remote_step WHERE case_id = ?1",
                "DELETE FROM remote_case WHERE case_id = ?1",
                "DELETE FROM block WHERE case_id = ?1",
                "UPDATE annotation SET case_id = NULL WHERE case_id = ?1",
                "UPDATE suppression SET case_id = NULL WHERE case_id = ?1",
                "UPDATE destruction SET case_id = NULL WHERE case_id = ?1",
                "DELETE FROM case_file WHERE id = ?1",
            ] {
                self.prepare(sql)?.execute([id])?;
            }
        }
        Ok(ids.len() as u64)
    }

    /// An act goes with the leaves of its run, once the run has no other act.
    fn acts_over(&self, controller: i64, over: &dyn Fn(Moment) -> bool) -> Result<u64> {
        let sql =
            "SELECT id, finished_at FROM destruction d WHERE controller = ?1 AND finished_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM case_file f WHERE f.id = d.case_id AND f.ended_at IS NULL)";
        let ids = self.over(sql, controller, over)?;
        let mut delete = self.prepare("DELETE FROM destruction WHERE id = ?1 RETURNING run")?;
        for id in &ids {
            self.prepare("DELETE FROM night_done WHERE destruction = ?1")?.execute([id])?;
            let run: Option<[u8; 16]> = delete.query_row([id], |row| row.get(0))?;
            let Some(run) = run else { continue };
            for sql in [
                "DELETE FROM leaf_page WHERE run = (SELECT id FROM run WHERE uid = ?1)
                    AND NOT EXISTS (SELECT 1 FROM destruction WHERE run = ?1)",
                "DELETE FROM run WHERE uid = ?1 AND finished_at IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM destruction WHERE run = ?1)
                    AND NOT EXISTS (SELECT 1 FROM night_page p WHERE p.run = run.id)",
            ] {
                self.prepare(sql)?.execute([run])?;
            }
        }
        Ok(ids.len() as u64)
    }

    fn suppressions_over(&self, controller: i64, over: &dyn Fn(Moment) -> bool) -> Result<u64> {
        let sql = "SELECT id, max(since, ifnull(lifted_at, 0)), head FROM suppression
            WHERE controller = ?1 AND subject IS NULL";
        let mut ids = Vec::new();
        self.stream(sql, &[Box::new(controller)], |row| {
            if over(at::moment(row, 1)?) {
                ids.push((row.get::<_, i64>(0)?, row.get::<_, bool>(2)?));
            }
            Ok(())
        })?;
        let mut delete = self.prepare("DELETE FROM suppression WHERE id = ?1")?;
        ids.iter().try_for_each(|(id, _)| delete.execute([id]).map(drop))?;
        Ok(ids.iter().filter(|(_, head)| *head).count() as u64)
    }

    fn ledger_over(
        &self,
        controller: i64,
        (table, last, words): (&str, &str, &str),
        over: &dyn Fn(Moment) -> bool,
        needles: &mut Needles,
    ) -> Result<u64> {
        let sql = format!("SELECT t.id, {last} FROM {table} t WHERE t.controller = ?1 AND {GONE}");
        let ids = self.over(&sql, controller, over)?;
        for id in &ids {
            self.remember(&format!("SELECT {words} FROM {table} WHERE id = ?1"), *id, needles)?;
            self.prepare(&format!("DELETE FROM {table} WHERE id = ?1"))?.execute([id])?;
        }
        Ok(ids.len() as u64)
    }

    /// Rows of people that nothing points at: a random number of nobody. The newest row stays, whosever it is, or
    /// the next import would give its number to somebody else, of whom backups and ledger know nothing.
    fn empty_people(&self, controller: i64) -> Result<u64> {
        // Marks of rows elsewhere that nobody here can be tied to any more.
        self.prepare(
            "DELETE FROM remote_archive WHERE subject IN (SELECT id FROM subject s WHERE controller = ?1 AND ref IS NULL
               AND NOT EXISTS (SELECT 1 FROM identifier i WHERE i.subject = s.id))",
        )?
        .execute([controller])?;
        let none = [
            "record",
            "identifier",
            "consent",
            "obligation",
            "disclosure",
            "contact",
            "hold",
            "block",
            "annotation",
            "suppression",
            "remote_archive",
        ]
        .map(|table| format!("NOT EXISTS (SELECT 1 FROM {table} t WHERE t.subject = s.id)"))
        .join(" AND ");
        let sql = format!(
            "DELETE FROM subject AS s WHERE controller = ?1 AND ref IS NULL AND born IS NULL AND same_as IS NULL AND {none}
                AND NOT EXISTS (SELECT 1 FROM case_file f WHERE f.subject = s.uid)
                AND NOT EXISTS (SELECT 1 FROM subject m WHERE m.same_as = s.id)
                AND id < (SELECT max(id) FROM subject)"
        );
        Ok(self.prepare(&sql)?.execute([controller])? as u64)
    }

    /// Texts of rows that go.
    fn remember(&self, sql: &str, id: i64, needles: &mut Needles) -> Result<()> {
        let mut query = self.prepare(sql)?;
        let columns = query.column_count();
        let mut rows = query.query([id])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                needles.add(&at::text_or_empty(row, column)?);
            }
        }
        Ok(())
    }
}
