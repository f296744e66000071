//! The audit log, fed row by row to its verifier.

use crate::{
    audit::verify::{Depth, Verdict, verify as check},
    domain::{LogId, Result},
    store::Store,
};

/// Verifies the whole log of a store, in one consistent view of it.
///
/// # Errors
/// As any read; a fault of the log is no error but part of the verdict.
pub fn verify(store: &mut Store) -> Result<Verdict> {
    let log = LogId::from_bytes(store.meta().store_id);
    store.read(|view| {
        check(log, Depth::Fast, |verifier| view.feed_log(|entry, head| verifier.step(entry, head)))
    })
}
