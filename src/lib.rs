//! `dsr` carries out data-subject requests on whatever databases the data is in.
//!
//! Each module uses only what stands right of it:
//!
//! ```text
//! command → execute, render → system → store → decide → policy, calendar, audit → domain
//! ```

pub mod audit;
pub mod calendar;
pub mod command;
pub mod decide;
pub mod domain;
pub mod execute;
pub mod policy;
pub mod render;
pub mod store;
pub mod system;
