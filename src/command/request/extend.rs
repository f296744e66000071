//! `dsr request extend`: more time, where a rule allows it.

use super::moves::{Move, chosen};
use crate::{
    audit::State,
    command::{Outcome, world::World},
    domain::{CaseEvent, CaseNumber, Error, Kind, Remark, Result},
    execute::cases,
    store::{CaseEntry, Mode, Store},
};

/// Extend the term of a request, where law or policy allows it
///
/// Neither the law of Kazakhstan nor the shipped policies extend any term: there it ends with exit 4.
#[derive(clap::Args)]
#[command(
    before_help = "Example:\n  dsr request extend 2026-000001 --told --reason 'data in three systems'\n"
)]
pub struct Extend {
    /// The case number
    number: CaseNumber,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Remark,
    /// The person was told of it, with the reasons
    #[arg(long)]
    told: bool,
}

impl Extend {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        self.check(world, &mut store)?;
        drop(store);
        let event = CaseEvent::Extended { told: self.told, why: self.reason.clone() };
        Move::of(&self.number, "request.extend", State::Extended, [event]).run(world)
    }

    /// An extension that would change nothing is refused with the reason, and not written down.
    fn check(&self, world: &World<'_, '_>, store: &mut Store) -> Result<()> {
        let (case, rules) = chosen(&self.number, world, store)?;
        let mut history = store.read(|view| view.case_history(&self.number))?;
        let timed = |history: &[CaseEntry]| cases::timed(&case, history, rules.pair(), world.now());
        let before = timed(&history)?;
        let event = CaseEvent::Extended { told: self.told, why: self.reason.clone() };
        history.push(CaseEntry { at: world.now(), actor: String::new(), event });
        let after = timed(&history)?;
        if case.is_open() && after.deadline.due > before.deadline.due {
            return Ok(());
        }
        let why = after.refused.last().cloned();
        let sentence = why.unwrap_or_else(|| format!("no rule extends the term of `{}`", case.right));
        Err(Error::new(Kind::Refused, sentence)
            .hint("answer in time, or refuse with a ground: dsr request refuse"))
    }
}
