//! What an import hands to the store: checked, in the store's own forms, ready to be bound.
//!
//! No `Debug` here: a row is personal data.

use sha2::{Digest, Sha256};

use crate::{
    domain::{Category, Identifier, Moment, Purpose, channel::words},
    store::SearchKey,
};

words! {
    /// What a line of an import is about.
    RowKind, "kind" {
        /// A person.
        Subject = "subject",
        /// Personal data.
        Record = "record",
        /// A consent.
        Consent = "consent",
        /// A deal.
        Obligation = "obligation",
        /// A transfer to a recipient.
        Disclosure = "disclosure",
        /// A contact.
        Contact = "contact",
    }
}

/// A person.
pub struct SubjectRow {
    /// Birth date by statement, as an ISO day.
    pub born: Option<String>,
    /// What the line states.
    pub identifiers: Vec<Identifier>,
    /// The same as search keys.
    pub names: Vec<SearchKey>,
}

/// A record.
pub struct RecordRow {
    /// The category.
    pub category: Category,
    /// When it was collected.
    pub collected_at: Moment,
    /// Last contact by the person.
    pub last_contact_at: Option<Moment>,
    /// Date of its document.
    pub document_at: Option<Moment>,
    /// When its purpose was reached.
    pub purpose_reached_at: Option<Moment>,
    /// A visit or an order.
    pub activity_at: Option<Moment>,
    /// How it came.
    pub source: String,
    /// Who gave it.
    pub given_by: String,
    /// What it is used for.
    pub purposes: Vec<Purpose>,
    /// The obligation it serves, by ref.
    pub obligation: Option<Reference>,
    /// The consent it rests on, by ref.
    pub consent: Option<Reference>,
    /// The payload: a JSON object, fields in the order of their names.
    pub data: String,
    /// The identifiers in the payload.
    pub identifiers: Vec<Identifier>,
    /// Those and the name as search keys.
    pub names: Vec<SearchKey>,
}

/// A consent.
pub struct ConsentRow {
    /// The word of its scope.
    pub scope: &'static str,
    /// For which purposes.
    pub purposes: Vec<Purpose>,
    /// When it was given.
    pub given_at: Moment,
    /// By whom.
    pub given_by: String,
    /// Its own end.
    pub expires_at: Option<Moment>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Moment>,
    /// How it was given.
    pub method: String,
    /// Where the proof lies.
    pub evidence: String,
    /// Version of the policy that was shown.
    pub policy_version: String,
    /// Transfer to third parties, transfer abroad, publication.
    pub allows: [bool; 3],
}

/// A deal.
pub struct ObligationRow {
    /// Its type.
    pub kind: String,
    /// When it began.
    pub opened_at: Moment,
    /// When it was fulfilled.
    pub closed_at: Option<Moment>,
}

/// A transfer.
pub struct DisclosureRow {
    /// Who received it.
    pub recipient: String,
    /// Country code.
    pub country: String,
    /// What was handed over.
    pub categories: Vec<Category>,
    /// What for.
    pub purpose: Purpose,
    /// On which basis.
    pub basis: String,
    /// When.
    pub at: Moment,
}

/// A contact.
pub struct ContactRow {
    /// When.
    pub at: Moment,
    /// Whether the person contacted the company.
    pub inbound: bool,
}

/// What a row says.
pub enum Content {
    /// A person.
    Subject(SubjectRow),
    /// A record.
    Record(Box<RecordRow>),
    /// A consent.
    Consent(ConsentRow),
    /// A deal.
    Obligation(ObligationRow),
    /// A transfer.
    Disclosure(DisclosureRow),
    /// A contact.
    Contact(ContactRow),
}

/// The name of another row, and where in the line it stands.
#[derive(Clone)]
pub struct Reference {
    /// The ref.
    pub text: String,
    /// Column in the file, from 1; 0 = unknown.
    pub column: u32,
}

/// One checked line.
pub struct Row {
    /// Its line in the file.
    pub line: u64,
    /// Its own ref.
    pub reference: Reference,
    /// The person it is about; for a subject line its own ref again.
    pub subject: Reference,
    /// What it says.
    pub content: Content,
    /// [`Row::seal`] of the content.
    pub digest: i64,
}

impl Row {
    /// The kind.
    pub fn kind(&self) -> RowKind {
        match self.content {
            Content::Subject(_) => RowKind::Subject,
            Content::Record(_) => RowKind::Record,
            Content::Consent(_) => RowKind::Consent,
            Content::Obligation(_) => RowKind::Obligation,
            Content::Disclosure(_) => RowKind::Disclosure,
            Content::Contact(_) => RowKind::Contact,
        }
    }

    /// Sets the digest from the content: two imports of one line agree, any change of it shows.
    #[must_use]
    pub fn seal(mut self) -> Self {
        self.digest = self.content_digest();
        self
    }

    fn content_digest(&self) -> i64 {
        let mut seal = Seal(Sha256::new());
        seal.text(&self.subject.text);
        match &self.content {
            Content::Subject(row) => seal.subject(row),
            Content::Record(row) => seal.record(row),
            Content::Consent(row) => seal.consent(row),
            Content::Obligation(row) => {
                seal.text(&row.kind).at(Some(row.opened_at)).at(row.closed_at);
            }
            Content::Disclosure(row) => seal.disclosure(row),
            Content::Contact(row) => {
                seal.at(Some(row.at)).flag(row.inbound);
            }
        }
        let hash = seal.0.finalize();
        hash.iter().take(8).fold(0, |number: i64, byte| (number << 8) | i64::from(*byte))
    }
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
