//! The leaves of a batch: what makes each single destruction provable later, fifty bytes a record.

use serde_json::json;

use super::Kind;
use crate::{
    audit::{Destroyed, Frontier, Hash, proof},
    domain::{Error, Result, RunId},
    store::{Tx, View, fault::damaged},
};

/// Bytes of one leaf: salt, mark, kind.
const WIDTH: usize = 16 + 32 + 2;

/// The leaves of one batch, in the order of its tree. Their salts come from one seed that nobody keeps.
pub(super) struct Leaves<'k> {
    controller: &'k str,
    kinds: &'k [Kind],
    seed: [u8; 32],
    bytes: Vec<u8>,
    tree: Frontier,
}

impl<'k> Leaves<'k> {
    pub(super) fn new(controller: &'k str, kinds: &'k [Kind], seed: [u8; 32]) -> Self {
        Self { controller, kinds, seed, bytes: Vec::new(), tree: Frontier::new() }
    }

    /// One more destroyed record, by its mark.
    pub(super) fn add(&mut self, mark: &[u8; 32], kind: u16) {
        let Some(of) = self.kinds.get(usize::from(kind)) else { return };
        let drawn = Hash::of(&[&self.seed[..], &self.tree.size().to_be_bytes()].concat());
        let mut salt = [0; 16];
        salt.iter_mut().zip(drawn.as_bytes()).for_each(|(to, from)| *to = *from);
        let (category, rule) = (of.category.as_str(), of.rule.as_str());
        let leaf = Destroyed { salt: &salt, mark, controller: self.controller, category, rule };
        self.tree.append(leaf.leaf());
        self.bytes.extend_from_slice(&salt);
        self.bytes.extend_from_slice(mark);
        self.bytes.extend_from_slice(&kind.to_be_bytes());
    }

    /// The root that the entry of the batch names; `None` where nothing was destroyed.
    pub(super) fn root(&self) -> Option<Hash> {
        (self.tree.size() > 0).then(|| self.tree.root())
    }
}

impl Tx<'_> {
    /// Keeps the leaves under the number of their entry.
    pub(super) fn keep_leaves(&self, leaves: &Leaves<'_>, run: RunId, seq: u64) -> Result<()> {
        if leaves.bytes.is_empty() {
            return Ok(());
        }
        let kinds: Vec<_> = leaves.kinds.iter().map(|kind| [kind.category.as_str(), &kind.rule]).collect();
        let mut insert = self.prepare(
            "INSERT INTO leaf_page (seq, run, kinds, leaves) VALUES (?1, (SELECT id FROM run WHERE uid = ?2), ?3, ?4)",
        )?;
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        insert.execute((seq, run.as_bytes(), json!(kinds).to_string(), &leaves.bytes))?;
        Ok(())
    }
}

/// The proof that one record was destroyed: which entry says so, and the way from its leaf to the root there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Number of the audit entry.
    pub seq: u64,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The category.
    pub category: String,
    /// The rule that ended it.
    pub rule: String,
    /// Number of the leaf, from 0.
    pub index: u64,
    /// How many leaves the tree has.
    pub size: u64,
    /// Its root, as computed from all leaves.
    pub root: Hash,
    /// The hashes from the leaf to the root.
    pub path: Vec<Hash>,
}

impl View<'_> {
    /// Every destruction of the record with this mark, the latest first; the leaves of all runs are read.
    ///
    /// # Errors
    /// As any read; exit 9 where a page of leaves cannot be read.
    pub fn prove_destroyed(&self, controller: &str, mark: &[u8; 32]) -> Result<Vec<Proved>> {
        let mut found = Vec::new();
        self.stream("SELECT seq, kinds, leaves FROM leaf_page ORDER BY seq DESC", &[], |row| {
            let seq = row.get::<_, i64>(0)?.unsigned_abs();
            let kinds: Vec<(String, String)> =
                serde_json::from_str(crate::store::column::text(row, 1)?).map_err(|_| unreadable(seq))?;
            let leaves = row.get_ref(2)?.as_blob().map_err(|_| unreadable(seq))?;
            found.extend(page(controller, mark, seq, &kinds, leaves)?);
            Ok(())
        })?;
        Ok(found)
    }
}

fn page(
    controller: &str,
    mark: &[u8; 32],
    seq: u64,
    kinds: &[(String, String)],
    leaves: &[u8],
) -> Result<Option<Proved>> {
    let marked = |leaf: &[u8]| leaf.get(16..48) == Some(mark.as_slice());
    let Some(index) = leaves.chunks_exact(WIDTH).position(marked) else { return Ok(None) };
    let read = |leaf: &[u8]| -> Option<([u8; 16], Hash, u16)> {
        let (salt, rest) = leaf.split_first_chunk::<16>()?;
        let (mark, rest) = rest.split_first_chunk::<32>()?;
        let kind = u16::from_be_bytes(*rest.first_chunk::<2>()?);
        let (category, rule) = kinds.get(usize::from(kind))?;
        Some((*salt, Destroyed { salt, mark, controller, category, rule }.leaf(), kind))
    };
    let all: Option<Vec<_>> = leaves.chunks_exact(WIDTH).map(read).collect();
    let all = all.ok_or_else(|| unreadable(seq))?;
    let hashes: Vec<Hash> = all.iter().map(|(_, hash, _)| *hash).collect();
    let path = proof::inclusion(&hashes, index).ok_or_else(|| unreadable(seq))?;
    let (salt, _, kind) = all.get(index).copied().ok_or_else(|| unreadable(seq))?;
    let (category, rule) = kinds.get(usize::from(kind)).cloned().ok_or_else(|| unreadable(seq))?;
    let (index, size) = (index as u64, hashes.len() as u64);
    let root = hashes.into_iter().collect::<Frontier>().root();
    Ok(Some(Proved { seq, salt, category, rule, index, size, root, path }))
}

fn unreadable(seq: u64) -> Error {
    damaged(format!("the leaves of entry {seq} cannot be read"))
}
