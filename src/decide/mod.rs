//! One file a right or duty: (facts, policy, now) → a plan with reasons.
//!
//! Pure: the same facts give the same verdict. No clock, no store, no printing.

pub mod access;
pub mod answering;
pub mod ask;
pub mod authority;
pub mod by_hand;
pub mod by_place;
#[cfg(test)]
mod cast;
pub mod complaints;
pub mod compliance;
pub mod consents;
pub mod corrections;
pub mod deadline;
pub mod digest;
mod draft;
mod effects;
mod ends;
pub mod erase;
pub mod fee;
pub mod forecast;
mod ground;
pub mod grounds;
mod guard;
pub mod hand_over;
pub mod identity;
#[cfg(test)]
mod invariants;
pub mod journal;
mod layer;
pub mod letters;
pub mod lift;
pub mod names;
pub mod nightly;
pub mod object;
pub mod prove;
pub mod purposes;
pub mod reasons;
mod recipients;
pub mod recognised;
pub mod rectify;
pub mod restrict;
pub mod retention;
#[cfg(test)]
mod retention_laws;
pub mod revoke;
pub mod second;
pub mod sieve;
#[cfg(test)]
pub(crate) mod sieve_laws;
pub mod since;
mod stay;
#[cfg(test)]
mod stories;
pub mod story;
pub mod timeline;
pub mod why;
