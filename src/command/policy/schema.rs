//! `dsr policy schema`: what an editor needs to help somebody who writes a policy.

use super::{Outcome, world::World};
use crate::{
    command::Exit,
    policy::schema::{self, Written},
};

/// Print the JSON Schema of a file, for an editor that completes and checks it as it is typed
///
/// Draft 2020-12. Name it in the first line of the file: `# yaml-language-server: $schema=policy.schema.json`.
/// A schema knows keys, words and forms; whether names are defined and rules hold together, `dsr policy check`
/// knows. It is JSON in every format.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr policy schema > policy.schema.json\n  dsr policy schema officer > dsr.schema.json\n  dsr policy schema cases > cases.schema.json\n"
)]
pub struct Schema {
    /// policy, statute, officer (dsr.yaml), cases (<policy>.cases.yaml), calendar
    #[arg(value_name = "FILE", default_value_t = Written::Policy)]
    of: Written,
}

impl Schema {
    /// Needs neither store nor policies.
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        world.deliver(schema::text(self.of)?.as_bytes())?;
        Ok(Exit::Done)
    }
}

/// The shapes of the calendar's file are held here: rules and calendar do not know each other.
#[test]
fn the_calendar_has_the_shapes_of_its_reader() {
    use crate::{
        calendar::{RawCalendar, RawDayOff, RawWeek, RawWorkingWeekend},
        policy::schema::{readers::reader, tests::agree},
    };
    agree(&reader::<RawCalendar>("calendar"));
    agree(&reader::<RawWeek>("week"));
    agree(&reader::<RawDayOff>("day_off"));
    agree(&reader::<RawWorkingWeekend>("working_weekend"));
}
