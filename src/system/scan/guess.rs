//! What a column seems to hold: by the form of its values first, by its name else.

use crate::domain::{Identifier, IdentifierType, secret};

/// A guess with its reason, in which no value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The public data category.
    pub category: &'static str,
    /// The identifier that it is.
    pub identity: Option<IdentifierType>,
    /// Why: how many of the values, or the name.
    pub because: String,
}

/// How many values of a column have which form.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    filled: u32,
    iin: u32,
    phone: u32,
    email: u32,
    vin: u32,
    card: u32,
    ip: u32,
    long: u32,
}

impl Tally {
    /// Looks at one value.
    pub fn add(&mut self, value: Option<&str>) {
        let Some(text) = value.map(str::trim).filter(|text| !text.is_empty()) else { return };
        let is = |kind| u32::from(Identifier::parse(kind, text).is_ok());
        let digits = text.chars().filter(char::is_ascii_digit).count();
        self.filled += 1;
        self.iin += if digits == 12 && text.len() == 12 { is(IdentifierType::Iin) } else { 0 };
        // A number of ten or eleven digits without any sign is as often something else.
        let like_phone = text.starts_with(['+', '8', '7']) && digits >= 10;
        self.phone += if like_phone { is(IdentifierType::Phone) } else { 0 };
        self.email += is(IdentifierType::Email);
        self.vin += if text.chars().any(|c| c.is_ascii_alphabetic()) { is(IdentifierType::Vin) } else { 0 };
        self.card += u32::from(secret::is_card(&text.replace([' ', '-'], "")));
        self.ip += u32::from(text.parse::<std::net::IpAddr>().is_ok());
        self.long += u32::from(text.chars().count() > 40 && text.contains(' '));
    }
}

/// Half of the values decide; a name alone does where there are none, and makes an identifier of none that cannot be one.
pub fn guess(name: &str, tally: Option<&Tally>, may_name: bool) -> Option<Guess> {
    let named = || by_name(name).filter(|guess| may_name || guess.identity.is_none());
    tally.and_then(by_form).or_else(named)
}

fn by_form(tally: &Tally) -> Option<Guess> {
    use IdentifierType::{Email, Iin, Phone, Vin};
    let forms = [
        (
            tally.iin,
            "user.government_id.national_identification_number",
            Some(Iin),
            "an IIN with a right check digit",
        ),
        (tally.email, "user.contact.email", Some(Email), "an e-mail address"),
        (tally.vin, "user.unique_id", Some(Vin), "a VIN"),
        (tally.card, "user.payment.method", None, "a card number with a right check digit"),
        (tally.phone, "user.contact.phone_number", Some(Phone), "a phone number"),
        (tally.ip, "user.device.ip_address", None, "an IP address"),
        (tally.long, "user.content.private", None, "a longer text"),
    ];
    let (count, category, identity, what) =
        forms.into_iter().find(|(count, ..)| *count > 0 && count * 2 >= tally.filled)?;
    let because =
        format!("{} % of {} values have the form of {what}", count * 100 / tally.filled, tally.filled);
    Some(Guess { category, identity, because })
}

/// Parts of names, in the languages that such columns are named in; the first that is in it decides.
const NAMES: &[(&[&str], &str, Option<IdentifierType>)] = &[
    (&["email", "e_mail", "mail", "почт"], "user.contact.email", Some(IdentifierType::Email)),
    (&["phone", "tel", "mobile", "телефон"], "user.contact.phone_number", Some(IdentifierType::Phone)),
    (&["iin", "иин", "жсн"], "user.government_id.national_identification_number", Some(IdentifierType::Iin)),
    (&["vin"], "user.unique_id", Some(IdentifierType::Vin)),
    (&["plate", "gosnomer", "госномер"], "user.unique_id", Some(IdentifierType::Plate)),
    (&["first_name", "given_name", "имя"], "user.name.first", None),
    (&["last_name", "family_name", "surname", "фамил"], "user.name.last", None),
    (&["patronymic", "middle_name", "отчеств", "fio", "full_name"], "user.name", None),
    (&["birth", "dob", "рожден"], "user.demographic.date_of_birth", None),
    (&["passport", "document_no", "удостовер"], "user.government_id", None),
    (&["address", "street", "city", "адрес"], "user.contact.address", None),
    (&["card_no", "card_number", "pan"], "user.payment.method", None),
    (&["iban", "account_number"], "user.financial.account_number", None),
    (&["login", "username", "nickname"], "user.account.username", None),
    (&["latitude", "longitude", "geo"], "user.location.precise", None),
    (&["user_agent", "browser"], "user.device", None),
    (&["cookie"], "user.device.cookie_id", None),
];

fn by_name(name: &str) -> Option<Guess> {
    let folded = name.to_lowercase();
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).collect();
    // A short part has to be a word of its own: `tel` is in `hotel`, `vin` in `province`.
    let is_in =
        |part: &&str| if part.chars().count() > 4 { folded.contains(*part) } else { words.contains(part) };
    let (_, category, identity) = NAMES.iter().find(|(parts, ..)| parts.iter().any(is_in))?;
    Some(Guess { category, identity: *identity, because: "by its name alone".into() })
}

/// A name that a row's beginning is kept under.
pub fn is_start(name: &str) -> bool {
    let folded = name.to_lowercase();
    ["created", "added", "registered", "opened", "inserted", "visited", "signed", "создан"]
        .iter()
        .any(|part| folded.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<&'static str> {
        let mut tally = Tally::default();
        values.iter().for_each(|value| tally.add(Some(value)));
        by_form(&tally).map(|guess| guess.category)
    }

    #[test]
    fn values_are_known_by_their_form() {
        for (values, expected) in [
            (
                &["900101399998", "010203699211"][..],
                Some("user.government_id.national_identification_number"),
            ),
            (&["900101399999", "123456789012"], None),
            (&["8 (701) 000-00-01", "+77010000002"], Some("user.contact.phone_number")),
            (&["a@b.example", "nobody"], Some("user.contact.email")),
            (&["a@b.example", "x", "y"], None),
            (&["LGWEF4A56NB990001"], Some("user.unique_id")),
            (&["4111 1111 1111 1111"], Some("user.payment.method")),
            (&["4111 1111 1111 1112"], None),
            (&["192.0.2.1", "2001:db8::1"], Some("user.device.ip_address")),
            (&["1", "2", "3"], None),
            (&[], None),
        ] {
            assert_eq!(of(values), expected, "{values:?}");
        }
    }

    #[test]
    fn a_name_alone_makes_no_identifier_of_a_number() {
        let mut mails = Tally::default();
        mails.add(Some("a@b.example"));
        let of = |name, tally, may_name| {
            guess(name, tally, may_name).map(|guess| (guess.category, guess.identity.is_some()))
        };
        assert_eq!(of("email", None, true), Some(("user.contact.email", true)));
        assert_eq!(of("email_len", None, false), None);
        assert_eq!(of("email_low", Some(&mails), false), Some(("user.contact.email", true)));
        assert_eq!(of("birth_date", None, false), Some(("user.demographic.date_of_birth", false)));
    }

    #[test]
    fn names_are_known_by_their_words() {
        for (name, expected) in [
            ("tel", Some("user.contact.phone_number")),
            ("hotel", None),
            ("client_tel_2", Some("user.contact.phone_number")),
            ("province", None),
            ("BirthDate", Some("user.demographic.date_of_birth")),
            ("Фамилия", Some("user.name.last")),
            ("amount", None),
        ] {
            assert_eq!(by_name(name).map(|guess| guess.category), expected, "{name}");
        }
    }
}
