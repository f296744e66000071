//! Which right a ground of refusal can refuse: each answers what its article is about.

use chrono::NaiveDate;

use super::{complaints::is_for_anybody, reasons};
use crate::{
    domain::{Obligation, Reason, Right, Waiting},
    policy::{Rulebook, body::Body, model::Rule},
};

/// Why something stays that somebody else has a part in (art. 15(1)).
pub fn of_others(rulebook: &Rulebook, says: &str) -> Reason {
    reasons::meaning(&reasons::refusal(rulebook, "RF-OTHERS", says), says)
}

/// Why an identifier stays that the rule of `why` ends: other data of the person, which stays, is found by it alone.
pub fn of_what_stays(why: &Reason) -> Reason {
    reasons::meaning(why, "data that stays is found by it alone: it goes with that data")
}

/// Why a row stays to which one refers that the rule of `why` keeps: the database lets it go with that row alone.
pub fn of_what_refers(why: &Reason) -> Reason {
    reasons::meaning(why, "a row that stays refers to it: it goes with that row")
}

/// Why an identifier stays by which alone an open deal of another system is found, what it waits for, and what that is
/// called: without it nobody would know of the deal, and what the deal needs would go.
pub fn of_open_deal(rulebook: &Rulebook, right: Right, deal: &Obligation) -> (Reason, Waiting, String) {
    let why = match right {
        Right::Revoke | Right::Object | Right::OptOut => reasons::open_deal(rulebook, deal),
        _ => reasons::open_deal_ground(rulebook, deal),
    };
    (why, Waiting::Obligation(deal.reference.clone()), reasons::end_of(deal))
}

/// Whether a ground can refuse a right that was asked for on a day: the statute says which, and since when, itself
/// or by an older rule that it leans on. A rule of another name, or of another statute, refuses nothing.
pub fn fits(rulebook: &Rulebook, ground: &str, right: Right, received: NaiveDate) -> bool {
    let rule = rulebook.rule(ground).filter(|rule| answers(rule, right));
    rule.is_some_and(|rule| rulebook.reason_on(rule, received).is_some())
}

/// Whether a rule is a ground that answers a right, whatever the day.
pub fn answers(rule: &Rule, right: Right) -> bool {
    matches!(&rule.body, Body::Refusal(ground) if ground.rights.contains(&right))
}

/// The ground that who asks, or their authority, is not confirmed.
pub const IDENTITY: &str = "RF-ID";
/// The ground that an obligation is not fulfilled: what it refuses is considered again when that ends.
pub const OBLIGATION: &str = "RF-OBLIG";

/// The ground that no violation is confirmed: of a check that is over, and of one that never was.
pub const VIOLATION: &str = "RF-NOVIOL";

/// Why a ground is not true of a case: who asks is recognised, or the person has no open deal. Of other grounds only
/// people know whether they are.
pub fn untrue(ground: &str, right: Right, recognised: bool, open_deal: bool) -> Option<&'static str> {
    match ground {
        // What a minor asks is taken from anybody, and destroys for somebody confirmed alone.
        IDENTITY if right != Right::Minor && is_for_anybody(right) => {
            Some("nobody has to prove who they are for it")
        }
        IDENTITY if recognised => Some("who asks is confirmed"),
        OBLIGATION if !open_deal => Some("no obligation of the person is open"),
        _ => None,
    }
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
            let day = "2026-11-22".parse().unwrap_or_default();
            assert_eq!(fits(&rulebook, ground, right, day), expected, "{ground} {right}");
        }
    }

    #[test]
    fn a_ground_is_true_of_the_case() {
        for (ground, right, recognised, open_deal, fits) in [
            ("RF-ID", Right::Erase, false, false, true),
            ("RF-ID", Right::Erase, true, true, false),
            ("RF-ID", Right::OptOut, false, false, false),
            ("RF-OBLIG", Right::Revoke, true, true, true),
            ("RF-OBLIG", Right::Revoke, true, false, false),
            ("RF-RETAIN", Right::Erase, true, false, true),
        ] {
            let why = untrue(ground, right, recognised, open_deal);
            assert_eq!(why.is_none(), fits, "{ground} {right} {recognised}");
        }
    }

    #[test]
    fn a_ground_refuses_nothing_that_came_before_it() {
        let rulebook = Library::embedded().rulebook("mycar").unwrap_or_else(|error| panic!("{error}"));
        for (ground, day, expected) in [
            ("RF-DC41.4-2", "2026-07-11", false),
            ("RF-DC41.4-2", "2026-07-12", true),
            ("RF-LAW", "2013-11-24", false),
            ("RF-LAW", "2013-11-25", true),
        ] {
            let received = day.parse().unwrap_or_default();
            assert_eq!(fits(&rulebook, ground, Right::Erase, received), expected, "{ground} {day}");
        }
        let dated = |rule: &&Rule| matches!(rule.body, Body::Refusal(_)) && rule.valid_from.is_none();
        assert_eq!(rulebook.statute.rules.iter().find(dated).map(|rule| &rule.id), None, "each has a date");
    }
}
