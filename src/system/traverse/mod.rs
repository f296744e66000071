//! From the names of one person to every row about them, over all systems.
//!
//! A row is reached by a name that stands in it, or through a reference from a row that is the person's own.
//! Two things are never followed: what only somebody else's row knows, and what several people share. A row that
//! could be another person's is left out and counted; nothing here decides between two people.
//!
//! | file | what |
//! |---|---|
//! | `graph` | collections and the references between them, each in the direction in which values go |
//! | `ask` | one question to every system at once |
//! | `walk` | one person's way: what is asked next, and which rows are theirs |
//! | `together` | the rounds, with several people's questions asked as one, until nothing new is reached |
//! | `askers` | whose question a row answers, and which values no engine could take for one another |
//! | `hanging` | what hangs on a row of several people, as a night looks at it |
//! | `holders` | who has a value at the near end of a reference |
//! | `named` | every row with a name in it, whoever it is about |
//! | `owners` | up from a row to the names of whoever it is about |
//! | `reading` | how much of each collection is read |
//! | `referred` | which rows refer to one, so that its database does not let it go before them |
//! | `shared` | which rows are somebody else's as well |
//! | `behind` | who stands behind a row of somebody else: whoever has left is nobody |
//! | `single` | whether a key leads to one row |

#[cfg(test)]
mod alike;
mod ask;
mod askers;
mod behind;
#[cfg(test)]
pub(crate) mod cast;
#[cfg(test)]
mod counted;
pub mod graph;
mod hanging;
mod holders;
pub mod named;
pub mod owners;
pub mod reading;
mod referred;
mod shared;
mod single;
#[cfg(test)]
mod tests;
mod together;
mod walk;

pub use ask::unreachable_system;
pub use behind::{Sight, Trace};
pub use referred::{Referred, Tie, refer};
pub use single::{Stands, single, stands};
pub use together::{walk_all, walk_within};
pub use walk::Place;

use super::{
    engine::{Engine, Row},
    map::{Map, Ownership},
};
use crate::domain::{Identifier, Result};

/// A connected system with its map.
pub struct Connected {
    /// Its name in `dsr.yaml`.
    pub name: String,
    /// What lies where in it.
    pub map: Map,
    /// The connection.
    pub engine: Box<dyn Engine>,
}

/// To whom `dsr`'s own store says that an identifier belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// To nobody it knows.
    Nobody,
    /// To the person, and to nobody else.
    Theirs,
    /// To somebody else, alone or too.
    Another,
}

/// Asks the own store whose an identifier is.
pub type Ask<'a> = dyn FnMut(&Identifier) -> Result<Whose> + 'a;

/// One row about the person.
#[derive(Clone)]
pub struct Found {
    /// The collection, by its place in the graph.
    pub node: usize,
    /// Its key, by value. Personal data.
    pub key: Vec<String>,
    /// The columns of the node, in its order. Personal data.
    pub cells: Row,
    /// Whether the row is the person's, or they only appear in it.
    pub ownership: Ownership,
    /// The references it was reached through, by their places in the graph.
    pub via: Vec<usize>,
    /// A name of the person stands in the row itself.
    pub named: bool,
    /// Somebody else owns it or appears in it: nothing may change that their copy shows.
    pub shared: bool,
    /// Somebody else owns it too: what hangs on it is not followed.
    pub joint: bool,
    /// Rows of the others by which it is shared, or by which the row is that it hangs on. Personal data.
    pub others: Vec<(usize, Vec<String>)>,
    /// One of the others is found by a number.
    pub in_sight: bool,
    /// The references at whose near end nobody stands any more, by their places in the graph.
    pub void: Vec<usize>,
    /// The person only appears in it, and whoever owned it has left: it goes with whoever appears in it last.
    pub orphan: bool,
    /// Nothing leads to it but a row of several: only a night looks at it.
    pub hung: bool,
    /// Nothing leads to it but a row that several have, or had: whose doing it tells of nobody can say.
    pub of_several: bool,
    /// Rows that refer to it by a foreign key; asked where something may be destroyed.
    pub referred: Referred,
}

/// Why rows were left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The number of another person stands in them.
    Another,
    /// They were reached by a number that several people use.
    Ambiguous,
    /// Only a number that searches ties them, and they could name somebody and do not.
    Unnamed,
    /// Their database holds a value in them for equal to one of the person's, and it is written otherwise.
    Unlike,
    /// Their key is empty: they cannot be meant one by one.
    Keyless,
}

impl Why {
    /// In words, for a plan.
    pub fn says(self) -> &'static str {
        match self {
            Self::Another => "carry another person's number",
            Self::Ambiguous => "are tied by a phone, an e-mail or a VIN that several people have",
            Self::Unnamed => {
                "are tied by a phone, an e-mail, a VIN or another row of their table alone and name nobody"
            }
            Self::Unlike => "are tied by a value that is written otherwise there",
            Self::Keyless => "have no key",
        }
    }
}

/// Rows that could be another person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The system.
    pub system: String,
    /// The collection.
    pub collection: String,
    /// Why.
    pub why: Why,
    /// How many.
    pub count: usize,
}

impl LeftOut {
    /// As a plan and the officer's task say it.
    pub fn says(&self) -> String {
        let (rows, why) = (if self.count == 1 { "row" } else { "rows" }, self.why.says());
        format!("{}: {} {rows} of {} {why}: assign by hand", self.system, self.count, self.collection)
    }
}

/// A number that names somebody else, in a row that is the person's by another.
#[derive(Clone)]
pub struct Other {
    /// The number. Personal data.
    pub name: Identifier,
    /// A number that names the person stands beside it in the row.
    pub sure: bool,
}

/// Everything that was reached.
#[derive(Clone, Default)]
pub struct Reached {
    /// The rows, by collection and key.
    pub rows: Vec<Found>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// The names the person goes by: those sought, and those that their own rows gave.
    pub names: Vec<Identifier>,
    /// Numbers of somebody else that stand in rows tied to the person by more than a number that searches.
    pub others: Vec<Other>,
}
