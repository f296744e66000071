//! A backup that the ledger cannot be held against any more.
//!
//! Whoever is imported again after an older backup was brought back has another number and other rows than in the
//! backups between the two. The ledger names the new ones: of those backups it would bring the person back whole.

use super::super::{View, ledger::Group};
use crate::{
    audit::Entry,
    domain::{Error, Kind, Result},
};

const RESTORED: &[u8] = br#","state":"restored","v":1}"#;
const IMPORTED: &[u8] = br#","state":"imported","v":1}"#;

/// Refuses a backup of this size, if an older one was brought back after it, people were imported then, and something was
/// destroyed after that. `groups` are those that the backup does not know.
///
/// # Errors
/// Exit 9: so it is.
pub fn check(view: &View<'_>, size: u64, groups: &[Group]) -> Result<()> {
    let Some(((restored, older), imported)) = imported_again(view, size)? else { return Ok(()) };
    for group in groups.iter().filter(|group| group.head.size > imported) {
        if view.has_head(&group.head)? {
            return Err(refused(restored, older));
        }
    }
    Ok(())
}

/// The entry that brought an older backup back, with the size of its log, and the entry of the first import after it.
fn imported_again(view: &View<'_>, size: u64) -> Result<Option<((u64, u64), u64)>> {
    let (mut restored, mut imported) = (None, None);
    view.for_each_entry(size + 1, |seq, bytes| {
        if restored.is_none() && bytes.ends_with(RESTORED) {
            restored = older(bytes, size).map(|older| (seq, older));
        } else if restored.is_some() && imported.is_none() && bytes.ends_with(IMPORTED) {
            imported = Some(seq);
        }
        Ok(())
    })?;
    Ok(restored.zip(imported))
}

/// The size of the backup that an entry brought back, if it is older than this one.
fn older(bytes: &[u8], size: u64) -> Option<u64> {
    let entry = Entry::parse(bytes).ok()?;
    let found = entry.act.counts.iter().find(|(word, _)| word.as_str() == "backup_size");
    found.map(|(_, count)| *count).filter(|count| *count < size)
}

fn refused(seq: u64, older: u64) -> Error {
    let what = format!(
        "an older backup was brought back after this one was made (entry {seq}): people who were imported again and \
         destroyed since would come back"
    );
    Error::new(Kind::Integrity, what).hint(format!(
        "bring back the older one again (of {older} entries), or one that was made after entry {seq}, and import again \
         what came after it"
    ))
}
