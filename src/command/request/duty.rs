//! `dsr request done` and `told`: what people did about a case.

use super::{
    moves::{Move, chosen, happened},
    refuse::signer,
    show,
};
use crate::{
    audit::State,
    command::{
        Outcome,
        world::{Rules, World},
    },
    decide::{
        by_hand::{self, halted},
        since,
    },
    domain::{CaseEvent, CaseNumber, Duty, DutyKind, Error, Kind, Part, Remark, Result, SubjectId, suggest},
    execute::{act, halts, opened, waits},
    store::{CaseFile, Mode, Store, View},
};

const DONE: &str = "\
Examples:
  dsr request done 2026-000001 --step 1 --evidence 'act 12'
  dsr request done 2026-000001 --step 1 --found --evidence 'contract 12'
  dsr request done 2026-000001 --step 1 --nothing --evidence 'folder 7'
  dsr request done 2026-000001 --step 1 --recall 'nobody was confirmed' \\
      --signed-by 'A. Officer'
";

/// Close a step by hand, with its proof
///
/// A step in a system that people keep: a paper archive, recordings, a manager's phone. While one is open
/// there is no finished act of destruction, no answer (but one that tells what waits) and no closed case. With the last one the act is
/// finished. A step waits (exit 4) while a hold or a check that came later keeps what it would destroy; where that keeps
/// some of its categories only, the others are done and what is left becomes a step of its own. A step that looks
/// somebody up, or through papers for those that have to stay, also says what came of it: the letter tells what was
/// found in the words of --evidence, and never that nothing is held or all is gone.
///
/// A step that nobody did and that has no reason any more is taken back with --recall: a person signs why. The case can
/// then be refused or cancelled; it is answered as done only once the command of its right was run again, which orders
/// what is owed anew.
#[derive(clap::Args)]
#[command(before_help = DONE)]
pub struct Done {
    /// The case number
    number: CaseNumber,
    /// The step, as `request show` numbers it
    #[arg(long, value_name = "N")]
    step: u32,
    /// The proof: an act, a letter, a record, by name, number and date
    #[arg(long, value_name = "TEXT", required_unless_present = "recall")]
    evidence: Option<Remark>,
    /// Something of the person, or a paper that has to stay, was found; --evidence says what
    #[arg(long, conflicts_with = "nothing")]
    found: bool,
    /// Nothing was found
    #[arg(long)]
    nothing: bool,
    /// Take the step back, which nobody did, and say why
    #[arg(long, value_name = "WHY", requires = "signed_by", conflicts_with_all = ["evidence", "found", "nothing"])]
    recall: Option<Remark>,
    /// Who signs that it was taken back: a person
    #[arg(long, value_name = "NAME", requires = "recall")]
    signed_by: Option<String>,
}

/// Record that a recipient was told
///
/// Whoever received the data is told of its correction, destruction, block or withdrawal.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request told 2026-000001 --recipient 'A Bank' --at 2026-11-23\n")]
pub struct Told {
    /// The case number
    number: CaseNumber,
    /// The recipient, as `request show` names it
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// When they were told [default: now]
    #[arg(long, value_name = "T")]
    at: Option<String>,
}

impl Done {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if let Some(why) = &self.recall {
            return self.recall(why, world);
        }
        let mut store = world.open(Mode::ReadWrite)?;
        let deal = self.deal_since(world, &mut store)?;
        let needed = deal.as_ref().map(|(_, needed)| needed.clone()).unwrap_or_default();
        let part = store.read(|view| halts::part(view, &view.case(&self.number)?, self.step, &needed))?;
        let is_needed = |word: &&str| needed.iter().any(|needed| needed == word);
        let needs = |part: &Part| halted::free(&part.done, &[]).iter().any(is_needed);
        let found = match deal.as_ref().filter(|_| part.as_ref().is_none_or(needs)) {
            Some((deal, _)) => self.kept_for(deal)?,
            None => self.came_of_it(&store.read(|view| view.duties(&self.number))?)?,
        };
        let evidence = self.evidence.clone().unwrap_or_else(|| Remark::kept(""));
        let event = CaseEvent::Done { step: self.step, evidence, found, part: part.clone() };
        let done = Move::of(&self.number, "request.done", State::Done, [event]);
        let as_seen = |view: &View<'_>, case: &CaseFile, rules: &Rules| {
            let now = waits::deal_since(view, case, &rules.rulebook, self.step)?;
            if now == deal && halts::part(view, case, self.step, &needed)? == part {
                return Ok(());
            }
            Err(Error::new(Kind::Ambiguous, "what the step waits for changed meanwhile")
                .hint("nothing was recorded; look at the case and run the command again"))
        };
        let done = done.checked(as_seen).with(|tx, context, case| {
            if found == Some(true) { opened::of_found(tx, context, case, self.step) } else { Ok(()) }
        });
        let case = done.write(world, &mut store)?;
        finish_act(&self.number, world, &mut store)?;
        if part.is_some() {
            let left =
                store.read(|view| halts::of_case(view, &case))?.pop().map_or(self.step, |duty| duty.step);
            world.note(&format!(
                "step {} is done but for what something keeps: that is step {left} now",
                self.step
            ))?;
        }
        show(world, &mut store, case)
    }

    /// The deal that was opened since the step was set, and needs something of what it destroys.
    fn deal_since(&self, world: &World<'_, '_>, store: &mut Store) -> Result<Option<(String, Vec<String>)>> {
        let (case, rules) = chosen(&self.number, world, store)?;
        store.read(|view| waits::deal_since(view, &case, &rules.rulebook, self.step))
    }

    /// What the step meant was judged before that deal: whoever did it says whether anything was kept for it.
    fn kept_for(&self, deal: &str) -> Result<Option<bool>> {
        if self.found || self.nothing {
            return Ok(Some(self.found));
        }
        let step = self.step;
        Err(Error::new(Kind::Refused, format!("step {step} was set before {deal}, which is open and needs such data"))
            .hint(
                "keep what the deal needs, then add --found, and in --evidence what stays; --nothing where nothing had to stay",
            ))
    }

    /// Takes the step back; an act that waited for it waits no more.
    fn recall(&self, why: &Remark, world: &mut World<'_, '_>) -> Outcome {
        let signed_by = signer(self.signed_by.as_deref().unwrap_or_default())?;
        let mut store = world.open(Mode::ReadWrite)?;
        let event = CaseEvent::Recalled { step: self.step, why: why.clone() };
        let recalled = Move::of(&self.number, "request.done", State::Cancelled, [event]).by(signed_by);
        let by_hand = |view: &View<'_>, _: &CaseFile, _: &Rules| self.is_by_hand(&view.duties(&self.number)?);
        let case = recalled.checked(by_hand).write(world, &mut store)?;
        finish_act(&self.number, world, &mut store)?;
        show(world, &mut store, case)
    }

    /// Only a step in a place that people keep bars a case; another task is done, or stays on the list.
    fn is_by_hand(&self, duties: &[Duty]) -> Result<()> {
        let is_task = |duty: &&Duty| duty.step == self.step && duty.is_open() && !duty.bars();
        match duties.iter().find(is_task) {
            Some(_) => Err(Error::usage(format!("step {} keeps the case from no end", self.step))
                .hint("only a step in a system that people keep is taken back; leave --recall out")),
            None => Ok(()),
        }
    }

    /// Whether anything was found, where the step looks somebody up.
    fn came_of_it(&self, duties: &[Duty]) -> Result<Option<bool>> {
        let step = self.step;
        let Some(duty) = duties.iter().find(|duty| duty.step == step && duty.is_open()) else {
            return Ok(None);
        };
        let task = duty.what.task.as_str();
        match (by_hand::says_what_came(task), self.found, self.nothing) {
            (true, false, false) => Err(unsaid(step, task)),
            (true, found, _) => Ok(Some(found)),
            (false, false, false) => Ok(None),
            (false, ..) => {
                Err(Error::usage(format!("step {step} looks nobody up"))
                    .hint("leave --found and --nothing out"))
            }
        }
    }
}

fn unsaid(step: u32, task: &str) -> Error {
    if by_hand::is_sorting(task) {
        return Error::usage(format!("step {step} looks for papers that stay: say what came of it")).hint(
            "add --found, and in --evidence what stays until when, since the letter tells it; else --nothing",
        );
    }
    Error::usage(format!("step {step} looks the person up: say what came of it"))
        .hint("add --found, and in --evidence what was found, since the letter tells it; else --nothing")
}

/// The act of a case waited for its steps by hand and in other systems: with the last one it is closed.
pub fn finish_act(number: &CaseNumber, world: &World<'_, '_>, store: &mut Store) -> Result<()> {
    let of_the_case = store.read(|view| {
        let closable = view.closable_destructions()?;
        let pending = view.pending_destructions()?;
        let mine = |number: &str| closable.iter().any(|one| one == number);
        Ok(pending.iter().any(|act| act.case.as_ref() == Some(number) && mine(&act.number)))
    })?;
    if of_the_case {
        act::destroy(store, &world.plain_context(None)?, None)?;
    }
    Ok(())
}

/// Names the steps of a person that wait because of what was just placed.
pub fn name_halted(
    (controller, subject): (&str, SubjectId),
    world: &mut World<'_, '_>,
    store: &mut Store,
) -> Result<()> {
    for (case, duty) in store.read(|view| halts::of_person(view, controller, subject))? {
        let (step, place) = (duty.step, &duty.what.place);
        let kept: Vec<&str> = duty.held.iter().map(|held| held.category.as_str()).collect();
        world.note(&match duty.waits {
            Some(_) => {
                format!("step {step} of case {case} ({place}) waits from now on: nothing is destroyed there")
            }
            None => format!("of step {step} of case {case} ({place}) {} stays from now on", kept.join(", ")),
        })?;
    }
    Ok(())
}

impl Told {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let (case, _) = chosen(&self.number, world, &mut store)?;
        let (duties, history) =
            store.read(|view| Ok((view.duties(&self.number)?, view.case_history(&self.number)?)))?;
        let step = self.find(&duties)?;
        let since = duties
            .iter()
            .find(|duty| duty.step == step)
            .and_then(|duty| since::owed(&duty.what, history.iter().map(|entry| (entry.at, &entry.event))));
        let at = happened("--at", self.at.as_deref(), (&case, since), world.now())?.unwrap_or(world.now());
        let event = CaseEvent::Told { step, at };
        let case = Move::of(&self.number, "request.told", State::Told, [event]).write(world, &mut store)?;
        show(world, &mut store, case)
    }

    /// The open duty of this recipient; names are compared without case and space.
    fn find(&self, duties: &[Duty]) -> Result<u32> {
        let folded = |name: &str| crate::domain::fold::key(name);
        let recipients = || duties.iter().filter(|duty| duty.what.kind == DutyKind::Tell);
        let named = || recipients().filter(|duty| folded(&duty.what.place) == folded(&self.recipient));
        if let Some(duty) = named().find(|duty| duty.is_open()) {
            return Ok(duty.step);
        }
        if named().next().is_some() {
            return Err(Error::usage("this recipient was told already")
                .hint(format!("see the case: dsr request show {}", self.number)));
        }
        let known: Vec<&str> =
            recipients().filter(|duty| duty.is_open()).map(|duty| duty.what.place.as_str()).collect();
        let error = Error::usage(format!("case {} has no such recipient to tell", self.number));
        Err(match (suggest::nearest(&self.recipient, known.iter().copied()), known.is_empty()) {
            (Some(near), _) => error.hint(format!("did you mean `{near}`?")),
            (None, false) => error.hint(format!("it has {}", known.join(", "))),
            (None, true) => error.hint("nobody has to be told of this case"),
        })
    }
}
