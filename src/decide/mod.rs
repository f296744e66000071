//! One file a right or duty: (facts, policy, now) → a plan with reasons.
//!
//! Pure: the same facts give the same verdict. No clock, no store, no printing.

pub mod access;
pub mod deadline;
pub mod retention;
