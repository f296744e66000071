//! Rows in bulk.

pub mod row;
