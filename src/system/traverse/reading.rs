//! How much of each collection is read of whoever is walked.

use crate::system::engine::Age;

/// How much of one collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// All rows of theirs.
    #[default]
    Whole,
    /// Rows of these ages; an engine may give others too.
    Of(Vec<Age>),
    /// No row.
    Nothing,
}

/// How much of each, by its place in the graph; where nothing is said, all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings(Vec<Reading>);

impl Readings {
    /// One a collection, in the order of the graph.
    pub fn new(each: Vec<Reading>) -> Self {
        Self(each)
    }

    /// Of a collection.
    pub fn of(&self, node: usize) -> &Reading {
        self.0.get(node).unwrap_or(&Reading::Whole)
    }

    /// Whether all rows of a collection are read.
    pub fn is_whole(&self, node: usize) -> bool {
        *self.of(node) == Reading::Whole
    }
}
