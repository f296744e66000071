//! Values of databases, read as ours.

use serde_json::Value;

use crate::{domain::Moment, system::map::DataType};

/// A time as databases write it: with a blank or a `T`, fractions, a short offset; or seconds and milliseconds
/// since 1970. No offset = Almaty.
pub fn instant(text: &str) -> Option<Moment> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            9..=10 => Some(Moment::from_unix(number)),
            12..=13 => Some(Moment::from_unix(number / 1000)),
            _ => None,
        };
    }
    let Some((day, time)) = text.split_once([' ', 'T']) else { return Moment::parse(text).ok() };
    let offset = time.find(['+', '-', 'Z']).unwrap_or(time.len());
    let (clock, offset) = time.split_at(offset);
    let clock = clock.split('.').next().unwrap_or(clock).trim();
    let offset = match offset.trim().len() {
        3 => format!("{}:00", offset.trim()),
        5 if !offset.contains(':') => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.trim().to_owned(),
    };
    Moment::parse(&format!("{day}T{clock}{offset}")).ok()
}

/// A value by the type the map gives it; what does not fit stays text.
pub fn value(text: &str, kind: Option<DataType>) -> Value {
    let typed = match kind {
        Some(DataType::Integer | DataType::Float) => {
            text.trim().parse::<serde_json::Number>().ok().map(Value::Number)
        }
        Some(DataType::Boolean) => match text.trim().to_lowercase().as_str() {
            "1" | "t" | "true" => Some(Value::Bool(true)),
            "0" | "f" | "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Some(DataType::Object) => serde_json::from_str(text).ok(),
        Some(DataType::Text | DataType::ObjectId) | None => None,
    };
    typed.unwrap_or_else(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_many_engines() {
        for (text, expected) in [
            ("2024-11-22", Some("2024-11-22T00:00:00+05:00")),
            ("2024-11-22 10:00:00", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22T10:00:00.123456", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22 05:00:00.5+00", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22 05:00:00+0000", Some("2024-11-22T10:00:00+05:00")),
            ("2024-11-22 10:00", Some("2024-11-22T10:00:00+05:00")),
            ("1732251600", Some("2024-11-22T10:00:00+05:00")),
            ("1732251600000", Some("2024-11-22T10:00:00+05:00")),
            ("0000-00-00 00:00:00", None),
            ("22.11.2024", None),
            ("17", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(Moment::rfc3339).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn values_by_type() {
        for (text, kind, expected) in [
            ("17", Some(DataType::Integer), "17"),
            ("17", None, "\"17\""),
            ("1.5", Some(DataType::Float), "1.5"),
            ("t", Some(DataType::Boolean), "true"),
            ("perhaps", Some(DataType::Boolean), "\"perhaps\""),
            ("{\"a\":1}", Some(DataType::Object), "{\"a\":1}"),
        ] {
            assert_eq!(value(text, kind).to_string(), expected, "{text}");
        }
    }
}
