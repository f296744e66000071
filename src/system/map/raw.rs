//! A data map as it is written: the public fideslang dataset, and `dsr_meta` beside it.
//!
//! What fideslang knows and `dsr` has no use for is accepted and passed over, so that a map made for another
//! program works as it is; an unknown word is refused, since a misspelt one would silently mean nothing.

use serde::{Deserialize, de::IgnoredAny};

use crate::policy::yaml::Spanned;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub dataset: Vec<Dataset>,
}

macro_rules! passed_over {
    ($(#[$outer:meta])* pub struct $name:ident { $($(#[$inner:meta])* pub $field:ident: $kind:ty,)* } and $($ignored:ident),* $(,)?) => {
        $(#[$outer])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$inner])* pub $field: $kind,)*
            $(
                #[serde(default)]
                #[expect(dead_code, reason = "a word of the format that says nothing here")]
                $ignored: Option<IgnoredAny>,
            )*
        }
    };
}

passed_over! {
    pub struct Dataset {
        pub fides_key: Spanned<String>,
        pub collections: Vec<Collection>,
        #[serde(default, alias = "fidesops_meta")]
        pub fides_meta: Option<DatasetMeta>,
    }
    and name, description, organization_fides_key, tags, meta, data_categories, data_qualifier, version,
        retention, third_country_transfers, joint_controller, created_at, updated_at
}

passed_over! {
    #[derive(Default)]
    pub struct DatasetMeta {
        #[serde(default)]
        pub namespace: Option<Namespace>,
    }
    and resource_id, redact, after
}

passed_over! {
    #[derive(Default)]
    pub struct Namespace {
        #[serde(default)]
        pub schema: Option<String>,
    }
    and database_name, database_instance_id, database_id, dataset_id, project_id, connection_type
}

passed_over! {
    pub struct Collection {
        pub name: Spanned<String>,
        #[serde(default)]
        pub data_categories: Option<Vec<Spanned<String>>>,
        pub fields: Vec<Field>,
        #[serde(default, alias = "fidesops_meta")]
        pub fides_meta: Option<CollectionMeta>,
        #[serde(default)]
        pub dsr_meta: Option<Meaning>,
    }
    and description, data_qualifier, retention, tags, meta
}

passed_over! {
    #[derive(Default)]
    pub struct CollectionMeta {
        #[serde(default)]
        pub after: Option<Vec<Spanned<String>>>,
        #[serde(default)]
        pub erase_after: Option<Vec<Spanned<String>>>,
        #[serde(default)]
        pub skip_processing: Option<bool>,
        #[serde(default)]
        pub masking_strategy_override: Option<Masking>,
    }
    and partitioning, redact, namespace
}

passed_over! {
    pub struct Field {
        pub name: Spanned<String>,
        #[serde(default)]
        pub data_categories: Option<Vec<Spanned<String>>>,
        #[serde(default)]
        pub fields: Option<Vec<Field>>,
        #[serde(default, alias = "fidesops_meta")]
        pub fides_meta: Option<FieldMeta>,
        #[serde(default)]
        pub dsr_meta: Option<FieldMore>,
    }
    and description, data_qualifier, retention, tags, meta, masking_strategy_override
}

passed_over! {
    #[derive(Default)]
    pub struct FieldMeta {
        #[serde(default)]
        pub references: Option<Vec<Reference>>,
        #[serde(default)]
        pub identity: Option<Spanned<String>>,
        #[serde(default)]
        pub primary_key: Option<bool>,
        #[serde(default)]
        pub data_type: Option<Spanned<String>>,
        #[serde(default)]
        pub length: Option<u32>,
        #[serde(default)]
        pub read_only: Option<bool>,
        #[serde(default)]
        pub masking_strategy_override: Option<Masking>,
    }
    and return_all_elements, custom_request_field, redact
}

/// A value shared with a field elsewhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    pub dataset: String,
    pub field: Spanned<String>,
    #[serde(default)]
    pub direction: Option<Direction>,
}

/// Which way it is walked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    From,
    To,
}

/// What erasure does, in fideslang's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masking {
    pub strategy: Spanned<String>,
    #[serde(default)]
    pub configuration: Option<Configuration>,
}

passed_over! {
    #[derive(Default)]
    pub struct Configuration {
        #[serde(default)]
        pub rewrite_value: Option<String>,
        #[serde(default)]
        pub format_preservation: Option<Suffix>,
    }
    and length, algorithm, mode
}

/// What a rewritten value ends with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suffix {
    pub suffix: String,
}

/// What fideslang lacks about a field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldMore {
    pub category: Option<Spanned<String>>,
    pub field: Option<Spanned<String>>,
    pub identity: Option<Spanned<String>>,
    pub exact: Option<bool>,
    pub ownership: Option<Ownership>,
    pub blank: Vec<Spanned<String>>,
    pub third_party: bool,
    pub free_text: bool,
    pub not_personal: bool,
}

/// What the person is to a row that a reference reaches.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    Owner,
    Accessor,
}

/// What fideslang lacks about a collection.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Meaning {
    pub category: Option<Spanned<String>>,
    pub collected_at: Option<Spanned<String>>,
    pub last_contact_at: Option<Spanned<String>>,
    pub document_at: Option<Spanned<String>>,
    pub purpose_reached_at: Option<Spanned<String>>,
    pub activity_at: Option<Spanned<String>>,
    pub given_by: Option<Spanned<String>>,
    pub purposes: Vec<String>,
    pub restriction: Option<Flag>,
    pub obligation: Option<Obligation>,
    pub consent: Option<Consent>,
    pub belongs_to_obligation: Option<Spanned<String>>,
    pub belongs_to_consent: Option<Spanned<String>>,
}

/// A column that says that a row is out of use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    pub column: Spanned<String>,
    pub blocked: String,
    #[serde(default)]
    pub free: Option<String>,
}

/// A column, or the same word for every row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnOrWord {
    Column(Spanned<String>),
    Word(Spanned<String>),
}

impl ColumnOrWord {
    /// The column, if it is one.
    pub fn column(&self) -> Option<&Spanned<String>> {
        match self {
            Self::Column(name) => Some(name),
            Self::Word(_) => None,
        }
    }
}

/// Rows that are deals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    pub kind: ColumnOrWord,
    pub opened_at: Spanned<String>,
    #[serde(default)]
    pub closed_at: Option<Spanned<String>>,
}

/// Rows that are consents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    pub scope: ColumnOrWord,
    pub given_at: Spanned<String>,
    #[serde(default)]
    pub withdrawn_at: Option<Spanned<String>>,
    #[serde(default)]
    pub expires_at: Option<Spanned<String>>,
}
