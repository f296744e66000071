//! stub
use super::{Outcome, world::World};
/// stub
#[derive(clap::Args)]
pub struct Import {}
impl Import {
    #[allow(missing_docs)]
    pub fn run(&self, _w: &mut World<'_, '_>) -> Outcome {
        Ok(super::Exit::Done)
    }
}
