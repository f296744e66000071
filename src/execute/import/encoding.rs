//! Encodings: what a file is written in, recognised and named before anything is read from it.
//!
//! Two are read: UTF-8 and windows-1251. A file in another is refused with its likely name; guessing
//! in silence would put broken names into letters to people.

use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251};

use crate::domain::{Error, channel::words};

words! {
    /// The encodings that an import reads.
    Encoding, "encoding" {
        /// The default.
        Utf8 = "utf_8",
        /// What 1C and Excel export in Russian; it has no Kazakh letters.
        Windows1251 = "windows_1251",
    }
}

/// Refuses what is no text at all, by its first bytes.
///
/// # Errors
/// Bad input, with the name of the likely format and what to do.
pub fn refuse_foreign(name: &str, head: &[u8]) -> Result<(), Error> {
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    let (what, hint) = match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ("UTF-16", SAVE),
        [b'P', b'K', 3, 4, ..] => ("an Excel workbook or a zip archive", "save the sheet as CSV UTF-8"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => ("an old Excel workbook", "save the sheet as CSV UTF-8"),
        [0x1f, 0x8b, ..] => ("compressed with gzip", "pipe it: `gzip -dc FILE | dsr import -`"),
        [b'%', b'P', b'D', b'F', ..] => ("a PDF document", "import NDJSON or CSV"),
        _ if head.starts_with(b"SQLite format 3\0") => {
            ("a SQLite database", "export its tables as CSV first")
        }
        _ if zeros * 4 > head.len() => ("UTF-16 without a mark", SAVE),
        _ if zeros > 0 => ("no text: it has zero bytes", "import NDJSON or CSV"),
        _ => return Ok(()),
    };
    let verb = if what.starts_with("no text") { "is" } else { "seems to be" };
    Err(Error::usage(format!("`{name}` {verb} {what}")).hint(hint))
}

const SAVE: &str = "save it as UTF-8 (in Excel: CSV UTF-8), or convert it: `iconv -f utf-16 -t utf-8`";

impl Encoding {
    /// The text of some whole lines.
    ///
    /// # Errors
    /// Where the bytes are not in this encoding.
    pub fn decode(self, bytes: Vec<u8>) -> Result<String, Undecoded> {
        match self {
            Self::Utf8 => String::from_utf8(bytes).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                let refusal = Refusal::NotUtf8(likely(error.as_bytes()));
                Undecoded { bytes: error.into_bytes(), at, refusal }
            }),
            Self::Windows1251 => match cyrillic_utf8(&bytes) {
                Some(at) => Err(Undecoded { bytes, at, refusal: Refusal::IsUtf8 }),
                None => Ok(WINDOWS_1251.decode_without_bom_handling(&bytes).0.into_owned()),
            },
        }
    }
}

/// Bytes that are not in the encoding they should be in. No `Debug`: they are personal data.
pub struct Undecoded {
    /// The bytes, given back.
    pub bytes: Vec<u8>,
    /// The offset of the first wrong one.
    pub at: usize,
    /// What is wrong.
    pub refusal: Refusal,
}

/// Why bytes are not in the encoding they should be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not UTF-8; what it looks like instead.
    NotUtf8(Option<&'static str>),
    /// Said to be windows-1251, but it is UTF-8.
    IsUtf8,
}

impl Refusal {
    /// The sentence and the hint.
    pub fn words(self) -> (String, String) {
        match self {
            Self::NotUtf8(Some("windows-1251")) => (
                "the text is not UTF-8; it looks like windows-1251".into(),
                "add `--encoding windows-1251`".into(),
            ),
            Self::NotUtf8(Some(name)) => (
                format!("the text is not UTF-8; it looks like {name}"),
                format!("convert it first: `iconv -f {name} -t utf-8`"),
            ),
            Self::NotUtf8(None) => (
                "the text is not UTF-8".into(),
                "save it as UTF-8, or say `--encoding windows-1251` if it is".into(),
            ),
            Self::IsUtf8 => ("the text is UTF-8, not windows-1251".into(), "leave `--encoding` out".into()),
        }
    }
}

/// The offset of the first Cyrillic letter written in UTF-8, if the whole is valid UTF-8.
fn cyrillic_utf8(bytes: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.find(|c: char| ('\u{400}'..'\u{530}').contains(&c))
}

/// The one-byte encoding in which the text reads most like Russian: mostly small letters.
fn likely(bytes: &[u8]) -> Option<&'static str> {
    let high: Vec<u8> = bytes.iter().copied().filter(|byte| *byte >= 0x80).take(2_000).collect();
    let small = |c: char| ('а'..='я').contains(&c);
    [("windows-1251", WINDOWS_1251), ("cp866", IBM866), ("koi8-r", KOI8_R)]
        .into_iter()
        .map(|(name, encoding)| {
            let text = encoding.decode_without_bom_handling(&high).0;
            (text.chars().filter(|c| small(*c)).count() * 100 / high.len().max(1), name)
        })
        .max_by_key(|(share, _)| *share)
        .filter(|(share, _)| *share >= 50)
        .map(|(_, name)| name)
}

/// Whether a text looks like UTF-8 that somebody read as windows-1251 or Latin-1 and saved again:
/// `РђСЃРµР»СЊ` for Асель.
pub fn is_mojibake(text: &str) -> bool {
    if text.is_ascii() || !text.contains(['Р', 'С', 'Ð', 'Ñ']) {
        return false;
    }
    let (mut letters, mut broken, mut last) = (0, 0, ' ');
    for c in text.chars().filter(|c| !c.is_ascii()) {
        letters += 1;
        broken += usize::from(broken_pair(last, c));
        last = c;
    }
    broken >= 2 && broken * 3 >= letters
}

/// The two halves of one UTF-8 letter, each read as a letter of its own.
fn broken_pair(first: char, second: char) -> bool {
    match first {
        'Р' | 'С' => {
            matches!(second, '\u{a0}'..='\u{bf}' | '‚'..='›' | '€' | '™' | '№')
                || "ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐґЄєЇїЅѕ".contains(second)
        }
        'Ð' | 'Ñ' => matches!(second, '\u{80}'..='\u{bf}' | '‚'..='›' | '€' | '™'),
        _ => false,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_named() {
        for (head, named) in [
            (&b"\xff\xfe{\0"[..], Some("UTF-16")),
            (b"{\0\"\0k\0", Some("UTF-16 without a mark")),
            (b"PK\x03\x04", Some("an Excel workbook or a zip archive")),
            (b"\x1f\x8b\x08", Some("compressed with gzip")),
            (b"SQLite format 3\0", Some("a SQLite database")),
            (b"{\"kind\":1}", None),
        ] {
            let said = refuse_foreign("f", head).err().map(|error| error.message().to_owned());
            assert_eq!(said, named.map(|what| format!("`f` seems to be {what}")));
        }
    }

    #[test]
    fn wrong_encodings_are_named() {
        let text = "Омарова Асель Қайратқызы, город Алматы";
        let koi = KOI8_R.encode("Омарова Асель, город Алматы").0.into_owned();
        let dos = IBM866.encode("Омарова Асель, город Алматы").0.into_owned();
        let windows = WINDOWS_1251.encode("Омарова Асель, город Алматы").0.into_owned();
        for (encoding, bytes, refusal) in [
            (Encoding::Utf8, text.as_bytes().to_vec(), None),
            (Encoding::Utf8, windows.clone(), Some((0, Refusal::NotUtf8(Some("windows-1251"))))),
            (Encoding::Utf8, koi, Some((0, Refusal::NotUtf8(Some("koi8-r"))))),
            (Encoding::Utf8, dos, Some((0, Refusal::NotUtf8(Some("cp866"))))),
            (Encoding::Utf8, b"ok \x81\x8d".to_vec(), Some((3, Refusal::NotUtf8(None)))),
            (Encoding::Windows1251, windows, None),
            (Encoding::Windows1251, text.as_bytes().to_vec(), Some((0, Refusal::IsUtf8))),
        ] {
            let wrong = encoding.decode(bytes).err();
            assert_eq!(wrong.map(|wrong| (wrong.at, wrong.refusal)), refusal);
        }
    }

    #[test]
    fn text_that_went_through_the_wrong_encoding() {
        let broken = WINDOWS_1251.decode("Асель Омарова".as_bytes()).0.into_owned();
        let latin: String = "Асель".bytes().map(char::from).collect();
        for (text, is) in [
            (broken.as_str(), true),
            (latin.as_str(), true),
            ("Асель Омарова", false),
            ("Рёрих Сергей", false),
            ("Қайрат Ұлы", false),
            ("СРО № 5", false),
            ("plain", false),
        ] {
            assert_eq!(is_mojibake(text), is, "{text}");
        }
        assert_eq!("windows-1251".parse::<Encoding>().unwrap(), Encoding::Windows1251);
    }
}
