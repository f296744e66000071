//! A line of what a night did, as it is told.

use chrono::NaiveDate;

use crate::domain::{Action, Category, Reason};

/// Records of one system that share a fate and a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightLine {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// The category.
    pub category: Category,
    /// Destroyed or archived.
    pub action: Action,
    /// Why.
    pub why: Reason,
    /// The last day of an archive.
    pub until: Option<NaiveDate>,
    /// Records.
    pub count: u64,
}
