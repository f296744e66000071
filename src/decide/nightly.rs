//! What the nightly run does with one record: the verdict of the rules, less what protects it.
//!
//! Beside what protects from every right (block, hold, open obligation) an open case protects here: a
//! person who has asked and is not answered yet finds what they asked about. Archiving waits for the
//! same, because it too takes data out of use. Nothing here rolls to a working day.

use chrono::NaiveDate;

use super::{reasons, retention};
use crate::{
    domain::{HeldBy, Reason, Record, SubjectFacts, Verdict, channel::words},
    policy::Rulebook,
};

words! {
    /// What keeps a record that is due.
    Protector, "protector" {
        /// The check of a request.
        Block = "block",
        /// An order to keep.
        Hold = "hold",
        /// A deal that is not done.
        Obligation = "obligation",
        /// A request that is not answered.
        OpenCase = "open_case",
        /// A person has to decide: data that a child gave.
        Officer = "officer",
    }
}

/// What happens to one record tonight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is destroyed.
    Destroy(Reason),
    /// It is archived until its last day.
    Archive(NaiveDate, Reason),
    /// It is due, and something protects it.
    Held(Protector, Reason),
    /// No rule says; what is missing, in words.
    Gap(String),
    /// Nothing.
    Stays,
}

/// Judges one record on one day.
pub fn fate(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook, today: NaiveDate) -> Fate {
    match retention::by_rules(record, facts, rulebook, today) {
        Verdict::Destroy { why, .. } => match protector(record, facts, rulebook) {
            Some((by, why)) => Fate::Held(by, why),
            None => Fate::Destroy(why),
        },
        Verdict::Archive { until, why } if record.archived_until != Some(until) => {
            let protected = protector(record, facts, rulebook).is_some();
            if protected { Fate::Stays } else { Fate::Archive(until, why) }
        }
        Verdict::Hold { why, .. } => Fate::Held(Protector::Officer, why),
        Verdict::Gap { missing } => Fate::Gap(missing),
        Verdict::Archive { .. } | Verdict::Keep { .. } | Verdict::Block { .. } => Fate::Stays,
    }
}

fn protector_of(by: &HeldBy) -> Protector {
    match by {
        HeldBy::Hold(_) => Protector::Hold,
        HeldBy::Obligation(_) => Protector::Obligation,
        HeldBy::Mark => Protector::Block,
        HeldBy::Child => Protector::Officer,
    }
}

fn protector(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook) -> Option<(Protector, Reason)> {
    match retention::protection(record, facts, rulebook) {
        Some(Verdict::Block { why, .. }) => return Some((Protector::Block, why)),
        Some(Verdict::Hold { by, why }) => return Some((protector_of(&by), why)),
        _ => {}
    }
    let case = facts.cases.iter().find(|case| case.open)?;
    let why = reasons::granted(rulebook, case.right, case.received.day());
    Some((Protector::OpenCase, reasons::because(why, &format!("case {} is open", case.number))))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{
        decide::cast::{at, block, case, hold, nobody, rules},
        domain::{Category, Obligation, Right, plan::RecordKey},
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A record of AutoMaster: category, when collected, the obligation it names.
    fn held(category: &str, collected: &str, obligation: Option<&str>) -> SubjectFacts {
        let mut facts = nobody("automaster");
        facts.records.push(Record {
            annotations: Vec::new(),
            caveats: crate::domain::facts::Caveats::default(),
            key: RecordKey { id: 1, version: 1 },
            reference: "R-1".into(),
            category: Category::from(category),
            system: "own".into(),
            source: "web_form".into(),
            given_by: "self".into(),
            purposes: Vec::new(),
            collected_at: at(collected),
            last_contact_at: None,
            document_at: None,
            purpose_reached_at: None,
            obligation: obligation.map(str::to_owned),
            consent: None,
            archived_until: None,
            activity_at: None,
            contact_since: None,
            data: "{}".into(),
        });
        facts
    }

    fn said(facts: &SubjectFacts, today: &str) -> String {
        match fate(&facts.records[0], facts, rules(facts), day(today)) {
            Fate::Destroy(why) => format!("destroy {}", why.rule),
            Fate::Archive(until, why) => format!("archive {until} {}", why.rule),
            Fate::Held(by, _) => format!("held {by}"),
            Fate::Gap(_) => "gap".into(),
            Fate::Stays => "stays".into(),
        }
    }

    #[test]
    fn the_day_comes_and_nothing_before_it() {
        for (category, collected, today, expected) in [
            ("technical", "2024-11-23", "2026-11-22", "stays"),
            ("technical", "2024-11-22", "2026-11-22", "destroy AM-8-tech"),
            ("usage", "2024-02-29", "2026-02-28", "destroy AM-8-tech"),
            ("contact", "2023-11-23", "2026-11-22", "stays"),
            ("contact", "2023-11-22", "2026-11-22", "destroy AM-8-contact"),
            ("contact", "2024-02-29", "2027-02-28", "destroy AM-8-contact"),
            ("service", "2020-06-01", "2025-12-31", "stays"),
            ("service", "2020-06-01", "2026-01-01", "destroy AM-8-service"),
            ("unlisted", "2026-01-01", "2026-11-22", "gap"),
        ] {
            assert_eq!(said(&held(category, collected, None), today), expected, "{category} {collected}");
        }
    }

    #[test]
    fn what_protects_is_named_and_the_first_counts() {
        let due = || held("technical", "2020-01-01", None);
        let mut facts = due();
        case(&mut facts, Right::Access, "received");
        assert_eq!(said(&facts, "2026-11-22"), "held open_case");
        facts.cases[0].open = false;
        assert_eq!(said(&facts, "2026-11-22"), "destroy AM-8-tech");
        case(&mut facts, Right::Access, "received");
        hold(&mut facts, Some("contact"), "court");
        assert_eq!(said(&facts, "2026-11-22"), "held open_case", "a hold on something else");
        hold(&mut facts, None, "court");
        assert_eq!(said(&facts, "2026-11-22"), "held hold");
        block(&mut facts, Some("technical"), 9);
        assert_eq!(said(&facts, "2026-11-22"), "held block");
    }

    #[test]
    fn an_open_deal_keeps_what_it_needs_and_nothing_else() {
        for (category, expected) in [("contact", "held obligation"), ("technical", "destroy AM-8-tech")] {
            let mut facts = held(category, "2019-01-01", None);
            facts.obligations.push(Obligation {
                id: 1,
                reference: "O-1".into(),
                kind: "work_order".into(),
                opened_at: at("2019-02-01"),
                closed_at: None,
            });
            assert_eq!(said(&facts, "2026-11-22"), expected);
        }
    }

    #[test]
    fn an_archive_is_made_once_and_ends() {
        let mut facts = held("service", "2020-06-01", None);
        facts.records[0].archived_until = Some(day("2025-12-31"));
        assert_eq!(said(&facts, "2025-12-31"), "stays");
        assert!(said(&facts, "2026-01-01").starts_with("destroy"));
        hold(&mut facts, None, "court");
        assert_eq!(said(&facts, "2026-01-01"), "held hold");
    }

    #[test]
    fn a_contact_that_other_records_tell_of_counts() {
        let mut facts = held("contact", "2019-01-01", None);
        facts.seen_elsewhere = Some(at("2025-01-01"));
        assert_eq!(said(&facts, "2026-11-22"), "stays");
    }
}
