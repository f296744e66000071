//! A person of whom nothing is left becomes an empty row: a random id that the proof of consent, the register of
//! transfers and the register of requests still point at, and that points at nobody.

use std::collections::BTreeSet;

use super::{Person, destroy::collect, wait::REOPENED};
use crate::{
    decide::names,
    domain::{CaseNumber, Category, IdentifierType, Moment, Result, SubjectId},
    policy::Rulebook,
    store::{KeyFile, Tx, column as at, destroy::Needles, key, ledger::Gone},
};

/// By what somebody leaves. Another case may be about rows elsewhere that are theirs by their numbers alone.
#[derive(Clone, Copy)]
pub enum Leave<'c> {
    /// The night: nobody has asked for it, so whoever waits for an answer is found as they were.
    Night,
    /// A right: another case is told that what it asks for goes, unless it has begun to end something itself and waits, or
    /// waited, to end the rest.
    Right {
        /// The case in which it is exercised.
        case: &'c CaseNumber,
        /// Whether something of it waits.
        waits: bool,
        /// Whether anything of theirs stays, here or elsewhere: else nobody needs to be found any more.
        stays: bool,
    },
}

impl Tx<'_> {
    /// Empties a person, if no record is left and nothing protects them (see [`Leave`]): first the tombstones of every name they had when [`Person`] was read, then reference, birth date, identifiers, contacts and
    /// closed obligations go. Consents (art. 25(2)(5)), disclosures (art. 22) and cases stay. `false`:
    /// something is left, and nothing was done.
    ///
    /// # Errors
    /// As any write.
    pub fn empty_subject(
        &self,
        (person, leave): (&Person, Leave<'_>),
        key: &KeyFile,
        at: Moment,
        seq: Option<u64>,
        needles: &mut Needles,
    ) -> Result<bool> {
        for subject in &person.rows {
            if self.is_needed(*subject, leave)? {
                return Ok(false);
            }
        }
        for (code, mark) in person.marks(key) {
            self.bury(person.controller, code, &mark, at, seq)?;
        }
        for subject in &person.rows {
            self.gone(Gone::Person(self.uid_of(*subject)?));
            self.empty_row(*subject, at, needles)?;
        }
        Ok(true)
    }

    /// Whether a destruction of a person's rows elsewhere waits: until it is told they are sought there by their names.
    ///
    /// # Errors
    /// As any read.
    pub fn waits_elsewhere(&self, person: &Person) -> Result<bool> {
        for subject in &person.rows {
            if self.is_awaited(*subject)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn uid_of(&self, subject: i64) -> Result<SubjectId> {
        let mut query = self.prepare("SELECT uid FROM subject WHERE id = ?1")?;
        Ok(SubjectId::from_bytes(query.query_row([subject], |row| row.get(0))?))
    }

    /// Names die with the last record of their category, but for the numbers that name one person while something
    /// protects them; the night looks again once that is over. Gives how many went.
    ///
    /// # Errors
    /// As any write.
    pub fn let_names_die(
        &self,
        (person, leave): (&Person, Leave<'_>),
        rulebook: &Rulebook,
        left: &BTreeSet<Category>,
        needles: &mut Needles,
    ) -> Result<u64> {
        let protected = self.is_protected(person, leave)?;
        let dying = names::dying(rulebook, left, protected);
        let went = self.destroy_identifiers(person, &dying, left.is_empty(), needles)?;
        let mut mark = self.prepare(if protected {
            "INSERT OR IGNORE INTO spent (subject) VALUES (?1)"
        } else {
            "DELETE FROM spent WHERE subject = ?1"
        })?;
        for subject in &person.rows {
            mark.execute([subject])?;
        }
        Ok(went)
    }

    fn is_protected(&self, person: &Person, leave: Leave<'_>) -> Result<bool> {
        for subject in &person.rows {
            if self.protects(*subject, leave)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_needed(&self, subject: i64, leave: Leave<'_>) -> Result<bool> {
        let held = self.prepare("SELECT 1 FROM record WHERE subject = ?1")?.exists([subject])?;
        Ok(held || self.protects(subject, leave)?)
    }

    /// Whether a deal is open, a hold or a block in force, a destruction elsewhere awaited, or a case needs them still.
    fn protects(&self, subject: i64, leave: Leave<'_>) -> Result<bool> {
        let mut query = self.prepare(
            "SELECT EXISTS (SELECT 1 FROM obligation WHERE subject = ?1 AND closed_at IS NULL)
                 OR EXISTS (SELECT 1 FROM hold WHERE subject = ?1 AND released_at IS NULL)
                 OR EXISTS (SELECT 1 FROM block WHERE subject = ?1 AND lifted_at IS NULL)",
        )?;
        Ok(query.query_row([subject], |row| row.get(0))?
            || self.is_awaited(subject)?
            || self.is_asked_about(subject, leave)?)
    }

    /// Whether a case needs them: in the night each that is open, for a right those alone of which something waits.
    fn is_asked_about(&self, subject: i64, leave: Leave<'_>) -> Result<bool> {
        const OPEN: &str = "SELECT 1 FROM case_file f
            WHERE subject = (SELECT uid FROM subject WHERE id = ?1) AND ended_at IS NULL";
        match leave {
            Leave::Night => Ok(self.prepare(OPEN)?.exists([subject])?),
            Leave::Right { waits: true, .. } => Ok(true),
            Leave::Right { stays: false, .. } => Ok(false),
            Leave::Right { case, .. } => {
                let owes = format!("{OPEN} AND number <> ?2 AND (state = 'waiting' OR {REOPENED})");
                Ok(self.prepare(&owes)?.exists((subject, case.as_str()))?)
            }
        }
    }

    /// From here on `created_at` is the birth of an empty row: the terms of the proof that points at it count
    /// from the day on which the person was gone.
    fn empty_row(&self, subject: i64, now: Moment, needles: &mut Needles) -> Result<()> {
        let mut query = self.prepare("SELECT ref, born FROM subject WHERE id = ?1")?;
        let mut rows = query.query([subject])?;
        while let Some(row) = rows.next()? {
            needles.add(&at::text_or_empty(row, 0)?);
            needles.add(&at::text_or_empty(row, 1)?);
        }
        let mut delete =
            self.prepare("DELETE FROM identifier WHERE subject = ?1 RETURNING key, hint, value")?;
        let mut rows = delete.query([subject])?;
        while let Some(row) = rows.next()? {
            collect(row, needles)?;
        }
        for sql in [
            "DELETE FROM contact WHERE subject = ?1 RETURNING ref",
            "DELETE FROM obligation WHERE subject = ?1 RETURNING ref",
        ] {
            let mut delete = self.prepare(sql)?;
            let mut rows = delete.query([subject])?;
            while let Some(row) = rows.next()? {
                needles.add(&at::text_or_empty(row, 0)?);
            }
        }
        self.prepare("DELETE FROM spent WHERE subject = ?1")?.execute([subject])?;
        // The mark alone meets them again: with the random id it would link them to the audit log.
        self.prepare("UPDATE suppression SET subject = NULL WHERE subject = ?1")?.execute([subject])?;
        self.prepare(
            "UPDATE subject SET ref = NULL, born = NULL, digest = NULL, created_at = ?2 WHERE id = ?1",
        )?
        .execute((subject, now.unix()))?;
        Ok(())
    }

    /// Empties the people who were left as they are because a deal was open, or a hold or a block was in force,
    /// when their last record went, and of whom nothing is left to wait for. Of those who have other records the names go
    /// that only waited for that. Gives how many people were emptied, and of how many names went.
    ///
    /// # Errors
    /// As any write.
    pub fn empty_left_over(
        &self,
        (controller, rulebook): (&str, &Rulebook),
        key: &KeyFile,
        at: Moment,
        needles: &mut Needles,
    ) -> Result<(u64, u64)> {
        let (mut emptied, mut renamed) = (0, 0);
        // Of whom nothing is left there is no name to wait for, whoever marked them.
        self.prepare(
            "DELETE FROM spent WHERE subject IN (SELECT id FROM subject s WHERE ref IS NULL
                AND NOT EXISTS (SELECT 1 FROM identifier i WHERE i.subject = s.id)
                AND NOT EXISTS (SELECT 1 FROM record r WHERE r.subject = s.id))",
        )?
        .execute([])?;
        for id in self.spent(controller)? {
            let person = self.person(controller, id)?;
            if self.is_protected(&person, Leave::Night)? {
                continue;
            }
            self.bind_key(key)?;
            let left = self.categories_of(&person)?;
            if left.is_empty() {
                emptied += u64::from(self.empty_subject((&person, Leave::Night), key, at, None, needles)?);
            } else if self.states(&person, &names::dying(rulebook, &left, false))? {
                renamed +=
                    u64::from(self.let_names_die((&person, Leave::Night), rulebook, &left, needles)? > 0);
            } else {
                self.unmark(&person)?;
            }
        }
        for id in self.left_over(controller)? {
            self.bind_key(key)?;
            let person = self.person(controller, id)?;
            emptied += u64::from(self.empty_subject((&person, Leave::Night), key, at, None, needles)?);
        }
        Ok((emptied, renamed))
    }

    fn unmark(&self, person: &Person) -> Result<()> {
        let mut delete = self.prepare("DELETE FROM spent WHERE subject = ?1")?;
        person.rows.iter().try_for_each(|subject| delete.execute([subject]).map(drop).map_err(Into::into))
    }

    /// Whether the subject's own line states an identifier of one of these types.
    fn states(&self, person: &Person, kinds: &[IdentifierType]) -> Result<bool> {
        let sql = "SELECT 1 FROM identifier WHERE subject = ?1 AND type = ?2 AND record IS NULL";
        let mut query = self.prepare(sql)?;
        for subject in &person.rows {
            for kind in kinds {
                if query.exists((subject, key::code(*kind)))? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whose names may have outlived their records.
    fn spent(&self, controller: &str) -> Result<Vec<SubjectId>> {
        let sql = "SELECT DISTINCT p.uid FROM spent CROSS JOIN subject s ON s.id = spent.subject
              CROSS JOIN subject p ON p.id = ifnull(s.same_as, s.id)
              WHERE s.controller = (SELECT id FROM controller WHERE code = ?1) ORDER BY p.id";
        let mut people = Vec::new();
        self.stream(sql, &[Box::new(controller)], |row| {
            people.push(SubjectId::from_bytes(row.get(0)?));
            Ok(())
        })?;
        Ok(people)
    }

    fn categories_of(&self, person: &Person) -> Result<BTreeSet<Category>> {
        let mut left = BTreeSet::new();
        let sql =
            "SELECT DISTINCT c.word FROM record r JOIN category c ON c.id = r.category WHERE r.subject = ?1";
        for subject in &person.rows {
            self.stream(sql, &[Box::new(*subject)], |row| {
                left.insert(Category::new(at::text(row, 0)?));
                Ok(())
            })?;
        }
        Ok(left)
    }

    /// Who still has a reference and neither records nor names, and had a deal, a hold or a block that is over.
    fn left_over(&self, controller: &str) -> Result<Vec<SubjectId>> {
        let sql = "SELECT DISTINCT p.uid FROM (
                SELECT subject FROM obligation WHERE closed_at IS NOT NULL
                UNION SELECT subject FROM hold WHERE released_at IS NOT NULL
                UNION SELECT subject FROM block WHERE lifted_at IS NOT NULL) o
              CROSS JOIN subject s ON s.id = o.subject CROSS JOIN subject p ON p.id = ifnull(s.same_as, s.id)
              WHERE s.ref IS NOT NULL AND s.controller = (SELECT id FROM controller WHERE code = ?1)
                AND NOT EXISTS (SELECT 1 FROM record WHERE subject = s.id)
                AND NOT EXISTS (SELECT 1 FROM identifier WHERE subject = s.id)
              ORDER BY p.id";
        let mut people = Vec::new();
        self.stream(sql, &[Box::new(controller)], |row| {
            people.push(SubjectId::from_bytes(row.get(0)?));
            Ok(())
        })?;
        Ok(people)
    }
}
