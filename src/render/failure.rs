//! An error as the person or the script reads it, on standard error.

use std::io::Write;

use anstyle::{AnsiColor, Style as Ansi};
use serde_json::json;

use super::{Format, Lang, Words, guard};
use crate::domain::{Error, Kind};

const RED: Ansi = AnsiColor::Red.on_default().bold();
const YELLOW: Ansi = AnsiColor::Yellow.on_default().bold();

/// Writes the sentence, the picture, the causes and the hint. A failing stream is not reported:
/// there is nowhere left to say so.
pub fn write(err: &mut dyn Write, error: &Error, format: Format, lang: Lang, color: bool) {
    if error.kind() == Kind::ClosedPipe {
        return;
    }
    let _ = if matches!(format, Format::Json | Format::Ndjson) {
        writeln!(err, "{}", guard::json(&object(error).to_string()))
    } else {
        sentence(err, error, "error", &Words::new(lang), color.then_some(RED))
    };
}

/// The same form for something that does not stop the command.
pub fn warn(err: &mut dyn Write, finding: &Error, lang: Lang, color: bool) {
    let _ = sentence(err, finding, "warning", &Words::new(lang), if color { Some(YELLOW) } else { None });
}

fn sentence(
    err: &mut dyn Write,
    error: &Error,
    word: &str,
    words: &Words,
    color: Option<Ansi>,
) -> std::io::Result<()> {
    let word = words.say(word);
    let on = color.map(|ansi| ansi.render().to_string()).unwrap_or_default();
    let off = color.map(|ansi| ansi.render_reset().to_string()).unwrap_or_default();
    writeln!(err, "{on}{word}:{off} {}", guard::terminal(&words.phrase(error.message())))?;
    if let Some(picture) = error.picture_text() {
        for line in picture.lines() {
            writeln!(err, "{}", guard::terminal(&place(line, words)))?;
        }
    }
    for cause in error.causes() {
        writeln!(err, "  {}: {}", words.say("because"), guard::terminal(&words.phrase(&cause)))?;
    }
    if !error.more().is_empty() {
        let more =
            format!("and {} more of the kind: `{}` tells them all", error.more().len(), error.teller());
        writeln!(err, "  {}", words.phrase(&more))?;
    }
    match error.hint_text() {
        Some(hint) => writeln!(err, "  {}: {}", words.say("hint"), guard::terminal(&words.phrase(hint))),
        None => Ok(()),
    }
}

/// A line about a place in a file: `f.csv:3:5: data.phone: what is wrong (a hint)`, or a label under carets. What is
/// said stands in the language, the place as it is.
pub fn place(line: &str, words: &Words) -> String {
    if let Some((carets, label)) = line.rsplit_once("^ ") {
        return format!("{carets}^ {}", words.phrase(label));
    }
    let (said, hint) = match line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")) {
        Some((said, hint)) => (said, Some(hint)),
        None => (line, None),
    };
    let whole = (!said.contains(": ")).then_some(0).into_iter();
    let known = whole.chain(said.match_indices(": ").map(|(at, mark)| at + mark.len())).find_map(|at| {
        let (before, what) = said.split_at_checked(at)?;
        let phrase = words.phrase(what);
        (phrase != what).then(|| format!("{before}{phrase}"))
    });
    match (known, hint) {
        (Some(known), Some(hint)) => format!("{known} ({})", words.phrase(hint)),
        (Some(known), None) => known,
        (None, _) => line.to_owned(),
    }
}

fn object(error: &Error) -> serde_json::Value {
    json!({
        "schema": "dsr/error/v1",
        "code": format!("{:?}", error.kind()).to_lowercase(),
        "exit": error.kind().code(),
        "message": error.message(),
        "hint": error.hint_text(),
        "location": error.picture_text(),
        "place": error.place().map(|(file, line, column)| json!({"file": file, "line": line, "column": column})),
        "causes": error.causes().collect::<Vec<String>>(),
        "more": error.more().iter().map(Error::message).collect::<Vec<&str>>(),
    })
}
