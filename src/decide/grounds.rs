//! Which right a ground of refusal can refuse: each answers what its article is about.

use super::reasons;
use crate::{
    domain::{Reason, Right},
    policy::Rulebook,
};

/// Why something stays that somebody else has a part in (art. 15(1)).
pub fn of_others(rulebook: &Rulebook, says: &str) -> Reason {
    reasons::meaning(&reasons::refusal(rulebook, "RF-OTHERS", says), says)
}

/// Whether a ground can refuse a right. A ground that is not known here is left to the officer; a breach must
/// be told of, and a demand of an authority is no right of the person.
pub fn fits(ground: &str, right: Right) -> bool {
    use Right as R;
    if matches!(right, R::Breach | R::Authority) {
        return false;
    }
    let ends = matches!(right, R::Revoke | R::Erase | R::Object);
    match ground {
        "RF-LAW" | "RF-OBLIG" | "RF-RETAIN" => ends,
        "RF-NODOC" => right == R::Rectify,
        "RF-NOVIOL" => matches!(right, R::Restrict | R::Unblock | R::Erase | R::Complaint),
        "RF-OTHERS" => matches!(right, R::Access | R::Export | R::Question),
        other if other.starts_with("RF-DC41.4-") => ends,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_refuses_what_its_article_is_about() {
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
        ] {
            assert_eq!(fits(ground, right), expected, "{ground} {right}");
        }
    }
}
