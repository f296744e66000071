//! The due date of a right: the law's terms and the policy's, side by side, and which of them binds.
//!
//! Which rules were in force on the day of receipt is decided before (policy); here they are counted.

use chrono::NaiveDate;

use crate::calendar::{Calendar, Due};
use crate::domain::{Binding, Deadline, Error, LayerTerm, Moment, Result, Right, Term, TermRule};

/// What to do where a term leads past the days that the calendar knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastEndPolicy {
    /// Stop with exit 6: an answer would be a guess.
    Refuse,
    /// Count weekends only and mark the date: the intake of a request never stops.
    Provisional,
}

/// When a right received at a moment is due, by `law` and by `policy`, each with the rules of that day.
///
/// The earlier limit binds, a tie is the policy's. The earliest careful target counts where it is
/// earlier than the limit; without any limit it stands alone, beside a gap.
///
/// # Errors
/// Kind `Config` where the calendar ends too early and `past_end` is `Refuse`.
pub fn deadline(
    right: Right,
    received: Moment,
    law: &[TermRule],
    policy: &[TermRule],
    calendar: &Calendar,
    past_end: PastEndPolicy,
) -> Result<Deadline> {
    let clock = Clock { received, calendar, past_end };
    let (law, policy) = (clock.layer(law)?, clock.layer(policy)?);
    let limit = earliest([(Binding::Policy, &policy.limit), (Binding::Law, &law.limit)]);
    let target =
        earliest([(Binding::Policy, &policy.target), (Binding::Law, &law.target)]).map(|(_, target)| target);
    let shown = limit.map(|(_, limit)| limit).or(target);
    Ok(Deadline {
        right,
        received,
        due: limit.map(|(_, limit)| limit.due.date),
        due_at: limit.and_then(|(_, limit)| limit.due.at),
        target: careful(target, limit.map(|(_, limit)| limit)),
        binding: limit.map(|(binding, _)| binding),
        skipped: shown.map(|counted| counted.due.skipped.clone()).unwrap_or_default(),
        provisional: law.is_provisional() || policy.is_provisional(),
        gap: limit
            .is_none()
            .then(|| format!("neither law nor policy had a term for {right} on {}", received.day())),
        calendar: calendar.version().to_owned(),
        law: law.describe(),
        policy: policy.describe(),
    })
}

/// The first of the earliest: list the policy first, and a tie is the policy's.
fn earliest(layers: [(Binding, &Option<Counted>); 2]) -> Option<(Binding, &Counted)> {
    let counted = layers.into_iter().filter_map(|(binding, counted)| Some((binding, counted.as_ref()?)));
    counted.min_by_key(|(_, counted)| counted.ends())
}

/// A target on the day of the limit, or after it, says nothing more.
fn careful(target: Option<&Counted>, limit: Option<&Counted>) -> Option<NaiveDate> {
    let date = target?.due.date;
    limit.is_none_or(|limit| date < limit.due.date).then_some(date)
}

/// What every term is counted from and by.
struct Clock<'a> {
    received: Moment,
    calendar: &'a Calendar,
    past_end: PastEndPolicy,
}

impl Clock<'_> {
    fn layer<'r>(&self, rules: &'r [TermRule]) -> Result<Layer<'r>> {
        let limit = self.first(rules, |rule| rule.limit)?;
        let target = self.first(rules, |rule| rule.target)?;
        let rule = limit.as_ref().or(target.as_ref()).and_then(|counted| rules.get(counted.nth));
        Ok(Layer { rule: rule.or(rules.first()), limit, target })
    }

    /// The earliest of one layer's terms of one kind.
    fn first(&self, rules: &[TermRule], term: fn(&TermRule) -> Option<Term>) -> Result<Option<Counted>> {
        let terms = rules.iter().enumerate().filter_map(|(nth, rule)| Some((nth, term(rule)?)));
        let counted = terms.map(|(nth, term)| Ok(Counted { nth, term, due: self.due(term)? }));
        Ok(counted.collect::<Result<Vec<_>>>()?.into_iter().min_by_key(Counted::ends))
    }

    fn due(&self, term: Term) -> Result<Due> {
        let due = match self.past_end {
            PastEndPolicy::Refuse => self.calendar.due(term, self.received),
            PastEndPolicy::Provisional => self.calendar.due_or_provisional(term, self.received),
        };
        due.map_err(Error::from)
    }
}

/// A term with the date it leads to, and the rule of the layer it stands in.
struct Counted {
    nth: usize,
    term: Term,
    due: Due,
}

impl Counted {
    /// The instant for comparing: a day ends at 24:00 (Civil Code art. 176).
    fn ends(&self) -> Moment {
        let day = self.due.date;
        self.due.at.unwrap_or_else(|| Moment::start_of(day.succ_opt().unwrap_or(day)))
    }
}

/// One layer, counted.
struct Layer<'r> {
    rule: Option<&'r TermRule>,
    limit: Option<Counted>,
    target: Option<Counted>,
}

impl Layer<'_> {
    fn is_provisional(&self) -> bool {
        self.limit.iter().chain(&self.target).any(|counted| counted.due.provisional)
    }

    fn describe(&self) -> Option<LayerTerm> {
        let rule = self.rule?;
        let (limit, target) = (self.limit.as_ref(), self.target.as_ref());
        Some(LayerTerm {
            why: rule.why.clone(),
            limit: limit.map(|limit| limit.term.to_string()),
            due: limit.map(|limit| limit.due.date),
            due_at: limit.and_then(|limit| limit.due.at),
            target: target.map(|target| target.term.to_string()),
            target_due: target.map(|target| target.due.date),
            confirmed: rule.confirmed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::sample::{calendar, date};
    use crate::domain::verdict::Reason;
    use Term::{AtOnce, Hours, WorkingDays};

    fn rule(id: &str, limit: Option<Term>, target: Option<Term>) -> TermRule {
        let why = Reason { rule: id.into(), clause: None, law: None, says: "a term".into() };
        TermRule { why, limit, target, confirmed: None }
    }

    fn counted(right: Right, received: &str, law: &[TermRule], policy: &[TermRule]) -> Deadline {
        let received = Moment::parse(received).unwrap_or_else(|error| panic!("{error}"));
        deadline(right, received, law, policy, &calendar(), PastEndPolicy::Refuse)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn mycar_withdrawal_is_due_by_the_policy() {
        let law = [rule("KZ-8.7", Some(WorkingDays(15)), Some(WorkingDays(1)))];
        let policy = [rule("MC-8.10-revoke-deadline", Some(WorkingDays(1)), None)];
        let found = counted(Right::Revoke, "2026-03-20T15:00", &law, &policy);
        assert_eq!((found.due, found.binding), (Some(date("2026-03-26")), Some(Binding::Policy)));
        assert_eq!((found.target, found.gap, found.provisional), (None, None, false));
        let days: Vec<String> = found.skipped.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(days, ["2026-03-21", "2026-03-22", "2026-03-23", "2026-03-24", "2026-03-25"]);
        assert!(found.skipped.iter().all(|day| day.reason.contains("Nauryz")), "{:?}", found.skipped);
        assert_eq!(found.law.and_then(|law| law.due), Some(date("2026-04-15")));
    }

    #[test]
    fn automaster_withdrawal_is_due_by_law_with_a_careful_target() {
        let law = [rule("KZ-8.7", Some(WorkingDays(15)), None)];
        let policy = [rule("AM-9-revoke", None, Some(WorkingDays(1)))];
        let found = counted(Right::Revoke, "2026-03-20T15:00", &law, &policy);
        assert_eq!((found.due, found.binding), (Some(date("2026-04-15")), Some(Binding::Law)));
        assert_eq!((found.target, found.gap), (Some(date("2026-03-26")), None));
        assert_eq!(found.skipped.len(), 11, "five of Nauryz, three weekends: {:?}", found.skipped);
        let words = (found.law.and_then(|law| law.limit), found.policy.and_then(|policy| policy.target));
        assert_eq!(words, (Some("15 working days".into()), Some("1 working day".into())));
    }

    #[test]
    fn before_the_edition_the_target_stands_alone_beside_a_gap() {
        let policy = [rule("AM-9-revoke", None, Some(WorkingDays(1)))];
        let found = counted(Right::Revoke, "2026-01-16T10:00", &[], &policy);
        assert_eq!((found.due, found.binding, found.law), (None, None, None));
        assert_eq!(found.target, Some(date("2026-01-19")));
        assert_eq!(found.gap.as_deref(), Some("neither law nor policy had a term for revoke on 2026-01-16"));
        assert_eq!(found.skipped.len(), 2);
    }

    #[test]
    fn which_limit_binds() {
        let one = |id, term| vec![rule(id, Some(term), None)];
        for (about, law, policy, binding, due) in [
            (
                "a tie is the policy's",
                one("L", WorkingDays(1)),
                one("P", WorkingDays(1)),
                Binding::Policy,
                "2026-11-23",
            ),
            (
                "an instant is before a day",
                one("L", AtOnce),
                one("P", WorkingDays(1)),
                Binding::Law,
                "2026-11-20",
            ),
            (
                "24:00 is after any hour of it",
                one("L", WorkingDays(1)),
                one("P", Hours(72)),
                Binding::Policy,
                "2026-11-23",
            ),
            (
                "an hour of a later day",
                one("L", WorkingDays(1)),
                one("P", Hours(82)),
                Binding::Law,
                "2026-11-23",
            ),
            ("only the law speaks", one("L", WorkingDays(3)), vec![], Binding::Law, "2026-11-25"),
        ] {
            let found = counted(Right::Restrict, "2026-11-20T15:00", &law, &policy);
            assert_eq!((found.binding, found.due), (Some(binding), Some(date(due))), "{about}");
            assert_eq!(
                found.due_at.is_some(),
                about.contains("instant") || about.contains("24:00"),
                "{about}"
            );
        }
    }

    #[test]
    fn in_a_layer_the_earliest_of_each_kind_counts() {
        let law = [
            rule("L-late", Some(WorkingDays(15)), Some(WorkingDays(2))),
            rule("L-early", Some(WorkingDays(10)), Some(WorkingDays(5))),
        ];
        let found = counted(Right::Erase, "2026-11-20", &law, &[]);
        let layer = found.law.map(|law| (law.why.rule, law.limit, law.target));
        assert_eq!(
            layer,
            Some(("L-early".into(), Some("10 working days".into()), Some("2 working days".into())))
        );
        assert_eq!(found.target, Some(date("2026-11-24")));
    }

    #[test]
    fn a_target_no_earlier_than_the_limit_says_nothing() {
        for target in [AtOnce, WorkingDays(3), WorkingDays(4)] {
            let law = [rule("L", Some(WorkingDays(3)), Some(target))];
            let expected = (target == AtOnce).then(|| date("2026-11-20"));
            assert_eq!(counted(Right::Access, "2026-11-20", &law, &[]).target, expected, "{target}");
        }
    }

    #[test]
    fn past_the_calendar_a_command_stops_and_intake_goes_on() {
        let law = [rule("L", Some(WorkingDays(15)), None)];
        let received = Moment::start_of(date("2028-12-20"));
        let at_end = |policy| deadline(Right::Revoke, received, &law, &[], &calendar(), policy);
        let refused = at_end(PastEndPolicy::Refuse).map(|_| ()).map_err(|error| error.kind().code());
        assert_eq!(refused, Err(6));
        let found = at_end(PastEndPolicy::Provisional).map(|found| (found.due, found.provisional)).ok();
        assert_eq!(found, Some((Some(date("2029-01-10")), true)));
    }
}
