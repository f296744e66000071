//! How small things are written in a policy file: words of closed lists, days, one-or-many.
//!
//! Each reads itself, so that a wrong word is complained about at its own line and column.

use std::{fmt, marker::PhantomData, str::FromStr};

use chrono::NaiveDate;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::yaml::{Place, Spanned};

/// A word that reads itself; its error is the sentence of the type, often with the nearest word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<'de, T: FromStr<Err = String>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// For `deserialize_with`: a word.
///
/// # Errors
/// The sentence of the type.
pub fn one<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(deserializer: D) -> Result<T, D::Error> {
    Word::deserialize(deserializer).map(|word| word.0)
}

/// For `deserialize_with`: a word that may be absent.
///
/// # Errors
/// The sentence of the type.
pub fn some<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<Word<T>>::deserialize(deserializer).map(|word| word.map(|word| word.0))
}

/// For `deserialize_with`: one word or a list of them.
///
/// # Errors
/// The sentence of the type.
pub fn list<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    OneOrMany::<Word<T>>::deserialize(deserializer).map(|words| words.0.into_iter().map(|w| w.0).collect())
}

/// A civil day, `2026-01-18`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
        day.map(Self).map_err(|_| "a day is written 2026-01-18".to_owned())
    }
}

/// One value, or a list of them: `contact` or `[contact, vehicle]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or a list")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(text.into_deserializer()).map(|one| OneOrMany(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut many = Vec::new();
        while let Some(one) = seq.next_element()? {
            many.push(one);
        }
        Ok(OneOrMany(many))
    }
}

/// A name that refers to something defined elsewhere in the file, with the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where.
    pub at: Place,
}

impl From<Spanned<String>> for Name {
    fn from(spanned: Spanned<String>) -> Self {
        Self { text: spanned.value, at: spanned.referenced }
    }
}

/// One name or a list of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names(pub Vec<Name>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = Spanned::<NamesVisitor>::deserialize(deserializer)?;
        Ok(match whole.value {
            NamesVisitor::One(text) => Self(vec![Name { text, at: whole.referenced }]),
            NamesVisitor::Many(many) => Self(many.into_iter().map(Name::from).collect()),
        })
    }
}

/// A single name has its place only from outside; those of a list have their own.
enum NamesVisitor {
    One(String),
    Many(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for NamesVisitor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = NamesVisitor;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(NamesVisitor::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut many = Vec::new();
                while let Some(one) = seq.next_element()? {
                    many.push(one);
                }
                Ok(NamesVisitor::Many(many))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{domain::Right, policy::yaml};

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        right: Option<Word<Right>>,
        #[serde(default)]
        since: Option<Word<Day>>,
        #[serde(default)]
        category: Names,
        #[serde(default)]
        inner: OneOrMany<Inner>,
    }

    #[derive(Deserialize, Debug)]
    struct Inner {
        name: Spanned<String>,
    }

    #[test]
    fn one_and_many_keep_their_places() {
        let text = "category: contact\ninner: {name: a}\nright: revoke\nsince: 2026-01-18\n";
        let one: Sample = yaml::read("p", text).unwrap();
        assert_eq!((one.category.0[0].at.line(), one.category.0[0].at.column()), (1, 11));
        assert_eq!(one.inner.0[0].name.referenced.line(), 2);
        assert_eq!(one.right, Some(Word(Right::Revoke)));
        assert_eq!(one.since.unwrap().0.0.to_string(), "2026-01-18");
        let many: Sample =
            yaml::read("p", "category: [contact, vehicle]\ninner:\n- name: a\n- name: b\n").unwrap();
        assert_eq!(many.category.0[1].at.column(), 21);
        assert_eq!(many.inner.0[1].name.referenced.line(), 4);
    }

    #[test]
    fn a_wrong_word_is_pointed_at() {
        for (text, message) in [
            ("since: 18.01.2026\n", "p:1:8: a day is written 2026-01-18"),
            ("category: a\nright: revok\n", "p:2:8: unknown right; did you mean `revoke`?"),
            ("inner: {nmae: a}\n", "p:1:9: the field `name` is missing"),
        ] {
            assert_eq!(yaml::read::<Sample>("p", text).unwrap_err().message(), message);
        }
    }
}
