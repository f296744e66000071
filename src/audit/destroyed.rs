//! The leaf of one destroyed record, and the tree over the leaves of one batch.
//!
//! An entry of the nightly run names the root of a tree of its own (RFC 6962). Each leaf is one record: a
//! salt drawn for it, its mark (a keyed digest of its reference, see `store::keys`), its controller, its
//! category and the rule that ended it. Who knows the reference and holds the key and the leaf can show
//! that this record went with this entry; nobody else can even test a guess.

use super::Hash;

/// What one leaf says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destroyed<'a> {
    /// Drawn at random for this leaf.
    pub salt: &'a [u8; 16],
    /// The record, by a keyed digest.
    pub mark: &'a [u8; 32],
    /// The controller.
    pub controller: &'a str,
    /// The category.
    pub category: &'a str,
    /// The rule that ended it.
    pub rule: &'a str,
}

impl Destroyed<'_> {
    /// The hash of the leaf: over a tag, salt, mark, and the three words, each with its length before it,
    /// so that no two leaves share their bytes.
    pub fn leaf(&self) -> Hash {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(b"dsr-destroyed-v1");
        bytes.extend_from_slice(self.salt);
        bytes.extend_from_slice(self.mark);
        for word in [self.controller, self.category, self.rule] {
            bytes.push(u8::try_from(word.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(word.as_bytes());
        }
        Hash::leaf(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf() -> Destroyed<'static> {
        Destroyed {
            salt: &[1; 16],
            mark: &[2; 32],
            controller: "automaster",
            category: "contact",
            rule: "AM-8-contact",
        }
    }

    #[test]
    fn every_part_of_a_leaf_counts() {
        let known = leaf().leaf();
        for (about, other) in [
            ("salt", Destroyed { salt: &[0; 16], ..leaf() }),
            ("mark", Destroyed { mark: &[0; 32], ..leaf() }),
            ("controller", Destroyed { controller: "automaste", ..leaf() }),
            ("category", Destroyed { category: "rcontact", ..leaf() }),
            ("rule", Destroyed { rule: "AM-8-tech", ..leaf() }),
        ] {
            assert_ne!(other.leaf(), known, "{about}");
        }
        // A letter moved from one word to the next is another leaf.
        let shifted = Destroyed { controller: "automaste", category: "rcontact", ..leaf() };
        assert_ne!(shifted.leaf(), known);
    }
}
