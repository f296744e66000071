//! Which right a ground of refusal can refuse: each answers what its article is about.

use super::reasons;
use crate::{
    domain::{Reason, Right},
    policy::{Rulebook, body::Body},
};

/// Why something stays that somebody else has a part in (art. 15(1)).
pub fn of_others(rulebook: &Rulebook, says: &str) -> Reason {
    reasons::meaning(&reasons::refusal(rulebook, "RF-OTHERS", says), says)
}

/// Why an identifier stays that the rule of `why` ends: other data of the person, which stays, is found by it alone.
pub fn of_what_stays(why: &Reason) -> Reason {
    reasons::meaning(why, "data that stays is found by it alone: it goes with that data")
}

/// Whether a ground can refuse a right: the statute says which. A rule of another name, or of another statute,
/// refuses nothing.
pub fn fits(rulebook: &Rulebook, ground: &str, right: Right) -> bool {
    let found = rulebook.rule(ground).map(|rule| &rule.body);
    matches!(found, Some(Body::Refusal(ground)) if ground.rights.contains(&right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Library;

    #[test]
    fn a_ground_refuses_what_its_article_is_about() {
        let rulebook = Library::embedded().rulebook("mycar").unwrap_or_else(|error| panic!("{error}"));
        for (ground, right, expected) in [
            ("RF-ID", Right::Access, true),
            ("RF-ID", Right::Breach, false),
            ("RF-SCOPE", Right::Authority, false),
            ("RF-NODOC", Right::Rectify, true),
            ("RF-NODOC", Right::Erase, false),
            ("RF-OBLIG", Right::Revoke, true),
            ("RF-OBLIG", Right::Access, false),
            ("RF-DC41.4-3", Right::Erase, true),
            ("RF-DC41.4-3", Right::Rectify, false),
            ("RF-NOVIOL", Right::Restrict, true),
            ("RF-NOTPD", Right::Erase, true),
            ("RF-OTHERS", Right::Question, true),
            ("RF-COST", Right::Access, false),
            ("KZ-8.7", Right::Revoke, false),
        ] {
            assert_eq!(fits(&rulebook, ground, right), expected, "{ground} {right}");
        }
    }
}
