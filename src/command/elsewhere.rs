//! A command run inside another, its answer going elsewhere: reports into a directory.

use super::{Env, cli::Global, world::World};
use crate::{domain::Result, render::Format};

impl World<'_, '_> {
    /// Runs something with another place for its answer, in this format and without its conversation.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn elsewhere<T>(
        &mut self,
        out: &mut dyn std::io::Write,
        format: Format,
        work: impl FnOnce(&mut World<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        let (mut nothing, mut silence) = (std::io::empty(), std::io::sink());
        let mut env = Env {
            now: self.env.now,
            variables: self.env.variables.clone(),
            stdin: &mut nothing,
            stdin_stream: &|| Box::new(std::io::empty()),
            stdout: out,
            stderr: &mut silence,
            stdin_is_terminal: false,
            stdout_is_terminal: false,
            columns: None,
            stderr_is_terminal: false,
            random: &mut *self.env.random,
            user: self.env.user,
        };
        let global = Global { format: Some(format), quiet: false, ..self.global.clone() };
        World::new(global, &mut env).and_then(|mut world| work(&mut world))
    }
}
