//! Bringing a backup back: into the store, keeping what came after; or alone, where nothing else is left.

mod way;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::{
    act,
    context::{Context, Said},
    verify,
};
use crate::{
    audit::{Checkpoint, Note, State},
    domain::{Error, Kind, LogId, Moment, Result},
    store::{
        AuditHead, Signing, Store, Tx,
        backup::{self, Again, Carried, Draft, Manifest},
        destroy::NewDestruction,
        known,
        ledger::{self, Ledger, chain},
    },
};

/// A backup that was looked at, and how it would be brought back.
pub struct Plan {
    /// What vouches for it.
    pub manifest: Manifest,
    /// The log in it.
    pub head: AuditHead,
    /// The copy that is changed, beside the store.
    draft: Draft,
    /// Go on where the ledger is gone.
    without: bool,
    /// Since when the store in it is a drill store, if it is one.
    pub drill_since: Option<Moment>,
    /// Whether the ledger is there.
    pub has_ledger: bool,
    /// How.
    pub way: Way,
}

/// How a backup is brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The data goes into the store; log and register stay.
    Carry,
    /// The backup becomes the store; entries after it are lost, up to this one, where it is known.
    Alone {
        /// The last entry that is known to have been given.
        lost_to: Option<u64>,
    },
}

/// What is asked for.
pub struct Ask<'a> {
    /// The backup.
    pub backup: &'a Path,
    /// Where the store is, or was.
    pub store: &'a Path,
    /// Go on where nobody knows any more whom to destroy again.
    pub without_ledger: bool,
    /// 16 random bytes.
    pub random: [u8; 16],
    /// Now.
    pub now: Moment,
}

/// Looks at a backup and at what is there; changes nothing but a draft that goes with the plan.
///
/// # Errors
/// Exit 9: no manifest vouches for the backup, its log does not verify, it is of another store or of another
/// history, or the ledger does not reach back to it.
pub fn plan(mut current: Option<&mut Store>, ask: &Ask<'_>) -> Result<Plan> {
    let manifest = Manifest::find(ask.backup)?;
    let draft = backup::draft(ask.backup, ask.store, ask.random, ask.now)?;
    let mut copy =
        backup::open(draft.path()).map_err(|error| backup::of_backup(error, &draft, ask.backup))?;
    let head = sound(&mut copy, &manifest)?;
    let log = copy.log_id();
    let known = known::known_at(ask.store)?;
    if known.is_some_and(|known| known.log != log)
        || current.as_ref().is_some_and(|store| store.log_id() != log)
    {
        return Err(Error::new(Kind::Integrity, "the backup is of another store")
            .hint("name a backup of this store, or the store it is of: --store PATH"));
    }
    let solid = current.as_deref_mut().map_or(Ok(None), Store::ledger_solid)?;
    let ledger = ledger::after(ask.store, solid, head.size)?;
    let (has_ledger, without) = (ledger.is_some(), ask.without_ledger);
    if !without {
        copy.read(|view| chain::of_this_log(view, ask.store))?;
    }
    // Only whether it reaches back: it is read again when everything stands still.
    reaching(ask.store, log, (solid, head.size), without)?;
    let way = way::way(current, (&mut copy, ask.store), known, (ledger.as_ref(), without))?;
    let drill_since = copy.meta().drill_since;
    Ok(Plan { manifest, head, draft, without, drill_since, has_ledger, way })
}

/// The ledger, as far as it can be judged by its own words.
fn reaching(store: &Path, log: LogId, known: (Option<u64>, u64), without: bool) -> Result<Ledger> {
    let mut ledger = ledger::reaching(store, log, known, without)?;
    match chain::tells_of_more(&ledger, known.1) {
        Some(seq) if !without => Err(chain::lacks(seq)),
        found => {
            ledger.is_blind |= found.is_some();
            Ok(ledger)
        }
    }
}

/// For so many days more the backup is kept: the entry that told the ledger may be lost with the log.
fn left(manifest: &Manifest, context: &Context) -> u64 {
    let until: Option<NaiveDate> = manifest.keep_until.parse().ok();
    let days = until.map(|until| until.signed_duration_since(context.now.day()).num_days());
    days.and_then(|days| u64::try_from(days).ok()).unwrap_or_default()
}

/// The copy is whole, and its log is the one that the manifest speaks of.
fn sound(copy: &mut Store, manifest: &Manifest) -> Result<AuditHead> {
    let damaged = |why: String| backup::damaged(&why);
    let whole = copy.quick_check().and_then(|()| copy.references_hold());
    whole.map_err(|error| damaged(error.message().to_owned()))?;
    let note = Note::parse(&manifest.head).map_err(damaged)?;
    let said = Checkpoint::parse(note.text()).map_err(damaged)?;
    let head = copy.read(|view| view.audit_head())?;
    if (said.size, said.root, said.log) != (head.size, head.root, copy.log_id()) {
        return Err(damaged("its log is not the one that its manifest speaks of".into()));
    }
    match verify::verify(copy, Vec::new())?.faults().into_iter().next() {
        None => Ok(head),
        Some((_, fault)) => Err(damaged(fault)),
    }
}

impl Plan {
    /// Brings the backup back. `current` is the store it was planned for.
    ///
    /// # Errors
    /// As any write: then the store is as it was. Exit 8: restored, but destroyed bytes may remain.
    pub fn carry_out(self, current: Option<Store>, context: &Context, store: &Path) -> Result<Carried> {
        match (self.way, current) {
            (Way::Carry, Some(store)) => self.carry(store, context),
            (_, current) => {
                drop(current);
                self.alone(context, store)
            }
        }
    }

    fn carry(self, mut store: Store, context: &Context) -> Result<Carried> {
        let (size, draft) = (self.head.size, self.draft);
        let counts = vec![("backup_size", size), ("keep_days", left(&self.manifest, context))];
        let carried = store
            .take_back(draft.path(), (size, self.without), |tx, carried| say(tx, context, counts, carried))?;
        act::destroy(&mut store, context, None)?;
        Ok(carried)
    }

    /// The copy is made right before it gets the name of the store: nobody reads it earlier.
    fn alone(self, context: &Context, path: &Path) -> Result<Carried> {
        let size = self.head.size;
        let Way::Alone { lost_to } = self.way else { return Err(act::stale()) };
        let mut store =
            Store::open(self.draft.path(), crate::store::Mode::ReadWrite, std::time::Duration::ZERO)?;
        let log = store.log_id();
        let mut ledger = reaching(path, log, (None, size), self.without)?;
        if self.without {
            // No store vouches for it, and it was said to be lost: it may name anybody.
            ledger = ledger::Ledger { is_blind: true, ..Default::default() };
        }
        let mut counts = vec![("backup_size", size), ("keep_days", left(&self.manifest, context))];
        let is_gap = lost_to.is_none_or(|last| last > size);
        if is_gap {
            counts.push(("lost_from", size + 1));
            counts.extend(lost_to.map(|last| ("lost_to", last)));
            // Holds, blocks, suppressions, cases and corrections of that time stood nowhere else.
            counts.push(("lost_register", 1));
        }
        let known = lost_to.unwrap_or(u64::MAX);
        let (carried, again) = store
            .destroy_again((size, known, ledger), context.now, |tx, carried| {
                if is_gap {
                    let lost = lost_to.map(|last| last.saturating_sub(size));
                    carried.passed = tx.pass_numbers(lost, context.now)?.parts().1;
                    counts.push(("numbers_passed", carried.passed.into()));
                }
                say(tx, context, counts, carried)
            })
            .map_err(nothing_replaced)?;
        act::destroy(&mut store, context, None).map_err(nothing_replaced)?;
        let head = store.read(|view| view.audit_head())?;
        let fresh = self.without.then_some(head.size);
        store.transact(|tx| tx.adopt_ledger(path, size, fresh, &again)).map_err(nothing_replaced)?;
        drop(store);
        let head = Checkpoint { log, size: head.size, root: head.root };
        known::announce(path, &head).map_err(nothing_done)?;
        self.replace(context, path, &head).map(|()| carried).map_err(cut_off)
    }

    /// In this order a kill leaves the store as it was, or none, or the restored one with its own ledger.
    fn replace(self, context: &Context, path: &Path, head: &Checkpoint) -> Result<()> {
        set_aside(path, context)?;
        if self.without {
            aside(path, ".ledger", context)?;
        }
        ledger::take_over(path)?;
        self.draft.name(path)?;
        known::replace(path, head)?;
        sign(path, head)
    }
}

/// What was half-written, or written and not confirmed by the disk, is a copy that nobody uses yet: it goes with this run.
fn nothing_replaced(error: Error) -> Error {
    if error.kind() != Kind::Partial {
        return nothing_done(error);
    }
    Error::new(
        Kind::Failed,
        "the backup could not be made ready; what lies at the store's place is as it was",
    )
    .hint("see to the disk, it may be full; then type the same restore again")
    .because(error)
}

/// What was written so far lies beside the store and says nothing.
fn nothing_done(error: Error) -> Error {
    error.or_hint("nothing was replaced; type the same restore again")
}

/// What lay at the store's place may have another name by now.
fn cut_off(error: Error) -> Error {
    error.or_hint("type the same restore again, and nothing else is lost: dsr restore BACKUP --yes")
}

/// The head that ends with the entry about the gap is signed and kept: nobody can quietly fill the gap again.
fn sign(path: &Path, head: &Checkpoint) -> Result<()> {
    let signing = Signing::beside(path);
    match signing.key_of(head.log)? {
        Some(key) => signing.remember(&Note::new(head.text()).sign(&key)),
        None => Ok(()),
    }
}

/// What stands at the store's place is kept under another name, its journal with it. An empty journal says nothing: it
/// is nothing to stop for.
fn set_aside(path: &Path, context: &Context) -> Result<()> {
    aside(path, "", context)?;
    let journal = ended(path, "-journal");
    if journal.symlink_metadata().is_ok_and(|found| found.len() == 0) {
        let _ = std::fs::remove_file(&journal);
        return Ok(());
    }
    aside(path, "-journal", context)
}

/// One file beside the store, where it is there.
fn aside(path: &Path, ending: &str, context: &Context) -> Result<()> {
    let from = ended(path, ending);
    if from.symlink_metadata().is_ok() {
        std::fs::rename(&from, ended(path, &format!(".replaced-{}{ending}", context.now.unix())))?;
    }
    Ok(())
}

fn ended(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What came back with the backup and went again is under an act of its own, pending like any other: a kill before the
/// bytes are proved to be gone leaves something that `sanitize` finishes.
fn open_acts(tx: &Tx<'_>, context: &Context, again: &Again) -> Result<()> {
    let seq = Some(tx.audit_head()?.size + 1);
    for (controller, counts) in &again.acts {
        let (counts, at) = (counts.clone(), context.now);
        let (rules, kept) = (Vec::new(), Vec::new());
        tx.open_destruction(&NewDestruction {
            controller,
            case: None,
            run: None,
            counts,
            rules,
            kept,
            at,
            seq,
        })?;
    }
    Ok(())
}

fn say(tx: &Tx<'_>, context: &Context, counts: Vec<(&str, u64)>, carried: &Carried) -> Result<AuditHead> {
    open_acts(tx, context, &carried.again)?;
    let done = [
        ("records", carried.records),
        ("dropped", carried.dropped),
        ("deals_dropped", carried.deals),
        ("corrections_dropped", carried.uncorrected),
        ("destroyed_again", carried.again.records),
        ("people_again", carried.again.people),
        ("withdrawn_again", carried.again.consents),
        ("rectified_again", carried.rectified),
        ("archived_again", carried.archived),
    ];
    let blind = carried.is_blind.then_some((verify::WITHOUT_LEDGER, 1));
    let counts = counts.into_iter().chain(done).chain(blind).map(|(word, n)| (word.to_owned(), n)).collect();
    context.log(tx, "restore", State::Restored, Said { counts, ..Said::default() })
}
