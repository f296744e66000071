//! Dropping what no backup needs any more.
//!
//! The shorter ledger is written beside the other; the store commits that it may be either; then it takes the place, and the
//! store commits that it is the one. Killed anywhere, the store knows what lies there.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::Path,
};

use super::{
    Group, group,
    header::{First, first, first_line},
    is_none, path_of, reaches_from,
    seal::{Run, Sealed},
    walk::{Found, walk},
};
use crate::{
    audit::Hash,
    domain::{LogId, Result},
    store::{AuditHead, Store, Tx, beside},
};

/// Drops the groups that no backup of this size or larger needs. Where somebody destroyed in between, the next backup does.
///
/// # Errors
/// As [`super::after`]; exit 9: it was changed; 1: the disk.
pub fn forget(store: &mut Store, before: u64) -> Result<()> {
    let path = store.path().to_owned();
    match store.transact(|tx| begin(tx, &path, before))? {
        None => Ok(()),
        Some(next) => store.transact(|tx| swap(tx, &path, next)),
    }
}

fn begin(tx: &Tx<'_>, store: &Path, before: u64) -> Result<Option<Sealed>> {
    tx.ledger_stands()?;
    let next = shorter(store, tx.log_id(), (before, tx.root_at(before)?))?;
    next.map(|next| tx.seal_next(next).map(|()| next)).transpose()
}

fn swap(tx: &Tx<'_>, store: &Path, next: Sealed) -> Result<()> {
    if tx.is_next(next)? {
        replace(store)?;
        return tx.seal(next);
    }
    let _ = fs::remove_file(beside::path(store, "ledger.new"));
    Ok(())
}

/// Writes the shorter one beside the other; `None`: nothing would go. `root`: that of the log at this size.
pub(super) fn shorter(
    store: &Path,
    log: LogId,
    (before, root): (u64, Option<Hash>),
) -> Result<Option<Sealed>> {
    if reaches_from(store)?.is_none_or(|from| from >= before) {
        return Ok(None);
    }
    // Backups before it are refused by its beginning, those after it by the root at it.
    let mut anchors = first(&path_of(store))?.anchors;
    anchors.retain(|anchor| anchor.size > before);
    let here = root.map(|root| AuditHead { size: before, root });
    let anchors: Vec<AuditHead> = here.into_iter().chain(anchors).collect();
    rewrite(store, &first_line(before, log, &anchors), |size| size > before, "").map(Some)
}

/// Writes beside the ledger of a store the one with which a restored store goes on: what went before the backup, then what
/// was destroyed again. What the lost log did after it would name rows that the restored one gives to others.
pub(super) fn branch(
    store: &Path,
    log: LogId,
    (backup, fresh): (u64, Option<u64>),
    group: &Group,
) -> Result<Sealed> {
    let path = path_of(store);
    if let Some(from) = fresh {
        return rewrite(store, &first_line(from, log, &[group.head]), |_| false, &self::group(group));
    }
    let old = if is_none(&path) { First { from: backup, ..First::default() } } else { first(&path)? };
    let kept = old.anchors.into_iter().filter(|anchor| anchor.size <= backup);
    let anchors: Vec<AuditHead> = kept.chain([group.head]).collect();
    rewrite(store, &first_line(old.from, log, &anchors), |size| size <= backup, &self::group(group))
}

/// Writes one with this first line, the groups that stay, and what is added, beside the ledger of a store.
fn rewrite(store: &Path, first: &str, stays: impl Fn(u64) -> bool, added: &str) -> Result<Sealed> {
    let (path, new) = (path_of(store), beside::path(store, "ledger.new"));
    let failed = |cause| beside::unwritten(&path, cause);
    let _ = fs::remove_file(&new);
    beside::create(&new, first.as_bytes()).map_err(failed)?;
    // By the name that it has now.
    let file = fs::OpenOptions::new().append(true).open(&new).map_err(failed)?;
    let (mut out, mut run) = (BufWriter::new(&file), Run::of(first));
    walk(store, None, |part| {
        let text = match part {
            Found::Whole(one) if stays(one.head.size) => group(&one),
            // What was cut off stays so: it may yet prove to be damage.
            Found::Cut(Some(head)) if stays(head.size) => format!("\n@ {} {}\n", head.size, head.root),
            Found::Whole(_) | Found::Cut(_) => return Ok(()),
        };
        run = std::mem::take(&mut run).and(&text);
        out.write_all(text.as_bytes()).map_err(failed)
    })?;
    out.write_all(added.as_bytes())
        .and_then(|()| out.flush())
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    Ok(run.and(added).sealed())
}

/// Puts it in the place of the other.
///
/// # Errors
/// Exit 1: the disk.
pub fn replace(store: &Path) -> Result<()> {
    let (path, new) = (path_of(store), beside::path(store, "ledger.new"));
    let failed = |cause| beside::unwritten(&path, cause);
    fs::rename(&new, &path).map_err(failed)?;
    fs::File::open(beside::directory(&path)).and_then(|it| it.sync_all()).map_err(failed)
}
