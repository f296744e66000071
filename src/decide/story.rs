//! What happened to a case, as far as a clock cares: when terms began, when clocks stood, when more time
//! was taken. Built anew from the events each time, so the same events give the same dates.

use std::fmt;

use crate::calendar::Standstill;
use crate::domain::{Moment, Pause, StartEvent, Tick, Ticked};

/// The events of one case in the order of time, up to a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    received: Moment,
    /// Whether the receipt stands for whatever event a term counts from: a question without a case.
    stands_for_all: bool,
    starts: Vec<(StartEvent, Moment)>,
    pauses: Vec<Stood>,
    pub(super) extensions: Vec<Extended>,
}

/// One pause. `to` is the moment of the question where it has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stood {
    why: Pause,
    from: Moment,
    to: Moment,
    ended: bool,
}

/// More time taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extended {
    pub at: Moment,
    pub told: bool,
}

/// Events that cannot have happened in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IllegalTick {
    /// Nothing began any clock.
    NothingBegan,
    /// A pause was ended that had not begun.
    NotPaused(Pause),
    /// A pause was begun that had not ended.
    PausedTwice(Pause),
    /// An event lies after the moment of the question.
    InTheFuture(Moment),
}

impl fmt::Display for IllegalTick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingBegan => f.write_str("no event of the case begins a term"),
            Self::NotPaused(why) => write!(f, "the check of {why} was ended, but none had begun"),
            Self::PausedTwice(why) => write!(f, "the check of {why} was begun, but one is running"),
            Self::InTheFuture(at) => write!(f, "an event of {} lies in the future", at.rfc3339()),
        }
    }
}

impl Story {
    /// A question about a moment without a case: it stands for whatever event a term counts from.
    pub fn of_receipt(received: Moment) -> Self {
        let (starts, pauses, extensions) = (Vec::new(), Vec::new(), Vec::new());
        Self { received, stands_for_all: true, starts, pauses, extensions }
    }

    /// The story of a case at the moment `now`: a clock that still stands is taken to run again now.
    ///
    /// Events may come in any order; those of one moment keep theirs.
    ///
    /// # Errors
    /// [`IllegalTick`] for events that cannot have happened so.
    pub fn of(events: &[Ticked], now: Moment) -> Result<Self, IllegalTick> {
        let mut events: Vec<Ticked> = events.to_vec();
        events.sort_by_key(|event| event.at);
        if let Some(late) = events.iter().find(|event| event.at > now) {
            return Err(IllegalTick::InTheFuture(late.at));
        }
        let mut story = Self { stands_for_all: false, ..Self::of_receipt(now) };
        events.into_iter().try_for_each(|event| story.add(event, now))?;
        let first = story.start(StartEvent::Receipt).or(story.starts.first().map(|(_, at)| *at));
        story.received = first.ok_or(IllegalTick::NothingBegan)?;
        Ok(story)
    }

    fn add(&mut self, event: Ticked, now: Moment) -> Result<(), IllegalTick> {
        let open = |why| move |stood: &&mut Stood| stood.why == why && !stood.ended;
        match event.what {
            Tick::Started(what) => self.starts.push((what, event.at)),
            Tick::Paused(why) if self.standing(why) => return Err(IllegalTick::PausedTwice(why)),
            Tick::Paused(why) => self.pauses.push(Stood { why, from: event.at, to: now, ended: false }),
            Tick::Resumed(why) => {
                let stood = self.pauses.iter_mut().find(open(why)).ok_or(IllegalTick::NotPaused(why))?;
                (stood.to, stood.ended) = (event.at, true);
            }
            Tick::Extended { told } => self.extensions.push(Extended { at: event.at, told }),
        }
        Ok(())
    }

    /// When the case came, or what it is about was found.
    pub fn received(&self) -> Moment {
        self.received
    }

    /// When an event happened first; `None` = not yet.
    pub fn start(&self, event: StartEvent) -> Option<Moment> {
        if self.stands_for_all {
            return Some(self.received);
        }
        self.starts.iter().find(|(what, _)| *what == event).map(|(_, at)| *at)
    }

    /// Whether a pause of this kind has not ended.
    pub fn standing(&self, why: Pause) -> bool {
        self.pauses.iter().any(|stood| stood.why == why && !stood.ended)
    }

    /// The spans in which a clock stood that may stop for these.
    pub(super) fn stood(&self, kinds: &[Pause]) -> Vec<Standstill> {
        let mine = self.pauses.iter().filter(|stood| kinds.contains(&stood.why));
        let span = |stood: &Stood| {
            let why = stood.why;
            let reason = if stood.ended {
                format!("the clock stood: check of {why}")
            } else {
                format!("the clock stood: check of {why}, not ended yet")
            };
            Standstill { from: stood.from, to: stood.to, reason }
        };
        mine.map(span).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_cannot_have_happened() {
        use {IllegalTick as E, Pause::Identity, StartEvent::Receipt, Tick as T};
        let came = (1, T::Started(Receipt));
        for (events, fault) in [
            (vec![], E::NothingBegan),
            (vec![(1, T::Paused(Identity))], E::NothingBegan),
            (vec![came, (2, T::Resumed(Identity))], E::NotPaused(Identity)),
            (vec![came, (2, T::Paused(Identity)), (3, T::Paused(Identity))], E::PausedTwice(Identity)),
            (vec![came, (9, T::Extended { told: true })], E::InTheFuture(at("2026-11-09"))),
        ] {
            let day = |(day, what)| Ticked { at: at(&format!("2026-11-0{day}")), what };
            let events: Vec<Ticked> = events.into_iter().map(day).collect();
            assert_eq!(Story::of(&events, at("2026-11-08")), Err(fault), "{fault}");
        }
    }

    #[test]
    fn the_first_letter_counts_whatever_order_they_are_filed_in() {
        let came = |day| Ticked { at: at(day), what: Tick::Started(StartEvent::Receipt) };
        let story = Story::of(&[came("2026-11-05"), came("2026-11-03T18:00")], at("2026-11-22"));
        assert_eq!(story.map(|story| story.received()), Ok(at("2026-11-03T18:00")));
    }
}
