//! What the own store keeps of other systems: the steps to do there, the rows that a law keeps there, and
//! which database each system was.
//!
//! Exact keys are personal data: they lie here only between intent and outcome.

mod archive;
mod enrol;
mod former;
mod identity;
mod night;
mod step;
#[cfg(test)]
mod tests;

pub use archive::{ArchiveMark, archive_mark};
pub use former::{Former, FormerMark, former_mark, former_value};
pub use night::{NightDone, NightPage};
pub use step::{NewRemoteStep, RemoteCase, RemoteStep};
