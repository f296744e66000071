use std::fs;

use super::{
    super::{Gone, after},
    *,
};
use crate::store::{
    Store,
    cast::{self, reopen},
    health, known,
    ledger::forget,
};

/// Something goes, as in a command of its own.
fn destroy(store: &mut Store, row: i64) -> Result<()> {
    store.transact(|tx| {
        tx.gone(Gone::Record(row, 2));
        tx.append(|seq, _| format!("entry {seq}").into_bytes()).map(drop)
    })
}

fn sizes(store: &Store) -> Vec<u64> {
    after(store.path(), None, 0).unwrap().unwrap().groups.iter().map(|group| group.head.size).collect()
}

/// Of a ledger of three groups every byte is changed in turn, and every end cut off.
#[test]
fn a_byte_that_was_changed_anywhere_stops_what_would_destroy() {
    let mut store = cast::empty();
    store.transact(|tx| tx.begin_ledger(0)).unwrap();
    (1..=3).for_each(|row| destroy(&mut store, row).unwrap());
    let path = path_of(store.path());
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        for (about, bytes) in [("changed", &changed[..]), ("cut", &whole[..at.max(1)])] {
            fs::write(&path, bytes).unwrap();
            let mut store = reopen(&store);
            let error = destroy(&mut store, 4).unwrap_err();
            assert_eq!(error.kind(), Kind::Integrity, "{about} at {at}");
            let hint = error.hint_text().unwrap();
            assert!(hint.contains("bring") || hint.contains("put each store"), "{about} at {at}: {hint}");
            assert!(store.transact(|tx| tx.begin_ledger(3)).is_err(), "{about} at {at}: a backup");
            assert!(health::ledger_from(&mut store).is_err(), "{about} at {at}: doctor");
            assert_eq!(fs::read(&path).unwrap(), bytes, "left as it is");
        }
    }
    fs::write(&path, &whole).unwrap();
    destroy(&mut reopen(&store), 4).unwrap();
    assert_eq!(sizes(&store), [1, 2, 3, 4]);
}

/// A command that destroys many times reads it whole once, and again when another hand wrote.
#[test]
fn a_change_between_two_batches_is_found() {
    let mut store = cast::empty();
    (1..=2).for_each(|row| destroy(&mut store, row).unwrap());
    let path = path_of(store.path());
    let whole = fs::read_to_string(&path).unwrap();
    destroy(&mut reopen(&store), 3).unwrap();
    destroy(&mut store, 4).unwrap();
    assert_eq!(sizes(&store), [1, 2, 3, 4]);
    fs::write(&path, whole).unwrap();
    assert_eq!(destroy(&mut store, 5).unwrap_err().kind(), Kind::Integrity);
}

/// What lies behind the bytes that the store committed with was never acknowledged. Without a known head an older
/// store may have been put back, and then it was.
#[test]
fn what_a_power_cut_left_at_the_end_is_taken_away() {
    for torn in ["\n", "\n@", "\n@ 2 7", "\n@ 2 77\nr 5", "\0\0\0\0", "\n@ 2 \0\0\0\nr 5", "\u{fffd}"] {
        let mut store = cast::empty();
        destroy(&mut store, 1).unwrap();
        let path = path_of(store.path());
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{torn}")).unwrap();
        assert!(health::ledger_from(&mut store).is_ok(), "{torn:?}");
        destroy(&mut reopen(&store), 2).unwrap();
        assert_eq!(sizes(&store), [1, 2], "{torn:?}");
        assert_eq!(health::ledger_from(&mut store).unwrap(), Some(0), "{torn:?}");
    }
    let mut store = cast::empty();
    destroy(&mut store, 1).unwrap();
    let path = path_of(store.path());
    let whole = fs::read_to_string(&path).unwrap();
    fs::remove_file(known::path_of(store.path())).unwrap();
    fs::write(&path, format!("{whole}\0\0\0")).unwrap();
    assert_eq!(destroy(&mut reopen(&store), 2).unwrap_err().kind(), Kind::Integrity);
}

/// No group was ever committed, or one was and all of it is gone.
#[test]
fn a_torn_first_line_is_begun_anew_where_nothing_was_destroyed() {
    for torn in ["", "dsr", "dsr ledger 2 from 0 of 07", "dsr ledger 2 from\0\0", "\0\0\0\0"] {
        for begun in [false, true] {
            let mut store = cast::empty();
            if begun {
                store.transact(|tx| tx.begin_ledger(0)).unwrap();
            } else {
                store.transact(|tx| tx.begin_ledger(0)).unwrap();
                destroy(&mut store, 1).unwrap();
            }
            let path = path_of(store.path());
            fs::write(&path, torn).unwrap();
            let done = destroy(&mut reopen(&store), 2);
            assert_eq!(done.is_ok(), begun, "{torn:?}");
            assert!(!begun || sizes(&store) == [1], "{torn:?}");
        }
    }
}

/// Killed before the shorter one took the place of the other, after it, or not at all.
#[test]
fn made_shorter_it_is_still_known() {
    for cut_short in [false, true] {
        let mut store = cast::empty();
        (1..=3).for_each(|row| destroy(&mut store, row).unwrap());
        let path = path_of(store.path());
        let long = fs::read(&path).unwrap();
        forget(&mut store, 2).unwrap();
        assert_eq!(sizes(&store), [3]);
        assert_eq!(health::ledger_from(&mut store).unwrap(), Some(2));
        if cut_short {
            // As it is between the two transactions, and then with the old one still in its place.
            let short = Run::whole(&path).unwrap().sealed();
            let old = Run::of(str::from_utf8(&long).unwrap()).sealed();
            for bytes in [fs::read(&path).unwrap(), long.clone()] {
                store.transact(|tx| tx.seal(old).and_then(|()| tx.seal_next(short))).unwrap();
                fs::write(&path, bytes).unwrap();
                assert!(health::ledger_from(&mut store).is_ok());
                reopen(&store).transact(|tx| tx.ledger_stands()).unwrap();
            }
        }
        destroy(&mut reopen(&store), 4).unwrap();
        assert_eq!(*sizes(&store).last().unwrap(), 4);
        assert!(health::ledger_from(&mut store).is_ok());
    }
}

/// Shortened and grown again, it may be as long as an older store knew it, and begin within the log of that one.
#[test]
fn of_one_length_it_still_tells_that_a_store_is_older() {
    let mut store = cast::empty();
    store.transact(|tx| tx.begin_ledger(0)).unwrap();
    (1..=4).for_each(|row| destroy(&mut store, row).unwrap());
    forget(&mut store, 2).unwrap();
    let head = known::path_of(store.path());
    let [ledger, beside] = [path_of(store.path()), head].map(|path| fs::read(path).unwrap());
    let older = fs::read(store.path()).unwrap();
    assert_eq!(sizes(&store), [3, 4]);
    assert!(reopen(&store).standing().check().is_ok());
    (5..=6).for_each(|row| destroy(&mut store, row).unwrap());
    forget(&mut store, 4).unwrap();
    assert_eq!(sizes(&store), [5, 6]);
    assert_eq!(fs::read(path_of(store.path())).unwrap().len(), ledger.len());
    assert!(reopen(&store).standing().check().is_ok());
    fs::write(known::path_of(store.path()), beside).unwrap();
    fs::write(store.path(), older).unwrap();
    let error = reopen(&store).standing().check().unwrap_err();
    assert!(error.message().contains("older than the ledger beside it"), "{}", error.message());
}
