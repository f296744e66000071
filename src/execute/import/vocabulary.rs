//! The words that an import may use: what the policy of one controller defines.
//!
//! A small mirror of the policy, so that a check needs nothing else of it.

use std::collections::BTreeMap;

use crate::domain::{Category, IdentifierType, Purpose};

/// How the values of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Whatever stands there: a text, a number, a flag or a list.
    Any,
    /// Any text.
    Text,
    /// A number; in CSV a comma may stand for the point.
    Number,
    /// A date or a date-time.
    Date,
    /// True or false.
    Flag,
    /// Several texts; `|` between them in CSV.
    List,
    /// Family name: part of the searchable name.
    FamilyName,
    /// Given name: part of the searchable name.
    GivenName,
    /// Patronymic: part of the searchable name.
    Patronymic,
    /// An identifier: checked by its form, and the person is found by it.
    Identifier(IdentifierType),
}

/// What a category holds.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Each field and how it is read.
    pub kinds: Vec<(String, FieldKind)>,
    /// The field that dates the document, such as `signed_at` of a contract.
    pub document: Option<String>,
    /// The field that dates a visit or an order: it counts as a contact by the person.
    pub activity: Option<String>,
    /// Whether any other field may stand in it too, as text: `unlisted` holds what no clause names.
    pub open: bool,
}

impl Fields {
    /// How a field is read; `None`: there is no such field.
    pub fn find(&self, name: &str) -> Option<FieldKind> {
        let listed = self.kinds.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        listed.or(self.open.then_some(FieldKind::Any))
    }
}

/// The closed lists of one controller.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// The categories and their fields.
    pub categories: BTreeMap<Category, Fields>,
    /// The purposes; a finer one under any of them (`promotion.sms`) is known too.
    pub purposes: Vec<Purpose>,
    /// The types of obligation.
    pub obligations: Vec<String>,
    /// The exception codes that a transfer needs one of; empty = the policy bans none.
    pub grounds: Vec<&'static str>,
}

impl Vocabulary {
    /// The types of obligation that every controller has.
    pub const OBLIGATIONS: [&str; 5] = ["purchase", "work_order", "credit", "claim", "warranty"];

    /// Whether a purpose is known, or lies under a known one.
    pub fn knows_purpose(&self, typed: &str) -> bool {
        self.purposes.iter().any(|known| {
            typed.strip_prefix(known.as_str()).is_some_and(|rest| {
                rest.is_empty() || (rest.len() > 1 && rest.starts_with('.') && !rest.ends_with('.'))
            })
        })
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::{FieldKind as K, *};
    use crate::domain::IdentifierType as I;

    fn fields(kinds: &[(&str, K)], document: Option<&str>, activity: Option<&str>) -> Fields {
        Fields {
            kinds: kinds.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
            document: document.map(str::to_owned),
            activity: activity.map(str::to_owned),
            open: false,
        }
    }

    /// A few categories, made by hand for tests.
    pub fn vocabulary() -> Vocabulary {
        let contact = [
            ("given_name", K::GivenName),
            ("family_name", K::FamilyName),
            ("patronymic", K::Patronymic),
            ("phone", K::Identifier(I::Phone)),
            ("email", K::Identifier(I::Email)),
            ("address", K::Text),
        ];
        let identity = [
            ("given_name", K::GivenName),
            ("family_name", K::FamilyName),
            ("birth_date", K::Date),
            ("iin", K::Identifier(I::Iin)),
        ];
        let vehicle = [
            ("make", K::Text),
            ("year", K::Number),
            ("vin", K::Identifier(I::Vin)),
            ("plate", K::Identifier(I::Plate)),
        ];
        let service = [("order", K::Text), ("date", K::Date), ("works", K::List), ("amount", K::Number)];
        Vocabulary {
            categories: BTreeMap::from([
                ("contact".into(), fields(&contact, None, None)),
                ("identity".into(), fields(&identity, None, None)),
                ("vehicle".into(), fields(&vehicle, None, None)),
                ("service".into(), fields(&service, Some("date"), Some("date"))),
                ("unlisted".into(), Fields { open: true, ..Fields::default() }),
            ]),
            purposes: ["service", "promotion", "analytics", "fraud", "legal"].map(Purpose::from).into(),
            obligations: Vocabulary::OBLIGATIONS.map(str::to_owned).into(),
            grounds: Vec::new(),
        }
    }

    #[test]
    fn finer_purposes_are_known() {
        let words = vocabulary();
        for (typed, known) in [
            ("promotion", true),
            ("promotion.sms", true),
            ("promotional", false),
            ("promotion.", false),
            ("sale", false),
        ] {
            assert_eq!(words.knows_purpose(typed), known, "{typed}");
        }
    }
}
