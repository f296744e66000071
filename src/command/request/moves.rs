//! One or more events of a case with their audit entry, committed together: what every move shares.

use chrono::NaiveDate;

use super::{of_the_chosen, said, show};
use crate::{
    audit::State,
    command::{
        Outcome, intake,
        reach::elsewhere,
        world::{Rules, World},
    },
    decide::{by_hand, grounds},
    domain::{CaseEvent, CaseNumber, Error, Kind, Moment, Result},
    execute::{
        cases,
        context::{Context, Said},
        halts::{self, Elsewhere},
        tasks, waits,
    },
    store::{CaseFile, Mode, Store, Tx, View},
};

/// What an officer records of a case.
pub(super) struct Move<'a> {
    number: &'a CaseNumber,
    command: &'static str,
    state: State,
    events: Vec<CaseEvent>,
    rules: Vec<String>,
    /// Whose act it is, as the case's history shows it; `None`: who gave the command.
    by: Option<String>,
    /// What must hold under the lock, before anything is written.
    check: Option<Check<'a>>,
    /// What else is written with it.
    beside: Option<Beside<'a>>,
}

/// What is asked of a case and its rules inside the writing transaction.
type Check<'a> = Box<dyn FnOnce(&View<'_>, &CaseFile, &Rules) -> Result<()> + 'a>;

/// What is written in the same transaction, once the case was moved.
type Beside<'a> = Box<dyn FnOnce(&Tx<'_>, &Context, &CaseFile) -> Result<()> + 'a>;

impl<'a> Move<'a> {
    pub fn of(
        number: &'a CaseNumber,
        command: &'static str,
        state: State,
        events: impl IntoIterator<Item = CaseEvent>,
    ) -> Self {
        let events = events.into_iter().collect();
        Self { number, command, state, events, rules: Vec::new(), by: None, check: None, beside: None }
    }

    /// By a rule, which the audit entry names, and signed by a person.
    pub fn signed(self, rule: &str, by: &str) -> Self {
        Self { rules: vec![rule.to_owned()], by: Some(by.to_owned()), ..self }
    }

    /// Signed by a person.
    pub fn by(self, name: &str) -> Self {
        Self { by: Some(name.to_owned()), ..self }
    }

    /// Only where this holds of the case as it stands when it is written.
    pub fn checked(self, check: impl FnOnce(&View<'_>, &CaseFile, &Rules) -> Result<()> + 'a) -> Self {
        Self { check: Some(Box::new(check)), ..self }
    }

    /// With what else is written in the same transaction.
    pub fn with(self, beside: impl FnOnce(&Tx<'_>, &Context, &CaseFile) -> Result<()> + 'a) -> Self {
        Self { beside: Some(Box::new(beside)), ..self }
    }

    /// Writes the events and answers with the case.
    pub fn run(self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let case = self.write(world, &mut store)?;
        show(world, &mut store, case)
    }

    /// Writes the events.
    pub fn write(self, world: &World<'_, '_>, store: &mut Store) -> Result<CaseFile> {
        let (_, rules) = chosen(self.number, world, store)?;
        let (number, seen) = (self.number, store.read(|view| Ok(view.case_history(self.number)?.len()))?);
        let mut context = world.plain_context(None)?;
        let written = store.transact(|tx| {
            let mut file = tx.case(self.number)?;
            context.controller = Some(file.controller.clone());
            self.check.map_or(Ok(()), |check| check(tx, &file, &rules))?;
            self.events.iter().try_for_each(|event| whole(tx, &file, event, &rules))?;
            let by = self.by.as_deref().unwrap_or(context.actor.name()).to_owned();
            for event in &self.events {
                file = cases::advance(tx, (context.now, &by), rules.pair(), self.number, event)?;
                if matches!(event, CaseEvent::Refused { ground, .. } if ground == grounds::OBLIGATION) {
                    waits::for_deals(tx, &file)?;
                }
            }
            self.beside.map_or(Ok(()), |beside| beside(tx, &context, &file))?;
            context.log(tx, self.command, self.state, Said { rules: self.rules, ..said(&file) })?;
            if self
                .events
                .iter()
                .any(|event| matches!(event, CaseEvent::Answered { .. } | CaseEvent::Cancelled { .. }))
            {
                tasks::close(tx, &context, rules.pair(), &by_hand::answer_first(self.number), self.number)?;
            }
            // What waited for the answer goes on; `status` tells it.
            cases::reopen(tx, &context, rules.pair())?;
            Ok(file)
        });
        match written {
            Err(error) if matches!(error.kind(), Kind::Usage | Kind::Refused) => {
                let now = store.read(|view| Ok(view.case_history(number)?.len()))?;
                Err(if now == seen { error } else { meanwhile(number) })
            }
            written => written,
        }
    }
}

/// What was possible when the command was typed, and is not since somebody else moved the case.
fn meanwhile(number: &CaseNumber) -> Error {
    Error::new(Kind::Ambiguous, format!("case {number} was moved by somebody else meanwhile"))
        .hint(format!("nothing was recorded; look at it and go on from there: dsr request show {number}"))
}

/// What is open in another system would be done afterwards, for a case that could not tell it any more; an answer says
/// what something keeps, and another follows.
fn whole(view: &View<'_>, case: &CaseFile, event: &CaseEvent, rules: &Rules) -> Result<()> {
    if !event.ends() || !case.is_open() {
        return Ok(());
    }
    halts::refuse_end(view, case, event, &rules.rulebook)?;
    let tells = matches!(event, CaseEvent::Answered { .. });
    match halts::elsewhere(view, case)? {
        Elsewhere::Done => Ok(()),
        Elsewhere::Kept(_) if tells => Ok(()),
        Elsewhere::Kept(_) | Elsewhere::Open => Err(elsewhere::in_part(Kind::Refused, &case.number)),
    }
}

/// A case of the controller that was chosen, and the rules it is judged by.
pub(super) fn chosen(
    number: &CaseNumber,
    world: &World<'_, '_>,
    store: &mut Store,
) -> Result<(CaseFile, Rules)> {
    let named = world.named_controller()?;
    let case = of_the_chosen(store.read(|view| view.case(number))?, named.as_deref())?;
    let rules = world.rules(&world.library()?, &case.controller)?;
    Ok((case, rules))
}

/// A time that an officer states of something that happened: not before the case came, not before what it is about was
/// done (`after`, where something was), not in the future.
pub(super) fn happened(
    option: &str,
    typed: Option<&str>,
    (case, after): (&CaseFile, Option<Moment>),
    now: Moment,
) -> Result<Option<Moment>> {
    let Some(typed) = typed else { return Ok(None) };
    let at = intake::moment(option, typed)?;
    if at > now {
        return Err(Error::usage(format!("{option} lies in the future")).hint("write down what has happened"));
    }
    if is_before(typed, at, case.received) {
        let came = shown(at, case.received);
        return Err(Error::usage(format!("{option} lies before the request, which came on {came}"))
            .hint("check the date"));
    }
    if let Some(done) = after.filter(|done| is_before(typed, at, *done)) {
        let done = shown(at, done);
        return Err(Error::usage(format!("{option} lies before what it tells of, which was done on {done}"))
            .hint("check the date"));
    }
    // A bare day is its first instant; on the day of receipt that would be before the request.
    Ok(Some(at.max(case.received).max(after.unwrap_or(case.received))))
}

/// Whether a time as it was typed lies before another: a bare day by its day, a clock by its minute.
fn is_before(typed: &str, at: Moment, other: Moment) -> bool {
    let minute = |at: Moment| at.unix().div_euclid(60);
    let is_day = typed.trim().parse::<NaiveDate>().is_ok();
    at.day() < other.day() || !is_day && minute(at) < minute(other)
}

/// The other time: its clock too where the days are the same.
fn shown(at: Moment, other: Moment) -> String {
    if at.day() == other.day() { other.rfc3339() } else { other.day().to_string() }
}
