//! What an officer records of a request: identity confirmed, answered, refused, cancelled.

use std::collections::BTreeSet;

use super::{
    of_the_chosen, said,
    sending::{self, Check},
    show,
};
use crate::{
    audit::State,
    command::{Outcome, world::World},
    domain::{CaseEvent, CaseNumber, Channel, Error, IdentityMethod, Result},
    execute::context::Said,
    policy::{Library, body::Body, yaml::did_you_mean},
    store::Mode,
};

const ANSWER: &str = "\
Examples:
  dsr request answer 2026-000001 --channel email --number 01-17
  dsr request answer 2026-000001 --channel courier --letter answer.html
  dsr request answer 2026-000001 --despite late --reason 'the server was down'
";

/// Confirm the identity of the person
///
/// The method is kept, never a copy of a document.
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request verify 2026-000001 --identity document\n")]
pub struct Verify {
    /// The case number
    number: CaseNumber,
    /// document, in_person, known_contact, e_signature, power_of_attorney, court
    #[arg(long, value_name = "METHOD")]
    identity: IdentityMethod,
}

/// Record that the answer was sent
///
/// The request ends with it. Where `dsr request letter` made a letter, it is held against what people complain
/// of: late, too much identity asked, wrong language or medium, something missing. One that fails is not sent (exit
/// 4); --letter holds the file as it was edited against the same list.
#[derive(clap::Args)]
#[command(before_help = ANSWER)]
pub struct AnswerSent {
    /// The case number
    case: CaseNumber,
    /// By which way it was sent
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<Channel>,
    /// Outgoing number of the letter [default: that of the letter made last]
    #[arg(long, value_name = "NO")]
    number: Option<String>,
    #[command(flatten)]
    check: Check,
}

/// Record a reasoned refusal
///
/// The ground is a code of the statute's layer; cost, effort and repetition are none.
#[derive(clap::Args)]
#[command(
    before_help = "Example:\n  dsr request refuse 2026-000001 --ground RF-ID --signed-by 'A. Officer'\n"
)]
pub struct Refuse {
    /// The case number
    number: CaseNumber,
    /// A ground the law knows, such as RF-ID
    #[arg(long, value_name = "CODE")]
    ground: String,
    /// Who signs: only a person can refuse
    #[arg(long, value_name = "NAME")]
    signed_by: String,
}

/// Close a request that was withdrawn or registered by mistake
#[derive(clap::Args)]
#[command(before_help = "Example:\n  dsr request cancel 2026-000001\n")]
pub struct Cancel {
    /// The case number
    number: CaseNumber,
}

impl Verify {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let event = CaseEvent::Verified { method: self.identity };
        Move::of(&self.number, "request.verify", State::Verified, event).run(world)
    }
}

impl AnswerSent {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let letter = self.check.pass(world, &self.case, self.channel)?;
        let number = sending::number(self.number.clone(), letter)?;
        let event = CaseEvent::Answered { channel: self.channel, number, although: self.check.although() };
        Move::of(&self.case, "request.answer", State::Answered, event).run(world)
    }
}

impl Refuse {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let signed_by = self.signed_by.trim();
        if signed_by.is_empty() {
            return Err(Error::usage("--signed-by is empty").hint("only a person can refuse"));
        }
        self.check_ground(&world.library()?)?;
        let event = CaseEvent::Refused { ground: self.ground.clone() };
        let refusal = Move::of(&self.number, "request.refuse", State::Refused, event);
        Move { rules: vec![self.ground.clone()], by: Some(signed_by.to_owned()), ..refusal }.run(world)
    }

    /// Every statute is asked: a ground is a rule of the law, whatever the controller.
    fn check_ground(&self, library: &Library) -> Result<()> {
        let mut grounds = BTreeSet::new();
        for controller in library.controllers() {
            let rules = library.rulebook(&controller)?.statute.rules;
            let refusals = rules.into_iter().filter(|rule| matches!(rule.body, Body::Refusal(_)));
            grounds.extend(refusals.map(|rule| rule.id));
        }
        if grounds.contains(&self.ground) {
            return Ok(());
        }
        let known: Vec<&str> = grounds.iter().map(String::as_str).collect();
        let error = Error::usage(format!("`{}` is no ground of refusal in the law", self.ground));
        Err(error.hint(did_you_mean(&self.ground, &known)))
    }
}

impl Cancel {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        Move::of(&self.number, "request.cancel", State::Cancelled, CaseEvent::Cancelled).run(world)
    }
}

/// One event of a case and its audit entry, committed together.
struct Move<'a> {
    number: &'a CaseNumber,
    command: &'static str,
    state: State,
    event: CaseEvent,
    rules: Vec<String>,
    /// Whose act it is, as the case's history shows it; `None`: who gave the command.
    by: Option<String>,
}

impl<'a> Move<'a> {
    fn of(number: &'a CaseNumber, command: &'static str, state: State, event: CaseEvent) -> Self {
        Self { number, command, state, event, rules: Vec::new(), by: None }
    }

    fn run(self, world: &mut World<'_, '_>) -> Outcome {
        let mut store = world.open(Mode::ReadWrite)?;
        let chosen = world.named_controller()?;
        let mut context = world.plain_context(None)?;
        let case = store.transact(|tx| {
            let case = of_the_chosen(tx.case(self.number)?, chosen.as_deref())?;
            context.controller = Some(case.controller);
            let by = self.by.as_deref().unwrap_or(context.actor.name());
            let file = tx.move_case(self.number, &self.event, context.now, by)?;
            context.log(tx, self.command, self.state, Said { rules: self.rules, ..said(&file) })?;
            Ok(file)
        })?;
        show(world, &mut store, case)
    }
}
