//! An error as the person or the script reads it, on standard error.

use std::io::Write;

use anstyle::{AnsiColor, Style as Ansi};
use serde_json::json;

use super::{Format, guard};
use crate::domain::{Error, Kind};

const RED: Ansi = AnsiColor::Red.on_default().bold();

/// Writes the sentence, the picture, the causes and the hint. A failing stream is not reported:
/// there is nowhere left to say so.
pub fn write(err: &mut dyn Write, error: &Error, format: Format, color: bool) {
    if error.kind() == Kind::ClosedPipe {
        return;
    }
    let _ = if matches!(format, Format::Json | Format::Ndjson) {
        writeln!(err, "{}", object(error))
    } else {
        sentence(err, error, color)
    };
}

fn sentence(err: &mut dyn Write, error: &Error, color: bool) -> std::io::Result<()> {
    let (on, off) =
        if color { (RED.render().to_string(), RED.render_reset().to_string()) } else { Default::default() };
    writeln!(err, "{on}error:{off} {}", guard::terminal(error.message()))?;
    if let Some(picture) = error.picture_text() {
        for line in picture.lines() {
            writeln!(err, "{}", guard::terminal(line))?;
        }
    }
    for cause in error.causes() {
        writeln!(err, "  because: {}", guard::terminal(&cause))?;
    }
    match error.hint_text() {
        Some(hint) => writeln!(err, "  hint: {}", guard::terminal(hint)),
        None => Ok(()),
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
    })
}
