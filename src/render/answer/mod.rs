//! One file an answer: its JSON promise, its page, its rows.

pub mod act;
pub mod awaited;
pub mod case;
pub mod compliance;
pub mod deadline;
pub mod duty;
pub mod elsewhere;
mod event;
pub mod holdings;
pub mod import;
pub mod parcel;
pub mod plan;
pub mod purge;
pub mod scrub;
pub mod status;
