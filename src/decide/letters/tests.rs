use super::*;
use crate::domain::{
    CaseNumber, Category, DutyKind, Kept, NewDuty, Plan, Reason, RecordKey, Step, Wait, Waiting,
};

fn why(rule: &str) -> Reason {
    Reason { rule: rule.into(), clause: None, law: None, says: String::new() }
}

fn step(action: Action) -> Step {
    let keys = vec![RecordKey { id: 1, version: 1 }];
    Step { category: Some(Category::new("contact")), keys, ..Step::new(action, "record", why("R-1")) }
}

fn kept() -> Kept {
    let keys = vec![RecordKey { id: 2, version: 1 }];
    let (category, system) = (Category::new("contract"), "own".to_owned());
    Kept { action: Action::Destroy, category, system, keys, until: None, why: why("RF-OBLIG") }
}

fn wait() -> Wait {
    let on = Waiting::Block(CaseNumber::new(2026, 1));
    Wait { on, keys: Vec::new(), consents: Vec::new(), reopens: String::new(), statutory: None }
}

fn executed(decision: Decision, steps: Vec<Step>, kept: Vec<Kept>, waits: Vec<Wait>) -> CaseEvent {
    let waiting = !waits.is_empty();
    let plan = Plan { decision, steps, kept, gaps: Vec::new(), waits };
    let outcome = Some(Box::new(Outcome::of(&plan, Some("A-2026-000001".into()), Some("iin"))));
    CaseEvent::Executed { command: "any".into(), waiting, ask: None, outcome }
}

fn manual(task: &str) -> Step {
    Step { about: vec![task.to_owned()], ..Step::new(Action::Manual, "", why("R-1")) }
}

/// The story with what people did: step 1 looks somebody up, step 2 sorts papers.
fn told(events: &[CaseEvent]) -> Story {
    let at = Moment::parse("2026-11-22T10:00").ok();
    let done = events.iter().filter_map(|event| match event {
        CaseEvent::Done { step, found, .. } => Some((*step, *found)),
        _ => None,
    });
    let duty = |(step, found)| {
        let task = if step == 1 {
            "look up contract (A)"
        } else {
            "look for papers that a law keeps and destroy the others: contract (A)"
        };
        let what = NewDuty { kind: DutyKind::Manual, place: "paper".into(), task: task.into(), due: None };
        Duty { done: at, found, ..Duty::new(step, what) }
    };
    let duties: Vec<Duty> = done.map(duty).collect();
    Story::of(events.iter().filter_map(|event| Some((at?, "officer", event)))).told_by(&duties)
}

#[test]
fn each_outcome_calls_for_its_letter() {
    use Decision::{Grant, Partial, Refuse};
    let refused = || CaseEvent::Refused { ground: "RF-ID".into(), facts: None };
    let gone = || executed(Grant, vec![step(Action::Destroy)], vec![], vec![]);
    let archived = || executed(Partial, vec![step(Action::Archive)], vec![], vec![]);
    let half = || executed(Partial, vec![step(Action::Destroy)], vec![kept()], vec![wait()]);
    let none = || executed(Grant, vec![], vec![], vec![]);
    let looked =
        |found| CaseEvent::Done { step: 1, evidence: Remark::kept("12"), found: Some(found), part: None };
    let sorted =
        |found| CaseEvent::Done { step: 2, evidence: Remark::kept("12"), found: Some(found), part: None };
    let looks = || {
        executed(Grant, vec![manual("look the person up and destroy what no law keeps (A)")], vec![], vec![])
    };
    let blocks = || executed(Grant, vec![step(Action::Block)], vec![], vec![]);
    let lifted = || CaseEvent::Unblocked { finding: "unlawful".into() };
    for (about, right, events, letter) in [
        ("not decided", Right::Revoke, vec![], None),
        (
            "access",
            Right::Access,
            vec![executed(Grant, vec![step(Action::Disclose)], vec![], vec![])],
            Some("access"),
        ),
        ("nobody", Right::Access, vec![none()], Some("nothing_held")),
        ("nobody to erase", Right::Erase, vec![none()], Some("nothing_held")),
        ("withdrawn", Right::Revoke, vec![gone()], Some("withdrawal")),
        ("archived is done", Right::Revoke, vec![archived()], Some("withdrawal")),
        ("erased", Right::Erase, vec![gone()], Some("erasure")),
        ("kept by law", Right::Erase, vec![archived()], Some("partial")),
        ("in part", Right::Revoke, vec![half()], Some("partial")),
        ("then whole", Right::Revoke, vec![half(), gone()], Some("withdrawal")),
        ("refused", Right::Erase, vec![executed(Refuse, vec![], vec![kept()], vec![])], Some("refusal")),
        ("signed", Right::Access, vec![refused()], Some("refusal")),
        (
            "signed, then reopened",
            Right::Access,
            vec![refused(), CaseEvent::Reopened { since: None, why: None }],
            None,
        ),
        (
            "no document",
            Right::Rectify,
            vec![executed(Refuse, vec![], vec![kept()], vec![])],
            Some("rectification"),
        ),
        ("nobody, but on paper", Right::Access, vec![none(), looked(true)], Some("access")),
        ("nor there", Right::Access, vec![none(), looked(false)], Some("nothing_held")),
        ("what was found is no whole erasure", Right::Erase, vec![none(), looked(true)], Some("partial")),
        (
            "people looked and nothing was there",
            Right::Erase,
            vec![looks(), looked(false)],
            Some("nothing_held"),
        ),
        ("papers that stay", Right::Erase, vec![gone(), sorted(true)], Some("partial")),
        ("no paper that stays", Right::Erase, vec![gone(), sorted(false)], Some("erasure")),
        ("papers that stay by law", Right::Revoke, vec![gone(), sorted(true)], Some("withdrawal")),
        ("blocked", Right::Restrict, vec![blocks()], Some("block")),
        ("and no more", Right::Restrict, vec![blocks(), lifted()], Some("unblock")),
        ("a breach", Right::Breach, vec![], Some("authority")),
        ("a complaint", Right::Complaint, vec![gone()], None),
    ] {
        let kind = told(&events).calls_for(right).map(LetterKind::as_str);
        assert_eq!(kind, letter, "{about}");
    }
}

#[test]
fn nobody_of_whom_anything_is_held_is_told_that_nothing_is() {
    let idle = || told(&[executed(Decision::Grant, vec![], vec![], vec![])]);
    for (right, held, letter) in [
        (Right::Erase, false, LetterKind::NothingHeld),
        (Right::Erase, true, LetterKind::Partial),
        (Right::Object, true, LetterKind::Partial),
        (Right::Access, true, LetterKind::NothingHeld),
    ] {
        let story = idle().held(held);
        assert_eq!(story.calls_for(right), Some(letter), "{right} {held}");
        assert!(story.lets_know(letter, right), "{right} {held}");
    }
    // Messages stop for anybody, and the letter does not say whether there were any.
    for held in [false, true] {
        let story = idle().held(held);
        assert_eq!(story.calls_for(Right::OptOut), Some(LetterKind::Objection), "{held}");
        assert!(!story.lets_know(LetterKind::Objection, Right::OptOut), "{held}");
    }
}

#[test]
fn what_nobody_did_is_refused_or_ordered_anew_and_never_told_as_done() {
    let gone = || executed(Decision::Grant, vec![step(Action::Destroy)], vec![], vec![]);
    let recalled = || CaseEvent::Recalled { step: 1, why: Remark::kept("not hers") };
    let decided = || CaseEvent::Decided { decision: Decision::Grant, duties: vec![], anew: false };
    let refused = || CaseEvent::Refused { ground: "RF-SCOPE".into(), facts: None };
    for (about, events, letter, refusable) in [
        ("done", vec![gone()], Some("erasure"), false),
        ("taken back", vec![gone(), recalled()], None, true),
        ("refused", vec![gone(), recalled(), refused()], Some("refusal"), true),
        ("ordered anew", vec![gone(), recalled(), decided(), gone()], Some("erasure"), false),
    ] {
        let story = told(&events);
        assert_eq!(story.calls_for(Right::Erase).map(LetterKind::as_str), letter, "{about}");
        assert_eq!(story.may_be_refused(Right::Erase, true), refusable, "{about}");
    }
}

#[test]
fn what_was_done_for_somebody_known_is_not_refused_because_nobody_knows_them_any_more() {
    let gone = || executed(Decision::Grant, vec![step(Action::Destroy)], vec![], vec![]);
    let part = || executed(Decision::Partial, vec![step(Action::Destroy)], vec![kept()], vec![]);
    let stays = || executed(Decision::Partial, vec![], vec![kept()], vec![]);
    let recalled = || CaseEvent::Recalled { step: 1, why: Remark::kept("not hers") };
    for (about, right, events, refusable, done, owed) in [
        ("nothing yet", Right::Erase, vec![], true, false, false),
        ("whole", Right::Erase, vec![gone()], false, true, false),
        ("but for what stays", Right::Erase, vec![part()], true, true, false),
        ("a step taken back", Right::Erase, vec![gone(), recalled()], true, false, false),
        ("what stays alone lets know", Right::Erase, vec![stays()], true, false, true),
        ("a block is anybody's", Right::Restrict, vec![gone()], false, true, false),
        ("data is told to its person", Right::Access, vec![gone()], true, false, true),
    ] {
        let story = told(&events);
        assert_eq!(story.may_be_refused(right, false), refusable, "{about}");
        assert_eq!(story.is_done_for_known(right), done, "{about}");
        assert_eq!(story.is_owed_to_known(right), owed, "{about}");
    }
}

#[test]
fn what_two_goes_archive_is_told_once() {
    let line = |count: usize| Kept {
        until: "2029-12-31".parse().ok(),
        keys: vec![RecordKey { id: 2, version: 1 }; count],
        category: Category::new("contact"),
        ..kept()
    };
    let archive = Step { until: "2029-12-31".parse().ok(), ..step(Action::Archive) };
    for (about, stays, left) in
        [("the same", vec![line(1)], 0), ("more", vec![line(2)], 1), ("another", vec![kept()], 1)]
    {
        let first = executed(Decision::Partial, vec![archive.clone()], vec![], vec![]);
        let second = executed(Decision::Partial, vec![], stays, vec![]);
        let outcome = told(&[first, second]).outcome.unwrap_or_else(|| Outcome::nothing("iin"));
        assert_eq!((outcome.of_action(Action::Archive).count(), outcome.kept.len()), (1, left), "{about}");
    }
}

#[test]
fn what_was_named_is_kept_over_two_goes() {
    let asked = |words: &str| CaseEvent::Executed {
        command: "erase".into(),
        waiting: false,
        ask: Some(format!("{{\"erase\":{{\"categories\":[{words}]}}}}")),
        outcome: None,
    };
    let of = |events: &[CaseEvent]| told(events).scope.map(|scope| scope.categories);
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[asked("\"a\""), asked("\"b\"")]), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(of(&[asked("\"a\""), asked("")]), Some(Vec::new()));
}

#[test]
fn a_refusal_is_signed_by_a_person() {
    let refuse = |waits| executed(Decision::Refuse, vec![], vec![kept()], waits);
    let signed = || CaseEvent::Refused { ground: "RF-LEGAL".into(), facts: None };
    let part = || executed(Decision::Partial, vec![step(Action::Destroy)], vec![kept()], vec![]);
    for (about, events, letter, unsigned) in [
        ("nothing came out", vec![], None, false),
        ("refused by the rules alone", vec![refuse(vec![])], None, true),
        ("and signed", vec![refuse(vec![]), signed()], Some("refusal"), false),
        ("it waits and goes on", vec![refuse(vec![wait()])], Some("partial"), false),
        ("a letter that refuses it", vec![refuse(vec![wait()])], Some("refusal"), true),
        ("part of it", vec![part()], Some("partial"), false),
        ("part of it, told as a refusal", vec![part()], Some("refusal"), true),
    ] {
        assert_eq!(told(&events).is_unsigned(letter), unsigned, "{about}");
    }
}

#[test]
fn two_goes_are_one_story() {
    let first = executed(Decision::Partial, vec![step(Action::Suppress)], vec![kept()], vec![wait()]);
    let second = executed(Decision::Grant, vec![step(Action::Destroy)], vec![], vec![]);
    let story = told(&[first, second]);
    let outcome = story.outcome.unwrap_or_else(|| Outcome::nothing("iin"));
    assert_eq!(outcome.steps.len(), 2, "both are told");
    assert!(outcome.kept.is_empty() && outcome.waits.is_empty(), "what was left is left no more");
    assert_eq!(story.acts.len(), 2);
}

#[test]
fn an_answer_made_twice_is_told_once() {
    let answer = || executed(Decision::Grant, vec![step(Action::Disclose)], vec![], vec![]);
    let story = told(&[answer(), answer()]);
    assert_eq!(story.outcome.map(|outcome| outcome.steps.len()), Some(1));
}

/// What changes what a letter says makes it one of the past; what does not leaves it as it is.
#[test]
fn a_letter_is_current_until_something_else_is_recorded() {
    let letter = || {
        let letter = Letter {
            kind: "access".into(),
            number: "1".into(),
            sha256: "00".into(),
            languages: vec!["ru".into()],
            items: Vec::new(),
            faults: Vec::new(),
        };
        CaseEvent::Lettered { letter: Box::new(letter) }
    };
    let came = |day: u32| CaseEvent::Received {
        channel: crate::domain::Channel::Email,
        tracking: None,
        at: Moment::parse(&format!("2026-11-{day:02}")).ok(),
        late: None,
        demand: None,
        letter: None,
    };
    let done = |found| CaseEvent::Done { step: 1, evidence: Remark::kept("12"), found, part: None };
    let answered =
        CaseEvent::Answered { channel: None, number: None, at: None, although: None, waits: Vec::new() };
    for (about, event, current) in [
        ("nothing else", None, 1),
        ("carried out anew", Some(executed(Decision::Grant, vec![], vec![], vec![])), 0),
        ("refused", Some(CaseEvent::Refused { ground: "RF-ID".into(), facts: None }), 0),
        ("opened again", Some(CaseEvent::Reopened { since: None, why: None }), 0),
        ("the check ended", Some(CaseEvent::Unblocked { finding: "accurate".into() }), 0),
        ("something was found", Some(done(Some(true))), 0),
        ("a step that finds nothing out", Some(done(None)), 1),
        ("an earlier letter of theirs", Some(came(18)), 0),
        ("a later one", Some(came(21)), 1),
        ("a remark", Some(CaseEvent::Noted { text: Some(Remark::kept("a call")) }), 1),
        ("sent", Some(answered), 1),
    ] {
        let events: Vec<CaseEvent> = [came(20), letter()].into_iter().chain(event).collect();
        assert_eq!(told(&events).current().len(), current, "{about}");
        let again: Vec<CaseEvent> = events.into_iter().chain([letter()]).collect();
        assert!(!told(&again).current().is_empty(), "{about}: made again");
    }
}
