//! Errors of PostgreSQL by their SQLSTATE, never by their text: it quotes values.

use postgres::Error as Native;

use super::super::fault::{Cause, fault};
use crate::domain::Error;

/// What went wrong, in our words.
pub fn of(system: &str, about: &str, native: &Native) -> Error {
    told(system, about, native, |cause| cause)
}

/// The same of a statement that changes columns.
pub fn of_change(system: &str, about: &str, native: &Native) -> Error {
    told(system, about, native, Cause::of_change)
}

fn told(system: &str, about: &str, native: &Native, meant: fn(Cause) -> Cause) -> Error {
    let Some(db) = native.as_db_error() else {
        // Not answered by the server: the line, the handshake, or a value that the driver could not send.
        return fault(system, "", Cause::Connection, "");
    };
    let code = db.code().code();
    let about = db.table().filter(|_| about.is_empty()).unwrap_or(about);
    let named = db.constraint().map_or_else(|| code.to_owned(), |name| format!("{code}, {name}"));
    fault(system, about, meant(cause(code)), &named)
}

fn cause(code: &str) -> Cause {
    match code {
        "40001" | "40P01" | "55P03" => Cause::Conflict,
        "23503" | "23001" => Cause::Referred,
        "42501" => Cause::Right,
        "42P01" | "42703" | "3F000" => Cause::Absent,
        "57014" | "25P03" => Cause::Time,
        "57P01" | "57P02" | "57P03" | "53300" | "3D000" => Cause::Connection,
        _ => match code.get(..2).unwrap_or_default() {
            "08" => Cause::Connection,
            "28" => Cause::Login,
            "22" => Cause::Value,
            "23" => Cause::Constraint,
            _ => Cause::Other,
        },
    }
}
