//! Decisions: facts, policy and a day in, verdicts and plans out. No clock, no I/O, no SQL.

mod consents;
mod ends;
pub mod prove;
pub mod retention;
#[cfg(test)]
mod retention_laws;
