//! CSV for people: every field quoted, formulas defused, ISO dates, a header always.
//!
//! `--lang ru|kk` writes what Excel expects there (BOM and `;`), `--lang en` plain RFC 4180 with `,`.

use std::io::Write;

use super::{Lang, Sheet, guard};
use crate::domain::{Error, Kind, Result};

/// Bytes that are handed on at once.
const BUFFER: usize = 64 << 10;

/// Rows one by one, for reports that never fit into memory.
pub struct Writer<W: Write> {
    inner: ::csv::Writer<W>,
}

impl<W: Write> Writer<W> {
    /// Begins a file with its header.
    ///
    /// # Errors
    /// What the stream says.
    pub fn new<S: AsRef<str>>(mut out: W, columns: &[S], lang: Lang) -> Result<Self> {
        let excel = lang != Lang::En;
        if excel {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let inner = ::csv::WriterBuilder::new()
            .delimiter(if excel { b';' } else { b',' })
            .quote_style(::csv::QuoteStyle::Always)
            .terminator(::csv::Terminator::CRLF)
            .buffer_capacity(BUFFER)
            .from_writer(out);
        let mut writer = Self { inner };
        writer.row(columns)?;
        Ok(writer)
    }

    /// One row, each cell guarded.
    ///
    /// # Errors
    /// What the stream says.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<()> {
        for cell in cells {
            self.inner.write_field(guard::cell(cell.as_ref()).as_bytes()).map_err(broken)?;
        }
        self.inner.write_record(None::<&[u8]>).map_err(broken)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the stream says.
    pub fn finish(mut self) -> Result<()> {
        self.inner.flush().map_err(Error::from)
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

fn broken(error: ::csv::Error) -> Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => Error::from(error),
        _ => Error::new(Kind::Failed, "the CSV row could not be written"),
    }
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
