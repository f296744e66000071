//! Before anything is destroyed: does the store hold together?
//!
//! What is damaged is left as it is, so that a backup and somebody who understands it can still help. A small store
//! is read whole each time. Of a large one reading takes longer than erasing somebody; `doctor` reads it whole,
//! the engine checks each page it touches, and the structural proof finds the rest before it says *destroyed*.

use std::fs;

use crate::{
    domain::Result,
    store::{Tx, fault::damaged},
};

/// Up to so many bytes reading everything costs less than the question at the terminal.
const SMALL: u64 = 64 << 20;

impl Tx<'_> {
    /// Reads every table and index of a small store, before the first destructive step and before it is said that
    /// nothing is held.
    ///
    /// # Errors
    /// Exit 9: it is damaged; nothing was changed.
    pub fn sound(&self) -> Result<()> {
        let path = self.conn().path().unwrap_or_default();
        if fs::metadata(path)?.len() > SMALL {
            return Ok(());
        }
        let answer: String = self.conn().query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if answer == "ok" { Ok(()) } else { Err(damaged("the store is corrupt")) }
    }
}
