//! `dsr request extend`: more time, where a rule allows it.

use super::moves::Move;
use crate::{
    audit::State,
    command::{
        Outcome,
        world::{Rules, World},
    },
    domain::{CaseEvent, CaseNumber, Error, Kind, Moment, Remark, Result},
    execute::timing,
    store::{CaseEntry, CaseFile, View},
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
        let now = world.now();
        let event = CaseEvent::Extended { told: self.told, why: self.reason.clone() };
        Move::of(&self.number, "request.extend", State::Extended, [event])
            .checked(|view, case, rules| self.check(view, case, rules, now))
            .run(world)
    }

    /// An extension that would change nothing is refused with the reason, and not written down.
    fn check(&self, view: &View<'_>, case: &CaseFile, rules: &Rules, now: Moment) -> Result<()> {
        let mut history = view.case_history(&self.number)?;
        let timed = |history: &[CaseEntry]| timing::timed(case, history, rules.pair(), now);
        let before = timed(&history)?;
        let event = CaseEvent::Extended { told: self.told, why: self.reason.clone() };
        history.push(CaseEntry { at: now, actor: String::new(), event });
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
