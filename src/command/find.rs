//! `dsr find`: who could be meant. Everything shown is masked, and that it was shown is logged.

use super::{Exit, Outcome, intake, world::World};
use crate::{
    audit::State,
    domain::Selector,
    execute::{context::Said, resolve},
    render::{Cell, Head, Rows},
    store::{Candidate, Mode},
};

const EXAMPLES: &str = "\
Examples:
  dsr find '8 (701) 000-00-01'
  dsr find name:Әсел
  dsr find ref:C-1 --controller automaster --format json
";

/// Find people by any identifier or name
///
/// What is shown is masked, and that it was shown is logged. Numbers may be typed as in a letter (8 or +7, brackets, any dash). Look-alikes (ё/е, Latin letters in a
/// Cyrillic word) are shown as such and never taken for the person. Use the printed id: with other commands.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Find {
    /// An identifier or a name, with or without its prefix; `-` reads standard input
    text: String,
}

impl Find {
    /// Searches one controller's people.
    ///
    /// # Errors
    /// Usage (exit 2); the kinds of the store.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let text = intake::text(&self.text, world.env)?;
        let who = text.contains(':').then(|| Selector::parse(&text)).transpose()?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let context = world.plain_context(Some(&controller))?;
        let found = store.transact(|tx| {
            let found = match &who {
                Some(selector) => resolve::candidates(tx, &controller, selector)?,
                None => tx.find(&controller, &text)?,
            };
            let counts = [("candidates".to_owned(), found.len() as u64)].into();
            context.log(tx, "find", State::Searched, Said { counts, ..Said::default() })?;
            Ok(found)
        })?;
        show(world, &controller, &found)?;
        Ok(Exit::Done)
    }
}

fn show(world: &mut World<'_, '_>, controller: &str, found: &[Candidate]) -> crate::domain::Result<()> {
    let head = Head {
        schema: "dsr/find/v1",
        list: "candidates",
        title: format!("Who could be meant at {controller}"),
        columns: &["id", "controller", "names", "identifiers", "matched_by", "looks_alike"],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    for one in found {
        rows.row(&[
            Cell::text(one.id),
            Cell::text(&one.controller),
            Cell::Words(one.names.clone()),
            Cell::Words(one.identifiers.iter().map(|(kind, masked)| format!("{kind} {masked}")).collect()),
            Cell::text(one.matched_by),
            Cell::Flag(one.hint),
        ])?;
    }
    rows.finish(found.first().map(|one| format!("dsr access --subject id:{}", one.id)).into_iter().collect())
}
