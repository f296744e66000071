//! A mailing or call list held against what people have stopped: who wants to be left alone is left out.
//!
//! The list is the office's own and is handed back as it came, line by line, in UTF-8. It is made whole
//! before anything is handed out: half a list would be mailed. A value that cannot be read cannot be
//! checked, and its line is left out too.

use csv::{ReaderBuilder, StringRecord};

use super::import::{
    Encoding, Input,
    sheet::header::Header,
    source::{Form, Piece, Pieces},
};
use crate::{
    domain::{Error, Identifier, IdentifierType, Moment, Purpose, Result, suggest},
    store::{KeyFile, View},
};

/// What a list is held against.
pub struct Ask<'a> {
    /// The controller that mails or calls.
    pub controller: &'a str,
    /// The column with the name to mail or call by.
    pub column: &'a str,
    /// What that name is; `None`: each value says it by its form.
    pub kind: Option<IdentifierType>,
    /// What the list is for.
    pub purposes: &'a [Purpose],
    /// The key of the marks.
    pub key: &'a KeyFile,
    /// Now: a withdrawal counts from its moment.
    pub at: Moment,
}

/// What is left of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// The header and the lines that stay, as they came.
    pub text: String,
    /// Lines that stay.
    pub kept: u64,
    /// Lines of people who have stopped it.
    pub stopped: u64,
    /// Lines of people whose data is out of use for a check.
    pub blocked: u64,
    /// Numbers of the lines whose value cannot be read.
    pub unreadable: Vec<u64>,
}

/// Leaves out whoever wants to be left alone.
///
/// # Errors
/// Usage (exit 2): no CSV, no such column, a row of another width.
pub fn scrub(view: &View<'_>, input: Input, encoding: Encoding, ask: &Ask<'_>) -> Result<Scrubbed> {
    view.check_key(ask.key)?;
    let mut pieces = Pieces::new(input, encoding)?;
    if pieces.form != Form::Csv {
        return Err(Error::usage("the list is no CSV").hint("save it as CSV with a header line"));
    }
    let (mut done, mut header) = (Scrubbed::default(), None);
    while let Some(mut piece) = pieces.piece()? {
        let (column, separator, width) = match header {
            Some(known) => known,
            None => *header.insert(begin(&mut piece, ask.column, &mut done)?),
        };
        rows(view, &piece, (column, separator, width), ask, &mut done)?;
    }
    Ok(done)
}

/// Takes the header off, keeps it, and finds the column.
fn begin(piece: &mut Piece, column: &str, done: &mut Scrubbed) -> Result<(usize, u8, usize)> {
    let whole = piece.text.clone();
    let header = Header::take(piece);
    let end = whole_line(&whole, whole.len() - piece.text.len());
    piece.text = whole.get(end..).unwrap_or_default().to_owned();
    done.text.push_str(whole.get(..end).unwrap_or_default());
    let wanted = column.trim().to_lowercase();
    let at = header.names.iter().position(|name| *name == wanted);
    let Some(at) = at else {
        let error = Error::usage("the list has no such column");
        let near = suggest::nearest(&wanted, header.names.iter().map(String::as_str));
        return Err(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("name one of its header line"),
        });
    };
    Ok((at, header.separator, header.names.len()))
}

fn rows(
    view: &View<'_>,
    piece: &Piece,
    (column, separator, width): (usize, u8, usize),
    ask: &Ask<'_>,
    done: &mut Scrubbed,
) -> Result<()> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(piece.text.as_bytes());
    let (mut row, mut start) = (StringRecord::new(), 0);
    while reader.read_record(&mut row).unwrap_or(false) {
        let end = whole_line(&piece.text, usize::try_from(reader.position().byte()).unwrap_or(usize::MAX));
        let text = piece.text.get(start..end).unwrap_or_default();
        let before = piece.text.get(..start).unwrap_or_default();
        let blank = text.len() - text.trim_start_matches(['\r', '\n']).len();
        let line = piece.line
            + before.matches('\n').count() as u64
            + text.get(..blank).unwrap_or_default().matches('\n').count() as u64;
        start = end;
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if !is_closed(text.trim_matches(['\r', '\n']), char::from(separator)) {
            let sentence = format!("line {line} of the list has a quote that does not close its cell");
            return Err(Error::usage(sentence).hint("mend the line; nothing was written"));
        }
        if row.len() != width {
            let sentence = format!("line {line} of the list has {} cells, its header {width}", row.len());
            return Err(Error::usage(sentence).hint("mend the line; nothing was written"));
        }
        if swallows(text, (column, char::from(separator)), ask) {
            done.unreadable.push(line);
            continue;
        }
        match verdict(view, row.get(column).unwrap_or_default(), ask)? {
            Verdict::Stays => {
                done.kept += 1;
                done.text.push_str(text);
            }
            Verdict::Stopped => done.stopped += 1,
            Verdict::Blocked => done.blocked += 1,
            Verdict::Unreadable => done.unreadable.push(line),
        }
    }
    Ok(())
}

/// Whether the quotes of a record of several lines close where their cells do: a stray one takes the lines behind it,
/// with whoever wants to be left alone, for text of its own.
fn is_closed(text: &str, separator: char) -> bool {
    if !text.contains(['\r', '\n']) {
        return true;
    }
    let mut rest = text;
    loop {
        let after = match rest.strip_prefix('"') {
            Some(quoted) => {
                let Some(end) = closing_quote(quoted) else { return false };
                quoted.get(end + 1..).unwrap_or_default()
            }
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                let (cell, after) = rest.split_at(end);
                if cell.contains(['"', '\r', '\n']) {
                    return false;
                }
                after
            }
        };
        match after.strip_prefix(separator) {
            Some(next) => rest = next,
            None => return after.is_empty(),
        }
    }
}

/// Where the quote stands that is not doubled.
fn closing_quote(quoted: &str) -> Option<usize> {
    let mut marks = quoted.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = marks.next() {
        if marks.next_if_eq(&(at + 1)).is_none() {
            return Some(at);
        }
    }
    None
}

/// Whether a line inside a cell reads like one of the list: a name stands where the column would be.
fn swallows(text: &str, (column, separator): (usize, char), ask: &Ask<'_>) -> bool {
    let lines = text.trim_matches(['\r', '\n']).lines().skip(1);
    let cell = |line: &str| line.split(separator).nth(column).map(|cell| cell.trim_matches('"').to_owned());
    lines.filter_map(cell).any(|cell| read(&cell, ask).is_some())
}

/// The reader stops between `\r` and `\n`; a line is handed back with both.
fn whole_line(text: &str, end: usize) -> usize {
    let end = end.min(text.len());
    let halved = text.get(..end).is_some_and(|line| line.ends_with('\r'));
    if halved && text.get(end..).is_some_and(|rest| rest.starts_with('\n')) { end + 1 } else { end }
}

enum Verdict {
    Stays,
    Stopped,
    Blocked,
    Unreadable,
}

fn read(typed: &str, ask: &Ask<'_>) -> Option<Identifier> {
    match ask.kind {
        Some(kind) => Identifier::parse(kind, typed).ok(),
        None => Identifier::guess(typed),
    }
}

/// A cell may hold several names; one of somebody who has stopped it is enough.
fn verdict(view: &View<'_>, cell: &str, ask: &Ask<'_>) -> Result<Verdict> {
    let names = cell.split(['|', ',', ';']).map(str::trim).filter(|typed| !typed.is_empty());
    let names: Option<Vec<Identifier>> = names.map(|typed| read(typed, ask)).collect();
    let Some(names) = names.filter(|names| !names.is_empty()) else { return Ok(Verdict::Unreadable) };
    let mut blocked = false;
    for name in &names {
        let found = view.stopped(ask.controller, name, ask.key, ask.at)?;
        let touches = |stopped: &Purpose| {
            ask.purposes.iter().any(|purpose| purpose.is_under(stopped) || stopped.is_under(purpose))
        };
        if found.withdrawn || found.purposes.iter().any(touches) {
            return Ok(Verdict::Stopped);
        }
        blocked |= found.blocked;
    }
    Ok(if blocked { Verdict::Blocked } else { Verdict::Stays })
}

#[test]
fn a_quote_that_takes_the_next_line_is_seen() {
    for (text, closed) in [
        ("87015554433,\"unclosed\n87010000001,2", false),
        ("87015554433,\"unclosed\n87010000001,\"2", false),
        ("87015554433,5\"\n87010000001,\"2\"", false),
        ("87015554433,\"Abai 10\nflat \"\"2\"\"\"", true),
        ("\"87015554433\",\"Abai 10\r\nflat 2\",x", true),
        ("87015554433,5\" disc", true),
    ] {
        assert_eq!(is_closed(text, ','), closed, "{text}");
    }
}
