//! What an import may not bring back: destroyed people, stopped purposes, corrected fields.
//!
//! Each is a function of its own, asked for every line; the answers come from what the store remembers.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::{
    domain::{Error, Identifier, Moment, Purpose, Result},
    store::{
        KeyFile, Tx,
        effect::ImportGuard,
        load::{
            Load,
            row::{Content, Row},
        },
    },
};

use super::{check::Checker, complaint::Complaint};

/// Who may come back, and with what.
pub trait Guard {
    /// Whether this person was destroyed, and the data was not collected after that. `reference` is
    /// the source system's name of the person.
    ///
    /// # Errors
    /// As any read.
    fn erased(&self, reference: &str, identifiers: &[Identifier], collected: Option<Moment>) -> Result<bool>;

    /// Whether this record was destroyed, and was not collected after that.
    ///
    /// # Errors
    /// As any read.
    fn record_erased(&self, reference: &str, collected: Moment) -> Result<bool>;

    /// The purposes that this person has stopped, also before they were destroyed.
    ///
    /// # Errors
    /// As any read.
    fn suppressed(&self, reference: &str, identifiers: &[Identifier]) -> Result<Vec<Purpose>>;
}

/// What the store says: of people it still holds by their reference, of destroyed ones by their marks,
/// which only the key file can make.
pub struct Remembered<'t> {
    held: HashMap<String, Vec<Purpose>>,
    marks: Option<ImportGuard<'t>>,
}

impl<'t> Remembered<'t> {
    /// Reads what stands against the people of this controller.
    ///
    /// # Errors
    /// Configuration (exit 6): somebody was destroyed, and without the key file nobody could tell who.
    pub fn read(load: &Load<'_>, tx: &'t Tx<'_>, controller: &str, key: Option<&'t KeyFile>) -> Result<Self> {
        let marks = key.map(|key| tx.import_guard(controller, key)).transpose()?;
        if marks.is_none() && tx.has_marks(controller)? {
            return Err(Error::config("the key file of the store is missing, and people were destroyed here")
                .hint("without it they would come back unseen: restore the key file; `dsr doctor` says where it belongs"));
        }
        Ok(Self { held: load.suppressions()?, marks })
    }
}

impl Guard for Remembered<'_> {
    fn erased(&self, reference: &str, identifiers: &[Identifier], collected: Option<Moment>) -> Result<bool> {
        self.marks.as_ref().map_or(Ok(false), |marks| marks.is_erased(reference, identifiers, collected))
    }

    fn record_erased(&self, reference: &str, collected: Moment) -> Result<bool> {
        let known = self.marks.as_ref().filter(|_| !reference.is_empty());
        known.map_or(Ok(false), |marks| marks.is_record_erased(reference, collected))
    }

    fn suppressed(&self, reference: &str, identifiers: &[Identifier]) -> Result<Vec<Purpose>> {
        let mut all = self.held.get(reference).cloned().unwrap_or_default();
        if let Some(marks) = &self.marks {
            all.extend(marks.suppressed(Some(reference), identifiers)?);
        }
        Ok(all)
    }
}

/// Whether a line is left out because its person was destroyed.
///
/// # Errors
/// As any read.
pub fn is_erased(guard: &dyn Guard, row: &Row) -> Result<bool> {
    let reference = &row.subject.text;
    match &row.content {
        Content::Subject(person) => guard.erased(reference, &person.identifiers, None),
        Content::Record(record) => Ok(guard.record_erased(&row.reference.text, record.collected_at)?
            || guard.erased(reference, &record.identifiers, Some(record.collected_at))?),
        Content::Consent(consent) => guard.erased(reference, &[], Some(consent.given_at)),
        Content::Obligation(deal) => guard.erased(reference, &[], Some(deal.opened_at)),
        Content::Disclosure(transfer) => guard.erased(reference, &[], Some(transfer.at)),
        Content::Contact(contact) => guard.erased(reference, &[], Some(contact.at)),
    }
}

/// Takes stopped purposes out of a record, and says which.
///
/// # Errors
/// As any read.
pub fn without_suppressed(guard: &dyn Guard, row: &mut Row) -> Result<Option<Complaint>> {
    let Content::Record(record) = &mut row.content else { return Ok(None) };
    let stopped = guard.suppressed(&row.subject.text, &record.identifiers)?;
    if stopped.is_empty() {
        return Ok(None);
    }
    let out: Vec<Purpose>;
    (out, record.purposes) = std::mem::take(&mut record.purposes)
        .into_iter()
        .partition(|purpose| stopped.iter().any(|stop| purpose.is_under(stop)));
    if out.is_empty() {
        return Ok(None);
    }
    let out = out.iter().map(|purpose| format!("`{purpose}`")).collect::<Vec<_>>().join(", ");
    row.seal();
    let note = Complaint::line(row.line, format!("the person has stopped {out}; imported without"));
    Ok(Some(note.field("purposes")))
}

/// Keeps the rectified fields of a record as they are in the store, and says which.
pub fn with_rectified(
    checker: &Checker<'_>,
    row: &mut Row,
    rectified: Option<(Vec<String>, String)>,
) -> Vec<Complaint> {
    let (Some((fields, stored)), Content::Record(record)) = (rectified, &mut row.content) else {
        return Vec::new();
    };
    let object = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
    let (stored, mut data) = (object(&stored), object(&record.data));
    let mut notes = Vec::new();
    for field in &fields {
        if data.get(field) == stored.get(field) {
            continue;
        }
        match stored.get(field) {
            Some(value) => data.insert(field.clone(), value.clone()),
            None => data.remove(field),
        };
        let note = Complaint::line(row.line, "rectified at the person's request; the store's value is kept");
        notes.push(note.field(format!("data.{field}")));
    }
    record.data = Value::Object(data).to_string();
    (record.identifiers, record.names) = checker.people_in(&record.category, &record.data);
    notes
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::{
        super::{check::Found, json, place::Locator, vocabulary::sample, when::Dates},
        *,
    };

    fn checked(line: &str, use_it: impl FnOnce(&Checker<'_>, Row)) {
        let vocabulary = sample::vocabulary();
        let now = Moment::from_unix(1_795_300_000);
        let checker = Checker { vocabulary: &vocabulary, dates: Dates::Iso, now };
        let raw = json::parse(3, line).unwrap();
        let row = checker.check(3, &raw, &Locator::Json(line), &mut Found::default()).unwrap();
        use_it(&checker, row);
    }

    const RECORD: &str = r#"{"kind":"record","ref":"R-1","subject":"C-1","category":"contact","source":"call","collected_at":"2024-01-01","purposes":["service","promotion.sms"],"data":{"phone":"87010000001","address":"old"}}"#;

    #[test]
    fn stopped_purposes_stay_out() {
        checked(RECORD, |_, mut row| {
            let before = row.digest;
            let stop =
                |word: &str| Remembered { held: [("C-1".to_owned(), vec![word.into()])].into(), marks: None };
            let note = without_suppressed(&stop("analytics"), &mut row).unwrap();
            assert!(note.is_none() && row.digest == before);
            let note = without_suppressed(&stop("promotion"), &mut row).unwrap();
            assert_eq!(
                note.unwrap().to_string(),
                "3: purposes: the person has stopped `promotion.sms`; imported without"
            );
            let Content::Record(record) = &row.content else { return assert_eq!(row.line, 0) };
            assert_eq!(record.purposes, ["service".into()]);
            assert_ne!(row.digest, before, "a lifted stop shows at the next import");
        });
    }

    #[test]
    fn rectified_fields_stay() {
        checked(RECORD, |checker, mut row| {
            let digest = row.digest;
            let stored = r#"{"address":"new","phone":"87010000002"}"#.to_owned();
            let fields = vec!["phone".to_owned(), "email".to_owned()];
            let notes = with_rectified(checker, &mut row, Some((fields, stored)));
            assert_eq!(notes.len(), 1);
            assert_eq!(notes[0].field, "data.phone");
            let Content::Record(record) = &row.content else { return assert_eq!(row.line, 0) };
            assert_eq!(record.data, r#"{"address":"old","phone":"87010000002"}"#);
            assert_eq!(record.names[0].key, "+77010000002", "found by the number that is right");
            assert_eq!(row.digest, digest, "the same file again changes nothing");
        });
    }

    #[test]
    fn the_destroyed_stay_out() {
        struct Since(Moment);
        impl Guard for Since {
            fn erased(&self, reference: &str, _: &[Identifier], collected: Option<Moment>) -> Result<bool> {
                Ok(reference == "C-1" && collected.is_none_or(|at| at < self.0))
            }
            fn record_erased(&self, reference: &str, collected: Moment) -> Result<bool> {
                Ok(reference == "R-9" && collected < self.0)
            }
            fn suppressed(&self, _: &str, _: &[Identifier]) -> Result<Vec<Purpose>> {
                Ok(Vec::new())
            }
        }
        checked(RECORD, |_, row| {
            assert!(is_erased(&Since(Moment::parse("2024-02-01").unwrap()), &row).unwrap());
            assert!(
                !is_erased(&Since(Moment::parse("2023-12-01").unwrap()), &row).unwrap(),
                "a returning customer"
            );
        });
    }
}
