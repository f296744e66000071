//! `dsr request`: the register of requests.

mod acting;
mod answer;
mod approve;
mod awaited;
mod deals;
mod duty;
mod extend;
mod known;
mod letter;
mod list;
mod moves;
mod note;
mod open;
mod refuse;
mod resume;
mod sending;
mod show;
mod untold;
mod verify;
mod why;

use clap::Subcommand;

use super::{
    Exit, Outcome, reach,
    world::{Rules, World},
};
use crate::{
    decide::{grounds, timeline::waits_for},
    domain::{CaseNumber, Duty, Error, Result},
    execute::{context::Said, halts, reach::asks_anew, timing},
    render::answer::{case::CaseAnswer, plan::Part},
    store::{CaseEntry, CaseFile, Store},
};

pub use awaited::first;
pub use duty::{finish_act, name_halted};
pub use list::{COLUMNS, cells};
pub use sending::refusing_by;
pub use show::{Seen, going_on, is_about_nothing, is_gone, next};
use show::{carrying_out, ways};

const EXAMPLES: &str = "\
Examples:
  dsr request open --right access --subject ref:C-1 --channel email
  dsr request list
  dsr request show 2026-000001
";

/// Keep the register of requests
///
/// A request is registered when it comes, whatever the channel; its due date runs from the receipt. Its
/// state follows from what happened to it and is never set by hand.
#[derive(Subcommand)]
#[command(before_help = EXAMPLES)]
#[expect(missing_docs, reason = "the doc comment of each command's arguments is its help")]
pub enum Request {
    Open(open::Open),
    List(list::List),
    Show(show::Show),
    Verify(verify::Verify),
    Extend(extend::Extend),
    Refuse(refuse::Refuse),
    Told(duty::Told),
    Done(duty::Done),
    Note(note::Note),
    Letter(letter::LetterArgs),
    Answer(answer::AnswerSent),
    Approve(approve::Approve),
    Resume(resume::Resume),
    Cancel(answer::Cancel),
    Reopen(note::Reopen),
}

impl Request {
    /// Whether it has an html form.
    pub fn has_page(&self) -> bool {
        matches!(self, Self::Letter(_))
    }

    /// Runs one of them.
    ///
    /// # Errors
    /// Not found (exit 3) for an unknown case; usage (exit 2) for a move its state does not allow.
    pub fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        match self {
            Self::Open(command) => command.run(world),
            Self::List(command) => command.run(world),
            Self::Show(command) => command.run(world),
            Self::Verify(command) => command.run(world),
            Self::Extend(command) => command.run(world),
            Self::Letter(command) => command.run(world),
            Self::Refuse(command) => command.run(world),
            Self::Told(command) => command.run(world),
            Self::Done(command) => command.run(world),
            Self::Note(command) => command.run(world),
            Self::Answer(command) => command.run(world),
            Self::Approve(command) => command.run(world),
            Self::Resume(command) => command.run(world),
            Self::Cancel(command) => command.run(world),
            Self::Reopen(command) => command.run(world),
        }
    }
}

/// A case of the controller that was chosen, where one was: two controllers are strangers.
fn of_the_chosen(case: CaseFile, chosen: Option<&str>) -> Result<CaseFile> {
    if chosen.is_none_or(|chosen| chosen == case.controller) {
        return Ok(case);
    }
    Err(Error::usage(format!("case {} belongs to `{}`", case.number, case.controller))
        .hint(format!("add --controller {}", case.controller)))
}

/// What the audit entry says of a case.
fn said(file: &CaseFile) -> Said {
    Said { case: Some(file.number.clone()), subject: file.subject, ..Said::default() }
}

/// Whether something was asked of the person that has not come.
fn asks(history: &[CaseEntry]) -> bool {
    !waits_for(history.iter().map(|entry| &entry.event)).is_empty()
}

/// Answers a move with the case, its history and the command to type next; with `--quiet` nothing, since nobody asked
/// to see it.
fn show(world: &mut World<'_, '_>, store: &mut Store, case: CaseFile) -> Outcome {
    if world.global.quiet {
        return Ok(Exit::Done);
    }
    show_with(world, store, case, Vec::new(), None)
}

/// The same, with the other cases of its letter and with its reasons.
fn show_with(
    world: &mut World<'_, '_>,
    store: &mut Store,
    case: CaseFile,
    together: Vec<CaseNumber>,
    why: Option<Vec<String>>,
) -> Outcome {
    let (history, duties) =
        store.read(|view| Ok((view.case_history(&case.number)?, view.duties(&case.number)?)))?;
    let rules = (asks(&history) || duties.iter().any(Duty::bars))
        .then(|| world.rules(&world.library()?, &case.controller))
        .transpose()?;
    let case = match &rules {
        Some(rules) => store.read(|view| timing::present(view, case, rules.pair(), world.now()))?,
        None => case,
    };
    let today = world.now().day();
    let (history, duties, elsewhere_is, gone, idle, waits) = store.read(|view| {
        let (number, pair) = (&case.number, rules.as_ref().map(Rules::pair));
        let duties = timing::duties(view, &case, pair, view.duties(number)?)?;
        let duties = halts::shown_by(view, &case, pair.map(|(rulebook, _)| rulebook), duties)?;
        let (history, elsewhere) = (view.case_history(number)?, halts::elsewhere(view, &case)?);
        let waits = awaited::of(view, &case, (&history, &duties, &elsewhere), today)?;
        let (gone, idle) = (is_gone(view, &case)?, is_about_nothing(view, &case)?);
        Ok((history, duties, elsewhere, gone, idle, waits))
    })?;
    let seen = Seen { history: &history, duties: &duties, elsewhere: &elsewhere_is, gone, idle, today };
    let mut next = ways(&case, seen);
    drop_unknown(&mut next, world, &case)?;
    let refusal = why::refusal(world, &case, &history)?;
    let systems = elsewhere(world, store, &case)?;
    // What no resumption gets over is decided on the map and the rows of today.
    let anew = systems.iter().filter_map(|part| part.trouble.as_deref()).any(asks_anew);
    next.extend(anew.then(|| carrying_out(&case)));
    world.answer(&CaseAnswer {
        case,
        history,
        duties,
        systems,
        waits,
        together,
        refusal,
        why,
        next,
        now: world.now(),
    })?;
    Ok(Exit::Done)
}

/// No ground is offered that the statute of the case does not know.
fn drop_unknown(ways: &mut Vec<String>, world: &World<'_, '_>, case: &CaseFile) -> Result<()> {
    let refusal = refusing_by(&case.number, grounds::IDENTITY);
    if !ways.contains(&refusal) {
        return Ok(());
    }
    let rulebook = world.library()?.rulebook(&case.controller)?;
    if !grounds::fits(&rulebook, grounds::IDENTITY, case.right, case.received.day()) {
        ways.retain(|way| *way != refusal);
    }
    Ok(())
}

/// The steps of a case in other systems, without asking these.
fn elsewhere(world: &World<'_, '_>, store: &mut Store, case: &CaseFile) -> Result<Vec<Part>> {
    if store.read(|view| view.remote_steps(&case.number))?.is_empty() {
        return Ok(Vec::new());
    }
    let rules = world.rules(&world.library()?, &case.controller)?;
    store.read(|view| reach::elsewhere::steps(view, &case.number, &rules.systems))
}
