//! `dsr map graph`: how rows are found, drawn.

use super::{Outcome, Rules, World};
use crate::{
    command::Exit,
    render::graph::{Form, draw},
};

/// Draw how a person's rows are found, over all systems
///
/// From the identifiers through the references, collection by collection; nothing is connected to. Mermaid is shown
/// by many editors and forges; dot is for Graphviz.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr map graph\n  dsr map graph --form dot\n")]
pub struct Graph {
    /// The language of the drawing: mermaid, dot
    #[arg(long, value_name = "FORM", default_value = "mermaid", hide_possible_values = true)]
    form: Form,
}

impl Graph {
    pub(super) fn run(&self, world: &mut World<'_, '_>, rules: &Rules) -> Outcome {
        let systems = world.systems(rules)?;
        world.deliver(draw(&systems, self.form).as_bytes())?;
        Ok(Exit::Done)
    }
}
