//! The first line of a ledger: since when it is complete, and whose it is.

use std::path::Path;

use super::walk::damaged;
use crate::{
    domain::{Error, Kind, LogId, Result},
    store::beside,
};

const HEADER: &str = "dsr ledger 2 from ";
const HEADER_1: &str = "dsr ledger 1 from ";

/// The line that a ledger begins with.
pub(super) fn first_line(from: u64, log: LogId) -> String {
    format!("{HEADER}{from} of {log}\n")
}

/// Where it is complete from, and of which log it is.
pub(super) fn read_first(line: &str) -> Option<(u64, Option<LogId>)> {
    let line = line.strip_suffix('\n')?;
    if let Some(rest) = line.strip_prefix(HEADER_1) {
        return Some((rest.parse().ok()?, None));
    }
    let (from, log) = line.strip_prefix(HEADER)?.split_once(" of ")?;
    Some((from.parse().ok()?, Some(log.parse().ok()?)))
}

/// A power cut left part of a first line and nothing else: no group was ever in it. Some disks leave zeros.
pub(super) fn is_torn(path: &Path) -> Result<bool> {
    let mut line = String::new();
    let Some(mut file) = beside::reader(path)? else { return Ok(false) };
    // What is no text was not torn off one.
    if beside::line(path, &mut file, &mut line).is_err() || line.ends_with('\n') {
        return Ok(false);
    }
    let begun = line.trim_end_matches('\0');
    let is_begun = |header: &str| header.starts_with(begun) || begun.starts_with(header);
    Ok([HEADER, HEADER_1].into_iter().any(is_begun))
}

/// Refuses a ledger that says that it is another store's, or says nothing: what went here would be looked for elsewhere,
/// or not be found. One that was made and not yet filled when the power went says nothing either, and is none.
pub(super) fn own(path: &Path, log: LogId) -> Result<()> {
    match first(path)? {
        (_, Some(other)) if other != log => Err(foreign()),
        _ => Ok(()),
    }
}

/// What the first line of a ledger says: where it is complete from, and of which log it is.
pub(super) fn first(path: &Path) -> Result<(u64, Option<LogId>)> {
    let mut line = String::new();
    if let Some(mut file) = beside::reader(path)? {
        beside::line(path, &mut file, &mut line)?;
    }
    read_first(&line).ok_or_else(|| damaged(path))
}

/// The error of another store's.
pub(super) fn foreign() -> Error {
    Error::new(Kind::Integrity, "the ledger beside the store is of another store").hint(
        "put each store with its own files back together; if its own ledger is lost for good, move this one away: \
         dsr restore then needs --without-ledger",
    )
}
