//! Correcting a payload: the new value everywhere, the old one nowhere.
//!
//! The names read from the record are laid down anew, and what the subject's own line stated is corrected where
//! it said the same as the record did. What an import thinks of the record (`digest`) stays: the same
//! file again changes nothing.

use rusqlite::OptionalExtension;
use serde_json::{Map, Value};

use super::{Person, destroy::collect, stale};
use crate::{
    domain::{Identifier, Moment, RecordKey, Result},
    store::{SearchKey, Tx, destroy::Needles, fault::damaged, key::addresses},
};

/// What changes in one record. Personal data: no `Debug`.
pub struct Correction<'a> {
    /// The record, and the version that was seen.
    pub key: RecordKey,
    /// Field and new value; [`Value::Null`] takes the field out.
    pub fields: &'a [(String, Value)],
    /// Every name in the corrected payload, as an import would read it.
    pub names: &'a [SearchKey],
    /// The date of its document, where that changes.
    pub document_at: Option<Moment>,
    /// The date of its visit or order, where that changes.
    pub activity_at: Option<Moment>,
}

/// Type, canonical form.
type Name = (i64, String);

impl Tx<'_> {
    /// Corrects fields of a record, marks them rectified and raises its version. Replaced values are added to
    /// `needles`. Gives the key to name the record by from now on.
    ///
    /// # Errors
    /// Exit 5 if the record is missing, has another version or is another person's.
    pub fn rectify(
        &self,
        person: &Person,
        correction: &Correction<'_>,
        at: Moment,
        needles: &mut Needles,
    ) -> Result<RecordKey> {
        let RecordKey { id, version } = correction.key;
        let mut query = self.prepare("SELECT subject, data FROM record WHERE id = ?1 AND version = ?2")?;
        let found = query.query_row((id, version), |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
        let (subject, data) = found.optional()?.ok_or_else(stale)?;
        person.own(subject)?;
        let data = corrected(&data, correction.fields, needles)?;
        let mut update = self.prepare(
            "UPDATE record SET data = ?2, version = version + 1, document_at = ifnull(?3, document_at),
               activity_at = ifnull(?4, activity_at) WHERE id = ?1",
        )?;
        let (document, activity) =
            (correction.document_at.map(Moment::unix), correction.activity_at.map(Moment::unix));
        update.execute((id, data, document, activity))?;
        self.mark_rectified(id, correction.fields, at)?;
        let before = self.rename(id, subject, person, correction.names, needles)?;
        self.mark_contact(id, &before, correction.names, at)?;
        self.correct_stated(person, &before, correction.names, needles)?;
        Ok(RecordKey { id, version: version + 1 })
    }

    /// What the subject's own line states is corrected where it said the same as a row of another system did.
    ///
    /// # Errors
    /// As any write.
    pub fn restate(
        &self,
        person: &Person,
        old: &Identifier,
        new: &Identifier,
        needles: &mut Needles,
    ) -> Result<()> {
        let (old, new) = (SearchKey::of(old), SearchKey::of(new));
        person
            .rows
            .iter()
            .try_for_each(|row| self.replace_stated(*row, (old.code, &old.key), Some(&new), needles))
    }

    fn mark_rectified(&self, record: i64, fields: &[(String, Value)], at: Moment) -> Result<()> {
        let mut mark = self.prepare(
            "INSERT INTO rectified (record, field, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (record, field) DO UPDATE SET at = excluded.at",
        )?;
        for (field, _) in fields {
            mark.execute((record, field, at.unix()))?;
        }
        Ok(())
    }

    /// A phone or e-mail that changed is new from now on: see `decide::recognised`.
    fn mark_contact(&self, record: i64, before: &[Name], names: &[SearchKey], at: Moment) -> Result<()> {
        let before = addresses(before.iter().map(|(code, key)| (*code, key.as_str())));
        if before != addresses(names.iter().map(|name| (name.code, name.key.as_str()))) {
            let mut update = self.prepare("UPDATE record SET contact_since = ?2 WHERE id = ?1")?;
            update.execute((record, at.unix()))?;
        }
        Ok(())
    }

    /// The names read from the record, laid down anew; gives those it had before.
    fn rename(
        &self,
        record: i64,
        subject: i64,
        person: &Person,
        names: &[SearchKey],
        needles: &mut Needles,
    ) -> Result<Vec<Name>> {
        let mut delete =
            self.prepare("DELETE FROM identifier WHERE record = ?1 RETURNING key, hint, value, type")?;
        let mut rows = delete.query([record])?;
        let mut before = Vec::new();
        while let Some(row) = rows.next()? {
            let name = (row.get(3)?, row.get(0)?);
            if !names.iter().any(|new| (new.code, &new.key) == (name.0, &name.1)) {
                collect(row, needles)?;
            }
            before.push(name);
        }
        let mut insert = self.prepare(
            "INSERT INTO identifier (subject, controller, type, key, hint, value, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for name in names {
            insert.execute((
                subject,
                person.controller,
                name.code,
                &name.key,
                &name.hint,
                &name.value,
                record,
            ))?;
        }
        Ok(before)
    }

    /// What the subject's own line states as this record did before: it takes the new name of the type, or goes
    /// where there is none.
    fn correct_stated(
        &self,
        person: &Person,
        before: &[Name],
        names: &[SearchKey],
        needles: &mut Needles,
    ) -> Result<()> {
        let gone =
            before.iter().filter(|(code, text)| !names.iter().any(|n| (n.code, &n.key) == (*code, text)));
        for (code, text) in gone {
            let fresh = names.iter().find(|new| {
                new.code == *code && !before.iter().any(|(code, key)| (*code, key) == (new.code, &new.key))
            });
            for subject in &person.rows {
                self.replace_stated(*subject, (*code, text), fresh, needles)?;
            }
        }
        Ok(())
    }

    fn replace_stated(
        &self,
        subject: i64,
        (code, text): (i64, &str),
        fresh: Option<&SearchKey>,
        needles: &mut Needles,
    ) -> Result<()> {
        let mut delete = self.prepare(
            "DELETE FROM identifier WHERE subject = ?1 AND type = ?2 AND key = ?3 AND record IS NULL
             RETURNING key, hint, value, controller",
        )?;
        let mut rows = delete.query((subject, code, text))?;
        let mut controller: Option<i64> = None;
        while let Some(row) = rows.next()? {
            collect(row, needles)?;
            controller = row.get(3)?;
        }
        let (Some(controller), Some(fresh)) = (controller, fresh) else { return Ok(()) };
        let mut insert = self.prepare(
            "INSERT INTO identifier (subject, controller, type, key, hint, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute((subject, controller, code, &fresh.key, &fresh.hint, &fresh.value))?;
        Ok(())
    }
}

/// The payload with its new values; old ones are needles.
fn corrected(data: &str, fields: &[(String, Value)], needles: &mut Needles) -> Result<String> {
    let mut object: Map<String, Value> =
        serde_json::from_str(data).map_err(|_| damaged("a payload in the store cannot be read"))?;
    for (field, value) in fields {
        let old = match value {
            Value::Null => object.remove(field),
            value => object.insert(field.clone(), value.clone()),
        };
        if let Some(old) = old.filter(|old| old != value) {
            needles.add_json(&old.to_string());
        }
    }
    Ok(Value::Object(object).to_string())
}
