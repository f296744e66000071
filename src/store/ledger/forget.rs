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
    group,
    header::first_line,
    path_of, reaches_from,
    seal::{Run, Sealed},
    walk::{Found, walk},
};
use crate::{
    domain::{LogId, Result},
    store::{Store, Tx, beside},
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
    let next = shorter(store, tx.log_id(), before)?;
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

/// Writes the shorter one beside the other; `None`: nothing would go.
pub(super) fn shorter(store: &Path, log: LogId, before: u64) -> Result<Option<Sealed>> {
    if reaches_from(store)?.is_none_or(|from| from >= before) {
        return Ok(None);
    }
    let (path, new) = (path_of(store), beside::path(store, "ledger.new"));
    let failed = |cause| beside::unwritten(&path, cause);
    let _ = fs::remove_file(&new);
    let first = first_line(before, log);
    let file = beside::create(&new, first.as_bytes()).map_err(failed)?;
    let (mut out, mut run) = (BufWriter::new(&file), Run::of(&first));
    walk(store, None, |part| {
        let text = match part {
            Found::Whole(one) if one.head.size > before => group(&one),
            // What was cut off stays so: it may yet prove to be damage.
            Found::Cut(Some(head)) if head.size > before => format!("\n@ {} {}\n", head.size, head.root),
            Found::Whole(_) | Found::Cut(_) => return Ok(()),
        };
        run = std::mem::take(&mut run).and(&text);
        out.write_all(text.as_bytes()).map_err(failed)
    })?;
    out.flush().and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Some(run.sealed()))
}

/// Puts it in the place of the other.
pub(super) fn replace(store: &Path) -> Result<()> {
    let (path, new) = (path_of(store), beside::path(store, "ledger.new"));
    let failed = |cause| beside::unwritten(&path, cause);
    fs::rename(&new, &path).map_err(failed)?;
    fs::File::open(beside::directory(&path)).and_then(|it| it.sync_all()).map_err(failed)
}
