//! The one place that knows YAML: reading a file strictly, and pointing at a place in it.
//!
//! Deliberately absent: writing YAML (comments would be lost, so an author's file is never rewritten),
//! several documents in one file, `yes`/`no` as booleans, merge keys.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::de::DeserializeOwned;
use serde_yaml::{Error as Fault, Location, MessageFormatter, UserMessageFormatter};

use crate::domain::{Error, suggest};

pub use serde_yaml::Spanned;

/// A place in a YAML file: what [`Spanned::referenced`] holds.
pub type Place = Location;

/// Bytes of one file. The largest shipped one is far below; nothing honest is near.
pub const MAX_BYTES: usize = 2 << 20;

/// Reads one file. `shown_name` is the path as the user knows it; it opens every complaint.
///
/// # Errors
/// Exit 6 with `file:line:column`, a picture with a caret and, for an unknown word, the nearest known
/// one: an empty file, a duplicate key, an unknown field, a wrong type, an alias bomb.
pub fn read<T: DeserializeOwned>(shown_name: &str, text: &str) -> Result<T, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(Error::config(format!("{shown_name} is larger than {} MB", MAX_BYTES >> 20)));
    }
    if is_empty(text) {
        return Err(Error::config(format!("{shown_name} is empty"))
            .hint("an empty file is never read as `no rules`: restore it or remove it"));
    }
    serde_yaml::from_str_with_options(text, options()).map_err(|fault| complaint(shown_name, text, fault))
}

/// An error about the meaning of something that was read well: sentence, picture, help.
pub fn point(shown_name: &str, text: &str, at: Place, message: &str, label: &str, help: &str) -> Error {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = Error::config(format!("{}: {message}", place_name(shown_name, at)));
    let error = if at == Place::UNKNOWN { error } else { error.at(shown_name, at.line(), at.column()) };
    let error = error.picture(picture(shown_name, text, at, label));
    if help.is_empty() { error } else { error.hint(help) }
}

/// `file:line:column`, both counted from 1.
pub fn place_name(shown_name: &str, at: Place) -> String {
    if at == Place::UNKNOWN {
        return shown_name.to_owned();
    }
    format!("{shown_name}:{}:{}", at.line(), at.column())
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        strict_booleans: true,
        with_snippet: false,
        reject_unsupported_tags: true,
        merge_keys: serde_yaml::MergeKeyPolicy::Error,
        budget: serde_yaml::budget! {
            max_depth: 32,
            max_documents: 2, // so that the second one has an error of its own
            max_nodes: 100_000,
            max_events: 250_000,
            max_aliases: 64,
            max_anchors: 64,
        },
    }
}

/// Nothing but comments, blank lines and document marks.
fn is_empty(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| matches!(line, "" | "---" | "...") || line.starts_with('#'))
}

fn complaint(shown_name: &str, text: &str, fault: Fault) -> Error {
    let fault = match fault {
        Fault::AliasError { error, .. } => *error,
        other => other,
    };
    let at = fault.location().unwrap_or(Place::UNKNOWN);
    let (message, label, hint) = words(&fault);
    point(shown_name, text, at, &message, label, &hint)
}

/// Sentence, label at the caret, hint.
fn words(fault: &Fault) -> (String, &'static str, String) {
    match fault {
        Fault::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown field `{field}`"), "not known here", did_you_mean(field, expected))
        }
        Fault::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("unknown word `{variant}`"), "not known here", did_you_mean(variant, expected))
        }
        Fault::SerdeMissingField { field, .. } => {
            (format!("the field `{field}` is missing"), "in this part", format!("write `{field}:`"))
        }
        Fault::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().map_or(String::new(), |key| format!(" `{key}`"));
            (format!("the key{key} stands twice"), "the second one", "keep one of the two".into())
        }
        Fault::SerdeInvalidType { unexpected, expected, .. }
        | Fault::SerdeInvalidValue { unexpected, expected, .. } => {
            (format!("found {unexpected}, expected {}", plain(expected)), "here", String::new())
        }
        Fault::Unexpected { expected, .. } => {
            (format!("expected {}", plain(expected)), "here", String::new())
        }
        Fault::InvalidScalar { ty, .. } => (format!("expected {}", plain(ty)), "here", String::new()),
        Fault::Budget { .. } | Fault::AliasReplayLimitExceeded { .. } => {
            let hint = "a policy is flat and short: write out what the aliases repeat";
            ("too large or too deeply nested to be a policy".into(), "stopped here", hint.into())
        }
        Fault::MultipleDocuments { .. } => {
            ("a second document begins".into(), "here", "one file holds one document: remove `---`".into())
        }
        other => (UserMessageFormatter.format_message(other).into_owned(), "here", String::new()),
    }
}

/// The nearest word, or the whole list where none is near.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().copied().collect();
    match suggest::nearest(typed, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "nothing is allowed here".into(),
        None => format!("it is one of {}", known.join(", ")),
    }
}

/// What a type is called by people who write policies.
fn plain(expected: &str) -> &str {
    match expected {
        "bool" | "a boolean" => "`true` or `false`",
        "string" | "a string" => "text",
        "mapping start" => "a part with fields, `name: value`",
        "sequence start" => "a list",
        "u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "usize" => "a whole number",
        _ if expected.starts_with("struct ") => "a part with fields, `name: value`",
        _ if expected.starts_with("enum ") => "a word of the vocabulary",
        _ => expected,
    }
}

/// The line with a caret under the place, without colour.
fn picture(shown_name: &str, text: &str, at: Place, label: &str) -> String {
    if at == Place::UNKNOWN {
        return String::new();
    }
    let line_start = usize::try_from(at.line()).unwrap_or(1);
    let source = text.lines().nth(line_start.saturating_sub(1)).unwrap_or_default();
    let annotation = AnnotationKind::Primary.span(range_in_line(source, at)).label(label);
    let snippet = Snippet::source(source).line_start(line_start).path(shown_name).annotation(annotation);
    Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)])
}

/// The bytes of the place inside its first line: what spans lines is pointed at by its first one.
fn range_in_line(line: &str, at: Place) -> Range<usize> {
    let byte_of = |chars: u64| {
        let nth = usize::try_from(chars).unwrap_or(usize::MAX);
        line.char_indices().nth(nth).map_or(line.len(), |(byte, _)| byte)
    };
    let first = at.column().saturating_sub(1);
    let start = byte_of(first);
    let end = byte_of(first.saturating_add(at.span().len().max(1)));
    start..start + line.get(start..end).map_or(0, |part| part.trim_end().len())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: Spanned<String>,
        #[serde(default)]
        count: u32,
        #[serde(default)]
        on: bool,
        #[serde(default)]
        what: Option<What>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "snake_case")]
    enum What {
        Keep(#[expect(dead_code, reason = "only read")] u32),
        Destroy,
    }

    fn sample(text: &str) -> Result<Sample, Error> {
        read("p.yaml", text)
    }

    #[test]
    fn complaints_have_place_and_remedy() {
        for (about, text, message, hint) in [
            ("empty", "", "p.yaml is empty", "never read"),
            ("only comments", "# nothing\n---\n", "p.yaml is empty", "never read"),
            (
                "unknown field",
                "name: a\ncuont: 1\n",
                "p.yaml:2:1: unknown field `cuont`",
                "did you mean `count`?",
            ),
            ("unknown word", "name: a\nwhat: destory\n", "p.yaml:2:7: unknown word `destory`", "`destroy`?"),
            ("wrong type", "name: a\ncount: many\n", "p.yaml:2:8: expected a whole number", ""),
            ("no boolean", "name: a\non: yes\n", "p.yaml:2:5: ", ""),
            ("duplicate", "name: a\nname: b\n", "p.yaml:2:1: the key `name` stands twice", "keep one"),
            ("two documents", "name: a\n---\nname: b\n", "p.yaml:3:1: a second document", "one document"),
            ("missing", "count: 1\n", "p.yaml:1:1: the field `name` is missing", "write `name:`"),
            ("a list", "- name: a\n", "p.yaml:1:1: expected a part with fields", ""),
            ("null", "name: ~\n", "p.yaml:1:7: ", ""),
            ("merge", "name: a\n<<: {count: 1}\n", "p.yaml:2:1: ", ""),
        ] {
            let error = sample(text).unwrap_err();
            assert_eq!(error.kind(), crate::domain::Kind::Config, "{about}");
            assert!(error.message().starts_with(message), "{about}: {}", error.message());
            assert!(error.hint_text().unwrap_or_default().contains(hint), "{about}: {error:?}");
            let types = ["struct", "enum", "u32", "Sample", "What"];
            assert!(!types.iter().any(|word| error.message().contains(word)), "{about}: {error}");
        }
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        let error = sample("name: қазақша\ncuont: 1\n").unwrap_err();
        let picture = error.picture_text().unwrap();
        assert!(picture.contains("--> p.yaml:2:1"), "{picture}");
        assert!(picture.contains("2 | cuont: 1"), "{picture}");
        assert!(picture.contains("| ^^^^^ not known here"), "{picture}");
    }

    #[test]
    fn a_complaint_of_meaning_points_too() {
        let text = "\u{feff}name: қала # қ\n";
        let read = sample(text).unwrap();
        let error = point("p.yaml", text, read.name.referenced, "no such city", "this one", "try another");
        assert_eq!(error.message(), "p.yaml:1:7: no such city");
        assert!(error.picture_text().unwrap().contains("|       ^^^^ this one"), "{error:?}");
        assert_eq!((read.count, read.on, read.what.is_none()), (0, false, true));
    }

    /// No leading zero goes, and nothing becomes a number, a power of ten or a date.
    #[test]
    fn a_text_of_digits_is_as_it_was_written() {
        for text in ["007", "0123", "1e3", "0x1f", "2026-01-02"] {
            assert_eq!(sample(&format!("name: {text}\n")).unwrap().name.value, text);
        }
    }

    #[test]
    fn bombs_are_stopped() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for n in 1..30 {
            let before = format!("*a{}, ", n - 1).repeat(9);
            bomb.push_str(&format!("a{n}: &a{n} [{before}]\n"));
        }
        let deep = "[".repeat(100_000);
        let wide = format!("name: {}", "a".repeat(MAX_BYTES + 1));
        for text in [bomb, deep, wide] {
            let error = read::<serde_json::Value>("p.yaml", &text).unwrap_err();
            assert_eq!(error.kind(), crate::domain::Kind::Config);
            assert!(
                error.message().contains("too large")
                    || error.message().contains("larger")
                    || error.message().contains("recursion limit"),
                "{error}"
            );
        }
    }
}
