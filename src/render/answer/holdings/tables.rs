//! The rows that terminal, CSV and HTML share.

use super::{
    Form, Holdings,
    terms::{self, DASH},
};
use crate::{
    decide::{
        access::{Dossier, Held},
        consents::stopped_parts,
    },
    domain::{Consent, Moment, Purpose},
    render::{Sheet, Words},
};

/// The CSV form: one row a record under the stable English keys.
pub(super) fn keys(answer: &Holdings) -> Sheet {
    let mut sheet = Sheet::new([
        "id",
        "category",
        "system",
        "source",
        "purposes",
        "collected_at",
        "verdict",
        "keep_until",
        "rule",
        "clause",
        "law",
        "blocked",
        "restricted_until",
        "excess",
        "data",
        "annotations",
    ]);
    answer.held().iter().for_each(|held| sheet.push(key_row(held, answer.form)));
    sheet
}

fn key_row(held: &Held, form: Form) -> [String; 16] {
    let (record, why) = (&held.record, held.verdict.reason());
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    [
        terms::reference(record),
        record.category.to_string(),
        record.system.clone(),
        record.source.clone(),
        record.purposes.iter().map(Purpose::as_str).collect::<Vec<_>>().join("|"),
        terms::collected(record).map(Moment::rfc3339).unwrap_or_default(),
        held.verdict.as_str().to_owned(),
        day(held.verdict.until()),
        text(why.map(|why| &why.rule)),
        text(why.and_then(|why| why.clause.as_ref())),
        text(why.and_then(|why| why.law.as_ref())),
        held.is_blocked().to_string(),
        day(held.restricted_until()),
        held.excess.to_string(),
        content(held, form, "|"),
        annotations(held, form),
    ]
}

/// The notes beside a record: `amount=5`; without values in an access answer.
fn annotations(held: &Held, form: Form) -> String {
    let line = |(field, note, _): &(String, String, Moment)| match form {
        Form::Export => format!("{field}={}", terms::said(note)),
        Form::Access => field.clone(),
    };
    held.record.annotations.iter().map(line).collect::<Vec<_>>().join("|")
}

/// The records in words.
pub(super) fn records(answer: &Holdings, words: &Words) -> Sheet {
    let titles = ["record", "category", "source", "collected", "stored-until", "rule", "data"];
    let mut sheet = titled(words, titles);
    for held in answer.held() {
        sheet.push([
            terms::reference(&held.record),
            words.term("category", held.record.category.as_str()),
            words.term("source", &held.record.source),
            terms::collected(&held.record).map_or_else(|| DASH.into(), |at| words.day(at.day())),
            terms::storage(held, words),
            terms::cited(held, words),
            noted(held, answer.form, words),
        ]);
    }
    sheet
}

/// The content, and the notes beside it.
fn noted(held: &Held, form: Form, words: &Words) -> String {
    let notes = terms::notes(&held.record, form, words).into_iter();
    let notes = notes.map(|note| format!("{}: {note}", words.say("noted")));
    std::iter::once(content(held, form, ", ")).chain(notes).collect::<Vec<_>>().join("; ")
}

/// The payload in a copy; its field names, joined, in an access answer.
fn content(held: &Held, form: Form, joint: &str) -> String {
    match form {
        Form::Export => held.record.data.clone(),
        Form::Access => terms::field_names(&held.record).join(joint),
    }
}

/// Who received what.
pub(super) fn disclosures(dossier: &Dossier, words: &Words) -> Sheet {
    let mut sheet = titled(words, ["recipient", "country", "data", "purpose", "basis", "date"]);
    for one in &dossier.facts.disclosures {
        let categories = one.categories.iter().map(|category| words.term("category", category.as_str()));
        sheet.push([
            words.recipient(&one.recipient),
            one.country.clone(),
            categories.collect::<Vec<_>>().join(", "),
            words.term("purpose", one.purpose.as_str()),
            one.basis.clone(),
            words.day(one.at.day()),
        ]);
    }
    sheet
}

/// What the person consented to.
pub(super) fn consents(dossier: &Dossier, words: &Words) -> Sheet {
    let mut sheet = titled(words, ["scope", "given", "withdrawn", "evidence"]);
    for one in &dossier.facts.consents {
        let evidence = Some(one.evidence.clone()).filter(|text| !text.is_empty());
        sheet.push([
            words.term("scope", one.scope.as_str()),
            words.day(one.given_at.day()),
            one.withdrawn_at.map_or_else(|| parts(one, dossier, words), |at| words.day(at.day())),
            evidence.unwrap_or_else(|| DASH.into()),
        ]);
    }
    sheet
}

/// The purposes of a consent that were stopped while the rest of it stands, each with its day.
fn parts(consent: &Consent, dossier: &Dossier, words: &Words) -> String {
    let parts = stopped_parts(consent, &dossier.facts.suppressions).into_iter();
    let part = |(purpose, since): (Purpose, Moment)| {
        format!("{}: {}", words.term("purpose", purpose.as_str()), words.day(since.day()))
    };
    let all: Vec<String> = parts.map(part).collect();
    if all.is_empty() { DASH.into() } else { all.join("; ") }
}

/// The person's own requests.
pub(super) fn cases(answer: &Holdings, words: &Words) -> Sheet {
    let mut sheet = titled(words, ["number", "right", "received", "due", "state"]);
    for case in answer.cases() {
        sheet.push([
            case.number.to_string(),
            words.term("right", case.right.as_str()),
            words.moment(case.received),
            terms::due(case, words),
            words.term("state", &case.state),
        ]);
    }
    sheet
}

fn titled<const N: usize>(words: &Words, keys: [&str; N]) -> Sheet {
    Sheet::new(keys.map(|key| words.say(key)))
}
