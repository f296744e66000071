//! What is known about one person at one controller: the input of every decision.

use chrono::NaiveDate;

use super::{
    CaseNumber, Category, Identifier, Moment, Purpose, Right, SubjectId, channel::words, plan::RecordKey,
};

/// Personal data of one subject in one category, collected at one time.
#[derive(Clone)]
pub struct Record {
    /// Where it lies and which version was read.
    pub key: RecordKey,
    /// The reference of the source system, e.g. `R-1`; empty where it has none.
    pub reference: String,
    /// The category.
    pub category: Category,
    /// The system it lies in; `own` is `dsr`'s store.
    pub system: String,
    /// How it came (`web_form`, `call`, …).
    pub source: String,
    /// Who gave it: `self`, `parent`, `representative`, `partner`, …
    pub given_by: String,
    /// What it is used for.
    pub purposes: Vec<Purpose>,
    /// When it was collected.
    pub collected_at: Moment,
    /// Last contact by the subject as the source system knows it.
    pub last_contact_at: Option<Moment>,
    /// Date of the document it belongs to.
    pub document_at: Option<Moment>,
    /// When its purpose was reached.
    pub purpose_reached_at: Option<Moment>,
    /// The obligation it serves, by reference.
    pub obligation: Option<String>,
    /// The consent it rests on, by reference.
    pub consent: Option<String>,
    /// Archived: kept for the law alone until this day.
    pub archived_until: Option<NaiveDate>,
    /// Dates that count as a visit or an order when the last contact is sought.
    pub activity_at: Option<Moment>,
    /// Since when the phone or e-mail in it stands, where it was changed after it was collected.
    pub contact_since: Option<Moment>,
    /// The payload, as stored: a JSON object. Personal data.
    pub data: String,
    /// What the person says is wrong in it, oldest first: field, note (JSON), when. Personal data.
    pub annotations: Vec<(String, String, Moment)>,
    /// What has to be said beside a record of another system.
    pub caveats: Caveats,
}

/// What a reader of a record has to know that lies in another system; a record of `dsr`'s own store has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caveats {
    /// Fields that tell of somebody else: they are masked in a copy, whatever stands in them.
    pub masked: Vec<String>,
    /// Fields of free text, which may tell of anybody: a person reads them before they go out.
    pub free_text: Vec<String>,
    /// The system does not know when it was collected: no term is counted from a guess.
    pub undated: bool,
    /// The other system marks the row as out of use, and nothing here explains it: somebody there did.
    pub restricted: bool,
    /// The row is somebody else's too, or the person only appears in it. Never shown: whoever leaves a shared row
    /// would change what the others are told.
    pub shared: bool,
    /// The row is an open deal of the person, and without this record nobody would know of the deal: an open deal
    /// needs its own row, whatever else the policy lists for it.
    pub deal: bool,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({:?}, {}, …)", self.key, self.category)
    }
}

words! {
    /// What a consent covers.
    Scope, "consent scope" {
        /// All processing: only its withdrawal ends AutoMaster's contact data.
        Processing = "processing",
        /// Advertising and newsletters.
        Promotion = "promotion",
        /// Cookies and what is linked to them.
        Cookie = "cookie",
        /// Biometric data.
        Biometric = "biometric",
        /// Transfer to third parties.
        ThirdParty = "third_party",
        /// Transfer abroad.
        CrossBorder = "cross_border",
        /// Publication in public sources.
        Publication = "publication",
    }
}

/// One consent, as the ledger of art. 8(4) keeps it.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Row in the ledger.
    pub id: i64,
    /// Reference of the source system.
    pub reference: String,
    /// What it covers.
    pub scope: Scope,
    /// For which purposes; empty = all of the scope.
    pub purposes: Vec<Purpose>,
    /// When it was given.
    pub given_at: Moment,
    /// By whom: `self`, `parent`, `representative`.
    pub given_by: String,
    /// Its own end, where one was named.
    pub expires_at: Option<Moment>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Moment>,
    /// How it was given.
    pub method: String,
    /// Where the proof lies; empty = weak evidence.
    pub evidence: String,
    /// Version of the policy that was shown.
    pub policy_version: String,
    /// Transfer to third parties allowed.
    pub third_party: bool,
    /// Transfer abroad allowed.
    pub cross_border: bool,
    /// Publication allowed.
    pub publication: bool,
}

/// An open or closed deal between the company and the person.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// Row in the store.
    pub id: i64,
    /// Reference of the source system.
    pub reference: String,
    /// `purchase`, `work_order`, `credit`, `claim`, `warranty`.
    pub kind: String,
    /// When it began.
    pub opened_at: Moment,
    /// When it was fulfilled; `None` = open.
    pub closed_at: Option<Moment>,
}

/// Whom a demand of an authority names where it names no other recipient.
pub const STATE_BODY: &str = "state body";

/// A transfer to a recipient.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Row in the store.
    pub id: i64,
    /// Reference of the source system.
    pub reference: String,
    /// Who received it.
    pub recipient: String,
    /// Country code of the recipient.
    pub country: String,
    /// What was handed over.
    pub categories: Vec<Category>,
    /// What for.
    pub purpose: Purpose,
    /// On which basis or exception code.
    pub basis: String,
    /// What that rests on: the number of a demand, the lawyer who approved, an order, a cession.
    pub document: Option<String>,
    /// When.
    pub at: Moment,
}

/// A contact between company and person.
#[derive(Clone, Debug)]
pub struct Contact {
    /// When.
    pub at: Moment,
    /// Whether the person contacted the company; the company's own mailing does not count.
    pub inbound: bool,
}

/// A legal hold: an order to keep, placed by the officer.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Row in the store.
    pub id: i64,
    /// Number shown to the officer, e.g. `H-2`.
    pub number: String,
    /// Which category it covers; `None` = all.
    pub category: Option<Category>,
    /// Since when.
    pub since: Moment,
    /// The legal basis as the officer wrote it (a code or document number).
    pub basis: String,
}

/// A block for a check (art. 25(2)(8); MyCar clause 4.2).
#[derive(Clone, Debug)]
pub struct Block {
    /// Row in the store.
    pub id: i64,
    /// The case it serves.
    pub case: CaseNumber,
    /// Which category it covers; `None` = all.
    pub category: Option<Category>,
    /// Since when: MyCar from the receipt, to the second.
    pub since: Moment,
}

/// "Never again for this": outlives the person's data.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// Row in the store.
    pub id: i64,
    /// The purpose that is stopped, with everything under it.
    pub purpose: Purpose,
    /// Since when.
    pub since: Moment,
}

/// A request of this person, in the short form that decisions and answers need.
#[derive(Clone, Debug)]
pub struct CaseSummary {
    /// Its number.
    pub number: CaseNumber,
    /// What was asked.
    pub right: Right,
    /// When it came.
    pub received: Moment,
    /// Its state, as the word of the register.
    pub state: String,
    /// Its due date.
    pub due: Option<NaiveDate>,
    /// Whether it is still open.
    pub open: bool,
}

/// An answer that the person asked for, by the same letter or by another, and that was not sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedAnswer {
    /// The case that owes it.
    pub case: CaseNumber,
    /// Whether it was made: then only the address it goes to stays; before that, all that it has to tell.
    pub made: bool,
}

/// Everything about one person at one controller.
#[derive(Clone)]
pub struct SubjectFacts {
    /// The person.
    pub subject: SubjectId,
    /// The controller's id, e.g. `mycar`.
    pub controller: String,
    /// Birth date by statement.
    pub born: Option<NaiveDate>,
    /// Known identifiers.
    pub identifiers: Vec<Identifier>,
    /// Records, by category and id.
    pub records: Vec<Record>,
    /// The latest contact that records tell of which are not in `records`: the nightly run reads only those
    /// that may be due. `None` where all are here.
    pub seen_elsewhere: Option<Moment>,
    /// Consents, oldest first.
    pub consents: Vec<Consent>,
    /// Obligations, oldest first.
    pub obligations: Vec<Obligation>,
    /// Disclosures, oldest first.
    pub disclosures: Vec<Disclosure>,
    /// Contacts, oldest first.
    pub contacts: Vec<Contact>,
    /// Holds in force.
    pub holds: Vec<Hold>,
    /// Blocks in force.
    pub blocks: Vec<Block>,
    /// Blocks that a letter asks for and that nobody has set yet: from its receipt nothing is destroyed or handed over.
    pub asked_blocks: Vec<Block>,
    /// Suppressions in force.
    pub suppressions: Vec<Suppression>,
    /// Cases, oldest first.
    pub cases: Vec<CaseSummary>,
    /// What another case asked to be told and was not told yet.
    pub reply: Option<OwedAnswer>,
}

impl SubjectFacts {
    /// Somebody of whom nothing is known yet but the number.
    pub fn nobody(controller: &str, subject: SubjectId) -> Self {
        Self {
            subject,
            controller: controller.to_owned(),
            born: None,
            identifiers: Vec::new(),
            records: Vec::new(),
            seen_elsewhere: None,
            consents: Vec::new(),
            obligations: Vec::new(),
            disclosures: Vec::new(),
            contacts: Vec::new(),
            holds: Vec::new(),
            blocks: Vec::new(),
            asked_blocks: Vec::new(),
            suppressions: Vec::new(),
            cases: Vec::new(),
            reply: None,
        }
    }

    /// The latest contact by the subject: an inbound contact, `last_contact_at`, a visit, an order.
    /// A data-subject request is none.
    pub fn last_contact(&self) -> Option<Moment> {
        let inbound = self.contacts.iter().filter(|contact| contact.inbound).map(|contact| contact.at);
        let records = self.records.iter().flat_map(|r| [r.last_contact_at, r.activity_at]).flatten();
        let orders = self.obligations.iter().map(|obligation| obligation.opened_at);
        inbound.chain(records).chain(orders).chain(self.seen_elsewhere).max()
    }

    /// The block that covers a category, if one is in force.
    pub fn block(&self, category: &Category) -> Option<&Block> {
        self.blocks.iter().find(|b| b.category.as_ref().is_none_or(|covered| covered == category))
    }

    /// What stops destruction and disclosure of a category: the block in force, or else the one that was asked for
    /// (art. 24(1)(3); MyCar clause 4.2: from the moment of the request).
    pub fn stop(&self, category: &Category) -> Option<&Block> {
        self.block(category).or(self.asked_blocks.first())
    }

    /// The same of data that may be anything.
    pub fn any_stop(&self) -> Option<&Block> {
        self.blocks.first().or(self.asked_blocks.first())
    }

    /// The hold that covers a category, if one is in force.
    pub fn hold(&self, category: &Category) -> Option<&Hold> {
        self.holds.iter().find(|h| h.category.as_ref().is_none_or(|covered| covered == category))
    }

    /// Obligations not yet fulfilled.
    pub fn open_obligations(&self) -> impl Iterator<Item = &Obligation> {
        self.obligations.iter().filter(|obligation| obligation.closed_at.is_none())
    }

    /// Birth date: from the IIN, else by statement.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        let by_number = self.identifiers.iter().find_map(Identifier::birth_date);
        by_number.or(self.born)
    }
}

impl std::fmt::Debug for SubjectFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubjectFacts({}, {} records, …)", self.subject, self.records.len())
    }
}
