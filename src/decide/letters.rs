//! Which letter a case calls for, and what it has to tell: read from the case's own events alone.

use crate::domain::{
    Action, CaseEvent, Decision, Letter, LetterKind, Moment, Outcome, Pause, Remark, Right, outcome::Line,
};

/// A case's history as a letter tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What was done in all, and what stayed or waits in the end; `None`: nothing was carried out yet.
    pub outcome: Option<Outcome>,
    /// When it was carried out last.
    pub done: Option<Moment>,
    /// Acts of destruction, oldest first.
    pub acts: Vec<String>,
    /// The refusal that was signed.
    pub refused: Option<Refused>,
    /// What was asked last, as JSON without a value of the person.
    pub ask: Option<String>,
    /// Letters made, oldest first.
    pub letters: Vec<Letter>,
    /// Whether people who looked somewhere by hand found anything.
    pub found: bool,
    /// The end of the block of this case.
    pub lifted: Option<Lifted>,
    /// Whether the person was asked for proof of who they are.
    pub asked_identity: bool,
}

/// The end of a block, as its event keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: Moment,
    /// `accurate`, `inaccurate` or `unlawful`.
    pub finding: String,
}

/// A refusal as its event keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The ground.
    pub ground: String,
    /// Who signed.
    pub by: String,
    /// The facts, as the officer wrote them.
    pub facts: Option<Remark>,
}

impl Story {
    /// Reads a case's events, oldest first: when, who, what.
    pub fn of<'a>(events: impl IntoIterator<Item = (Moment, &'a str, &'a CaseEvent)>) -> Self {
        let mut story = Self::default();
        for (at, actor, event) in events {
            match event {
                CaseEvent::Executed { ask, outcome, .. } => {
                    story.done = Some(at);
                    story.ask = ask.clone().or(story.ask.take());
                    if let Some(outcome) = outcome {
                        story.acts.extend(outcome.act.clone());
                        story.outcome = Some(further(story.outcome.take(), outcome));
                    }
                }
                CaseEvent::Refused { ground, facts } => {
                    let (ground, by, facts) = (ground.clone(), actor.to_owned(), facts.clone());
                    story.refused = Some(Refused { ground, by, facts });
                }
                CaseEvent::Reopened { .. } => story.refused = None,
                CaseEvent::Lettered { letter } => story.letters.push((**letter).clone()),
                CaseEvent::Done { found: Some(true), .. } => story.found = true,
                CaseEvent::Blocked { .. } => story.lifted = None,
                CaseEvent::Unblocked { finding } => {
                    story.lifted = Some(Lifted { at, finding: finding.clone() });
                }
                CaseEvent::Asked { what: Pause::Identity } => story.asked_identity = true,
                _ => {}
            }
        }
        story
    }

    /// The letter it calls for; `None`: nothing was decided yet, or no letter belongs to the right.
    pub fn calls_for(&self, right: Right) -> Option<LetterKind> {
        use LetterKind as L;
        if right == Right::Breach {
            return Some(L::Authority);
        }
        if self.refused.is_some() {
            return Some(L::Refusal);
        }
        // Before it is known who asks nobody is told of more than a refusal that is signed.
        let outcome = self.outcome.as_ref().filter(|outcome| !outcome.unconfirmed)?;
        match right {
            Right::Rectify => return Some(L::Rectification),
            // Once the check is over a letter that tells of the block would be untrue.
            Right::Restrict if self.lifted.is_some() => return Some(L::Unblock),
            Right::Restrict => return Some(L::Block),
            Right::Unblock => return Some(L::Unblock),
            // What waits is put off: the case goes on, and nobody refused it.
            _ if outcome.decision == Decision::Refuse && outcome.waits.is_empty() => return Some(L::Refusal),
            Right::Minor => return Some(L::Minor),
            _ => {}
        }
        let idle = outcome.steps.is_empty() && outcome.kept.is_empty() && outcome.waits.is_empty();
        if idle && !self.found {
            return Some(L::NothingHeld);
        }
        match right {
            Right::Access | Right::Export => Some(L::Access),
            // What became of it only whoever found it knows: no title says that all is done.
            _ if idle => Some(L::Partial),
            _ if !outcome.kept.is_empty() || !outcome.waits.is_empty() => Some(L::Partial),
            // What a law keeps out of use is not destroyed, and no title says so.
            Right::Erase if outcome.of_action(Action::Archive).next().is_some() => Some(L::Partial),
            Right::Revoke => Some(L::Withdrawal),
            Right::Erase => Some(L::Erasure),
            Right::Object | Right::OptOut => Some(L::Objection),
            _ => None,
        }
    }

    /// The letters that the case bears out, the one it calls for first. A refusal that is not signed yet is borne
    /// out where nothing was carried out whole, or nobody was recognised.
    pub fn bears_out(&self, right: Right, recognised: bool) -> Vec<LetterKind> {
        use LetterKind as L;
        let mut kinds: Vec<LetterKind> = self.calls_for(right).into_iter().collect();
        let refusable = right.is_refusable() && self.may_be_refused(recognised);
        if refusable && !kinds.contains(&L::Refusal) {
            kinds.push(L::Refusal);
        }
        if self.outcome.is_some() {
            kinds.push(L::Recipient);
        }
        kinds
    }

    /// Whether a refusal would not be untrue: nothing was carried out whole, or nobody was recognised.
    pub fn may_be_refused(&self, recognised: bool) -> bool {
        !recognised || self.outcome.as_ref().is_none_or(|outcome| outcome.decision != Decision::Grant)
    }

    /// Whether what came out, or this letter, is a refusal that nobody has signed.
    pub fn is_unsigned(&self, letter: Option<&str>) -> bool {
        let refuses = |outcome: &Outcome| outcome.decision == Decision::Refuse && outcome.waits.is_empty();
        let says_so = letter == Some(LetterKind::Refusal.as_str());
        self.refused.is_none() && (says_so || self.outcome.as_ref().is_some_and(refuses))
    }

    /// Whether anything at all was done about the data; to tell recipients or give people tasks is not that.
    pub fn is_done_in_part(&self) -> bool {
        let done = |line: &Line| match line.action {
            Action::Notify | Action::Manual => false,
            Action::Destroy | Action::Archive | Action::Mask => line.count > 0,
            _ => true,
        };
        self.outcome.as_ref().is_some_and(|outcome| outcome.steps.iter().any(done))
    }

    /// The ground of the refusal: the one signed, else the rule of what was kept.
    pub fn ground(&self) -> Option<&str> {
        let signed = self.refused.as_ref().map(|refused| refused.ground.as_str());
        let kept = || Some(self.outcome.as_ref()?.kept.first()?.rule.as_str());
        signed.or_else(kept)
    }

    /// Recipients to be told, each once, with the country.
    pub fn recipients(&self) -> Vec<(&str, &str)> {
        let steps = self.outcome.iter().flat_map(|outcome| outcome.of_action(Action::Notify));
        let named = steps.filter_map(|step| {
            let [name, country, ..] = step.about.as_slice() else { return None };
            Some((name.as_str(), country.as_str()))
        });
        let mut all: Vec<_> = named.collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A case carried out in two goes tells both: all that was done, and only what is left in the end.
fn further(before: Option<Outcome>, last: &Outcome) -> Outcome {
    let again = |outcome: &Outcome| outcome.of_action(Action::Disclose).next().is_some();
    let unconfirmed = before.as_ref().is_none_or(|before| before.unconfirmed);
    let earlier = before.filter(|before| !again(before)).map(|before| before.steps).unwrap_or_default();
    let steps = earlier.into_iter().chain(last.steps.iter().cloned()).collect();
    Outcome { steps, unconfirmed: last.unconfirmed && unconfirmed, ..last.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseNumber, Category, Kept, Plan, Reason, RecordKey, Step, Wait, Waiting};

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

    fn told(events: &[CaseEvent]) -> Story {
        let at = Moment::parse("2026-11-22T10:00").ok();
        Story::of(events.iter().filter_map(|event| Some((at?, "officer", event))))
    }

    #[test]
    fn each_outcome_calls_for_its_letter() {
        use Decision::{Grant, Partial, Refuse};
        let refused = || CaseEvent::Refused { ground: "RF-ID".into(), facts: None };
        let gone = || executed(Grant, vec![step(Action::Destroy)], vec![], vec![]);
        let archived = || executed(Partial, vec![step(Action::Archive)], vec![], vec![]);
        let half = || executed(Partial, vec![step(Action::Destroy)], vec![kept()], vec![wait()]);
        let none = || executed(Grant, vec![], vec![], vec![]);
        let looked = |found| CaseEvent::Done { step: 1, evidence: Remark::kept("12"), found: Some(found) };
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
}
