//! `dsr map scan SYSTEM`: a draft of a map from the database as it stands.

use super::{Outcome, Rules, World, named};
use crate::{
    command::Exit,
    render::draft,
    system::{
        open::{self, Around},
        scan,
    },
};

/// Draft a map from the database as it stands
///
/// Tables, keys and references come from the catalogue; what a column holds is guessed by its name and by the form
/// of its values, with the confidence beside it. No value is ever shown. What could not be guessed is marked: until
/// somebody has looked at it, `dsr map check` fails.
#[derive(clap::Args)]
#[command(
    before_help = "Examples:\n  dsr map scan crm > crm.yaml\n  dsr map scan crm --rows 0   # by names alone\n"
)]
pub struct Scan {
    /// The system; its map need not be there yet
    #[arg(value_name = "SYSTEM")]
    system: String,
    /// Rows of each table to look at
    #[arg(long, value_name = "N", default_value_t = 1000)]
    rows: u32,
}

impl Scan {
    pub(super) fn run(&self, world: &mut World<'_, '_>, rules: &Rules, controller: &str) -> Outcome {
        let place = named(&rules.systems, &self.system)?;
        let variable = world.variable();
        let around = Around { directory: world.officer_directory(), variable: &variable };
        let mut engine = open::open(&self.system, place, &around)?;
        let drafted = scan::scan(&mut *engine, self.rows)?;
        let open = drafted.iter().flat_map(|table| &table.columns).filter(|column| column.is_open()).count();
        world.deliver(draft::yaml(&self.system, controller, &drafted).as_bytes())?;
        world.note(&format!(
            "{} tables drafted; {open} columns are marked `look`: say what each is",
            drafted.len()
        ))?;
        Ok(Exit::Done)
    }
}
