//! What an officer writes into a case in their own words.

use std::{fmt, str::FromStr};

/// One line of text that stays in the register for good, so it may name no person: no e-mail address, no
/// phone, no number as long as an IIN or a card. A number and a date of a document fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark(Box<str>);

/// The longest remark, in characters.
const LONGEST: usize = 500;

impl Remark {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text from the register: it was checked when it was written.
    pub fn kept(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Remark {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err("the text is empty".into());
        }
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(format!("the text is one line of at most {LONGEST} characters"));
        }
        if names_somebody(&text) {
            return Err("the register outlives the person: leave out addresses, phones and IINs".into());
        }
        Ok(Self(text.into()))
    }
}

/// An address, a phone with `+`, or ten digits in a row, whatever stands between them in a phone.
fn names_somebody(text: &str) -> bool {
    let long = |part: &str| part.chars().filter(char::is_ascii_digit).count() >= 10;
    let runs = text.split(|c: char| !c.is_ascii_digit());
    let phones = text.split(|c: char| !(c.is_ascii_digit() || " ()-‒–".contains(c)));
    let is_phone = |part: &str| {
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        digits.len() == 11 && digits.starts_with(['7', '8']) && part.contains(['(', ' '])
    };
    text.contains('@')
        || text.contains("+7")
        || runs.into_iter().any(long)
        || phones.into_iter().any(is_phone)
}

#[test]
fn remarks_name_nobody() {
    for (text, sound) in [
        ("act 12 of 2026-11-20", true),
        ("акт № 12/3 от 20.11.2026, подписан", true),
        ("order 2-1234", true),
        ("2026-11-20 2026-11-21 12", true),
        ("", false),
        ("a\u{7}b", false),
        ("wrote from a@b.example", false),
        ("called from 87010000001", false),
        ("called from 8 (701) 000-00-01", false),
        ("called from +7 701 000 00 01", false),
        ("IIN 900101399998", false),
    ] {
        assert_eq!(text.parse::<Remark>().is_ok(), sound, "{text}");
    }
}
