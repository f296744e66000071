//! `dsr map grants SYSTEM`: the least rights that the map needs.

use super::{Outcome, Rules, World, named};
use crate::{command::Exit, domain::Error, system::grants::grants};

/// Print the statements that give the least rights the map needs
///
/// Read what is mapped, delete where rows go, write the columns that are masked, corrected or flagged; nothing else.
/// Nothing is connected to and nothing is executed: the owner of the database reads them and runs them.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr map grants crm\n  dsr map grants crm --role dsr_night\n")]
pub struct Grants {
    /// The system
    #[arg(value_name = "SYSTEM")]
    system: String,
    /// The user who is given the rights
    #[arg(long, value_name = "NAME", default_value = "dsr")]
    role: String,
}

impl Grants {
    pub(super) fn run(&self, world: &mut World<'_, '_>, rules: &Rules) -> Outcome {
        named(&rules.systems, &self.system)?;
        let systems = world.systems(rules)?;
        let system = systems.get(&self.system).ok_or_else(|| Error::config("the system has no map"))?;
        world.deliver(grants(system, &self.role).as_bytes())?;
        Ok(Exit::Done)
    }
}
