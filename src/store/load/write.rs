//! The statements that write rows.

use rusqlite::{Connection, Params, Statement};

use super::{
    Load, Seat,
    later::{self, Later},
    row::{Content, RecordRow, Reference, Row, RowKind, SubjectRow},
};
use crate::{
    domain::{Category, Moment, Purpose, Result},
    store::{SearchKey, key::addresses},
};

/// One statement for each table, prepared once.
pub(super) struct Writers<'t> {
    pub subject: Statement<'t>,
    identifier: Statement<'t>,
    record: Statement<'t>,
    consent: Statement<'t>,
    obligation: Statement<'t>,
    disclosure: Statement<'t>,
    contact: Statement<'t>,
    later: Statement<'t>,
    /// Whether there was no person at all before this load.
    pub nobody_before: bool,
}

impl<'t> Writers<'t> {
    pub fn prepare(conn: &'t Connection) -> Result<Self> {
        let nobody = "SELECT NOT EXISTS (SELECT 1 FROM subject)";
        Ok(Self {
            subject: conn.prepare(
                "INSERT INTO subject (uid, controller, ref, born, digest, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            identifier: conn.prepare(
                "INSERT INTO identifier (subject, controller, type, key, hint, value, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            record: conn.prepare(
                "INSERT INTO record (subject, controller, category, ref, digest, collected_at, last_contact_at,
                   document_at, purpose_reached_at, activity_at, source, given_by, purposes, obligation,
                   consent, data)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?,
            consent: conn.prepare(
                "INSERT INTO consent (subject, controller, ref, digest, scope, purposes, given_at, given_by,
                   expires_at, withdrawn_at, method, evidence, policy_version, third_party, cross_border,
                   publication)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?,
            obligation: conn.prepare(
                "INSERT INTO obligation (subject, controller, ref, digest, kind, opened_at, closed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            disclosure: conn.prepare(
                "INSERT INTO disclosure (subject, controller, ref, digest, recipient, country, categories,
                   purpose, basis, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            contact: conn.prepare(
                "INSERT INTO contact (subject, controller, ref, digest, at, inbound)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            later: conn.prepare(later::INSERT)?,
            nobody_before: conn.query_row(nobody, [], |row| row.get(0))?,
        })
    }
}

impl Load<'_> {
    /// Writes a row that is [`super::Standing::New`]. What it names and is not there yet is looked for
    /// at the end of the file.
    ///
    /// # Errors
    /// As any write.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        if let Content::Subject(person) = &row.content {
            return self.add_person(row, person);
        }
        let seat = self.seat(&row.subject)?;
        let id = self.insert(row, seat.row)?;
        if seat.waiting {
            self.later(row, id, seat, RowKind::Subject, None, row.subject.column)?;
        }
        let Content::Record(record) = &row.content else { return Ok(()) };
        if self.fresh {
            self.lines.push(id, row.line);
        }
        for (kind, reference) in
            [(RowKind::Obligation, &record.obligation), (RowKind::Consent, &record.consent)]
        {
            let Some(reference) = reference else { continue };
            if self.owner(kind, reference)?.is_none() {
                self.later(row, id, seat, kind, Some(reference), reference.column)?;
            }
        }
        Ok(())
    }

    fn later(
        &mut self,
        row: &Row,
        id: i64,
        seat: Seat,
        target: RowKind,
        reference: Option<&Reference>,
        column: u32,
    ) -> Result<()> {
        self.any_later = true;
        let reference = reference.map(|reference| reference.text.as_str());
        let later =
            Later { target, person: seat.row, reference, kind: row.kind(), row: id, line: row.line, column };
        later.write(&mut self.writers.later)?;
        Ok(())
    }

    fn add_person(&mut self, row: &Row, person: &SubjectRow) -> Result<()> {
        let born = person.born.as_deref();
        let id = match self.people.get(&row.reference.text).filter(|seat| seat.waiting) {
            Some(seat) => {
                let mut fill = self.tx.prepare("UPDATE subject SET born = ?2, digest = ?3 WHERE id = ?1")?;
                fill.execute((seat.row, born, row.digest))?;
                seat.row
            }
            None => self.new_person(&row.reference.text, born, Some(row.digest))?,
        };
        self.people.put(&row.reference.text, Seat { row: id, waiting: false });
        self.name(id, None, &person.names)
    }

    fn name(&mut self, subject: i64, record: Option<i64>, names: &[SearchKey]) -> Result<()> {
        for name in names {
            let values = (subject, self.controller, name.code, &name.key, &name.hint, &name.value, record);
            self.writers.identifier.execute(values)?;
        }
        Ok(())
    }

    fn insert(&mut self, row: &Row, subject: i64) -> Result<i64> {
        let (controller, reference, digest) = (self.controller, &row.reference.text, row.digest);
        let writers = &mut self.writers;
        Ok(match &row.content {
            Content::Record(record) => return self.insert_record(row, record, subject),
            Content::Consent(one) => {
                let [third_party, cross_border, publication] = one.allows;
                insert(
                    &mut writers.consent,
                    (
                        subject,
                        controller,
                        reference,
                        digest,
                        one.scope,
                        words(one.purposes.iter().map(Purpose::as_str)),
                        one.given_at.unix(),
                        &one.given_by,
                        unix(one.expires_at),
                        unix(one.withdrawn_at),
                        &one.method,
                        &one.evidence,
                        &one.policy_version,
                        third_party,
                        cross_border,
                        publication,
                    ),
                )?
            }
            Content::Obligation(one) => insert(
                &mut writers.obligation,
                (
                    subject,
                    controller,
                    reference,
                    digest,
                    &one.kind,
                    one.opened_at.unix(),
                    unix(one.closed_at),
                ),
            )?,
            Content::Disclosure(one) => insert(
                &mut writers.disclosure,
                (
                    subject,
                    controller,
                    reference,
                    digest,
                    &one.recipient,
                    &one.country,
                    words(one.categories.iter().map(Category::as_str)),
                    one.purpose.as_str(),
                    &one.basis,
                    one.at.unix(),
                ),
            )?,
            Content::Contact(one) => insert(
                &mut writers.contact,
                (subject, controller, reference, digest, one.at.unix(), one.inbound),
            )?,
            Content::Subject(_) => 0,
        })
    }

    fn insert_record(&mut self, row: &Row, one: &RecordRow, subject: i64) -> Result<i64> {
        let category = self.category(&one.category)?;
        let id = insert(
            &mut self.writers.record,
            (
                subject,
                self.controller,
                category,
                &row.reference.text,
                row.digest,
                one.collected_at.unix(),
                unix(one.last_contact_at),
                unix(one.document_at),
                unix(one.purpose_reached_at),
                unix(one.activity_at),
                &one.source,
                &one.given_by,
                words(one.purposes.iter().map(Purpose::as_str)),
                text(&one.obligation),
                text(&one.consent),
                &one.data,
            ),
        )?;
        self.name(subject, Some(id), &one.names)?;
        Ok(id)
    }

    fn category(&mut self, category: &Category) -> Result<i64> {
        if let Some(known) = self.categories.get(category) {
            return Ok(*known);
        }
        let key = self.tx.category_or_new(category.as_str())?;
        self.categories.insert(category.clone(), key);
        Ok(key)
    }

    /// Writes the new content of a row that is [`super::Standing::Changed`].
    ///
    /// # Errors
    /// As any write.
    pub fn change(&mut self, id: i64, row: &Row) -> Result<()> {
        let digest = row.digest;
        match &row.content {
            Content::Subject(person) => {
                self.update("UPDATE subject SET digest = ?2, born = ?3 WHERE id = ?1", (id, digest, &person.born))?;
                self.update("DELETE FROM identifier WHERE subject = ?1 AND record IS NULL", [id])?;
                self.name(id, None, &person.names)
            }
            Content::Record(one) => self.change_record(id, digest, one),
            Content::Consent(one) => {
                let [third_party, cross_border, publication] = one.allows;
                self.update(
                    "UPDATE consent SET digest = ?2, scope = ?3, purposes = ?4, given_at = ?5, given_by = ?6,
                       expires_at = ?7, withdrawn_at = ?8, method = ?9, evidence = ?10, policy_version = ?11,
                       third_party = ?12, cross_border = ?13, publication = ?14 WHERE id = ?1",
                    (
                        id, digest, one.scope, words(one.purposes.iter().map(Purpose::as_str)), one.given_at.unix(),
                        &one.given_by, unix(one.expires_at), unix(one.withdrawn_at), &one.method, &one.evidence,
                        &one.policy_version, third_party, cross_border, publication,
                    ),
                )
            }
            Content::Obligation(one) => self.update(
                "UPDATE obligation SET digest = ?2, kind = ?3, opened_at = ?4, closed_at = ?5 WHERE id = ?1",
                (id, digest, &one.kind, one.opened_at.unix(), unix(one.closed_at)),
            ),
            Content::Disclosure(one) => self.update(
                "UPDATE disclosure SET digest = ?2, recipient = ?3, country = ?4, categories = ?5, purpose = ?6,
                   basis = ?7, at = ?8 WHERE id = ?1",
                (
                    id, digest, &one.recipient, &one.country, words(one.categories.iter().map(Category::as_str)),
                    one.purpose.as_str(), &one.basis, one.at.unix(),
                ),
            ),
            Content::Contact(one) => self.update(
                "UPDATE contact SET digest = ?2, at = ?3, inbound = ?4 WHERE id = ?1",
                (id, digest, one.at.unix(), one.inbound),
            ),
        }
    }

    fn change_record(&mut self, id: i64, digest: i64, one: &RecordRow) -> Result<()> {
        let category = self.category(&one.category)?;
        self.update(
            "UPDATE record SET version = version + 1, digest = ?2, category = ?3, collected_at = ?4,
               last_contact_at = ?5, document_at = ?6, purpose_reached_at = ?7, activity_at = ?8, source = ?9,
               given_by = ?10, purposes = ?11, obligation = ?12, consent = ?13, data = ?14 WHERE id = ?1",
            (
                id,
                digest,
                category,
                one.collected_at.unix(),
                unix(one.last_contact_at),
                unix(one.document_at),
                unix(one.purpose_reached_at),
                unix(one.activity_at),
                &one.source,
                &one.given_by,
                words(one.purposes.iter().map(Purpose::as_str)),
                text(&one.obligation),
                text(&one.consent),
                &one.data,
            ),
        )?;
        self.mark_contact(id, one, self.now)?;
        self.update("DELETE FROM identifier WHERE record = ?1", [id])?;
        let mut owner = self.tx.prepare("SELECT subject FROM record WHERE id = ?1")?;
        let subject = owner.query_row([id], |row| row.get(0))?;
        self.name(subject, Some(id), &one.names)
    }

    /// A phone or e-mail that came with new content is new from now on: see `decide::recognised`.
    fn mark_contact(&self, id: i64, one: &RecordRow, now: Moment) -> Result<()> {
        let mut query = self.tx.prepare("SELECT type, key FROM identifier WHERE record = ?1")?;
        let read = query.query_map([id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let before: Vec<(i64, String)> = read.collect::<rusqlite::Result<_>>()?;
        let before = addresses(before.iter().map(|(code, key)| (*code, key.as_str())));
        if before == addresses(one.names.iter().map(|name| (name.code, name.key.as_str()))) {
            return Ok(());
        }
        self.update("UPDATE record SET contact_since = ?2 WHERE id = ?1", (id, now.unix()))
    }

    fn update(&self, sql: &str, values: impl Params) -> Result<()> {
        self.tx.prepare(sql)?.execute(values)?;
        Ok(())
    }
}

fn insert(statement: &mut Statement<'_>, values: impl Params) -> Result<i64> {
    Ok(statement.insert(values)?)
}

fn unix(at: Option<Moment>) -> Option<i64> {
    at.map(Moment::unix)
}

fn text(reference: &Option<Reference>) -> Option<&str> {
    reference.as_ref().map(|reference| reference.text.as_str())
}

/// A list of words as one text.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.fold(String::new(), |mut all, word| {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(word);
        all
    })
}
