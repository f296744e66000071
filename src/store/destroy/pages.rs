//! The pages of a database file, one at a time: bounded memory, mostly sequential reads.
//!
//! Layout after the SQLite file format document: a header of 100 bytes, then pages of one size.

use std::{fs::File, os::unix::fs::FileExt};

use super::super::fault::damaged;
use crate::domain::{Error, Kind, Result};

/// What is read at once.
const BLOCK: usize = 256 * 1024;

/// A database file, page by page. The file is lent: closing it would drop the locks of this process.
pub(super) struct Pages<'f> {
    file: &'f File,
    /// Bytes of a page.
    pub size: usize,
    /// Bytes of a page that the format uses.
    pub usable: usize,
    /// Pages in the file, by its header.
    pub count: u32,
    /// First trunk page of the freelist, and pages on it.
    pub freelist: (u32, u32),
    /// Whether pointer-map pages lie between the others.
    pub has_map: bool,
    block: Vec<u8>,
    block_at: u64,
}

impl<'f> Pages<'f> {
    /// Reads the header.
    pub fn open(file: &'f File) -> Result<Self> {
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).map_err(unread)?;
        if !header.starts_with(b"SQLite format 3\0") {
            return Err(damaged("the store is no database"));
        }
        let size = match u16_at(&header, 16)? {
            1 => 65536,
            size => usize::from(size),
        };
        let reserved = usize::from(header.get(20).copied().unwrap_or_default());
        if size < 512 || !size.is_power_of_two() || size - reserved < 480 {
            return Err(damaged("the store has pages of a strange size"));
        }
        Ok(Self {
            file,
            size,
            usable: size - reserved,
            count: u32_at(&header, 28)?,
            freelist: (u32_at(&header, 32)?, u32_at(&header, 36)?),
            has_map: u32_at(&header, 52)? != 0,
            block: Vec::new(),
            block_at: 0,
        })
    }

    /// A copy of page `number`, counted from 1.
    pub fn read(&mut self, number: u32, page: &mut Vec<u8>) -> Result<()> {
        if number == 0 || number > self.count {
            return Err(damaged("the store points at a page that it does not have"));
        }
        let from = u64::from(number - 1) * self.size as u64;
        let inside = |at: u64| usize::try_from(from.checked_sub(at)?).ok();
        let held = inside(self.block_at).filter(|at| at + self.size <= self.block.len());
        let at = match held {
            Some(at) => at,
            None => self.fill(from)?,
        };
        page.clear();
        page.extend_from_slice(part(&self.block, at, at + self.size)?);
        Ok(())
    }

    /// Bytes of the file behind its last page: there should be none.
    pub fn beyond(&self) -> Result<u64> {
        let length = self.file.metadata().map_err(unread)?.len();
        Ok(length.saturating_sub(u64::from(self.count) * self.size as u64))
    }

    fn fill(&mut self, from: u64) -> Result<usize> {
        self.block.resize(BLOCK.max(self.size), 0);
        let mut filled = 0;
        while let Some(rest) = self.block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, from + filled as u64).map_err(unread)? {
                0 => break,
                n => filled += n,
            }
        }
        self.block.truncate(filled);
        self.block_at = from;
        Ok(0)
    }
}

/// A failed read is never an empty answer.
pub(super) fn unread(cause: std::io::Error) -> Error {
    Error::new(Kind::Failed, "the files of the store cannot be read").because(cause)
}

/// The bytes from `from` to before `to`.
pub(super) fn part(bytes: &[u8], from: usize, to: usize) -> Result<&[u8]> {
    bytes.get(from..to).ok_or_else(|| damaged("a page of the store does not hold together"))
}

/// Two bytes, most significant first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    let [a, b] = part(bytes, at, at + 2)? else { return Ok(0) };
    Ok(u16::from_be_bytes([*a, *b]))
}

/// Four bytes, most significant first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    let [a, b, c, d] = part(bytes, at, at + 4)? else { return Ok(0) };
    Ok(u32::from_be_bytes([*a, *b, *c, *d]))
}

/// A variable-length integer and the place after it.
pub(super) fn varint_at(bytes: &[u8], at: usize) -> Result<(u64, usize)> {
    let mut value = 0_u64;
    for nth in 0..9 {
        let byte = *part(bytes, at + nth, at + nth + 1)?.first().unwrap_or(&0);
        if nth == 8 {
            return Ok((value << 8 | u64::from(byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, at + nth + 1));
        }
    }
    Ok((value, at + 9))
}

#[test]
fn integers_of_every_length() {
    for (bytes, value, length) in [
        (vec![0x00], 0, 1),
        (vec![0x7f], 127, 1),
        (vec![0x81, 0x00], 128, 2),
        (vec![0xff, 0x7f], 16_383, 2),
        (vec![0xff; 9], u64::MAX, 9),
    ] {
        assert_eq!(varint_at(&bytes, 0).ok(), Some((value, length)));
    }
    assert!(varint_at(&[0x81], 0).is_err());
}
