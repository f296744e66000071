//! One line as the file writes it: names known, values not yet looked at.
//!
//! The same structs are filled from JSON and from CSV. Every field may be missing here, so that the
//! check can name all that is missing at once.

use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny},
};

use super::value::{Data, Text};

/// An identifier of a person.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawIdentifier<'a> {
    /// Its type, as a word.
    #[serde(rename = "type", borrow, default)]
    pub kind: Option<Text<'a>>,
    /// The identifier as written.
    #[serde(borrow, default)]
    pub value: Option<Text<'a>>,
}

macro_rules! raw {
    ($(#[$doc:meta])* $name:ident {
        texts: $($text:ident = $text_name:literal),*; lists: $($list:ident),*; flags: $($flag:ident),*;
        $(others: $($other:ident: $type:ty),*;)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "the fields are those of docs/import.md")]
        pub struct $name<'a> {
            #[serde(rename = "kind", default)]
            _kind: Skipped,
            $(#[serde(rename = $text_name, borrow, default)] pub $text: Option<Text<'a>>,)*
            $(#[serde(borrow, default)] pub $list: Option<Vec<Text<'a>>>,)*
            $(#[serde(default)] pub $flag: Option<bool>,)*
            $($(#[serde(borrow, default)] pub $other: Option<$type>,)*)?
        }

        impl<'a> $name<'a> {
            /// The names of the fields, for "did you mean".
            pub const FIELDS: &'static [&'static str] =
                &["kind", $($text_name,)* $(stringify!($list),)* $(stringify!($flag),)* $($(stringify!($other),)*)?];

            /// From CSV cells, each with the name of its column; names of other things are passed over.
            ///
            /// # Errors
            /// The column whose cell has another form, and the form that is expected.
            pub fn from_cells<'n>(
                cells: impl Iterator<Item = (&'n str, &'a str)>,
            ) -> Result<Self, (&'n str, &'static str)> {
                let mut raw = Self::default();
                for (name, cell) in cells {
                    match name {
                        $($text_name => raw.$text = Some(cell.into()),)*
                        $(stringify!($list) => raw.$list = Some(cell.split('|').map(Text::from).collect()),)*
                        $(stringify!($flag) => raw.$flag = Some(flag(cell).ok_or((name, "true or false"))?),)*
                        _ => {}
                    }
                }
                Ok(raw)
            }
        }
    };
}

/// The kind, already read.
#[derive(Clone, Default)]
struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// True or false as spreadsheets write it.
pub fn flag(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "да" | "истина" => Some(true),
        "false" | "0" | "no" | "нет" | "ложь" => Some(false),
        _ => None,
    }
}

raw! {
    /// A person.
    RawSubject {
        texts: reference = "ref", born = "born"; lists: ; flags: ;
        others: identifiers: Vec<RawIdentifier<'a>>;
    }
}

raw! {
    /// Personal data of one person in one category, collected at one time.
    RawRecord {
        texts: reference = "ref", subject = "subject", category = "category", collected_at = "collected_at",
            last_contact_at = "last_contact_at", document_at = "document_at",
            purpose_reached_at = "purpose_reached_at", obligation = "obligation", consent = "consent",
            source = "source", given_by = "given_by";
        lists: purposes; flags: ;
        others: data: Data<'a>;
    }
}

raw! {
    /// A consent.
    RawConsent {
        texts: reference = "ref", subject = "subject", scope = "scope", given_at = "given_at",
            given_by = "given_by", expires_at = "expires_at", withdrawn_at = "withdrawn_at",
            method = "method", evidence = "evidence", policy_version = "policy_version";
        lists: purposes; flags: third_party, cross_border, publication;
    }
}

raw! {
    /// A deal.
    RawObligation {
        texts: reference = "ref", subject = "subject", kind = "type", opened_at = "opened_at",
            closed_at = "closed_at";
        lists: ; flags: ;
    }
}

raw! {
    /// A transfer to a recipient.
    RawDisclosure {
        texts: reference = "ref", subject = "subject", recipient = "recipient", country = "country",
            purpose = "purpose", basis = "basis", at = "at";
        lists: categories; flags: ;
    }
}

raw! {
    /// A contact between company and person.
    RawContact {
        texts: reference = "ref", subject = "subject", at = "at", direction = "direction";
        lists: ; flags: ;
    }
}

/// A line of any kind.
pub enum Raw<'a> {
    /// A person.
    Subject(RawSubject<'a>),
    /// A record.
    Record(RawRecord<'a>),
    /// A consent.
    Consent(RawConsent<'a>),
    /// A deal.
    Obligation(RawObligation<'a>),
    /// A transfer.
    Disclosure(RawDisclosure<'a>),
    /// A contact.
    Contact(RawContact<'a>),
}
