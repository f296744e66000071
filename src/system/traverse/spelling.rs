//! One identifier as the many systems write it: they are asked by equality, so every way is named.

use crate::domain::{Identifier, IdentifierType};

/// The ways in which a system may hold an identifier; what comes back is compared in its canonical form.
pub(super) fn spellings(identifier: &Identifier) -> Vec<String> {
    let text = identifier.expose();
    let mut all = match (identifier.kind(), text.strip_prefix("+7")) {
        (IdentifierType::Phone, Some(digits)) if digits.len() == 10 => phone(digits),
        (IdentifierType::Phone | IdentifierType::Iin, _) => vec![text.to_owned()],
        _ => vec![text.to_owned(), text.to_uppercase(), text.to_lowercase()],
    };
    all.sort();
    all.dedup();
    all
}

/// Ten digits, with either trunk prefix, run together, in groups, in brackets.
fn phone(digits: &str) -> Vec<String> {
    let (code, rest) = digits.split_at(3);
    let (one, pairs) = rest.split_at(3);
    let (two, three) = pairs.split_at(2);
    let mut all = vec![digits.to_owned()];
    for trunk in ["+7", "7", "8"] {
        all.extend([
            format!("{trunk}{digits}"),
            format!("{trunk} {code} {one} {two} {three}"),
            format!("{trunk} {code} {one}-{two}-{three}"),
            format!("{trunk} ({code}) {one} {two} {three}"),
            format!("{trunk} ({code}) {one}-{two}-{three}"),
            format!("{trunk}({code}){one}-{two}-{three}"),
            format!("{trunk}-{code}-{one}-{two}-{three}"),
        ]);
    }
    all
}

#[test]
fn every_way_reads_back_as_the_same() {
    use IdentifierType::{Account, Email, Iin, Phone, Vin};
    for (kind, typed, least) in [
        (Phone, "8 (701) 000-00-01", 20),
        (Phone, "+44 20 7946 0000", 1),
        (Email, "Aida@Example.KZ", 2),
        (Iin, "900101399998", 1),
        (Vin, "LGWEF4A5XHB000017", 2),
        (Account, "A-17", 2),
    ] {
        let Ok(identifier) = Identifier::parse(kind, typed) else { panic!("{typed}") };
        let ways = spellings(&identifier);
        assert!(ways.len() >= least, "{typed}: {}", ways.len());
        for way in ways {
            assert!(Identifier::parse(kind, &way) == Ok(identifier.clone()), "{way}");
        }
    }
}
