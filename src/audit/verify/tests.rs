//! Every way to tamper with a log of 200 entries, each named with the right number.

use std::convert::Infallible;

use super::super::sample::{act, log, log_id};
use super::super::{Act, Appended, Log, State};
use super::*;

/// The two tables, as a store would hold them.
#[derive(Clone)]
struct Tables {
    entries: Vec<(i64, Vec<u8>)>,
    heads: Vec<(i64, Vec<u8>)>,
}

impl Tables {
    fn of(log: &[Appended]) -> Self {
        let row = |appended: &Appended, bytes: &[u8]| (appended.seq as i64, bytes.to_vec());
        Self {
            entries: log.iter().map(|entry| row(entry, &entry.bytes)).collect(),
            heads: log.iter().map(|entry| row(entry, entry.root.as_bytes())).collect(),
        }
    }

    fn verify(&self, depth: Depth) -> Verdict {
        fn row(rows: &[(i64, Vec<u8>)], nth: usize) -> Option<(i64, &[u8])> {
            rows.get(nth).map(|(number, bytes)| (*number, bytes.as_slice()))
        }
        let fed = |verifier: &mut Verifier| {
            let mut rows = (0..).map(|nth| (row(&self.entries, nth), row(&self.heads, nth)));
            let _ = rows.try_for_each(|(entry, head)| verifier.step(entry, head));
            Ok::<(), Infallible>(())
        };
        verify(log_id(1), depth, fed).unwrap_or_else(|never| match never {})
    }

    /// The first fault, found fast.
    fn fault(&self) -> Option<(u64, What)> {
        let verdict = self.verify(Depth::Fast);
        verdict.first_bad.map(|fault| {
            assert_eq!(verdict.entries, fault.seq - 1, "all before the first bad entry are good");
            (fault.seq, fault.what)
        })
    }
}

fn sound() -> Tables {
    Tables::of(&log(log_id(1), 200))
}

#[test]
fn roots_are_computed_and_landmarks_are_met_on_the_way() {
    let mut kept = Log::new(log_id(1));
    let entries: Vec<_> = (0..40)
        .map(|n| {
            let state = if n == 6 {
                State::Restored
            } else if n == 30 {
                State::Keyed
            } else {
                State::Imported
            };
            kept.append(Act { state, subject: None, ..act(n) })
        })
        .collect();
    let tables = Tables::of(&entries);
    let sizes = [0, 1, 7, 8, 31, 40, 41].into();
    for depth in [Depth::Fast, Depth::Thorough] {
        let fed = |verifier: &mut Verifier| {
            for (entry, head) in tables.entries.iter().zip(&tables.heads) {
                let _ = verifier.step(Some((entry.0, &entry.1)), Some((head.0, &head.1)));
            }
            Ok::<(), Infallible>(())
        };
        let seen = watch(log_id(1), depth, &sizes, fed).unwrap_or_else(|never| match never {});
        assert_eq!(seen.landmarks, [7, 31]);
        let expected: BTreeMap<u64, Hash> = [0u64, 1, 7, 8, 31, 40]
            .map(|size| (size, size.checked_sub(1).map_or(Hash::EMPTY, |at| entries[at as usize].root)))
            .into();
        assert_eq!(seen.roots, expected);
    }
}

#[test]
fn sound_logs_of_all_sizes() {
    for size in (0..35).chain([63, 64, 65, 127, 128, 129, 200]) {
        let log = log(log_id(1), size);
        let verdict = Tables::of(&log).verify(Depth::Fast);
        let root = log.last().map_or(Hash::EMPTY, |last| last.root);
        assert_eq!(verdict, Verdict { entries: size, root, first_bad: None });
        assert_eq!(Tables::of(&log).verify(Depth::Thorough), verdict);
    }
}

fn edit_every_row(entries: u64, stride: usize) {
    let sound = Tables::of(&log(log_id(1), entries));
    for nth in 0..sound.entries.len() {
        let mut edited = sound.clone();
        for at in (nth % stride..sound.entries[nth].1.len()).step_by(stride) {
            edited.entries[nth].1[at] ^= 1;
            let found = edited.verify(Depth::Fast).first_bad;
            assert_eq!(found.map(|fault| fault.seq), Some(nth as u64 + 1), "byte {at}: {found:?}");
            edited.entries[nth].1[at] ^= 1;
        }
    }
}

#[test]
fn every_edited_byte_of_a_short_log() {
    edit_every_row(5, 1);
}

#[test]
fn every_edited_row_of_a_long_log() {
    edit_every_row(200, 197);
}

#[test]
fn an_edit_that_keeps_the_form_is_told_from_an_edited_head() {
    let sound = sound();
    for nth in 0..200 {
        let seq = nth as u64 + 1;
        let mut edited = sound.clone();
        let text = String::from_utf8_lossy(&edited.entries[nth].1).replace("\"service\":2", "\"service\":1");
        edited.entries[nth].1 = text.into_bytes();
        let what = if seq == 200 { What::EntryOrHeadEdited } else { What::EntryEdited };
        assert_eq!(edited.fault(), Some((seq, what)));

        let mut edited = sound.clone();
        edited.heads[nth].1[nth % 32] ^= 1;
        let what = if seq == 200 { What::EntryOrHeadEdited } else { What::HeadEdited };
        assert_eq!(edited.fault(), Some((seq, what)));

        edited.heads[nth].1.clear();
        assert_eq!(edited.fault(), Some((seq, what)), "a head of no length");
    }
}

#[test]
fn every_swap_of_neighbours() {
    let sound = sound();
    for nth in 0..199 {
        let seq = nth as u64 + 1;
        let mut swapped = sound.clone();
        let (one, other) = swapped.entries.split_at_mut(nth + 1);
        std::mem::swap(&mut one[nth].1, &mut other[0].1);
        assert_eq!(swapped.fault(), Some((seq, What::Misplaced)));

        let mut swapped = sound.clone();
        let (one, other) = swapped.heads.split_at_mut(nth + 1);
        std::mem::swap(&mut one[nth].1, &mut other[0].1);
        assert_eq!(swapped.fault(), Some((seq, What::HeadEdited)));
    }
}

#[test]
fn every_deletion() {
    let sound = sound();
    for nth in 0..200 {
        let seq = nth as u64 + 1;
        let mut cut = sound.clone();
        cut.entries.remove(nth);
        assert_eq!(cut.fault(), Some((seq, What::EntryMissing)));
        cut.entries[nth..].iter_mut().for_each(|(row, _)| *row -= 1);
        let what = if seq == 200 { What::EntryMissing } else { What::Misplaced };
        assert_eq!(cut.fault(), Some((seq, what)), "and the rest renumbered");

        let mut cut = sound.clone();
        cut.heads.remove(nth);
        assert_eq!(cut.fault(), Some((seq, What::HeadMissing)));

        let mut cut = sound.clone();
        cut.entries.truncate(nth);
        assert_eq!(cut.fault(), Some((seq, What::EntryMissing)), "all from here on");
        let mut cut = sound.clone();
        cut.heads.truncate(nth);
        assert_eq!(cut.fault(), Some((seq, What::HeadMissing)), "all heads from here on");
    }
}

#[test]
fn rows_that_do_not_belong() {
    let (sound, foreign) = (sound(), Tables::of(&log(log_id(2), 200)));
    let mut spliced = sound.clone();
    spliced.entries[50] = foreign.entries[50].clone();
    assert_eq!(spliced.fault(), Some((51, What::ForeignLog)));

    let mut negative = sound.clone();
    negative.entries.insert(0, (-1, sound.entries[0].1.clone()));
    assert_eq!(negative.fault(), Some((1, What::EntryMisnumbered)));

    let mut added = sound.clone();
    added.entries.push((201, sound.entries[199].1.clone()));
    assert_eq!(added.fault(), Some((201, What::Misplaced)));
}

#[test]
fn another_history_under_the_same_name_does_not_fit() {
    let sound = sound();
    let mut other = Log::new(log_id(1));
    let other: Vec<Appended> = (0..200).map(|n| other.append(act(n + u64::from(n >= 100)))).collect();
    let mut spliced = sound.clone();
    let other = Tables::of(&other);
    assert_eq!(other.fault(), None);
    spliced.entries[150..].clone_from_slice(&other.entries[150..]);
    assert_eq!(spliced.fault(), Some((151, What::Unchained)), "entries alone");
    spliced.heads[150..].clone_from_slice(&other.heads[150..]);
    assert_eq!(spliced.fault(), Some((151, What::Unchained)), "entries and heads");
}

#[test]
fn errors_of_the_feed_are_passed_on() {
    assert_eq!(verify(log_id(1), Depth::Fast, |_| Err("disk")), Err("disk"));
}

#[test]
fn faults_read_like_sentences() {
    let fault = Fault { seq: 17, what: What::HeadEdited };
    assert_eq!(fault.to_string(), "the head of size 17 was edited");
}
