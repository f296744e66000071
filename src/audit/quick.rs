//! Reading an entry's place from canonical bytes without reading the entry.
//!
//! In canonical bytes `log`, `output` and `prev` stand side by side, so one search for the known log id
//! finds all. A quote inside a JSON string is always escaped, so no value can imitate a key here. What
//! this refuses is not yet wrong: a full reading decides.

use super::Hash;
use crate::domain::LogId;

/// A search for the log id (Horspool's: it hops over the text by up to the length of what it seeks).
pub(super) struct Quick {
    needle: Vec<u8>,
    hops: [usize; 256],
}

impl Quick {
    pub(super) fn new(log: LogId) -> Self {
        let needle = format!("\"log\":\"{log}\",\"").into_bytes();
        let mut hops = [needle.len(); 256];
        let last = needle.len() - 1;
        for (nth, byte) in needle.iter().enumerate().take(last) {
            hops[usize::from(*byte)] = last - nth;
        }
        Self { needle, hops }
    }

    /// Whether the entry is of this log, has this number and names this root before it.
    pub(super) fn fits(&self, bytes: &[u8], seq: u64, prev: &Hash) -> bool {
        let fits = || {
            let rest = self.after(bytes)?;
            let rest = match rest.strip_prefix(b"output\":\"") {
                Some(output) => output.get(64..)?.strip_prefix(b"\",\"")?,
                None => rest,
            };
            let rest = rest.strip_prefix(b"prev\":\"")?.strip_prefix(&prev.hex())?;
            number(rest).map(|found| found == seq)
        };
        fits().unwrap_or(false)
    }

    /// What follows the log id.
    fn after<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut rest = bytes;
        loop {
            if let Some(after) = rest.strip_prefix(self.needle.as_slice()) {
                return Some(after);
            }
            let last = rest.get(self.needle.len() - 1)?;
            rest = rest.get(self.hops[usize::from(*last)]..)?;
        }
    }
}

/// The number after the next `"seq":`.
fn number(bytes: &[u8]) -> Option<u64> {
    const KEY: &[u8] = b"\"seq\":";
    let at = bytes.windows(KEY.len()).position(|window| window == KEY)?;
    let digits = bytes.get(at + KEY.len()..)?.split(|byte| *byte == b',').next()?;
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{log, log_id};
    use super::*;

    #[test]
    fn it_reads_every_sound_entry() {
        let quick = Quick::new(log_id(0xa0));
        let mut prev = Hash::EMPTY;
        for entry in log(log_id(0xa0), 120) {
            assert!(quick.fits(&entry.bytes, entry.seq, &prev), "{}", entry.seq);
            assert!(!quick.fits(&entry.bytes, entry.seq + 1, &prev), "another number");
            assert!(!quick.fits(&entry.bytes, entry.seq, &entry.root), "another root");
            assert!(!Quick::new(log_id(0xa1)).fits(&entry.bytes, entry.seq, &prev), "another log");
            prev = entry.root;
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let quick = Quick::new(log_id(0xa0));
        for entry in log(log_id(0xa0), 3) {
            assert!((0..entry.bytes.len()).all(|end| !quick.fits(&entry.bytes[..end], 9, &Hash::EMPTY)));
        }
    }
}
