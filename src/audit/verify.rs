//! Is the log as it was written, and if not, which entry is the first bad one?
//!
//! The fast pass costs one leaf and one node an entry: each entry names the stored head before it, and
//! only the last head is computed. If anything fails to fit, the thorough pass reads every entry whole,
//! computes every head and names the first fault. A log cut off together with its heads, or rewritten
//! whole, fits: only a head kept elsewhere shows that.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::ControlFlow,
};

use super::quick::Quick;
use super::{Entry, Frontier, Hash};
use crate::domain::LogId;

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Finds every change; looks closer only where something does not fit.
    Fast,
    /// Reads every entry whole and computes every head, also when everything fits.
    Thorough,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many entries are good, counted from the first.
    pub entries: u64,
    /// The root over them.
    pub root: Hash,
    /// The first fault, if there is one.
    pub first_bad: Option<Fault>,
}

/// The first bad entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The number at which the log stops being good.
    pub seq: u64,
    /// What is wrong there.
    pub what: What,
}

/// What is wrong with an entry or its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There is no entry of this number, though others or heads go on.
    EntryMissing,
    /// A row stands under a number that the log never gave.
    EntryMisnumbered,
    /// There is no head of this size, though entries or heads go on.
    HeadMissing,
    /// The bytes are no entry in canonical form.
    Malformed,
    /// The entry is of another log.
    ForeignLog,
    /// The entry says that it stands elsewhere: rows were swapped, moved or copied.
    Misplaced,
    /// The entry does not follow from those before it.
    Unchained,
    /// The entry was edited; its head and the next entry agree on another content.
    EntryEdited,
    /// The stored head was edited; the next entry agrees with the computed one.
    HeadEdited,
    /// The entry or its head was edited, and no sound next entry tells which.
    EntryOrHeadEdited,
}

/// A verdict, and what the same pass met on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The verdict.
    pub verdict: Verdict,
    /// The roots at the sizes that were asked for, as computed from the entries; none beyond the first fault.
    pub roots: BTreeMap<u64, Hash>,
    /// Numbers of entries that say what stands outside the log: it was begun, a key was made or replaced, a
    /// backup was brought back.
    pub landmarks: Vec<u64>,
}

/// How such an entry ends; canonical bytes have one form, and none of these is about a person.
const LANDMARKS: [&[u8]; 3] =
    [br#","state":"created","v":1}"#, br#","state":"keyed","v":1}"#, br#","state":"restored","v":1}"#];

/// Checks a log; `feed` gives both tables to the verifier, from their first row, as often as it is
/// called: each step the next row of either, in order of its number, until the verifier breaks.
///
/// # Errors
/// Those of `feed`; a fault of the log is no error but a [`Verdict`].
pub fn verify<E>(
    log: LogId,
    depth: Depth,
    feed: impl FnMut(&mut Verifier) -> Result<(), E>,
) -> Result<Verdict, E> {
    watch(log, depth, &BTreeSet::new(), feed).map(|seen| seen.verdict)
}

/// [`verify`], and the roots at these sizes. They are computed, not read: a log whose stored heads were made
/// to agree with heads kept elsewhere does not deceive.
///
/// # Errors
/// As [`verify`].
pub fn watch<E>(
    log: LogId,
    depth: Depth,
    sizes: &BTreeSet<u64>,
    mut feed: impl FnMut(&mut Verifier) -> Result<(), E>,
) -> Result<Seen, E> {
    if depth == Depth::Fast {
        let mut fast = Verifier::new(log, Depth::Fast, sizes);
        feed(&mut fast)?;
        let seen = fast.finish();
        if seen.verdict.first_bad.is_none() {
            return Ok(seen);
        }
    }
    let mut thorough = Verifier::new(log, Depth::Thorough, sizes);
    feed(&mut thorough)?;
    Ok(thorough.finish())
}

/// Takes a log row by row; made by [`verify`].
pub struct Verifier {
    log: LogId,
    depth: Depth,
    quick: Quick,
    frontier: Frontier,
    /// The head before the next entry: as stored when fast, as computed when thorough.
    head: Hash,
    doubt: Option<Doubt>,
    fault: Option<Fault>,
    good: (u64, Hash),
    wanted: BTreeSet<u64>,
    roots: BTreeMap<u64, Hash>,
    landmarks: Vec<u64>,
}

/// A computed head that differs from the stored one: the next entry tells which of them was there.
struct Doubt {
    seq: u64,
    computed: Hash,
    stored: Option<Hash>,
}

impl Verifier {
    fn new(log: LogId, depth: Depth, wanted: &BTreeSet<u64>) -> Self {
        Self {
            log,
            depth,
            quick: Quick::new(log),
            frontier: Frontier::new(),
            head: Hash::EMPTY,
            doubt: None,
            fault: None,
            good: (0, Hash::EMPTY),
            wanted: wanted.iter().copied().filter(|size| *size > 0).collect(),
            roots: wanted.get(&0).map(|none| (*none, Hash::EMPTY)).into_iter().collect(),
            landmarks: Vec::new(),
        }
    }

    /// The next row of each table, `(seq, bytes)` and `(size, root)`, or `None` where it has ended.
    /// Breaks when there is nothing more to learn.
    pub fn step(&mut self, entry: Option<(i64, &[u8])>, head: Option<(i64, &[u8])>) -> ControlFlow<()> {
        if self.fault.is_some() || (entry.is_none() && head.is_none()) {
            return ControlFlow::Break(());
        }
        let seq = self.frontier.size() + 1;
        if let Some(doubt) = self.doubt.take() {
            self.fault = Some(doubt.resolve(entry.map(|(_, bytes)| bytes)));
        } else if let Err(what) = self.pair(seq, entry, head) {
            self.fault = Some(Fault { seq, what });
        }
        if self.fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn pair(
        &mut self,
        seq: u64,
        entry: Option<(i64, &[u8])>,
        head: Option<(i64, &[u8])>,
    ) -> Result<(), What> {
        let (row, bytes) = entry.ok_or(What::EntryMissing)?;
        numbered(row, seq, What::EntryMissing)?;
        if self.depth == Depth::Thorough {
            self.read(seq, bytes)?;
        } else if !self.quick.fits(bytes, seq, &self.head) {
            return Err(What::Unchained);
        }
        let (size, root) = head.ok_or(What::HeadMissing)?;
        numbered(size, seq, What::HeadMissing)?;
        self.frontier.append(Hash::leaf(bytes));
        self.note(seq, bytes);
        let stored = root.try_into().map(Hash::from_bytes).ok();
        match self.depth {
            Depth::Fast => self.head = stored.ok_or(What::HeadEdited)?,
            Depth::Thorough => self.compute(seq, stored),
        }
        Ok(())
    }

    /// The entry whole, against the computed head before it.
    fn read(&self, seq: u64, bytes: &[u8]) -> Result<(), What> {
        let entry = Entry::parse(bytes).map_err(|_| What::Malformed)?;
        match entry {
            entry if entry.log != self.log => Err(What::ForeignLog),
            entry if entry.seq != seq => Err(What::Misplaced),
            entry if entry.prev != self.head => Err(What::Unchained),
            _ => Ok(()),
        }
    }

    fn note(&mut self, seq: u64, bytes: &[u8]) {
        if self.wanted.first().is_some_and(|first| *first <= seq) {
            self.wanted.pop_first();
            self.roots.insert(seq, self.frontier.root());
        }
        if LANDMARKS.iter().any(|end| bytes.ends_with(end)) {
            self.landmarks.push(seq);
        }
    }

    fn compute(&mut self, seq: u64, stored: Option<Hash>) {
        let computed = self.frontier.root();
        if stored == Some(computed) {
            self.good = (seq, computed);
        } else {
            self.doubt = Some(Doubt { seq, computed, stored });
        }
        self.head = computed;
    }

    fn finish(mut self) -> Seen {
        if self.depth == Depth::Fast && self.fault.is_none() {
            let (seq, root) = (self.frontier.size(), self.frontier.root());
            self.good = (seq, root);
            self.fault = (root != self.head).then_some(Fault { seq, what: What::EntryOrHeadEdited });
        }
        let fault = self.fault.or(self.doubt.map(|doubt| doubt.resolve(None)));
        let verdict = Verdict { entries: self.good.0, root: self.good.1, first_bad: fault };
        self.roots.retain(|size, _| *size <= verdict.entries);
        self.landmarks.retain(|seq| *seq <= verdict.entries);
        Seen { verdict, roots: self.roots, landmarks: self.landmarks }
    }
}

impl Doubt {
    fn resolve(&self, next: Option<&[u8]>) -> Fault {
        let prev = next.and_then(|bytes| Entry::parse(bytes).ok()).map(|entry| entry.prev);
        let what = match prev {
            Some(prev) if prev == self.computed => What::HeadEdited,
            Some(prev) if Some(prev) == self.stored => What::EntryEdited,
            _ => What::EntryOrHeadEdited,
        };
        Fault { seq: self.seq, what }
    }
}

/// A row's number against the one expected; one further on means that a row is missing.
fn numbered(row: i64, expected: u64, missing: What) -> Result<(), What> {
    match u64::try_from(row) {
        Ok(row) if row == expected => Ok(()),
        Ok(row) if row > expected => Err(missing),
        _ => Err(What::EntryMisnumbered),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seq = self.seq;
        match self.what {
            What::EntryMissing => write!(f, "entry {seq} is missing"),
            What::EntryMisnumbered => write!(f, "a row stands before entry {seq} under a number never given"),
            What::HeadMissing => write!(f, "the head of size {seq} is missing"),
            What::Malformed => write!(f, "entry {seq} was edited: it is no longer in canonical form"),
            What::ForeignLog => write!(f, "entry {seq} belongs to another log"),
            What::Misplaced => write!(f, "entry {seq} was moved: it carries another number"),
            What::Unchained => write!(f, "entry {seq} does not follow from the entries before it"),
            What::EntryEdited => write!(f, "entry {seq} was edited"),
            What::HeadEdited => write!(f, "the head of size {seq} was edited"),
            What::EntryOrHeadEdited => write!(f, "entry {seq} or its head was edited"),
        }
    }
}

#[cfg(test)]
mod tests;
