//! From what to when: the events of a case as its clock sees them.
//!
//! Pure, so that a replay of the register gives every date again.

use crate::domain::{Case, CaseEvent, CaseState, Moment, Outcome, Pause, Right, StartEvent, Tick, Ticked};

/// What moves the clock of a case, from its events, each with the moment it was written.
///
/// It runs from the earliest letter, which stands for every event that a term may count from until that
/// event is recorded: a correction runs from the documents that confirm it (art. 25(2)(8)), another law's term
/// from the identity or the registration. A case opened again begins anew from what opened it, once somebody was
/// told how it ended, or what it waits for; one that was cancelled, or whose refusal was not sent, or that waited for
/// the answer of another case and nobody was told, goes on where it stood: our own lateness makes nothing timely. The end of
/// a deal, an order or a check begins a term of its own. Where an answer told of what waited, the term of the next one runs from when that was
/// done.
pub fn ticks<'e>(
    right: Right,
    received: Moment,
    events: impl IntoIterator<Item = (Moment, &'e CaseEvent)>,
) -> Vec<Ticked> {
    let (mut run, mut case) = (Run::new(received, true), Case::received(right, received));
    for (at, event) in events {
        run.take(right, at, event);
        let after = case.apply(at, event).unwrap_or_else(|_| case.clone());
        let told = case.state == CaseState::Waiting && case.answered.is_some();
        if told && after.state == CaseState::Executed {
            run = Run::new(at, false);
        }
        case = after;
    }
    run.finish()
}

struct Run {
    begun: Moment,
    documents: Option<Moment>,
    identity: Option<Moment>,
    registered: Option<Moment>,
    moved: Vec<Ticked>,
    first: bool,
    /// It ended, or was carried out but for what waits, and nobody was told.
    untold: bool,
}

impl Run {
    fn new(begun: Moment, first: bool) -> Self {
        let moved = Vec::new();
        Self { begun, documents: None, identity: None, registered: None, moved, first, untold: false }
    }

    fn take(&mut self, right: Right, written: Moment, event: &CaseEvent) {
        match event {
            CaseEvent::Received { at: Some(came), .. } => {
                self.begun = if self.first { *came } else { self.begun.min(*came) };
                self.first = false;
                self.registered = self.registered.or(Some(written));
            }
            CaseEvent::Documented { at, .. } => {
                self.documents = (right == Right::Rectify).then_some(*at).or(self.documents);
                self.resume(*at, Pause::Documents);
            }
            CaseEvent::Verified { .. } => {
                self.identity = self.identity.or(Some(written));
                self.resume(written, Pause::Identity);
            }
            // What was confirmed was not enough: a term that counts from it has not begun.
            CaseEvent::Unverified { .. } => self.identity = None,
            CaseEvent::Asked { what } => self.pause(written, *what),
            CaseEvent::Clarified => self.resume(written, Pause::Clarification),
            CaseEvent::Extended { told, .. } => self.push(written, Tick::Extended { told: *told }),
            CaseEvent::Refused { .. } | CaseEvent::Cancelled { .. } => {
                self.asks_no_more(written);
                self.untold = true;
            }
            CaseEvent::Executed { outcome: Some(outcome), .. } => self.untold |= waits_for_us(outcome),
            CaseEvent::Answered { at, .. } => {
                self.asks_no_more(at.unwrap_or(written));
                self.untold = false;
            }
            CaseEvent::Reopened { .. } if self.untold => self.untold = false,
            CaseEvent::Reopened { since, .. } => {
                let begun = since.unwrap_or(written);
                *self = Self::new(begun, false);
            }
            _ => {}
        }
    }

    /// When the clock was stopped for this, if it stands.
    fn standing(&self, why: Pause) -> Option<Moment> {
        let last = self.moved.iter().rev().find_map(|tick| match tick.what {
            Tick::Paused(other) if other == why => Some(Some(tick.at)),
            Tick::Resumed(other) if other == why => Some(None),
            _ => None,
        });
        last.flatten()
    }

    fn pause(&mut self, at: Moment, why: Pause) {
        if self.standing(why).is_none() {
            self.push(at, Tick::Paused(why));
        }
    }

    /// What came before it was asked for, but was written down after, stopped the clock for no time.
    fn resume(&mut self, at: Moment, why: Pause) {
        if let Some(since) = self.standing(why) {
            self.push(at.max(since), Tick::Resumed(why));
        }
    }

    /// With the end of a case nothing is asked of anybody, as [`waits_for`] has it.
    fn asks_no_more(&mut self, at: Moment) {
        Pause::ALL.iter().for_each(|why| self.resume(at, *why));
    }

    fn push(&mut self, at: Moment, what: Tick) {
        self.moved.push(Ticked { at, what });
    }

    fn finish(self) -> Vec<Ticked> {
        let started = StartEvent::ALL.iter().map(|what| {
            let came = match what {
                StartEvent::Documents => self.documents,
                StartEvent::Identity => self.identity,
                StartEvent::Registration => self.registered,
                _ => None,
            };
            Ticked { at: came.map_or(self.begun, |at| at.max(self.begun)), what: Tick::Started(*what) }
        });
        // A pause that ended before it was written down would end before it began.
        let last = |tick: Ticked| Ticked { at: tick.at.max(self.begun), ..tick };
        started.chain(self.moved.iter().copied().map(last)).collect()
    }
}

/// Whether all that waits does so for the answer of another case, which is ours to send.
fn waits_for_us(outcome: &Outcome) -> bool {
    !outcome.waits.is_empty() && outcome.waits.iter().all(|wait| wait.on == "answer")
}

/// What the person was asked for and has not brought, in the order of asking.
pub fn waits_for<'e>(events: impl IntoIterator<Item = &'e CaseEvent>) -> Vec<Pause> {
    let mut open = Vec::new();
    let came = |open: &mut Vec<Pause>, what: Pause| open.retain(|asked| *asked != what);
    for event in events {
        match event {
            CaseEvent::Asked { what } if !open.contains(what) => open.push(*what),
            CaseEvent::Documented { .. } => came(&mut open, Pause::Documents),
            CaseEvent::Verified { .. } => came(&mut open, Pause::Identity),
            CaseEvent::Clarified => came(&mut open, Pause::Clarification),
            CaseEvent::Answered { .. } | CaseEvent::Refused { .. } | CaseEvent::Cancelled { .. } => {
                open.clear()
            }
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Channel, Decision, DutyKind, IdentityMethod, NewDuty, Remark, outcome::Pending};

    fn moment(day: u32) -> Moment {
        Moment::parse(&format!("2026-11-{day:02}T10:00")).unwrap_or_else(|error| panic!("{error}"))
    }

    fn letter(day: u32) -> CaseEvent {
        let at = Some(moment(day));
        CaseEvent::Received {
            channel: Channel::Email,
            tracking: None,
            at,
            late: None,
            demand: None,
            letter: None,
        }
    }

    const CANCELLED: CaseEvent = CaseEvent::Cancelled { why: None };

    fn refused() -> CaseEvent {
        CaseEvent::Refused { ground: "RF-OBLIG".into(), facts: None }
    }

    fn answered() -> CaseEvent {
        CaseEvent::Answered { channel: None, number: None, at: None, although: None, waits: Vec::new() }
    }

    fn documents() -> CaseEvent {
        CaseEvent::Documented { what: Remark::kept("birth record"), at: moment(19) }
    }

    fn start(right: Right, events: &[CaseEvent], of: StartEvent) -> Option<Moment> {
        let ticks = ticks(right, moment(16), events.iter().map(|event| (moment(22), event)));
        ticks.iter().find(|tick| tick.what == Tick::Started(of)).map(|tick| tick.at)
    }

    #[test]
    fn what_a_term_runs_from() {
        use StartEvent::{Documents, Identity, Receipt, Registration};
        let verified = || CaseEvent::Verified { method: IdentityMethod::KnownContact };
        let why = || Remark::kept("the contact on file is too new");
        let unverified = || CaseEvent::Unverified { method: IdentityMethod::KnownContact, why: why() };
        let waits_on = |on: &str| {
            let wait = Pending { on: on.into(), name: None, count: 1, statutory: None };
            let outcome = Some(Box::new(Outcome { waits: vec![wait], ..Outcome::nothing("iin") }));
            CaseEvent::Executed { command: "revoke".into(), waiting: true, ask: None, outcome }
        };
        let waits = || waits_on("answer");
        let reopened = |since: Option<u32>| CaseEvent::Reopened { since: since.map(moment), why: None };
        for (about, right, events, of, from) in [
            ("the receipt", Right::Access, vec![letter(16)], Receipt, 16),
            ("the earlier of two letters", Right::Access, vec![letter(17), letter(16)], Receipt, 16),
            ("a later letter changes nothing", Right::Access, vec![letter(16), letter(17)], Receipt, 16),
            ("no documents yet", Right::Rectify, vec![letter(16)], Documents, 16),
            ("documents for a correction", Right::Rectify, vec![letter(16), documents()], Documents, 19),
            ("documents for a copy", Right::Export, vec![letter(16), documents()], Documents, 16),
            ("nobody identified", Right::Access, vec![letter(16)], Identity, 16),
            ("the identity", Right::Access, vec![letter(16), verified()], Identity, 22),
            (
                "an identity taken back",
                Right::Access,
                vec![letter(16), verified(), unverified()],
                Identity,
                16,
            ),
            ("the registration", Right::Access, vec![letter(16)], Registration, 22),
            ("the identity moves no receipt", Right::Access, vec![letter(16), verified()], Receipt, 16),
            ("what opened it", Right::Revoke, vec![letter(16), reopened(Some(20))], Receipt, 20),
            ("an officer opened it", Right::Revoke, vec![letter(16), reopened(None)], Receipt, 22),
            ("after a mistake", Right::Revoke, vec![letter(16), CANCELLED, reopened(None)], Receipt, 16),
            (
                "a refusal nobody got",
                Right::Revoke,
                vec![letter(16), refused(), reopened(Some(20))],
                Receipt,
                16,
            ),
            (
                "a wait nobody was told of",
                Right::Revoke,
                vec![letter(16), waits(), reopened(Some(20))],
                Receipt,
                16,
            ),
            (
                "a deal, whose end begins a term",
                Right::Revoke,
                vec![letter(16), waits_on("obligation"), reopened(Some(20))],
                Receipt,
                20,
            ),
            (
                "a wait that was told",
                Right::Revoke,
                vec![letter(16), waits(), answered(), reopened(Some(20))],
                Receipt,
                20,
            ),
            (
                "a second wait nobody was told of",
                Right::Revoke,
                vec![letter(16), waits(), answered(), reopened(Some(20)), waits(), reopened(Some(21))],
                Receipt,
                20,
            ),
            (
                "a refusal that was sent",
                Right::Revoke,
                vec![letter(16), refused(), answered(), reopened(Some(20))],
                Receipt,
                20,
            ),
        ] {
            assert_eq!(start(right, &events, of), Some(moment(from)), "{about}");
        }
    }

    #[test]
    fn after_the_last_step_that_waited_the_answer_is_due_anew() {
        let duty = |place: &str| NewDuty {
            kind: DutyKind::Manual,
            place: place.into(),
            task: "destroy contact (A)".into(),
            due: None,
        };
        let duties = vec![duty("paper"), duty("phone")];
        let done = |step| CaseEvent::Done { step, evidence: Remark::kept("1"), found: None, part: None };
        let waits = |steps: &[u32]| CaseEvent::Answered {
            channel: None,
            number: None,
            at: None,
            although: None,
            waits: steps.to_vec(),
        };
        let carried_out =
            |waiting| CaseEvent::Executed { command: "erase".into(), waiting, ask: None, outcome: None };
        let begun = |waiting| {
            let decided =
                CaseEvent::Decided { decision: Decision::Grant, duties: duties.clone(), anew: false };
            vec![letter(16), decided, carried_out(waiting)]
        };
        for (about, waiting, more, from) in [
            ("they wait", false, vec![waits(&[1, 2])], 16),
            ("one is done", false, vec![waits(&[1, 2]), done(1)], 16),
            ("both are", false, vec![waits(&[1, 2]), done(1), done(2)], 22),
            ("nobody was told before", false, vec![done(1), done(2)], 16),
            ("a deal is waited for too", true, vec![waits(&[1, 2]), done(1), done(2)], 16),
        ] {
            let events = [begun(waiting), more].concat();
            assert_eq!(start(Right::Erase, &events, StartEvent::Receipt), Some(moment(from)), "{about}");
        }
    }

    #[test]
    fn a_clock_stands_between_asking_and_getting() {
        let asked = |what| CaseEvent::Asked { what };
        let verified = || CaseEvent::Verified { method: IdentityMethod::Document };
        for (about, events, moves, waits) in [
            ("nothing asked", vec![letter(16), verified()], 0, vec![]),
            ("asked", vec![letter(16), asked(Pause::Identity)], 1, vec![Pause::Identity]),
            ("asked twice", vec![asked(Pause::Identity), asked(Pause::Identity)], 1, vec![Pause::Identity]),
            ("asked and got", vec![asked(Pause::Identity), verified()], 2, vec![]),
            ("asked, and a mistake", vec![letter(16), asked(Pause::Identity), CANCELLED], 2, vec![]),
            (
                "asked two",
                vec![asked(Pause::Documents), asked(Pause::Clarification), documents()],
                3,
                vec![Pause::Clarification],
            ),
        ] {
            let ticks = ticks(Right::Access, moment(16), events.iter().map(|event| (moment(22), event)));
            assert_eq!(ticks.len() - StartEvent::ALL.len(), moves, "{about}");
            assert_eq!(waits_for(&events), waits, "{about}");
        }
    }
}
