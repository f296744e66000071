//! What SQL can say about an identifier without missing any way of writing it. It narrows; Rust compares.

use crate::domain::{Identifier, IdentifierType};

/// A necessary condition.
pub enum Narrow {
    /// The last so many digits of the text, everything else taken out, are one of these.
    Digits(usize, Vec<String>),
    /// Letters and digits of the text, in capitals, are one of these; or something in it is not ASCII.
    Letters(Vec<String>),
}

impl Narrow {
    /// The condition for identifiers of one type.
    pub fn of(wanted: &[Identifier]) -> Self {
        let tails = |n| wanted.iter().map(|one| tail(one.expose(), n)).collect();
        match wanted.first().map(Identifier::kind) {
            // +7, 8 or nothing stands before a number; extensions do not parse at all.
            Some(IdentifierType::Phone) => Self::Digits(7, tails(7)),
            Some(IdentifierType::Iin) => Self::Digits(12, tails(12)),
            _ => Self::Letters(wanted.iter().map(|one| letters(one.expose())).collect()),
        }
    }
}

fn tail(text: &str, n: usize) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(n)..].iter().collect()
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_passes() {
        for (kind, typed, written) in [
            (IdentifierType::Phone, "+7 701 000 01 01", "8 (701) 000-01-01"),
            (IdentifierType::Iin, "850322499994", "850322 499994"),
            (IdentifierType::Email, "Who@Mail.example", "WHO@mail.example "),
            (IdentifierType::Vin, "LGWEF4A5XNB990101", "lgw ef4a5xnb-990101"),
        ] {
            let wanted = Identifier::parse(kind, typed).map(|one| [one]).map_err(|_| typed);
            match wanted.as_ref().map(|wanted| Narrow::of(wanted)) {
                Ok(Narrow::Digits(n, values)) => assert_eq!(values, [tail(written, n)]),
                Ok(Narrow::Letters(values)) => assert_eq!(values, [letters(written)]),
                Err(typed) => panic!("{typed}"),
            }
        }
    }
}
