//! The audit log, fed row by row to its verifier, and heads kept elsewhere held against it.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, Said};
use crate::{
    audit::{
        Act, Checkpoint, Claim, Depth, Entry, Gap, Hash, Judged, Kept, Note, PublicKey, Seen, State, Verdict,
        judge, judge::key_digest, verify::watch,
    },
    domain::{Error, Kind, Moment, Result},
    store::{Standing, Store, View},
};

/// What a verification found.
pub struct Found {
    /// The log by itself.
    pub verdict: Verdict,
    /// The heads that were held against it: those given, the last one beside the store, all that were signed.
    pub heads: Vec<Judged>,
    /// Entries that were lost in restores.
    pub gaps: Vec<Gap>,
    /// Restores that went without the ledger, by their entries: whoever was destroyed before may be back.
    pub without_ledger: Vec<u64>,
    /// Public keys of the log that the log itself speaks of, oldest first.
    pub keys: Vec<PublicKey>,
    /// Whether the last head beside the store is there.
    pub known: bool,
    /// When the newest key was made, as the log says.
    pub keyed: Option<Moment>,
    /// Public keys that lie beside the store, and of which the log says nothing.
    pub strangers: usize,
    /// What is wrong with the last head beside the store, where it is none of this log.
    pub no_head: Option<String>,
    /// Whether the log is sound and its open subtrees are not: they are made from its entries.
    pub subtrees: bool,
    /// Whether heads that were given out lie no longer beside the store, as the log or the store knows.
    pub headless: bool,
}

/// What is said of a log without the heads that it speaks of.
pub const HEADLESS: &str = "heads that were given out no longer lie beside the store as they were: bring the .heads file \
    back; if it is lost for good, move what is left of it away, and begin it anew: dsr audit head --out FILE";

/// The count by which the entry of a restore says that it went without the ledger.
pub const WITHOUT_LEDGER: &str = "without_ledger";

/// Each change of a key keeps the head that both keys sign.
const KEEPS_A_HEAD: [&str; 2] = ["audit.key.rotate", "audit.key.lost"];

impl Found {
    /// Everything that is wrong, each with the number of the first bad entry where one can be named; the
    /// earliest first.
    pub fn faults(&self) -> Vec<(Option<u64>, String)> {
        let mut all = self.but_for_subtrees();
        if self.subtrees {
            let what = "the open subtrees of the log were changed: nothing can be added before dsr sanitize made them anew";
            all.push((None, what.into()));
        }
        all
    }

    /// The same without what can be made anew from the entries.
    pub fn but_for_subtrees(&self) -> Vec<(Option<u64>, String)> {
        let own = self.verdict.first_bad.map(|fault| (Some(fault.seq), fault.to_string()));
        let heads = self.heads.iter().filter_map(|head| {
            let (seq, what) = head.fault.as_ref()?;
            Some((*seq, head.says(what)))
        });
        let beside = self.no_head.iter().map(|what| (None, what.clone()));
        let mut all: Vec<_> = own.into_iter().chain(heads).chain(beside).collect();
        if self.strangers > 0 && all.is_empty() {
            all.push((None, "a public key beside the store is not spoken of in the log".into()));
        }
        all.sort_by_key(|(seq, _)| seq.unwrap_or(u64::MAX));
        // Of several heads that convict one entry the first says it most nearly.
        all.dedup_by(|later, first| later.0.is_some() && later.0 == first.0);
        all
    }
}

impl Judged {
    /// What is wrong, and by which head.
    fn says(&self, what: &str) -> String {
        let source = &self.source;
        match self.size {
            Some(size) => format!("by the head of size {size} ({source}): {what}"),
            None => format!("by {source}: {what}"),
        }
    }
}

/// Verifies the whole log of a store, in one consistent view of it, against every head that is known here and
/// those that are given.
///
/// # Errors
/// As any read; a fault of the log is no error but part of what was found.
pub fn verify(store: &mut Store, given: Vec<Claim>) -> Result<Found> {
    let log = store.log_id();
    let (claims, known) = claims(store, given)?;
    let kept = claims.iter().any(|claim| claim.kept == Kept::GivenOut);
    let published = store.signing().keys()?;
    let sizes: BTreeSet<u64> =
        claims.iter().filter_map(|claim| Some(Checkpoint::parse(claim.note.text()).ok()?.size)).collect();
    let path = store.path().to_owned();
    let (seen, landmarks, subtrees, unchanged) = store.read(|view| {
        let feed =
            |verifier: &mut crate::audit::Verifier| view.feed_log(|entry, head| verifier.step(entry, head));
        let seen = watch(log, Depth::Fast, &sizes, feed)?;
        let landmarks = landmarks(view, &seen)?;
        let subtrees = seen.verdict.first_bad.is_none() && !folds(view)?;
        Ok((seen, landmarks, subtrees, view.heads_unchanged(&path)?))
    })?;
    let gaps: Vec<Gap> = landmarks.iter().filter_map(|(seq, act)| Gap::of(*seq, act)).collect();
    let blind = landmarks.iter().filter(|(_, act)| is_blind(act)).map(|(seq, _)| *seq).collect();
    let spoken: BTreeSet<Hash> = landmarks.values().filter_map(key_digest).collect();
    let (keys, strange): (Vec<_>, Vec<_>) =
        published.into_iter().partition(|key| spoken.contains(&key.digest()));
    let heads = judge(log, &seen, &gaps, &keys, claims);
    let keyed = landmarks.values().rev().find(|act| key_digest(act).is_some()).map(|act| act.at);
    let (strangers, no_head) = (strange.len(), no_head(store));
    let headless =
        !unchanged || !kept && landmarks.values().any(|act| KEEPS_A_HEAD.contains(&act.command.as_str()));
    Ok(Found {
        verdict: seen.verdict,
        heads,
        gaps,
        without_ledger: blind,
        keys,
        known,
        keyed,
        strangers,
        no_head,
        subtrees,
        headless,
    })
}

fn is_blind(act: &Act) -> bool {
    act.counts.iter().any(|(word, count)| word.as_str() == WITHOUT_LEDGER && *count > 0)
}

/// A head beside the store that is none hides nothing that others tell.
fn no_head(store: &Store) -> Option<String> {
    match store.standing() {
        standing @ (Standing::Foreign(_)
        | Standing::Unreadable(_)
        | Standing::CutOff { .. }
        | Standing::LeftBehind(_)
        | Standing::Outrun { head: None, .. }) => {
            standing.check().err().map(|error| error.message().to_owned())
        }
        _ => None,
    }
}

/// Whether the open subtrees are those of the last head.
fn folds(view: &View<'_>) -> Result<bool> {
    match view.check_frontier() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == Kind::Integrity => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the open subtrees anew from the entries, where they are all that is wrong with the log, and says so in it.
/// `false`: nothing is wrong with them.
///
/// # Errors
/// Exit 9: something else is wrong too; as any write.
pub fn mend_subtrees(store: &mut Store, context: &Context) -> Result<bool> {
    if store.read(folds)? {
        return Ok(false);
    }
    let found = verify(store, Vec::new())?;
    if let Some((_, fault)) = found.but_for_subtrees().into_iter().next() {
        return Err(Error::new(Kind::Integrity, format!("the audit log does not verify: {fault}"))
            .hint("keep the file as it is and compare it with a backup and with heads kept elsewhere"));
    }
    let said = Said { counts: [("subtrees".to_owned(), 1)].into(), ..Said::default() };
    store.transact(|tx| {
        tx.mend_subtrees()?;
        context.log(tx, "sanitize", State::Executed, said).map(|_| true)
    })
}

/// The error of whatever needs a log that can be added to.
pub fn broken_subtrees() -> Error {
    Error::new(Kind::Integrity, "the open subtrees of the log were changed: nothing can be added to it")
        .hint("make them anew from its entries: dsr sanitize")
}

/// The heads that lie beside the store, and those that are given. Also whether the last one is there.
fn claims(store: &Store, given: Vec<Claim>) -> Result<(Vec<Claim>, bool)> {
    let kept = store.signing().heads()?;
    let kept =
        kept.into_iter().map(|note| Claim { source: "signed before".into(), note, kept: Kept::GivenOut });
    let known = match store.standing() {
        Standing::Missing
        | Standing::LeftBehind(_)
        | Standing::Foreign(_)
        | Standing::Unreadable(_)
        | Standing::CutOff { .. } => None,
        standing => standing.known(),
    };
    let note = known.map(|head| Claim {
        source: "the last one known here".into(),
        note: Note::new(head.text()),
        kept: Kept::Own,
    });
    let is_known = note.is_some();
    // What the command names comes first among heads of one size.
    Ok((given.into_iter().chain(note).chain(kept).collect(), is_known))
}

/// What the landmarks of the log say.
fn landmarks(view: &View<'_>, seen: &Seen) -> Result<BTreeMap<u64, Act>> {
    let mut all = BTreeMap::new();
    for seq in &seen.landmarks {
        for (number, bytes) in view.audit_entries(seq.saturating_sub(1), 1)? {
            all.insert(number, read(&bytes)?.act);
        }
    }
    Ok(all)
}

fn read(bytes: &[u8]) -> Result<Entry> {
    Entry::parse(bytes)
        .map_err(|fault| Error::new(Kind::Integrity, fault.to_string()).hint("run: dsr audit verify"))
}
