//! stub
use super::{Outcome, world::World};
/// stub
#[derive(clap::Subcommand)]
pub enum Policy {
    /// a
    Check,
}
impl Policy {
    #[allow(missing_docs)]
    pub fn run(&self, _w: &mut World<'_, '_>) -> Outcome {
        Ok(super::Exit::Done)
    }
}
