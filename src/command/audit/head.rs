//! `dsr audit head`: the head of the log, to be kept where nobody here can rewrite it.

use std::{path::PathBuf, time::Duration};

use super::super::{Exit, Outcome, world::World};
use crate::{
    audit::{Checkpoint, Note},
    domain::{Error, Result},
    execute::{heads, verify::HEADLESS},
    policy::roles::Need,
    render::{Cell, Format, Head, Rows, file},
    store::{Mode, Store},
};

/// Print the head of the log: its size and root, signed
///
/// Keep it outside this machine, with a second person, in print or by mail: against it a log that was cut short
/// or rewritten is found out. With --out it is written as a signed note that other tools can read too, and
/// remembered beside the store.
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr audit head\n  dsr audit head --out head.note\n")]
pub struct HeadArgs {
    /// Write it to a new file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl HeadArgs {
    /// Reads the store; writes only beside it.
    ///
    /// # Errors
    /// Integrity (exit 9); configuration (exit 6) where it must be signed and there is no key.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        self.out.as_deref().map_or(Ok(()), file::check)?;
        let mut store = world.open(Mode::ReadOnly)?;
        let note = store.head_note()?;
        if let Some(path) = &self.out {
            if !note.is_signed() {
                return Err(heads::no_key());
            }
            file::write(path, note.to_string().as_bytes(), (world.env.random)())?;
            remember(&store, &note, world)?;
            world.note(&format!("head written to {}: keep it outside this machine", path.display()))?;
        }
        show(world, &note)
    }
}

/// Remembers a head that was given out. An auditor who may only read gives it out all the same.
pub(super) fn remember(store: &Store, note: &Note, world: &mut World<'_, '_>) -> Result<()> {
    let begun = !store.signing().keeps_heads();
    match store.signing().remember(note) {
        // A store that somebody else writes into just now learns of it from the next head.
        Ok(()) if know(store, world, begun).unwrap_or(true) => Ok(()),
        Ok(()) => world.note(&format!("warning: {HEADLESS}")),
        Err(error) => world.note(&format!("warning: not remembered beside the store: {}", error.message())),
    }
}

/// The store learns of it from whoever may write there. Gives whether all that had to be there before was.
fn know(store: &Store, world: &World<'_, '_>, begun: bool) -> Result<bool> {
    let user = world.env.user;
    if world.roles()?.is_some_and(|roles| !roles.allow(user, Need::Work)) {
        return Ok(true);
    }
    Store::open(store.path(), Mode::ReadWrite, Duration::ZERO)?.know_heads(begun)
}

fn show(world: &mut World<'_, '_>, note: &Note) -> Outcome {
    let found = Checkpoint::parse(note.text()).map_err(Error::usage)?;
    let (size, root) = (found.size, found.root.to_string());
    let mut members = vec![
        ("origin", Checkpoint::origin(found.log).into()),
        ("size", size.into()),
        ("root", root.clone().into()),
        ("signed", note.is_signed().into()),
    ];
    let style = world.style();
    if matches!(style.format, Format::Json | Format::Ndjson) {
        members.push(("note", note.to_string().into()));
    }
    let head = Head {
        schema: "dsr/audit-head/v1",
        list: "heads",
        title: "Head of the audit log".into(),
        columns: &["size", "root"],
        members,
    };
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    rows.row(&[Cell::count(size), Cell::text(root)])?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}
