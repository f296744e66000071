//! The tree of RFC 6962 as far as an append needs it: the roots of the complete subtrees on its right
//! edge.

use super::Hash;

/// The complete subtrees that cover the entries from left to right, largest first. Appending costs one
/// node on average, the root `log₂ n` at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree with no entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// From stored `(level, root)` pairs, where a subtree of level `l` covers 2^l entries. `None` unless
    /// the levels fall strictly, as they do in every frontier.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (u8, Hash)>) -> Option<Self> {
        let (mut frontier, mut above) = (Self::new(), 63);
        for (level, hash) in pairs {
            if level >= above {
                return None;
            }
            frontier.size += 1 << level;
            frontier.peaks.push(hash);
            above = level;
        }
        Some(frontier)
    }

    /// `(level, root)` of each subtree, largest first, for storing.
    pub fn pairs(&self) -> impl Iterator<Item = (u8, Hash)> + '_ {
        let levels = (0..63).rev().filter(|level| self.size >> level & 1 == 1);
        levels.zip(self.peaks.iter().copied())
    }

    /// How many entries the tree covers.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The level from which on a frontier of this tree at another size has the very same subtrees, or none either:
    /// who keeps that one has to write anew what lies below.
    pub fn same_from(&self, size: u64) -> u8 {
        let differ = u64::BITS - (self.size ^ size).leading_zeros();
        u8::try_from(differ).unwrap_or(u8::MAX)
    }

    /// One more leaf; it joins as many equal subtrees as the old size has trailing ones.
    pub fn append(&mut self, leaf: Hash) {
        let joins = self.size.trailing_ones();
        let joined = (0..joins).fold(leaf, |right, _| match self.peaks.pop() {
            Some(left) => Hash::node(&left, &right),
            None => right,
        });
        self.peaks.push(joined);
        self.size += 1;
    }

    /// The root over all entries: the head of this size.
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().copied().reduce(|right, left| Hash::node(&left, &right));
        joined.unwrap_or(Hash::EMPTY)
    }
}

impl FromIterator<Hash> for Frontier {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut frontier = Self::new();
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
        frontier
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{RFC_LEAVES, RFC_ROOTS, naive_root, numbered_leaves};
    use super::*;

    #[test]
    fn known_answers_of_certificate_transparency() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), Hash::EMPTY);
        for (leaf, root) in RFC_LEAVES.iter().zip(RFC_ROOTS) {
            frontier.append(Hash::leaf(leaf));
            assert_eq!(frontier.root().to_string(), root, "size {}", frontier.size());
        }
    }

    #[test]
    fn sizes_around_powers_of_two_agree_with_the_definition() {
        for power in 0..10 {
            for size in [(1 << power) - 1, 1 << power, (1 << power) + 1] {
                let leaves = numbered_leaves(size);
                assert_eq!(
                    leaves.iter().copied().collect::<Frontier>().root(),
                    naive_root(&leaves),
                    "{size}"
                );
            }
        }
    }

    #[test]
    fn levels_that_no_tree_has_are_refused() {
        for levels in [&[0, 1][..], &[3, 3], &[63]] {
            assert_eq!(
                Frontier::from_pairs(levels.iter().map(|level| (*level, Hash::EMPTY))),
                None,
                "{levels:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_from_an_earlier_size_stands(stop in 0usize..600, more in 0usize..40) {
            let leaves = numbered_leaves(stop + more);
            let before: Frontier = leaves[..stop].iter().copied().collect();
            let after: Frontier = leaves.iter().copied().collect();
            let same = after.same_from(before.size());
            let kept = before.pairs().filter(|(level, _)| *level >= same);
            let new = after.pairs().filter(|(level, _)| *level < same);
            prop_assert_eq!(kept.chain(new).collect::<Vec<_>>(), after.pairs().collect::<Vec<_>>());
        }

        #[test]
        fn a_stored_frontier_goes_on_where_it_stopped(stop in 0usize..600, more in 0usize..40) {
            let leaves = numbered_leaves(stop + more);
            let before: Frontier = leaves[..stop].iter().copied().collect();
            let read = Frontier::from_pairs(before.pairs());
            prop_assert_eq!(read.as_ref(), Some(&before));
            let mut read = read.unwrap_or_default();
            leaves[stop..].iter().for_each(|leaf| read.append(*leaf));
            prop_assert_eq!((read.size(), read.root()), ((stop + more) as u64, naive_root(&leaves)));
        }
    }
}
