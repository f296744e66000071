//! What the commands that act on data share: their options, and the way from plan to outcome.

mod preview;

use std::path::PathBuf;

use clap::Args;

use super::{
    Exit, Outcome,
    intake::{self, Intake},
    reach::elsewhere,
    request,
    world::{Rules, World},
};
use crate::{
    audit::{Files, Hash},
    calendar::Calendar,
    decide::{grounds, identity::Refusal},
    domain::{CaseNumber, Category, Decision, Duty, Error, Kind, Plan, Result, Selector},
    execute::{
        act::{self, Decided, Done, Request},
        cases::Receipt,
        context::Context,
        halts,
        order::Order,
        unchanged,
    },
    policy::Rulebook,
    render::{
        Words,
        answer::plan::{Outcome as Result_, Part, PlanAnswer, RefusalLine, Stage},
        file, question,
    },
    store::{KeyFile, Mode, Store},
};

/// Options of every command that acts.
#[derive(Args, Clone)]
pub struct Acting {
    /// Whose data: iin:, account:, ref: or id:; others only search. `-` reads standard input
    #[arg(long, value_name = "SEL")]
    pub subject: String,
    /// How the request came, and how the person was recognised.
    #[command(flatten)]
    pub intake: Intake,
    /// How to go on.
    #[command(flatten)]
    pub consent: GoOn,
}

/// Options about going on.
#[derive(Args, Clone)]
#[command(next_help_heading = "Going on")]
pub struct GoOn {
    /// Show the plan and change nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// Write the plan to a new file for `dsr apply`, and change nothing
    #[arg(long, value_name = "FILE")]
    pub plan_out: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Leave the byte work to `dsr sanitize`
    #[arg(long)]
    pub defer_destruction: bool,
    /// Have other systems reclaim the tables that changed (VACUUM and the like), where the role may
    #[arg(long)]
    pub reclaim: bool,
}

/// Runs an order for the person of these options.
///
/// # Errors
/// The kinds of the contract: 2, 3, 4, 5, 8 and those of store and policy.
pub fn run(acting: &Acting, order: &Order, world: &mut World<'_, '_>) -> Outcome {
    let who = intake::subject(&acting.subject, world.env)?;
    let receipt = acting.intake.receipt(world)?;
    perform(&who, receipt, order, &acting.consent, Asked::Now, world)
}

/// How it comes that something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By a command.
    Now,
    /// By a plan made before, of this digest.
    Planned([u8; 32]),
    /// By a case that goes on: where nothing of it changed, nothing is written down.
    Again,
}

/// Decides, shows, asks, does, destroys.
///
/// # Errors
/// As [`run`].
pub fn perform(
    who: &Selector,
    receipt: Receipt,
    order: &Order,
    go_on: &GoOn,
    asked: Asked,
    world: &mut World<'_, '_>,
) -> Outcome {
    if let Some(path) = &go_on.plan_out {
        file::check(path)?;
    }
    let mut store = world.open(Mode::ReadWrite)?;
    let library = world.library()?;
    let controller = world.controller(&library, Some(&store))?;
    let mut rules = world.rules(&library, &controller)?;
    let mut context = world.context(&controller, &rules)?;
    let key = key_of(&store)?;
    let request = Request { order, who, receipt: &receipt, defers: go_on.defer_destruction };
    let (mut reach, new, remote) =
        world.reach_and_gather(&mut store, (&mut rules, &mut context), (who, order.is_at_once()))?;
    let second = world.second_person()?;
    let act_rules = rules.to_act(key.as_ref(), &second);
    let decided =
        store.read(|view| act::decide_everywhere(view, &context, act_rules, &request, remote.as_ref()))?;
    if matches!(asked, Asked::Planned(expected) if expected != decided.digest) {
        return Err(act::stale());
    }
    if go_on.dry_run || go_on.plan_out.is_some() {
        let first = first(&mut store, &decided, world)?;
        return preview::preview((&decided, first), order, &receipt, go_on, &controller, &rules, world);
    }
    if decided.lifts_nothing(order) {
        if let Some(number) = &receipt.case {
            return Err(Error::new(Kind::Refused, "nothing of this person is blocked")
                .hint(format!("tell them so: {}", request::refusing_by(number, grounds::VIOLATION))));
        }
        world.answer_unless_quiet(&answer(&decided, order, &controller, Stage::Planned))?;
        world.note("nothing of this person is blocked; no request was opened")?;
        return Ok(exit(&decided));
    }
    let same = match &receipt.case {
        Some(number) if asked == Asked::Again && !go_on.reclaim => {
            store.read(|view| unchanged::of(view, number, &decided, order))?
        }
        _ => None,
    };
    if let Some((case, waits)) = same {
        let done = unchanged::done(decided, case);
        let exit =
            finish(done, (Vec::new(), None), (order, &rules.rulebook), go_on, &mut store, &context, world)?;
        return world.note(&format!("nothing changed; {}", waits.join("; "))).map(|()| exit);
    }
    let leading = first(&mut store, &decided, world)?;
    if !confirmed((&decided, leading), order, go_on, &controller, world)? {
        return Err(Error::usage("not confirmed: something else was typed").hint("nothing was done"));
    }
    let shown = decided.digest;
    let found = reach.gather(&mut store, &controller, who, context.now, new);
    let found = found.and_then(|mut remote| reach.refer(remote.iter_mut()).map(|()| remote));
    let remote = match found {
        // It waits for no system: it was shown without them, or it is not done at all.
        Err(_) if order.is_at_once() => None,
        other => other?,
    };
    let mut done =
        act::carry_out_everywhere(&mut store, &context, act_rules, &request, remote.as_ref(), shown)?;
    let tried = elsewhere::finish(&mut done, &mut store, &context, act_rules, &mut reach);
    // The steps are written down by now: whatever hinders from here on, they are to be gone on with.
    let (mut parts, broken) = match tried {
        Ok(parts) => (parts, None),
        Err(error) => (elsewhere::left(&mut store, &done.case.number, &reach), Some(error)),
    };
    if go_on.reclaim {
        elsewhere::reclaim(&mut parts, (&mut store, &done.case.number), &mut reach, world)?;
    }
    finish(done, (parts, broken), (order, &rules.rulebook), go_on, &mut store, &context, world)
}

/// The key file beside the store, where there is one.
///
/// # Errors
/// Configuration (exit 6): it is there and cannot be used.
pub fn key_of(store: &Store) -> Result<Option<KeyFile>> {
    let path = KeyFile::default_path(store.path());
    if path.symlink_metadata().is_ok() { KeyFile::load(&path).map(Some) } else { Ok(None) }
}

impl Rules {
    /// What dates are computed by.
    pub fn pair(&self) -> (&Rulebook, &Calendar) {
        (&self.rulebook, &self.calendar)
    }

    /// Digests of the files that decide, for the audit entry.
    pub fn files(&self) -> Files {
        let hash = |hex: &str| hex.parse().ok();
        Files {
            calendar: hash(self.calendar.sha256()),
            config: self.officer_sha256.as_deref().and_then(hash),
            map: None,
            policy: hash(self.rulebook.policy_sha256()),
            statute: hash(self.rulebook.statute_sha256()),
        }
    }

    /// The rules as acting needs them.
    pub fn to_act<'a>(&'a self, key: Option<&'a KeyFile>, second: &'a [Category]) -> act::Rules<'a> {
        let (rulebook, calendar, places) = (&self.rulebook, &self.calendar, &self.places);
        act::Rules { rulebook, calendar, places, key, second }
    }
}

/// Whether to go on: nothing to do and harmless steps need no question.
fn confirmed(
    (decided, first): (&Decided, Option<String>),
    order: &Order,
    go_on: &GoOn,
    controller: &str,
    world: &mut World<'_, '_>,
) -> Result<bool> {
    let Some(facts) = decided.facts.as_ref().filter(|_| !go_on.yes && !decided.plan.steps.is_empty()) else {
        return Ok(true);
    };
    if !world.env.stdin_is_terminal || !world.env.stderr_is_terminal {
        return Err(
            Error::usage("nobody can be asked here").hint("look at the plan with --dry-run, then add --yes")
        );
    }
    world.show(&PlanAnswer { first, ..answer(decided, order, controller, Stage::Planned) })?;
    let words = Words::new(world.style().lang);
    question::ask(facts, &words, world.env.stdin, world.env.stderr)
}

/// Asks for a word to be typed before something that cannot be taken back, unless `yes`.
///
/// # Errors
/// Usage (exit 2): nobody can be asked, or something else was typed.
pub fn typed(world: &mut World<'_, '_>, yes: bool, word: &str, hint: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !world.env.stdin_is_terminal || !world.env.stderr_is_terminal {
        return Err(Error::usage("nobody can be asked here").hint(hint));
    }
    if question::word(word, world.env.stdin, world.env.stderr)? {
        return Ok(());
    }
    Err(Error::usage("not confirmed: something else was typed").hint("nothing was done"))
}

fn finish(
    done: Done,
    (systems, broken): (Vec<Part>, Option<Error>),
    (order, rulebook): (&Order, &Rulebook),
    go_on: &GoOn,
    store: &mut Store,
    context: &Context,
    world: &mut World<'_, '_>,
) -> Outcome {
    let number = done.case.number.clone();
    let in_part = systems.iter().any(|part| part.state == "open");
    // What was done elsewhere stays done, whatever cannot be read now.
    let unread = |broken: Option<Error>, error: Error| match broken {
        Some(first) => elsewhere::broken(&number, first),
        None if in_part => elsewhere::broken(&number, error),
        None => error,
    };
    let left = match done.act {
        Some(_) => Ok(None),
        None => unfinished(store, &number),
    };
    let left = match left {
        Ok(left) => left,
        Err(error) => return Err(unread(broken, error)),
    };
    // A run cut short before its bytes were gone is finished by the same command.
    let destroyed = match (&done.act, &left, go_on.defer_destruction) {
        (None, None, _) => Ok("none"),
        (_, _, true) => Ok("pending"),
        _ if broken.is_some() => Ok("pending"),
        (Some(_), _, false) => act::destroy(store, context, Some(&done.needles)).map(|_| "destroyed"),
        (None, Some(_), false) => act::destroy(store, context, None).map(|_| "destroyed"),
    };
    let held_open = match (&destroyed, done.act.as_ref().or(left.as_ref())) {
        (Ok("destroyed"), Some(act)) => {
            store.read(|view| view.destruction(act)).map(|act| act.finished.is_none())
        }
        _ => Ok(false),
    };
    let duties = store.read(|view| halts::shown_by(view, &done.case, Some(rulebook), view.duties(&number)?));
    let (held_open, duties) = match held_open.and_then(|open| Ok((open, duties?))) {
        Ok(read) => read,
        Err(error) => return Err(unread(broken, error)),
    };
    let destroyed = if held_open { Ok("pending") } else { destroyed };
    let outcome = Result_ {
        systems,
        duties: duties.into_iter().filter(Duty::is_open).collect(),
        case: done.case.number.to_string(),
        state: done.case.state.to_string(),
        act: done.act.clone().or(left),
        destruction: destroyed.as_ref().copied().unwrap_or("pending"),
        reopened: done.reopened.iter().map(ToString::to_string).collect(),
    };
    let exit = exit(&done.decided);
    let ended = match (broken, destroyed) {
        (Some(error), _) => Err(elsewhere::broken(&number, error)),
        (None, Err(error)) => Err(error),
        (None, Ok(_)) if in_part => Err(elsewhere::in_part(Kind::Partial, &number)),
        (None, Ok(_)) => Ok(exit),
    };
    // Where nobody could be told, what went wrong before counts.
    let told = tell(&done, order, outcome, store, world);
    ended.and_then(|exit| told.map(|()| exit))
}

/// The answer, and what is to be known beside it.
fn tell(
    done: &Done,
    order: &Order,
    outcome: Result_,
    store: &mut Store,
    world: &mut World<'_, '_>,
) -> Result<()> {
    let (controller, number) = (&done.case.controller, &done.case.number);
    let first = first(store, &done.decided, world)?;
    let answer = answer(&done.decided, order, controller, Stage::Done(outcome));
    world.answer_unless_quiet(&PlanAnswer { first, ..answer })?;
    if let Some(systems) = done.decided.waits_in() {
        world.note(&format!(
            "the end of a deal in {systems} is not seen here: once it is closed, dsr request resume {number} --yes"
        ))?;
    }
    match (order, &done.decided.facts) {
        (Order::Restrict { .. }, Some(facts)) => {
            request::name_halted((controller, facts.subject), world, store)
        }
        _ => Ok(()),
    }
}

/// The command that goes on with the answer which a part of what was decided waits for.
fn first(store: &mut Store, decided: &Decided, world: &World<'_, '_>) -> Result<Option<String>> {
    store.read(|view| request::first(view, &decided.plan, world.now().day()))
}

/// An act of destruction of this case that was begun and not finished.
fn unfinished(store: &mut Store, case: &CaseNumber) -> Result<Option<String>> {
    let pending = store.read(|view| view.pending_destructions())?;
    Ok(pending.into_iter().find(|act| act.case.as_ref() == Some(case)).map(|act| act.number))
}

/// Refused in whole by policy or law, or in part for want of identity: exit 4 with the reasons on standard output.
fn exit(decided: &Decided) -> Exit {
    let refused = decided.refusal.is_some() || decided.plan.decision == Decision::Refuse;
    if refused { Exit::With(Kind::Refused) } else { Exit::Done }
}

/// What a second person is asked to agree to.
/// `first`: the command that goes on with the answer which a part of it waits for.
pub fn proposed(
    decided: &Decided,
    (plan, first): (Plan, Option<String>),
    order: &Order,
    controller: &str,
) -> PlanAnswer {
    PlanAnswer { plan, refusal: None, first, ..answer(decided, order, controller, Stage::Planned) }
}

fn answer(decided: &Decided, order: &Order, controller: &str, stage: Stage) -> PlanAnswer {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    PlanAnswer {
        right: order.right().as_str(),
        controller: controller.to_owned(),
        subject: decided.facts.as_ref().map(|facts| facts.subject.to_string()),
        plan: decided.plan.clone(),
        searched: decided.searched,
        already_done: decided.is_done_already(order.right()),
        due: day(decided.deadline.due),
        target: day(decided.deadline.target),
        digest: Hash::from_bytes(decided.digest).to_string(),
        refusal: decided.refusal.as_ref().map(refusal),
        first: None,
        stage,
    }
}

fn refusal(refusal: &Refusal) -> RefusalLine {
    RefusalLine {
        ground: refusal.why.rule.clone(),
        law: refusal.why.law.clone(),
        says: refusal.why.says.clone(),
        rest: refusal.rest.iter().map(ToString::to_string).collect(),
        todo: refusal.todo.clone(),
        by: refusal.by.map(|day| day.to_string()),
    }
}
