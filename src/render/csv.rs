//! CSV for people: every field quoted, formulas defused, ISO dates, a header always.
//!
//! `--lang ru|kk` writes what Excel expects there (BOM and `;`), `--lang en` plain RFC 4180 with `,`.

use std::{borrow::Cow, io::Write};

use super::{Lang, Sheet, guard};
use crate::domain::{Error, Result};

/// Bytes that are handed on at once.
const BUFFER: usize = 64 << 10;

/// Rows one by one, for reports that never fit into memory.
pub struct Writer<W: Write> {
    out: W,
    separator: u8,
    waiting: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a file with its header.
    ///
    /// # Errors
    /// What the stream says.
    pub fn new<S: AsRef<str>>(out: W, columns: &[S], lang: Lang) -> Result<Self> {
        let excel = lang != Lang::En;
        let waiting = Vec::from(if excel { "\u{feff}" } else { "" });
        let mut writer = Self { out, separator: if excel { b';' } else { b',' }, waiting };
        writer.row(columns)?;
        Ok(writer)
    }

    /// One row, each cell guarded.
    ///
    /// # Errors
    /// What the stream says.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<()> {
        for (nth, cell) in cells.into_iter().enumerate() {
            if nth > 0 {
                self.waiting.push(self.separator);
            }
            self.cell(guard::cell(cell.as_ref()));
        }
        self.waiting.extend(b"\r\n");
        if self.waiting.len() >= BUFFER { self.hand_on() } else { Ok(()) }
    }

    /// In quotes, inner quotes doubled. What the guard left alone has none.
    fn cell(&mut self, text: Cow<'_, str>) {
        self.waiting.push(b'"');
        match text {
            Cow::Borrowed(plain) => self.waiting.extend(plain.as_bytes()),
            Cow::Owned(text) => self.waiting.extend(text.replace('"', "\"\"").as_bytes()),
        }
        self.waiting.push(b'"');
    }

    fn hand_on(&mut self) -> Result<()> {
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the stream says.
    pub fn finish(mut self) -> Result<()> {
        self.hand_on()?;
        self.out.flush().map_err(Error::from)
    }
}

/// A whole sheet.
///
/// # Errors
/// What the stream says.
pub fn write(out: &mut dyn Write, sheet: &Sheet, lang: Lang) -> Result<()> {
    let mut writer = Writer::new(out, &sheet.columns, lang)?;
    sheet.rows.iter().try_for_each(|row| writer.row(row))?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lang: Lang) -> String {
        let mut sheet = Sheet::new(["a", "b"]);
        sheet.push(["=1", "x\"y"]);
        let mut out = Vec::new();
        assert!(write(&mut out, &sheet, lang).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn two_dialects() {
        assert_eq!(written(Lang::En), "\"a\",\"b\"\r\n\"'=1\",\"x\"\"y\"\r\n");
        assert_eq!(written(Lang::Ru), "\u{feff}\"a\";\"b\"\r\n\"'=1\";\"x\"\"y\"\r\n");
    }
}
