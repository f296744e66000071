//! `dsr request open`: a request enters the register.

use super::{said, show_with};
use crate::{
    audit::State,
    command::{
        Exit, Outcome,
        intake::{self, Arrival},
        world::{Rules, World},
    },
    domain::{Error, Kind, Remark, Result, Right, Selector, SubjectFacts, case::Demand},
    execute::{
        cases::{self, Receipt},
        context::Context,
        reach::{Remote, elsewhere, merge::merge},
        record, resolve,
    },
    store::{CaseFile, Mode, Store, Tx},
};

const EXAMPLES: &str = "\
Examples:
  dsr request open --right access --subject iin:900101499994 \\
      --received 2026-11-20 --channel registered_letter --tracking RR1
  dsr request open --right export --right erase --subject ref:C-1
  dsr request open --right complaint --channel phone
  dsr request open --right authority --demand 7-12/34 --basis 'art. 9'
";

/// Register a request
///
/// The clock runs from the receipt, not from the registration. Past the end of the calendar the due date
/// is provisional and says so: the intake of a request never stops, and no channel is a reason to refuse.
/// One letter may ask several rights: each gets a case, a copy or an answer before anything that destroys.
/// Also a plain question, a breach of security, and the demand of an authority with --demand and --basis.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub struct Open {
    /// access, export, rectify, erase, restrict, unblock, object, revoke, opt_out, complaint, minor, breach,
    /// question, authority; several of one letter: repeat it
    #[arg(long, value_name = "R", required = true)]
    right: Vec<Right>,
    /// Whom it is about, where that is known: iin:, account:, ref:, id:
    #[arg(long, value_name = "SEL")]
    subject: Option<String>,
    /// Number of the authority's letter
    #[arg(long, value_name = "NO", requires = "basis")]
    demand: Option<String>,
    /// The law the authority names
    #[arg(long, value_name = "TEXT", requires = "demand")]
    basis: Option<Remark>,
    #[command(flatten)]
    arrival: Arrival,
}

impl Open {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let receipt = Receipt { demand: self.demand()?, ..self.arrival.receipt(world)? };
        let who = self.subject.as_deref().map(|typed| intake::subject(typed, world.env)).transpose()?;
        let mut store = world.open(Mode::ReadWrite)?;
        let library = world.library()?;
        let controller = world.controller(&library, Some(&store))?;
        let mut rules = world.rules(&library, &controller)?;
        let mut context = world.context(&controller, &rules)?;
        let remote = match &who {
            Some(who) => sought(world, &mut store, (&mut rules, &mut context), who)?,
            None => None,
        };
        let mut unknown = false;
        let mut cases = store.transact(|tx| {
            let subject =
                match who.as_ref().map(|who| elsewhere::for_change(tx, &context, who, remote.as_ref())) {
                    // Whoever asks has a right to an answer, also that nobody of that number is known. An id or a
                    // reference of ours is the officer's own to get right.
                    Some(Err(error)) if error.kind() == Kind::NotFound && is_theirs(who.as_ref()) => {
                        unknown = true;
                        None
                    }
                    other => other.transpose()?,
                };
            let mut letter = None;
            let one = |right: Right| {
                // Read again for each: the case before this one is among the facts.
                let mut facts = subject.map(|id| tx.facts(&controller, id)).transpose()?;
                if let (Some(facts), Some(remote)) = (&mut facts, &remote) {
                    merge(facts, remote);
                }
                let receipt = Receipt { letter: letter.clone(), ..receipt.clone() };
                let file =
                    cases::open_or_join(tx, &context, rules.pair(), right, &receipt, facts.as_ref(), None)?;
                let file = blocks_first(tx, &context, &rules, file, facts.as_ref())?;
                letter.get_or_insert_with(|| file.number.clone());
                context.log(tx, "request.open", State::Opened, said(&file))?;
                Ok(file)
            };
            self.rights().into_iter().map(one).collect::<Result<Vec<CaseFile>>>()
        })?;
        if unknown {
            world.note("nobody of that name is known: the request is registered without a person")?;
        }
        if world.global.quiet {
            return Ok(Exit::Done);
        }
        let together = cases.iter().skip(1).map(|case| case.number.clone()).collect();
        show_with(world, &mut store, cases.swap_remove(0), together, None)
    }

    /// Each once, what only shows before what destroys.
    fn rights(&self) -> Vec<Right> {
        let mut rights = self.right.clone();
        rights.sort_by_key(|right| !matches!(right, Right::Access | Right::Export));
        let mut seen = Vec::new();
        rights.retain(|right| {
            !seen.contains(right) && {
                seen.push(*right);
                true
            }
        });
        rights
    }

    fn demand(&self) -> Result<Option<Demand>> {
        let by_authority = self.right.contains(&Right::Authority);
        match (&self.demand, &self.basis) {
            (Some(number), Some(basis)) if by_authority => {
                Ok(Some(Demand { number: number.trim().to_owned(), basis: Some(basis.clone()) }))
            }
            (None, None) if !by_authority => Ok(None),
            (None, None) => Err(Error::usage("the demand of an authority has a number and a legal basis")
                .hint("add --demand NO --basis TEXT; of a letter without a number: --demand 'no number'")),
            _ => Err(Error::usage("--demand and --basis belong to --right authority")),
        }
    }
}

/// Whether a selector is a number that the person gave.
fn is_theirs(who: Option<&Selector>) -> bool {
    matches!(who, Some(Selector::Identifier(_)))
}

/// What other systems hold of somebody unknown here. A request waits for none of them.
fn sought(
    world: &mut World<'_, '_>,
    store: &mut Store,
    (rules, context): (&mut Rules, &mut Context),
    who: &Selector,
) -> Result<Option<Remote>> {
    let controller = context.controller.clone().unwrap_or_default();
    match store.read(|view| resolve::for_change(view, &controller, who)) {
        Err(error) if error.kind() == Kind::NotFound => {
            Ok(world.reach_and_gather(store, (rules, context), (who, true))?.2)
        }
        _ => Ok(None),
    }
}

/// A complaint about somebody's data asks for its block from receipt, by the day of the rule that blocks.
fn blocks_first(
    tx: &Tx<'_>,
    context: &Context,
    rules: &Rules,
    file: CaseFile,
    facts: Option<&SubjectFacts>,
) -> Result<CaseFile> {
    let Some(facts) = facts.filter(|_| file.right == Right::Complaint) else { return Ok(file) };
    let (rulebook, calendar) = rules.pair();
    let due = cases::due(Right::Restrict, file.received, rulebook, calendar)?.due;
    match record::complained(&file, facts, due) {
        Some(event) => tx.move_case(&file.number, &event, context.now, context.actor.name()),
        None => Ok(file),
    }
}
