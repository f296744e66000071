//! One line of NDJSON: first its kind, then its struct.
//!
//! The reader's own error texts repeat values, so they are put into our words here.

use serde::Deserialize;
use serde_json::error::Category as Class;

use crate::{domain::suggest, store::load::row::RowKind};

use super::{
    complaint::{Complaint, quotable},
    line::{Raw, RawConsent, RawContact, RawDisclosure, RawObligation, RawRecord, RawSubject},
    place::{Locator, Place, column_of, member_at},
    value::Text,
};

/// Reads one line.
///
/// # Errors
/// What is wrong with it as JSON, or as a line of its kind.
pub fn parse(number: u64, line: &str) -> Result<Raw<'_>, Complaint> {
    if !line.trim_start().starts_with('{') {
        return Err(Complaint::line(number, "an object is expected here").column(1));
    }
    let kind = kind_of(number, line)?;
    let read = match kind {
        RowKind::Subject => serde_json::from_str(line).map(Raw::Subject),
        RowKind::Record => serde_json::from_str(line).map(Raw::Record),
        RowKind::Consent => serde_json::from_str(line).map(Raw::Consent),
        RowKind::Obligation => serde_json::from_str(line).map(Raw::Obligation),
        RowKind::Disclosure => serde_json::from_str(line).map(Raw::Disclosure),
        RowKind::Contact => serde_json::from_str(line).map(Raw::Contact),
    };
    read.map_err(|error| explain(number, line, fields(kind), &error))
}

/// The names a line of this kind may have.
pub fn fields(kind: RowKind) -> &'static [&'static str] {
    match kind {
        RowKind::Subject => RawSubject::FIELDS,
        RowKind::Record => RawRecord::FIELDS,
        RowKind::Consent => RawConsent::FIELDS,
        RowKind::Obligation => RawObligation::FIELDS,
        RowKind::Disclosure => RawDisclosure::FIELDS,
        RowKind::Contact => RawContact::FIELDS,
    }
}

/// The kind. Files write it first, and then the line need not be read twice.
fn kind_of(number: u64, line: &str) -> Result<RowKind, Complaint> {
    let first = line.strip_prefix("{\"kind\":\"").and_then(|rest| rest.split_once('"'));
    if let Some(kind) = first.and_then(|(word, _)| word.parse().ok()) {
        return Ok(kind);
    }
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        kind: Option<Text<'a>>,
    }
    let read: Kind<'_> =
        serde_json::from_str(line).map_err(|error| explain(number, line, &["kind"], &error))?;
    let Some(word) = read.kind else {
        return Err(Complaint::line(number, "`kind` is missing").hint(KINDS));
    };
    word.get().parse().map_err(|why: String| {
        let column = Locator::Json(line).column(Place::Field("kind"));
        Complaint::line(number, why).column(column).field("kind")
    })
}

const KINDS: &str = "it is subject, record, consent, obligation, disclosure or contact";

/// The reader's complaint without the value in it.
fn explain(number: u64, line: &str, known: &[&str], error: &serde_json::Error) -> Complaint {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let at = error.column().saturating_sub(1);
    let complaint = Complaint::line(number, "").column(column_of(line, at));
    let say = |message: String| Complaint { message, ..complaint.clone() };
    match error.classify() {
        Class::Eof => say("the line ends in the middle of a value".into()),
        Class::Data if text.starts_with("invalid") => wrong_type(number, line, at, text),
        Class::Data => data(text, known, say),
        Class::Syntax | Class::Io => say(format!("not JSON: {text}")),
    }
}

fn data(text: &str, known: &[&str], say: impl Fn(String) -> Complaint) -> Complaint {
    if let Some(rest) = text.strip_prefix("unknown field `") {
        let name = rest.split('`').next().unwrap_or_default();
        return unknown_name("field", name, known, say);
    }
    if let Some(rest) = text.strip_prefix("duplicate field ") {
        return say(format!("{rest} stands twice in the line"));
    }
    if text == "too many fields" {
        return say("a payload has at most 1,000 fields".into());
    }
    say("the line has another shape than its kind".into())
}

/// The reader stands behind the value; the complaint goes to where it begins.
fn wrong_type(number: u64, line: &str, at: usize, text: &str) -> Complaint {
    let wanted = text.rsplit_once("expected ").map_or("another value", |(_, wanted)| wanted);
    let wanted = if wanted.starts_with("struct") { "an object" } else { wanted };
    let complaint = Complaint::line(number, format!("{wanted} is expected here"));
    match member_at(line, at) {
        Some((name, start)) => {
            complaint.column(column_of(line, start)).field(quotable(&name).unwrap_or_default())
        }
        None => complaint.column(column_of(line, at)),
    }
}

/// "unknown field", with the nearest name; CSV has columns instead.
pub fn unknown_name(noun: &str, name: &str, known: &[&str], say: impl Fn(String) -> Complaint) -> Complaint {
    let complaint = match quotable(name) {
        Some(name) => say(format!("unknown {noun} `{name}`")),
        None => say(format!("unknown {noun}")),
    };
    match suggest::nearest(name, known.iter().copied()) {
        Some(near) => complaint.hint(format!("did you mean `{near}`?")),
        None => complaint.hint(format!("known {noun}s: {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_refused() {
        for (line, message) in [
            (r#"{"kind":"record","ref":"R-1""#, "7:28: the line ends in the middle of a value"),
            (r#"{"kind":"record" "ref":"R-1"}"#, "7:18: not JSON: expected `,` or `}`"),
            (
                r#"{"ref":"R-1"}"#,
                "7: `kind` is missing (it is subject, record, consent, obligation, disclosure or contact)",
            ),
            (r#"{"kind":"recrod","ref":"R-1"}"#, "7:9: kind: unknown kind; did you mean `record`?"),
            (
                r#"{"kind":"contact","ref":"T-1","subjct":"C-1"}"#,
                "7:38: unknown field `subjct` (did you mean `subject`?)",
            ),
            (
                r#"{"kind":"contact","87010000001":"C-1"}"#,
                "7:31: unknown field (known fields: kind, ref, subject, at, direction)",
            ),
            (r#"{"kind":"contact","ref":"T-1","ref":"T-2"}"#, "7:35: `ref` stands twice in the line"),
            (
                r#"{"kind":"contact","ref":900101399998}"#,
                "7:25: ref: a text in quotation marks is expected here",
            ),
            (
                r#"{"kind":"consent","third_party":"900101399998"}"#,
                "7:33: third_party: a boolean is expected here",
            ),
            (r#"{"kind":"record","data":["8701"]}"#, "7:25: data: an object of fields is expected here"),
            (r#"{"kind":"record","data":{"a":1,"a":2}}"#, "7:37: a field of `data` stands twice in the line"),
            (r#"{"kind":"subject","identifiers":["x"]}"#, "7:33: identifiers: an object is expected here"),
            (r#"["kind"]"#, "7:1: an object is expected here"),
        ] {
            let said = parse(7, line).err().map(|complaint| complaint.to_string());
            assert_eq!(said.as_deref(), Some(message), "{line}");
        }
    }

    #[test]
    fn the_kind_need_not_stand_first() {
        let line = r#"{"ref":"T-\u0031","kind":"contact","subject":null}"#;
        let Ok(Raw::Contact(contact)) = parse(1, line) else { return assert_eq!("a contact", "not read") };
        assert_eq!(contact.reference.as_ref().map(Text::get), Some("T-1"));
        assert!(contact.subject.is_none());
    }
}
