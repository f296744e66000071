//! Proofs about the tree (RFC 6962 sections 2.1.1 and 2.1.2): one entry is in it, and one tree goes on
//! from another.
//!
//! Proving reads leaf hashes, 32 bytes an entry; checking needs only the proof (RFC 9162 section 2.1.3
//! and 2.1.4). Here leaves are numbered from 0, as in the RFC: entry `n` is leaf `n - 1`.

use super::{Frontier, Hash};

/// The hashes that lead from one leaf to the root over `leaves`. `None` when there is no such leaf.
pub fn inclusion(leaves: &[Hash], leaf: usize) -> Option<Vec<Hash>> {
    if leaf >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut part, mut leaf) = (leaves, leaf);
    while part.len() > 1 {
        let (left, right) = part.split_at(split(part.len()));
        let in_left = leaf < left.len();
        path.push(root(if in_left { right } else { left }));
        leaf -= if in_left { 0 } else { left.len() };
        part = if in_left { left } else { right };
    }
    path.reverse();
    Some(path)
}

/// Whether `path` proves that the leaf is number `index` of the tree with this size and root.
pub fn includes(path: &[Hash], leaf: Hash, index: u64, size: u64, expected: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut joined) = (Place { node: index, last: size - 1 }, leaf);
    for sibling in path {
        joined = match place.climb() {
            Some(Side::Left) => Hash::node(sibling, &joined),
            Some(Side::Right) => Hash::node(&joined, sibling),
            None => return false,
        };
    }
    place.last == 0 && joined == expected
}

/// The hashes that prove that the tree over `leaves` goes on from its first `old` leaves. `None` when
/// `old` is 0 (everything goes on from nothing) or more than there are.
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old == 0 || old > leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut part, mut old, mut whole) = (leaves, old, true);
    while old < part.len() {
        let (left, right) = part.split_at(split(part.len()));
        let in_left = old <= left.len();
        path.push(root(if in_left { right } else { left }));
        whole &= in_left;
        old -= if in_left { 0 } else { left.len() };
        part = if in_left { left } else { right };
    }
    if !whole {
        path.push(root(part));
    }
    path.reverse();
    Some(path)
}

/// Whether `path` proves that the tree `(new, new_root)` goes on from `(old, old_root)`.
pub fn goes_on(path: &[Hash], old: u64, old_root: Hash, new: u64, new_root: Hash) -> bool {
    if old == 0 || old >= new {
        return old == new && path.is_empty() && old_root == new_root;
    }
    let start = old.is_power_of_two().then_some(&old_root);
    let mut hashes = start.into_iter().chain(path);
    let Some(first) = hashes.next() else { return false };
    let shift = (old - 1).trailing_ones();
    let mut place = Place { node: (old - 1) >> shift, last: (new - 1) >> shift };
    let (mut before, mut after) = (*first, *first);
    for sibling in hashes {
        match place.climb() {
            Some(Side::Left) => (before, after) = (Hash::node(sibling, &before), Hash::node(sibling, &after)),
            Some(Side::Right) => after = Hash::node(&after, sibling),
            None => return false,
        }
    }
    place.last == 0 && before == old_root && after == new_root
}

/// A node on the way up: its number in its level, and that of the level's last node (RFC 9162's `fn`
/// and `sn`).
struct Place {
    node: u64,
    last: u64,
}

/// Where the sibling of a node stands.
enum Side {
    Left,
    Right,
}

impl Place {
    /// One sibling up; a last node with none rises until it has one. `None` at the root.
    fn climb(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 || self.node == self.last { Side::Left } else { Side::Right };
        let alone = if self.node == self.last { self.node.trailing_zeros() } else { 0 };
        (self.node, self.last) = (self.node >> alone >> 1, self.last >> alone >> 1);
        Some(side)
    }
}

/// The largest power of two below `size`, where RFC 6962 splits.
fn split(size: usize) -> usize {
    size.div_ceil(2).next_power_of_two()
}

fn root(leaves: &[Hash]) -> Hash {
    leaves.iter().copied().collect::<Frontier>().root()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{RFC_LEAVES, naive_root, numbered_leaves};
    use super::*;

    fn rfc_leaves() -> Vec<Hash> {
        RFC_LEAVES.iter().map(|leaf| Hash::leaf(leaf)).collect()
    }

    fn hex(path: Option<Vec<Hash>>) -> Vec<String> {
        path.into_iter().flatten().map(|hash| hash.to_string()[..8].to_owned()).collect()
    }

    #[test]
    fn known_answers_of_certificate_transparency() {
        let leaves = rfc_leaves();
        for (leaf, size, path) in [
            (0, 8, &["96a296d2", "5f083f0a", "6b47aaf2"][..]),
            (5, 8, &["bc1a0643", "ca854ea1", "d37ee418"]),
            (2, 3, &["fac54203"]),
            (1, 5, &["6e340b9c", "5f083f0a", "bc1a0643"]),
            (0, 1, &[]),
        ] {
            assert_eq!(hex(inclusion(&leaves[..size], leaf)), path, "leaf {leaf} of {size}");
        }
        for (old, new, path) in [
            (1, 8, &["96a296d2", "5f083f0a", "6b47aaf2"][..]),
            (6, 8, &["0ebc5d34", "ca854ea1", "d37ee418"]),
            (2, 5, &["5f083f0a", "bc1a0643"]),
            (8, 8, &[]),
        ] {
            assert_eq!(hex(consistency(&leaves[..new], old)), path, "{old} to {new}");
        }
        assert_eq!(
            (inclusion(&leaves, 8), consistency(&leaves, 0), consistency(&leaves, 9)),
            (None, None, None)
        );
    }

    #[test]
    fn every_proof_of_small_trees_holds_and_only_there() {
        let leaves = numbered_leaves(34);
        for new in 1..leaves.len() {
            let (size, whole) = (new as u64, naive_root(&leaves[..new]));
            for n in 0..new {
                let path = inclusion(&leaves[..new], n).unwrap_or_default();
                let place = |index, size| includes(&path, leaves[n], index, size, whole);
                assert!(place(n as u64, size), "leaf {n} of {new}");
                assert!(
                    (0..size).all(|other| other == n as u64 || !place(other, size)),
                    "leaf {n} elsewhere"
                );
                let part = naive_root(&leaves[..n + 1]);
                let path = consistency(&leaves[..new], n + 1).unwrap_or_default();
                assert!(goes_on(&path, n as u64 + 1, part, size, whole), "{n} + 1 to {new}");
                assert!(!goes_on(&path, n as u64 + 1, leaves[n], size, whole) || n == 0, "a foreign root");
            }
        }
    }

    #[test]
    fn split_is_the_power_of_two_below() {
        for (size, below) in [(2, 1), (3, 2), (4, 2), (5, 4), (8, 4), (9, 8), (1 << 20, 1 << 19)] {
            assert_eq!(split(size), below, "{size}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_proof_proves_nothing(size in 2usize..200, leaf in 0usize..200, byte in 0usize..32, nth in 0usize..9) {
            let leaves = numbered_leaves(size);
            let (leaf, whole) = (leaf % size, naive_root(&leaves));
            let mut path = inclusion(&leaves, leaf).unwrap_or_default();
            let nth = nth % path.len();
            let mut bytes = *path[nth].as_bytes();
            bytes[byte] ^= 1;
            path[nth] = Hash::from_bytes(bytes);
            prop_assert!(!includes(&path, leaves[leaf], leaf as u64, size as u64, whole));
            path.pop();
            prop_assert!(!includes(&path, leaves[leaf], leaf as u64, size as u64, whole));
        }

        #[test]
        fn checking_never_panics(path in 0usize..70, index: u64, size: u64, old: u64) {
            let path = numbered_leaves(path);
            prop_assert!(!includes(&path, Hash::EMPTY, index, size, Hash::EMPTY));
            prop_assume!(old != size);
            prop_assert!(!goes_on(&path, old, Hash::EMPTY, size, Hash::EMPTY));
        }
    }
}
