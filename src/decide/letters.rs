//! Which letter a case calls for, and what it has to tell: read from the case's own events alone.

mod refusable;
mod scope;

use std::collections::BTreeSet;

pub use scope::Scope;

use super::{
    by_hand::{self, halted},
    by_place::deeds::{Deed, Fate, deeds},
    corrections::{self, Correction, corrections},
    identity::{Identity, needs_identity},
    purposes,
};
use crate::domain::{
    Action, CaseEvent, Channel, Decision, Duty, Letter, LetterKind, Moment, Outcome, Pause, Purpose, Remark,
    Right, case::AuthorityKind, outcome::Line,
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
    /// How many of them, the oldest, were made before something that changed what they say.
    pub outdated: usize,
    /// What the person named of it, in all that was carried out; `None`: nothing was.
    pub scope: Option<Scope>,
    /// Whether nothing but messages was named of it.
    pub messages: bool,
    /// Whether people who looked the person up somewhere found anything.
    pub found: bool,
    /// Whether anything was corrected, here, elsewhere or by hand.
    pub corrected: bool,
    /// What became of data in places that people keep.
    pub by_hand: BTreeSet<Fate>,
    /// Whether steps by hand wait because something keeps by now what they would destroy.
    pub halted: bool,
    /// Whether people did something since the last letter was made.
    pub done_since: bool,
    /// Whether anything is held of the person today.
    pub held: bool,
    /// The end of the block of this case.
    pub lifted: Option<Lifted>,
    /// Whether the person was asked for proof of who they are.
    pub asked_identity: bool,
    /// Whether somebody acts for the person, who may or was not let.
    pub acting: bool,
    /// Whether whoever acted was found to have no authority any more once it was carried out: the person alone is told.
    pub lost: bool,
    /// The ways by which its letters came.
    pub ways: Vec<Channel>,
    /// Steps by hand that were taken back and not decided anew: nothing that they were to do is told as done.
    pub recalled: BTreeSet<u32>,
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
        let (mut story, mut put_off, mut received) = (Self::default(), false, None);
        for (at, actor, event) in events {
            put_off |= !event.waits().is_empty();
            if unsays(event, &mut received) {
                story.outdated = story.letters.len();
            }
            match event {
                CaseEvent::Recalled { step, .. } => drop(story.recalled.insert(*step)),
                CaseEvent::Decided { .. } => story.recalled.clear(),
                CaseEvent::Executed { ask, outcome, .. } => {
                    story.done = Some(at);
                    if let Some(ask) = ask {
                        let named = Scope::of(ask);
                        story.scope =
                            Some(story.scope.take().map_or(named.clone(), |before| before.and(named)));
                    }
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
                CaseEvent::Reopened { .. } => (story.refused, put_off) = (None, false),
                CaseEvent::Lettered { letter } => {
                    story.letters.push((**letter).clone());
                    story.done_since = false;
                }
                CaseEvent::Done { .. } => {
                    story.done_since = true;
                    // A letter told of the rest before: the next one tells when that was done.
                    story.done = if put_off { Some(at) } else { story.done };
                }
                CaseEvent::Blocked { .. } => story.lifted = None,
                CaseEvent::Unblocked { finding } => {
                    story.lifted = Some(Lifted { at, finding: finding.clone() });
                }
                CaseEvent::Authorised { kind, .. } | CaseEvent::Unauthorised { kind, .. } => {
                    story.acting = *kind != AuthorityKind::Itself;
                    story.lost = story.done.is_some() && matches!(event, CaseEvent::Unauthorised { .. });
                }
                CaseEvent::Asked { what: Pause::Identity } => story.asked_identity = true,
                CaseEvent::Received { channel, .. } => story.ways.push(*channel),
                _ => {}
            }
        }
        story
    }

    /// The letters that still say what the case recorded.
    pub fn current(&self) -> &[Letter] {
        self.letters.get(self.outdated..).unwrap_or_default()
    }

    /// The same with what people did and found.
    #[must_use]
    pub fn told_by(mut self, duties: &[Duty]) -> Self {
        let found = |duty: &Duty| by_hand::is_look_up(&duty.what.task) && duty.found == Some(true);
        self.found = duties.iter().any(found);
        self.halted = duties.iter().any(Duty::is_halted);
        let deeds = deeds(duties);
        self.by_hand = deeds.iter().map(|deed| deed.fate).collect();
        if let Some(outcome) = &mut self.outcome {
            let made = |one: &Correction| !matches!(one.fate, corrections::Fate::Undone(_));
            self.corrected = corrections(outcome, duties).iter().any(made);
            outcome.kept.retain(|line| !is_told_by_step(line, duties, &deeds));
        }
        self
    }

    /// The same, and whether nothing but these, the purposes of messages, was named.
    #[must_use]
    pub fn about_messages(self, messages: &[Purpose]) -> Self {
        let is_one = |word: &String| purposes::covered(&Purpose::new(word), messages);
        let named = self.scope.as_ref().is_some_and(|scope| {
            let others = !scope.categories.is_empty() || !scope.consents.is_empty();
            !others && !scope.purposes.is_empty() && scope.purposes.iter().all(is_one)
        });
        Self { messages: named, ..self }
    }

    /// Whether it ends messages and nothing else: they end for anybody, and no letter says whether there were any.
    pub fn ends_messages(&self, right: Right) -> bool {
        right == Right::OptOut || right == Right::Object && self.messages
    }

    /// The same, and whether anything is held of the person today.
    #[must_use]
    pub fn held(self, held: bool) -> Self {
        Self { held, ..self }
    }

    /// Whether nothing had to be done: people were asked to look at most.
    pub fn is_idle(&self) -> bool {
        let looks = |line: &Line| {
            line.action == Action::Manual && line.about.iter().all(|task| by_hand::is_look_up(task))
        };
        self.outcome.as_ref().is_some_and(|outcome| {
            let whole = outcome.kept.is_empty() && outcome.waits.is_empty() && !self.halted;
            whole && outcome.steps.iter().all(looks)
        })
    }

    /// Whether the letter lets its reader know whether anything is held of the person: nobody learns that who might be
    /// somebody else. Messages stop for anybody, and the letter about their end is the same for anybody. A letter that tells
    /// of nothing but what waits or stays lets know that it is there.
    pub fn lets_know(&self, kind: LetterKind, right: Right) -> bool {
        match kind {
            LetterKind::Access | LetterKind::NothingHeld => true,
            LetterKind::Partial if self.ends_messages(right) => false,
            LetterKind::Partial => {
                let for_known = matches!(needs_identity(right), Identity::Needed | Identity::Partly);
                self.is_idle() || for_known && !self.is_done_in_part()
            }
            _ => false,
        }
    }

    /// Whether a letter of the case tells of steps that wait by hand as they do not any more, or tells of none that do.
    pub fn is_outdated(&self, letter: &Letter) -> bool {
        let tells = letter.tells_put_off();
        tells != self.halted || tells && self.done_since
    }

    /// Whether bytes that a letter tells of may still lie in a file: of an act that is not finished, unless it waits for
    /// nothing but what something keeps elsewhere.
    pub fn is_pending(&self, finished: bool, clean: bool) -> bool {
        !(finished || clean && self.halted)
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
        // A step that was taken back was not done: until it is ordered anew only a signed refusal can be told.
        if !self.recalled.is_empty() {
            return None;
        }
        match right {
            Right::Rectify => return Some(L::Rectification),
            // Once the check is over a letter that tells of the block would be untrue.
            Right::Restrict if self.lifted.is_some() => return Some(L::Unblock),
            Right::Restrict => return Some(L::Block),
            // A check that ended and whose block stands: what is to be destroyed is kept by something else.
            Right::Unblock if outcome.ends_block() => return Some(L::Unblock),
            Right::Unblock if outcome.waits.is_empty() => return None,
            Right::Unblock => return Some(L::Partial),
            // What waits is put off: the case goes on, and nobody refused it.
            _ if outcome.decision == Decision::Refuse && outcome.waits.is_empty() => return Some(L::Refusal),
            Right::Minor => return Some(L::Minor),
            _ => {}
        }
        let idle = self.is_idle();
        // Somebody of whom other data is held is not told that nothing is.
        // Messages end for anybody, and no letter says whether there were any.
        if !self.ends_messages(right) && idle && !self.found && (right.tells_data() || !self.held) {
            return Some(L::NothingHeld);
        }
        match right {
            _ if idle && self.ends_messages(right) => Some(L::Objection),
            Right::Access | Right::Export => Some(L::Access),
            // What became of it only whoever found it knows: no title says that all is done.
            _ if idle => Some(L::Partial),
            _ if self.halted || !outcome.kept.is_empty() || !outcome.waits.is_empty() => Some(L::Partial),
            // What a law keeps out of use is not destroyed, and no title says so.
            Right::Erase if outcome.of_action(Action::Archive).next().is_some() => Some(L::Partial),
            Right::Erase if self.by_hand.contains(&Fate::ByLaw) => Some(L::Partial),
            _ if self.by_hand.contains(&Fate::ForDeal) => Some(L::Partial),
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
        let refusable = right.is_refusable() && self.may_be_refused(right, recognised);
        if refusable && !kinds.contains(&L::Refusal) {
            kinds.push(L::Refusal);
        }
        // Nobody is asked to correct what nobody corrected here.
        if self.outcome.is_some() && (right != Right::Rectify || self.corrected) {
            kinds.push(L::Recipient);
        }
        kinds
    }

    /// Whether anything at all was done about the data; to tell recipients or give people tasks is not that.
    pub fn is_done_in_part(&self) -> bool {
        let done = |line: &Line| match line.action {
            Action::Notify | Action::Manual => false,
            Action::Destroy | Action::Archive | Action::Mask => line.count > 0,
            _ => true,
        };
        let here = self.outcome.as_ref().is_some_and(|outcome| outcome.steps.iter().any(done));
        here || !self.by_hand.is_empty()
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

/// Whether something that stays in a place of people is told by a step there: one of an earlier decision that waits, or that
/// was done since.
fn is_told_by_step(line: &Line, duties: &[Duty], deeds: &[Deed<'_>]) -> bool {
    let (Some(category), [place]) = (line.category.as_deref(), line.about.as_slice()) else { return false };
    let waits = |duty: &Duty| {
        let names = halted::free(&duty.what.task, &[]).contains(&category);
        duty.is_halted() && duty.what.place == *place && names
    };
    let done = |deed: &Deed<'_>| deed.place == place && deed.category == category;
    duties.iter().any(waits) || deeds.iter().any(done)
}

/// Whether a letter made before says something else than one made after this: what was done, kept or found, why it is
/// refused, that the case ended, or when the request came. An answer that told of a rest asks for another letter.
fn unsays(event: &CaseEvent, received: &mut Option<Moment>) -> bool {
    if !event.waits().is_empty() {
        return true;
    }
    match event {
        CaseEvent::Executed { .. }
        | CaseEvent::Refused { .. }
        | CaseEvent::Reopened { .. }
        | CaseEvent::Blocked { .. }
        | CaseEvent::Unblocked { .. }
        | CaseEvent::Done { found: Some(_), .. } => true,
        // It is addressed to the person alone from here on.
        CaseEvent::Authorised { kind, .. } => *kind == AuthorityKind::Itself,
        CaseEvent::Unauthorised { .. } => true,
        CaseEvent::Received { at: Some(at), .. } => {
            let earlier = received.is_some_and(|first| *at < first);
            *received = Some(received.map_or(*at, |first| first.min(*at)));
            earlier
        }
        _ => false,
    }
}

/// A case carried out in two goes tells both: all that was done, and only what is left in the end. What the first go
/// archived stays in the second, and is told once, as archived.
pub fn further(before: Option<Outcome>, last: &Outcome) -> Outcome {
    let again = |outcome: &Outcome| outcome.of_action(Action::Disclose).next().is_some();
    let unconfirmed = before.as_ref().is_none_or(|before| before.unconfirmed);
    let earlier = before.filter(|before| !again(before)).map(|before| before.steps).unwrap_or_default();
    let archived = |kept: &&Line| {
        let same = |line: &&Line| {
            line.action == Action::Archive && (&line.category, &line.until) == (&kept.category, &kept.until)
        };
        kept.count > 0 && kept.count <= earlier.iter().filter(same).map(|line| line.count).sum()
    };
    let kept = last.kept.iter().filter(|line| !archived(line)).cloned().collect();
    let steps = earlier.iter().chain(&last.steps).cloned().collect();
    Outcome { steps, kept, unconfirmed: last.unconfirmed && unconfirmed, ..last.clone() }
}

#[cfg(test)]
mod tests;
