use super::{
    forget::{replace, shorter},
    seal::Seen,
    *,
};
use crate::{audit::Hash, store::cast};

fn log() -> LogId {
    LogId::from_bytes([7; 16])
}

fn read(store: &Path) -> Result<Option<Ledger>> {
    after(store, None, 0)
}

fn head(size: u64) -> AuditHead {
    AuditHead { size, root: Hash::of(&size.to_be_bytes()) }
}

fn lines() -> Vec<Gone> {
    vec![
        Gone::Record(5, 2),
        Gone::Stated(2, 3),
        Gone::Person(SubjectId::from_bytes([10; 16])),
        Gone::Consent(9, 1_774_000_000),
        Gone::Mark("mycar".into(), 1, [0x9c; 32], 1_774_000_000),
    ]
}

fn write(store: &Path, size: u64) {
    add(store, log(), Group { head: head(size), prior: None, before: None, lines: lines() }).unwrap();
}

/// Adds a group for a store that knows nothing of its ledger.
fn add(store: &Path, log: LogId, group: Group) -> Result<Sealed> {
    let seen = Seen::default();
    super::write(&Hand { store, seen: &seen, fits: true }, log, Word::default(), &group)
}

fn begin(store: &Path, log: LogId, from: u64) -> Result<Sealed> {
    let seen = Seen::default();
    super::begin(&Hand { store, seen: &seen, fits: true }, log, Word::default(), from)
}

fn shorten(store: &Path, before: u64) {
    shorter(store, log(), (before, None)).unwrap().unwrap();
    replace(store).unwrap();
}

#[test]
fn what_is_written_is_read_and_forgotten_when_nothing_needs_it() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    assert_eq!(read(&store).unwrap(), None);
    begin(&store, log(), 0).unwrap();
    for size in [3, 7, 12] {
        write(&store, size);
    }
    let read_again = read(&store).unwrap().unwrap();
    assert_eq!(read_again.from, 0);
    assert_eq!(
        read_again.groups,
        [3, 7, 12].map(|size| Group { head: head(size), prior: None, before: None, lines: lines() })
    );
    shorten(&store, 7);
    let left = read(&store).unwrap().unwrap();
    assert_eq!((left.from, left.groups.len(), left.groups[0].head.size), (7, 1, 12));
    begin(&store, log(), 0).unwrap();
    assert_eq!(read(&store).unwrap().unwrap(), left);
}

#[test]
fn one_that_begins_late_says_so() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    write(&store, 40);
    assert_eq!(read(&store).unwrap().unwrap().from, 39);
}

/// Cut anywhere, the whole groups before the cut are read, and those written after it.
#[test]
fn a_group_cut_off_by_a_crash_does_not_count() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    begin(&store, log(), 0).unwrap();
    write(&store, 3);
    let kept = fs::read(path_of(&store)).unwrap().len();
    write(&store, 4);
    let whole = fs::read(path_of(&store)).unwrap();
    for end in kept..whole.len() - 1 {
        fs::write(path_of(&store), &whole[..end]).unwrap();
        write(&store, 5);
        let sizes: Vec<u64> =
            read(&store).unwrap().unwrap().groups.iter().map(|group| group.head.size).collect();
        assert_eq!(sizes, [3, 5], "cut at {end}");
    }
}

#[test]
fn what_goes_without_an_entry_is_an_error() {
    let mut store = cast::empty();
    let gone = store.transact(|tx| {
        tx.gone(Gone::Record(5, 2));
        Ok(())
    });
    assert_eq!(gone.unwrap_err().kind(), Kind::Failed);
    assert!(!is_there(store.path()));
}

/// A crash cuts off the end. Another line in the middle, a wrong count or a head that cannot be read before
/// lines that can be is damage; a group without its end is known by its head.
#[test]
fn what_no_crash_can_leave_is_damage() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    begin(&store, log(), 0).unwrap();
    write(&store, 3);
    write(&store, 4);
    let whole = fs::read_to_string(path_of(&store)).unwrap();
    for (from, to) in [
        ("\n@ 4 ", "\n@ x 4 "),
        ("\nr 5", "\nx 5"),
        ("\n. 5", "\n. 4"),
        ("\n@ 4 ", "\n@ 4x"),
        ("\n@ 4", "\n# 4"),
    ] {
        fs::write(path_of(&store), whole.replace(from, to)).unwrap();
        assert_eq!(read(&store).unwrap_err().kind(), Kind::Integrity, "{to:?}");
    }
    fs::write(path_of(&store), whole.replacen("\n. 5\n", "\n", 1)).unwrap();
    let found = read(&store).unwrap().unwrap();
    assert_eq!((found.cut, found.groups.len()), (vec![head(3)], 1));
    shorten(&store, 2);
    assert_eq!(read(&store).unwrap().unwrap().cut, [head(3)], "not forgotten");
}

#[test]
fn what_is_no_ledger_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    for text in [
        "x\n",
        "dsr ledger 1 from x\n",
        "dsr ledger 1 from 0",
        "dsr ledger 2 from 0\n",
        "dsr ledger 2 from 0 of 07\n",
        "dsr ledger 1 from 0\n@ 3 x\n. 0\n",
    ] {
        let _ = fs::remove_file(path_of(&store));
        beside::add(&path_of(&store), text.as_bytes()).unwrap();
        assert_eq!(read(&store).unwrap_err().kind(), Kind::Integrity, "{text:?}");
    }
}

/// A kill between making and filling it leaves nothing that anybody relied on.
#[test]
fn one_that_was_not_filled_is_none() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    beside::create(&path_of(&store), b"").unwrap();
    assert_eq!(reaches_from(&store).unwrap(), None);
    write(&store, 5);
    assert_eq!(reaches_from(&store).unwrap(), Some(4));
    fs::write(path_of(&store), "").unwrap();
    begin(&store, log(), 7).unwrap();
    assert_eq!(reaches_from(&store).unwrap(), Some(7));
}

/// Only what a backup does not know is held in memory, and the reading ends at any cut.
#[test]
fn what_a_backup_knows_is_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    begin(&store, log(), 0).unwrap();
    (1..=40).for_each(|size| write(&store, size));
    let found = after(&store, None, 38).unwrap().unwrap();
    assert_eq!(found.groups.iter().map(|group| group.head.size).collect::<Vec<_>>(), [39, 40]);
    assert_eq!(reaches_from(&store).unwrap(), Some(0));
    shorten(&store, 38);
    assert_eq!(after(&store, None, 0).unwrap().unwrap().groups, found.groups);
    assert_eq!(reaches_from(&store).unwrap(), Some(38));
}

/// Cut off within the number of the group before, a head says another one: but then its group is cut off too.
#[test]
fn a_group_names_the_one_before_and_another_stores_ledger_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("s.db");
    begin(&store, log(), 0).unwrap();
    let group = |size, before| Group {
        head: head(size),
        prior: None,
        before: Some(before),
        lines: vec![Gone::Record(5, 2)],
    };
    add(&store, log(), group(30, 12)).unwrap();
    let found = read(&store).unwrap().unwrap();
    assert_eq!((found.log, found.groups[0].before), (Some(log()), Some(12)));
    let other = LogId::from_bytes([8; 16]);
    assert_eq!(add(&store, other, group(31, 30)).unwrap_err().kind(), Kind::Integrity);
    assert_eq!(begin(&store, other, 0).unwrap_err().kind(), Kind::Integrity);
    assert!(reaching(&store, other, (None, 0), true).is_err(), "its rows are other people's");
}
