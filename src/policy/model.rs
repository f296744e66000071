//! A checked policy and a checked statute: what may be evaluated.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    body::{Body, Keep},
    vocabulary::{Basis, Class, FieldType, Mark, ObligationKind, OnWithdrawal, Sensitivity},
    yaml::Place,
};
use crate::domain::{Category, IdentifierType, Purpose, Scope};

/// The published text a policy was written from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// SHA-256 of the text, lower-case hexadecimal.
    pub sha256: String,
    /// Language of the text.
    pub language: String,
}

/// Who answers, as the policy publishes it; what it leaves out stands in `dsr.yaml`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Name.
    pub name: String,
    /// Legal form, where the policy prints one.
    #[serde(default)]
    pub legal_form: Option<String>,
    /// Business identification number, where the policy prints one.
    #[serde(default)]
    pub bin: Option<String>,
    /// Postal address.
    #[serde(default)]
    pub address: Option<String>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
    /// E-mail.
    #[serde(default)]
    pub email: Option<String>,
    /// Sites it speaks of.
    #[serde(default)]
    pub sites: Vec<String>,
}

/// One controller's published promises.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The id, which is the file's stem.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The statute beneath it.
    pub law: String,
    /// Version of the published text.
    pub version: String,
    /// Date of the published text; `None` = it carries none.
    pub dated: Option<NaiveDate>,
    /// The published text.
    pub source: Source,
    /// Who answers.
    pub controller: Controller,
    /// Which category each identifier type belongs to.
    pub identifiers: Vec<(IdentifierType, Category)>,
    /// Categories, in the order of the file.
    pub categories: Vec<CategoryDef>,
    /// Purposes: the common words first, then the finer ones of the rules.
    pub purposes: Vec<PurposeDef>,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// The law's layer.
#[derive(Clone, Debug)]
pub struct Statute {
    /// The id, e.g. `kz`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Version of our reading of it.
    pub version: String,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// One rule: an id, where it comes from, and one body.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The row id of the clause table, e.g. `AM-8-contact`.
    pub id: String,
    /// Clause of the published policy.
    pub clause: Option<String>,
    /// Article of the law.
    pub article: Option<String>,
    /// The gist in our words.
    pub says: String,
    /// The careful reading where the text is open, for the officer.
    pub note: Option<String>,
    /// Rules of the statute it leans on or collides with.
    pub law: Vec<String>,
    /// First day in force.
    pub valid_from: Option<NaiveDate>,
    /// Last day in force.
    pub valid_to: Option<NaiveDate>,
    /// Read by a lawyer against the live text.
    pub confirmed: bool,
    /// How sure the text is.
    pub mark: Option<Mark>,
    /// What it says.
    pub body: Body,
    /// Where it stands in its file.
    pub at: Place,
}

impl Rule {
    /// Whether the rule is in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// The retention it sets, if that is what it does.
    pub fn keep(&self) -> Option<&Keep> {
        if let Body::Keep(keep) = &self.body { Some(keep) } else { None }
    }
}

/// When data of a category stands on a primary document (contract, order, payment).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// Never.
    Never,
    /// Always: the data is such a document; it is annotated, never overwritten.
    Always,
    /// When it serves an obligation of one of these types.
    Of(Vec<ObligationKind>),
}

/// A category of data.
#[derive(Clone, Debug)]
pub struct CategoryDef {
    /// The word.
    pub id: Category,
    /// What people call it.
    pub title: String,
    /// How carefully it is handled.
    pub sensitivity: Sensitivity,
    /// `false`: not personal data at all (MyCar clause 3.5), outside every right.
    pub personal: bool,
    /// Further fields are accepted, since the policy does not list them.
    pub open: bool,
    /// Held without a clause: disclosed and reported as excess.
    pub excess: bool,
    /// When it stands on a primary document.
    pub document: Document,
    /// The consent it rests on by its nature.
    pub consent: Option<Scope>,
    /// What withdrawal of consent does to it.
    pub on_withdrawal: OnWithdrawal,
    /// Its fields.
    pub fields: Vec<FieldDef>,
    /// Where it stands in its file.
    pub at: Place,
}

impl CategoryDef {
    /// A field by its name in the import.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether the category itself is a primary document.
    pub fn is_document(&self) -> bool {
        self.document == Document::Always
    }
}

/// A field of a category.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Its name in the import.
    pub name: String,
    /// The public fideslang data-category key, e.g. `user.contact.email`.
    pub key: String,
    /// What it holds.
    pub kind: FieldType,
    /// It is an identifier of this type.
    pub identifier: Option<IdentifierType>,
}

/// A purpose that a policy names.
#[derive(Clone, Debug)]
pub struct PurposeDef {
    /// The word.
    pub word: Purpose,
    /// What withdrawal means for it.
    pub class: Class,
    /// Its basis.
    pub basis: Basis,
    /// The rule that names it; `None` for a common word that no clause names.
    pub rule: Option<String>,
}

/// An index from words to places in a list.
pub(super) type Index = HashMap<String, usize>;
