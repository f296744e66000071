//! A head as text: the C2SP form `tlog-checkpoint`, three lines of origin, size and root.
//!
//! The origin names the log, so that a head of one store is never held against another.

use base64ct::{Base64, Encoding};

use super::Hash;
use crate::domain::LogId;

/// What stands before the id of the log in an origin.
const ORIGIN: &str = "dsr/log/";

/// The head of one log at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub log: LogId,
    /// Entries in the tree.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The unique name of a log, also the name of its signing key.
    pub fn origin(log: LogId) -> String {
        format!("{ORIGIN}{log}")
    }

    /// The three lines that are signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", Self::origin(self.log), self.size, base64(&self.root))
    }

    /// Reads the lines; what follows the third is passed over, as the form asks.
    ///
    /// # Errors
    /// A sentence that says which line is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let mut line = || lines.next().unwrap_or_default();
        let log = line().strip_prefix(ORIGIN).and_then(log_id);
        let log = log.ok_or("its first line names no log of dsr")?;
        let size = number(line()).ok_or("its second line is no number of entries")?;
        let root = hash(line()).ok_or("its third line is no root")?;
        if size == 0 && root != Hash::EMPTY {
            return Err("it names a root over no entries".into());
        }
        Ok(Self { log, size, root })
    }
}

/// An id exactly as it is printed.
fn log_id(text: &str) -> Option<LogId> {
    text.parse::<LogId>().ok().filter(|log| log.to_string() == text)
}

/// A decimal number without signs or leading zeros.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

/// A hash as it stands in notes and proofs.
pub(super) fn base64(hash: &Hash) -> String {
    Base64::encode_string(hash.as_bytes())
}

/// The reverse of [`base64`].
pub(super) fn hash(text: &str) -> Option<Hash> {
    let bytes = Base64::decode_vec(text).ok()?;
    bytes.try_into().ok().map(Hash::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::sample::log_id;
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { log: log_id(0xab), size: 42, root: Hash::of(b"root") }
    }

    #[test]
    fn three_lines() {
        let text = checkpoint().text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..2], ["dsr/log/abababababababababababababababab", "42"]);
        assert_eq!(lines[2].len(), 44);
        assert_eq!(Checkpoint::parse(&text), Ok(checkpoint()));
        assert_eq!(Checkpoint::parse(&format!("{text}more\n")), Ok(checkpoint()), "later lines are others'");
        assert_eq!(Checkpoint::parse(text.trim_end()), Ok(checkpoint()), "a cut last newline");
    }

    #[test]
    fn only_the_one_form_is_read() {
        let text = checkpoint().text();
        for (about, from, to) in [
            ("another origin", "dsr/log/", "example/log/"),
            ("capitals", "abab", "ABAB"),
            ("leading zero", "\n42\n", "\n042\n"),
            ("a sign", "\n42\n", "\n+42\n"),
            ("no number", "\n42\n", "\n\n"),
            ("too large", "\n42\n", "\n18446744073709551616\n"),
            ("nothing with a root", "\n42\n", "\n0\n"),
            ("loose base64", "=\n", "\n"),
        ] {
            let wrong = text.replace(from, to);
            assert_ne!(wrong, text, "{about} changes nothing");
            assert!(Checkpoint::parse(&wrong).is_err(), "{about}");
        }
        for end in 0..text.len() - 1 {
            assert!(Checkpoint::parse(&text[..end]).is_err(), "cut at {end}");
        }
    }
}
