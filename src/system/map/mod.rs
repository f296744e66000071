//! A data map, checked: what personal data lies where in one system, and what may be done to it.
//!
//! The format is the public fideslang dataset; what it lacks stands under `dsr_meta`.

mod category;
mod field;
pub mod link;
mod meaning;
mod page;
mod raw;
pub mod read;
#[cfg(test)]
pub mod sample;
mod strategy;
#[cfg(test)]
mod tests;
mod within;

pub use strategy::misfit;

use super::engine::Column;
use crate::domain::{Category, IdentifierType};

/// One system's dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// The dataset's `fides_key`; references of other maps name it.
    pub key: String,
    /// Its collections, in the order of the file.
    pub collections: Vec<Collection>,
}

/// A table, or one CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its name in the database, with a schema where one is needed (`sales.customer`).
    pub name: String,
    /// Its fields, in the order of the file; nested ones have dotted names.
    pub fields: Vec<Field>,
    /// Collections that are read before this one (`fides_meta.after`).
    pub after: Vec<Address>,
    /// Collections that are erased before this one (`fides_meta.erase_after`).
    pub erase_after: Vec<Address>,
    /// Not looked at (`fides_meta.skip_processing`).
    pub skip: bool,
    /// What erasure does to a row as a whole; `None` = the fields' own strategies.
    pub erase: Option<Strategy>,
    /// What dates, deals, consents and blocks are read from.
    pub meaning: Meaning,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name in the database; a dotted path inside a JSON column.
    pub name: String,
    /// The column of the table that it is, or inside which it lies; a dot in it is the database's own.
    pub column: String,
    /// fideslang data categories, as written.
    pub data_categories: Vec<String>,
    /// The policy's category: by `dsr_meta.category`, else by the data categories, else the collection's.
    pub category: Option<Category>,
    /// The policy's name of the field where the column has another (`phone` for `tel_1`).
    pub field: Option<String>,
    /// Its type, as the map says it.
    pub kind: Option<DataType>,
    /// Greatest length in characters.
    pub length: Option<u32>,
    /// It names or finds a person: the type of identifier.
    pub identity: Option<IdentifierType>,
    /// The identifier stands in its canonical form, so that an index finds it; else every way of writing it is
    /// looked for ([`super::engine::Engine::find`]). By `dsr_meta.exact`; an IIN does where it says nothing.
    pub exact: bool,
    /// Part of the key of a row.
    pub primary_key: bool,
    /// Never written.
    pub read_only: bool,
    /// Where the same value stands elsewhere.
    pub references: Vec<Reference>,
    /// What erasure does to it, where the category's way is not meant.
    pub masking: Option<Strategy>,
    /// It tells of another person: masked in copies.
    pub third_party: bool,
    /// Free text, which may tell of anybody: flagged in copies.
    pub free_text: bool,
    /// Looked at and found not personal.
    pub not_personal: bool,
    /// No map names it, and the database has it in the key: it is read to tell rows apart. Learnt from the database.
    pub learnt: bool,
    /// The database computes it: what stands in it goes with what it is computed from. Learnt from the database.
    pub generated: bool,
    /// The column as the database declares it. Learnt from the database.
    pub declared: Option<Column>,
}

/// Types of fideslang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the format")]
pub enum DataType {
    Text,
    Integer,
    Float,
    Boolean,
    Object,
    ObjectId,
}

/// A collection of a dataset, with a field where one is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// `fides_key` of the dataset.
    pub dataset: String,
    /// The collection.
    pub collection: String,
    /// The field; empty where the collection is meant.
    pub field: String,
}

/// A value shared with a field elsewhere, and who belongs to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The other field.
    pub to: Address,
    /// Which way rows are found through it.
    pub direction: Direction,
    /// Whether the person owns the row that is reached, or only appears in it.
    pub ownership: Ownership,
    /// Columns of the row that are blanked when the person leaves a row that is not theirs alone.
    pub blank: Vec<String>,
}

/// Which way a reference is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Values come from the other field and find rows here.
    From,
    /// Values go from here and find rows there.
    To,
    /// Both.
    Both,
}

/// What the person is to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// The row is about them, and goes with them when no other owner is left.
    Owner,
    /// They appear in somebody else's row: only what names them is blanked.
    Accessor,
}

/// What erasure does to a row or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The row goes.
    Delete,
    /// NULL.
    Null,
    /// A fixed text.
    Fixed(String),
    /// Characters of the same kind and length that tell nothing; NULL stays NULL.
    Random,
    /// The same: a keyed hash (HMAC-SHA-256, key of the store) of the place, and nothing of what stood there, so that a
    /// value which is masked already is known again.
    Hash,
    /// Left as it is.
    Preserve,
}

/// Where a collection says what decisions need. Every entry is a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// The policy's category of fields that name none.
    pub category: Option<Category>,
    /// When the row's data was collected.
    pub collected_at: Option<String>,
    /// The person's last contact.
    pub last_contact_at: Option<String>,
    /// The date of the document.
    pub document_at: Option<String>,
    /// When the purpose was reached.
    pub purpose_reached_at: Option<String>,
    /// When a visit or an order was.
    pub activity_at: Option<String>,
    /// Deletion of a child's data: who gave it (`self`, `parent`, …).
    pub given_by: Option<String>,
    /// What it is used for; words, not columns.
    pub purposes: Vec<String>,
    /// A column that is set while a block is in force, with the values for blocked and not.
    pub restriction: Option<Flag>,
    /// Rows that are deals.
    pub obligation: Option<ObligationSource>,
    /// Rows that are consents.
    pub consent: Option<ConsentSource>,
    /// Column that names the deal the row belongs to, by the deal's key.
    pub belongs_to_obligation: Option<String>,
    /// Column that names the consent the row rests on.
    pub belongs_to_consent: Option<String>,
}

/// A column that says that a row is out of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The column.
    pub column: String,
    /// Its value while blocked.
    pub blocked: String,
    /// Its value otherwise; `None` = NULL.
    pub free: Option<String>,
}

/// A row of the collection is a deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationSource {
    /// Column, or a word in quotes, for `purchase`, `work_order`, `credit`, `claim`, `warranty`.
    pub kind: ColumnOrWord,
    /// When it began.
    pub opened_at: String,
    /// When it was fulfilled; NULL = open.
    pub closed_at: Option<String>,
}

/// A row of the collection is a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentSource {
    /// A scope of the contract's import format.
    pub scope: ColumnOrWord,
    /// When it was given.
    pub given_at: String,
    /// When it was withdrawn; NULL = in force. Written at a withdrawal.
    pub withdrawn_at: Option<String>,
    /// Its own end.
    pub expires_at: Option<String>,
}

/// A value that is the same for every row, or stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnOrWord {
    /// The column.
    Column(String),
    /// The word.
    Word(String),
}
