//! What a database's word for a type comes down to.

use crate::system::map::DataType;

/// A type as far as maps are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// Letters, and whatever is written by them.
    Text,
    /// Whole numbers.
    Integer,
    /// Other numbers.
    Float,
    /// Truth.
    Boolean,
    /// JSON.
    Object,
    /// A date, a time, an instant.
    Time,
    /// Numbers, bytes and forms of the database's own.
    Other,
}

/// From the word in the catalogue.
pub fn live(word: &str) -> Live {
    let word = word.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    match word.as_str() {
        _ if word.ends_with("[]") => Live::Other,
        "" => Live::Text,
        "tinyint(1)" | "boolean" | "bool" => Live::Boolean,
        _ if has(&["json"]) => Live::Object,
        _ if has(&["interval", "point", "bytea", "blob", "binary", "uuid", "bit", "range"]) => Live::Other,
        _ if has(&["date", "time", "year"]) => Live::Time,
        _ if has(&["char", "text", "clob", "enum", "set("]) => Live::Text,
        _ if has(&["int", "serial"]) => Live::Integer,
        _ if has(&["numeric", "decimal", "real", "double", "float", "money"]) => Live::Float,
        _ => Live::Other,
    }
}

impl Live {
    /// Whether a map may call it so.
    pub fn is(self, said: DataType) -> bool {
        match (self, said) {
            (Self::Text | Self::Time, DataType::Text) => true,
            (Self::Integer, DataType::Integer | DataType::Float | DataType::Boolean) => true,
            (Self::Float, DataType::Float | DataType::Integer) => true,
            (Self::Boolean, DataType::Boolean | DataType::Integer) => true,
            (Self::Object, DataType::Object) => true,
            // A text column may hold JSON, and forms of the database's own are anything.
            (Self::Text, DataType::Object) | (Self::Other, _) => true,
            _ => false,
        }
    }

    /// What a strategy has to fit, in the map's words.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Text,
            Self::Integer => DataType::Integer,
            Self::Float => DataType::Float,
            Self::Boolean => DataType::Boolean,
            Self::Object | Self::Time | Self::Other => DataType::Object,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_four_databases() {
        for (word, expected) in [
            ("character varying", Live::Text),
            ("varchar(40)", Live::Text),
            ("enum('a','b')", Live::Text),
            ("", Live::Text),
            ("bigint unsigned", Live::Integer),
            ("INTEGER", Live::Integer),
            ("tinyint(1)", Live::Boolean),
            ("boolean", Live::Boolean),
            ("numeric", Live::Float),
            ("double precision", Live::Float),
            ("timestamp with time zone", Live::Time),
            ("date", Live::Time),
            ("jsonb", Live::Object),
            ("text[]", Live::Other),
            ("uuid", Live::Other),
            ("interval", Live::Other),
            ("point", Live::Other),
        ] {
            assert_eq!(live(word), expected, "{word}");
        }
    }
}
