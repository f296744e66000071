//! `dsr find`: who could be meant. Everything shown is masked, and that it was shown is logged.

use super::{
    Exit, Outcome, intake,
    world::{Rules, World},
};
use crate::{
    audit::State,
    domain::{Identifier, Kind, Result, Selector, SubjectId},
    execute::{
        context::{Context, Said},
        reach::Holder,
        resolve,
    },
    render::{Cell, Head, Rows},
    store::{Candidate, Mode, Store, facts::OWN},
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
///
/// The other systems are searched by an exact identifier, not by a name: each person there is a line with the system
/// and how many rows have it. What was not searched is said.
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
        let mut rules = world.rules(&library, &controller)?;
        let mut context = world.context(&controller, &rules)?;
        let name = match &who {
            Some(Selector::Identifier(name)) => Some(name.clone()),
            Some(_) => None,
            None => Identifier::guess(&text),
        };
        let there = elsewhere(world, (&mut rules, &mut context), name.as_ref())?;
        let found = store.transact(|tx| {
            let found = match &who {
                Some(selector) => resolve::candidates(tx, &controller, selector)?,
                None => tx.find(&controller, &text)?,
            };
            let counts = [("candidates", found.len()), ("elsewhere", there.found.len())];
            let counts = counts.into_iter().filter(|(word, count)| *word == "candidates" || *count > 0);
            let counts = counts.map(|(word, count)| (word.to_owned(), count as u64)).collect();
            context.log(tx, "find", State::Searched, Said { counts, ..Said::default() })?;
            Ok(found)
        })?;
        show(world, &mut store, &controller, (&found, &there))?;
        Ok(Exit::Done)
    }
}

/// What the other systems say.
#[derive(Default)]
struct There {
    /// By which kind of name they were searched.
    by: &'static str,
    found: Vec<Holder>,
    not_searched: Vec<String>,
}

/// The systems are searched by what is exact. One that cannot be reached leaves the own answer as it is, and is named.
fn elsewhere(
    world: &mut World<'_, '_>,
    (rules, context): (&mut Rules, &mut Context),
    name: Option<&Identifier>,
) -> Result<There> {
    let systems: Vec<String> = rules.systems.keys().cloned().collect();
    let by_people = rules.places.keys().cloned();
    let not_searched: Vec<String> = systems.iter().cloned().chain(by_people.clone()).collect();
    let Some(name) = name.filter(|_| !systems.is_empty()) else {
        return Ok(There { not_searched, ..There::default() });
    };
    let searched =
        world.reach(rules, context).and_then(|mut reach| Ok((reach.holders(name)?, reach.names())));
    match searched {
        Ok((found, searched)) => {
            let not_searched = not_searched.into_iter().filter(|one| !searched.contains(one)).collect();
            Ok(There { by: name.kind().as_str(), found, not_searched })
        }
        Err(error) if error.kind() == Kind::Failed => {
            world.note(&format!("warning: {error}"))?;
            Ok(There { not_searched, ..There::default() })
        }
        Err(error) => Err(error),
    }
}

fn show(
    world: &mut World<'_, '_>,
    store: &mut Store,
    controller: &str,
    (found, there): (&[Candidate], &There),
) -> Result<()> {
    let head = Head {
        schema: "dsr/find/v1",
        list: "candidates",
        title: format!("Who could be meant at {controller}"),
        columns: &[
            "id",
            "controller",
            "names",
            "identifiers",
            "matched_by",
            "looks_alike",
            "system",
            "count",
        ],
        members: vec![("not_searched", there.not_searched.clone().into())],
    };
    let mut ids = Vec::new();
    for one in &there.found {
        ids.push(store.read(|view| resolve::known(view, controller, &one.names))?);
    }
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
            Cell::text(OWN),
            Cell::Nothing,
        ])?;
    }
    for (one, id) in there.found.iter().zip(&ids) {
        one.rows.iter().try_for_each(|(system, count)| {
            rows.row(&there_cells(one, controller, *id, there.by, (system, *count)))
        })?;
    }
    rows.finish(found.first().map(|one| format!("dsr access --subject id:{}", one.id)).into_iter().collect())
}

/// Somebody as one system knows them; their names stand there and are not read.
fn there_cells(
    one: &Holder,
    controller: &str,
    id: Option<SubjectId>,
    by: &str,
    (system, count): (&String, usize),
) -> [Cell; 8] {
    [
        Cell::option(id),
        Cell::text(controller),
        Cell::Words(Vec::new()),
        Cell::Words(one.masked()),
        Cell::text(by),
        Cell::Flag(false),
        Cell::text(system),
        Cell::count(count),
    ]
}
