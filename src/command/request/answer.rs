//! `dsr request answer` and `cancel`: how a case ends well.

use super::moves::{Move, chosen, happened};
use crate::{
    audit::State,
    command::{Outcome, world::World},
    domain::{CaseEvent, CaseNumber, Channel, Remark},
    store::Mode,
};

/// Record that the answer was sent
///
/// The request ends with it, unless a part still waits: then the person was told on time, and it goes on
/// waiting. Not before it was carried out, and not while a step by hand is open.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request answer 2026-000001 --channel email --number 01-17\n")]
pub struct AnswerSent {
    /// The case number
    case: CaseNumber,
    /// By which way it was sent
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<Channel>,
    /// Outgoing number of the letter
    #[arg(long, value_name = "NO")]
    number: Option<String>,
    /// When it was sent [default: now]
    #[arg(long, value_name = "T")]
    at: Option<String>,
}

/// Close a request that was withdrawn or registered by mistake
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request cancel 2026-000001 --reason 'registered twice'\n")]
pub struct Cancel {
    /// The case number
    number: CaseNumber,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<Remark>,
}

impl AnswerSent {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let (case, _) = chosen(&self.case, world, &mut store)?;
        drop(store);
        let at = happened("--at", self.at.as_deref(), &case, world.now())?;
        let event = CaseEvent::Answered { channel: self.channel, number: self.number.clone(), at };
        Move::of(&self.case, "request.answer", State::Answered, [event]).run(world)
    }
}

impl Cancel {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let event = CaseEvent::Cancelled { why: self.reason.clone() };
        Move::of(&self.number, "request.cancel", State::Cancelled, [event]).run(world)
    }
}
