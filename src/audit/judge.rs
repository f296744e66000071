//! Heads that were kept elsewhere, held against the log: is it older than they are, or another one?

use super::{Act, Checkpoint, Hash, Note, PublicKey, Seen, Signed, Verdict};
use crate::domain::LogId;

/// A head that somebody kept.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Where it comes from, as the user knows it.
    pub source: String,
    /// The head.
    pub note: Note,
    /// Who kept it, and so what it needs to be believed.
    pub kept: Kept,
}

/// Who kept a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Somebody else: without a signature it may be no head of this log.
    Elsewhere,
    /// The program, which signs none in that place: it is believed as it is.
    Own,
    /// The program, after it was signed and given out: one that no key of the log signed was put there since.
    GivenOut,
}

/// Entries that were lost when only a backup was left. The log says so itself, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The entry that names it.
    pub entry: u64,
    /// The first number that was lost (and is taken anew by that entry).
    pub from: u64,
    /// The last number that is known to have been given; `None`: nobody knows.
    pub to: Option<u64>,
}

impl Gap {
    /// Reads it from the entry of a restore; `None` where nothing was lost.
    pub fn of(entry: u64, act: &Act) -> Option<Self> {
        let count = |name: &str| Some(*act.counts.iter().find(|(word, _)| word.as_str() == name)?.1);
        Some(Self { entry, from: count("lost_from")?, to: count("lost_to") })
    }
}

impl Gap {
    fn holds(&self, size: u64) -> bool {
        self.from <= size && self.to.is_none_or(|to| size <= to)
    }

    /// Its numbers, in words.
    pub fn span(&self) -> String {
        let from = self.from;
        self.to.map_or_else(|| format!("{from} to nobody knows where"), |to| format!("{from} to {to}"))
    }
}

/// What a head says of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Where it comes from.
    pub source: String,
    /// Its size, where it is a head at all.
    pub size: Option<u64>,
    /// Whether a key of this log signed it.
    pub signed: bool,
    /// What is wrong, with the number of the first bad entry where one can be named.
    pub fault: Option<(Option<u64>, String)>,
}

/// Holds heads against the log; `seen` has the roots at their sizes. They come out in the order of their
/// sizes: of a log that was rewritten the first bad entry is told as nearly as the heads allow.
pub fn judge(log: LogId, seen: &Seen, gaps: &[Gap], keys: &[PublicKey], claims: Vec<Claim>) -> Vec<Judged> {
    let signed = |claim: &Claim| keys.iter().any(|key| claim.note.signed_by(key) == Signed::Yes);
    let mut read: Vec<_> = claims
        .into_iter()
        .map(|claim| (Checkpoint::parse(claim.note.text()), signed(&claim), claim))
        .collect();
    read.sort_by_key(|(head, ..)| head.as_ref().map_or(0, |head| head.size));
    let strange = |signed: bool, claim: &Claim| claim.kept == Kept::GivenOut && !signed;
    let believed = read.iter().filter(|(_, signed, claim)| !strange(*signed, claim));
    let most = believed.filter_map(|(head, ..)| head.as_ref().ok()).filter(|head| head.log == log);
    let most = most.map(|head| head.size).max().unwrap_or(0);
    let mut fitted: Vec<u64> = Vec::new();
    let one = |(head, signed, claim): (Result<Checkpoint, String>, bool, Claim)| {
        let own = claim.kept != Kept::Elsewhere;
        let (size, fault) = match head {
            Err(why) => (None, Some((None, format!("it is no head of a log: {why}")))),
            // What was given out of a gap that the log names convicts nobody.
            Ok(head)
                if claim.kept == Kept::GivenOut
                    && head.log == log
                    && gaps.iter().any(|gap| gap.holds(head.size)) =>
            {
                (None, None)
            }
            Ok(head) => {
                // Of two heads of one size one may fit and one not.
                let good = fitted.iter().rev().find(|good| **good < head.size).copied().unwrap_or(0);
                // A restore replaces the last head that is kept: one in a gap is of entries after it.
                let gaps = if claim.kept == Kept::Own { &[] } else { gaps };
                (Some(head.size), fault(log, seen, gaps, &head, (good, most)))
            }
        };
        // A head that was changed after it was signed convicts itself and no entry.
        let forged = keys.iter().any(|key| claim.note.signed_by(key) == Signed::Wrong);
        let wrong = || (None, "its signature is wrong: the head itself was changed".to_owned());
        let fault = if forged && !signed { Some(wrong()) } else { fault.or(forged.then(wrong)) };
        // What nobody known has signed convicts no entry and narrows no place.
        let fault = match fault {
            Some((Some(_), _)) if strange(signed, &claim) => Some((None, PUT_THERE.to_owned())),
            other => other,
        };
        if let (None, Some(size), false) = (&fault, size, strange(signed, &claim)) {
            fitted.push(size);
        }
        let unsigned = |(seq, what): (Option<u64>, String)| {
            let doubt = "; no key of this log signed it, so it may be no head of it";
            (seq, if signed || own { what } else { what + doubt })
        };
        Judged { source: claim.source, size, signed, fault: fault.map(unsigned) }
    };
    read.into_iter().map(one).collect()
}

/// What is wrong with a kept head that fits nothing and that nobody known signed.
const PUT_THERE: &str = "no key of this log signed it: the file beside the store was changed";

/// What is wrong with the log if the head is right. `good`: the size of the last smaller head that fitted; `most`: the
/// greatest size that any head speaks of.
fn fault(
    log: LogId,
    seen: &Seen,
    gaps: &[Gap],
    head: &Checkpoint,
    (good, most): (u64, u64),
) -> Option<(Option<u64>, String)> {
    let size = head.size;
    if head.log != log {
        return Some((None, format!("it is a head of another log, {}", head.log)));
    }
    if seen.roots.get(&size) == Some(&head.root) {
        return None;
    }
    if let Some(gap) = gaps.iter().find(|gap| gap.holds(size)) {
        let what =
            format!("it speaks of entries that were lost: entry {} names the gap, {}", gap.entry, gap.span());
        return Some((Some(gap.from), what));
    }
    match (seen.roots.get(&size), seen.verdict.first_bad) {
        (Some(_), _) => Some((Some(good + 1), rewritten(good + 1, size))),
        // The fault of the log itself says more.
        (None, Some(_)) => None,
        (None, None) => Some((Some(seen.verdict.entries + 1), cut(&seen.verdict, most))),
    }
}

fn rewritten(from: u64, to: u64) -> String {
    if from == to {
        format!("entry {from} was rewritten, with all heads after it")
    } else {
        format!("one of the entries {from} to {to} was rewritten, with all heads after it")
    }
}

fn cut(verdict: &Verdict, size: u64) -> String {
    let entries = verdict.entries;
    format!(
        "entries {} to {size} are missing: the log ends with entry {entries}, so it was cut off or an older store was put back",
        entries + 1
    )
}

/// Digests of the keys that the log itself speaks of, from its landmarks.
pub fn key_digest(act: &Act) -> Option<Hash> {
    use super::State::{Created, Keyed};
    act.output.filter(|_| matches!(act.state, Created | Keyed))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, convert::Infallible};

    use super::super::{
        Appended, Depth, PrivateKey, Verifier,
        sample::{act, log, log_id},
        verify::watch,
    };
    use super::*;

    fn seen(log: &[Appended], sizes: &BTreeSet<u64>) -> Seen {
        let feed = |verifier: &mut Verifier| {
            for one in log {
                let row = one.seq as i64;
                let _ = verifier.step(Some((row, &one.bytes)), Some((row, one.root.as_bytes())));
            }
            Ok::<(), Infallible>(())
        };
        watch(log_id(1), Depth::Fast, sizes, feed).unwrap_or_else(|never| match never {})
    }

    fn key() -> PrivateKey {
        PrivateKey::new("dsr/log/01", &[1; 32])
    }

    fn claim(of: &[Appended], size: usize) -> Claim {
        let root = size.checked_sub(1).map_or(Hash::EMPTY, |last| of[last].root);
        let text = Checkpoint { log: log_id(1), size: size as u64, root }.text();
        Claim { source: size.to_string(), note: Note::new(text).sign(&key()), kept: Kept::Elsewhere }
    }

    /// The first bad entry that these heads of the true log find in what stands there now.
    fn found(now: &[Appended], truth: &[Appended], sizes: &[usize], gaps: &[Gap]) -> Vec<Option<u64>> {
        let seen = seen(now, &sizes.iter().map(|size| *size as u64).collect());
        let claims = sizes.iter().map(|size| claim(truth, *size)).collect();
        let judged = judge(log_id(1), &seen, gaps, &[key().public()], claims);
        assert!(judged.iter().all(|one| one.signed));
        judged.into_iter().map(|one| one.fault.and_then(|fault| fault.0)).collect()
    }

    #[test]
    fn every_truncation_is_found_and_its_first_missing_entry_named() {
        let truth = log(log_id(1), 30);
        for left in 0..30 {
            assert_eq!(found(&truth[..left], &truth, &[30], &[]), [Some(left as u64 + 1)], "{left}");
            assert_eq!(found(&truth[..left], &truth, &[left], &[]), [None]);
        }
    }

    #[test]
    fn every_rewriting_is_found_between_the_heads_around_it() {
        let truth = log(log_id(1), 20);
        for edited in 0..20_u64 {
            let mut forged = super::super::Log::new(log_id(1));
            let forged: Vec<_> =
                (0..24).map(|n| forged.append(act(if n == edited { 90 } else { n }))).collect();
            let expected = if edited < 5 {
                [Some(1), Some(1), Some(1)]
            } else if edited < 9 {
                [None, Some(6), Some(6)]
            } else {
                [None, None, Some(10)]
            };
            assert_eq!(found(&forged, &truth, &[5, 9, 20], &[]), expected, "{edited}");
        }
    }

    /// The head beside the store was made to fit the forged log; a signed one of that size does not.
    #[test]
    fn what_fits_at_the_same_size_narrows_nothing() {
        let truth = log(log_id(1), 12);
        let mut forged = super::super::Log::new(log_id(1));
        let forged: Vec<_> = (0..11).map(|n| forged.append(act(if n == 7 { 90 } else { n }))).collect();
        let seen = seen(&forged, &[5, 11].into());
        let own = Claim { kept: Kept::Own, ..claim(&forged, 11) };
        let judged =
            judge(log_id(1), &seen, &[], &[key().public()], vec![claim(&truth, 5), own, claim(&truth, 11)]);
        let fault = judged.last().and_then(|one| one.fault.clone());
        assert_eq!(fault.as_ref().and_then(|fault| fault.0), Some(6));
        assert!(fault.is_some_and(|fault| fault.1.contains("entries 6 to 11")));
    }

    #[test]
    fn a_wrong_signature_is_said_before_anything_that_the_head_says() {
        let truth = log(log_id(1), 9);
        let seen = seen(&truth, &[6].into());
        let other = Checkpoint { log: log_id(1), size: 6, root: truth[3].root };
        let moved = |note: &Note| {
            let lines = note.to_string();
            Note::parse(&format!("{}{}", other.text(), &lines[lines.find("\n\n").map_or(0, |at| at + 1)..]))
        };
        let forged = Claim {
            note: moved(&claim(&truth, 6).note).unwrap_or_else(|why| panic!("{why}")),
            ..claim(&truth, 6)
        };
        let judged = judge(log_id(1), &seen, &[], &[key().public()], vec![forged]);
        let fault = judged[0].fault.clone();
        assert!(fault.is_some_and(|(seq, what)| seq.is_none() && what.starts_with("its signature is wrong")));
    }

    /// Neither against the log nor for what was forged in it.
    #[test]
    fn a_kept_head_that_nobody_known_signed_says_nothing_of_the_log() {
        let truth = log(log_id(1), 12);
        let seen_now = seen(&truth, &[6, 9].into());
        let put = |size: u64, root: Hash| {
            let text = Checkpoint { log: log_id(1), size, root }.text();
            let note = Note::new(text).sign(&PrivateKey::new("dsr/log/02", &[2; 32]));
            Claim { source: size.to_string(), note, kept: Kept::GivenOut }
        };
        let claims = vec![put(6, truth[3].root), put(40, truth[3].root), claim(&truth, 9)];
        let judged = judge(log_id(1), &seen_now, &[], &[key().public()], claims);
        let said: Vec<_> = judged.iter().map(|one| one.fault.clone().map(|fault| fault.0)).collect();
        assert_eq!(said, [Some(None), None, Some(None)], "{judged:?}");
        // One that was made to fit a forged log does not make the place narrower.
        let mut forged = super::super::Log::new(log_id(1));
        let forged: Vec<_> = (0..12).map(|n| forged.append(act(if n == 3 { 90 } else { n }))).collect();
        let now = seen(&forged, &[9, 10].into());
        let claims = vec![put(9, forged[8].root), claim(&truth, 10)];
        let judged = judge(log_id(1), &now, &[], &[key().public()], claims);
        assert_eq!(judged[1].fault.as_ref().and_then(|fault| fault.0), Some(1));
    }

    #[test]
    fn a_splice_of_two_sound_logs_is_found() {
        let truth = log(log_id(1), 12);
        let mut other = super::super::Log::new(log_id(1));
        let other: Vec<_> = (0..12).map(|n| other.append(act(n + 50))).collect();
        assert_eq!(found(&other, &truth, &[12], &[]), [Some(1)], "another log in whole");
        let spliced = [&truth[..6], &other[6..]].concat();
        assert_eq!(seen(&spliced, &BTreeSet::new()).verdict.first_bad.map(|fault| fault.seq), Some(7));
    }

    #[test]
    fn a_gap_that_the_log_names_explains_the_heads_in_it() {
        let truth = log(log_id(1), 20);
        let mut resumed = super::super::Log::new(log_id(1));
        let resumed: Vec<_> = (0..25).map(|n| resumed.append(act(if n < 10 { n } else { n + 60 }))).collect();
        let gaps = [Gap { entry: 11, from: 11, to: Some(20) }];
        let seen = seen(&resumed, &[10, 15, 20].into());
        let claims = [10, 15, 20].map(|size| claim(&truth, size)).to_vec();
        let judged = judge(log_id(1), &seen, &gaps, &[key().public()], claims);
        assert!(judged[0].fault.is_none());
        for one in &judged[1..] {
            assert!(
                one.fault.as_ref().is_some_and(|fault| fault.1.contains("entry 11 names the gap, 11 to 20"))
            );
        }
    }

    #[test]
    fn heads_that_are_none_or_anothers() {
        let log = log(log_id(1), 3);
        let seen = seen(&log, &[3].into());
        let foreign = Checkpoint { log: log_id(2), size: 3, root: log[2].root };
        let claims = vec![
            Claim { source: "foreign".into(), note: Note::new(foreign.text()), kept: Kept::Own },
            Claim { source: "none".into(), note: Note::new("hello\n".into()), kept: Kept::GivenOut },
            claim(&log, 3),
        ];
        let judged = judge(log_id(1), &seen, &[], &[], claims);
        assert_eq!(judged.iter().map(|one| one.fault.is_some()).collect::<Vec<_>>(), [true, true, false]);
        assert!(judged.iter().all(|one| !one.signed), "no key is known");
    }
}
