//! Which date binds, by layers; and what the events of a case do to it.

use super::*;
use crate::calendar::sample::{calendar, date};
use crate::domain::{ClockRule, Extension, Pause, Roll, Tick, Ticked, verdict::Reason};
use Term::{AtOnce, Hours, WorkingDays};

fn rule(id: &str, limit: Option<Term>, target: Option<Term>) -> TermRule {
    let why = Reason { rule: id.into(), clause: None, law: None, says: "a term".into() };
    TermRule { why, limit, target, clock: ClockRule::default(), confirmed: None }
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
        ("an hour of a later day", one("L", WorkingDays(1)), one("P", Hours(82)), Binding::Law, "2026-11-23"),
        ("only the law speaks", one("L", WorkingDays(3)), vec![], Binding::Law, "2026-11-25"),
    ] {
        let found = counted(Right::Restrict, "2026-11-20T15:00", &law, &policy);
        assert_eq!((found.binding, found.due), (Some(binding), Some(date(due))), "{about}");
        assert_eq!(found.due_at.is_some(), about.contains("instant") || about.contains("24:00"), "{about}");
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

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A month from receipt, two more once with notice, standing during the identity check: article 12 of
/// the European regulation.
fn month() -> TermRule {
    let extension = Extension { by: Term::Months(2), times: 1, notice: true };
    let clock =
        ClockRule { pauses: vec![Pause::Identity], extension: Some(extension), ..ClockRule::default() };
    TermRule { clock, ..rule("E", Some(Term::Months(1)), None) }
}

fn timed(rule: TermRule, policy: &[TermRule], events: &[(&str, Tick)]) -> Timed {
    let events: Vec<Ticked> = events.iter().map(|(day, what)| Ticked { at: at(day), what: *what }).collect();
    let story = Story::of(&events, at("2026-04-30T12:00")).unwrap_or_else(|error| panic!("{error}"));
    over_events(Right::Access, &story, &[rule], policy, &calendar(), PastEndPolicy::Refuse)
        .unwrap_or_else(|error| panic!("{error}"))
}

const CAME: (&str, Tick) = ("2026-01-31T10:00", Tick::Started(StartEvent::Receipt));
const TOLD: Tick = Tick::Extended { told: true };

#[test]
fn what_events_do_to_a_date() {
    use {Pause::Identity, Tick::Paused, Tick::Resumed};
    let silent = Tick::Extended { told: false };
    let check = [("2026-02-02T09:00", Paused(Identity)), ("2026-02-12T17:00", Resumed(Identity))];
    for (about, events, due, first, refused) in [
        ("a month, clamped and rolled", vec![], "2026-03-02", None, ""),
        ("a pause of ten days", check.to_vec(), "2026-03-10", None, ""),
        (
            "of no length",
            vec![("2026-02-02", Paused(Identity)), ("2026-02-02", Resumed(Identity))],
            "2026-03-02",
            None,
            "",
        ),
        ("for something else", vec![("2026-02-02", Paused(Pause::Documents))], "2026-03-02", None, ""),
        ("lengthened once", vec![("2026-03-02T23:59", TOLD)], "2026-04-30", Some("2026-03-02"), ""),
        (
            "but not twice",
            vec![("2026-02-10", TOLD), ("2026-02-11", TOLD)],
            "2026-04-30",
            Some("2026-03-02"),
            "E: its term was lengthened as often as it may be",
        ),
        (
            "nor without telling",
            vec![("2026-02-10", silent)],
            "2026-03-02",
            None,
            "E: the person was not told of the extension and its reasons",
        ),
        (
            "nor too late",
            vec![("2026-03-03", TOLD)],
            "2026-03-02",
            None,
            "E: the extension came after the due date",
        ),
        ("both", [&check[..], &[("2026-03-05", TOLD)]].concat(), "2026-05-12", Some("2026-03-10"), ""),
    ] {
        let found = timed(month(), &[], &[&[CAME], &events[..]].concat());
        assert_eq!((found.deadline.due, found.first_due), (Some(date(due)), first.map(date)), "{about}");
        assert_eq!(found.refused.join("; "), refused, "{about}");
    }
}

#[test]
fn a_pause_is_named_among_the_days_that_do_not_count() {
    let running = ("2026-04-28", Tick::Paused(Pause::Identity));
    let rule = TermRule { limit: Some(WorkingDays(60)), ..month() };
    let rule = TermRule { clock: ClockRule { extension: None, ..rule.clock.clone() }, ..rule };
    let found = timed(rule, &[], &[CAME, running]);
    let last = found.deadline.skipped.iter().filter(|day| day.reason.contains("identity, not ended yet"));
    assert_eq!(last.map(|day| day.date.to_string()).collect::<Vec<_>>(), ["2026-04-29", "2026-04-30"]);
}

#[test]
fn what_another_layer_allows_does_not_move_the_stricter_one() {
    let policy = [rule("P", Some(WorkingDays(10)), None)];
    let found =
        timed(month(), &policy, &[CAME, ("2026-02-02", TOLD), ("2026-02-02", Tick::Paused(Pause::Identity))]);
    assert_eq!(
        (found.deadline.due, found.deadline.binding),
        (Some(date("2026-02-13")), Some(Binding::Policy))
    );
    assert_eq!(found.refused, ["P: its term cannot be lengthened"]);
}

#[test]
fn a_term_waits_for_its_event() {
    let clock = ClockRule { from: StartEvent::Documents, ..ClockRule::default() };
    let law = TermRule { clock, ..rule("KZ-25.8a", Some(WorkingDays(1)), None) };
    let waiting = timed(law.clone(), &[], &[CAME]);
    assert_eq!((waiting.deadline.due, waiting.deadline.gap), (None, None));
    assert_eq!(waiting.waits_for, [(StartEvent::Documents, "KZ-25.8a".to_owned())]);
    assert_eq!(waiting.deadline.law.and_then(|law| law.limit).as_deref(), Some("1 working day"));
    let documents = ("2026-02-06", Tick::Started(StartEvent::Documents));
    assert_eq!(timed(law, &[], &[CAME, documents]).deadline.due, Some(date("2026-02-09")));
}

#[test]
fn forty_five_calendar_days_may_end_on_a_day_off() {
    let extension = Extension { by: Term::CalendarDays(45), times: 1, notice: true };
    let clock = ClockRule { roll: Roll::None, extension: Some(extension), ..ClockRule::default() };
    let rule = TermRule { clock, ..rule("C", Some(Term::CalendarDays(45)), None) };
    assert_eq!(timed(rule.clone(), &[], &[CAME]).deadline.due, Some(date("2026-03-17")));
    let found = timed(rule, &[], &[CAME, ("2026-03-01", TOLD)]);
    assert_eq!(found.deadline.due, Some(date("2026-05-01")), "a holiday");
}

mod laws {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::DayKind;

    fn terms() -> impl Strategy<Value = Term> {
        prop_oneof![
            Just(AtOnce),
            (1u32..80).prop_map(Hours),
            (0u32..20).prop_map(WorkingDays),
            (0u32..60).prop_map(Term::CalendarDays),
            (0u32..6).prop_map(Term::Weeks),
            (0u32..4).prop_map(Term::Months),
        ]
    }

    fn clocks() -> impl Strategy<Value = ClockRule> {
        let pauses = prop_oneof![Just(vec![]), Just(vec![Pause::Identity]), Just(Pause::ALL.to_vec())];
        pauses.prop_map(|pauses| ClockRule { pauses, ..ClockRule::default() })
    }

    prop_compose! {
        fn rules()(given in prop::collection::vec((terms(), prop::option::of(terms()), clocks()), 1..4))
            -> Vec<TermRule> {
            given.into_iter().enumerate().map(|(nth, (limit, target, clock))| {
                TermRule { clock, ..rule(&format!("R-{nth}"), Some(limit), target) }
            }).collect()
        }
    }

    prop_compose! {
        /// A receipt of 2024 to 2026, and pauses that begin and end after it.
        fn events()(came in 1_704_100_000i64..1_790_000_000, gaps in prop::collection::vec(0i64..600_000, 0..8))
            -> Vec<Ticked> {
            let mut at = came;
            let mut all = vec![Ticked { at: Moment::from_unix(came), what: Tick::Started(StartEvent::Receipt) }];
            for (nth, gap) in gaps.into_iter().enumerate() {
                at += gap;
                let kind = Pause::ALL[(nth / 2) % Pause::ALL.len()];
                let what = if nth % 2 == 0 { Tick::Paused(kind) } else { Tick::Resumed(kind) };
                all.push(Ticked { at: Moment::from_unix(at), what });
            }
            all
        }
    }

    fn now() -> Moment {
        at("2027-06-01")
    }

    fn found(events: &[Ticked], law: &[TermRule], policy: &[TermRule]) -> Result<Deadline, TestCaseError> {
        let fail = |error: &dyn std::fmt::Display| TestCaseError::fail(error.to_string());
        let story = Story::of(events, now()).map_err(|error| fail(&error))?;
        over_events(Right::Access, &story, law, policy, &calendar(), PastEndPolicy::Provisional)
            .map(|timed| timed.deadline)
            .map_err(|error| fail(&error))
    }

    fn ends(deadline: &Deadline) -> Option<Moment> {
        let day = |day: chrono::NaiveDate| Moment::start_of(day.succ_opt().unwrap_or(day));
        deadline.due_at.or(deadline.due.map(day))
    }

    proptest! {
        #[test]
        fn a_date_is_worked_and_never_before_the_receipt(events in events(), law in rules(), policy in rules()) {
            let found = found(&events, &law, &policy)?;
            let due = found.due.ok_or_else(|| TestCaseError::fail("no date"))?;
            prop_assert!(due >= found.received.day());
            prop_assert!(found.target.is_none_or(|target| target >= found.received.day() && target < due));
            let worked = found.provisional || calendar().day(due) == Ok(DayKind::Working);
            prop_assert!(found.due_at.is_some() || worked, "{due} is a day off");
        }

        #[test]
        fn a_further_rule_never_makes_it_later(events in events(), law in rules(), more in rules(), at in 0usize..4) {
            let before = found(&events, &law, &[])?;
            let mut longer = law.clone();
            longer.splice(at.min(law.len())..at.min(law.len()), more.clone());
            for after in [found(&events, &longer, &[])?, found(&events, &law, &more)?] {
                prop_assert!(ends(&after) <= ends(&before));
            }
        }

        #[test]
        fn the_order_of_filing_changes_nothing(events in events(), law in rules(), seed in 0usize..8) {
            let mut shuffled = events.clone();
            let by = seed.min(events.len());
            // Only events of different moments may change places: those of one moment keep their order.
            let distinct = events.windows(2).all(|pair| pair[0].at < pair[1].at);
            prop_assume!(distinct);
            shuffled.rotate_left(by);
            prop_assert_eq!(found(&events, &law, &[])?, found(&shuffled, &law, &[])?);
        }

        #[test]
        fn a_pause_of_no_length_changes_nothing(came in 1_704_100_000i64..1_790_000_000, law in rules(), offset in 0i64..900_000) {
            let events = [Ticked { at: Moment::from_unix(came), what: Tick::Started(StartEvent::Receipt) }];
            let at = Moment::from_unix(came + offset);
            let paused = [Tick::Paused(Pause::Identity), Tick::Resumed(Pause::Identity)];
            let more: Vec<Ticked> = paused.into_iter().map(|what| Ticked { at, what }).collect();
            let with = found(&[&events[..], &more[..]].concat(), &law, &[])?;
            prop_assert_eq!(found(&events, &law, &[])?, with);
        }
    }
}
