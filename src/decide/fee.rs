//! What a copy costs: nothing, whatever the policy says, since the law makes it free (94-V art. 25(2)(9)).
//!
//! Where a policy allows a fee that the law forbids, that is a conflict: the case of every answer records it.

use super::layer::{by_law, by_policy};
use crate::{
    domain::outcome::Fee,
    policy::{Rulebook, body::Body, model::Rule, vocabulary::Silence},
};

/// The rule that decides about the fee, and whether it allows what the law forbids.
pub fn rule(rulebook: &Rulebook) -> (Option<&Rule>, bool) {
    let says = |rule: &&Rule| match &rule.body {
        Body::Fee(_) => true,
        Body::Silent(on) => *on == Silence::Fee,
        _ => false,
    };
    let rule = by_policy(rulebook, says).or_else(|| by_law(rulebook, says));
    let allows = rule.is_some_and(|rule| matches!(&rule.body, Body::Fee(fee) if fee.allowed));
    (rule, allows && forbidding(rulebook).is_some())
}

/// What the case of an answer keeps of it; `None` where policy and law agree.
pub fn conflict(rulebook: &Rulebook) -> Option<Fee> {
    let (allowing, conflict) = rule(rulebook);
    let (allowing, forbidding) = (allowing.filter(|_| conflict)?, forbidding(rulebook)?);
    Some(Fee { charged: 0, allowed_by: allowing.id.clone(), forbidden_by: forbidding.id.clone() })
}

fn forbidding(rulebook: &Rulebook) -> Option<&Rule> {
    by_law(rulebook, |rule| matches!(&rule.body, Body::Fee(fee) if !fee.allowed))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::policy::Library;

    #[test]
    fn a_fee_that_the_law_forbids_is_a_conflict() {
        let library = Library::embedded();
        for (controller, expected) in [("mycar", Some("MC-8.10-fee")), ("automaster", None)] {
            let found = conflict(&library.rulebook(controller).unwrap());
            assert_eq!(found.as_ref().map(|fee| fee.allowed_by.as_str()), expected, "{controller}");
            assert!(found.is_none_or(|fee| fee.charged == 0 && fee.forbidden_by == "KZ-25.9"));
        }
    }
}
