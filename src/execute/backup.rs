//! A copy of the store that can be trusted: verified after it was written, vouched for by a manifest, known to
//! the log.

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use super::{
    context::{Context, Said},
    drafts, verify,
};
use crate::{
    audit::{Claim, Entry, Kept, Note, State},
    domain::{Error, Kind, Result},
    store::{
        AuditHead, Store,
        backup::{self, Draft, Manifest},
        ledger, stale,
    },
};

/// A finished backup.
pub struct Backup {
    /// What vouches for it.
    pub manifest: Manifest,
    /// The log in it.
    pub head: AuditHead,
    /// Acts of destruction that are pending: the bytes they speak of are in the backup too.
    pub pending: usize,
    /// Drafts that were taken away first: a kill had left them where the backup was to come.
    pub swept: usize,
}

/// Writes a backup to `target` and its manifest beside it.
///
/// # Errors
/// Exit 2: a file is there; 1: the disk; 9: the copy does not verify.
pub fn back_up(
    store: &mut Store,
    context: &Context,
    target: &Path,
    keep_days: u64,
    random: [u8; 16],
) -> Result<Backup> {
    Manifest::sweep(target);
    free(target)?;
    // A directory that cannot be listed may still take a file.
    let swept = drafts::take_away(store, context, stale::drafts(target).unwrap_or_default())?;
    let size = store.read(|view| view.audit_head())?.size;
    store.transact(|tx| tx.begin_ledger(size))?;
    let made = written(store, context, target, keep_days, random);
    // What failed took its draft away, as far as it could.
    let settled = store.forget_ended_backups();
    let made = made?;
    settled?;
    forget(store, context.now.day())?;
    Ok(Backup { swept, ..made })
}

/// The copy and its manifest. Where the draft lies is committed before anything of anybody is in it: whenever this is
/// killed, `doctor` and `sanitize` know of it.
fn written(
    store: &mut Store,
    context: &Context,
    target: &Path,
    keep_days: u64,
    random: [u8; 16],
) -> Result<Backup> {
    let draft = Draft::begin(target, random)?;
    let path = store.path().to_owned();
    store.transact(|tx| tx.begins_backup(&path, &draft))?;
    store.copy_into(&draft)?;
    let (head, note) = checked(&draft, store)?;
    let pending = store.read(|view| view.pending_destructions())?.len();
    let keep_until = until(context, keep_days)?.to_string();
    let manifest = Manifest::of(draft.path(), context.now.rfc3339(), keep_until, note.to_string())?;
    let said = Said {
        counts: [("size".to_owned(), head.size), ("keep_days".to_owned(), keep_days)].into(),
        output: manifest.sha256.parse().ok(),
        ..Said::default()
    };
    store.transact(|tx| {
        tx.backs_up_to(target)?;
        context.log(tx, "backup", State::BackedUp, said)
    })?;
    manifest.write(target)?;
    draft.name(target).inspect_err(|error| {
        // A name that was taken is another's file; where it is ours after all, it stays vouched for.
        if error.kind() == Kind::Usage || target.symlink_metadata().is_err() {
            Manifest::remove(target);
        }
    })?;
    Ok(Backup { manifest, head, pending, swept: 0 })
}

/// Neither the backup nor its manifest may be there already.
fn free(target: &Path) -> Result<()> {
    let taken = |path: PathBuf| path.symlink_metadata().is_ok().then_some(path);
    match taken(target.to_owned()).or_else(|| taken(Manifest::path_of(target))) {
        None => Ok(()),
        Some(path) => Err(Error::usage(format!("`{}` exists and is not replaced", path.display()))
            .hint("name another file, or a directory")),
    }
}

/// The copy is read whole before anybody relies on it.
fn checked(draft: &Draft, store: &Store) -> Result<(AuditHead, Note)> {
    let mut copy = backup::open(draft.path())?;
    copy.quick_check()?;
    // Such a copy could not be brought back.
    copy.references_hold()?;
    let head = copy.read(|view| view.audit_head())?;
    let note = store.signed(head)?;
    let claim = Claim { source: "the manifest".into(), note: note.clone(), kept: Kept::Own };
    match verify::verify(&mut copy, vec![claim])?.faults().into_iter().next() {
        None => Ok((head, note)),
        Some((_, fault)) => {
            Err(Error::new(Kind::Integrity, format!("the log of the copy does not verify: {fault}"))
                .hint("the backup was not kept; look closer with: dsr audit verify"))
        }
    }
}

fn until(context: &Context, days: u64) -> Result<NaiveDate> {
    let end = context.now.day().checked_add_days(Days::new(days));
    end.ok_or_else(|| Error::usage("the backup would be kept beyond the calendar"))
}

/// The ledger remembers for the oldest backup that is still kept, and no longer.
fn forget(store: &mut Store, today: NaiveDate) -> Result<()> {
    const SAYS: [(&[u8], &str); 2] = [
        (br#","state":"backed_up","v":1}"#, "size"),
        // Whose own entry may be lost with the log.
        (br#","state":"restored","v":1}"#, "backup_size"),
    ];
    let mut oldest: Option<u64> = None;
    store.read(|view| {
        view.for_each_entry(1, |_, bytes| {
            if let Some((_, word)) = SAYS.into_iter().find(|(state, _)| bytes.ends_with(state))
                && let Ok(entry) = Entry::parse(bytes)
            {
                let count = |word: &str| {
                    entry.act.counts.iter().find(|(name, _)| name.as_str() == word).map_or(0, |(_, n)| *n)
                };
                let end = entry.act.at.day().checked_add_days(Days::new(count("keep_days")));
                if end.is_none_or(|end| end >= today) {
                    let size = count(word);
                    oldest = Some(oldest.map_or(size, |known| known.min(size)));
                }
            }
            Ok(())
        })
    })?;
    oldest.map_or(Ok(()), |size| ledger::forget(store, size))
}
