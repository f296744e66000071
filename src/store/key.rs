//! How a name of a person is laid down to be found again. The importer and the finder both come here,
//! so that they cannot disagree.

use std::collections::BTreeSet;

use crate::domain::{Identifier, IdentifierType, fold};

/// The code of a person's name in `identifier.type`, beside the six of [`IdentifierType`].
pub(super) const NAME: i64 = 7;

/// The columns of one row of `identifier`. Personal data: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SearchKey {
    /// `identifier.type`.
    pub code: i64,
    /// The canonical form: equality here is proof.
    pub key: String,
    /// The look-alike form, where it differs from `key`: equality here is only a hint.
    pub hint: Option<String>,
    /// The form as written, where it differs from `key`.
    pub value: Option<String>,
}

impl SearchKey {
    /// Of an identifier. Digits have no look-alikes, and a VIN is already read as Latin.
    pub fn of(identifier: &Identifier) -> Self {
        use IdentifierType::{Iin, Phone, Vin};
        let key = identifier.expose().to_owned();
        let hint = match identifier.kind() {
            Iin | Phone | Vin => None,
            _ => other_than(&key, fold::hint(&key)),
        };
        Self { code: code(identifier.kind()), key, hint, value: None }
    }

    /// Of a person's name in any order of its parts; `None` where it has no visible character.
    pub fn name(written: &str) -> Option<Self> {
        let key = fold::key(written);
        let written = written.split_whitespace().collect::<Vec<_>>().join(" ");
        let hint = other_than(&key, fold::hint(&key));
        let value = other_than(&key, written);
        (!key.is_empty()).then_some(Self { code: NAME, key, hint, value })
    }

    /// The text that look-alikes share.
    pub fn loose(&self) -> &str {
        self.hint.as_deref().unwrap_or(&self.key)
    }
}

/// Phones and e-mail addresses among names: what an answer could be sent to.
pub(super) fn addresses<'n>(names: impl Iterator<Item = (i64, &'n str)>) -> BTreeSet<(i64, &'n str)> {
    let codes = [IdentifierType::Phone, IdentifierType::Email].map(code);
    names.filter(|(kind, _)| codes.contains(kind)).collect()
}

fn other_than(key: &str, form: String) -> Option<String> {
    (form != key).then_some(form)
}

/// The number of an identifier type in the store.
pub(super) fn code(kind: IdentifierType) -> i64 {
    match kind {
        IdentifierType::Iin => 1,
        IdentifierType::Account => 2,
        IdentifierType::Phone => 3,
        IdentifierType::Email => 4,
        IdentifierType::Vin => 5,
        IdentifierType::Plate => 6,
    }
}

/// The type behind a number; `None` for a name.
pub(super) fn kind(code: i64) -> Option<IdentifierType> {
    IdentifierType::ALL.iter().copied().find(|kind| self::code(*kind) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_own_code() {
        for kind in IdentifierType::ALL {
            assert_eq!(super::kind(code(*kind)), Some(*kind));
        }
        assert_eq!(kind(NAME), None);
    }

    #[test]
    fn names_in_their_three_forms() {
        let Some(key) = SearchKey::name(" Семёнов  Пётр ") else {
            return assert_eq!("name", "none");
        };
        assert_eq!((key.key.as_str(), key.loose()), ("семёнов пётр", "семенов петр"));
        assert_eq!(key.value.as_deref(), Some("Семёнов Пётр"));
        assert!(SearchKey::name(" \u{200b} ").is_none());
    }

    #[test]
    fn only_letters_have_look_alikes() {
        for (kind, typed, hinted) in [
            (IdentifierType::Iin, "900101399998", false),
            (IdentifierType::Phone, "87010000001", false),
            (IdentifierType::Email, "a@b.example", true),
            (IdentifierType::Plate, "001 ABC 02", true),
        ] {
            let hint = Identifier::parse(kind, typed).map(|id| SearchKey::of(&id).hint.is_some());
            assert_eq!(hint, Ok(hinted), "{kind}");
        }
    }
}
