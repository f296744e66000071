//! The bytes of what was destroyed.
//!
//! ```text
//! effects ─ Needles ─► open_destruction (pending) ─ commit ─► sanitise ─► destroyed
//!                                                     VACUUM → zero → structural proof → byte scan → close
//! ```
//!
//! *Deleted* is not *destroyed*: a freed cell, a page that was split, a journal still hold the bytes. Two
//! proofs say that they are gone, and neither trusts the other: [`structure`] knows the file format and no
//! values, the byte scan knows the values and no format; only whether neighbours in a cell made a window by chance it
//! asks the first. `docs/destruction.md` says what neither reaches.

mod act;
mod cells;
mod needles;
mod pages;
mod report;
mod sanitise;
mod scan;
mod sound;
pub mod structure;
mod windows;

#[cfg(test)]
mod tests;

pub use act::{Destruction, KeptLine, LEVEL, METHOD, NewDestruction};
pub use needles::{Needles, SHORTEST};
pub use report::ScanReport;
pub use sanitise::Sanitised;
pub use windows::{FORMS, WINDOW};
