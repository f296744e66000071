use proptest::prelude::*;

use super::{CaseEvent as E, CaseState as S, *};
use crate::domain::{Channel, Decision, Pause};

fn verified() -> E {
    E::Verified { method: IdentityMethod::Document }
}

fn executed(waiting: bool) -> E {
    E::Executed { command: "access".into(), waiting, ask: None, outcome: None }
}

fn letter(at: Option<i64>) -> E {
    let at = at.map(Moment::from_unix);
    E::Received { channel: Channel::Email, tracking: None, at, late: None, demand: None, letter: None }
}

fn answered() -> E {
    E::Answered { channel: None, number: None, at: None, although: None, waits: Vec::new() }
}

fn refused() -> E {
    E::Refused { ground: "RF-ID".into(), facts: None }
}

fn duty(kind: DutyKind, place: &str) -> NewDuty {
    NewDuty { kind, place: place.into(), task: "destroy contact".into(), due: None }
}

fn decided() -> E {
    let duties = vec![duty(DutyKind::Manual, "paper"), duty(DutyKind::Tell, "Bank")];
    E::Decided { decision: Decision::Grant, duties, anew: false }
}

fn decided_as(anew: bool) -> E {
    E::Decided { decision: Decision::Partial, duties: vec![duty(DutyKind::Manual, "phone")], anew }
}

/// Advertising stopped, and the rest waits for who asks.
fn before_identity() -> E {
    let outcome = crate::domain::Outcome { unconfirmed: true, ..crate::domain::Outcome::nothing("iin") };
    let outcome = Some(Box::new(outcome));
    E::Executed { command: "object".into(), waiting: false, ask: None, outcome }
}

/// Carried out, with this act.
fn ended_by(act: &str) -> E {
    let outcome = crate::domain::Outcome { act: Some(act.into()), ..crate::domain::Outcome::nothing("iin") };
    let outcome = Some(Box::new(outcome));
    E::Executed { command: "erase".into(), waiting: true, ask: None, outcome }
}

fn done(step: u32) -> E {
    E::Done { step, evidence: Remark::kept("act 12"), found: None, part: None }
}

/// Part of a step is done, and something keeps the rest.
fn done_in_part(step: u32) -> E {
    let part = Part { done: "destroy contact (A)".into(), left: "destroy contract (A)".into() };
    E::Done { step, evidence: Remark::kept("act 12"), found: None, part: Some(part) }
}

/// Told of what was done, and that these steps wait.
fn answered_but(waits: &[u32]) -> E {
    E::Answered { channel: None, number: None, at: None, although: None, waits: waits.to_vec() }
}

fn told(step: u32) -> E {
    E::Told { step, at: Moment::from_unix(5) }
}

const REOPENED: E = E::Reopened { since: None, why: None };
const CANCELLED: E = E::Cancelled { why: None };
const NOTED: E = E::Noted { text: None };

#[test]
fn moves_of_a_case() {
    for (about, from, event, to) in [
        ("identity confirmed", S::Received, verified(), Some(S::Verified)),
        ("confirmed twice", S::Verified, verified(), Some(S::Verified)),
        ("a draft before identity", S::Received, executed(false), Some(S::Executed)),
        ("identity confirmed after a draft", S::Executed, verified(), Some(S::Verified)),
        ("identity for the rest", S::Waiting, verified(), Some(S::Waiting)),
        ("identity after the answer", S::Answered, verified(), None),
        ("advertising stopped before identity", S::Received, before_identity(), Some(S::Received)),
        ("and after too little of it", S::Verified, before_identity(), Some(S::Verified)),
        ("not after the end", S::Cancelled, before_identity(), None),
        ("a deal is open", S::Verified, executed(true), Some(S::Waiting)),
        ("the deal ended", S::Waiting, REOPENED, Some(S::Verified)),
        ("answered", S::Executed, answered(), Some(S::Answered)),
        ("told of what waits", S::Waiting, answered(), Some(S::Waiting)),
        ("answered twice", S::Answered, answered(), None),
        ("refused after the answer", S::Answered, refused(), None),
        ("refused for identity", S::Received, refused(), Some(S::Refused)),
        ("a mistake", S::Received, CANCELLED, Some(S::Cancelled)),
        ("a second letter", S::Verified, letter(None), Some(S::Verified)),
        ("a letter after the end", S::Answered, letter(None), None),
        ("a remark changes nothing", S::Answered, NOTED, Some(S::Answered)),
        ("open again", S::Refused, REOPENED, Some(S::Verified)),
        ("an open case re-opened", S::Received, REOPENED, None),
        ("a decision after the end", S::Answered, decided(), None),
        ("a step by hand after the end", S::Refused, done(1), Some(S::Refused)),
    ] {
        assert_eq!(from.apply(&event).ok(), to, "{about}");
    }
}

fn bar(right: Right, events: &[E], last: E) -> Option<Bar> {
    let start = Case::received(right, Moment::from_unix(0));
    let case = events.iter().try_fold(start, |case, event| case.apply(Moment::from_unix(9), event));
    case.map_or(None, |case| case.apply(Moment::from_unix(10), &last).err().map(|illegal| illegal.bar))
}

#[test]
fn what_keeps_a_case_from_its_end() {
    let acted = [verified(), decided(), executed(false)];
    for (about, right, events, last, expected) in [
        ("never carried out", Right::Access, &[][..], answered(), Some(Bar::NotCarriedOut)),
        ("identity alone", Right::Erase, &[verified()], answered(), Some(Bar::NotCarriedOut)),
        ("a complaint is answered by hand", Right::Complaint, &[], answered(), None),
        ("a step is open", Right::Erase, &acted, answered(), Some(Bar::OpenStep(1))),
        ("nor refused", Right::Erase, &acted, refused(), Some(Bar::OpenStep(1))),
        ("nor cancelled", Right::Erase, &acted, CANCELLED, Some(Bar::OpenStep(1))),
        ("a recipient is no step", Right::Erase, &acted, done(2), Some(Bar::NoStep(2))),
        ("a step is no recipient", Right::Erase, &acted, told(1), Some(Bar::NoStep(1))),
        ("no such step", Right::Erase, &acted, done(9), Some(Bar::NoStep(9))),
        ("a recipient is told", Right::Erase, &acted, told(2), None),
        ("all that is open waits", Right::Erase, &acted, answered_but(&[1]), None),
        (
            "another is open",
            Right::Erase,
            &[verified(), decided(), decided_as(false), executed(false)],
            answered_but(&[1]),
            Some(Bar::OpenStep(3)),
        ),
        ("what waits is no step", Right::Erase, &acted, answered_but(&[1, 2]), Some(Bar::NoStep(2))),
        (
            "nor is it done",
            Right::Erase,
            &[verified(), decided(), executed(false), done(1)],
            answered_but(&[1]),
            Some(Bar::NoStep(1)),
        ),
        (
            "no end while it waits",
            Right::Erase,
            &[verified(), decided(), executed(false), answered_but(&[1])],
            answered(),
            Some(Bar::OpenStep(1)),
        ),
    ] {
        assert_eq!(bar(right, events, last), expected, "{about}");
    }
    let ended = [verified(), decided(), executed(false), done(1)];
    assert_eq!(bar(Right::Erase, &ended, answered()), None, "recipients may be told after the answer");
    assert_eq!(bar(Right::Erase, &ended, done(1)), Some(Bar::NoStep(1)), "done is done");
}

#[test]
fn the_earliest_letter_and_the_answer_that_was_sent_count() {
    let mut case = Case::received(Right::Access, Moment::from_unix(100));
    let sent = E::Answered {
        channel: None,
        number: None,
        at: Some(Moment::from_unix(150)),
        although: None,
        waits: Vec::new(),
    };
    for (at, event) in [(110, letter(Some(90))), (120, letter(Some(95))), (130, executed(false)), (200, sent)]
    {
        case = case.apply(Moment::from_unix(at), &event).unwrap_or_else(|illegal| panic!("{illegal}"));
    }
    assert_eq!(case.received, Moment::from_unix(90));
    assert_eq!((case.answered, case.ended), (Some(Moment::from_unix(150)), Some(Moment::from_unix(150))));
}

#[test]
fn what_was_done_about_another_thing_is_owed_again() {
    let duties = vec![duty(DutyKind::Manual, "paper"), duty(DutyKind::Tell, "Bank")];
    let anew = E::Decided { decision: Decision::Grant, duties, anew: true };
    let lifted = E::Unblocked { finding: "accurate".into() };
    let first = || vec![decided(), executed(true)];
    let acted = || [first(), vec![done(1), told(2)]].concat();
    for (about, events, expected) in [
        ("open still", [first(), vec![REOPENED, decided()]].concat(), 2),
        ("asked again as before", [acted(), vec![decided()]].concat(), 2),
        ("done, and opened again", [acted(), vec![REOPENED, decided()]].concat(), 4),
        ("done, and another thing is asked", [acted(), vec![anew.clone()]].concat(), 4),
        ("half of it done", [first(), vec![told(2), anew]].concat(), 3),
        ("a second block", [acted(), vec![lifted, decided()]].concat(), 4),
        ("owed again once", [acted(), vec![REOPENED, decided(), decided()]].concat(), 4),
    ] {
        let each = events.iter().map(|event| (Moment::from_unix(1), event));
        let case = Case::replay(Right::Revoke, Moment::from_unix(0), each);
        assert_eq!(case.as_ref().map(|case| case.duties.len()), Ok(expected), "{about}");
        assert_eq!(case.map(|case| case.settled), Ok(settled(&events)), "{about}");
    }
}

#[test]
fn an_act_waits_for_the_steps_of_its_own_decision() {
    let at = Moment::from_unix;
    let events = [
        (10, decided()),
        (10, ended_by("A-1")),
        (11, done(1)),
        (12, REOPENED),
        (20, decided_as(false)),
        (20, ended_by("A-2")),
        (
            30,
            E::Decided {
                decision: Decision::Grant,
                duties: vec![duty(DutyKind::Manual, "desk")],
                anew: false,
            },
        ),
    ];
    let case = || events.iter().map(|(second, event)| (at(*second), event));
    for (about, act, started, expected) in [
        ("its own", "A-1", 10, Some(vec![1, 2])),
        ("of the resumption", "A-2", 20, Some(vec![3])),
        ("not told yet: of its moment", "A-3", 30, Some(vec![4])),
        ("an older version's", "A-4", 40, None),
    ] {
        let steps = steps_of_act((Right::Erase, at(0)), case(), (act, at(started)));
        assert_eq!(steps, expected.map(|steps| steps.into_iter().collect()), "{about}");
    }
}

#[test]
fn a_deputy_goes_on_until_their_last_day() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day);
    let handed = |to: &str, until| E::HandedOver { to: to.into(), until };
    for (about, events, expected) in [
        ("handed to nobody", vec![NOTED], Officer::Anybody),
        ("for good", vec![handed("A", None), NOTED], Officer::Named("A")),
        ("on the last day", vec![handed("B", day(22))], Officer::Named("B")),
        ("past it", vec![handed("B", day(21))], Officer::Gone("B", day(21).unwrap_or_default())),
        ("past it, back", vec![handed("A", None), handed("B", day(21))], Officer::Named("A")),
        ("a second deputy", vec![handed("B", day(20)), handed("C", day(23))], Officer::Named("C")),
    ] {
        let events: Vec<&E> = events.iter().collect();
        assert_eq!(officer(&events, day(22).unwrap_or_default()), expected, "{about}");
    }
}

/// Every kind of event there is: a kind that is not drawn is proved of nothing.
fn any_event() -> impl Strategy<Value = E> {
    prop_oneof![
        any_end(),
        any_remark(),
        Just(verified()),
        (0..200_i64).prop_map(|at| letter(Some(at))),
        any::<bool>().prop_map(executed),
        any::<bool>().prop_map(decided_as),
        Just(before_identity()),
        Just(E::Unblocked { finding: "accurate".into() }),
        (1..4_u32).prop_map(done),
        (1..4_u32).prop_map(done_in_part),
        (1..4_u32).prop_map(told),
        Just(E::Unverified { method: IdentityMethod::Document, why: Remark::kept("expired") }),
        prop::sample::select(Pause::ALL).prop_map(|what| E::Asked { what }),
        Just(E::Clarified),
        (0..300_i64)
            .prop_map(|at| E::Documented { what: Remark::kept("a paper"), at: Moment::from_unix(at) }),
        any::<bool>().prop_map(|told| E::Extended { told, why: Remark::kept("many papers") }),
    ]
}

fn any_end() -> impl Strategy<Value = E> {
    let at = || prop::option::of((0..300_i64).prop_map(Moment::from_unix));
    prop_oneof![
        at().prop_map(|at| E::Answered {
            channel: Some(Channel::Email),
            number: None,
            at,
            although: None,
            waits: Vec::new()
        }),
        prop::collection::vec(1..5_u32, 1..3).prop_map(|steps| answered_but(&steps)),
        Just(refused()),
        Just(CANCELLED),
        at().prop_map(|since| E::Reopened { since, why: None }),
    ]
}

fn any_remark() -> impl Strategy<Value = E> {
    let kind = AuthorityKind::PowerOfAttorney;
    let until = || {
        prop::option::of((1..28_u32).prop_filter_map("a day", |day| NaiveDate::from_ymd_opt(2026, 11, day)))
    };
    prop_oneof![
        Just(NOTED),
        until().prop_map(move |until| E::Authorised { kind, until }),
        Just(E::Unauthorised { kind, why: Remark::kept("expired") }),
        until().prop_map(|until| E::HandedOver { to: "B".into(), until }),
        (0..300_i64).prop_map(|at| E::Blocked { since: Moment::from_unix(at), categories: Vec::new() }),
        Just(E::Language { tag: "kk".into() }),
        Just(E::Proposed { user: 1, plan: "00".into(), ask: "{}".into() }),
        Just(E::Approved { user: 2, plan: "00".into() }),
    ]
}

proptest! {
    /// Whatever is tried in whatever order: what was accepted, replayed, gives the same case; and no case
    /// that ended owes a step by hand.
    #[test]
    fn a_replay_gives_the_case_again(tried in prop::collection::vec(any_event(), 0..40)) {
        let start = Moment::from_unix(100);
        let (mut case, mut accepted) = (Case::received(Right::Erase, start), Vec::new());
        for (nth, event) in tried.iter().enumerate() {
            let at = Moment::from_unix(200 + nth as i64);
            if let Ok(next) = case.apply(at, event) {
                case = next;
                accepted.push((at, event));
            }
            prop_assert!(case.state.is_open() || case.barring().next().is_none());
            let unsent = case.state == CaseState::Refused && !case.refusal_sent;
            prop_assert_eq!(case.state.is_open() || unsent, case.ended.is_none());
        }
        prop_assert_eq!(Case::replay(Right::Erase, start, accepted), Ok(case));
    }
}

#[test]
fn what_waits_by_hand_keeps_its_case_open_until_it_was_told() {
    let begun = || vec![verified(), decided(), executed(false), done_in_part(1), answered_but(&[3])];
    for (about, more, state, answered, put_off) in [
        ("it waits", vec![], S::Waiting, true, true),
        ("carried out again, and nothing is new", vec![executed(false)], S::Waiting, true, true),
        ("a deal is open too", vec![executed(true)], S::Waiting, true, false),
        ("half of the rest is done", vec![done_in_part(3)], S::Waiting, true, true),
        ("all of it is", vec![done_in_part(3), done(4)], S::Executed, false, false),
        ("and told", vec![done(3), self::answered()], S::Answered, true, false),
        ("opened again", vec![REOPENED], S::Verified, false, false),
    ] {
        let events = [begun(), more].concat();
        let events = events.iter().map(|event| (Moment::from_unix(9), event));
        let case = Case::replay(Right::Erase, Moment::from_unix(0), events)
            .unwrap_or_else(|e| panic!("{about}: {e}"));
        assert_eq!(
            (case.state, case.answered.is_some(), case.put_off),
            (state, answered, put_off),
            "{about}"
        );
        assert_eq!(case.ended.is_some(), state == S::Answered, "{about}");
    }
}

#[test]
fn what_is_left_of_a_step_is_owed_and_belongs_to_its_act() {
    let events = [verified(), decided(), ended_by("A-1"), done_in_part(1)];
    let events = || events.iter().map(|event| (Moment::from_unix(9), event));
    let case = Case::replay(Right::Erase, Moment::from_unix(0), events()).unwrap_or_else(|e| panic!("{e}"));
    let tasks = case.duties.iter().map(|duty| (duty.step, duty.what.task.as_str(), duty.is_open()));
    assert_eq!(
        tasks.collect::<Vec<_>>(),
        [(1, "destroy contact (A)", false), (2, "destroy contact", true), (3, "destroy contract (A)", true)]
    );
    let own = steps_of_act((Right::Erase, Moment::from_unix(0)), events(), ("A-1", Moment::from_unix(1)));
    assert_eq!(own, Some([1, 2, 3].into()));
}

#[test]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
fn a_step_taken_back_bars_nothing_and_is_owed_anew_when_it_is_decided_again() {
    let at = Moment::from_unix(9);
    let recalled = |step| E::Recalled { step, why: Remark::kept("nobody is confirmed") };
    let case = Case::received(Right::Erase, at);
    let case = case.apply(at, &verified()).and_then(|case| case.apply(at, &decided())).unwrap();
    assert_eq!(case.apply(at, &refused()).unwrap_err().bar, Bar::OpenStep(1));
    assert_eq!(case.apply(at, &recalled(2)).unwrap_err().bar, Bar::NoStep(2), "a recipient is told");
    let back = case.apply(at, &recalled(1)).unwrap();
    assert_eq!(back.apply(at, &done(1)).unwrap_err().bar, Bar::NoStep(1));
    assert_eq!(back.apply(at, &refused()).map(|case| case.state), Ok(CaseState::Refused));
    assert_eq!(back.apply(at, &CANCELLED).map(|case| case.state), Ok(CaseState::Cancelled));
    let again = back.apply(at, &decided()).unwrap();
    assert_eq!(again.barring().map(|duty| duty.step).collect::<Vec<_>>(), [3]);
}
