//! Systems that the officer's file names: where personal data lies beside `dsr`'s own store.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Rulebook;
use crate::domain::{Category, Error, Result, suggest};

/// One system of `dsr.yaml`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// How it is reached.
    pub kind: PlaceKind,
    /// Who does what has to be done there.
    pub owner: String,
    /// What lies there; none = anything.
    #[serde(default)]
    pub categories: Vec<String>,
}

/// How a system is reached.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// By people: a paper archive, recordings of calls, a manager's phone.
    Manual,
}

impl Place {
    /// Whether data of a category may lie there.
    pub fn holds(&self, category: &Category) -> bool {
        let under = |word: &String| {
            let word = Category::new(word);
            category.is_under(&word) || word.is_under(category)
        };
        self.categories.is_empty() || self.categories.iter().any(under)
    }
}

/// Systems by name.
pub type Places = BTreeMap<String, Place>;

/// Names of systems are words of plans and of the register; `own` is `dsr`'s own store.
pub(super) fn check_names(places: &Places) -> Result<(), String> {
    let sound = |name: &String| {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        (1..=40).contains(&name.len()) && name.chars().all(word) && name != "own"
    };
    match places.iter().find(|(name, place)| !sound(name) || place.owner.trim().is_empty()) {
        Some((name, place)) if place.owner.trim().is_empty() => {
            Err(format!("systems: `{name}` has no owner: somebody must do what is to be done there"))
        }
        Some((name, _)) => {
            Err(format!("systems: `{name}` is no name: small Latin letters, digits, - and _, and not `own`"))
        }
        None => Ok(()),
    }
}

/// A category that the policy does not know would never be matched, and its system be forgotten.
///
/// # Errors
/// Configuration (exit 6) with the nearest word.
pub fn check(places: &Places, rulebook: &Rulebook) -> Result<()> {
    for (name, place) in places {
        let unknown = |word: &&String| rulebook.category(&Category::new(word)).is_none();
        if let Some(word) = place.categories.iter().find(unknown) {
            let known: Vec<&str> = rulebook.categories().iter().map(|def| def.id.as_str()).collect();
            let error =
                Error::config(format!("dsr.yaml: system `{name}`: the policy knows no category `{word}`"));
            return Err(match suggest::nearest(word, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("it knows {}", known.join(", "))),
            });
        }
    }
    Ok(())
}
