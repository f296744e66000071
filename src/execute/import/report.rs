//! What an import did, as plain data.

use crate::store::load::row::RowKind;

use super::complaint::Complaints;

/// How many lines of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 6]);

impl Counts {
    /// One more of a kind.
    pub fn add(&mut self, kind: RowKind) {
        self.all_mut(kind, 1);
    }

    /// One less of a kind.
    pub fn take(&mut self, kind: RowKind) {
        self.all_mut(kind, u64::MAX);
    }

    fn all_mut(&mut self, kind: RowKind, by: u64) {
        let at = RowKind::ALL.iter().position(|known| *known == kind);
        if let Some(count) = at.and_then(|at| self.0.get_mut(at)) {
            *count = count.wrapping_add(by);
        }
    }

    /// Adds the counts of another list.
    pub fn append(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Kinds and counts, in the order of the documentation.
    pub fn iter(&self) -> impl Iterator<Item = (RowKind, u64)> + '_ {
        RowKind::ALL.iter().copied().zip(self.0)
    }

    /// Of one kind.
    pub fn of(&self, kind: RowKind) -> u64 {
        self.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| count)
    }

    /// Of all kinds.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// What an import did, or would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The name of the input.
    pub input: String,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Lines that were understood.
    pub read: Counts,
    /// New ones.
    pub added: Counts,
    /// Known ones with other content.
    pub updated: Counts,
    /// Known ones with the same content.
    pub unchanged: Counts,
    /// Lines that were not taken, with the reason: wrong ones under `--keep-going`, and those of people
    /// who were destroyed.
    pub left_out: Complaints,
    /// Lines that were taken, but not whole: rectified fields kept, stopped purposes left away.
    pub altered: Complaints,
    /// Lines that were taken and are odd.
    pub warnings: Complaints,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of the file; `None` for a stream.
    pub total: Option<u64>,
    /// Rows handled.
    pub rows: u64,
}
