//! Whether one record may stay on one day, by which rule.
//!
//! A block stands before a hold, a hold before an open obligation, that before the rules. Days are
//! dates of the data: nothing here rolls to a working day. Deliberately absent: open cases, which
//! protect from the nightly run but not from the very request they are about.

use chrono::{Days, Months, NaiveDate};

use super::{
    consents,
    ends::{Ends, Seen, earliest},
    reasons,
};
use crate::{
    domain::{Category, HeldBy, Obligation, Reason, Record, SubjectFacts, Verdict, iin},
    policy::{
        Rulebook,
        body::{Keep, Minors, Needs},
        model::{Document, Rule},
        until::When,
        vocabulary::{Class, ObligationKind},
    },
};

/// The verdict on a record on a day: protections first, then the rules.
pub fn verdict(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook, today: NaiveDate) -> Verdict {
    let held = protection(record, facts, rulebook);
    held.unwrap_or_else(|| by_rules(record, facts, rulebook, today))
}

/// What protects a record whatever the rules say: a block, here or where it lies, a hold, an open obligation that
/// needs it.
pub fn protection(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook) -> Option<Verdict> {
    if let Some(block) = facts.block(&record.category) {
        let why = reason_or(rulebook, rulebook.block(), "block", "blocked for the check of a request");
        return Some(Verdict::Block { case: block.case.clone(), why });
    }
    if record.caveats.restricted {
        return Some(Verdict::Hold { by: HeldBy::Mark, why: reasons::marked(rulebook) });
    }
    if let Some(hold) = facts.hold(&record.category) {
        let why = reason_or(rulebook, rulebook.legal_hold(), "hold", "a legal hold is in force");
        return Some(Verdict::Hold { by: HeldBy::Hold(hold.number.clone()), why });
    }
    let (obligation, rule) = open_obligation(record, facts, rulebook)?;
    let why = reason_or(rulebook, rule, "obligation", "an obligation is open");
    Some(Verdict::Hold { by: HeldBy::Obligation(obligation.reference.clone()), why })
}

/// What the rules say, as if nothing protected the record: the purge counts as held only what these
/// would destroy.
pub fn by_rules(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook, today: NaiveDate) -> Verdict {
    let Some(category) = rulebook.category(&record.category) else {
        return Verdict::Gap {
            missing: format!("the policy does not know the category {}", record.category),
        };
    };
    if !category.personal {
        let rule = rulebook.collects(&category.id).next();
        let why = reason_or(rulebook, rule, "not_personal", "no personal data");
        return Verdict::Keep { until: None, why };
    }
    let seen = Seen { record, facts, today };
    let bounds = Bounds::of(seen, rulebook);
    if let Some(until) = record.archived_until {
        return archived(until, &bounds, rulebook, today);
    }
    let verdict = bounds.verdict(rulebook, record, today);
    of_a_minor(verdict, bounds, seen, rulebook)
}

/// The rules that match one record, with their days.
struct Bounds<'a> {
    most: Vec<(&'a Rule, Ends)>,
    least: Vec<(&'a Rule, Ends)>,
}

impl<'a> Bounds<'a> {
    fn of(seen: Seen<'_>, rulebook: &'a Rulebook) -> Self {
        let mut bounds = Self { most: Vec::new(), least: Vec::new() };
        for (rule, keep) in rulebook.keeps(seen.today).filter(|(_, keep)| matches(keep, seen, rulebook)) {
            bounds.most.extend(keep.at_most.as_ref().map(|until| (rule, seen.ends(until))));
            bounds.least.extend(keep.at_least.as_ref().map(|until| (rule, seen.ends(until))));
        }
        bounds
    }

    fn verdict(&self, rulebook: &Rulebook, record: &Record, today: NaiveDate) -> Verdict {
        if self.most.is_empty() && self.least.is_empty() {
            return Verdict::Gap { missing: format!("no rule says how long {} may stay", record.category) };
        }
        match self.floor() {
            Floor::Missing(what) => missing(what),
            Floor::Open(rule) => Verdict::Keep { until: None, why: rulebook.reason(rule) },
            Floor::Day(rule, last) if today <= last => self.above(rulebook, rule, last, today),
            Floor::Day(rule, last) => self.below(rulebook, Some((rule, next(last))), today),
            Floor::None => self.below(rulebook, None, today),
        }
    }

    /// While a law demands storage: kept in use until something ends that, then archived.
    fn above(&self, rulebook: &Rulebook, law: &Rule, last: NaiveDate, today: NaiveDate) -> Verdict {
        match self.ceiling(today) {
            None => Verdict::Keep { until: Some(last), why: rulebook.reason(law) },
            Some((_, Ends::On(day))) if day <= today => {
                Verdict::Archive { until: last, why: rulebook.reason(law) }
            }
            Some((rule, Ends::On(day))) => Verdict::Keep { until: Some(day), why: rulebook.reason(rule) },
            Some((rule, Ends::NotYet)) => Verdict::Keep { until: None, why: rulebook.reason(rule) },
            Some((_, Ends::Missing(what))) => missing(what),
        }
    }

    /// While no law demands storage (any more): `free` is the first day on which none does.
    fn below(&self, rulebook: &Rulebook, free: Option<(&Rule, NaiveDate)>, today: NaiveDate) -> Verdict {
        match (self.ceiling(today), free) {
            (Some((rule, Ends::On(day))), free) if day <= today => {
                let since = free.map_or(day, |(_, free)| free.max(day));
                Verdict::Destroy { since, why: rulebook.reason(rule) }
            }
            (Some((rule, Ends::On(day))), _) => {
                Verdict::Keep { until: Some(day), why: rulebook.reason(rule) }
            }
            (Some((rule, Ends::NotYet)), _) => Verdict::Keep { until: None, why: rulebook.reason(rule) },
            (Some((_, Ends::Missing(what))), _) => missing(what),
            (None, Some((rule, since))) => Verdict::Destroy { since, why: rulebook.reason(rule) },
            (None, None) => missing("a rule"),
        }
    }

    /// The earliest `at_most`, and the rule that sets it; of a tie the policy's, which stands first.
    fn ceiling(&self, today: NaiveDate) -> Option<(&'a Rule, Ends)> {
        let ends = earliest(self.most.iter().map(|(_, ends)| *ends), today);
        let rule = self.most.iter().find(|(_, own)| *own == ends).or(self.most.first());
        rule.map(|(rule, _)| (*rule, ends))
    }

    /// The latest `at_least`; one that cannot be known lets nothing be destroyed.
    fn floor(&self) -> Floor<'a> {
        let mut floor = Floor::None;
        for (rule, ends) in &self.least {
            floor = match (*ends, floor) {
                (Ends::Missing(what), _) => return Floor::Missing(what),
                (Ends::NotYet, _) => Floor::Open(rule),
                (Ends::On(day), Floor::None) => Floor::Day(rule, day),
                (Ends::On(day), Floor::Day(_, last)) if day > last => Floor::Day(rule, day),
                (Ends::On(_), floor) => floor,
            };
        }
        floor
    }
}

/// How long a law demands storage.
enum Floor<'a> {
    None,
    Open(&'a Rule),
    Day(&'a Rule, NaiveDate),
    Missing(&'static str),
}

/// Archived data has one reason left, and goes the day after.
fn archived(until: NaiveDate, bounds: &Bounds<'_>, rulebook: &Rulebook, today: NaiveDate) -> Verdict {
    let rule = bounds.least.first().or(bounds.most.first()).map(|(rule, _)| *rule);
    let why = reason_or(rulebook, rule, "archive", "archived until a law's term is over");
    if today <= until {
        Verdict::Archive { until, why }
    } else {
        Verdict::Destroy { since: next(until), why }
    }
}

pub(super) fn matches(keep: &Keep, seen: Seen<'_>, rulebook: &Rulebook) -> bool {
    let category = &seen.record.category;
    let covered = keep.categories.is_empty() || keep.categories.contains(category);
    covered && keep.when.iter().all(|when| holds(when, seen, rulebook))
}

fn holds(when: &When, seen: Seen<'_>, rulebook: &Rulebook) -> bool {
    match when {
        When::LinkedToObligation => seen.record.obligation.is_some(),
        When::NotLinkedToObligation => seen.record.obligation.is_none(),
        When::InDocument => in_document(seen.record, seen.facts, rulebook),
        When::NotInDocument => !in_document(seen.record, seen.facts, rulebook),
        When::LinkedToConsent(scope) => {
            let by_nature = rulebook.category(&seen.record.category).and_then(|def| def.consent);
            let linked = consents::linked(seen.record, seen.facts).map(|consent| consent.scope);
            by_nature == Some(*scope) || linked == Some(*scope)
        }
    }
}

/// Whether the record stands on a primary document. An obligation whose type is not known counts,
/// since what may be a document is not destroyed.
pub fn in_document(record: &Record, facts: &SubjectFacts, rulebook: &Rulebook) -> bool {
    let Some(category) = rulebook.category(&record.category) else { return false };
    match &category.document {
        Document::Never => false,
        Document::Always => true,
        Document::Of(kinds) => record.obligation.as_deref().is_some_and(|reference| {
            let found = facts.obligations.iter().find(|obligation| obligation.reference == reference);
            let kind = found.and_then(|obligation| obligation.kind.parse::<ObligationKind>().ok());
            kind.is_none_or(|kind| kinds.contains(&kind))
        }),
    }
}

/// The open obligation that needs a record, and the rule that says so.
///
/// A record that names an obligation is needed by that one alone, and only if its category is, or if nobody would know
/// of the obligation without it. One that names none is needed where it serves the contract, not where it serves
/// promotion only.
pub fn open_obligation<'a>(
    record: &Record,
    facts: &'a SubjectFacts,
    rulebook: &'a Rulebook,
) -> Option<(&'a Obligation, Option<&'a Rule>)> {
    let (rule, needs) = rulebook.open_obligations().unzip();
    let needed = |obligation: &&Obligation| match record.obligation.as_deref() {
        Some(reference) => {
            let needs = || needs_category(needs, obligation, record, true);
            reference == obligation.reference && (record.caveats.deal || needs())
        }
        None => needs_category(needs, obligation, record, false) && serves_contract(record, rulebook),
    };
    facts.open_obligations().find(needed).map(|obligation| (obligation, rule))
}

/// The open obligation for which the policy lists a category.
pub fn listed_obligation<'a>(
    category: &Category,
    facts: &'a SubjectFacts,
    rulebook: &Rulebook,
) -> Option<&'a Obligation> {
    let (_, needs) = rulebook.open_obligations()?;
    facts.open_obligations().find(|obligation| {
        let kind = obligation.kind.parse::<ObligationKind>().ok();
        needs.iter().any(|needs| Some(needs.kind) == kind && needs.categories.contains(category))
    })
}

/// An obligation of a type that the policy does not list needs whatever names it.
fn needs_category(
    needs: Option<&[Needs]>,
    obligation: &Obligation,
    record: &Record,
    otherwise: bool,
) -> bool {
    let kind = obligation.kind.parse::<ObligationKind>().ok();
    let listed = needs.unwrap_or_default().iter().find(|needs| Some(needs.kind) == kind);
    listed.map_or(otherwise, |needs| needs.categories.contains(&record.category))
}

/// No purpose named is no proof that the data serves none.
fn serves_contract(record: &Record, rulebook: &Rulebook) -> bool {
    let is_contract = |class: Class| class == Class::Contract;
    let mut purposes = record.purposes.iter();
    record.purposes.is_empty()
        || purposes.any(|purpose| rulebook.purpose(purpose).is_none_or(|def| is_contract(def.class)))
}

/// Data that a person gave under age and without a parent is due once the person is of age, if no rule
/// ended it earlier; before, it is left to the officer. What a law archives stays archived.
fn of_a_minor<'a>(
    verdict: Verdict,
    mut bounds: Bounds<'a>,
    seen: Seen<'_>,
    rulebook: &'a Rulebook,
) -> Verdict {
    let Some((rule, minors)) = rulebook.minors() else { return verdict };
    let Some(adult) = came_of_age(seen, minors) else { return verdict };
    match verdict {
        Verdict::Destroy { since, .. } if since <= adult => verdict,
        _ if adult <= seen.today => {
            bounds.most.push((rule, Ends::On(adult)));
            bounds.verdict(rulebook, seen.record, seen.today)
        }
        Verdict::Destroy { .. } | Verdict::Archive { .. } => verdict,
        _ => Verdict::Hold { by: HeldBy::Child, why: rulebook.reason(rule) },
    }
}

/// The first day of full age, where the person gave this record before it without a parent's consent.
fn came_of_age(seen: Seen<'_>, minors: &Minors) -> Option<NaiveDate> {
    if seen.record.given_by != "self" {
        return None;
    }
    let born = seen.facts.birth_date()?;
    let collected = seen.record.collected_at.day();
    let age = i32::try_from(minors.under).unwrap_or(i32::MAX);
    let under = iin::age(born, collected) < age;
    if !under || parent_agreed(seen) {
        return None;
    }
    let clamped = born.checked_add_months(Months::new(minors.under.saturating_mul(12)))?;
    Some(if iin::age(born, clamped) < age { next(clamped) } else { clamped })
}

fn parent_agreed(seen: Seen<'_>) -> bool {
    let linked = consents::linked(seen.record, seen.facts).map(|consent| consent.reference.as_str());
    seen.facts.consents.iter().any(|consent| {
        let by_parent = matches!(consent.given_by.as_str(), "parent" | "representative");
        let about_this = linked.is_none_or(|reference| reference == consent.reference);
        by_parent && about_this && consent.withdrawn_at.is_none()
    })
}

fn missing(what: &str) -> Verdict {
    Verdict::Gap { missing: format!("{what} is missing") }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

/// The rule's reason; a foreign policy may lack the rule, and a protection holds all the same.
fn reason_or(rulebook: &Rulebook, rule: Option<&Rule>, id: &str, says: &str) -> Reason {
    rule.map_or_else(
        || Reason { rule: id.into(), clause: None, law: None, says: says.into() },
        |rule| rulebook.reason(rule),
    )
}
