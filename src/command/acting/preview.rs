//! What a command that acts would do: shown, or written to a file for `dsr apply`.

use super::{GoOn, answer, exit};
use crate::{
    command::{
        Outcome,
        world::{Rules, World},
    },
    execute::{act::Decided, cases::Receipt, order::Order, plan_file::PlanFile},
    render::{
        answer::plan::{PlanAnswer, Stage},
        file,
    },
};

/// Shows or writes it; nothing changes.
///
/// # Errors
/// As the writing of the file.
pub(super) fn preview(
    (decided, first): (&Decided, Option<String>),
    order: &Order,
    receipt: &Receipt,
    go_on: &GoOn,
    controller: &str,
    rules: &Rules,
    world: &mut World<'_, '_>,
) -> Outcome {
    if let (Some(path), Some(facts)) = (&go_on.plan_out, &decided.facts) {
        // A request has come by the time it is planned: a plan carried out later does not come later.
        let received = receipt.received.or(receipt.case.is_none().then(|| world.now()));
        let plan = PlanFile::new(
            order,
            &Receipt { received, ..receipt.clone() },
            facts.subject,
            controller,
            decided.digest,
            rules.rulebook.policy_sha256(),
        );
        file::write(path, plan.text()?.as_bytes(), (world.env.random)())?;
        world.note(&format!("plan written to {}; `dsr apply` carries out exactly this", path.display()))?;
    }
    if go_on.plan_out.is_some() && decided.facts.is_none() {
        world.note("nothing is held about such a person; no plan was written")?;
    }
    world.answer(&PlanAnswer { first, ..answer(decided, order, controller, Stage::Planned) })?;
    Ok(exit(decided))
}
