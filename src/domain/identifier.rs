//! The names a person has in the world. They are personal data.
//!
//! INVARIANT: no `Display`, and a `Debug` that shows only the type. The text comes out through
//! [`Identifier::expose`], whose uses a house-rule test confines to `store`, `system` and `render`.

use std::fmt;

use super::{channel::words, fold, iin};

words! {
    /// What kind of name it is. `Iin` and `Account` name one person; the others only search.
    IdentifierType, "identifier type" {
        /// Individual identification number, 12 digits.
        Iin = "iin",
        /// Number of a customer account.
        Account = "account",
        /// Telephone number.
        Phone = "phone",
        /// E-mail address.
        Email = "email",
        /// Vehicle identification number.
        Vin = "vin",
        /// Registration plate.
        Plate = "plate",
    }
}

impl IdentifierType {
    /// Whether one such identifier names one person by itself.
    pub fn names_a_person(self) -> bool {
        matches!(self, Self::Iin | Self::Account)
    }
}

/// An identifier in its canonical form: two writings of one number are equal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    kind: IdentifierType,
    text: String,
}

impl Identifier {
    /// Reads an identifier as people write it.
    ///
    /// # Errors
    /// What is wrong with it, without the text itself.
    pub fn parse(kind: IdentifierType, typed: &str) -> Result<Self, String> {
        let text = match kind {
            IdentifierType::Iin => iin_text(typed)?,
            IdentifierType::Phone => phone(typed)?,
            IdentifierType::Email => email(typed)?,
            IdentifierType::Vin => vin(typed)?,
            IdentifierType::Plate => required(fold::bare(typed).to_uppercase(), "a plate is empty")?,
            IdentifierType::Account => required(fold::key(typed), "an account number is empty")?,
        };
        Ok(Self { kind, text })
    }

    /// The type a bare value has by its form, if the form tells.
    pub fn guess(typed: &str) -> Option<Self> {
        let bare = fold::bare(typed);
        let digits = bare.trim_start_matches('+');
        let all_digits = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        let kind = match digits.len() {
            _ if typed.contains('@') => IdentifierType::Email,
            12 if all_digits && !bare.starts_with('+') => IdentifierType::Iin,
            10 | 11 if all_digits => IdentifierType::Phone,
            _ if all_digits && bare.starts_with('+') => IdentifierType::Phone,
            17 if vin(typed).is_ok() => IdentifierType::Vin,
            _ => return None,
        };
        Self::parse(kind, typed).ok()
    }

    /// The type.
    pub fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// Hands out the plain text, to be bound to a query or shown to its owner. Search for this word
    /// to audit its uses.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Birth date, where this is an IIN that tells it.
    pub fn birth_date(&self) -> Option<chrono::NaiveDate> {
        let is_iin = self.kind == IdentifierType::Iin;
        is_iin.then(|| iin::check(&self.text).ok()?.born).flatten()
    }

    /// Enough to recognise, too little to use. An IIN keeps year and month of birth only, since its
    /// last digits are what an officer types to confirm.
    pub fn masked(&self) -> String {
        let chars: Vec<char> = self.text.chars().collect();
        let tail = |n: usize| chars[chars.len().saturating_sub(n)..].iter().collect::<String>();
        match self.kind {
            IdentifierType::Iin => format!("{}********", chars.iter().take(4).collect::<String>()),
            IdentifierType::Phone => format!("+…{}", tail(2)),
            IdentifierType::Email => {
                let domain = self.text.split_once('@').map_or("", |(_, domain)| domain);
                format!("{}…@{domain}", chars.iter().take(1).collect::<String>())
            }
            IdentifierType::Vin => format!("…{}", tail(4)),
            IdentifierType::Plate | IdentifierType::Account => format!("…{}", tail(2)),
        }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}, …)", self.kind)
    }
}

fn required(text: String, empty: &str) -> Result<String, String> {
    if text.is_empty() { Err(empty.to_owned()) } else { Ok(text) }
}

fn iin_text(typed: &str) -> Result<String, String> {
    let bare = fold::bare(typed);
    iin::check(&bare).map_err(|fault| fault.to_string())?;
    Ok(bare)
}

/// `+7` and ten digits, whatever was typed: `8 (701) …`, `701…`, figure dashes.
fn phone(typed: &str) -> Result<String, String> {
    let bare = fold::bare(typed);
    let (plus, digits) = bare.strip_prefix('+').map_or((false, bare.as_str()), |rest| (true, rest));
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err("a phone number has digits, spaces, brackets and dashes only".into());
    }
    match digits.len() {
        11 if digits.starts_with('7') || (!plus && digits.starts_with('8')) => {
            Ok(format!("+7{}", &digits[1..]))
        }
        10 if !plus && digits.starts_with('7') => Ok(format!("+7{digits}")),
        // Under +7 every number has eleven digits: another length is a slip, such as the `.0` of a sheet.
        8..=15 if plus && !digits.starts_with('7') => Ok(format!("+{digits}")),
        _ => Err("a phone number is +7 or 8 and ten digits, or + and a foreign number".into()),
    }
}

fn email(typed: &str) -> Result<String, String> {
    let folded = fold::key(typed);
    match folded.split_once('@') {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') && !folded.contains(' ') => {
            Ok(folded)
        }
        _ => Err("an e-mail address looks like name@example.kz".into()),
    }
}

/// 17 characters without I, O, Q; Cyrillic look-alikes are read as the Latin letter.
fn vin(typed: &str) -> Result<String, String> {
    let latin: String = fold::bare(typed).to_uppercase().chars().map(latin_of).collect();
    let fits = |c: char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !matches!(c, 'I' | 'O' | 'Q'));
    if latin.chars().count() == 17 && latin.chars().all(fits) {
        Ok(latin)
    } else {
        Err("a VIN has 17 letters and digits, without I, O and Q".into())
    }
}

/// Whether the ninth character is the check digit of ISO 3779 as North America counts it. Elsewhere it
/// need not be: a reason to look twice, never to refuse.
pub fn vin_check_digit_fits(vin: &Identifier) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = vin.text.bytes().zip(WEIGHTS).map(|(byte, weight)| transliterated(byte) * weight).sum();
    let digit = char::from_digit(sum % 11, 10).unwrap_or('X');
    vin.kind == IdentifierType::Vin && vin.text.chars().nth(8) == Some(digit)
}

/// The value of a VIN's letter: A–H are 1–8, J–R 1–9 with gaps, S–Z 2–9.
fn transliterated(byte: u8) -> u32 {
    u32::from(match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'H' => byte - b'A' + 1,
        b'J'..=b'R' => byte - b'J' + 1,
        b'S'..=b'Z' => byte - b'S' + 2,
        _ => 0,
    })
}

fn latin_of(c: char) -> char {
    match c {
        'А' => 'A',
        'В' => 'B',
        'Е' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'Х' => 'X',
        'О' => '0',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use IdentifierType::{Email, Iin, Phone, Vin};

    #[test]
    fn written_by_different_hands() {
        for (kind, typed, canonical) in [
            (Phone, "8 (701) 000-00-01", Some("+77010000001")),
            (Phone, "+7 (708)‒800‒88‒07", Some("+77088008807")),
            (Phone, "7010000001", Some("+77010000001")),
            (Phone, "+44 20 7946 0000", Some("+442079460000")),
            (Phone, "12345", None),
            (Phone, "call me", None),
            (Email, " Aida@Example.KZ ", Some("aida@example.kz")),
            (Email, "nobody", None),
            (Iin, "900101 399998", Some("900101399998")),
            (Iin, "900101399990", None),
            (Vin, "LGWEF4A5ХНВ000017", Some("LGWEF4A5XHB000017")),
            (Vin, "SHORT", None),
        ] {
            let read = Identifier::parse(kind, typed).ok();
            assert_eq!(read.as_ref().map(Identifier::expose), canonical, "{kind} {typed}");
        }
    }

    #[test]
    fn a_bare_value_is_typed_by_its_form() {
        for (typed, kind) in [
            ("900101399998", Some(Iin)),
            ("87010000001", Some(Phone)),
            ("a@b.example", Some(Email)),
            ("LGWEF4A5XHB000017", Some(Vin)),
            ("Асель Омарова", None),
        ] {
            assert_eq!(Identifier::guess(typed).map(|found| found.kind()), kind, "{typed}");
        }
    }

    #[test]
    fn the_check_digit_of_a_vin() {
        for (text, fits) in [
            ("11111111111111111", true),
            ("1M8GDM9AXKP042788", true), // the worked example of the standard's literature
            ("1M8GDM9A1KP042788", false),
        ] {
            let vin = Identifier::parse(Vin, text).map(|vin| vin_check_digit_fits(&vin));
            assert_eq!(vin, Ok(fits), "{text}");
        }
    }

    #[test]
    fn formatting_shows_nothing() {
        let Ok(iin) = Identifier::parse(Iin, "900101399998") else { return };
        assert_eq!(format!("{iin:?}"), "Identifier(iin, …)");
        assert!(!iin.masked().contains("9998"));
    }
}
