//! `dsr request resume`: what waited goes on.

use crate::{
    command::{
        Outcome,
        acting::{self, GoOn},
        reach::elsewhere,
        world::World,
    },
    domain::{CaseNumber, Error, Kind, Selector},
    execute::{cases::Receipt, order::Order},
    store::Mode,
};

/// Go on with a request whose obligation or block has ended
///
/// Asks again what the request asked, decides it on the facts of today, shows the plan and asks. Where a step in
/// another system is open, it is tried again as it was planned and nothing is decided anew.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request resume 2026-000001 --yes\n")]
pub struct Resume {
    /// The case number
    number: CaseNumber,
    #[command(flatten)]
    go_on: GoOn,
}

impl Resume {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let (case, history) =
            store.read(|view| Ok((view.case(&self.number)?, view.case_history(&self.number)?)))?;
        let in_part = store.read(|view| view.is_in_part(&self.number))?;
        drop(store);
        if in_part {
            return elsewhere::resume(&self.number, &self.go_on, world);
        }
        let order = Order::last(&history).ok_or_else(|| {
            Error::usage(format!("case {} holds nothing that can be resumed", self.number))
                .hint("run the command of the right again with --request")
        })?;
        let subject = case
            .subject
            .ok_or_else(|| Error::new(Kind::NotFound, format!("case {} names nobody", self.number)))?;
        world.global.controller = Some(case.controller);
        let receipt = Receipt { case: Some(self.number.clone()), ..Receipt::default() };
        acting::perform(&Selector::Id(subject), receipt, &order, &self.go_on, None, world)
    }
}
