//! The digest of a row's content, by which a second import knows that nothing changed.

use sha2::{Digest, Sha256};

use super::row::{ConsentRow, Content, DisclosureRow, RecordRow, Row, SubjectRow};
use crate::domain::{Category, Moment, Purpose};

/// The first 8 bytes of SHA-256 over what a row says.
pub(super) fn digest(row: &Row) -> i64 {
    let mut seal = Seal(Sha256::new());
    seal.text(&row.subject.text);
    match &row.content {
        Content::Subject(one) => seal.subject(one),
        Content::Record(one) => seal.record(one),
        Content::Consent(one) => seal.consent(one),
        Content::Obligation(one) => {
            seal.text(&one.kind).at(Some(one.opened_at)).at(one.closed_at);
        }
        Content::Disclosure(one) => seal.disclosure(one),
        Content::Contact(one) => {
            seal.at(Some(one.at)).flag(one.inbound);
        }
    }
    let hash = seal.0.finalize();
    hash.iter().take(8).fold(0, |number: i64, byte| (number << 8) | i64::from(*byte))
}

/// Content as bytes to be hashed: every part length-prefixed, so that no two contents run together.
struct Seal(Sha256);

impl Seal {
    fn text(&mut self, text: &str) -> &mut Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    fn at(&mut self, at: Option<Moment>) -> &mut Self {
        self.0.update(at.map_or(i64::MIN, Moment::unix).to_le_bytes());
        self
    }

    fn flag(&mut self, flag: bool) -> &mut Self {
        self.0.update([u8::from(flag)]);
        self
    }

    fn list<'a>(&mut self, items: impl ExactSizeIterator<Item = &'a str>) -> &mut Self {
        self.0.update((items.len() as u64).to_le_bytes());
        items.for_each(|item| {
            self.text(item);
        });
        self
    }

    fn subject(&mut self, row: &SubjectRow) {
        self.text(row.born.as_deref().unwrap_or_default());
        for name in &row.names {
            self.0.update(name.code.to_le_bytes());
            self.text(&name.key).text(name.value.as_deref().unwrap_or_default());
        }
    }

    fn record(&mut self, row: &RecordRow) {
        self.text(row.category.as_str()).at(Some(row.collected_at));
        self.at(row.last_contact_at).at(row.document_at).at(row.purpose_reached_at).at(row.activity_at);
        self.text(&row.source).text(&row.given_by).list(row.purposes.iter().map(Purpose::as_str));
        for reference in [&row.obligation, &row.consent] {
            self.text(reference.as_ref().map_or("", |reference| reference.text.as_str()));
        }
        self.text(&row.data);
    }

    fn consent(&mut self, row: &ConsentRow) {
        self.text(row.scope).list(row.purposes.iter().map(Purpose::as_str)).at(Some(row.given_at));
        self.text(&row.given_by).at(row.expires_at).at(row.withdrawn_at);
        self.text(&row.method).text(&row.evidence).text(&row.policy_version);
        row.allows.iter().for_each(|allowed| {
            self.flag(*allowed);
        });
    }

    fn disclosure(&mut self, row: &DisclosureRow) {
        self.text(&row.recipient).text(&row.country);
        self.list(row.categories.iter().map(Category::as_str)).text(row.purpose.as_str());
        self.text(&row.basis).at(Some(row.at));
    }
}
