//! Answers made visible: one file a format, one file an answer.
//!
//! `stdout` carries the answer, `stderr` the conversation. A JSON answer is a promise with a version,
//! so each has its own structs in [`answer`]; no domain type is ever serialised.

pub mod answer;
pub mod bar;
pub mod block;
pub mod csv;
pub mod directory;
pub mod draft;
pub mod failure;
pub mod file;
pub mod graph;
pub mod guard;
pub mod html;
pub mod json;
pub mod letter;
mod phrases;
pub mod question;
pub mod rows;
pub mod table;
pub mod words;

use std::io::{self, Write};

pub use block::{Block, Sheet};
pub use rows::{Cell, Head, Rows};
pub use words::{Lang, Words};

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    #[value(alias = "text")]
    Table,
    /// One object with a `schema`.
    Json,
    /// Rows for a spreadsheet, guarded against formulas.
    Csv,
    /// One object a line.
    Ndjson,
    /// One self-contained page.
    Html,
}

impl Format {
    /// The format that the end of a file name asks for.
    pub fn of_extension(end: &str) -> Option<Self> {
        match end {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Table),
            _ => None,
        }
    }
}

/// How this run speaks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The format of the answer.
    pub format: Format,
    /// The language of words.
    pub lang: Lang,
    /// Whose spreadsheets CSV is for: only what was asked for, so that a pipe gives the same bytes under any
    /// locale.
    pub sheets: Lang,
    /// Colour on standard output.
    pub color: bool,
    /// Width of the terminal, columns.
    pub width: u16,
    /// The store is a drill store: every answer says so.
    pub drill: bool,
}

/// Something a command answers.
pub trait Answer {
    /// Its name and version, `dsr/<name>/v1`.
    fn schema(&self) -> &'static str;

    /// Its JSON body; the envelope adds `schema` and `drill`.
    ///
    /// # Errors
    /// Only where a value cannot be written as JSON, which is a defect.
    fn body(&self) -> serde_json::Result<serde_json::Value>;

    /// What a person reads.
    fn page(&self, words: &Words) -> Vec<Block>;

    /// The rows of its CSV form, where it has one.
    fn sheet(&self) -> Option<Sheet> {
        None
    }

    /// The members of its NDJSON form: an array in the body by this name.
    fn lines_of(&self) -> Option<&'static str> {
        None
    }

    /// Its HTML page, where it has one.
    fn html(&self, _words: &Words) -> Option<crate::domain::Result<String>> {
        None
    }
}

/// Makes the bytes of an answer.
///
/// # Errors
/// Usage, where the answer has no such form.
pub fn bytes(answer: &dyn Answer, style: Style) -> crate::domain::Result<Vec<u8>> {
    // Only for what people read: loading a language costs more than writing a small JSON answer.
    let words = || Words::new(style.lang);
    let mut out = Vec::new();
    match style.format {
        Format::Table => table::write(&mut out, &answer.page(&words()), style)?,
        Format::Json => json::write(&mut out, answer, style)?,
        Format::Ndjson => json::write_lines(&mut out, answer, style)?,
        Format::Csv => {
            let sheet = answer.sheet().ok_or_else(|| no_form(answer, "csv"))?;
            csv::write(&mut out, &sheet, style.sheets)?;
        }
        Format::Html => {
            let page = answer.html(&words()).ok_or_else(|| no_form(answer, "html"))??;
            out.write_all(page.as_bytes())?;
        }
    }
    Ok(out)
}

fn no_form(answer: &dyn Answer, form: &str) -> crate::domain::Error {
    let name = answer.schema().split('/').nth(1).unwrap_or_default();
    crate::domain::Error::usage(format!("`{name}` has no {form} form"))
        .hint("use --format table or --format json")
}

/// Hands finished bytes to a stream.
///
/// # Errors
/// What the stream says; a closed pipe is its own kind.
pub fn deliver(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(bytes)?;
    out.flush()
}
