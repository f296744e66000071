//! `dsr erase`: destruction of what nothing keeps.

use super::{
    Outcome,
    acting::{self, Acting},
    world::World,
};
use crate::execute::order::Order;

const EXAMPLES: &str = "\
Examples:
  dsr erase --subject iin:900101499994 --identity document --dry-run
  dsr erase --subject ref:C-28 --category unlisted --identity document --yes
";

/// Erase what no rule lets the company keep about a person
///
/// One kept record never blocks the rest: what a law, a hold, a block or an open deal keeps stays and is named
/// with clause and article; under mandatory storage it is archived instead of destroyed. *Destroyed* is said
/// only after every file of the store was scanned.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Erase {
    /// Only this category; may be repeated
    #[arg(long, value_name = "C")]
    category: Vec<String>,
    #[command(flatten)]
    acting: Acting,
}

impl Erase {
    /// Runs the erasure.
    ///
    /// # Errors
    /// As [`acting::run`].
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        acting::run(&self.acting, &Order::Erase { categories: self.category.clone() }, world)
    }
}
