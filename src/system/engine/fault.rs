//! What an engine says when something fails, without the values that engines like to quote.

use crate::domain::{Error, Kind};

/// What happened, as far as every engine can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The connection was not made, or broke.
    Connection,
    /// User, password or certificate.
    Login,
    /// A right on the table is missing.
    Right,
    /// No such table or column: the map does not fit.
    Absent,
    /// Rows elsewhere refer to the row.
    Referred,
    /// The column is tied to another table, on either end.
    Tied,
    /// A value that has to be single, present or within a rule is not.
    Constraint,
    /// The value does not fit the column's type or length.
    Value,
    /// It took too long.
    Time,
    /// Another transaction was in the way; trying again helps.
    Conflict,
    /// Anything else.
    Other,
}

impl Cause {
    /// Whether what was sent is refused for what it is: the same is refused again.
    fn lasts(self) -> bool {
        matches!(self, Self::Value | Self::Constraint | Self::Tied | Self::Referred)
    }

    /// The same of a change of columns: there a row that refers says nothing about rows that go.
    pub fn of_change(self) -> Self {
        if self == Self::Referred { Self::Tied } else { self }
    }
}

/// An error about a system. `about` is a table, `code` the engine's own code for it; neither is a value.
pub fn fault(system: &str, about: &str, cause: Cause, code: &str) -> Error {
    let (kind, what, hint) = words(cause);
    // Whole sentences: other languages know them by their form.
    let message = match (about, code) {
        ("", "") => format!("system `{system}`: {what}"),
        ("", _) => format!("system `{system}`: {what} ({code})"),
        (_, "") => format!("system `{system}`: `{about}`: {what}"),
        _ => format!("system `{system}`: `{about}`: {what} ({code})"),
    };
    let error = Error::new(kind, message).hint(hint);
    if cause.lasts() { error.lasting(what) } else { error }
}

fn words(cause: Cause) -> (Kind, &'static str, &'static str) {
    match cause {
        Cause::Connection => (
            Kind::Failed,
            "it cannot be reached",
            "see that it runs and that its URL is right; nothing is done on a guess",
        ),
        Cause::Login => (
            Kind::Failed,
            "it does not let this user in",
            "see user, password and certificate in its URL; `dsr map grants` prints what the user needs",
        ),
        Cause::Right => {
            (Kind::Failed, "a right is missing", "`dsr map grants` prints the statements that give it")
        }
        Cause::Absent => (
            Kind::Config,
            "there is no such table or column",
            "the map does not fit the database: `dsr map check` shows where",
        ),
        Cause::Referred => (
            Kind::Failed,
            "other rows refer to what should go",
            "map what refers to it, name the order with `erase_after`, then exercise the right again",
        ),
        Cause::Tied => (
            Kind::Failed,
            "a foreign key ties the column to another table",
            "say `preserve` of the column in the map, or delete the row; `dsr map check` names such columns",
        ),
        Cause::Constraint => (
            Kind::Failed,
            "a constraint of the database stands against it",
            "choose another strategy for the column in the map",
        ),
        Cause::Value => {
            (Kind::Failed, "a value does not fit the column", "`dsr map check` compares types and lengths")
        }
        Cause::Time => (
            Kind::Failed,
            "it took too long",
            "raise `timeout:` of the system in dsr.yaml, or give the column an index",
        ),
        Cause::Conflict => (Kind::Busy, "another transaction was in the way", "try again"),
        Cause::Other => (Kind::Failed, "the database refused", "its own log says more"),
    }
}
