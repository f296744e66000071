//! What people complain of in answers, looked for before one is sent.
//!
//! A complaint that is found is a reason not to send: the letter is mended, or, where the fault cannot be
//! mended any more, sent all the same with a reason that is recorded.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;

use super::identity::{Identity, needs_identity};
use crate::domain::{Channel, IdentityMethod, Right, channel::words, letter::Item, secret};

words! {
    /// A complaint.
    Complaint, "complaint" {
        /// After its last day.
        Late = "late",
        /// Proof of identity is asked for where none is needed, or again.
        TooMuchIdentity = "too_much_identity",
        /// Not in the language of the request.
        WrongLanguage = "wrong_language",
        /// By a way that leaves no trace, or on paper for an electronic request and the other way round.
        WrongMedium = "wrong_medium",
        /// Something is not said that the law or common sense asks for.
        MissingItem = "missing_item",
        /// A place that was to be filled in is not.
        Placeholder = "placeholder",
        /// A full IIN, card or account number.
        NotMasked = "not_masked",
        /// Data is told and it is not known to whom.
        Unverified = "unverified",
        /// Destruction is told and not finished.
        NotDestroyed = "not_destroyed",
        /// A refusal that nobody had signed when the letter was made.
        Unsigned = "unsigned",
    }
}

/// What was asked for before, where a letter could no longer mend it.
pub const ASKED: &str = "asked";

impl Complaint {
    /// Whether a letter may go out in spite of it, with a reason: a late answer gets no better by waiting, a person
    /// may ask for another way, and what was asked of them before cannot be unasked.
    pub fn may_be_overruled(self) -> bool {
        matches!(self, Self::Late | Self::WrongMedium | Self::TooMuchIdentity)
    }
}

impl Fault {
    /// Whether it is left out of account as this complaint; a letter that asks for too much itself is mended.
    pub fn is_overruled_by(&self, complaint: Complaint) -> bool {
        let mendable = complaint == Complaint::TooMuchIdentity && self.what.is_none();
        self.complaint == complaint && !mendable
    }
}

/// One complaint, and of what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Which.
    pub complaint: Complaint,
    /// The item that is missing, the language or the day that was due.
    pub what: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Some(what) => write!(f, "{} ({what})", self.complaint),
            None => write!(f, "{}", self.complaint),
        }
    }
}

/// How a place that is to be filled in begins; a letter that holds one is no letter yet.
pub const BLANK: &str = "[[";

/// What a letter says, as text.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Its whole text.
    pub text: &'a str,
    /// What must stand in it.
    pub items: &'a [Item],
    /// Its languages.
    pub languages: &'a [String],
}

/// What is known of the request it answers.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What was asked.
    pub right: Right,
    /// In which language; `None`: not recorded.
    pub language: Option<&'a str>,
    /// By which way.
    pub channel: Channel,
    /// The ways of every letter of the case: any of them suits.
    pub ways: &'a [Channel],
    /// How identity was confirmed.
    pub identity: Option<IdentityMethod>,
    /// The ground, where it is a refusal.
    pub ground: Option<&'a str>,
    /// The last day of an answer.
    pub due: Option<NaiveDate>,
    /// Its hour is over, on that day.
    pub is_past_hour: bool,
    /// Whether the letter tells what is held.
    pub tells: bool,
    /// Whether destruction that it tells is not finished.
    pub pending: bool,
    /// Whether the person was asked who they are.
    pub asked_identity: bool,
    /// Whether it refuses and nobody has signed.
    pub unsigned: bool,
}

/// What is wrong with the words: found as soon as the letter is made, whenever it is sent.
pub fn wording(draft: Draft<'_>, asked: Asked<'_>) -> Vec<Fault> {
    let plain = flat(draft.text);
    let missing = draft.items.iter().filter(|item| !plain.contains(&flat(&item.text)));
    // A sheet in two languages owes each item twice.
    let mut named = BTreeSet::new();
    let missing = missing.filter(|item| named.insert(&item.name));
    let mut faults: Vec<Fault> =
        missing.map(|item| fault(Complaint::MissingItem, Some(&item.name))).collect();
    if draft.text.contains(BLANK) {
        faults.push(fault(Complaint::Placeholder, None));
    }
    if !secret::find(draft.text).is_empty() {
        faults.push(fault(Complaint::NotMasked, None));
    }
    if let Some(language) = asked.language.filter(|asked| !draft.languages.iter().any(|one| one == asked)) {
        faults.push(fault(Complaint::WrongLanguage, Some(language)));
    }
    if asks_too_much(asked) {
        faults.push(fault(Complaint::TooMuchIdentity, None));
    }
    if asked.tells && asked.identity.is_none() {
        faults.push(fault(Complaint::Unverified, None));
    }
    if asked.unsigned {
        faults.push(fault(Complaint::Unsigned, None));
    }
    faults
}

/// What stands against sending it on this day by this way.
pub fn sending(asked: Asked<'_>, by: Option<Channel>, day: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(due) = asked.due.filter(|due| day > *due || asked.is_past_hour && day == *due) {
        faults.push(fault(Complaint::Late, Some(&due.to_string())));
    }
    if let Some(by) = by.filter(|by| !asked.ways.iter().chain([&asked.channel]).any(|way| suits(*way, *by))) {
        faults.push(fault(Complaint::WrongMedium, Some(by.as_str())));
    }
    if asked.tells && asked.identity.is_none() {
        faults.push(fault(Complaint::Unverified, None));
    }
    if asked.pending {
        faults.push(fault(Complaint::NotDestroyed, None));
    }
    faults.extend(asked_too_much(asked));
    faults
}

fn fault(complaint: Complaint, what: Option<&str>) -> Fault {
    Fault { complaint, what: what.map(str::to_owned) }
}

/// A refusal for want of identity, where none is asked for by law or it was confirmed already.
fn asks_too_much(asked: Asked<'_>) -> bool {
    let needless = is_for_anybody(asked.right) && asked.right != Right::Minor;
    asked.ground == Some("RF-ID") && (asked.identity.is_some() || needless)
}

/// Proof of identity was asked for on the way to the answer, where anybody may have it.
pub fn asked_too_much(asked: Asked<'_>) -> Option<Fault> {
    // A minor's data goes like any other; of the rest people decide.
    let by_command = asked.right.carried_out_as().has_command() && asked.right != Right::Minor;
    let too_much = asked.asked_identity && by_command && is_for_anybody(asked.right);
    too_much.then(|| fault(Complaint::TooMuchIdentity, Some(ASKED)))
}

/// Whether a right is anybody's, whoever they are: nothing is told and nothing destroyed for it.
pub(super) fn is_for_anybody(right: Right) -> bool {
    matches!(needs_identity(right), Identity::NotNeeded | Identity::Messages) && !right.tells_data()
}

/// In writing, and in the form the person chose: electronic or paper. Handing it over in person always suits.
fn suits(came: Channel, goes: Channel) -> bool {
    use Channel as C;
    let electronic = |channel| matches!(channel, C::Email | C::WebForm);
    let paper = |channel| matches!(channel, C::RegisteredLetter | C::Courier | C::InPerson);
    match goes {
        C::Phone | C::Other => false,
        C::InPerson => true,
        _ => !(electronic(came) && paper(goes) || paper(came) && electronic(goes)),
    }
}

/// Without breaks, so that a line's end hides nothing.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked<'static> {
        Asked {
            right: Right::Access,
            language: Some("ru"),
            channel: Channel::Email,
            ways: &[],
            identity: Some(IdentityMethod::Document),
            ground: None,
            due: NaiveDate::from_ymd_opt(2026, 11, 25),
            is_past_hour: false,
            tells: true,
            pending: false,
            asked_identity: false,
            unsigned: false,
        }
    }

    fn items() -> Vec<Item> {
        [("purposes", "обслуживание, реклама"), ("appeal", "суд")]
            .map(|(name, text)| Item { name: name.into(), text: text.into() })
            .into()
    }

    fn said(faults: &[Fault]) -> String {
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn words_that_people_complain_of() {
        let ru = ["ru".to_owned()];
        let good = "Цели: обслуживание,\n  реклама. Вы можете обратиться в суд.";
        let of = |text: &str, asked| {
            let items = items();
            said(&wording(Draft { text, items: &items, languages: &ru }, asked))
        };
        assert_eq!(of(good, asked()), "");
        assert_eq!(of("Цели: обслуживание. Суд и суд.", asked()), "missing_item (purposes)");
        assert_eq!(of("", asked()), "missing_item (purposes); missing_item (appeal)");
        let twice = [items(), items()].concat();
        let sheet = Draft { text: "", items: &twice, languages: &ru };
        assert_eq!(said(&wording(sheet, asked())), "missing_item (purposes); missing_item (appeal)");
        assert_eq!(of(&format!("{good} [[заполнить]]"), asked()), "placeholder");
        assert_eq!(of(&format!("{good} ИИН 900101399998"), asked()), "not_masked");
        assert_eq!(of(good, Asked { language: Some("kk"), ..asked() }), "wrong_language (kk)");
        assert_eq!(of(good, Asked { language: None, ..asked() }), "");
        assert_eq!(of(good, Asked { identity: None, ..asked() }), "unverified");
        assert_eq!(of(good, Asked { identity: None, tells: false, ..asked() }), "");
    }

    #[test]
    fn identity_is_not_asked_for_without_need() {
        for (about, right, identity, ground, too_much) in [
            ("to show data one must know to whom", Right::Access, None, Some("RF-ID"), false),
            ("to destroy it too", Right::Erase, None, Some("RF-ID"), false),
            ("it was confirmed", Right::Erase, Some(IdentityMethod::InPerson), Some("RF-ID"), true),
            ("a block harms nobody", Right::Restrict, None, Some("RF-ID"), true),
            ("nor does the end of messages", Right::OptOut, None, Some("RF-ID"), true),
            ("a minor's data goes for somebody confirmed alone", Right::Minor, None, Some("RF-ID"), false),
            ("another ground", Right::Restrict, None, Some("RF-NOVIOL"), false),
        ] {
            assert_eq!(asks_too_much(Asked { right, identity, ground, ..asked() }), too_much, "{about}");
        }
    }

    #[test]
    fn day_and_way_of_sending() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap_or_default();
        let unknown = Asked { identity: None, ..asked() };
        let pending = Asked { pending: true, ..asked() };
        let hour = Asked { is_past_hour: true, ..asked() };
        let letter = Asked { channel: Channel::RegisteredLetter, ..asked() };
        let proof = |right| Asked { right, asked_identity: true, ..asked() };
        let email = Some(Channel::Email);
        for (about, asked, by, on, faults) in [
            ("in time", asked(), Some(Channel::Email), 25, ""),
            ("a day late", asked(), Some(Channel::Email), 26, "late (2026-11-25)"),
            ("after its hour", hour, Some(Channel::Email), 25, "late (2026-11-25)"),
            ("sent the day before", hour, Some(Channel::Email), 24, ""),
            ("way not said", asked(), None, 25, ""),
            ("by phone", asked(), Some(Channel::Phone), 25, "wrong_medium (phone)"),
            ("paper for a mail", asked(), Some(Channel::Courier), 25, "wrong_medium (courier)"),
            ("mail for a letter", letter, Some(Channel::Email), 25, "wrong_medium (email)"),
            ("courier for a letter", letter, Some(Channel::Courier), 25, ""),
            ("in person", asked(), Some(Channel::InPerson), 25, ""),
            ("a draft", unknown, Some(Channel::Email), 25, "unverified"),
            ("not destroyed yet", pending, Some(Channel::Email), 25, "not_destroyed"),
            ("proof was asked for a copy", proof(Right::Export), email, 25, ""),
            ("for the end of messages", proof(Right::OptOut), email, 25, "too_much_identity (asked)"),
            ("for a block", proof(Right::Restrict), email, 25, "too_much_identity (asked)"),
            ("for a complaint, by people", proof(Right::Complaint), email, 25, ""),
        ] {
            assert_eq!(said(&sending(asked, by, day(on))), faults, "{about}");
        }
    }
}
