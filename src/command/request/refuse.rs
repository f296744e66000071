//! `dsr request refuse`: a reasoned refusal, signed by a person.

use super::{
    deals::{self, Elsewhere},
    moves::{Move, chosen},
    sending,
    show::following,
};
use crate::{
    audit::State,
    command::{
        Outcome,
        world::{Rules, World},
    },
    decide::{grounds, letters::Story},
    domain::{CaseEvent, CaseNumber, CaseState, Error, Kind, Moment, Remark, Result},
    execute::{authority, waits},
    policy::{Library, Rulebook, body::Body, yaml::did_you_mean},
    store::{CaseFile, Mode, View},
};

const EXAMPLE: &str = "\
Example:
  dsr request refuse 2026-000001 --ground RF-ID --facts 'nobody answered' \\
      --signed-by 'A. Officer'
";

/// Record a reasoned refusal
///
/// The ground is a code of the statute's layer; cost, effort and repetition are none. The answer says ground,
/// article, facts, what the person can do, and where they can complain. What was done is told, not refused. RF-ID
/// refuses nobody who is confirmed, or was when all that can be done was done, RF-OBLIG nobody without an open deal, here or in a system whose map says where deals are.
#[derive(clap::Args)]
#[command(before_help = EXAMPLE)]
pub struct Refuse {
    /// The case number
    number: CaseNumber,
    /// A ground the law knows, such as RF-ID
    #[arg(long, value_name = "CODE")]
    ground: String,
    /// The facts it rests on, without a word about who
    #[arg(long, value_name = "TEXT")]
    facts: Remark,
    /// Who signs: only a person can refuse
    #[arg(long, value_name = "NAME")]
    signed_by: String,
}

impl Refuse {
    pub(super) fn run(&self, world: &mut World<'_, '_>) -> Outcome {
        let signed_by = signer(&self.signed_by)?;
        let event = CaseEvent::Refused { ground: self.ground.clone(), facts: Some(self.facts.clone()) };
        let refusal = Move::of(&self.number, "request.refuse", State::Refused, [event]);
        let (now, case, elsewhere) = self.look_elsewhere(world)?;
        let fits = |view: &View<'_>, case: &CaseFile, rules: &Rules| {
            fits_right(&self.ground, case, rules)?;
            self.undone(view, case, now)?;
            sending::blocked_first(view, case)?;
            self.check_facts(view, case, elsewhere.may_be(), now)
        };
        let exit = refusal.checked(fits).signed(&self.ground, signed_by).run(world)?;
        elsewhere.note(&case).map_or(Ok(()), |note| world.note(&note))?;
        Ok(exit)
    }

    /// Open deals in other systems, where the ground is one; nothing is locked while they are asked.
    fn look_elsewhere(&self, world: &mut World<'_, '_>) -> Result<(Moment, CaseFile, Elsewhere)> {
        let mut store = world.open(Mode::ReadOnly)?;
        let (case, rules) = chosen(&self.number, world, &mut store)?;
        self.check_ground(&world.library()?, &case, &rules)?;
        if self.ground != grounds::OBLIGATION {
            return Ok((world.now(), case, Elsewhere::None));
        }
        fits_right(&self.ground, &case, &rules)?;
        let found = deals::elsewhere(world, &mut store, &case, rules)?;
        Ok((world.now(), case, found))
    }

    /// What the ground says has to be true of the case; `elsewhere`: a deal is open in another system, or may be.
    fn check_facts(&self, view: &View<'_>, case: &CaseFile, elsewhere: bool, now: Moment) -> Result<()> {
        let seen = authority::seen(view, case.clone(), false, now)?;
        let here = !waits::open_deals(view, case)?.is_empty();
        match grounds::untrue(&self.ground, case.right, seen.identity.is_some(), here || elsewhere) {
            Some(why) => {
                let sentence = format!("`{}` is not true of case {}: {why}", self.ground, self.number);
                Err(Error::new(Kind::Refused, sentence)
                    .hint(format!("see what stands in its way: dsr request show {} --why", self.number)))
            }
            None => Ok(()),
        }
    }

    /// What was done as it was asked is told as done; and nobody who was recognised when it was is refused what stays of it
    /// because nobody knows any more who asked.
    fn undone(&self, view: &View<'_>, case: &CaseFile, now: Moment) -> Result<()> {
        let history = view.case_history(&case.number)?;
        let story = Story::of(history.iter().map(|entry| (entry.at, entry.actor.as_str(), &entry.event)));
        let story = story.told_by(&view.duties(&case.number)?);
        let recognised = authority::seen(view, case.clone(), false, now)?.identity.is_some();
        let whole = !story.may_be_refused(case.right, recognised);
        let known = self.ground == grounds::IDENTITY && case.state == CaseState::Executed;
        let done = whole || known && story.is_done_for_known(case.right);
        if story.refused.is_some() || !done {
            return Ok(());
        }
        let done = match whole {
            true => format!("case {} was done as it was asked", case.number),
            false => {
                format!("what can be done of case {} was done for somebody who was confirmed", case.number)
            }
        };
        let next = following(view, case, now.day())?;
        Err(Error::new(Kind::Refused, done).hint(format!("go on with: {next}")))
    }

    /// Another statute's ground is none of this case, and is said so with those that fit; one of no statute is mistyped.
    fn check_ground(&self, library: &Library, case: &CaseFile, rules: &Rules) -> Result<()> {
        let own = grounds_of(&rules.rulebook);
        let mut known = own.contains(&self.ground.as_str());
        for controller in library.controllers() {
            known = known || grounds_of(&library.rulebook(&controller)?).contains(&self.ground.as_str());
        }
        if known {
            return Ok(());
        }
        let error = Error::usage(format!("`{}` is no ground of refusal in the law", self.ground));
        Err(error.hint(if own.is_empty() { only_answered(case) } else { did_you_mean(&self.ground, &own) }))
    }
}

/// The grounds that a statute knows.
fn grounds_of(rulebook: &Rulebook) -> Vec<&str> {
    let refusals = rulebook.statute.rules.iter().filter(|rule| matches!(rule.body, Body::Refusal(_)));
    let mut grounds: Vec<&str> = refusals.map(|rule| rule.id.as_str()).collect();
    grounds.sort_unstable();
    grounds
}

fn only_answered(case: &CaseFile) -> String {
    format!("it can only be answered: dsr request answer {}", case.number)
}

/// A ground that answers another right, or that came after the request, is none here.
///
/// # Errors
/// Usage (exit 2), with those that fit.
pub(super) fn fits_right(ground: &str, case: &CaseFile, rules: &Rules) -> Result<()> {
    let day = case.received.day();
    if grounds::fits(&rules.rulebook, ground, case.right, day) {
        return Ok(());
    }
    let mut fitting = grounds_of(&rules.rulebook);
    fitting.retain(|id| grounds::fits(&rules.rulebook, id, case.right, day));
    let known = rules.rulebook.rule(ground);
    let error = Error::usage(if known.is_some_and(|rule| grounds::answers(rule, case.right)) {
        format!("`{}` was not in force on {day}, when case {} came", ground, case.number)
    } else {
        format!("`{}` is no ground to refuse `{}`", ground, case.right)
    });
    Err(match fitting.as_slice() {
        [] => error.hint(only_answered(case)),
        fitting => error.hint(format!("those that fit are {}", fitting.join(", "))),
    })
}

/// Who signs what only a person can decide.
///
/// # Errors
/// Usage (exit 2): nobody, or no person.
pub(super) fn signer(typed: &str) -> Result<&str> {
    let signed_by = typed.trim();
    if signed_by.is_empty() {
        return Err(Error::usage("--signed-by is empty").hint("only a person can sign"));
    }
    if ["dsr", "system", "root", "cron"].contains(&signed_by.to_lowercase().as_str()) {
        return Err(Error::usage(format!("--signed-by: `{signed_by}` is no person"))
            .hint("only a person can sign; name the one who does"));
    }
    Ok(signed_by)
}
