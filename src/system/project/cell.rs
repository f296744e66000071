//! Values of databases, read as ours.

use serde_json::Value;

use crate::system::map::DataType;

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
