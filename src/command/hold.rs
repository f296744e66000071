//! `dsr hold`: an order to keep, which outranks every rule that destroys.

use clap::Subcommand;

use super::{Exit, Outcome, intake, request, world::World};
use crate::{
    audit::State,
    domain::{Category, Error, Kind},
    execute::{cases, context::Said, reach::elsewhere, resolve},
    render::{Cell, Head, Rows},
    store::{Mode, Period, effect::HoldEntry},
};

/// Keep data by order, whatever else is due
///
/// A hold outranks every rule that destroys: erasure, withdrawal and purge leave the data alone and name it.
#[derive(Subcommand)]
#[command(
    before_help = "Examples:\n  dsr hold add --subject ref:C-17 --basis 'court order 2-1234'\n  dsr hold list\n"
)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Hold {
    Add(Add),
    Release(Release),
    List(List),
}

/// Place a hold
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr hold add --subject ref:C-17 --basis 'court order 2-1234'\n")]
pub struct Add {
    /// Whose data: iin:, account:, ref: or id:
    #[arg(long, value_name = "SEL")]
    subject: String,
    /// Only this category
    #[arg(long, value_name = "C")]
    category: Option<String>,
    /// The legal basis, by number and date
    #[arg(long, value_name = "TEXT")]
    basis: String,
}

/// End a hold
///
/// Requests that waited for it are open again, each with the command that goes on with it.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr hold release H-1\n")]
pub struct Release {
    /// Its number
    number: String,
}

/// List holds
#[derive(clap::Args)]
#[command(before_help = "Examples:\n  dsr hold list\n  dsr hold list --all\n")]
pub struct List {
    /// Ended ones too
    #[arg(long)]
    all: bool,
}

impl Hold {
    /// Runs one of them.
    ///
    /// # Errors
    /// Not found (exit 3); ambiguous (exit 5); usage (exit 2).
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Add(command) => command.run(world),
            Self::Release(command) => command.run(world),
            Self::List(command) => command.run(world),
        }
    }
}

impl Add {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if self.basis.trim().is_empty() {
            return Err(Error::usage("--basis is empty").hint("a hold needs a legal basis"));
        }
        let who = intake::subject(&self.subject, world.env)?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let mut rules = world.rules(&library, &controller)?;
        let category = self.category.as_deref().map(Category::new);
        crate::decide::erase::check(&rules.rulebook, category.as_slice())?;
        let mut context = world.context(&controller, &rules)?;
        let known = store.read(|view| resolve::for_change(view, &controller, &who));
        let remote = match known {
            Err(error) if error.kind() == Kind::NotFound => {
                let mut reach = world.reach(&mut rules, &mut context)?;
                let new = world.new_subject();
                world.gather(&mut reach, &mut rules, &mut store, (&who, false), (&context, new))?
            }
            _ => None,
        };
        let entry = store.transact(|tx| {
            let id = elsewhere::for_change(tx, &context, &who, remote.as_ref())?;
            let person = tx.person(&controller, id)?;
            let hold = tx.add_hold(&person, category.as_ref(), context.now, &self.basis)?;
            let legal = rules.rulebook.legal_hold().map(|rule| rule.id.clone());
            let said = Said { subject: Some(id), rules: legal.into_iter().collect(), ..Said::default() };
            context.log(tx, "hold.add", State::Held, said)?;
            tx.hold(&controller, &hold.number)
        })?;
        request::name_halted((&controller, entry.subject), world, &mut store)?;
        told(world, entry)
    }
}

impl Release {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let rules = world.rules(&library, &controller)?;
        let context = world.context(&controller, &rules)?;
        let (entry, reopened) = store.transact(|tx| {
            let entry = tx.hold(&controller, &self.number)?;
            if entry.released.is_some() {
                return Ok((entry, Vec::new()));
            }
            let entry = tx.release_hold(&controller, &self.number, context.now)?;
            let said = Said { subject: Some(entry.subject), ..Said::default() };
            context.log(tx, "hold.release", State::Released, said)?;
            Ok((entry, cases::reopen(tx, &context, rules.pair())?))
        })?;
        for case in &reopened {
            let next = store.read(|view| request::going_on(view, case, context.now.day()))?;
            world.note(&format!("case {case} is open again, what it waited for is over: {next}"))?;
        }
        told(world, entry)
    }
}

impl List {
    fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadOnly)?;
        let controller = world.named_controller()?;
        let mut entries = Vec::new();
        let period = Period { controller: controller.as_deref(), ..Period::default() };
        store.read(|view| {
            view.for_each_hold(&period, |entry| {
                entries.extend((self.all || entry.released.is_none()).then_some(entry));
                Ok(())
            })
        })?;
        list(world, entries)
    }
}

/// What became of one; silence means success with `--quiet`.
fn told(world: &mut World<'_, '_>, entry: HoldEntry) -> Outcome {
    if world.global.quiet { Ok(Exit::Done) } else { list(world, vec![entry]) }
}

fn list(world: &mut World<'_, '_>, entries: Vec<HoldEntry>) -> Outcome {
    let head = Head {
        schema: "dsr/holds/v1",
        list: "holds",
        title: "Holds".into(),
        columns: &["number", "controller", "subject", "category", "since", "basis", "released"],
        members: Vec::new(),
    };
    let style = world.style();
    let mut rows = Rows::begin(world.env.stdout, style, head)?;
    entries.iter().try_for_each(|entry| rows.row(&cells(entry)))?;
    rows.finish(Vec::new())?;
    Ok(Exit::Done)
}

fn cells(entry: &HoldEntry) -> [Cell; 7] {
    [
        Cell::text(&entry.hold.number),
        Cell::text(&entry.controller),
        Cell::text(entry.subject),
        Cell::option(entry.hold.category.as_ref()),
        Cell::Moment(entry.hold.since),
        Cell::text(&entry.hold.basis),
        Cell::moment(entry.released),
    ]
}
