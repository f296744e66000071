//! The other databases where personal data lies. `dsr`'s own is [`crate::store`].
//!
//! A system is described by a [`map::Map`] and reached through an [`engine::Engine`]; what knows the one does
//! not know the kinds of the other.

pub mod check;
pub mod engine;
pub mod grants;
pub mod learn;
pub mod map;
pub mod open;
pub mod project;
pub mod scan;
pub mod set;
pub mod traverse;
