//! The columns of one table: how each is read as text, and how text becomes a value of it.
//!
//! MySQL compares anything with anything: a number column equals the text `abc` where it holds 0. So values that no
//! row can hold are left out before they are sent, and numbers are sent as numbers.

use std::collections::BTreeMap;

use mysql::Value;

use super::super::{
    Cell,
    server::{self, Columns},
};
use crate::domain::Moment;

/// One table.
pub struct Shape {
    /// Its name, quoted.
    pub table: String,
    columns: BTreeMap<String, Class>,
}

/// What a column's type asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Letters of some character set, enumerations too.
    Text,
    /// Whole numbers and years.
    Whole,
    /// Truth, which is a number here: `tinyint(1)`.
    Truth,
    /// Exact numbers.
    Number,
    /// Dates and local times.
    Local,
    /// An instant: `TIMESTAMP`.
    Instant,
    /// Bytes; read and written as `0x…`.
    Bytes,
    /// JSON of MySQL; MariaDB has it as text.
    Json,
    /// Anything else, compared as text.
    Other,
}

impl Class {
    /// By the short name of the type, and its full one.
    pub fn of(kind: &str, full: &str) -> Self {
        match kind {
            _ if full == "tinyint(1)" => Self::Truth,
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" => {
                Self::Text
            }
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => Self::Whole,
            "decimal" => Self::Number,
            "date" | "datetime" => Self::Local,
            "timestamp" => Self::Instant,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Self::Bytes,
            "json" => Self::Json,
            _ => Self::Other,
        }
    }

    /// A value of the column, if the text can be one.
    pub fn value(self, text: &str) -> Option<Value> {
        let bytes = |text: &str| Some(Value::Bytes(text.as_bytes().to_vec()));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Self::Whole => {
                let signed = text.parse().ok().map(Value::Int);
                signed.or_else(|| text.parse().ok().map(Value::UInt))
            }
            Self::Truth => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "t" => Some(Value::Int(1)),
                "false" | "f" => Some(Value::Int(0)),
                _ => Self::Whole.value(text),
            },
            Self::Number => {
                let bare = text.strip_prefix('-').unwrap_or(text);
                let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
                (digits(whole) && digits(part) && text.len() < 67)
                    .then(|| Value::Bytes(text.as_bytes().to_vec()))
            }
            Self::Local => (digits(text.get(..4)?) && text.get(4..5) == Some("-")).then(|| bytes(text))?,
            // What has no offset is local time, whatever the session's is.
            Self::Instant if text.ends_with('Z') => bytes(&text.replacen('T', " ", 1).replace('Z', "")),
            Self::Instant => bytes(&Moment::parse(text).ok()?.utc().replace('T', " ").replace('Z', "")),
            Self::Bytes => unhex(text.strip_prefix("0x")?).map(Value::Bytes),
            Self::Text | Self::Json | Self::Other => bytes(text),
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
    pub fn new(table: String, columns: BTreeMap<String, Class>) -> Self {
        Self { table, columns }
    }

    /// What a column's type asks for.
    pub fn class(&self, name: &str) -> Class {
        self.columns.get(name).copied().unwrap_or(Class::Other)
    }

    /// The expression that reads a column as text.
    pub fn read(&self, name: &str) -> String {
        match self.class(name) {
            Class::Bytes => format!("CONCAT('0x', HEX({}))", quote(name)),
            Class::Text => quote(name),
            _ => format!("CAST({} AS CHAR)", quote(name)),
        }
    }

    /// The expression that a value is compared with.
    pub fn compared(&self, name: &str) -> String {
        match self.class(name) {
            Class::Json | Class::Other => self.read(name),
            _ => quote(name),
        }
    }

    /// An instant is given back with its offset.
    pub fn tidy(&self, name: &str, text: String) -> String {
        if self.class(name) == Class::Instant { format!("{}Z", text.replacen(' ', "T", 1)) } else { text }
    }

    /// A cut-off, as the column's type understands it.
    pub fn instant(&self, name: &str, text: &str) -> Value {
        let utc = || Moment::parse(text).ok().map(|moment| moment.utc().replace('T', " ").replace('Z', ""));
        let zoned = self.class(name) == Class::Instant;
        let text = zoned.then(utc).flatten().unwrap_or_else(|| text.to_owned());
        Value::Bytes(text.into_bytes())
    }

    /// The assignment of a parameter to a column, and that parameter.
    pub fn set(&self, name: &str, cell: &Cell) -> (String, Value) {
        let bytes = |text: &String| Value::Bytes(text.as_bytes().to_vec());
        let value = match &cell.0 {
            None => Value::NULL,
            Some(text) => self.class(name).value(text).unwrap_or_else(|| bytes(text)),
        };
        (format!("{} = ?", quote(name)), value)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// A name, quoted.
pub fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``").replace('\0', ""))
}

/// A table's name with its database, quoted.
pub fn quote_table(name: &str) -> String {
    server::quote_table(name, quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_a_column_can_hold_are_sent() {
        for (kind, text, sent) in [
            ("int", "12", true),
            ("int", "true", false),
            ("tinyint(1)", "true", true),
            ("tinyint(1)", "2", true),
            ("tinyint(1)", "maybe", false),
            ("int", "abc", false),
            ("bigint", "18446744073709551615", true),
            ("decimal", "-1.50", true),
            ("decimal", "1e5", false),
            ("datetime", "2026-11-22 10:00:00", true),
            ("datetime", "soon", false),
            ("timestamp", "2026-11-22T05:00:00Z", true),
            ("timestamp", "2026-11-22 05:00:00", true),
            ("timestamp", "soon", false),
            ("varbinary", "0xC0FFEE", true),
            ("varbinary", "C0FFEE", false),
            ("varchar", "anything", true),
        ] {
            let short = kind.split('(').next().unwrap_or_default();
            assert_eq!(Class::of(short, kind).value(text).is_some(), sent, "{kind} {text}");
        }
        for (text, number) in [("true", 1), ("F", 0), ("1", 1), ("0", 0)] {
            assert_eq!(Class::Truth.value(text), Some(Value::Int(number)), "{text}");
        }
    }

    #[test]
    fn names_are_quoted_whatever_they_hold() {
        assert_eq!(quote_table("site.a`; DROP TABLE x"), "`site`.`a``; DROP TABLE x`");
    }
}
