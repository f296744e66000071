//! A file or a stream, cut into pieces of whole lines.
//!
//! A piece is small, so that memory does not grow with the file. Deliberately absent: any look inside
//! a line, except at quotes, which let a CSV cell hold a line break.

use std::io::{self, Read};

use crate::domain::{Error, Kind};

use super::{
    encoding::{self, Encoding},
    input::Input,
};

/// How much is read before lines are handed on.
const PIECE: usize = 256 * 1024;
/// A line longer than this is a mistake of the file, not data.
pub const LONGEST: usize = 1024 * 1024;

/// What the lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line.
    Ndjson,
    /// Rows of cells under one header.
    Csv,
}

/// Some whole lines.
#[derive(Debug)]
pub struct Piece {
    /// The number of its first line, from 1.
    pub line: u64,
    /// The lines, with their ends.
    pub text: String,
    /// Bytes of the file up to here.
    pub bytes: u64,
    /// Whether the file ends here in the middle of a line, without a line end.
    pub cut: bool,
}

/// The pieces of an input, in order.
pub struct Pieces {
    reader: Box<dyn Read + Send>,
    encoding: Encoding,
    name: String,
    /// The stem of the file's name in small letters: it may name the kind of a CSV.
    pub stem: Option<String>,
    /// The size of the file, where it is one.
    pub size: Option<u64>,
    /// What the lines are.
    pub form: Form,
    pending: Vec<u8>,
    line: u64,
    bytes: u64,
    ended: bool,
}

impl Pieces {
    /// Reads the beginning and recognises what it is.
    ///
    /// # Errors
    /// Bad input: not a text, UTF-16, empty, or an array instead of lines. Failed: it cannot be read.
    pub fn new(input: Input, encoding: Encoding) -> Result<Self, Error> {
        let Input { name, stem, size, reader } = input;
        let form = Form::Ndjson;
        let mut this = Self {
            reader,
            encoding,
            name,
            stem,
            size,
            form,
            pending: Vec::with_capacity(2 * PIECE),
            line: 1,
            bytes: 0,
            ended: false,
        };
        this.fill(4096)?;
        encoding::refuse_foreign(&this.name, this.pending.get(..4096).unwrap_or(&this.pending))?;
        if this.pending.starts_with(b"\xef\xbb\xbf") {
            this.pending.drain(..3);
        }
        this.form = this.recognise()?;
        Ok(this)
    }

    fn recognise(&self) -> Result<Form, Error> {
        match self.pending.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => {
                Err(Error::usage(format!("`{}` is empty", self.name)).hint("there is nothing to read in it"))
            }
            Some(b'{') => Ok(Form::Ndjson),
            Some(b'[') => {
                Err(Error::usage(format!("`{}` is one JSON array, not one object a line", self.name))
                    .hint("make lines of it: `jq -c '.[]' FILE | dsr import -`"))
            }
            Some(_) => Ok(Form::Csv),
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Bad input: a line without end, or a wrong encoding, by line and column. Failed: cannot read.
    pub fn piece(&mut self) -> Result<Option<Piece>, Error> {
        let end = loop {
            // Twice as much where a line did not end yet, but never more than the longest.
            self.fill(PIECE.max(2 * self.pending.len()).min(LONGEST))?;
            if self.pending.is_empty() {
                return Ok(None);
            }
            match self.boundary() {
                Some(end) => break end,
                None if self.pending.len() >= LONGEST => return Err(self.endless()),
                None if self.ended => break self.pending.len(),
                None => {}
            }
        };
        self.take(end).map(Some)
    }

    /// Reads on until so many bytes wait, or the end.
    fn fill(&mut self, wanted: usize) -> Result<(), Error> {
        while !self.ended && self.pending.len() < wanted {
            let missing = (wanted - self.pending.len()) as u64;
            let failed = |error: io::Error| {
                Error::new(Kind::Failed, format!("cannot read `{}`", self.name)).because(error)
            };
            let read = self.reader.by_ref().take(missing).read_to_end(&mut self.pending).map_err(failed)?;
            self.bytes += read as u64;
            self.ended = (read as u64) < missing;
        }
        Ok(())
    }

    /// The end of the last whole line that waits; for CSV outside of quotes.
    fn boundary(&self) -> Option<usize> {
        match self.form {
            Form::Ndjson => self.pending.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1),
            Form::Csv => row_end(&self.pending),
        }
    }

    fn take(&mut self, end: usize) -> Result<Piece, Error> {
        let rest = self.pending.split_off(end);
        let lines = std::mem::replace(&mut self.pending, rest);
        let (line, cut) = (self.line, !lines.ends_with(b"\n"));
        self.line += lines.iter().filter(|byte| **byte == b'\n').count() as u64;
        let text = self.encoding.decode(lines).map_err(|wrong| {
            let (line, column) = place(line, &wrong.bytes, wrong.at);
            let (message, hint) = wrong.refusal.words();
            Error::usage(format!("`{}` line {line}, column {column}: {message}", self.name)).hint(hint)
        })?;
        Ok(Piece { line, text, bytes: self.bytes - self.pending.len() as u64, cut })
    }

    fn endless(&self) -> Error {
        let name = &self.name;
        let error = Error::usage(format!("`{name}` line {}: the line is longer than 1 MB", self.line));
        match self.form {
            Form::Csv => error.hint("a quotation mark may be open from there on"),
            Form::Ndjson => error.hint("write one object a line"),
        }
    }
}

/// The end of the last whole row. A quotation mark opens a cell only where a cell begins: in `5" tyre` it
/// is a character.
fn row_end(bytes: &[u8]) -> Option<usize> {
    let (mut quoted, mut end, mut last) = (false, None, b'\n');
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if quoted => quoted = false,
            // After a closing mark this is the second of two, which stand for one.
            b'"' => quoted = matches!(last, b',' | b';' | b'\t' | b'\n' | b'\r' | b'"'),
            b'\n' if !quoted => end = Some(at + 1),
            _ => {}
        }
        last = *byte;
    }
    end
}

/// Line and column of a byte in a piece that begins with this line.
fn place(first: u64, bytes: &[u8], at: usize) -> (u64, usize) {
    let before = bytes.get(..at).unwrap_or(bytes);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
    // What stands before the wrong byte is text, so its characters can be counted.
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    (first + lines, column)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn pieces(bytes: &[u8]) -> Result<Pieces, Error> {
        Pieces::new(Input::stream("f", io::Cursor::new(bytes.to_vec())), Encoding::Utf8)
    }

    #[test]
    fn whole_lines_whatever_the_size() {
        let row = format!("{{\"n\":\"{}\"}}\n", "x".repeat(997));
        let text = row.repeat(3_000) + "{}";
        let (mut all, mut source, mut cut) = (String::new(), pieces(text.as_bytes()).unwrap(), false);
        while let Some(piece) = source.piece().unwrap() {
            assert_eq!(piece.line, 1 + all.matches('\n').count() as u64);
            all.push_str(&piece.text);
            assert_eq!(piece.bytes, all.len() as u64);
            assert!(piece.text.len() <= 2 * PIECE);
            cut = piece.cut;
        }
        assert!(cut && all == text);
    }

    #[test]
    fn a_cell_may_hold_a_line_break() {
        let row = format!("a;\"{}\n{}\"\n", "x".repeat(9_000), "y".repeat(9_000));
        let text = row.repeat(100);
        let mut source = pieces(text.as_bytes()).unwrap();
        assert_eq!(source.form, Form::Csv);
        while let Some(piece) = source.piece().unwrap() {
            assert!(piece.text.ends_with("\"\n") && piece.text.matches('"').count() % 2 == 0);
        }
    }

    #[test]
    fn where_rows_end() {
        for (text, end) in [
            ("a,b\n", Some(4)),
            ("a,\"b\n", None),
            ("a,\"b\nc\"\nd", Some(8)),
            ("a,\"b\"\"\nc\"\nd", Some(10)),
            ("5\" tyre,b\nc", Some(10)),
            ("", None),
        ] {
            assert_eq!(row_end(text.as_bytes()), end, "{text}");
        }
    }

    #[test]
    fn inputs_that_are_refused() {
        let endless = format!("{{\"a\":\"{}", "x".repeat(LONGEST + PIECE));
        let open = format!("a,b\n\"{}", "x,y\n".repeat(LONGEST / 4 + PIECE));
        for (bytes, message) in [
            (&b""[..], "`f` is empty"),
            (b" \n\r\n", "`f` is empty"),
            (b"\xef\xbb\xbf[1]", "`f` is one JSON array, not one object a line"),
            (
                b"{}\n{\"n\":\"\xc0\xf1\xe5\xeb\xfc\"}\n",
                "`f` line 2, column 7: the text is not UTF-8; it looks like windows-1251",
            ),
            (endless.as_bytes(), "`f` line 1: the line is longer than 1 MB"),
            (open.as_bytes(), "`f` line 2: the line is longer than 1 MB"),
        ] {
            let read = pieces(bytes).and_then(|mut source| {
                while source.piece()?.is_some() {}
                Ok(())
            });
            assert_eq!(read.unwrap_err().message(), message);
        }
    }

    #[test]
    fn the_longest_line_is_read_and_one_longer_is_not() {
        for (before, length, read) in
            [(0, LONGEST - 1, true), (0, LONGEST, false), (PIECE - 50_000, LONGEST, false)]
        {
            let text = format!("{}\n{}\n", "a".repeat(before), "x".repeat(length));
            let done = pieces(text.as_bytes()).and_then(|mut source| {
                while source.piece()?.is_some() {}
                Ok(())
            });
            assert_eq!(done.is_ok(), read, "{before} {length}");
        }
    }
}
