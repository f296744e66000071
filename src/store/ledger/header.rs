//! The first line of a ledger: since when it is complete, whose it is, and which way its log went.

use std::path::Path;

use super::walk::damaged;
use crate::{
    domain::{Error, Kind, LogId, Result},
    store::{AuditHead, beside},
};

const HEADER: &str = "dsr ledger 2 from ";
const HEADER_1: &str = "dsr ledger 1 from ";

/// What the first line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct First {
    /// It is complete for backups of this size and later.
    pub from: u64,
    /// Of which log it is; `None`: it does not say.
    pub log: Option<LogId>,
    /// Roots that this log has, after restores and where it was shortened: a store or a backup that has another one at such
    /// a size is of a log that a restore left behind.
    pub anchors: Vec<AuditHead>,
}

/// The line that a ledger begins with.
pub(super) fn first_line(from: u64, log: LogId, anchors: &[AuditHead]) -> String {
    let anchors = anchors.iter().map(|AuditHead { size, root }| format!(", {size} {root}"));
    format!("{HEADER}{from} of {log}{}\n", anchors.collect::<String>())
}

/// Reads it.
pub(super) fn read_first(line: &str) -> Option<First> {
    let line = line.strip_suffix('\n')?;
    if let Some(rest) = line.strip_prefix(HEADER_1) {
        return Some(First { from: rest.parse().ok()?, ..First::default() });
    }
    let mut parts = line.strip_prefix(HEADER)?.split(", ");
    let (from, log) = parts.next()?.split_once(" of ")?;
    let anchor = |part: &str| {
        let (size, root) = part.split_once(' ')?;
        Some(AuditHead { size: size.parse().ok()?, root: root.parse().ok()? })
    };
    let anchors = parts.map(anchor).collect::<Option<_>>()?;
    Some(First { from: from.parse().ok()?, log: Some(log.parse().ok()?), anchors })
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
    match first(path)?.log {
        Some(other) if other != log => Err(foreign()),
        _ => Ok(()),
    }
}

/// What the first line of a ledger says.
pub(super) fn first(path: &Path) -> Result<First> {
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
