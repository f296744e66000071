//! `dsr request resume`: what waited goes on.

use super::carrying_out;
use crate::{
    command::{
        Outcome,
        acting::{self, Asked, GoOn},
        reach::elsewhere,
        world::World,
    },
    domain::{CaseNumber, CaseState, Error, Kind, Result, Selector},
    execute::{
        cases::Receipt,
        order::Order,
        reach::{self, void},
    },
    store::{CaseFile, Mode},
};

/// Go on with a request whose obligation or block has ended
///
/// Asks again what the request asked, decides it on the facts of today, shows the plan and asks. Where a step in
/// another system is open, it is tried again as it was planned and nothing is decided anew, unless that system is
/// another database since and `map check --accept` took it for the one that is meant. With --reclaim a request that is
/// done has the tables reclaimed that it changed. Where nothing of what it waits for changed, that is said and nothing
/// is written down. A block whose check has ended blocks nothing more.
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
        let case = self.read(world)?;
        if case.is_over {
            return elsewhere::over(&self.number, self.go_on.dry_run, world);
        }
        let is_done = !case.in_part && (!case.file.is_open() || case.file.state == CaseState::Executed);
        if is_done && self.go_on.reclaim && case.went_elsewhere {
            return elsewhere::reclaim_again(&self.number, self.go_on.dry_run, world);
        }
        if !case.file.is_open() {
            return Err(ended(&case.file));
        }
        if case.in_part && !self.is_other_database(&case, world)? {
            return elsewhere::resume(&self.number, &self.go_on, world);
        }
        self.anew(case, world)
    }

    fn read(&self, world: &mut World<'_, '_>) -> Result<Read> {
        world.open(Mode::ReadOnly)?.read(|view| {
            let (file, history) = (view.case(&self.number)?, view.case_history(&self.number)?);
            Ok(Read {
                is_over: void::is_over(view, &file, &history)?,
                in_part: view.is_in_part(&self.number)?,
                went_elsewhere: !view.remote_steps(&self.number)?.is_empty(),
                order: Order::last(&history),
                file,
            })
        })
    }

    /// Whether a system is another database by now, and what was asked can be decided anew in it. A block, its end and
    /// a correction cannot: what they are here already, or hold, is written in the steps alone.
    fn is_other_database(&self, case: &Read, world: &mut World<'_, '_>) -> Result<bool> {
        let again =
            matches!(&case.order, Some(Order::Erase { .. } | Order::Revoke { .. } | Order::Object { .. }));
        Ok(again && world.open(Mode::ReadOnly)?.read(|view| reach::is_other_database(view, &case.file))?)
    }

    fn anew(&self, case: Read, world: &mut World<'_, '_>) -> Outcome {
        let order = case.order.ok_or_else(|| {
            Error::usage(format!("case {} holds nothing that can be resumed", self.number))
                .hint(again(&case.file))
        })?;
        let subject = case.file.subject.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("case {} names nobody", self.number)).hint(again(&case.file))
        })?;
        world.global.controller = Some(case.file.controller);
        let receipt = Receipt { case: Some(self.number.clone()), ..Receipt::default() };
        acting::perform(&Selector::Id(subject), receipt, &order, &self.go_on, Asked::Again, world)
    }
}

/// What a case waits with.
struct Read {
    file: CaseFile,
    order: Option<Order>,
    in_part: bool,
    is_over: bool,
    went_elsewhere: bool,
}

fn again(case: &CaseFile) -> String {
    format!("run the command of the right again: {}", carrying_out(case))
}

/// Asked before anything is done anywhere: nothing could be written down of it afterwards.
fn ended(case: &CaseFile) -> Error {
    Error::usage(format!("case {} is {}: nothing of it goes on", case.number, case.state))
        .hint(format!("open it again first: dsr request reopen {}", case.number))
}
