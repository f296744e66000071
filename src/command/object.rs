//! `dsr object`: purposes that stop, and stay stopped.

use super::{
    Outcome,
    acting::{self, Acting},
    world::World,
};
use crate::execute::order::Order;

const EXAMPLES: &str = "\
Examples:
  dsr object --subject ref:C-1 --yes
  dsr object --subject ref:C-1 --purpose promotion --channel phone --yes
  dsr object --subject ref:C-1 --purpose promotion --lift --identity document
";

/// Object to processing
///
/// Without --purpose every purpose stops that no contract and no law needs. Stopping advertising needs no
/// identity; partners are named to be told. The suppression outlives the data and meets a re-import.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Object {
    /// Only this purpose, with everything under it; may be repeated
    #[arg(long, value_name = "P")]
    purpose: Vec<String>,
    /// Take the objection back
    #[arg(long)]
    lift: bool,
    #[command(flatten)]
    acting: Acting,
}

impl Object {
    /// Runs the objection.
    ///
    /// # Errors
    /// As [`acting::run`].
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let order = Order::Object { purposes: self.purpose.clone(), lift: self.lift };
        acting::run(&self.acting, &order, world)
    }
}
