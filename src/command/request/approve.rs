//! `dsr request approve`: the second person.

use super::{first, said, show};
use crate::{
    audit::{Hash, State},
    command::{
        Exit, Outcome,
        acting::{self, key_of},
        world::World,
    },
    decide::second,
    domain::{CaseEvent, CaseNumber, Error, Kind, Result, Selector},
    execute::{
        act::{self, Request},
        cases::{self, Receipt},
        context::{Context, Said},
        order::Order,
    },
    store::{CaseEntry, CaseFile, Mode, Store},
};

const EXAMPLES: &str = "\
Examples:
  dsr request approve 2026-000001 --dry-run
  dsr request approve 2026-000001
";

/// Agree, as the second person, to an erasure of contract or payment data
///
/// Where dsr.yaml names roles, such an erasure waits for an approver with another user id. Shows what would
/// happen and records the agreement; the officer then resumes the case. Agreed is to exactly the records
/// of the plan: if they change, it is proposed anew.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Approve {
    /// The case number
    number: CaseNumber,
    /// Show what would happen and agree to nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
}

/// What was proposed: by whom, what, and its number.
struct Proposal {
    case: CaseFile,
    user: u32,
    order: Order,
    plan: String,
}

impl Approve {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        if world.roles()?.is_none() {
            return Err(Error::usage("nobody is named as an approver, so nothing waits for one")
                .hint("name officers and approvers by user id under `roles` in dsr.yaml"));
        }
        let mut store = world.open(Mode::ReadWrite)?;
        let proposal = self.proposal(&mut store)?;
        let library = world.library()?;
        let mut rules = world.rules(&library, &proposal.case.controller)?;
        let mut context = world.context(&proposal.case.controller, &rules)?;
        if proposal.user == context.actor.uid() {
            return Err(itself(&context, &proposal.case, &mut store)?);
        }
        let key = key_of(&store)?;
        let subject = proposal.case.subject.ok_or_else(act::stale)?;
        let receipt = Receipt { case: Some(self.number.clone()), ..Receipt::default() };
        let who = Selector::Id(subject);
        let request = Request { order: &proposal.order, who: &who, receipt: &receipt, defers: false };
        // What was proposed was seen in every system: so is what is agreed to.
        let asked = (&who, proposal.order.is_at_once());
        let (_, _, remote) = world.reach_and_gather(&mut store, (&mut rules, &mut context), asked)?;
        let pair = rules.pair();
        let second = world.second_person()?;
        let acts = rules.to_act(key.as_ref(), &second);
        let decided =
            store.read(|view| act::decide_everywhere(view, &context, acts, &request, remote.as_ref()))?;
        let waits = decided.second.as_ref().filter(|second| hex(second.number) == proposal.plan);
        let plan = waits.map(|second| second.plan.clone()).ok_or_else(changed)?;
        let first = store.read(|view| first(view, &plan, world.now().day()))?;
        let shown = acting::proposed(&decided, (plan, first), &proposal.order, &proposal.case.controller);
        if self.dry_run {
            return world.answer(&shown).map(|()| Exit::Done);
        }
        world.show(&shown)?;
        let case = store.transact(|tx| {
            let again = act::decide_everywhere(tx, &context, acts, &request, remote.as_ref())?;
            if again.second.is_none_or(|second| hex(second.number) != proposal.plan) {
                return Err(changed());
            }
            let event = CaseEvent::Approved { user: context.actor.uid(), plan: proposal.plan.clone() };
            let case = cases::advance(tx, context.by(), pair, &self.number, &event)?;
            context.log(tx, "request.approve", State::Approved, said(&case))?;
            Ok(case)
        })?;
        show(world, &mut store, case)
    }

    fn proposal(&self, store: &mut Store) -> Result<Proposal> {
        let (case, history) =
            store.read(|view| Ok((view.case(&self.number)?, view.case_history(&self.number)?)))?;
        read(case, &history).ok_or_else(|| {
            Error::usage(format!(
                "case {} proposes nothing that a second person has to agree to",
                self.number
            ))
            .hint(format!("see where it stands: dsr request show {}", self.number))
        })
    }
}

fn read(case: CaseFile, history: &[CaseEntry]) -> Option<Proposal> {
    let (user, plan, ask) = second::proposed(history.iter().map(|entry| &entry.event))?;
    let (plan, order) = (plan.to_owned(), serde_json::from_str(ask).ok()?);
    Some(Proposal { case, user, order, plan })
}

fn hex(number: [u8; 32]) -> String {
    Hash::from_bytes(number).to_string()
}

fn changed() -> Error {
    Error::new(Kind::Ambiguous, "what was proposed changed since")
        .hint("nothing was agreed to; the officer runs the command again, and it is proposed anew")
}

/// Whoever proposes cannot agree: the try stands in the log.
fn itself(context: &Context, case: &CaseFile, store: &mut Store) -> Result<Error> {
    store.transact(|tx| {
        let said = Said { case: Some(case.number.clone()), ..Said::default() };
        context.log(tx, "request.approve", State::Denied, said).map(drop)
    })?;
    Ok(Error::new(Kind::Refused, "the same user proposed it and cannot agree to it")
        .hint("another user of the operating system has to; --actor does not make one"))
}
