//! The columns of one table: how each is read as text, and how text is compared with it.
//!
//! A comparison casts the values, never the column, so that an index is used; values that no row can hold are left
//! out before they are sent, since one of them would fail the whole statement.

use std::collections::BTreeMap;

use super::super::server::{self, Columns};
use crate::domain::Moment;

/// One table.
pub struct Shape {
    /// Its name, quoted.
    pub table: String,
    columns: BTreeMap<String, Kind>,
}

/// One column's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As a cast writes it, without a length: an explicit one would cut silently.
    pub cast: String,
    class: Class,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Text,
    Whole,
    Number,
    Uuid,
    Instant,
    /// Dates and local times.
    Local,
    Json,
    Other,
}

impl Kind {
    /// From the catalogue: short name and full name.
    pub fn new(short: &str, full: &str) -> Self {
        let class = match short {
            "text" | "varchar" | "bpchar" | "citext" | "name" => Class::Text,
            "int2" | "int4" | "int8" => Class::Whole,
            "numeric" => Class::Number,
            "uuid" => Class::Uuid,
            "timestamptz" => Class::Instant,
            "timestamp" | "date" => Class::Local,
            "json" | "jsonb" => Class::Json,
            _ => Class::Other,
        };
        Self { cast: full.to_owned(), class }
    }

    /// Whether some row could hold the value.
    fn may_be(&self, value: &str) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self.class {
            _ if value.contains('\0') => false,
            Class::Whole => value.parse::<i64>().is_ok(),
            Class::Number => {
                let bare = value.strip_prefix('-').unwrap_or(value);
                let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
                value.len() < 100 && digits(whole) && digits(part)
            }
            Class::Uuid => {
                let hex = |b: u8| b.is_ascii_hexdigit() || b == b'-';
                value.len() == 36
                    && value.bytes().all(hex)
                    && value.bytes().filter(|b| *b == b'-').count() == 4
            }
            Class::Instant => value.ends_with('Z') && Moment::parse(value).is_ok(),
            Class::Text | Class::Local | Class::Json | Class::Other => true,
        }
    }
}

impl Columns for Shape {
    fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }
}

impl Shape {
    /// A table with its columns.
    pub fn new(table: String, columns: BTreeMap<String, Kind>) -> Self {
        Self { table, columns }
    }

    /// The type of a column; `None`: the table has no such column.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.columns.get(name)
    }

    /// The expression that reads a column as text.
    pub fn read(&self, name: &str) -> String {
        format!("{}::text", quote(name))
    }

    /// An instant in UTC is given back with its offset in the form that the rest of the program reads.
    pub fn tidy(&self, name: &str, text: String) -> String {
        if self.kind(name).is_none_or(|kind| kind.class != Class::Instant) {
            return text;
        }
        match text.strip_suffix("+00") {
            Some(bare) => format!("{}Z", bare.replacen(' ', "T", 1)),
            None => text,
        }
    }

    /// The condition that a column has one of the values of the `n`th parameter, and those values.
    pub fn one_of(&self, name: &str, values: &[String], n: usize) -> (String, Vec<String>) {
        let Some(kind) = self.kind(name) else {
            return (format!("{} = ANY(${n}::text[])", self.read(name)), without_nul(values));
        };
        let values = values.iter().filter(|value| kind.may_be(value)).cloned().collect();
        let condition = match kind.class {
            Class::Whole => format!("{} = ANY(${n}::text[]::bigint[])", quote(name)),
            Class::Text | Class::Number | Class::Uuid | Class::Instant => {
                format!("{} = ANY(${n}::text[]::{}[])", quote(name), kind.cast)
            }
            Class::Local | Class::Json | Class::Other => {
                format!("{} = ANY(${n}::text[])", self.read(name))
            }
        };
        (condition, values)
    }

    /// The condition that a column is before a time, which is the first of the `n`th parameter, and that parameter.
    /// What is neither time nor text is for the caller to read, a number of seconds say: all of its rows are given.
    pub fn before(&self, name: &str, time: &str, n: usize) -> (String, Option<String>) {
        let (column, value) = (quote(name), format!("(${n}::text[])[1]"));
        let class = self.kind(name).map_or(Class::Other, |kind| kind.class);
        let condition = match class {
            Class::Instant => format!("{column} < {value}::timestamptz"),
            Class::Local => format!("{column} < {value}::timestamp"),
            Class::Text => format!(
                "{column}::text COLLATE \"C\" < {value} OR {column}::text !~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'"
            ),
            _ => return (format!("{column} IS NOT NULL"), None),
        };
        (condition, Some(self.instant(name, time)))
    }

    /// A time as the column's type understands it: what has no offset is local time, whatever the session's is.
    pub fn instant(&self, name: &str, text: &str) -> String {
        let zoned = self.kind(name).is_some_and(|kind| kind.class == Class::Instant);
        match Moment::parse(text) {
            Ok(moment) if zoned => moment.utc(),
            _ => text.to_owned(),
        }
    }

    /// The assignment of a text expression to a column.
    pub fn set(&self, name: &str, value: &str) -> String {
        match self.kind(name) {
            Some(kind) => format!("{} = {value}::{}", quote(name), kind.cast),
            None => format!("{} = {value}", quote(name)),
        }
    }
}

fn without_nul(values: &[String]) -> Vec<String> {
    values.iter().filter(|value| !value.contains('\0')).cloned().collect()
}

/// A name, quoted; a NUL cannot be in one.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

/// A table's name with its schema, quoted.
pub fn quote_table(name: &str) -> String {
    server::quote_table(name, quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_a_column_can_hold_are_sent() {
        for (short, value, sent) in [
            ("int4", "12", true),
            ("int4", "MC-0010", false),
            ("int8", "99999999999999999999", false),
            ("numeric", "-1.50", true),
            ("numeric", "1e5", false),
            ("uuid", "6f1c2d3e-0000-4000-8000-000000000001", true),
            ("uuid", "6f1c2d3e", false),
            ("timestamptz", "2026-11-22T05:00:00.25Z", true),
            ("timestamptz", "yesterday", false),
            ("text", "any ' \" thing", true),
            ("text", "nul\0", false),
            ("bytea", "\\x00", true),
        ] {
            assert_eq!(Kind::new(short, short).may_be(value), sent, "{short} {value}");
        }
    }

    #[test]
    fn names_are_quoted_whatever_they_hold() {
        assert_eq!(quote_table("sales.a\"; DROP TABLE x"), "\"sales\".\"a\"\"; DROP TABLE x\"");
    }

    #[test]
    fn an_instant_has_its_offset() {
        let columns = [("at".to_owned(), Kind::new("timestamptz", "timestamp with time zone"))].into();
        let shape = Shape::new(quote("t"), columns);
        assert_eq!(shape.tidy("at", "2026-11-22 05:00:00+00".into()), "2026-11-22T05:00:00Z");
        assert_eq!(shape.tidy("at", "infinity".into()), "infinity");
        let (_, sent) = shape.before("at", "2026-11-22 10:00:00", 1);
        assert_eq!(sent.as_deref(), Some("2026-11-22T05:00:00Z"));
    }
}
