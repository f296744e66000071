//! `dsr audit`: the log that nobody can have edited.

mod export;
mod head;
mod key;
mod list;
mod prove;
mod record;
mod verify;

pub(super) use key::seed;

use std::path::Path;

use clap::Subcommand;

use super::{Outcome, world::World};
use crate::{
    audit::{Checkpoint, Note},
    domain::{Error, Result},
};

const EXAMPLES: &str = "\
Examples:
  dsr audit verify
  dsr audit head --out head.note       # keep it outside this machine
  dsr audit verify --head head.note    # later: was anything cut off?
  dsr audit list --after 100 --format ndjson
";

/// Verify and read the audit log, and prove what is in it
///
/// An entry says who did what to whom by which rules; a person is a random number in it, and no value of
/// theirs is ever there. Formats are described in docs/audit-format.md.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Audit {
    Verify(verify::Verify),
    List(list::List),
    Head(head::HeadArgs),
    Prove(prove::Prove),
    #[command(subcommand)]
    Key(key::Key),
    Export(export::Export),
}

impl Audit {
    /// Runs one of them.
    ///
    /// # Errors
    /// Integrity (exit 9).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Verify(command) => command.run(world),
            Self::List(command) => command.run(world),
            Self::Head(command) => command.run(world),
            Self::Prove(command) => command.run(world),
            Self::Key(command) => command.run(world),
            Self::Export(command) => command.run(world),
        }
    }
}

/// Reads a head that was written before.
///
/// # Errors
/// Usage (exit 2): no file, or no head.
fn read_head(path: &Path) -> Result<(Note, Checkpoint)> {
    let wrong = |why: String| {
        Error::usage(format!("`{}` is no head: {why}", path.display()))
            .hint("name a file that `dsr audit head --out FILE` wrote")
    };
    let note = Note::parse(&super::world::read_input(path)?).map_err(wrong)?;
    let head = Checkpoint::parse(note.text()).map_err(wrong)?;
    Ok((note, head))
}
