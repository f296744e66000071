//! What erasure does to a column, and whether it can.
//!
//! A strategy that does not fit its column would be passed over at the time of the erasure, when it is too late to
//! ask: it is refused here.

use super::{DataType, Strategy, page::Page, raw};

/// The words that a map may use.
pub const WORDS: &[&str] =
    &["null_rewrite", "string_rewrite", "random_string_rewrite", "hash", "hmac", "preserve", "delete"];

/// Reads a column's strategy.
pub fn read(page: &Page<'_>, raw: &raw::Masking) -> Option<Strategy> {
    let nothing = raw::Configuration::default();
    let configuration = raw.configuration.as_ref().unwrap_or(&nothing);
    Some(match raw.strategy.value.as_str() {
        "null_rewrite" => Strategy::Null,
        "string_rewrite" => Strategy::Fixed(fixed(page, raw, configuration)?),
        "random_string_rewrite" => Strategy::Random,
        "hash" | "hmac" => Strategy::Hash,
        "preserve" => Strategy::Preserve,
        "delete" => {
            page.wrong(
                &raw.strategy,
                "a column cannot be deleted",
                "say it of the collection, or use null_rewrite",
            );
            return None;
        }
        "aes_encrypt" => {
            page.wrong(&raw.strategy, "what is encrypted can be read again: it is not destroyed", "use hmac");
            return None;
        }
        _ => {
            page.unknown(
                &raw.strategy,
                &format!("the strategy `{}` is not known", raw.strategy.value),
                WORDS,
            );
            return None;
        }
    })
}

fn fixed(page: &Page<'_>, raw: &raw::Masking, configuration: &raw::Configuration) -> Option<String> {
    let Some(value) = &configuration.rewrite_value else {
        page.wrong(&raw.strategy, "it does not say what to write", "add `configuration.rewrite_value`");
        return None;
    };
    let suffix = configuration.format_preservation.as_ref().map_or("", |end| end.suffix.as_str());
    Some(format!("{value}{suffix}"))
}

/// Why a strategy cannot work on a column of this type and length; `None` = it can.
pub fn misfit(strategy: &Strategy, kind: Option<DataType>, length: Option<u32>) -> Option<String> {
    use DataType::{Boolean, Float, Integer, Object, ObjectId, Text};
    let kind = kind.unwrap_or(Text);
    let too_long = |text: &str| length.is_some_and(|most| text.chars().count() > most as usize);
    match (strategy, kind) {
        (Strategy::Fixed(text), Text) if too_long(text) => Some("the text is longer than the column".into()),
        (Strategy::Fixed(text), Integer) if text.parse::<i64>().is_err() => {
            Some("the text is no whole number".into())
        }
        (Strategy::Fixed(text), Float) if text.parse::<f64>().is_err() => {
            Some("the text is no number".into())
        }
        (Strategy::Fixed(text), Boolean) if !matches!(text.as_str(), "true" | "false" | "1" | "0") => {
            Some("the text is neither true nor false".into())
        }
        (Strategy::Fixed(_) | Strategy::Random | Strategy::Hash, Object | ObjectId) => {
            Some("it works on text, and this column is none".into())
        }
        (Strategy::Random, Boolean) => Some("a random truth can be the same as before".into()),
        (Strategy::Hash, Integer | Float | Boolean) => Some("a hash is text, and this column is none".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_has_to_fit_the_column() {
        let fixed = |text: &str| Strategy::Fixed(text.into());
        for (strategy, kind, length, fits) in [
            (Strategy::Null, DataType::Object, None, true),
            (fixed("gone"), DataType::Text, Some(4), true),
            (fixed("gone."), DataType::Text, Some(4), false),
            (fixed("жоқ"), DataType::Text, Some(3), true),
            (fixed("0"), DataType::Integer, None, true),
            (fixed("none"), DataType::Integer, None, false),
            (fixed("0.5"), DataType::Float, None, true),
            (fixed("maybe"), DataType::Boolean, None, false),
            (fixed("1"), DataType::Boolean, None, true),
            (fixed("2"), DataType::Boolean, None, false),
            (Strategy::Random, DataType::Integer, None, true),
            (Strategy::Random, DataType::Boolean, None, false),
            (Strategy::Hash, DataType::Text, Some(10), true),
            (Strategy::Hash, DataType::Integer, None, false),
            (Strategy::Hash, DataType::Object, None, false),
            (Strategy::Preserve, DataType::Boolean, None, true),
        ] {
            assert_eq!(misfit(&strategy, Some(kind), length).is_none(), fits, "{strategy:?} {kind:?}");
        }
    }
}
