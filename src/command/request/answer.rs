//! `dsr request answer` and `cancel`: how a case ends well.

use super::{
    moves::{Move, chosen, happened},
    sending::{self, Check},
};
use crate::{
    audit::State,
    command::{Outcome, world::World},
    decide::since,
    domain::{CaseEvent, CaseNumber, Channel, Error, Kind, Letter, Moment, Remark},
    execute::halts,
    store::{CaseEntry, Mode},
};

const ANSWER: &str = "\
Examples:
  dsr request answer 2026-000001 --channel email --number 01-17
  dsr request answer 2026-000001 --channel courier --letter answer.html
  dsr request answer 2026-000001 --despite late --reason 'the server was down'
";

/// Record that the answer was sent
///
/// The request ends with it, unless a part still waits: then the person was told on time, and it goes on
/// waiting. Not before it was carried out or refused (exit 4), and not while a step by hand is open, unless a hold or a
/// check keeps all of it: the letter says so, the case stays open, and another answer ends it. The same holds of a step in
/// another system. Say how it was
/// sent, unless a letter was made; of several that in the language of the request counts. Where `dsr request letter` made a
/// letter, it is held against what people complain of: late, too much identity asked, wrong language or medium,
/// something missing. One that fails is not sent (exit 4); --letter holds the file as it was edited against the same list.
#[derive(clap::Args)]
#[command(before_help = ANSWER)]
pub struct AnswerSent {
    /// The case number
    case: CaseNumber,
    /// By which way it was sent
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<Channel>,
    /// Outgoing number of the letter [default: that of the letter made last]
    #[arg(long, value_name = "NO")]
    number: Option<String>,
    /// When it was sent [default: now]
    #[arg(long, value_name = "T")]
    at: Option<String>,
    #[command(flatten)]
    check: Check,
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
        let history = store.read(|view| view.case_history(&case.number))?;
        let done = since::answerable(history.iter().map(|entry| (entry.at, &entry.event)));
        let (bars, waits) = store.read(|view| {
            sending::carried_out(view, &case, world.now().day())?;
            sending::blocked_first(view, &case)?;
            let bars = halts::of_case(view, &case)?.iter().any(|duty| duty.bars() && !duty.is_halted());
            Ok((bars, halts::waiting(view, &case)?))
        })?;
        drop(store);
        let at = happened("--at", self.at.as_deref(), (&case, done), world.now())?;
        let day = at.unwrap_or(world.now()).day();
        let letter = self.check.pass(world, &self.case, self.channel, day)?;
        let made = letter.as_ref().and_then(|letter| made(&history, letter));
        happened("--at", self.at.as_deref(), (&case, made), world.now())?;
        let checked = letter.as_ref().map(|letter| letter.sha256.clone());
        // What cannot be answered at all is told so instead.
        if letter.is_none() && self.channel.is_none() && case.ended.is_none() && !bars {
            sending::said_how(case.right, self.number.as_deref())?;
        }
        let number = sending::number(self.number.clone(), letter)?;
        let although = self.check.although();
        let today = world.now().day();
        let event = CaseEvent::Answered { channel: self.channel, number, at, although, waits: waits.clone() };
        Move::of(&self.case, "request.answer", State::Answered, [event])
            .checked(|view, case, _| {
                sending::carried_out(view, case, today)?;
                sending::blocked_first(view, case)?;
                if halts::waiting(view, case)? != waits {
                    return Err(Error::new(Kind::Ambiguous, "what the case waits for changed meanwhile")
                        .hint("nothing was recorded; look at the case and run the command again"));
                }
                sending::unchanged(view, case, checked.as_deref())
            })
            .run(world)
    }
}

/// When the letter that is sent was made.
fn made(history: &[CaseEntry], sent: &Letter) -> Option<Moment> {
    let is_it =
        |event: &CaseEvent| matches!(event, CaseEvent::Lettered { letter } if letter.sha256 == sent.sha256);
    history.iter().find(|entry| is_it(&entry.event)).map(|entry| entry.at)
}

impl Cancel {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let event = CaseEvent::Cancelled { why: self.reason.clone() };
        Move::of(&self.number, "request.cancel", State::Cancelled, [event]).run(world)
    }
}
