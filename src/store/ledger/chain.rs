//! Whether a ledger is whole: the store knows the number of its last group, each group that of the one before it.
//!
//! Both are written in the transaction that destroys, so an older copy, or one with a part taken out, lacks a group
//! that is named. Groups of a transaction that was never committed name what was committed before it, so they are no
//! evidence against anybody. What an earlier version wrote names nothing, and the chain ends there.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::FileExt,
    path::Path,
};

use rusqlite::OptionalExtension;

use super::{
    Found, Group, Ledger, foreign,
    header::{First, first},
    is_none, path_of, seal,
    walk::{Link, walk},
};
use crate::{
    audit::Hash,
    domain::{Error, Kind, LogId, Result},
    store::{
        Tx, View, beside,
        log::{AuditHead, number},
    },
};

/// The row of `meta` with the number of the last group.
const LAST: &str = "ledger";

impl View<'_> {
    pub(in crate::store) fn last_group(&self) -> Result<Option<u64>> {
        let mut query = self.prepare("SELECT value FROM meta WHERE key = ?1")?;
        let last: Option<i64> = query.query_row([LAST], |row| row.get(0)).optional()?;
        Ok(last.and_then(|last| u64::try_from(last).ok()))
    }
}

impl Tx<'_> {
    /// From here on the last group is that of this number.
    pub(in crate::store) fn next_group(&self, size: u64) -> Result<()> {
        let mut insert = self.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
        insert.execute((LAST, number(size))).map(drop).map_err(Into::into)
    }
}

/// What was committed after a backup of this size is in the ledger that was read for it; the first number that is not.
///
/// # Errors
/// As any read.
pub fn lacking(view: &View<'_>, ledger: &Ledger, size: u64) -> Result<Option<u64>> {
    let links = ledger.groups.iter().map(Group::link);
    first_lacking(links, ledger.from.max(size), view.last_group()?, |head| view.has_head(head))
}

/// Asks a whole ledger by its own words alone, where the log that could tell is lost.
pub fn tells_of_more(ledger: &Ledger, size: u64) -> Option<u64> {
    let from = ledger.from.max(size);
    let there: BTreeSet<u64> = ledger.groups.iter().map(|group| group.head.size).collect();
    let told = ledger.groups.iter().filter_map(|group| group.before);
    told.filter(|before| *before > from && !there.contains(before)).min()
}

fn first_lacking(
    links: impl IntoIterator<Item = Link>,
    from: u64,
    last: Option<u64>,
    committed: impl Fn(&AuditHead) -> Result<bool>,
) -> Result<Option<u64>> {
    let mut there: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
    for link in links {
        there.entry(link.head.size).or_default().push(link);
    }
    let mut wanted = last;
    while let Some(size) = wanted.filter(|size| *size > from) {
        let mut found = None;
        for link in there.get(&size).into_iter().flatten() {
            if committed(&link.head)? {
                found = Some(link);
            }
        }
        let Some(link) = found else { return Ok(Some(size)) };
        // It can only lead back.
        wanted = link.before.filter(|before| *before < size);
    }
    Ok(None)
}

/// From which size of the log on the ledger beside a store is complete; `None` where there is none.
///
/// # Errors
/// As [`super::after`]; exit 9: it is another store's, lacks what was destroyed, or was changed.
pub fn sound(view: &View<'_>, store: &Path, solid: Option<u64>) -> Result<Option<u64>> {
    let Some((from, log, links)) = links(store, solid)? else { return Ok(None) };
    if log.is_some_and(|log| log != LogId::from_bytes(view.meta().store_id)) {
        return Err(foreign());
    }
    match first_lacking(links, from, view.last_group()?, |head| view.has_head(head))? {
        Some(seq) => Err(lacks(seq).hint(seal::LOST)),
        None => view.ledger_unchanged(store).map(|()| Some(from)),
    }
}

/// What the ledger knows of a log that the store's does not go on to.
pub enum Beyond {
    /// This log is older: the entry that it does not have, and the root after it where that is told.
    Later(u64, Option<Hash>),
    /// This log never had such an entry: a restore left it behind, and went on with another.
    LeftBehind(AuditHead),
}

/// What the ledger of a store that was put back knows more than it.
/// What lies behind the bytes that the store speaks of is of a transaction that was cut off, which names the next entry and goes
/// on from the last group and from the last root, or else of a store that was ahead or went another way. A ledger that was
/// shortened for a later backup begins behind the log. What cannot be read proves nothing here, and is for whoever needs it.
///
/// # Errors
/// As any read.
pub fn beyond(view: &View<'_>, store: &Path) -> Result<Option<Beyond>> {
    let path = path_of(store);
    let (solid, length) = (view.sealed_bytes()?, path.symlink_metadata().map_or(0, |found| found.len()));
    if is_none(&path) || solid.is_none() {
        return Ok(None);
    }
    let Ok(First { from, log, anchors }) = first(&path) else { return Ok(None) };
    if log.is_some_and(|log| log != view.log_id()) {
        return Ok(None);
    }
    // Two that were shortened may have one length.
    let Ok(head) = view.audit_head() else { return Ok(None) };
    if from > head.size {
        return Ok(Some(Beyond::Later(from, None)));
    }
    if let Some(other) = astray(view, &anchors)? {
        return Ok(Some(other));
    }
    let word = view.ledger_word()?;
    // One that was shortened and grew again may have it too, and begin where the log already was.
    if solid == Some(length) && ends_with(&path, word.last)? {
        return Ok(None);
    }
    match word.found(&path) {
        Ok(Some(run)) => behind(view, (store, run.sealed().len()), (head, word.last)),
        _ => grown(view, store, from, head.size),
    }
}

/// What a ledger that is not the one that the store left knows more, if everything that the store destroyed is in it: then it
/// was shortened and grew since. One that lacks something of that is a copy of another time, and no evidence against the
/// store: whoever needs it says so.
fn grown(view: &View<'_>, store: &Path, from: u64, size: u64) -> Result<Option<Beyond>> {
    let Ok(Some((_, _, links))) = links(store, None) else { return Ok(None) };
    let newest = links.iter().map(|link| link.head).max_by_key(|found| found.size);
    let Some(newest) = newest.filter(|newest| newest.size > size + 1) else { return Ok(None) };
    let lacks = first_lacking(links, from, view.last_group()?, |head| view.has_head(head))?;
    Ok(lacks.is_none().then(|| later(newest)))
}

/// The first root that the log of this ledger has and the one looked at has not.
fn astray(view: &View<'_>, anchors: &[AuditHead]) -> Result<Option<Beyond>> {
    let size = view.audit_head()?.size;
    for anchor in anchors {
        if anchor.size > size {
            return Ok(Some(later(*anchor)));
        }
        if !view.has_head(anchor)? {
            return Ok(Some(Beyond::LeftBehind(*anchor)));
        }
    }
    Ok(None)
}

/// Whether a backup is of a log that a restore left behind: what the other destroyed since would come back with it.
///
/// # Errors
/// As any read; exit 9: so it is.
pub fn of_this_log(backup: &View<'_>, store: &Path) -> Result<()> {
    let path = path_of(store);
    if is_none(&path) {
        return Ok(());
    }
    let First { log, anchors, .. } = first(&path)?;
    match astray(backup, if log == Some(backup.log_id()) { &anchors } else { &[] })? {
        Some(Beyond::LeftBehind(head)) => Err(Error::new(
            Kind::Integrity,
            format!(
                "the backup is of a log that a restore left behind: entry {} of it is another one",
                head.size
            ),
        )
        .hint("choose a backup that was made after that restore, or the one that was brought back then")),
        _ => Ok(()),
    }
}

fn later(head: AuditHead) -> Beyond {
    Beyond::Later(head.size, Some(head.root))
}

/// What the groups behind so many bytes say.
fn behind(
    view: &View<'_>,
    (store, solid): (&Path, u64),
    (end, last): (AuditHead, Option<u64>),
) -> Result<Option<Beyond>> {
    let Ok(Some(read)) = walk(store, Some(solid), |_| Ok(())) else { return Ok(None) };
    let is_ahead = |link: &Link| link.head.size > end.size + 1 || link.before > last;
    if read.behind.iter().any(is_ahead) {
        return Ok(read.behind.iter().map(|link| link.head).max_by_key(|head| head.size).map(later));
    }
    for link in &read.behind {
        let known = if link.head.size > end.size {
            link.prior.is_none_or(|prior| prior == end.root)
        } else {
            // An earlier version left such a one behind when it was cut off, and named no root before.
            link.prior.is_none() || view.has_head(&link.head)?
        };
        if !known {
            return Ok(Some(Beyond::LeftBehind(link.head)));
        }
    }
    Ok(None)
}

/// Whether the last group in a ledger is that of this number, by the end of the file alone: it is asked at each opening.
fn ends_with(path: &Path, last: Option<u64>) -> Result<bool> {
    const PIECE: u64 = 4 << 10;
    let Some(file) = beside::reader(path)? else { return Ok(true) };
    let (file, length) = (file.get_ref(), file.get_ref().metadata()?.len());
    let (mut from, mut end) = (length, Vec::new());
    while from > 0 {
        let start = from.saturating_sub(PIECE);
        let mut piece = vec![0; usize::try_from(from - start).unwrap_or_default()];
        file.read_exact_at(&mut piece, start)?;
        piece.append(&mut end);
        (from, end) = (start, piece);
        if let Some(at) = end.windows(3).rposition(|mark| mark == b"\n@ ") {
            let told = end.get(at + 3..).unwrap_or_default().split(|byte| *byte == b' ').next();
            let told = told.and_then(|told| str::from_utf8(told).ok()?.parse().ok());
            return Ok(told == last);
        }
    }
    // All of them were forgotten.
    Ok(true)
}

type Links = (u64, Option<LogId>, Vec<Link>);

fn links(store: &Path, solid: Option<u64>) -> Result<Option<Links>> {
    let mut links = Vec::new();
    let read = walk(store, solid, |part| {
        if let Found::Whole(group) = part {
            links.push(group.link());
        }
        Ok(())
    })?;
    Ok(read.map(|read| (read.from, read.log, links)))
}

/// The error of a ledger that is not whole.
pub fn lacks(seq: u64) -> Error {
    let what = format!(
        "the ledger lacks what entry {seq} destroyed: it is an older copy, or a part of it was taken out"
    );
    Error::new(Kind::Integrity, what)
        .hint("bring it back; or, if it is lost for good, add --without-ledger: the log will say so")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(size: u64, of: &str) -> AuditHead {
        AuditHead { size, root: Hash::of(of.as_bytes()) }
    }

    /// Groups 3, 7 and 12 were committed; 8 and a first 12 were not.
    #[test]
    fn each_group_leads_to_the_one_before() {
        let all = [
            (3, "good", None),
            (7, "good", Some(3)),
            (8, "undone", Some(7)),
            (12, "undone", Some(7)),
            (12, "good", Some(7)),
        ]
        .map(|(size, of, before)| Link { head: head(size, of), prior: None, before });
        let lacking = |links: Vec<Link>, from, last| {
            first_lacking(links, from, last, |found| Ok(found.root == Hash::of(b"good")))
        };
        for (about, without, from, last, expected) in [
            ("whole", None, 0, Some(12), None),
            ("an older version knows no last one", Some(4), 0, None, None),
            ("the last one", Some(4), 0, Some(12), Some(12)),
            ("one in the middle", Some(1), 0, Some(12), Some(7)),
            ("one that a backup knows", Some(1), 7, Some(12), None),
            ("the first", Some(0), 0, Some(12), Some(3)),
            ("one that was undone", Some(2), 0, Some(12), None),
        ] {
            let links: Vec<Link> =
                (0..).zip(all).filter(|(at, _)| Some(*at) != without).map(|(_, link)| link).collect();
            assert_eq!(lacking(links, from, last).ok(), Some(expected), "{about}");
        }
    }
}
