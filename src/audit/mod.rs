//! The log that nobody can edit unseen: typed entries, canonical bytes, an RFC 6962 tree over them.
//!
//! An entry has no free text and no value of a person: a subject is a random number, a file is its
//! digest, everything else is a word of the program or of a policy. Numbers of entries count from 1;
//! the head of size `n` is the root over entries 1 to `n`. Absent on purpose: where the bytes are kept
//! (the store) and where keys lie.
//!
//! A head can leave the machine as a signed note ([`checkpoint`], [`note`]), and one entry with its proof as a
//! file that is checked without the store ([`receipt`]).

mod canonical;
pub mod checkpoint;
pub mod destroyed;
pub mod entry;
pub mod hash;
pub mod judge;
pub mod log;
pub mod note;
pub mod proof;
mod quick;
pub mod receipt;
pub mod tree;
pub mod verify;
pub mod word;

pub use checkpoint::Checkpoint;
pub use destroyed::Destroyed;
pub use entry::{Act, Entry, Files, Malformed};
pub use hash::Hash;
pub use judge::{Claim, Gap, Judged, Kept, judge};
pub use log::{Appended, Log};
pub use note::{Note, PrivateKey, PublicKey, Signed};
pub use receipt::{Consistency, Inclusion, Proof};
pub use tree::Frontier;
pub use verify::{Depth, Fault, Seen, Verdict, Verifier, What, verify, watch};
pub use word::{Actor, Clock, State, Word};

#[cfg(test)]
mod sample;
