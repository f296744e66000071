//! What an import hands to the store: checked, in the store's own forms, ready to be bound.
//!
//! No `Debug` here: a row is personal data.

use super::seal;
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
    pub fn seal(&mut self) {
        self.digest = seal::digest(self);
    }

    /// Takes the row out of a list that is still in use; what stays behind says nothing.
    pub fn take(&mut self) -> Self {
        let nothing = || Reference { text: String::new(), column: 0 };
        let content = Content::Contact(ContactRow { at: Moment::from_unix(0), inbound: false });
        let (reference, subject) = (nothing(), nothing());
        std::mem::replace(self, Self { line: self.line, reference, subject, content, digest: 0 })
    }
}
