//! The parts of an answer as a person reads it, before any format is chosen.

/// One part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A title line.
    Heading(String),
    /// Free text, one line.
    Line(String),
    /// A line that must not be overlooked.
    Warning(String),
    /// A title of what is already too late.
    Alarm(String),
    /// Pairs of a label and a value.
    Pairs(Vec<(String, String)>),
    /// Rows under columns.
    Table(Sheet),
    /// Commands to type next.
    Next(Vec<String>),
}

/// Rows under columns: what a table shows and a CSV file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sheet {
    /// Column names; in CSV they are the stable English keys.
    pub columns: Vec<String>,
    /// The rows, as wide as the columns.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty sheet with these columns.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// One row more.
    pub fn push<S: Into<String>>(&mut self, row: impl IntoIterator<Item = S>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }
}
