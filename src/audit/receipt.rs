//! Proofs as files that are checked without the store.
//!
//! *Inclusion* is the C2SP form `tlog-proof`: the entry, its place, the hashes up to the root, and the signed
//! head; what a person keeps of their erasure. *Consistency* is the body that C2SP `tlog-witness` is asked
//! with: an old size, hashes, and the signed newer head, so that a witness can be fed with it as it is.

use std::fmt;

use base64ct::{Base64, Encoding};

use super::{
    Checkpoint, Entry, Hash, Note,
    checkpoint::{base64, hash, number},
    proof::{goes_on, includes},
};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// More hashes than a tree of 2^63 entries needs.
const MOST_HASHES: usize = 64;

/// One entry is in the log that a head speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The canonical bytes of the entry.
    pub entry: Vec<u8>,
    /// Its number less one, as the RFC counts.
    pub index: u64,
    /// From the leaf to the root.
    pub path: Vec<Hash>,
    /// The head.
    pub head: Note,
}

/// The log of one head goes on from the log of an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    /// The size of the older head.
    pub old: u64,
    /// The hashes of RFC 6962 section 2.1.2.
    pub path: Vec<Hash>,
    /// The newer head.
    pub head: Note,
}

/// Either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Of an entry in a log.
    Inclusion(Inclusion),
    /// Of a log that goes on.
    Consistency(Consistency),
}

impl Proof {
    /// Reads either form.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (above, head) = text.split_once("\n\n").ok_or("it is no proof: no empty line before the head")?;
        let mut lines = above.lines();
        match lines.next() {
            Some(HEADER) => Inclusion::read(lines, head).map(Self::Inclusion),
            Some(first) => Consistency::read(first, lines, head).map(Self::Consistency),
            None => Err("it is no proof: it is empty".into()),
        }
    }

    /// The head that the proof leads to.
    pub fn head(&self) -> &Note {
        match self {
            Self::Inclusion(proof) => &proof.head,
            Self::Consistency(proof) => &proof.head,
        }
    }
}

impl Inclusion {
    fn read<'a>(mut lines: impl Iterator<Item = &'a str>, head: &str) -> Result<Self, String> {
        let entry = lines.next().and_then(|line| Base64::decode_vec(line.strip_prefix("extra ")?).ok());
        let entry = entry.ok_or("its second line holds no entry")?;
        let index = lines.next().and_then(|line| number(line.strip_prefix("index ")?));
        let index = index.ok_or("its third line holds no place")?;
        Ok(Self { entry, index, path: path(lines)?, head: Note::parse(head)? })
    }

    /// Checks everything but signatures: the entry is one, it carries this place, and the hashes lead to
    /// the root of the head. Gives the entry and the head.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn check(&self) -> Result<(Entry, Checkpoint), String> {
        let head = Checkpoint::parse(self.head.text())?;
        let entry = Entry::parse(&self.entry).map_err(|fault| fault.to_string())?;
        if entry.log != head.log {
            return Err("entry and head are of different logs".into());
        }
        if entry.seq.checked_sub(1) != Some(self.index) {
            return Err("the entry carries another number than its place".into());
        }
        if !includes(&self.path, Hash::leaf(&self.entry), self.index, head.size, head.root) {
            return Err("its hashes do not lead to the root of the head".into());
        }
        Ok((entry, head))
    }
}

impl Consistency {
    fn read<'a>(first: &str, lines: impl Iterator<Item = &'a str>, head: &str) -> Result<Self, String> {
        let old = first.strip_prefix("old ").and_then(number);
        let old = old.ok_or("its first line is that of no proof")?;
        Ok(Self { old, path: path(lines)?, head: Note::parse(head)? })
    }

    /// Checks everything but signatures: the head goes on from the older one. Gives the newer.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn check(&self, old: &Checkpoint) -> Result<Checkpoint, String> {
        let head = Checkpoint::parse(self.head.text())?;
        if head.log != old.log {
            return Err("the two heads are of different logs".into());
        }
        if old.size != self.old {
            return Err(format!("it goes on from {} entries, the older head has {}", self.old, old.size));
        }
        if goes_on(&self.path, old.size, old.root, head.size, head.root) {
            Ok(head)
        } else {
            Err("the newer head does not go on from the older one".into())
        }
    }
}

impl fmt::Display for Inclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nextra {}\nindex {}", Base64::encode_string(&self.entry), self.index)?;
        write_path(&self.path, f)?;
        write!(f, "\n{}", self.head)
    }
}

impl fmt::Display for Consistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        write_path(&self.path, f)?;
        write!(f, "\n{}", self.head)
    }
}

fn write_path(path: &[Hash], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    path.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash)))
}

fn path<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Hash>, String> {
    let path: Option<Vec<Hash>> = lines.take(MOST_HASHES + 1).map(hash).collect();
    path.filter(|path| path.len() <= MOST_HASHES).ok_or_else(|| "one of its lines is no hash".into())
}

#[cfg(test)]
mod tests {
    use super::super::{
        proof::{consistency, inclusion},
        sample::{log, log_id},
        tree::Frontier,
    };
    use super::*;

    fn leaves(size: usize) -> (Vec<Vec<u8>>, Vec<Hash>) {
        let entries: Vec<_> = log(log_id(1), size as u64).into_iter().map(|entry| entry.bytes).collect();
        let leaves = entries.iter().map(|bytes| Hash::leaf(bytes)).collect();
        (entries, leaves)
    }

    fn head(leaves: &[Hash]) -> Checkpoint {
        let tree: Frontier = leaves.iter().copied().collect();
        Checkpoint { log: log_id(1), size: tree.size(), root: tree.root() }
    }

    fn note(leaves: &[Hash]) -> Note {
        Note::new(head(leaves).text())
    }

    #[test]
    fn every_entry_of_every_small_log_has_a_receipt() {
        for size in 1..20 {
            let (entries, leaves) = leaves(size);
            for (index, entry) in entries.iter().enumerate() {
                let path = inclusion(&leaves, index).unwrap_or_default();
                let entry = entry.clone();
                let proof = Inclusion { entry, index: index as u64, path, head: note(&leaves) };
                // An unsigned head has no empty line of its own: the first one ends the hashes.
                assert_eq!(Proof::parse(&proof.to_string()), Ok(Proof::Inclusion(proof.clone())));
                let seen = proof.check().map(|(entry, head)| (entry.seq, head.size));
                assert_eq!(seen, Ok((index as u64 + 1, size as u64)));
            }
        }
    }

    #[test]
    fn every_small_log_goes_on_from_every_smaller_one() {
        let (_, leaves) = leaves(19);
        for new in 1..=leaves.len() {
            for old in 1..=new {
                let path = consistency(&leaves[..new], old).unwrap_or_default();
                let proof = Consistency { old: old as u64, path, head: note(&leaves[..new]) };
                assert_eq!(Proof::parse(&proof.to_string()), Ok(Proof::Consistency(proof.clone())));
                assert_eq!(proof.check(&head(&leaves[..old])), Ok(head(&leaves[..new])));
                let foreign = Checkpoint { root: Hash::of(b"other"), ..head(&leaves[..old]) };
                assert!(proof.check(&foreign).is_err(), "{old} of {new}");
            }
        }
    }

    /// Whatever single byte is changed, nothing but the same entry in the same log is ever proved.
    #[test]
    fn no_changed_byte_proves_anything_else() {
        let (entries, leaves) = leaves(11);
        let path = inclusion(&leaves, 4).unwrap_or_default();
        let proof = Inclusion { entry: entries[4].clone(), index: 4, path, head: note(&leaves) };
        let (text, sound) = (proof.to_string(), proof.check());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let read = String::from_utf8(bytes).ok().and_then(|text| Proof::parse(&text).ok());
            if let Some(Proof::Inclusion(changed)) = read {
                // One path can fit two sizes with one root; sizes are held by the signature of the head.
                let fact = |(entry, head): (Entry, Checkpoint)| (entry, head.root);
                let seen = changed.check().map(fact);
                assert!(seen.is_err() || seen == sound.clone().map(fact), "byte {at}: {seen:?}");
            }
        }
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        for wrong in [
            "",
            "\n\n",
            "old 3",
            "old x\n\nhead\n",
            "c2sp.org/tlog-proof@v1\n\nhead\n",
            "old 3\nnope\n\nhead\n",
        ] {
            assert!(Proof::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
