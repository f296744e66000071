//! What a directory says after a fault, told in one number, and what may never be.

use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    fs,
    hash::{Hash, Hasher},
    path::Path,
    time::Duration,
};

use dsr::store::{Mode, Store, health};
use rusqlite::{Connection, OpenFlags, types::ValueRef};

/// The store as it reopens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Every row of every table, but for what a scan counted.
    pub digest: u64,
    /// The same without the log and the book-keeping of runs and acts.
    pub effects: u64,
    /// Entries of the audit log.
    pub entries: u64,
    /// Acts of destruction whose bytes may still be there.
    pub pending: u64,
    /// Acts that say *destroyed*.
    pub destroyed: u64,
}

/// No store at all.
pub const NOTHING: State = State { digest: 0, effects: 0, entries: 0, pending: 0, destroyed: 0 };

/// A store that every command refuses, because it does not fit the head that is kept beside it.
pub const REFUSED: State = State { digest: 1, ..NOTHING };

/// Opens the store as any command would, so that an unfinished write is undone, and verifies its log.
pub fn reopen(home: &Path) -> Result<State, String> {
    let path = home.join("store.sqlite");
    if path.symlink_metadata().is_err() {
        return Ok(NOTHING);
    }
    if !sound(&path)? {
        return Ok(REFUSED);
    }
    let open = |path: &Path| Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let mut state = open(&path).and_then(|conn| read(&conn)).map_err(said)?;
    for other in ["crm.db", "site.db"].map(|name| home.join(name)) {
        if other.exists() {
            let digest = rows(&other).map_err(said)?;
            state.digest = state.digest.rotate_left(1) ^ digest;
        }
    }
    Ok(state)
}

/// Every row of another database.
pub fn rows(path: &Path) -> rusqlite::Result<u64> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    digest(&conn, everything)
}

/// Whether it may be used; of one that may, everything is checked.
fn sound(path: &Path) -> Result<bool, String> {
    let open = || Store::open(path, Mode::ReadWrite, Duration::ZERO);
    let mut store = match open() {
        Err(older) if older.message().contains("older version") => return Ok(true),
        opened => opened.map_err(|error| format!("it does not open: {}", error.message()))?,
    };
    if store.standing().check().is_err() {
        return Ok(false);
    }
    store.quick_check().map_err(|error| error.message().to_owned())?;
    let found = dsr::execute::verify::verify(&mut store, Vec::new());
    let found = found.map_err(|error| format!("the log cannot be verified: {}", error.message()))?;
    if let Some((seq, what)) = found.faults().into_iter().next() {
        return Err(format!("the log does not verify at {seq:?}: {what}"));
    }
    // Whatever the log destroyed is in the ledger, at every instant.
    health::ledger_from(&mut store).map(|_| true).map_err(|error| error.message().to_owned())
}

fn said(error: rusqlite::Error) -> String {
    format!("it cannot be read: {error}")
}

fn read(conn: &Connection) -> rusqlite::Result<State> {
    let one = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|n| n.unsigned_abs());
    Ok(State {
        digest: digest(conn, everything)?,
        effects: digest(conn, effects)?,
        entries: one("SELECT count(*) FROM audit_entry")?,
        pending: one("SELECT count(*) FROM destruction WHERE state = 'pending'")?,
        destroyed: one("SELECT count(*) FROM destruction WHERE state = 'destroyed'")?,
    })
}

/// Tables of the log, and of runs and acts, whose progress is no effect on anybody.
const BOOKS: [&str; 6] = ["audit_entry", "audit_frontier", "audit_head", "audit_leaf", "destruction", "run"];

/// What depends on where the files lie, or on how many there are.
const OF_THE_PLACE: [(&str, &str); 3] =
    [("destruction", "scan"), ("remote_identity", "identity"), ("remote_step", "payload")];

/// Which rows of a table are an effect on somebody; an empty row of a person names nobody.
fn effects(table: &str) -> Option<&'static str> {
    match table {
        "subject" => Some("WHERE ref IS NOT NULL"),
        // How far the ledger goes is told in the log's own numbers; which heads were given out is no effect on anybody.
        // That the night may destroy from now on is none either.
        "meta" => Some(
            "WHERE key NOT LIKE 'backup%' AND key NOT LIKE 'ledger%' AND key NOT IN ('heads_is', 'purge_enabled_at')",
        ),
        _ => (!BOOKS.contains(&table)).then_some(""),
    }
}

/// All rows but those that say where files lie, and which heads: one that could not be kept is a warning.
fn everything(table: &str) -> Option<&'static str> {
    Some(if table == "meta" { "WHERE key NOT LIKE 'backup%' AND key <> 'heads_is'" } else { "" })
}

fn digest(conn: &Connection, rows: impl Fn(&str) -> Option<&'static str>) -> rusqlite::Result<u64> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name";
    let tables: Vec<String> =
        conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut hasher = DefaultHasher::new();
    for table in tables {
        let Some(those) = rows(&table) else { continue };
        table.hash(&mut hasher);
        let all = format!("SELECT * FROM \"{table}\" {those}");
        let order = if conn.prepare(&all)?.column_count() > 1 { "1, 2" } else { "1" };
        let mut query = conn.prepare(&format!("{all} ORDER BY {order}"))?;
        let names: Vec<String> = query.column_names().map(str::to_owned).collect();
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            for (column, name) in names.iter().enumerate() {
                if !OF_THE_PLACE.contains(&(table.as_str(), name.as_str())) {
                    value(row.get_ref(column)?, &mut hasher);
                }
            }
        }
    }
    Ok(hasher.finish())
}

fn value(value: ValueRef<'_>, hasher: &mut DefaultHasher) {
    match value {
        ValueRef::Null => 0_u8.hash(hasher),
        ValueRef::Integer(number) => number.hash(hasher),
        ValueRef::Real(number) => number.to_bits().hash(hasher),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.hash(hasher),
    }
}

/// Every file below a directory, by its path from there.
pub type Tree = BTreeMap<String, Vec<u8>>;

pub fn tree(home: &Path) -> Tree {
    let mut all = Tree::new();
    walk(home, home, &mut all);
    all
}

fn walk(home: &Path, at: &Path, all: &mut Tree) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(home, &path, all);
        } else if let Ok(bytes) = fs::read(&path) {
            all.insert(path.strip_prefix(home).unwrap().display().to_string(), bytes);
        }
    }
}

/// Lays the files of a tree into a directory, private as the program makes them.
pub fn lay(tree: &Tree, home: &Path) {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    for (name, bytes) in tree {
        let path = home.join(name);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
    }
}

/// Whether any of these values lies in a file of the store: in the file itself or in one that the program made.
pub fn residue(tree: &Tree, values: &[&str]) -> Option<String> {
    let ours = |name: &str| name.starts_with("store.sqlite") || name.ends_with(".part");
    let holds = |bytes: &[u8], value: &str| bytes.windows(value.len()).any(|place| place == value.as_bytes());
    tree.iter().filter(|(name, _)| ours(name)).find_map(|(name, bytes)| {
        values.iter().find(|value| holds(bytes, value)).map(|value| format!("{value} in {name}"))
    })
}
