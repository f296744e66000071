//! Errors of MySQL and MariaDB by their number, never by their text: it quotes values.

use mysql::Error as Native;

use super::super::{
    fault::{Cause, fault},
    tls,
};
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
    match native {
        Native::MySqlError(told) => fault(system, about, meant(cause(told.code)), &told.code.to_string()),
        Native::CodecError(error) if tls::is_fault(error) => {
            fault(system, "", Cause::Login, "certificate not accepted")
        }
        Native::TlsError(_) => fault(system, "", Cause::Login, "certificate not accepted"),
        Native::FromValueError(_) | Native::FromRowError(_) => fault(system, about, Cause::Value, ""),
        _ => fault(system, "", Cause::Connection, ""),
    }
}

fn cause(code: u16) -> Cause {
    match code {
        1205 | 1213 | 1020 => Cause::Conflict,
        1451 | 1217 => Cause::Referred,
        1452 | 1216 => Cause::Tied,
        1062 | 1048 | 1364 | 3819 | 4025 => Cause::Constraint,
        1142 | 1143 | 1227 | 1370 => Cause::Right,
        1044 | 1045 | 1698 | 1251 => Cause::Login,
        1146 | 1054 | 1051 | 1109 => Cause::Absent,
        1969 | 3024 | 1317 => Cause::Time,
        1264 | 1265 | 1292 | 1366 | 1406 => Cause::Value,
        1040 | 1049 | 1053 | 1077 | 1158..=1161 | 1927 => Cause::Connection,
        _ => Cause::Other,
    }
}
