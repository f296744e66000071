//! What the store knows of the signed heads that lie beside it: how many bytes of them there were, and their digest.
//!
//! A head that was given out is a promise: one that lies there no longer is missed. Only who may work in the store can write
//! this down; what an auditor gives out comes behind it, and stands for itself by its signature.

use std::path::Path;

use super::{Store, Tx, View, beside, ledger::seal::Run};
use crate::domain::Result;

/// The row of `meta` with the seal of the heads.
const IS: &str = "heads_is";

impl View<'_> {
    /// Every head that the store knows to have been kept is still there, as it was.
    ///
    /// # Errors
    /// As any read; exit 6: others may open the file.
    pub fn heads_unchanged(&self, store: &Path) -> Result<bool> {
        let Some(sealed) = self.sealed(IS)? else { return Ok(true) };
        Ok(Run::upto(&beside::path(store, "heads"), sealed.len())?.is_some_and(|run| run.sealed() == sealed))
    }
}

impl Tx<'_> {
    fn know_heads(&self) -> Result<()> {
        let there = Run::whole(&beside::path(self.ledger.store, "heads"))?;
        self.keep_seal(IS, there.sealed())
    }
}

impl Store {
    /// Writes down that the heads that are kept now have to be there from here on; gives whether those were that had to be
    /// there until now. Where they were not, nothing is written down, or the next head would hide it; unless the file was
    /// moved away and is `begun` anew.
    ///
    /// # Errors
    /// As any write.
    pub fn know_heads(&mut self, begun: bool) -> Result<bool> {
        self.transact(|tx| {
            let fits = tx.heads_unchanged(tx.ledger.store)?;
            if fits || begun { tx.know_heads().map(|()| fits) } else { Ok(fits) }
        })
    }
}
