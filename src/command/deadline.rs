//! `dsr deadline`: the due date of a right, provable day by day.

use super::{Exit, Outcome, intake, world::World};
use crate::{
    decide::{
        deadline::{PastEndPolicy, deadline},
        why,
    },
    domain::Right,
    render::answer::deadline::DeadlineAnswer,
    store::Mode,
};

const EXAMPLES: &str = "\
Examples:
  dsr deadline --right revoke --received 2026-03-20T15:00 --controller mycar
  dsr deadline --right access --received 2026-03-20 --format json
";

/// Compute the due date of a right, with every skipped day
///
/// The earlier of law and policy binds; a tie is the policy's. The day of receipt is not counted. Past
/// the last known year of the calendar the command stops (exit 6) instead of guessing.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct DeadlineArgs {
    /// access, export, rectify, erase, restrict, unblock, object, revoke, opt_out, complaint, minor, breach,
    /// question, authority
    #[arg(long, value_name = "R")]
    right: Right,
    /// When the request was received
    #[arg(long, value_name = "T")]
    received: String,
    /// Say every step of the date in words: rule, clause, article, edition, and what would change it
    #[arg(long)]
    explain: bool,
}

impl DeadlineArgs {
    /// Needs no store; the store's default controller is taken where one is at hand.
    ///
    /// # Errors
    /// Usage (exit 2), configuration or calendar (exit 6).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let received = intake::moment("--received", &self.received)?;
        let library = world.library()?;
        let store = if world.global.controller.is_none() && world.store_path().is_ok_and(|path| path.exists())
        {
            world.open(Mode::ReadOnly).ok()
        } else {
            None
        };
        let controller = world.controller(&library, store.as_ref())?;
        let rules = world.rules(&library, &controller)?;
        let (law, policy) = rules.rulebook.terms(self.right, received.day());
        let deadline = deadline(self.right, received, &law, &policy, &rules.calendar, PastEndPolicy::Refuse)?;
        let why = if self.explain {
            why::deadline(&rules.rulebook, &deadline, &world.spoken())?
        } else {
            Vec::new()
        };
        world.answer(&DeadlineAnswer { controller, deadline, why })?;
        Ok(Exit::Done)
    }
}
