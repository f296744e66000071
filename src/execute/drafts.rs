//! Drafts that a kill left are taken away: beside the store, and wherever a backup was begun.

use super::context::{Context, Said};
use crate::{
    audit::State,
    domain::Result,
    store::{
        Store,
        backup::begun::CutOff,
        stale::{self, Stale},
    },
};

/// Takes away drafts that a kill left beside the store or where a backup was to come, and says so in the log before
/// it does. Gives how many. What lies on a disk that is away is remembered.
///
/// # Errors
/// As any write; exit 1: the disk.
pub fn sweep(store: &mut Store, context: &Context) -> Result<usize> {
    let path = store.path().to_owned();
    let mut drafts = stale::drafts(&path)?;
    let cut_off = store.read(|view| view.cut_off_backups(&path))?;
    drafts.extend(cut_off.iter().filter_map(|found| match found {
        CutOff::Left(draft) => stale::one(draft),
        CutOff::Away(_) => None,
    }));
    let many = take_away(store, context, drafts)?;
    store.forget_ended_backups()?;
    Ok(many)
}

/// Takes these away, and says so in the log before it does. Gives how many.
///
/// # Errors
/// As [`sweep`].
pub fn take_away(store: &mut Store, context: &Context, drafts: Vec<Stale>) -> Result<usize> {
    if drafts.is_empty() {
        return Ok(0);
    }
    let many = drafts.len();
    let counts = [("drafts".to_owned(), many as u64)].into();
    store.transact(|tx| {
        context.log(tx, "sanitize", State::Executed, Said { counts, ..Said::default() }).map(drop)
    })?;
    drafts.into_iter().try_for_each(Stale::remove)?;
    Ok(many)
}
