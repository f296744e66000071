//! `dsr subject`: one person, and one person held twice.

use clap::Subcommand;

use super::{Exit, Outcome, intake, world::World};
use crate::{
    audit::State,
    domain::{Error, Kind, Result, Selector, SubjectId},
    execute::{context::Said, resolve},
    render::{Cell, Head, Rows},
    store::{Candidate, Mode, Tx},
};

const EXAMPLES: &str = "\
Examples:
  dsr subject show ref:C-1
  dsr subject link ref:C-12 ref:C-57
";

/// Show one person, or link one person held twice
///
/// Linked entries count as one person everywhere: in answers, in changes, in reports. Nothing is merged, so
/// that a wrong link can be undone.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Subject {
    Show(Show),
    Link(Link),
    Unlink(Unlink),
}

/// Show the entries of one person, masked
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr subject show ref:C-1\n")]
pub struct Show {
    /// iin:, account:, ref: or id:
    subject: String,
}

/// Treat two entries as one person
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr subject link ref:C-12 ref:C-57\n")]
pub struct Link {
    /// The entry that stands for both
    subject: String,
    /// The other entry
    twin: String,
}

/// Undo a link
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr subject unlink id:000102030405060708090a0b0c0d0e0f\n")]
pub struct Unlink {
    /// The entry to set apart, as `id:`
    subject: String,
}

impl Subject {
    /// Runs one of them.
    ///
    /// # Errors
    /// Not found (exit 3); ambiguous (exit 5) for a selector that only searches.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Show(Show { subject }) => {
                acted(world, subject, State::Searched, "subject.show", |_, _, _, id| Ok(id))
            }
            Self::Link(Link { subject, twin }) => {
                let twin = intake::subject(twin, world.env)?;
                acted(world, subject, State::Linked, "subject.link", |tx, controller, _, id| {
                    let twin = resolve::for_change(tx, controller, &twin)?;
                    tx.link(controller, id, twin)?;
                    Ok(id)
                })
            }
            Self::Unlink(Unlink { subject }) => {
                acted(world, subject, State::Unlinked, "subject.unlink", |tx, controller, typed, id| {
                    // What is set apart is one entry; any other selector means the whole person.
                    let Selector::Id(own) = typed else {
                        return Err(Error::new(Kind::Ambiguous, "which entry is to be set apart?")
                            .hint(format!("see the entries: dsr subject show id:{id}; name one as id:")));
                    };
                    tx.unlink(controller, *own)?;
                    Ok(*own)
                })
            }
        }
    }
}

fn acted(
    world: &mut World<'_, '_>,
    typed: &str,
    state: State,
    command: &str,
    act: impl FnOnce(&Tx<'_>, &str, &Selector, SubjectId) -> Result<SubjectId>,
) -> Outcome {
    let who = intake::subject(typed, world.env)?;
    let mut store = world.open(Mode::ReadWrite)?;
    let library = world.library()?;
    let controller = world.controller(&library, Some(&store))?;
    let context = world.plain_context(Some(&controller))?;
    let entries = store.transact(|tx| {
        let id = resolve::for_change(tx, &controller, &who)?;
        let id = act(tx, &controller, &who, id)?;
        context.log(tx, command, state, Said { subject: Some(id), ..Said::default() })?;
        tx.entries(&controller, id)
    })?;
    show(world, &controller, &entries)?;
    Ok(Exit::Done)
}

fn show(world: &mut World<'_, '_>, controller: &str, entries: &[Candidate]) -> Result<()> {
    let head = Head {
        schema: "dsr/subject/v1",
        list: "entries",
        title: format!("One person at {controller}"),
        columns: &["id", "names", "identifiers"],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    for entry in entries {
        rows.row(&[
            Cell::text(entry.id),
            Cell::Words(entry.names.clone()),
            Cell::Words(entry.identifiers.iter().map(|(kind, masked)| format!("{kind} {masked}")).collect()),
        ])?;
    }
    rows.finish(Vec::new())
}
