//! A long audit log, made from one real entry without the code that is being measured.
//!
//! The last entry of a store is repeated with its number and the root before it changed in the text; the
//! RFC 6962 tree is computed here on its own. If `dsr audit verify` accepts it, two programs agree.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// Appends copies until the log has this many entries.
pub fn grow(store: &Path, entries: u64) -> Result<()> {
    let mut store = Connection::open(store)?;
    let tx = store.transaction()?;
    let last = "SELECT bytes FROM audit_entry ORDER BY seq DESC LIMIT 1";
    let template: Vec<u8> = tx.query_row(last, [], |row| row.get(0)).context("the log is empty")?;
    let template = String::from_utf8(template)?;
    let mut tree = Tree::default();
    for bytes in read(&tx)? {
        tree.push(leaf(&bytes));
    }
    let (mut entry, mut head) = (
        tx.prepare("INSERT INTO audit_entry (seq, bytes) VALUES (?1, ?2)")?,
        tx.prepare("INSERT INTO audit_head (size, root) VALUES (?1, ?2)")?,
    );
    for seq in tree.size + 1..=entries {
        let bytes = copy(&template, seq, &tree.root()).context("an entry has another form")?;
        tree.push(leaf(&bytes));
        let number = i64::try_from(seq)?;
        entry.execute(params![number, bytes])?;
        head.execute(params![number, tree.root()])?;
    }
    drop((entry, head));
    tx.execute("DELETE FROM audit_frontier", [])?;
    for (level, hash) in &tree.open {
        tx.execute("INSERT INTO audit_frontier (level, hash) VALUES (?1, ?2)", params![level, hash])?;
    }
    Ok(tx.commit()?)
}

/// The bytes of every entry, in order.
pub fn read(store: &Connection) -> Result<Vec<Vec<u8>>> {
    let mut query = store.prepare("SELECT bytes FROM audit_entry ORDER BY seq")?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Hashes every entry once: the least that any verification does.
pub fn hash_all(entries: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut sum = [0_u8; 32];
    for entry in entries {
        sum.iter_mut().zip(leaf(entry)).for_each(|(sum, byte)| *sum ^= byte);
    }
    ensure!(!entries.is_empty(), "there is nothing to hash");
    Ok(sum.to_vec())
}

fn copy(template: &str, seq: u64, prev: &Hash) -> Option<Vec<u8>> {
    let root: String = prev.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = put(template, "\"prev\":\"", '"', &root)?;
    put(&text, "\"seq\":", ',', &seq.to_string()).map(String::into_bytes)
}

/// The text with what stands between a key and an end replaced.
fn put(text: &str, key: &str, end: char, value: &str) -> Option<String> {
    let (before, rest) = text.split_once(key)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{key}{value}{end}{after}"))
}

/// Roots of the complete subtrees, lowest level first.
#[derive(Default)]
struct Tree {
    size: u64,
    open: Vec<(u32, Hash)>,
}

impl Tree {
    fn push(&mut self, leaf: Hash) {
        let mut carry = (0, leaf);
        while self.open.first().is_some_and(|(level, _)| *level == carry.0) {
            let (level, left) = self.open.remove(0);
            carry = (level + 1, node(&left, &carry.1));
        }
        self.open.insert(0, carry);
        self.size += 1;
    }

    fn root(&self) -> Hash {
        let mut hashes = self.open.iter().map(|(_, hash)| *hash);
        let lowest = hashes.next().unwrap_or_else(|| Sha256::digest([]).into());
        hashes.fold(lowest, |right, left| node(&left, &right))
    }
}

fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// What an auditor would write in an afternoon: the tree again, in Python, compared with the heads.
pub const PYTHON: &str = r#"
import hashlib, sqlite3, sys
H = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
store = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
heads = dict(store.execute("SELECT size, root FROM audit_head"))
open_, size = [], 0
for seq, entry in store.execute("SELECT seq, bytes FROM audit_entry ORDER BY seq"):
    level, carry = 0, H(b"\0", entry)
    while open_ and open_[-1][0] == level:
        carry, level = H(b"\1", open_.pop()[1], carry), level + 1
    open_.append((level, carry))
    size += 1
    root = open_[-1][1]
    for _, left in reversed(open_[:-1]):
        root = H(b"\1", left, root)
    if seq != size or heads.get(size) != root:
        sys.exit(f"entry {seq} does not fit")
print(size)
"#;
