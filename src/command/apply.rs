//! `dsr apply`: exactly a plan made before.

use std::path::PathBuf;

use super::{
    Outcome,
    acting::{self, Asked, GoOn},
    purge,
    world::{self, World},
};
use crate::{
    domain::{Error, Remark, Selector},
    execute::{act, cases::Receipt, plan_file::PlanFile, purge::PurgePlan},
};

const EXAMPLES: &str = "\
Examples:
  dsr erase --subject ref:C-1 --identity document --plan-out plan.json
  dsr apply plan.json --yes
  dsr purge-expired --plan-out night.json
  dsr apply night.json
";

/// Carry out exactly a plan written by --plan-out
///
/// If the data or the policy changed since, nothing is done (exit 5). Shows the plan and asks, like the command
/// that wrote it.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Apply {
    /// The plan
    plan: PathBuf,
    /// Why a request whose term has passed is carried out only now, unless the plan says so
    #[arg(long, value_name = "TEXT")]
    late_reason: Option<Remark>,
    #[command(flatten)]
    go_on: GoOn,
}

impl Apply {
    /// Runs the plan.
    ///
    /// # Errors
    /// Stale (exit 5); as [`acting::perform`].
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let text = world::read_input(&self.plan)?;
        if let Some(night) = PurgePlan::read(&text) {
            if self.late_reason.is_some() {
                return Err(Error::usage("--late-reason belongs to the plan of a request")
                    .hint("a nightly run is never late: leave it out"));
            }
            return purge::apply(&night?, &self.go_on, world);
        }
        let file = PlanFile::read(&text)?;
        let controller = file.controller.clone();
        let plan = file.planned()?;
        let library = world.library()?;
        if library.rulebook(&controller)?.policy_sha256() != plan.policy_sha256 {
            return Err(act::stale());
        }
        world.global.controller = Some(controller);
        let who = Selector::Id(plan.subject);
        let late = plan.receipt.late.clone().or_else(|| self.late_reason.clone());
        let receipt = Receipt { late, ..plan.receipt };
        acting::perform(&who, receipt, &plan.order, &self.go_on, Asked::Planned(plan.digest), world)
    }
}
