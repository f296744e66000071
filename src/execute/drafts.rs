//! Drafts that a kill left are taken away: beside the store, where the last backup lies, and wherever one was begun.

use std::path::Path;

use super::context::{Context, Said};
use crate::{
    audit::State,
    domain::{Error, Result},
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
    let (cut_off, place) = store.read(|view| Ok((view.cut_off_backups(&path)?, view.backup_place()?)))?;
    // One that cannot be listed may be away.
    let place = place.and_then(|directory| stale::drafts(&directory.join("backup")).ok());
    drafts.extend(place.into_iter().flatten());
    drafts.extend(cut_off.iter().filter_map(|found| match found {
        CutOff::Left(draft) => stale::one(draft),
        CutOff::Away(_) => None,
    }));
    let many = take_away(store, context, drafts)?;
    store.forget_ended_backups()?;
    Ok(many)
}

/// Gives up backups that were cut off in a directory which is gone for good, as the officer says, and says so in the log.
/// Gives how many.
///
/// # Errors
/// Usage (exit 2): none is missed there; as any write.
pub fn give_up(store: &mut Store, context: &Context, directory: &Path) -> Result<usize> {
    let (path, directory) = (store.path().to_owned(), std::path::absolute(directory)?);
    store.transact(|tx| {
        let many = tx.give_up_backups(&path, &directory)?;
        if many == 0 {
            let shown = directory.display();
            return Err(Error::usage(format!("no backup that was cut off is missed in `{shown}`")).hint(
                "dsr doctor names the directories; what lies in one that is there goes with `dsr sanitize`",
            ));
        }
        let counts = [("given_up".to_owned(), many as u64)].into();
        context.log(tx, "sanitize", State::Executed, Said { counts, ..Said::default() })?;
        Ok(many)
    })
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
