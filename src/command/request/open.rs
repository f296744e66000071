//! `dsr request open`: a request enters the register.

use super::{said, show};
use crate::{
    audit::State,
    command::{
        Outcome,
        intake::{self, Arrival},
        world::World,
    },
    domain::Right,
    execute::{cases, resolve},
    store::Mode,
};

const EXAMPLES: &str = "\
Examples:
  dsr request open --right access --subject iin:900101499994 \\
      --received 2026-11-20 --channel registered_letter --tracking RR1
  dsr request open --right complaint --channel phone
";

/// Register a request
///
/// The clock runs from the receipt, not from the registration. Past the end of the calendar the due date
/// is provisional and says so: the intake of a request never stops.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Open {
    /// access, export, rectify, erase, restrict, unblock, object, revoke, opt_out, complaint, minor, breach
    #[arg(long, value_name = "R")]
    right: Right,
    /// Whom it is about, where that is known: iin:, account:, ref:, id:
    #[arg(long, value_name = "SEL")]
    subject: Option<String>,
    #[command(flatten)]
    arrival: Arrival,
}

impl Open {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let receipt = self.arrival.receipt(world)?;
        let who = self.subject.as_deref().map(|typed| intake::subject(typed, world.env)).transpose()?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let rules = world.rules(&library, &controller)?;
        let context = world.context(&controller, &rules)?;
        let case = store.transact(|tx| {
            let subject = who.as_ref().map(|who| resolve::for_change(tx, &controller, who)).transpose()?;
            let facts = subject.map(|id| tx.facts(&controller, id)).transpose()?;
            let pair = (&rules.rulebook, &rules.calendar);
            let file = cases::open_or_join(tx, &context, pair, self.right, &receipt, facts.as_ref(), None)?;
            context.log(tx, "request.open", State::Opened, said(&file))?;
            Ok(file)
        })?;
        show(world, &mut store, case)
    }
}
