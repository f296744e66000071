//! What an import may not bring back: destroyed people, stopped purposes, corrected fields.
//!
//! Each is a function of its own, asked for every line; the answers come from what the store remembers.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::{
    domain::{Identifier, Moment, Purpose, Result},
    store::load::{
        Load,
        row::{Content, Row},
    },
};

use super::{check::Checker, complaint::Complaint};

/// Who may come back, and with what.
pub trait Guard {
    /// Whether this person was destroyed, and the data was not collected after that. `reference` is
    /// the source system's name of the person.
    fn erased(&self, reference: &str, identifiers: &[Identifier], collected: Option<Moment>) -> bool;

    /// The purposes that this person has stopped, also before they were destroyed.
    fn suppressed(&self, reference: &str, identifiers: &[Identifier]) -> Vec<Purpose>;
}

/// What the store says of people it still holds. Destroyed people are known only under the key file.
pub struct Held {
    suppressed: HashMap<String, Vec<Purpose>>,
}

impl Held {
    /// Reads what stands against the people of this controller.
    ///
    /// # Errors
    /// As any read.
    pub fn read(load: &Load<'_>) -> Result<Self> {
        Ok(Self { suppressed: load.suppressions()? })
    }
}

impl Guard for Held {
    fn erased(&self, _: &str, _: &[Identifier], _: Option<Moment>) -> bool {
        false
    }

    fn suppressed(&self, reference: &str, _: &[Identifier]) -> Vec<Purpose> {
        if self.suppressed.is_empty() {
            return Vec::new();
        }
        self.suppressed.get(reference).cloned().unwrap_or_default()
    }
}

/// Whether a line is left out because its person was destroyed.
pub fn is_erased(guard: &dyn Guard, row: &Row) -> bool {
    let reference = &row.subject.text;
    match &row.content {
        Content::Subject(person) => guard.erased(reference, &person.identifiers, None),
        Content::Record(record) => guard.erased(reference, &record.identifiers, Some(record.collected_at)),
        Content::Consent(consent) => guard.erased(reference, &[], Some(consent.given_at)),
        Content::Obligation(deal) => guard.erased(reference, &[], Some(deal.opened_at)),
        Content::Disclosure(transfer) => guard.erased(reference, &[], Some(transfer.at)),
        Content::Contact(contact) => guard.erased(reference, &[], Some(contact.at)),
    }
}

/// Takes stopped purposes out of a record, and says which.
pub fn without_suppressed(guard: &dyn Guard, row: &mut Row) -> Option<Complaint> {
    let Content::Record(record) = &mut row.content else { return None };
    let stopped = guard.suppressed(&row.subject.text, &record.identifiers);
    if stopped.is_empty() {
        return None;
    }
    let out: Vec<Purpose>;
    (out, record.purposes) = std::mem::take(&mut record.purposes)
        .into_iter()
        .partition(|purpose| stopped.iter().any(|stop| purpose.is_under(stop)));
    if out.is_empty() {
        return None;
    }
    let out = out.iter().map(|purpose| format!("`{purpose}`")).collect::<Vec<_>>().join(", ");
    row.seal();
    let note = Complaint::line(row.line, format!("the person has stopped {out}; imported without"));
    Some(note.field("purposes"))
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
            let stop = |word: &str| Held { suppressed: [("C-1".to_owned(), vec![word.into()])].into() };
            let note = without_suppressed(&stop("analytics"), &mut row);
            assert!(note.is_none() && row.digest == before);
            let note = without_suppressed(&stop("promotion"), &mut row);
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
            fn erased(&self, reference: &str, _: &[Identifier], collected: Option<Moment>) -> bool {
                reference == "C-1" && collected.is_none_or(|at| at < self.0)
            }
            fn suppressed(&self, _: &str, _: &[Identifier]) -> Vec<Purpose> {
                Vec::new()
            }
        }
        checked(RECORD, |_, row| {
            assert!(is_erased(&Since(Moment::parse("2024-02-01").unwrap()), &row));
            assert!(!is_erased(&Since(Moment::parse("2023-12-01").unwrap()), &row), "a returning customer");
        });
    }
}
