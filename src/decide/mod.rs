//! One file a right or duty: (facts, policy, now) → a plan with reasons.
//!
//! Pure: the same facts give the same verdict. No clock, no store, no printing.

pub mod access;
mod consents;
pub mod deadline;
mod ends;
pub mod prove;
pub mod retention;
