//! What a database's word for a type comes down to.

use crate::system::map::DataType;

/// A type as far as maps are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// Letters, and whatever is written by them.
    Text,
    /// One of a list of words, or several of them: `enum('a','b')`, `set('a','b')`.
    Choice,
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
        _ if word.starts_with("enum(") || word.starts_with("set(") => Live::Choice,
        "tinyint(1)" | "boolean" | "bool" => Live::Boolean,
        _ if has(&["json"]) => Live::Object,
        _ if has(&["interval", "point", "bytea", "blob", "binary", "uuid", "bit", "range"]) => Live::Other,
        _ if has(&["date", "time", "year"]) => Live::Time,
        _ if has(&["char", "text", "clob"]) => Live::Text,
        _ if has(&["int", "serial"]) => Live::Integer,
        _ if has(&["numeric", "decimal", "real", "double", "float", "money"]) => Live::Float,
        _ => Live::Other,
    }
}

impl Live {
    /// Whether a map may call it so.
    pub fn is(self, said: DataType) -> bool {
        match (self, said) {
            (Self::Text | Self::Choice | Self::Time, DataType::Text) => true,
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
            Self::Text | Self::Choice => DataType::Text,
            Self::Integer => DataType::Integer,
            Self::Float => DataType::Float,
            Self::Boolean => DataType::Boolean,
            Self::Object | Self::Time | Self::Other => DataType::Object,
        }
    }
}

/// Whether a text is what a list of words allows, written as the database gives it back: one word of an `enum`, any of a
/// `set` in their order.
pub fn is_chosen(word: &str, text: &str) -> bool {
    let words = words(word);
    if !word.to_lowercase().starts_with("set(") {
        return words.iter().any(|one| one == text);
    }
    let mut rest = words.iter();
    text.is_empty() || text.split(',').all(|part| rest.any(|one| one == part))
}

/// The words of a list: a quote in one is written twice, and a backslash goes before what it means.
fn words(list: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        match (&mut word, c) {
            (None, '\'') => word = Some(String::new()),
            (None, _) => {}
            (Some(open), '\'') if chars.next_if_eq(&'\'').is_some() => open.push('\''),
            (Some(_), '\'') => words.extend(word.take()),
            (Some(open), '\\') => open.extend(chars.next().map(meant)),
            (Some(open), other) => open.push(other),
        }
    }
    words
}

fn meant(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        '0' => '\0',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_its_words() {
        for (kind, text, taken) in [
            ("enum('glad','sad')", "sad", true),
            ("enum('glad','sad')", "Sad", false),
            ("enum('glad','sad')", "1", false),
            ("enum('glad','sad')", "", false),
            ("enum('','sad')", "", true),
            ("enum('it''s','a,b','c\\\\d')", "it's", true),
            ("enum('it''s','a,b','c\\\\d')", "a,b", true),
            ("enum('it''s','a,b','c\\\\d')", "c\\d", true),
            ("SET('a','b','c')", "a,c", true),
            ("SET('a','b','c')", "c,a", false),
            ("SET('a','b','c')", "a,a", false),
            ("SET('a','b','c')", "", true),
            ("SET('a','b','c')", "d", false),
        ] {
            assert_eq!(is_chosen(kind, text), taken, "{kind} {text}");
        }
    }

    #[test]
    fn words_of_four_databases() {
        for (word, expected) in [
            ("character varying", Live::Text),
            ("varchar(40)", Live::Text),
            ("enum('a','b')", Live::Choice),
            ("ENUM('date','json')", Live::Choice),
            ("set('int','b')", Live::Choice),
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
