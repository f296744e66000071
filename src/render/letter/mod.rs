//! Letters: what a case recorded, in words, on a sheet that can be printed and sent.
//!
//! | file | what |
//! |---|---|
//! | `templates` | the texts built in and those an office puts in their place |
//! | `head` | who writes to whom, under which number, and how to appeal |
//! | `asked` | which part was asked for |
//! | `held` | what is held, as art. 24 wants it told |
//! | `notice` | whom a notice to a recipient is about, and what it asks |
//! | `told` | what was done, what stayed and why |
//! | `before` | what was done of what is refused, and what anybody may know of it |
//! | `items` | what of it a finished letter is looked through for |
//! | `on_paper` | the same where people did it |
//! | `corrected` | what was corrected, and what nobody corrected |
//! | `blocked` | what is or was blocked, and since when |
//! | `policy` | the policy that changes |
//! | `ground` | why, with only what a lawyer has confirmed |
//! | `text` | plain text, and a page read as text |
//!
//! Every figure comes from the case, the store or the rules; nothing is typed by hand but a note and, where an
//! office numbers its letters itself, the number. Each thing a letter must say is handed out beside it as an
//! item, so that it can be looked for in the finished text, whatever the template made of it.

mod asked;
mod before;
mod blocked;
mod corrected;
mod ground;
mod head;
mod held;
mod items;
mod notice;
mod on_paper;
mod policy;
mod templates;
mod text;
mod told;

use std::sync::Arc;

use chrono::NaiveDate;
use minijinja::value::{Serde, Value};
use serde::Serialize;

pub use templates::{Form, Templates};
pub use text::readable;

use crate::{
    audit::Hash,
    decide::{
        access::Dossier,
        by_place::put_off::PutOff,
        complaints::{self, Asked, Draft, Fault},
        letters::Story,
    },
    domain::{Disclosure, Duty, Letter, LetterKind, Result, Right, letter::Item},
    policy::{Rulebook, officer::OfficerController},
    render::{Answer, Block, Lang, Words},
    store::{CaseFile, destroy::Destruction},
};

/// What a letter is made of.
pub struct Brief<'a> {
    /// Which letter.
    pub kind: LetterKind,
    /// Its outgoing number.
    pub number: String,
    /// The case it belongs to; a change of the policy belongs to none.
    pub case: Option<&'a CaseFile>,
    /// What happened in the case.
    pub story: &'a Story,
    /// What is held of the person today.
    pub dossier: Option<&'a Dossier>,
    /// Acts of destruction of the case.
    pub acts: &'a [Destruction],
    /// What people had and have to do.
    pub duties: &'a [Duty],
    /// What of it waits, and why.
    pub put_off: &'a [PutOff],
    /// Policy and law.
    pub rulebook: &'a Rulebook,
    /// What the officer filled in about the company.
    pub officer: &'a OfficerController,
    /// In which languages; two make a bilingual sheet.
    pub languages: &'a [Lang],
    /// The recipient it goes to, where it goes to one.
    pub recipient: Option<&'a str>,
    /// The ground of a refusal that nobody has signed yet.
    pub ground: Option<&'a str>,
    /// A paragraph of the officer's own.
    pub note: Option<&'a str>,
    /// The day it is made.
    pub today: NaiveDate,
    /// Whether people and time are invented.
    pub drill: bool,
}

/// A finished letter.
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// What the case keeps of it.
    pub letter: Letter,
    /// What the list of complaints says of its words.
    pub faults: Vec<Fault>,
}

impl Answer for Made {
    fn schema(&self) -> &'static str {
        "dsr/letter/v1"
    }

    fn body(&self) -> serde_json::Result<serde_json::Value> {
        let Letter { kind, number, languages, sha256, faults, .. } = &self.letter;
        let text = String::from_utf8_lossy(&self.bytes);
        Ok(serde_json::json!({
            "faults": faults, "kind": kind, "languages": languages, "number": number, "sha256": sha256, "text": text,
        }))
    }

    fn page(&self, _words: &Words) -> Vec<Block> {
        String::from_utf8_lossy(&self.bytes).lines().map(|line| Block::Line(line.to_owned())).collect()
    }
}

impl Brief<'_> {
    /// What the list of complaints needs to know of the request.
    pub fn asked(&self) -> Asked<'_> {
        let case = self.case;
        Asked {
            right: case.map_or(Right::Complaint, |case| case.right),
            language: case.filter(|_| self.kind.is_to_person()).and_then(|case| case.language.as_deref()),
            channel: case.map_or(crate::domain::Channel::Other, |case| case.channel),
            ways: &self.story.ways,
            identity: case.and_then(|case| case.identity),
            ground: if self.kind == LetterKind::Refusal { self.ground.or(self.story.ground()) } else { None },
            due: case.and_then(|case| case.due),
            is_past_hour: false,
            tells: case.is_some_and(|case| self.story.lets_know(self.kind, case.right)),
            pending: self.is_pending(),
            asked_identity: self.story.asked_identity,
            unsigned: self.is_unsigned(),
        }
    }

    /// A refusal that nobody has signed is a draft.
    fn is_unsigned(&self) -> bool {
        self.kind == LetterKind::Refusal && self.story.refused.is_none()
    }

    /// What the recipient of a notice received.
    fn handed_over(&self) -> impl Iterator<Item = &Disclosure> {
        let all = self.dossier.iter().flat_map(|dossier| &dossier.facts.disclosures);
        all.filter(|one| self.kind == LetterKind::Recipient && self.recipient == Some(&one.recipient))
    }

    fn is_pending(&self) -> bool {
        self.acts.iter().any(|act| self.story.is_pending(act.finished.is_some(), act.is_clean()))
    }

    /// A bilingual sheet and a Kazakh one wait for a lawyer, until the officer's file says that one has read it.
    fn is_unreviewed(&self, lang: Lang) -> bool {
        let reviewed = self.officer.letters_reviewed.iter().any(|one| one == lang.tag());
        (lang == Lang::Kk || self.languages.len() > 1) && !reviewed
    }
}

/// One language of a letter, finished.
#[derive(Serialize)]
struct Part {
    lang: &'static str,
    text: String,
}

/// The words of one language, as the body's templates know them by name.
#[derive(Serialize)]
struct Body {
    #[serde(flatten)]
    frame: head::Frame,
    #[serde(flatten)]
    facts: told::Facts,
    held: Option<held::HeldWords>,
    told: told::Told,
}

/// Makes a letter.
///
/// # Errors
/// Configuration (exit 6): a template that does not work.
pub fn make(brief: &Brief<'_>, templates: &Templates, form: Form) -> Result<Made> {
    let (mut parts, mut items) = (Vec::new(), Vec::new());
    for lang in brief.languages {
        let words = templates.words(*lang);
        parts.push(part(brief, templates, form, &words, &mut items)?);
    }
    let bytes = sheet(brief, templates, form, &parts)?.into_bytes();
    let languages: Vec<String> = brief.languages.iter().map(|lang| lang.tag().to_owned()).collect();
    let plain = readable(&String::from_utf8_lossy(&bytes));
    let draft = Draft { text: &plain, items: &items, languages: &languages };
    let faults = complaints::wording(draft, brief.asked());
    let letter = Letter {
        kind: brief.kind.to_string(),
        number: brief.number.clone(),
        languages,
        sha256: Hash::of(&bytes).to_string(),
        items,
        faults: faults.iter().map(ToString::to_string).collect(),
    };
    Ok(Made { bytes, letter, faults })
}

fn part(
    brief: &Brief<'_>,
    templates: &Templates,
    form: Form,
    words: &Arc<Words>,
    items: &mut Vec<Item>,
) -> Result<Part> {
    let body = Body {
        frame: head::frame(brief, words),
        facts: told::facts(brief, words),
        held: brief.dossier.map(|dossier| held::held(brief, dossier, words)),
        told: told::told(brief, words),
    };
    items.extend(must_say(brief, &body));
    let text = templates.fill(form, "part", Arc::clone(words), Value::from(Serde(body)))?;
    Ok(Part { lang: words.lang().tag(), text })
}

fn sheet(brief: &Brief<'_>, templates: &Templates, form: Form, parts: &[Part]) -> Result<String> {
    #[derive(Serialize)]
    struct Page<'a> {
        lang: &'a str,
        number: &'a str,
        parts: &'a [Part],
    }
    let lang = parts.first().map_or("ru", |part| part.lang);
    let page = Page { lang, number: &brief.number, parts };
    let words = templates.words(brief.languages.first().copied().unwrap_or(Lang::Ru));
    let text = templates.fill(form, "page", words, Value::from(Serde(page)))?;
    Ok(match form {
        Form::Html => text,
        Form::Text => text::tidy(&text),
    })
}

/// What this letter has to say, as it says it: the head of every letter, then what belongs to its kind.
fn must_say(brief: &Brief<'_>, body: &Body) -> Vec<Item> {
    use LetterKind as L;
    let mut items = body.frame.items();
    match brief.kind {
        L::Access => {
            items.extend(body.held.iter().flat_map(held::HeldWords::items));
            items.extend(body.told.found.iter().map(|line| item("found", line)));
        }
        L::Refusal => {
            items.extend(body.facts.refusal_items());
            items.extend(body.told.before());
        }
        L::PolicyChange | L::Authority | L::NothingHeld => {}
        _ => items.extend(body.told.items(brief.kind)),
    }
    items.retain(|item| item.name == "bin" || item.name == "responsible" || !item.text.is_empty());
    items
}

fn item(name: &str, text: &str) -> Item {
    Item { name: name.to_owned(), text: text.to_owned() }
}
