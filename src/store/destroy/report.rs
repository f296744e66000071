//! What a scan looked at and what it saw: counts only, so that it may stand in an act.

use serde::{Deserialize, Serialize};

/// The result of one scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanReport {
    /// Files read.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Pages of the store, every one accounted for.
    pub pages: u64,
    /// Bytes of the store that no row uses.
    pub unallocated: u64,
    /// Of those, bytes that are not zero.
    pub structural_nonzero: u64,
    /// Forms in which the values were looked for; empty where nobody remembers them.
    pub forms: Vec<String>,
    /// Values looked for.
    pub values: u64,
    /// Values too short to be looked for.
    pub short: u64,
    /// Values beyond what is remembered: the structural proof alone covers them.
    pub beyond: u64,
    /// Byte windows looked for.
    pub windows: u64,
    /// Of those, windows that living rows hold too, or neighbouring values of them make by chance: no residue.
    pub living: u64,
    /// Windows in a file that no living row holds or makes.
    pub residue: u64,
    /// Bytes of the rollback journal.
    pub journal: u64,
}

impl ScanReport {
    /// Whether nothing is left in any file.
    pub fn is_clean(&self) -> bool {
        self.structural_nonzero == 0 && self.residue == 0 && self.journal == 0
    }
}
