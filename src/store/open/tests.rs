//! The ways in which a store can be wrong, and that none of them changes a byte.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rusqlite::Connection;

use super::*;
use crate::{
    domain::Moment,
    store::{
        CreateOptions,
        cast::{self, options},
    },
};

const NOW: Duration = Duration::ZERO;

/// A store, closed, in a directory.
fn made() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    drop(Store::create(&path, &options()).unwrap());
    (directory, path)
}

/// Everything in the directory, byte for byte; an empty journal is nothing.
fn bytes(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries.map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect();
    all.retain(|(path, content)| !(content.is_empty() && path.to_string_lossy().ends_with("-journal")));
    all.sort();
    all
}

fn sql(path: &Path, statements: &str) {
    Connection::open(path).unwrap().execute_batch(statements).unwrap();
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_nothing_is_touched() {
    type Spoil = fn(&Path);
    let cases: [(&str, Kind, &str, Spoil); 19] = [
        ("missing", Kind::Config, "no store at", |p| fs::remove_file(p).unwrap()),
        ("empty", Kind::Integrity, "is empty", |p| fs::write(p, "").unwrap()),
        ("text", Kind::Integrity, "not a store", |p| fs::write(p, "hello").unwrap()),
        ("long text", Kind::Integrity, "not a store", |p| fs::write(p, "hello ".repeat(9999)).unwrap()),
        ("a directory", Kind::Integrity, "no regular file", |p| {
            fs::remove_file(p).unwrap();
            fs::create_dir(p).unwrap();
        }),
        ("another database", Kind::Integrity, "no store of", |p| {
            fs::remove_file(p).unwrap();
            sql(p, "CREATE TABLE t (x)");
        }),
        ("another database in WAL mode", Kind::Integrity, "no store of", |p| {
            fs::remove_file(p).unwrap();
            sql(p, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
        }),
        ("newer", Kind::Config, "has version 99", |p| sql(p, "PRAGMA user_version = 99")),
        ("no version", Kind::Integrity, "no store of", |p| sql(p, "PRAGMA user_version = 0")),
        ("cut in a page", Kind::Integrity, "corrupt", |p| cut(p, 5000)),
        ("cut in the header", Kind::Integrity, "no store of", |p| cut(p, 50)),
        ("cut by a page", Kind::Integrity, "corrupt", |p| cut(p, fs::metadata(p).unwrap().len() - 4096)),
        ("schema overwritten", Kind::Integrity, "corrupt", |p| overwrite(p, 100, 500)),
        ("a trigger", Kind::Integrity, "a trigger", |p| {
            sql(p, "CREATE TRIGGER t AFTER DELETE ON record BEGIN DELETE FROM hold; END");
        }),
        ("a view", Kind::Integrity, "a view", |p| sql(p, "CREATE VIEW v AS SELECT 1")),
        ("analysed", Kind::Integrity, "statistics", |p| {
            sql(p, "INSERT INTO category (word) VALUES ('x'); ANALYZE");
        }),
        ("a strange table", Kind::Integrity, "tables", |p| sql(p, "CREATE TABLE copy (x)")),
        ("another migration", Kind::Integrity, "different program", |p| {
            sql(p, "UPDATE migration SET sha256 = zeroblob(32)");
        }),
        ("no identity", Kind::Integrity, "does not say", |p| {
            sql(p, "DELETE FROM meta WHERE key = 'store_id'")
        }),
    ];
    for (about, kind, sentence, spoil) in cases {
        let (directory, path) = made();
        spoil(&path);
        let before = bytes(directory.path());
        for mode in [Mode::ReadOnly, Mode::ReadWrite] {
            let error = Store::open(&path, mode, NOW).unwrap_err();
            assert_eq!(error.kind(), kind, "{about}: {error}");
            assert!(error.message().contains(sentence), "{about}: {error}");
            assert!(error.hint_text().is_some(), "{about}: says what to do");
            assert!(bytes(directory.path()) == before, "{about}: something changed");
        }
    }
}

fn cut(path: &Path, length: u64) {
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

fn overwrite(path: &Path, from: usize, to: usize) {
    let mut content = fs::read(path).unwrap();
    content[from..to].fill(0xff);
    fs::write(path, content).unwrap();
}

#[test]
fn a_damaged_page_further_in_is_found_by_the_check() {
    let (_directory, path) = made();
    let length = fs::read(&path).unwrap().len();
    overwrite(&path, length - 4096, length);
    let store = Store::open(&path, Mode::ReadWrite, NOW).unwrap();
    assert_eq!(store.quick_check().unwrap_err().kind(), Kind::Integrity);
    cast::empty().quick_check().unwrap();
}

/// Bits flipped anywhere: an error or an answer, never a panic, never a changed file.
#[test]
fn flipped_bits_are_survived() {
    let home = cast::dealership();
    let sound = fs::read(home.path()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("flipped.db");
    // Pages are mostly empty: only what is used is worth hitting.
    let used: Vec<usize> = (0..sound.len()).filter(|at| sound[*at] != 0).collect();
    let mut noticed = 0;
    for n in 0..200_usize {
        let mut flipped = sound.clone();
        flipped[used[n * 7919 % used.len()]] ^= 1 << (n % 8);
        fs::write(&path, &flipped).unwrap();
        let read = Store::open(&path, Mode::ReadOnly, NOW).and_then(|mut store| {
            store.quick_check()?;
            store.read(|view| {
                let found = view.find("mycar", "87010000001")?;
                found.iter().try_for_each(|who| view.facts("mycar", who.id).map(|_| ()))?;
                view.check_frontier()
            })
        });
        noticed += usize::from(read.is_err());
        assert!(fs::read(&path).unwrap() == flipped, "flip {n}");
    }
    assert!(noticed > 100, "{noticed} of 200");
}

#[test]
fn a_file_that_may_only_be_read() {
    let (directory, path) = made();
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    let before = bytes(directory.path());
    let error = Store::open(&path, Mode::ReadWrite, NOW).unwrap_err();
    assert_eq!((error.kind(), error.hint_text().is_some()), (Kind::Failed, true));
    let mut store = Store::open(&path, Mode::ReadOnly, NOW).unwrap();
    assert_eq!(store.read(|view| view.controllers()).unwrap(), Vec::<String>::new());
    assert_eq!(store.transact(|_| Ok(())).unwrap_err().kind(), Kind::Failed);
    drop(store);
    assert!(bytes(directory.path()) == before);
}

#[test]
fn reading_writes_nothing_beside_the_file() {
    let (directory, path) = made();
    let _ = fs::remove_file(path.with_file_name("store.db-journal"));
    let mut store = Store::open(&path, Mode::ReadOnly, NOW).unwrap();
    store.read(|view| view.controllers()).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_write_that_was_cut_off_is_undone_by_whoever_may() {
    for first in [Mode::ReadOnly, Mode::ReadWrite] {
        let (directory, crashed) = crashed();
        fs::set_permissions(&crashed, Permissions::from_mode(0o400)).unwrap();
        let before = bytes(directory.path());
        let error = Store::open(&crashed, Mode::ReadOnly, NOW).unwrap_err();
        assert_eq!(error.kind(), Kind::Failed, "{error}");
        assert!(error.message().contains("cut off"), "{error}");
        assert!(bytes(directory.path()) == before, "who may only read changes nothing");

        fs::set_permissions(&crashed, Permissions::from_mode(0o600)).unwrap();
        let store = Store::open(&crashed, first, NOW).unwrap();
        let words = store.conn.query_row("SELECT count(*) FROM category", [], |r| r.get::<_, i64>(0));
        assert_eq!(words.unwrap(), 0);
        store.quick_check().unwrap();
    }
}

/// A store as a crash in the middle of a big write leaves it, with its journal.
fn crashed() -> (tempfile::TempDir, PathBuf) {
    let (directory, path) = made();
    let copy = path.with_file_name("crashed.db");
    {
        let mut store = Store::open(&path, Mode::ReadWrite, NOW).unwrap();
        let tx = store.conn.transaction().unwrap();
        tx.pragma_update(None, "cache_size", 5).unwrap();
        tx.execute_batch(
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
            INSERT INTO category (word) SELECT 'word ' || i || hex(zeroblob(100)) FROM n",
        )
        .unwrap();
        fs::copy(&path, &copy).unwrap();
        fs::copy(path.with_file_name("store.db-journal"), path.with_file_name("crashed.db-journal")).unwrap();
    }
    fs::remove_file(&path).unwrap();
    (directory, copy)
}

#[test]
fn a_locked_store_is_busy() {
    let (_directory, path) = made();
    let mut first = Store::open(&path, Mode::ReadWrite, NOW).unwrap();
    let mut second = Store::open(&path, Mode::ReadWrite, NOW).unwrap();
    let inner = first.transact(|_| Ok(second.transact(|_| Ok(())).unwrap_err().kind()));
    assert_eq!(inner.unwrap(), Kind::Busy);
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for mode in [Mode::ReadWrite, Mode::ReadOnly] {
        assert_eq!(Store::open(&path, mode, NOW).unwrap_err().kind(), Kind::Busy);
    }
}

#[test]
fn what_init_decided_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new directory/ключ %41?#.db");
    let options = CreateOptions { drill_since: Some(Moment::from_unix(1_800_000_000)), ..options() };
    let store = Store::create(&path, &options).unwrap();
    let meta = store.meta().clone();
    assert_eq!((meta.store_id, meta.created_at), (options.store_id, options.now));
    assert_eq!((meta.drill_since, &meta.controller), (options.drill_since, &options.controller));
    assert_eq!(Store::open(&path, Mode::ReadOnly, NOW).unwrap().meta(), &meta);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(store.warning(), None);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn nothing_is_created_over_something() {
    let (directory, path) = made();
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(directory.path().join("nowhere"), &link).unwrap();
    let before = bytes(directory.path());
    for path in [path.as_path(), &link, directory.path()] {
        assert_eq!(Store::create(path, &options()).unwrap_err().kind(), Kind::Usage);
    }
    assert!(bytes(directory.path()) == before);
}

#[test]
fn wide_permissions_are_refused_with_the_command_that_mends_them() {
    let (_directory, path) = made();
    let before = fs::read(&path).unwrap();
    for wide in [0o640, 0o604, 0o660, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(wide)).unwrap();
        for mode in [Mode::ReadOnly, Mode::ReadWrite] {
            let error = Store::open(&path, mode, NOW).unwrap_err();
            assert_eq!(error.kind(), Kind::Config, "{wide:o}");
            assert!(error.hint_text().is_some_and(|hint| hint.contains("chmod 600")), "{wide:o}");
        }
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_directory_where_others_may_write_is_warned_of() {
    let (directory, path) = made();
    for (mode, warned) in [(0o700, false), (0o755, false), (0o1777, false), (0o775, true), (0o702, true)] {
        fs::set_permissions(directory.path(), Permissions::from_mode(mode)).unwrap();
        let store = Store::open(&path, Mode::ReadOnly, NOW).unwrap();
        assert_eq!(store.warning().is_some_and(|text| text.contains("chmod 700")), warned, "{mode:o}");
    }
}

#[test]
fn settings_have_their_effect() {
    let (_directory, path) = made();
    let store = Store::open(&path, Mode::ReadWrite, NOW).unwrap();
    for setting in pragma::PRAGMAS.iter().chain([&pragma::JOURNAL]) {
        let sql = format!("SELECT CAST({0} AS TEXT) FROM pragma_{0}", setting.name);
        let Some(proof) = setting.proof else { continue };
        assert_eq!(store.conn.query_row(&sql, [], |row| row.get::<_, String>(0)).unwrap(), proof);
    }
    let spoilt = store.conn.execute_batch("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''");
    assert!(spoilt.is_err(), "defensive");
    assert!(store.conn.execute_batch("ATTACH ':memory:' AS other").is_err());
}

/// The whole of version 1 as the `sqlite3` shell dumps it: later versions must open it too.
#[test]
fn a_store_of_version_1_opens() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("v1.db");
    sql(&path, include_str!("../../../fixtures/old/v1.sql"));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(Store::open(&path, Mode::ReadOnly, NOW).unwrap_err().kind(), Kind::Config);
    assert_eq!(fs::read(&path).unwrap(), before, "looking changes nothing");
    assert!(Store::upgrade(&path, NOW, Moment::from_unix(1_800_000_000), |_, _| Ok(())).unwrap());
    assert!(!Store::upgrade(&path, NOW, Moment::from_unix(1_800_000_001), |_, _| Ok(())).unwrap(), "once");
    let kept = crate::store::backup::kept_before(&path);
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let version = Connection::open(&kept).unwrap().pragma_query_value(None, "user_version", |row| row.get(0));
    assert_eq!(version, Ok(1), "a copy from before lies beside it");
    let mut store = Store::open(&path, Mode::ReadWrite, NOW).unwrap();
    store.quick_check().unwrap();
    store
        .read(|view| {
            let found = view.find("mycar", "87010000001")?;
            assert_eq!(found.len(), 2, "a shared phone");
            let facts = view.facts("mycar", found[0].id)?;
            assert_eq!((facts.records.len(), facts.consents.len(), facts.cases.len()), (3, 1, 1));
            assert_eq!(view.check_frontier()?.size, 2);
            Ok(())
        })
        .unwrap();
}

/// Two commands of a new program at once: there is one copy from before, and it is whole.
#[test]
fn a_draft_of_the_copy_from_before_is_its_writers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("v1.db");
    sql(&path, include_str!("../../../fixtures/old/v1.sql"));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let before = fs::read(&path).unwrap();
    let draft = directory.path().join(format!(".dsr-{}.part", "0".repeat(32)));
    fs::write(&draft, "half a copy").unwrap();
    let writer = fs::File::open(&draft).unwrap();
    assert!(crate::store::stale::hold(&writer));
    let at = Moment::from_unix(1_800_000_000);
    assert_eq!(Store::upgrade(&path, NOW, at, |_, _| Ok(())).unwrap_err().kind(), Kind::Busy);
    assert_eq!((fs::read(&draft).unwrap(), fs::read(&path).unwrap()), (b"half a copy".to_vec(), before));
    // Nobody writes it any more.
    drop(writer);
    assert!(Store::upgrade(&path, NOW, at, |_, _| Ok(())).unwrap());
    assert!(!draft.exists() && crate::store::backup::kept_before(&path).exists());
    // One that looked before the other had done it finds that it is done.
    let mut conn = Connection::open(&path).unwrap();
    migrate::up(&mut conn, 1, at).unwrap();
    drop(conn);
    Store::open(&path, Mode::ReadOnly, NOW).unwrap().quick_check().unwrap();
}

#[test]
#[ignore = "makes the database that fixtures/old/README.md dumps"]
fn make_old_store() {
    let place = std::env::var_os("PLACE").unwrap();
    let mut store = Store::create(Path::new(&place), &options()).unwrap();
    store
        .transact(|tx| {
            cast::fill(tx)?;
            cast::furnish(tx, 1)?;
            cast::furnish(tx, 2)?;
            tx.append(|_, _| b"{\"what\":\"first\"}".to_vec())?;
            tx.append(|_, _| b"{\"what\":\"second\"}".to_vec())
        })
        .unwrap();
}

#[test]
fn a_umask_neither_widens_nor_narrows() {
    // A umask belongs to the process, so another process is asked.
    let directory = tempfile::tempdir().unwrap();
    for umask in ["000", "077", "277"] {
        let path = directory.path().join(umask);
        let this = std::env::current_exe().unwrap();
        let script =
            format!("umask {umask}; exec \"$0\" --exact --ignored store::open::tests::create_at_place");
        let done = Command::new("sh").args(["-c", &script]).arg(this).env("PLACE", &path).output().unwrap();
        assert!(done.status.success());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "umask {umask}");
    }
}

#[test]
#[ignore = "run by the umask test in a process of its own"]
fn create_at_place() {
    let place = std::env::var_os("PLACE").unwrap();
    Store::create(Path::new(&place), &options()).unwrap();
}
