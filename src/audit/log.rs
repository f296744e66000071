//! The end of a log, where acts become entries.

use super::{Act, Entry, Frontier, Hash};
use crate::domain::LogId;

/// A log as far as appending needs it. The store keeps the [`Frontier`] and the root beside the entries.
#[derive(Clone, Debug)]
pub struct Log {
    id: LogId,
    frontier: Frontier,
    root: Hash,
}

/// An entry that was appended: all that the store has to write, in one transaction with the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its number, which is also the size of the head.
    pub seq: u64,
    /// The bytes to keep.
    pub bytes: Vec<u8>,
    /// The root over all entries, this one included.
    pub root: Hash,
}

impl Log {
    /// A log with no entries.
    pub fn new(id: LogId) -> Self {
        Self::resume(id, Frontier::new())
    }

    /// Goes on where a stored log ends.
    pub fn resume(id: LogId, frontier: Frontier) -> Self {
        let root = frontier.root();
        Self { id, frontier, root }
    }

    /// Gives an act its place.
    pub fn append(&mut self, act: Act) -> Appended {
        let seq = self.frontier.size() + 1;
        let bytes = Entry { log: self.id, seq, prev: self.root, act }.bytes();
        self.frontier.append(Hash::leaf(&bytes));
        self.root = self.frontier.root();
        Appended { seq, bytes, root: self.root }
    }

    /// The log's name.
    pub fn id(&self) -> LogId {
        self.id
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// What the store keeps for [`Self::resume`].
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{act, log_id, naive_root};
    use super::*;

    #[test]
    fn entries_chain_from_the_empty_root() {
        let (mut log, mut leaves) = (Log::new(log_id(1)), Vec::new());
        for n in 0..70 {
            let before = log.root();
            let appended = log.append(act(n));
            let entry = Entry::parse(&appended.bytes).map(|entry| (entry.log, entry.seq, entry.prev));
            assert_eq!((before, entry), (naive_root(&leaves), Ok((log_id(1), n + 1, before))), "{n}");
            leaves.push(Hash::leaf(&appended.bytes));
            assert_eq!((appended.seq, appended.root), (n + 1, naive_root(&leaves)), "{n}");
        }
    }

    #[test]
    fn a_log_resumed_goes_on_the_same() {
        let mut one = Log::new(log_id(1));
        let mut other = Log::new(log_id(1));
        for n in 0..40 {
            other = Frontier::from_pairs(other.frontier().pairs())
                .map_or_else(|| panic!("a stored frontier"), |frontier| Log::resume(log_id(1), frontier));
            assert_eq!(one.append(act(n)), other.append(act(n)), "{n}");
        }
    }
}
