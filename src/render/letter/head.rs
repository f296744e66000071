//! The frame of every letter: who writes, to whom, under which number, and how to appeal.

use serde::Serialize;
use serde_json::Value;

use super::{Brief, asked, blocked, ground, item, told};
use crate::{
    decide::access::Dossier,
    domain::{LetterKind, Right, fold, letter::Item},
    policy::officer::Responsible,
    render::{Words, guard},
    store::CaseFile,
};

/// What cannot stand in any letter: an item that is owed and that nobody has filled in.
const OWED: &str = "dsr.yaml";

/// Rules that name who hears a complaint; their articles are printed once a lawyer has confirmed them.
const AUTHORITY: &str = "KZ-27.2";
const COURT: &str = "KZ-30";

/// Everything around the body.
#[derive(Serialize)]
pub(super) struct Frame {
    head: Head,
    /// The name of the body's template.
    body: &'static str,
    warnings: Vec<String>,
    to: Vec<String>,
    title: String,
    greeting: Option<String>,
    /// Whom the letter means by "you", where somebody acts for the person.
    acting: Option<String>,
    note: Option<String>,
    appeal: Vec<String>,
    footer: String,
}

#[derive(Serialize)]
struct Head {
    controller: String,
    bin: Option<String>,
    contacts: Vec<String>,
    responsible: Option<Vec<String>>,
    number: String,
    date: String,
    /// Whose letter is answered; a recipient and an authority wrote none.
    case: Option<String>,
    received: Option<String>,
    tracking: Option<String>,
    post: String,
    signs: String,
}

/// Makes the frame in one language.
pub(super) fn frame(brief: &Brief<'_>, words: &Words) -> Frame {
    let appeals = brief.kind.is_to_person();
    Frame {
        head: head(brief, words),
        body: brief.kind.as_str(),
        warnings: warnings(brief, words),
        to: to(brief, words),
        title: words.say(&format!("letter-title-{}", title(brief, words))),
        greeting: greeted(brief)
            .filter(|_| appeals)
            .map(|name| words.say_with("letter-greeting", &[("name", name.into())])),
        acting: (appeals && acts(brief)).then(|| words.say("letter-acting")),
        note: brief.note.map(guard::terminal),
        appeal: if appeals { appeal(brief, words) } else { Vec::new() },
        footer: footer(brief, words),
    }
}

fn title(brief: &Brief<'_>, words: &Words) -> &'static str {
    let copy = brief.case.is_some_and(|case| case.right == Right::Export);
    let part = asked::is_part(brief);
    match (brief.kind, partial(brief)) {
        (LetterKind::Access, _) if copy => "export",
        (LetterKind::Erasure, _) if part => "erasure-part",
        (LetterKind::Withdrawal, _) if part => "withdrawal-part",
        (LetterKind::Refusal, _) if told::told(brief, words).in_part => "refusal-part",
        (LetterKind::Partial, "waiting") => "partial-waiting",
        (LetterKind::Partial, "found") => "partial-found",
        (LetterKind::Partial, "nothing") => "partial-nothing",
        (LetterKind::Unblock, _) if blocked::stands(brief) => "unblock-stands",
        (kind, _) => kind.as_str(),
    }
}

/// Which of the letters about a part it is: nothing may be done yet, or only by people elsewhere, or nothing of it was
/// left to do.
pub(super) fn partial(brief: &Brief<'_>) -> &'static str {
    let story = brief.story;
    match (story.is_done_in_part(), story.found) {
        (true, _) => "part",
        (false, true) => "found",
        (false, false) if story.is_idle() => "nothing",
        (false, false) => "waiting",
    }
}

fn head(brief: &Brief<'_>, words: &Words) -> Head {
    let (officer, published) = (brief.officer, &brief.rulebook.policy.controller);
    let address = officer.address.as_ref().or(published.address.as_ref());
    let contacts = [address, published.phone.as_ref(), published.email.as_ref()];
    let responsible = officer.responsible.as_ref();
    let answers = brief.case.filter(|_| brief.kind.is_to_person());
    let (post, signs) = signature(brief, words);
    Head {
        controller: officer.legal_name.clone().unwrap_or_else(|| published.name.clone()),
        bin: officer.bin.clone().or_else(|| published.bin.clone()),
        contacts: contacts.into_iter().flatten().cloned().collect(),
        responsible: responsible.map(named),
        number: brief.number.clone(),
        date: words.day(brief.today),
        case: answers.map(|case| case.number.to_string()),
        received: answers.map(|case| words.day(case.received.day())),
        tracking: answers.and_then(|case| case.tracking.as_deref()).map(guard::terminal),
        post,
        signs,
    }
}

/// Post and name of who signs: a refusal whoever signed it, anything else the responsible person.
fn signature(brief: &Brief<'_>, words: &Words) -> (String, String) {
    let responsible = brief.officer.responsible.as_ref();
    let signed = brief.story.refused.as_ref().filter(|_| brief.kind == LetterKind::Refusal);
    let other = signed
        .filter(|one| responsible.is_none_or(|own| fold::key(&own.name) != fold::key(&one.by)))
        .map(|one| (String::new(), guard::terminal(&one.by)));
    let post = || responsible.and_then(|one| one.post.clone());
    let name = || responsible.map(|one| one.name.clone()).unwrap_or_default();
    other.unwrap_or_else(|| (post().unwrap_or_else(|| words.say("letter-responsible")), name()))
}

/// Name, post, phone and mail of the responsible person, as far as they are filled in.
fn named(one: &Responsible) -> Vec<String> {
    [Some(&one.name), one.post.as_ref(), one.phone.as_ref(), one.email.as_ref()]
        .into_iter()
        .flatten()
        .cloned()
        .collect()
}

/// How to reach the responsible person.
pub(super) fn contact(brief: &Brief<'_>, words: &Words) -> String {
    let own = |one: &Responsible| {
        [Some(&one.name), one.phone.as_ref(), one.email.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    };
    brief.officer.responsible.as_ref().map_or_else(|| words.say("letter-contact-none"), own)
}

fn warnings(brief: &Brief<'_>, words: &Words) -> Vec<String> {
    let lets_know = |case: &CaseFile| brief.story.lets_know(brief.kind, case.right);
    let unverified = brief.case.is_some_and(|case| lets_know(case) && case.identity.is_none());
    let all = [
        ("letter-drill", brief.drill),
        ("letter-draft-identity", unverified),
        ("letter-draft-pending", brief.is_pending()),
        ("letter-draft-unsigned", brief.is_unsigned()),
        ("letter-not-reviewed", brief.is_unreviewed(words.lang())),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(key, _)| words.say(key)).collect()
}

fn to(brief: &Brief<'_>, words: &Words) -> Vec<String> {
    match brief.kind {
        LetterKind::Authority => vec![words.say("letter-to-authority")],
        LetterKind::PolicyChange => vec![words.say("letter-to-everyone")],
        LetterKind::Recipient => recipient(brief),
        _ => {
            let person =
                recognised(brief).and_then(full_name).unwrap_or_else(|| words.say("letter-to-person"));
            std::iter::once(person).chain(acting(brief).map(guard::terminal)).collect()
        }
    }
}

/// Whether the letter goes to somebody who acts for the person: whoever lost their authority once it was carried out
/// hears no more than that they have none.
pub(super) fn acts(brief: &Brief<'_>) -> bool {
    brief.story.acting && !is_for_person(brief)
}

/// The name of whoever acts for the person, where the letter goes to them.
fn acting<'a>(brief: &Brief<'a>) -> Option<&'a str> {
    let named = brief.case.and_then(|case| case.representative.as_deref());
    named.filter(|_| !is_for_person(brief))
}

fn is_for_person(brief: &Brief<'_>) -> bool {
    brief.story.lost && brief.kind != LetterKind::Refusal
}

/// Whoever reads the letter: the person, or whoever acts for them, by the name that their request gave. Of a parent
/// whom it does not name nobody is greeted, least of all the child.
fn greeted(brief: &Brief<'_>) -> Option<String> {
    match acting(brief) {
        Some(name) => Some(guard::terminal(name)),
        None if acts(brief) => None,
        None => recognised(brief).and_then(short_name),
    }
}

/// The person's data, once it is known that they are the one who asks: a stranger learns no name from an answer.
fn recognised<'a>(brief: &Brief<'a>) -> Option<&'a Dossier> {
    brief.dossier.filter(|_| brief.case.is_some_and(|case| case.identity.is_some()))
}

fn recipient(brief: &Brief<'_>) -> Vec<String> {
    let Some(name) = brief.recipient else { return Vec::new() };
    let known = brief.officer.recipients.iter().find(|one| one.name == name);
    let contact = known.and_then(|one| one.contact.as_deref());
    std::iter::once(name).chain(contact).map(guard::terminal).collect()
}

/// Family name, given name, patronymic, as the data states them.
pub(super) fn full_name(dossier: &Dossier) -> Option<String> {
    name_of(dossier, &["family_name", "given_name", "patronymic"])
}

fn short_name(dossier: &Dossier) -> Option<String> {
    name_of(dossier, &["given_name", "patronymic"])
}

/// From the record that states most of it.
fn name_of(dossier: &Dossier, fields: &[&str]) -> Option<String> {
    let name = |data: &String| {
        let data: Value = serde_json::from_str(data).ok()?;
        let parts = fields.iter().filter_map(|field| Some(data.get(*field)?.as_str()?.trim().to_owned()));
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then_some(parts)
    };
    let stated = dossier.held.iter().filter_map(|held| name(&held.record.data));
    stated.max_by_key(Vec::len).map(|parts| guard::terminal(&parts.join(" ")))
}

fn appeal(brief: &Brief<'_>, words: &Words) -> Vec<String> {
    let law = |id: &str| {
        let cited = ground::citation(id, brief, words);
        cited.map(|law| format!(" ({law})")).unwrap_or_default()
    };
    vec![
        words.say_with("letter-appeal-responsible", &[("contact", contact(brief, words).into())]),
        words.say_with("letter-appeal-authority", &[("law", law(AUTHORITY).into())]),
        words.say_with("letter-appeal-court", &[("law", law(COURT).into())]),
    ]
}

fn footer(brief: &Brief<'_>, words: &Words) -> String {
    let policy = &brief.rulebook.policy;
    let dated = policy.dated.map(|day| format!(", {}", words.day(day))).unwrap_or_default();
    let policy = format!("{}{dated}", policy.title);
    match brief.case {
        Some(case) => {
            let values = [("case", case.number.to_string().into()), ("policy", policy.into())];
            words.say_with("letter-footer", &values)
        }
        None => policy,
    }
}

impl Frame {
    /// What every letter owes: whose it is, its numbers and dates, the responsible person, the appeal.
    pub(super) fn items(&self) -> Vec<Item> {
        let head = &self.head;
        let owed = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or(OWED).to_owned();
        let mut items = vec![
            item("controller", &head.controller),
            item("bin", &owed(head.bin.as_deref())),
            item("address", &owed(head.contacts.first().map(String::as_str))),
            item(
                "responsible",
                &owed(head.responsible.as_ref().and_then(|one| one.first()).map(String::as_str)),
            ),
            item("signed", &head.signs),
            item("number", &head.number),
            item("date", &head.date),
            item("case", head.case.as_deref().unwrap_or_default()),
            item("received", head.received.as_deref().unwrap_or_default()),
        ];
        items.extend(self.appeal.iter().map(|line| item("appeal", line)));
        items
    }
}
