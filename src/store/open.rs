//! Creating and opening the store. Whatever is wrong with the file, it stays byte for byte as it was.
//!
//! Opening looks before it touches: a first look without locks and without recovery says whose file it
//! is, because SQLite would roll a journal back, or make a `-wal`, beside a file that is not ours.

use std::{
    fs::{self, Permissions},
    io::ErrorKind,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{fault::damaged, migrate, pragma, schema};
use crate::domain::{Error, Kind, Moment, Result};

/// What `dsr init` decides once.
pub struct CreateOptions {
    /// The controller used where none is named.
    pub controller: Option<String>,
    /// Set in a drill store: the pretended time of its creation.
    pub drill_since: Option<Moment>,
    /// 16 random bytes.
    pub store_id: [u8; 16],
    /// Now.
    pub now: Moment,
}

/// What a command may do with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Look and change.
    ReadWrite,
    /// Look only: nothing is written, not even beside the file.
    ReadOnly,
}

/// What the store says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its own random id.
    pub store_id: [u8; 16],
    /// When it was created.
    pub created_at: Moment,
    /// Set in a drill store, which says so in every output and accepts `DSR_NOW`.
    pub drill_since: Option<Moment>,
    /// The controller used where none is named.
    pub controller: Option<String>,
}

/// An open store.
pub struct Store {
    pub(super) conn: Connection,
    pub(super) meta: Meta,
    pub(super) mode: Mode,
    path: PathBuf,
    warning: Option<String>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?}, {:?})", self.path, self.mode)
    }
}

impl Store {
    /// Creates a store that only its owner can read, and opens it. Its directory is made (0700) where it
    /// is missing. The store appears whole or not at all.
    ///
    /// # Errors
    /// Exit 2 if something is there already, 1 if it cannot be written.
    pub fn create(path: &Path, options: &CreateOptions) -> Result<Self> {
        let path = absolute(path)?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(already(&path));
        }
        if let Some(directory) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(|e| cannot_write(&path, e))?;
        }
        let draft = draft_of(&path, options.store_id);
        let made = fill(&draft, options).and_then(|()| publish(&draft, &path));
        let removed = fs::remove_file(&draft);
        made?;
        removed.map_err(|e| cannot_write(&draft, e))?;
        Self::open(&path, Mode::ReadWrite, Duration::ZERO)
    }

    /// Opens a store, waiting up to `lock_wait` for other commands.
    ///
    /// # Errors
    /// Exit 6: missing, or from a newer version. 9: empty, foreign, corrupt, or with tables, triggers or
    /// views that are not ours. 75: locked for longer than `lock_wait`. 1: not readable or, if it is to be
    /// changed, not writable. In every case the file is untouched.
    pub fn open(path: &Path, mode: Mode, lock_wait: Duration) -> Result<Self> {
        let path = absolute(path)?;
        let permissions = look(&path)?;
        if mode == Mode::ReadWrite && permissions.readonly() {
            return Err(read_only(&path));
        }
        peek(&path)?;
        let conn = connect(&path, mode, lock_wait)?;
        let meta = read_meta(&conn)?;
        let warning = too_wide(&path, &permissions);
        Ok(Self { conn, meta, mode, path, warning })
    }

    /// What the store says about itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Something to tell the user once: others may read the file.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Reads every page: for `doctor`, and before the first destructive step of a run.
    ///
    /// # Errors
    /// Exit 9 if a page is damaged.
    pub fn quick_check(&self) -> Result<()> {
        let answer: String = self.conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if answer == "ok" { Ok(()) } else { Err(damaged("the store is corrupt")) }
    }
}

/// A name of its own beside the store: the id is random.
fn draft_of(path: &Path, store_id: [u8; 16]) -> PathBuf {
    let id: String = store_id.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{id}"));
    path.with_file_name(name)
}

fn fill(draft: &Path, options: &CreateOptions) -> Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft);
    let file = file.map_err(|e| cannot_write(draft, e))?;
    // A umask takes bits away; the owner keeps both.
    file.set_permissions(Permissions::from_mode(0o600))?;
    drop(file);
    let mut conn = Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    pragma::harden(&conn, Duration::ZERO)?;
    for setting in pragma::PRAGMAS {
        conn.pragma_update(None, setting.name, setting.value)?;
    }
    migrate::up(&mut conn, 0, options.now)?;
    write_meta(&conn, options)?;
    conn.close().map_err(|(_, error)| error.into())
}

fn write_meta(conn: &Connection, options: &CreateOptions) -> Result<()> {
    let mut insert = conn.prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)")?;
    insert.execute(("store_id", options.store_id))?;
    insert.execute(("created_at", options.now.unix()))?;
    if let Some(since) = options.drill_since {
        insert.execute(("drill_since", since.unix()))?;
    }
    if let Some(controller) = &options.controller {
        insert.execute(("controller", controller))?;
    }
    Ok(())
}

/// Gives the finished file its name, never replacing another: a link, unlike a rename, cannot.
fn publish(draft: &Path, path: &Path) -> Result<()> {
    fs::hard_link(draft, path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => already(path),
        _ => cannot_write(path, error),
    })?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Also keeps SQLite from reading a path that begins with `file:` as a URI.
fn absolute(path: &Path) -> Result<PathBuf> {
    Ok(std::path::absolute(path)?)
}

/// What the file system alone can tell.
fn look(path: &Path) -> Result<Permissions> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::config(format!("no store at `{shown}`"))
            .hint("create one: dsr init, or name another: --store PATH"),
        _ => Error::new(Kind::Failed, format!("the store `{shown}` cannot be read"))
            .hint("check the owner and mode of the file and its directory")
            .because(error),
    })?;
    if !found.is_file() {
        return Err(damaged(format!("`{shown}` is no regular file, so no store")));
    }
    if found.len() == 0 {
        return Err(damaged(format!("`{shown}` is empty, so no store")));
    }
    Ok(found.permissions())
}

/// Whose file it is, by its header alone: no locks, no recovery, nothing written beside it.
fn peek(path: &Path) -> Result<()> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri(path), flags)?;
    match identify(&conn, path) {
        // Another command may be growing the file just now, or was killed doing so: look again with locks.
        Err(error) if error.message() == CORRUPT => Ok(()),
        other => other,
    }
}

const CORRUPT: &str = "the store is corrupt";

fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

fn identify(conn: &Connection, path: &Path) -> Result<()> {
    let header = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (header("application_id")?, header("user_version")?);
    let shown = path.display();
    if application != migrate::APPLICATION_ID || version < 1 {
        return Err(damaged(format!("`{shown}` is a database, but no store of `dsr`")));
    }
    if version > migrate::newest() {
        let sentence =
            format!("the store `{shown}` has version {version}; this dsr knows {}", migrate::newest());
        return Err(Error::config(sentence).hint("install the newer dsr that wrote it"));
    }
    Ok(())
}

fn connect(path: &Path, mode: Mode, lock_wait: Duration) -> Result<Connection> {
    let writing = mode == Mode::ReadWrite;
    let access = if writing { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite falls back to reading where writing is denied.
    if writing && conn.is_readonly("main")? {
        return Err(read_only(path));
    }
    conn.set_prepared_statement_cache_capacity(64);
    pragma::harden(&conn, lock_wait)?;
    identify(&conn, path)?;
    schema::check(&conn)?;
    migrate::check(&conn)?;
    pragma::apply(&conn, writing)?;
    Ok(conn)
}

fn read_meta(conn: &Connection) -> Result<Meta> {
    let mut query = conn.prepare("SELECT value FROM meta WHERE key = ?1")?;
    let mut instant = |key: &str| -> Result<Option<Moment>> {
        Ok(query.query_row([key], |row| row.get(0)).optional()?.map(Moment::from_unix))
    };
    let (created_at, drill_since) = (instant("created_at")?, instant("drill_since")?);
    let store_id = query.query_row(["store_id"], |row| row.get(0)).optional()?;
    let controller = query.query_row(["controller"], |row| row.get(0)).optional()?;
    match (store_id, created_at) {
        (Some(store_id), Some(created_at)) => Ok(Meta { store_id, created_at, drill_since, controller }),
        _ => Err(damaged("the store does not say what it is")),
    }
}

/// The sentence for a file that others may read; later versions refuse it.
fn too_wide(path: &Path, permissions: &Permissions) -> Option<String> {
    let mode = permissions.mode() & 0o777;
    let shown = path.display();
    (mode & 0o077 != 0)
        .then(|| format!("others may open the store (mode {mode:04o}); run: chmod 600 '{shown}'"))
}

fn already(path: &Path) -> Error {
    Error::usage(format!("`{}` exists already", path.display())).hint("name another place: --store PATH")
}

fn read_only(path: &Path) -> Error {
    Error::new(Kind::Failed, format!("the store `{}` may only be read", path.display()))
        .hint("check the owner and mode of the file (chmod u+w)")
}

fn cannot_write(path: &Path, cause: std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("`{}` cannot be written", path.display()))
        .hint("check the directory, its owner and its mode")
        .because(cause)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::store::cast::{self, options};

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
        let mut all: Vec<_> =
            entries.map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect();
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
    fn a_write_that_was_cut_off_is_undone_by_the_next_writer() {
        let (_directory, path) = made();
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
            fs::copy(path.with_file_name("store.db-journal"), path.with_file_name("crashed.db-journal"))
                .unwrap();
        }
        fs::remove_file(&path).unwrap();
        let error = Store::open(&copy, Mode::ReadOnly, NOW).unwrap_err();
        assert_eq!(error.kind(), Kind::Failed, "{error}");
        assert!(error.message().contains("cut off"), "{error}");
        let store = Store::open(&copy, Mode::ReadWrite, NOW).unwrap();
        let words =
            |conn: &Connection| conn.query_row("SELECT count(*) FROM category", [], |r| r.get::<_, i64>(0));
        assert_eq!(words(&store.conn).unwrap(), 0);
        store.quick_check().unwrap();
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
    fn wide_permissions_are_a_warning() {
        let (_directory, path) = made();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let store = Store::open(&path, Mode::ReadOnly, NOW).unwrap();
        assert!(store.warning().is_some_and(|text| text.contains("0640") && text.contains("chmod 600")));
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
        let spoilt =
            store.conn.execute_batch("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''");
        assert!(spoilt.is_err(), "defensive");
        assert!(store.conn.execute_batch("ATTACH ':memory:' AS other").is_err());
    }

    /// The whole of version 1 as the `sqlite3` shell dumps it: later versions must open it too.
    #[test]
    fn a_store_of_version_1_opens() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("v1.db");
        sql(&path, include_str!("../../fixtures/old/v1.sql"));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
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
            let done =
                Command::new("sh").args(["-c", &script]).arg(this).env("PLACE", &path).output().unwrap();
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
}
