//! The log that nobody can edit unseen: typed entries, canonical bytes, an RFC 6962 tree over them.
//!
//! An entry has no free text and no value of a person: a subject is a random number, a file is its
//! digest, everything else is a word of the program or of a policy. Numbers of entries count from 1;
//! the head of size `n` is the root over entries 1 to `n`. Absent on purpose: where the bytes are kept
//! (the store), and signatures over heads.

mod canonical;
pub mod destroyed;
pub mod entry;
pub mod hash;
pub mod log;
pub mod proof;
mod quick;
pub mod tree;
pub mod verify;
pub mod word;

pub use destroyed::Destroyed;
pub use entry::{Act, Entry, Files, Malformed};
pub use hash::Hash;
pub use log::{Appended, Log};
pub use tree::Frontier;
pub use verify::{Depth, Fault, Verdict, Verifier, What, verify};
pub use word::{Actor, Clock, State, Word};

#[cfg(test)]
mod sample;
