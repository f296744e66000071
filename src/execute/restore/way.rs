//! Which way a backup comes back: into the store that is there, or in its place.

use std::path::Path;

use super::Way;
use crate::{
    audit::{Checkpoint, Signed},
    domain::{Error, Kind, LogId, Result},
    execute::verify,
    store::{
        AuditHead, Signing, Standing, Store,
        backup::twice,
        ledger::{Ledger, chain},
    },
};

/// Into the store, if it is whole and its log goes on from the backup's; else alone. Without a known head, or where it was
/// put back with its store, nobody knows how many entries were lost.
pub(super) fn way(
    current: Option<&mut Store>,
    (copy, path): (&mut Store, &Path),
    known: Option<Checkpoint>,
    (ledger, without): (Option<&Ledger>, bool),
) -> Result<Way> {
    let mut last = known.map(|known| known.size);
    if let Some(store) = current {
        let is_sound = is_sound(store)?;
        let found = verify::verify(store, Vec::new())?;
        if is_sound && found.subtrees && found.but_for_subtrees().is_empty() {
            return Err(verify::broken_subtrees());
        }
        let end = store.read(|view| view.audit_head()).ok();
        let is_older = matches!(store.standing(), Standing::Outrun { .. } | Standing::LeftBehind(_))
            || is_before(copy, end)?;
        let standing = !is_older && matches!(store.standing(), Standing::Fits(_) | Standing::Missing);
        if is_sound && standing && found.faults().is_empty() {
            let head = copy.read(|view| view.audit_head())?;
            return into(store, &head, ledger, without).map(|()| Way::Carry);
        }
        last =
            last.filter(|_| !is_older).max(end.filter(|_| known.is_some() && !is_older).map(|end| end.size));
    }
    let told = ledger.and_then(|ledger| ledger.groups.iter().map(|group| group.head.size).max());
    let told = told.max(given_out(path, copy.log_id()));
    Ok(Way::Alone { lost_to: last.max(told.filter(|_| last.is_some())) })
}

/// Whether the register may stay: what nobody can read, or points at nothing, would stop whoever comes to it for good.
fn is_sound(store: &mut Store) -> Result<bool> {
    let found = store.quick_check().and_then(|()| store.read(|view| view.register_is_legible()));
    match found {
        Err(error) if error.kind() == Kind::Busy => Err(error),
        found => Ok(found.is_ok()),
    }
}

/// The greatest of the heads that were given out and kept, signed by a key of this log. Those of a log that an earlier restore
/// left behind count too: the entry that named that gap may be lost with this one.
fn given_out(store: &Path, log: LogId) -> Option<u64> {
    let signing = Signing::beside(store);
    let (keys, notes) = (signing.keys().ok()?, signing.heads().ok()?);
    let signed = notes.iter().filter(|note| keys.iter().any(|key| note.signed_by(key) == Signed::Yes));
    let heads = signed.filter_map(|note| Checkpoint::parse(note.text()).ok());
    heads.filter(|head| head.log == log).map(|head| head.size).max()
}

/// Whether the log of a backup goes on from the end of the store's.
fn is_before(copy: &mut Store, end: Option<AuditHead>) -> Result<bool> {
    copy.read(|view| {
        let size = view.audit_head()?.size;
        end.filter(|end| end.size < size).map_or(Ok(false), |end| view.has_head(&end))
    })
}

/// Whether the data can come into this store, and what was destroyed since can go again.
fn into(store: &mut Store, head: &AuditHead, ledger: Option<&Ledger>, without: bool) -> Result<()> {
    let (is_missing, path) = (matches!(store.standing(), Standing::Missing), store.path().to_owned());
    store.read(|view| {
        if !view.has_head(head)? {
            return Err(another_history());
        }
        let Some(ledger) = ledger else { return Ok(()) };
        let end = view.audit_head()?.size;
        if is_missing && ledger.groups.iter().any(|group| group.head.size > end) {
            return Err(unsure(end));
        }
        if let Some(seq) = chain::lacking(view, ledger, head.size)?.filter(|_| !without) {
            return Err(chain::lacks(seq));
        }
        if !without {
            view.ledger_unchanged(&path)?;
        }
        twice::check(view, head.size, &ledger.groups)
    })
}

fn unsure(end: u64) -> Error {
    let next = end + 1;
    let what = format!(
        "the log ends with entry {end}, the ledger knows what entry {next} destroyed, and there is no known head: \
         either that entry was never finished, or an older store was put back"
    );
    Error::new(Kind::Integrity, what)
        .hint("bring the .head file back; if this is the newest store, its next entry makes a new one: dsr backup FILE")
}

fn another_history() -> Error {
    Error::new(Kind::Integrity, "the log of the store does not go on from the log of the backup")
        .hint("was an older store put back here, and used since? then move it away: the same command makes the backup the store, and \
            the log says what is lost; else one of them was rewritten: dsr audit verify --head FILE")
}
