//! The officer's file, `dsr.yaml`: what the published policies do not say.
//!
//! Nothing in it is needed to run; what is missing is said as a warning, because answers are weaker
//! for it. Its digest is audited like a policy's.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Rulebook,
    places::{self, Places},
    roles::Roles,
    yaml,
};
use crate::domain::{Error, Result, unseen::is_unseen};

/// The file as written; the name of every field is its documentation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Officer {
    /// By controller id.
    pub controllers: BTreeMap<String, OfficerController>,
    /// Who may do what; `None` = whoever the files let.
    pub roles: Option<Roles>,
}

/// What one controller's officer fills in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfficerController {
    /// Legal name for letters (art. 8(4)(1)).
    pub legal_name: Option<String>,
    /// Business identification number, 12 digits.
    pub bin: Option<String>,
    /// Postal address for letters.
    pub address: Option<String>,
    /// The person responsible (art. 25(2)(10)).
    pub responsible: Option<Responsible>,
    /// Affiliated companies that act on the same requests; none named = strangers.
    pub affiliates: Vec<String>,
    /// Sites and applications in scope.
    pub domains: Vec<String>,
    /// Who receives data.
    pub recipients: Vec<Recipient>,
    /// Usual length in days of each type of deal, beyond which an open one is reported as stale.
    pub obligations: BTreeMap<String, u32>,
    /// Working days a check may take while data is blocked.
    pub max_check_days: Option<u32>,
    /// Working week of the office: 5 or 6 days.
    pub week_days: Option<u8>,
    /// Size class of the operator (art. 25-1).
    pub size_class: Option<SizeClass>,
    /// Where the cookie policy is published, and its term in months.
    pub cookie_policy: Option<String>,
    /// Languages of letters: ru, kk, en.
    pub letter_languages: Vec<String>,
    /// Languages of letters whose wording a lawyer has read; a Kazakh or bilingual letter in another says so.
    pub letters_reviewed: Vec<String>,
    /// Systems where personal data lies beside the store, by name.
    pub systems: Places,
}

/// The person responsible for personal data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Responsible {
    /// Name as letters print it.
    pub name: String,
    /// Post.
    pub post: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

/// A recipient of personal data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name.
    pub name: String,
    /// BIN, where it is a Kazakh body.
    pub bin: Option<String>,
    /// Country code, two letters.
    pub country: String,
    /// `processor`, `partner`, `bank`, `insurer`, `state`, …
    pub role: String,
    /// Where to send a notice.
    pub contact: Option<String>,
}

/// Size classes of art. 25-1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeClass {
    /// Up to 10,000 subjects.
    Small,
    /// Up to 500,000.
    Medium,
    /// Above.
    Large,
}

impl Officer {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// Exit 6 with the place.
    pub fn read(shown_name: &str, text: &str) -> Result<Self> {
        let officer: Self = yaml::read(shown_name, text)?;
        for (id, controller) in &officer.controllers {
            controller.check().map_err(|message| {
                Error::config(format!("{shown_name}: {id}: {message}"))
                    .hint("mend the field; nothing was done")
            })?;
        }
        Ok(officer)
    }

    /// The systems of one controller, of which every category is one of its policy.
    ///
    /// # Errors
    /// Configuration (exit 6) with the nearest word.
    pub fn systems(&self, controller: &str, rulebook: &Rulebook) -> Result<Places> {
        let filled = self.controllers.get(controller);
        let places = filled.map(|filled| filled.systems.clone()).unwrap_or_default();
        places::check(&places, rulebook).map(|()| places)
    }

    /// What the officer has not filled in, for one controller: each a sentence.
    pub fn unfilled(&self, controller: &str) -> Vec<String> {
        let empty = OfficerController::default();
        let filled = self.controllers.get(controller).unwrap_or(&empty);
        let missing = [
            (filled.legal_name.is_none(), "legal_name: letters need the company's legal name"),
            (filled.bin.is_none(), "bin: letters and consents need the BIN (art. 8(4)(1))"),
            (filled.responsible.is_none(), "responsible: the law asks for a named person (art. 25(2)(10))"),
            (filled.affiliates.is_empty(), "affiliates: none named, so requests reach this company alone"),
            (filled.recipients.is_empty(), "recipients: nobody can be told of a change or an erasure"),
            (filled.obligations.is_empty(), "obligations: a deal left open by mistake will not be noticed"),
            (filled.max_check_days.is_none(), "max_check_days: 3 is assumed"),
            (filled.size_class.is_none(), "size_class: duties of a large operator are assumed"),
            (filled.cookie_policy.is_none(), "cookie_policy: the cookie term of the policy is used"),
            (filled.letter_languages.is_empty(), "letter_languages: ru and kk are assumed"),
            (filled.systems.is_empty(), "systems: paper, phones and other programs are not in any plan"),
        ];
        missing.into_iter().filter(|(is, _)| *is).map(|(_, what)| what.to_owned()).collect()
    }
}

impl OfficerController {
    fn check(&self) -> Result<(), String> {
        let bins =
            self.bin.iter().chain(self.recipients.iter().filter_map(|recipient| recipient.bin.as_ref()));
        if bins.into_iter().any(|bin| !is_bin(bin)) {
            return Err("a BIN has 12 digits in quotes, with a right check digit".into());
        }
        if self.responsible.as_ref().is_some_and(|one| shows_nothing(&one.name)) {
            return Err(
                "responsible: the name shows nothing: the law asks for a named person (art. 25(2)(10))"
                    .into(),
            );
        }
        if self.legal_name.as_deref().is_some_and(shows_nothing) {
            return Err("legal_name shows nothing: letters need the company's legal name".into());
        }
        let country = |recipient: &Recipient| {
            recipient.country.len() == 2 && recipient.country.bytes().all(|b| b.is_ascii_uppercase())
        };
        if !self.recipients.iter().all(country) {
            return Err("the country of a recipient is two capital letters, such as KZ".into());
        }
        if self.week_days.is_some_and(|days| !matches!(days, 5 | 6)) {
            return Err("week_days is 5 or 6".into());
        }
        places::check_names(&self.systems)?;
        match self
            .letter_languages
            .iter()
            .chain(&self.letters_reviewed)
            .find(|lang| !matches!(lang.as_str(), "ru" | "kk" | "en"))
        {
            Some(_) => Err("letter_languages and letters_reviewed hold ru, kk or en".into()),
            None => Ok(()),
        }
    }
}

/// Nothing, room, or characters that print as nothing: no name to whoever reads the letter.
fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_unseen(c))
}

/// A BIN: the check digit of the IIN, and a fifth digit from 4 to 6.
fn is_bin(text: &str) -> bool {
    let fifth = text.as_bytes().get(4);
    crate::domain::iin::has_check_digit(text) && matches!(fifth, Some(b'4'..=b'6'))
}

/// The commented file that `dsr init` writes.
pub const TEMPLATE: &str = include_str!("../../policies/dsr.template.yaml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_empty() {
        let officer = Officer::read("dsr.yaml", TEMPLATE);
        assert!(officer.is_ok_and(|officer| officer.unfilled("mycar").len() > 5));
    }

    #[test]
    fn fields_are_checked() {
        for (text, good) in [
            ("controllers: {x: {bin: '191140031171'}}", true),
            ("controllers: {x: {bin: '191140031172'}}", false),
            ("controllers: {x: {bin: '900101399998'}}", false),
            ("controllers: {x: {recipients: [{name: Bank, country: KZ, role: bank}]}}", true),
            ("controllers: {x: {recipients: [{name: Bank, country: kz, role: bank}]}}", false),
            ("controllers: {x: {week_days: 7}}", false),
            ("controllers: {x: {responsible: {name: А. Нурланова}, legal_name: MyCar}}", true),
            ("controllers: {x: {responsible: {name: \"\\u200B \\u3164\"}}}", false),
            ("controllers: {x: {responsible: {name: ''}}}", false),
            ("controllers: {x: {legal_name: \"\\u2800\"}}", false),
            ("controllers: {x: {colour: red}}", false),
            (
                "controllers: {x: {systems: {paper: {kind: manual, owner: Archive, categories: [contact]}}}}",
                true,
            ),
            ("controllers: {x: {systems: {paper: {kind: manual}}}}", false),
            ("controllers: {x: {systems: {paper: {kind: manual, owner: ' '}}}}", false),
            ("controllers: {x: {systems: {own: {kind: manual, owner: Archive}}}}", false),
            ("controllers: {x: {systems: {paper: {kind: telepathy, owner: Archive}}}}", false),
        ] {
            assert_eq!(Officer::read("dsr.yaml", text).is_ok(), good, "{text}");
        }
    }
}
