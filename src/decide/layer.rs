//! The first rule of one layer that says something.

use crate::policy::{Rulebook, model::Rule};

/// Of the company's policy.
pub fn by_policy(rulebook: &Rulebook, says: impl Fn(&&Rule) -> bool) -> Option<&Rule> {
    rulebook.policy.rules.iter().find(|rule| says(rule))
}

/// Of the statute.
pub fn by_law(rulebook: &Rulebook, says: impl Fn(&&Rule) -> bool) -> Option<&Rule> {
    rulebook.statute.rules.iter().find(|rule| says(rule))
}
