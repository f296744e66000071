//! Reading an entry's place from canonical bytes without reading the entry.
//!
//! In canonical bytes `log`, `output` and `prev` stand side by side, so one search for the known log id
//! finds all. A quote inside a JSON string is always escaped, so no value can imitate a key here. What
//! this refuses is not yet wrong: a full reading decides.

use super::Hash;
use crate::domain::LogId;

/// Finds the place of entries of one log.
pub(super) struct Quick {
    log: Needle,
    seq: Needle,
}

impl Quick {
    pub(super) fn new(log: LogId) -> Self {
        Self { log: Needle::new(format!("\"log\":\"{log}\",\"")), seq: Needle::new("\"seq\":".into()) }
    }

    /// Whether the entry is of this log, has this number and names this root before it.
    pub(super) fn fits(&mut self, bytes: &[u8], seq: u64, prev: &Hash) -> bool {
        self.place(bytes).is_some_and(|(number, root)| number == seq && root == prev.hex())
    }

    /// The number, and the digits of the root.
    fn place<'a>(&mut self, bytes: &'a [u8]) -> Option<(u64, &'a [u8])> {
        let rest = self.log.after(bytes)?;
        let rest = match rest.strip_prefix(b"output\":\"") {
            Some(output) => output.get(64..)?.strip_prefix(b"\",\"")?,
            None => rest,
        };
        let (root, rest) = rest.strip_prefix(b"prev\":\"")?.split_at_checked(64)?;
        Some((number(self.seq.after(rest)?)?, root))
    }
}

/// A text to find: where it was found the last time, else by Horspool's search, which hops by up to the
/// length of the text.
struct Needle {
    text: Vec<u8>,
    hops: [usize; 256],
    last_at: usize,
}

impl Needle {
    fn new(text: String) -> Self {
        let mut hops = [text.len(); 256];
        for (nth, byte) in text.bytes().enumerate().take(text.len() - 1) {
            hops[usize::from(byte)] = text.len() - 1 - nth;
        }
        Self { text: text.into_bytes(), hops, last_at: 0 }
    }

    /// What follows the text.
    fn after<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        if let Some(after) =
            bytes.get(self.last_at..).and_then(|rest| rest.strip_prefix(self.text.as_slice()))
        {
            return Some(after);
        }
        let last = self.text.len() - 1;
        let mut at = 0;
        loop {
            let seen = *bytes.get(at + last)?;
            if Some(&seen) == self.text.last()
                && let Some(after) = bytes.get(at..)?.strip_prefix(self.text.as_slice())
            {
                self.last_at = at;
                return Some(after);
            }
            at += self.hops[usize::from(seen)];
        }
    }
}

/// The digits at the start, as a number.
fn number(bytes: &[u8]) -> Option<u64> {
    let mut digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
    digits.try_fold(0u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{log, log_id};
    use super::*;

    #[test]
    fn it_reads_every_sound_entry() {
        let (mut quick, mut foreign) = (Quick::new(log_id(0xa0)), Quick::new(log_id(0xa1)));
        let mut prev = Hash::EMPTY;
        for entry in log(log_id(0xa0), 120) {
            assert!(quick.fits(&entry.bytes, entry.seq, &prev), "{}", entry.seq);
            assert!(!quick.fits(&entry.bytes, entry.seq + 1, &prev), "another number");
            assert!(!quick.fits(&entry.bytes, entry.seq, &entry.root), "another root");
            assert!(!foreign.fits(&entry.bytes, entry.seq, &prev), "another log");
            prev = entry.root;
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let mut quick = Quick::new(log_id(0xa0));
        for entry in log(log_id(0xa0), 3) {
            assert!((0..entry.bytes.len()).all(|end| !quick.fits(&entry.bytes[..end], 9, &Hash::EMPTY)));
        }
    }

    #[test]
    fn a_needle_is_found_wherever_it_stands() {
        let mut needle = Needle::new("\"seq\":".into());
        for before in (0..40).chain([3, 3, 0]) {
            let text =
                format!("{}\"seq\":7", "\"se\":\"qs\"".repeat(before).get(..before).unwrap_or_default());
            assert_eq!(needle.after(text.as_bytes()), Some(&b"7"[..]), "{text}");
        }
        assert_eq!(needle.after(b"\"seq:\""), None);
    }
}
