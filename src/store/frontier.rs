//! The open subtrees of a growing tree of RFC 6962: leaf = SHA-256(0x00 ‖ bytes), node = SHA-256(0x01 ‖ left ‖
//! right). Appending costs one node on average, the root log₂ n at most.

use sha2::{Digest, Sha256};

use super::log::Hash;

/// Roots of the complete subtrees, one a set bit of the size; lowest level first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frontier(pub(super) Vec<(u32, Hash)>);

impl Frontier {
    /// One more leaf.
    pub(super) fn push(&mut self, leaf: Hash) {
        let (mut level, mut carry) = (0, leaf);
        while self.0.first().is_some_and(|(lowest, _)| *lowest == level) {
            let (_, left) = self.0.remove(0);
            carry = node(&left, &carry);
            level += 1;
        }
        self.0.insert(0, (level, carry));
    }

    /// The root over all leaves.
    pub(super) fn root(&self) -> Hash {
        let mut hashes = self.0.iter().map(|(_, hash)| *hash);
        let Some(lowest) = hashes.next() else { return Sha256::digest([]).into() };
        hashes.fold(lowest, |right, left| node(&left, &right))
    }

    /// How many leaves there are.
    pub(super) fn size(&self) -> u64 {
        self.0.iter().map(|(level, _)| 1_u64.checked_shl(*level).unwrap_or(0)).sum()
    }
}

/// The hash of an entry.
pub(super) fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962, section 2.1, as it is written there: slow, recursive, and not by a frontier.
    fn tree(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
                node(&tree(left), &tree(right))
            }
        }
    }

    #[test]
    fn heads_are_those_of_the_rfc() {
        let mut leaves = Vec::new();
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), tree(&leaves));
        for n in 0_u8..70 {
            leaves.push(leaf(&[n]));
            frontier.push(leaf(&[n]));
            assert_eq!((frontier.root(), frontier.size()), (tree(&leaves), u64::from(n) + 1));
        }
    }
}
