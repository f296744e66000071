//! `dsr request done` and `told`: what people did about a case.

use super::{
    moves::{Move, chosen, happened},
    show,
};
use crate::{
    audit::State,
    command::{Outcome, world::World},
    decide::since,
    domain::{CaseEvent, CaseNumber, Duty, DutyKind, Error, Remark, Result, suggest},
    execute::act,
    store::{Mode, Store},
};

/// Close a step by hand, with its proof
///
/// A step in a system that people keep: a paper archive, recordings, a manager's phone. While one is open
/// there is no finished act of destruction, no answer and no closed case. With the last one the act is
/// finished.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request done 2026-000001 --step 1 --evidence 'act 12'\n")]
pub struct Done {
    /// The case number
    number: CaseNumber,
    /// The step, as `request show` numbers it
    #[arg(long, value_name = "N")]
    step: u32,
    /// The proof: an act, a letter, a record, by name, number and date
    #[arg(long, value_name = "TEXT")]
    evidence: Remark,
}

/// Record that a recipient was told
///
/// Whoever received the data is told of its correction, destruction, block or withdrawal.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request told 2026-000001 --recipient 'A Bank' --at 2026-11-23\n")]
pub struct Told {
    /// The case number
    number: CaseNumber,
    /// The recipient, as `request show` names it
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// When they were told [default: now]
    #[arg(long, value_name = "T")]
    at: Option<String>,
}

impl Done {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let event = CaseEvent::Done { step: self.step, evidence: self.evidence.clone() };
        let case = Move::of(&self.number, "request.done", State::Done, [event]).write(world, &mut store)?;
        finish_act(&self.number, world, &mut store)?;
        show(world, &mut store, case)
    }
}

/// The act of a case waited for its steps by hand and in other systems: with the last one it is closed.
pub fn finish_act(number: &CaseNumber, world: &World<'_, '_>, store: &mut Store) -> Result<()> {
    let of_the_case = store.read(|view| {
        let closable = view.closable_destructions()?;
        let pending = view.pending_destructions()?;
        let mine = |number: &str| closable.iter().any(|one| one == number);
        Ok(pending.iter().any(|act| act.case.as_ref() == Some(number) && mine(&act.number)))
    })?;
    if of_the_case {
        act::destroy(store, &world.plain_context(None)?, None)?;
    }
    Ok(())
}

impl Told {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let (case, _) = chosen(&self.number, world, &mut store)?;
        let (duties, history) =
            store.read(|view| Ok((view.duties(&self.number)?, view.case_history(&self.number)?)))?;
        let step = self.find(&duties)?;
        let since = duties
            .iter()
            .find(|duty| duty.step == step)
            .and_then(|duty| since::owed(&duty.what, history.iter().map(|entry| (entry.at, &entry.event))));
        let at = happened("--at", self.at.as_deref(), (&case, since), world.now())?.unwrap_or(world.now());
        let event = CaseEvent::Told { step, at };
        let case = Move::of(&self.number, "request.told", State::Told, [event]).write(world, &mut store)?;
        show(world, &mut store, case)
    }

    /// The open duty of this recipient; names are compared without case and space.
    fn find(&self, duties: &[Duty]) -> Result<u32> {
        let folded = |name: &str| crate::domain::fold::key(name);
        let recipients = || duties.iter().filter(|duty| duty.what.kind == DutyKind::Tell);
        let named = || recipients().filter(|duty| folded(&duty.what.place) == folded(&self.recipient));
        if let Some(duty) = named().find(|duty| duty.is_open()) {
            return Ok(duty.step);
        }
        if named().next().is_some() {
            return Err(Error::usage("this recipient was told already")
                .hint(format!("see the case: dsr request show {}", self.number)));
        }
        let known: Vec<&str> =
            recipients().filter(|duty| duty.is_open()).map(|duty| duty.what.place.as_str()).collect();
        let error = Error::usage(format!("case {} has no such recipient to tell", self.number));
        Err(match (suggest::nearest(&self.recipient, known.iter().copied()), known.is_empty()) {
            (Some(near), _) => error.hint(format!("did you mean `{near}`?")),
            (None, false) => error.hint(format!("it has {}", known.join(", "))),
            (None, true) => error.hint("nobody has to be told of this case"),
        })
    }
}
