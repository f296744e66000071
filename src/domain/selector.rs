//! How a command names a person.
//!
//! `iin:`, `account:`, `ref:` and `id:` name one; `phone:`, `email:`, `vin:`, `plate:` and `name:` only
//! search. A bare value is typed by its form.

use super::{Error, Identifier, IdentifierType, Result, SubjectId, iin};

/// A person, as the officer typed them. Has no `Debug`: the text may be an identifier.
#[derive(Clone)]
pub enum Selector {
    /// `id:` our own random number.
    Id(SubjectId),
    /// `ref:` the reference of the source system.
    Reference(String),
    /// Any identifier.
    Identifier(Identifier),
    /// `name:` a name, or part of one.
    Name(String),
}

impl Selector {
    /// Whether it names a person by itself; otherwise it only searches.
    pub fn names_a_person(&self) -> bool {
        match self {
            Self::Id(_) | Self::Reference(_) => true,
            Self::Identifier(identifier) => identifier.kind().names_a_person(),
            Self::Name(_) => false,
        }
    }

    /// The word for the kind of selector, safe to log.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::Reference(_) => "ref",
            Self::Identifier(identifier) => identifier.kind().as_str(),
            Self::Name(_) => "name",
        }
    }

    /// Reads the text of a selector.
    ///
    /// # Errors
    /// Usage (exit 2), without echoing the text.
    pub fn parse(typed: &str) -> Result<Self> {
        let typed = typed.trim();
        match typed.split_once(':').map(|(prefix, value)| (prefix.trim().to_lowercase(), value.trim())) {
            Some((prefix, value)) => prefixed(&prefix, value),
            None => bare(typed),
        }
    }
}

fn prefixed(prefix: &str, value: &str) -> Result<Selector> {
    let wrong = |message: String| Error::usage(message).hint("check the number; nothing was searched");
    let known = matches!(prefix, "id" | "ref" | "name") || prefix.parse::<IdentifierType>().is_ok();
    if value.is_empty() && known {
        return Err(Error::usage(format!("`{prefix}:` needs a value after the colon")));
    }
    match prefix {
        "id" => value.parse().map(Selector::Id).map_err(wrong),
        "ref" => Ok(Selector::Reference(value.to_owned())),
        "name" => Ok(Selector::Name(value.to_owned())),
        other => {
            let kind: IdentifierType = other.parse().map_err(|_| unknown_prefix())?;
            Identifier::parse(kind, value).map(Selector::Identifier).map_err(wrong)
        }
    }
}

fn unknown_prefix() -> Error {
    Error::usage("unknown kind of subject")
        .hint("use iin:, account:, ref:, id:, or to search phone:, email:, vin:, plate:, name:")
}

fn bare(typed: &str) -> Result<Selector> {
    if let Ok(id) = typed.parse() {
        return Ok(Selector::Id(id));
    }
    if let Some(identifier) = Identifier::guess(typed) {
        return Ok(Selector::Identifier(identifier));
    }
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let only_digits = digits == typed.chars().count();
    match (typed.is_empty(), only_digits, digits) {
        (true, ..) => Err(unknown_prefix()),
        (_, true, 11..=13) => {
            let fault = iin::check(typed).err().map(|fault| fault.to_string());
            Err(Error::usage(fault.unwrap_or_default()).hint("check the number; nothing was searched"))
        }
        (_, _, 0) => Ok(Selector::Name(typed.to_owned())),
        // A mistyped number must not become the reference of nobody, of whom nothing is held.
        (_, _, 9..) => Err(Error::usage("this looks like a number, but is no IIN, phone or VIN")
            .hint("check it, or say what it is: iin:, phone:, vin:, account:, ref:")),
        _ => Ok(Selector::Reference(typed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_repeats_nothing() {
        for typed in ["87010000001:", "омарова:", "900101399990", "iin:900101399990", "email:aida", "aida: x"]
        {
            let error = Selector::parse(typed).err().map(|error| format!("{error} {:?}", error.hint_text()));
            let said = error.unwrap_or_default().to_lowercase();
            assert!(!said.is_empty(), "{typed}");
            for secret in ["8701", "омаро", "9001", "aida"] {
                assert!(!said.contains(secret), "{said}");
            }
        }
    }

    #[test]
    fn selectors_as_typed() {
        for (typed, kind) in [
            ("iin:900101399998", Some("iin")),
            ("900101399998", Some("iin")),
            ("900101399990", None),
            ("phone:8 701 000 00 01", Some("phone")),
            ("+77010000001", Some("phone")),
            ("ref:C-1", Some("ref")),
            ("C-1", Some("ref")),
            ("MC-2024-0177", Some("ref")),
            ("90010139999О", None), // a Cyrillic letter for the zero
            ("8 701 000 00 0", None),
            ("ref:90010139999О", Some("ref")),
            ("name:Асель", Some("name")),
            ("Асель Омарова", Some("name")),
            ("a@b.example", Some("email")),
            ("id:000102030405060708090a0b0c0d0e0f", Some("id")),
            ("id:xyz", None),
            ("passport:1", None),
            ("iin:", None),
            ("", None),
        ] {
            assert_eq!(Selector::parse(typed).ok().map(|s| s.kind()), kind, "{typed}");
        }
    }
}
