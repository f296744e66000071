//! The last head against stores that were cut, rewritten or swapped.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::store::{
    Store,
    cast::{self, Home, reopen},
};

fn logged(entries: u64) -> Home {
    let mut store = cast::empty();
    for _ in 0..entries {
        store.transact(|tx| tx.append(|seq, _| format!("entry {seq}").into_bytes())).unwrap();
    }
    store
}

fn standing_of(store: &Store) -> Standing {
    reopen(store).standing().clone()
}

#[test]
fn the_last_head_is_kept_after_each_commit() {
    let mut store = logged(12);
    let head = store.read(|view| view.audit_head()).unwrap();
    let known = known_at(store.path()).unwrap().unwrap();
    assert_eq!((known.size, known.root), (12, head.root));
    assert_eq!(standing_of(&store), Standing::Fits(known));
    let undone: Result<()> = store.transact(|tx| {
        tx.append(|_, _| b"never".to_vec())?;
        Err(Error::usage("no"))
    });
    assert!(undone.is_err());
    assert_eq!(known_at(store.path()).unwrap(), Some(known), "what was undone is not known");
}

#[test]
fn a_head_is_never_lowered_but_by_a_restore() {
    let store = logged(10);
    let known = known_at(store.path()).unwrap().unwrap();
    let lower = Checkpoint { size: 9, ..known };
    raise(store.path(), &lower).unwrap();
    assert_eq!(known_at(store.path()).unwrap(), Some(known));
    replace(store.path(), &lower).unwrap();
    assert_eq!(known_at(store.path()).unwrap(), Some(lower), "also where the text grew shorter");
}

#[test]
fn who_holds_the_file_holds_nobody_up() {
    let store = logged(2);
    let known = known_at(store.path()).unwrap().unwrap();
    let other = beside::open(&path_of(store.path())).unwrap().unwrap();
    flock(&other, FlockOperation::LockExclusive).unwrap();
    let (path, (tell, told)) = (store.path().to_owned(), std::sync::mpsc::channel());
    std::thread::spawn(move || tell.send(raise(&path, &Checkpoint { size: 3, ..known }).is_err()));
    assert_eq!(told.recv_timeout(Duration::from_secs(60)), Ok(true), "it waits no longer than that");
    assert_eq!(known_at(store.path()).unwrap(), Some(known));
}

#[test]
fn what_does_not_fit_is_named_and_nothing_is_written() {
    let cut = "DELETE FROM audit_entry WHERE seq > 5; DELETE FROM audit_head WHERE size > 5";
    let rewritten = "UPDATE audit_head SET root = zeroblob(32) WHERE size = 7";
    for (about, sql, head, says) in [
        ("cut", cut, None, "the log has 5 entries, the head speaks of 7"),
        ("rewritten", rewritten, None, "one of its first 7 entries"),
        (
            "foreign",
            "",
            Some(
                "dsr/log/09090909090909090909090909090909\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
            ),
            "of another log",
        ),
        ("garbled", "", Some("dsr/log/0707"), "is no head"),
    ] {
        let mut store = logged(7);
        rusqlite::Connection::open(store.path()).unwrap().execute_batch(sql).unwrap();
        if let Some(text) = head {
            std::fs::write(path_of(store.path()), text).unwrap();
        }
        let error = standing_of(&store).check().unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity, "{about}");
        assert!(error.message().contains(says), "{about}: {}", error.message());
        let mut again = reopen(&store);
        let refused = again.transact(|tx| tx.append(|_, _| Vec::new()));
        assert_eq!(refused.unwrap_err().kind(), Kind::Integrity, "{about}");
        drop(again);
        assert!(store.read(|view| view.controllers()).is_ok());
    }
}

#[test]
fn a_missing_or_empty_one_is_made_anew() {
    let mut store = logged(3);
    for emptied in [false, true] {
        let path = path_of(store.path());
        if emptied {
            std::fs::write(&path, "").unwrap()
        } else {
            std::fs::remove_file(&path).unwrap()
        }
        assert_eq!(standing_of(&store), Standing::Missing);
        store.transact(|tx| tx.append(|_, _| b"x".to_vec())).unwrap();
        assert!(matches!(standing_of(&store), Standing::Fits(_)));
    }
}
