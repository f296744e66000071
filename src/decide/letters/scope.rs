//! What a request named: a letter about a part says which part, and that the rest is untouched.

use serde_json::Value;

/// What was named; nothing named = all that the right reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Categories to erase.
    pub categories: Vec<String>,
    /// Purposes to stop.
    pub purposes: Vec<String>,
    /// Scopes of consent to withdraw.
    pub consents: Vec<String>,
}

impl Scope {
    /// What an order as a case keeps it names. A block says itself what it covers, and whoever takes an objection back
    /// asks for nothing less.
    pub fn of(ask: &str) -> Self {
        let order = serde_json::from_str::<Value>(ask).unwrap_or_default();
        let words = |right: &str, name: &str| {
            let all = order.get(right).and_then(|order| order.get(name)?.as_array());
            all.into_iter().flatten().filter_map(|word| Some(word.as_str()?.to_owned())).collect::<Vec<_>>()
        };
        let lifts = order.get("object").is_some_and(|order| order.get("lift") == Some(&Value::Bool(true)));
        let objected = if lifts { Vec::new() } else { words("object", "purposes") };
        Self {
            categories: words("erase", "categories"),
            purposes: words("revoke", "purposes").into_iter().chain(objected).collect(),
            consents: words("revoke", "scopes"),
        }
    }

    /// Whether it is all that the right reaches.
    pub fn is_whole(&self) -> bool {
        self.categories.is_empty() && self.purposes.is_empty() && self.consents.is_empty()
    }

    /// What two orders of one case name together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.is_whole() || other.is_whole() {
            return Self::default();
        }
        let both = |one: Vec<String>, other: Vec<String>| {
            let more: Vec<String> = other.into_iter().filter(|word| !one.contains(word)).collect();
            one.into_iter().chain(more).collect()
        };
        Self {
            categories: both(self.categories, other.categories),
            purposes: both(self.purposes, other.purposes),
            consents: both(self.consents, other.consents),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(scope: &Scope) -> String {
        [&scope.categories, &scope.purposes, &scope.consents].map(|words| words.join(" ")).join("/")
    }

    #[test]
    fn a_part_is_what_was_named() {
        for (ask, names) in [
            (r#"{"erase":{"categories":[]}}"#, "//"),
            (r#"{"erase":{"categories":["shopping","contact"]}}"#, "shopping contact//"),
            (r#"{"revoke":{"purposes":["promotion"],"scopes":["cookie"]}}"#, "/promotion/cookie"),
            (r#"{"object":{"purposes":["analytics"],"lift":false}}"#, "/analytics/"),
            (r#"{"object":{"purposes":["analytics"],"lift":true}}"#, "//"),
            (r#"{"restrict":{"categories":["contact"],"reason":"x"}}"#, "//"),
            ("no order", "//"),
        ] {
            assert_eq!(said(&Scope::of(ask)), names, "{ask}");
        }
    }

    #[test]
    fn two_parts_are_one_and_a_whole_swallows_them() {
        let of = |words: &str| Scope {
            categories: words.split_whitespace().map(str::to_owned).collect(),
            ..Scope::default()
        };
        for (one, other, both) in [("a", "b", "a b"), ("a b", "b", "a b"), ("a", "", ""), ("", "b", "")] {
            assert_eq!(of(one).and(of(other)), of(both), "{one} and {other}");
        }
    }
}
